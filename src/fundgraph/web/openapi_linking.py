"""What OpenAPI says of the reconciliation service and of the addresses of identifiers, beyond their names."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

_TEXT: Json = {"type": "string"}
_OBJECT: Json = {"type": "object"}
_ANSWER: Json = {
    "200": {
        "description": "By the schemas of the Reconciliation Service API 0.2; a script if a callback is named.",
        "content": {"application/json": {"schema": _OBJECT}, "application/javascript": {}},
    }
}


def _query(name: str, what: str, schema: Json | None = None, **more: Any) -> Json:
    return {"name": name, "in": "query", "description": what, "schema": schema or _TEXT, **more}


_ID = _query("id", "The id of a thing, such as person/emmy-noether; its IRI does as well.", required=True)
_CALLBACK = _query("callback", "A name: the answer is a script that calls it.", {"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]{0,60}$"})  # fmt: skip
_PREFIX = _query("prefix", "What was typed.", {"type": "string", "maxLength": 200})
_LIMIT = _query("limit", "The most of them.", {"type": "integer", "minimum": 1, "maximum": 50})
_CURSOR = _query("cursor", "How many to leave out.", {"type": "integer", "minimum": 0, "maximum": 1000})
_TYPE = _query("type", "The id of a type, such as Person.")
_QUERIES = "A batch as JSON: an object from names to queries, each with 'query', 'type', 'type_strict', 'limit', 'properties'."
_EXTEND = "A request to extend data as JSON: an object with 'ids' and 'properties'."


def _page(media_type: str, what: str) -> Json:
    return {"200": {"description": what, "content": {media_type: {}}}}


def _form(*names: str) -> Json:
    schema = {"type": "object", "properties": dict.fromkeys(names, _TEXT), "required": [names[0]]}
    return {
        "requestBody": {"required": True, "content": {"application/x-www-form-urlencoded": {"schema": schema}}},
        "responses": {"303": {"description": "Done.", "content": {"text/html": {}}}},
    }


def known() -> dict[tuple[str, str], Json]:
    """Return parameters, bodies and answers by endpoint and method."""
    form = {
        "type": "object",
        "properties": {
            "queries": {"type": "string", "description": _QUERIES},
            "extend": {"type": "string", "description": _EXTEND},
        },
    }
    suggestions = {"responses": _ANSWER}
    flyout = {"parameters": [_ID, _CALLBACK], "responses": _ANSWER}
    here = "reconcile"
    return {
        (f"{here}.reconcile", "GET"): {
            "parameters": [_query("queries", _QUERIES), _query("extend", _EXTEND), _CALLBACK],
            "responses": _ANSWER,
        },
        (f"{here}.reconcile", "POST"): {
            "requestBody": {
                "required": True,
                "content": {"application/x-www-form-urlencoded": {"schema": form}},
            },
            "responses": _ANSWER,
        },
        (f"{here}.suggest_entity", "GET"): {
            "parameters": [_PREFIX, _TYPE, _LIMIT, _CURSOR, _CALLBACK],
            **suggestions,
        },
        (f"{here}.suggest_type", "GET"): {"parameters": [_PREFIX, _CALLBACK], **suggestions},
        (f"{here}.suggest_property", "GET"): {"parameters": [_PREFIX, _CALLBACK], **suggestions},
        (f"{here}.properties", "GET"): {"parameters": [_TYPE, _LIMIT, _CALLBACK], **suggestions},
        (f"{here}.flyout_entity", "GET"): flyout,
        (f"{here}.flyout_type", "GET"): flyout,
        (f"{here}.flyout_property", "GET"): flyout,
        (f"{here}.preview", "GET"): {"parameters": [_ID], "responses": _page("text/html", "A small page.")},
        (f"{here}.feature", "GET"): {
            "parameters": [_query("id", "A feature.", required=True)],
            "responses": _page("text/plain", "What it says."),
        },
        (f"{here}.view", "GET"): {
            "parameters": [_ID],
            "responses": {"303": {"description": "The thing's page.", "content": {"text/html": {}}}},
        },
        ("links.links", "GET"): {
            "parameters": [
                _query("set", "The name of a set: its rows are shown."),
                _query("offset", "How many rows to pass over.", {"type": "integer", "minimum": 0}),
            ],
            "responses": _page("text/html", "The sets of links."),
        },
        ("links.review", "GET"): {
            "parameters": [
                _query("set", "Only links of this set."),
                _query("band", "Only links of this band."),
                _query("kind", "Only things of this class."),
                _query("second", "1: what others decided, too.", {"enum": ["1"]}),
                _query("at", "How many to pass over.", {"type": "integer", "minimum": 0}),
            ],
            "responses": _page("text/html", "The desk, or a form to enter."),
        },
        ("links.enter", "POST"): _form("name", "token"),
        ("links.decide", "POST"): _form("word", "name", "subject", "object", "verdict", "comment", "seen"),
        ("links.undo", "POST"): _form("word"),
        ("links.leave", "POST"): _form("word"),
        ("known.known", "GET"): {
            "responses": {
                "303": {"description": "The thing.", "content": {"text/html": {}}},
                "300": {
                    "description": "There are several, or it is not sure.",
                    "content": {"application/json": {"schema": _OBJECT}, "text/html": {}},
                },
            }
        },
    }

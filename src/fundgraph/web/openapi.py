"""The description of all routes as OpenAPI 3.1, made from the routes themselves and the headers of the canned queries."""

from __future__ import annotations

import inspect
import re
from typing import Any

from flask import Blueprint, Response, current_app, jsonify
from werkzeug.routing import Rule

from fundgraph import __version__, assets
from fundgraph.questions import Parameter, Question
from fundgraph.store.formats import FORMATS, FORMATS_OF, KIND_OF
from fundgraph.web import openapi_linking
from fundgraph.web.context import context, public_root
from fundgraph.web.graphstore import MEDIA_TYPES
from fundgraph.web.lists import LISTS
from fundgraph.web.lists import MOST as MOST_ROWS
from fundgraph.web.problems import PROBLEM
from fundgraph.web.search import KINDS, MOST

blueprint = Blueprint("openapi", __name__)

Json = dict[str, Any]

_METHODS = ("GET", "PUT", "POST", "DELETE")
_VARIABLE = re.compile(r"<(?:(?P<kind>[a-z]+)(?:\((?P<list>[^()]*)\))?:)?(?P<name>\w+)>")
_TEXT: Json = {"type": "string"}
_RESULT_TYPES = tuple(
    dict.fromkeys(FORMATS[name].media_types[0] for kind in ("select", "graph") for name in FORMATS_OF[kind])
)
#: The datatypes of parameters as JSON Schema has them.
_TYPES: dict[str, Json] = {
    "xsd:integer": {"type": "integer"}, "xsd:date": {"type": "string", "format": "date"},
    "xsd:boolean": {"type": "boolean"}, "xsd:decimal": {"type": "number"},
}  # fmt: skip


def _query(name: str, what: str, schema: Json | None = None, **more: Any) -> Json:
    return {"name": name, "in": "query", "description": what, "schema": schema or _TEXT, **more}


def _list(name: str) -> list[Json]:
    """Parameters of a list to look around in: its facets, words, and which page of it."""
    facets = sorted(path.stem.partition("-")[2] for path in assets.pages_dir().glob(f"facet_{name}-*.rq"))
    return [
        *(_query(facet, f"A value of the facet {facet}, as its links have it.") for facet in facets),
        _query("q", "Words that are looked for in names or texts."),
        _query("limit", "So many rows.", {"type": "integer", "minimum": 1, "maximum": MOST_ROWS}),
        _query(
            "offset", "How many rows to leave out before.", {"type": "integer", "minimum": 0, "maximum": 10**9}
        ),
    ]


def _limits() -> list[Json]:
    """Parameters that any query takes."""
    above = {"exclusiveMinimum": 0}
    return [
        _query("timeout", "Seconds after which to give up; lowers the deadline.", {"type": "number", **above}),
        _query("max-rows", "The most rows of the answer.", {"type": "integer", **above, "maximum": 10**15}),
        _query("max-bytes", "The most bytes of the answer.", {"type": "integer", **above, "maximum": 10**15}),
        _query("labels", "Languages, the preferred one first: labels for the IRIs of a SELECT in JSON.",
               {"type": "string", "pattern": r"^[A-Za-z]{2,8}(,[A-Za-z]{2,8}){0,4}$"}),
        _query("job", "A name of your own, under which DELETE /jobs/{name} stops the query.",
               {"type": "string", "pattern": "^[A-Za-z0-9_-]{16,64}$"}),
        {"name": "Prefer", "in": "header", "description": "wait=SECONDS, max-rows=N, max-bytes=N", "schema": _TEXT},
    ]  # fmt: skip


def _graphs() -> list[Json]:
    several = {"type": "array", "items": {"type": "string", "format": "iri"}}
    return [
        _query("default-graph-uri", "Graphs that make the default graph.", several, explode=True),
        _query("named-graph-uri", "Graphs that GRAPH reaches.", several, explode=True),
        _query("format", "The format, by its short name, file suffix or media type; wins over Accept."),
    ]


def _content(*media_types: str, schema: str | None = None) -> Json:
    found: Json = {}
    for media_type in media_types:
        is_json = media_type in ("application/json", "application/sparql-results+json")
        found[media_type] = {"schema": {"$ref": f"#/components/schemas/{schema}"}} if schema and is_json else {}
    return found


def _body(*media_types: str, form: tuple[str, ...] = ()) -> Json:
    content = {media_type: {"schema": _TEXT} for media_type in media_types}
    if form:
        properties = dict.fromkeys(form, _TEXT)
        schema = {"type": "object", "properties": properties, "required": [form[0]]}
        content["application/x-www-form-urlencoded"] = {"schema": schema}
    return {"required": True, "content": content}


def _known() -> dict[tuple[str, str], Json]:
    """What is known of routes beyond their names: parameters, bodies and the media types of answers."""
    results = {"200": {"description": "The answer.", "content": _content(*_RESULT_TYPES, schema="Results")}}
    html = {"200": {"description": "A page.", "content": {"text/html": {}}}}
    text = {"200": {"description": "As it says.", "content": {"text/plain": {}}}}
    done = {"204": {"description": "Done."}, "201": {"description": "Made."}, "200": {"description": "Done."}}
    graph = [_query("graph", "The IRI of a graph.", {"type": "string", "format": "iri"}),
             _query("default", "The default graph.", allowEmptyValue=True)]  # fmt: skip
    described = _content(*_RESULT_TYPES, "text/html", schema="Results")
    name = {
        "name": "name",
        "in": "path",
        "required": True,
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]{16,64}$"},
    }
    job = {
        "200": {"description": "How far it is.", "content": {"application/json": {"schema": {"type": "object"}}}}
    }
    return {
        ("sparql.sparql", "GET"): {
            "parameters": [_query("query", "A query; without one, a description of the service."), *_graphs(), *_limits()],
            "responses": {"200": {"description": "The answer, or the description.", "content": described}},
        },
        ("sparql.sparql", "POST"): {
            "requestBody": _body("application/sparql-query", form=("query", "format", "timeout", "labels")),
            "parameters": [*_graphs(), *_limits()], "responses": results,
        },
        ("updates.update", "POST"): {
            "requestBody": _body("application/sparql-update", form=("update",)), "responses": done,
            "security": [{"token": []}],
        },
        **{
            ("graphstore.graph_store", method): {
                "parameters": graph, "responses": done, "security": [{"token": []}],
                **({"requestBody": _body(*MEDIA_TYPES)} if method != "DELETE" else {}),
            }
            for method in ("PUT", "POST", "DELETE")
        },
        ("graphstore.graph_store", "GET"): {
            "parameters": graph,
            "responses": {"200": {"description": "The graph.", "content": _content(*MEDIA_TYPES)}},
        },
        ("jobs.job", "GET"): {"parameters": [name], "responses": job},
        ("jobs.job", "DELETE"): {"parameters": [name], "responses": {"204": {"description": "It is being stopped."}}},
        ("operations.health", "GET"): {"responses": text},
        ("operations.readiness", "GET"): {"responses": text},
        ("operations.prometheus", "GET"): {"responses": text},
        ("openapi.document", "GET"): {"responses": {"200": {"description": "This.", "content": {"application/json": {}}}}},
        ("browse.search.search", "GET"): {
            "parameters": [
                _query("q", "What to look for: words, of which the beginnings count."),
                _query("kind", "Things of one kind only.", {"enum": list(KINDS.values())}),
                _query("limit", "So many things.", {"type": "integer", "minimum": 1, "maximum": MOST}),
                _query("offset", "How many to leave out before.", {"type": "integer", "minimum": 0, "maximum": 10**6}),
                _query("format", "json for JSON.", {"enum": ["json"]}),
            ],
            "responses": {"200": {"description": "What was found.", "content": {"text/html": {}, "application/json": {}}}},
        },
        ("browse.things.describe", "GET"): {"parameters": [_query("iri", "The thing.", {"type": "string", "format": "iri"})]},
        ("why.explain", "GET"): {
            "parameters": [_query(one, what) for one, what in
                           (("s", "The subject: an IRI or a prefixed name."), ("p", "The property."), ("o", "The object."),
                            ("ways", "Anything: all single steps to it, too."))]
            + [_query("format", "In place of Accept.", {"enum": ["html", "json", *FORMATS_OF["graph"]]})],
        },
        ("browse.editor", "GET"): {"responses": html},
        ("browse.networks.network", "GET"): {
            "parameters": [
                _query("of", "Of what.", {"enum": ["people", "projects"]}),
                _query("by", "By what they share.", {"enum": ["projects", "people", "topics"]}),
                _query("phase", "The last part of a phase's IRI."), _query("topic", "The last part of a topic's IRI."),
                _query("least", "How much two things share at least.", {"type": "integer", "minimum": 0, "maximum": 1000}),
            ],
            "responses": html,
        },
        **{(f"browse.lists.{name}", "GET"): {"parameters": _list(name), "responses": html} for name in LISTS},
        ("browse.overviews.compare", "GET"): {
            "parameters": [_query("a", "The last part of a phase's IRI."), _query("b", "The same of another phase.")],
            "responses": html,
        },
        **openapi_linking.known(),
    }  # fmt: skip


@blueprint.get("/openapi.json")
def document() -> Response:
    """Describe all routes as OpenAPI 3.1."""
    response = jsonify(describe())
    response.headers["Cache-Control"] = "public, no-cache"
    response.add_etag()
    return response


def describe() -> Json:
    """Return the description of the application that answers this request."""
    kg = context().kg
    known = _known()
    paths: dict[str, Json] = {}
    for rule in sorted(current_app.url_map.iter_rules(), key=lambda one: one.rule):
        path = _VARIABLE.sub(r"{\g<name>}", rule.rule)
        if rule.endpoint == "static" or (rule.rule != "/" and rule.rule.endswith("/")):
            continue
        for method in _METHODS:
            if method in (rule.methods or ()):
                operation = _operation(rule, method, known.get((rule.endpoint, method), {}))
                paths.setdefault(path, {})[method.lower()] = operation
    if not context().plain:
        for question in kg.questions.values():
            paths[f"/queries/{question.id}.{{format}}"] = {"get": _canned(question)}
    title = kg.manifest.get("programme", {}).get("name") or "fundgraph"
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"{title}: the knowledge graph",
            "description": f"Release {kg.release}. Every answer to a query says whether it is complete.",
            "version": __version__,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": public_root()}],
        "paths": paths,
        "components": _components(),
    }


def _operation(rule: Rule, method: str, known: Json) -> Json:
    view = current_app.view_functions[rule.endpoint]
    said = inspect.getdoc(view) or rule.endpoint
    summary, _, rest = said.partition("\n\n")
    operation: Json = {
        "operationId": f"{method.lower()}-{re.sub(r'[^a-z0-9]+', '-', rule.rule.lower()).strip('-') or 'root'}",
        "summary": " ".join(summary.split()),
        "tags": [rule.endpoint.partition(".")[0]],
    }
    if rest:
        operation["description"] = " ".join(rest.split())
    parameters = list(known.get("parameters", ()))
    given = {one["name"] for one in parameters if one["in"] == "path"}
    for found in _VARIABLE.finditer(rule.rule):
        if found["name"] not in given:
            several = [part.strip() for part in (found["list"] or "").split(",") if part.strip()]
            schema = {"enum": several} if several else _TEXT
            parameters.append({"name": found["name"], "in": "path", "required": True, "schema": schema})
    if parameters:
        operation["parameters"] = parameters
    for name in ("requestBody", "security"):
        if name in known:
            operation[name] = known[name]
    responses = known.get("responses", {"200": {"description": "The answer.", "content": {"*/*": {}}}})
    operation["responses"] = _responses(responses)
    return operation


def _responses(good: Json) -> Json:
    found = {status: dict(response) for status, response in good.items()}
    if "200" in found and any(one in found["200"].get("content", ()) for one in _RESULT_TYPES):
        found["200"]["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in _HEADERS}
    return {
        **found,
        "304": {"description": "What you have is still good."},
        "default": {"$ref": "#/components/responses/Problem"},
    }


def _canned(question: Question) -> Json:
    names = FORMATS_OF[KIND_OF[question.form.lower()]]
    formats = {FORMATS[name].suffix: FORMATS[name].media_types[0] for name in names}
    form = {
        "name": "format", "in": "path", "required": True, "description": "The format.",
        "schema": {"enum": [*formats, "rq"]},
    }  # fmt: skip
    content = _content(*formats.values(), "application/sparql-query", schema="Results")
    return {
        "operationId": f"ask-{question.id}",
        "summary": question.summary,
        "description": question.description or question.summary,
        "tags": ["canned queries", *question.tags],
        "parameters": [form, *(_parameter(one) for one in question.params), *_limits(), *_pages(question)],
        "responses": _responses({"200": {"description": question.reading or "The answer.", "content": content}}),
    }


def _pages(question: Question) -> list[Json]:
    """Parameters that any canned query takes: pages of a table, the byte order mark, what a citation names."""
    if question.form != "SELECT":
        return []
    return [
        _query("limit", "So many rows, in the order of the query; the header Link names the pages beside.",
               {"type": "integer", "minimum": 1, "maximum": 10**6}),
        _query("offset", "How many rows to leave out before.", {"type": "integer", "minimum": 0, "maximum": 10**9}),
        _query("bom", "1: CSV begins with a byte order mark, for spreadsheets.", {"enum": ["1"]}),
        _query("release", "The release that a citation names: it answers, if it is kept; else 409."),
        _query("hash", "The query that a citation names, by its hash; if it was changed, 409."),
    ]  # fmt: skip


def _parameter(parameter: Parameter) -> Json:
    schema: Json = dict(_TYPES.get(parameter.type, _TEXT))
    if isinstance(parameter.options, tuple):
        schema = {"enum": list(parameter.options)}
    elif parameter.default is not None and schema["type"] == "string":
        schema["default"] = parameter.default
    found = _query(
        parameter.name, f"{parameter.label} ({parameter.expected})", schema, required=parameter.required
    )
    if parameter.example is not None:
        found["example"] = parameter.example
    return found


_HEADERS = {
    "Fundgraph-Release": "The release that the answer is of.",
    "Fundgraph-Completeness": "complete, truncated; rows=N, or truncated; bytes=N.",
    "Fundgraph-Elapsed-Ms": "How long the query took, in milliseconds.",
    "Fundgraph-Warnings": "What is legal in the query and yet seldom meant, as words.",
}


def _components() -> Json:
    number, text = {"type": "integer"}, _TEXT
    problem: Json = {
        "type": "object",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": {"type": "string", "format": "uri"}, "title": text, "status": number, "detail": text,
            "line": number, "column": number, "near": text, "hint": text,
            "suggestions": {"type": "array", "items": text}, "allowed": {"type": "array", "items": text},
        },
    }  # fmt: skip
    meta: Json = {
        "type": "object",
        "required": ["release", "completeness", "elapsedMs", "limits"],
        "properties": {
            "release": {"type": ["string", "null"]}, "completeness": text, "elapsedMs": {"type": "number"},
            "limits": {"type": "object"}, "warnings": {"type": "array", "items": {"type": "object"}},
            "labels": {"type": "object", "additionalProperties": text},
            "services": {"type": "array", "items": {"type": "object"}},
        },
    }  # fmt: skip
    results: Json = {
        "type": "object",
        "required": ["head", "meta"],
        "properties": {
            "head": {"type": "object"},
            "results": {"type": "object"},
            "boolean": {"type": "boolean"},
            "meta": meta,
        },
    }
    failed: Json = {
        PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}},
        "text/html": {},
        "text/plain": {},
    }
    return {
        "schemas": {"Problem": problem, "Results": results},
        "responses": {"Problem": {"description": "What went wrong (RFC 9457).", "content": failed}},
        "headers": {name: {"description": what, "schema": text} for name, what in _HEADERS.items()},
        "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
    }

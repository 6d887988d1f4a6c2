"""What a client of the reconciliation service asks: batches of queries, and requests to extend data, read and checked."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from fundgraph.errors import ReconciliationError

__all__ = [
    "MOST_IDS", "MOST_QUERIES", "Asked", "Extension", "Property", "Value", "read_batch", "read_extension",
]  # fmt: skip

#: So many queries fit into one batch, and so many things into one request to extend data.
MOST_QUERIES = 500
MOST_IDS = 1000
_MOST_PROPERTIES = 20
_MOST_VALUES = 20
_MOST_TYPES = 20
_LONGEST = 2000
_USUAL, _MOST = 10, 50
_STRICT = ("any", "should", "all")


@dataclass(frozen=True, slots=True)
class Value:
    """A value that a property should have: a text, and an id if it was reconciled itself."""

    text: str
    id: str = ""


@dataclass(frozen=True, slots=True)
class Property:
    """A property by its id, and values, of which a thing should have one."""

    id: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """One query of a batch: ``text`` is empty where only properties are given."""

    text: str
    types: tuple[str, ...] = ()
    strict: str = "any"
    limit: int = _USUAL
    properties: tuple[Property, ...] = ()


@dataclass(frozen=True, slots=True)
class Extension:
    """A request to extend data: ids of things, and ids of properties, each with the most values wanted (0: all)."""

    ids: tuple[str, ...]
    properties: tuple[tuple[str, int], ...]


def read_batch(text: str) -> dict[str, Asked]:
    """Read a batch of queries. Raises :class:`ReconciliationError`, which names the query that is wrong."""
    data = _json(text, "queries")
    if not isinstance(data, dict):
        raise ReconciliationError("'queries' is a JSON object: from names of your choice to queries")
    if len(data) > MOST_QUERIES:
        raise ReconciliationError(
            f"a batch holds at most {MOST_QUERIES} queries, not {len(data)}",
            too_large=True,
            hint="Send several batches",
        )
    return {name: _query(name, query) for name, query in data.items()}


def read_extension(text: str) -> Extension:
    """Read a request to extend data. Raises :class:`ReconciliationError`."""
    data = _json(text, "extend")
    ids, properties = (data.get("ids"), data.get("properties")) if isinstance(data, dict) else (None, None)
    if not isinstance(ids, list) or not all(isinstance(one, str) for one in ids):
        raise ReconciliationError("'extend' holds 'ids', a list of texts")
    if not isinstance(properties, list) or not all(
        isinstance(one, dict) and isinstance(one.get("id"), str) for one in properties
    ):
        raise ReconciliationError("'extend' holds 'properties', a list of objects with an 'id' each")
    if len(ids) > MOST_IDS:
        raise ReconciliationError(f"data of at most {MOST_IDS} things are given at once", too_large=True)
    if len(properties) > _MOST_PROPERTIES:
        raise ReconciliationError(f"at most {_MOST_PROPERTIES} properties are given at once", too_large=True)
    _check_texts("extend", ids)
    return Extension(
        tuple(dict.fromkeys(ids)), tuple((one["id"], _most_values(one.get("settings"))) for one in properties)
    )


def _most_values(settings: Any) -> int:
    """Return the setting ``limit`` of a property; clients send it as a number or as text."""
    text = str(settings.get("limit", "") if isinstance(settings, dict) else "").strip()
    if text in ("", "None"):
        return 0
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise ReconciliationError("the setting 'limit' of a property is a whole number; 0 means all values")
    return int(text)


def _json(text: str, name: str) -> Any:
    try:
        return json.loads(text, parse_constant=_refuse)
    except RecursionError as error:
        raise ReconciliationError(f"{name!r} is nested too deep") from error
    except ValueError as error:
        place = f" at line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        raise ReconciliationError(f"{name!r} is not JSON{place}") from error


def _refuse(word: str) -> None:
    raise ValueError(word)


def _query(name: str, data: Any) -> Asked:
    def wrong(what: str) -> ReconciliationError:
        return ReconciliationError(f"query {name[:40]!r}: {what}")

    if not isinstance(data, dict):
        raise wrong("a query is a JSON object")
    unknown = sorted(set(data) - {"query", "type", "limit", "properties", "type_strict"})
    if unknown:
        raise wrong(f"there is no {unknown[0][:40]!r} in a query")
    text = data.get("query", "")
    if not isinstance(text, str):
        raise wrong("'query' is a text")
    types = data.get("type", [])
    types = [types] if isinstance(types, str) else types
    if not isinstance(types, list) or len(types) > _MOST_TYPES or not all(isinstance(one, str) for one in types):
        raise wrong(f"'type' is a text, or a list of up to {_MOST_TYPES} texts")
    limit = data.get("limit", _USUAL)
    if isinstance(limit, bool) or not isinstance(limit, int | float) or limit != limit or limit < 1:
        raise wrong("'limit' is a number above 0")
    strict = data.get("type_strict", "any")
    if strict not in _STRICT:
        raise wrong("'type_strict' is any, should or all")
    listed = data.get("properties", [])
    if not isinstance(listed, list) or len(listed) > _MOST_PROPERTIES:
        raise wrong(f"'properties' is a list of up to {_MOST_PROPERTIES} properties")
    properties = tuple(_property(one, wrong) for one in listed)
    if not text.strip() and not properties:
        raise wrong("it has neither a 'query' nor properties")
    _check_texts(name, [text, *types])
    return Asked(text.strip(), tuple(one for one in types if one), strict, int(min(limit, _MOST)), properties)


def _property(data: Any, wrong: Any) -> Property:
    if not isinstance(data, dict) or not isinstance(data.get("pid"), str) or "v" not in data:
        raise wrong("a property is an object with a 'pid' and a 'v'")
    given = data["v"] if isinstance(data["v"], list) else [data["v"]]
    if len(given) > _MOST_VALUES:
        raise wrong(f"a property has at most {_MOST_VALUES} values")
    values = []
    for one in given:
        if isinstance(one, dict) and isinstance(one.get("id"), str) and isinstance(one.get("name", ""), str):
            values.append(Value(one.get("name", ""), one["id"]))
        elif isinstance(one, bool | int | float | str):
            values.append(Value(json.dumps(one) if isinstance(one, bool) else str(one).strip()))
        else:
            raise wrong("a value is a text, a number, true or false, or an object with an 'id'")
    texts = [data["pid"], *(value.text for value in values), *(value.id for value in values)]
    if any(len(text) > _LONGEST for text in texts):
        raise wrong(f"a text has at most {_LONGEST} characters")
    return Property(data["pid"], tuple(value for value in values if value.text or value.id))


def _check_texts(name: str, texts: Iterable[str]) -> None:
    for text in texts:
        if len(text) > _LONGEST:
            raise ReconciliationError(f"{name[:40]!r}: a text has at most {_LONGEST} characters")
        if any("\ud800" <= char <= "\udfff" for char in text):
            raise ReconciliationError(f"{name[:40]!r}: half of a character")

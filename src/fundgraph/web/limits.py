"""What a client may ask of an answer: less time, fewer rows, fewer bytes, and labels for its IRIs."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from flask import request
from werkzeug.http import parse_dict_header

from fundgraph.store.engine import QueryRequest
from fundgraph.web.protocol import BadRequest

#: Parameters that say how to answer, and so are none of a canned query's own.
NAMES = (
    "timeout",
    "max-rows",
    "max-bytes",
    "labels",
    "job",
    "limit",
    "offset",
    "bom",
    "header",
    "release",
    "hash",
    "lang",
)
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,4}")
_MOST_LANGUAGES = 5
#: The names that the header Prefer has for the fields of a request (``wait`` is RFC 7240's), and how to read them.
_PREFERENCES: dict[str, tuple[str, Callable[[str], float | None]]] = {
    "wait": ("timeout", lambda text: _number(text, float)),
    "max-rows": ("max_rows", lambda text: _number(text, int)),
    "max-bytes": ("max_bytes", lambda text: _number(text, int)),
}


def asked(value_of: Callable[[str], str | None]) -> dict[str, Any]:
    """Return the fields of a request that its parameters set; ``value_of`` gives a parameter's one value."""
    fields: dict[str, Any] = {}
    for name, kind, what in (
        ("timeout", float, "a number of seconds above 0"),
        ("max-rows", int, "a whole number above 0"),
        ("max-bytes", int, "a whole number above 0"),
    ):
        text = value_of(name)
        if text is None:
            continue
        number = _number(text, kind)
        if number is None:
            raise BadRequest(400, "parameter", "A parameter is wrong", f"{name!r} is {what}")
        fields[name.replace("-", "_")] = number
    languages = value_of("labels")
    if languages is not None:
        fields["labels"] = _languages(languages)
    return fields


def preferred(query: QueryRequest) -> tuple[QueryRequest, str]:
    """Return the request with the limits that the header Prefer lowers, and what was followed of it.

    What is not understood there is no error (RFC 7240).
    """
    header = request.headers.get("Prefer")
    if not header:
        return query, ""
    wishes: Mapping[str, str | None] = parse_dict_header(header[:1000])
    applied = []
    for name, (field, read) in _PREFERENCES.items():
        value = read(wishes.get(name) or "")
        if value is None:
            continue
        ours = getattr(query, field)
        lower: dict[str, Any] = {field: value if ours is None else min(ours, value)}
        query = replace(query, **lower)
        applied.append(f"{name}={wishes[name]}")
    return query, ", ".join(applied)


def _number(text: str, kind: type[float] | type[int]) -> float | None:
    if len(text) > 20 or not text.isascii():
        return None
    try:
        number = kind(text)
    except ValueError:
        return None
    return number if 0 < number < float("inf") else None


def _languages(text: str) -> tuple[str, ...]:
    tags = tuple(dict.fromkeys(tag.strip().lower() for tag in text.split(",")))
    if len(tags) > _MOST_LANGUAGES or not all(_LANGUAGE.fullmatch(tag) for tag in tags):
        raise BadRequest(
            400, "parameter", "A parameter is wrong", "'labels' is up to five languages, such as en,de"
        )
    return tags

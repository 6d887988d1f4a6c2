"""SPARQL targets: a query of the configuration with a VALUES block of names, and rows that are things to compare.

The query has a line ``VALUES ?name { … }``, with whatever stands in the braces for an example; what is searched for is put
there, as plain literals, and again with each language tag that the example has. Its columns are ``?thing`` and, as far as the
target has them, ``?label``, ``?other``, ``?affiliation``, ``?companion``, ``?topic``, ``?title``, ``?grant``, ``?identifier``,
``?from``, ``?to`` and ``?note``; several values come as several rows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

from fundgraph.errors import TargetError
from fundgraph.link.asking import Asker
from fundgraph.link.entities import Entity

__all__ = ["ask_sparql", "with_names"]

_VALUES = re.compile(r"VALUES\s+\?name\s*\{([^}]*)\}")
_TAG = re.compile(r"\"@([A-Za-z]+(?:-[A-Za-z0-9]+)*)")
_YEAR = re.compile(r"-?\d{4}")
_COLUMNS = {
    "other": "other_names", "affiliation": "affiliations", "companion": "companions", "topic": "topics", "title": "titles",
    "grant": "grants", "identifier": "identifiers",
}  # fmt: skip


def with_names(query: str, names: Sequence[str]) -> str:
    """Return a query that asks for these names. Names cannot leave their quotes.

    >>> with_names('SELECT ?thing { VALUES ?name { "x"@en } ?thing ?label ?name }', ['A "B"'])
    'SELECT ?thing { VALUES ?name { "A \\\\"B\\\\""@en } ?thing ?label ?name }'
    """
    match = _VALUES.search(query)
    if match is None:
        raise TargetError("the query has no VALUES ?name { … }")
    tags = sorted(set(_TAG.findall(match[1])))
    plain = re.search(r"\"(?!@)(?:\s|$)", match[1].strip() + " ") is not None or not tags
    terms = [
        json.dumps(name, ensure_ascii=False) + suffix
        for name in names
        for suffix in (*([""] if plain else []), *(f"@{tag}" for tag in tags))
    ]
    return f"{query[: match.start(1)]} {' '.join(terms)} {query[match.end(1) :]}"


def ask_sparql(asker: Asker, endpoint: str, query: str, kind: str, names: Sequence[str]) -> Iterator[Entity]:
    """Yield the things that a SPARQL target has for names."""
    rows: dict[str, list[dict[str, str]]] = {}
    for row in asker.select(endpoint, with_names(query, names)):
        if "thing" in row:
            rows.setdefault(row["thing"], []).append(row)
    for iri, some in sorted(rows.items()):
        yield _entity(iri, kind, some)


def _entity(iri: str, kind: str, rows: Sequence[dict[str, str]]) -> Entity:
    def values(column: str) -> tuple[str, ...]:
        return tuple(sorted({row[column] for row in rows if row.get(column)}))

    labels = values("label") or values("name")
    years = [
        int(match[0]) for column in ("from", "to") for value in values(column) if (match := _YEAR.match(value))
    ]
    return Entity(
        iri, kind, labels[0] if labels else iri,
        other_names=tuple(label for label in labels[1:]) + values("other"),
        affiliations=values("affiliation"), companions=values("companion"), topics=values("topic"), titles=values("title"),
        grants=values("grant"), identifiers=values("identifier"),
        years=(min(years), max(years)) if years else None, note="; ".join(values("note"))[:300],
    )  # fmt: skip

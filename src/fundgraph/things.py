"""What a snapshot knows of its things, as it is needed for finding them elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fundgraph.kg import KnowledgeGraph
from fundgraph.link.entities import Entity
from fundgraph.link.schemes import SCHEMES

__all__ = ["things_of"]

_PREFIXES = """PREFIX fg: <https://w3id.org/fundgraph/ontology#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
"""
_GRANT = '?one fg:hasIdentifier ?id . ?id fg:value ?value ; fg:scheme ?scheme FILTER(?scheme IN ("gepris-project", "dfg-contract"))'
_ENGLISH = 'FILTER(LANG(?value) IN ("", "en"))'
_PHASE = "?phase fg:startDate|fg:endDate ?date BIND(STR(?date) AS ?value)"
_ORGANISATION = "{ ?organisation fg:name ?value } UNION { ?organisation skos:altLabel ?value }"
_PLACE = """?thing fg:readFrom ?p . ?p fg:inDocument ?d ; fg:line ?l
  BIND(CONCAT(REPLACE(STR(?d), "^.*/", ""), " line ", STR(?l)) AS ?value)"""
_IDENTIFIER = '?thing fg:hasIdentifier ?i . ?i fg:scheme ?s ; fg:value ?v BIND(CONCAT(?s, " ", ?v) AS ?value)'
#: By kind: the class, and for each part of a thing the pattern that leads from ?thing to ?value.
_PATTERNS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "person": (
        "fg:Person",
        {
            "name": "?thing fg:name ?value",
            "other_names": "?thing skos:altLabel|skos:hiddenLabel ?value",
            "affiliations": f"?thing fg:affiliatedWith ?organisation . {_ORGANISATION}",
            "companions": "?thing fg:worksWith/fg:name ?value",
            "topics": f"?thing fg:participatesIn/fg:hasAssignedTopic/skos:prefLabel ?value {_ENGLISH}",
            "grants": f"?thing fg:participatesIn ?one . {_GRANT}",
            "years": f"?thing fg:participatesIn/fg:inPhase ?phase . {_PHASE}",
        },
    ),
    "project": (
        "fg:Project",
        {
            "name": "?thing fg:title ?value",
            "other_names": "?thing fg:acronym ?value",
            "affiliations": f"?thing fg:hasParticipant/fg:affiliatedWith ?organisation . {_ORGANISATION}",
            "companions": "?thing fg:hasParticipant/fg:name ?value",
            "topics": f"?thing fg:hasAssignedTopic/skos:prefLabel ?value {_ENGLISH}",
            "grants": f"BIND(?thing AS ?one) {_GRANT}",
            "years": f"?thing fg:inPhase ?phase . {_PHASE}",
        },
    ),
    "organisation": (
        "fg:Organisation",
        {"name": "?thing fg:name ?value", "other_names": "?thing skos:altLabel ?value"},
    ),
    "topic": (
        "fg:Topic",
        {
            "name": f"?thing skos:prefLabel ?value {_ENGLISH}",
            "other_names": f"?thing skos:altLabel ?value {_ENGLISH}",
        },
    ),
    "publication": (
        "fg:Publication",
        {
            "name": "?thing fg:title ?value",
            "companions": "?thing fg:author ?value",
            "years": "?thing fg:year ?year BIND(STR(?year) AS ?value)",
        },
    ),
}


def things_of(kg: KnowledgeGraph, kind: str) -> list[Entity]:
    """Return the snapshot's things of a kind, by IRI, with all that may tell them from namesakes."""
    class_, patterns = _PATTERNS[kind]
    found: dict[str, dict[str, list[str]]] = {}
    for part, pattern in patterns.items():
        for thing, value in _pairs(kg, class_, pattern):
            found.setdefault(thing, {}).setdefault(part, []).append(value)
    # Of several places the first: dict keeps the last of what it is given.
    notes = dict(reversed(_pairs(kg, class_, _PLACE)))
    identifiers: dict[str, list[str]] = {}
    for thing, value in _pairs(kg, class_, _IDENTIFIER):
        scheme, _, number = value.partition(" ")
        if scheme in SCHEMES:
            identifiers.setdefault(thing, []).append(SCHEMES[scheme].iri_of(number))
    entities = []
    for thing, parts in sorted(found.items()):
        names = parts.pop("name", [])
        years = [int(text[:4]) for text in parts.pop("years", []) if text[:4].isdigit()]
        if names:
            told: dict[str, Any] = {part: tuple(values) for part, values in parts.items()}
            entities.append(
                Entity(
                    thing, kind, names[0], identifiers=tuple(identifiers.get(thing, ())),
                    years=(min(years), max(years)) if years else None, note=notes.get(thing, ""), **told,
                )
            )  # fmt: skip
    return entities


def _pairs(kg: KnowledgeGraph, class_: str, pattern: str) -> list[tuple[str, str]]:
    query = f"{_PREFIXES}SELECT DISTINCT ?thing ?value WHERE {{ ?thing a {class_} . {pattern} }} ORDER BY ?thing ?value"
    return [(str(row["thing"]), str(row["value"])) for row in kg.select(query) if row["value"]]

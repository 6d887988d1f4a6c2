"""What a snapshot holds, counted by queries: the figures of its descriptions, counted once."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field

from fundgraph.errors import QueryError
from fundgraph.kg import KnowledgeGraph
from fundgraph.results import Table

_KEPT = 2

_TOTALS = """SELECT (COUNT(*) AS ?triples) (COUNT(DISTINCT ?s) AS ?subjects) (COUNT(DISTINCT ?o) AS ?objects)
WHERE { ?s ?p ?o }"""
_CLASSES = """SELECT ?class (COUNT(DISTINCT ?s) AS ?entities) (COUNT(?p) AS ?triples)
WHERE { { SELECT DISTINCT ?s ?class WHERE { ?s a ?class FILTER(isIRI(?class)) } } ?s ?p ?o }
GROUP BY ?class ORDER BY DESC(?entities) ?class"""
_PROPERTIES = """SELECT ?p (COUNT(*) AS ?triples) (COUNT(DISTINCT ?s) AS ?subjects) (COUNT(DISTINCT ?o) AS ?objects)
WHERE { ?s ?p ?o } GROUP BY ?p ORDER BY DESC(?triples) ?p"""
_GRAPHS = "SELECT ?g (COUNT(*) AS ?triples) WHERE { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g ORDER BY ?g"
_LINKS = """SELECT ?g ?p ?target (COUNT(*) AS ?triples)
WHERE { GRAPH ?g { ?s ?p ?o } FILTER(STRSTARTS(STR(?g), "%s") && isIRI(?o) && !STRSTARTS(STR(?o), "%s"))
  FILTER(?p IN (<http://www.w3.org/2002/07/owl#sameAs>, <http://www.w3.org/2004/02/skos/core#exactMatch>, <https://schema.org/sameAs>,
    <http://xmlns.com/foaf/0.1/made>, <http://www.w3.org/2000/01/rdf-schema#seeAlso>))
  BIND(REPLACE(STR(?o), "^([a-z]+://[^/]+/).*$", "$1") AS ?target) FILTER(STRSTARTS(?target, "http")) }
GROUP BY ?g ?p ?target ORDER BY ?g ?p ?target"""


@dataclass(frozen=True, slots=True)
class Partition:
    """A class or a property, and how much there is of it."""

    iri: str
    triples: int
    subjects: int
    objects: int | None = None


@dataclass(frozen=True, slots=True)
class Links:
    """Links of one property from things of this dataset to another place."""

    graph: str
    predicate: str
    target: str
    triples: int


@dataclass(frozen=True, slots=True)
class Statistics:
    """The figures of a snapshot; those of the default graph are those that a query sees without GRAPH.

    What could not be counted within the limits of a query is ``None`` or empty.
    """

    triples: int | None = None
    subjects: int | None = None
    objects: int | None = None
    classes: tuple[Partition, ...] = ()
    properties: tuple[Partition, ...] = ()
    graphs: dict[str, int] = field(default_factory=dict)
    links: tuple[Links, ...] = ()


class Counter:
    """Counts each snapshot once, and keeps the figures of the last few."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Statistics] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, kg: KnowledgeGraph) -> Statistics:
        """Return the figures of the current snapshot."""
        with self._lock:  # one counts, and the others wait for it
            release = kg.release
            if release not in self._kept:
                self._kept[release] = _count(kg)
                while len(self._kept) > _KEPT:
                    self._kept.popitem(last=False)
            return self._kept[release]


def _count(kg: KnowledgeGraph) -> Statistics:
    totals = [tuple(int(str(value)) for value in row) for row in _rows(_ask(kg, _TOTALS))]
    links = f"{kg.base}graph/links/"
    known: dict[str, int] = kg.manifest.get("graphs") or {}
    triples, subjects, objects = totals[0] if totals else (None, None, None)
    return Statistics(
        triples,
        subjects,
        objects,
        classes=tuple(Partition(name, n[1], n[0]) for name, n in _numbers(_ask(kg, _CLASSES))),
        properties=tuple(Partition(name, *n) for name, n in _numbers(_ask(kg, _PROPERTIES))),
        graphs=known or {name: n[0] for name, n in _numbers(_ask(kg, _GRAPHS))},
        links=tuple(
            Links(str(row[0]), str(row[1]), str(row[2]), int(str(row[3])))
            for row in (
                _rows(_ask(kg, _LINKS % (links, kg.base))) if any(g.startswith(links) for g in known) else ()
            )
        ),
    )


def _ask(kg: KnowledgeGraph, query: str) -> Table | None:
    try:
        return kg.select(query)
    except QueryError:  # too much for the limits of a query
        return None


def _rows(table: Table | None) -> list[tuple[object, ...]]:
    return [] if table is None else [row for row in table.rows if all(value is not None for value in row)]


def _numbers(table: Table | None) -> list[tuple[str, tuple[int, ...]]]:
    """Return rows as a name and the numbers after it."""
    return [(str(row[0]), tuple(int(str(value)) for value in row[1:])) for row in _rows(table)]

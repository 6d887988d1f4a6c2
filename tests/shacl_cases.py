"""Generated data and shapes, good and bad, for comparing two validators."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from hypothesis import strategies as st
from rdflib import RDF, RDFS, SH, XSD, BNode, Graph, Literal, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from fundgraph.vocab import FG

ROOT = Path(__file__).resolve().parent.parent
EX = Namespace("https://example.org/")
NODES = [EX[f"n{number}"] for number in range(5)]
PROPERTIES = [EX[f"p{number}"] for number in range(3)]
CLASSES = [EX.Thing, EX.Part]

#: Values of every kind, in the usual form and in others.
VALUES: list[Node] = [
    *NODES, BNode("b1"), EX["odd/slug_"], FG.Person,
    *(Literal(text) for text in ("", " ", "a", "B", "abc", "line\n", "\x1c", "0000-0002-1825-0097", "10.1000/x", "é" * 301)),
    *(Literal("abc", lang=tag) for tag in ("en", "de", "de-at")), Literal("abd", lang="en"),
    *(Literal(text, datatype=XSD.integer) for text in ("0", "1", "7", "-3", "007", "12345678901234567890123")),
    *(Literal(text, datatype=XSD.decimal) for text in ("0.5", "1.0", "1.50", "-0.25")),
    *(Literal(text, datatype=XSD.date) for text in ("2020-01-01", "2024-02-29", "2021-12-31", "2020-01-01Z")),
    Literal("2020", datatype=XSD.gYear), Literal("2020-05", datatype=XSD.gYearMonth),
    Literal("2020-01-01T10:00:00", datatype=XSD.dateTime),
    Literal("true", datatype=XSD.boolean), Literal("1", datatype=XSD.boolean),
    Literal("7", datatype=XSD.int), Literal("1.0E0", datatype=XSD.double), Literal("https://x.org/", datatype=XSD.anyURI),
]  # fmt: skip
#: Values that fit no datatype they claim; rdflib warns of some, so they come apart.
ILL_TYPED = [
    Literal("x", datatype=XSD.integer), Literal("2021-02-30", datatype=XSD.date), Literal("1.x", datatype=XSD.decimal),
]  # fmt: skip
values = st.sampled_from(VALUES + ILL_TYPED)


@lru_cache
def world() -> tuple[tuple[Node, Node, Node], ...]:
    """The examples of the ontology: a small dataset of ours that conforms."""
    graph = Graph()
    for path in sorted((ROOT / "ontology" / "examples").glob("*.ttl")):
        graph.parse(path)
    return tuple(sorted(graph))


@st.composite
def mutated_worlds(draw: st.DrawFn) -> Graph:
    """Our examples with some triples taken away, some added, and some with another subject, predicate or value."""
    triples = list(world())
    terms = sorted({term for triple in triples for term in triple if isinstance(term, URIRef)})
    some = st.sampled_from(terms)
    changes = st.sampled_from(("drop", "value", "value", "add", "retype", "swap"))
    for _ in range(draw(st.integers(1, 12))):
        at = draw(st.integers(0, len(triples) - 1))
        subject, predicate, _ = triples[at]
        change = draw(changes)
        if change == "drop":
            del triples[at]
        elif change == "value":
            triples[at] = (subject, predicate, draw(values))
        elif change == "add":
            triples.append((subject, predicate, draw(values | some)))
        elif change == "retype":
            triples.append((subject, RDF.type, draw(st.sampled_from(sorted(_classes())))))
        else:
            triples[at] = (subject, predicate, draw(some))
    graph = Graph()
    for triple in triples:
        graph.add(triple)
    return graph


@lru_cache
def _classes() -> frozenset[URIRef]:
    return frozenset(
        value for _, predicate, value in world() if predicate == RDF.type and isinstance(value, URIRef)
    )


@st.composite
def small_graphs(draw: st.DrawFn) -> Graph:
    """A few things with values of every kind, some of them of a class or of one below it."""
    graph = Graph()
    graph.add((CLASSES[1], RDFS.subClassOf, CLASSES[0]))
    for node in NODES:
        for kind in draw(st.lists(st.sampled_from(CLASSES), max_size=1)):
            graph.add((node, RDF.type, kind))
        for _ in range(draw(st.integers(0, 4))):
            graph.add((node, draw(st.sampled_from(PROPERTIES)), draw(values)))
    return graph


@st.composite
def small_shapes(draw: st.DrawFn) -> Graph:
    """One or two shapes with targets, of all that SHACL Core has, nested up to two deep."""
    graph = Graph()
    for number in range(draw(st.integers(1, 2))):
        node = EX[f"shape{number}"]
        if draw(st.booleans()):
            graph.add((node, SH.targetClass, draw(st.sampled_from(CLASSES))))
        else:
            kind = draw(st.sampled_from((SH.targetSubjectsOf, SH.targetObjectsOf)))
            graph.add((node, kind, draw(st.sampled_from(PROPERTIES))))
        if draw(st.booleans()):
            graph.add((node, SH.message, Literal("Look here.", lang="en")))
        graph.add((node, SH.severity, draw(st.sampled_from((SH.Violation, SH.Warning, SH.Info)))))
        _fill(draw, graph, node, 2)
    return graph


def _fill(draw: st.DrawFn, graph: Graph, node: Node, depth: int) -> None:
    """Give a shape a path or none, and one to three constraints."""
    path = draw(st.sampled_from((None, *PROPERTIES, "inverse", "sequence", "choice", "any")))
    if path is None:
        graph.add((node, RDF.type, SH.NodeShape))
    else:
        graph.add((node, RDF.type, SH.PropertyShape))
        graph.add((node, SH.path, path if isinstance(path, URIRef) else _path(graph, path)))
    kinds = _OF_VALUES + (() if path is None else _OF_PATHS) + (_NESTED if depth else ())
    for kind in draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=3, unique=True)):
        _constrain(draw, graph, node, kind, depth)


def _path(graph: Graph, kind: str) -> Node:
    first, second = PROPERTIES[:2]
    node = BNode()
    if kind == "inverse":
        graph.add((node, SH.inversePath, first))
    elif kind == "sequence":
        Collection(graph, node, [first, second])
    elif kind == "choice":
        graph.add((node, SH.alternativePath, Collection(graph, BNode(), [first, second]).uri))
    else:
        graph.add((node, SH.zeroOrMorePath, first))
    return node


_OF_VALUES = (
    "class", "datatype", "nodeKind", "minInclusive", "maxExclusive", "minLength", "maxLength", "pattern",
    "languageIn", "in", "hasValue", "equals", "disjoint", "closed",
)  # fmt: skip
_OF_PATHS = ("minCount", "maxCount", "uniqueLang", "lessThan", "lessThanOrEquals", "qualified")
_NESTED = ("not", "and", "or", "xone", "node", "property")
_CHOICES: dict[str, tuple[Node, ...]] = {
    "class": tuple(CLASSES),
    "datatype": (XSD.integer, XSD.decimal, XSD.date, XSD.string, XSD.gYear, XSD.boolean, RDF.langString, XSD.int),
    "nodeKind": (SH.IRI, SH.BlankNode, SH.Literal, SH.BlankNodeOrIRI, SH.BlankNodeOrLiteral, SH.IRIOrLiteral),
    "minInclusive": (Literal(1), Literal("0.5", datatype=XSD.decimal), Literal("b"), Literal("2020-06-01", datatype=XSD.date)),
    "maxExclusive": (Literal(7), Literal("1.50", datatype=XSD.decimal)),
    "minLength": (Literal(0), Literal(2)),
    "maxLength": (Literal(3), Literal(300)),
    "pattern": tuple(map(Literal, (r"\S", "^[a-z]+$", "n[0-9]$", r"^\d{4}-", "(?i)ABC", "a|b$"))),
    "hasValue": (*VALUES[:1], Literal("abc"), Literal(7), Literal("1.0", datatype=XSD.decimal)),
    "minCount": (Literal(0), Literal(1), Literal(2)),
    "maxCount": (Literal(0), Literal(1), Literal(2)),
    "uniqueLang": (Literal(True), Literal(False)),
}  # fmt: skip


def _constrain(draw: st.DrawFn, graph: Graph, node: Node, kind: str, depth: int) -> None:
    parameter = URIRef(f"{SH}{kind}")
    if kind in _CHOICES:
        graph.add((node, parameter, draw(st.sampled_from(_CHOICES[kind]))))
    elif kind in ("equals", "disjoint", "lessThan", "lessThanOrEquals"):
        graph.add((node, parameter, draw(st.sampled_from(PROPERTIES))))
    elif kind in ("languageIn", "in"):
        pool = st.sampled_from([Literal("en"), Literal("de")]) if kind == "languageIn" else values
        members = draw(st.lists(pool.filter(lambda term: not isinstance(term, BNode)), min_size=1, max_size=3))
        graph.add((node, parameter, Collection(graph, BNode(), members).uri))
    elif kind == "closed":
        graph.add((node, SH.closed, Literal(True)))
        graph.add((node, SH.ignoredProperties, Collection(graph, BNode(), [RDF.type, PROPERTIES[0]]).uri))
    elif kind == "qualified":
        graph.add((node, SH.qualifiedValueShape, _inner(draw, graph, 0, None)))
        graph.add((node, draw(st.sampled_from((SH.qualifiedMinCount, SH.qualifiedMaxCount))), Literal(1)))
    elif kind in ("and", "or", "xone"):
        members = [_inner(draw, graph, depth - 1, None) for _ in range(2)]
        graph.add((node, parameter, Collection(graph, BNode(), members).uri))
    else:
        graph.add((node, parameter, _inner(draw, graph, depth - 1, kind)))


def _inner(draw: st.DrawFn, graph: Graph, depth: int, kind: str | None) -> Node:
    """Return a shape for within another one; ``sh:node`` needs one without a path, ``sh:property`` one with it."""
    node = BNode()
    _fill(draw, graph, node, depth)
    if kind == "property" and (node, SH.path, None) not in graph:
        graph.remove((node, RDF.type, SH.NodeShape))
        graph.add((node, SH.path, PROPERTIES[1]))
    if kind == "node" and (node, SH.path, None) in graph:
        outer = BNode()
        graph.add((outer, SH.property, node))
        graph.add((outer, RDF.type, SH.NodeShape))
        return outer
    return node

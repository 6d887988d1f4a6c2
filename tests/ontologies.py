"""Small random ontologies with data, over all constructs of OWL 2 RL, for hypothesis."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import strategies as st
from rdflib import OWL, RDF, RDFS, XSD, Graph, Literal, URIRef
from rdflib.term import Node

Triple = tuple[Node, Node, Node]
E = "http://e/"


def names(letter: str, count: int) -> list[URIRef]:
    """Return some IRIs."""
    return [URIRef(f"{E}{letter}{number}") for number in range(count)]


INDIVIDUALS, CLASSES, PROPERTIES = names("i", 5), names("C", 5), names("p", 4)
DATA = names("d", 2)
LITERALS = [Literal("x"), Literal("y"), Literal("z", lang="en")]
_KINDS = [
    OWL.FunctionalProperty, OWL.InverseFunctionalProperty, OWL.IrreflexiveProperty, OWL.SymmetricProperty,
    OWL.AsymmetricProperty, OWL.TransitiveProperty, OWL.ObjectProperty,
]  # fmt: skip

i, c, p = st.sampled_from(INDIVIDUALS), st.sampled_from(CLASSES), st.sampled_from(PROPERTIES)
d, lit = st.sampled_from(DATA), st.sampled_from(LITERALS)
filler = st.one_of(c, st.just(OWL.Thing))
_counter = st.integers(0, 10**9)


def linked(elements: Sequence[Node], head: str) -> tuple[Node, list[Triple]]:
    """Return the head and the triples of an RDF list whose cells have IRIs."""
    head = "-".join([head, *(str(element).rpartition("/")[2] for element in elements)])
    cells: list[Node] = [URIRef(f"{E}list/{head}/{number}") for number in range(len(elements))]
    cells.append(RDF.nil)
    triples: list[Triple] = []
    for number, element in enumerate(elements):
        triples += [(cells[number], RDF.first, element), (cells[number], RDF.rest, cells[number + 1])]
    return cells[0], triples


def one(s: Any, predicate: Node, o: Any) -> st.SearchStrategy[list[Triple]]:
    """Return a strategy for single triples."""
    return st.tuples(s, o).map(lambda pair: [(pair[0], predicate, pair[1])])


def with_list(subject: Any, predicate: Node, element: Any, least: int = 1) -> st.SearchStrategy[list[Triple]]:
    """Return a strategy for axioms whose value is a list."""

    def build(drawn: tuple[Any, list[Node], int]) -> list[Triple]:
        head, triples = linked(drawn[1], str(drawn[2]))
        return [(drawn[0], predicate, head), *triples]

    return st.tuples(subject, st.lists(element, min_size=least, max_size=3), _counter).map(build)


def restriction(predicate: Node, value: Any, on: Any = p) -> st.SearchStrategy[list[Triple]]:
    """Return a strategy for restrictions, which are named by a class."""
    return st.tuples(c, on, value).map(
        lambda drawn: [(drawn[0], OWL.onProperty, drawn[1]), (drawn[0], predicate, drawn[2])]
    )


def qualified(count: str) -> st.SearchStrategy[list[Triple]]:
    """Return a strategy for qualified cardinalities."""
    most = Literal(count, datatype=XSD.nonNegativeInteger)
    return st.tuples(c, p, filler).map(
        lambda drawn: [
            (drawn[0], OWL.onProperty, drawn[1]),
            (drawn[0], OWL.maxQualifiedCardinality, most),
            (drawn[0], OWL.onClass, drawn[2]),
        ]
    )


def denied(drawn: tuple[Node, Node, Node, int]) -> list[Triple]:
    """Return a negative property assertion."""
    node = URIRef(f"{E}denied/{drawn[3]}")
    target = OWL.targetValue if isinstance(drawn[2], Literal) else OWL.targetIndividual
    return [
        (node, OWL.sourceIndividual, drawn[0]),
        (node, OWL.assertionProperty, drawn[1]),
        (node, target, drawn[2]),
    ]


def of(kind: Node, member: Node, element: Any) -> st.SearchStrategy[list[Triple]]:
    """Return a strategy for axioms over all members of a list, such as AllDisjointClasses."""

    def build(drawn: tuple[list[Node], int]) -> list[Triple]:
        node = URIRef(f"{E}all/{drawn[1]}")
        head, triples = linked(drawn[0], f"all{drawn[1]}")
        return [(node, RDF.type, kind), (node, member, head), *triples]

    return st.tuples(st.lists(element, min_size=2, max_size=3, unique=True), _counter).map(build)


_most = [Literal(count, datatype=XSD.nonNegativeInteger) for count in ("0", "1")]
FACTS = st.one_of(
    one(i, RDF.type, c), st.tuples(i, p, i).map(lambda t: [t]), st.tuples(i, d, lit).map(lambda t: [t])
)
POSITIVE = [
    one(c, RDFS.subClassOf, c), one(c, OWL.equivalentClass, c), one(c, RDF.type, st.just(OWL.Class)),
    with_list(c, OWL.intersectionOf, c), with_list(c, OWL.unionOf, c), with_list(c, OWL.oneOf, i),
    restriction(OWL.someValuesFrom, filler), restriction(OWL.allValuesFrom, c), restriction(OWL.hasValue, i),
    restriction(OWL.hasValue, lit, d), restriction(OWL.maxCardinality, st.just(_most[1])), qualified("1"),
    one(p, RDFS.subPropertyOf, p), one(p, OWL.equivalentProperty, p), one(p, OWL.inverseOf, p),
    with_list(p, OWL.propertyChainAxiom, p, 2), one(p, RDFS.domain, c), one(p, RDFS.range, c),
    one(d, RDFS.domain, c), one(d, RDFS.subPropertyOf, d), one(p, RDF.type, st.sampled_from(_KINDS)),
    one(i, OWL.sameAs, i), one(st.just(OWL.Thing), RDFS.subClassOf, c),
]  # fmt: skip
CONTRADICTING = [
    one(c, OWL.disjointWith, c), one(c, OWL.complementOf, c), one(i, OWL.differentFrom, i),
    restriction(OWL.maxCardinality, st.just(_most[0])), qualified("0"), one(p, OWL.propertyDisjointWith, p),
    st.tuples(i, p, i, _counter).map(denied), st.tuples(i, d, lit, _counter).map(denied),
    of(OWL.AllDisjointClasses, OWL.members, c), one(c, RDFS.subClassOf, st.just(OWL.Nothing)),
]  # fmt: skip
#: Statements about the language's own terms, and about classes and properties as things.
STRANGE = [
    one(c, OWL.sameAs, c), one(p, OWL.sameAs, p), one(p, RDFS.subPropertyOf, st.just(OWL.sameAs)),
    one(p, RDFS.subPropertyOf, st.just(RDF.type)), one(p, RDFS.subPropertyOf, st.just(RDFS.subClassOf)),
    one(c, RDFS.subClassOf, st.just(OWL.TransitiveProperty)), one(p, RDF.type, c), one(i, RDF.type, p),
    st.tuples(i, p, c).map(lambda t: [t]), one(st.just(RDF.type), RDFS.subPropertyOf, p),
    one(st.just(RDFS.subClassOf), RDFS.domain, c),
]  # fmt: skip
KEYS = with_list(c, OWL.hasKey, st.one_of(p, d))
#: What owlrl does not know (or gets wrong).
UNKNOWN_TO_OWLRL = [
    KEYS, of(OWL.AllDifferent, OWL.members, i), of(OWL.AllDifferent, OWL.distinctMembers, i),
    of(OWL.AllDisjointProperties, OWL.members, p),
]  # fmt: skip


def ontologies(
    *kinds: Sequence[st.SearchStrategy[list[Triple]]], most: int = 7
) -> st.SearchStrategy[list[Triple]]:
    """Return a strategy for graphs, as lists of different triples: some axioms of the kinds, and some facts."""
    axioms = st.lists(st.one_of([strategy for kind in kinds for strategy in kind]), max_size=most)
    facts = st.lists(FACTS, min_size=1, max_size=8)

    def build(drawn: tuple[list[list[Triple]], list[list[Triple]]]) -> list[Triple]:
        return list(dict.fromkeys(triple for part in drawn for triples in part for triple in triples))

    return st.tuples(axioms, facts).map(build)


def graph_of(triples: Sequence[Triple]) -> Graph:
    """Return a graph of triples."""
    graph = Graph()
    for triple in triples:
        graph.add(triple)
    return graph


def outcome(run: Callable[[Graph], Graph], triples: Sequence[Triple]) -> frozenset[Triple] | str:
    """Return what an engine infers, or the word ``inconsistent``."""
    from fundgraph.errors import InconsistencyError

    try:
        return frozenset(run(graph_of(triples)))
    except InconsistencyError:
        return "inconsistent"

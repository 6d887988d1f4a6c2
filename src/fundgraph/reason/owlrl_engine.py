"""The engine ``owlrl``: the library itself, its errors as ours, its noise filtered.

What our closure holds is said in :mod:`fundgraph.reason.definition`, the same for every engine.
"""

from __future__ import annotations

import owlrl
from rdflib import OWL, RDF, RDFS, SKOS, Graph
from rdflib.term import Node

from fundgraph.errors import InconsistencyError, UsageError
from fundgraph.reason.definition import says_something
from fundgraph.reason.front import name_of

_MAKES_SAME = (
    OWL.sameAs, OWL.FunctionalProperty, OWL.InverseFunctionalProperty, OWL.hasKey,
    OWL.maxCardinality, OWL.maxQualifiedCardinality,
)  # fmt: skip
_ANNOTATIONS = frozenset({RDFS.label, RDFS.comment, RDFS.isDefinedBy, RDFS.seeAlso})
_KINDS_OF_PROPERTY = frozenset({OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty, RDF.Property})


def infer_with_owlrl(graph: Graph) -> Graph:
    """Return only what owlrl infers from ``graph``, filtered as the module says.

    Raises :class:`InconsistencyError` if the graph contradicts itself, and :class:`UsageError` for
    ``owl:hasKey``: owlrl 7.6.2 never compares the last key property, and would call different things the same.
    """
    if (None, OWL.hasKey, None) in graph:
        raise UsageError(
            "the engine owlrl is unsound on owl:hasKey", hint="Use another engine, or leave the keys to SHACL"
        )
    closure = Graph()
    for triple in graph:
        closure.add(triple)
    for triple in set_aside(graph):
        closure.remove(triple)
    semantics = owlrl.OWLRL_Semantics(closure, axioms=False, daxioms=False)
    semantics.closure()
    if semantics.error_messages:
        raise InconsistencyError(
            "the graph contradicts the ontology: " + "; ".join(sorted(semantics.error_messages)),
            hint="Mend the document, the programme's facts or the ontology; nothing was switched",
        )
    inferred = Graph()
    for triple in closure:
        if triple not in graph and says_something(*map(name_of, triple)):
            inferred.add(triple)
    return inferred


def set_aside(graph: Graph) -> list[tuple[Node, Node, Node]]:
    """Return the statements of ``graph`` from which nothing can follow; owlrl would only carry them along.

    Those are the statements of a property that no axiom speaks of, as long as nothing in the graph can make
    two things the same (else they would have to be said of the other one too).
    """
    if any((None, None, term) in graph or (None, term, None) in graph for term in _MAKES_SAME):
        return []
    inert: dict[Node, bool] = {}
    aside = []
    for triple in graph:
        predicate = triple[1]
        if predicate not in inert:
            inert[predicate] = _is_inert(graph, predicate)
        if inert[predicate]:
            aside.append(triple)
    return aside


def _is_inert(graph: Graph, predicate: Node) -> bool:
    if str(predicate).startswith((str(RDF), str(RDFS), str(OWL))) and predicate not in _ANNOTATIONS:
        return False
    described = all(
        said in _ANNOTATIONS or (said == RDF.type and value in _KINDS_OF_PROPERTY) or said == SKOS.definition
        for said, value in graph.predicate_objects(predicate)
    )
    return described and (None, None, predicate) not in graph

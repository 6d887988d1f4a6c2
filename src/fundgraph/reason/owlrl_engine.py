"""The engine ``owlrl``: the library itself, its errors as ours, its noise filtered.

The closure that we keep holds what follows from the graph by OWL 2 RL, less: what was asserted; statements
whose subject is a literal; reflexive ``owl:sameAs``, sub- and equivalence statements; ``owl:Thing`` and
``rdfs:Resource`` as types or classes; statements about datatypes; and statements that hold a blank node, since
a class expression without a name says nothing to a reader.
"""

from __future__ import annotations

import owlrl
from rdflib import OWL, RDF, RDFS, XSD, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from fundgraph.errors import InconsistencyError, UsageError

_REFLEXIVE = frozenset(
    {OWL.sameAs, RDFS.subClassOf, RDFS.subPropertyOf, OWL.equivalentClass, OWL.equivalentProperty}
)
_TRIVIAL = frozenset({OWL.Thing, OWL.Nothing, RDFS.Resource, RDFS.Literal, RDFS.Class, RDF.Property})
_META = frozenset(
    {OWL.AnnotationProperty, OWL.DatatypeProperty, RDFS.Datatype, OWL.Class, RDFS.Class, RDF.Property}
)


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
    closure += graph
    semantics = owlrl.OWLRL_Semantics(closure, axioms=False, daxioms=False)
    semantics.closure()
    if semantics.error_messages:
        raise InconsistencyError(
            "the graph contradicts the ontology: " + "; ".join(sorted(semantics.error_messages)),
            hint="Mend the document, the programme's facts or the ontology; nothing was switched",
        )
    inferred = Graph()
    for triple in closure:
        if triple not in graph and _says_something(*triple):
            inferred.add(triple)
    return inferred


def _says_something(subject: Node, predicate: Node, value: Node) -> bool:
    if not isinstance(subject, URIRef) or isinstance(value, BNode):
        return False
    if str(subject).startswith(str(XSD)) or subject in _TRIVIAL or subject in (RDF.XMLLiteral, RDF.PlainLiteral):
        return False
    if predicate in _REFLEXIVE and (subject == value or value in _TRIVIAL):
        return False
    if predicate == RDF.type and (value in _TRIVIAL or value in _META):
        return False
    return not isinstance(predicate, Literal)

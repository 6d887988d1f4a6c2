"""The engine ``rules``: our own, over rdflib graphs."""

from __future__ import annotations

from rdflib import Graph
from rdflib.term import Node

from fundgraph.errors import InconsistencyError
from fundgraph.reason.closure import Closure
from fundgraph.reason.front import encode_graph, node_of

__all__ = ["closure_of", "infer_with_rules"]


def closure_of(graph: Graph, *, things: bool = False) -> Closure:
    """Return the closure of a graph. Raises :class:`InconsistencyError` if it contradicts itself."""
    closure = Closure(things=things)
    rows, closure.nodes = encode_graph(graph, closure.terms)
    closure.load(rows)
    if closure.clashes:
        raise InconsistencyError(str(closure.clashes))
    return closure


def infer_with_rules(graph: Graph, *, expand: bool = True) -> Graph:
    """Return only what follows from ``graph``; same things written out, or by their representatives.

    Raises :class:`InconsistencyError` if the graph contradicts itself.
    """
    closure = closure_of(graph)
    nodes: dict[int, Node] = closure.nodes
    names = closure.terms.names
    inferred = Graph()

    def node(number: int) -> Node:
        found = nodes.get(number)
        if found is None:
            found = nodes[number] = node_of(names[number])
        return found

    for p, keys in closure.inferred(expand=expand):
        predicate = node(p)
        for key in keys.tolist():
            inferred.add((node(key >> 32), predicate, node(key & 0xFFFFFFFF)))
    return inferred

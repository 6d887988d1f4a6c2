"""The engine ``rules``: our own, over rdflib graphs."""

from __future__ import annotations

from rdflib import Graph
from rdflib.term import Node

from fundgraph.errors import InconsistencyError
from fundgraph.reason.closure import Closure
from fundgraph.reason.front import encode_graph, node_of
from fundgraph.reason.proof import Proof, short
from fundgraph.reason.rules import RULE_BY_NAME, expand

__all__ = ["closure_of", "infer_with_rules", "raise_if_inconsistent", "to_graph"]

_CELLS = (expand("rdf:first"), expand("rdf:rest"))


def closure_of(graph: Graph, *, things: bool = False) -> Closure:
    """Return the closure of a graph. Raises :class:`InconsistencyError` if it contradicts itself."""
    closure = Closure(things=things)
    rows, closure.nodes = encode_graph(graph, closure.terms)
    closure.load(rows)
    raise_if_inconsistent(closure)
    return closure


def infer_with_rules(graph: Graph, *, expand: bool = True) -> Graph:
    """Return only what follows from ``graph``; same things written out, or by their representatives.

    Raises :class:`InconsistencyError` if the graph contradicts itself, and :class:`UsageError` if writing out
    what follows from things being the same would be too much.
    """
    return to_graph(closure_of(graph), expand=expand)


def to_graph(closure: Closure, *, expand: bool = True) -> Graph:
    """Return what a closure infers as a graph."""
    nodes: dict[int, Node] = closure.nodes
    names = closure.terms.names
    inferred = Graph(store="SimpleMemory")  # knows no contexts, and is filled four times as fast

    def node(number: int) -> Node:
        found = nodes.get(number)
        if found is None:
            found = nodes[number] = node_of(names[number])
        return found

    add = inferred.store.add
    for p, keys in closure.inferred(expand=expand):
        predicate = node(p)
        for key in keys.tolist():
            add((node(key >> 32), predicate, node(key & 0xFFFFFFFF)), inferred)
    return inferred


def raise_if_inconsistent(closure: Closure) -> None:
    """Raise :class:`InconsistencyError` for the first contradiction in a closure, with its proof."""
    if not closure.clashes:
        return
    from fundgraph.reason.explain import explain_clash

    clash = closure.clashes[0]
    proof = explain_clash(closure, clash)
    premises = [premise for premise in proof.step.premises if premise[1] not in _CELLS]
    raise InconsistencyError(
        f"the graph contradicts itself: {RULE_BY_NAME[clash.rule].says} ({clash.rule}): {_in_words(proof)}",
        rule=clash.rule,
        premises=premises,
        proof=proof,
        hint="Mend the document, the programme's facts or the ontology; nothing was switched",
    )


def _in_words(proof: Proof) -> str:
    said = []
    for premise in proof.step.premises:
        if premise[1] in _CELLS:
            continue
        rule = proof.steps[premise].rule
        said.append(" ".join(map(short, premise)) + ("" if rule is None else f" (inferred by {rule})"))
    return " ; ".join(said)

"""Inference: OWL 2 RL, of which only what is new comes back."""

from __future__ import annotations

from rdflib import Graph

from fundgraph.errors import UsageError

__all__ = ["ENGINES", "infer"]

#: What can be asked for; ``auto`` is ``rules``.
ENGINES = ("auto", "owlrl", "rules")


def infer(graph: Graph, engine: str = "auto") -> Graph:
    """Return the triples that follow from ``graph`` by OWL 2 RL and are not in it.

    Raises :class:`InconsistencyError` if the graph contradicts itself, :class:`UsageError` for an engine
    that does not exist.
    """
    if engine not in ENGINES:
        raise UsageError(f"the inference engine {engine!r} is not available in this version", allowed=ENGINES)
    if engine == "owlrl":
        from fundgraph.reason.owlrl_engine import infer_with_owlrl

        return infer_with_owlrl(graph)
    from fundgraph.reason.rules_engine import infer_with_rules

    return infer_with_rules(graph)

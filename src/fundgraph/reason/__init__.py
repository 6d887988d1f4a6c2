"""Inference: OWL 2 RL, of which only what is new comes back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from rdflib import Graph

from fundgraph.errors import UsageError
from fundgraph.ntriples import Name, Statements, name_of

__all__ = ["ENGINES", "infer", "infer_statements"]

#: What can be asked for; ``auto`` is ``rules``.
ENGINES = ("auto", "owlrl", "rules")


def infer(graph: Graph, engine: str = "auto") -> Graph:
    """Return the triples that follow from ``graph`` by OWL 2 RL and are not in it.

    Raises :class:`InconsistencyError` if the graph contradicts itself, :class:`UsageError` for an engine
    that does not exist.
    """
    _check(engine)
    if engine == "owlrl":
        from fundgraph.reason.owlrl_engine import infer_with_owlrl

        return infer_with_owlrl(graph)
    from fundgraph.reason.rules_engine import infer_with_rules

    return infer_with_rules(graph)


def infer_statements(
    triples: Iterable[Name], engine: str = "auto", say: Callable[[int, int], None] = lambda _round, _triples: None
) -> Iterator[Name]:
    """Do the same as :func:`infer` for triples in the terms of N-Triples, without rdflib in between.

    ``say`` is told the rounds of the engine ``rules``, and how many triples there are after each.
    """
    _check(engine)
    if engine == "owlrl":
        inferred = infer(Statements(triples).to_graph(Graph()), engine)
        return ((name_of(s), name_of(p), name_of(o)) for s, p, o in inferred)
    from fundgraph.reason.closure import Closure
    from fundgraph.reason.rules_engine import raise_if_inconsistent

    closure = Closure(say=say)
    closure.load(closure.terms.encode(triples))
    raise_if_inconsistent(closure)
    return closure.decoded()


def _check(engine: str) -> None:
    if engine not in ENGINES:
        raise UsageError(f"the inference engine {engine!r} is not available in this version", allowed=ENGINES)

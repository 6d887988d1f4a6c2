"""Inference: OWL 2 RL, of which only what is new comes back."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from importlib import import_module

from rdflib import Graph

from fundgraph.errors import UsageError
from fundgraph.ntriples import Name, Statements, name_of

__all__ = ["BYTES_PER_TRIPLE", "ENGINES", "choose", "get_ready", "infer", "infer_statements", "memory_bound"]

#: What can be asked for; ``auto`` is ``rules``, or ``disk`` for what memory would not hold.
ENGINES = ("auto", "disk", "owlrl", "rules")
#: What a triple takes in the engine ``rules``, with its terms and what follows from it; measured, and rounded up.
BYTES_PER_TRIPLE = 250


def choose(engine: str, size: int, memory: int = 0) -> str:
    """Return the engine for so many bytes of triples in memory, of the ``memory`` (in MiB, 0: half of all) allowed.

    Raises :class:`UsageError` for an engine that does not exist.
    """
    if engine not in ENGINES:
        raise UsageError(f"the inference engine {engine!r} is not available in this version", allowed=ENGINES)
    if engine != "auto":
        return engine
    return "disk" if size > memory_bound(memory) else "rules"


def memory_bound(memory: int = 0) -> int:
    """Return in bytes the memory that inference may take: ``memory`` MiB, or half of what the machine has."""
    return memory << 20 if memory else os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2


def get_ready(engine: str) -> None:
    """Import what an engine will need, where there is time for that before there are triples."""
    if engine in ("auto", "rules"):
        import_module("fundgraph.reason.rules_engine")


def infer(graph: Graph, engine: str = "auto") -> Graph:
    """Return the triples that follow from ``graph`` by OWL 2 RL and are not in it.

    Raises :class:`InconsistencyError` if the graph contradicts itself, :class:`UsageError` for an engine
    that does not exist.
    """
    engine = choose(engine, 0)
    if engine == "owlrl":
        from fundgraph.reason.owlrl_engine import infer_with_owlrl

        return infer_with_owlrl(graph)
    if engine == "disk":
        names = ((name_of(s), name_of(p), name_of(o)) for s, p, o in graph)
        return Statements(infer_statements(names, engine)).to_graph()
    from fundgraph.reason.rules_engine import infer_with_rules

    return infer_with_rules(graph)


def infer_statements(
    triples: Iterable[Name],
    engine: str = "auto",
    *,
    size: int = 0,
    memory: int = 0,
    expand: bool = True,
    say: Callable[[int, int], None] = lambda _round, _triples: None,
) -> Iterator[Name]:
    """Yield what :func:`infer` finds, for triples in the terms of N-Triples, without rdflib in between.

    ``size`` is what the triples would take in memory, for ``auto`` to choose by; ``memory`` is in MiB.
    """
    engine = choose(engine, size, memory)
    if engine == "owlrl":
        inferred = infer(Statements(triples).to_graph(Graph()), engine)
        yield from ((name_of(s), name_of(p), name_of(o)) for s, p, o in inferred)
    elif engine == "disk":
        from fundgraph.reason.spill import SpillingClosure

        with closing(SpillingClosure(memory_bound(memory), say=say)) as spilling:
            spilling.load(triples)
            yield from spilling.decoded(expand=expand)
    else:
        from fundgraph.reason.closure import Closure
        from fundgraph.reason.rules_engine import raise_if_inconsistent

        closure = Closure(say=say)
        closure.load(closure.terms.encode(triples))
        raise_if_inconsistent(closure)
        yield from closure.decoded(expand=expand)

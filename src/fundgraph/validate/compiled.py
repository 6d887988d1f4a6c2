"""Run compiled shapes on an engine that is handed in; what is not compiled goes to pySHACL."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Protocol

from rdflib import RDFS, Graph, Literal
from rdflib.term import Node

from fundgraph.errors import QueryError
from fundgraph.validate.compile import Check, Compiler, Plan, subclasses, without
from fundgraph.validate.outcome import Outcome
from fundgraph.validate.places import Source
from fundgraph.validate.predicates import Test, is_numeric, relates
from fundgraph.validate.recognise import COMPARE, Looks

_PLACE = re.compile(r"\{[?$](\w+)\}")
_AT_ONCE = 2
_COMPARING = {
    iri: is_numeric if operator == "isnumeric" else relates(operator) for operator, iri in COMPARE.items()
}


class Engine(Source, Protocol):
    """Data that answer SPARQL, with literals kept as they are written (:mod:`fundgraph.literals`)."""

    @property
    def as_written(self) -> frozenset[str]:
        """The predicates of literals that were loaded under a datatype of ours."""

    @property
    def kinds(self) -> Mapping[str, frozenset[str]]:
        """The kinds of literals that each predicate leads to: texts, numbers of all sorts, dates, …"""

    def select(self, query: str, tests: Mapping[str, Test]) -> tuple[Sequence[str], list[tuple[Node | None, ...]]]:
        """Return the variables and the solutions; ``tests`` are the functions that the query calls, by IRI."""

    def graph(self) -> Graph:
        """Return the data as an rdflib graph."""


def plan_for(engine: Engine, shapes: Graph, compiler: Compiler | None = None) -> Plan:
    """Compile shapes for the classes that the data know, and leave out what would see changed literals."""
    plan = (compiler or Compiler(shapes)).plan(_subclasses(engine))
    checks: list[Check] = []
    left_out = dict(plan.left_out)
    as_written, kinds = engine.as_written, engine.kinds
    for check in plan.checks:
        reason = None if check.looks is None else _reason(check.looks, as_written, kinds)
        if reason is None:
            checks.append(check)
        elif check.looks is not None and check.looks.careful is not None:
            checks.append(replace(check, query=check.looks.careful, functions=_COMPARING))
        else:
            left_out[check.shape] = reason
    return Plan(tuple(check for check in checks if check.shape not in left_out), left_out)


def _reason(looks: Looks, as_written: frozenset[str], kinds: Mapping[str, frozenset[str]]) -> str | None:
    """Return why a query that others wrote could mean something else to the store than to pySHACL, if it could."""
    everything = frozenset(kinds)
    if not as_written.isdisjoint(everything if looks.values is None else looks.values):
        return "a query reckons with numbers or times that are not written in their usual form"
    for together in (
        (everything if looks.values is None else looks.values,) if looks.compared is None else looks.compared
    ):
        if len({kind for predicate in together for kind in kinds.get(predicate, ())}) > 1:
            return "a query compares values of several kinds"
    return None


def outcomes(engine: Engine, shapes: Graph, plan: Plan, left_out: dict[Node, str]) -> Iterator[Outcome]:
    """Yield what the plan's queries find, then what pySHACL finds for the shapes that were left out.

    Shapes with a query that the engine does not take are added to ``left_out``.
    """
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        found = list(pool.map(lambda check: _rows(engine, check), plan.checks))
    for check, rows in zip(plan.checks, found, strict=True):
        if rows is None:
            left_out[check.shape] = "a query that the store does not take"
    for check, rows in zip(plan.checks, found, strict=True):
        if rows is not None and check.shape not in left_out:
            yield from (_outcome(check, row) for row in rows)
    if left_out:
        from fundgraph.validate import reference  # with a parser of SPARQL, which takes long to import

        yield from reference.outcomes(reference.in_memory(engine.graph()), without(shapes, left_out))


def _rows(engine: Engine, check: Check) -> list[dict[str, Node]] | None:
    try:
        names, rows = engine.select(check.query, check.functions or {})
    except QueryError:
        return None
    return [
        {name: term for name, term in zip(names, row, strict=True) if term is not None}
        for row in dict.fromkeys(rows)
    ]


def _outcome(check: Check, row: Mapping[str, Node]) -> Outcome:
    focus = row[check.focus]
    value = None if check.value is None else row.get(check.value)
    messages = check.messages
    if check.source is not None:
        value = focus if value is None and check.path is None else value
        words = dict(row) | ({} if value is None else {"value": value})
        messages = tuple(_filled(message, words) for message in messages)
    return Outcome(
        focus=focus,
        path=check.path if check.predicate is None else row.get(check.predicate, check.path),
        value=value,
        shape=check.shape,
        component=check.component,
        severity=check.severity,
        messages=messages,
        source=check.source,
    )


def _filled(message: Literal, words: Mapping[str, Node]) -> Literal:
    """Return a message with the values of a solution in the places that it has for them."""
    text = _PLACE.sub(lambda place: str(words.get(place[1], place[0])), str(message))
    return Literal(text, lang=message.language)


def _subclasses(engine: Engine) -> dict[Node, set[Node]]:
    """Return all classes below each class that the data know."""
    _, rows = engine.select(f"SELECT ?sub ?super WHERE {{ ?sub <{RDFS.subClassOf}> ?super }}", {})
    return subclasses((sub, above) for sub, above in rows if sub is not None and above is not None)

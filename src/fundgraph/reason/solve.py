"""Solving the premises of a rule over a view of the facts, one solution after the other.

This is the slow and general way, used where there is little to solve: to specialise the rules to an ontology, to
find the steps by which one triple follows, to say what is missing. A view has ``match`` and ``count``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Protocol

import numpy as np

from fundgraph.reason.rules import Condition, ListPremise, Pattern, Premise, expand
from fundgraph.reason.terms import Ids, Terms, Vocabulary
from fundgraph.reason.values import ILL_TYPED, in_space

__all__ = ["ANNOTATIONS", "Bindings", "Triple", "View", "holds", "lists", "place_of", "solve", "substitute"]

Triple = tuple[int, int, int]
Bindings = dict[str, int]

_FIRST, _REST, _NIL = Vocabulary.id("rdf:first"), Vocabulary.id("rdf:rest"), Vocabulary.id("rdf:nil")
ANNOTATIONS = frozenset(
    Vocabulary.id(name)
    for name in (
        "rdfs:label", "rdfs:comment", "rdfs:seeAlso", "rdfs:isDefinedBy", "owl:deprecated", "owl:versionInfo",
        "owl:priorVersion", "owl:backwardCompatibleWith", "owl:incompatibleWith",
    )
)  # fmt: skip
#: From so many candidates on, what two patterns have in common is found by arrays.
_MANY = 8
#: A list that branches has an expansion for each way through it; nobody means more than so many.
MOST_EXPANSIONS = 1000


class View(Protocol):
    """A set of triples that can be asked."""

    terms: Terms

    def match(self, s: int | None, p: int | None, o: int | None) -> Iterable[Triple]:
        """Return the triples with these terms; None stands for any."""
        ...

    def count(self, s: int | None, p: int | None, o: int | None) -> int:
        """Return about how many triples :meth:`match` would give."""
        ...

    def column(self, s: int | None, p: int, o: int | None) -> Ids | None:
        """Return what may be in the one place that is None, sorted, each once; None if that is no array here."""
        ...

    def rep(self, term: int) -> int:
        """Return the term that stands for a term in this view."""
        ...


def place_of(term: str, bindings: Bindings, view: View) -> int | None:
    """Return the number of a term of a pattern, None for a variable that is not bound."""
    return bindings.get(term) if term[0] == "?" else view.rep(Vocabulary.number[term])


def substitute(pattern: Pattern, bindings: Bindings, view: View) -> tuple[int | None, int | None, int | None]:
    """Return a pattern's numbers under some bindings."""
    s, p, o = pattern.s, pattern.p, pattern.o  # written out, since no search does anything more often
    return (
        bindings.get(s) if s[0] == "?" else view.rep(Vocabulary.number[s]),
        bindings.get(p) if p[0] == "?" else view.rep(Vocabulary.number[p]),
        bindings.get(o) if o[0] == "?" else view.rep(Vocabulary.number[o]),
    )


def lists(view: View, head: int) -> Iterator[tuple[tuple[int, ...], tuple[Triple, ...]]]:
    """Yield the elements and the triples of each well-formed list that starts at ``head``.

    A list that runs in a circle, breaks off or lacks an element is no list, so nothing is yielded for it.
    """
    nil, found = view.rep(_NIL), 0
    waiting: list[tuple[int, tuple[int, ...], tuple[Triple, ...], frozenset[int]]] = [(head, (), (), frozenset())]
    while waiting:
        cell, elements, cells, seen = waiting.pop()
        if cell == nil:
            yield elements, cells
            found += 1
            if found == MOST_EXPANSIONS:
                return
            continue
        if cell in seen:
            continue
        rests = list(view.match(cell, view.rep(_REST), None))
        for first in view.match(cell, view.rep(_FIRST), None):
            for rest in rests:
                more = (*cells, first, rest)
                waiting.append((rest[2], (*elements, first[2]), more, seen | {cell}))


def holds(condition: Condition, bindings: Bindings, terms: Terms) -> bool:
    """Tell whether a condition holds of terms that are bound."""
    ids = [bindings[term] for term in condition.terms]
    kind = condition.kind
    if kind == "term":
        return True
    if kind == "annotation":
        return ids[0] in ANNOTATIONS
    if kind == "datatype":
        return terms.names[ids[0]] in terms.datatypes
    value = terms.value(ids[0])
    if value is None:
        return False
    if kind in ("in", "outside"):
        datatype = terms.datatypes.get(terms.names[ids[1]])
        if datatype is None:
            return False
        inside = value is not ILL_TYPED and in_space(value, datatype)
        return inside if kind == "in" else not inside
    other = terms.value(ids[1])
    if other is None or ILL_TYPED in (value, other):
        return False
    return (value == other) if kind == "equals" else (value != other)


def solve(
    premises: tuple[Premise, ...], bindings: Bindings, view: View
) -> Iterator[tuple[Bindings, dict[int, Triple], tuple[Triple, ...]]]:
    """Yield bindings that satisfy the premises, with the triple that satisfies each pattern, and the list cells.

    Patterns are numbered in the order in which they come, those of a list after all others.
    """
    patterns = [(place, premise) for place, premise in enumerate(premises) if isinstance(premise, Pattern)]
    others: list[Premise] = [premise for premise in premises if not isinstance(premise, Pattern)]
    yield from _solve(patterns, others, bindings, {}, (), view, len(premises))


def _solve(
    patterns: list[tuple[int, Pattern]],
    others: list[Premise],
    bindings: Bindings,
    used: dict[int, Triple],
    cells: tuple[Triple, ...],
    view: View,
    fresh: int,
) -> Iterator[tuple[Bindings, dict[int, Triple], tuple[Triple, ...]]]:
    for place, other in enumerate(others):
        left = others[:place] + others[place + 1 :]
        if isinstance(other, Condition):
            if all(term in bindings for term in other.terms):
                if holds(other, bindings, view.terms):
                    yield from _solve(patterns, left, bindings, used, cells, view, fresh)
                return
        elif isinstance(other, ListPremise) and other.head in bindings:
            for elements, more in lists(view, bindings[other.head]):
                for extra, bound in expand_list(other, elements, bindings):
                    numbered = [(fresh + number, pattern) for number, pattern in enumerate(extra)]
                    yield from _solve(
                        patterns + numbered, left, bound, used, cells + more, view, fresh + len(numbered)
                    )
            return
    if not patterns:
        if not others:
            yield bindings, used, cells
        return
    best, places = 0, substitute(patterns[0][1], bindings, view)
    if len(patterns) > 1:
        least = view.count(*places)
        for number in range(1, len(patterns)):
            if least == 0:
                return
            others_places = substitute(patterns[number][1], bindings, view)
            size = view.count(*others_places)
            if size < least:
                best, places, least = number, others_places, size
    place, pattern = patterns[best]
    rest = patterns[:best] + patterns[best + 1 :]
    for triple in _candidates(pattern, places, rest, bindings, view):
        merged = unify(pattern, triple, bindings)
        if merged is not None:
            yield from _solve(rest, others, merged, {**used, place: triple}, cells, view, fresh)


def _candidates(
    pattern: Pattern,
    places: tuple[int | None, int | None, int | None],
    rest: list[tuple[int, Pattern]],
    bindings: Bindings,
    view: View,
) -> Iterable[Triple]:
    """Return the triples of a pattern; where one other with the same unknown is left, only those that it has too."""
    if len(rest) == 1 and places[1] is not None and places.count(None) == 1 and view.count(*places) > _MANY:
        other = substitute(rest[0][1], bindings, view)
        ours, theirs = places.index(None), other.index(None) if other.count(None) == 1 else 1
        if theirs != 1 and pattern.terms[ours] == rest[0][1].terms[theirs] and other[1] is not None:
            one, two = view.column(places[0], places[1], places[2]), view.column(other[0], other[1], other[2])
            if one is not None and two is not None:
                found = np.intersect1d(one, two, assume_unique=True).tolist()
                s, p, o = places
                known = ((term, p, o) if ours == 0 else (s, p, term) for term in found)
                return chain.from_iterable(view.match(*triple) for triple in known)
    return view.match(*places)


def unify(pattern: Pattern, triple: Triple, bindings: Bindings) -> Bindings | None:
    """Return the bindings extended so that the pattern is the triple; None if a variable would be two things.

    Constants are not compared: who asked for the triple has done so.
    """
    merged = bindings
    for term, value in zip(pattern.terms, triple, strict=True):
        if term[0] != "?":
            continue
        known = merged.get(term)
        if known is None:
            merged = {**merged, term: value}
        elif known != value:
            return None
    return merged


def expand_list(
    premise: ListPremise, elements: tuple[int, ...], bindings: Bindings
) -> Iterator[tuple[list[Pattern], Bindings]]:
    """Yield the patterns that a construct stands for, given the list's elements, with more bindings."""
    if premise.kind == "some":
        for element in dict.fromkeys(elements):
            if bindings.get(premise.elements[0], element) == element:
                yield [], {**bindings, premise.elements[0]: element}
        return
    if premise.kind == "two":
        for place, element in enumerate(elements):
            for other in elements[place + 1 :]:
                yield [], bindings | dict(zip(premise.elements, (element, other), strict=True))
        return
    if not elements:
        return  # the recommendation has lists of at least one
    bound = dict(bindings)
    patterns: list[Pattern] = []
    (variable,) = premise.elements
    for place, element in enumerate(elements):
        bound[f"{variable}{place}"] = element
        for pattern in premise.patterns:
            s, p, o = pattern.terms
            if premise.kind == "path":
                s = s if place == 0 else f"?·{place}"
                o = o if place == len(elements) - 1 else f"?·{place + 1}"
            names = [f"{term[:-1]}{place}" if term[-1] == "*" else term for term in (s, p, o)]
            patterns.append(Pattern(*(f"{variable}{place}" if name == variable else name for name in names)))
    yield patterns, bound


SAME_AS = expand("owl:sameAs")

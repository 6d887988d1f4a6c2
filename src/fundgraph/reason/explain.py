"""Why a triple is in a closure, and why another is not; worked out when asked, with nothing stored.

A proof is first searched for by its size: is there one with one application of a rule, with two, …, over all names
of same things. That finds the shortest, nearly always at once. Where it takes too long, the rounds of the engine
lead the way instead: each triple follows from older ones, so going back always ends, though not always soonest.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice

from fundgraph.reason.closure import Closure
from fundgraph.reason.compile import is_schema_pattern
from fundgraph.reason.descent import Descent
from fundgraph.reason.justify import heads, justifications
from fundgraph.reason.output import Clash
from fundgraph.reason.proof import FALSE, Name, Proof, Step
from fundgraph.reason.rules import RULE_BY_NAME, Condition, ListPremise, Pattern
from fundgraph.reason.solve import Bindings, Triple, place_of, solve, unify
from fundgraph.reason.terms import Vocabulary
from fundgraph.reason.views import Everything

__all__ = ["Missing", "Search", "explain", "explain_clash", "one_step", "why_not"]

#: So many triples are looked at in search of the shortest proof, so many ways to each, and so many ways in all.
_MOST_LOOKED_AT = 120
_MOST_WAYS = 64
_MOST_WAYS_IN_ALL = 1500
#: A term as N-Triples writes it, or a variable.
_TERM = re.compile(r'<[^>]*>|"(?:[^"\\]|\\.)*"\S*|[?_]\S+')
_SAME, _TYPE, _DIFFERENT = (Vocabulary.id(name) for name in ("owl:sameAs", "rdf:type", "owl:differentFrom"))


class _TooLongError(Exception):
    """The search has looked at too much."""


class Search:
    """Search for proofs by size, deeper and deeper. What one proof has found out is kept for the next."""

    def __init__(self, closure: Closure) -> None:
        self.closure = closure
        self.view = Everything(closure)
        self.cut = False
        self._looked = self._seen = 0
        self._least: dict[Triple, int] = {}
        self._best: dict[Triple, tuple[int, str, tuple[Triple, ...]]] = {}
        self._ways: dict[Triple, list[tuple[str, tuple[Triple, ...]]]] = {}
        self._asserted: dict[Triple, bool] = {}

    def proof(self, triple: Triple) -> dict[Triple, tuple[str | None, tuple[Triple, ...]]] | None:
        """Return the steps of a shortest proof; None if the search was given up."""
        if self.closure.is_asserted(triple):
            return {triple: (None, ())}
        size, self._looked, self._seen, self.cut = 1, 0, 0, False
        try:
            while self._prove(triple, size) is None:
                size = max(size + 1, self._least[triple])
                if size > 40:
                    return None
        except _TooLongError:
            return None
        steps: dict[Triple, tuple[str | None, tuple[Triple, ...]]] = {}
        waiting = [triple]
        while waiting:
            one = waiting.pop()
            if one in steps:
                continue
            _, rule, premises = self._best.get(one, (0, None, ()))
            steps[one] = (rule, premises)
            waiting += premises
        return steps

    def _prove(self, triple: Triple, most: int) -> int | None:
        if self._is_asserted(triple):
            return 0
        best = self._best.get(triple)
        if best is not None and best[0] <= most:
            return best[0]
        if self._least.get(triple, 1) > most:
            return None
        for rule, premises in self._ways_to(triple):
            left = most - 1
            if sum(self._lower(premise) for premise in premises) > left:
                continue
            for premise in sorted(premises, key=self._lower, reverse=True):
                cost = self._prove(premise, left)
                if cost is None:
                    break
                left -= cost
            else:
                # On the way the triple itself may have been proved, and more cheaply: then that proof stays,
                # for this one may rest on it.
                best = self._best.get(triple)
                if best is None or best[0] > most - left:
                    best = self._best[triple] = (most - left, rule, premises)
                return best[0]
        self._least[triple] = most + 1
        return None

    def _lower(self, triple: Triple) -> int:
        if self._is_asserted(triple):
            return 0
        return self._least.get(triple, 1)

    def _is_asserted(self, triple: Triple) -> bool:
        known = self._asserted.get(triple)
        if known is None:
            known = self._asserted[triple] = self.closure.is_asserted(triple)
        return known

    def _ways_to(self, triple: Triple) -> list[tuple[str, tuple[Triple, ...]]]:
        ways = self._ways.get(triple)
        if ways is None:
            if self._looked >= _MOST_LOOKED_AT or self._seen >= _MOST_WAYS_IN_ALL:
                raise _TooLongError
            found = justifications(triple, self.view, equality=not self.view.plain)
            ways = self._ways[triple] = list(islice(found, _MOST_WAYS))
            self.cut |= len(ways) == _MOST_WAYS
            self._looked, self._seen = self._looked + 1, self._seen + len(ways)
            ways.sort(key=lambda way: (way[0], [_named(self.closure, premise) for premise in way[1]]))
        return ways


def _named(closure: Closure, triple: Triple) -> Name:
    names = closure.terms.names
    return names[triple[0]], names[triple[1]], names[triple[2]]


def _numbers(closure: Closure, triple: Name) -> Triple | None:
    found = [closure.terms.numbers.get(term) for term in triple]
    if any(number is None for number in found):
        return None
    s, p, o = (number for number in found if number is not None)
    return s, p, o


def explain(closure: Closure, triple: Name, search: Search | None = None) -> Proof | None:
    """Return a proof of a triple, the shortest if that can be told; None if it does not follow.

    The terms are written as N-Triples writes them. ``search`` is one over the same closure, for many proofs in a row.
    """
    numbers = _numbers(closure, triple)
    if numbers is None or not (closure.is_asserted(numbers) or closure.holds(numbers)):
        return None
    return _proof(closure, numbers, search)


def _proof(closure: Closure, triple: Triple, search: Search | None = None) -> Proof:
    search = search or Search(closure)
    found = search.proof(triple)
    shortest = found is not None and not search.cut
    steps = found if found is not None else Descent(closure).proof(triple)
    named = {
        _named(closure, one): Step(
            _named(closure, one), rule, tuple(_named(closure, premise) for premise in premises)
        )
        for one, (rule, premises) in steps.items()
    }
    return Proof(_named(closure, triple), named, shortest)


def one_step(closure: Closure, triple: Name, most: int = 100) -> list[Step]:
    """Return the different ways in which one application of a rule gives a triple; at most so many."""
    numbers = _numbers(closure, triple)
    if numbers is None:
        return []
    found: list[Step] = [Step(triple)] if closure.is_asserted(numbers) else []
    view = Everything(closure)
    ways = justifications(numbers, view, equality=not view.plain)
    steps = [
        Step(triple, rule, tuple(_named(closure, premise) for premise in premises))
        for rule, premises in islice(ways, most)
    ]
    return found + sorted(steps, key=lambda step: (step.rule or "", step.premises))


def explain_clash(closure: Closure, clash: Clash) -> Proof:
    """Return the proof of a contradiction: its last step's rule is one that concludes ``false``."""
    premises = _premises_of(closure, clash)
    steps: dict[Name, Step] = {}
    shortest = True
    for premise in premises:
        proof = _proof(closure, premise)
        shortest &= proof.shortest
        # A triple keeps its first proof, whose own parts then are all there; so no circle arises.
        steps = proof.steps | steps if _closed(steps, proof) else steps | proof.steps
    steps[FALSE] = Step(FALSE, clash.rule, tuple(_named(closure, premise) for premise in premises))
    return Proof(FALSE, steps, shortest)


def _closed(steps: dict[Name, Step], proof: Proof) -> bool:
    return not (steps.keys() & proof.steps.keys()) or all(
        steps[triple] == proof.steps[triple] for triple in steps.keys() & proof.steps.keys()
    )


def _premises_of(closure: Closure, clash: Clash) -> tuple[Triple, ...]:
    if clash.rule == "eq-diff1":
        (one, _, other), _ = clash.triples
        if one != other:
            return clash.triples
        for key in closure.asserted.get(_DIFFERENT, ()):
            left, right = int(key) >> 32, int(key) & 0xFFFFFFFF
            if closure.engine.facts.equality.same(left, right):
                return ((left, _SAME, right), (left, _DIFFERENT, right))
        return clash.triples
    if clash.rule == "dt-not-type":
        return clash.triples[:1]
    rule, view = RULE_BY_NAME[clash.rule], Everything(closure)
    patterns = [premise for premise in rule.premises if isinstance(premise, Pattern)]
    data = [pattern for pattern in patterns if pattern.p[0] == "?" or pattern.p == _TYPE_NAME]
    for bindings in _fits(data, clash.triples, {}, closure):
        for _, used, cells in islice(solve(rule.premises, bindings, view), 1):
            return (*(used[place] for place in sorted(used)), *cells)
    return clash.triples


_TYPE_NAME = next(name for name, number in Vocabulary.number.items() if number == _TYPE)


def _fits(
    patterns: list[Pattern], triples: tuple[Triple, ...], bindings: Bindings, closure: Closure
) -> list[Bindings]:
    """Return bindings that make the triples instances of as many patterns; the loosest last."""
    found: list[Bindings] = []
    if triples:
        for pattern in patterns:
            fixed = [term for term in pattern.terms if term[0] != "?"]
            if any(Vocabulary.number[term] not in triples[0] for term in fixed):
                continue
            merged = unify(pattern, triples[0], bindings)
            if merged is not None:
                rest = [other for other in patterns if other is not pattern]
                found += _fits(rest, triples[1:], merged, closure)
    return [*found, bindings]


@dataclass(frozen=True, slots=True)
class Missing:
    """A rule that would give a triple, if only one thing more were so; ``data`` if that is no axiom."""

    rule: str
    there: tuple[Name, ...]
    missing: str
    data: bool

    @property
    def terms(self) -> Name | None:
        """The terms of the missing triple, variables among them; None where a list or a condition is missing.

        >>> Missing("prp-spo1", (), '<http://e/a> <http://e/p> "two words"@en', True).terms
        ('<http://e/a>', '<http://e/p>', '"two words"@en')
        """
        found = _TERM.findall(self.missing)
        return (found[0], found[1], found[2]) if len(found) == 3 and " ".join(found) == self.missing else None


def why_not(closure: Closure, triple: Name, most: int = 10) -> list[Missing]:
    """Return the rules that come nearest to giving an absent triple: which premise of each is missing.

    Terms of the triple that nothing is said of are numbered for the search, and forgotten after it.
    """
    known = len(closure.terms)
    for term in triple:
        closure.terms.add(term)
    try:
        return _nearest(closure, triple, most)
    finally:
        closure.terms.forget(known)


def _nearest(closure: Closure, triple: Name, most: int) -> list[Missing]:
    numbers = _numbers(closure, triple)
    if numbers is None or closure.holds(numbers):
        return []
    view = Everything(closure)
    found: dict[Missing, None] = {}
    itself = " ".join(triple)
    for rule, bindings in heads(numbers, view):
        if rule.table == 4 or len(rule.premises) < 2:
            continue
        for place, premise in enumerate(rule.premises):
            rest = rule.premises[:place] + rule.premises[place + 1 :]
            if isinstance(premise, Condition) or not _anchored(rest, bindings):
                continue
            for bound, used, _ in islice(solve(rest, bindings, view), 3):
                said = _said(premise, bound, closure, view)
                if said == itself:  # as of a property that is below itself
                    continue
                there = tuple(_named(closure, used[number]) for number in sorted(used))
                data = isinstance(premise, Pattern) and not is_schema_pattern(premise)
                found[Missing(rule.name, there, said, data)] = None
    return sorted(found, key=lambda one: (not one.data, one.missing.count("?"), -len(one.there), one.rule))[:most]


def _anchored(premises: tuple[object, ...], bindings: Bindings) -> bool:
    patterns = [premise for premise in premises if isinstance(premise, Pattern)]
    heads_known = {premise.o for premise in patterns} | set(bindings)
    lists = [premise for premise in premises if isinstance(premise, ListPremise)]
    return bool(patterns) and all(part.head in heads_known for part in lists)


def _said(
    premise: Pattern | ListPremise | Condition, bindings: Bindings, closure: Closure, view: Everything
) -> str:
    if not isinstance(premise, Pattern):
        return str(premise)
    places = (place_of(term, bindings, view) for term in premise.terms)
    return " ".join(
        term if number is None else closure.terms.names[number]
        for term, number in zip(premise.terms, places, strict=True)
    )

"""Proofs by going back through the rounds of the engine: what a triple follows from is older than the triple."""

from __future__ import annotations

from itertools import islice

import numpy as np

from fundgraph.reason.closure import Closure
from fundgraph.reason.justify import Justification, justifications
from fundgraph.reason.solve import Triple
from fundgraph.reason.terms import Vocabulary
from fundgraph.reason.views import Earlier

__all__ = ["Descent"]

_SAME = Vocabulary.id("owl:sameAs")
_LOW = np.int64(0xFFFFFFFF)
Steps = dict[Triple, tuple[str | None, tuple[Triple, ...]]]
#: So many ways are compared before the one over the oldest triples is taken; fewer where the proof has grown long.
_COMPARED, _COMPARED_LATER = 16, 2
_LONG = 32
_FOREVER = 1 << 30


class Descent:
    """Builds one proof, triple by triple."""

    def __init__(self, closure: Closure) -> None:
        self._closure = closure
        self._facts = closure.engine.facts
        self._steps: Steps = {}
        self._waiting: list[tuple[Triple, int]] = []

    def proof(self, triple: Triple) -> Steps:
        """Return the steps of a proof of a triple that holds."""
        self._waiting = [(triple, _FOREVER)]
        while self._waiting:
            one, before = self._waiting.pop()
            if one not in self._steps:
                self._prove(one, before)
        return self._steps

    def _step(self, triple: Triple, rule: str | None, premises: tuple[Triple, ...], before: int) -> None:
        self._steps[triple] = (rule, premises)
        self._waiting += [(premise, before) for premise in premises]

    def _prove(self, triple: Triple, before: int) -> None:
        if self._closure.is_asserted(triple):
            self._step(triple, None, (), before)
        elif triple[1] == _SAME:
            self._prove_same(triple, before)
        else:
            time = self._time(triple)
            if time is None:
                origin = self._origin(self._closure.standing(triple), before)
                if origin == triple:  # that it is a thing, which is not written down
                    self._step(triple, *self._best(triple, before), before)
                else:
                    self._rename(triple, origin, before)
                return
            origin = self._origin(triple, time)
            if origin != triple:
                self._rename(triple, origin, max(time, 1))
            else:
                self._step(triple, *self._best(triple, time), time)

    def _time(self, triple: Triple) -> int | None:
        """Return when a triple came in, as it is written, whether or not it was rewritten later."""
        table = self._facts.table(triple[1])
        key = triple[0] << 32 | triple[2]
        found = None if table is None else table.time(key)
        if found is not None:
            return found
        for past in self._closure.engine.rewritings:
            if past.old_p == triple[1]:
                place = np.flatnonzero(past.old_keys == key)
                if len(place):
                    return int(past.old_times[place[0]])
        return None

    def _best(self, triple: Triple, time: int) -> Justification:
        view = Earlier(self._closure, time)
        most = _COMPARED if len(self._steps) < _LONG else _COMPARED_LATER
        ways = list(islice(justifications(triple, view, equality=False), most))
        if not ways:
            raise LookupError(f"no rule gives {triple} at {time}")
        return min(ways, key=lambda way: sum(self._time(premise) or 0 for premise in way[1]))

    # ── other names ─────────────────────────────────────────────────────────────────────────────────────────

    def _rename(self, triple: Triple, standing: Triple, before: int) -> None:
        """Prove a triple from one that says the same of other names, a place at a time."""
        now = triple
        for place, rule in ((0, "eq-rep-s"), (1, "eq-rep-p"), (2, "eq-rep-o")):
            if now[place] == standing[place]:
                continue
            former = (*now[:place], standing[place], *now[place + 1 :])
            other: Triple = (former[0], former[1], former[2])
            if now != triple and self._stands_alone(now, before):
                return
            self._step(now, rule, ((standing[place], _SAME, now[place]), other), before)
            now = other

    def _stands_alone(self, triple: Triple, before: int) -> bool:
        """Tell whether a triple on the way is proved already, or can be for itself; then it is left to that."""
        if triple in self._steps or self._closure.is_asserted(triple):
            return True
        time = self._time(triple)
        return time is not None and time < before

    def _origin(self, triple: Triple, before: int) -> Triple:
        """Return the triple that one was before all renaming: an asserted one, or one that a rule gave."""
        time = self._time(triple)
        while time is not None and not self._closure.is_asserted(triple):
            asserted = self._asserted_as(triple, min(time, before))
            if asserted is not None:
                return asserted
            older = self._rewritten_from(triple, time)
            if older is None:
                break
            triple, time = older, self._time(older)
        return triple

    def _asserted_as(self, triple: Triple, time: int) -> Triple | None:
        """Return an asserted triple over names that were the same as these before a time."""
        terms, equality = self._closure.terms, self._facts.equality
        if not equality and not terms.varied:
            return None
        standing = self._closure.standing(triple)
        for p in equality.members(triple[1]):
            keys = self._closure.asserted.get(p)
            if keys is None:
                continue
            for member in equality.members(triple[0]):
                for s in terms.forms(member):
                    start, end = keys.searchsorted(np.array([s << 32, (s + 1) << 32], dtype=np.int64))
                    for o in (keys[start:end] & _LOW).tolist():
                        other = (s, p, int(o))
                        if self._closure.standing(other) == standing and all(
                            self._known(one, two, time) for one, two in zip(other, triple, strict=True)
                        ):
                            return other
        return None

    def _known(self, one: int, other: int, time: int) -> bool:
        """Tell whether two names were the same before a time (asserted ones always were)."""
        canonical = self._closure.terms.canonical()
        path = self._facts.equality.path(int(canonical[one]), int(canonical[other]))
        return all(edge < time or edge == 0 for _, _, edge in path)

    def _rewritten_from(self, triple: Triple, time: int) -> Triple | None:
        key = triple[0] << 32 | triple[2]
        for past in self._closure.engine.rewritings:
            if past.time == time and past.new_p == triple[1]:
                place = np.flatnonzero(past.new_keys == key)
                if len(place):
                    old = int(past.old_keys[place[0]])
                    return (old >> 32, past.old_p, old & 0xFFFFFFFF)
        return None

    # ── same things ─────────────────────────────────────────────────────────────────────────────────────────

    def _prove_same(self, triple: Triple, before: int) -> None:
        left, _, right = triple
        if left == right:
            self._step(triple, "eq-ref", (), before)
            return
        canonical = self._closure.terms.canonical()
        one, other = int(canonical[left]), int(canonical[right])
        if (one, other) != (left, right):
            self._prove_same_values(triple, one, other, before)
            return
        path = self._facts.equality.path(left, right)
        if len(path) > 1:
            self._along([left, *(edge[1] for edge in path)], before)
            return
        turned = (right, _SAME, left)
        if self._closure.is_asserted(turned):
            self._step(triple, "eq-sym", (turned,), before)
            return
        ((_, _, time),) = path
        for way, made in ((triple, False), (turned, True)):
            found = next(justifications(way, Earlier(self._closure, time), equality=False), None)
            if found is not None:
                if made:
                    self._step(triple, "eq-sym", (turned,), before)
                self._step(way, found[0], found[1], time)
                return
        self._same_as_asserted(triple, time)

    def _along(self, terms: list[int], before: int) -> None:
        """Prove that the first and the last of terms are the same, each of which was found so with the next."""
        waiting = [(0, len(terms) - 1)]
        while waiting:
            first, last = waiting.pop()
            whole = (terms[first], _SAME, terms[last])
            if whole in self._steps:
                continue
            if self._closure.is_asserted(whole) or last - first == 1:
                self._waiting.append((whole, before))
                continue
            middle = (first + last) // 2
            halves = ((terms[first], _SAME, terms[middle]), (terms[middle], _SAME, terms[last]))
            self._steps[whole] = ("eq-trans", halves)
            waiting += [(first, middle), (middle, last)]

    def _prove_same_values(self, triple: Triple, one: int, other: int, before: int) -> None:
        left, _, right = triple
        if one == other:
            self._step(triple, "dt-eq", (), before)
        elif one != left:
            self._step(triple, "eq-trans", ((left, _SAME, one), (one, _SAME, right)), before)
        else:
            self._step(triple, "eq-trans", ((left, _SAME, other), (other, _SAME, right)), before)

    def _same_as_asserted(self, triple: Triple, time: int) -> None:
        """Prove an asserted statement of sameness over other ways of writing its literals."""
        terms = self._closure.terms
        for left in terms.forms(triple[0]):
            for right in terms.forms(triple[2]):
                if self._closure.is_asserted((left, _SAME, right)):
                    middle = (left, _SAME, triple[2])
                    self._step(triple, "eq-trans", ((triple[0], _SAME, left), middle), time)
                    self._step(middle, "eq-trans", ((left, _SAME, right), (right, _SAME, triple[2])), time)
                    return
        raise LookupError(f"nothing says that {triple} at {time}")

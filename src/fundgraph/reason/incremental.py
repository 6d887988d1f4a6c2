"""Keeping a closure up to date: delete and rederive.

What follows from what is taken out is taken out too, as far as that reaches; then what still follows from the rest
is put back, and the rounds go on from there.

Facts are kept of representatives, so it cannot be seen of which of several same things one was said. Where a fact
that goes may have had a part in making things the same, their whole class is taken apart: all that is said of it goes,
what is asserted of its members comes back under their own names, and the rounds unite again what still is the same.
Where the ontology itself is touched, or too much would have to be looked at, the closure is made anew, which gives the
same, only slower.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from fundgraph.reason.compile import BASE, is_schema
from fundgraph.reason.engine import Engine
from fundgraph.reason.facts import Facts
from fundgraph.reason.justify import justifications
from fundgraph.reason.output import Output
from fundgraph.reason.rewrite import Rewriting
from fundgraph.reason.table import Mask, contains, pack, sorted_unique, union, unpack
from fundgraph.reason.terms import LITERAL, Ids, Vocabulary

__all__ = ["retract"]

#: If more than this would have to be looked at again one by one, making the closure anew is faster.
MOST_RETRACTED = 3000
#: So many names for what is taken out are looked for among what is asserted.
MOST_NAMED = 200_000
_SAME = Vocabulary.id("owl:sameAs")
_LOW = 0xFFFFFFFF
_NONE = np.zeros(0, dtype=np.int64)


class _TooFarError(Exception):
    """What is taken out reaches further than is worth following, or where it cannot be followed."""


def retract(engine: Engine, rows: dict[int, Ids], asserted: dict[int, Ids]) -> bool:
    """Take pairs out of a closure, with all that no longer follows; tell whether that could be done.

    ``asserted`` are the (canonical) pairs that stay asserted. If the answer is no, nothing has changed.
    """
    if engine.clashes or engine.identity:
        return False
    reach = _Reach(engine, asserted)
    try:
        reach.follow(rows)
        back = reach.asserted_again()
    except _TooFarError:
        return False
    facts, doomed = engine.facts, reach.doomed
    same = reach.same_again()
    engine.rewritings = _without(engine.rewritings, doomed, facts.equality.mapping(len(engine.terms)))
    for p, keys in doomed.items():
        facts.tables[p].remove(keys)
        if p | BASE in facts.tables:
            facts.tables[p | BASE].remove(keys)
    for standing in reach.apart:
        facts.equality.dissolve(standing)
    for p, keys in doomed.items():
        # Of things that came apart nothing follows but from what is asserted of them, which the rounds begin with.
        left = keys if not reach.apart else keys[~reach.mentions(keys, reach.apart)]
        found = [
            key
            for key in left.tolist()
            if next(justifications((key >> 32, p, key & _LOW), facts, equality=False), None) is not None
        ]
        if found:
            back[p] = union(back.get(p, _NONE), np.array(found, dtype=np.int64))
    engine.resume(back, same)
    return True


class _Reach:
    """How far the consequences of some pairs reach: the pairs that go, and the classes that come apart."""

    def __init__(self, engine: Engine, asserted: dict[int, Ids]) -> None:
        self.doomed: dict[int, Ids] = {}
        #: The representatives of classes that come apart.
        self.apart: set[int] = set()
        self._engine = engine
        self._facts: Facts = engine.facts
        self._asserted = asserted
        self._classes = {standing for standing, _ in self._facts.equality.classes()}

    def follow(self, rows: dict[int, Ids]) -> None:
        """Find all that goes with some pairs. Raises :class:`_TooFarError`."""
        delta, loose = self._standing(rows)
        while delta or loose:
            for standing in loose:
                self.apart.add(standing)
                for p, keys in self._said_of(standing).items():
                    delta[p] = union(delta.get(p, _NONE), keys)
            delta = {p: keys[~contains(self.doomed.get(p, _NONE), keys)] for p, keys in delta.items()}
            self._doom(delta)
            out = Output(self._facts, known=True)
            for p, keys in delta.items():
                self._engine.run_delta(p, keys, out)
                base = self._facts.tables.get(p | BASE)
                self._engine.run_delta(p | BASE, keys if base is None else keys[base.has(keys)], out)
            delta, loose = self._followed(out), self._loosened(out.same())

    def _standing(self, rows: dict[int, Ids]) -> tuple[dict[int, Ids], set[int]]:
        """Return pairs as the facts have them, and the classes that they say are one."""
        equality = self._facts.equality
        mapping = equality.mapping(len(self._engine.terms))
        delta = {}
        for p, keys in rows.items():
            s, o = unpack(keys)
            if p != _SAME:
                self._is_alone(p)
                delta[p] = sorted_unique(pack(mapping[s], mapping[o]))
        same = rows.get(_SAME)
        return delta, set() if same is None else self._loosened(mapping[same >> np.int64(32)] << np.int64(32))

    def _is_alone(self, p: int) -> None:
        if len(self._facts.equality.members(p)) > 1:
            raise _TooFarError  # a property that is the same as others

    def _doom(self, delta: dict[int, Ids]) -> None:
        for p, keys in delta.items():
            self._is_alone(p)
            if any(is_schema(key >> 32, p, key & _LOW) for key in keys.tolist()):
                raise _TooFarError
            self.doomed[p] = union(self.doomed.get(p, _NONE), keys)
        if sum(map(len, self.doomed.values())) > MOST_RETRACTED:
            raise _TooFarError

    def _followed(self, out: Output) -> dict[int, Ids]:
        """Return the pairs that one application of a rule gives, and that do not stand for themselves."""
        delta = {}
        for p, (keys, absorbed) in out.collected():
            table = self._facts.table(p)
            if table is None:
                continue
            found = keys if absorbed is None else sorted_unique(np.concatenate([keys, absorbed]))
            found = found[table.has(found) & ~contains(self.doomed.get(p, _NONE), found)]
            stands = contains(self._asserted.get(p, _NONE), found)
            if stands.any() and self._classes:
                # Asserted of one name, it may have been needed of another.
                stands &= ~self.mentions(found, self._classes)
            if not stands.all():
                delta[p] = found[~stands]
        return delta

    @staticmethod
    def mentions(keys: Ids, terms: Iterable[int]) -> Mask:
        """Tell which pairs name one of some terms."""
        known = np.array(sorted(terms), dtype=np.int64)
        s, o = unpack(keys)
        return contains(known, s) | contains(known, o)

    def _loosened(self, same: Ids) -> set[int]:
        """Return the classes of more than one that pairs of same things had a part in."""
        return ({key >> 32 for key in same.tolist()} & self._classes) - self.apart

    def _said_of(self, standing: int) -> dict[int, Ids]:
        """Return all that is said of a class."""
        facts, terms = self._facts, self._engine.terms
        for member in facts.equality.members(standing):
            if member < terms.own or terms.kind(member) == LITERAL or facts.count(None, member, None):
                raise _TooFarError
        if facts.count(standing, None, None) + facts.count(None, None, standing) > MOST_RETRACTED:
            raise _TooFarError
        found: dict[int, list[int]] = {}
        for pattern in ((standing, None, None), (None, None, standing)):
            for s, p, o in facts.match(*pattern):
                found.setdefault(p, []).append(s << 32 | o)
        return {p: sorted_unique(np.array(keys, dtype=np.int64)) for p, keys in found.items()}

    def asserted_again(self) -> dict[int, Ids]:
        """Return what is asserted, under whatever names, of what goes. Raises :class:`_TooFarError`."""
        members, looked_for = self._facts.equality.members, 0
        back: dict[int, Ids] = {}
        for p, keys in self.doomed.items() if self._classes else ():
            asserted = self._asserted.get(p)
            if asserted is None:
                continue
            found = []
            for key in keys[self.mentions(keys, self._classes)].tolist():
                subjects, values = (np.array(members(term), dtype=np.int64) for term in (key >> 32, key & _LOW))
                looked_for += len(subjects) * len(values)
                if looked_for > MOST_NAMED:
                    raise _TooFarError
                named = pack(np.repeat(subjects, len(values)), np.tile(values, len(subjects)))
                found.append(named[contains(asserted, named)])
            if found:
                back[p] = sorted_unique(np.concatenate(found))
        return back

    def same_again(self) -> Ids | None:
        """Return what is asserted to be the same among the members of classes that come apart."""
        same = self._asserted.get(_SAME)
        if same is None or not self.apart:
            return None
        members = [member for standing in self.apart for member in self._facts.equality.members(standing)]
        found: Ids = same[self.mentions(same, members)]
        return found


def _without(rewritings: list[Rewriting], doomed: dict[int, Ids], mapping: Ids) -> list[Rewriting]:
    """Return the record of what was rewritten, without what goes."""
    kept = []
    for past in rewritings:
        gone = doomed.get(int(mapping[past.new_p]))
        if gone is not None:
            s, o = unpack(past.old_keys)
            stays = ~contains(gone, pack(mapping[s], mapping[o]))
            if not stays.all():
                new = past.new_keys[stays]
                past = replace(
                    past, old_keys=past.old_keys[stays], old_times=past.old_times[stays], new_keys=new,
                    new_keys_sorted=sorted_unique(new),
                )  # fmt: skip
        if len(past.old_keys):
            kept.append(past)
    return kept

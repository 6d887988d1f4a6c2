"""Views of a closure for explanation: with all names of same things, and as it was at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, islice, product

import numpy as np

from fundgraph.reason.closure import Closure
from fundgraph.reason.facts import column, pairs
from fundgraph.reason.solve import Triple
from fundgraph.reason.terms import Ids, Vocabulary

__all__ = ["Earlier", "Everything"]

_SAME = Vocabulary.id("owl:sameAs")
#: What a pattern matches is kept if it is no more than so many triples: the rules ask for the same few again and again.
_FEW = 64


class Everything:
    """All triples of a closure, said of each of several names of the same thing."""

    def __init__(self, closure: Closure) -> None:
        self.closure = closure
        self.terms = closure.terms
        self._facts = closure.engine.facts
        #: Whether nothing is the same as anything else, which makes all simpler.
        self.plain = not self._facts.equality and not self.terms.varied
        self._names: dict[int, list[int]] = {}
        self._found: dict[int, int] = {}
        self._kept: dict[tuple[int | None, int | None, int | None], list[Triple]] = {}
        self._counts: dict[tuple[int | None, int | None, int | None], int] = {}

    def rep(self, term: int) -> int:
        """Return the term itself: here all names stand for themselves."""
        return term

    def names(self, term: int) -> list[int]:
        """Return all names of a thing, and all ways of writing a literal."""
        if self.plain:
            return [term]
        standing = self._standing(term)
        found = self._names.get(standing)
        if found is None:
            members = self._facts.equality.members(standing)
            found = self._names[standing] = [form for member in members for form in self.terms.forms(member)]
        return found

    def _standing(self, term: int) -> int:
        standing = self._found.get(term)
        if standing is None:
            standing = self._found[term] = self._facts.rep(int(self.terms.canonical()[term]))
        return standing

    def match(self, s: int | None, p: int | None, o: int | None) -> Iterable[Triple]:
        """Return the triples with these terms; None stands for any."""
        kept = self._kept.get((s, p, o))
        if kept is not None:
            return kept
        found = self._match(s, p, o)
        first = list(islice(found, _FEW + 1))
        if len(first) > _FEW:  # one that asks may want no more than the first of very many
            return chain(first, found)
        self._kept[s, p, o] = first
        return first

    def _match(self, s: int | None, p: int | None, o: int | None) -> Iterator[Triple]:
        if p == _SAME:
            yield from self._same(s, o)
            return
        if self.plain:
            yield from self._facts.match(s, p, o)
            return
        standing = [None if term is None else self._standing(term) for term in (s, p, o)]
        for triple in self._facts.match(*standing):
            choices = [
                [given] if given is not None else self.names(found)
                for given, found in zip((s, p, o), triple, strict=True)
            ]
            yield from ((one, two, three) for one, two, three in product(*choices))

    def column(self, s: int | None, p: int, o: int | None) -> Ids | None:
        """Return the terms in the one place that is None, sorted; None where things have several names."""
        return self._facts.column(s, p, o) if self.plain else None

    def _same(self, s: int | None, o: int | None) -> Iterator[Triple]:
        if s is not None and o is not None:
            if self._standing(s) == self._standing(o):
                yield s, _SAME, o
        elif s is not None:
            yield from ((s, _SAME, name) for name in self.names(s))
        elif o is not None:
            yield from ((name, _SAME, o) for name in self.names(o))
        else:
            for _, members in self._facts.equality.classes():
                yield from ((one, _SAME, two) for one in members for two in members if one != two)

    def count(self, s: int | None, p: int | None, o: int | None) -> int:
        """Return about how many triples have these terms."""
        count = self._counts.get((s, p, o))
        if count is None:
            count = self._counts[s, p, o] = self._count(s, p, o)
        return count

    def _count(self, s: int | None, p: int | None, o: int | None) -> int:
        if p is None:  # to count them in the tables of all properties takes longer than it ever saves
            return 1 << 29
        if p == _SAME:
            if s is not None and o is not None:
                return int(self._standing(s) == self._standing(o))
            given = s if s is not None else o
            return 1 << 30 if given is None else len(self.names(given))
        if self.plain:
            return self._facts.count(s, p, o)
        standing = [None if term is None else self._standing(term) for term in (s, p, o)]
        return self._facts.count(*standing)


class Earlier:
    """The triples that the engine saw in one round: those of earlier rounds, as they were written then."""

    def __init__(self, closure: Closure, time: int) -> None:
        self.terms = closure.terms
        self.time = time
        self._facts = closure.engine.facts
        self._gone = [past for past in closure.engine.rewritings if past.time >= time]

    def rep(self, term: int) -> int:
        """Return the term itself; the terms of the rules stand for all others."""
        return term

    def match(self, s: int | None, p: int | None, o: int | None) -> Iterator[Triple]:
        """Yield the triples with these terms; None stands for any."""
        if p == _SAME:
            if s is not None and o in (None, s):
                yield s, _SAME, s
            elif s is None and o is not None:
                yield o, _SAME, o
            return
        for known in self._facts.properties() if p is None else (p,):
            table = self._facts.tables.get(known)
            for subject, value in pairs(table, s, o) if table is not None else ():
                time = table.time(subject << 32 | value) if table is not None else None
                if time is not None and time < self.time:
                    yield subject, known, value
        for past in self._gone:
            if p is not None and p != past.old_p:
                continue
            keep = past.old_times < self.time
            if s is not None:
                keep &= past.old_keys >> np.int64(32) == s
            if o is not None:
                keep &= past.old_keys & np.int64(0xFFFFFFFF) == o
            for key in past.old_keys[keep].tolist():
                yield key >> 32, past.old_p, key & 0xFFFFFFFF

    def column(self, s: int | None, p: int, o: int | None) -> Ids | None:
        """Return the terms in the one place that is None, later ones too; None where the property was rewritten."""
        table = self._facts.tables.get(p)
        if table is None or p == _SAME or any(past.old_p == p for past in self._gone):
            return None
        return column(table, s, o)

    def count(self, s: int | None, p: int | None, o: int | None) -> int:
        """Return about how many triples have these terms."""
        if p == _SAME:
            return 1
        gone = sum(len(past.old_keys) for past in self._gone if p in (None, past.old_p)) if self._gone else 0
        return self._facts.count(s, p, o) + gone

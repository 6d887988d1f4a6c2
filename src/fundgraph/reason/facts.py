"""The facts of a closure: tables by property, over representatives; and views of them.

A view answers ``match`` with triples. :class:`Facts` itself is the view over representatives as of now.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from fundgraph.reason.compile import BASE
from fundgraph.reason.equality import Equality
from fundgraph.reason.solve import Triple
from fundgraph.reason.table import Table
from fundgraph.reason.terms import Ids, Terms, Vocabulary

__all__ = ["Facts"]

_SAME = Vocabulary.id("owl:sameAs")
_LOW = 0xFFFFFFFF


class Facts:
    """Tables of pairs by property, over the representatives of same things."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.tables: dict[int, Table] = {}
        self.equality = Equality(self._rank, lambda term: terms.value(term) is not None)

    def _rank(self, term: int) -> tuple[int, str]:
        # The terms of the rules stand for others, IRIs for blank nodes, and these for literals; by their names,
        # so that the order of the input does not matter.
        return (-1 if term < self.terms.own else self.terms.kind(term), self.terms.names[term])

    def table(self, p: int) -> Table | None:
        """Return the table of a property, None if it has none."""
        return self.tables.get(p)

    def rep(self, term: int) -> int:
        """Return the term that stands for all that are the same as this one."""
        return self.equality.find(term)

    def properties(self) -> list[int]:
        """Return all properties that have pairs."""
        return [p for p, table in self.tables.items() if p < BASE and len(table)]

    def __len__(self) -> int:
        return sum(len(table) for p, table in self.tables.items() if p < BASE)

    def match(self, s: int | None, p: int | None, o: int | None) -> Iterator[Triple]:
        """Yield the triples with these terms; None stands for any."""
        for known in self.properties() if p is None else (p,):
            table = self.tables.get(known)
            if table is not None and known != _SAME:
                for subject, value in pairs(table, s, o):
                    yield subject, known, value

    def column(self, s: int | None, p: int, o: int | None) -> Ids | None:
        """Return the terms in the one place that is None, sorted."""
        table = self.tables.get(p)
        return None if table is None or p == _SAME else column(table, s, o)

    def count(self, s: int | None, p: int | None, o: int | None) -> int:
        """Return how many triples have these terms."""
        if p is None:
            return sum(self.count(s, known, o) for known in self.properties())
        table = self.tables.get(p)
        return 0 if table is None or p == _SAME else count_pairs(table, s, o)


def column(table: Table, s: int | None, o: int | None) -> Ids:
    """Return the values of a subject, or the subjects of a value, sorted."""
    first = s if s is not None else o
    if first is None:
        raise ValueError("one place is to be known")
    found = [_slice(part, first) & _LOW for part in (table.parts if s is not None else table.turned)]
    return np.sort(np.concatenate(found)) if len(found) > 1 else found[0]


def pairs(table: Table, s: int | None, o: int | None) -> Iterator[tuple[int, int]]:
    """Yield the pairs of a table with this subject, this value, both or neither."""
    if s is not None and o is not None:
        if table.time(s << 32 | o) is not None:
            yield s, o
    elif s is not None:
        for part in table.parts:
            for key in _slice(part, s).tolist():
                yield s, key & _LOW
    elif o is not None:
        for part in table.turned:
            for key in _slice(part, o).tolist():
                yield key & _LOW, o
    else:
        for part in table.parts:
            for start in range(0, len(part), 1024):
                for key in part[start : start + 1024].tolist():
                    yield key >> 32, key & _LOW


def count_pairs(table: Table, s: int | None, o: int | None) -> int:
    """Return how many pairs of a table have this subject, this value, both or neither."""
    if s is not None and o is not None:
        return int(table.time(s << 32 | o) is not None)
    if s is not None:
        return sum(len(_slice(part, s)) for part in table.parts)
    if o is not None:
        return sum(len(_slice(part, o)) for part in table.turned)
    return len(table)


def _slice(part: Ids, first: int) -> Ids:
    start, end = part.searchsorted(np.array([first << 32, (first + 1) << 32], dtype=np.int64))
    return part[start:end]

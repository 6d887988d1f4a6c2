"""Things that are the same: union–find with representatives, and the reasons for each union.

The unions form a forest (the proof forest of Nieuwenhuis and Oliveras): between two same things lies one path, and
each of its edges was a sameAs statement that was asserted or followed from a rule at a known time. So a proof that
two things are the same needs no search, and nothing is stored for the n² statements that follow from n things.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from fundgraph.reason.terms import Ids

__all__ = ["Equality"]


class _Class:
    __slots__ = ("known", "members", "representative")

    def __init__(self, term: int, *, known: bool) -> None:
        self.members = [term]
        self.representative = term
        self.known = term if known else None


class Equality:
    """Classes of same things; the representative of a class is the least by ``rank``.

    ``known`` tells whether a term is a literal whose value is known: of those a class can have but one.
    """

    def __init__(self, rank: Callable[[int], tuple[int, str]], known: Callable[[int], bool]) -> None:
        self._rank = rank
        self._known = known
        #: Two literals of different values that were made the same; a contradiction.
        self.clash: tuple[int, int] | None = None
        self._class: dict[int, _Class] = {}
        self._edges: dict[int, dict[int, int]] = {}

    def __bool__(self) -> bool:
        return bool(self._class)

    def find(self, term: int) -> int:
        """Return the representative of a term."""
        found = self._class.get(term)
        return term if found is None else found.representative

    def members(self, term: int) -> list[int]:
        """Return all terms that are the same as this one, itself included."""
        found = self._class.get(term)
        return [term] if found is None else found.members

    def classes(self) -> Iterator[tuple[int, list[int]]]:
        """Yield the representative and the members of each class of more than one."""
        for term, found in self._class.items():
            if term == found.representative:
                yield term, found.members

    def same(self, left: int, right: int) -> bool:
        """Tell whether two terms are the same."""
        return self.find(left) == self.find(right)

    def unite(self, left: int, right: int, time: int) -> bool:
        """Make two terms the same; tell whether they were not so before."""
        first, second = self._class_of(left), self._class_of(right)
        if first is second:
            return False
        self._edges.setdefault(left, {})[right] = time
        self._edges.setdefault(right, {})[left] = time
        representative = min(first.representative, second.representative, key=self._rank)
        if len(first.members) < len(second.members):
            first, second = second, first
        if first.known is None:
            first.known = second.known
        elif second.known is not None:
            self.clash = (first.known, second.known)
        first.members += second.members
        first.representative = representative
        for term in second.members:
            self._class[term] = first
        return True

    def dissolve(self, term: int) -> None:
        """Let each member of a term's class be one thing by itself again."""
        for member in self.members(term):
            self._class.pop(member, None)
            self._edges.pop(member, None)

    def _class_of(self, term: int) -> _Class:
        found = self._class.get(term)
        if found is None:
            found = self._class[term] = _Class(term, known=self._known(term))
        return found

    def path(self, left: int, right: int) -> list[tuple[int, int, int]]:
        """Return the edges (from, to, time) that lead from one term to another that is the same."""
        if right in self._edges.get(left, ()):
            return [(left, right, self._edges[left][right])]
        seen: dict[int, int] = {left: left}
        waiting = [left]
        for term in waiting:
            if term == right:
                break
            for other in self._edges.get(term, ()):
                if other not in seen:
                    seen[other] = term
                    waiting.append(other)
        path: list[tuple[int, int, int]] = []
        while right != left:
            before = seen[right]
            path.append((before, right, self._edges[before][right]))
            right = before
        return path[::-1]

    def mapping(self, count: int) -> Ids:
        """Return the representative of each of ``count`` terms."""
        found = np.arange(count, dtype=np.int64)
        if self._class:
            changed = np.fromiter(self._class, np.int64, len(self._class))
            found[changed] = np.fromiter(
                (members.representative for members in self._class.values()), np.int64, len(changed)
            )
        return found

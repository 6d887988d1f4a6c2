"""One property's pairs, as sorted arrays of numbers.

A pair is one 64-bit number, the subject in its upper half; sorted, it is an index by subject. The same pairs
turned round are the index by value, made when first asked for. What is added lately lies in a small part of its
own, which is merged into the large one when it has grown, so that adding little costs little.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fundgraph.reason.terms import Ids

__all__ = [
    "Mask", "Table", "Times", "contains", "expand", "pack", "places_in", "sorted_unique", "turn", "union", "unpack", "with_more",
]  # fmt: skip

_LOW = np.int64(0xFFFFFFFF)
_SHIFT = np.int64(32)
Times = NDArray[np.int32]
Mask = NDArray[np.bool_]
_NO_IDS = np.zeros(0, dtype=np.int64)
_NO_TIMES = np.zeros(0, dtype=np.int32)
#: From so many on, look-ups in a large array are worth sorting.
_MANY = 20_000


def pack(s: Ids, o: Ids) -> Ids:
    """Return pairs as single numbers."""
    return (s << _SHIFT) | o


def unpack(keys: Ids) -> tuple[Ids, Ids]:
    """Return the two columns of pairs."""
    return keys >> _SHIFT, keys & _LOW


def turn(keys: Ids) -> Ids:
    """Return pairs turned round, sorted."""
    turned = (keys << _SHIFT) | (keys >> _SHIFT)
    turned.sort()
    return turned


def sorted_unique(keys: Ids) -> Ids:
    """Return numbers sorted, each once; what is sorted already costs one look."""
    if len(keys) < 2:
        return keys
    steps = keys[1:] > keys[:-1]
    if steps.all():
        return keys
    keys = np.sort(keys)
    keep = np.empty(len(keys), dtype=np.bool_)
    keep[0] = True
    np.not_equal(keys[1:], keys[:-1], out=keep[1:])
    return keys if keep.all() else keys[keep]


def union(left: Ids, right: Ids) -> Ids:
    """Return the numbers of two sorted arrays, each once."""
    if not len(left) or not len(right):
        return left if len(left) else right
    return sorted_unique(np.concatenate([left, right]))


def with_more(part: Ids, keys: Ids) -> Ids:
    """Return a sorted array with a few more numbers, sorted too, that are not in it yet."""
    return np.insert(part, np.searchsorted(part, keys), keys) if len(keys) else part


def places_in(part: Ids, keys: Ids) -> Ids:
    """Return where in a sorted array some numbers stand that are in it; those that are not are passed over."""
    place = np.searchsorted(part, keys)
    place = place[place < len(part)] if len(part) else place[:0]
    return place[contains(keys, part[place])]


def contains(part: Ids, keys: Ids) -> Mask:
    """Tell for each number whether it is in a sorted array."""
    if not len(part):
        return np.zeros(len(keys), dtype=np.bool_)
    place = np.searchsorted(part, keys)
    place[place == len(part)] = 0
    found: Mask = part[place] == keys
    return found


def expand(part: Ids, firsts: Ids) -> tuple[Ids, Ids]:
    """Join numbers with the upper halves of sorted pairs.

    Returns, for each match, the place of the number in ``firsts`` and the lower half of the pair.
    """
    if len(firsts) > _MANY and len(firsts) * 4 > len(part):
        return _expand_large(part, firsts)
    low = firsts << _SHIFT
    start = np.searchsorted(part, low)
    end = np.searchsorted(part, low | _LOW, side="right")
    return _rows(part, start, end)


def _expand_large(part: Ids, firsts: Ids) -> tuple[Ids, Ids]:
    # One look-up for each different number, in order, is kinder to the caches than one for each row.
    upper = part >> _SHIFT
    keep = np.empty(len(upper), dtype=np.bool_)
    keep[:1] = True
    np.not_equal(upper[1:], upper[:-1], out=keep[1:])
    starts = np.flatnonzero(keep)
    if not len(starts):
        return _NO_IDS, _NO_IDS
    heads = upper[starts]
    ends = np.append(starts[1:], len(upper))
    place = np.searchsorted(heads, firsts)
    place[place == len(heads)] = 0
    found = heads[place] == firsts
    start = np.where(found, starts[place], 0)
    end = np.where(found, ends[place], 0)
    return _rows(part, start, end)


def _rows(part: Ids, start: Ids, end: Ids) -> tuple[Ids, Ids]:
    counts = end - start
    total = int(counts.sum())
    if not total:
        return _NO_IDS, _NO_IDS
    rows = np.repeat(np.arange(len(counts), dtype=np.int64), counts)
    offsets = np.cumsum(counts) - counts
    places = np.arange(total, dtype=np.int64) + np.repeat(start - offsets, counts)
    return rows, part[places] & _LOW


class Table:
    """A set of pairs with the time at which each came in."""

    __slots__ = ("_large", "_large_os", "_large_times", "_small", "_small_os", "_small_times")

    def __init__(self, keys: Ids = _NO_IDS, time: int = 0, times: Times | None = None) -> None:
        self._large = keys
        self._large_times = np.full(len(keys), time, dtype=np.int32) if times is None else times
        self._small, self._small_times = _NO_IDS, _NO_TIMES
        self._large_os: Ids | None = None
        self._small_os: Ids | None = None

    def __len__(self) -> int:
        return len(self._large) + len(self._small)

    @property
    def parts(self) -> tuple[Ids, ...]:
        """The sorted pairs, in one or two arrays."""
        return (self._large, self._small) if len(self._small) else (self._large,)

    @property
    def turned(self) -> tuple[Ids, ...]:
        """The pairs turned round, in one or two sorted arrays."""
        if self._large_os is None:
            self._large_os = turn(self._large)
        if not len(self._small):
            return (self._large_os,)
        if self._small_os is None:
            self._small_os = turn(self._small)
        return (self._large_os, self._small_os)

    @property
    def timed(self) -> tuple[tuple[Ids, Times], ...]:
        """The pairs with their times, in one or two arrays."""
        return ((self._large, self._large_times), (self._small, self._small_times))

    def all(self) -> Ids:
        """Return all pairs, sorted."""
        self._merge()
        return self._large

    def all_times(self) -> Times:
        """Return the times of :meth:`all`."""
        self._merge()
        return self._large_times

    def has(self, keys: Ids) -> Mask:
        """Tell for each pair whether it is in."""
        found = contains(self._large, keys)
        return found | contains(self._small, keys) if len(self._small) else found

    def missing(self, keys: Ids) -> Ids:
        """Return those pairs that are not in."""
        return keys[~self.has(keys)] if len(self) else keys

    def time(self, key: int) -> int | None:
        """Return the time of one pair, None if it is not in."""
        for part, times in self.timed:
            place = int(part.searchsorted(key))
            if place < len(part) and part[place] == key:
                return int(times[place])
        return None

    def add(self, keys: Ids, time: int) -> None:
        """Add pairs that are sorted and not in yet."""
        if not len(keys):
            return
        if not len(self):
            self.__init__(keys, time)  # type: ignore[misc]
            return
        place = np.searchsorted(self._small, keys)
        self._small = np.insert(self._small, place, keys)
        self._small_times = np.insert(self._small_times, place, np.int32(time))
        if self._small_os is not None:
            turned = turn(keys)
            self._small_os = np.insert(self._small_os, np.searchsorted(self._small_os, turned), turned)
        if len(self._small) > 4096 and len(self._small) * 8 > len(self._large):
            self._merge()

    def remove(self, keys: Ids) -> None:
        """Take pairs out."""
        if not len(keys):
            return
        self._merge()
        place = places_in(self._large, keys)
        self._large, self._large_times = np.delete(self._large, place), np.delete(self._large_times, place)
        if self._large_os is not None:
            self._large_os = np.delete(self._large_os, places_in(self._large_os, turn(keys)))

    def _merge(self) -> None:
        if not len(self._small):
            return
        place = np.searchsorted(self._large, self._small)
        self._large = np.insert(self._large, place, self._small)
        self._large_times = np.insert(self._large_times, place, self._small_times)
        if self._large_os is not None:
            turned = turn(self._small) if self._small_os is None else self._small_os
            self._large_os = np.insert(self._large_os, np.searchsorted(self._large_os, turned), turned)
        self._small, self._small_times, self._small_os = _NO_IDS, _NO_TIMES, None

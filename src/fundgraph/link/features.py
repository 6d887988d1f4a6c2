"""What speaks for two things being one, each by itself: a number from 0 to 1, or NaN where either side says nothing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process
from rapidfuzz.distance import JaroWinkler

from fundgraph.link.entities import Columns, ragged

__all__ = ["FEATURES", "affiliation", "identifier", "name_of_person", "name_of_text", "overlap", "time_overlap"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]

#: All features, in the order in which they are shown.
FEATURES = (
    "name", "rarity", "affiliation", "companions", "topics", "time", "title", "grant", "identifier",
)  # fmt: skip
#: How alike a name is that differs only in these ways.
INITIAL, TYPED = 0.9, 0.8
_DOUBT = 0.85
_LEAST_FAMILY = 0.82
_LEAST_GIVEN = 0.88
_ANOTHER_KIND = 0.75


def _of_pairs(one: Ints, other: Ints, size: int, texts: Sequence[str], scorer: str) -> Floats:
    """Return how alike the texts of pairs are, from 0 to 1, each pair of different texts compared once."""
    codes, back = np.unique(one * size + other, return_inverse=True)
    left = [texts[number] for number in (codes // size).tolist()]
    right = [texts[number] for number in (codes % size).tolist()]
    if scorer == "ratio":
        found = process.cpdist(left, right, scorer=fuzz.ratio, dtype=np.float32) / 100
    elif scorer == "tokens":
        found = process.cpdist(left, right, scorer=fuzz.token_set_ratio, dtype=np.float32) / 100
    elif scorer == "sorted":
        found = process.cpdist(left, right, scorer=fuzz.token_sort_ratio, dtype=np.float32) / 100
    else:
        found = process.cpdist(left, right, scorer=JaroWinkler.similarity, dtype=np.float32)
    result: Floats = found[back].astype(np.float32)
    return result


class Texts:
    """Names, with what is asked of them millions of times looked up once: most pairs need not be compared letter by letter."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts
        self.length = np.array([len(text) for text in texts], dtype=np.int64)
        self.short = self.length <= 1
        masks = [sum({1 << (ord(char) & 31) for char in text}) for text in texts]
        self._letters = np.array(masks, dtype=np.uint32)

    def _apart(self, one: Ints, other: Ints) -> tuple[Ints, Ints, Ints]:
        """Return lengths of pairs, and how many letters at least are in one of them alone."""
        lone = np.bitwise_count(self._letters[one] ^ self._letters[other]).astype(np.int64)
        return self.length[one], self.length[other], lone

    def alike(self, one: Ints, other: Ints, least: float) -> Floats:
        """Return how alike pairs are by the letters to be put in or left out; 0 where that is less than ``least``."""
        left, right, lone = self._apart(one, other)
        far = np.maximum(lone, np.abs(left - right))
        return self._compared(one, other, far <= (1 - least) * (left + right) + 1e-6, "ratio", least)

    def sound_alike(self, one: Ints, other: Ints, least: float) -> Floats:
        """Return how alike pairs are by Jaro and Winkler; 0 where that is less than ``least``."""
        left, right, lone = self._apart(one, other)
        # Four letters in front in common are worth at most 0.4 of what is lacking; the rest are letters that both have.
        jaro = (least - 0.4) / 0.6
        shared = (3 * jaro - 1) * left * right / np.maximum(left + right, 1)
        return self._compared(one, other, lone <= left + right - 2 * shared + 1e-6, "jaro", least)

    def _compared(self, one: Ints, other: Ints, may: NDArray[np.bool_], scorer: str, least: float) -> Floats:
        result = np.zeros(len(one), dtype=np.float32)
        live = np.flatnonzero(may)
        if len(live):
            found = _of_pairs(one[live], other[live], len(self.texts), self.texts, scorer)
            result[live] = np.where(found >= least, found, 0)
        return result


class Organisations:
    """Names of organisations, by the words that tell them apart."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts
        words = [set(text.split()) for text in texts]
        # 2: a technical university, 1: another one, 0: who knows; a town may have one of each
        self.kind = np.array(["u" in some and 1 + ("t" in some) for some in words], dtype=np.int64)


def name_of_person(
    ours: Columns, theirs: Columns, rows: tuple[Ints, Ints], given: Texts, families: Texts
) -> Floats:
    """Return how alike the names of pairs of rows are; 0 where they are two people's.

    1: the same; 0.9: one has only the letter of the given name; 0.8: one letter or so differs; below: both, or it is a less
    likely reading of the name. Two different second names make it less.
    """
    a, b = rows
    first, second = ours.given[a], theirs.given[b]
    score: Floats = (first == second).astype(np.float32)
    score[given.short[first] | given.short[second]] = INITIAL
    differ = np.flatnonzero(score == 0)
    score[differ] = TYPED * given.sound_alike(first[differ], second[differ], _LEAST_GIVEN)
    live = np.flatnonzero(score)
    family, other = ours.family[a[live]], theirs.family[b[live]]
    unlike = np.flatnonzero(family != other)
    score[live[unlike]] *= TYPED * families.alike(family[unlike], other[unlike], _LEAST_FAMILY)
    live = live[score[live] > 0]
    mine, its = a[live], b[live]
    middle, also = ours.middle[mine], theirs.middle[its]
    score[live[(middle != also) & (middle > 0) & (also > 0)]] *= 0.6
    score[live[(ours.doubt[mine] > 0) ^ (theirs.doubt[its] > 0)]] *= _DOUBT
    return score


def name_of_text(
    ours: Columns, theirs: Columns, rows: tuple[Ints, Ints], texts: Sequence[str], kind: str
) -> Floats:
    """Return how alike titles or names of organisations are."""
    a, b = rows
    one, other = ours.family[a], theirs.family[b]
    score: Floats = np.ones(len(a), dtype=np.float32)
    unlike = np.flatnonzero(one != other)
    if len(unlike):
        whole = _of_pairs(one[unlike], other[unlike], len(texts), texts, "sorted")
        if kind == "project":  # a title that goes on longer elsewhere
            part = _of_pairs(one[unlike], other[unlike], len(texts), texts, "tokens")
            whole = np.maximum(whole, part * 0.93)
        score[unlike] = whole
    return score


def _known(columns: Columns, name: str, of: Ints) -> NDArray[np.bool_]:
    ends, _ = columns.sets[name]
    return np.asarray(ends[of + 1] > ends[of])


def overlap(
    ours: Columns, theirs: Columns, name: str, pairs: tuple[Ints, Ints], rarest: Floats | None = None
) -> tuple[Floats, Ints]:
    """Return which share of the smaller of two sets is in the other, and how many members that are.

    The share is NaN where one of the two is empty. ``rarest`` takes, where it is given, how common the rarest of the members
    in common is on their side.
    """
    a, b = pairs
    size = len(ours.words.sets[name]) + 1
    ends, codes = theirs.sets[name][0], theirs.codes(name)
    which, member = ragged(*ours.sets[name], a)
    wanted = b[which] * size + member
    at = np.searchsorted(codes, wanted)
    hit = np.zeros(len(wanted), dtype=bool)
    inside = at < len(codes)
    hit[inside] = codes[at[inside]] == wanted[inside]
    count = np.bincount(which[hit], minlength=len(a)).astype(np.int64)
    if rarest is not None:
        np.fmin.at(rarest, which[hit], theirs.shares(name)[member[hit]])
    mine, its = ours.sets[name][0], ends
    least = np.minimum(mine[a + 1] - mine[a], its[b + 1] - its[b])
    share = np.full(len(a), np.nan, dtype=np.float32)
    known = least > 0
    share[known] = np.minimum(count[known] / least[known], 1)
    return share, count


def affiliation(
    ours: Columns, theirs: Columns, pairs: tuple[Ints, Ints], names: Organisations, rarest: Floats | None = None
) -> Floats:
    """Return how alike the two most alike of their organisations are; NaN where one has none.

    A town's university and its technical university are two, however alike their names are.

    ``rarest`` takes, where it is given, how common that organisation is on their side.
    """
    a, b = pairs
    result = np.full(len(a), np.nan, dtype=np.float32)
    known = np.flatnonzero(_known(ours, "affiliations", a) & _known(theirs, "affiliations", b))
    if not len(known):
        return result
    which, mine = ragged(*ours.sets["affiliations"], a[known])
    again, its = ragged(*theirs.sets["affiliations"], b[known][which])
    position = which[again]
    one, other = mine[again], its
    alike = np.ones(len(one), dtype=np.float32)
    unlike = np.flatnonzero(one != other)
    if len(unlike):
        left, right = one[unlike], other[unlike]
        likeness = _of_pairs(left, right, len(names.texts), names.texts, "sorted")
        two = (names.kind[left] > 0) & (names.kind[right] > 0) & (names.kind[left] != names.kind[right])
        alike[unlike] = np.where(two, np.minimum(likeness, _ANOTHER_KIND), likeness)
    best = np.zeros(len(known), dtype=np.float32)
    np.maximum.at(best, position, alike)
    result[known] = best
    if rarest is not None:
        closest = alike == best[position]
        np.fmin.at(rarest, known[position[closest]], theirs.shares("affiliations")[other[closest]])
    return result


def time_overlap(ours: Columns, theirs: Columns, pairs: tuple[Ints, Ints]) -> Floats:
    """Return 1 where both were active in one year, less by a tenth for each year between, NaN where years are not known."""
    a, b = pairs
    result = np.full(len(a), np.nan, dtype=np.float32)
    known = (ours.first[a] > 0) & (theirs.first[b] > 0)
    gap = np.maximum(ours.first[a] - theirs.last[b], theirs.first[b] - ours.last[a])
    result[known] = np.clip(1 - np.maximum(gap[known], 0) / 10, 0, 1)
    return result


def identifier(ours: Columns, theirs: Columns, pairs: tuple[Ints, Ints]) -> Floats:
    """Return 1 where both have an identifier in common, NaN else: two different ones may be of different schemes."""
    _, count = overlap(ours, theirs, "identifiers", pairs)
    return np.where(count > 0, np.float32(1), np.float32(np.nan)).astype(np.float32)

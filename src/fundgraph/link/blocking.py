"""Which things are compared at all: those that share a key. Recall first; keys are numbers, pairs come in pieces."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from fundgraph.link.entities import Columns, Vocabulary, phonetic, ragged

__all__ = ["pairs_of_people", "pairs_of_texts"]

Ints = NDArray[np.int64]
#: So many pairs are compared at once.
AT_ONCE = 2_000_000
#: A word that more things have than this does not bring two titles together.
_COMMON = 2_000


def pairs_of_people(ours: Columns, theirs: Columns) -> Iterator[tuple[Ints, Ints]]:
    """Yield pairs of rows of names that share a key, some of them twice; all rows of one of our things in one piece.

    The keys: how the family name sounds, with the first letter of the given name; and the given name, with how the family
    name begins, for what is misspelt further on.
    """
    texts, givens = ours.words.families.texts(), ours.words.givens.texts()
    sounds = phonetic(texts, Vocabulary())
    starts = Vocabulary()
    start = np.array([starts.number(text[:3]) for text in texts], dtype=np.int64)
    letter = np.array([ord(text[0]) if text else 0 for text in givens], dtype=np.int64)
    whole = np.array([len(text) > 1 for text in givens], dtype=bool)

    def keys(side: Columns) -> tuple[Ints, Ints]:
        """Return keys, and the rows that they are of."""
        rows = np.arange(len(side.family), dtype=np.int64)
        named = rows[whole[side.given]]
        one = (sounds[side.family] * 0x110000 + letter[side.given]) * 2
        other = (start[side.family[named]] * (len(givens) + 1) + side.given[named]) * 2 + 1
        return np.concatenate([one, other]), np.concatenate([rows, named])

    if not len(ours.family) or not len(theirs.family):
        return
    (mine, my_rows), (its, its_rows) = keys(ours), keys(theirs)
    order = np.argsort(my_rows, kind="stable")
    mine, my_rows = mine[order], my_rows[order]
    for a, b in _joined(mine, its, ours.owner[my_rows]):
        yield my_rows[a], its_rows[b]


def _joined(ours: Ints, theirs: Ints, owner: Ints) -> Iterator[tuple[Ints, Ints]]:
    """Yield the pairs of positions with equal keys, cut only between owners."""
    order = np.argsort(theirs, kind="stable")
    keys = theirs[order]
    low, high = np.searchsorted(keys, ours, "left"), np.searchsorted(keys, ours, "right")
    counts = high - low
    ends = np.cumsum(counts)
    at = 0
    while at < len(ours):
        before = ends[at - 1] if at else 0
        stop = max(int(np.searchsorted(ends, before + AT_ONCE, "right")), at + 1)
        while stop < len(ours) and owner[stop] == owner[stop - 1]:
            stop += 1
        which = np.arange(at, stop, dtype=np.int64)
        if ends[stop - 1] > before:
            yield _expanded(which, low[at:stop], counts[at:stop], order)
        at = stop


def _expanded(which: Ints, low: Ints, counts: Ints, order: Ints) -> tuple[Ints, Ints]:
    """Return each of ``which`` as often as it has partners, beside them: those from ``low`` on in an order."""
    repeated = np.repeat(which, counts)
    inner = np.arange(len(repeated), dtype=np.int64) - np.repeat(np.cumsum(counts) - counts, counts)
    return repeated, order[np.repeat(low, counts) + inner]


def pairs_of_texts(ours: Columns, theirs: Columns) -> Iterator[tuple[Ints, Ints]]:
    """Yield pairs of rows of names that share a word that few things have; of a name with none, its rarest."""
    texts = ours.words.families.texts()
    vocabulary = Vocabulary()
    ends, members = [0], []
    for text in texts:
        members += sorted({vocabulary.number(word) for word in text.split()})
        ends.append(len(members))
    of_text = np.array(ends, dtype=np.int64), np.array(members, dtype=np.int64)
    row, word = ragged(*of_text, theirs.family)
    order = np.argsort(word, kind="stable")
    words, rows = word[order], row[order]
    how_many = np.bincount(words, minlength=len(vocabulary)) if len(words) else np.zeros(len(vocabulary), np.int64)
    ours_row, ours_word = ragged(*of_text, ours.family)
    frequency = how_many[ours_word] if len(ours_word) else ours_word
    rarest = np.full(len(ours.family), np.iinfo(np.int64).max, dtype=np.int64)
    seen = frequency > 0
    np.minimum.at(rarest, ours_row[seen], frequency[seen])
    kept = seen & ((frequency <= _COMMON) | (frequency == rarest[ours_row]))
    ours_row, ours_word = ours_row[kept], ours_word[kept]
    low, high = np.searchsorted(words, ours_word, "left"), np.searchsorted(words, ours_word, "right")
    ends_of = np.cumsum(high - low)
    at = 0
    while at < len(ours_row):
        before = ends_of[at - 1] if at else 0
        stop = max(int(np.searchsorted(ends_of, before + AT_ONCE, "right")), at + 1)
        while stop < len(ours_row) and ours.owner[ours_row[stop]] == ours.owner[ours_row[stop - 1]]:
            stop += 1
        which, found = _expanded(ours_row[at:stop], low[at:stop], (high - low)[at:stop], rows)
        codes = np.unique(which * (len(theirs.family) + 1) + found)
        if len(codes):
            yield codes // (len(theirs.family) + 1), codes % (len(theirs.family) + 1)
        at = stop

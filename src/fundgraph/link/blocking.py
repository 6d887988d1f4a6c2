"""Which things are compared at all: those that share a key. Recall first; keys are numbers, pairs come in pieces."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fundgraph.link.entities import Columns, Vocabulary, phonetic, ragged

__all__ = ["Blocks", "blocks_of_people", "blocks_of_texts"]

Ints = NDArray[np.int64]
#: So many pairs are compared at once.
AT_ONCE = 2_000_000
#: A word that more things have than this does not bring two titles together.
_COMMON = 2_000


@dataclass(frozen=True, slots=True)
class Blocks:
    """Pairs of rows of names that share a key, in pieces that are made one by one, in any order.

    ``rows`` are ours, once for each key, by owner; each goes with ``counts`` rows of ``others`` from ``low`` on. A piece has all
    rows of one of our things. A pair may be in it twice, unless ``size``, a number that no row of theirs reaches, is given.
    """

    rows: Ints
    low: Ints
    counts: Ints
    others: Ints
    cuts: tuple[tuple[int, int], ...]
    size: int = 0

    @classmethod
    def of(cls, ours: tuple[Ints, Ints], theirs: tuple[Ints, Ints], owner: Ints, size: int = 0) -> Blocks:
        """Join keys with rows of both sides; ``owner`` tells whose each row of ours is, and ours are in its order."""
        (mine, rows), (its, its_rows) = ours, theirs
        order = np.argsort(its, kind="stable")
        keys = its[order]
        low = np.searchsorted(keys, mine, "left")
        counts = np.searchsorted(keys, mine, "right") - low
        return cls(rows, low, counts, its_rows[order], tuple(_cuts(counts, owner[rows])), size)

    def __len__(self) -> int:
        return len(self.cuts)

    def pairs(self, piece: int) -> tuple[Ints, Ints]:
        """Return the pairs of a piece: rows of ours, and beside them rows of theirs."""
        at, stop = self.cuts[piece]
        counts = self.counts[at:stop]
        repeated = np.repeat(self.rows[at:stop], counts)
        inner = np.arange(len(repeated), dtype=np.int64) - np.repeat(np.cumsum(counts) - counts, counts)
        found = self.others[np.repeat(self.low[at:stop], counts) + inner]
        if not self.size:
            return repeated, found
        codes = np.unique(repeated * self.size + found)
        return codes // self.size, codes % self.size


def _cuts(counts: Ints, owner: Ints) -> list[tuple[int, int]]:
    """Return from where to where each piece goes, cut only between owners; pieces without a pair are left out."""
    ends = np.cumsum(counts)
    found, at = [], 0
    while at < len(counts):
        before = int(ends[at - 1]) if at else 0
        stop = max(int(np.searchsorted(ends, before + AT_ONCE, "right")), at + 1)
        while stop < len(counts) and owner[stop] == owner[stop - 1]:
            stop += 1
        if ends[stop - 1] > before:
            found.append((at, stop))
        at = stop
    return found


def blocks_of_people(ours: Columns, theirs: Columns) -> Blocks:
    """Return pairs of rows of names that share a key.

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
        return _NONE
    mine, rows = keys(ours)
    order = np.argsort(rows, kind="stable")
    return Blocks.of((mine[order], rows[order]), keys(theirs), ours.owner)


def blocks_of_texts(ours: Columns, theirs: Columns) -> Blocks:
    """Return pairs of rows of names that share a word that few things have; of a name with none, its rarest."""
    texts = ours.words.families.texts()
    vocabulary = Vocabulary()
    ends, members = [0], []
    for text in texts:
        members += sorted({vocabulary.number(word) for word in text.split()})
        ends.append(len(members))
    of_text = np.array(ends, dtype=np.int64), np.array(members, dtype=np.int64)
    row, word = ragged(*of_text, theirs.family)
    how_many = np.bincount(word, minlength=len(vocabulary))
    ours_row, ours_word = ragged(*of_text, ours.family)
    frequency = how_many[ours_word] if len(ours_word) else ours_word
    rarest = np.full(len(ours.family), np.iinfo(np.int64).max, dtype=np.int64)
    seen = frequency > 0
    np.minimum.at(rarest, ours_row[seen], frequency[seen])
    kept = seen & ((frequency <= _COMMON) | (frequency == rarest[ours_row]))
    return Blocks.of((ours_word[kept], ours_row[kept]), (word, row), ours.owner, len(theirs.family) + 1)


_NOTHING: Ints = np.zeros(0, np.int64)
_NONE = Blocks(_NOTHING, _NOTHING, _NOTHING, _NOTHING, ())

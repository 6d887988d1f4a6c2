"""Compare things of ours with things of theirs: block, score by separate features, weigh them, and sort into three bands.

How a pair is weighed: each feature speaks for or against it by so many nats, the logarithm of how much likelier its value is
between one thing and itself than between two that only share the name (:data:`WEIGHTS`). What it competes with are the other
candidates, and nobody: that the thing is not there at all, and that so many namesakes are to be expected by chance. The
confidence is the share that is left to the pair.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fundgraph.link import features as f
from fundgraph.link.blocking import Blocks, blocks_of_people, blocks_of_texts
from fundgraph.link.entities import Columns, Entity, Words

__all__ = ["ACCEPT", "BANDS", "REJECT", "REVIEW", "WEIGHTS", "Matches", "match"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]
ACCEPT, REVIEW, REJECT = "accept-for-review", "review", "reject"
#: The bands by number, the best first.
BANDS = (ACCEPT, REVIEW, REJECT)
_ACCEPT_FROM, _REVIEW_FROM = 0.9, 0.05
#: How likely it is that a target has a thing of ours at all.
PRESENT = 0.7
#: Of a target that was only searched, not taken whole, nobody knows how many namesakes it has: one more, at least.
_UNKNOWN_NAMESAKES = 1.0
#: What each feature weighs, in nats, by its value; between two values in proportion, and nothing where it is not known.
WEIGHTS: Mapping[str, tuple[tuple[float, float], ...]] = {
    "name": ((0.4, -8.0), (0.64, -5.0), (0.8, -3.0), (0.9, -0.7), (1.0, 0.0)),
    "affiliation": ((0.5, -1.6), (0.75, -0.8), (0.85, 1.5), (0.95, 3.4), (1.0, 3.6)),
    "companions": ((0.0, -0.6), (0.05, 3.5), (0.34, 5.5), (1.0, 6.5)),
    "topics": ((0.0, -1.4), (0.2, -0.2), (0.5, 1.2), (1.0, 2.2)),
    "time": ((0.0, -4.0), (0.5, -2.0), (0.9, -0.3), (1.0, 0.2)),
    "title": ((0.0, 0.0), (0.01, 4.0), (0.5, 6.5), (1.0, 7.0)),
    "grant": ((0.0, 0.0), (0.01, 6.0), (1.0, 7.0)),
    "identifier": ((0.0, 0.0), (1.0, 10.0)),
}
#: How common that is, in shares of 1, which two people have in common where :data:`WEIGHTS` speak for them. Of a target that is
#: whole it is counted, and what is rarer weighs more, in nats between two bounds.
_COMMON_AS: Mapping[str, float] = {"affiliation": 0.02, "companions": 0.0025, "topics": 0.05}
_RARE_WITHIN = (-1.5, 2.0)
#: Names of things that are no people, of which namesakes are rare, weigh so.
_TEXT_NAME = ((0.5, -7.0), (0.8, -4.0), (0.9, -1.2), (0.97, 1.5), (1.0, 2.5))
_KEEP_PER_THING = 8
_LEAST_NAME = {"person": 0.4, "project": 0.7, "organisation": 0.75, "topic": 0.85, "publication": 0.75}


@dataclass(frozen=True, slots=True)
class Matches:
    """Pairs worth a look, as columns: positions on both sides, every feature, confidence, and the band by its number."""

    ours: Ints
    theirs: Ints
    features: Mapping[str, Floats]
    confidence: Floats
    band: Ints

    def __len__(self) -> int:
        return len(self.ours)


def match(
    ours: Iterable[Entity],
    theirs: Iterable[Entity],
    kind: str,
    *,
    whole: bool = False,
    workers: int = 1,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> tuple[Columns, Columns, Matches]:
    """Compare things of one kind with candidates; return both as columns, and the pairs worth a look.

    ``whole`` is whether the candidates are all that the target has, so that namesakes can be counted; else they are what
    a search brought, and as many namesakes are assumed as it brought. ``workers`` processes share the work. ``progress`` is told
    how much is done, of how much.
    """
    shared = Words.new()
    mine, its = Columns(ours, shared), Columns(theirs, shared)
    blocks = (blocks_of_people if kind == "person" else blocks_of_texts)(mine, its)
    rarity = _Namesakes(its) if whole and kind == "person" else None
    job = _Job(mine, its, blocks, kind, rarity, _Lookups(shared))
    pieces = []
    for piece in job.all(workers):
        pieces.append(piece)
        progress(len(pieces), len(blocks))
    return mine, its, _together(pieces)


@dataclass(frozen=True, slots=True)
class _Job:
    """All that is needed to score any piece of a comparison."""

    mine: Columns
    its: Columns
    blocks: Blocks
    kind: str
    rarity: _Namesakes | None
    lookups: _Lookups

    def scored(self, piece: int) -> Matches:
        """Return what is worth a look in a piece."""
        pairs = self.blocks.pairs(piece)
        return _scored(self.mine, self.its, pairs, self.kind, self.rarity, self.lookups)

    def all(self, workers: int) -> Iterator[Matches]:
        """Yield what is worth a look, piece by piece in order; several processes share the columns as they are."""
        if workers < 2 or len(self.blocks) < 2:
            yield from map(self.scored, range(len(self.blocks)))
            return
        global _job
        _job = self
        try:
            with ProcessPoolExecutor(workers, multiprocessing.get_context("fork")) as pool:
                yield from pool.map(_scored_elsewhere, range(len(self.blocks)))
        finally:
            _job = None


#: What the processes that were forked off have to score.
_job: _Job | None = None


def _scored_elsewhere(piece: int) -> Matches:
    assert _job is not None
    return _job.scored(piece)


class _Lookups:
    """Texts of the vocabularies as lists."""

    def __init__(self, shared: Words) -> None:
        self.families = f.Texts(shared.families.texts())
        self.given = f.Texts(shared.givens.texts())
        self.affiliations = f.Organisations(shared.sets["affiliations"].texts())


class _Namesakes:
    """How many people of a name are to be expected in a target that is known whole: from the shares of its family and given
    names, taken for independent."""

    def __init__(self, theirs: Columns) -> None:
        likely = theirs.doubt == 0
        families, givens = theirs.family[likely], theirs.given[likely]
        self._size = max(len(families), 1)
        self._family = np.bincount(families, minlength=len(theirs.words.families))
        self._given = np.bincount(givens, minlength=len(theirs.words.givens))
        letters = np.array(
            [ord(text[0]) % 128 if text else 0 for text in theirs.words.givens.texts()], dtype=np.int64
        )
        self._letter = np.bincount(letters, weights=self._given, minlength=128)
        self._letters = letters
        self._short = np.array([len(text) <= 1 for text in theirs.words.givens.texts()], dtype=bool)

    def expected(self, families: Ints, givens: Ints) -> Floats:
        """Return how many people are to be expected of each name."""
        given = np.where(self._short[givens], self._letter[self._letters[givens]], self._given[givens])
        return ((self._family[families] + 0.5) * (given + 0.5) / self._size).astype(np.float32)


def _scored(
    mine: Columns, its: Columns, rows: tuple[Ints, Ints], kind: str, rarity: _Namesakes | None, lookups: _Lookups
) -> Matches:
    if kind == "person":
        name = f.name_of_person(mine, its, rows, lookups.given, lookups.families)
    else:
        name = f.name_of_text(mine, its, rows, lookups.families.texts, kind)
    live = np.flatnonzero(name >= _LEAST_NAME[kind])
    row, other, name = rows[0][live], rows[1][live], name[live]
    pairs, name, best = _best_readings(mine.owner[row], its.owner[other], name, len(its))
    values: dict[str, Floats] = {"name": name}
    rare = {one: np.full(len(name), np.nan, dtype=np.float32) for one in _COMMON_AS if rarity is not None}
    values["affiliation"] = f.affiliation(mine, its, pairs, lookups.affiliations, rare.get("affiliation"))
    for feature, sets in (
        ("companions", "companions"),
        ("topics", "topics"),
        ("title", "titles"),
        ("grant", "grants"),
    ):
        values[feature] = f.overlap(mine, its, sets, pairs, rare.get(feature))[0]
    values["time"] = f.time_overlap(mine, its, pairs)
    values["identifier"] = f.identifier(mine, its, pairs)
    weight = np.zeros(len(name), dtype=np.float64)
    for feature, points in WEIGHTS.items():
        points = _TEXT_NAME if feature == "name" and kind != "person" else points
        known = ~np.isnan(values[feature])
        nats = np.interp(values[feature][known], [at for at, _ in points], [nats for _, nats in points])
        if feature in rare:
            nats = nats + _more_for_rare(nats, rare[feature][known], _COMMON_AS[feature])
        weight[known] += nats
    namesakes = _namesakes((mine, its), (row[best], other[best]), pairs[0], name, kind, rarity)
    values["rarity"] = (1 / (1 + namesakes)).astype(np.float32)
    confidence = _confidence(pairs[0], weight, namesakes)
    band = _bands(pairs[0], values, confidence, kind)
    return _kept(pairs, values, confidence, band)


def _more_for_rare(nats: NDArray[np.float64], share: Floats, usual: float) -> NDArray[np.float64]:
    """Return what is added where something speaks for a pair that is rarer, or commoner, than the tables take it to be."""
    more = np.clip(np.log(usual / np.maximum(share, np.float32(1e-9))), *_RARE_WITHIN)
    return np.where((nats > 0) & ~np.isnan(share), np.nan_to_num(more), 0.0)


def _best_readings(owner: Ints, other: Ints, name: Floats, size: int) -> tuple[tuple[Ints, Ints], Floats, Ints]:
    """Return each pair of things once, by the readings of their names that are most alike, and where that stood."""
    codes = owner * (size + 1) + other
    order = np.lexsort((-name, codes))
    codes = codes[order]
    first = np.ones(len(codes), dtype=bool)
    first[1:] = codes[1:] != codes[:-1]
    kept = order[first]
    return (owner[kept], other[kept]), name[kept], kept


def _namesakes(
    sides: tuple[Columns, Columns],
    rows: tuple[Ints, Ints],
    ours: Ints,
    name: Floats,
    kind: str,
    rarity: _Namesakes | None,
) -> Floats:
    """Return how many others of the name are to be expected: as the target's names are spread, or as many as were found.

    Of two spellings the commoner one counts: whoever is misspelt is somebody's namesake, not of a name of their own.
    """
    if rarity is not None:
        mine = rarity.expected(sides[0].family[rows[0]], sides[0].given[rows[0]])
        its = rarity.expected(sides[1].family[rows[1]], sides[1].given[rows[1]])
        return np.maximum(np.maximum(mine, its), np.float32(0.002))
    if kind != "person":
        return np.full(len(name), 0.3, dtype=np.float32)
    same = np.bincount(ours, weights=name >= f.INITIAL - 0.01, minlength=len(sides[0]))
    return np.maximum(same[ours], _UNKNOWN_NAMESAKES).astype(np.float32)


def _confidence(ours: Ints, weight: NDArray[np.float64], namesakes: Floats) -> Floats:
    """Return the share of each pair among all candidates of its thing, and nobody."""
    if not len(ours):
        return np.zeros(0, dtype=np.float32)
    strength = PRESENT * np.exp(np.clip(weight, -30, 30))
    total = np.bincount(ours, weights=strength)
    nobody = np.zeros(len(total))
    np.maximum.at(nobody, ours, (1 - PRESENT) * namesakes)
    return (strength / (total[ours] + nobody[ours])).astype(np.float32)


def _bands(ours: Ints, values: Mapping[str, Floats], confidence: Floats, kind: str) -> Ints:
    """Return the band of each pair. A name alone does not pass if others share it, nor does a letter for a given name."""
    band = np.where(confidence >= _ACCEPT_FROM, 0, np.where(confidence >= _REVIEW_FROM, 1, 2)).astype(np.int64)
    if not len(ours):
        return band
    speaks = np.zeros(len(ours), dtype=bool)
    for feature, least in (
        ("affiliation", 0.85),
        ("companions", 0.01),
        ("topics", 0.5),
        ("title", 0.01),
        ("grant", 0.01),
        ("identifier", 1.0),
    ):
        speaks |= np.nan_to_num(values[feature]) >= least
    if kind == "person":
        shared = np.bincount(ours, weights=values["name"] >= f.INITIAL - 0.01)[ours] > 1
        alone = (shared | (values["name"] < 0.99)) & ~speaks
        band[alone & (band == 0)] = 1
    return band


def _kept(pairs: tuple[Ints, Ints], values: Mapping[str, Floats], confidence: Floats, band: Ints) -> Matches:
    """Return the pairs that are worth a look, of one thing only the best, and namesakes beside them."""
    order = np.lexsort((-confidence, pairs[0]))
    ours = pairs[0][order]
    start = np.searchsorted(ours, ours, "left")
    rank = np.arange(len(ours)) - start
    kept = order[(rank < _KEEP_PER_THING) & ((band[order] < 2) | (values["name"][order] >= f.INITIAL - 0.01))]
    return Matches(
        pairs[0][kept],
        pairs[1][kept],
        {name: values[name][kept] for name in f.FEATURES},
        confidence[kept],
        band[kept],
    )


def _together(pieces: Sequence[Matches]) -> Matches:
    if not pieces:
        none, nothing = np.zeros(0, np.int64), np.zeros(0, np.float32)
        return Matches(none, none, dict.fromkeys(f.FEATURES, nothing), nothing, none)
    return Matches(
        np.concatenate([piece.ours for piece in pieces]),
        np.concatenate([piece.theirs for piece in pieces]),
        {name: np.concatenate([piece.features[name] for piece in pieces]) for name in f.FEATURES},
        np.concatenate([piece.confidence for piece in pieces]),
        np.concatenate([piece.band for piece in pieces]),
    )


def by_thing(matches: Matches) -> Iterator[tuple[int, list[int]]]:
    """Yield each of our things that has candidates, with the places of its pairs in the matches, the best first."""
    if not len(matches):
        return
    cuts = np.flatnonzero(np.diff(matches.ours)) + 1
    for some in np.split(np.arange(len(matches)), cuts):
        yield int(matches.ours[some[0]]), [int(one) for one in some]

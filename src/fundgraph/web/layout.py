"""Where the dots of a network stand: each group that hangs together by forces, the groups in rows.

All lengths are in units of the drawing, one of which is a pixel at full size. The same ties give the same drawing.
numpy is imported with the first drawing: it takes longer than the rest of a server's start.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_WIDTH = 1040.0
_STEP = 62.0  # how far apart neighbours stand, roughly
_STRETCH = 1.4  # names run to the right, so that drawings are wider than high
_LETTER = 6.4
_LINE = 15.0
_LONGEST = 30
_GAP = 24.0
#: How the forces are reckoned: so many rounds at most, no two dots nearer than this, until all hardly move.
_ROUNDS, _NEAR, _STILL = 150, 0.01, 1e-4
#: The places of groups no larger than this are kept.
_SMALL = 8

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Tie:
    """Two things by their place in the list of things, and how much they share."""

    one: int
    other: int
    weight: int


@dataclass(frozen=True, slots=True)
class Dot:
    """A thing in a network; its label is shown only where there is room (``room``), else on hover."""

    at: int
    iri: str
    name: str
    label: str
    x: float
    y: float
    radius: float
    label_x: float
    label_y: float
    anchor: str
    room: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A tie as it is drawn."""

    one: Dot
    other: Dot
    weight: int
    width: float


@dataclass(frozen=True, slots=True)
class Network:
    """A network as it is drawn."""

    width: float
    height: float
    dots: tuple[Dot, ...]
    lines: tuple[Line, ...]
    groups: int


def ties(groups: Iterable[Iterable[Hashable]], things: Sequence[Hashable]) -> list[Tie]:
    """Return which of the things share how many of the groups; pairs that share none are left out."""
    import numpy as np

    places = {thing: at for at, thing in enumerate(things)}
    all_rows = ([places[thing] for thing in group if thing in places] for group in groups)
    rows = [row for row in all_rows if len(row) > 1]
    shares = np.zeros((len(rows), len(things)), dtype=np.float32)
    for at, row in enumerate(rows):
        shares[at, row] = 1
    together = np.triu(shares.T @ shares, 1)
    return [
        Tie(int(one), int(other), int(together[one, other]))
        for one, other in zip(*together.nonzero(), strict=True)
    ]


def draw(things: Sequence[tuple[str, str]], tied: Sequence[Tie]) -> Network:
    """Draw the things (IRI and name each) that have ties."""
    beside: dict[int, set[int]] = {}
    for tie in tied:
        beside.setdefault(tie.one, set()).add(tie.other)
        beside.setdefault(tie.other, set()).add(tie.one)
    groups = sorted(_together(beside), key=lambda group: (-len(group), group[0]))
    degrees = {at: len(others) for at, others in beside.items()}
    dots: dict[int, Dot] = {}
    blocks = []
    for group in groups:
        placed = _labelled(_positions(group, beside), things, degrees)
        blocks.append((placed, _bounds(placed)))
    left, top, deep, wide = 0.0, 0.0, 0.0, 0.0
    limit = max([_WIDTH, *(box[2] - box[0] for _, box in blocks)])
    for placed, box in sorted(blocks, key=lambda block: -(block[1][3] - block[1][1])):
        width, height = box[2] - box[0], box[3] - box[1]
        if left and left + width > limit:
            left, top, deep = 0.0, top + deep + _GAP, 0.0
        for dot in placed:
            dots[dot.at] = _moved(dot, left - box[0], top - box[1])
        left, deep, wide = left + width + _GAP, max(deep, height), max(wide, left + width)
    heaviest = max((tie.weight for tie in tied), default=1)
    lines = tuple(
        Line(
            dots[tie.one], dots[tie.other], tie.weight, round(1 + 2.5 * (tie.weight - 1) / max(heaviest - 1, 1), 2)
        )
        for tie in tied
    )
    ordered = tuple(dots[at] for at in sorted(dots, key=lambda at: (things[at][1], at)))
    return Network(round(wide, 1), round(top + deep, 1), ordered, lines, len(groups))


def _together(beside: Mapping[int, set[int]]) -> list[list[int]]:
    """Return the groups that hang together, each sorted."""
    groups, seen = [], set[int]()
    for first in beside:
        if first in seen:
            continue
        group, near = {first}, [first]
        while near:
            new = beside[near.pop()] - group
            group |= new
            near += new
        seen |= group
        groups.append(sorted(group))
    return groups


def _positions(members: Sequence[int], beside: Mapping[int, set[int]]) -> dict[int, tuple[float, float]]:
    """Lay out one group that hangs together, given with those beside each."""
    if len(members) == 2:
        return {members[0]: (0.0, 0.0), members[1]: (_STEP * _STRETCH, 0.0)}
    places = {at: place for place, at in enumerate(members)}
    ends = [(places[one], places[other]) for one in members for other in beside[one] if one < other]
    lay = _by_forces_kept if len(members) <= _SMALL else _by_forces
    return dict(zip(members, lay(len(members), tuple(sorted(ends))), strict=True))


def _by_forces(count: int, ends: tuple[tuple[int, int], ...]) -> list[tuple[float, float]]:
    """Return places for so many dots with ties between these, which hang together: from a circle, by forces.

    All dots push each other away and ties pull, as Fruchterman and Reingold have it (1991): with ``k`` the distance at
    which both are equal, by k²/d and d²/k. No dot moves further in a round than the heat, which falls to nought.
    """
    import numpy as np

    one, other = np.array(ends).T
    around = np.arange(count) * (2 * math.pi / count)
    points = np.array([np.cos(around), np.sin(around)])
    room = np.empty((count, count))
    k = 1.6 / math.sqrt(count)
    heat = 0.1 * float(max(np.ptp(points, axis=1)))
    for left in range(_ROUNDS, 0, -1):
        push = np.maximum(_squares(points, room), _NEAR * _NEAR, out=room)
        np.divide(k * k, push, out=push)
        force = points * push.sum(axis=1) - points @ push
        tie = points[:, one] - points[:, other]
        tie *= np.hypot(*tie) / k
        for axis in (0, 1):
            force[axis] += np.bincount(other, tie[axis], count) - np.bincount(one, tie[axis], count)
        step = force * (heat * left / _ROUNDS / np.maximum(np.hypot(*force), _NEAR))
        points += step
        if math.sqrt(float((step * step).sum())) / count < _STILL:
            break
    away = _squares(points, room)
    np.fill_diagonal(away, np.inf)
    scale = _STEP / max(math.sqrt(max(float(np.median(away.min(axis=1))), 0.0)), 1e-6)
    return [(float(x) * scale * _STRETCH, float(y) * scale) for x, y in points.T]


#: Small groups of the same form are many.
_by_forces_kept = lru_cache(maxsize=512)(_by_forces)


def _squares(points: NDArray[np.float64], into: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the squares of the distances of each point from each, of points in two rows, in a place for them."""
    import numpy as np

    lengths = (points * points).sum(axis=0)
    np.matmul(points.T, points, out=into)
    into *= -2
    into += lengths
    into += lengths[:, None]
    return into


def _labelled(
    places: Mapping[int, tuple[float, float]], things: Sequence[tuple[str, str]], degrees: Mapping[int, int]
) -> list[Dot]:
    """Set the names of a group beside its dots, those of the best connected first, where they cover nothing."""
    radii = {at: round(4 + 1.1 * math.sqrt(degrees[at]), 1) for at in places}
    taken: list[Box] = [
        (x - radii[at], y - radii[at], x + radii[at], y + radii[at]) for at, (x, y) in places.items()
    ]
    dots = []
    middle = sum(x for x, _ in places.values()) / len(places)
    for at in sorted(places, key=lambda at: (-degrees[at], at)):
        (x, y), radius = places[at], radii[at]
        iri, name = things[at]
        label = name if len(name) <= _LONGEST else name[: _LONGEST - 1].rstrip() + "…"
        width, away = _LETTER * len(label), radius + 4
        ways = (
            ("start", x + away, y + 4, (x + away, y - 7, x + away + width, y + 8)),
            ("end", x - away, y + 4, (x - away - width, y - 7, x - away, y + 8)),
            ("middle", x, y + away + 10, (x - width / 2, y + away, x + width / 2, y + away + _LINE)),
            ("middle", x, y - away, (x - width / 2, y - away - 11, x + width / 2, y - away + 3)),
        )
        if x < middle - radius:  # outwards first
            ways = (ways[1], ways[0], *ways[2:])
        way = next((way for way in ways if not any(_overlap(way[3], box) for box in taken)), None)
        anchor, label_x, label_y, box = way or ways[0]
        if way is not None:
            taken.append(box)
        dots.append(Dot(at, iri, name, label, x, y, radius, label_x, label_y, anchor, way is not None))
    return dots


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _bounds(dots: Iterable[Dot]) -> Box:
    boxes: list[Box] = []
    for dot in dots:
        boxes.append(
            (dot.x - dot.radius - 2, dot.y - dot.radius - 2, dot.x + dot.radius + 2, dot.y + dot.radius + 2)
        )
        if dot.room:
            width = _LETTER * len(dot.label)
            left = dot.label_x - {"start": 0.0, "middle": width / 2, "end": width}[dot.anchor]
            boxes.append((left, dot.label_y - 12, left + width, dot.label_y + 4))
    low, high = boxes[0][:2], boxes[0][2:]
    for box in boxes:
        low = (min(low[0], box[0]), min(low[1], box[1]))
        high = (max(high[0], box[2]), max(high[1], box[3]))
    return (*low, *high)


def _moved(dot: Dot, right: float, down: float) -> Dot:
    return Dot(
        dot.at, dot.iri, dot.name, dot.label, round(dot.x + right, 1), round(dot.y + down, 1), dot.radius,
        round(dot.label_x + right, 1), round(dot.label_y + down, 1), dot.anchor, dot.room,
    )  # fmt: skip

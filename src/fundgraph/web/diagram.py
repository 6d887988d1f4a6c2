"""A drawing of classes and the properties between them, as plain numbers for a template: no script is needed to see it.

The class with most links stands in the middle of things, and the others in columns by how many links they are away
from it: the smaller groups that hang on it to its left, the largest to its right. No arrow then passes a column.
Within a column a class stands near to its neighbours.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

_WIDTH, _HEIGHT = 138.0, 34.0
_GAP_X, _GAP_Y = 133.0, 58.0
_SIDE, _TOP = 84.0, 44.0
_LINE = 13.0
_LETTER = 7.3
_SWEEPS = 8
#: Where along its arrow a name may stand, the best place first.
_PLACES = (0.5, 0.4, 0.6, 0.3, 0.7, 0.22, 0.78)
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Link:
    """A property from one class to another, by their IRIs."""

    property: str
    one: str
    other: str


@dataclass(frozen=True, slots=True)
class Box:
    """A class: where its box begins, and how large it is."""

    iri: str
    x: float
    y: float
    width: float = _WIDTH
    height: float = _HEIGHT


@dataclass(frozen=True, slots=True)
class Label:
    """The name of a property, and where its middle stands."""

    property: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Arrow:
    """All properties from one class to another: an SVG path, and their names one above the other."""

    one: str
    other: str
    path: str
    labels: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class Diagram:
    """Boxes and arrows on a sheet."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


def draw(classes: Sequence[str], links: Sequence[Link]) -> Diagram:
    """Lay out classes, in the order of their importance, and the properties between them."""
    pairs: dict[tuple[str, str], list[str]] = defaultdict(list)
    for link in links:
        if link.one in classes and link.other in classes and link.property not in pairs[link.one, link.other]:
            pairs[link.one, link.other].append(link.property)
    beside = _neighbours(classes, pairs)
    columns = _order(_columns(classes, beside), beside)
    tallest = max((len(column) for column in columns), default=1)
    height = 2 * _TOP + tallest * _HEIGHT + (tallest - 1) * _GAP_Y
    boxes = {}
    for number, column in enumerate(columns):
        own = len(column) * _HEIGHT + (len(column) - 1) * _GAP_Y
        for place, iri in enumerate(column):
            x, y = _SIDE + number * (_WIDTH + _GAP_X), (height - own) / 2 + place * (_HEIGHT + _GAP_Y)
            boxes[iri] = Box(iri, x, round(y, 1))
    width = 2 * _SIDE + len(columns) * _WIDTH + (len(columns) - 1) * _GAP_X
    sheet = _Sheet(
        [_around(box.x + box.width / 2, box.y + box.height / 2, box.width, box.height) for box in boxes.values()]
    )
    arrows = []
    for (one, other), names in sorted(pairs.items(), key=lambda item: -max(map(len, item[1]))):
        curve = _curve(boxes[one], boxes[other], back=(other, one) in pairs)
        arrows.append(Arrow(one, other, _path(curve), sheet.labels(names, curve, loop=one == other)))
    return Diagram(width, height, tuple(boxes.values()), tuple(arrows))


def _neighbours(classes: Sequence[str], pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    beside: dict[str, list[str]] = {iri: [] for iri in classes}
    for one, other in pairs:
        if one != other and other not in beside[one]:
            beside[one].append(other)
            beside[other].append(one)
    return beside


def _columns(classes: Sequence[str], beside: Mapping[str, list[str]]) -> list[list[str]]:
    """Put classes in columns by their distance from the one with most neighbours.

    >>> _columns(["a", "b", "c", "d"], {"a": ["b", "c", "d"], "b": ["a"], "c": ["a", "d"], "d": ["a", "c"]})
    [['b'], ['a'], ['c', 'd']]
    """
    if not classes:
        return []
    middle = max(classes, key=lambda iri: len(beside[iri]))
    groups: list[dict[str, int]] = []
    known = {middle}
    for start in (*beside[middle], *classes):
        if start not in known:
            groups.append(
                _distances(beside, beside[middle] if start in beside[middle] else [start], start, middle)
            )
            known |= set(groups[-1])
    column = {middle: 0}
    largest = max(groups, key=len, default={})
    for group in groups:
        deepest = max(group.values())
        for iri, distance in group.items():
            # What stands alone at the far end, beside one other, may stand in that one's column.
            alone = distance == deepest > 1 and len(beside[iri]) == 1
            column[iri] = (distance - alone) * (1 if group is largest else -1)
    return [[iri for iri in classes if column[iri] == number] for number in sorted(set(column.values()))]


def _distances(beside: Mapping[str, list[str]], first: Sequence[str], start: str, middle: str) -> dict[str, int]:
    """Return how far the classes that hang together with ``start`` are from the middle, which is left out."""
    group, waiting = {start}, [start]
    while waiting:
        new = set(beside[waiting.pop()]) - group - {middle}
        group |= new
        waiting += sorted(new)
    found = {iri: 1 for iri in first if iri in group}
    reached = list(found)
    for iri in reached:
        for other in beside[iri]:
            if other in group and other not in found:
                found[other] = found[iri] + 1
                reached.append(other)
    return found


def _order(columns: list[list[str]], beside: Mapping[str, list[str]]) -> list[list[str]]:
    """Order each column by the middle of its neighbours' places, to and fro, so that few arrows cross."""
    for sweep in range(_SWEEPS):
        place = {iri: at - (len(column) - 1) / 2 for column in columns for at, iri in enumerate(column)}
        for column in columns if sweep % 2 else reversed(columns):
            middle = {
                iri: sum(place[other] for other in beside[iri]) / len(beside[iri]) if beside[iri] else place[iri]
                for iri in column
            }
            column.sort(key=lambda iri: middle[iri])
            for at, iri in enumerate(column):
                place[iri] = at - (len(column) - 1) / 2
    return columns


def _curve(one: Box, other: Box, *, back: bool) -> tuple[Point, Point, Point, Point]:
    """Return the arrow between two boxes as a Bézier curve; ``back`` tells that another one runs the other way."""
    down = _HEIGHT / 2
    if one is other:
        x, y = one.x + one.width / 2, one.y
        return (x - 26, y), (x - 34, y - 22), (x + 34, y - 22), (x + 26, y)
    if one.x == other.x:  # within a column: out and in on one side, the left one for the first column
        left = one.x == _SIDE or (back and one.y > other.y)
        x, sign = (one.x, -1) if left else (one.x + one.width, 1)
        y1, y2 = one.y + down, other.y + down
        bend = sign * (24 + abs(y2 - y1) / 5)
        return (x, y1), (x + bend, y1), (x + bend, y2), (x, y2)
    forth = one.x < other.x
    aside = (-7.0 if forth else 7.0) if back else 0.0
    x1, x2 = (one.x + one.width, other.x) if forth else (one.x, other.x + other.width)
    y1, y2 = one.y + down + aside, other.y + down + aside
    bend = (x2 - x1) / 2
    return (x1, y1), (x1 + bend, y1), (x2 - bend, y2), (x2, y2)


def _path(curve: Sequence[Point]) -> str:
    (x, y), *rest = [(round(x, 1), round(y, 1)) for x, y in curve]
    return f"M{x},{y} C" + " ".join(f"{x},{y}" for x, y in rest)


def _at(part: float, curve: Sequence[Point]) -> Point:
    """Return a point of a cubic Bézier curve."""
    rest = 1 - part
    weights = (rest**3, 3 * rest * rest * part, 3 * rest * part * part, part**3)
    x = sum(weight * point[0] for weight, point in zip(weights, curve, strict=True))
    y = sum(weight * point[1] for weight, point in zip(weights, curve, strict=True))
    return x, y


Area = tuple[float, float, float, float]


def _around(x: float, y: float, width: float, height: float) -> Area:
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


class _Sheet:
    """What is taken on the sheet, so that names do not stand on one another."""

    def __init__(self, taken: list[Area]) -> None:
        self.taken = taken

    def labels(self, names: Sequence[str], curve: Sequence[Point], *, loop: bool) -> tuple[Label, ...]:
        """Place the names of an arrow one above the other, where least is in the way."""
        width, height = _LETTER * max(len(_short(name)) for name in names), _LINE * len(names)
        lift = (4 + height / 2) if loop else 0.0
        spots = [_at(part, curve) for part in ((0.5,) if loop else _PLACES)]
        x, y = min(spots, key=lambda spot: self._overlap(_around(spot[0], spot[1] - lift, width, height)))
        self.taken.append(_around(x, y - lift, width, height))
        first = y - lift - _LINE * (len(names) - 1) / 2
        return tuple(Label(name, round(x, 1), round(first + _LINE * at, 1)) for at, name in enumerate(names))

    def _overlap(self, area: Area) -> float:
        return sum(
            max(0.0, min(area[2], other[2]) - max(area[0], other[0]))
            * max(0.0, min(area[3], other[3]) - max(area[1], other[1]))
            for other in self.taken
        )


def _short(iri: str) -> str:
    return iri.rsplit("#", 1)[-1]

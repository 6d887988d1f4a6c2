"""The one picture that suits an answer, as plain numbers for a template to draw: no script is needed to see it."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

#: More than this is a tangle, not a picture; the table says it better.
MOST_NODES = 150
MOST_NAMES = 40

_LETTER = 8.2  # the width of a letter, roughly, at the size at which labels are set
_LONGEST = 34


@dataclass(frozen=True, slots=True)
class Edge:
    """A pair of things that have something in common; each end is ``(IRI, name)``."""

    one: tuple[str, str]
    other: tuple[str, str]
    weight: float


@dataclass(frozen=True, slots=True)
class Dot:
    """A thing in a drawing, with where its label stands and to which side it runs."""

    iri: str
    name: str
    label: str
    x: float
    y: float
    label_x: float
    anchor: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """A group of things that hang together, drawn on a circle."""

    width: float
    height: float
    dots: tuple[Dot, ...]
    lines: tuple[tuple[Dot, Dot, float], ...]


def network(edges: Sequence[Edge]) -> list[Drawing]:
    """Return one drawing for each group that hangs together, the largest first; none if there are too many."""
    names = {iri: name for edge in edges for iri, name in (edge.one, edge.other)}
    if not names or len(names) > MOST_NODES:
        return []
    groups = sorted(_groups(names, edges), key=lambda group: (-len(group), names[group[0]]))
    return [_circle(group, names, edges) for group in groups]


def _groups(names: Mapping[str, str], edges: Iterable[Edge]) -> list[list[str]]:
    neighbours: dict[str, set[str]] = defaultdict(set)
    for edge in edges:
        neighbours[edge.one[0]].add(edge.other[0])
        neighbours[edge.other[0]].add(edge.one[0])
    groups, seen = [], set()
    for start in names:
        if start in seen:
            continue
        group, waiting = [], [start]
        seen.add(start)
        while waiting:
            group.append(waiting.pop())
            new = neighbours[group[-1]] - seen
            seen |= new
            waiting += sorted(new)
        groups.append(sorted(group, key=lambda iri: (names[iri], iri)))
    return groups


def _circle(group: Sequence[str], names: Mapping[str, str], edges: Iterable[Edge]) -> Drawing:
    radius = max(28.0, 26 * len(group) / math.tau)
    labels = {iri: _shorten(names[iri]) for iri in group}
    margin = 14 + _LETTER * max(len(label) for label in labels.values())
    width, height = 2 * (radius + margin), 2 * (radius + 16)
    dots = {}
    for at, iri in enumerate(group):
        # Half a step away from the vertical, so that no two labels stand above one another at the poles.
        angle = math.tau * (at + 0.5) / len(group)
        x, y = width / 2 + radius * math.sin(angle), height / 2 - radius * math.cos(angle)
        right = x >= width / 2 - 0.01
        dots[iri] = Dot(
            iri, names[iri], labels[iri],
            round(x, 1), round(y, 1), round(x + (9 if right else -9), 1), "start" if right else "end",
        )  # fmt: skip
    heaviest = max((edge.weight for edge in edges), default=1.0)
    lines = tuple(
        (dots[edge.one[0]], dots[edge.other[0]], round(0.75 + 2.25 * (edge.weight - 1) / max(heaviest - 1, 1), 2))
        for edge in edges
        if edge.one[0] in dots
    )
    return Drawing(round(width, 1), round(height, 1), tuple(dots.values()), lines)


def _shorten(name: str) -> str:
    return name if len(name) <= _LONGEST else name[: _LONGEST - 1].rstrip() + "…"


@dataclass(frozen=True, slots=True)
class Matrix:
    """Things against things; a row has a name and one value per thing, ``None`` where there is none."""

    things: tuple[tuple[str, str], ...]
    rows: tuple[tuple[float | None, ...], ...]


def matrix(edges: Sequence[Edge]) -> Matrix | None:
    """Return pairs as a symmetric matrix, ``None`` if it would be too large to read."""
    names = {iri: name for edge in edges for iri, name in (edge.one, edge.other)}
    if not names or len(names) > MOST_NAMES:
        return None
    things = tuple(sorted(names.items(), key=lambda item: (item[1], item[0])))
    weights = {}
    for edge in edges:
        weights[edge.one[0], edge.other[0]] = weights[edge.other[0], edge.one[0]] = edge.weight
    rows = tuple(tuple(weights.get((one, other)) for other, _ in things) for one, _ in things)
    return Matrix(things, rows)

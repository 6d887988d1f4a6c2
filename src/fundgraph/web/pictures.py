"""The one picture that suits an answer, as plain numbers for a template to draw: no script is needed to see it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from fundgraph.web.layout import Network, Tie, draw

#: More than this is a tangle, not a picture; the table says it better.
MOST_NODES = 300
MOST_NAMES = 40
MOST_POINTS = 200


@dataclass(frozen=True, slots=True)
class Edge:
    """A pair of things that have something in common; each end is ``(IRI, name)``."""

    one: tuple[str, str]
    other: tuple[str, str]
    weight: float


def network(edges: Sequence[Edge]) -> Network | None:
    """Return pairs as a network; ``None`` if there are none or too many to see anything."""
    names = {iri: name for edge in edges for iri, name in (edge.one, edge.other)}
    if not names or len(names) > MOST_NODES:
        return None
    things = sorted(names.items(), key=lambda item: (item[1], item[0]))
    places = {iri: at for at, (iri, _) in enumerate(things)}
    weights: Counter[tuple[int, int]] = Counter()
    for edge in edges:
        one, other = sorted((places[edge.one[0]], places[edge.other[0]]))
        if one != other:
            weights[one, other] = max(weights[one, other], round(edge.weight))
    return draw(things, [Tie(one, other, weight) for (one, other), weight in sorted(weights.items())])


@dataclass(frozen=True, slots=True)
class Plot:
    """A line through points ``(x, y, name, value)`` in a box of 640 by 240, and the largest value."""

    points: tuple[tuple[float, float, str, str], ...]
    most: str


def plot(pairs: Sequence[tuple[str, float]]) -> Plot | None:
    """Return numbers by name, in their order, as a line; ``None`` if there are none or too many to see."""
    if not pairs or len(pairs) > MOST_POINTS:
        return None
    places = [float(name) if re.fullmatch(r"-?[0-9]{1,9}", name) else None for name, _ in pairs]
    known = [place for place in places if place is not None]
    if len(known) < len(pairs):
        known = [float(at) for at in range(len(pairs))]
    low, wide = min(known), max(max(known) - min(known), 1.0)
    most = max(max(value for _, value in pairs), 1e-9)
    points = tuple(
        (
            round(50 + 560 * (place - low) / wide, 1),
            round(210 - 180 * max(value, 0.0) / most, 1),
            name,
            f"{value:g}",
        )
        for place, (name, value) in zip(known, pairs, strict=True)
    )
    return Plot(points, f"{most:g}")


@dataclass(frozen=True, slots=True)
class Matrix:
    """Things against things; a row has a name and one value per column, ``None`` where there is none."""

    things: tuple[tuple[str, str], ...]
    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[float | None, ...], ...]


def matrix(edges: Sequence[Edge]) -> Matrix | None:
    """Return pairs as a matrix, ``None`` if it would be too large to read; one kind of things stands on both sides."""
    ones, others = dict(edge.one for edge in edges), dict(edge.other for edge in edges)
    weights = {(edge.one[0], edge.other[0]): edge.weight for edge in edges}
    if ones.keys() & others.keys():
        ones = others = ones | others
        weights |= {(other, one): weight for (one, other), weight in weights.items()}
    if not ones or max(len(ones), len(others)) > MOST_NAMES:
        return None
    things, columns = (
        tuple(sorted(names.items(), key=lambda item: (item[1], item[0]))) for names in (ones, others)
    )
    rows = tuple(tuple(weights.get((one, other)) for other, _ in columns) for one, _ in things)
    return Matrix(things, columns, rows)

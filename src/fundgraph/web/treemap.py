"""A tree as nested areas: each area is as large as what it stands for, and as near to a square as may be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Box = tuple[float, float, float, float]

WIDTH, HEIGHT = 1040.0, 600.0
_HEAD = 18.0
_PAD = 2.0
_LETTER = 7.0


@dataclass(frozen=True, slots=True)
class Leaf:
    """What has an area: an IRI, a name, and how much it is."""

    iri: str
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Area:
    """An area with as much of its name as there is room for; ``shade`` tells neighbouring branches apart."""

    leaf: Leaf
    x: float
    y: float
    width: float
    height: float
    label: str
    head: bool
    shade: int


def treemap(branches: Sequence[tuple[Leaf, Sequence[Leaf]]]) -> tuple[Area, ...]:
    """Lay out branches with their leaves in a box of ``WIDTH`` by ``HEIGHT``; what is of no size is left out."""
    sized = [(head, [leaf for leaf in leaves if leaf.size > 0]) for head, leaves in branches]
    sized = sorted(((h, ls) for h, ls in sized if ls), key=lambda b: (-sum(leaf.size for leaf in b[1]), b[0].name))
    sizes = [float(sum(leaf.size for leaf in leaves)) for _, leaves in sized]
    areas: list[Area] = []
    for shade, ((head, leaves), box) in enumerate(zip(sized, squares(sizes, (0, 0, WIDTH, HEIGHT)), strict=True)):
        x, y, width, height = box
        areas.append(_area(head, box, shade, head=True))
        inner = (x + _PAD, y + _HEAD, width - 2 * _PAD, max(height - _HEAD - _PAD, 1.0))
        ordered = sorted(leaves, key=lambda leaf: (-leaf.size, leaf.name, leaf.iri))
        boxes = squares([float(leaf.size) for leaf in ordered], inner)
        areas += [_area(leaf, place, shade, head=False) for leaf, place in zip(ordered, boxes, strict=True)]
    return tuple(areas)


def _area(leaf: Leaf, box: Box, shade: int, *, head: bool) -> Area:
    x, y, width, height = (round(length, 1) for length in box)
    room = int((width - 8) / _LETTER) if height >= 15 else 0
    label = leaf.name if len(leaf.name) <= room else leaf.name[: room - 1].rstrip() + "…" if room > 4 else ""
    return Area(leaf, x, y, width, height, label, head, shade % 4)


def squares(sizes: Sequence[float], box: Box) -> list[Box]:
    """Return a box for each size, in their order (largest first), that together fill the box.

    >>> squares([2.0, 1.0, 1.0], (0, 0, 4, 2))
    [(0, 0.0, 2.0, 2.0), (2.0, 0.0, 2.0, 1.0), (2.0, 1.0, 2.0, 1.0)]
    """
    total = sum(sizes)
    if not sizes or total <= 0:
        return []
    x, y, width, height = box
    scale = width * height / total
    found: list[Box] = []
    at = 0
    while at < len(sizes):
        short = max(min(width, height), 1e-9)
        end = at + 1
        while end < len(sizes) and _worst(sizes[at : end + 1], scale, short) <= _worst(
            sizes[at:end], scale, short
        ):
            end += 1
        row = [size * scale for size in sizes[at:end]]
        thick = sum(row) / short
        offset = 0.0
        for part in row:
            long = part / thick if thick else 0.0
            found.append((x, y + offset, thick, long) if width >= height else (x + offset, y, long, thick))
            offset += long
        if width >= height:
            x, width = x + thick, width - thick
        else:
            y, height = y + thick, height - thick
        at = end
    return found


def _worst(sizes: Sequence[float], scale: float, short: float) -> float:
    """Return the worst ratio of the sides if these stand in one row along the short side."""
    whole = sum(sizes) * scale
    return max(
        max(short**2 * size * scale / whole**2, whole**2 / (short**2 * size * scale))
        for size in (sizes[0], sizes[-1])
    )

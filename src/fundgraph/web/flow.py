"""The flow of people and topics from phase to phase: who stays, joins and leaves, as numbers and as a drawing.

A phase of which no document was read is unknown: nobody is said to have left before it or to have joined after it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

WIDTH = 1040.0
_HEIGHT = 300.0
_BAR = 26.0
_TOP = 34.0
_K = TypeVar("_K", int, str)


@dataclass(frozen=True, slots=True)
class Change(Generic[_K]):
    """What two phases have in common and what not; each a sorted tuple of keys."""

    stayed: tuple[_K, ...]
    left: tuple[_K, ...]
    joined: tuple[_K, ...]


def change(before: set[_K], after: set[_K]) -> Change[_K]:
    """Compare what was there before with what is there after."""
    return Change(tuple(sorted(before & after)), tuple(sorted(before - after)), tuple(sorted(after - before)))


@dataclass(frozen=True, slots=True)
class Bar:
    """A phase: a bar as high as what is in it; ``known`` is whether any document of it was read."""

    key: str
    name: str
    count: int
    x: float
    y: float
    height: float
    known: bool


@dataclass(frozen=True, slots=True)
class Ribbon:
    """A flow between two phases (``stayed``), out of one (``left``) or into one (``joined``)."""

    kind: str
    count: int
    path: str
    text_x: float
    text_y: float
    ends: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Flow(Generic[_K]):
    """The whole drawing."""

    height: float
    bars: tuple[Bar, ...]
    ribbons: tuple[Ribbon, ...]
    changes: tuple[tuple[Bar, Bar, Change[_K]], ...]


def flow(phases: Sequence[tuple[str, str, bool, set[_K]]]) -> Flow[_K]:
    """Draw phases in their order: key, name, whether it is known, and what is in it."""
    most = max((len(inside) for *_, inside in phases), default=0)
    scale = _HEIGHT / max(most, 1)
    step = (WIDTH - _BAR - 160) / max(len(phases) - 1, 1)
    bars = [
        Bar(key, name, len(inside), round(80 + at * step, 1), _TOP, round(max(len(inside) * scale, 2), 1), known)
        for at, (key, name, known, inside) in enumerate(phases)
    ]
    ribbons: list[Ribbon] = []
    changes = []
    for at in range(len(phases) - 1):
        one, other = bars[at], bars[at + 1]
        if not (one.known and other.known):
            continue
        changed = change(phases[at][3], phases[at + 1][3])
        changes.append((one, other, changed))
        ribbons += _ribbons(one, other, changed, scale)
    return Flow(_TOP + _HEIGHT + 70, tuple(bars), tuple(ribbons), tuple(changes))


def _ribbons(one: Bar, other: Bar, changed: Change[_K], scale: float) -> list[Ribbon]:
    ends = (one.key, other.key)
    left, right = one.x + _BAR, other.x
    stay, go, come = (len(part) * scale for part in (changed.stayed, changed.left, changed.joined))
    top = _TOP
    middle = (left + right) / 2
    found = []
    if changed.stayed:
        path = f"M{left:.1f} {top:.1f}H{right:.1f}V{top + stay:.1f}H{left:.1f}Z"
        found.append(
            Ribbon("stayed", len(changed.stayed), path, round(middle, 1), round(top + stay / 2 + 4, 1), ends)
        )
    reach = min(90.0, (right - left) / 3)
    for kind, high, x, sign in (("left", go, left, 1), ("joined", come, right, -1)):
        if high:
            y = top + stay
            tip = x + sign * reach
            bend = x + sign * reach * 0.6
            path = (
                f"M{x:.1f} {y:.1f}C{bend:.1f} {y:.1f} {tip:.1f} {y + 12:.1f} {tip:.1f} {y + high + 24:.1f}"
                f"C{tip:.1f} {y + high + 24:.1f} {bend:.1f} {y + high:.1f} {x:.1f} {y + high:.1f}Z"
            )
            count = len(changed.left if kind == "left" else changed.joined)
            found.append(
                Ribbon(kind, count, path, round(x + sign * reach * 0.5, 1), round(y + high / 2 + 8, 1), ends)
            )
    return found

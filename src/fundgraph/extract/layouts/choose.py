"""Pick the layout that explains a source best: by its structure, never by the file's name."""

from __future__ import annotations

from collections.abc import Callable

from fundgraph.extract.layouts import blocks
from fundgraph.extract.layouts.records import Reading
from fundgraph.extract.source import Source

LAYOUTS: tuple[Callable[[Source], Reading], ...] = (blocks.read,)
"""Every layout's reader; at a draw the earlier one wins."""


def read_layout(source: Source) -> Reading:
    """Read a source by every layout and return the reading that explains most of its text."""
    readings = [read(source) for read in LAYOUTS]
    return max(readings, key=lambda reading: reading.explained)

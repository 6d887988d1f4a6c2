"""Lines that hold several labels with their values ("Award Number:1; Principal Investigator:A B; …"), opened."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from fundgraph.extract.layouts.fields import read_label
from fundgraph.extract.layouts.values import period_of
from fundgraph.extract.source import Line, Source, trim

FEWEST = 3
"""Labels that a line holds at least to be opened."""
_SIGNED = re.compile(r"\s+[·•|]\s+|[ \u00a0]{2,}")
"""Between such signs two labels are enough, and dates need none: "PIs: A, B | PhD: C | since 2020"."""
_LABEL = re.compile(r"(?:(?<=[;|])|(?<=\s)|^)\s*((?:[A-ZÄÖÜ][\w#/-]*\.?\s){0,3}[A-ZÄÖÜ][\w#/-]*\.?)\s?:")


def opened(source: Source) -> Source:
    """Return a source in which each label of such a line begins a line of its own, with the same number."""
    if not any(
        (colons := line.text.count(":")) >= FEWEST or (colons and _SIGNED.search(line.text))
        for line in source.lines
    ):
        return source
    return replace(source, lines=tuple(one for line in source.lines for one in _parts(line)))


def _parts(line: Line) -> Iterator[Line]:
    text = line.text
    if ":" in text and line.mark is None and len(text) <= 1000 and _SIGNED.search(text) and (cut := _signed(line)):
        yield from cut
        return
    if text.count(":") < FEWEST or line.mark is not None or len(text) > 4000:
        yield line
        return
    starts = [place for found in _LABEL.finditer(text) if (place := _begin(text, found)) is not None]
    if len(starts) < FEWEST or starts[0] != 0:
        yield line
        return
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        first, last = trim(text, start, end)
        while last > first and text[last - 1] in ";| ":
            last -= 1
        if read_label(text[first:last]) is not None and not text[first:last].endswith(":"):
            yield Line(line.number, line.start + first, line.start + last, text[first:last])


def _signed(line: Line) -> list[Line]:
    """Cut a line between signs, if it begins with a label and each part is one, or dates."""
    parts: list[Line] = []
    labels = position = 0
    for found in [*_SIGNED.finditer(line.text), None]:
        first, last = trim(line.text, position, found.start() if found else len(line.text))
        position = found.end() if found else 0
        part = line.text[first:last]
        label = read_label(part)
        if label is not None and ":" in part:
            labels += 1
        elif parts and len(part) <= 40 and any(period_of(part)):
            # Dates stay behind the value before them.
            first = parts.pop().start - line.start
        else:
            return []
        parts.append(Line(line.number, line.start + first, line.start + last, line.text[first:last]))
    return parts if labels > 1 else []


def _begin(text: str, found: re.Match[str]) -> int | None:
    """Return where the known label begins that ends at a colon: the longest of its last words that is one."""
    start = found.start(1)
    while True:
        label = read_label(text[start : found.end()] + " x")
        if label is not None and label.rest is not None:
            return start
        space = text.find(" ", start, found.end(1))
        if space < 0:
            return None
        start = space + 1

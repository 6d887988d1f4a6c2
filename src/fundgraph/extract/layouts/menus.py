"""Menus of a page that was copied as text: several entries, each on a line of its own with none blank between."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from fundgraph.extract.headings import read_heading
from fundgraph.extract.layouts.records import Reading, Remark
from fundgraph.extract.source import Line, Source
from fundgraph.extract.words import word_set

FEWEST = 3
"""Entries of a menu, at the least."""
LONGEST = 30
"""Characters of an entry."""


def without_menus(source: Source) -> tuple[Source, tuple[Line, ...]]:
    """Return a source without the lines of its menus, and these."""
    menus = {line.start for run in _runs(source) for line in run}
    if not menus:
        return source, ()
    kept = tuple(line for line in source.lines if line.start not in menus)
    return replace(source, lines=kept), tuple(line for line in source.lines if line.start in menus)


def with_menus(reading: Reading, menus: tuple[Line, ...]) -> Reading:
    """Say of the lines of menus that they are the page's."""
    if not menus:
        return reading
    remarks = [*reading.remarks, *(Remark("page-furniture", line.start, line.end) for line in menus)]
    return replace(reading, remarks=tuple(sorted(remarks, key=lambda remark: remark.start)))


def _runs(source: Source) -> Iterator[list[Line]]:
    """Yield the runs of lines that are menus: short, most of them known entries, and nothing else beside them."""
    run: list[Line] = []
    for line in [*source.lines, None]:
        near = line is not None and line.mark is None and bool(run) and line.number == run[-1].number + 1
        if near and line is not None and len(line.text) <= LONGEST:
            run.append(line)
            continue
        if run and not near and _is_menu(run):
            yield run
        short = line is not None and not near and line.mark is None and len(line.text) <= LONGEST
        run = [line] if short and line is not None else []


def _is_menu(run: list[Line]) -> bool:
    if len(run) < FEWEST:
        return False
    known = sum(_is_entry(line.text) for line in run)
    return known >= FEWEST and known * 4 >= len(run) * 3


def _is_entry(text: str) -> bool:
    plain = text.casefold().strip(" .:»›>")
    if plain in word_set("page", "menu") or plain in word_set("page", "furniture"):
        return True
    heading = read_heading(text)
    return heading is not None and heading.kind == "section"

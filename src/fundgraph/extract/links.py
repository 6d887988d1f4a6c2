"""Projects' numbers that stand only in addresses, by the patterns of ``links.toml``."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from urllib.parse import unquote

from fundgraph.documents.view import View
from fundgraph.extract.layouts.records import RawProject, Reading
from fundgraph.extract.source import Line, Source
from fundgraph.extract.words import vocabulary
from fundgraph.model import Document, Identifier

FOLLOWING = 3
"""Lines after a project on which its link may stand, if nothing else was read from them."""
_NUMBER = re.compile(r"[\d/]*\d{4,}[\d/]*$|[A-Z]{1,4}[-/ ]?\d{4,}\S*$|ANR-\S+$")
"""What a funder's number looks like; what a programme calls its projects ("A01") does not."""


@dataclass(frozen=True, slots=True)
class Linked:
    """A number in an address: where the link stands in the view, and where the number does in the source."""

    scheme: str
    value: str
    is_code: bool
    start: int
    end: int
    source_start: int
    source_end: int

    def identifier(self, source: Document) -> Identifier:
        """Return it with its place in the source."""
        return Identifier(self.scheme, self.value, source.span(self.source_start, self.source_end))


def read_links(source: Source, reading: Reading) -> tuple[Reading, dict[int, tuple[Linked, ...]]]:
    """Find each project's numbers in the addresses that stand in it; return the reading with them taken in.

    A number that several projects share is none of theirs (it is their programme's). Where a project links to
    several of one funder's projects, its own is the one that its title leads to, and without that none. The number
    is the project's code too where no project of the page has a code of another kind.
    """
    found = sorted(_addresses(source), key=lambda one: one.start)
    if not found or not reading.projects:
        return reading, {}
    own: dict[int, list[Linked]] = {}
    begins = [one.start for one in found]
    for index, (start, end) in enumerate(_regions(source, reading)):
        if here := found[bisect_left(begins, start) : bisect_left(begins, end)]:
            own[index] = list(_one_of_each(here, reading.projects[index]))
    shared = Counter(key for links in own.values() for key in {(one.scheme, one.value) for one in links})
    kept = {
        index: tuple(one for one in links if shared[one.scheme, one.value] == 1) for index, links in own.items()
    }
    kept = {index: links for index, links in kept.items() if links}
    coded = all(raw.code is None or _NUMBER.match(raw.code) for raw in reading.projects)
    projects = tuple(
        _with(raw, kept[index], coded) if index in kept else raw for index, raw in enumerate(reading.projects)
    )
    places = sorted((one.start, one.end) for links in kept.values() for one in links)
    remarks = tuple(
        remark
        for remark in reading.remarks
        if remark.code != "unread-text"
        or not any(
            end <= remark.end
            for _, end in places[bisect_left(places, (remark.start, 0)) : bisect_right(places, (remark.end, 0))]
        )
    )
    return replace(reading, projects=projects, remarks=remarks), kept


def _with(raw: RawProject, links: tuple[Linked, ...], coded: bool) -> RawProject:
    code = raw.code or (next((one.value for one in links if one.is_code), None) if coded else None)
    return replace(raw, code=code, read=(*raw.read, *((one.start, one.end) for one in links)))


def _one_of_each(found: Sequence[Linked], raw: RawProject) -> Iterator[Linked]:
    """Yield the number of each scheme that is the project's own."""
    for scheme in dict.fromkeys(one.scheme for one in found):
        values = {one.value: one for one in reversed(found) if one.scheme == scheme}
        if len(values) > 1:
            values = {
                value: one
                for value, one in values.items()
                if one.start < raw.title_end and raw.title_start < one.end
            }
        if len(values) == 1:
            yield next(iter(values.values()))


def _regions(source: Source, reading: Reading) -> Iterator[tuple[int, int]]:
    """Yield where each project's links may stand: in it, in the rest of its last line, on a few lines after it."""
    starts = sorted({raw.start for raw in reading.projects})
    taken = sorted([*reading.headings, *((phase.start, phase.end) for phase in reading.phases)])
    limits = sorted([*starts, *(start for start, _ in taken)])
    numbers = {line.number: index for index, line in enumerate(source.lines)}
    for raw in reading.projects:
        place = bisect_right(limits, raw.title_start)
        limit = limits[place] if place < len(limits) else len(source.document.text)
        last = numbers.get(source.document.line_of(max(raw.end - 1, raw.start)))
        end = raw.end
        if last is not None:
            for line in source.lines[last : last + 1 + FOLLOWING]:
                if line.start >= limit or (line.start >= raw.end and _is_heading(line)):
                    break
                end = max(end, min(line.end, limit))
        yield raw.start, end


def _is_heading(line: Line) -> bool:
    return line.mark is not None and line.mark.kind in ("heading", "title")


def _addresses(source: Source) -> Iterator[Linked]:
    """Yield the numbers in the addresses of links, and in those that are printed."""
    view, text = source.view, source.document.text
    for words, pattern, scheme, is_code in _patterns():
        for link in view.links:
            lower = link.address.lower()
            if any(word in lower for word in words) and (one := pattern.search(link.address)):
                start, end = _place(view, link.address_start, link.address_end, one.group(1))
                yield Linked(scheme, unquote(one.group(1)), is_code, link.start, link.end, start, end)
        if any(map(source.has, words)):
            for one in pattern.finditer(text):
                yield Linked(scheme, unquote(one.group(1)), is_code, *one.span(), *view.back(*one.span(1)))


def _place(view: View, start: int, end: int, value: str) -> tuple[int, int]:
    """Return where in an address its number stands; entities may have moved it."""
    at = view.source.text.find(value, start, end)
    return (at, at + len(value)) if at >= 0 else (start, end)


@lru_cache(maxsize=1)
def _patterns() -> tuple[tuple[tuple[str, ...], re.Pattern[str], str, bool], ...]:
    return tuple(
        (tuple(one["words"]), re.compile(one["match"], re.I), one["scheme"], one.get("code", True))
        for one in vocabulary("links")["link"]
    )

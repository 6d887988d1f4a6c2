"""People whom a page of projects lists beside them, under a heading of their own: the programme's members."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from fundgraph.extract.headings import read_heading
from fundgraph.extract.layouts.members import FEWEST, PeopleList, heads_people, read_line
from fundgraph.extract.layouts.records import RawPerson, Reading, Remark
from fundgraph.extract.layouts.rosters import parties
from fundgraph.extract.source import LONGEST_HEADING, Line, Source, squeeze
from fundgraph.extract.words import word_set

FEWEST_PROJECTS = 2
"""On a page of fewer projects the people are the project's."""
EXPLAINED = 0.7
"""The share of a section's lines that must be people, or be said of them."""


def is_programmes(source: Source, line: Line, level: int, *, others: int, listed: bool, own: bool) -> bool:
    """Tell whether a heading of people that stands after a project's title is not that project's.

    ``level`` is the rank of the project's heading, ``others`` the number of projects before it, ``listed`` whether one of
    them has a list of people, ``own`` whether the project has one already. A heading of a higher rank ends the project; of
    the same rank, or where nothing has a rank, one that stands on the page just once does, if other projects go without.
    """
    rank = line.mark.level if line.mark is not None and line.mark.kind == "heading" else 0
    if rank and level < 9 and rank != level:
        return rank < level
    if others and is_former(line.text) and (rank or not listed):
        return line.text in source.lone_lines
    return others >= FEWEST_PROJECTS and (own or not listed) and line.text in source.lone_lines


@lru_cache(maxsize=1024)
def is_former(text: str) -> bool:
    """Tell whether a heading is of people who have left: they were the programme's rather than one project's.

    >>> is_former("Ehemalige Mitglieder"), is_former("Members")
    (True, False)
    """
    words = text.casefold().strip(" :").split()
    return len(words) <= 5 and any(word in word_set("headings", "former") for word in words[:2])


def with_members(source: Source, reading: Reading) -> Reading:
    """Return a reading of projects with the people that stand in sections of their own between or about them."""
    if len(reading.projects) < FEWEST_PROJECTS or reading.members or reading.layout == "prose":
        return reading
    heads = {
        _plain(source.document.text[slice(*raw.list_heading)]) for raw in reading.projects if raw.list_heading
    }
    people: list[RawPerson] = []
    read: list[tuple[int, int]] = []
    furniture: list[Line] = []
    for lines in _gaps(source, reading):
        for section in _sections(lines, heads):
            found = _read(source, section)
            if found is not None:
                people += found.people
                read += [(section[0].start, section[0].end), *found.read]
                furniture += found.furniture
    if not people:
        return reading
    taken = {start for start, _ in read} | {line.start for line in furniture}
    remarks = [left for remark in reading.remarks for left in without(source, remark, taken)]
    remarks += [Remark("page-furniture", line.start, line.end) for line in furniture]
    return replace(
        reading,
        members=tuple(people),
        headings=tuple(sorted({*reading.headings, *read})),
        remarks=tuple(sorted(remarks, key=lambda remark: remark.start)),
    )


def _gaps(source: Source, reading: Reading) -> Iterator[Sequence[Line]]:
    """Yield the lines before, between and after the projects."""
    starts = [line.start for line in source.lines]
    position = 0
    for start, end in [*sorted((raw.start, raw.end) for raw in reading.projects), (len(source.document.text), 0)]:
        if start > position:
            first, last = bisect_left(starts, position), bisect_left(starts, start)
            if last - first > FEWEST:
                yield source.lines[first:last]
        position = max(position, end)


def _sections(lines: Sequence[Line], heads: set[str]) -> Iterator[Sequence[Line]]:
    """Yield the runs of lines that begin with a heading of people which is not how projects call theirs."""
    begin: int | None = None
    for index, line in enumerate(lines):
        if _is_head(line) and _plain(line.text) not in heads:
            inner = begin is not None and (_rank(line) > _rank(lines[begin]) or line.mark is None)
            if inner:
                continue  # a role within the section
        elif not _ends(line):
            continue
        if begin is not None:
            yield lines[begin:index]
        begin = index if _is_head(line) and _plain(line.text) not in heads else None
    if begin is not None:
        yield lines[begin:]


def _is_head(line: Line) -> bool:
    if len(line.text) > LONGEST_HEADING or (line.mark is not None and line.mark.kind not in ("heading", "strong")):
        return False
    return heads_people(line.text)


def _ends(line: Line) -> bool:
    """Tell whether a line is a heading of anything else."""
    if line.mark is not None and line.mark.kind == "heading":
        return line.mark.level <= 2
    heading = read_heading(line.text)
    return heading is not None and heading.kind in ("section", "phase", "abstract", "references")


def _rank(line: Line) -> int:
    return line.mark.level if line.mark is not None and line.mark.kind == "heading" else 7


def _plain(text: str) -> str:
    return squeeze(text).casefold().strip(" :#*")


def _read(source: Source, section: Sequence[Line]) -> PeopleList | None:
    """Read a section; ``None`` if it is no list of people."""
    found = PeopleList(marked=bool(source.view.marks))
    read_line(source, section[0], found)
    rows: dict[int, list[Line]] = {}
    for line in section[1:]:
        if line.mark is not None and line.mark.kind == "row":
            rows.setdefault(line.mark.table, []).append(line)
        else:
            read_line(source, line, found)
        found.last = line.number
    for table in rows.values():
        people, _, places = parties(source, table)
        found.people += people
        found.read += places
        found.unread += table if not places else []
    if len({person.name.name for person in found.people}) < FEWEST:
        return None
    content = len(section) - len(found.furniture)
    return found if len(found.unread) <= (1 - EXPLAINED) * content else None


def lines_in(source: Source, remark: Remark) -> Sequence[Line]:
    """Return the lines that a remark is about."""
    first = bisect_left(source.lines, remark.start, key=lambda line: line.start)
    last = bisect_left(source.lines, remark.end, lo=first, key=lambda line: line.start)
    return source.lines[first:last]


def without(source: Source, remark: Remark, taken: set[int]) -> Iterator[Remark]:
    """Yield what is left of a remark, which may be about several lines, without the lines that begin at some places."""
    lines = lines_in(source, remark)
    if taken.isdisjoint(line.start for line in lines):
        yield remark
        return
    for line in lines:
        if line.start not in taken:
            yield replace(remark, start=line.start, end=line.end)

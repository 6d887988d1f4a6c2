"""Which lines of a document were read, which are the page's own furniture, and which nothing was read from."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator

from fundgraph.documents.view import View
from fundgraph.extract.layouts.records import RawProject, Reading
from fundgraph.model import Coverage, ProgrammeMention, Project, Span

UNREAD, FURNITURE, READ = 1, 2, 3


def coverage_of(
    view: View, reading: Reading, projects: Iterable[Project], programme: ProgrammeMention | None
) -> Coverage:
    """Account for every line of the view's source that is not blank."""
    source = view.source
    states = bytearray(len(source.line_starts) + 2)
    whole = view.document is source
    first = UNREAD if whole else FURNITURE
    for number, printed in enumerate(source.text.split("\n"), 1):
        if printed and not printed.isspace():
            states[number] = first
    if not whole:
        _mark(view, states, _lines(view), UNREAD)
    own = (
        (remark.start, remark.end)
        for remark in reading.remarks
        if remark.code not in {"unread-text", "unread-name"}
    )
    _mark(view, states, own, FURNITURE)
    _mark(view, states, _read(reading, projects, programme, blocks=not whole), READ)
    if whole:
        # Where nothing leads from one text to another a line's number is known already.
        for raw in reading.projects:
            for block in (*raw.abstract, *raw.references):
                for line in block.lines:
                    if states[line.number]:
                        states[line.number] = READ
    lines = tuple(number for number, state in enumerate(states) if state == UNREAD)
    return Coverage(states.count(READ), states.count(FURNITURE), len(lines), lines)


def _mark(view: View, states: bytearray, places: Iterable[tuple[int, int]], state: int) -> None:
    starts = view.source.line_starts
    lines = len(starts)
    plain = view.runs is None
    begin, stop = 0, -1  # of the line that was marked last: places often follow each other on one
    for start, end in places:
        first, last = (start, end) if plain else view.back(start, end)
        if begin <= first and last <= stop:
            continue
        number = bisect_right(starts, first)
        if states[number]:
            states[number] = state
        while number < lines and starts[number] < last:
            number += 1
            if states[number]:
                states[number] = state
        begin, stop = starts[number - 1], starts[number] if number < lines else last


def shown_lines(view: View) -> Iterator[tuple[int, int]]:
    """Yield the stretches of a view's source that its readers see, line by line."""
    return (view.back(start, end) for start, end in _lines(view))


def _lines(view: View) -> Iterator[tuple[int, int]]:
    """Yield the lines of the view that hold anything: what stands elsewhere in the source is markup."""
    start = 0
    for line in view.document.text.split("\n"):
        if line.strip():
            yield start + len(line) - len(line.lstrip()), start + len(line.rstrip())
        start += len(line) + 1


def _read(
    reading: Reading, projects: Iterable[Project], programme: ProgrammeMention | None, *, blocks: bool
) -> Iterator[tuple[int, int]]:
    """Yield every stretch that something was read from."""
    yield from reading.headings
    yield from ((claim.start, claim.end) for claim in reading.claims)
    yield from ((phase.start, phase.end) for phase in reading.phases)
    if programme and programme.span:
        yield programme.span.start, programme.span.end
    yield from ((person.name.start, person.name.end) for person in reading.members)
    for raw in reading.projects:
        yield from _raw(raw, blocks=blocks)
    for project in projects:
        for span in _spans(project):
            yield span.start, span.end


def _raw(raw: RawProject, *, blocks: bool) -> Iterator[tuple[int, int]]:
    yield raw.title_start, raw.title_end
    yield from raw.read
    yield from (span for span in (raw.list_heading, raw.abstract_heading) if span)
    for block in (*raw.abstract, *raw.references):
        yield from [(line.start, line.end) for line in block.lines if blocks or not line.number]
    yield from ((person.name.start, person.name.end) for person in raw.people)
    yield from ((one.start, one.end) for one in raw.institutions)


def _spans(project: Project) -> Iterator[Span]:
    yield project.title_span
    yield from (one.span for one in project.institutions)
    yield from (one.span for one in project.publications)
    yield from (one.span for one in project.identifiers if one.span)

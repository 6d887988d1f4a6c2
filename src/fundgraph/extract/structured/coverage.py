"""Which lines of data were read, which are only its frame, and which hold values that nothing was read from."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import replace

from fundgraph.documents.tree import Items, Node, Record, Tree, Value
from fundgraph.extract.coverage import FURNITURE, READ, UNREAD
from fundgraph.model import Coverage, Document, Extraction, Participant, Project, Span

_LINE = re.compile(r"[^\n]*\S[^\n]*")


def with_coverage(extraction: Extraction, tree: Tree, shown: Iterable[tuple[int, int]] = ()) -> Extraction:
    """Account for every line of a structured document that is not blank.

    A line is ``read`` if a value on it was, or is the header of a table of which a row was; ``unread`` if it has values of
    which none was, or is one of those ``shown`` (a page's or a front matter's text); else it is the data's own frame:
    brackets, tags, comments, empty values. A record on one line is read if any of its values is.
    """
    document = extraction.document
    lines = _lines_of(document, tree, shown, header=bool(extraction.projects))
    for span in _spans(extraction):
        lines.mark(span.start, span.end, READ)
    return replace(extraction, coverage=lines.coverage())


def states_of(document: Document, tree: Tree, read: Iterable[Span]) -> bytearray:
    """Return the state of each line of a document, by its number; 0 of a blank one."""
    lines = _lines_of(document, tree, (), header=bool(tree.roots))
    for span in read:
        lines.mark(span.start, span.end, READ)
    return lines.states


def _lines_of(document: Document, tree: Tree, shown: Iterable[tuple[int, int]], *, header: bool) -> _Lines:
    lines = _Lines(document)
    values = list(_values(tree.roots))
    for start, end in shown:
        lines.mark(start, end, UNREAD)
    for value in values:
        if not value.blank:
            lines.mark(value.start, value.end, UNREAD)
    if document.format in ("csv", "text"):
        _rows(lines, tree, header=header)
    for value in values:
        if value.read and not value.blank:
            lines.mark(value.start, value.end, READ)
    return lines


def forget(record: Record) -> None:
    """Take back that something was read from a record, as of one that names no project."""
    for value in _values([record]):
        value.read = False


class _Lines:
    """The state of every line of a document."""

    def __init__(self, document: Document) -> None:
        self.starts = document.line_starts
        self.states = bytearray(len(self.starts) + 1)
        for found in _LINE.finditer(document.text):
            self.states[bisect_right(self.starts, found.start())] = FURNITURE

    def mark(self, start: int, end: int, state: int) -> None:
        """Give the lines of a stretch a state; blank ones keep theirs."""
        first = bisect_right(self.starts, start)
        last = first if end <= start + 1 else bisect_right(self.starts, end - 1)
        for number in range(first, last + 1):
            if self.states[number]:
                self.states[number] = state

    def coverage(self) -> Coverage:
        """Count them."""
        states = self.states
        unread = tuple(number for number, state in enumerate(states) if state == UNREAD)
        return Coverage(states.count(READ), states.count(FURNITURE), len(unread), unread)


def _rows(lines: _Lines, tree: Tree, *, header: bool) -> None:
    """Mark the rows of a table, each as a whole, and the header."""
    records = [root for root in tree.roots if isinstance(root, Record)]
    if header and records:
        for number in range(1, bisect_right(lines.starts, records[0].start)):
            if lines.states[number]:
                lines.states[number] = READ
    for record in records:
        if any(isinstance(cell, Value) and cell.read and not cell.blank for cell in record.entries.values()):
            lines.mark(record.start, record.end, READ)


def _values(roots: Iterable[Node]) -> Iterator[Value]:
    """Yield all values of a tree, which may have circles."""
    waiting = list(roots)
    seen: set[int] = set()
    while waiting:
        node = waiting.pop()
        if isinstance(node, Value):
            yield node
        elif id(node) not in seen:
            seen.add(id(node))
            waiting.extend(node.items if isinstance(node, Items) else node.entries.values())


def _spans(extraction: Extraction) -> Iterator[Span]:
    """Yield every passage from which something was read."""
    for named in (extraction.programme, *extraction.phases):
        if named is not None and named.span is not None:
            yield named.span
    for project in extraction.projects:
        yield from spans_of(project)
    yield from _of_people(extraction.members)


def spans_of(project: Project) -> Iterator[Span]:
    """Yield every passage from which something of a project was read."""
    yield project.title_span
    if project.abstract.span is not None:
        yield project.abstract.span
    yield from (one.span for one in project.publications)
    yield from (one.span for one in project.identifiers if one.span is not None)
    for place in project.institutions:
        yield place.span
        yield from (one.span for one in place.identifiers if one.span is not None)
    yield from _of_people(project.people)


def _of_people(people: Iterable[Participant]) -> Iterator[Span]:
    for one in people:
        yield from (mention.span for mention in one.mentions)
        yield from (identifier.span for identifier in one.identifiers if identifier.span is not None)

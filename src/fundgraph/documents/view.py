"""What a page shows: its text without markup, its structure, and the way back to the source's offsets."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from fundgraph.model import Document


@dataclass(frozen=True, slots=True)
class Mark:
    """What markup says of a line of a view.

    ``kind`` is ``heading``, ``strong``, ``item``, ``row``, ``term``, ``value``, ``caption`` or ``text``. ``level`` is
    a heading's or a list's depth. A row's cells are set apart by tabs; ``table`` numbers its table, ``header`` says
    that its cells are headings, ``carried`` which columns go on from the row above.
    """

    kind: str
    level: int = 0
    table: int = 0
    header: bool = False
    carried: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """Where a link stands in a view, and its address with the address's place in the source."""

    start: int
    end: int
    address: str
    address_start: int
    address_end: int


@dataclass(frozen=True, slots=True)
class Embedded:
    """A stretch of the source that is data in another format, such as JSON-LD in a script element."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True)
class View:
    """A document as readers see it. Offsets into ``document.text`` lead back to ``source.text`` by :meth:`back`."""

    source: Document
    document: Document
    marks: Mapping[int, Mark] = field(default_factory=dict)
    """By the line's number in the view."""
    links: tuple[Link, ...] = ()
    embedded: tuple[Embedded, ...] = ()
    runs: tuple[array[int], array[int], array[int]] | None = None
    """Where each run begins in the view, where in the source, and how many of the source's characters it stands for."""

    @classmethod
    def plain(cls, document: Document) -> View:
        """Make the view of a document that is its own view."""
        return cls(document, document)

    def back(self, start: int, end: int) -> tuple[int, int]:
        """Return the stretch of the source that a stretch of the view stands for."""
        if self.runs is None:
            return start, end
        begin = self._at(start, last=False)
        return (begin, begin) if end <= start else (begin, max(begin, self._at(end - 1, last=True)))

    def _at(self, offset: int, *, last: bool) -> int:
        """Return where a view's character begins in the source, or where it ends."""
        assert self.runs is not None
        starts, origins, lengths = self.runs
        index = bisect_right(starts, offset) - 1
        if index < 0:
            return 0
        stop = starts[index + 1] if index + 1 < len(starts) else len(self.document.text)
        if stop - starts[index] == lengths[index]:
            return origins[index] + min(offset - starts[index], lengths[index]) + int(last)
        return origins[index] + (lengths[index] if last else 0)


class Writer:
    """Puts a view together, stretch by stretch."""

    def __init__(self, source: Document) -> None:
        self.source = source
        self.parts: list[str] = []
        self.length = 0
        self.line = 1
        self.marks: dict[int, Mark] = {}
        self.links: list[Link] = []
        self.embedded: list[Embedded] = []
        self._starts = array("q")
        self._origins = array("q")
        self._lengths = array("q")
        self._open = -1
        """Where in the source the last run would go on, if it goes on character by character."""

    def copy(self, start: int, end: int) -> None:
        """Add a stretch of the source as it is."""
        if start >= end:
            return
        if self._open == start:
            self._lengths[-1] += end - start
        else:
            self._run(start, end - start)
        self._open = end
        text = self.source.text[start:end]
        self._append(text)

    def put(self, text: str, start: int, end: int) -> None:
        """Add a text that stands for a stretch of the source: a decoded entity, or a break that markup makes."""
        if not text:
            return
        if len(text) == end - start and self.source.text[start:end] == text:
            self.copy(start, end)
            return
        self._run(start, end - start)
        self._open = -1
        self._append(text)

    def mark(self, mark: Mark) -> None:
        """Say what the line that is being written is."""
        self.marks[self.line] = mark

    def finish(self) -> View:
        """Return the view."""
        return View(
            source=self.source,
            document=replace(self.source, text="".join(self.parts)),
            marks=self.marks,
            links=tuple(self.links),
            embedded=tuple(self.embedded),
            runs=(self._starts, self._origins, self._lengths),
        )

    def _run(self, start: int, length: int) -> None:
        self._starts.append(self.length)
        self._origins.append(start)
        self._lengths.append(length)

    def _append(self, text: str) -> None:
        self.parts.append(text)
        self.length += len(text)
        self.line += text.count("\n")

"""A page too large to be read at once, cut where its structure allows: between projects, rows, items, paragraphs.

Each piece is a stretch of the page behind copies of what stands above it there: the headings that it is under, and the
first row of the table that it goes on with.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from fundgraph.errors import DocumentError
from fundgraph.model import Document

PIECE = 4_000_000
"""Characters of a piece, about."""
AHEAD = 1_000_000
"""Characters after those in which the best place for a cut is looked for."""
LONGEST_PIECE = 16_000_000
"""A page that gives no place for a cut in so many characters is refused."""
LONGEST_ABOVE = 20_000
"""Characters of a heading or of a table's first row that are copied; longer ones are none."""
_TAG = re.compile(
    r"<(?:(!--)|(script|style)\b|(/?)(h[1-6]|div|section|article|main|aside|nav|ul|ol|dl|table|tr|li|p|dt)\b)",
    re.I,
)
_CONTAINERS = frozenset(("div", "section", "article", "main", "aside", "nav", "ul", "ol", "dl", "table"))
_HEADING = re.compile(r"<h([1-6])\b", re.I)
_TABLE = re.compile(r"<(/?)table\b", re.I)
_LINE = re.compile(r"^(?:(#{1,6})[ \t]|(\|)|([-*+] |\d{1,3}[.)] )|[ \t]*$)", re.M)
_MARKDOWN_HEADING = re.compile(r"^(#{1,6})[ \t].*$", re.M)
FEW = 3
"""Headings of one rank between two cuts that make it the rank of projects."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a document behind the stretches ``above`` it; offsets in ``document`` lead back by :meth:`back`."""

    document: Document
    start: int
    above: tuple[tuple[int, int], ...] = ()

    @property
    def lead(self) -> int:
        """How many characters stand before the stretch itself."""
        return sum(end - start + 1 for start, end in self.above)

    def back(self, start: int, end: int) -> tuple[int, int]:
        """Return where in the whole document a stretch of the piece stands."""
        at = self.lead
        if start >= at:
            return start - at + self.start, max(end, start) - at + self.start
        position = 0
        for first, last in self.above:
            length = last - first + 1
            if start < position + length:
                begin = first + start - position
                return min(begin, last), max(begin, min(first + end - position, last))
            position += length
        raise AssertionError("above the piece")


def check_lines(document: Document) -> None:
    """Raise :class:`DocumentError` for a plain text of which one line alone is larger than a page may be."""
    starts = document.line_starts
    for number, (start, end) in enumerate(pairwise((*starts, len(document.text) + 1)), 1):
        if end - start > LONGEST_PIECE:
            raise DocumentError(
                f"this line has {end - start - 1} characters; {LONGEST_PIECE} is the most of a line of text",
                where=document.path,
                line=number,
                column=1,
                hint="Break it where its paragraphs end",
            )


def pieces_of(document: Document) -> Iterator[Piece]:
    """Yield a page of HTML or Markdown in pieces. Raises :class:`DocumentError` where nothing allows for a cut."""
    cutter = _Markdown(document) if document.format == "markdown" else _Html(document)
    start, length = 0, len(document.text)
    while start < length:
        end = length if length - start <= PIECE + AHEAD else cutter.cut(start)
        above = cutter.above(start)
        text = "".join(document.text[first:last] + "\n" for first, last in above) + document.text[start:end]
        yield Piece(replace(document, text=text), start, above)
        start = end


class _Cutter:
    """Finds places for cuts in one document."""

    def __init__(self, document: Document) -> None:
        self.text = document.text
        self.path = document.path
        self.headings: list[tuple[int, int]] = []
        """Where headings begin, and their ranks."""

    def cut(self, start: int) -> int:
        """Return the best place for the end of a piece that begins at ``start``."""
        reach = AHEAD
        while True:
            found = self._best(start + PIECE, min(start + PIECE + reach, len(self.text)))
            if found is not None:
                return found
            if PIECE + reach >= LONGEST_PIECE or start + PIECE + reach >= len(self.text):
                break
            reach *= 4
        if len(self.text) - start <= LONGEST_PIECE:
            return len(self.text)
        line = self.text.count("\n", 0, start) + 1
        raise DocumentError(
            f"the page is too large to be read at once ({len(self.text)} characters), and nothing in it says where one "
            f"part ends and another begins: {LONGEST_PIECE} characters from here on have no heading, row, item or paragraph",
            where=self.path,
            line=line,
            column=start - self.text.rfind("\n", 0, start),
            hint="Save it as several pages, or as plain text",
        )

    def above(self, start: int) -> tuple[tuple[int, int], ...]:
        """Return the headings that a piece stands under, and a table's first row."""
        if start == 0:
            return ()
        index = bisect_right(self.headings, (start, -1))
        following = self.headings[index] if index < len(self.headings) else None
        rank = following[1] if following and following[0] < start + AHEAD else 7
        found: list[tuple[int, int]] = []
        for at, one in reversed(self.headings[max(0, index - 20_000) : index]):
            if one < rank:
                end = self._heading_end(at)
                if end is not None:
                    found.append((at, end))
                rank = one
            if rank == 1:
                break
        return tuple(sorted(found) + list(self._row_above(start)))

    def _best(self, start: int, end: int) -> int | None:
        raise NotImplementedError

    def _heading_end(self, start: int) -> int | None:
        raise NotImplementedError

    def _row_above(self, start: int) -> Iterator[tuple[int, int]]:
        raise NotImplementedError


def _by_rank(headings: Sequence[tuple[int, int]]) -> int | None:
    """Return the first heading of the highest rank that comes several times, as projects' headings do."""
    counts = Counter(rank for _, rank in headings)
    rank = next((one for one in sorted(counts) if counts[one] >= FEW), None)
    return next((at for at, one in headings if one == rank), None)


class _Html(_Cutter):
    def __init__(self, document: Document) -> None:
        super().__init__(document)
        self.headings = [(found.start(), int(found.group(1))) for found in _HEADING.finditer(self.text)]
        self.tables = [(found.start(), not found.group(1)) for found in _TABLE.finditer(self.text)]

    def _best(self, start: int, end: int) -> int | None:
        """Return the best of the least nested tags: a heading of projects, a container, row or item, a paragraph."""
        depth = 0
        tags: list[tuple[int, int, str]] = []
        closed: int | None = None
        for at, closing, name in self._tags(self._outside(start, end), end):
            if closing:
                closed = at if closed is None else closed
                depth -= name in _CONTAINERS
                continue
            tags.append((depth, at, name))
            depth += name in _CONTAINERS
        least = min((level for level, _, _ in tags), default=0)
        here = [(at, name) for level, at, name in tags if level == least]
        heading = _by_rank([(at, int(name[1])) for at, name in here if name[0] == "h" and name[1:].isdigit()])
        if heading is not None:
            return heading
        for names in (_CONTAINERS | {"tr", "li", "dt"}, {"p"}, {f"h{n}" for n in range(1, 7)}):
            if found := next((at for at, name in here if name in names), None):
                return found
        return closed

    def _tags(self, start: int, end: int) -> Iterator[tuple[int, bool, str]]:
        """Yield the tags of a stretch that is in no comment, script or style; what those hold is passed over."""
        position = start
        while (found := _TAG.search(self.text, position, end)) is not None:
            position = found.end()
            if found.group(4):
                yield found.start(), bool(found.group(3)), found.group(4).lower()
                continue
            stop = "-->" if found.group(1) else f"</{found.group(2).lower()}"
            at = self.text.find(stop, position, end)
            position = end if at < 0 else at + len(stop)

    def _outside(self, start: int, end: int) -> int:
        """Return where the first tag may be looked for: after a comment, script or style that goes on here."""
        near = max(0, start - LONGEST_PIECE)
        for opener, closer in (("<!--", "-->"), ("<script", "</script"), ("<style", "</style")):
            opened = self.text.rfind(opener, near, start)
            if opened >= 0 and self.text.find(closer, opened, start) < 0:
                closed = self.text.find(closer, start, end)
                start = end if closed < 0 else closed + len(closer)
        return start

    def _heading_end(self, start: int) -> int | None:
        end = self.text.find("</h", start, start + LONGEST_ABOVE)
        close = self.text.find(">", end, end + 10) if end >= 0 else -1
        return close + 1 if close >= 0 else None

    def _row_above(self, start: int) -> Iterator[tuple[int, int]]:
        """Yield the tag and the first row of the table that a piece begins within."""
        depth = 0
        for at, opens in reversed(self.tables[: bisect_right(self.tables, (start, False))]):
            depth += 1 if opens else -1
            if depth > 0:
                end = self.text.find("</tr", at, min(at + LONGEST_ABOVE, start))
                if end >= 0:
                    yield at, self.text.find(">", end) + 1
                return


class _Markdown(_Cutter):
    def __init__(self, document: Document) -> None:
        super().__init__(document)
        self.headings = [(found.start(), len(found.group(1))) for found in _MARKDOWN_HEADING.finditer(self.text)]

    def _best(self, start: int, end: int) -> int | None:
        """Return the best line: a heading of projects, a row or item, an empty line, any heading."""
        start = self.text.find("\n", start, end) + 1
        if start == 0:
            return None
        lines = [(found.start(), found) for found in _LINE.finditer(self.text, start, end)]
        heading = _by_rank([(at, len(found.group(1))) for at, found in lines if found.group(1)])
        if heading is not None:
            return heading
        for group in (2, 3, 0):
            if (place := next((at for at, found in lines if found.group(group) is not None), None)) is not None:
                return place
        return None

    def _heading_end(self, start: int) -> int | None:
        end = self.text.find("\n", start, start + LONGEST_ABOVE)
        return end if end >= 0 else None

    def _row_above(self, start: int) -> Iterator[tuple[int, int]]:
        """Yield the first two lines of the table that a piece begins within."""
        if not self.text.startswith("|", start):
            return
        first = start
        while first > 0:
            before = self.text.rfind("\n", 0, first - 1) + 1
            if not self.text.startswith("|", before):
                break
            first = before
        end = self.text.find("\n", self.text.find("\n", first) + 1)
        if first < start and 0 <= end - first <= LONGEST_ABOVE:
            yield first, end

"""What is off in a file that is read as a stream, and which of its lines were read: told piece by piece."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from fundgraph.documents.tree import Node, Slip, Tree
from fundgraph.extract.coverage import FURNITURE, READ, UNREAD
from fundgraph.extract.structured.assembly import project_of
from fundgraph.extract.structured.checks import MOST_OF_A_KIND, check_alone, check_slips
from fundgraph.extract.structured.coverage import spans_of, states_of
from fundgraph.extract.structured.raw import RawRecord
from fundgraph.model import Coverage, Document, Finding, Span

MOST_LINES = 10_000
"""Numbers of unread lines that are kept; of the others only how many there are."""


@dataclass(frozen=True, slots=True)
class Checked:
    """All that was found off in one file of a stream, and how much of it was read."""

    path: str
    findings: tuple[Finding, ...]
    coverage: Coverage


Told = Callable[[Checked], object]


class Part(Protocol):
    """A piece of a file, whose offsets lead to spans of the whole file."""

    @property
    def text(self) -> str:
        """The piece's text."""

    @property
    def offset(self) -> int:
        """Where in the file it begins."""

    @property
    def line(self) -> int:
        """On which line it begins."""

    def locate(self, start: int, end: int) -> Span:
        """Return the span of a stretch of it in the whole file."""


@dataclass(frozen=True)
class _Text(Document):
    """A piece's text as a document whose lines are numbered as the file's are."""

    above: int = 0

    def span(self, start: int, end: int) -> Span:
        """Return a span with the file's lines and the piece's offsets."""
        own = super().span(start, end)
        return Span(own.start, own.end, own.line + self.above, own.column, own.line_end + self.above)


@dataclass
class Watch:
    """Checks each piece as a document of its own; nothing of a piece is kept but what is reported.

    What compares records with each other compares those of one piece, as of a large page.
    """

    path: str
    form: str
    language: str | None
    _kept: dict[str, list[Finding]] = field(default_factory=dict)
    _left_out: dict[str, int] = field(default_factory=dict)
    _counts: list[int] = field(default_factory=lambda: [0, 0, 0, 0])
    """How many lines have each state."""
    _unread: list[int] = field(default_factory=list)
    _last: tuple[int, int] = (0, 0)
    """The last line with its state: a piece may end within it."""
    _read: list[Span] = field(default_factory=list)
    """What was read of the piece at hand."""
    _pieces: int = 0

    def slip(self, piece: Part, slip: Slip, about: str | None = None) -> None:
        """Take what is off in the writing of the source."""
        self._take(piece, check_slips(self._text(piece, piece.text), (slip,), about))

    def records(self, piece: Part, done: int, made: Sequence[tuple[RawRecord, str]], rule: str) -> None:
        """Check records of a piece, of which ``done`` characters are used, with their ids ("" where not known yet)."""
        if made:
            document = self._text(piece, piece.text[:done])
            projects = [project_of(raw, name, document.span, None, rule) for raw, name in made]
            self._take(piece, check_alone(document, [raw for raw, _ in made], projects))
            self._read += [span for project in projects for span in spans_of(project)]

    def cover(self, piece: Part, done: int, roots: Sequence[Node]) -> None:
        """Count the lines of a piece."""
        self._pieces += bool(done)
        document = self._text(piece, piece.text[:done])
        states = states_of(document, Tree(list(roots)), self._read)
        if self.form == "csv" and self._pieces == 1 and not roots:
            states = states.replace(
                bytes([FURNITURE]), bytes([READ])
            )  # the header, and its rows in the next piece
        self._cover(states, piece.line - 1)
        self._read = []

    def finish(self) -> Checked:
        """Return what was found in the file."""
        found = [one for kept in self._kept.values() for one in kept]
        for code, more in self._left_out.items():
            last = self._kept[code][-1]
            message = f"{last.message} There are {more} more findings of this kind, which are not listed."
            found[found.index(last)] = replace(last, message=message)
        if self._pieces > 1:
            message = (
                f"The file was read in {self._pieces} pieces: texts that repeat each other and numbers that stand twice "
                "are looked for in each, and people are not compared across records."
            )
            found.append(Finding("read-in-pieces", "info", Span(0, 0, 1, 1, 1), "", message))
        found.sort(key=lambda one: (one.span, one.code))
        _, unread, furniture, read = self._counts
        return Checked(self.path, tuple(found), Coverage(read, furniture, unread, tuple(self._unread)))

    def _text(self, piece: Part, text: str) -> _Text:
        return _Text("piece", self.path, "", self.form, self.language, text, above=piece.line - 1)

    def _take(self, piece: Part, findings: Sequence[Finding]) -> None:
        for one in findings:
            kept = self._kept.setdefault(one.code, [])
            if len(kept) < MOST_OF_A_KIND:
                kept.append(replace(one, span=piece.locate(one.span.start, one.span.end), about=one.about or None))
            else:
                self._left_out[one.code] = self._left_out.get(one.code, 0) + 1

    def _cover(self, states: bytearray, above: int) -> None:
        for number, state in enumerate(states):
            if not state:
                continue
            line, (last, before) = number + above, self._last
            if line == last:
                self._counts[before] -= 1
                state = max(state, before) if READ in (state, before) else min(state, before)
                if self._unread and self._unread[-1] == line:
                    self._unread.pop()
            self._counts[state] += 1
            if state == UNREAD and len(self._unread) < MOST_LINES:
                self._unread.append(line)
            self._last = (line, state)

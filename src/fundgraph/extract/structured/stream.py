"""Projects one by one out of tables and JSON of any size, with no more than a piece of the file in memory."""

from __future__ import annotations

import codecs
import os
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, MutableMapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TextIO

from fundgraph.documents import read_document
from fundgraph.documents.csv_tree import LONGEST_ROW, Columns, rows, slips_of
from fundgraph.documents.encoding import RECODING, decode, looks_binary
from fundgraph.documents.files import normalise_line_ends
from fundgraph.documents.json_tree import JsonError, document_error, parse_value, skip_space
from fundgraph.documents.sniff import format_of, language_of
from fundgraph.documents.tree import Node, Record, Slip
from fundgraph.errors import DocumentError
from fundgraph.extract.dateorder import order_of
from fundgraph.extract.dates import DateOrder, dates_in
from fundgraph.extract.slugs import unique
from fundgraph.extract.sources import SourceSpec
from fundgraph.extract.structured.assembly import complete, join_keys, project_id, project_of, rule_for
from fundgraph.extract.structured.coverage import forget
from fundgraph.extract.structured.mapping import read_record
from fundgraph.extract.structured.raw import RawRecord
from fundgraph.extract.structured.reading import matched, source_of_columns, table_delimiter
from fundgraph.extract.structured.watch import Checked, Told, Watch
from fundgraph.model import Coverage, Project, ReadingOptions, Span

PIECE = 1_000_000
HEAD = 1_000_000
"""Bytes by which a file's format, encoding and columns are told."""
LONGEST_RECORD = 64_000_000
"""A JSON record that is longer is refused."""

_ARRAY = re.compile(
    r"\s*(?:\[|\{[^\[]{0,20000}?\"(?:results|projects?|awards?|data|items|grants|@graph|records|hits|content)\"\s*:\s*\[)"
)


@dataclass(slots=True)
class Read:
    """What was read of a piece: ``done`` says how many of its characters are used."""

    piece: Piece
    raws: list[RawRecord]
    roots: list[Node]
    """What the piece holds, if that is to be kept."""
    done: int


Report = Callable[[Slip, Span], object]
"""Takes what is off in the writing of the source, and where."""
Note = Callable[[Slip, "Piece"], object]


@dataclass
class Piece:
    """A piece of a file's text: offsets in it become spans of the whole file."""

    text: str
    offset: int = 0
    line: int = 1
    line_start: int = 0
    """Where the line on which the piece begins begins, in the whole file."""

    def __post_init__(self) -> None:
        self._starts = [self.line_start]
        position = self.text.find("\n")
        while position >= 0:
            self._starts.append(self.offset + position + 1)
            position = self.text.find("\n", position + 1)

    def locate(self, start: int, end: int) -> Span:
        """Return the span of ``text[start:end]`` in the whole file."""
        first, last = self.offset + start, self.offset + end
        at = bisect_right(self._starts, first)
        until = at if last <= first + 1 else bisect_right(self._starts, last - 1)
        return Span(first, last, self.line + at - 1, first - self._starts[at - 1] + 1, self.line + until - 1)

    def rest(self, position: int, more: str) -> Piece:
        """Return the piece that begins at ``position``, with more text after it."""
        at = bisect_right(self._starts, self.offset + position)
        text = self.text[position:] + more
        return Piece(text, self.offset + position, self.line + at - 1, self._starts[at - 1])


Progress = Callable[[int], object]
"""Takes how many bytes of the input are done with."""


def stream_file(
    place: Path,
    options: ReadingOptions,
    report: Report,
    taken: MutableMapping[str, int],
    progress: Progress = lambda _done: None,
    told: Told | None = None,
) -> Iterator[Project]:
    """Yield the projects of a table, JSON or JSON Lines file, however large; other files are read as a whole.

    Rows that follow each other and belong to one project (CORDIS organizations) make one project. ``taken`` holds the
    ids that are given already. ``told`` takes, at the file's end, what is off in it and how much was read. Raises :class:`DocumentError` for a file that cannot be read, is broken or cut off.
    """
    encoding, head = _encoding(place)
    delimiter = table_delimiter(head) if not head.lstrip().startswith(("{", "[", "<")) else None
    form = "csv" if delimiter else format_of(head)
    linked = form == "json" and ('"@id"' in head or not _ARRAY.match(head))
    if form not in ("csv", "json", "jsonl") or linked:
        from fundgraph.extract import extract

        extraction = extract(read_document(place), options)
        for project in extraction.projects:
            yield replace(project, id=unique(project.id, taken, project.code))
        if told:
            told(Checked(str(place), extraction.findings, extraction.coverage or Coverage(0, 0, 0, ())))
        return
    watch = Watch(str(place), form, language_of(head)) if told else None

    def note(slip: Slip, piece: Piece) -> None:
        report(slip, piece.locate(slip.start, slip.end))
        if watch:
            watch.slip(piece, slip)

    with place.open(encoding=encoding, errors=_errors(encoding), newline=None) as file:
        keep = watch is not None
        pieces = _table(file, delimiter, note, keep=keep) if delimiter else _json(file, place, note, keep=keep)
        pieces = _within(
            pieces, order_of(head, language_of(head)), lambda: progress(os.lseek(file.fileno(), 0, os.SEEK_CUR))
        )
        yield from _projects(pieces, options, taken, watch)
    if watch and told:
        told(watch.finish())


def _within(pieces: Iterator[Read], order: DateOrder, done: Callable[[], object]) -> Iterator[Read]:
    """Read each piece with the file's order of dates, which no other reading sees; say how far it came."""
    while True:
        with dates_in(order):
            piece = next(pieces, None)
        if piece is None:
            return
        yield piece
        done()


def _encoding(place: Path) -> tuple[str, str]:
    """Tell the encoding of a file by its beginning, and return that as text."""
    try:
        if place.exists() and not place.is_file():  # a pipe can be read only once, and a device has no end
            raise DocumentError("this is not a regular file, and cannot be streamed", where=place)
        with place.open("rb") as file:
            data = file.read(HEAD)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise DocumentError(f"the file cannot be read: {reason}", where=place) from error
    if looks_binary(data):
        raise DocumentError("this is not a text file", where=place, hint="Unpack archives first")
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            return name, normalise_line_ends(decode(data).text)
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data)
        encoding = "utf-8"
    except UnicodeDecodeError:
        encoding = decode(data).encoding
    return encoding, normalise_line_ends(data.decode(encoding, errors=_errors(encoding)))


def _errors(encoding: str) -> str:
    """Say how bytes that are none of an encoding are read, as of a whole document."""
    return RECODING if encoding == "utf-8" else "replace"


def _projects(
    pieces: Iterator[Read], options: ReadingOptions, taken: MutableMapping[str, int], watch: Watch | None
) -> Iterator[Project]:
    """Give ids and judge roles; a project whose rows go on is held back until they end."""
    rule: str | None = None
    open_: tuple[RawRecord, Piece, set[tuple[str, str]]] | None = None

    def close(raw: RawRecord, piece: Piece) -> Project:
        return project_of(raw, project_id(raw, taken), piece.locate, None, rule or "explicit-roles")

    for read in pieces:
        piece, raws = read.piece, read.raws
        if rule is None and any(raw.people for raw in raws):
            rule = rule_for(options.pi_rule, raws)
        if watch:
            # Before they are put together: what a part says is checked where it stands.
            watch.records(piece, read.done, [(raw, "") for raw in raws if raw.part], rule or "explicit-roles")
        made: list[tuple[RawRecord, str]] = []
        for raw in raws:
            if not raw.part:
                if open_ is not None:
                    yield close(open_[0], open_[1])
                    open_ = None
                project = close(raw, piece)
                made.append((raw, project.id))
                yield project
                continue
            keys = set(join_keys(raw))
            if open_ is not None and open_[2] & keys:
                # Rows of one project that stand in two pieces keep the places of the first.
                complete(open_[0], raw if open_[1] is piece else _moved(raw, piece, open_[1]))
                continue
            if open_ is not None:
                yield close(open_[0], open_[1])
            open_ = (raw, piece, keys)
        if watch:
            watch.records(piece, read.done, made, rule or "explicit-roles")
            watch.cover(piece, read.done, read.roots)
    if open_ is not None:
        yield close(open_[0], open_[1])


def _moved(raw: RawRecord, here: Piece, there: Piece) -> RawRecord:
    """Write a record's places as offsets into an earlier piece, which grows by this one's lines for it."""
    shift = here.offset - there.offset
    there.text = ""
    there._starts += [start for start in here._starts if start > there._starts[-1]]
    for organisation in raw.organisations:
        organisation.start, organisation.end = organisation.start + shift, organisation.end + shift
        for one in organisation.identifiers:
            one.start, one.end = one.start + shift, one.end + shift
    for member in raw.people:
        member.start, member.end = member.start + shift, member.end + shift
        for one in member.identifiers:
            one.start, one.end = one.start + shift, one.end + shift
    for one in raw.identifiers:
        one.start, one.end = one.start + shift, one.end + shift
    return raw


def _read(record: Record, source: SourceSpec, piece: Piece, note: Note) -> RawRecord | None:
    raw = read_record(record, source)
    for slip in raw.slips:
        note(slip, piece)
    if not raw.says_something:
        forget(record)
        return None
    return raw


def _table(file: TextIO, delimiter: str, note: Note, *, keep: bool) -> Iterator[Read]:
    """Read a table piece by piece; a row is never cut."""
    columns: Columns | None = None
    source: SourceSpec | None = None
    piece = Piece("")
    final = False
    while not final:
        more = file.read(PIECE)
        final = not more
        piece = piece.rest(0, more) if piece.text else piece.rest(len(piece.text), more)
        raws: list[RawRecord] = []
        roots: list[Node] = []
        done = 0
        for row in rows(piece.text, delimiter, final=final):
            done = min(row.end + 1, len(piece.text))
            if columns is None:
                columns, source = Columns.of(row), source_of_columns(row)
                continue
            for slip in slips_of(row, columns):
                note(slip, piece)
            if source is not None:
                record = columns.record(row)
                if keep:
                    roots.append(record)
                raw = _read(record, source, piece, note)
                if raw is not None:
                    raws.append(raw)
        yield Read(piece, raws, roots, done)
        if not final and done == 0 and len(piece.text) > LONGEST_ROW + PIECE:
            raise DocumentError(
                f"a row is longer than {LONGEST_ROW} characters: a quotation mark is not closed",
                line=piece.line,
                hint="Mend the row",
            )
        piece = piece.rest(done, "")


def _json(file: TextIO, place: Path, note: Note, *, keep: bool) -> Iterator[Read]:
    """Read the elements of the outermost list, or the lines of JSON Lines, one after the other."""
    piece = Piece(file.read(max(PIECE, HEAD)))
    lines = not _ARRAY.match(piece.text)
    found = _ARRAY.match(piece.text)
    position = 0 if found is None else found.end()
    more = True
    while True:
        raws: list[RawRecord] = []
        roots: list[Node] = []
        try:
            position, ended = _elements(
                piece, position, raws, roots if keep else None, note, lines=lines, final=not more
            )
        except JsonError as error:
            raise document_error(piece.text, error, str(place), piece.line - 1) from None
        yield Read(piece, raws, roots, len(piece.text) if ended else position)
        if ended:
            _check_end(piece, position, file, place, lines=lines)
            return
        if len(piece.text) - position > LONGEST_RECORD:
            raise DocumentError("a record is too long to be read", where=place, line=piece.line)
        # As much again as is left over, so that a long record is not begun over and over.
        added = file.read(max(PIECE, len(piece.text) - position))
        more = bool(added)
        piece = piece.rest(position, added)
        position = 0


def _elements(
    piece: Piece,
    position: int,
    raws: list[RawRecord],
    roots: list[Node] | None,
    note: Note,
    *,
    lines: bool,
    final: bool,
) -> tuple[int, bool]:
    """Read what is whole in a piece; return where the rest begins, and whether the list has ended."""
    text = piece.text
    slips: list[Slip] = []
    while True:
        start = skip_space(text, position)
        if start >= len(text):
            if final and not lines:
                raise JsonError("it ends before it is complete", start)
            return start, final and lines
        if text[start] == "]" and not lines:
            return start + 1, True
        if text[start] == "," and not lines:
            position = start + 1
            continue
        try:
            node, end = parse_value(text, start, slips)
        except JsonError as error:
            if final or not ("before it is complete" in error.what or "not closed" in error.what):
                raise
            return start, False
        if end >= len(text) and not final:
            return start, False
        for slip in slips:
            note(slip, piece)
        slips.clear()
        if roots is not None:
            roots.append(node)
        for record, source in matched(node):
            raw = _read(record, source, piece, note)
            if raw is not None:
                raws.append(raw)
        position = end


def _check_end(piece: Piece, position: int, file: TextIO, place: Path, *, lines: bool) -> None:
    """Make sure that what is around a list is closed: a file that was cut off there is not whole."""
    if lines:
        return
    tail = (piece.text[position:] + file.read(PIECE)).rstrip()
    begins = piece.offset == 0 and piece.text.lstrip().startswith("[")
    if not begins and not tail.endswith(("}", "]")):
        raise DocumentError("this is not whole JSON: it ends before it is complete", where=place)

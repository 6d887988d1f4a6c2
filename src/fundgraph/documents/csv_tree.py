"""Tables of separated values (RFC 4180) with the place of every cell."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from fundgraph.documents.tree import Record, Slip, Tree, Value, plain_key

DELIMITERS = (";", "\t", ",", "|")
MOST_CELLS = 2_000
"""What stands after so many cells of a row is one cell more."""
LONGEST_ROW = 4_000_000
"""A row that goes on for longer has lost its closing quote: the quote is then read as a character."""


@dataclass(slots=True)
class Row:
    """The cells of one record, and where it begins and ends (its line's end left out)."""

    cells: list[Value]
    start: int
    end: int
    unclosed: bool = False


@dataclass(frozen=True)
class Columns:
    """A table's header: plain keys in the columns' order (``None`` for one with no name), and the names as written."""

    keys: tuple[str | None, ...]
    labels: dict[str, str]

    @classmethod
    def of(cls, row: Row) -> Columns:
        """Read a header; of two columns of one name the first counts."""
        labels: dict[str, str] = {}
        keys: list[str | None] = []
        for cell in row.cells:
            key = plain_key(cell.text.strip())
            keys.append(key if key and key not in labels else None)
            labels.setdefault(key, cell.text.strip())
        return cls(tuple(keys), labels)

    def record(self, row: Row) -> Record:
        """Make a record of a row; cells beyond the header are left out, missing ones are not there."""
        entries = {key: cell for key, cell in zip(self.keys, row.cells, strict=False) if key}
        return Record(entries, self.labels, row.start, row.end)  # type: ignore[arg-type]


@lru_cache(maxsize=8)
def _cell(delimiter: str) -> re.Pattern[str]:
    cut = re.escape(delimiter)
    return re.compile(rf'"((?:[^"]++|"")*+)"([^{cut}\n]*+)(?=[{cut}\n]|\Z)|([^{cut}\n]*+)')


def rows(text: str, delimiter: str, position: int = 0, *, final: bool = True) -> Iterator[Row]:
    """Yield the rows of ``text`` from ``position``; empty lines are left out.

    If more text is to come (not ``final``) a row that may go on is not yielded.
    """
    length = len(text)
    while position < length:
        stop = text.find("\n", position)
        if stop < 0:
            if not final:
                return
            stop = length
        quote = text.find('"', position, stop)
        if quote < 0:
            row = _plain_row(text, delimiter, position, stop)
        else:
            found = _quoted_row(text, delimiter, position, final=final)
            if found is None:
                return
            row = found
        if row.end > row.start and (len(row.cells) > 1 or not row.cells[0].blank):
            yield row
        position = row.end + 1


def _plain_row(text: str, delimiter: str, start: int, stop: int) -> Row:
    cells = []
    position = start
    for part in text[start:stop].split(delimiter, MOST_CELLS):
        end = position + len(part)
        cells.append(Value(part, position, end))
        position = end + 1
    return Row(cells, start, stop)


def _quoted_row(text: str, delimiter: str, start: int, *, final: bool) -> Row | None:
    """Read a row that has quotes; ``None`` if it may go on in text to come."""
    pattern = _cell(delimiter)
    cells: list[Value] = []
    position, length, unclosed = start, len(text), False
    while True:
        found = pattern.match(text, position)
        if found is None:
            return None
        if len(cells) == MOST_CELLS:
            stop = text.find("\n", position)
            stop = length if stop < 0 else stop
            return Row([*cells, Value(text[position:stop], position, stop)], start, stop, unclosed)
        inner = found.group(1)
        if inner is not None:
            first, last = found.span(1)
            value = inner.replace('""', '"') if '"' in inner else inner
            cells.append(
                Value(value + found.group(2), first, last + (len(found.group(2)) and 1 + len(found.group(2))))
            )
        else:
            if found.group(3).startswith('"'):
                if not final and length - start < LONGEST_ROW:
                    return None
                unclosed = True
            cells.append(Value(found.group(3), *found.span(3)))
        position = found.end()
        if position >= length:
            return Row(cells, start, position, unclosed) if final else None
        if text[position] == "\n":
            return Row(cells, start, position, unclosed)
        position += 1


def delimiter_of(text: str) -> str | None:
    """Tell the separator of a table: the one that cuts the first rows into most cells, the same number in most rows."""
    best: tuple[float, int, str] | None = None
    sample = text[:200_000]
    for delimiter in DELIMITERS:
        every = rows(sample, delimiter)
        first = next(every, None)
        if first is None or len(first.cells) < 2:
            continue
        widths = [len(row.cells) for row in (first, *islice(every, 20))]
        same = Counter(widths)[widths[0]] / len(widths)
        if best is None or (same, widths[0]) > best[:2]:
            best = (same, widths[0], delimiter)
    return best[2] if best else None


def slips_of(row: Row, columns: Columns) -> list[Slip]:
    """Return what is off in a row's writing."""
    slips: list[Slip] = []
    expected, width = len(columns.keys), len(row.cells)
    if width != expected and (width < expected or any(not cell.blank for cell in row.cells[expected:])):
        message = f"This row has {width} cells, the header {expected}; it was read as far as it goes."
        slips.append(Slip("column-count", row.start, row.end, message))
    if row.unclosed:
        message = "A quotation mark opens a cell here and is never closed; it was read as a character."
        slips.append(Slip("unclosed-quote", row.start, row.end, message))
    return slips


def read_csv(text: str, delimiter: str) -> Tree:
    """Read a whole table; its first row is the header."""
    tree = Tree([])
    every = rows(text, delimiter)
    header = next(every, None)
    if header is None:
        return tree
    columns = Columns.of(header)
    for row in every:
        tree.slips += slips_of(row, columns)
        tree.roots.append(columns.record(row))
    return tree

"""The state of a table of data while its page is being written: tabs due, columns that go on from above."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from fundgraph.documents.tags import Token
from fundgraph.documents.view import Mark

CELL_BREAK = "\v"
"""Stands for a line's end inside of a cell, so that a row is one line."""
MOST_SPANNED = 60
"""More columns or rows than this no cell is taken to span."""


@dataclass
class Grid:
    """One table; ``data`` is false for a table that only lays out a page."""

    number: int
    data: bool
    row_open: bool = False
    cell_empty: bool = True
    tabs: int = 0
    _column: int = 0
    _cells: int = 0
    _headers: int = 0
    _width: int = 1
    _carried: list[int] = field(default_factory=list)
    _open: dict[int, int] = field(default_factory=dict)
    """How many more rows a column's cell from above goes on."""

    def begin_row(self) -> None:
        """Begin a row."""
        self.row_open = True
        self.tabs = self._column = self._cells = self._headers = 0
        self._width = 0
        self._carried = []

    def begin_cell(self, token: Token) -> None:
        """Begin a cell: count the tabs that stand before it."""
        self.tabs += self._width
        self._column += self._width
        while self._open.get(self._column):
            self._open[self._column] -= 1
            self._carried.append(self._column)
            self._column += 1
            self.tabs += 1
        self._width = _span(token.get("colspan"))
        rows = _span(token.get("rowspan"))
        if rows > 1:
            for column in range(self._column, self._column + self._width):
                self._open[column] = rows - 1
        self._cells += 1
        self._headers += token.name == "th"
        self.cell_empty = True

    def mark(self) -> Mark:
        """Return the mark of the row as far as it has come."""
        header = self._headers == self._cells and self._cells > 0
        return Mark("row", self._headers, self.number, header, tuple(self._carried))


def is_data(tokens: Sequence[Token], index: int) -> bool:
    """Tell whether a table holds rows of data: more than one cell in a row, no tables or page headings inside."""
    end = tokens[index].partner if tokens[index].partner > index else len(tokens)
    cells = widest = 0
    for token in tokens[index + 1 : end]:
        if token.kind != "open":
            continue
        if token.name in {"table", "h1", "h2", "h3"}:
            return False
        if token.name == "tr":
            cells = 0
        elif token.name in {"td", "th"}:
            cells += 1
            widest = max(widest, cells)
    return widest > 1


def _span(value: str) -> int:
    return min(int(value), MOST_SPANNED) if value.isascii() and value.isdigit() and int(value) > 0 else 1

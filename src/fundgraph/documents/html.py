"""The view of an HTML page: what a reader sees of its content, block by block."""

from __future__ import annotations

import re
from html import unescape

from fundgraph.documents.boilerplate import is_furniture, pair_kind
from fundgraph.documents.grid import CELL_BREAK, Grid, is_data
from fundgraph.documents.tags import Token, tokens_of
from fundgraph.documents.templates import leftovers
from fundgraph.documents.view import Embedded, Link, Mark, View, Writer
from fundgraph.model import Document

_SPACE = re.compile(r"[ \t\n\r\f\v]+")
_PIECE = re.compile(
    r"&(?:#[0-9]{1,8};?|#[xX][0-9a-fA-F]{1,8};?|[a-zA-Z][a-zA-Z0-9]{1,31};?)|\u00ad+"
    r"|[\t\n\r\f\v][ \t\n\r\f\v]*| [ \t\n\r\f\v]+"
)
"""What is not copied as it is: an entity, soft hyphens, more white space than one space."""
_WHITE = " \t\n\r\f\v"
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_PARAGRAPHS = frozenset(
    [
        "p",
        "ul",
        "ol",
        "dl",
        "table",
        "section",
        "article",
        "main",
        "header",
        "form",
        "fieldset",
        "blockquote",
        "figure",
        "hr",
        "pre",
    ]
)
_LINES = frozenset(
    [
        "div",
        "li",
        "tr",
        "td",
        "th",
        "dt",
        "dd",
        "caption",
        "legend",
        "summary",
        "details",
        "address",
        "center",
        "body",
        "head",
    ]
)
_MARKS = {
    "dt": Mark("term"),
    "dd": Mark("value"),
    "caption": Mark("heading", 6),
    "summary": Mark("heading", 6),
    "figcaption": Mark("caption"),
    "title": Mark("title"),
}
_LONGEST_ADDRESS = 2000


def html_view(document: Document) -> View:
    """Return what a page shows, with headings, lists, tables, label and value pairs marked."""
    return _Page(document).view()


class _Page:
    """Walks over the tokens once and writes the view."""

    def __init__(self, document: Document) -> None:
        self.text = document.text
        self.tokens = tokens_of(document.text)
        self.writer = Writer(document)
        self.gap = 0
        """Line ends due before the next text: 0, 1, or 2 for a blank line."""
        self.space: tuple[int, int] | None = None
        """The source's white space due as one space before the next text."""
        self.cell_break = False
        self.begun = False
        """Something stands on the line already."""
        self.due: Mark | None = None
        self.lists = 0
        self.strong = 0
        self.bold = self.plain = False
        self.grids: list[Grid] = []
        self.tables = 0
        self.links: list[tuple[Token, list[int]]] = []
        self.values: set[int] = set()
        """Tokens that open a value whose label came before."""
        self.ends: dict[int, list[tuple[str, int]]] = {}

    def view(self) -> View:
        """Write everything and return the view."""
        index, last = 0, len(self.tokens)
        while index < last:
            token = self.tokens[index]
            if index in self.ends:
                self._ended(index)
            if token.kind == "text":
                self._text(token)
            elif token.kind == "open":
                if token.name == "script":
                    self._script(token, index)
                in_heading = token.name == "button" and self.due is not None and self.due.kind == "heading"
                if token.partner > index and is_furniture(token) and not in_heading:
                    self._break(0 if token.name in {"svg", "button", "math"} else 1)
                    index = token.partner
                    continue
                self._open(token, index)
            elif token.name == "tr" and self.grids and self.grids[-1].data:
                self.grids[-1].row_open = False
                self._break(1)
            index += 1
        for index in sorted(self.ends):
            self._ended(index)
        self._line_ends()
        return self.writer.finish()

    def _script(self, token: Token, index: int) -> None:
        kind = token.get("type").split(";")[0].strip().lower()
        inner = self.tokens[index + 1] if index + 1 < len(self.tokens) else None
        if kind.endswith("json") and inner and inner.kind == "text":
            self.writer.embedded.append(Embedded(kind, inner.start, inner.end))

    def _open(self, token: Token, index: int) -> None:
        name = token.name
        if name == "table":
            self.tables += 1
            inside = bool(self.grids and self.grids[-1].data)
            self._break(2)
            self.grids.append(Grid(self.tables, not inside and is_data(self.tokens, index)))
            self._later(token, index, "table")
        elif name == "a" and "href" in token.attributes:
            self.links.append((token, []))
            self._later(token, index, "link")
        elif name in {"b", "strong"}:
            self.strong += 1
            self._later(token, index, "strong")
        elif self.grids and self.grids[-1].data and name != "caption":
            self._in_grid(token, self.grids[-1])
        elif name == "br":
            self._break(1)
        elif name in _HEADINGS:
            self._break(2)
            self.due = Mark("heading", int(name[1]))
            self._later(token, index, "paragraph")
        elif name == "button":
            if self.due is None:  # else it stands in a heading
                self._break(2)
                self.due = Mark("heading", 6)
                self._later(token, index, "paragraph")
        elif name in _PARAGRAPHS or name in {"figcaption", "title"}:
            self._break(1 if name in {"ul", "ol"} and self.lists else 2)
            if name in {"ul", "ol"}:
                self.lists += 1
                self._later(token, index, "list")
            self.due = _MARKS.get(name, self.due)
            self._later(token, index, "paragraph")
        elif name in _LINES:
            self._break(1)
            self.due = Mark("item", max(self.lists, 1)) if name == "li" else _MARKS.get(name, self.due)
            self._later(token, index, "line")
            self._pair(token, index)
        else:
            self._pair(token, index)

    def _pair(self, token: Token, index: int) -> None:
        """Begin a label or a value, if the element's class says that it is one of a pair."""
        if "class" not in token.attributes or token.partner < 0:
            return
        kind = pair_kind(self.tokens, index)
        if kind == "term":
            following = next(
                (i for i in range(token.partner, min(token.partner + 4, len(self.tokens))) if self._is_open(i)),
                None,
            )
            if following is None or pair_kind(self.tokens, following) != "value":
                return
            self.values.add(following)
        elif kind != "value" or index not in self.values:
            return
        self._break(1)
        self.due = Mark(kind)
        self._later(token, index, "line")

    def _is_open(self, index: int) -> bool:
        return self.tokens[index].kind == "open"

    def _in_grid(self, token: Token, grid: Grid) -> None:
        """Read a tag inside of a table of data: a row, a cell, or a break inside of a cell."""
        if token.name == "tr":
            self._break(1)
            grid.begin_row()
        elif token.name in {"td", "th"}:
            if not grid.row_open:
                self._break(1)
                grid.begin_row()
            grid.begin_cell(token)
            self.space, self.cell_break = None, False
        elif token.name in _PARAGRAPHS or token.name in _LINES or token.name in _HEADINGS or token.name == "br":
            self.cell_break = grid.row_open

    def _later(self, token: Token, index: int, what: str) -> None:
        """Have something done where an element ends."""
        end = token.partner if token.partner > index else len(self.tokens)
        self.ends.setdefault(end, []).append((what, index))

    def _ended(self, index: int) -> None:
        for what, opened in reversed(self.ends.pop(index)):
            if what in {"paragraph", "line"}:
                if not (self.grids and self.grids[-1].data):
                    self._break(2 if what == "paragraph" else 1)
            elif what == "list":
                self.lists -= 1
            elif what == "strong":
                self.strong -= 1
            elif what == "table":
                self.grids.pop()
                self._break(2)
            else:
                self._link_ends(opened)

    def _link_ends(self, opened: int) -> None:
        for place in range(len(self.links) - 1, max(len(self.links) - 8, 0) - 1, -1):
            token, start = self.links[place]
            if token is self.tokens[opened]:
                del self.links[place]
                address = token.attributes["href"]
                if start:
                    text = address[0][:_LONGEST_ADDRESS]
                    self.writer.links.append(Link(start[0], self.writer.length, text, address[1], address[2]))
                return

    def _break(self, lines: int) -> None:
        if lines:
            self.gap = max(self.gap, lines)
            self.space = None

    def _line_ends(self) -> None:
        if self.bold and not self.plain and self.writer.line not in self.writer.marks:
            self.writer.mark(Mark("strong"))
        self.bold = self.plain = False

    def _text(self, token: Token) -> None:
        """Write a text node: runs of white space are one space, entities are decoded, template code is left out."""
        position = token.start
        for start, end in leftovers(self.text, token.start, token.end):
            self._stretch(position, start)
            position = end
        self._stretch(position, token.end)

    def _stretch(self, position: int, end: int) -> None:
        text, stop = self.text, end
        if leading := _SPACE.match(text, position, end):
            self.space, position = self.space or leading.span(), leading.end()
        while stop > position and text[stop - 1] in _WHITE:
            stop -= 1
        for found in _PIECE.finditer(text, position, stop):
            start, after = found.span()
            if position < start:
                self._begin(position)
                self.writer.copy(position, start)
            position = after
            if text[start] == "&":
                decoded = unescape(found.group())
                if _SPACE.fullmatch(decoded):
                    self.space = (start, after)
                elif decoded != "\u00ad":
                    self._begin(start)
                    self.writer.put(decoded, start, after)
            elif text[start] != "\u00ad":
                self.space = self.space or (start, after)
        if position < stop:
            self._begin(position)
            self.writer.copy(position, stop)
        if stop < end:
            self.space = self.space or (stop, end)

    def _begin(self, at: int) -> None:
        """Write the break, the tabs or the space that are due before text."""
        writer = self.writer
        grid = self.grids[-1] if self.grids and self.grids[-1].row_open else None
        if self.gap:
            if self.begun:
                self._line_ends()
                writer.put("\n" * self.gap, at, at)
            self.gap, self.space, self.begun = 0, None, False
        if not self.begun and self.due:
            writer.mark(self.due)
        if grid:
            if grid.tabs:
                writer.put("\t" * grid.tabs, at, at)
                grid.tabs, self.space, self.cell_break = 0, None, False
            writer.mark(grid.mark())
        if self.begun and grid and self.cell_break and not grid.cell_empty:
            writer.put(CELL_BREAK, at, at)
        elif self.begun and self.space:
            writer.put(" ", *self.space)
        self.space, self.cell_break, self.due, self.begun = None, False, None, True
        if grid:
            grid.cell_empty = False
        for _, start in self.links[-4:]:
            if not start:
                start.append(writer.length)
        self.bold, self.plain = self.bold or self.strong > 0, self.plain or not self.strong

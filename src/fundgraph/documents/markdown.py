"""The view of a Markdown document: headings, lists, tables and links, line by line, with the way back."""

from __future__ import annotations

import re
from html import unescape

from fundgraph.documents.templates import leftovers
from fundgraph.documents.view import Link, Mark, View, Writer
from fundgraph.model import Document

_FRONT_MATTER = re.compile(r"\A(---|\+\+\+)[ \t]*\n(?:.*\n)*?\1[ \t]*(?:\n|\Z)")
_HEADING = re.compile(r"[ ]{0,3}(#{1,6})(?:[ \t]+|$)")
_CLOSING_HASHES = re.compile(r"(?<![ \t])[ \t]+#+[ \t]*$|(?:(?<![ \t])[ \t]*|(?<=[ \t]))\{[#.:][^{}]*\}[ \t]*$")
_FENCE = re.compile(r"[ ]{0,3}(`{3,}|~{3,})")
_RULE = re.compile(r"[ ]{0,3}(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,}|={3,}[ \t]*)$")
_UNDERLINE = re.compile(r"[ ]{0,3}(=+|-{2,})[ \t]*$")
_DELIMITER = re.compile(r"[ \t]*+\|?(?:[ \t]*+:?-++:?[ \t]*+\|)+[ \t]*+(?::?-++:?[ \t]*)?$")
_ITEM = re.compile(r"([ \t]*)(?:[-*+•]|\d{1,3}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?")
_QUOTE = re.compile(r"(?:[ ]{0,3}>[ \t]?)+")
_ATTRIBUTES = re.compile(r"(?<![ \t])[ \t]*\{:[^{}\n]*\}[ \t]*$")
_DEFINITION = re.compile(r"[ ]{0,3}:[ \t]+")
_LINK_TARGET = re.compile(r"^[ ]{0,3}\[[^\]\n]{1,200}\]:[ \t]+\S+")
_PIECE = re.compile(
    r"(?P<code>`+)"
    r"|(?P<escape>\\[\\`*_{}\[\]()#+.!|<>~-])|(?P<hard>\\$)"
    r"|(?P<badge>\[!\[[^\[\]\n]{0,300}\]\([^()\n]{0,1000}\)\]\([^()\n]{0,1000}\))"
    r"|(?P<image>!\[[^\[\]\n]{0,300}\](?:\([^()\n]{0,1000}\)|\[[^\[\]\n]{0,100}\]))"
    r"|\[(?P<label>[^\[\]\n]{1,500})\]"
    r"(?:\((?P<address>(?:[^()\s]|\([^()\s]{0,300}\)){0,1000})(?:\s+\"[^\"\n]{0,300}\")?\s*\)|\[[^\[\]\n]{0,100}\])"
    r"|<(?P<auto>(?:https?://|mailto:)[^<>\s]{1,1000}|[\w.+-]{1,80}@[\w.-]{1,80})>"
    r"|(?P<tag></?[a-zA-Z][^<>\n]{0,1000}>)"
    r"|(?P<entity>&(?:\#[0-9]{1,8}|\#[xX][0-9a-fA-F]{1,8}|[a-zA-Z][a-zA-Z0-9]{1,31});)"
    r"|(?P<strong>\*\*|__(?=\w)|(?<=[\w.!?\"')])__)"
    r"|(?P<emphasis>\*(?=\S)|(?<=\S)\*|(?<!\w)_(?=\S)|(?<=\S)_(?!\w))"
)
_BREAK = re.compile(r"<(?:br|p|/p|div|/div|li|/li)\b", re.I)


def markdown_view(document: Document) -> View:
    """Return what a Markdown document shows."""
    return _Reader(document).view()


class _Reader:
    """Goes over the lines once."""

    def __init__(self, document: Document) -> None:
        self.text = document.text
        self.writer = Writer(document)
        self.skipped = self._comments()
        self.next_skip = 0
        self.fence: str | None = None
        self.table = 0
        self.in_table = False
        self.started = False
        self.marked: tuple[int, Mark] | None = None

    def _comments(self) -> list[tuple[int, int]]:
        """Return where comments and the code of templates stand, in order."""
        found: list[tuple[int, int]] = []
        if front := _FRONT_MATTER.match(self.text):
            found.append(front.span())
        position = self.text.find("<!--")
        while position >= 0:
            end = self.text.find("-->", position + 4)
            if end < 0:
                break
            found.append((position, end + 3))
            position = self.text.find("<!--", end + 3)
        found += leftovers(self.text, 0, len(self.text))
        return sorted(found)

    def view(self) -> View:
        """Write all lines and return the view."""
        text, start = self.text, 0
        while start <= len(text):
            end = text.find("\n", start)
            end = len(text) if end < 0 else end
            for first, last in self._kept(start, end):
                self._line(first, last)
            self._newline(end)
            start = end + 1
        return self.writer.finish()

    def _newline(self, at: int) -> None:
        self.marked = None
        if at < len(self.text):
            self.writer.copy(at, at + 1)

    def _kept(self, start: int, end: int) -> list[tuple[int, int]]:
        """Return what is left of a line without comments."""
        kept: list[tuple[int, int]] = []
        while self.next_skip < len(self.skipped) and self.skipped[self.next_skip][0] < end:
            first, last = self.skipped[self.next_skip]
            if start < first:
                kept.append((start, first))
            start = max(start, last)
            if last > end:
                return kept
            self.next_skip += 1
        if start < end:
            kept.append((start, end))
        return kept

    def _line(self, start: int, end: int) -> None:
        text = self.text
        line = text[start:end]
        fence = _FENCE.match(line)
        if self.fence:
            self.fence = None if fence and fence.group(1).startswith(self.fence) else self.fence
            return
        if fence:
            self.fence = fence.group(1)
            return
        if not line.strip():
            self.in_table = False
            return
        quote = _QUOTE.match(line)
        if quote:
            start, line = start + quote.end(), line[quote.end() :]
        if attributes := _ATTRIBUTES.search(line):
            end, line = start + attributes.start(), line[: attributes.start()]
        if _LINK_TARGET.match(line) or self._table_line(start, end, line):
            return
        if _RULE.match(line) or _UNDERLINE.match(line):
            return
        self._block(start, end, line)

    def _block(self, start: int, end: int, line: str) -> None:
        if heading := _HEADING.match(line):
            closing = _CLOSING_HASHES.search(line, heading.end())
            self._mark(Mark("heading", len(heading.group(1))))
            self._inline(start + heading.end(), start + closing.start() if closing else end)
            return
        following = self._following(end)
        item = _ITEM.match(line)
        underline = _UNDERLINE.match(following)
        if underline and not item and line.strip():
            self._mark(Mark("heading", 1 if underline.group(1)[0] == "=" else 2))
        elif item:
            self._mark(Mark("item", 1 + len(item.group(1).expandtabs(4)) // 2))
            start += item.end()
        elif definition := _DEFINITION.match(line):
            self._mark(Mark("value"))
            start += definition.end()
        elif _DEFINITION.match(following):
            self._mark(Mark("term"))
        self._inline(start, end)

    def _following(self, end: int) -> str:
        stop = self.text.find("\n", end + 1)
        return self.text[end + 1 : len(self.text) if stop < 0 else min(stop, end + 400)]

    def _table_line(self, start: int, end: int, line: str) -> bool:
        """Read a line as a table's row, if it is one."""
        if _DELIMITER.match(line) and "|" in line and self.in_table:
            return True
        header = "|" in line and not self.in_table and _DELIMITER.match(self._following(end))
        if header and "|" in self._following(end):
            self.in_table = True
            self.table += 1
        if not self.in_table or "|" not in line:
            self.in_table = False
            return False
        self._mark(Mark("row", 0, self.table, bool(header)))
        cells = self._cells(start, end)
        for number, (first, last) in enumerate(cells):
            if number:
                self.writer.put("\t", first, first)
            self._inline(first, last)
        return True

    def _cells(self, start: int, end: int) -> list[tuple[int, int]]:
        """Cut a row at its bars, not at escaped ones."""
        text = self.text
        while end > start and text[end - 1].isspace():
            end -= 1
        while start < end and text[start].isspace():
            start += 1
        start += text.startswith("|", start)
        if end > start and text[end - 1] == "|" and text[end - 2 : end - 1] != "\\":
            end -= 1
        cells: list[tuple[int, int]] = []
        first = start
        for found in re.finditer(r"(?<!\\)\|", text[start:end]):
            cells.append((first, start + found.start()))
            first = start + found.end()
        cells.append((first, end))
        return [self._trimmed(*cell) for cell in cells]

    def _trimmed(self, start: int, end: int) -> tuple[int, int]:
        while start < end and self.text[start].isspace():
            start += 1
        while end > start and self.text[end - 1].isspace():
            end -= 1
        return start, end

    def _mark(self, mark: Mark) -> None:
        self.writer.mark(mark)

    def _inline(self, start: int, end: int) -> None:
        """Write a stretch of a line without the signs of emphasis, links and tags."""
        start, end = self._trimmed(start, end)
        text = self.text
        row = self.writer.marks.get(self.writer.line)
        opened = text.startswith(("**", "__"), start) and text.endswith(("**", "__", "**:", "**\\"), start, end)
        if row is None and opened and text.count("**", start, end) + text.count("__", start, end) == 2:
            self._mark(Mark("strong"))
        self._pieces(start, end)

    def _pieces(self, start: int, end: int) -> None:
        text, position = self.text, start
        writer = self.writer
        for found in _PIECE.finditer(text, start, end):
            first, last = found.span()
            if first < position:
                continue
            writer.copy(position, first)
            position = last
            kind = found.lastgroup
            if kind in {"label", "address"}:
                begin = writer.length
                self._pieces(*found.span("label"))
                if found.group("address"):
                    writer.links.append(Link(begin, writer.length, found.group("address"), *found.span("address")))
            elif kind == "escape":
                writer.put(text[first + 1], first, last)
            elif kind == "entity":
                writer.put(unescape(found.group()), first, last)
            elif kind == "auto":
                writer.copy(*found.span("auto"))
            elif kind == "tag" and _BREAK.match(found.group()):
                writer.put("\v" if self.in_table else " ", first, last)
        writer.copy(position, end)

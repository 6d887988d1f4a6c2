"""XML with the place of every value. Entities are never expanded and nothing is fetched."""

from __future__ import annotations

from bisect import bisect_right
from xml.parsers import expat

from fundgraph.documents.tree import DEEPEST, MOST_VALUES, Items, Node, Record, Tree, Value, plain_key
from fundgraph.errors import DocumentError


def read_xml(text: str, where: str) -> Tree:
    """Read an XML document: an element with only text is a value, others are records; text beside is ``value``.

    Raises :class:`DocumentError` with the line for XML that is broken, and for one that declares entities.
    """
    reader = _Reader(text, where)
    try:
        reader.parser.Parse(reader.data, True)
    except expat.ExpatError as error:
        raise DocumentError(
            f"this is not whole XML: {expat.errors.messages.get(error.code, 'it cannot be read')}",
            where=where,
            line=error.lineno,
            column=error.offset + 1,
            hint="Save the file again, whole",
        ) from None
    return Tree(reader.roots)


class _Reader:
    """Takes expat's events; byte places become code points."""

    def __init__(self, text: str, where: str) -> None:
        self.where = where
        self.data = text.encode("utf-8", errors="replace")
        self.wide = _wide_places(text) if len(self.data) != len(text) else None
        self.roots: list[Node] = []
        self.open: list[tuple[str, Record, list[str], int, int]] = []
        self.count = 0
        parser = expat.ParserCreate("utf-8")
        parser.buffer_text = False
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.EntityDeclHandler = self._entity
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        self.parser = parser

    def _place(self) -> int:
        at = int(self.parser.CurrentByteIndex)
        if self.wide is None:
            return at
        places, shifts = self.wide
        index = bisect_right(places, at) - 1
        return at - (shifts[index] if index >= 0 else 0)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.count += 1
        if len(self.open) >= DEEPEST or self.count > MOST_VALUES:
            what = "is nested too deep" if len(self.open) >= DEEPEST else "holds too many elements"
            raise self._error(f"it {what}")
        at = self._place()
        parent = self.open[-1][1] if self.open else None
        record = Record({}, {}, at, at, parent)
        for key, value in attributes.items():
            if not key.startswith("xmlns"):
                record.labels[plain_key(key)] = key
                record.entries[plain_key(key)] = Value(value, at, at)
        self.open.append((name, record, [], -1, -1))

    def _characters(self, data: str) -> None:
        if not self.open:
            return
        name, record, parts, start, end = self.open[-1]
        parts.append(data)
        if data.strip():
            start = self._place() if start < 0 else start
            end = self._place() + len(data)
            self.open[-1] = (name, record, parts, start, end)

    def _end(self, name: str) -> None:
        _, record, parts, start, _ = self.open.pop()
        at = self._place()
        record.end = at
        for entry in record.entries.values():
            if isinstance(entry, Value) and entry.start == entry.end == record.start:
                entry.end = start if start >= 0 else at
        said = "".join(parts)
        text = said.strip()
        value = Value(text, start, at - (len(said) - len(said.rstrip())), "string") if text else None
        if value is not None and value.end < value.start:
            value.end = at
        node: Node
        if record.entries:
            if value is not None and "value" not in record.entries:
                record.entries["value"] = value
            node = record
        else:
            node = value or Value("", at, at, "null")
        if self.open:
            _add(self.open[-1][1], name, node)
        else:
            root = Record({}, {}, record.start, record.end)
            if isinstance(node, Record):
                node.parent = root
            _add(root, name, node)
            self.roots.append(root)

    def _entity(self, *_: object) -> None:
        raise self._error("it declares entities, which are not expanded here")

    def _error(self, what: str) -> DocumentError:
        parser = self.parser
        return DocumentError(
            f"this XML is refused: {what}",
            where=self.where,
            line=parser.CurrentLineNumber,
            column=parser.CurrentColumnNumber + 1,
        )


def _add(record: Record, name: str, node: Node) -> None:
    """Add a child; several of one name become a list."""
    key = plain_key(name) or name
    record.labels[key] = name
    there = record.entries.get(key)
    if there is None:
        record.entries[key] = node
    elif isinstance(there, Items):
        there.items.append(node)
        there.end = node.end
    else:
        record.entries[key] = Items([there, node], there.start, node.end)


def _wide_places(text: str) -> tuple[list[int], list[int]]:
    """Return the byte places after characters of several bytes, and how far bytes are ahead of code points there."""
    places: list[int] = []
    shifts: list[int] = []
    ahead = 0
    for index, character in enumerate(text):
        if character > "\x7f":
            ahead += len(character.encode("utf-8", errors="replace")) - 1
            places.append(index + 1 + ahead)
            shifts.append(ahead)
    return places, shifts

"""JSON and JSON Lines with the place of every value; no depth of nesting exhausts the stack."""

from __future__ import annotations

import re
from json.decoder import JSONDecodeError, scanstring  # type: ignore[attr-defined]

from fundgraph.documents.tree import DEEPEST, MOST_VALUES, Items, Node, Record, Slip, Tree, Value, plain_key
from fundgraph.errors import DocumentError

_SPACE = re.compile(r"[ \t\n\r\ufeff]*")
_BARE = re.compile(
    r"(?P<number>-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?)|(?P<boolean>true|false)|(?P<null>null)"
)
_HALF = re.compile(r"[\ud800-\udfff]")


class JsonError(Exception):
    """JSON that is none, with the offset at which that shows."""

    def __init__(self, what: str, at: int) -> None:
        super().__init__(what)
        self.what = what
        self.at = at


def read_json(text: str, where: str) -> Tree:
    """Read a JSON document, or JSON Lines. Raises :class:`DocumentError` with the line if it is broken or cut off."""
    tree = Tree([])
    position = skip_space(text, 0)
    try:
        while position < len(text):
            node, position = parse_value(text, position, tree.slips)
            tree.roots.append(node)
            position = skip_space(text, position)
            if position < len(text) and not isinstance(node, Record):
                raise JsonError("something follows after the end of the JSON value", position)
    except JsonError as error:
        raise document_error(text, error, where) from None
    return tree


def document_error(text: str, error: JsonError, where: str, lines_before: int = 0) -> DocumentError:
    """Say where in a file JSON is broken."""
    at = min(error.at, len(text))
    line = text.count("\n", 0, at) + 1
    column = at - (text.rfind("\n", 0, at) + 1) + 1
    return DocumentError(
        f"this is not whole JSON: {error.what}",
        where=where,
        line=line + lines_before,
        column=column,
        hint="Save the answer of the service again, whole",
    )


def skip_space(text: str, position: int) -> int:
    """Return where white space ends."""
    found = _SPACE.match(text, position)
    return found.end() if found else position


def parse_value(text: str, position: int, slips: list[Slip]) -> tuple[Node, int]:
    """Parse one value at ``position`` and return it with where it ends. Raises :class:`JsonError`."""
    return _Parser(text, slips).parse(position)


class _Parser:
    """One pass with a stack of its own: ``open`` holds the records and lists that are not closed yet."""

    def __init__(self, text: str, slips: list[Slip]) -> None:
        self.text = text
        self.slips = slips
        self.open: list[Record | Items] = []
        self.count = 0

    def parse(self, position: int) -> tuple[Node, int]:
        """Parse one value and what is in it."""
        while True:
            node, position = self._begin(position)
            if node is not None:
                done = self._close(node, position)
                if isinstance(done, int):
                    position = done
                else:
                    return done
            # A container was opened, or a comma passed: go on with the next key or value.

    def _begin(self, position: int) -> tuple[Node | None, int]:
        """Read a key if one is due, then a scalar (returned) or the opening of a container (``None``)."""
        text = self.text
        position = skip_space(text, position)
        if self.open and isinstance(self.open[-1], Record):
            position = self._key(self.open[-1], position)
        self.count += 1
        if self.count > MOST_VALUES:
            raise JsonError(
                f"it holds more than {MOST_VALUES} values, which is more than is read at once", position
            )
        sign = text[position : position + 1]
        if sign == '"':
            value, end = self._string(position)
            return Value(value, position + 1, end - 1), end
        if sign in ("{", "["):
            return self._open(sign, position)
        found = _BARE.match(text, position)
        if not found or found.end() == position:
            what = "it ends before it is complete" if position >= len(text) else f"no value begins with “{sign}”"
            raise JsonError(what, position)
        return Value(found.group(), position, found.end(), str(found.lastgroup)), found.end()

    def _open(self, sign: str, position: int) -> tuple[Node | None, int]:
        if len(self.open) >= DEEPEST:
            raise JsonError(f"it is nested more than {DEEPEST} levels deep", position)
        parent = next((node for node in reversed(self.open) if isinstance(node, Record)), None)
        node = Record({}, {}, position, position, parent) if sign == "{" else Items([], position, position)
        after = skip_space(self.text, position + 1)
        if self.text[after : after + 1] == ("}" if sign == "{" else "]"):
            node.end = after + 1
            return node, after + 1
        self.open.append(node)
        return None, after

    def _key(self, record: Record, position: int) -> int:
        """Read a key and its colon; the key waits on the record until its value is known."""
        text = self.text
        if text[position : position + 1] != '"':
            what = (
                "it ends before it is complete" if position >= len(text) else "a key in double quotes is missing"
            )
            raise JsonError(what, position)
        key, end = self._string(position)
        plain = plain_key(key) or key
        if plain in record.labels and record.labels[plain] == key:
            message = f"The key “{key}” stands twice in one object; what the first said is lost to most programs."
            self.slips.append(Slip("duplicate-key", position + 1, end - 1, message))
        record.labels[plain] = key
        record.entries.pop(plain, None)
        record.entries[plain] = Value("", end, end, "null")
        colon = skip_space(text, end)
        if text[colon : colon + 1] != ":":
            what = "it ends before it is complete" if colon >= len(text) else "a colon is missing after a key"
            raise JsonError(what, colon)
        return skip_space(text, colon + 1)

    def _string(self, position: int) -> tuple[str, int]:
        try:
            value, end = scanstring(self.text, position + 1, False)
        except JSONDecodeError as error:
            what = "a string is not closed" if "Unterminated" in error.msg else "a string has a broken escape"
            raise JsonError(what, error.pos) from None
        if _HALF.search(value):
            message = (
                "Here is half of a character (an escape such as \\ud83d without its other half), read as U+FFFD."
            )
            self.slips.append(Slip("undecodable-bytes", position + 1, end - 1, message))
            value = _HALF.sub("\ufffd", value)
        return value, end

    def _close(self, node: Node, position: int) -> tuple[Node, int] | int:
        """Put a finished value in its container, and close containers; return the root, or where to go on."""
        while self.open:
            container = self.open[-1]
            if isinstance(container, Record):
                container.entries[next(reversed(container.entries))] = node
            else:
                container.items.append(node)
            position = skip_space(self.text, position)
            sign = self.text[position : position + 1]
            if sign == ",":
                return position + 1
            if sign != ("}" if isinstance(container, Record) else "]"):
                what = "it ends before it is complete" if not sign else f"a comma is missing before “{sign}”"
                raise JsonError(what, position)
            position += 1
            container.end = position
            node = self.open.pop()
        return node, position

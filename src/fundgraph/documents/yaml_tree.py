"""YAML and TOML with the place of every value; aliases are counted, so that none makes a bomb."""

from __future__ import annotations

import datetime
import re
import tomllib
from typing import Any

import yaml

from fundgraph.documents.tree import DEEPEST, Items, Node, Record, Slip, Tree, Value, plain_key
from fundgraph.errors import DocumentError

LONGEST = 4_000_000
MOST_NODES = 200_000
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_FRONT = re.compile(r"\A\ufeff?(---|\+\+\+)[ \t]*\n(.*?)^(?:\1|\.\.\.)[ \t]*(?:\n|\Z)", re.S | re.M)


def front_matter(text: str) -> tuple[str, int, int, int] | None:
    """Find the front matter: ``yaml`` or ``toml``, where it begins and ends, and where the text after it begins."""
    found = _FRONT.match(text)
    if not found:
        return None
    return ("yaml" if found.group(1) == "---" else "toml"), found.start(2), found.end(2), found.end()


def read_yaml(text: str, where: str, offset: int = 0) -> Tree:
    """Read YAML that begins at ``offset`` of a document. Raises :class:`DocumentError` with the line."""
    if len(text) > LONGEST:
        raise DocumentError(f"more than {LONGEST} characters of YAML are not read", where=where, line=1)
    builder = _Builder(text, offset, where)
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        for event in yaml.parse(text, Loader=loader):
            builder.take(event)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        if mark is not None and mark.index >= len(text.rstrip()):
            # At the end it only shows that something is open: say where that begins.
            mark = getattr(error, "context_mark", None) or mark
        raise DocumentError(
            f"this is not whole YAML: {getattr(error, 'problem', None) or 'it cannot be read'}",
            where=where,
            line=None if mark is None else mark.line + 1,
            column=None if mark is None else mark.column + 1,
            hint="Mend the file at this line",
        ) from None
    return Tree(builder.roots, builder.slips)


class _Builder:
    """Makes a tree of a parser's events, with a stack of its own."""

    def __init__(self, text: str, offset: int, where: str) -> None:
        self.text, self.offset, self.where = text, offset, where
        self.roots: list[Node] = []
        self.slips: list[Slip] = []
        self.open: list[tuple[Record | Items, str | None, int]] = []
        self.keys: list[str | None] = []
        self.anchors: dict[str, tuple[Node, int]] = {}
        self.count = 0

    def take(self, event: Any) -> None:
        """Take one event."""
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            self._begin(event)
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            container, anchor, before = self.open.pop()
            self.keys.pop()
            mark: Any = event.end_mark
            container.end = self.offset + mark.index
            if anchor:
                self.anchors[anchor] = (container, self.count - before + 1)
            self._put(container)
        elif isinstance(event, yaml.AliasEvent):
            if event.anchor not in self.anchors:
                raise self._error(f"the alias *{event.anchor} names nothing that is complete", event)
            node, weight = self.anchors[event.anchor]
            self._more(weight, event)
            self._put(node)

    def _scalar(self, event: Any) -> None:
        self._more(1, event)
        start, end = event.start_mark.index, event.end_mark.index
        if event.style in ("'", '"') and end - start >= 2:
            start, end = start + 1, end - 1
        elif event.style in ("|", ">"):
            start = min(self.text.find("\n", start) + 1 or end, end)
            while end > start and self.text[end - 1].isspace():
                end -= 1
            while start < end and self.text[start].isspace():
                start += 1
        bare = event.style is None and event.value in _NULLS
        node = Value(event.value, self.offset + start, self.offset + end, "null" if bare else "string")
        if event.anchor:
            self.anchors[event.anchor] = (node, 1)
        self._put(node)

    def _begin(self, event: Any) -> None:
        self._more(1, event)
        if len(self.open) >= DEEPEST:
            raise self._error(f"it is nested more than {DEEPEST} levels deep", event)
        at = self.offset + event.start_mark.index
        parent = next((node for node, _, _ in reversed(self.open) if isinstance(node, Record)), None)
        record = isinstance(event, yaml.MappingStartEvent)
        node: Record | Items = Record({}, {}, at, at, parent) if record else Items([], at, at)
        self.open.append((node, event.anchor, self.count))
        self.keys.append(None)

    def _put(self, node: Node) -> None:
        """Put a value in its container: in a mapping every other one is a key."""
        if not self.open:
            self.roots.append(node)
            return
        container = self.open[-1][0]
        if isinstance(container, Items):
            container.items.append(node)
            return
        key = self.keys[-1]
        if key is None:
            self.keys[-1] = node.text if isinstance(node, Value) else "?"
            if isinstance(node, Value) and container.labels.get(plain_key(node.text)) == node.text:
                message = f"The key “{node.text}” stands twice here; what the first said is lost to most programs."
                self.slips.append(Slip("duplicate-key", node.start, node.end, message))
            return
        container.labels[plain_key(key) or key] = key
        container.entries[plain_key(key) or key] = node
        self.keys[-1] = None

    def _more(self, weight: int, event: Any) -> None:
        self.count += weight
        if self.count > MOST_NODES:
            raise self._error(f"it holds more than {MOST_NODES} values, counting every use of an alias", event)

    def _error(self, what: str, event: Any) -> DocumentError:
        mark: Any = event.start_mark
        line = self.text.count("\n", 0, mark.index) + 1
        return DocumentError(f"this YAML is refused: {what}", where=self.where, line=line, column=mark.column + 1)


def read_toml(text: str, where: str, offset: int = 0) -> Tree:
    """Read TOML that begins at ``offset`` of a document. Raises :class:`DocumentError` with the line."""
    if len(text) > LONGEST:
        raise DocumentError(f"more than {LONGEST} characters of TOML are not read", where=where, line=1)
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        found = re.search(r"at line (\d+), column (\d+)", str(error))
        line, column = (int(found.group(1)), int(found.group(2))) if found else (1, 1)
        what = "it is nested too deep" if isinstance(error, RecursionError) else str(error).split(" (at")[0]
        raise DocumentError(f"this is not whole TOML: {what}", where=where, line=line, column=column) from None
    return Tree([_Placer(text, offset).place(data, None, 0)])


class _Placer:
    """Finds where each value of a TOML document stands: after its key, in the order written."""

    def __init__(self, text: str, offset: int) -> None:
        self.text, self.offset, self.cursor = text, offset, 0

    def place(self, data: Any, parent: Record | None, depth: int) -> Node:
        """Make a node of what tomllib read."""
        start = self.cursor
        if isinstance(data, dict) and depth < DEEPEST:
            record = Record({}, {}, self.offset + start, self.offset + start, parent)
            for key, value in data.items():
                self._find_key(key)
                record.labels[plain_key(key) or key] = key
                record.entries[plain_key(key) or key] = self.place(value, record, depth + 1)
            record.end = self.offset + self.cursor
            return record
        if isinstance(data, list) and depth < DEEPEST:
            items = [self.place(value, parent, depth + 1) for value in data]
            return Items(items, self.offset + start, self.offset + self.cursor)
        return self._scalar(data)

    def _find_key(self, key: str) -> None:
        found = re.compile(rf"(?<![\w-])[\"']?{re.escape(key)}[\"']?(?=\s*[=.\]])").search(self.text, self.cursor)
        if found:
            self.cursor = found.end()

    def _scalar(self, data: Any) -> Value:
        if isinstance(data, bool):
            text, kind = str(data).lower(), "boolean"
        elif isinstance(data, (datetime.datetime, datetime.date, datetime.time)):
            text, kind = data.isoformat(), "string"
        else:
            text, kind = str(data), "string" if isinstance(data, str) else "number"
        at = self.text.find(text, self.cursor) if text else -1
        if at < 0:
            # Written with escapes: the rest of the line stands for it.
            at = self.cursor
            end = self.text.find("\n", at)
            end = len(self.text) if end < 0 else end
        else:
            end = at + len(text)
            self.cursor = end
        return Value(text, self.offset + at, self.offset + end, kind)

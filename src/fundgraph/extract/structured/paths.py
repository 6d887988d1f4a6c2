"""Follow a source's paths through a tree to the values that they lead to."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from fundgraph.documents.tree import Items, Node, Record, Value
from fundgraph.extract.source import squeeze
from fundgraph.extract.sources import Path, Paths

MOST_FOUND = 20_000
"""More values than this at one place of one record are not looked at."""

_UNWRAP = ("value", "content", "text", "name", "displayname", "title", "id")
_LANGUAGE = re.compile(r"[a-z]{2}(?:[a-z]{2})?$")
_TAG = re.compile(r"</?(?:p|br|i|b|em|strong|sub|sup|ul|ol|li|div|span|h[1-6]|a)(?:\s[^<>]*)?/?>", re.I)
_BREAK = re.compile(r"<(?:br|/p|/div|/li)\s*/?>", re.I)


def follow(record: Record, path: Path) -> Iterator[Node]:
    """Yield the nodes at the end of one path; lists on the way and at its end are entered."""
    if len(path) == 1 and path[0] not in ("^", "/"):
        there = record.entries.get(path[0])
        if there is None:
            return
        if isinstance(there, Items):
            yield from _entered(there)
        else:
            yield there
        return
    nodes: list[Node] = [record]
    for step in path:
        nodes = [after for node in nodes for after in _step(node, step)][:MOST_FOUND]
        if not nodes:
            return
    yield from nodes


def _step(node: Node, step: str) -> Iterator[Node]:
    if isinstance(node, Items):
        for one in _entered(node):
            yield from _step(one, step)
    elif isinstance(node, Record):
        if step == "^":
            if node.parent is not None:
                yield node.parent
        elif step == "/":
            while node.parent is not None:
                node = node.parent
            yield node
        elif (there := node.entries.get(step)) is not None:
            if isinstance(there, Items):
                yield from _entered(there)
            else:
                yield there


def _entered(items: Items) -> Iterator[Node]:
    """Yield what a list holds, lists in it entered too."""
    waiting: list[Node] = list(reversed(items.items[:MOST_FOUND]))
    while waiting:
        node = waiting.pop()
        if isinstance(node, Items):
            waiting.extend(reversed(node.items))
        else:
            yield node


def first(record: Record, several: Paths) -> Value | None:
    """Return the first value that says something, of the first path that leads to one."""
    for path in several:
        for node in follow(record, path):
            value = scalar(node)
            if value is not None and not value.blank:
                value.read = True
                return value
    return None


def stated(record: Record, several: Paths) -> Value | None:
    """Return the first value that says something, else an empty text that stands there, else ``None``."""
    empty: Value | None = None
    for path in several:
        for node in follow(record, path):
            value = scalar(node)
            if value is None:
                continue
            if not value.blank:
                value.read = True
                return value
            if empty is None and value.kind == "string":
                empty = value
    return empty


def every(record: Record, several: Paths) -> Iterator[Value]:
    """Yield all values that say something, of the first path that leads to any."""
    for path in several:
        found = [v for node in follow(record, path) if (v := scalar(node)) is not None and not v.blank]
        if found:
            for value in found:
                value.read = True
            yield from found
            return


def scalar(node: Node, depth: int = 0) -> Value | None:
    """Return the value that a node stands for: of a record its ``value`` or ``name``, or one language's text."""
    if isinstance(node, Value):
        return node
    if depth > 4:
        return None
    if isinstance(node, Items):
        return next((v for one in _entered(node) if (v := scalar(one, depth + 1)) is not None), None)
    for key in _UNWRAP:
        if key in node.entries:
            return scalar(node.entries[key], depth + 1)
    if node.entries and all(_LANGUAGE.match(key) for key in node.entries):
        return scalar(node.entries.get("en") or next(iter(node.entries.values())), depth + 1)
    return None


def plain_text(text: str) -> str:
    r"""Write a value as people read it: entities as characters, markup gone, one space for white space.

    >>> plain_text("R&amp;D of <i>E. coli</i>\n x &lt; y")
    'R&D of E. coli x < y'
    """
    if "<" in text:
        text = _TAG.sub("", text)
    if "&" in text:
        text = html.unescape(text)
    return one_space(text)


def one_space(text: str) -> str:
    """Write every run of white space as one space, as ``squeeze`` does but faster on plain text."""
    return " ".join(text.split()) if text.isascii() else squeeze(text)


def plain_prose(text: str) -> str:
    r"""Write a long value as people read it, with an empty line between its paragraphs.

    >>> plain_prose("One.<br/><br/>Two\nlines.")
    'One.\n\nTwo lines.'
    """
    if "<" in text:
        text = _TAG.sub("", _BREAK.sub("\n\n", text))
    if "&" in text:
        text = html.unescape(text)
    if "\n" not in text:
        return one_space(text)
    parts = re.split(r"\n[ \t]*(?:\n\s*)+", text)
    return "\n\n".join(part for part in (one_space(part) for part in parts) if part)

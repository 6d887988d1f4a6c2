"""Structured sources as one kind of tree, whatever they are written in; every value knows where it stands."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

DEEPEST = 100
"""More levels than this are refused: no source of projects has them."""
MOST_VALUES = 3_000_000
"""More values than this in one document are refused: such a file is read with ``extract_stream``."""

_PREFIXED = re.compile(r"[A-Za-z][\w-]*:(?=[A-Za-z])")


@dataclass(slots=True)
class Value:
    """A scalar: ``text`` is what it says, ``start`` to ``end`` where it is written (without quotes)."""

    text: str
    start: int
    end: int
    kind: str = "string"
    """``string``, ``number``, ``boolean`` or ``null``."""
    read: bool = False
    """Whether something was read from it."""

    @property
    def blank(self) -> bool:
        """Whether it says nothing."""
        return self.kind == "null" or not self.text.strip()


@dataclass(slots=True)
class Record:
    """Named entries, by their plain keys (see :func:`plain_key`); ``labels`` has the keys as written."""

    entries: dict[str, Node]
    labels: dict[str, str]
    start: int
    end: int
    parent: Record | None = None


@dataclass(slots=True)
class Items:
    """A list."""

    items: list[Node]
    start: int
    end: int


Node = Value | Record | Items


@dataclass(frozen=True, slots=True)
class Slip:
    """What is off in the way that a source is written: a finding's code and message, and where."""

    code: str
    start: int
    end: int
    message: str


@dataclass(slots=True)
class Tree:
    """A document's roots (several in JSON Lines and in tables) and what is off in its writing."""

    roots: list[Node]
    slips: list[Slip] = field(default_factory=list)


@lru_cache(maxsize=16_384)
def plain_key(key: str) -> str:
    """Write a key or a column's name in small letters and digits only.

    >>> plain_key("Project_Title"), plain_key("https://schema.org/name"), plain_key("@type"), plain_key("Förderbeginn")
    ('projecttitle', 'name', 'type', 'forderbeginn')
    """
    if "://" in key:
        key = re.split(r"[/#]", key.rstrip("/#"))[-1]
    elif found := _PREFIXED.match(key):
        key = key[found.end() :]
    folded = unicodedata.normalize("NFKD", key).casefold()
    return "".join(character for character in folded if character.isalnum())


def walk(root: Node) -> Iterator[Record]:
    """Yield all records of a tree, outer ones first and in the order written."""
    waiting: list[Node] = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Record):
            yield node
            waiting.extend(reversed(node.entries.values()))
        elif isinstance(node, Items):
            waiting.extend(reversed(node.items))

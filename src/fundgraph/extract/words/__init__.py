"""The vocabularies of the reader: TOML beside this file, English and German, read when first asked for."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from functools import lru_cache
from importlib import resources
from typing import Any

_FIRST = re.compile(r"[^\W_]+")


@lru_cache(maxsize=32)
def vocabulary(name: str) -> dict[str, Any]:
    """Return the whole of ``<name>.toml``."""
    source = resources.files("fundgraph.extract.words").joinpath(f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(source)


@lru_cache(maxsize=128)
def word_set(name: str, *path: str) -> frozenset[str]:
    """Return all the words under a table of a vocabulary, of every language, in lower case."""
    node: Any = vocabulary(name)
    for step in path:
        node = node[step]
    return frozenset(word.casefold() for word in _leaves(node))


@lru_cache(maxsize=128)
def word_list(name: str, *path: str) -> tuple[str, ...]:
    """Return the words under a table of a vocabulary as they are written there, longest first."""
    node: Any = vocabulary(name)
    for step in path:
        node = node[step]
    return tuple(sorted(set(_leaves(node)), key=lambda word: (-len(word), word)))


def first_word(text: str) -> str:
    """Return the letters and digits that a text begins with, in small letters; nothing if it begins otherwise.

    >>> first_word("Über uns"), first_word("[mehr]")
    ('über', '')
    """
    found = _FIRST.match(text)
    return found.group().casefold() if found else ""


def first_words(forms: Iterable[str]) -> frozenset[str]:
    """Return what :func:`first_word` gives of every form: a text with another first word is none of them."""
    return frozenset(map(first_word, forms))


def _leaves(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, list):
        for item in node:
            yield from _leaves(item)
    elif isinstance(node, dict):
        for item in node.values():
            yield from _leaves(item)

"""Which elements of a page are no content, and which are a label or its value, by ``boilerplate.toml``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from functools import lru_cache
from importlib import resources
from typing import Any

from fundgraph.documents.tags import VOID, Token

_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
_WHOLE = frozenset(("html", "body", "main", "article", "head"))
_MOST_CLASSES = 40


def is_furniture(token: Token) -> bool:
    """Tell whether an element holds nothing that a reader should read: navigation, banners, hidden rows, scripts."""
    if token.name in _elements():
        return token.name != "button" or not opens_part(token)
    if not token.attributes or token.name in _WHOLE or token.name in VOID:
        return False
    if "hidden" in token.attributes or token.get("aria-hidden").lower() == "true":
        return True
    if token.get("role").lower() in words()["elements"]["roles"] or _HIDDEN_STYLE.search(token.get("style")):
        return True
    classes = token.get("class").lower().split()[:_MOST_CLASSES]
    if any(name in words()["classes"]["hidden"] for name in classes):
        return True
    return any(_is_furniture_class(name) for name in (*classes, token.get("id").lower()))


def opens_part(token: Token) -> bool:
    """Tell whether a button is the heading of a part of the page that it opens and shuts."""
    names = f"{token.get('class')} {token.get('id')}".lower()
    if any(word in names for word in words()["buttons"]["others"]):
        return False
    if any(word in names for word in words()["buttons"]["headings"]):
        return True
    return (
        "collapse" in (token.get("data-toggle"), token.get("data-bs-toggle"))
        and "aria-controls" in token.attributes
    )


def pair_kind(tokens: Sequence[Token], index: int) -> str | None:
    """Tell ``term`` or ``value`` of an element whose class says that it is the half of a pair."""
    names = tokens[index].get("class").lower().split()[:_MOST_CLASSES]
    if any(name in words()["classes"]["labels"] for name in names):
        return "term"
    return "value" if any(name in words()["classes"]["values"] for name in names) else None


@lru_cache(maxsize=1)
def words() -> dict[str, Any]:
    """Return the whole of ``boilerplate.toml``."""
    source = resources.files("fundgraph.documents").joinpath("boilerplate.toml").read_text(encoding="utf-8")
    return tomllib.loads(source)


@lru_cache(maxsize=1)
def _elements() -> frozenset[str]:
    return frozenset(words()["elements"]["skipped"])


@lru_cache(maxsize=4096)
def _is_furniture_class(name: str) -> bool:
    """Tell whether a class or id is furniture's: one such word, and else only words that stand beside such words."""
    parts = [part for part in re.split(r"[-_]+", name) if part]
    if not 0 < len(parts) <= 5:
        return False
    known = words()["classes"]
    joined = "".join(parts)
    if joined in known["furniture"]:
        return True
    core = [part for part in parts if part in known["furniture"]]
    return bool(core) and all(part in core or part in known["before"] or part in known["after"] for part in parts)

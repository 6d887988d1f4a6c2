"""What template engines leave in a page: comments, tags and variables that nobody filled in."""

from __future__ import annotations

import re

_CODE = re.compile(
    r"\{%[^%\n]{0,500}%\}|\{#[^#\n{}]{0,500}#\}|<%[^%\n]{0,500}%>|\{\{[<%/][^{}\n]{0,500}[>%]\}\}"
    r"|\$\{[^{}\n$\\]{1,200}\}|\{\{-?\s+[^{}\n]{1,200}\s-?\}\}|\{\{-?[A-Za-z_]\w*(?:\.\w+)+[^{}\n]{0,100}\}\}"
    r"|\[\[\s*\$?\w+(?:\.\w+)+\s*\]\]",
    re.S,
)
_COMMENT = re.compile(r"\{%-?\s{0,9}comment\b[^%\n]{0,100}%\}")
_COMMENT_END = re.compile(r"\{%-?\s{0,9}endcomment\s{0,9}-?%\}")
_ANY = ("{%", "{#", "{{", "<%", "${", "[[")
"""The signs with which such code begins; to look for each is far faster than one pattern."""


def leftovers(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return where ``text[start:end]`` holds the code of a template.

    >>> leftovers("Title: ${item.title}, {{ page.date }}", 0, 37)
    [(7, 20), (22, 37)]
    """
    if not any(text.find(signs, start, end) >= 0 for signs in _ANY):
        return []
    places: list[tuple[int, int]] = []
    position = start
    while position < end and (comment := _COMMENT.search(text, position, end)):
        closed = _COMMENT_END.search(text, comment.end(), end)
        if closed is None:
            break
        places += [found.span() for found in _CODE.finditer(text, position, comment.start())]
        places.append((comment.start(), closed.end()))
        position = closed.end()
    places += [found.span() for found in _CODE.finditer(text, position, end)]
    return places

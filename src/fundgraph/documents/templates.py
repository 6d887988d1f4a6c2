"""What template engines leave in a page: comments, tags and variables that nobody filled in."""

from __future__ import annotations

import re

_CODE = re.compile(
    r"\{%-?\s*comment\s*-?%\}.{0,200000}?\{%-?\s*endcomment\s*-?%\}"
    r"|\{%[^%\n]{0,500}%\}|\{#[^#\n{}]{0,500}#\}|<%[^%\n]{0,500}%>|\{\{[<%/][^{}\n]{0,500}[>%]\}\}"
    r"|\$\{[^{}\n$\\]{1,200}\}|\{\{-?\s+[^{}\n]{1,200}\s-?\}\}|\{\{-?[A-Za-z_]\w*(?:\.\w+)+[^{}\n]{0,100}\}\}"
    r"|\[\[\s*\$?\w+(?:\.\w+)+\s*\]\]",
    re.S,
)
_OPENERS = ("{%", "{#", "<%", "${", "{{", "[[")


def leftovers(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return where ``text[start:end]`` holds the code of a template.

    >>> leftovers("Title: ${item.title}, {{ page.date }}", 0, 37)
    [(7, 20), (22, 37)]
    """
    if not any(text.find(opener, start, end) >= 0 for opener in _OPENERS):
        return []
    return [found.span() for found in _CODE.finditer(text, start, end)]

"""A project's code and acronym, as its title carries them."""

from __future__ import annotations

import re
from functools import lru_cache

from fundgraph.extract.words import word_list

_ACRONYM = re.compile(r"\(([^\W\d_][\w.+-]{1,14})\)\s*$")


def read_code(title: str) -> tuple[str | None, int]:
    """Return the code that a title begins with, and where the rest of the title begins.

    >>> read_code("A01: Optimal control"), read_code("Teilprojekt 4 Optimierung"), read_code("Optimal control")
    (('A01', 5), ('Teilprojekt 4', 14), (None, 0))
    """
    found = _pattern().match(title)
    if not found or found.end() >= len(title):
        return None, 0
    code = found.group("code") or found.group("number") or found.group("alone")
    if found.group("word") and not re.search(r"[^\W\d_]", code):
        code = f"{found.group('word')} {code}"
    return code, found.end()


def read_acronym(title: str) -> str | None:
    """Return the acronym in brackets at a title's end.

    >>> read_acronym("Low Complexity Networks (iLOCO)"), read_acronym("A title (in part)")
    ('iLOCO', None)
    """
    found = _ACRONYM.search(title)
    if not found or sum(character.isupper() for character in found.group(1)) < 2:
        return None
    return found.group(1)


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    words = "|".join(re.escape(word) for word in word_list("page", "code", "words"))
    alone = "|".join(re.escape(word) for word in word_list("page", "code", "alone"))
    return re.compile(
        rf"(?:(?P<word>{words})\s+(?P<number>[A-Z]{{0,3}}\d{{1,3}}[a-z]?|[A-Z]|[IVX]{{1,4}})(?:\s*[:.–—-]\s*|\s+)"
        rf"|[(\[]?(?P<code>[A-Z]{{1,3}}-?\d{{1,3}}[a-z]?)[)\]]?(?:\s*[:–—]\s*|\s+[-–]\s+|\.\s+|(?<=[)\]])\s+)"
        rf"|(?P<alone>{alone})\d?(?:\s*[:–—]\s*|\s+[-–]\s+))"
    )

"""The figures that a page states about itself, held against what was read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz

from fundgraph.extract.words import vocabulary, word_set

ALIKE = 90.0
"""How alike (0 to 100) a word of a label must be to a known one to be a misprint of it."""


@dataclass(frozen=True, slots=True)
class Countable:
    """What a label's words (``printed``) count, and the known words that they are or are a misprint of."""

    kind: str
    printed: str
    meant: str


@lru_cache(maxsize=1024)
def countable(label: str) -> Countable | None:
    """Return what a figure's label counts, tolerating a misprint.

    >>> countable("Prinicipal Investigators").kind, countable("Universities from across Germany").kind
    ('principal-investigators', 'institutions')
    >>> countable("Coffee machines")
    """
    words = re.findall(r"[^\W\d_]+", label)
    if not words or len(words) > 12:
        return None
    for length in range(min(4, len(words)), 0, -1):
        for first in range(len(words) - length + 1):
            printed = " ".join(words[first : first + length])
            found = _match(printed, length)
            if found:
                return found
    return None


def _match(printed: str, length: int) -> Countable | None:
    wanted = printed.casefold()
    best: tuple[float, str, str] | None = None
    for kind in vocabulary("claims"):
        for form in word_set("claims", kind):
            if len(form.split()) != length or form[0] != wanted[0]:
                continue
            score = 100.0 if form == wanted else fuzz.ratio(form, wanted) if len(wanted) > 6 else 0.0
            if score >= ALIKE and (best is None or (score, form) > best[::2]):
                best = (score, kind, form)
    if best is None:
        return None
    return Countable(best[1], printed, best[2])

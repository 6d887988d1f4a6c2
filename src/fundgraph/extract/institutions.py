"""Whether a phrase names an institution."""

from __future__ import annotations

import re
from functools import lru_cache

from fundgraph.extract.words import word_list

_PROFESSOR = re.compile(r"(?<!\w)univ(?:\.|ersitäts)?[-\s]*(?=prof)")
"""What makes no place of a title: "Univ.-Prof.", "Universitätsprofessorin"."""
_LETTERS = re.compile(r"[^\W\d_]+")


@lru_cache(maxsize=16384)
def is_institution(text: str) -> bool:
    """Tell whether a phrase names an institution.

    >>> is_institution("Universität Bonn"), is_institution("LMU München"), is_institution("3rd party funding")
    (True, True, False)
    """
    folded = text.casefold()
    # That a word stands there at all is told faster than how it stands there.
    named = any(map(folded.__contains__, word_list("people", "institutions", "words")))
    if named and "prof" in folded:
        folded = _PROFESSOR.sub("", folded)
    if named and _institution_pattern().search(folded):
        return True
    whole, pattern = _abbreviations()
    return not whole.isdisjoint(_LETTERS.findall(text)) or bool(pattern and pattern.search(text))


@lru_cache(maxsize=1)
def _institution_pattern() -> re.Pattern[str]:
    words = "|".join(re.escape(word) for word in word_list("people", "institutions", "words"))
    return re.compile(rf"(?<!\w)(?:{words})|(?:{words})(?!\w)")


@lru_cache(maxsize=1)
def _abbreviations() -> tuple[frozenset[str], re.Pattern[str] | None]:
    """Return the abbreviations that are letters only, and a pattern for the others, if there are any."""
    forms = word_list("people", "institutions", "abbreviations")
    others = "|".join(re.escape(form) for form in forms if not form.isalpha())
    pattern = re.compile(rf"(?<![^\W\d_])(?:{others})(?![^\W\d_])") if others else None
    return frozenset(form for form in forms if form.isalpha()), pattern

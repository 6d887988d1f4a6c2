"""Titles before names and degrees after them: where they stand, and what rank they give."""

from __future__ import annotations

import re
from functools import lru_cache

from fundgraph.extract.source import squeeze
from fundgraph.extract.words import word_list, word_set

_LONGEST = 24
_COMPOUND = re.compile(
    r"(?:[A-Za-zÀ-ÿ]{1,8}\.?[- ]?){1,3}(?<=[.-])[Pp]rof\.(?:in\b)?\s*|Dipl\.-(?:[A-Z][a-z]{1,9}-?){1,3}\.(?:\s?\([A-Z]{1,4}\))?\s*"
    r"|Dr\.(?:-[A-Z][a-z]{1,6}\.|(?:\s?[a-z]{2,6}\.){1,3})\s*"
)
"""Titles that are made of others, whatever the vocabulary has: "Ass.Prof.", "Dipl.-Geogr.", "Dr. rer. biol."."""


@lru_cache(maxsize=1)
def plain_titles() -> frozenset[str]:
    """Return the titles of one word, as they are written, that are nothing else: with a dot at the end, or letters only."""
    forms = [form for form in word_list("people", "honorifics") if " " not in form]
    return frozenset(
        form for form in forms if form.endswith(".") or (form.isalpha() and form not in suffix_endings())
    )


@lru_cache(maxsize=1)
def title_words() -> frozenset[str]:
    """Return the words that titles begin with."""
    return frozenset(form.split()[0] for form in word_set("people", "honorifics"))


@lru_cache(maxsize=1024)
def title_class(honorific: str | None) -> str | None:
    """Tell ``professor``, ``doctor`` or ``None`` of an honorific as printed.

    >>> title_class("Prof. Dr.-Ing."), title_class("PD Dr."), title_class("Dipl.-Math."), title_class("Ph.D.")
    ('professor', 'doctor', None, 'doctor')
    """
    ranks = title_ranks(honorific)
    return next((rank for rank in ("professor", "doctor") if rank in ranks), None)


@lru_cache(maxsize=1024)
def title_ranks(honorific: str | None) -> frozenset[str]:
    """Return the ranks that an honorific holds, of ``professor`` and ``doctor``.

    >>> sorted(title_ranks("Professorin Dr.")), sorted(title_ranks("Herr"))
    (['doctor', 'professor'], [])
    """
    ranks: set[str] = set()
    position = 0
    while honorific and position < len(honorific):
        found = _honorific_pattern().match(honorific, position)
        if not found or found.end() == position:
            break
        ranks.add(_class_of(found.group().strip()))
        position = found.end()
    if honorific and honorific.casefold() in word_set("people", "suffixes", "doctor"):
        ranks.add("doctor")
    return frozenset(ranks & {"professor", "doctor"})


@lru_cache(maxsize=1024)
def honorific_weight(honorific: str | None) -> tuple[int, int]:
    """Order honorifics by how much they say: a fuller one is greater."""
    rank = {"professor": 2, "doctor": 1, None: 0}[title_class(honorific)]
    return (rank, len(re.sub(r"[\W_]", "", honorific or "")))


@lru_cache(maxsize=1)
def _honorific_pattern() -> re.Pattern[str]:
    forms = "|".join(re.escape(form).replace(r"\ ", r"\s?") for form in word_list("people", "honorifics"))
    # A form that ends in a letter is a word of its own; one with a dot may touch what follows ("Prof.Dr.").
    return re.compile(rf"(?:{forms})(?:(?<=\.)|(?![\w.'’-]))\s*,?\s*(?![,;])", re.I)


def _class_of(form: str) -> str:
    plain = squeeze(form.rstrip(", ")).casefold()
    for kind in ("professor", "doctor", "other"):
        if plain in word_set("people", "honorifics", kind):
            return kind
    return "other"


def titles_of(stretch: str) -> tuple[str | None, int]:
    """Return the titles that a stretch begins with, as printed, and where the name begins."""
    position = 0
    while True:
        found = _honorific_pattern().match(stretch, position) if _may_be_title(stretch, position) else None
        after = stretch[found.end() : found.end() + 1] if found else ""
        whole = found is not None and found.end() > position and after != "-" and not after.islower()
        if not whole and "." in stretch[position : position + _LONGEST]:
            found = _COMPOUND.match(stretch, position) or found
        if found is None or found.end() == position:
            break
        position = found.end()
    printed = squeeze(stretch[:position]).rstrip(",").rstrip()
    return (printed or None), position


def _may_be_title(stretch: str, position: int) -> bool:
    """Tell by two letters whether a title may stand here."""
    first = stretch[position : position + 2].lower()
    return first in _title_beginnings() or not first.isascii()


@lru_cache(maxsize=1)
def _title_beginnings() -> frozenset[str]:
    return frozenset(form[:2] for form in word_set("people", "honorifics"))


def suffix_of(stretch: str, start: int, end: int) -> tuple[str | None, int]:
    """Return a degree printed after the name, and where the name ends without it."""
    last = stretch[start:end].replace(",", " ").split()
    if not last or last[-1].rstrip(".") not in suffix_endings():
        return None, end
    tail = _suffix_pattern().search(stretch, start, end)
    if tail is None or tail.start() <= start:
        return None, end
    deeper, new_end = suffix_of(stretch, start, tail.start())
    # The last dot may be gone: it also ends a sentence, or the stretch.
    form = squeeze(tail.group(1)).rstrip(".").casefold()
    known = next(
        (one for one in word_list("people", "suffixes") if one.rstrip(".").casefold() == form),
        None,
    )
    return deeper or known, new_end


@lru_cache(maxsize=1)
def suffix_endings() -> frozenset[str]:
    """Return the last words of the degrees; what stands in two words may stand in one."""
    forms = [form.rstrip(".").split() for form in word_list("people", "suffixes")]
    return frozenset("".join(words[first:]) for words in forms for first in range(len(words)))


@lru_cache(maxsize=1)
def _suffix_pattern() -> re.Pattern[str]:
    known = sorted({form.rstrip(".") for form in word_list("people", "suffixes")}, key=len, reverse=True)
    forms = "|".join(re.escape(form).replace(r"\ ", r"\s?") for form in known)
    return re.compile(rf"[\s,]+({forms})\.?$")

"""A project's code and acronym, as its title carries them."""

from __future__ import annotations

import re
from functools import lru_cache

from fundgraph.extract.words import word_list

_LEADING = re.compile(
    r"([^\W\d_][\w+-]{1,14})(?:\s*:\s+|\s+[–—-]\s+)(?=[^\W\d_])"
    r"|(?=[A-Z]\w*[a-z])([A-Z]\w{2,14})(?=(?:\s+[A-ZÄÖÜ]{3,}){2})"
)
"""A word before a colon or a dash; or one in mixed letters before words in capitals."""
LONGEST_KIND = 60
"""Characters of the longest line that names the kind of a grant."""
_NUMBER = re.compile(
    r"(?:\d{2}[A-Z]{2}\d{4,6}[A-Z]?|(?:19|20)\d\d[A-Z]\w{4,9}|[A-Z]{2}/[A-Z]?\w{4,8}/\d|[A-Z]{2} \d{3,4}/\d{1,2}-\d|\d{5,10}|[A-Z]{2,3}\d{6,10}|[A-Z] \d{4,6}(?:-[A-Z]\d*)?"
    r"|(?=\S*\d\S*\d\S*\d)[A-Z\d]{2,8}(?:[-._/][A-Z\d]{1,8}){1,4})(?![\w/])"
)
"""The forms of funders' numbers: "ANR-21-CE27-0112", "EP/V026259/1", "406.22.EW.015", "01GL2301A", "P 34567-N", "2022ZKM4PL"."""
_LEADING_NUMBER = re.compile(
    rf"[(\[]?({_NUMBER.pattern})[)\]]?(?:\s*[:–—|]\s*|\s+[-–·•|]\s+|\.\s+|\s+(?=[\"“„«‹‚]))"
)
_SPACED = ("INF", "MGK", "JRG", "IRTG", "ZINF")
"""Codes without a number, before which no sign need stand."""
_ACRONYM = re.compile(r"\(([^\W\d_][\w.+-]{1,14})\)\s*$")


def read_code(title: str) -> tuple[str | None, int]:
    """Return the code that a title begins with, and where the rest of the title begins.

    >>> read_code("A01: Optimal control"), read_code("Teilprojekt 4 Optimierung"), read_code("Optimal control")
    (('A01', 5), ('Teilprojekt 4', 14), (None, 0))
    """
    found = _pattern().match(title) if _may_be_coded(title) else None
    if not found or found.end() >= len(title):
        return None, 0
    code = found.group("code") or found.group("number") or found.group("alone")
    if found.group("word") and not re.search(r"[^\W\d_]", code):
        code = f"{found.group('word')} {code}"
    return code, found.end()


def split_code(title: str) -> tuple[str | None, int]:
    """Return a title's code, of a project or of a programme ("SPP 2298: …"), and where the rest begins.

    >>> split_code("SPP 2298: Theoretical Foundations"), split_code("A01: Optimal control")
    (('SPP 2298', 10), ('A01', 5))
    """
    if not _may_be_coded(title):
        return None, 0
    found = _programme_pattern().match(title)
    if found and found.end() < len(title):
        return found.group(1), found.end()
    code, rest = read_code(title)
    if code is None and (number := _LEADING_NUMBER.match(title)) and has_number(number.group(1)):
        return number.group(1), number.end()
    if code is None and (spaced := _spaced_pattern().match(title)):
        return spaced.group(1), spaced.end()
    return code, rest


def has_number(text: str) -> bool:
    """Tell whether a stretch has the form of a funder's number and is no date, no years and no range of them.

    >>> has_number("ANR-21-CE27-0112"), has_number("406.22.EW.015"), has_number("2021-2024"), has_number("14.03.2025")
    (True, True, False, False)
    """
    if not _NUMBER.fullmatch(text) or sum(map(str.isdigit, text)) < 4:
        return False
    return not re.fullmatch(r"\d{1,4}([-./])\d{1,4}(?:\1\d{1,4})?", text)


def _may_be_coded(title: str) -> bool:
    """Tell whether a title's first word may be of a code: most are letters alone, and none that codes begin with."""
    first = title[:80].partition(" ")[0]
    return not first.isalpha() or first in _code_words() or first.startswith(_alone())


@lru_cache(maxsize=1)
def _code_words() -> frozenset[str]:
    words = (*word_list("page", "code", "words"), *word_list("page", "programme", "kinds"))
    return frozenset(word.split()[0] for word in words) | set(_SPACED)


@lru_cache(maxsize=1)
def _alone() -> tuple[str, ...]:
    return word_list("page", "code", "alone")


@lru_cache(maxsize=1)
def _spaced_pattern() -> re.Pattern[str]:
    """Match a code of two digits, or of a network's candidates ("ESR3"), before a capital, with only a space between."""
    numbered = "|".join(re.escape(word) for word in word_list("page", "code", "numbered"))
    return re.compile(
        rf"([A-Z]\d{{2}}|(?:{numbered})-?\d{{1,2}}|{'|'.join(_SPACED)})\s+(?=[^\W\d_a-zß-öø-ÿ]|[\"“„«])"
    )


@lru_cache(maxsize=1)
def _programme_pattern() -> re.Pattern[str]:
    kinds = "|".join(re.escape(word) for word in word_list("page", "programme", "kinds"))
    return re.compile(rf"((?:{kinds})[ \u00a0/]?\d{{2,4}})(?:\s*[:–—]\s*|\s+[-–]\s+)")


def read_acronym(title: str) -> str | None:
    """Return the acronym in brackets at a title's end, or the one that it begins with.

    >>> read_acronym("Low Complexity Networks (iLOCO)"), read_acronym("A title (in part)")
    ('iLOCO', None)
    >>> read_acronym("LaSTing - Robust Assessment"), read_acronym("OpenRIs RESEARCH FLAGSHIP CONFERENCE")
    ('LaSTing', 'OpenRIs')
    """
    found = (_ACRONYM.search(title) if "(" in title else None) or _LEADING.match(title)
    word = found.group(found.lastindex or 0) if found else ""
    return word if sum(character.isupper() for character in word) >= 2 else None


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    words = "|".join(re.escape(word) for word in word_list("page", "code", "words"))
    alone = "|".join(re.escape(word) for word in word_list("page", "code", "alone"))
    return re.compile(
        rf"(?:(?P<word>{words})\s+(?P<number>[A-Z]{{0,3}}\d{{1,3}}(?:\.\d{{1,2}})?[a-z]?|[A-Z]|[IVX]{{1,4}})(?:\s*[:.–—-]\s*|\s+)"
        rf"|[(\[]?(?P<code>[A-Z]{{1,3}}-?\d{{1,3}}[a-z]?)[)\]]?(?:\s*[:–—]\s*|\s+[-–]\s+|\.\s+|(?<=[)\]])\s+)"
        rf"|(?P<alone>{alone})\d?(?:\s*[:–—]\s*|\s+[-–]\s+))"
    )


@lru_cache(maxsize=4096)
def is_grant_kind(text: str) -> bool:
    """Tell whether a line is the kind of a grant, such as stands above the titles of a list of them.

    >>> is_grant_kind("ERC Starting Grant (2021)"), is_grant_kind("Advanced grants for networks")
    (True, False)
    """
    return len(text) <= LONGEST_KIND and bool(_grant_pattern().fullmatch(text.strip(" :*_#\u00a0")))


@lru_cache(maxsize=1)
def _grant_pattern() -> re.Pattern[str]:
    funders = "|".join(re.escape(word) for word in word_list("page", "grant", "funders"))
    kinds = "|".join(re.escape(word) for word in word_list("page", "grant", "kinds"))
    return re.compile(
        rf"(?:(?:{funders})[\s-]+)?(?:{kinds})(?:\s+(?:{funders}))?(?:[\s,|·–-]*\(?(?:19|20)\d\d\)?)?", re.I
    )

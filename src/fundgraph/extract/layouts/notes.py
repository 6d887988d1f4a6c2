"""What short lines are by themselves: dates, small facts between signs, abbreviations, open positions, sentences."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from fundgraph.extract.dates import read_period
from fundgraph.extract.layouts.records import RawInstitution
from fundgraph.extract.source import squeeze
from fundgraph.extract.words import word_set

_ABBREVIATION = re.compile(r"[A-Z][\w&-]*[A-Z][\w&-]*")
_ABBREVIATIONS = re.compile(rf"{_ABBREVIATION.pattern}(?:\s*(?:[,;/]|and|und|et)\s*{_ABBREVIATION.pattern})*")
_SIGNS = re.compile(r"\s+[|·•]\s+|\s*\|\s*")
_NUMBER = re.compile(
    r"(?:(?:grant|award|project|projekt|ref|reference|fkz|förderkennzeichen|no|nr|id|n°|agreement|number|contract|gepris|code)\b\.?\s*){1,4}[:#]?\s*((?=\S*\d{4})[A-Z\d][\w./–-]{4,24})",
    re.I,
)
_AMOUNT = re.compile(
    r"(?:[€£$]|EUR|GBP|USD|CHF|SEK|NOK|DKK)\s?[\d.,']+\s?(?:[kKmM]|Mio\.?|million)?|[\d.,']+\s?(?:€|EUR|CHF|SEK|NOK|DKK|k€)"
)
_LEADING = re.compile(r"\(?(?:19|20)\d\d\s*[–—-]\s*(?:19|20)\d\d\)?\s*[,;|·]\s")
_DATE_WORDS = re.compile(r"[^\W\d_]+")


@lru_cache(maxsize=4096)
def is_vacant(text: str) -> bool:
    """Tell whether a value says that a position is not filled: "N.N.", "vacant", a dash.

    >>> is_vacant("N. N."), is_vacant("(vacant)"), is_vacant("Nina Nolte")
    (True, True, False)
    """
    plain = squeeze(text).casefold().strip(" ()[]*?") if len(text) <= 40 else ""
    return plain.replace(".", "").replace(" ", "") == "nn" or plain.rstrip(".") in word_set("people", "vacant")


def is_sentence(text: str) -> bool:
    """Tell whether a line below a record's facts is the one sentence of its text.

    >>> is_sentence("Who decides on dykes?"), is_sentence("University of Bonn, Dept. of Geology"), is_sentence("See above.")
    (True, False, False)
    """
    words = text.split()
    return (
        text[-1:] in {".", "?", "!"}
        and len(words) >= 4
        and text[0].isupper()
        and sum(word.islower() for word in words) >= 2
    )


@lru_cache(maxsize=4096)
def only_dates(text: str) -> bool:
    """Tell whether a line is a period and nothing else; a single date may be the page's.

    >>> only_dates("March 2023 to date"), only_dates("2020 – 2024"), only_dates("14 June 2022"), only_dates("Elections in 2020")
    (True, True, False, False)
    """
    if len(text) > 60 or not ("20" in text or "19" in text):
        return False
    start, end, bare = read_period(text)
    words = _DATE_WORDS.findall(bare.casefold())
    return bool(start or end) and bool(words or (start and end)) and word_set("dates", "around").issuperset(words)


def leads_with_dates(text: str) -> bool:
    """Tell whether a short line begins with a period: "2021–2025, funded by the Academy"."""
    return text[:1] in {"1", "2", "("} and len(text) <= 150 and bool(_LEADING.match(text))


@dataclass(frozen=True, slots=True)
class Meta:
    """What a line of small facts states."""

    code: str | None
    starts: str | None
    ends: str | None


def meta_of(text: str) -> Meta | None:
    """Read a line of small facts set apart by signs: a grant's number, dates, an amount.

    >>> meta_of("Grant BB/W019876/1 | 2022–2025 | £612,000")
    Meta(code='BB/W019876/1', starts='2022', ends='2025')
    >>> meta_of("Elections | 2022")
    """
    if len(text) > 200 or not any(map(str.isdigit, text)):
        return None
    parts = _SIGNS.split(text)
    code: str | None = None
    starts = ends = None
    for part in parts:
        if only_dates(part):
            starts, ends = read_period(part)[:2]
        elif found := _NUMBER.fullmatch(part):
            code = found.group(1)
        elif not _AMOUNT.fullmatch(part):
            return None
    return Meta(code, starts, ends) if code or (starts and len(parts) > 1) else None


def abbreviations(text: str, start: int, end: int, role: str | None) -> list[RawInstitution]:
    """Read a value that is nothing but organisations' abbreviations: "CNRM, LSCE"."""
    if end - start > 200 or not _ABBREVIATIONS.fullmatch(text[start:end].strip(" .")):
        return []
    return [RawInstitution(one.group(), role, *one.span()) for one in _ABBREVIATION.finditer(text, start, end)]

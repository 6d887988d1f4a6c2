"""Identifiers in a text: what their schemes demand, and those that break it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Found:
    """An identifier where it stands; ``problem`` says what is wrong with it."""

    scheme: str
    value: str
    start: int
    end: int
    problem: str | None = None


_ARXIV = re.compile(
    r"arxiv(?:\.org/(?:abs|pdf)/|\s?:\s?|\s(?=\d{4}))([A-Za-z-]+(?:\.[A-Z]{2})?/\d+(?:v\d+)?|[\d.]{4,}\d(?:v\d+)?)",
    re.I,
)
_DOI = re.compile(r"(?:doi\.org/|doi\s?:\s?)(\S{3,200})|(?<![\w/.])(10\.\d{4,9}/[^\s\"<>]{1,200})", re.I)
_ORCID = re.compile(
    r"(?:orcid\.org/|orcid(?:\s?id)?\s?:\s?)([\dXx-]{8,24})|orcid(?:\s?id)?\s+(\d{4}-[\dXx-]{4,20})"
    r"|(?<![\w-])(000[09]-\d{4}-\d{4}-\d{3}[\dXx])(?![\w-])",
    re.I,
)
_ROR = re.compile(r"(?<![\w.])ror\.org/(\w{3,20})", re.I)
_GEPRIS = re.compile(
    r"gepris\.dfg\.de/gepris/projekt/(\d{4,12})|(?:projektnummer|project number|GEPRIS)\s*:?\s*(\d{6,9})(?!\d)",
    re.I,
)


_WORDS = {
    "arxiv": ("arxiv",),
    "doi": ("doi", "10."),
    "orcid": ("orcid", "0000-0", "0009-0"),
    "ror": ("ror.org",),
    "gepris-project": ("gepris", "projektnummer", "project number"),
}
"""For each scheme words of which one stands, in small letters, in a text that has an identifier."""
_BEGINNINGS = _WORDS | {"orcid": ("orcid", "0000-", "0009-"), "ror": ("ror.org/",)}
"""For each scheme words with which its pattern begins."""


def schemes_in(text: str, runs: str | None = None) -> frozenset[str]:
    """Return the schemes of which a text may hold an identifier: a fixed word is found far faster than a pattern.

    ``runs`` are those between white space that the text has, each once: looked through instead, if they are known.

    >>> sorted(schemes_in("See DOI: 10.1000/1 and arXiv:2010.14860."))
    ['arxiv', 'doi']
    """
    lower = (text if runs is None else runs).lower()

    def stands(word: str) -> bool:
        if runs is None or " " not in word:
            return word in lower
        return all(part in lower for part in word.split()) and word in text.lower()

    return frozenset(scheme for scheme, words in _WORDS.items() if any(map(stands, words)))


def places_of(text: str, words: tuple[str, ...]) -> list[int]:
    """Return where one of some words stands, in order."""
    found: list[int] = []
    for word in words:
        place = text.find(word)
        while place >= 0:
            found.append(place)
            place = text.find(word, place + 1)
    return sorted(found)


def find_identifiers(
    text: str, start: int = 0, end: int | None = None, schemes: frozenset[str] | None = None
) -> Iterator[Found]:
    """Yield the identifiers in ``text[start:end]``, good and bad; only of ``schemes``, if they are known.

    >>> [(found.scheme, found.value, found.problem) for found in find_identifiers("arXiv:2010.14860, 2021.")]
    [('arxiv', '2010.14860', None)]
    """
    stop = len(text) if end is None else end
    schemes = schemes_in(text[start:stop]) if schemes is None else schemes
    if not schemes:
        return

    lower = text[start:stop].lower()

    def all_of(pattern: re.Pattern[str], scheme: str) -> Iterator[re.Match[str]]:
        if scheme not in schemes:
            return
        if len(lower) != stop - start:  # a letter whose small form is two characters
            yield from pattern.finditer(text, start, stop)
            return
        after = start
        for place in places_of(lower, _BEGINNINGS[scheme]):
            if start + place >= after and (found := pattern.match(text, start + place, stop)):
                after = found.end()
                yield found

    for found in all_of(_ARXIV, "arxiv"):
        value = found.group(1).rstrip(".")
        yield Found("arxiv", value, found.start(1), found.start(1) + len(value), _arxiv_problem(value))
    for found in all_of(_DOI, "doi"):
        group = 1 if found.group(1) else 2
        value = found.group(group).rstrip(".,;:)]}>\"'”")
        good = re.fullmatch(r"10\.\d{4,9}(?:\.\d+)*/\S+", value)
        problem = None if good else "a DOI begins with 10., a number of at least four digits and a slash"
        yield Found("doi", value.lower(), found.start(group), found.start(group) + len(value), problem)
    for found in all_of(_ORCID, "orcid"):
        group = found.lastindex or 1
        value = found.group(group).strip("-").upper()
        problem = _orcid_problem(value)
        if group < 3 or problem is None:  # a number that nobody calls an ORCID is one only if it can be
            yield Found("orcid", value, found.start(group), found.start(group) + len(value), problem)
    for found in all_of(_ROR, "ror"):
        value = found.group(1).lower()
        yield Found("ror", value, *found.span(1), _ror_problem(value))
    for found in all_of(_GEPRIS, "gepris-project"):
        group = 1 if found.group(1) else 2
        yield Found("gepris-project", found.group(group), found.start(group), found.end(group))


def problem_of(scheme: str, value: str) -> str | None:
    """Say what breaks a value by the rules of its scheme; ``None`` if nothing does or the scheme has no rules here.

    >>> problem_of("orcid", "0000-0002-7319-2192"), problem_of("ror", "04fa4r544"), problem_of("gepris-project", "1")
    (None, None, None)
    >>> problem_of("orcid", "0000-0002-7319-2193"), problem_of("ror", "04fa4r545")
    ('its last character does not fit the others', 'its last two digits do not fit the others')
    """
    if scheme in ("orcid", "isni"):
        return _orcid_problem(value.upper().replace(" ", ""), scheme.upper())
    if scheme == "ror":
        return _ror_problem(value.lower())
    if scheme == "arxiv":
        return _arxiv_problem(value)
    if scheme == "doi" and not re.fullmatch(r"10\.\d{4,9}(?:\.\d+)*/\S+", value):
        return "a DOI begins with 10., a number of at least four digits and a slash"
    return None


def _ror_problem(value: str) -> str | None:
    """Check a ROR's form and its last two digits (ISO 7064, MOD 97-10, over Crockford's base 32)."""
    if not re.fullmatch(r"0[0-9a-hj-km-np-tv-z]{6}\d\d", value):
        return "a ROR is a nought, six letters or digits (no i, l, o, u) and two digits"
    number = 0
    for character in value[:7]:
        number = number * 32 + "0123456789abcdefghjkmnpqrstvwxyz".index(character)
    return None if 98 - number * 100 % 97 == int(value[7:]) else "its last two digits do not fit the others"


def _arxiv_problem(value: str) -> str | None:
    if "/" in value:
        return (
            None
            if re.fullmatch(r"[A-Za-z-]+(?:\.[A-Z]{2})?/\d{7}(?:v\d+)?", value)
            else "an old arXiv number has seven digits"
        )
    found = re.fullmatch(r"(\d\d)(\d\d)\.(\d{4,5})(?:v\d+)?", value)
    if not found:
        return "an arXiv number is four digits, a dot and four or five digits"
    if not 1 <= int(found.group(2)) <= 12:
        return f"there is no month {found.group(2)}"
    if len(found.group(3)) != (5 if int(found.group(1)) >= 15 else 4):
        return "since 2015 five digits follow the dot, before that four"
    return None


def _orcid_problem(value: str, name: str = "ORCID") -> str | None:
    """Check the form of an ORCID (or an ISNI) and its last character (ISO 7064, MOD 11-2)."""
    digits = value.replace("-", "")
    if not re.fullmatch(r"\d{15}[\dX]", digits):
        return f"an {name} has sixteen digits, of which the last may be X"
    total = 0
    for digit in digits[:-1]:
        total = (total + int(digit)) * 2
    check = (12 - total % 11) % 11
    return (
        None
        if digits[-1] == ("X" if check == 10 else str(check))
        else "its last character does not fit the others"
    )

"""What a line is if it is a heading: an abstract's, a list's, a section's, a phase's; or a role's."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from fundgraph.extract.dates import read_period
from fundgraph.extract.names import read_people
from fundgraph.extract.source import squeeze
from fundgraph.extract.words import vocabulary, word_set

_TOKEN = re.compile(r"\d+(?:st|nd|rd|th|\.(?!\d))?|[^\W\d_]+", re.I)
_GENDERED = re.compile(r"(?:[*:_/]-?|\()(?:innen|in)\)?(?!\w)", re.I)
_DOTTED = re.compile(r"[·•](?:e|se|euse|ice|trice|ne|le|a)?(?=[·•]?s?(?!\w))[·•]?")
"""French forms for all: "doctorant·e", "porteur·se·s"."""
_ENDING = re.compile(r"\((?:r|n|e|er|en)\)(?!\w)")
_LETTERS = re.compile(r"[^\W\d_]+")
_SIGNS = re.compile(r"[*:_/(]")
_SEVERAL = re.compile(r"[/,;]")
_JOINED = re.compile(r" und | and ")
_LABEL = re.compile(r"([^:\n]{2,60}):(?!//)\s*")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading: its ``kind`` is ``abstract``, ``people``, ``references``, ``section`` or ``phase``."""

    kind: str
    value: str | None = None
    """Of a section: the kind of its projects; of people: their role as printed."""
    rest: int | None = None
    """Where on the line the content begins, if it stands on the heading's line."""
    number: int | None = None
    start: str | None = None
    end: str | None = None


def read_heading(text: str) -> Heading | None:
    """Read a line as a heading, or return ``None``."""
    if len(text) <= 120:
        # A date with slashes is read by the document's order.
        return _short(text) if "/" not in text else _any_heading(text) if _may_be_heading(text) else None
    if text.find(":", 2, 61) < 0 or not _may_be_heading(text[:61]):
        return None
    return _with_label(text)


@lru_cache(maxsize=16384)
def _short(text: str) -> Heading | None:
    """Read a line that may be a heading as a whole; several rules and layouts ask about each line."""
    return _any_heading(text) if _may_be_heading(text) else None


def _may_be_heading(text: str) -> bool:
    """Tell whether a word stands in a text without which it is no heading."""
    return not _beginnings().isdisjoint(_LETTERS.findall(text.casefold()))


def _any_heading(text: str) -> Heading | None:
    return _named(_plain(text), text) or _phase(text) or _with_label(text)


@lru_cache(maxsize=1)
def _beginnings() -> frozenset[str]:
    """Return the words with which what is a heading begins, or a role or a phase's noun within one."""
    forms = (*_headings(), *_phase_nouns(), *word_set("headings", "listing", "nouns"))
    return _role_words() | {words[0] for form in forms if (words := _LETTERS.findall(form))}


def _with_label(text: str) -> Heading | None:
    """Read a line that begins with a heading and a colon."""
    label = _LABEL.match(text) if text.find(":", 2, 61) > 0 else None
    return _inline(text, label) if label else None


@lru_cache(maxsize=16384)
def role_of(printed: str) -> str | None:
    """Return the word of the small role set that a printed role stands for.

    >>> role_of("Antragstellerinnen / Antragsteller"), role_of("Sprecher(in)"), role_of("3rd party funding")
    ('principal-investigator', 'spokesperson', None)
    """
    if _SIGNS.search(printed):
        printed = _ENDING.sub("", _GENDERED.sub("", printed)).replace("(s)", "s")
    if "·" in printed or "•" in printed:
        printed = _DOTTED.sub("", printed)
    plain = squeeze(printed).casefold().strip(" .:")
    if _role_words().isdisjoint(_LETTERS.findall(plain)):
        return None
    if known := _role_in(plain):
        return known
    for part in _SEVERAL.split(plain):
        roles = [_role_in(one.strip()) for one in _JOINED.split(part)]
        # "Leitung und Koordination", but not "Kontakt und Reibung in der Biomechanik".
        if all(roles) or (roles[0] not in {None, "contact"} and len(part.split()) <= 3):
            return next(role for role in roles if role)
    return None


def _role_in(plain: str) -> str | None:
    """Return the role that a word stands for, in one of its forms."""
    roles = _roles()
    first, _, rest = plain.partition(" ")
    if rest and plain not in roles and first in word_set("headings", "qualifiers"):
        return _role_in(rest)
    for form in (plain, plain.removesuffix("innen"), plain.removesuffix("in"), plain.removesuffix("s")):
        if form in roles:
            return roles[form]
    return None


def has_role_word(text: str) -> bool:
    """Tell whether a word stands in a text without which no part of it is a role; cheaper than to try the parts."""
    return not _role_words().isdisjoint(_LETTERS.findall(text.casefold()))


@lru_cache(maxsize=1)
def _role_words() -> frozenset[str]:
    """Return the words that roles begin with, in the forms in which they are taken for them."""
    first = {words[0] for role in _roles() if (words := _LETTERS.findall(role))}
    return frozenset(
        form for word in first for form in (word, f"{word}innen", f"{word}in", f"{word}s", word.removesuffix("s"))
    )


@lru_cache(maxsize=1)
def _roles() -> dict[str, str]:
    return {form: role for role in vocabulary("roles") for form in word_set("roles", role)}


def _plain(text: str) -> str:
    """Write a heading's text as the vocabulary does: no marks of markup, no colon, small letters."""
    return squeeze(text.strip(" \t#*_=:–—-•|")).casefold().rstrip(":").rstrip()


def _named(plain: str, printed: str) -> Heading | None:
    if not plain or len(plain) > 80:
        return None
    if found := _headings().get(plain):
        return found
    if _is_listing(plain):
        return Heading("section", "regular")
    if printed[0].isupper() and role_of(plain) and not is_told_of(printed):
        return Heading("people", squeeze(printed.strip(" \t#*_=:–—-•|")))
    return None


def _is_listing(plain: str) -> bool:
    """Tell whether a heading is of a list of projects: the word, and about it only what says which they are."""
    if not 1 <= plain.count(" ") <= 5:
        return False
    words = plain.split()
    nouns = word_set("headings", "listing", "nouns")
    about = word_set("headings", "listing")
    return not nouns.isdisjoint(words) and about.issuperset(words)


def is_told_of(printed: str) -> bool:
    """Tell whether a role is somebody's who stands before it: "Anna Schmidt, spokesperson"."""
    before, comma, _ = printed.partition(",")
    if not comma or role_of(before) is not None:
        return False
    if read_people(before, 0, len(before)) is not None:
        return True
    people = read_people(printed, 0, len(printed))  # "Schmidt, Anna, PhD"
    return people is not None and people.titled


@lru_cache(maxsize=1)
def _headings() -> dict[str, Heading]:
    """Return what the words of the vocabulary are headings of."""
    found: dict[str, Heading] = {}
    for kind in reversed(vocabulary("headings")["section"]):
        found |= dict.fromkeys(word_set("headings", "section", kind), Heading("section", kind))
    for table, kind in (("references", "references"), ("participants", "people"), ("abstract", "abstract")):
        found |= dict.fromkeys(word_set("headings", table), Heading(kind))
    return found


def _inline(text: str, label: re.Match[str]) -> Heading | None:
    """Read "Abstract: the text" and "Participants: A, B"."""
    found = _named(_plain(label.group(1)), label.group(1).strip() or "-")
    if found is None or found.kind == "section" or label.end() >= len(text):
        return None
    return Heading(found.kind, found.value, label.end())


def _phase(text: str) -> Heading | None:
    """Read "Phase 1", "1. Förderphase", "First funding period (2021–2024)" and the like."""
    nouns = _phase_nouns()
    if len(text) > 90 or not any(map(text.casefold().__contains__, nouns)):
        return None
    start, end, bare = read_period(text)
    tokens = [token.casefold().rstrip(".") for token in _TOKEN.findall(bare)]
    joined = " ".join(tokens)
    noun = next((noun for noun in nouns if re.search(rf"(?<!\w){re.escape(noun)}(?!\w)", joined)), None)
    if noun is None:
        return None
    left = joined.replace(noun, "", 1).split()
    values = {token: _number(token) for token in left}
    if any(
        value is None and token not in word_set("headings", "phase", "filler") for token, value in values.items()
    ):
        return None
    # A large number is the programme's, as in "SPP 2298: Phase 1".
    numbers = {value for value in values.values() if value is not None and value <= 20}
    if len(numbers) != 1:
        return None
    number = numbers.pop()
    return Heading("phase", squeeze(text.strip("#*_= \t")), None, number, start, end)


@lru_cache(maxsize=1)
def _phase_nouns() -> tuple[str, ...]:
    return tuple(sorted(word_set("headings", "phase", "nouns"), key=len, reverse=True))


def _number(token: str) -> int | None:
    digits = re.match(r"\d+", token)
    if digits:
        return int(digits.group()[:6])
    for number, names in vocabulary("headings")["phase"]["ordinals"].items():
        if token in names:
            return int(number)
    return None

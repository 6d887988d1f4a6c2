"""Labels and what they announce: "Laufzeit: …", "Applicant" on a line of its own, "Antragsteller Prof. Dr. …"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from fundgraph.extract.dates import read_period
from fundgraph.extract.headings import has_role_word, is_told_of, role_of
from fundgraph.extract.institutions import is_institution
from fundgraph.extract.layouts.page import is_placeholder
from fundgraph.extract.names import read_people
from fundgraph.extract.source import squeeze
from fundgraph.extract.words import vocabulary, word_set

_COLON = re.compile(r"([^\W\d][^:：\n\t]{1,80}?)[ \u00a0]?[:：](?!//)[\s\u00a0]*|([^\t\n]{2,80})\t\s*")
_FORM = re.compile(r"[^\W\d_a-zß-öø-ÿ][^\W\d_]*[.)]?(?:[ /&(-][^\W\d_]+[.)]?){0,4}")
_BRACKET = re.compile(r"\s*[(\[]([^()\[\]]{1,100})[)\]]\s*$")
_FILE = re.compile(r"(?:pdf|docx?|odt|download|external link|externer link|extern)\b", re.I)
"""What stands in brackets behind a link to a file: "Project summary (PDF)"."""
_COUNTED = re.compile(r"(.{3,40}?)\s*(?:no\.?|nr\.?|n°|#)?\s*\d{1,3}$", re.I)
_EDGES = " \t#*_=:：–—-•|.>"
KINDS = ("title", "code", "acronym", "period", "start", "end", "institution", "other", "officer")


@dataclass(frozen=True, slots=True)
class Label:
    """A label: ``kind`` is one of :data:`KINDS`, ``role``, ``people``, ``abstract`` or ``references``."""

    kind: str
    printed: str
    bracket: str | None = None
    rest: int | None = None
    """Where on the line the value begins, if it stands on the label's line."""
    length: int = 0
    """How many characters of the line the label takes."""
    sure: bool = True


@lru_cache(maxsize=8192)
def read_label(text: str) -> Label | None:
    """Read a line as a label, with or without its value on the same line.

    >>> read_label("Laufzeit: 2020 bis 2023").kind, read_label("Antragstellerinnen / Antragsteller").kind
    ('period', 'role')
    >>> read_label("Antragsteller Professor Dr. Jan Becker").rest, read_label("Optimal control of networks")
    (14, None)
    """
    if len(text) > 100_000:
        text = text[:1000]
    if len(text) <= 120 and "\t" not in text and (whole := _known(text)):
        return Label(whole[0], whole[1], whole[2], None, len(text))
    found = _COLON.match(text)
    if found:
        printed = found.group(1) or found.group(2)
        known = _known(printed)
        if known:
            rest = found.end() if found.end() < len(text) else None
            return Label(known[0], known[1], known[2], rest, len(printed))
        if found.group(1) and len(printed.split()) <= 4 and printed[0].isupper() and len(text) <= 400:
            people = read_people(text, found.end(), len(text))
            if people and people.titled:
                return Label("role", squeeze(printed), None, found.end(), len(printed))
            if found.end() < len(text) and printed.casefold() in word_set("page", "code", "words"):
                return Label("title", squeeze(printed), None, found.end(), len(printed))
            nouns = word_set("labels", "organisation")
            if printed.split()[-1].casefold() in nouns or printed.split()[0].casefold() in nouns:
                rest = found.end() if found.end() < len(text) else None
                return Label("institution", squeeze(printed), None, rest, len(printed))
    return _bare(text)


def has_label_form(text: str) -> bool:
    """Tell whether a line has a label's form, whether anybody knows the label or not: few words, a colon, a value.

    >>> has_label_form("PhD enrolment: University College Cork"), has_label_form("so it is: nothing is known")
    (True, False)
    """
    colon = text.find(":", 2, 48)
    return (
        colon > 0
        and text[0].isupper()
        and text[colon + 1 : colon + 2] == " "
        and bool(text[colon + 1 :].strip())
        and len(text) <= 300
        and _FORM.fullmatch(text[:colon].rstrip()) is not None
    )


def label_kind(printed: str) -> str | None:
    """Return what a label's words announce."""
    known = _known(printed)
    return known[0] if known else None


@lru_cache(maxsize=8192)
def column_kind(printed: str) -> tuple[str, str | None] | None:
    """Return what a table's column holds, and the role if it holds people in one role.

    >>> column_kind("Organization"), column_kind("Principal Investigator(s)"), column_kind("Poster")
    (('institution', None), ('person', 'Principal Investigator(s)'), None)
    """
    plain = squeeze(printed.strip(_EDGES + "?")).casefold() or printed.strip().casefold()
    columns = vocabulary("labels")["column"]
    for kind in ("person", "role", "title", "code", "institution", "partners", "abstract", "period", "country"):
        if kind in columns and plain in word_set("labels", "column", kind):
            return kind, None
    known = _known(printed)
    if known is None:
        return ("title", None) if plain in word_set("page", "code", "words") else None
    if known[0] == "role":
        return "person", squeeze(printed)
    if known[0] in {"people"}:
        return "person", None
    return known[0], None


@lru_cache(maxsize=16384)
def _known(printed: str) -> tuple[str, str, str | None] | None:
    """Return the kind, the printed words without brackets, and what stands in brackets."""
    text = squeeze(printed.strip(_EDGES))
    for form, bracket in _forms(text):
        plain = form.casefold().strip(_EDGES).strip()
        if not plain or len(plain) > 80:
            continue
        for kind in ("officer", "title", "code", "acronym", "period", "start", "end"):
            if plain in word_set("labels", kind):
                return kind, text, bracket
        if any(character.isupper() for character in printed):
            if plain in word_set("headings", "participants"):
                return "people", form, bracket
            organisation = plain in word_set("labels", "institution") and "organi" in plain
            if role_of(plain) and not organisation and not is_told_of(form):
                return "role", form, bracket
            if plain in word_set("headings", "abstract"):
                return "abstract", form, bracket
            if plain in word_set("headings", "references"):
                return "references", form, bracket
            if plain in word_set("labels", "institution"):
                return "institution", form, bracket
            if plain in word_set("labels", "other"):
                return "other", form, bracket
            if plain.endswith(_compound_endings()) and plain.isalpha():
                return "institution", form, bracket
    return None


@lru_cache(maxsize=1)
def _compound_endings() -> tuple[str, ...]:
    """Return how one word ends that is of organisations, whatever it begins with: "Partnerhochschule"."""
    return tuple(sorted(word_set("labels", "organisation", "de")))


def _forms(text: str) -> list[tuple[str, str | None]]:
    """Return a label's words as they are, and without brackets at their end ("Leitung (TU Berlin)", "Partner (3)")."""
    forms: list[tuple[str, str | None]] = [(text, None)]
    if (
        text[-1:].isdigit()
        and (counted := _COUNTED.match(text))
        and counted.group(1).casefold() not in word_set("page", "code")
        and role_of(counted.group(1))
    ):
        forms.append((counted.group(1), None))
    if found := _BRACKET.search(text):
        inner = squeeze(found.group(1))
        short = text[: found.start()].strip()
        if _FILE.match(inner) or (short.endswith(":") and is_placeholder(inner)):
            return forms  # a link to a file, and a label with its value
        if short and inner.casefold() not in {"in", "innen", "s", "e", "r", "en", "n"}:
            forms.append((short, inner))
    return forms


@lru_cache(maxsize=1)
def _bare_pattern() -> re.Pattern[str]:
    words = sorted(word_set("labels", "bare", "words"), key=len, reverse=True)
    return re.compile(rf"({'|'.join(re.escape(word) for word in words)})[ \u00a0]+(?=\S)", re.I)


@lru_cache(maxsize=1)
def _bare_beginnings() -> frozenset[str]:
    return frozenset(word.split()[0] for word in word_set("labels", "bare", "words"))


def _bare(text: str) -> Label | None:
    """Read a label that stands before its value with only a space between, if the value is of its kind."""
    if len(text) > 400 or not text[:1].isupper():
        return None
    first = text.split(None, 1)[0].casefold()
    found = _bare_pattern().match(text) if first in _bare_beginnings() or not first.isascii() else None
    if found:
        known = _known(found.group(1))
        value = text[found.end() :]
        if known and _fits(known[0], value):
            return Label(known[0], known[1], None, found.end(), found.end(1), sure=False)
    if first in _teams():
        names = read_people(text, len(first) + 1, len(text))
        if names and all(2 <= len(one.name.split()) <= 4 for one in names.people):
            return Label("people", text[: len(first)], None, len(first) + 1, len(first), sure=False)
    words = text.split(" ")
    if not has_role_word(" ".join(words[:7])):
        return None
    for count in range(min(7, len(words) - 1), 0, -1):
        printed = " ".join(words[:count])
        rest = len(printed) + 1
        if (
            printed[-1:] in ",;"
            or words[count - 1].casefold() in {"und", "and", "/"}
            or not role_of(printed.strip(" :"))
        ):
            continue
        people = read_people(text, rest, len(text))
        if people and people.titled:
            return Label("role", squeeze(printed), None, rest, len(printed), sure=False)
    return None


@lru_cache(maxsize=1)
def _teams() -> frozenset[str]:
    """Return the headings of people that are one word: they may stand before names with no colon ("Team Anna Schmidt")."""
    return word_set("labels", "bare", "people")


def _fits(kind: str, value: str) -> bool:
    if kind == "period":
        start, end, _ = read_period(value)
        return bool(start or end) and len(value) < 120
    if kind == "code":
        return bool(re.search(r"\d{3}", value))
    if kind == "institution":
        return is_institution(value)
    if kind == "role":
        people = read_people(value, 0, len(value))
        return bool(people and people.titled)
    return kind == "other" and not value[0].islower() and not value.rstrip().endswith(".")

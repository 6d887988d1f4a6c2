"""Facts that stand only in sentences: title, number, dates, people and organisations, by the patterns of prose.toml."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from fundgraph.extract.dates import read_date
from fundgraph.extract.headings import role_of
from fundgraph.extract.institutions import is_institution
from fundgraph.extract.layouts.records import RawInstitution, RawPerson
from fundgraph.extract.layouts.values import names_of, own_role
from fundgraph.extract.source import squeeze
from fundgraph.extract.words import vocabulary, word_list

_CAPITAL = r"[^\W\d_a-zß-öø-ÿ][\w'’‑-]*"
_PARTICLES = r"(?:(?:von|van|vom|de|der|den|di|da|del|della|la|le|ten|ter|zu|zur|dos|al)\s+){0,3}"
_TITLE = r"(?:(?:(?:Jun|Univ|Apl|apl|Hon|Assoc|Asst)\.-?\s?)?(?:Prof|Professor|Professorin|Dr|PD|Priv\.-Doz|Jun\.-Prof|JProf|Dipl|Sir|Dame|Revd)\b\.?(?:-[A-Z][a-z]+\.)?\s*(?:(?:rer\.\s?nat|phil|med|habil|h\.\s?c|Ing|jur|theol|pol)\.\s*)*)*"
_NAME = rf"(?:{_CAPITAL}|[A-Z]\.)(?:-?\s*[A-Z]\.)?(?:\s+{_PARTICLES}(?:{_CAPITAL}|[A-Z]\.)){{1,3}}"
_PERSON = (
    rf"{_TITLE}{_NAME}(?:,\s*(?:Ph\.?\s?D|M\.?\s?D|[MB]\.?\s?A|[MB]\.?\s?Sc)\b\.?)?(?:\s*\([^()\n]{{2,80}}\))?"
)
_PEOPLE = rf"(?:den |dem |der |die |the )?(?P<people>{_PERSON}(?:(?:\s*,\s*(?:and\s+|und\s+)?|\s+(?:and|und|sowie|as\s+well\s+as|&)\s+){_PERSON}){{0,12}})"
_TITLED_PERSON = re.compile(rf"(?<![\w-])(?=Prof|Dr\b|PD\b|Priv|Jun|Univ|Apl|apl){_PERSON}")
_CODE = (
    r"[(\[]?#?(?P<code>ANR-\d\d-\w{2,6}-\d{4}|[A-Z]{2,5}[-/ ]?\d{5,8}(?:/\d)?|[A-Z]{2}/[A-Z]?\d{5,7}/\d"
    r"|\d{2}[A-Z]{2}\d{4,6}[A-Z]?|[A-Z]\d{1,2}-\d{4,5}|\d{5,10})(?![\w/])"
)
_QUOTE = r"[\"“”„«»‚‘]\s?(?P<title>[^\"“”„«»]{12,300}?)[\"“”«»’‘]"
# What every match has, and is found faster: a code's digits, a title's mark, a name's two words.
_DIGITS = re.compile(r"\d{4}")
_MARK = re.compile(r"[\"“”„«»‚‘]")
_TWO_WORDS = re.compile(_NAME)
_ACRONYM = re.compile(r"\s*\(([^()\n]{2,30})\)")
_YEAR_SPAN = re.compile(r"\((\d{4})\s*[–—-]\s*(\d{4})\)")
_PHRASE = re.compile(
    rf"{_CAPITAL}(?:[ \u00a0\n]+(?:(?:of|for|zu|für|der|des|the|de|di|do|and|und)[ \u00a0\n]+){{0,3}}{_CAPITAL}){{0,7}}"
)
_STRONG = re.compile(
    r"universit|hochschule|institut[e]?\b|college|akademie|academy|zentrum|laborator|forschungszentrum|polytech|eth\b|school of",
    re.I,
)
_UNIT = re.compile(
    r"^(?:department|dept|faculty|fakultät|fachbereich|lehrstuhl|chair|division|section|abteilung|school of|group)\b",
    re.I,
)
_JOINED = re.compile(r"[ \u00a0\n]+(?:and|und)[ \u00a0\n]+(?:the[ \u00a0\n]+)?")


@dataclass(frozen=True, slots=True)
class Fact:
    """A stretch of prose and what it states."""

    start: int
    end: int
    value: str


@dataclass(frozen=True, slots=True)
class _Pattern:
    """A pattern of a sentence, and of its end alone where it begins with people: names are what costs most to look for."""

    whole: re.Pattern[str]
    end: re.Pattern[str] | None

    def may_stand(self, text: str, start: int, end: int) -> bool:
        """Tell whether the words after the people stand anywhere."""
        return self.end is None or self.end.search(text, start, end) is not None


@lru_cache(maxsize=1)
def _patterns() -> dict[str, list[_Pattern]]:
    months = "|".join(
        sorted((name for names in vocabulary("dates")["months"].values() for name in names), key=len, reverse=True)
    )
    date = (
        rf"(?:\d{{1,2}}\.?(?:st|nd|rd|th)?\s+(?:of\s+)?)?(?:(?:{months})\b\.?,?\s+(?:\d{{1,2}}(?:st|nd|rd|th)?,\s+)?)?"
        r"(?:\d{1,2}\.\s?\d{1,2}\.\s?|\d{1,2}/)?(?:19|20)\d\d(?:-\d\d(?:-\d\d)?)?(?!\d)"
    )
    made: dict[str, list[_Pattern]] = {}
    words = vocabulary("prose")
    tables = {
        "number": words["number"],
        "period": words["period"],
        "start": words["start"],
        "end": words["end"],
        "title": words["title"],
    }
    tables |= {f"people.{role}": table for role, table in words["people"].items()}
    for name, table in tables.items():
        made[name] = []
        for pattern in table["patterns"]:
            whole = pattern.replace("{code}", _CODE).replace("{title}", _QUOTE)
            for group in ("first", "second"):
                whole = whole.replace("{date}", f"(?P<{group}>{date})", 1)
            # The patterns' words are met in any case, names only with their capitals.
            before, people, after = whole.partition("{people}")
            parts = [
                f"(?i:{before})" if before else "",
                _PEOPLE if people else "",
                f"(?i:{after})" if after else "",
            ]
            end = re.compile(parts[2]) if people and after and not before else None
            made[name].append(_Pattern(re.compile(r"(?<![\w-])" + "".join(parts)), end))
    return made


def number(text: str, start: int, end: int) -> Fact | None:
    """Find the grant's number that a text states first."""
    if not _DIGITS.search(text, start, end):
        return None
    return _first(text, start, end, "number", "code")


def title(text: str, start: int, end: int) -> tuple[Fact, Fact | None] | None:
    """Find a project's title in quotation marks, and the acronym in brackets after it."""
    found = _first(text, start, end, "title", "title") if _MARK.search(text, start, end) else None
    if found is None or len(found.value.split()) < 2:
        return None
    acronym = _ACRONYM.match(text, found.end + 1, end)
    if acronym is None or len(acronym.group(1).split()) > 2 or acronym.group(1).isdigit():
        return found, None
    return found, Fact(*acronym.span(1), squeeze(acronym.group(1)))


def period(text: str, start: int, end: int) -> tuple[str | None, str | None, tuple[int, int]] | None:
    """Find the dates between which a project runs, or the one that is stated."""
    if text.find("20", start, end) < 0 and text.find("19", start, end) < 0:
        return None
    for pattern in _patterns()["period"]:
        for found in pattern.whole.finditer(text, start, end):
            first, last = read_date(squeeze(found.group("first"))), read_date(squeeze(found.group("second")))
            if first and last and first[:4] <= last[:4]:
                return first, last, found.span()
    days: dict[str, tuple[str, tuple[int, int]]] = {}
    for name in ("start", "end"):
        for pattern in _patterns()[name]:
            one = pattern.whole.search(text, start, end)
            if one and name not in days and (day := read_date(squeeze(one.group("first")))):
                days[name] = day, one.span()
    if not days:
        return None
    spans = [span for _, span in days.values()]
    begin, finish = days.get("start", (None, None))[0], days.get("end", (None, None))[0]
    if begin and finish and begin[:4] > finish[:4]:
        return None
    return begin, finish, (min(spans)[0], max(last for _, last in spans))


def programme(text: str, start: int, end: int) -> Fact | None:
    """Find a programme's kind and number, which is the code of the project that a page is about."""
    found = _programme_pattern().search(text, start, end)
    return Fact(*found.span(), squeeze(found.group())) if found else None


@lru_cache(maxsize=1)
def _programme_pattern() -> re.Pattern[str]:
    kinds = "|".join(re.escape(kind) for kind in word_list("page", "programme", "kinds"))
    return re.compile(rf"(?<![\w-])(?:{kinds})[ \u00a0/]?\d{{2,4}}(?![\w-])")


def people(text: str, start: int, end: int) -> Iterator[tuple[RawPerson, ...]]:
    """Yield the people of each sentence that states a role."""
    if not _TWO_WORDS.search(text, start, end):
        return
    for name, patterns in _patterns().items():
        if not name.startswith("people."):
            continue
        for pattern in patterns:
            for found in pattern.whole.finditer(text, start, end) if pattern.may_stand(text, start, end) else ():
                first, last = found.span("people")
                names = names_of(text, first, last)
                role = _printed_role(text, found.start(), first) or _printed_role(text, last, found.end())
                role = role or name.removeprefix("people.").replace("-", " ")
                if names:
                    yield tuple(RawPerson(one, "prose", own_role(one) or role) for one in names)


def titled(text: str, start: int, end: int) -> list[RawPerson]:
    """Find whoever a text names with a title, in whatever sentence, once each and with no role."""
    found: dict[str, RawPerson] = {}
    for match in _TITLED_PERSON.finditer(text, start, end):
        for one in names_of(text, *match.span()):
            if one.honorific:
                found.setdefault(one.name, RawPerson(one, "prose", own_role(one)))
    return list(found.values())


def _printed_role(text: str, start: int, end: int) -> str | None:
    """Return the words about people that say their role, as they are printed."""
    words = re.findall(r"[^\W\d_][\w/-]*", text[start:end])
    for count in (3, 2, 1):
        for first in range(len(words) - count + 1):
            phrase = " ".join(words[first : first + count])
            if role_of(phrase):
                return phrase
    return None


def institutions(text: str, start: int, end: int) -> list[RawInstitution]:
    """Find the universities and institutes that a text names, each once, without their departments."""
    found: dict[str, RawInstitution] = {}
    for phrase in _PHRASE.finditer(text, start, end):
        position = phrase.start()
        for cut in [*_JOINED.finditer(text, phrase.start(), phrase.end()), None]:
            stop = cut.start() if cut else phrase.end()
            part = text[position:stop]
            if cut and not _STRONG.search(part):
                continue
            name = squeeze(part)
            bare = re.sub(r"^(?:The|Der|Die|Das|At|An|Am)\s+", "", name)
            at = position + len(part) - len(part.lstrip()) + (len(name) - len(bare))
            if _STRONG.search(bare) and is_institution(bare) and not _UNIT.match(bare) and len(bare.split()) > 1:
                found.setdefault(bare.casefold(), RawInstitution(bare, None, at, stop))
            position = cut.end() if cut else stop
    return list(found.values())


def _first(text: str, start: int, end: int, name: str, group: str) -> Fact | None:
    for pattern in _patterns()[name]:
        if found := pattern.whole.search(text, start, end):
            return Fact(*found.span(group), squeeze(found.group(group)))
    return None

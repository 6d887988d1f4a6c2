"""People's names as pages print them: titles, particles, initials, "Family, Given", several on one line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from fundgraph.extract.source import squeeze, trim
from fundgraph.extract.words import word_list, word_set

LONGEST_LINE = 1200
"""A longer line is prose, whatever it looks like."""

_BRACKET = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]")
_INITIAL = re.compile(r"(?:[^\W\d_]{1,2}\.-?)+|[^\W\d_]\.?", re.U)
_WORD = re.compile(r"(?:[dDlLOo]['’])?[^\W\d_][^\W\d_'’.]*(?:[-‐‑–'’][^\W\d_][^\W\d_'’.]*)*\.?", re.U)
_TOKEN = re.compile(r"\S+")
_SENTENCE = re.compile(r"[a-zß-öø-ÿ]{4}[.?!] [A-ZÄÖÜ][a-zß-öø-ÿ]+ [a-zß-öø-ÿ]{2,} [a-zß-öø-ÿ]{2,} ")
"""A sentence's end and another's beginning in small letters: no list of people."""
_STRONG = re.compile(r";|\||•|·|\t")


@dataclass(frozen=True, slots=True)
class PrintedName:
    """A name as a line prints it; ``start`` and ``end`` are of the name without titles."""

    start: int
    end: int
    printed: str
    name: str
    """Given name first, single spaces."""
    family: str | None
    honorific: str | None
    bracket: str | None = None
    """What stands in brackets after the name: a role, a note or an affiliation."""
    affiliation: str | None = None
    affiliation_start: int | None = None


@dataclass(frozen=True, slots=True)
class PeopleLine:
    """A line read as people; ``sure`` if a title or the shape of a list says that they are."""

    people: tuple[PrintedName, ...]
    titled: bool


def read_people(text: str, start: int, end: int) -> PeopleLine | None:
    """Read the people that ``text[start:end]`` lists, or ``None`` if it holds anything else."""
    start, end = trim(text, start, end)
    if not 0 < end - start <= LONGEST_LINE or (end - start > 160 and _SENTENCE.search(text, start, end)):
        return None
    parts = _parts(text, start, end)
    people: list[PrintedName] = []
    index = 0
    while index < len(parts):
        part = parts[index]
        found = _person(text, *part)
        turned = _family_first(text, part, parts[index + 1], len(parts)) if index + 1 < len(parts) else None
        if turned and (found is None or _is_bare_family(text, part)):
            people.append(turned)
            index += 2
            continue
        if found and not (people and not found.honorific and is_institution(found.printed)):
            people.append(found)
        elif people and (more := _addition(text, part, people[-1])):
            people[-1] = more
        else:
            return None
        index += 1
    if not people:
        return None
    return PeopleLine(tuple(people), any(person.honorific for person in people))


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


def _parts(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Cut at the separators outside of brackets: ";" if there is one, else "," and words such as "and"."""
    mask = _BRACKET.sub(lambda found: "\1" * len(found.group()), text[start:end])
    cut = _STRONG if _STRONG.search(mask) else _joiner_pattern()
    parts: list[tuple[int, int]] = []
    position = 0
    for found in cut.finditer(mask):
        parts.append((position, found.start()))
        position = found.end()
    parts.append((position, len(mask)))
    trimmed = [trim(text, start + first, start + last) for first, last in parts]
    return [part for part in trimmed if part[0] < part[1]]


def _person(text: str, start: int, end: int) -> PrintedName | None:
    """Read one stretch as one person, or return ``None``."""
    stretch = text[start:end]
    bracket: str | None = None
    while (found := re.search(r"\s*(?:\(([^()]*)\)|\[([^\[\]]*)\])\s*[*†]?$", stretch)) and found.start() > 0:
        inner = squeeze(found.group(1) or found.group(2) or "")
        bracket = f"{inner}; {bracket}" if bracket else inner or None
        stretch = stretch[: found.start()]
    stretch = stretch.rstrip(" .:*†").rstrip() if not _ends_in_initial(stretch) else stretch.rstrip(" *†")
    honorific, name_start = _titles(stretch)
    name_end = len(stretch)
    suffix_honorific, name_end = _suffix(stretch, name_start, name_end)
    body = stretch[name_start:name_end]
    if "," in body:
        halves = [trim(stretch, *half) for half in _comma_halves(body, name_start)]
        if len(halves) != 2 or (honorific and _is_whole(stretch[halves[0][0] : halves[0][1]])):
            return None
        return _turned(
            text, [(start + first, start + last) for first, last in halves], honorific or suffix_honorific, bracket
        )
    honorific = honorific or suffix_honorific
    if not _is_name(body, bool(honorific)):
        return None
    family = family_name(squeeze(body))
    return PrintedName(start + name_start, start + name_end, body, squeeze(body), family, honorific, bracket)


def _is_whole(text: str) -> bool:
    """Tell whether what stands before a comma is a name already, so that a place follows and no given name."""
    particles = word_set("people", "names", "particles")
    return sum(word.casefold() not in particles for word in text.split()) > 1


def _comma_halves(body: str, offset: int) -> list[tuple[int, int]]:
    halves: list[tuple[int, int]] = []
    position = 0
    for half in body.split(","):
        halves.append((offset + position, offset + position + len(half)))
        position += len(half) + 1
    return halves


def _ends_in_initial(stretch: str) -> bool:
    return bool(re.search(r"(?:\b[A-Z]|\bJr|\bSr)\.\s*$", stretch))


def _titles(stretch: str) -> tuple[str | None, int]:
    """Return the titles that a stretch begins with, as printed, and where the name begins."""
    position = 0
    while found := _honorific_pattern().match(stretch, position):
        if found.end() == position:
            break
        position = found.end()
    printed = squeeze(stretch[:position]).rstrip(",").rstrip()
    return (printed or None), position


def _suffix(stretch: str, start: int, end: int) -> tuple[str | None, int]:
    """Return a degree printed after the name, and where the name ends without it."""
    tail = _suffix_pattern().search(stretch, start, end)
    if tail is None or tail.start() <= start:
        return None, end
    deeper, new_end = _suffix(stretch, start, tail.start())
    # The last dot may be gone: it also ends a sentence, or the stretch.
    form = squeeze(tail.group(1)).rstrip(".").casefold()
    doctor = next(
        (known for known in word_list("people", "suffixes", "doctor") if known.rstrip(".").casefold() == form),
        None,
    )
    return deeper or doctor, new_end


@lru_cache(maxsize=1)
def _suffix_pattern() -> re.Pattern[str]:
    known = sorted({form.rstrip(".") for form in word_list("people", "suffixes")}, key=len, reverse=True)
    forms = "|".join(re.escape(form).replace(r"\ ", r"\s?") for form in known)
    return re.compile(rf"[\s,]+({forms})\.?$")


@lru_cache(maxsize=1)
def _joiner_pattern() -> re.Pattern[str]:
    joiners = "|".join(re.escape(word) for word in word_list("people", "names", "joiners"))
    return re.compile(rf",(?!\s*(?:and|und)\s)|,?\s+(?:{joiners})\s+")


def _is_name(body: str, titled: bool) -> bool:
    """Tell whether words read as a person's name: capitals, particles and initials, nothing else."""
    tokens = _TOKEN.findall(body)
    if not 1 <= len(tokens) <= 7 or len(body) > 80:
        return False
    never, particles = word_set("people", "names", "never"), word_set("people", "names", "particles")
    capitals = 0
    for position, token in enumerate(tokens):
        lower = token.casefold()
        if lower in particles and not token[0].isupper() and position < len(tokens) - 1:
            continue
        if lower in never or lower.rstrip(".") in never:
            return False
        if lower in word_set("people", "names", "generation") and position:
            continue
        if not (_WORD.fullmatch(token) or _INITIAL.fullmatch(token)):
            return False
        if token.endswith(".") and not _INITIAL.fullmatch(token):
            return False
        if token[0].islower() and not re.match(r"[dl]['’]|al-|el-|ibn-", token):
            return False
        capitals += len(token.rstrip(".")) > 1
    if not capitals:
        return len(tokens) > 1 and titled
    cased = any(token[0].isupper() for token in tokens)
    if not cased:
        # Scripts without capitals: a name is one or two short words.
        return len(body) <= 12 and len(body) >= 2
    return len(tokens) >= 2 or titled


def family_name(name: str) -> str | None:
    """Return the family name with its particles.

    >>> family_name("Anna von der Heide"), family_name("Andrés Fernández Rodríguez")
    ('von der Heide', 'Rodríguez')
    """
    tokens = [token for token in name.split() if token.casefold() not in word_set("people", "names", "generation")]
    if not tokens:
        return None
    first = len(tokens) - 1
    particles = word_set("people", "names", "particles")
    while (
        first > 0 and tokens[first - 1].casefold() in particles and (first > 1 or tokens[first - 1][0].islower())
    ):
        first -= 1
    return " ".join(tokens[first:])


def _is_bare_family(text: str, part: tuple[int, int]) -> bool:
    """Tell whether a part is one word (and particles): perhaps a family name, with the given name to come."""
    stretch = text[part[0] : part[1]]
    _, start = _titles(stretch)
    tokens = _TOKEN.findall(stretch[start:])
    while tokens and tokens[0].casefold() in word_set("people", "names", "particles"):
        tokens = tokens[1:]
    return len(tokens) == 1


def _family_first(text: str, family: tuple[int, int], given: tuple[int, int], count: int) -> PrintedName | None:
    """Read two parts about a comma as "Family, Given", if the first is one word with no given name."""
    if not _is_bare_family(text, family):
        return None
    first, given_text = text[family[0] : family[1]], text[given[0] : given[1]]
    if len(first.rstrip(".")) < 2:
        return None
    between = squeeze(text[family[1] : given[0]])
    if between != ",":
        return None
    bracket = None
    if found := re.search(r"\s*\(([^()]*)\)$", given_text):
        bracket, given_text = squeeze(found.group(1)) or None, given_text[: found.start()]
    title, start = _titles(first)
    other, given_start = _titles(given_text)
    after, given_end = _suffix(given_text, given_start, len(given_text))
    tokens = _TOKEN.findall(given_text[given_start:given_end])
    if title and other:
        return None
    if not 1 <= len(tokens) <= 3 or (len(tokens) > 1 and not _only_given(tokens) and (title or count > 2)):
        return None
    halves = [(family[0] + start, family[1]), (given[0] + given_start, given[0] + given_end)]
    return _turned(text, halves, title or other or after, bracket)


def _only_given(tokens: list[str]) -> bool:
    """Tell whether words are a given name with initials or particles ("Anna M.", "Johann von")."""
    particles = word_set("people", "names", "particles")
    return all(_INITIAL.fullmatch(token) or token.casefold() in particles for token in tokens[1:])


def _turned(
    text: str, halves: list[tuple[int, int]], honorific: str | None, bracket: str | None
) -> PrintedName | None:
    """Make a person of the family name's and the given name's stretches."""
    family, given = (squeeze(text[first:last]) for first, last in halves)
    name = f"{given} {family}"
    if not family or not given or not _is_name(name, bool(honorific)) or len(name.split()) > 5:
        return None
    start, end = halves[0][0], halves[1][1]
    return PrintedName(start, end, text[start:end], name, family, honorific, bracket)


def _addition(text: str, part: tuple[int, int], person: PrintedName) -> PrintedName | None:
    """Read a part after a name as what is said of that person: a degree or an affiliation."""
    stretch = squeeze(text[part[0] : part[1]])
    plain = stretch.casefold().rstrip(".")
    for kind in ("doctor", "other"):
        if any(plain == form.rstrip(".") for form in word_set("people", "suffixes", kind)):
            return replace(person, honorific=person.honorific or (stretch if kind == "doctor" else None))
    if is_institution(stretch):
        joined = f"{person.affiliation}, {stretch}" if person.affiliation else stretch
        start = person.affiliation_start if person.affiliation_start is not None else part[0]
        return replace(person, affiliation=joined, affiliation_start=start)
    return None


@lru_cache(maxsize=4096)
def is_institution(text: str) -> bool:
    """Tell whether a phrase names an institution.

    >>> is_institution("Universität Bonn"), is_institution("LMU München"), is_institution("3rd party funding")
    (True, True, False)
    """
    return bool(_institution_pattern().search(text.casefold()) or _abbreviation_pattern().search(text))


@lru_cache(maxsize=1)
def _institution_pattern() -> re.Pattern[str]:
    words = "|".join(re.escape(word) for word in word_list("people", "institutions", "words"))
    return re.compile(rf"(?<!\w)(?:{words})|(?:{words})(?!\w)")


@lru_cache(maxsize=1)
def _abbreviation_pattern() -> re.Pattern[str]:
    words = "|".join(re.escape(word) for word in word_list("people", "institutions", "abbreviations"))
    return re.compile(rf"(?<![^\W\d_])(?:{words})(?![^\W\d_])")


def looks_like_names(people: PeopleLine, common_words: frozenset[str]) -> bool:
    """Tell whether untitled people may be real: not all of some name's words are words that prose uses."""
    return all(not set(words_of(person)) <= common_words for person in people.people)


def words_of(person: PrintedName) -> Iterator[str]:
    """Yield the words of a name in lower case."""
    for token in person.name.split():
        yield token.casefold().strip(".")

"""People's names as pages print them: titles, particles, initials, "Family, Given", several on one line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from fundgraph.extract.honorifics import plain_titles, suffix_endings, suffix_of, title_words, titles_of
from fundgraph.extract.institutions import is_institution
from fundgraph.extract.source import squeeze, trim
from fundgraph.extract.words import word_list, word_set

LONGEST_LINE = 1200
"""A longer line is prose, whatever it looks like."""

_BRACKET = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]")
_INITIAL = re.compile(r"(?:[^\W\d_]{1,2}\.-?)+|[^\W\d_]\.?", re.U)
_WORD = re.compile(r"(?:[dDlLOo]['’])?[^\W\d_][^\W\d_'’.]*(?:[-‐‑–'’][^\W\d_][^\W\d_'’.]*)*\.?", re.U)
_NO_VOWEL = re.compile(r"[B-DF-HJ-NP-TV-XZ]{3,}")
"""A word in capitals with no vowel, and nothing but letters, is an abbreviation: "HMT Leipzig"."""
_TOKEN = re.compile(r"\S+")
_SENTENCE = re.compile(r"[a-zß-öø-ÿ]{4}[.?!] [A-ZÄÖÜ][a-zß-öø-ÿ]+ [a-zß-öø-ÿ]{2,} [a-zß-öø-ÿ]{2,} ")
"""A sentence's end and another's beginning in small letters: no list of people."""
_STRONG = re.compile(r";|\||•|·|\t")
_BREAK = re.compile(r"[,;|•·\t()\[\]]")
_LAST_BRACKET = re.compile(r"\s*(?:\(([^()]*)\)|\[([^\[\]]*)\])\s*[*†]?$")
_SHORT_PLACE = re.compile(r"[A-ZÄÖÜ]{3,6}(?:-[A-Z]{2,6})?\s[A-ZÄÖÜ][a-zß-öø-ÿ]{2,}")
_CALLED = re.compile(
    r"(?:(?P<initials>(?:[^\W\d_]{1,2}\.[\s-]?)+)|(?P<first>[^\W\d_]{2,}))\s?"
    r"[(\"“„](?P<given>[^\W\d_][^\W\d_-]{1,20})[)\"”“]\s+(?P<rest>[^\d()]{2,50})"
)
_INITIAL_END = re.compile(r"(?:\b[A-Z]|\bJr|\bSr)\.\s*$")
_SMALL_NAME = re.compile(r"[dl]['’]|al-|el-|ibn-")


@dataclass(slots=True)
class PrintedName:
    """A name as a line prints it; ``start`` and ``end`` are of the name without titles.

    Nobody changes one. It is not frozen, as are the other records of a page's making: a frozen one takes three times
    as long to make, and of these there are many.
    """

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


@dataclass(slots=True)
class PeopleLine:
    """A line read as people; ``sure`` if a title or the shape of a list says that they are."""

    people: tuple[PrintedName, ...]
    titled: bool


def read_people(text: str, start: int, end: int) -> PeopleLine | None:
    """Read the people that ``text[start:end]`` lists, or ``None`` if it holds anything else."""
    start, end = trim(text, start, end)
    if not 0 < end - start <= LONGEST_LINE:
        return None
    stretch = text[start:end]
    if plain := _plain_people(stretch, start):
        return plain
    if _begins_as_prose(stretch) or (len(stretch) > 160 and _SENTENCE.search(stretch)):
        return None
    found = _read_people(stretch)
    if found is None or start == 0:
        return found
    return PeopleLine(tuple([moved(person, start) for person in found.people]), found.titled)


def _begins_as_prose(stretch: str) -> bool:
    """Tell whether the words up to a separator cannot be a name and its titles: one is small, and none of theirs."""
    for word in _BREAK.split(stretch[:100], 1)[0].split()[:-1]:
        if word.islower() and word.isalpha() and word.casefold() not in _small_words():
            return True
        if word in _joining_words():
            return False
    return False


@lru_cache(maxsize=1)
def _small_words() -> frozenset[str]:
    """Return every word that may be written small in what is read as people."""
    tables = (
        ("honorifics",),
        ("suffixes",),
        ("names", "particles"),
        ("names", "joiners"),
        ("names", "generation"),
    )
    return frozenset(word for table in tables for form in word_set("people", *table) for word in form.split())


@lru_cache(maxsize=1)
def _joining_words() -> frozenset[str]:
    return frozenset(form.split()[0] for form in word_list("people", "names", "joiners"))


def _plain_people(text: str, start: int) -> PeopleLine | None:
    """Read what most lines of people are: names in full, with or without titles, and one sign between them."""
    people: list[PrintedName] = []
    titled = False
    for piece in text.split("; " if ";" in text else ", "):
        found = _plain_piece(piece) if len(piece) <= 80 else None
        if found is None:
            return None
        begin, name, family, honorific = found
        if honorific:
            titled = True
        elif people and (is_institution(name) or _is_short_place(name, people[-1])):
            return None
        end = start + len(piece)
        people.append(PrintedName(start + begin, end, name, name, family, honorific))
        start = end + 2
    return PeopleLine(tuple(people), titled)


@lru_cache(maxsize=16384)
def _plain_piece(piece: str) -> tuple[int, str, str | None, str | None] | None:
    """Read one name in full: where it begins, the name, the family name, the titles; a name stands in several places."""
    words = piece.split(" ")
    count = len(words)
    first = 0
    while first < count and words[first] in plain_titles():
        first += 1
    if not 2 <= count - first <= 6:
        return None
    if not _is_plain(words[-1]) or not _is_plain(words[first]):
        return None
    small = False
    for word in words[first + 1 : -1]:
        if not _is_plain(word):
            if not _read_token(word)[0] or word in _joining_words():
                return None
            small = True
    honorific = " ".join(words[:first]) if first else None
    name = " ".join(words[first:]) if first else piece
    begin = len(honorific) + 1 if honorific else 0
    return begin, name, family_name(name) if small else words[-1], honorific


def moved(person: PrintedName, by: int) -> PrintedName:
    """Return a name that was read in a stretch as one of the text, in which the stretch begins at ``by``."""
    place = person.affiliation_start
    return PrintedName(
        person.start + by,
        person.end + by,
        person.printed,
        person.name,
        person.family,
        person.honorific,
        person.bracket,
        person.affiliation,
        None if place is None else place + by,
    )


@lru_cache(maxsize=16384)
def _read_people(text: str) -> PeopleLine | None:
    """Read a stretch: a line is asked about by several rules and layouts, and a name stands in several places."""
    parts = _parts(text)
    people: list[PrintedName] = []
    index = 0
    while index < len(parts):
        part = parts[index]
        # A list has one order: after "Anna Schmidt" two parts are no "Family, Given".
        straight = bool(people) and "," not in people[-1].printed and len(people[-1].name.split()) > 1
        if (
            index + 1 < len(parts)
            and not straight
            and (turned := _family_first(text, part, parts[index + 1], len(parts)))
        ):
            people.append(turned)
            index += 2
            continue
        found = _person(text[part[0] : part[1]])
        placed = found and people and not found.honorific and not found.bracket
        if found and placed and _is_short_place(found.printed, people[-1]):
            people[-1] = _at(people[-1], text, part)
        elif found and not (people and not found.honorific and is_institution(found.printed)):
            people.append(moved(found, part[0]) if part[0] else found)
        elif people and (more := _addition(text, part, people[-1])):
            people[-1] = more
        else:
            return None
        index += 1
    if not people:
        return None
    return PeopleLine(tuple(people), any(person.honorific for person in people))


@lru_cache(maxsize=16384)
def _is_plain(word: str) -> bool:
    """Tell whether a word is of a name and nothing else: a capital, letters, no title, particle or degree."""
    particle, never, generation, capital = _read_token(word)
    folded = word.casefold()
    return (
        capital is True
        and word[0].isupper()
        and not (particle or never or generation or "." in word or "," in word)
        and folded not in word_set("people", "names", "particles")
        and folded not in title_words()
        and word not in suffix_endings()
        and word not in _joining_words()
    )


def _parts(text: str) -> list[tuple[int, int]]:
    """Cut at the separators outside of brackets: ";" if there is one, else "," and words such as "and"."""
    mask = _BRACKET.sub(lambda found: "\1" * len(found.group()), text) if "(" in text or "[" in text else text
    cut = _STRONG if _STRONG.search(mask) else _joiner_pattern()
    parts: list[tuple[int, int]] = []
    position = 0
    for found in cut.finditer(mask):
        parts.append((position, found.start()))
        position = found.end()
    parts.append((position, len(mask)))
    trimmed = [trim(text, first, last) for first, last in parts]
    return [part for part in trimmed if part[0] < part[1]]


@lru_cache(maxsize=16384)
def _person(stretch: str) -> PrintedName | None:
    """Read one stretch as one person, or return ``None``."""
    bracket: str | None = None
    while (")" in stretch or "]" in stretch) and (found := _LAST_BRACKET.search(stretch)) and found.start() > 0:
        inner = squeeze(found.group(1) or found.group(2) or "")
        bracket = f"{inner}; {bracket}" if bracket else inner or None
        stretch = stretch[: found.start()]
    stretch = stretch.rstrip(" .:*†").rstrip() if not _ends_in_initial(stretch) else stretch.rstrip(" *†")
    honorific, name_start = titles_of(stretch)
    name_end = len(stretch)
    suffix_honorific, name_end = suffix_of(stretch, name_start, name_end)
    body = stretch[name_start:name_end]
    if "(" in body and (called := _CALLED.fullmatch(body)) and "(" not in called.group("rest"):
        return _called(called, name_start, name_end, honorific or suffix_honorific, bracket)
    if "," in body:
        halves = [trim(stretch, *half) for half in _comma_halves(body, name_start)]
        if len(halves) != 2 or (honorific and _is_whole(stretch[halves[0][0] : halves[0][1]])):
            return None
        return _turned(stretch, halves, honorific or suffix_honorific, bracket)
    honorific = honorific or suffix_honorific
    if not _is_name(body, bool(honorific)):
        return None
    name = squeeze(body)
    return PrintedName(name_start, name_end, body, name, family_name(name), honorific, bracket)


def _called(
    found: re.Match[str], start: int, end: int, honorific: str | None, bracket: str | None
) -> PrintedName | None:
    """Read initials or a given name with the name that somebody is called by: "S. (Saskia) Terpstra"."""
    first = found.group("given") if found.group("initials") else found.group("first")
    name = squeeze(f"{first} {found.group('rest')}")
    if not _is_name(name, bool(honorific)):
        return None
    return PrintedName(start, end, found.group(), name, family_name(name), honorific, bracket)


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
    return stretch.rstrip().endswith(".") and bool(_INITIAL_END.search(stretch))


@lru_cache(maxsize=1)
def _joiner_pattern() -> re.Pattern[str]:
    joiners = "|".join(re.escape(word) for word in word_list("people", "names", "joiners"))
    return re.compile(rf",(?!\s*(?:and|und)\s)|,?\s+(?:{joiners})\s+")


def _is_name(body: str, titled: bool) -> bool:
    """Tell whether words read as a person's name: capitals, particles and initials, nothing else."""
    tokens = _TOKEN.findall(body)
    if not 1 <= len(tokens) <= 7 or len(body) > 80:
        return False
    capitals, last = 0, len(tokens) - 1
    for position, token in enumerate(tokens):
        particle, never, generation, capital = _read_token(token)
        if particle and position < last:
            continue
        if never:
            return False
        if generation and position:
            continue
        if capital is None:
            return False
        capitals += capital
    if not capitals:
        return len(tokens) > 1 and titled
    if all(token.casefold() in word_set("page", "furniture") for token in tokens):
        return False
    cased = any(token[0].isupper() for token in tokens)
    if not cased:
        # Scripts without capitals: a name is one or two short words.
        return len(body) <= 12 and len(body) >= 2
    return len(tokens) >= 2 or titled


@lru_cache(maxsize=16384)
def _read_token(token: str) -> tuple[bool, bool, bool, bool | None]:
    """Return of a word: is it a particle, in no name, a generation's mark; and is it a name in full, or none."""
    lower = token.casefold()
    particle = lower in word_set("people", "names", "particles") and not token[0].isupper()
    never = word_set("people", "names", "never")
    short = bool(_NO_VOWEL.fullmatch(token))
    generation = lower in word_set("people", "names", "generation")
    initial = bool(_INITIAL.fullmatch(token))
    good = (initial or _WORD.fullmatch(token)) and (initial or not token.endswith("."))
    good = good and not (token[0].islower() and not _SMALL_NAME.match(token))
    capital = len(token.rstrip(".")) > 1 if good else None
    return particle, short or lower in never or lower.rstrip(".") in never, generation, capital


@lru_cache(maxsize=16384)
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
    _, start = titles_of(stretch)
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
    if between != "," or (len(first) > 2 and first.isupper() and len(given_text) > 2 and given_text.isupper()):
        return None  # two words in capitals are abbreviations
    bracket = None
    if found := re.search(r"\s*\(([^()]*)\)$", given_text):
        bracket, given_text = squeeze(found.group(1)) or None, given_text[: found.start()]
    title, start = titles_of(first)
    other, given_start = titles_of(given_text)
    after, given_end = suffix_of(given_text, given_start, len(given_text))
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
    bracket = _LAST_BRACKET.search(stretch)
    degree = stretch[: bracket.start()] if bracket else stretch
    plain = degree.casefold().rstrip(".")
    for kind in ("doctor", "other"):
        if any(plain == form.rstrip(".") for form in word_set("people", "suffixes", kind)):
            said = squeeze(bracket.group(1) or bracket.group(2) or "") if bracket else None
            return replace(
                person,
                honorific=person.honorific or degree,
                bracket=person.bracket or said or None,
            )
    return _at(person, text, part) if is_institution(stretch) else None


def _at(person: PrintedName, text: str, part: tuple[int, int]) -> PrintedName:
    """Say where a person works."""
    stretch = squeeze(text[part[0] : part[1]])
    joined = f"{person.affiliation}, {stretch}" if person.affiliation else stretch
    start = person.affiliation_start if person.affiliation_start is not None else part[0]
    return replace(person, affiliation=joined, affiliation_start=start)


def _is_short_place(printed: str, before: PrintedName) -> bool:
    """Tell whether two words behind a titled person are an abbreviation and a town, and no other person: "BIAS Bremen"."""
    return before.honorific is not None and _SHORT_PLACE.fullmatch(printed) is not None


def looks_like_names(people: PeopleLine, common_words: frozenset[str]) -> bool:
    """Tell whether untitled people may be real: not all of some name's words are words that prose uses."""
    return all(not set(words_of(person)) <= common_words for person in people.people)


def words_of(person: PrintedName) -> Iterator[str]:
    """Yield the words of a name in lower case."""
    for token in person.name.split():
        yield token.casefold().strip(".")

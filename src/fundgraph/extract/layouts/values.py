"""What stands behind a label: people with places and brackets, organisations, codes, periods."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from fundgraph.extract.dates import read_period
from fundgraph.extract.headings import role_of
from fundgraph.extract.institutions import is_institution
from fundgraph.extract.layouts.notes import is_sentence, is_vacant
from fundgraph.extract.layouts.records import RawInstitution, RawPerson
from fundgraph.extract.names import PrintedName, family_name, moved, read_people
from fundgraph.extract.source import squeeze, trim
from fundgraph.extract.words import word_list, word_set
from fundgraph.frozen import quick

_LINES = re.compile(r"[\n\v]")
_DASH = re.compile(r"\s+[–—-]\s+|\s*\|\s*|\s*→\s*")
_COUNTRY = re.compile(r"\s*[(\[]([A-Z]{2}|[A-Z][a-z]+(?: [A-Z][a-z]+)?)[)\]]\s*$")
_LEFT = re.compile(r"\s*[(\[]([^()\[\]]{2,60})[)\]]\s*$")
_PREFIX = re.compile(r"\d{1,3}\s*[-–.):]\s*(?=[^\W\d])|\d{1,2}\s+(?=[A-ZÀ-Þ]{3})")
_ADDRESS = re.compile(
    r"\b\d{4,5}\b\s+[^\W\d]|\d+\s*[a-z]?$|^(?:tel|fax|phone|e-?mail|web|www|http|postfach|p\.?o\.? box)\b", re.I
)
_MARK = re.compile(r"(?:[-*•–·▪◦]|\d{1,2}[.)])\s+")
_MARKS = " \t\n\v\\*•·▪◦–—-"
_ROUND = re.compile(r"\([^()]*\)")
_TITLED = re.compile(r"\b(?:Prof|Dr)\b")
_EMPTY = re.compile(r"\(\s*\)|\[\s*\]")
_SHORT_PLACE = 60
_CAPITALS = re.compile(r"[A-ZÄÖÜÀ-Þ&.,'’\-–/() ]{3,}")
_NOBODY = re.compile(r"(?:^|[,;]\s*)N\.?\s?N\.?(?=\s*(?:[,;(]|$))(?:\s*\([^()]*\))?")
"""A position that is not filled, in a list of names."""
_ABROAD = re.compile(r"\s+\([A-Z][\w-]{1,12}\)\s+[A-Z]{2}(?:\s*[–-]\s*[a-z]+)?$")
"""A short name, a country and perhaps a role behind an organisation: "(TUD) NL - coordinator"."""
_TOLD = re.compile(r"\s+[–—-]\s+(?=[a-z]{3,} )")
"""Before what is told of an organisation: "University of X – left in 2022"."""
_SINCE = re.compile(
    r"\((?:(?:seit|ab|bis|since|from|until|depuis|sinds)\s+)(?:[\d./]+\s?(?:19|20)\d\d|(?:19|20)\d\d|[^\W\d]+\s(?:19|20)\d\d)\s*[:,]?\s*"
)
_TENURE = re.compile(
    r",\s*((?:seit|ab|bis|since|from|until|depuis|sinds)\s+(?:[\d./]+[/. ])?(?:19|20)\d\d(?:\s*(?:bis|until|to|[–—-])\s*(?:[\d./]+[/. ])?(?:19|20)\d\d)?)$"
)
"""How long somebody was there, behind the name: "Prof. Dr. Anna Schmidt, until 3/2021"."""
_COMMAS = re.compile(r"\s*,\s+")
_WHOLE = re.compile(r"universi|hochschule", re.I)
_ABBREVIATED = re.compile(r"[A-ZÄÖÜ]{2,6}(?:\s[A-ZÀ-Ý][a-zß-ÿ]+)?")
"""An abbreviation, perhaps with a town: "MPI", "TU Wien", "CNRS"."""
_PARTED = re.compile(r"\s*[;•|]\s*|\s*\v\s*|\n")


@quick
@dataclass(frozen=True, slots=True)
class People:
    """The people of a value, and whether all of the value was understood."""

    people: tuple[RawPerson, ...]
    whole: bool


def people_of(text: str, start: int, end: int, role: str | None, where: str = "labelled") -> People:
    """Read the people whom a value names, one or several a line, with the places that stand by them."""
    found: list[RawPerson] = []
    whole = True
    for first, last in lines_of(text, start, end):
        names = names_of(text, first, last)
        if names:
            found += [RawPerson(name, where, own_role(name) or role) for name in names]
        elif found and (more := with_place(text, first, last, found[-1].name)):
            found[-1] = replace(found[-1], name=more)
        elif not found or not is_address(text[first:last]):
            whole = False
    return People(tuple(found), whole)


def lines_of(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield a value's lines, without bullets and what markup leaves at their ends."""
    position = start
    for found in _LINES.finditer(text, start, end) if _has_lines(text, start, end) else ():
        yield from _bare_line(text, position, found.start())
        position = found.end()
    yield from _bare_line(text, position, end)


def _has_lines(text: str, start: int, end: int) -> bool:
    return text.find("\n", start, end) >= 0 or text.find("\v", start, end) >= 0


def _bare_line(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    start, end = trim(text, start, end)
    if start < end and not text[start].isalpha() and (mark := _MARK.match(text, start, min(end, start + 8))):
        start = mark.end()
    while end > start and text[end - 1] in "\\ \t":
        end -= 1
    if start < end:
        yield start, end


def names_of(text: str, start: int, end: int) -> list[PrintedName]:
    """Read the names on one line; places after a comma or a dash become affiliations."""
    start, end = trim(text, start, end)
    if not 0 < end - start <= 1200:
        return []
    names = _names(text[start:end])
    return [moved(name, start) for name in names] if start else list(names)


@lru_cache(maxsize=16384)
def _names(text: str) -> tuple[PrintedName, ...]:
    """Read the names on a line; several rules and layouts ask about each."""
    if not text or is_organisation(text) or is_vacant(text):
        return ()
    if text[0] == "(" and text[-1] == ")" and text.find(")") == len(text) - 1:
        # "(since 2023 Dr. Anna Schmidt)"
        inner = _SINCE.match(text)
        start = inner.end() if inner else 1
        return (
            tuple([moved(name, start) for name in _names(text[start:-1].strip())])
            if text[start:-1].strip()
            else ()
        )
    if text[-1].isdigit() and (tenure := _TENURE.search(text)):
        *others, last = _names(text[: tenure.start()]) or (None,)
        return (*others, replace(last, bracket=last.bracket or tenure.group(1))) if last else ()
    if "N" in text and (nobody := _NOBODY.search(text)):
        if after := text[nobody.end() :].lstrip(" ,;"):
            rest = [moved(name, len(text) - len(after)) for name in _names(after)]
            return (*_names(text[: nobody.start()]), *rest)
        return _names(text[: nobody.start()])
    if " / " in text and (several := _slashed(text)):
        return tuple(several)
    if ";" in text and (several := _parted(text)):
        return tuple(several)
    if "(" in text and _TITLED.search(text) and (within := _within(text)):
        return within
    if found := read_people(text, 0, len(text)):
        return tuple([_with_bracket(name) for name in found.people])
    dash = _DASH.search(text)
    if dash and dash.end() < len(text):
        left = read_people(text, 0, dash.start())
        if left and (len(left.people) == 1 or left.titled) and _is_told(text[dash.end() :]):
            names = [_with_bracket(name) for name in left.people]
            names[-1] = _placed(text, names[-1], dash.end(), len(text))
            return tuple(names)
        right = names_of(text, dash.end(), len(text)) if dash.group().strip() in "–—-" else []
        if right and right[0].honorific and is_institution(text[: dash.start()]):
            return tuple([_placed(text, name, 0, dash.start()) for name in right])
    return tuple(_loose(text, 0, len(text)))


def _within(text: str) -> tuple[PrintedName, ...]:
    """Read "University of X (Prof. Dr. Anna Schmidt)": titled people in brackets after their organisation."""
    bracket = _LEFT.search(text)
    if not bracket or bracket.start() == 0 or not is_institution(text[: bracket.start()]):
        return ()
    people = read_people(text, *bracket.span(1))
    if people is None or not people.titled:
        return ()
    return tuple([_placed(text, name, 0, bracket.start()) for name in people.people])


def _is_told(text: str) -> bool:
    """Tell whether what stands behind a name and a dash may be a place: no label, no other person."""
    return len(text) <= 160 and ": " not in text and (not _TITLED.search(text) or is_institution(text))


def _parted(text: str) -> list[PrintedName]:
    """Read "Dr Anna Schmidt, University of X; Dr Jan Becker, University of Y": a person and a place in each part."""
    names: list[PrintedName] = []
    position = 0
    for part in text.split(";"):
        start, end = trim(text, position, position + len(part))
        position += len(part) + 1
        found = names_of(text, start, end) if start < end and part.count("(") == part.count(")") else []
        if len(found) != 1 or not (place := found[0].affiliation):
            return []
        if not is_institution(place) and not (is_place(place) and 2 <= len(found[0].name.split()) <= 4):
            return []
        names += found
    return names


def sure_names(text: str, start: int, end: int) -> list[PrintedName]:
    """Read the names on a line where a title, a role or an institution says that they are people."""
    if end - start > 600:
        return []
    names = names_of(text, start, end)
    titled = any(name.honorific or own_role(name) for name in names)
    placed = all(name.affiliation and is_institution(name.affiliation) for name in names)
    return names if titled or placed else []


def _slashed(text: str) -> list[PrintedName]:
    """Read names set apart by strokes: "Prof. Dr. Anna Schmidt / Dr. Jan Becker"."""
    names: list[PrintedName] = []
    position = 0
    for piece in text.split(" / "):
        found = names_of(text, position, position + len(piece))
        if not found:
            return []
        names += found
        position += len(piece) + 3
    return names


def _loose(text: str, start: int, end: int) -> list[PrintedName]:
    """Read a line of titled names with places between them: "Prof. Dr. A B, Bonn; Dr. C D, Jena (Sachsen)"."""
    strong = ";" in text[start:end]
    names: list[PrintedName] = []
    position = start
    for found in re.finditer(
        r";" if strong else r",|\s+(?:und|and|&)\s+(?=[A-Z])", text[start:end] + (";" if strong else ",")
    ):
        first, last = trim(text, position, min(start + found.start(), end))
        position = min(start + found.end(), end)
        if first >= last:
            continue
        one = read_people(text, first, last)
        if one is None and strong and "," in text[first:last]:
            inner = _loose(text, first, last)
            if not inner:
                return []
            names += inner
        elif (
            one
            and (one.titled or not names or len(text[first:last].split()) > 1)
            and not (names and is_institution(text[first:last]))
        ):
            names += [_with_bracket(name) for name in one.people]
        elif (
            names
            and last - first <= 120
            and not text[first].islower()
            and not re.search(r"[.!?]\s", text[first:last])
            and (not _TITLED.search(text, first, last) or is_institution(text[first:last]))
        ):
            names[-1] = _placed(text, names[-1], first, last)
        else:
            return []
    sure = any(name.honorific for name in names) or len(names) == 1
    return names if sure and names and names[0].start <= start + 60 else []


def _placed(text: str, name: PrintedName, start: int, end: int) -> PrintedName:
    """Add a place to a name."""
    start, end = trim(text, start, end)
    place = squeeze(_EMPTY.sub("", text[start:end]).strip(" ,.;|"))
    if (own := _LEFT.search(place)) and own.start() and role_of(own.group(1)):
        place = place[: own.start()]  # "University of X (coordinator)": the role is the place's
    if suffix := _suffix_pattern().match(place):
        place = suffix.group(1) or ""
    first, _, rest = place.partition(",")
    if rest and role_of(first) and not role_of(rest.strip()):
        known = replace(name, bracket=f"{name.bracket}; {first}" if name.bracket else first)
        return _placed(text, known, max(text.find(rest.strip().split()[0], start, end), start), end)
    if not any(character.isalpha() for character in place) or place.casefold() in word_set("people", "countries"):
        return name
    if role_of(place):
        return replace(name, bracket=f"{name.bracket}; {place}" if name.bracket else place) if place else name
    if name.affiliation:
        return replace(name, affiliation=f"{name.affiliation}, {place}")
    return replace(name, affiliation=place, affiliation_start=start)


@lru_cache(maxsize=1)
def _suffix_pattern() -> re.Pattern[str]:
    forms = "|".join(re.escape(form) for form in word_list("people", "suffixes"))
    return re.compile(rf"(?:{forms})\.?(?:\s*\((.{{2,80}})\))?$")


def _with_bracket(name: PrintedName) -> PrintedName:
    """Cut a bracket such as "(PI; LBNL)" or "(University of X, PI)" into a role and a place."""
    at = name.affiliation or ""
    if not name.bracket and at[-1:] == ")" and (suffix := _suffix_pattern().match(at)) and suffix.group(1):
        # "Anna Schmidt, Ph.D. (PI; LBNL)"
        degree = squeeze(f"{name.honorific or ''} {at[: suffix.start(1) - 1]}")
        name = replace(name, honorific=degree, bracket=suffix.group(1), affiliation=None, affiliation_start=None)
    if not name.bracket:
        return name
    parts = [part for part in (squeeze(piece) for piece in re.split(r"[;,/]", name.bracket)) if part]
    roles = [part for part in parts if role_of(part)]
    if not roles and not name.affiliation and is_place(name.bracket):
        return replace(name, affiliation=name.bracket, affiliation_start=name.end, bracket=None)
    if not roles or len(roles) == len(parts):
        return replace(name, bracket="; ".join(parts)) if roles else name
    rest = squeeze(re.sub("|".join(re.escape(role) for role in roles), "", name.bracket).strip(" ;,/"))
    if rest and not name.affiliation and not any(character in rest for character in ";/") and is_place(rest):
        return replace(name, bracket="; ".join(roles), affiliation=rest, affiliation_start=name.end)
    return replace(name, bracket="; ".join([*roles, rest] if rest else roles))


def is_place(text: str) -> bool:
    """Tell whether what stands in brackets after a name is where the person works, not a remark."""
    if is_institution(text):
        return True
    words = text.split()
    return (
        0 < len(words) <= 6
        and all(
            word[0].isupper() or word.casefold() in {"of", "der", "für", "and", "und", "at", "am", "de", "in", "&"}
            for word in words
        )
        and not any(character.isdigit() for character in text)
        and text.casefold() not in word_set("labels", "abstract_words", "truncated")
    )


def own_role(name: PrintedName) -> str | None:
    """Return the role that stands in brackets after a name."""
    for part in (squeeze(piece) for piece in (name.bracket or "").split(";")):
        if part and role_of(part):
            return part
    return None


def with_place(text: str, start: int, end: int, name: PrintedName) -> PrintedName | None:
    """Read a line under a name as where that person works; ``None`` if it is nothing of the kind."""
    line = text[start:end]
    if len(line) > 160 or line[:1].islower() or (line.rstrip().endswith((".", "!", "?")) and len(line) > 60):
        return None
    if is_sentence(line) and not is_institution(line):
        return None
    if name.affiliation is None and is_institution(line):
        return replace(name, affiliation=squeeze(line.strip(" ,;")), affiliation_start=start)
    if name.affiliation is not None and (is_address(line) or is_institution(line) or len(line) <= _SHORT_PLACE):
        return name
    return name if is_address(line) else None


def below_card(text: str, start: int, end: int, name: PrintedName) -> PrintedName | None:
    """Read what stands under a heading with a name and a role as the place: "Cefas Lowestoft"; it is no other person."""
    line = text[start:end]
    if name.affiliation or not 1 < len(line.split()) <= 6 or not is_place(line) or role_of(line):
        return None
    return None if _TITLED.search(line) else replace(name, affiliation=squeeze(line), affiliation_start=start)


def is_address(line: str) -> bool:
    """Tell whether a line is of an address: a street with a number, a town with its code, a telephone."""
    return len(line) <= 120 and bool(_ADDRESS.search(line.strip()))


@lru_cache(maxsize=16384)
def is_organisation(text: str) -> bool:
    """Tell whether a value names an organisation, and cannot be a list of people.

    >>> is_organisation("MINISTERSTVO NA OBRAZOVANIETO I NAUKATA (BG)"), is_organisation("Prof. Dr. Anna Schmidt")
    (True, False)
    """
    bare = text
    while (")" in bare or "]" in bare) and (found := _LEFT.search(bare)):
        bare = bare[: found.start()]
        if _TITLED.search(found.group(1)) and not is_institution(found.group(1)):
            return False
        if re.fullmatch(r"[A-Z]{2}", found.group(1)) and not role_of(found.group(1)):
            return True
    bare = _ROUND.sub("", bare) if "(" in bare else bare
    words = bare.split()
    if len(words) >= 3 and _CAPITALS.fullmatch(bare) and sum(len(word) > 3 for word in words) >= 2:
        return True
    people = read_people(text, 0, len(text))
    if people and people.titled:
        return False
    return is_institution(bare.split(",")[0]) and not _TITLED.search(bare)


def institutions_of(text: str, start: int, end: int, role: str | None) -> list[RawInstitution]:
    """Read the organisations of a value: one a line, or set apart by ";", bars or bullets."""
    found: list[RawInstitution] = []
    position = start
    parted = _COMMAS if "," in text[start:end] and _are_wholes(text[start:end]) else _PARTED
    for cut in [*parted.finditer(text, start, end), None]:
        stop = cut.start() if cut else end
        one = institution(text, position, stop, role)
        if one:
            found.append(one)
        position = cut.end() if cut else end
    return found


def _are_wholes(text: str) -> bool:
    """Tell whether all that stands between commas is a university, or an abbreviation and a town; no part of one is."""
    parts = _COMMAS.split(text.strip())
    return _PARTED.search(text) is None and all(
        _WHOLE.search(part) or _ABBREVIATED.fullmatch(part) for part in parts
    )


def institution(text: str, start: int, end: int, role: str | None) -> RawInstitution | None:
    """Read one organisation: no number before it, no country or remark in brackets after it."""
    for first, last in _bare_line(text, start, end):
        while (found := _PREFIX.match(text, first, last)) and found.end() < last:
            first = found.end()
        while True:
            comma = text.rfind(", ", first, last)
            if comma > first and text[comma + 2 : last].casefold() in word_set("people", "countries"):
                last = comma
            bracket = _LEFT.search(text, first, last)
            if (
                not bracket
                or bracket.start() <= first
                or (is_institution(bracket.group(1)) and not _COUNTRY.search(text[first:last]))
            ):
                break
            if role_of(bracket.group(1)):
                role = squeeze(bracket.group(1))
            elif not (_COUNTRY.search(text[first:last]) or " " in bracket.group(1) or len(bracket.group(1)) == 2):
                break
            last = bracket.start()
        last = (
            first
            + len(text[first:last].rstrip(" ,;.:–-"))
            + (text[first:last].endswith(("e.V.", "e. V.", "Inc.", "Ltd.", "S.A.", "Univ.")))
        )
        if abroad := _ABROAD.search(text, first, last):
            last = abroad.start()
        if (told := _TOLD.search(text, first, last)) and is_institution(text[first : told.start()]):
            last = told.start()
        name = squeeze(text[first:last])
        if 2 <= len(name) <= 200 and any(character.isalpha() for character in name) and not name[0].islower():
            return RawInstitution(name, role, first, last)
    return None


def period_of(text: str) -> tuple[str | None, str | None]:
    """Return start and end of a value that is a period, or the one date that it states as its start."""
    start, end, _ = read_period(text)
    return start, end


def placed_person(text: str, start: int, end: int) -> PrintedName | None:
    """Read "Organisation – Name" where organisations are listed, whatever its words; ``None`` for anything else."""
    dash = _DASH.search(text, start, end)
    if dash is None or dash.group().strip() not in "–—-" or not 2 <= dash.start() - start <= 100:
        return None
    people = read_people(text, dash.end(), end)
    left = read_people(text, start, dash.start())
    if people is None or len(people.people) != 1 or (left and left.titled) or is_sentence(text[start:end]):
        return None
    if not people.titled and not is_institution(text[start : dash.start()]):
        return None
    return _placed(text, people.people[0], start, dash.start())


def name_of(text: str, start: int, end: int) -> PrintedName | None:
    """Take a short stretch for a name where its column or label says that it is one, whatever its capitals."""
    start, end = trim(text, start, end)
    names = names_of(text, start, end)
    if names:
        return names[0] if len(names) == 1 else None
    if is_vacant(text[start:end]):
        return None
    body = text[start:end]
    words = body.split()
    if not 1 < len(words) <= 6 or len(body) > 60 or not body[0].isupper():
        return None
    if any(character.isdigit() for character in body) or re.search(r"[:;!?/]", body) or is_institution(body):
        return None
    name = squeeze(body)
    return PrintedName(start, end, body, name, family_name(name), None)

"""Pages that list only people: members of a programme with roles and institutions, and no projects."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import lru_cache

from fundgraph.extract.headings import read_heading, role_of
from fundgraph.extract.honorifics import title_class
from fundgraph.extract.institutions import is_institution
from fundgraph.extract.layouts.fields import read_label
from fundgraph.extract.layouts.page import is_furniture
from fundgraph.extract.layouts.records import RawPerson, Reading, Remark
from fundgraph.extract.layouts.rosters import parties
from fundgraph.extract.layouts.titles import is_noise
from fundgraph.extract.layouts.values import is_address, names_of, own_role
from fundgraph.extract.names import PrintedName, looks_like_names, read_people
from fundgraph.extract.source import Line, Source, squeeze
from fundgraph.extract.words import word_set

FEWEST = 3
"""People that a page lists at least."""
MOST_LINES = 20_000
"""A longer page is no list of people."""
EXPLAINED = 0.7
"""The share of its lines, and of its characters, that a list of people must explain."""
ALONE = 0.85
"""The share where no heading says that people are listed."""
LONGEST_LINE = 300
FIRST_HEADINGS = 8
_PART = re.compile(r"\s*[,;|]\s+|\s+[–—-]\s+")
_MARKS = re.compile(r"[*_#]+|^\s*(?:[-*•–·▪◦]|\d{1,3}[.)])\s+")


@dataclass
class PeopleList:
    """What is known of a page's people so far."""

    people: list[RawPerson] = field(default_factory=list)
    read: list[tuple[int, int]] = field(default_factory=list)
    unread: list[Line] = field(default_factory=list)
    furniture: list[Line] = field(default_factory=list)
    role: str | None = None
    """As the heading above prints it."""
    listed: bool = False
    """Whether a heading says that people stand below."""
    open: bool = False
    """Whether lines below the last person may tell of them."""
    marked: bool = False
    """Whether the page has markup."""
    last: int = 0
    """The number of the line above."""
    left_out: bool = False
    """Whether a heading says that what stands below is no list."""


def says_people(source: Source) -> bool:
    """Tell whether a page's first headings (or its first lines) say that it lists people."""
    marked = [line for line in source.lines[:200] if line.mark and line.mark.kind in ("heading", "title")]
    return any(heads_people(line.text) for line in (marked or source.lines)[: FIRST_HEADINGS if marked else 2])


def read_members(source: Source, *, sure: bool) -> Reading | None:
    """Read a page as a list of people; ``None`` if it is anything else. ``sure``: a heading says that it is one."""
    if not FEWEST <= len(source.lines) <= MOST_LINES:
        return None
    found = PeopleList(marked=bool(source.view.marks))
    people, _, places = parties(source)
    rows = {source.document.line_of(start) for start, _ in places}
    found.people += people
    found.read += places
    for line in source.lines:
        if line.number not in rows:
            read_line(source, line, found)
        found.last = line.number
    if len({person.name.name for person in found.people}) < FEWEST:
        return None
    told = sum(1 for one in found.people if one.name.honorific or one.role or one.name.affiliation)
    if not sure and told * 2 < len(found.people):
        return None
    content = len(source.lines) - len(found.furniture)
    characters = sum(len(line.text) for line in source.lines) - sum(len(line.text) for line in found.furniture)
    left = sum(len(line.text) for line in found.unread)
    share = EXPLAINED if sure else ALONE
    if len(found.unread) > (1 - share) * content or left > (1 - share) * characters:
        return None
    remarks = [Remark("page-furniture", line.start, line.end) for line in found.furniture]
    remarks += [Remark("unread-text", line.start, line.end) for line in found.unread]
    return Reading(
        "people",
        1.0,
        remarks=tuple(sorted(remarks, key=lambda remark: remark.start)),
        headings=tuple(sorted(set(found.read))),
        members=tuple(found.people),
    )


def read_line(source: Source, line: Line, found: PeopleList) -> None:
    """Read one line: a heading, a person, something about the person above, or nothing of the kind."""
    text = source.document.text
    heading = line.mark is not None and line.mark.kind in ("heading", "title", "strong", "term")
    if line.mark is not None and line.mark.kind == "title":
        found.read.append((line.start, line.end))
        return
    if _is_section(line, found):
        return
    if found.left_out:
        found.furniture.append(line)
        return
    start = line.start + _indent(line.text)
    names = _names(source, start, line, found)
    if names:
        found.people += names
        found.read.append((line.start, line.end))
        found.open = len(names) == 1
        return
    if found.open and found.people and (more := _told(line, found.people[-1])):
        found.people[-1] = more
        found.read.append((line.start, line.end))
        return
    if is_furniture(line.text) or is_noise(line.text) or (found.open and is_address(line.text)):
        found.furniture.append(line)
        return
    if heading and not found.people and len(line.text) <= 120 and heads_people(line.text):
        found.read.append((line.start, line.end))
        found.listed = True
        return
    found.open = found.open and len(text[line.start : line.end]) <= LONGEST_LINE
    found.unread.append(line)


def _is_section(line: Line, found: PeopleList) -> bool:
    """Take a line that is a heading of people: by their role, or as members."""
    plain = _MARKS.sub("", line.text).strip(" \t:")
    if "," in plain:
        return False  # "Anna Schmidt, spokesperson" is no heading
    heading = read_heading(plain) if len(plain) <= 120 else None
    if found.open and found.people and role_of(plain) and not _stands_apart(line) and not _after_gap(line, found):
        return False  # the role of the person above
    if heading is not None and heading.rest is None and heading.kind in ("people", "section"):
        found.left_out = heading.kind == "section" and heading.value == "none"
        if heading.kind == "section" and not found.left_out:
            return False
        found.role, found.listed = (heading.value, True) if heading.kind == "people" else (None, False)
        found.open = False
        found.read.append((line.start, line.end))
        return True
    if heads_people(plain) and (_stands_apart(line) or not found.people):
        found.role, found.listed, found.open, found.left_out = None, True, False, False
        found.read.append((line.start, line.end))
        return True
    return False


def _after_gap(line: Line, found: PeopleList) -> bool:
    """Tell whether a blank line of a plain text stands above a line; between paragraphs of markup it says nothing."""
    return line.mark is None and not found.marked and line.number > found.last + 1


def _stands_apart(line: Line) -> bool:
    """Tell whether markup makes a heading of a line; in plain text nothing does."""
    return line.mark is not None and line.mark.kind in ("heading", "strong", "term", "title")


def _names(source: Source, start: int, line: Line, found: PeopleList) -> list[RawPerson]:
    """Return the people that a line names, with what stands after a name on it."""
    text = source.document.text
    if line.end - start > LONGEST_LINE:
        return []
    label = read_label(line.text)
    if label is not None and label.rest is not None and role_of(label.printed):
        names = names_of(text, line.start + label.rest, line.end)
        return [RawPerson(name, "list", own_role(name) or label.printed.strip()) for name in names]
    if one := _leading(text, start, line.end, found.role):
        return [one]
    people = read_people(text, start, line.end)
    names = names_of(text, start, line.end) or _title_last(text, start, line.end)
    marked = line.mark is not None and line.mark.kind in ("item", "heading", "strong", "term")
    if not names:
        return _with_remark(source, start, line.end, found.role) if found.listed or marked else []
    if not (any(name.honorific or own_role(name) or name.affiliation for name in names) or found.listed or marked):
        return []
    if people is not None and not people.titled and not looks_like_names(people, source.common_words):
        return []
    return [RawPerson(name, "list", own_role(name) or found.role) for name in names]


def is_person(text: str, line: Line) -> bool:
    """Tell whether a line is a person's name, perhaps with what is said of them."""
    return bool(names_of(text, line.start, line.end) or _leading(text, line.start, line.end, None))


def _leading(text: str, start: int, end: int, role: str | None) -> RawPerson | None:
    """Read "Name (note), role, place": a name, and after a comma or a dash what is said of that person."""
    for cut in _PART.finditer(text, start, end):
        rest = text[cut.end() : end]
        said = [part for part in _PART.split(rest) if part.strip()]
        if not any(role_of(_bare(part)) for part in said):
            continue
        people = names_of(text, start, cut.start())
        if len(people) != 1:
            continue
        person = RawPerson(people[0], "list", own_role(people[0]) or role)
        position = cut.end()
        for part in said:
            at = text.find(part, position, end)
            position = at + len(part)
            person = _part_told(part, at, person)
        return person
    return None


def _title_last(text: str, start: int, end: int) -> list[PrintedName]:
    """Read "Family, Given, Prof. Dr."."""
    cut = text.rfind(",", start, end)
    if cut < 0:
        return []
    title = squeeze(text[cut + 1 : end])
    if not title_class(title) or any(word.rstrip(".:").casefold() not in _titles() for word in title.split()):
        return []
    people = names_of(text, start, cut)
    return [replace(people[0], honorific=title)] if len(people) == 1 and not people[0].honorific else []


def _with_remark(source: Source, start: int, end: int, role: str | None) -> list[RawPerson]:
    """Read "Name, now at a company": the rest is a note."""
    text = source.document.text
    cut = _PART.search(text, start, end)
    people = read_people(text, start, cut.start()) if cut else None
    if cut is None or people is None or len(people.people) != 1 or end - cut.end() > 80:
        return []
    if not people.titled and not looks_like_names(people, source.common_words):
        return []
    name = people.people[0]
    return [
        RawPerson(name if name.bracket else replace(name, bracket=squeeze(text[cut.end() : end])), "list", role)
    ]


@lru_cache(maxsize=1)
def _titles() -> frozenset[str]:
    return frozenset(word.rstrip(".:") for form in word_set("people", "honorifics") for word in form.split())


def _bare(part: str) -> str:
    return re.sub(r"\s*\([^()]*\)", "", part).strip(" .*_")


def _part_told(part: str, at: int, person: RawPerson) -> RawPerson:
    """Take one part of what is said of a person: a role, a place, a note in brackets."""
    if role_of(_bare(part)):
        note = re.search(r"\(([^()]+)\)", part)
        name = person.name
        if note and not name.bracket:
            name = replace(name, bracket=note.group(1))
        return replace(person, name=name, role=_bare(part))
    if is_institution(part) and person.name.affiliation is None:
        return replace(person, name=_placed(person.name, part, at))
    return person


def _placed(name: PrintedName, place: str, at: int) -> PrintedName:
    return replace(name, affiliation=squeeze(place.strip(" ,;()")), affiliation_start=at)


def _told(line: Line, person: RawPerson) -> RawPerson | None:
    """Read a line under a person: the role, the institution, or both; ``None`` if it is neither."""
    text = _MARKS.sub("", line.text).strip()
    label = read_label(line.text)
    if label is not None and label.rest is not None and label.kind in ("role", "institution"):
        text = line.text[label.rest :].strip()
    if not text or len(text) > 200 or (text.endswith((".", "!", "?")) and len(text) > 60):
        return None
    first, *rest = _PART.split(text)
    if role_of(_bare(text)):
        return replace(person, role=_bare(text))
    if role_of(_bare(first)):
        told = replace(person, role=_bare(first))
        place = next((part for part in rest if is_institution(part)), None)
        at = line.start + line.text.find(place) if place else line.start
        return replace(told, name=_placed(told.name, place, at)) if place and not told.name.affiliation else told
    if is_institution(text):
        return person if person.name.affiliation else replace(person, name=_placed(person.name, text, line.start))
    return None


def _indent(text: str) -> int:
    mark = _MARKS.match(text)
    return mark.end() if mark and not text.startswith("*") else 0


@lru_cache(maxsize=4096)
def heads_people(text: str) -> bool:
    """Tell whether a heading says that people stand below: "Our team", "Members of the programme", "People - X"."""
    plain = squeeze(_MARKS.sub("", text)).casefold().strip(" :")
    if len(plain) > 120:
        return False
    words = word_set("headings", "participants")
    return any(
        part in words or _opens(part, words) or role_of(part) is not None
        for part in re.split(r"\s+[|–—-]\s+", plain)
    )


def _opens(text: str, words: frozenset[str]) -> bool:
    """Tell whether a heading begins with a word for people and goes on with whose they are."""
    first, _, rest = text.partition(" ")
    return first in words and bool(re.match(r"(?:of|in|at|des|der|im|am|in der|und|and)\b", rest))

"""The programme's own heading above its projects: no project, and who speaks for it is a member."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from fundgraph.extract.headings import has_role_word, role_of
from fundgraph.extract.layouts import sentences
from fundgraph.extract.layouts.beside import lines_in, without
from fundgraph.extract.layouts.fields import read_label
from fundgraph.extract.layouts.records import RawPerson, RawProgramme, RawProject, Reading, Remark
from fundgraph.extract.layouts.values import people_of
from fundgraph.extract.names import looks_like_names, read_people
from fundgraph.extract.source import Line, Source
from fundgraph.extract.words import word_list

FEWEST = 2
"""Projects below it at least."""
SPEAKING = frozenset(("spokesperson", "coordinator", "leader"))
"""Roles that a programme's people have."""
_LOWEST = 9


def with_programme(source: Source, reading: Reading) -> Reading:
    """Set a first record that is the programme apart; take those who speak for it, here or beside the projects."""
    if reading.layout in {"prose", "people"} or len(reading.projects) < FEWEST:
        return reading
    first, *others = reading.projects
    if len(others) >= FEWEST and _is_programme(source, first, others):
        reading = _set_apart(reading, first)
    return _with_speakers(source, reading)


def _is_programme(source: Source, first: RawProject, others: Sequence[RawProject]) -> bool:
    """Tell whether a first record is no project: by its name, by its heading's rank, or by whom it names."""
    levels = [_level(source, raw) for raw in others]
    level = _level(source, first)
    if level == _LOWEST and max(levels) < _LOWEST:
        # Above headings a line that is none: the page's own name.
        return not first.code and (not first.people or _speaks(first))
    if level > min(levels):
        return False
    named = _names_programme(first.title)
    if named and not any(_names_programme(raw.title) for raw in others):
        return True
    if first.code and any(raw.code for raw in others):
        return False
    if level < min(levels):
        return not first.people or _speaks(first)
    return _speaks(first) and not first.abstract and not any(_speaks(raw) for raw in others)


def _level(source: Source, raw: RawProject) -> int:
    mark = source.view.marks.get(source.document.line_of(raw.title_start)) if source.view.marks else None
    return mark.level if mark is not None and mark.kind == "heading" else _LOWEST


def _speaks(raw: RawProject) -> bool:
    """Tell whether all of a record's people have roles that a programme's have."""
    roles = {role_of(person.role) if person.role else None for person in raw.people}
    return bool(roles) and roles <= {"spokesperson", "coordinator"}


def _names_programme(title: str) -> bool:
    """Tell whether a title begins with a kind of programme: with its number, or its name after it.

    >>> _names_programme("Priority Programme SPP 2171: Dynamic Wetting"), _names_programme("Clusters of stars")
    (True, False)
    """
    return bool(_pattern().match(title))


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    kinds = "|".join(re.escape(kind) for kind in word_list("page", "programme", "kinds"))
    named = "|".join(re.escape(kind) for kind in word_list("page", "programme", "named"))
    numbered = rf"(?:(?:DFG|BMBF|FWF|NWO)[ -])?(?:{kinds})(?:[ \u00a0/-]+(?:{kinds}))?[ \u00a0/]?\d{{2,4}}\b"
    return re.compile(rf"(?:the )?(?:{numbered}|(?:{named})(?:\s+on\s|\s*[:\"“„«»'‘]|\s+[–—-]\s))", re.I)


def _set_apart(reading: Reading, first: RawProject) -> Reading:
    number = re.search(r"\b\d{2,4}\b", first.title if first.code is None else first.code)
    kept = number.group() if number and _names_programme(f"{first.code or ''} {first.title}".strip()) else None
    name = f"{first.code}: {first.title}" if first.code else first.title
    programme = reading.programme or RawProgramme(name, kept, first.title_start, first.title_end)
    left = [Remark("unread-text", block.start, block.end) for block in first.abstract]
    remarks = [
        replace(one, project=one.project - 1) if one.project else replace(one, project=None)
        for one in reading.remarks
    ]
    return replace(
        reading,
        projects=reading.projects[1:],
        programme=programme,
        members=(*first.people, *reading.members),
        headings=tuple(sorted({*reading.headings, *first.read, (first.title_start, first.title_end)})),
        remarks=tuple(sorted([*remarks, *left], key=lambda remark: remark.start)),
    )


def _with_speakers(source: Source, reading: Reading) -> Reading:
    """Take those who speak for the programme from lines of their own: "Sprecher: …", or the role above the name."""
    unread = {
        line.start
        for remark in reading.remarks
        if remark.code == "unread-text" and remark.project is None
        for line in lines_in(source, remark)
    }
    found: list[RawPerson] = []
    places: set[tuple[int, int]] = set()
    lines = [line for line in source.lines if line.start in unread] if unread else []
    for index, line in enumerate(lines):
        label = read_label(line.text) if len(line.text) <= 300 else None
        if label is None and len(line.text) <= 600 and has_role_word(line.text):
            told = [one for one in _told(source, line) if one.name.honorific]
            found += told
            places |= {(line.start, line.end)} if told else set()
        if label is None or label.kind not in {"role", "people"}:
            continue
        role = role_of(label.printed)
        if role not in SPEAKING and (role == "contact" or label.rest is None):
            continue
        value, start = line, line.start + (label.rest or 0)
        if label.rest is None:
            if index + 1 >= len(lines) or lines[index + 1].number > line.number + 2:
                continue
            value = lines[index + 1]
            start = value.start
        people = _people(source, start, value.end, label.printed)
        if people:
            found += people
            places |= {(line.start, line.end), (value.start, value.end)}
    if not found:
        return reading
    taken = {start for start, _ in places}
    remarks = [left for remark in reading.remarks for left in without(source, remark, taken)]
    return replace(
        reading,
        members=(*reading.members, *found),
        headings=tuple(sorted({*reading.headings, *places})),
        remarks=tuple(remarks),
    )


def _told(source: Source, line: Line) -> Iterator[RawPerson]:
    """Yield those of whom a sentence says that they speak for the programme."""
    for people in sentences.people(source.document.text, line.start, line.end):
        yield from (one for one in people if one.role and role_of(one.role) in {"spokesperson", "coordinator"})


def _people(source: Source, start: int, end: int, role: str) -> list[RawPerson]:
    text = source.document.text
    plain = read_people(text, start, end)
    if plain and not plain.titled and not looks_like_names(plain, source.common_words):
        return []
    return list(people_of(text, start, end, role, "list").people)

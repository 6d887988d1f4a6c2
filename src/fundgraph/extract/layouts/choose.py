"""Pick the layout that explains a source best: by its structure, never by the file's name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from fundgraph.extract.codes import read_code
from fundgraph.extract.layouts import blocks, entries, sections, single, tables
from fundgraph.extract.layouts.beside import with_members
from fundgraph.extract.layouts.fields import Label, read_label
from fundgraph.extract.layouts.members import read_members, says_people
from fundgraph.extract.layouts.menus import with_menus, without_menus
from fundgraph.extract.layouts.numbering import with_codes, with_codes_above
from fundgraph.extract.layouts.programmes import with_programme
from fundgraph.extract.layouts.records import RawProject, Reading, Remark
from fundgraph.extract.layouts.sections import programme_of
from fundgraph.extract.slugs import slug
from fundgraph.extract.source import Line, Source

LAYOUTS: tuple[Callable[[Source], Reading], ...] = (
    blocks.read,
    tables.read,
    entries.read,
    sections.read,
    single.read,
)
"""Every layout's reader, the strictest first; of readings that explain about as much the earlier one wins."""
CLOSE = 0.93
"""A reading that explains this share of what the best explains is as good."""
ALIKE = 0.6
"""Readings that share this part of their projects are not rivals."""
MISTAKE = 300
"""What a label that was taken for a title or a name takes away."""
MANY = 5
"""As many projects as this are no accident of reading a page the wrong way."""
RARE = 50
"""One project of so many may be without people in a reading that leaves nothing for another."""
FACT = 60
"""How many characters of prose a fact (a person, a date, a code, an organisation) is worth."""

WHOLE_PAGE = 0.7
"""A page read as one project takes all that it names, so what it explains is worth less than what has a place."""


def read_layout(source: Source) -> Reading:
    """Read a source by every layout and return the reading that explains most of its text, with who stands beside."""
    source, menus = without_menus(source)
    reading = with_members(source, with_codes(with_codes_above(source, with_programme(source, _best(source)))))
    return with_menus(reading, menus)


def _best(source: Source) -> Reading:
    total = sum(len(line.text) for line in source.lines) or 1
    if says_people(source) and (people := read_members(source, sure=True)) and not entries.read(source).supervised:
        return people
    readings: list[Reading] = []
    for read in LAYOUTS:
        if (readings and _is_settled(readings[-1], source)) or (
            read is single.read and _is_list(readings, source)
        ):
            break
        readings.append(read(source))
    if len(readings) == 1 and readings[0].layout == "blocks":
        return readings[0]
    readings = _set_apart(readings)
    scored = readings
    if len(readings) > 1 and not _stands_alone(readings):
        scored = [
            replace(
                reading,
                explained=(explained(reading, source) - MISTAKE * _run_together(reading, readings)) / total,
            )
            for reading in readings
        ]
        most = max(reading.explained for reading in scored)
        best = next(reading for reading in scored if reading.explained >= most * CLOSE)
    else:
        best = readings[-1]
    if not best.projects and (people := read_members(source, sure=False)):
        return people
    if best.late is not None:
        best = replace(best, remarks=best.late(), late=None)
    if best.layout == "tables" and not best.projects:
        best = replace(best, remarks=tables.remarks_of(source))
    if best.layout != "blocks":
        best = replace(best, remarks=_merged(best.remarks, source))
    titles = _titles(best)
    for other in scored:
        if other.layout == best.layout or not other.projects or other.explained < best.explained * CLOSE:
            continue
        if len(titles & _titles(other)) < ALIKE * len(titles | _titles(other)):
            return replace(best, rival=other.layout)
    return best


def _is_settled(reading: Reading, source: Source) -> bool:
    """Tell whether the strictest reading leaves nothing for another: many projects, with people, all text read."""
    nobody = sum(not project.people for project in reading.projects)
    if len(reading.projects) < MANY or nobody * RARE > len(reading.projects):
        return False
    unread = sum(remark.end - remark.start for remark in reading.remarks if remark.code == "unread-text")
    return unread * 50 < len(source.document.text)


def _stands_alone(readings: Sequence[Reading]) -> bool:
    """Tell whether only the last reading found projects, and their titles alone are more than the others explain."""
    *others, last = readings
    if not last.projects or any(other.projects for other in others):
        return False
    titles = sum(raw.title_end - raw.title_start for raw in last.projects)
    return all(_frame(other) <= titles * CLOSE for other in others) and last.layout != "prose"


def _frame(reading: Reading) -> int:
    """Count the characters of what a reading takes for headings, phases and figures."""
    characters = sum(end - start for start, end in reading.headings)
    characters += sum(phase.end - phase.start for phase in reading.phases)
    return characters + sum(claim.end - claim.start for claim in reading.claims)


def _is_list(readings: Sequence[Reading], source: Source) -> bool:
    """Tell whether a page is no single project's: some reading finds several, with people, in most of its text."""
    several = (reading for reading in readings if len(reading.projects) >= MANY)
    return any(explained(reading, source) * 2 > len(source.document.text) for reading in several)


def _set_apart(readings: list[Reading]) -> list[Reading]:
    """Where a list on the page holds the projects, a record with a programme's number is the programme."""
    listed = any(len(reading.projects) > 1 for reading in readings if reading.layout in {"tables", "entries"})
    programme = next((named for reading in readings if (named := programme_of(reading.projects))), None)
    if not listed or programme is None:
        return readings
    return [
        replace(
            reading,
            projects=tuple(one for one in reading.projects if not programme_of((one,))),
            programme=reading.programme or programme,
        )
        for reading in readings
    ]


def _run_together(reading: Reading, readings: Sequence[Reading]) -> int:
    """Count the projects that another reading finds, each with people of its own, within one project of a reading."""
    if reading.layout != "blocks" or not 0 < len(reading.projects) < MANY:
        return 0
    most = 0
    for other in readings:
        if other.layout == "prose" or len(other.projects) <= len(reading.projects):
            continue
        within = 0
        for raw in reading.projects:
            starts = [
                one.title_start for one in other.projects if one.people and raw.start <= one.title_start < raw.end
            ]
            within += max(0, len(starts) - 1)
        most = max(most, within)
    return most


def _titles(reading: Reading) -> set[str]:
    return {slug(project.title[read_code(project.title)[1] :]) for project in reading.projects}


def _merged(remarks: Sequence[Remark], source: Source) -> tuple[Remark, ...]:
    """Make one remark of those on lines that follow one another, so that an editor sees one stretch."""
    merged: list[Remark] = []
    for remark in sorted(remarks, key=lambda remark: remark.start):
        last = merged[-1] if merged else None
        same = last is not None and (last.code, last.project) == (remark.code, remark.project)
        if last and same and not source.document.text[last.end : remark.start].strip():
            merged[-1] = replace(last, end=max(last.end, remark.end))
        else:
            merged.append(remark)
    return tuple(merged)


def explained(reading: Reading, source: Source) -> float:
    """Return how many characters a reading makes sense of; a fact counts for more than a line of an abstract."""
    projects = sum(_project(project, source) for project in reading.projects)
    if reading.layout == "prose":
        return WHOLE_PAGE * projects
    return _frame(reading) + projects


def _project(project: RawProject, source: Source) -> float:
    document = source.document
    prose = sum(_prose(line) for block in (*project.abstract, *project.references) for line in block.lines)
    places = [(project.title_start, project.title_end)]
    for person in project.people:
        start = document.text.rfind("\n", 0, person.name.start) + 1
        end = document.text.find("\n", person.name.end)
        places.append((start, len(document.text) if end < 0 else end))
    places += [span for span in (project.list_heading, project.abstract_heading) if span]
    places += [(one.start, one.end) for one in project.institutions]
    places += list(project.read)
    facts = len({person.name.family or person.name.name for person in project.people}) + sum(
        map(bool, (project.starts, project.ends, project.code))
    )
    facts += len(project.institutions) + len({person.name.name for person in project.people if person.role})
    return prose + _covered(places) + FACT * facts - MISTAKE * (_mistakes(project) + _swallowed(project, source))


def _mistakes(project: RawProject) -> int:
    """Count titles and names that are labels: the reading took a record's frame for its content."""
    names = [person.name.printed for person in project.people]
    return sum(
        1
        for text in (project.title, *names)
        if len(text) < 200 and (label := read_label(text)) and _is_frame(label)
    )


def _swallowed(project: RawProject, source: Source) -> int:
    """Count headings of the title's rank that stand in the abstract: the reading ran over into the next project."""
    title = source.view.marks.get(source.document.line_of(project.title_start)) if source.view.marks else None
    if title is None or title.kind != "heading":
        return 0
    marks = (line.mark for block in project.abstract for line in block.lines)
    return sum(1 for mark in marks if mark is not None and mark.kind == "heading" and mark.level <= title.level)


def _is_frame(label: Label) -> bool:
    return label.kind != "title" or label.rest is not None


def _prose(line: Line) -> int:
    """Count a line of an abstract; one that is a label has been misunderstood."""
    label = read_label(line.text) if len(line.text) <= 120 else None
    return 0 if label and (label.rest is not None or label.kind != "title") else line.end - line.start


def _covered(places: list[tuple[int, int]]) -> int:
    """Count the characters that stretches cover together."""
    total, last = 0, -1
    for start, end in sorted(places):
        total += max(0, end - max(start, last))
        last = max(last, end)
    return total

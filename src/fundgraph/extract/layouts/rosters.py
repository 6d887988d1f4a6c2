"""Tables of people or organisations with their roles, of a project that stands elsewhere on the page."""

from __future__ import annotations

import re
from collections.abc import Sequence

from fundgraph.extract.headings import role_of
from fundgraph.extract.institutions import is_institution
from fundgraph.extract.layouts.grid import Cell, Table
from fundgraph.extract.layouts.records import RawInstitution, RawPerson
from fundgraph.extract.layouts.tables import at_place, cell_people, marked_tables, tables_of
from fundgraph.extract.layouts.values import institutions_of
from fundgraph.extract.source import Line, Source, squeeze

_ROLE_PLACE = re.compile(r"(.{2,80}?)\s*[(,–-]\s*([^()]{2,100})\)?\s*$")

Parties = tuple[list[RawPerson], list[RawInstitution], list[tuple[int, int]]]
"""People, organisations, and the stretches of the rows that they stand in."""


def parties(source: Source, lines: Sequence[Line] | None = None) -> Parties:
    """Return whom tables list with their roles for a project that stands elsewhere: in all tables, or in one."""
    people: list[RawPerson] = []
    institutions: list[RawInstitution] = []
    places: list[tuple[int, int]] = []
    for table in tables_of(source) if lines is None else marked_tables(source, lines):
        if table.lists_projects or not (table.columns("person") or table.columns("institution")):
            continue
        if table.header:
            places.append((table.header.start, table.header.end))
        for line, cells in table.rows:
            _party(source.document.text, table, cells, people, institutions)
            places.append((line.start, line.end))
    return people, institutions, places


def _party(
    text: str, table: Table, cells: Sequence[Cell], people: list[RawPerson], institutions: list[RawInstitution]
) -> None:
    """Take a row: people with their role and place, or an organisation with its role."""
    role, place, place_start = _role_of_row(text, table, cells)
    filled = [i for i in table.columns("institution") if i < len(cells) and cells[i].start < cells[i].end]
    if not table.columns("person"):
        for column in filled[:1]:
            institutions += institutions_of(text, cells[column].start, cells[column].end, role)
        return
    for column in table.columns("person"):
        if column >= len(cells):
            continue
        known = table.kinds[column]
        for person in cell_people(text, cells[column], (known[1] if known else None) or role):
            if not person.name.affiliation and filled:
                cell = cells[filled[0]]
                person = at_place(person, squeeze(text[cell.start : cell.end]), cell.start)
            elif not person.name.affiliation and place:
                person = at_place(person, place, place_start)
            people.append(person)


def _role_of_row(text: str, table: Table, cells: Sequence[Cell]) -> tuple[str | None, str | None, int]:
    """Return a row's role as printed, and the place that stands in brackets after it."""
    for column in table.columns("role"):
        if column < len(cells) and cells[column].start < cells[column].end:
            value = squeeze(text[cells[column].start : cells[column].end])
            found = _ROLE_PLACE.fullmatch(value)
            if found and (role_of(found.group(1)) or is_institution(found.group(2))) and not role_of(value):
                at = text.find(found.group(2).split()[0], cells[column].start)
                return found.group(1).strip(), found.group(2).strip(), at
            return value, None, 0
    return None, None, 0

"""Layout E, flattened: a table whose cells stand one below the other, under the names of its columns."""

from __future__ import annotations

from collections.abc import Sequence

from fundgraph.extract.headings import role_of
from fundgraph.extract.institutions import is_institution
from fundgraph.extract.layouts.fields import column_kind
from fundgraph.extract.layouts.grid import Cell, Table
from fundgraph.extract.layouts.notes import is_sentence
from fundgraph.extract.layouts.titles import code_alone
from fundgraph.extract.layouts.values import is_organisation, names_of, period_of
from fundgraph.extract.source import Line, Source
from fundgraph.extract.words import word_set

_LONGEST_NAME = 30
"""Characters of a column's name."""
_WIDEST = 6
_LEAST = 2
"""Columns, and rows, below which lines are no table."""
_PEOPLE = frozenset({"person", "partners", "institution"})


def stacked_tables(source: Source) -> list[tuple[Table, list[int]]]:
    """Return the tables with a cell on each line, each with the numbers of its lines."""
    names = word_set("labels", "column", "title")
    found: list[tuple[Table, list[int]]] = []
    after = 0
    for index, line in enumerate(source.lines):
        if index < after or len(line.text) > _LONGEST_NAME or line.text.casefold() not in names:
            continue
        if one := _table(source, index, after):
            found.append(one)
            after = index + len(one[1])
    return found


def _table(source: Source, index: int, least: int) -> tuple[Table, list[int]] | None:
    """Read the table one of whose columns a line names, or return ``None``."""
    lines, first, last = source.lines, index, index + 1
    while first > least and _names_column(lines[first - 1], lines[first]):
        first -= 1
    while last < len(lines) and _names_column(lines[last], lines[last - 1]):
        last += 1
    kinds = [column_kind(line.text) for line in lines[first:last]]
    kinds = _one_title(kinds, lines[last : last + len(kinds)])
    known = [kind[0] for kind in kinds if kind]
    width = len(kinds)
    if not _LEAST <= width <= _WIDEST or len(set(known)) < width or not _PEOPLE & set(known):
        return None
    table = Table(kinds, lines[first])
    while last + width <= len(lines) and _is_row(lines[last : last + width], known, lines[last - 1]):
        table.rows.append((lines[last], [Cell(line.start, line.end) for line in lines[last : last + width]]))
        last += width
    return (table, [line.number for line in lines[first:last]]) if len(table.rows) >= _LEAST else None


def _one_title(
    kinds: list[tuple[str, str | None] | None], row: Sequence[Line]
) -> list[tuple[str, str | None] | None]:
    """Take a column for codes that is named as titles are, beside another, and holds a code in the first row."""
    if sum(kind is not None and kind[0] == "title" for kind in kinds) < 2 or len(row) < len(kinds):
        return kinds
    return [
        ("code", None) if kind and kind[0] == "title" and code_alone(line.text) else kind
        for kind, line in zip(kinds, row, strict=True)
    ]


def _names_column(line: Line, beside: Line) -> bool:
    near = abs(line.number - beside.number) == 1 and not line.mark and not beside.mark
    return near and len(line.text) <= _LONGEST_NAME and column_kind(line.text) is not None


def _is_row(lines: Sequence[Line], kinds: Sequence[str], above: Line) -> bool:
    """Tell whether lines that follow each other hold what their columns say."""
    if any(line.mark for line in lines) or lines[0].number > above.number + 2:
        return False
    near = all(line.number == lines[0].number + i for i, line in enumerate(lines))
    return near and all(_fits(line.text, kind) for line, kind in zip(lines, kinds, strict=True))


def _fits(text: str, kind: str) -> bool:
    place = is_institution(text) or is_organisation(text)
    if kind == "institution":
        return place
    if kind == "person":
        return not place and bool(names_of(text, 0, len(text)))
    if kind == "partners":
        return place or bool(names_of(text, 0, len(text)))
    if kind == "period":
        return any(period_of(text))
    if kind == "role":
        return role_of(text) is not None
    if kind == "title":
        return 8 <= len(text) <= 300 and not (place and len(text.split()) < 4) and not text.endswith(".")
    return len(text) <= 40 if kind in {"code", "start", "end", "acronym", "country"} else is_sentence(text)

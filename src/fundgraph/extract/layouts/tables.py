"""Layout E: tables, of HTML, of Markdown, or flattened to lines with tabs."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from fundgraph.extract.codes import split_code
from fundgraph.extract.headings import read_heading, role_of
from fundgraph.extract.institutions import is_institution
from fundgraph.extract.layouts.draft import Draft
from fundgraph.extract.layouts.fields import column_kind, read_label
from fundgraph.extract.layouts.grid import Cell, Table
from fundgraph.extract.layouts.records import RawInstitution, RawPerson, Reading, Remark
from fundgraph.extract.layouts.stacked import stacked_tables
from fundgraph.extract.layouts.titles import code_alone, is_noise, is_title
from fundgraph.extract.layouts.values import institutions_of, name_of, people_of, period_of
from fundgraph.extract.names import PrintedName, read_people
from fundgraph.extract.source import Block, Line, Source, squeeze, trim

_LINK = re.compile(
    r"(?<=\w)\s*\((?:project )?(?:website|webpage|web|link|homepage|webseite|details|more|mehr|url)\)$", re.I
)
"""What a title's cell has for a link: "Snow under forests (website)"."""
_AWARD = re.compile(
    r"[\s(\[,;–-]*(?:(?:NSF\s+)?(?:award|grant|project)(?:\s*(?:no\.?|number|id|#|nr\.?))?|GEPRIS|Projektnummer|FKZ)"
    r"\s*[#:]*\s*((?:[A-Z]{2,5}-)?\d{5,9})[)\]]?\s*$|\s*[(\[]#?((?:[A-Z]{2,5}-)?\d{5,9})[)\]]\s*$",
    re.I,
)
_MOST_COLUMNS = 60
_SAMPLE = 6
"""Rows that are looked at to tell a column of titles from one of codes."""
WORDY = 3
"""Words in the mean that a column's cells have if they are titles, where its heading does not say so."""
_KINDS = (
    "title",
    "code",
    "person",
    "institution",
    "partners",
    "abstract",
    "period",
    "start",
    "end",
    "role",
    "acronym",
)
"""The kinds of columns that rows are read by."""


def read(source: Source) -> Reading:
    """Read the rows of a source's tables as projects."""
    text = source.document.text
    stacked = stacked_tables(source)
    if "\t" not in text and not stacked:
        return Reading("tables", 0.0)
    drafts: list[Draft] = []
    read_lines: set[int] = {number for one in stacked for number in one[1]}
    headings: list[tuple[int, int]] = []
    for table in [*(one[0] for one in stacked), *(tables_of(source) if "\t" in text else ())]:
        if not table.lists_projects:
            continue
        kind = "regular"
        if table.header:
            headings.append((table.header.start, table.header.end))
            read_lines.add(table.header.number)
        for line, cells in table.rows:
            read_lines.add(line.number)
            read_lines |= {more.number for cell in cells for more in cell.more}
            if _is_section(text, table, cells):
                headings.append((line.start, line.end))
                heading = read_heading(squeeze(text[line.start : line.end]))
                kind = heading.value if heading and heading.kind == "section" and heading.value else "regular"
                continue
            known = len(drafts)
            _row(text, table, cells, drafts)
            for draft in drafts[known:]:
                draft.kind = kind if kind != "none" else "regular"
    projects = tuple(draft.close() for draft in drafts)
    return Reading("tables", 0.0, projects, remarks=remarks_of(source, read_lines), headings=tuple(headings))


def remarks_of(source: Source, read_lines: Collection[int] = ()) -> tuple[Remark, ...]:
    """Return what lies outside of the tables."""
    return tuple(
        Remark(
            "page-furniture"
            if is_noise(line.text) or (line.mark and line.mark.kind == "title")
            else "unread-text",
            line.start,
            line.end,
        )
        for line in source.lines
        if line.number not in read_lines
    )


def tables_of(source: Source) -> Iterator[Table]:
    """Yield the tables whose columns are known, of marked rows or of lines with tabs."""
    lines = source.lines
    index = 0
    while index < len(lines):
        line = lines[index]
        if line.mark and line.mark.kind == "row":
            last = index
            while (
                last < len(lines)
                and (mark := lines[last].mark)
                and mark.kind == "row"
                and mark.table == line.mark.table
            ):
                last += 1
            yield from marked_tables(source, lines[index:last])
            index = last
        elif line.text.count("\t") and not line.mark:
            table, index = _flattened(source, index)
            if table:
                yield table
        else:
            index += 1


def cells_of(source: Source, line: Line) -> list[Cell]:
    """Cut a line at its tabs, with the empty cells at its beginning."""
    text = source.document.text
    start = text.rfind("\n", 0, line.start) + 1
    end = text.find("\n", line.end)
    end = len(text) if end < 0 else end
    cells: list[Cell] = []
    for piece in text[start:end].split("\t")[:_MOST_COLUMNS]:
        cells.append(Cell(*trim(text, start, start + len(piece))))
        start += len(piece) + 1
    return cells


def _kinds(source: Source, cells: Sequence[Cell], below: Sequence[Line]) -> list[tuple[str, str | None] | None]:
    """Return what the columns hold; of several that may hold titles the first with more than codes on the lines below."""
    text = source.document.text
    kinds = [column_kind(text[cell.start : cell.end]) if cell.start < cell.end else None for cell in cells]
    known = {kind[0] for kind in kinds if kind}
    if "institution" in known or ("title" not in known and len(known) > 1):
        kinds = _by_content(source, cells, kinds, below)
    if sum(kind is not None and kind[0] == "title" for kind in kinds) > 1:
        titles = [i for i, kind in enumerate(kinds) if kind and kind[0] == "title"]
        rows = [[text[cell.start : cell.end] for cell in cells_of(source, line)] for line in below[:_SAMPLE]]
        full = [row for row in rows if len(row) == len(kinds)] or rows
        words = [sum(i < len(row) and len(row[i].split()) > 2 for row in full) for i in titles]
        first = titles[0] if words[0] * 2 >= max(words) else titles[words.index(max(words))]
        kinds = [
            kind if i == first or not kind or kind[0] != "title" else ("code", None)
            for i, kind in enumerate(kinds)
        ]
    return kinds


def _by_content(
    source: Source, cells: Sequence[Cell], kinds: list[tuple[str, str | None] | None], below: Sequence[Line]
) -> list[tuple[str, str | None] | None]:
    """Tell by the rows what two kinds of columns hold: a "Lead" that is a person, and a first column of titles."""
    text = source.document.text
    rows = [[text[cell.start : cell.end] for cell in cells_of(source, line)] for line in below[:_SAMPLE]]
    rows = [row for row in rows if len(row) == len(kinds)]
    if len(rows) < 2:
        return kinds
    kinds = list(kinds)
    for i, kind in enumerate(kinds):
        printed = squeeze(text[cells[i].start : cells[i].end])
        if kind and kind[0] == "institution" and role_of(printed) and all(_is_name(row[i]) for row in rows):
            kinds[i] = ("person", printed)
    people = [i for i, kind in enumerate(kinds) if kind and kind[0] == "person"]
    if people and not any(kind and kind[0] == "title" for kind in kinds):
        for i in range(len(kinds)):
            words = [row[i] for row in rows]
            if (
                kinds[i] is None
                and (i == 0 or sum(len(one.split()) for one in words) >= WORDY * len(words))
                and (i > 0 or people[0] > 0)
                and all(len(one.split()) > 1 and is_title(one) and not _is_name(one) for one in words)
                and cells[i].end > cells[i].start
            ):
                kinds[i] = ("title", None)
                break
    return kinds


def _is_name(text: str) -> bool:
    people = read_people(text, 0, len(text)) if text else None
    return people is not None and not is_institution(text)


def _is_header(kinds: Sequence[tuple[str, str | None] | None]) -> bool:
    known = {kind[0] for kind in kinds if kind}
    return len(known & {"person", "title", "role", "institution", "code", "period", "abstract", "partners"}) >= 2


def marked_tables(source: Source, lines: Sequence[Line]) -> Iterator[Table]:
    """Read a marked table: its first row names the columns."""
    cells = cells_of(source, lines[0])
    kinds = _kinds(source, cells, lines[1:])
    if not _is_header(kinds):
        return
    table = Table(kinds, lines[0])
    above: list[Cell] = []
    for line in lines[1:]:
        row = cells_of(source, line)
        carried = line.mark.carried if line.mark else ()
        row = [above[i] if i in carried and i < len(above) else cell for i, cell in enumerate(row)]
        if carried and len(row) < len(above):
            row += [above[i] for i in range(len(row), len(above)) if i in carried]
        table.rows.append((line, row))
        above = row
    yield table


def _flattened(source: Source, index: int) -> tuple[Table | None, int]:
    """Read lines with tabs under a line that names the columns; prose between them belongs to the open cell."""
    lines, text = source.lines, source.document.text
    kinds = _kinds(source, cells_of(source, lines[index]), lines[index + 1 : index + 1 + _SAMPLE])
    if not _is_header(kinds):
        return None, index + 1
    table = Table(kinds, lines[index])
    width = len(kinds)
    index += 1
    while index < len(lines):
        line = lines[index]
        if line.mark:
            break
        if "\t" not in text[text.rfind("\n", 0, line.start) + 1 : line.end] and "\t" not in line.text:
            if not table.rows or not _goes_on(table, line, width):
                break
            _add_line(table, line)
            index += 1
            continue
        cells = cells_of(source, line)
        if table.rows and _continues(text, table, cells, width):
            table.rows[-1][1].extend(cells[1:])
        else:
            table.rows.append((line, cells))
        index += 1
    return (table if table.rows else None), index


def _goes_on(table: Table, line: Line, width: int) -> bool:
    """Tell whether a line without tabs goes on with the last cell: while a cell is open that may hold prose."""
    cells = table.rows[-1][1]
    column = len(cells) - 1
    kind = table.kinds[column] if column < len(table.kinds) else None
    return len(cells) < width and ((kind is not None and kind[0] == "abstract") or len(line.text) > 100)


def _add_line(table: Table, line: Line) -> None:
    cells = table.rows[-1][1]
    cells[-1] = Cell(cells[-1].start, cells[-1].end, (*cells[-1].more, line))


def _continues(text: str, table: Table, cells: Sequence[Cell], width: int) -> bool:
    """Tell whether a line holds the cells after an open one, and is no new row."""
    have = len(table.rows[-1][1])
    if have + len(cells) - 1 > width + 1 or cells[0].start < cells[0].end:
        return False
    for kind in ("person", "title"):
        for column in table.columns(kind)[:1]:
            if column < len(cells) and cells[column].start < cells[column].end:
                value = text[cells[column].start : cells[column].end]
                if (kind == "person" and read_people(value, 0, len(value))) or (
                    kind == "title" and len(value) > 25
                ):
                    return False
    return bool(table.rows[-1][1][-1].more)


def _is_section(text: str, table: Table, cells: Sequence[Cell]) -> bool:
    """Tell whether a row is a heading between others: one cell of words, where the columns for titles are empty."""
    filled = [i for i, cell in enumerate(cells) if cell.start < cell.end or cell.more]
    if len(filled) != 1 or len(table.kinds) < 2:
        return False
    if filled[0] in table.columns("title") and not (len(cells) == 1 and len(table.kinds) > 2):
        return False
    words = squeeze(text[cells[filled[0]].start : cells[filled[0]].end])
    return (
        "title" in {known[0] for known in table.kinds if known}
        and len(words.split()) >= 2
        and not code_alone(words)
    )


def _row(text: str, table: Table, cells: Sequence[Cell], drafts: list[Draft]) -> None:
    """Read a row as a project, or as more of the project above."""
    values: dict[str, list[Cell]] = {kind: [] for kind in _KINDS}
    for cell, known in zip(cells, table.kinds, strict=False):
        if known and known[0] in values and (cell.start < cell.end or cell.more):
            values[known[0]].append(cell)
    used = [cell for cell in cells if cell.start < cell.end]
    if not used:
        return
    draft = _project(text, values, drafts)
    if draft is None:
        return
    for kind in ("period", "start", "end"):
        for cell in values[kind]:
            first, last = period_of(text[cell.start : cell.end])
            if kind == "end":
                first, last = None, first or last
            draft.dated(first, last if kind != "start" else None)
            draft.took(cell.start, cell.end)
    _people(text, table, cells, values, draft)
    for cell in values["abstract"]:
        _abstract(text, cell, draft)
    for cell in values["acronym"]:
        draft.acronym = squeeze(text[cell.start : cell.end])
    draft.took(used[0].start, max(cell.end for cell in used if cell.end >= used[0].start))


def _project(text: str, values: dict[str, list[Cell]], drafts: list[Draft]) -> Draft | None:
    """Return the row's project: a new one, or the one above if the row only adds to it."""
    titles, codes = values["title"], values["code"]
    code = squeeze(text[codes[0].start : codes[0].end]) if codes else None
    if not titles:
        if not code or (drafts and drafts[-1].code == code):
            return drafts[-1] if drafts else None
        draft = Draft("", codes[0].start, codes[0].start, codes[0].start, codes[0].end, code=code, titled=False)
        drafts.append(draft)
        return draft
    cell = titles[0]
    if drafts and drafts[-1].title_start <= cell.start < drafts[-1].title_end:
        return drafts[-1]
    start, end = cell.start, cell.end
    inner = text.find("\v", start, end)
    if _ends_in_number(text[start:end]) and (award := _AWARD.search(text, start, end)):
        if award.start() > start:
            code, end = award.group(1) or award.group(2), award.start()
    elif inner > 0:
        end = inner
    if text[end - 1] == ")" and (link := _LINK.search(text, start, end)):
        end = link.start()
    title = squeeze(text[start:end])
    own, rest = split_code(title)
    if own and rest:
        code = own if not code or (code.isdigit() and len(code) < 4) else code
        start = text.index(title[rest:].split()[0], start)
        title = title[rest:]
    if code and not any(character.isalnum() for character in code):
        code = None
    if (not is_title(title) and len(title) > 350) or not any(character.isalpha() for character in title):
        return None
    draft = Draft(title, start, end, cell.start, cell.end, code=code)
    drafts.append(draft)
    return draft


def _ends_in_number(cell: str) -> bool:
    """Tell whether a cell ends in five digits and perhaps a bracket, as one with an award's number does."""
    digits = cell[-6:-1] if cell[-1:] in (")", "]") else cell[-5:]
    return len(digits) == 5 and digits.isdecimal()


def _people(text: str, table: Table, cells: Sequence[Cell], values: dict[str, list[Cell]], draft: Draft) -> None:
    """Take the row's people and organisations; a single organisation is where its people work."""
    organisations = [one for cell in values["institution"] for one in _places(text, cell)]
    role = squeeze(text[values["role"][0].start : values["role"][0].end]) if values["role"] else None
    for column in table.columns("person"):
        if column >= len(cells):
            continue
        known = table.kinds[column]
        named = cell_people(text, cells[column], (known[1] if known else None) or role)
        beside = _beside(text, cells[column], values["institution"], named, organisations)
        for i, person in enumerate(named):
            if not person.name.affiliation and (len(organisations) == 1 or beside):
                place = organisations[i if beside else 0]
                person = at_place(person, place.name, place.start)
            draft.people.append(person)
    if values["institution"] and not organisations:
        for cell in values["institution"]:
            draft.people += people_of(text, cell.start, cell.end, None, "table").people
    draft.institutions += organisations
    for column in table.columns("partners"):
        if column < len(cells):
            cell = cells[column]
            people = people_of(text, cell.start, cell.end, "Partner", "table")
            if people.whole and any(person.name.honorific for person in people.people):
                draft.people += people.people
            else:
                draft.institutions += _listed(text, cell, "Partner")
    draft.facts += 1 + len(draft.people)


def _beside(
    text: str,
    cell: Cell,
    places: Sequence[Cell],
    people: Sequence[RawPerson],
    organisations: Sequence[RawInstitution],
) -> bool:
    """Tell whether each line of people has its own line of organisations beside it, in the only cell of these."""
    lines = text.count("\v", cell.start, cell.end) + 1
    return (
        len(places) == 1
        and lines == len(people) == len(organisations) > 1
        and text.count("\v", places[0].start, places[0].end) + 1 == lines
    )


def _places(text: str, cell: Cell) -> list[RawInstitution]:
    """Read a cell that names organisations: one, unless it has lines or semicolons."""
    value = text[cell.start : cell.end]
    if "\v" in value or ";" in value:
        return institutions_of(text, cell.start, cell.end, None)
    return [RawInstitution(squeeze(value), None, cell.start, cell.end)] if cell.start < cell.end else []


def _listed(text: str, cell: Cell, role: str) -> list[RawInstitution]:
    """Read a cell of several organisations, set apart by lines, semicolons or commas."""
    value = text[cell.start : cell.end]
    if "\v" in value or ";" in value:
        return institutions_of(text, cell.start, cell.end, role)
    found: list[RawInstitution] = []
    position = cell.start
    for piece in value.split(","):
        found += institutions_of(text, position, position + len(piece), role)
        position += len(piece) + 1
    return found


def at_place(person: RawPerson, place: str, start: int) -> RawPerson:
    """Say where a person works, and where that stands."""
    name = person.name
    whole = PrintedName(
        name.start, name.end, name.printed, name.name, name.family, name.honorific, name.bracket, place, start
    )
    return RawPerson(whole, person.where, person.role)


def cell_people(text: str, cell: Cell, role: str | None) -> tuple[RawPerson, ...]:
    """Read the people of a cell; one that is not read otherwise is a name as it stands."""
    found = people_of(text, cell.start, cell.end, role, "table")
    if found.people:
        return found.people
    single = name_of(text, cell.start, cell.end)
    return (RawPerson(single, "table", role),) if single else ()


def _abstract(text: str, cell: Cell, draft: Draft) -> None:
    """Take an abstract's cell without the word "Abstract" that it begins with, and the lines that follow it."""
    start = cell.start
    label = read_label(text[start : cell.end].split("\v")[0]) if cell.end > start else None
    if label and label.kind == "abstract":
        start = min(start + (label.rest if label.rest is not None else label.length), cell.end)
        draft.abstract_heading = (cell.start, cell.start + label.length)
    start, end = trim(text, start, cell.end)
    lines = [Line(0, start, end, text[start:end])] if start < end else []
    for line in (*lines, *cell.more):
        draft.abstract.append(Block((line,)))
        draft.end = max(draft.end, line.end)

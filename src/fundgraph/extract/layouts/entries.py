"""Layout D: one line is one project: a title, people, perhaps a role and a place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from fundgraph.extract.codes import split_code
from fundgraph.extract.headings import Heading, read_heading, role_of
from fundgraph.extract.institutions import is_institution
from fundgraph.extract.layouts.draft import Draft
from fundgraph.extract.layouts.fields import read_label
from fundgraph.extract.layouts.notes import is_vacant
from fundgraph.extract.layouts.page import is_furniture
from fundgraph.extract.layouts.records import RawInstitution, RawPerson, RawPhase, RawProject, Reading, Remark
from fundgraph.extract.layouts.tables import at_place
from fundgraph.extract.layouts.titles import code_alone, is_noise
from fundgraph.extract.layouts.values import institutions_of, names_of, own_role, people_of, period_of
from fundgraph.extract.names import PrintedName, looks_like_names, read_people
from fundgraph.extract.source import Line, Source, squeeze, trim

_BULLET = re.compile(r"(?:[-*•–·▪◦»›]|\(?\d{1,3}[.)]|\[\d{1,3}\])\s+")
_QUOTED = re.compile(r"([\"“”„«»‘‚'])(.{6,400}?)[\"“”„«»’‘'](?=[\s,.:;(–—-]|$)")
_TAIL = re.compile(r"\s*\(([^()]*(?:\([^()]*\)[^()]*)*)\)\s*\.?\s*$")
_SEPARATOR = re.compile(r"\s+[–—-]\s+|\s*[|;:/]\s+|\.\s+|,\s+|\s+(?:by|von|led by|geleitet von|with|mit)\s+")
_DATES = re.compile(
    r"[\s,;(\[–-]*(?:\b(?:seit|since|from|von|ab)\s+)?\b(?:19|20)\d\d(?:[-/.]\d\d?)?(?:\s*(?:[–—-]|bis|to|until)\s*(?:(?:19|20)\d\d(?:[-/.]\d\d?)?)?)?[)\]]?\s*\.?\s*$",
    re.I,
)
_DATES_BELOW = re.compile(
    r"[\s,;:]*[(\[](?:since |seit |ab |from |depuis |sinds |dal )?[^()\[\]\n]{0,20}\b(?:19|20)\d\d\b[^()\[\]\n]{0,30}[)\]]",
    re.I,
)
"""A period in brackets behind a quoted title, before the people."""
_ROLE_LABEL = re.compile(r"([^\W\d][^:;,()]{1,60}?)\s?:\s*")
_SPACED_CODE = re.compile(r"([A-Z]{1,3}\d{1,2}[a-z]?|INF|[ZSÖ])\s+(?=\S{2})")
"""A code with only a space after it: it is one where nearly all entries of a list begin so ("P1 Light", "P2 Heat")."""
_LEAD = re.compile(r"([A-Z][A-Za-z]{0,3}-?\d{1,3}(?:\.\d{1,2})?[a-z]?|INF|MGK|[ZSÖ])\s*(?:\|\s*|(?=\())")
"""A code before a bar, or before people in brackets: "A01 | Title | Names", "A01 (Names): Title"."""
_CODED = re.compile(r"\(([^()]{5,300}(?:\([^()]*\)[^()]*)*)\)\s*(?::\s*|[–—-]\s+)(?=\S.{9})")
_BAR = re.compile(r"\s+[|•·]\s+|\s*\|\s*")
_OWN_DATES = re.compile(r"\((?:seit|since|ab|from|bis|until|till|up to|depuis|sinds|tot|dal)\b", re.I)
"""What begins a note on how long a person was there, not the project."""
_MONTHS = re.compile(r"[;,]\s*M\s?\d{1,3}\s*[–-]\s*M?\s?\d{1,3}$")
"""A project's months at the end of a bracket: "(lead: Anna Schmidt; M1–M24)"."""
_YEARS = re.compile(r"[;,]\s*(?:19|20)\d\d(?:\s*[–-]\s*(?:(?:19|20)\d\d)?)?\s*$")
"""A project's years there."""
_CELL = re.compile(r"\s+[–—-]\s+|\s+[|•·]\s+")
_SENTENCE_END = re.compile(r"(?<=[^\W\d_]{3})[.?!]\s+(?=[A-ZÄÖÜ\d])")
_FUNDED = re.compile(r"(?:funded|financed|supported|gefördert|finanziert|financé)\b|\b(?:19|20)\d\d\b", re.I)
FEWEST_CELLS = 3
"""Semicolons in a row that is set apart by them."""
MANY = 4
LEAST = 2
"""A single line is no list."""


@dataclass(slots=True)
class Entry:
    """One line's project."""

    title: tuple[int, int]
    people: tuple[RawPerson, ...]
    read: tuple[int, int]
    starts: str | None = None
    ends: str | None = None
    code: str | None = None
    institutions: tuple[RawInstitution, ...] = ()


def read(source: Source) -> Reading:
    """Read lists of lines that each hold a title and people."""
    reader = _Entries(source)
    projects = reader.read()
    if not projects:
        # Most pages hold no such list: what this reading leaves is only looked at if no other finds anything.
        return Reading(
            "entries", 0.0, phases=tuple(reader.phases), headings=tuple(reader.headings), late=reader.remarks
        )
    remarks = reader.remarks()
    supervised = sum(
        len(one.people) > 1 and one.people[0].role is None and bool(one.people[-1].role) for one in projects
    )
    return Reading(
        "entries",
        0.0,
        projects,
        tuple(reader.phases),
        (),
        remarks,
        headings=tuple(reader.headings),
        supervised=supervised >= LEAST and supervised * 2 > len(projects),
    )


class _Entries:
    """Goes over runs of entries; a run of one is left."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = source.document.text
        self.kind = "regular"
        self.phase: int | None = None
        self.phases: list[RawPhase] = []
        self.left: list[Line] = []
        """Lines that are no entries."""
        self.headings: list[tuple[int, int]] = []
        self.works: tuple[int, str] | None = None
        """The rank of the heading of publications that is open, and the kind of projects before it."""

    def read(self) -> tuple[RawProject, ...]:
        """Return the projects of all runs."""
        projects: list[RawProject] = []
        run: list[tuple[Line, Entry]] = []
        misses: list[Line] = []
        for line in [*self.source.lines, None]:
            entry = self._entry(line) if line else None
            if line and entry:
                run.append((line, entry))
                continue
            heading = read_heading(line.text) if line else None
            ends = line is None or heading is not None or (line.mark is not None and line.mark.kind == "heading")
            if not ends:
                assert line is not None
                misses.append(line)
                continue
            projects += self._close(run, misses)
            run, misses = [], []
            if line and heading and heading.kind in {"phase", "section"}:
                self._heading(line)
            elif line and line.mark and line.mark.kind == "heading":
                self._references(line, heading)
                misses.append(line)
            elif line:
                misses.append(line)
        for line in misses:
            self._remark(line)
        return tuple(projects)

    def _heading(self, line: Line) -> None:
        heading = read_heading(line.text)
        assert heading is not None
        self.works = None
        if heading.kind == "phase":
            self.phase, self.kind = heading.number, "regular"
            self.phases.append(
                RawPhase(heading.value or "", heading.number, heading.start, heading.end, line.start, line.end)
            )
        else:
            self.kind = heading.value or "regular"
            self.headings.append((line.start, line.end))

    def _references(self, line: Line, heading: Heading | None) -> None:
        """Take no work under a marked heading of publications for a project, up to a heading of its rank."""
        level = line.mark.level if line.mark else 0
        if heading and heading.kind == "references" and self.works is None:
            self.works, self.kind = (level, self.kind), "none"
        elif self.works and level <= self.works[0] and not (heading and heading.kind == "references"):
            self.kind, self.works = self.works[1], None

    def _close(self, run: Sequence[tuple[Line, Entry]], misses: Sequence[Line]) -> list[RawProject]:
        """Make projects of a run, unless other lines in it are too many for a list."""
        for line in misses:
            self._remark(line)
        prose = sum(len(line.text) > 300 for line in misses)
        if len(run) < LEAST or self.kind == "none" or prose > len(run) or len(misses) > 3 * len(run) + 6:
            for line, _ in run:
                self._remark(line)
            return []
        made: list[RawProject] = []
        coded = sum(bool(_SPACED_CODE.match(self.text, *entry.title)) for _, entry in run) * 5 >= 4 * max(
            len(run), MANY
        )
        for line, entry in run:
            title = squeeze(self.text[slice(*entry.title)])
            code, rest = split_code(title) if not entry.code else (entry.code, 0)
            if code is None and coded and (spaced := _SPACED_CODE.match(title)):
                code, rest = spaced.group(1), spaced.end()
            start = entry.title[0]
            if rest:
                start = self.text.index(title[rest:].split()[0], start)
            draft = Draft(title[rest:], start, entry.title[1], line.start, line.end, self.kind, self.phase)
            draft.code = entry.code or code
            draft.institutions = list(entry.institutions)
            draft.people = list(entry.people)
            draft.starts, draft.ends = entry.starts, entry.ends
            draft.took(*entry.read)
            made.append(draft.close())
        return made

    def _remark(self, line: Line) -> None:
        self.left.append(line)

    def remarks(self) -> tuple[Remark, ...]:
        """Say of each line that is left whether it is the page's own."""
        return tuple([_remark(line) for line in self.left])

    def _entry(self, line: Line) -> Entry | None:
        """Read a line as an entry."""
        if not 20 <= len(line.text) <= 700 or (
            line.mark and line.mark.kind in {"row", "title", "caption", "heading"}
        ):
            return None
        start, end = line.start, line.end
        bullet = _BULLET.match(line.text)
        listed = bool(bullet) or bool(line.mark and line.mark.kind == "item")
        start += bullet.end() if bullet else 0
        lead = _LEAD.match(self.text, start, end)
        if lead and (entry := self._coded(line, lead, end)):
            return entry
        if line.text.count(";") >= FEWEST_CELLS and (entry := self._row(line, start, end)):
            return entry
        coded, rest = split_code(self.text[start:end])
        listed = listed or coded is not None or bool(_SPACED_CODE.match(self.text, start, end))
        if quoted := _QUOTED.match(self.text, start, end):
            return self._quoted(line, quoted, end)
        if (
            coded
            and (quoted := _QUOTED.match(self.text, start + rest, end))
            and (entry := self._quoted(line, quoted, end))
        ):
            entry.code = coded
            return entry
        if not listed or read_label(self.text[start:end]):
            return None
        period: tuple[str | None, str | None] = (None, None)
        dates = _DATES.search(self.text, start + 10, end)
        if dates and not _OWN_DATES.search(self.text, dates.start(), end):
            period = period_of(dates.group())
            # "Title (PI: Anna Schmidt; 2020–2023)": the bracket is the people's, and its dates are cut there.
            within = dates.group().rstrip(" .").endswith(")") and "(" not in dates.group()
            end = dates.start() if any(period) and not within else end
        entry = (
            self._celled(line, start, end)
            or self._bracketed(line, start, end)
            or self._separated(line, start, end)
            or self._people_first(line, start, end)
        )
        if entry is not None and any(period):
            entry.starts, entry.ends = period
        return entry

    def _coded(self, line: Line, lead: re.Match[str], end: int) -> Entry | None:
        """Read "A01 (Names): Title" and "A01 | Title | Names | 2020–2024"."""
        code, start = lead.group(1), lead.end()
        if found := _CODED.match(self.text, start, end):
            people = self._people(*found.span(1))
            title = trim(self.text, found.end(), len(self.text[:end].rstrip(" .")))
            return Entry(title, tuple(people), (line.start, line.end), code=code) if people else None
        cells: list[tuple[int, int]] = []
        for cut in [*_BAR.finditer(self.text, start, end), None]:
            stop = cut.start() if cut else end
            cells.append(trim(self.text, start, stop))
            start = cut.end() if cut else end
        return self._barred(line, code, cells) if "|" in lead.group() and len(cells) > 1 else None

    def _row(self, line: Line, start: int, end: int) -> Entry | None:
        """Read "HT-22-01; Title; Names; Place; 2022-2024": a code, and cells set apart by semicolons."""
        cells: list[tuple[int, int]] = []
        for piece in self.text[start:end].split(";"):
            cells.append(trim(self.text, start, start + len(piece)))
            start += len(piece) + 1
        code = code_alone(self.text[slice(*cells[0])])
        if code is None or cells[1][1] - cells[1][0] < 8 or len(cells) > 8:
            return None
        entry = self._barred(line, code, cells[1:])
        if entry is None or not entry.people or not (entry.institutions or entry.starts):
            return None
        if len(entry.institutions) == 1:
            place = entry.institutions[0]
            entry.people = tuple(
                one if one.name.affiliation else at_place(one, place.name, place.start) for one in entry.people
            )
        return entry

    def _celled(self, line: Line, start: int, end: int) -> Entry | None:
        """Read "DC1 – Title – Student: Name – Supervisors: Names – Place", where labels stand between the signs."""
        cuts = list(_CELL.finditer(self.text, start, end))
        if len(cuts) < 2 or ":" not in self.text[cuts[0].end() : end]:
            return None
        places = [start, *(place for cut in cuts for place in cut.span()), end]
        cells = [trim(self.text, *pair) for pair in zip(places[::2], places[1::2], strict=True)]
        code = code_alone(self.text[slice(*cells[0])])
        cells = cells[1:] if code else cells
        labels = [_ROLE_LABEL.match(self.text, *cell) for cell in cells[1:]]
        if not any(label and role_of(label.group(1)) for label in labels):
            return None
        return self._barred(line, code, cells)

    def _barred(self, line: Line, code: str | None, cells: Sequence[tuple[int, int]]) -> Entry | None:
        """Read what stands between bars after a code: a title, then people, places and dates in any order."""
        title, *others = cells
        entry = Entry(title, (), (line.start, line.end), code=code)
        for first, last in others:
            if first >= last:
                continue
            value = self.text[first:last]
            label = _ROLE_LABEL.match(self.text, first, last)
            if label and is_vacant(self.text[label.end() : last]):
                continue
            if (label or not entry.people) and (people := self._people(first, last)):
                entry.people += tuple(people)
            elif is_institution(value):
                entry.institutions += tuple(institutions_of(self.text, first, last, None))
            elif not entry.starts:
                entry.starts, entry.ends = period_of(value)
        known = entry.people or entry.institutions or entry.starts
        return entry if known and title[1] - title[0] >= 4 else None

    def _quoted(self, line: Line, quoted: re.Match[str], end: int) -> Entry | None:
        """Read a quoted title, with people after it."""
        start = quoted.end()
        period: tuple[str | None, str | None] = (None, None)
        if dates := _DATES_BELOW.match(self.text, start, end):
            period, start = period_of(dates.group()), dates.end()
        people = self._people(*_inside(self.text, start, end))
        if not people:
            return None
        if not any(period):
            period = period_of(self.text[people[-1].name.end : end])
        return Entry(trim(self.text, *quoted.span(2)), tuple(people), (line.start, line.end), *period)

    def _bracketed(self, line: Line, start: int, end: int) -> Entry | None:
        """Read a title with people in brackets at the end."""
        tail = _TAIL.search(self.text, start, end)
        if not tail or tail.start() <= start:
            return None
        first, last = tail.span(1)
        months = _MONTHS.search(self.text, first, last) or _YEARS.search(self.text, first, last)
        people = self._people(first, months.start() if months else last)
        if not people:
            return None
        if all(person.role for person in people):
            # "Anna Schmidt: “Title” (supervisor: Jan Becker)": the first is the project's own.
            head = self._people_first(line, start, tail.start()) or self._separated(line, start, tail.start())
            if head:
                return Entry(head.title, (*head.people, *people), head.read)
        if names_of(self.text, start, tail.start()):
            return None
        return Entry((start, tail.start()), tuple(people), (line.start, line.end))

    def _separated(self, line: Line, start: int, end: int) -> Entry | None:
        """Read a title, a separator and people: the first separator after which all reads as people."""
        for found in _SEPARATOR.finditer(self.text, start + 8, end):
            first, last = trim(self.text, found.end(), end)
            told = _told(self.text, start, found.start())
            if first >= last or is_institution(self.text[start : told or found.start()]):
                continue
            people = self._people(first, last)
            if not people:
                continue
            titled = any(person.name.honorific or person.role for person in people)
            left = read_people(self.text, start, found.start())
            if left and (left.titled or (looks_like_names(left, self.source.common_words) and not titled)):
                continue
            weak = found.group().strip() in {",", ".", "/", "", ":"}
            if titled or (not weak and all(_plain_name(person.name) for person in people)):
                title = trim(self.text, start, told or found.start())
                period = period_of(self.text[told : found.start()] if told else "")
                return Entry(title, tuple(people), (line.start, line.end), *period)
        return None

    def _people_first(self, line: Line, start: int, end: int) -> Entry | None:
        """Read people, a colon or a dash, and a title."""
        for found in re.finditer(r":\s+|\s+[–—-]\s+|,\s*(?=[\"“„«])", self.text[start:end]):
            people = self._people(start, start + found.start())
            first, last = trim(self.text, start + found.end(), end)
            if not people or last - first < 10:
                return None
            if quoted := _QUOTED.match(self.text, first, last):
                first, last = quoted.span(2)
            titled = any(person.name.honorific for person in people)
            if (not titled and not all(_plain_name(person.name) for person in people)) or is_institution(
                self.text[first:last]
            ):
                return None
            return Entry((first, last), tuple(people), (line.start, line.end))
        return None

    def _people(self, start: int, end: int) -> list[RawPerson]:
        """Read people, perhaps after their role: "PI: Anna Schmidt, Jena; Co-PI: …"."""
        start, end = trim(self.text, start, end)
        while end > start and self.text[end - 1] in ".;,":
            end -= 1
        if start >= end:
            return []
        people: list[RawPerson] = []
        for first, last in self._by_role(start, end):
            label = _ROLE_LABEL.match(self.text, first, last)
            role = squeeze(label.group(1)) if label and role_of(label.group(1)) else None
            begin = label.end() if label and role else first
            if role is None and (bare := self._bare_role(first, last)):
                role, begin = bare
            names = names_of(self.text, begin, last)
            if not names and role:
                names = [person.name for person in people_of(self.text, begin, last, role).people]
            if not names and role and (cut := self.text.rfind(";", begin, last)) > 0:
                # "PIs: Anna Schmidt, Jan Becker; Jena": whose place it is of several is not said.
                names = names_of(self.text, begin, cut) if len(self.text[cut:last].split()) <= 4 else []
            if not names:
                return []
            people += [RawPerson(name, "labelled", role or own_role(name)) for name in names]
        return people

    def _by_role(self, start: int, end: int) -> list[tuple[int, int]]:
        """Cut a stretch before each role's label: "PI: Anna Schmidt (Jena), Co-PI: …"."""
        parts: list[tuple[int, int]] = []
        position = start
        for found in re.finditer(r"[;,.]\s*(?=([^\W\d][^:;,()]{1,60}?)\s?:\s)", self.text[start:end]):
            if role_of(found.group(1)):
                parts.append((position, start + found.start()))
                position = start + found.end()
        parts.append((position, end))
        return parts

    def _bare_role(self, start: int, end: int) -> tuple[str, int] | None:
        """Read a role that stands before names with no colon: "Antragsteller Schmidt, Anna"."""
        words = self.text[start : min(end, start + 80)].split(" ")
        for count in range(min(4, len(words) - 1), 0, -1):
            printed = " ".join(words[:count])
            if printed[-1:] not in ",;" and role_of(printed) and role_of(printed.split(",")[0]):
                return squeeze(printed), start + len(printed) + 1
        return None


def _remark(line: Line) -> Remark:
    own = is_furniture(line.text) or is_noise(line.text) or (line.mark is not None and line.mark.kind == "title")
    return Remark("page-furniture" if own else "unread-text", line.start, line.end)


def _inside(text: str, start: int, end: int) -> tuple[int, int]:
    """Narrow a stretch after a quoted title to the people: in brackets, or after a comma or dash."""
    while start < end and text[start] in " \t,;:.–—-":
        start += 1
    if start < end and text[start] == "(":
        close = text.rfind(")", start, end)
        if close > 0 and not text[close + 1 : end].strip(" ."):
            return start + 1, close
    return start, end


def _told(text: str, start: int, end: int) -> int | None:
    """Return where a title ends after which a sentence tells of funding or dates: "A title. Funded by X, 2020–2024"."""
    found = _SENTENCE_END.search(text, start + 8, end)
    return found.start() if found and _FUNDED.search(text, found.end(), end) else None


def _plain_name(name: PrintedName) -> bool:
    """Tell whether an untitled name has the form of one: two to four words."""
    return 2 <= len(name.name.split()) <= 4

"""One pass over a page's lines: labels, headings, names and prose go to the record they stand in."""

from __future__ import annotations

import re
from dataclasses import replace

from fundgraph.extract.codes import split_code
from fundgraph.extract.headings import read_heading, role_of
from fundgraph.extract.layouts import sentences
from fundgraph.extract.layouts.draft import Draft
from fundgraph.extract.layouts.fields import Label, read_label
from fundgraph.extract.layouts.items import read_claim
from fundgraph.extract.layouts.page import is_caption, is_furniture, is_placeholder, is_reference
from fundgraph.extract.layouts.records import RawClaim, RawPerson, RawPhase, Remark
from fundgraph.extract.layouts.tables import parties
from fundgraph.extract.layouts.titles import Title, Titles, is_noise, is_title
from fundgraph.extract.layouts.values import (
    institution,
    institutions_of,
    is_address,
    is_organisation,
    names_of,
    own_role,
    people_of,
    period_of,
    sure_names,
    with_place,
)
from fundgraph.extract.names import is_institution, looks_like_names, read_people
from fundgraph.extract.source import Block, Line, Source, squeeze

_CODE_VALUE = re.compile(
    r"[A-Z]{2}/[A-Z]?\d{5,7}/\d|[A-Z]{2,5}-\d{2}-[A-Z]\w{1,5}-\d{4}(?:-\d+)?|(?:[A-Z]{1,6}[-/ ]?)?\d[\dA-Z./-]{2,20}|[A-Z]{1,3}\d{1,3}"
)
_AFTER_BAR = re.compile(r"\s*[|·•]\s*[^|·•\n]{0,30}(?:19|20)\d\d[^|·•\n]{0,40}$")
_PERIOD = re.compile(
    r"(?:Duration|Period|Term|Laufzeit|Förderzeitraum|Zeitraum|Förderung|Dates|Funded)\b[^.;\n]{0,80}(?:\.\d[^.;\n]*){0,4}",
    re.I,
)
_MORE = re.compile(
    r"(?:…|\.\.\.|\[…\])(\s*[(\[»›→]*\s*(?:mehr|more|weiterlesen|read more|mehr lesen|continue reading|show more)\b.{0,12})$",
    re.I,
)


class Walker:
    """Reads records; with ``single`` the whole page is one record, begun by the caller."""

    def __init__(self, source: Source, single: Draft | None = None) -> None:
        self.source = source
        self.text = source.document.text
        self.lines = source.lines
        self.titles = Titles(source)
        self.single = single is not None
        self.draft = single
        self.drafts: list[Draft] = []
        self.state = "header" if single else "outside"
        self.role: str | None = None
        self.printed: str | None = None
        """The label of the part that is open."""
        self.bracket: str | None = None
        self.kind = "regular"
        self.phase: int | None = None
        self.phases: list[RawPhase] = []
        self.claims: list[RawClaim] = []
        self.remarks: list[Remark] = []
        self.headings: list[tuple[int, int]] = []
        self.evidence: dict[str, int] = {}

    def walk(self) -> None:
        """Read all lines."""
        index = 0
        while index < len(self.lines):
            index = max(self._step(index), index + 1)
        self._finish()

    def _step(self, index: int) -> int:
        """Read what begins with a line; return the index after it."""
        line = self.lines[index]
        if is_noise(line.text) or (line.mark and line.mark.kind == "title"):
            self._furniture(line)
            return index + 1
        if not line.mark and (claim := read_claim(self.source, index)):
            self.claims.append(claim[0])
            return index + claim[1]
        if self._section(line):
            return index + 1
        row = line.mark is not None and line.mark.kind == "row"
        if row and self.draft and (self.single or line.text.count("\t") != 1 or line.mark and line.mark.header):
            return self._table(index, self.draft)
        label = read_label(line.text) if not row or line.text.count("\t") == 1 else None
        if self._is_pair(index, label):
            return self._name_and_role(index)
        if label and not (
            label.kind == "title" and label.rest is None and not (line.mark and line.mark.kind == "term")
        ):
            return self._label(index, label)
        if not self.single and (title := self._title(index)):
            self._begin(title)
            return title.after
        return self._content(index)

    def _title(self, index: int) -> Title | None:
        draft = self.draft
        fresh = draft is None or draft.facts > 0 or bool(draft.abstract)
        # Above the first record the page's own name may stand; between records a second line is a subtitle.
        fresh = (
            fresh or not (self.drafts or draft and draft.code) or split_code(self.lines[index].text)[0] is not None
        )
        line = self.lines[index]
        if draft and self.state in {"people", "institution"} and not (line.mark and line.mark.kind == "heading"):
            if self._lists(index):
                return None
        return self.titles.at(index, fresh=fresh, calm=self.state != "abstract")

    def _lists(self, index: int) -> bool:
        """Tell whether a line goes on with an open list of people or organisations."""
        line = self.lines[index]
        if is_institution(line.text) or is_organisation(line.text):
            return True
        people = read_people(self.text, line.start, line.end)
        if people and not people.titled and self._heads_record(index):
            return False
        if people:
            return people.titled or looks_like_names(people, self.source.common_words)
        return bool(names_of(self.text, line.start, line.end))

    def _heads_record(self, index: int) -> bool:
        """Tell whether what could be a name is the title of the next record: people below, then a part's heading."""
        if index + 1 >= len(self.lines) or self.lines[index].number <= self.lines[index - 1].number + 1:
            return False
        below = self.lines[index + 1]
        people = read_people(self.text, below.start, below.end)
        if people is None or people.titled:
            return people is not None
        following = next(
            (line for line in self.lines[index + 2 : index + 5] if line.number > self.lines[index].number + 2),
            None,
        )
        label = read_label(following.text) if following else None
        return (
            below.number == self.lines[index].number + 1
            and label is not None
            and label.kind in {"people", "abstract"}
        )

    def _section(self, line: Line) -> bool:
        """Read a phase's or a section's heading."""
        heading = read_heading(line.text)
        if heading is None or heading.kind not in {"phase", "section"} or self.single and heading.value != "none":
            return False
        if heading.kind == "phase":
            self._finish()
            self.kind, self.phase = "regular", heading.number
            place = (line.start, line.end)
            self.phases.append(RawPhase(heading.value or "", heading.number, heading.start, heading.end, *place))
        elif heading.value == "none":
            if self.single:
                self.state = "closed"
            else:
                self._finish()
            self.remarks.append(Remark("page-furniture", line.start, line.end))
        else:
            self._finish()
            self.kind = heading.value or "regular"
            self.headings.append((line.start, line.end))
        return True

    def _begin(self, title: Title) -> None:
        self._finish()
        code, rest = split_code(title.text)
        start = title.start
        if rest and (found := self.text.find(title.text[rest:].split()[0], title.start, title.end)) >= 0:
            start = found
        text = title.text[rest:] if rest else title.text
        begin = title.code_span[0] if title.code_span else title.start
        self.draft = Draft(text, start, title.end, begin, title.end, self.kind, self.phase, title.level)
        self.draft.code = title.code or code
        if title.code_span:
            self.draft.took(*title.code_span)
        elif rest:
            self.draft.took(title.start, title.end)
        self.state, self.role = "header", None

    def _finish(self) -> None:
        if self.draft is not None and (self.draft.facts or self.draft.abstract or self.draft.code or self.single):
            self.drafts.append(self.draft)
        elif self.draft is not None:
            self.remarks.append(Remark("unread-text", self.draft.start, self.draft.end))
        self.draft = None
        self.state = "outside"

    def _count(self, what: str) -> None:
        self.evidence[what] = self.evidence.get(what, 0) + 1

    # Labels.

    def _label(self, index: int, label: Label) -> int:
        """Read a label with its value, here or on the lines after it."""
        line = self.lines[index]
        if label.kind == "title":
            return self._title_label(index, label)
        if self.draft is None:
            if label.kind in {"other", "officer", "references", "abstract", "people"} or label.rest is None:
                self.state = "closed"
                self._remark(line)
                return index + 1
            self.draft = Draft(
                "", line.start, line.start, line.start, line.end, self.kind, self.phase, titled=False
            )
        draft = self.draft
        self.role, self.bracket, self.printed = None, None, label.printed
        if label.kind == "officer":
            self.state = "ignored"
            draft.took(line.start, line.end)
            return index + 1
        draft.took(line.start, line.start + label.length)
        if label.rest is not None:
            self._count("labelled")
            self._value(label, line.start + label.rest, line.end, index)
            return index + 1
        self._open_part(label, line)
        return self._value_below(index, label)

    def _title_label(self, index: int, label: Label) -> int:
        line = self.lines[index]
        start, after = (line.start + label.rest, index + 1) if label.rest is not None else (0, index + 2)
        if label.rest is None:
            if index + 1 >= len(self.lines):
                return index + 1
            start, line = self.lines[index + 1].start, self.lines[index + 1]
        if self.draft and not self.draft.titled:
            code, rest = split_code(squeeze(self.text[start : line.end]))
            self.draft.title, self.draft.title_start, self.draft.title_end = (
                squeeze(self.text[start : line.end])[rest:],
                start,
                line.end,
            )
            self.draft.code, self.draft.titled = self.draft.code or code, True
            self.draft.end = max(self.draft.end, line.end)
        elif self.single and self.draft:
            self.draft.title, self.draft.title_start, self.draft.title_end = (
                squeeze(self.text[start : line.end]),
                start,
                line.end,
            )
        else:
            self._begin(Title(squeeze(self.text[start : line.end]), start, line.end, after))
        if self.draft:
            self.draft.took(self.lines[index].start, self.lines[index].start + label.length)
            self.draft.facts += 1
        self.state = "header"
        return after

    def _open_part(self, label: Label, line: Line) -> None:
        """Begin a part whose lines follow."""
        draft = self.draft
        assert draft is not None
        place = (line.start, line.end)
        self.printed = label.printed
        self.state = {
            "role": "people",
            "people": "people",
            "institution": "institution",
            "abstract": "abstract",
            "references": "references",
        }.get(label.kind, "header")
        if label.kind in {"role", "people"}:
            self.role = label.printed if label.kind == "role" else None
            self.bracket = label.bracket
            draft.facts += 1
            if label.kind == "people":
                draft.list_heading = draft.list_heading or place
        elif label.kind == "institution":
            self.role = label.printed
        elif label.kind == "abstract":
            draft.abstract_heading = draft.abstract_heading or place
            draft.facts += 1

    def _value_below(self, index: int, label: Label) -> int:
        """Read the value of a label that stands on a line of its own, where one line is all."""
        if label.kind not in {"period", "start", "end", "code", "acronym", "other"} or index + 1 >= len(
            self.lines
        ):
            return index + 1
        line, below = self.lines[index], self.lines[index + 1]
        if below.number > line.number + 3 or read_label(below.text) or is_noise(below.text):
            return index + 1
        if below.mark and below.mark.kind == "heading":
            return index + 1
        if label.kind == "other":
            near = below.number == line.number + 1
            if not near and not (below.mark and below.mark.kind == "value") or len(below.text) > 150:
                return index + 1
        self._count("labelled")
        self._value(label, below.start, below.end, index + 1)
        return index + 2

    def _value(self, label: Label, start: int, end: int, index: int) -> None:
        """Take a value by its label's kind."""
        draft = self.draft
        assert draft is not None
        kind, value = label.kind, self.text[start:end]
        if kind in {"period", "other"} and not draft.code and (number := sentences.number(self.text, start, end)):
            draft.code = number.value
            draft.took(number.start, number.end)
        self.state = "header"
        if kind in {"role", "people", "institution"}:
            self._parties(label, start, end)
        elif kind == "period":
            first, last = period_of(value)
            if first or last:
                draft.dated(first, last)
                draft.took(start, end)
        elif kind in {"start", "end"}:
            first, last = period_of(value)
            day = first or last
            draft.dated(day if kind == "start" else None, last if kind == "start" else day)
            draft.took(start, end)
        elif kind == "code":
            found = _CODE_VALUE.search(value.split("Projektnummer")[-1]) if value else None
            draft.code = draft.code or (found.group() if found else squeeze(value)[:40])
            draft.took(start, end)
            draft.facts += 1
        elif kind == "acronym":
            draft.acronym = squeeze(value)[:60]
            draft.took(start, end)
            draft.facts += 1
        elif kind == "abstract":
            line = replace(self.lines[index], start=start, text=self.text[start:end])
            draft.abstract_heading = draft.abstract_heading or (self.lines[index].start, start)
            draft.abstract.append(Block((line,)))
            draft.facts += 1
            self.state = "abstract"
        else:
            draft.took(start, end)
            draft.facts += kind == "other" and len(value) < 200

    def _parties(self, label: Label, start: int, end: int) -> None:
        """Take the people or organisations of a value."""
        draft = self.draft
        assert draft is not None
        role = label.printed if label.kind != "people" else None
        if label.kind == "institution" or is_organisation(self.text[start:end]):
            people = people_of(self.text, start, end, role) if label.kind == "institution" else None
            if not (people and people.whole and any(person.name.honorific for person in people.people)):
                draft.institutions += institutions_of(self.text, start, end, role)
                draft.took(start, end)
                draft.facts += 1
                self.state, self.role = "institution", role
                return
        dates = _AFTER_BAR.search(self.text, start, end)
        if dates and not (draft.starts or draft.ends):
            draft.dated(*period_of(dates.group()))
            end = dates.start()
        people = people_of(self.text, start, end, role)
        self.state, self.role, self.bracket = "people", role, label.bracket
        if people.people:
            self._take(people.people)
            draft.took(start, end)
        elif is_institution(self.text[start:end]):
            draft.institutions += institutions_of(self.text, start, end, role)
            draft.took(start, end)

    def _take(self, people: tuple[RawPerson, ...]) -> None:
        draft = self.draft
        assert draft is not None
        for person in people:
            name = person.name
            if self.bracket and not name.affiliation and is_institution(self.bracket):
                name = replace(name, affiliation=self.bracket)
            if name.start not in {other.name.start for other in draft.people[-40:]}:
                draft.people.append(replace(person, name=name))
            draft.facts += 1
            draft.end = max(draft.end, name.end)

    # Lines without a label.

    def _is_pair(self, index: int, label: Label | None) -> bool:
        """Tell whether a name stands here with its role on the next line, and not a label with names below."""
        if self.draft is None or label or self.role or index + 1 >= len(self.lines) or self.state == "abstract":
            return False
        line, below = self.lines[index], self.lines[index + 1]
        marked = line.mark is not None and line.mark.kind in {"heading", "strong", "term"}
        if below.number > line.number + (2 if marked else 1) or len(below.text) > 100:
            return False
        if not self._role_line(below.text) or len(line.text) > 100:
            return False
        if below.mark and below.mark.kind == "term":
            return False
        if index + 2 < len(self.lines) and not marked:
            value = self.lines[index + 2]
            people = read_people(self.text, value.start, value.end) if value.number <= below.number + 1 else None
            if people and people.titled and not self._role_follows(index + 2):
                return False
        names = names_of(self.text, line.start, line.end)
        return len(names) == 1 and bool(names[0].honorific or self._is_name(line))

    def _role_follows(self, index: int) -> bool:
        return index + 1 < len(self.lines) and bool(self._role_line(self.lines[index + 1].text))

    def _is_name(self, line: Line) -> bool:
        people = read_people(self.text, line.start, line.end)
        return people is None or looks_like_names(people, self.source.common_words)

    def _role_line(self, text: str) -> str | None:
        """Return the role that a line is, perhaps with a place after it."""
        label = read_label(text)
        if label and label.kind == "role" and label.rest is None:
            return label.printed
        first = re.split(r"\s*[,;|(]\s*|\s+[–—-]\s+", text, maxsplit=1)[0]
        return first if role_of(first) and first[:1].isupper() else None

    def _name_and_role(self, index: int) -> int:
        line, below = self.lines[index], self.lines[index + 1]
        name = names_of(self.text, line.start, line.end)[0]
        role = self._role_line(below.text)
        rest = below.text[len(role or "") :].strip(" ,;|()–—-")
        if rest and not name.affiliation and len(rest) < 120:
            name = replace(name, affiliation=rest, affiliation_start=below.start)
        draft = self.draft
        assert draft is not None
        after = index + 2
        while after < len(self.lines) and self.lines[after].number <= self.lines[after - 1].number + 1:
            following = self.lines[after]
            if self.lines[after].mark and following.mark and following.mark.kind == "heading":
                break
            more = with_place(self.text, following.start, following.end, name)
            if not more or self._is_pair(after, read_label(following.text)):
                break
            name = more
            draft.took(following.start, following.end)
            after += 1
        self.bracket = None
        self._take((RawPerson(name, "list", role),))
        draft.took(line.start, below.end)
        self._count("pairs")
        self.state = "people"
        return after

    def _content(self, index: int) -> int:
        """Give a line without a label to whatever part is open."""
        line, draft = self.lines[index], self.draft
        if draft is None or self.state in {"outside", "closed", "ignored"}:
            self._leave(line)
            return index + 1
        if line.mark and line.mark.kind == "row":
            return self._table(index, draft)
        if self.state == "people" and self._names(line):
            return index + 1
        if self.state == "header" and not draft.abstract and self._header_people(line):
            return index + 1
        if self.state == "institution" and self._organisation(index):
            return index + 1
        if line.mark and line.mark.kind == "heading":
            self.state = "closed"
            self._leave(line)
            return index + 1
        block = self._block(index)
        if self.state == "references":
            draft.references.append(block)
            draft.end = block.end
        else:
            self._prose(block, draft)
        return index + len(block.lines)

    def _table(self, index: int, draft: Draft) -> int:
        """Take a table of people or organisations that stands within a record."""
        number = self.lines[index].mark.table if (mark := self.lines[index].mark) else 0
        after = index
        while (
            after < len(self.lines)
            and (mark := self.lines[after].mark)
            and (mark.kind, mark.table) == ("row", number)
        ):
            after += 1
        people, institutions, places = parties(self.source, self.lines[index:after])
        if self.single or not places:
            for line in self.lines[index:after]:
                self._leave(line)
            return after
        self._take(tuple(people))
        draft.institutions += institutions
        for place in places:
            draft.took(*place)
        draft.facts += 1
        return after

    def _header_people(self, line: Line) -> bool:
        """Take a line of people under a title, if one of them has a title or a role."""
        names = sure_names(self.text, *_without_mark(line))
        if not names:
            return False
        self._take(tuple(RawPerson(name, "header", own_role(name)) for name in names))
        assert self.draft is not None
        self.draft.took(line.start, line.end)
        return True

    def _names(self, line: Line) -> bool:
        """Take a line of an open list of people."""
        draft = self.draft
        assert draft is not None
        names = names_of(self.text, *_without_mark(line))
        if names and not is_institution(line.text.split("(")[0].split(",")[0]):
            sure = any(name.honorific or name.affiliation for name in names) or len(line.text) < 80
            titles = read_people(self.text, line.start, line.end)
            if sure and (titles is None or titles.titled or looks_like_names(titles, self.source.common_words)):
                where = "list" if self.role is None and draft.list_heading else "labelled"
                self._take(tuple(RawPerson(name, where, own_role(name) or self.role) for name in names))
                draft.took(line.start, line.end)
                self._count("annotated" if any(name.bracket or name.affiliation for name in names) else "listed")
                return True
        if draft.people and draft.people[-1].name.end > draft.start:
            last = draft.people[-1]
            more = with_place(self.text, line.start, line.end, last.name)
            if more:
                draft.people[-1] = replace(last, name=more)
                draft.took(line.start, line.end)
                return True
        if (is_institution(line.text) or is_organisation(line.text)) and len(line.text) < 160 and self.printed:
            one = institution(self.text, line.start, line.end, self.printed)
            if one:
                draft.institutions.append(one)
                draft.took(line.start, line.end)
                return True
        return False

    def _organisation(self, index: int) -> bool:
        """Take a line of an open list of organisations."""
        line, draft = self.lines[index], self.draft
        assert draft is not None
        if (
            len(line.text) > 200
            or line.text.endswith(".")
            and len(line.text) > 80
            and not line.text.endswith("V.")
        ):
            return False
        before = self.lines[index - 1]
        item = line.mark is not None and line.mark.kind in {"item", "value"} or _without_mark(line)[0] > line.start
        if (
            not item
            and line.number > before.number + 1
            and not is_institution(line.text)
            and not is_organisation(line.text)
        ):
            return False
        people = people_of(self.text, line.start, line.end, self.role)
        if people.people and any(person.name.honorific for person in people.people):
            self._take(people.people)
        elif is_address(line.text) and not is_institution(line.text):
            pass
        else:
            found = institutions_of(self.text, line.start, line.end, self.role)
            if not found:
                return False
            draft.institutions += found
            draft.facts += 1
            self._count("consortium")
        draft.took(line.start, line.end)
        return True

    def _block(self, index: int) -> Block:
        """Return the lines from here to the next blank line, label or heading."""
        lines = [self.lines[index]]
        for line in self.lines[index + 1 :]:
            if line.number > lines[-1].number + 1 or line.mark or len(lines) > 400:
                break
            label = read_label(line.text)
            if (label and (label.sure or label.kind == "role")) or is_noise(line.text):
                break
            lines.append(line)
        return Block(tuple(lines))

    def _prose(self, block: Block, draft: Draft) -> None:
        """Take a block as the abstract, or leave it."""
        text = block.text
        if is_caption(text) and len(block.lines) == 1:
            self.remarks.append(Remark("image-caption", block.start, block.end, len(self.drafts)))
            draft.end = max(draft.end, block.end)
        elif is_reference(text):
            draft.references.append(block)
        elif is_furniture(text):
            self.remarks.append(Remark("page-furniture", block.start, block.end))
        elif (
            (block := _without_more(block))
            and self.state == "abstract"
            or is_prose(block)
            and not (self.single and draft.abstract)
            or (is_placeholder(text) and not draft.abstract)
        ):
            draft.abstract.append(block)
            draft.end = max(draft.end, block.end)
        elif not self._stated(block, draft):
            self.remarks.append(Remark("unread-text", block.start, block.end))

    def _stated(self, block: Block, draft: Draft) -> bool:
        """Take a number or a period that a short line outside of the abstract states."""
        found = False
        if not draft.code and (number := sentences.number(self.text, block.start, block.end)):
            draft.code, found = number.value, True
        if not (draft.starts or draft.ends) and len(block.text) < 200:
            label = _PERIOD.search(self.text, block.start, block.end)
            first, last = period_of(label.group()) if label else (None, None)
            if first or last:
                draft.dated(first, last)
                found = True
        if found:
            draft.took(block.start, block.end)
        return found

    def _leave(self, line: Line) -> None:
        self._furniture(line) if is_furniture(line.text) else self._remark(line)

    def _furniture(self, line: Line) -> None:
        self.remarks.append(Remark("page-furniture", line.start, line.end))

    def _remark(self, line: Line) -> None:
        self.remarks.append(Remark("unread-text", line.start, line.end))


def is_prose(block: Block) -> bool:
    """Tell whether a block is running text."""
    text = block.text
    return len(text) >= 150 or (len(text) >= 40 and text[-1] in ".!?:…" and not is_title(text))


def _without_more(block: Block) -> Block:
    """Leave out the link "more" that a shortened text ends with."""
    last = block.lines[-1]
    found = _MORE.search(last.text)
    if not found or found.start() < 20:
        return block
    return Block(
        (*block.lines[:-1], replace(last, end=last.start + found.start(1), text=last.text[: found.start(1)]))
    )


def _without_mark(line: Line) -> tuple[int, int]:
    found = re.match(r"(?:[-*•–·▪◦]|\d{1,3}[.)])\s+", line.text)
    return line.start + (found.end() if found else 0), line.end

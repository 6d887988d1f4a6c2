"""One pass over a page's lines: labels, headings, names and prose go to the record they stand in."""

from __future__ import annotations

import re
from dataclasses import replace

from fundgraph.extract.codes import has_number, split_code
from fundgraph.extract.headings import read_heading, role_of
from fundgraph.extract.institutions import is_institution
from fundgraph.extract.layouts import sentences
from fundgraph.extract.layouts.beside import is_former, is_programmes
from fundgraph.extract.layouts.draft import Draft
from fundgraph.extract.layouts.fields import Label, read_label
from fundgraph.extract.layouts.items import read_claim
from fundgraph.extract.layouts.members import is_person
from fundgraph.extract.layouts.notes import abbreviations, is_vacant, leads_with_dates, meta_of, only_dates
from fundgraph.extract.layouts.page import is_furniture
from fundgraph.extract.layouts.parts import Parts
from fundgraph.extract.layouts.records import RawPhase, Remark
from fundgraph.extract.layouts.titles import Title, evident, is_noise, is_title
from fundgraph.extract.layouts.values import (
    institutions_of,
    is_organisation,
    names_of,
    people_of,
    period_of,
    placed_person,
)
from fundgraph.extract.names import looks_like_names, read_people
from fundgraph.extract.source import Block, Line, squeeze
from fundgraph.extract.words import word_set

_CODE_VALUE = re.compile(
    r"[A-Z]{2}/[A-Z]?\d{4,7}[\dA-Z]?/\d|[A-Z]{2,5}-\d{2}-[A-Z]\w{1,5}-\d{4}(?:-\d+)?|(?:[A-Z]{1,6}[-/ ]?)?\d[\dA-Z./–-]{2,20}|[A-Z]{1,3}\d{1,3}"
)
_AFTER_BAR = re.compile(r"\s*[|·•]\s*[^|·•\n]{0,30}(?:19|20)\d\d[^|·•\n]{0,40}$")

_TASK = re.compile(r"(?:WP|AP|Work Package|Arbeitspaket|Task)[ \u00a0]?\d{1,2}\b[^:]{0,60}:\s+(?=\S)")
LEAST_RECORDS = 2
"""Records before one below which a contact may be the page's."""


class Walker(Parts):
    """Reads records; with ``single`` the whole page is one record, begun by the caller."""

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
        if self.state == "roster" and is_person(self.text, line):
            self._remark(line)
            return index + 1
        row = line.mark is not None and line.mark.kind == "row"
        if row and self.draft and (self.single or line.text.count("\t") != 1 or (line.mark and line.mark.header)):
            return self._table(index, self.draft)
        label = read_label(line.text) if not row or line.text.count("\t") == 1 else None
        if self.state == "people" and self._task(line):
            return index + 1
        if label is None and (label := self._term(index)):
            return self._label(index, label)
        if self._is_pair(index, label):
            return self._name_and_role(index)
        if label and not (label.kind == "title" and label.rest is None and not self._over_title(index)):
            return self._label(index, label)
        draft = self.draft
        if (
            draft
            and not (draft.starts or draft.ends)
            and self.state != "references"
            and (only_dates(line.text) or leads_with_dates(line.text))
        ):
            draft.dated(*period_of(line.text))
            draft.took(line.start, line.end)
            return index + 1
        if draft and not line.mark and (facts := meta_of(line.text)):
            draft.code = draft.code or facts.code
            if not (draft.starts or draft.ends):
                draft.dated(facts.starts, facts.ends)
            draft.took(line.start, line.end)
            return index + 1
        if not self.single and (title := self._title(index)):
            self._begin(title)
            return title.after
        return self._content(index)

    def _over_title(self, index: int) -> bool:
        """Tell whether a title's label stands above its value: a marked term, or a line with another label two below."""
        line = self.lines[index]
        if line.mark is not None:
            return line.mark.kind == "term"
        below = self.lines[index + 1 : index + 3]
        near = [one.number for one in below] == [line.number + 1, line.number + 2]
        if not near or not is_title(below[0].text) or read_label(below[0].text):
            return False
        label = read_label(below[1].text)
        return label is not None and label.rest is None and evident(label)

    def _title(self, index: int) -> Title | None:
        if title := self.titles.under_kind(index):
            return title
        draft = self.draft
        fresh = draft is None or draft.facts > 0 or bool(draft.abstract)
        # Above the first record the page's own name may stand; between records a second line is a subtitle.
        fresh = (
            fresh
            or not (self.drafts or (draft and draft.code))
            or split_code(self.lines[index].text)[0] is not None
        )
        line = self.lines[index]
        marked = line.mark is not None and line.mark.kind == "heading"
        if draft and draft.level < 9 and not draft.facts and not marked and self._is_place(line):
            return None
        if draft and self.state in {"people", "institution"} and not marked and self._lists(index):
            return None
        return self.titles.at(index, fresh=fresh, calm=self.state != "abstract")

    def _lists(self, index: int) -> bool:
        """Tell whether a line goes on with an open list of people or organisations."""
        line = self.lines[index]
        if is_institution(line.text) or is_organisation(line.text):
            return True
        if self.state == "institution" and placed_person(self.text, line.start, line.end):
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
        if (
            heading is None
            or heading.kind not in {"phase", "section"}
            or (self.single and heading.value != "none")
        ):
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
        self.draft.listed_kind = title.names_below
        if title.acronym:
            self.draft.acronym = self.text[slice(*title.acronym)]
            self.draft.start = min(title.acronym[0], self.draft.start)
            self.draft.took(*title.acronym)
        if title.above:
            self.draft.listed_kind = True
            self.draft.start = title.above[0]
            self.draft.took(*title.above)
        self.state, self.role = "header", None

    def _finish(self) -> None:
        if self.draft is not None and (self.draft.facts or self.draft.abstract or self.draft.code or self.single):
            self.drafts.append(self.draft)
            self.listed = self.listed or self.draft.list_heading is not None
        elif self.draft is not None:
            self.remarks.append(Remark("unread-text", self.draft.start, self.draft.end))
        self.draft = None
        self.state = "outside"

    # Labels.

    def _label(self, index: int, label: Label) -> int:
        """Read a label with its value, here or on the lines after it."""
        line = self.lines[index]
        if label.kind == "title":
            return self._title_label(index, label)
        if self.draft and label.printed == self.opening and line.number > self.lines[index - 1].number + 1:
            self._finish()  # each record begins so, and has its title further down
        if self.draft is None:
            if label.kind in {"other", "officer", "references", "abstract", "people"} or label.rest is None:
                self.state = "roster" if label.kind == "people" and label.rest is None else "closed"
                self._remark(line)
                return index + 1
            self.draft = Draft(
                "", line.start, line.start, line.start, line.end, self.kind, self.phase, titled=False
            )
        draft = self.draft
        if self._is_speakers(line, label, draft) or self._is_pages(index, label, draft):
            self._finish()
            self._remark(line)
            return index + 1
        listing = label.kind == "people" or is_former(label.printed)
        if listing and label.rest is None and not self.single and self._is_programmes(line, draft):
            self._finish()
            self.state = "roster"
            self._remark(line)
            return index + 1
        if label.kind == "people" and label.printed.casefold() in word_set("headings", "staff"):
            beside = role_of(label.printed) and any(one.role for one in draft.people)
            label = replace(label, kind="role") if beside else label  # "Antragsteller: …", "Mitarbeiter: …"
        if label.kind == "role" and label.printed.casefold() in self.corporate:
            label = replace(label, kind="institution")
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

    def _task(self, line: Line) -> bool:
        """Take "WP1 Sensors: Anna Schmidt" in an open list of people in a role, whatever work package they have."""
        task = _TASK.match(line.text) if self.role and role_of(self.role) else None
        people = people_of(self.text, line.start + task.end(), line.end, self.role) if task else None
        if self.draft is None or people is None or not (people.people and people.whole):
            return False
        self._take(people.people)
        self.draft.took(line.start, line.end)
        return True

    def _term(self, index: int) -> Label | None:
        """Read a label that nobody knows as a role, if its value is titled people."""
        line = self.lines[index]
        if line.mark is None or line.mark.kind != "term" or index + 1 >= len(self.lines) or len(line.text) > 60:
            return None
        value = self.lines[index + 1]
        people = (
            read_people(self.text, value.start, value.end) if value.mark and value.mark.kind == "value" else None
        )
        if people is None or not people.titled:
            return None
        return Label("role", squeeze(line.text.strip(" :")), length=len(line.text))

    def _is_speakers(self, line: Line, label: Label, draft: Draft) -> bool:
        """Tell whether a heading of the projects' rank is of those who speak for the programme: "Coordination"."""
        if (
            label.rest is not None
            or self.single
            or not self.drafts
            or line.mark is None
            or line.mark.kind != "heading"
        ):
            return False
        return line.mark.level <= draft.level < 9 and role_of(label.printed) in {"spokesperson", "coordinator"}

    def _is_pages(self, index: int, label: Label, draft: Draft) -> bool:
        """Tell whether a label below the last record is the page's: "Contact", "Speaker", which no record has."""
        if label.kind != "role" or self.single or len(self.drafts) < LEAST_RECORDS or not draft.people:
            return False
        if role_of(label.printed) not in {"contact", "spokesperson", "coordinator"}:
            return False
        line, before = self.lines[index], self.lines[index - 1]
        apart = line.number > before.number + 1 or is_furniture(before.text) or is_noise(before.text)
        if line.mark is not None or not apart:
            return False
        said = {one.role for one in draft.people} | {one.role for other in self.drafts for one in other.people}
        return label.printed not in said

    def _is_programmes(self, line: Line, draft: Draft) -> bool:
        own = draft.list_heading is not None
        others = len(self.drafts)
        return is_programmes(self.source, line, draft.level, others=others, listed=self.listed, own=own)

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
        elif self._is_card(start, line):
            self._retitle(start, line)
        elif self.single and self.draft:
            self.draft.title, self.draft.title_start, self.draft.title_end = (
                squeeze(self.text[start : line.end]),
                start,
                line.end,
            )
        else:
            short = self.draft
            if short and self.lines[index - 1].end != short.title_end:
                short = None
            if short and short.facts == 1 and not short.acronym and " " not in short.title and not short.abstract:
                # "Project name: SOILWATCH", and below it "Full title: …"
                short.acronym, short.title = short.title, squeeze(self.text[start : line.end])
                short.title_start, short.title_end, short.end = start, line.end, line.end
            else:
                self._begin(Title(squeeze(self.text[start : line.end]), start, line.end, after))
        if self.draft:
            self.draft.took(self.lines[index].start, self.lines[index].start + label.length)
            self.draft.facts += 1
        self.state = "header"
        return after

    def _is_card(self, start: int, line: Line) -> bool:
        """Tell whether the open record's heading is the person whose project a label names: a candidate's card."""
        draft = self.draft
        if draft is None or self.single or draft.facts or draft.abstract or not draft.titled or draft.code:
            return False
        people = read_people(self.text, draft.title_start, draft.title_end)
        if people is None or len(people.people) != 1 or not looks_like_names(people, self.source.common_words):
            return False
        return read_people(self.text, start, line.end) is None

    def _retitle(self, start: int, line: Line) -> None:
        """Make the open record's heading its person, and give it the title that its label says."""
        draft = self.draft
        assert draft is not None
        people = people_of(self.text, draft.title_start, draft.title_end, None, "header").people
        draft.took(draft.title_start, draft.title_end)
        draft.title, draft.title_start, draft.title_end = squeeze(self.text[start : line.end]), start, line.end
        draft.people[:0] = people

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
            if (not near and not (below.mark and below.mark.kind == "value")) or len(below.text) > 150:
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
            whole = next((word for word in value.split() if has_number(word)), None)
            found = _CODE_VALUE.search(value.split("Projektnummer")[-1]) if value and not whole else None
            draft.code = draft.code or whole or (found.group() if found else squeeze(value)[:40])
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
        value = self.text[start:end]
        barred = "|" in value or "·" in value or "•" in value
        dates = _AFTER_BAR.search(self.text, start, end) if barred else None
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
        elif known := abbreviations(self.text, start, end, role):
            draft.institutions += known
            draft.took(start, end)
        elif not is_vacant(self.text[start:end]):
            self._lost(start, end)

    def _lost(self, start: int, end: int) -> None:
        """Say of a label's value in which nobody was found that it was not read, nor its label."""
        draft = self.draft
        assert draft is not None
        if draft.read and draft.read[-1][1] <= start and "\n" not in self.text[draft.read[-1][0] : start]:
            start = draft.read.pop()[0]
        self.remarks.append(Remark("unread-name", start, end, len(self.drafts)))

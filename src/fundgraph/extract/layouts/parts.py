"""The parts of an open record: lists of names and organisations, name and role, tables, prose."""

from __future__ import annotations

import re
from dataclasses import replace

from fundgraph.extract.headings import role_of
from fundgraph.extract.institutions import is_institution
from fundgraph.extract.layouts import sentences
from fundgraph.extract.layouts.corporate import corporate_labels
from fundgraph.extract.layouts.draft import Draft
from fundgraph.extract.layouts.fields import Label, has_label_form, read_label
from fundgraph.extract.layouts.notes import is_sentence, is_vacant
from fundgraph.extract.layouts.page import is_caption, is_furniture, is_placeholder, is_reference
from fundgraph.extract.layouts.records import RawClaim, RawPerson, RawPhase, Remark
from fundgraph.extract.layouts.rosters import parties
from fundgraph.extract.layouts.titles import Titles, is_noise, is_title, opening_label
from fundgraph.extract.layouts.values import (
    below_card,
    institution,
    institutions_of,
    is_address,
    is_organisation,
    names_of,
    own_role,
    people_of,
    period_of,
    placed_person,
    sure_names,
    with_place,
)
from fundgraph.extract.names import PrintedName, looks_like_names, read_people
from fundgraph.extract.source import Block, Line, Source, list_mark
from fundgraph.extract.words import first_word, word_set

_PERIOD = re.compile(
    r"(?:Duration|Period|Term|Laufzeit|Förderzeitraum|Zeitraum|Förderung|Dates|Funded)\b[^.;\n]{0,80}(?:\.\d[^.;\n]*){0,4}",
    re.I,
)
_MORE = re.compile(
    r"(?:…|\.\.\.|\[…\])(\s*[(\[»›→]*\s*(?:mehr|more|weiterlesen|read more|mehr lesen|continue reading|show more)\b.{0,12})$",
    re.I,
)


_BARS = re.compile(r"\s[|·•]\s")
_CODE = re.compile(r"[A-Z]{1,4}-?\d{1,3}(?![\w.])")


class Parts:
    """What a walk over a page has open, and how a line without a label goes on with it."""

    def __init__(self, source: Source, single: Draft | None = None) -> None:
        self.source = source
        self.text = source.document.text
        self.lines = source.lines
        self.titles = Titles(source)
        self.single = single is not None
        self.draft = single
        self.drafts: list[Draft] = []
        self.listed = False
        """Whether a record so far has a list of people."""
        self.state = "header" if single else "outside"
        self.opening = None if single else opening_label(self.lines)
        """The label with which each record begins, where that is not its title's."""
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
        self.corporate = frozenset() if single else corporate_labels(self.text, self.lines)
        """Labels of roles behind which only organisations stand on this page."""

    def _count(self, what: str) -> None:
        self.evidence[what] = self.evidence.get(what, 0) + 1

    def _take(self, people: tuple[RawPerson, ...]) -> None:
        draft = self.draft
        assert draft is not None
        for person in people:
            name = person.name
            if self.bracket and not name.affiliation and is_institution(self.bracket):
                name = replace(name, affiliation=self.bracket)
            if name.start not in {other.name.start for other in draft.people[-40:]}:
                draft.people.append(person if name is person.name else replace(person, name=name))
            draft.facts += 1
            draft.end = max(draft.end, name.end)

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
        first, *rest = re.split(r"\s*[,;|(]\s*|\s+[–—-]\s+", text, maxsplit=1)
        label = read_label(text)
        if label and label.kind == "role" and label.rest is None and not (rest and is_institution(rest[0])):
            return label.printed
        return first if role_of(first) and first[:1].isupper() else None

    def _place_on_card(self, index: int, role: Line, name: PrintedName) -> PrintedName | None:
        """Read what has the form of a name under a heading with a name and its role: a place, and no other person."""
        line = self.lines[index] if index < len(self.lines) else role
        if line.mark or not role.number < line.number <= role.number + 2 or is_noise(line.text):
            return None
        people, label = read_people(self.text, line.start, line.end), read_label(line.text)
        if label or people is None or len(people.people) != 1 or self._is_pair(index, label):
            return None
        return below_card(self.text, line.start, line.end, name)

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
        if line.mark and line.mark.kind == "heading" and (at := self._place_on_card(after, below, name)):
            name, after = at, after + 1
            draft.took(self.lines[after - 1].start, self.lines[after - 1].end)
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
        if draft is None or self.state in {"outside", "closed", "ignored", "roster"}:
            self._leave(line)
            return index + 1
        if line.mark and line.mark.kind == "row":
            return self._table(index, draft)
        if self.state in {"people", "institution"} and line.text.casefold() in word_set("people", "countries"):
            draft.took(line.start, line.end)  # of the organisation above
            return index + 1
        if self.state == "people" and self._names(line):
            return index + 1
        if self.state == "header" and not draft.abstract and self._header_people(line):
            return index + 1
        if self.state == "header" and not draft.abstract and self._is_place(line):
            self._header_place(line, draft)
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
        number = mark.table if (mark := self.lines[index].mark) else 0
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
        draft = self.draft
        assert draft is not None
        names = sure_names(self.text, *_without_mark(line))
        if not names and draft.listed_kind and not draft.people and self._is_name(line):
            names = names_of(self.text, *_without_mark(line))
        if not names:
            return False
        self._take(tuple(RawPerson(name, "header", own_role(name)) for name in names))
        draft.took(line.start, line.end)
        return True

    def _is_place(self, line: Line) -> bool:
        """Tell whether a line is an organisation's name and nothing else."""
        text = line.text
        if len(text) > 160 or text.endswith((".", ":", "?", "!")) or (line.mark and line.mark.kind == "heading"):
            return False
        if first_word(text) in word_set("page", "funded"):
            return False
        people = read_people(self.text, line.start, line.end)
        return is_institution(text.split(",")[0]) and is_organisation(text) and not (people and people.titled)

    def _header_place(self, line: Line, draft: Draft) -> None:
        """Take an organisation under a title: of the person above it, else of the project."""
        last = draft.people[-1] if draft.people else None
        if last is not None and last.name.affiliation is None and last.where == "header":
            if more := with_place(self.text, line.start, line.end, last.name):
                draft.people[-1] = replace(last, name=more)
        else:
            # A place of several parts is one, whatever its commas.
            one = institution(self.text, line.start, line.end, None)
            draft.institutions += [one] if one else []
        draft.took(line.start, line.end)

    def _names(self, line: Line) -> bool:
        """Take a line of an open list of people."""
        draft = self.draft
        assert draft is not None
        if is_vacant(line.text):
            draft.took(line.start, line.end)
            return True
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
        if (
            (is_institution(line.text) or is_organisation(line.text))
            and len(line.text) < 160
            and self.printed
            and not is_sentence(line.text)
        ):
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
        if len(line.text) > 200 or (
            line.text.endswith(".") and len(line.text) > 80 and not line.text.endswith("V.")
        ):
            return False
        if has_label_form(line.text) or is_furniture(line.text):
            return False
        before = self.lines[index - 1]
        item = (line.mark is not None and line.mark.kind in {"item", "value"}) or _without_mark(line)[
            0
        ] > line.start
        if (
            not item
            and line.number > before.number + 1
            and not is_institution(line.text)
            and not is_organisation(line.text)
        ):
            return False
        one = placed_person(self.text, *_without_mark(line))
        if one is not None:
            self._take((RawPerson(one, "list", own_role(one)),))
            draft.took(line.start, line.end)
            return True
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
        for line in self.lines[index + 1 : index + 402]:
            if line.number > lines[-1].number + 1 or line.mark or len(lines) > 400:
                break
            label = read_label(line.text)
            if (label and (label.sure or label.kind == "role")) or is_noise(line.text):
                break
            lines.append(line)
        return Block(tuple(lines))

    def _prose(self, block: Block, draft: Draft) -> None:
        """Take a block as the abstract, or leave it."""
        block = _without_more(block)
        text = block.text
        if is_caption(text) and len(block.lines) == 1:
            self.remarks.append(Remark("image-caption", block.start, block.end, len(self.drafts)))
            draft.end = max(draft.end, block.end)
        elif is_reference(text):
            draft.references.append(block)
        elif is_furniture(text):
            self.remarks.append(Remark("page-furniture", block.start, block.end))
        elif self._is_abstract(block, draft):
            draft.abstract.append(block)
            draft.end = max(draft.end, block.end)
        elif not self._stated(block, draft):
            self.remarks.append(Remark("unread-text", block.start, block.end))

    def _is_abstract(self, block: Block, draft: Draft) -> bool:
        if self.state == "abstract":
            # Below a text that is none a line of a label's form is the page's own: "Application deadline: …".
            empty = bool(draft.abstract) and all(is_placeholder(one.text) for one in draft.abstract)
            return not (empty and has_label_form(block.text) and not is_sentence(block.text))
        other = _CODE.match(block.text) if draft.code and _CODE.fullmatch(draft.code) else None
        if other and other.group() != draft.code and len(other.group()) == len(draft.code or ""):
            return False  # "P04 was not extended": it is told of another project
        if self.drafts and has_label_form(block.text) and not any(one.abstract for one in self.drafts):
            return False  # below the last record of a list without texts: "Seminars: every second Thursday"
        if is_placeholder(block.text):
            return not draft.abstract
        told = draft.facts > 0 and not self.single
        return (is_prose(block) or (told and is_sentence(block.text))) and not (self.single and draft.abstract)

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
    if len(_BARS.findall(text)) > 2 and not is_sentence(text):
        return False  # links, or the small facts of a list
    return len(text) >= 150 or (len(text) >= 40 and text[-1] in ".!?:…" and not is_title(text))


def _without_more(block: Block) -> Block:
    """Leave out the link "more" that a shortened text ends with."""
    last = block.lines[-1]
    found = _MORE.search(last.text) if "…" in last.text or "..." in last.text else None
    if not found or found.start() < 20:
        return block
    return Block(
        (*block.lines[:-1], replace(last, end=last.start + found.start(1), text=last.text[: found.start(1)]))
    )


def _without_mark(line: Line) -> tuple[int, int]:
    return line.start + list_mark(line.text), line.end

"""Layout A: title, line of people, heading, prose, heading, one name per line, set apart by blank lines."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from fundgraph.extract.dates import read_period
from fundgraph.extract.headings import Heading, role_of
from fundgraph.extract.layouts.beside import is_former, is_programmes
from fundgraph.extract.layouts.headers import Header, Headers
from fundgraph.extract.layouts.items import Item, items_of
from fundgraph.extract.layouts.page import is_caption, is_furniture, is_placeholder, is_reference
from fundgraph.extract.layouts.records import RawClaim, RawPerson, RawPhase, RawProject, Reading, Remark
from fundgraph.extract.names import PeopleLine, looks_like_names, read_people
from fundgraph.extract.source import Block, Line, Source, list_mark

_LABELLED = re.compile(r"([^\W\d_][^:\n]{1,50}):\s+(?=\S)")
_PERIOD_LABEL = re.compile(
    r"(?:duration|period|term|runtime|funding period|laufzeit|förderung|förderzeitraum|förderung seit|zeitraum)\b",
    re.I,
)


@dataclass
class _Draft:
    """A project while it is being read."""

    header: Header
    kind: str
    phase: int | None
    people: list[RawPerson] = field(default_factory=list)
    list_heading: tuple[int, int] | None = None
    abstract_heading: tuple[int, int] | None = None
    abstract: list[Block] = field(default_factory=list)
    references: list[Block] = field(default_factory=list)
    period: tuple[str | None, str | None] = (None, None)
    end: int = 0

    def close(self) -> RawProject:
        """Freeze it."""
        return RawProject(
            title=self.header.title,
            title_start=self.header.start,
            title_end=self.header.title_end,
            start=self.header.start,
            end=self.end,
            kind=self.kind,
            phase=self.phase,
            people=tuple(self.people),
            has_list=self.list_heading is not None,
            list_heading=self.list_heading,
            abstract_heading=self.abstract_heading,
            abstract=tuple(self.abstract),
            references=tuple(self.references),
            starts=self.period[0],
            ends=self.period[1],
        )


def read(source: Source) -> Reading:
    """Read a source as blank-line blocks."""
    return _Reader(source).read()


class _Reader:
    """Walks over the items once; ``state`` says whose part the next block is."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = source.document.text
        self.items = items_of(source)
        self.headers = Headers(source, self.items)
        self.draft: _Draft | None = None
        self.state = "outside"
        self.role: str | None = None
        self.names_taken = False
        self.listed = False
        """Whether a project so far has a list of people."""
        self.kind = "regular"
        self.phase: int | None = None
        self.projects: list[RawProject] = []
        self.phases: list[RawPhase] = []
        self.claims: list[RawClaim] = []
        self.remarks: list[Remark] = []
        self.headings: list[tuple[int, int]] = []

    def read(self) -> Reading:
        """Read all items."""
        index = 0
        while index < len(self.items):
            item = self.items[index]
            if item.claim:
                self.claims.append(item.claim)
                if self.state == "people" and self.names_taken:
                    self.state = "after"
                index += 1
            elif item.heading:
                self._heading(item, item.heading)
                index += 1
            elif header := self.headers.at(index, self._expects()):
                self._begin(header)
                index = header.next_item
            else:
                index += self._block(index)
        self._finish()
        total = sum(len(line.text) for line in self.source.lines) or 1
        explained = sum(project.end - project.start for project in self.projects) / total
        return Reading(
            "blocks",
            min(explained, 1.0),
            tuple(self.projects),
            tuple(self.phases),
            tuple(self.claims),
            tuple(self.remarks),
            headings=tuple(self.headings),
        )

    def _expects(self) -> frozenset[str]:
        """Return the words that :class:`Headers` needs to tell a header from what may stand here otherwise."""
        expects = {self.state}
        if self.draft is None:
            expects |= {"abstract-due", "people-due"}
        else:
            if self.draft.abstract_heading or self.draft.abstract:
                expects.add("abstract-due")
            if self.draft.list_heading:
                expects.add("people-due")
        if self.state == "people" and not self.names_taken:
            expects.add("names-next")
        return frozenset(expects)

    def _begin(self, header: Header) -> None:
        self._finish()
        self.draft = _Draft(header, self.kind, self.phase, list(header.people), end=header.end)
        self.state = "header"

    def _finish(self) -> None:
        if self.draft is not None:
            self.projects.append(self.draft.close())
            self.listed = self.listed or self.draft.list_heading is not None
        self.draft = None
        self.state = "outside"

    def _heading(self, item: Item, heading: Heading) -> None:
        block = item.block
        place = (block.start, block.end)
        if heading.kind == "phase":
            self._finish()
            self.kind = "regular"
            self.phase = heading.number
            self.phases.append(RawPhase(heading.value or "", heading.number, heading.start, heading.end, *place))
            return
        if heading.kind == "section":
            self._finish()
            if heading.value == "none":
                self.state = "furniture"
                self.remarks.append(Remark("page-furniture", *place))
            else:
                self.kind = heading.value or "regular"
                self.headings.append(place)
            return
        if self.draft is None:
            self.remarks.append(Remark("unread-text", *place))
            if heading.kind == "people":
                self.state = "roster"
            return
        rest = _rest(block, heading)
        former = heading.value is None or is_former(block.text)
        if heading.kind == "people" and former and rest is None and self._is_programmes(block):
            self._finish()
            self.remarks.append(Remark("unread-text", *place))
            self.state = "roster"
            return
        self.draft.end = block.end
        if heading.kind == "abstract":
            self.state = "abstract"
            self.draft.abstract_heading = self.draft.abstract_heading or (
                place if rest is None else _head(block, rest)
            )
        elif heading.kind == "people" and heading.value and rest is not None:
            self._labelled(block)
            self.state = "header" if self.state == "header" else "after"
            return
        elif heading.kind == "people":
            self.state, self.role, self.names_taken = "people", heading.value, False
            self.draft.list_heading = self.draft.list_heading or place
        else:
            self.state = "references"
        if rest is not None:
            self._content(Block((rest,)))

    def _is_programmes(self, block: Block) -> bool:
        own = self.draft is not None and self.draft.list_heading is not None
        others = len(self.projects)
        return len(block.lines) == 1 and is_programmes(
            self.source, block.lines[0], 9, others=others, listed=self.listed, own=own
        )

    def _block(self, index: int) -> int:
        """Give a block to whoever it belongs to; return how many items are done with (0: look again)."""
        block = self.items[index].block
        draft = self.draft
        if draft is None or self.state in {"outside", "furniture"}:
            self._remark(block)
            return 1
        if self.state == "people":
            return self._names(index, block)
        if self.state == "after" and not self._late_abstract(block):
            self._remark(block)
            return 1
        self._content(block)
        return 1

    def _late_abstract(self, block: Block) -> bool:
        """Tell whether prose after the list is the abstract that has not come yet."""
        draft = self.draft
        late = (
            draft is not None
            and not draft.abstract_heading
            and (not draft.abstract or draft.abstract[-1].start > draft.end - 1)
        )
        return bool(
            late and draft and not draft.abstract and len(block.text) >= 200 and not is_furniture(block.text)
        )

    def _content(self, block: Block) -> None:
        """Take a block of the project's own text."""
        draft = self.draft
        assert draft is not None
        if self.state == "people":
            self._take_names(block)
            return
        if self.state == "references":
            draft.references.append(block)
            draft.end = block.end
            return
        if self.state == "header":
            left = self._labelled(block)
            if left is None:
                return
            block = left
            if not draft.abstract and not _is_prose(block) and not is_placeholder(block.text):
                self._remark(block)
                return
        if is_caption(block.text) and len(block.lines) == 1:
            self.remarks.append(Remark("image-caption", block.start, block.end, len(self.projects)))
        elif is_reference(block.text):
            draft.references.append(block)
        elif is_furniture(block.text):
            self._remark(block)
            return
        else:
            draft.abstract.append(block)
        draft.end = block.end

    def _labelled(self, block: Block) -> Block | None:
        """Take the lines "Label: value" of a header's block; return what else is in it."""
        draft = self.draft
        assert draft is not None
        left: list[Line] = []
        for line in block.lines:
            label = _LABELLED.match(line.text)
            people = read_people(self.text, line.start + label.end(), line.end) if label else None
            if label and people and (people.titled or role_of(label.group(1))):
                draft.people += [RawPerson(name, "labelled", label.group(1).strip()) for name in people.people]
                draft.end = line.end
            elif label and _PERIOD_LABEL.match(label.group(1)):
                start, end, _ = read_period(line.text)
                draft.period = (start, end)
                draft.end = line.end
            else:
                left.append(line)
        return Block(tuple(left)) if left else None

    def _names(self, index: int, block: Block) -> int:
        """Take the names that a block begins with; what follows them is looked at again."""
        used = self._take_names(block)
        if used == len(block.lines):
            return 1
        self.state = "after"
        if used == 0:
            return 0
        self.items[index] = Item(Block(block.lines[used:]))
        return 0

    def _take_names(self, block: Block) -> int:
        """Add the people of a block's first lines to the draft; return how many lines that were."""
        draft = self.draft
        assert draft is not None
        for used, line in enumerate(block.lines):
            mark = list_mark(line.text)
            found = read_people(self.text, line.start + mark, line.end) if mark else self.headers.people(line)
            if found is None or (used and self._is_title(found, block.lines[used + 1 : used + 2])):
                return used
            draft.people += [RawPerson(name, "list", self.role) for name in found.people]
            draft.end = line.end
            self.names_taken = True
        return len(block.lines)

    def _is_title(self, found: PeopleLine, following: tuple[Line, ...]) -> bool:
        """Tell whether what reads as a name is a title: words of prose, and titled people on the next line."""
        if found.titled or not following or looks_like_names(found, self.source.common_words):
            return False
        below = read_people(self.text, following[0].start, following[0].end)
        return bool(below and below.titled)

    def _remark(self, block: Block) -> None:
        code = "page-furniture" if self.state == "furniture" or is_furniture(block.text) else "unread-text"
        self.remarks.append(Remark(code, block.start, block.end))


def _rest(block: Block, heading: Heading) -> Line | None:
    """Return what stands on the heading's own line after its colon."""
    if heading.rest is None:
        return None
    line = block.lines[0]
    return replace(line, start=line.start + heading.rest, text=line.text[heading.rest :])


def _head(block: Block, rest: Line) -> tuple[int, int]:
    text = block.lines[0].text[: rest.start - block.start]
    return block.start, block.start + len(text.rstrip())


def _is_prose(block: Block) -> bool:
    text = block.text
    return len(text) >= 150 or (len(text) >= 50 and text[-1] in ".!?:…")

"""Where a project begins: its title, and the line of people under it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from fundgraph.extract.codes import read_code
from fundgraph.extract.layouts.items import Item
from fundgraph.extract.layouts.members import is_person
from fundgraph.extract.layouts.page import is_caption, is_furniture, is_placeholder
from fundgraph.extract.layouts.records import RawPerson
from fundgraph.extract.names import PeopleLine, looks_like_names, read_people
from fundgraph.extract.source import Line, Source, squeeze

LONGEST_TITLE = 400
_ANY_DUE = frozenset({"abstract-due", "people-due"})
_MARKUP = re.compile(r"(?:#{1,6}|\*\*|__|[-*•]|\d{1,3}\.)\s+|\*\*")


@dataclass(slots=True)
class Header:
    """A title with its people; ``next_item`` is the first item after it."""

    title: str
    start: int
    title_end: int
    end: int
    people: tuple[RawPerson, ...]
    next_item: int


class Headers:
    """Finds headers among a page's items."""

    def __init__(self, source: Source, items: list[Item]) -> None:
        self.source = source
        self.text = source.document.text
        self.items = items
        self.known: dict[int, PeopleLine | None] = {}
        """Lines read already; a line is asked about by several rules."""

    def at(self, index: int, expects: frozenset[str]) -> Header | None:
        """Return the header that begins with this item, if one does.

        ``expects`` holds the reader's state and, where the current project has its own, ``abstract-due`` or
        ``people-due``: the next such heading is another project's. ``names-next`` says that a list has just begun,
        ``roster`` that a list of the programme's people is open.
        """
        lines = self.items[index].block.lines
        if "names-next" in expects and self.people(lines[0]):
            return None
        if "furniture" in expects and not (self._anchored(index, _ANY_DUE) or self._over_people(index)):
            return None
        anchored = self._anchored(index, expects)
        if "roster" in expects and not anchored and any(is_person(self.text, line) for line in lines[:2]):
            return None
        cut = self._split(lines, anchored or not expects & {"abstract", "references", "header"})
        if cut and cut < len(lines):
            if self._is_title(lines[:cut]) and not self._all_names(lines, expects, anchored):
                return self._make(lines[:cut], lines[cut:], index + 1)
            return None
        return self._title_alone(index, lines, expects, anchored)

    def _title_alone(
        self, index: int, lines: Sequence[Line], expects: frozenset[str], anchored: bool
    ) -> Header | None:
        """Read a block of only a title: people in the next block, or a heading, or a code in the title."""
        if not self._is_title(lines) or len(lines) > 3:
            return None
        people = self.people(lines[0]) if len(lines) == 1 else None
        following = self.items[index + 1] if index + 1 < len(self.items) else None
        if following is None:
            return None
        if not following.heading and not following.claim and "abstract" not in expects:
            below = self._all_people(following.block.lines)
            if any(found.titled for found in below) and not (people and people.titled):
                rest = following.block.lines
                # Inside a list two names are two names, unless a heading that begins another project comes next.
                named = people and looks_like_names(people, self.source.common_words)
                if "people" in expects and named and not self._anchored(index + 1, expects):
                    return None
                return self._make(lines, rest, index + 2)
        if anchored and not (people and people.titled):
            if "people" in expects and people and looks_like_names(people, self.source.common_words):
                return None
            return self._make(lines, (), index + 1)
        coded = len(lines) == 1 and read_code(lines[0].text)[0] and expects & {"outside", "after", "people"}
        if coded and not following.heading and not following.claim and not people:
            return self._make(lines, (), index + 1)
        return None

    def _anchored(self, index: int, expects: frozenset[str]) -> bool:
        """Tell whether the next item is a heading that the current project has no use for."""
        following = self.items[index + 1] if index + 1 < len(self.items) else None
        if following is None or following.heading is None:
            return False
        return f"{following.heading.kind}-due" in expects

    def _over_people(self, index: int) -> bool:
        """Tell whether the next item is people with titles, and the one after it a heading of a project's part."""
        following = self.items[index + 1] if index + 1 < len(self.items) else None
        if following is None or following.heading or following.claim or not self._anchored(index + 1, _ANY_DUE):
            return False
        return any(found.titled for found in self._all_people(following.block.lines))

    def _split(self, lines: Sequence[Line], weak: bool) -> int | None:
        """Return how many lines are the title, if the lines after them are people."""
        last_lines = lines[-12:]
        skipped = len(lines) - len(last_lines)
        first = len(last_lines)
        read: list[PeopleLine | None] = [None] * first
        while first > 0 and (found := self.people(last_lines[first - 1])):
            first -= 1
            read[first] = found
        if first == len(read):
            return None  # the last line is no people
        # The topmost line with a title is people for sure, and so is what follows it.
        titled = next((i for i in range(first, len(read)) if (found := read[i]) and found.titled), None)
        if titled is not None:
            while titled > first and lines[skipped + titled - 1].text.endswith((",", " and", " und", "&", ";")):
                titled -= 1
            return skipped + titled or None
        last = read[-1]
        if not weak or last is None or not looks_like_names(last, self.source.common_words):
            return None
        start = len(read) - 1
        while start > first and lines[skipped + start - 1].text.endswith((",", " and", " und", "&", ";")):
            start -= 1
        return skipped + start or None

    def _all_people(self, lines: Sequence[Line]) -> list[PeopleLine]:
        """Return what the lines read as, if all are people; else nothing."""
        read: list[PeopleLine] = []
        for line in lines:
            found = self.people(line)
            if found is None:
                return []
            read.append(found)
        return read

    def _all_names(self, lines: Sequence[Line], expects: frozenset[str], anchored: bool) -> bool:
        """Tell whether a block inside a list only continues it."""
        if "people" not in expects or anchored:
            return False
        return all(
            (found := self.people(line)) and (found.titled or looks_like_names(found, self.source.common_words))
            for line in lines
        )

    def people(self, line: Line) -> PeopleLine | None:
        """Read a line as people, once."""
        if line.start not in self.known:
            self.known[line.start] = read_people(self.text, line.start, line.end)
        return self.known[line.start]

    def _is_title(self, lines: Sequence[Line]) -> bool:
        text = " ".join(line.text for line in lines)
        if (
            len(text) > LONGEST_TITLE
            or "\t" in text
            or not (text[0].isalpha() or any(character.isalpha() for character in text))
        ):
            return False
        if is_placeholder(text) or is_furniture(text) or is_caption(text):
            return False
        words = text.split()
        if text[-1] == "," or (text[-1] in ".,;:" and len(words) > 3):
            return False
        return not (text[0].islower() and len(words) > 12)

    def _make(self, title: Sequence[Line], people: Sequence[Line], next_item: int) -> Header:
        start = title[0].start
        if marks := _MARKUP.match(title[0].text):
            start += marks.end() if marks.end() < len(title[0].text) else 0
        text = squeeze(" ".join([self.text[start : title[0].end], *(line.text for line in title[1:])]))
        found = [
            RawPerson(name, "header") for line in people if (read := self.people(line)) for name in read.people
        ]
        end = people[-1].end if people else title[-1].end
        return Header(text.strip("*# ") or text, start, title[-1].end, end, tuple(found), next_item)

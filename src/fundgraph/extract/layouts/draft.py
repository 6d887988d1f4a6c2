"""A project while a layout is reading it."""

from __future__ import annotations

from dataclasses import dataclass, field

from fundgraph.extract.layouts.records import RawInstitution, RawPerson, RawProject
from fundgraph.extract.source import Block


@dataclass
class Draft:
    """What is known of a project so far; ``facts`` counts the labels, names and headings that support it."""

    title: str
    title_start: int
    title_end: int
    start: int
    end: int
    kind: str = "regular"
    phase: int | None = None
    level: int = 9
    code: str | None = None
    acronym: str | None = None
    people: list[RawPerson] = field(default_factory=list)
    institutions: list[RawInstitution] = field(default_factory=list)
    abstract: list[Block] = field(default_factory=list)
    references: list[Block] = field(default_factory=list)
    abstract_heading: tuple[int, int] | None = None
    list_heading: tuple[int, int] | None = None
    starts: str | None = None
    ends: str | None = None
    read: list[tuple[int, int]] = field(default_factory=list)
    facts: int = 0
    titled: bool = True
    listed_kind: bool = False
    """Whether the kind of its grant stands above the title: what stands below is then people, even with no title."""

    def took(self, start: int, end: int) -> None:
        """Note that something was read from a stretch."""
        self.read.append((start, end))
        self.end = max(self.end, end)

    def dated(self, start: str | None, end: str | None) -> None:
        """Take a period, unless one is known."""
        self.starts = self.starts or start
        self.ends = self.ends or end
        self.facts += 1

    def close(self) -> RawProject:
        """Freeze it."""
        places = [span for person in self.people for span in ((person.name.start, person.name.end),)]
        places += [(block.start, block.end) for block in (*self.abstract, *self.references)]
        start = min([self.start, self.title_start, *(first for first, _ in places)])
        end = max([self.end, self.title_end, *(last for _, last in places)])
        return RawProject(
            title=self.title,
            title_start=self.title_start,
            title_end=self.title_end,
            start=start,
            end=end,
            kind=self.kind,
            phase=self.phase,
            people=tuple(self.people),
            has_list=self.list_heading is not None,
            list_heading=self.list_heading,
            abstract_heading=self.abstract_heading,
            abstract=tuple(self.abstract),
            references=tuple(self.references),
            starts=self.starts,
            ends=self.ends,
            code=self.code,
            acronym=self.acronym,
            institutions=tuple(self.institutions),
            read=tuple(self.read),
        )

"""What a layout hands on: stretches of text with what they are, not yet compared or judged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fundgraph.extract.names import PrintedName
from fundgraph.extract.source import Block


@dataclass(slots=True)
class RawPhase:
    """A funding phase's heading."""

    label: str
    number: int | None
    starts: str | None
    ends: str | None
    start: int
    end: int


@dataclass(slots=True)
class RawPerson:
    """A name where it stands: ``where`` is ``header``, ``list`` or ``labelled``; ``role`` as printed."""

    name: PrintedName
    where: str
    role: str | None = None


@dataclass(slots=True)
class RawInstitution:
    """An organisation where it stands, with its role as printed."""

    name: str
    role: str | None
    start: int
    end: int


@dataclass(slots=True)
class RawProgramme:
    """A programme as the text names it."""

    name: str
    number: str | None
    start: int
    end: int


@dataclass(slots=True)
class RawClaim:
    """A figure and its label."""

    value: int
    label: str
    start: int
    end: int
    label_start: int


@dataclass(slots=True)
class Remark:
    """A stretch that is nothing of a project: ``image-caption``, ``page-furniture`` or ``unread-text``."""

    code: str
    start: int
    end: int
    project: int | None = None
    """Which of the reading's projects it stands in."""


@dataclass(slots=True)
class RawProject:
    """A project as a layout found it."""

    title: str
    title_start: int
    title_end: int
    start: int
    end: int
    kind: str = "regular"
    phase: int | None = None
    people: tuple[RawPerson, ...] = ()
    has_list: bool = False
    list_heading: tuple[int, int] | None = None
    abstract_heading: tuple[int, int] | None = None
    abstract: tuple[Block, ...] = ()
    references: tuple[Block, ...] = ()
    starts: str | None = None
    ends: str | None = None
    code: str | None = None
    acronym: str | None = None
    institutions: tuple[RawInstitution, ...] = ()
    read: tuple[tuple[int, int], ...] = ()
    """Stretches besides title, people and abstract that something was read from: labels and their values."""


@dataclass(slots=True)
class Reading:
    """A whole document as one layout reads it; ``explained`` is the share of its characters that projects take."""

    layout: str
    explained: float
    projects: tuple[RawProject, ...] = ()
    phases: tuple[RawPhase, ...] = ()
    claims: tuple[RawClaim, ...] = ()
    remarks: tuple[Remark, ...] = ()
    programme: RawProgramme | None = None
    headings: tuple[tuple[int, int], ...] = ()
    """Headings of sections, which say where projects stand."""
    members: tuple[RawPerson, ...] = ()
    """People of a page that lists no projects."""
    rival: str | None = None
    """Another layout that fits almost as well and reads other projects."""
    supervised: bool = False
    """Whether the lines of a list say each whose project it is and who supervises it."""
    late: Callable[[], tuple[Remark, ...]] | None = None
    """Makes the remarks of a reading that is hardly ever chosen."""

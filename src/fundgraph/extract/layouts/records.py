"""What a layout hands on: stretches of text with what they are, not yet compared or judged."""

from __future__ import annotations

from dataclasses import dataclass

from fundgraph.extract.names import PrintedName
from fundgraph.extract.source import Block


@dataclass(frozen=True, slots=True)
class RawPhase:
    """A funding phase's heading."""

    label: str
    number: int | None
    starts: str | None
    ends: str | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class RawPerson:
    """A name where it stands: ``where`` is ``header``, ``list`` or ``labelled``; ``role`` as printed."""

    name: PrintedName
    where: str
    role: str | None = None


@dataclass(frozen=True, slots=True)
class RawClaim:
    """A figure and its label."""

    value: int
    label: str
    start: int
    end: int
    label_start: int


@dataclass(frozen=True, slots=True)
class Remark:
    """A stretch that is nothing of a project: ``image-caption``, ``page-furniture`` or ``unread-text``."""

    code: str
    start: int
    end: int
    project: int | None = None
    """Which of the reading's projects it stands in."""


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class Reading:
    """A whole document as one layout reads it; ``explained`` is the share of its characters that projects take."""

    layout: str
    explained: float
    projects: tuple[RawProject, ...] = ()
    phases: tuple[RawPhase, ...] = ()
    claims: tuple[RawClaim, ...] = ()
    remarks: tuple[Remark, ...] = ()

"""What is read of one record, before documents give it an id and people theirs."""

from __future__ import annotations

from dataclasses import dataclass, field

from fundgraph.documents.tree import Slip, Value


@dataclass(slots=True)
class RawIdentifier:
    """A value in a scheme; ``problem`` says what breaks it."""

    scheme: str
    value: str
    start: int
    end: int
    problem: str | None = None


@dataclass(slots=True)
class RawMember:
    """A person named in a record."""

    name: str
    printed: str
    start: int
    end: int
    where: str
    family: str | None = None
    honorific: str | None = None
    role: str | None = None
    """The word of the small role set; ``None`` where nothing says it."""
    role_as_printed: str | None = None
    role_span: tuple[int, int] | None = None
    note: str | None = None
    affiliation: str | None = None
    identifiers: list[RawIdentifier] = field(default_factory=list)
    slug: str | None = None
    """The name of the file that describes the person, where only that stands there."""


@dataclass(slots=True)
class RawOrganisation:
    """An organisation named in a record."""

    name: str
    start: int
    end: int
    role: str | None = None
    country: str | None = None
    identifiers: list[RawIdentifier] = field(default_factory=list)


@dataclass(slots=True)
class RawWork:
    """A publication named in a record."""

    title: str
    start: int
    end: int
    authors: tuple[str, ...] = ()
    year: int | None = None
    identifiers: list[RawIdentifier] = field(default_factory=list)


@dataclass(slots=True)
class RawRecord:
    """One project, or what one record adds to it (``part``)."""

    source: str
    part: bool
    start: int
    end: int
    title: Value | None = None
    code: Value | None = None
    acronym: Value | None = None
    abstract: Value | None = None
    starts: str | None = None
    ends: str | None = None
    programme: Value | None = None
    phase: Value | None = None
    kind: str = "regular"
    people: list[RawMember] = field(default_factory=list)
    organisations: list[RawOrganisation] = field(default_factory=list)
    identifiers: list[RawIdentifier] = field(default_factory=list)
    works: list[RawWork] = field(default_factory=list)
    slips: list[Slip] = field(default_factory=list)
    more: list[tuple[int, int]] = field(default_factory=list)
    """Where the other records stand that were joined to this one."""

    @property
    def says_something(self) -> bool:
        """Whether the record has a title or a number to know its project by."""
        return self.title is not None or self.code is not None or self.acronym is not None

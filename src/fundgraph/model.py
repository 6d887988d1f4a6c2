"""The plain records that stand between text and RDF: frozen, typed, each with the span it was read from.

Nothing here knows about RDF. Line and column are 1-based; ``start`` and ``end`` are 0-based
code-point offsets into :attr:`Document.text`, end exclusive. What a source does not state is ``None``.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, NamedTuple

from fundgraph.frozen import quick

AbstractStatus = Literal["present", "empty", "placeholder", "absent"]
Severity = Literal["error", "warning", "info"]


class Span(NamedTuple):
    """A stretch of one document's text."""

    start: int
    end: int
    line: int
    column: int
    line_end: int


_span = tuple.__new__
"""Makes a span of five numbers without a call in Python: there are many of them."""


@dataclass(frozen=True)
class Document:
    """A source as it was read: decoded text, and where it came from.

    ``id`` is a short name, unique within a programme, that becomes part of IRIs.
    ``format`` is what the content is (``text``, ``html``, ``markdown``, …), whatever the file is called.
    """

    id: str
    path: str
    sha256: str
    format: str
    language: str | None
    text: str
    title: str | None = None
    source: str | None = None
    retrieved: str | None = None
    rights: str | None = None
    phase: int | None = None
    recoded: tuple[int, ...] = ()
    """Lines of a file in UTF-8 that were in Windows-1252."""
    licence: str | None = None
    """The IRI of the licence that the document is under, where that is stated."""

    @cached_property
    def line_starts(self) -> tuple[int, ...]:
        """Offsets at which the lines begin; lines end at ``\\n`` only."""
        starts = [0]
        position = self.text.find("\n")
        while position != -1:
            starts.append(position + 1)
            position = self.text.find("\n", position + 1)
        return tuple(starts)

    def line_of(self, offset: int) -> int:
        """Return the 1-based line that holds the code point at ``offset``."""
        return bisect_right(self.line_starts, offset)

    def span(self, start: int, end: int) -> Span:
        """Return the span of the code points ``start`` (included) to ``end`` (excluded)."""
        if not 0 <= start <= end <= len(self.text):
            raise ValueError(f"span {start}:{end} is outside of a text of {len(self.text)} characters")
        starts = self.line_starts
        line = last = bisect_right(starts, start)
        if last < len(starts) and starts[last] < end:
            last = bisect_right(starts, end - 1)
        return _span(Span, (start, end, line, start - starts[line - 1] + 1, last))

    def quote(self, span: Span) -> str:
        """Return the text that a span covers."""
        return self.text[span.start : span.end]


@quick
@dataclass(frozen=True, slots=True)
class Identifier:
    """A value that names a thing in somebody's scheme, such as ``("arxiv", "2010.14860")``."""

    scheme: str
    value: str
    span: Span | None = None


@quick
@dataclass(frozen=True, slots=True)
class Mention:
    """One place where a person's name stands, exactly as printed there."""

    name: str
    honorific: str | None
    span: Span
    where: str
    """The reader's word for the place: ``header``, ``list``, ``labelled``, ``table``, …"""


@quick
@dataclass(frozen=True, slots=True)
class Participant:
    """A person in a project: header and list merged; the earliest mention comes first."""

    person_id: str
    name: str
    honorific: str | None
    role: str
    """A word of the small role set: ``principal-investigator``, ``participant``, …"""
    role_as_printed: str | None
    is_pi: bool
    pi_reason: str | None
    """Why the person counts as a principal investigator, by the name of the rule."""
    note: str | None
    affiliation: str | None
    mentions: tuple[Mention, ...]
    identifiers: tuple[Identifier, ...] = ()

    @property
    def span(self) -> Span:
        """The earliest mention's span."""
        return self.mentions[0].span


@quick
@dataclass(frozen=True, slots=True)
class Abstract:
    """A project's abstract; ``text`` only where ``status`` is ``present``."""

    status: AbstractStatus
    text: str | None
    span: Span | None
    """Of the text, of the placeholder, or of the heading under which nothing stands."""


@quick
@dataclass(frozen=True, slots=True)
class Institution:
    """An organisation named in a project; ``country`` as stated, ``role`` as printed."""

    name: str
    role: str | None
    span: Span
    country: str | None = None
    identifiers: tuple[Identifier, ...] = ()


@quick
@dataclass(frozen=True, slots=True)
class TopicMatch:
    """A topic found in a project, with every passage that says so."""

    topic_id: str
    label: str
    score: float
    evidence: tuple[Span, ...]


@quick
@dataclass(frozen=True, slots=True)
class Publication:
    """A work that a project's text cites."""

    id: str
    title: str
    authors: tuple[str, ...]
    year: int | None
    identifiers: tuple[Identifier, ...]
    span: Span


@quick
@dataclass(frozen=True, slots=True)
class Disagreement:
    """What a document says of a project otherwise than an earlier one: ``field`` is ``title``, ``start``, …"""

    field: str
    value: str
    span: Span


@quick
@dataclass(frozen=True, slots=True)
class Project:
    """One project as one document states it."""

    id: str
    title: str
    title_span: Span
    span: Span
    kind: str = "regular"
    code: str | None = None
    acronym: str | None = None
    start: str | None = None
    end: str | None = None
    abstract: Abstract = Abstract("absent", None, None)
    people: tuple[Participant, ...] = ()
    institutions: tuple[Institution, ...] = ()
    topics: tuple[TopicMatch, ...] = ()
    publications: tuple[Publication, ...] = ()
    identifiers: tuple[Identifier, ...] = ()
    phase: int | None = None
    """The number of the phase under whose heading the project stands."""
    disagreements: tuple[Disagreement, ...] = ()
    retold: frozenset[str] = frozenset()
    """Fields that hold another document's word for it, since that one stands."""
    title_stated: bool = True
    """Whether ``title`` is the project's; else the document names only its acronym or number, which stands there."""


@quick
@dataclass(frozen=True, slots=True)
class Person:
    """One person across the projects of one document (or of several, once identities are resolved)."""

    id: str
    name: str
    honorific: str | None
    family_name: str | None
    names_as_printed: tuple[str, ...]
    misspellings: tuple[str, ...]
    projects: tuple[str, ...]
    identifiers: tuple[Identifier, ...] = ()


@quick
@dataclass(frozen=True, slots=True)
class Phase:
    """A funding phase as a document names it."""

    label: str
    number: int | None
    start: str | None
    end: str | None
    span: Span | None


@dataclass(frozen=True, slots=True)
class ProgrammeMention:
    """A programme as a document names it."""

    name: str
    number: str | None
    span: Span | None


@quick
@dataclass(frozen=True, slots=True)
class Claim:
    """A figure that the source states about itself, and what we counted; ``agrees`` is ``None`` if uncountable."""

    label: str
    value: int
    span: Span
    counted: int | None
    agrees: bool | None
    how: str


@quick
@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is off in the source. ``code`` is a stable word; ``about`` the id of a project or person."""

    code: str
    severity: Severity
    span: Span
    quote: str
    message: str
    about: str | None = None


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many of a document's lines that are not blank were read, are furniture, or are neither."""

    read: int
    furniture: int
    unread: int
    lines: tuple[int, ...]
    """The numbers of the lines that nothing was read from."""

    @property
    def share(self) -> float:
        """The share of lines accounted for; 1 where there is no line."""
        total = self.read + self.furniture + self.unread
        return (self.read + self.furniture) / total if total else 1.0


@dataclass(frozen=True, slots=True)
class Extraction:
    """All that was read out of one document."""

    document: Document
    programme: ProgrammeMention | None
    phase: Phase | None
    projects: tuple[Project, ...]
    people: tuple[Person, ...]
    claims: tuple[Claim, ...]
    findings: tuple[Finding, ...]
    phases: tuple[Phase, ...] = ()
    """Every phase that has a heading; ``phase`` is the first."""
    coverage: Coverage | None = None
    members: tuple[Participant, ...] = ()
    """People whom the document lists outside of any project, each with the role and the place printed there."""


@dataclass(frozen=True, slots=True)
class TopicLabels:
    """A topic of a scheme with all the labels by which a text may name it.

    ``german`` are those labels that decline as German does. ``ambiguous`` are words that name the topic only near
    a label of the topic itself or of those in ``narrower`` and ``around``; ``misleading`` phrases hold a label and
    mean another thing.
    """

    id: str
    label: str
    labels: tuple[str, ...]
    german: tuple[str, ...] = ()
    ambiguous: tuple[str, ...] = ()
    misleading: tuple[str, ...] = ()
    narrower: tuple[str, ...] = ()
    around: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadingOptions:
    """What a programme says about how its documents are to be read.

    ``pi_rule`` is one of ``auto``, ``professors-and-leading-doctors``, ``explicit-roles``, ``all-titled``,
    ``first-named``. ``auto`` takes explicit roles where a document has them, else the first.
    """

    programme: str | None = None
    phase: int | None = None
    pi_rule: str = "auto"
    topics: tuple[TopicLabels, ...] = ()
    identities: Mapping[str, str] = field(default_factory=dict)

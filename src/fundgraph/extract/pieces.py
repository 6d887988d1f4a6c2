"""Large pages: each piece read as a page, and all that was read put together as of one document."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from fundgraph.documents.pieces import Piece, pieces_of
from fundgraph.extract.back import to_source
from fundgraph.extract.identity import resolve_people
from fundgraph.extract.slugs import unique
from fundgraph.model import Claim, Coverage, Document, Extraction, Finding, Participant, Person, Phase, Span

_WHOLE = frozenset({"no-project", "claim-differs", "claim-unverifiable", "layout-ambiguous"})
"""Findings that are about all of a page, which one piece of it cannot tell."""
MOST_FINDINGS = 10_000
"""Findings of one kind that are kept of a page: a page so large has the same slip over and over."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Leads the spans of a piece back to the whole document."""

    piece: Piece
    source: Document

    @property
    def document(self) -> Document:
        """The piece's text."""
        return self.piece.document

    def back(self, start: int, end: int) -> tuple[int, int]:
        """Return where in the whole document a stretch of the piece stands."""
        return self.piece.back(start, end)


def read_in_pieces(
    document: Document, read: Callable[[Document], Extraction], progress: Callable[[int], object] = lambda _: None
) -> Extraction:
    """Read a large page piece by piece, each by ``read``; memory is that of the text, one piece, and what was read.

    What compares projects with each other (repeated text, glued words) compares those of one piece; the page's figures
    are not counted. Raises :class:`DocumentError` where nothing allows for a cut.
    """
    found: list[Extraction] = []
    unread: set[int] = set()
    furniture = 0
    taken: dict[str, int] = {}
    for piece in pieces_of(document):
        one = read(piece.document)
        coverage = one.coverage
        if coverage is not None:
            above = piece.document.line_of(piece.lead) - 1 if piece.lead else 0
            shift = document.line_of(piece.start) - 1 - above
            unread.update(line + shift for line in coverage.lines if line > above)
            furniture += coverage.furniture
        found.append(_renamed(to_source(replace(one, coverage=None), _Place(piece, document)), taken))
        progress(piece.start + len(piece.document.text) - piece.lead)
    resolved = resolve_people(found)
    total = sum(1 for line in document.text.split("\n") if line and not line.isspace())
    left = tuple(sorted(unread))
    furniture = min(furniture, total - len(left))
    return replace(
        _together(document, resolved), coverage=Coverage(total - len(left) - furniture, furniture, len(left), left)
    )


def _renamed(extraction: Extraction, taken: dict[str, int]) -> Extraction:
    """Give a piece's projects ids that those of earlier pieces do not have."""
    change: dict[str, str] = {}
    for project in extraction.projects:
        phase = f"phase-{project.phase}" if project.phase is not None else None
        new = unique(project.id, taken, project.code, phase)
        if new != project.id:
            change[project.id] = new
    if not change:
        return extraction
    return replace(
        extraction,
        projects=tuple(replace(one, id=change.get(one.id, one.id)) for one in extraction.projects),
        people=tuple(
            replace(one, projects=tuple(change.get(name, name) for name in one.projects))
            for one in extraction.people
        ),
        findings=tuple(replace(one, about=change.get(one.about or "", one.about)) for one in extraction.findings),
    )


def _together(document: Document, parts: Sequence[Extraction]) -> Extraction:
    """Make one extraction of those of the pieces; what stands above several of them is taken once."""
    phases: dict[Span | None, Phase] = {}
    people: dict[str, Person] = {}
    members: dict[str, Participant] = {}
    claims: dict[Span, Claim] = {}
    for part in parts:
        for phase in part.phases:
            phases.setdefault(phase.span, phase)
        for person in part.people:
            people[person.id] = _joined(people[person.id], person) if person.id in people else person
        for member in part.members:
            members.setdefault(member.person_id, member)
        for claim in part.claims:
            how = "not counted: the page was read in pieces"
            claims.setdefault(claim.span, replace(claim, counted=None, agrees=None, how=how))
    projects = tuple(project for part in parts for project in part.projects)
    programme = next((part.programme for part in parts if part.programme is not None), None)
    first = next((part.phase for part in parts if part.phase is not None), None)
    return Extraction(
        document=document,
        programme=programme,
        phase=first,
        projects=projects,
        people=tuple(people.values()),
        claims=tuple(claims.values()),
        findings=tuple(_findings(document, parts, projects=bool(projects))),
        phases=tuple(phases.values()),
        members=tuple(members.values()),
    )


def _findings(document: Document, parts: Sequence[Extraction], *, projects: bool) -> Iterator[Finding]:
    """Yield what the pieces report, each place once, and that they are pieces."""
    start = document.text.find("<", 0, 1000)
    span = document.span(max(start, 0), min(max(start, 0) + 40, len(document.text)))
    message = (
        f"The page has {len(document.text)} characters and was read in {len(parts)} pieces: texts that repeat each other are "
        "looked for in each, and the page's own figures were not counted."
    )
    yield Finding("read-in-pieces", "info", span, document.quote(span), message)
    if not projects:
        missing = [one for part in parts for one in part.findings if one.code == "no-project"]
        yield from sorted(missing, key=lambda one: one.severity == "error")[:1]
    seen: set[tuple[str, Span]] = set()
    counts: dict[str, int] = {}
    for one in sorted((f for part in parts for f in part.findings), key=lambda one: (one.span, one.code)):
        counts[one.code] = counts.get(one.code, 0) + 1
        if one.code in _WHOLE or (one.code, one.span) in seen or counts[one.code] > MOST_FINDINGS:
            continue
        seen.add((one.code, one.span))
        yield one


def _joined(one: Person, other: Person) -> Person:
    return replace(
        one,
        honorific=one.honorific or other.honorific,
        names_as_printed=tuple(dict.fromkeys((*one.names_as_printed, *other.names_as_printed))),
        misspellings=tuple(dict.fromkeys((*one.misspellings, *other.misspellings))),
        projects=tuple(dict.fromkeys((*one.projects, *other.projects))),
        identifiers=tuple(dict.fromkeys((*one.identifiers, *other.identifiers))),
    )

"""What is off in a structured source, for whoever keeps it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from fundgraph.documents.tree import Slip
from fundgraph.extract.checks.bytes import undecodable
from fundgraph.extract.checks.finding import finding
from fundgraph.extract.checks.records import check_texts
from fundgraph.extract.structured.members import known_role
from fundgraph.extract.structured.raw import RawIdentifier, RawRecord
from fundgraph.extract.structured.who import People
from fundgraph.model import Document, Finding, Project, Severity

_SEVERITY: dict[str, Severity] = {"duplicate-key": "warning", "column-count": "warning", "no-title": "info"}
MOST_OF_A_KIND = 1000
"""Of one kind no more findings than this are listed; the last says how many more there are."""


def check_records(
    document: Document,
    raws: Sequence[RawRecord],
    projects: Sequence[Project],
    people: People,
    slips: Iterable[Slip],
) -> list[Finding]:
    """Return everything that whoever keeps the source should look at, in the order of the places."""
    found = [
        *_slips(document, slips, None),
        *check_alone(document, raws, projects),
        *_namesakes(document, people),
    ]
    for raw, project in zip(raws, projects, strict=True):
        found += _slips(document, raw.slips, project.id)
        found += _files(document, raw, people)
    return _capped(sorted(found, key=lambda one: (one.span, one.code)))


def check_alone(document: Document, raws: Sequence[RawRecord], projects: Sequence[Project]) -> list[Finding]:
    """Return what is off in records without knowing who their people are, and but for slips in their writing."""
    found = [
        *undecodable(document),
        *_abstracts(document, projects),
        *_repeated(document, projects),
        *check_texts(document, projects),
        *_doubled(document, raws, projects),
    ]
    for raw, project in zip(raws, projects, strict=True):
        found += _dates(document, raw, project)
        found += _bad_identifiers(document, raw, project)
        found += _roles(document, raw, project)
    return found


def check_slips(document: Document, slips: Iterable[Slip], about: str | None) -> list[Finding]:
    """Return slips in the writing of a source as findings."""
    return list(_slips(document, slips, about))


def _slips(document: Document, slips: Iterable[Slip], about: str | None) -> Iterator[Finding]:
    for slip in slips:
        end = min(slip.end, slip.start + 300)
        severity = _SEVERITY.get(slip.code, "warning")
        yield finding(document, slip.code, severity, slip.start, end, slip.message, about)


def _abstracts(document: Document, projects: Sequence[Project]) -> Iterator[Finding]:
    """Report empty abstracts where most projects of the document have one, and every placeholder."""
    present = sum(project.abstract.status == "present" for project in projects)
    for project in projects:
        span = project.abstract.span
        if span is None:
            continue
        if project.abstract.status == "empty" and present * 2 > len(projects):
            message = f"The abstract of “{project.title}” is empty; add the text."
            title = project.title_span
            place = (span.start, span.end) if span.end > span.start else (title.start, title.end)
            yield finding(document, "empty-abstract", "warning", *place, message, project.id)
        elif project.abstract.status == "placeholder":
            quote = document.quote(span)[:80]
            message = f"“{quote}” stands where the abstract of “{project.title}” should be; add the text."
            yield finding(document, "placeholder-abstract", "warning", span.start, span.end, message, project.id)


def _repeated(document: Document, projects: Sequence[Project]) -> Iterator[Finding]:
    """Report an abstract that another project has word for word."""
    seen: dict[str, Project] = {}
    for project in projects:
        text, span = project.abstract.text, project.abstract.span
        if text is None or span is None or len(text) < 80:
            continue
        other = seen.setdefault(text, project)
        if other is not project and other.title != project.title and other.abstract.span is not None:
            line = other.abstract.span.line
            message = (
                f"This is also the abstract of “{other.title}” (line {line}), word for word; one may be a slip."
            )
            yield finding(document, "repeated-text", "warning", span.start, span.end, message, project.id)


def _doubled(document: Document, raws: Sequence[RawRecord], projects: Sequence[Project]) -> Iterator[Finding]:
    """Report two whole records of one number with different titles: they cannot both be right."""
    seen: dict[tuple[str, str], Project] = {}
    for raw, project in zip(raws, projects, strict=True):
        if raw.part or not raw.identifiers or raw.code is None:
            continue
        first = raw.identifiers[0]
        other = seen.setdefault((first.scheme, first.value), project)
        if other is not project and other.title != project.title:
            message = (
                f"The number {first.value} stands for “{project.title}” here and for “{other.title}” at line "
                f"{other.title_span.line}; one of the two is wrong."
            )
            yield finding(document, "same-number", "warning", first.start, first.end, message, project.id)


def _namesakes(document: Document, people: People) -> Iterator[Finding]:
    for one, other in people.alike:
        (_, first), (_, second) = one.members[0], other.members[0]
        message = (
            f"{second.name} ({second.affiliation}) has the name of {first.name} ({first.affiliation}) at line "
            f"{document.line_of(first.start)}. Nothing here says that they are one person: they are kept apart. "
            "Decide it in identities.toml, or add ORCIDs."
        )
        yield finding(document, "homonym", "info", second.start, second.end, message, other.id)


def _dates(document: Document, raw: RawRecord, project: Project) -> Iterator[Finding]:
    if raw.starts and raw.ends and raw.ends < raw.starts[: len(raw.ends)]:
        message = f"“{project.title}” ends ({raw.ends}) before it starts ({raw.starts})."
        title = project.title_span
        yield finding(document, "dates-reversed", "warning", title.start, title.end, message, project.id)


def _bad_identifiers(document: Document, raw: RawRecord, project: Project) -> Iterator[Finding]:
    everything: list[RawIdentifier] = list(raw.identifiers)
    for member in raw.people:
        everything += member.identifiers
    for organisation in raw.organisations:
        everything += organisation.identifiers
    for work in raw.works:
        everything += work.identifiers
    for one in everything:
        if one.problem:
            message = f"“{one.value}” is no {one.scheme} identifier: {one.problem}."
            yield finding(document, "bad-identifier", "warning", one.start, one.end, message, project.id)


def _roles(document: Document, raw: RawRecord, project: Project) -> Iterator[Finding]:
    for member in raw.people:
        if (
            member.role_span
            and member.role_as_printed
            and member.role is None
            and not known_role(member.role_as_printed)
        ):
            message = (
                f"The role “{member.role_as_printed}” of {member.name} is not one that the reader knows; "
                "use a known word, or read it as a plain participant."
            )
            yield finding(document, "unknown-role", "warning", *member.role_span, message, project.id)


def _files(document: Document, raw: RawRecord, people: People) -> Iterator[Finding]:
    """Say of people named by a file that the name stands elsewhere; a corpus that has the file takes this back."""
    for member in raw.people:
        if member.slug:
            message = (
                f"“{member.printed}” is the name of a person's file, not of a person; read the folder that has it."
            )
            about = people.of_member[id(member)].id
            yield finding(document, "unknown-file", "info", member.start, member.end, message, about)


def _capped(findings: Sequence[Finding]) -> list[Finding]:
    """Leave out all but the first of very many findings of one kind."""
    counts: dict[str, int] = {}
    for one in findings:
        counts[one.code] = counts.get(one.code, 0) + 1
    shown: dict[str, int] = {}
    kept: list[Finding] = []
    for one in findings:
        shown[one.code] = shown.get(one.code, 0) + 1
        if shown[one.code] < MOST_OF_A_KIND or counts[one.code] == MOST_OF_A_KIND:
            kept.append(one)
        elif shown[one.code] == MOST_OF_A_KIND:
            more = counts[one.code] - MOST_OF_A_KIND
            message = f"{one.message} There are {more} more findings of this kind, which are not listed."
            kept.append(Finding(one.code, one.severity, one.span, one.quote, message, one.about))
    return kept

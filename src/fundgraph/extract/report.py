"""An extraction as JSON, in the published shape, and as a table for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fundgraph.extract.source import squeeze
from fundgraph.model import Coverage, Document, Extraction, Finding, Identifier, Participant, Person, Project


def to_json(extraction: Extraction) -> dict[str, Any]:
    """Return the object that ``fundgraph extract -f json`` prints for one document."""
    document = extraction.document
    programme, phase = extraction.programme, extraction.phase
    return {
        "document": {
            "path": document.path,
            "sha256": document.sha256,
            "format": document.format,
            "language": document.language,
        },
        "programme": programme
        and {
            "name": programme.name,
            "number": programme.number,
            "line": programme.span.line if programme.span else None,
        },
        "phase": phase
        and {
            "label": phase.label,
            "number": phase.number,
            "start": phase.start,
            "end": phase.end,
            "line": phase.span.line if phase.span else None,
        },
        "projects": [
            project_to_json(project, document, phase.number if phase else None) for project in extraction.projects
        ],
        "people": [_person(person, extraction) for person in extraction.people],
        "claims": [
            {
                "label": claim.label,
                "value": claim.value,
                "line": claim.span.line,
                "counted": claim.counted,
                "agrees": claim.agrees,
                "how": claim.how,
            }
            for claim in extraction.claims
        ],
        **checked_to_json(extraction.findings, extraction.coverage),
    }


def checked_to_json(findings: Sequence[Finding], coverage: Coverage | None) -> dict[str, Any]:
    """Return what was found off in a document and how much of it was read, as in the object of the whole document."""
    return {"findings": [_finding(one) for one in findings], "coverage": _coverage(coverage)}


def _coverage(coverage: Coverage | None) -> dict[str, Any] | None:
    if coverage is None:
        return None
    return {
        "read": coverage.read,
        "furniture": coverage.furniture,
        "unread": coverage.unread,
        "lines": list(coverage.lines),
    }


def project_to_json(
    project: Project, document: Document | None = None, phase: int | None = None
) -> dict[str, Any]:
    """Return a project's object; its phase stands there only where it is not the document's, which is ``phase``.

    Without the document topics have no text.
    """
    abstract = project.abstract
    return {
        "id": project.id,
        "code": project.code,
        "acronym": project.acronym,
        "title": project.title if project.title_stated else None,
        "kind": project.kind,
        "start": project.start,
        "end": project.end,
        "abstract": {
            "status": abstract.status,
            "text": abstract.text,
            "line_start": abstract.span.line if abstract.span else None,
            "line_end": abstract.span.line_end if abstract.span else None,
        },
        "people": [_participant(person) for person in project.people],
        "institutions": [
            {
                "name": institution.name,
                "role": institution.role,
                "line": institution.span.line,
                **_said(country=institution.country, identifiers=_identifiers(institution.identifiers)),
            }
            for institution in project.institutions
        ],
        "topics": [
            {
                "id": topic.topic_id,
                "label": topic.label,
                "score": topic.score,
                "evidence": [
                    {
                        "line": span.line,
                        "start": span.start,
                        "end": span.end,
                        "text": document.quote(span) if document else None,
                    }
                    for span in topic.evidence
                ],
            }
            for topic in project.topics
        ],
        "publications": [
            {
                "title": publication.title,
                "authors": list(publication.authors),
                "year": publication.year,
                "identifiers": [{"scheme": one.scheme, "value": one.value} for one in publication.identifiers],
                "line": publication.span.line,
            }
            for publication in project.publications
        ],
        "identifiers": _identifiers(project.identifiers),
        "line_start": project.span.line,
        "line_end": project.span.line_end,
        **_said(phase=project.phase if project.phase != phase else None),
    }


def _identifiers(identifiers: Sequence[Identifier]) -> list[dict[str, Any]]:
    return [
        {"scheme": one.scheme, "value": one.value, "line": one.span.line if one.span else None}
        for one in identifiers
    ]


def _said(**members: Any) -> dict[str, Any]:
    """Return the members that few sources state, where one does."""
    return {name: value for name, value in members.items() if value}


def _participant(person: Participant) -> dict[str, Any]:
    return {
        "id": person.person_id,
        "name": person.name,
        "honorific": person.honorific,
        "role": person.role,
        "role_as_printed": person.role_as_printed,
        "is_pi": person.is_pi,
        "note": person.note,
        "affiliation": person.affiliation,
        "line": person.span.line,
        "column": person.span.column,
        "start": person.span.start,
        "end": person.span.end,
        **_said(identifiers=_identifiers(person.identifiers)),
    }


def _person(person: Person, extraction: Extraction) -> dict[str, Any]:
    """Return a person's object; of somebody listed outside of projects with what is printed there."""
    listed = next((_participant(one) for one in extraction.members if one.person_id == person.id), {})
    return {
        "id": person.id,
        "name": person.name,
        "names_as_printed": list(person.names_as_printed),
        "projects": list(person.projects),
        **_said(**{name: listed.get(name) for name in _LISTED}),
        **_said(identifiers=_identifiers(person.identifiers)),
    }


QUOTED = 1000
"""Characters that a finding quotes at most."""
_LISTED = ("honorific", "role", "role_as_printed", "affiliation", "note", "line", "column", "start", "end")


def _finding(one: Finding) -> dict[str, Any]:
    return {
        "code": one.code,
        "severity": one.severity,
        "line": one.span.line,
        "column": one.span.column,
        "quote": one.quote if len(one.quote) <= QUOTED else one.quote[:QUOTED] + "…",
        "message": one.message,
    }


def to_text(extraction: Extraction) -> str:
    """Write an extraction as compact tables: projects, people in their projects, claims, findings."""
    document = extraction.document
    head = [f"{document.path}: {document.format}, {document.language or 'language unknown'}"]
    if extraction.phase:
        head[0] += f", {extraction.phase.label}"
    regular = sum(project.kind == "regular" for project in extraction.projects)
    investigators = len({one.person_id for project in extraction.projects for one in project.people if one.is_pi})
    head.append(
        f"{len(extraction.projects)} projects ({regular} regular), {len(extraction.people)} people, "
        f"{investigators} principal investigators"
    )
    if (coverage := extraction.coverage) is not None:
        head.append(
            f"{coverage.share:.0%} of the lines accounted for: {coverage.read} read, {coverage.furniture} furniture, "
            f"{coverage.unread} unread"
        )
    projects = [
        (
            str(project.span.line),
            project.kind,
            project.abstract.status,
            str(len(project.people)),
            _cut(project.title, 70),
        )
        for project in extraction.projects
    ]
    people = [
        (
            str(one.span.line),
            one.role,
            " ".join(filter(None, (one.honorific, one.name))),
            _cut(one.affiliation or one.note or "", 30),
            _cut(title, 40),
        )
        for title, participants in (
            *((project.title, project.people) for project in extraction.projects),
            ("", extraction.members),
        )
        for one in participants
    ]
    claims = [
        (str(claim.span.line), str(claim.value), _cut(claim.label, 34), _agreement(claim.agrees), claim.how)
        for claim in extraction.claims
    ]
    findings = [
        (str(one.span.line), one.severity, one.code, _cut(one.message, 110)) for one in extraction.findings
    ]
    parts = [
        "\n".join(head),
        _table(("line", "kind", "abstract", "people", "title"), projects),
        _table(("line", "role", "person", "remark", "project"), people),
        _table(("line", "figure", "label", "agrees", "how"), claims),
        _table(("line", "severity", "finding", "message"), findings),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _agreement(agrees: bool | None) -> str:
    return "?" if agrees is None else "yes" if agrees else "NO"


def _cut(text: str, longest: int) -> str:
    plain = squeeze(text)
    return plain if len(plain) <= longest else plain[: longest - 1] + "…"


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    if not rows:
        return ""
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in [head, *rows]
    )

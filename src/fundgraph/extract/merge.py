"""Several documents about one programme: the same project gets one id, and where they disagree both are kept.

What the first document says stands; what a later one says otherwise is kept with its passage as a
:class:`~fundgraph.model.Disagreement` and reported as a finding.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from fundgraph.extract.slugs import name_key
from fundgraph.model import Disagreement, Document, Extraction, Finding, Participant, Project, Span

#: Identifiers that name a project and nothing else; a homepage or a call may be shared.
_NAMING = frozenset(
    {
        "gepris-project",
        "grant",
        "award",
        "doi",
        "cordis",
        "cordis-project",
        "nsf-award",
        "gtr-project",
        "ukri-reference",
        "nih-project",
        "snsf-grant",
        "anr-project",
        "fwf-project",
    }
)
_STATUS = ("present", "placeholder", "empty", "absent")
_SPACE = re.compile(r"\s+")


@dataclass(slots=True)
class _Known:
    """A project as it stands so far, and where each of its facts was first stated."""

    project: Project
    document: Document
    roles: dict[tuple[str, int | None], tuple[str, Span, Document]] = field(default_factory=dict)


def merge_projects(extractions: Sequence[Extraction]) -> list[Extraction]:
    """Give one id to a project that several documents describe; ids of earlier documents win.

    The same project is one with the same identifier, the same code, or the same title but for case, accents
    and punctuation. A code alone does not merge projects whose identifiers differ.
    """
    known: dict[str, _Known] = {}
    by_key: dict[tuple[str, str], str] = {}
    merged: list[Extraction] = []
    for extraction in extractions:
        findings: list[Finding] = []
        projects: list[Project] = []
        renamed: dict[str, str] = {}
        here: set[tuple[str, int | None]] = set()
        for project in extraction.projects:
            same = _same(project, by_key, known)
            if same is not None and (same, project.phase) not in here:
                renamed[project.id] = same
                project = _agree(project, known[same], extraction.document, findings)
            here.add((project.id, project.phase))
            projects.append(project)
            _remember(project, extraction, known, by_key)
        merged.append(_rewritten(extraction, projects, renamed, findings) if renamed else extraction)
    return _tell_once(merged)


def _remember(
    project: Project, extraction: Extraction, known: dict[str, _Known], by_key: dict[tuple[str, str], str]
) -> None:
    entry = known.setdefault(project.id, _Known(project, extraction.document))
    entry.project = _fuller(entry.project, project)
    for key in _keys(project):
        by_key.setdefault(key, project.id)
    for person in project.people:
        told = (person.role, person.span, extraction.document)
        entry.roles.setdefault((person.person_id, _phase(project, extraction)), told)


def _keys(project: Project) -> list[tuple[str, str]]:
    keys = [(i.scheme, i.value.casefold()) for i in project.identifiers if i.scheme in _NAMING]
    if project.code:
        keys.append(("code", _SPACE.sub("", project.code).casefold()))
    keys.append(("title", name_key(project.title)))
    return keys


def _same(project: Project, by_key: Mapping[tuple[str, str], str], known: Mapping[str, _Known]) -> str | None:
    """Return the id of the project known so far that this one is."""
    for key in _keys(project):
        found = by_key.get(key)
        if found is None:
            continue
        if key[0] in _NAMING or not _differ(project, known[found].project):
            return found
    return None


def _differ(one: Project, other: Project) -> bool:
    """Tell whether two projects have different identifiers in a scheme that both use."""
    mine = {i.scheme: i.value for i in one.identifiers if i.scheme in _NAMING}
    theirs = {i.scheme: i.value for i in other.identifiers if i.scheme in _NAMING}
    return any(mine[scheme] != theirs[scheme] for scheme in mine.keys() & theirs.keys())


def _fuller(one: Project, other: Project) -> Project:
    """Return the first with what only the second states."""
    return replace(
        one,
        code=one.code or other.code,
        acronym=one.acronym or other.acronym,
        start=one.start or other.start,
        end=one.end or other.end,
        abstract=one.abstract if one.abstract.status == "present" else other.abstract,
        identifiers=tuple(dict.fromkeys((*one.identifiers, *other.identifiers))),
    )


def _agree(project: Project, known: _Known, document: Document, findings: list[Finding]) -> Project:
    """Return a later document's project with the facts of the first, its own other ones set apart."""
    first = known.project
    apart: list[Disagreement] = []

    def say(what: str, mine: str, theirs: str, span: Span) -> None:
        apart.append(Disagreement(what, mine, span))
        findings.append(
            Finding(
                "disagreement",
                "warning",
                span,
                document.quote(span)[:200],
                f"The {what} is “{_short(mine)}” here and “{_short(theirs)}” in {known.document.id}; one of the two is out of date.",
                first.id,
            )
        )

    changes: dict[str, Any] = {}
    stated = project.title_stated and first.title_stated
    if stated and name_key(project.title) != name_key(first.title):
        say("title", project.title, first.title, project.title_span)
    if stated:
        changes["title"] = first.title
    for name in ("start", "end", "code", "acronym", "kind"):
        mine, theirs = getattr(project, name), getattr(first, name)
        if mine is None or theirs is None or mine == theirs:
            continue
        span = project.span if name in ("start", "end") else project.title_span
        if _differ_in_value(mine, theirs):
            say(name, mine, theirs, span)
        else:
            apart.append(Disagreement(name, mine, span))
        changes[name] = theirs
    mine, theirs = project.abstract, first.abstract
    if mine.text and theirs.text and mine.span and name_key(mine.text) != name_key(theirs.text):
        say("abstract", mine.text, theirs.text, mine.span)
    return replace(
        project,
        id=first.id,
        people=tuple(_role(person, project, known, document, findings) for person in project.people),
        disagreements=tuple(apart),
        retold=frozenset(changes) | {"position"},
        **changes,
    )


def _differ_in_value(mine: str, theirs: str) -> bool:
    """Tell whether two values contradict each other; a date and its year do not.

    >>> _differ_in_value("2021", "2021-03"), _differ_in_value("2021", "2022")
    (False, True)
    """
    if mine.casefold() == theirs.casefold():
        return False
    shorter = min(len(mine), len(theirs))
    is_date = bool(re.fullmatch(r"\d{4}(-\d\d)*", mine) and re.fullmatch(r"\d{4}(-\d\d)*", theirs))
    return not (is_date and mine[:shorter] == theirs[:shorter])


def _tell_once(extractions: Sequence[Extraction]) -> list[Extraction]:
    """Leave the word on a project's title and abstract to the first document that states it, or else to the first."""
    title: dict[str, tuple[bool, int, int, str]] = {}
    abstract: dict[str, tuple[int, int, int]] = {}
    for place, extraction in enumerate(extractions):
        for number, project in enumerate(extraction.projects):
            named = (not project.title_stated, place, number, project.title)
            title[project.id] = min(named, title.get(project.id, named))
            rank = (_STATUS.index(project.abstract.status), place, number)
            abstract[project.id] = min(rank, abstract.get(project.id, rank))

    def told(project: Project, place: int, number: int) -> Project:
        retold = project.retold - {"title"}
        if title[project.id][1:3] != (place, number):
            retold |= {"title"}
        if abstract[project.id][1:] != (place, number):
            retold |= {"abstract"}
        return replace(project, title=title[project.id][3], retold=retold)

    return [
        replace(
            extraction, projects=tuple(told(project, place, n) for n, project in enumerate(extraction.projects))
        )
        for place, extraction in enumerate(extractions)
    ]


def _role(
    person: Participant, project: Project, known: _Known, document: Document, findings: list[Finding]
) -> Participant:
    earlier = known.roles.get((person.person_id, project.phase if project.phase is not None else document.phase))
    if earlier is None or earlier[0] == person.role:
        return person
    role, span, where = earlier
    findings.append(
        Finding(
            "disagreement",
            "warning",
            person.span,
            document.quote(person.span),
            f"{person.name} is “{person.role}” here and “{role}” in {where.id}, line {span.line}.",
            person.person_id,
        )
    )
    return replace(person, role=role, is_pi=role == "principal-investigator")


def _phase(project: Project, extraction: Extraction) -> int | None:
    return project.phase if project.phase is not None else extraction.document.phase


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 80 else text[:79] + "…"


def _rewritten(
    extraction: Extraction, projects: Iterable[Project], renamed: Mapping[str, str], findings: list[Finding]
) -> Extraction:
    people = tuple(
        replace(person, projects=tuple(dict.fromkeys(renamed.get(p, p) for p in person.projects)))
        for person in extraction.people
    )
    moved = [replace(f, about=renamed.get(f.about or "", f.about)) for f in extraction.findings]
    return replace(
        extraction,
        projects=tuple(projects),
        people=people,
        findings=tuple(sorted([*moved, *findings], key=lambda finding: (finding.span, finding.code))),
    )

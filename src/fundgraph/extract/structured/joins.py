"""What documents of one corpus say of the same project or person, under one id.

Spans lead into a document, so every document keeps its own extraction; what is shared is the project's id, and the
title that another document states where this one has only the number.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from fundgraph.extract.slugs import name_key
from fundgraph.model import Extraction, Identifier, Participant, Person, Project

SHORTEST_TITLE = 12
"""Letters that a title has at least by which alone two documents' projects are known to be one."""
_NO_IDENTITY = frozenset({"url", "identifier", "award-number", "grant-number"})


def join(extractions: Sequence[Extraction]) -> list[Extraction]:
    """Give one project in several documents one id, and people named by their files their names.

    The same project has an identifier in common; or the same number where one document has only that; or the same
    title and no identifier that speaks against it.
    """
    homes = _Homes()
    renamed: list[dict[str, Project]] = []
    # Those with titles first: a table of organisations may come before the table of projects.
    for extraction in extractions:
        for project in extraction.projects:
            if project.title_stated:
                homes.add(project)
    taken = {project.id for project in homes.all}
    for extraction in extractions:
        change: dict[str, Project] = {}
        for project in extraction.projects:
            home = homes.find(project)
            if home is None:
                homes.add(project)
                home = project
                taken.add(project.id)
            if home.id != project.id or (not project.title_stated and home.title_stated):
                change[project.id] = home
        renamed.append(change)
    people = _people_by_file(extractions)
    return [
        _with_people(_with_projects(extraction, change), people)
        for extraction, change in zip(extractions, renamed, strict=True)
    ]


class _Homes:
    """The projects known so far, by identifier, by number and by title."""

    def __init__(self) -> None:
        self.all: list[Project] = []
        self.by_identifier: dict[tuple[str, str], Project] = {}
        self.by_code: dict[str, Project] = {}
        self.by_title: dict[str, list[Project]] = {}

    def add(self, project: Project) -> None:
        """Know a project, unless it is known already."""
        if self.find(project) is not None:
            return
        self.all.append(project)
        for key in identities(project):
            self.by_identifier.setdefault(key, project)
        if project.code:
            self.by_code.setdefault(name_key(project.code), project)
        if project.title_stated:
            self.by_title.setdefault(name_key(project.title), []).append(project)

    def find(self, project: Project) -> Project | None:
        """Return the known project that this one is."""
        for key in identities(project):
            if key in self.by_identifier:
                return self.by_identifier[key]
        if project.title_stated:
            key_of_title = name_key(project.title)
            for other in self.by_title.get(key_of_title, []):
                if project is other or (len(key_of_title) >= SHORTEST_TITLE and not clash(project, other)):
                    return other
            return None
        same = self.by_code.get(name_key(project.code)) if project.code else None
        return same if same is not None and not clash(project, same) else None


def identities(project: Project) -> Iterator[tuple[str, str]]:
    """Yield the identifiers that are one project's alone."""
    for one in project.identifiers:
        if one.scheme not in _NO_IDENTITY:
            yield one.scheme, one.value.casefold()


def clash(one: Project, other: Project) -> bool:
    """Tell whether two projects have different values in one scheme, or different numbers."""
    first, second = dict(identities(one)), dict(identities(other))
    if any(first[scheme] != second[scheme] for scheme in first.keys() & second.keys()):
        return True
    if one.code is None or other.code is None or one.code.isdigit() != other.code.isdigit():
        return False  # a programme's "A01" and a funder's 441826958 say nothing of each other
    return name_key(one.code) != name_key(other.code)


def _with_projects(extraction: Extraction, change: dict[str, Project]) -> Extraction:
    """Write an extraction with other ids, and titles where it states none."""
    if not change:
        return extraction

    def project(one: Project) -> Project:
        home = change.get(one.id)
        if home is None:
            return one
        if one.title_stated:
            return replace(one, id=home.id)
        return replace(
            one, id=home.id, title=home.title, title_stated=home.title_stated, acronym=one.acronym or home.acronym
        )

    def renamed(name: str) -> str:
        return change[name].id if name in change else name

    return replace(
        extraction,
        projects=tuple(project(one) for one in extraction.projects),
        people=tuple(
            replace(person, projects=tuple(dict.fromkeys(renamed(name) for name in person.projects)))
            for person in extraction.people
        ),
        findings=tuple(replace(f, about=renamed(f.about)) if f.about else f for f in extraction.findings),
    )


def _people_by_file(extractions: Sequence[Extraction]) -> dict[str, Person]:
    return {
        one.value: person
        for extraction in extractions
        for person in extraction.people
        for one in person.identifiers
        if one.scheme == "file"
    }


def _with_people(extraction: Extraction, files: dict[str, Person]) -> Extraction:
    """Give people whom a document names only by a file's name the name, honorific and ORCID that the file states."""
    change: dict[str, Person] = {}
    for project in extraction.projects:
        for participant in project.people:
            if participant.mentions[0].where == "slug" and (known := files.get(file_of(participant))):
                change[participant.person_id] = known
    if not change:
        return extraction

    def person(one: Person) -> Person:
        known = change.get(one.id)
        if known is None:
            return one
        return replace(
            one, id=known.id, name=known.name, honorific=known.honorific, family_name=known.family_name,
            identifiers=_real(known),
        )  # fmt: skip

    def participant_(one: Participant) -> Participant:
        known = change.get(one.person_id)
        if known is None:
            return one
        return replace(
            one,
            person_id=known.id,
            name=known.name,
            honorific=one.honorific or known.honorific,
            identifiers=_real(known),
        )

    return replace(
        extraction,
        projects=tuple(
            replace(one, people=tuple(participant_(member) for member in one.people))
            for one in extraction.projects
        ),
        people=tuple(person(one) for one in extraction.people),
        members=tuple(participant_(one) for one in extraction.members),
        findings=tuple(
            replace(f, about=change[f.about].id) if f.about in change else f
            for f in extraction.findings
            if f.code != "unknown-file" or f.about not in change
        ),
    )


def file_of(participant: Participant) -> str:
    """Return the file's name by which a document names somebody."""
    return participant.mentions[0].name.strip("/").split("/")[-1].removesuffix(".md").casefold()


def _real(person: Person) -> tuple[Identifier, ...]:
    """Return a person's identifiers in the world; a file's name is none. Spans of another document are left out."""
    return tuple(Identifier(one.scheme, one.value) for one in person.identifiers if one.scheme != "file")

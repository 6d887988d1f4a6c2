"""How well an extraction agrees with a document's gold JSON: hits, misses and inventions, by kind of fact."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fundgraph.documents import read_document
from fundgraph.extract import extract
from fundgraph.extract.slugs import name_key, slug
from fundgraph.extract.source import squeeze
from fundgraph.model import Extraction, Project

Fact = tuple[str, ...]


@dataclass
class Score:
    """What a gold file states and what was read, fact by fact."""

    missed: dict[str, list[Fact]] = field(default_factory=dict)
    invented: dict[str, list[Fact]] = field(default_factory=dict)
    hits: int = 0

    @property
    def perfect(self) -> bool:
        """Whether nothing is missed or invented."""
        return not any(self.missed.values()) and not any(self.invented.values())

    def explain(self) -> str:
        """Say what differs."""
        return "\n".join(
            f"{word} {kind}: {fact}"
            for word, table in (("missed", self.missed), ("invented", self.invented))
            for kind, facts in table.items()
            for fact in facts
        )


def score_file(path: Path, gold: Path) -> Score:
    """Read a document and compare it with its gold file."""
    return score(extract(read_document(path)), json.loads(gold.read_text(encoding="utf-8")))


def score(extraction: Extraction, gold: dict[str, Any]) -> Score:
    """Compare an extraction with gold, kind by kind; a project is known by its title."""
    wanted, found = _gold(gold), _read(extraction, gold)
    result = Score()
    for kind in wanted:
        result.hits += len(wanted[kind] & found[kind])
        result.missed[kind] = sorted(wanted[kind] - found[kind])
        result.invented[kind] = sorted(found[kind] - wanted[kind])
    return result


def _key(text: str | None) -> str:
    return slug(squeeze(text or ""), 400)


def _gold(gold: dict[str, Any]) -> dict[str, set[Fact]]:
    facts: dict[str, set[Fact]] = {kind: set() for kind in KINDS}
    for project in gold["projects"]:
        title = _key(project["title"])
        facts["project"].add((title,))
        facts["code"] |= {(title, str(project["code"]))} if project.get("code") else set()
        facts["date"] |= {(title, kind, project[kind]) for kind in ("start", "end") if project.get(kind)}
        facts["acronym"] |= {(title, project["acronym"])} if project.get("acronym") else set()
        if "abstract_present" in project:
            facts["abstract"].add((title, str(project["abstract_present"])))
        for person in project["people"]:
            name = name_key(person["name"])
            facts["person"].add((title, name))
            facts["honorific"] |= {(title, name, person["honorific"])} if person.get("honorific") else set()
            role = person.get("role")
            facts["role"] |= {(title, name, role)} if role and role != "presenter" else set()
            facts["affiliation"] |= (
                {(title, name, _key(person["affiliation"]))} if person.get("affiliation") else set()
            )
        facts["institution"] |= {(title, _key(one["name"])) for one in project.get("institutions", ())}
    return facts


KINDS = (
    "project",
    "code",
    "date",
    "acronym",
    "abstract",
    "person",
    "honorific",
    "role",
    "affiliation",
    "institution",
)


def _read(extraction: Extraction, gold: dict[str, Any]) -> dict[str, set[Fact]]:
    facts: dict[str, set[Fact]] = {kind: set() for kind in KINDS}
    stated = {_key(project["title"]): project for project in gold["projects"]}
    for project in extraction.projects:
        title = _key(project.title)
        facts["project"].add((title,))
        _project(facts, title, project, stated.get(title, {}))
    return facts


def _project(facts: dict[str, set[Fact]], title: str, project: Project, stated: dict[str, Any]) -> None:
    if project.code:
        facts["code"].add((title, project.code))
    facts["date"] |= {(title, kind, value) for kind in ("start", "end") if (value := getattr(project, kind))}
    if project.acronym and stated.get("acronym"):
        facts["acronym"].add((title, project.acronym))
    if "abstract_present" in stated:
        facts["abstract"].add((title, str(project.abstract.status == "present")))
    roles = {name_key(one["name"]): one.get("role") for one in stated.get("people", ())}
    for person in project.people:
        name = name_key(person.name)
        facts["person"].add((title, name))
        if person.honorific:
            facts["honorific"].add((title, name, person.honorific))
        if person.role_as_printed and roles.get(name) not in (None, "presenter"):
            facts["role"].add((title, name, person.role_as_printed))
        if person.affiliation:
            facts["affiliation"].add((title, name, _key(person.affiliation)))
    facts["institution"] |= {(title, _key(one.name)) for one in project.institutions}

"""Who is who among a document's records: identifiers decide, then names with nothing against them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from fundgraph.extract.honorifics import honorific_weight
from fundgraph.extract.names import family_name
from fundgraph.extract.people import spelling
from fundgraph.extract.slugs import name_key, slug, unique
from fundgraph.extract.structured.raw import RawMember
from fundgraph.model import Identifier, Person


@dataclass(slots=True)
class Someone:
    """A person on the way: all members of projects that are one person."""

    members: list[tuple[str, RawMember]] = field(default_factory=list)
    strong: dict[str, str] = field(default_factory=dict)
    affiliations: set[str] = field(default_factory=set)
    id: str = ""
    name: str = ""

    def clashes(self, member: RawMember) -> bool:
        """Tell whether identifiers say that a member of the same name is somebody else."""
        return any(self.strong.get(one.scheme, one.value) != one.value for one in member.identifiers)

    def agrees(self, project: str, member: RawMember) -> bool:
        """Tell whether anything but the name speaks for a member, or nothing against it."""
        if member.affiliation is None or not self.affiliations:
            return True
        return name_key(member.affiliation) in self.affiliations or any(
            home == project for home, _ in self.members
        )

    def add(self, project: str, member: RawMember) -> None:
        """Take a member in."""
        self.members.append((project, member))
        for one in member.identifiers:
            if one.problem is None:
                self.strong.setdefault(one.scheme, one.value)
        if member.affiliation:
            self.affiliations.add(name_key(member.affiliation))


@dataclass(slots=True)
class People:
    """All people of a document, and who shares a name with whom without being one person."""

    everyone: list[Someone] = field(default_factory=list)
    of_member: dict[int, Someone] = field(default_factory=dict)
    alike: list[tuple[Someone, Someone]] = field(default_factory=list)


def who_is_who(projects: Sequence[tuple[str, Sequence[RawMember]]], decided: Mapping[str, str]) -> People:
    """Give every member (by ``id()``) its person. ``decided`` maps a name's slug, or project/slug, to an id."""
    people = People()
    by_strong: dict[tuple[str, str], Someone] = {}
    by_name: dict[str, list[Someone]] = {}
    for project, members in projects:
        for member in members:
            someone = next(
                (by_strong[key] for key in _strong(member) if key in by_strong),
                None,
            )
            key = name_key(member.name)
            namesakes = by_name.setdefault(key, [])
            if someone is None:
                someone = next((s for s in namesakes if not s.clashes(member) and s.agrees(project, member)), None)
            if someone is None:
                someone = Someone()
                people.everyone.append(someone)
                people.alike += [(other, someone) for other in namesakes[:1] if not other.clashes(member)]
            if someone not in namesakes:
                namesakes.append(someone)
            someone.add(project, member)
            by_strong.update(dict.fromkeys(_strong(member), someone))
            people.of_member[id(member)] = someone
    _name(people, decided)
    return people


def _strong(member: RawMember) -> Iterator[tuple[str, str]]:
    for one in member.identifiers:
        if one.problem is None:
            yield one.scheme, one.value


def _name(people: People, decided: Mapping[str, str]) -> None:
    """Choose each person's name and id; of two who share a name the second's id tells the affiliation."""
    taken: dict[str, int] = {}
    for someone in people.everyone:
        someone.name = spelling([(member.name, True) for _, member in someone.members])
        wanted = slug(someone.name) or "person"
        ruled = next((d for p, m in someone.members if (d := _decided(decided, p, m.name))), None)
        affiliation = next((m.affiliation for _, m in someone.members if m.affiliation), None)
        orcid = someone.strong.get("orcid")
        someone.id = ruled or unique(wanted, taken, affiliation, orcid)
        taken.setdefault(someone.id, 2)


def _decided(decided: Mapping[str, str], project: str, name: str) -> str | None:
    if not decided:
        return None
    key = slug(name)
    return decided.get(f"{project}/{key}") or decided.get(key)


def person_of(someone: Someone, identifiers: tuple[Identifier, ...]) -> Person:
    """Make the person's record."""
    printed = tuple(dict.fromkeys(member.printed for _, member in someone.members))
    names = tuple(dict.fromkeys((*(m.name for _, m in someone.members), *printed)))
    honorific = max((member.honorific for _, member in someone.members), key=honorific_weight)
    family = next((member.family for _, member in someone.members if member.family), None)
    return Person(
        someone.id,
        someone.name,
        honorific,
        family or family_name(someone.name),
        names,
        (),
        tuple(dict.fromkeys(project for project, _ in someone.members)),
        identifiers,
    )

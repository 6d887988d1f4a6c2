"""Who is who: one id per person within a document, and across the documents of a programme."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from fundgraph.extract.homonyms import Bearer, evidence, groups
from fundgraph.extract.honorifics import honorific_weight
from fundgraph.extract.merge import merge_projects
from fundgraph.extract.names import family_name
from fundgraph.extract.people import Member, is_form_of, is_misspelling, likeness, spelling
from fundgraph.extract.slugs import name_key, slug
from fundgraph.model import Extraction, Finding, Participant, Person, Project

_RECORD = "a record of its own"
"""Who has a record of their own in the collection is whom its other files mean by that name."""


@dataclass(slots=True)
class Identity:
    """What a document's mentions of one person agree on."""

    id: str
    name: str
    honorific: str | None
    printed: tuple[str, ...]
    misspellings: tuple[str, ...]
    homonym_of: str | None = None
    """The id of the first bearer of the name, where nothing says that this is the same person."""


def identify(projects: Sequence[tuple[str, Sequence[Member]]], decided: Mapping[str, str]) -> dict[int, Identity]:
    """Give every member (by ``id()``) of every project its identity.

    Two members are one person if any of their names, in full, are the same and something else tells so too
    (see :mod:`~fundgraph.extract.homonyms`). ``decided`` maps a printed name's slug, or ``project-id/slug``, to
    the id that it is to have.
    """
    clusters = _clusters([member for _, members in projects for member in members])
    home = {id(member): project for project, members in projects for member in members}
    teams = dict(projects)
    mates: dict[str, set[str]] = {}
    made: dict[int, Identity] = {}
    for members in clusters:
        if len(members) == 1:
            member = members[0]
            shared = _identity(members)
            decision = _decided(member, home[id(member)], decided) if decided else None
            made[id(member)] = replace(shared, id=decision) if decision else shared
            continue
        homes = [home[id(member)] for member in members]
        for project in homes:
            if project not in mates:
                mates[project] = {mate.key for mate in teams[project]}
        bearers = [
            Bearer(project, member.honorific, member.affiliation, mates[project] - {member.key})
            for member, project in zip(members, homes, strict=True)
        ]
        everyone = ""
        # Whom the page's own list of people has once is one person, in however many of its projects.
        parted = groups(bearers) if all(homes) else [list(range(len(members)))]
        for number, group in enumerate(parted):
            own = [members[place] for place in group]
            shared = _identity(own)
            if number:
                everyone = everyone or _identity(members).id
                shared = replace(shared, id=apart_id(shared.id, home[id(own[0])]), homonym_of=everyone)
            for member in own:
                decision = _decided(member, home[id(member)], decided) if decided else None
                made[id(member)] = replace(shared, id=decision) if decision else shared
    return made


def apart_id(person: str, project: str) -> str:
    """Return the id of somebody who is known by the name of somebody else: told apart by a project."""
    return f"{person}--{project}"


def person_records(
    projects: Iterable[tuple[str, Sequence[Member]]], identities: Mapping[int, Identity]
) -> tuple[Person, ...]:
    """Make one :class:`Person` for each id, in the order of first mention; whom no project has are in that of ""."""
    homes: dict[str, dict[str, None]] = {}
    found: dict[str, list[Identity]] = {}
    for project, members in projects:
        for member in members:
            identity = identities[id(member)]
            found.setdefault(identity.id, []).append(identity)
            home = homes.setdefault(identity.id, {})
            if project:
                home[project] = None
    people: list[Person] = []
    for person, all_of_them in found.items():
        first = all_of_them[0]
        if len(all_of_them) == 1:
            family = family_name(first.name)
            own = tuple(homes[person])
            people.append(
                Person(person, first.name, first.honorific, family, first.printed, first.misspellings, own)
            )
            continue
        printed = tuple(dict.fromkeys(name for identity in all_of_them for name in identity.printed))
        wrong = tuple(dict.fromkeys(name for identity in all_of_them for name in identity.misspellings))
        honorific = max((identity.honorific for identity in all_of_them), key=honorific_weight)
        people.append(
            Person(person, first.name, honorific, family_name(first.name), printed, wrong, tuple(homes[person]))
        )
    return tuple(people)


def resolve_identities(extractions: Sequence[Extraction]) -> list[Extraction]:
    """Give one id to a project and to a person whom several documents name; the ids of earlier documents win.

    The same name is the same person where something else tells so too (see
    :mod:`~fundgraph.extract.homonyms`). In the same project a misprint is too, unless the project has both.
    """
    return resolve_people(merge_projects(extractions))


def resolve_people(extractions: Sequence[Extraction]) -> list[Extraction]:
    """Give one id to a person whom several documents name, or several pieces of one; projects stay as they are."""
    known: dict[str, dict[str, set[Hashable]]] = {}
    in_project: dict[str, dict[str, str]] = {}
    resolved: list[Extraction] = []
    for extraction in extractions:
        renamed: dict[str, tuple[str, str]] = {}
        findings: list[Finding] = []
        signs = _signs(extraction)
        for person in extraction.people:
            bearers = known.get(name_key(person.name), {})
            if not bearers or person.id != slug(person.name):
                continue
            same = next(
                (o for o, theirs in bearers.items() if theirs & signs[person.id] or _RECORD in theirs), None
            )
            if same is not None:
                renamed[person.id] = (same, person.name)
            elif person.projects:
                other = apart_id(person.id, person.projects[0])
                renamed[person.id] = (other, person.name)
                findings.append(_homonym(extraction, person, other, next(iter(bearers))))
        for project in extraction.projects:
            earlier = in_project.get(project.id, {})
            findings += _misprints(project, earlier, renamed, {person.id for person in extraction.people})
        resolved.append(_rename(extraction, renamed, findings))
        signs = _signs(resolved[-1])
        for person in resolved[-1].people:
            for name in (person.name, *person.misspellings):
                known.setdefault(name_key(name), {}).setdefault(person.id, set()).update(signs[person.id])
        for project in resolved[-1].projects:
            people = in_project.setdefault(project.id, {})
            for participant in project.people:
                people.setdefault(participant.person_id, participant.name)
    return resolved


def _signs(extraction: Extraction) -> dict[str, set[Hashable]]:
    """Return, for every person of a document, all that tells who they are beside the name."""
    signs: dict[str, set[Hashable]] = {
        person.id: {("identifier", identifier.scheme, identifier.value) for identifier in person.identifiers}
        for person in extraction.people
    }
    for person in extraction.people:
        if not person.projects:
            signs[person.id].add(_RECORD)
    for project in extraction.projects:
        names = {name_key(participant.name) for participant in project.people}
        for one in project.people:
            known = {(identifier.scheme, identifier.value) for identifier in one.identifiers}
            bearer = Bearer(project.id, one.honorific, one.affiliation, names - {name_key(one.name)}, known)
            signs.setdefault(one.person_id, set()).update(evidence(bearer, titles=one.affiliation is None))
    return signs


def _homonym(extraction: Extraction, person: Person, new: str, other: str) -> Finding:
    mention = next(
        mention
        for project in extraction.projects
        for participant in project.people
        if participant.person_id == person.id
        for mention in participant.mentions
    )
    message = (
        f"“{person.name}” stands in an earlier document too, and nothing but the name says that it is the same "
        f"person; kept apart from {other}. Decide it in identities.toml."
    )
    return Finding("homonym", "info", mention.span, mention.name, message, new)


def _misprints(
    project: Project, earlier: Mapping[str, str], renamed: dict[str, tuple[str, str]], here: set[str]
) -> list[Finding]:
    """Find those of a project whom an earlier document prints a little differently in the same project."""
    findings: list[Finding] = []
    for participant in project.people:
        if participant.person_id in earlier or participant.person_id in renamed:
            continue
        scored = sorted(
            (
                (likeness(name, participant.name, False), person)
                for person, name in earlier.items()
                if person not in here
            ),
            reverse=True,
        )
        if not scored or scored[0][0] < 0.85 or is_form_of(participant.name, earlier[scored[0][1]]):
            continue
        person = scored[0][1]
        renamed[participant.person_id] = (person, earlier[person])
        span = participant.mentions[0].span
        findings.append(
            Finding(
                "name-variant",
                "warning",
                span,
                participant.mentions[0].name,
                f"“{participant.name}” is “{earlier[person]}” in an earlier document of the same project; "
                "probably one of the two is misspelt.",
                person,
            )
        )
    return findings


def _rename(extraction: Extraction, renamed: Mapping[str, tuple[str, str]], findings: list[Finding]) -> Extraction:
    """Write an extraction anew with other ids for some people."""
    change = {
        old: new for old, new in renamed.items() if old != new[0] or any(f.about == new[0] for f in findings)
    }
    if not change:
        return extraction

    def participant(one: Participant) -> Participant:
        if one.person_id not in change:
            return one
        person, name = change[one.person_id]
        return replace(one, person_id=person, name=name)

    def merged(person: Person) -> Person:
        if person.id not in change:
            return person
        new, name = change[person.id]
        wrong = (*person.misspellings, *([person.name] if is_misspelling(person.name, name) else []))
        return replace(
            person, id=new, name=name, family_name=family_name(name), misspellings=tuple(dict.fromkeys(wrong))
        )

    people: dict[str, Person] = {}
    for person in map(merged, extraction.people):
        other = people.get(person.id)
        people[person.id] = person if other is None else _joined(other, person)
    return replace(
        extraction,
        projects=tuple(replace(p, people=tuple(map(participant, p.people))) for p in extraction.projects),
        people=tuple(people.values()),
        members=tuple(map(participant, extraction.members)),
        findings=tuple(
            sorted(
                [replace(f, about=change[f.about][0]) if f.about in change else f for f in extraction.findings]
                + findings,
                key=lambda finding: (finding.span, finding.code),
            )
        ),
    )


def _joined(one: Person, other: Person) -> Person:
    return replace(
        one,
        honorific=max((one.honorific, other.honorific), key=honorific_weight),
        names_as_printed=tuple(dict.fromkeys((*one.names_as_printed, *other.names_as_printed))),
        misspellings=tuple(dict.fromkeys((*one.misspellings, *other.misspellings))),
        projects=tuple(dict.fromkeys((*one.projects, *other.projects))),
    )


def _clusters(members: Sequence[Member]) -> list[list[Member]]:
    """Group members by shared keys of full names."""
    parent: dict[str, str] = {}

    def root(key: str) -> str:
        while parent.setdefault(key, key) != key:
            parent[key] = parent[parent[key]]
            key = parent[key]
        return key

    first: list[str] = []
    for member in members:
        keys = _keys(member)
        first.append(keys[0])
        for key in keys[1:]:
            parent[root(key)] = root(keys[0])
    groups: dict[str, list[Member]] = {}
    for member, key in zip(members, first, strict=True):
        groups.setdefault(root(key) if key in parent else key, []).append(member)
    return list(groups.values())


def _keys(member: Member) -> list[str]:
    """Return the keys of a member's names, leaving out abbreviated ones where there is a full one."""
    full = member.fullest
    if member.uniform:
        return [member.key]
    others = {mention.name.name for mention in member.mentions} - {full}
    if not others:
        return [name_key(full)]
    names = [mention.name.name for mention in member.mentions if not is_form_of(mention.name.name, full)]
    return list(dict.fromkeys([name_key(full), *(name_key(name) for name in names)]))


def _identity(members: Sequence[Member]) -> Identity:
    if len(members) == 1 and members[0].uniform:
        name = members[0].fullest
        return Identity(slug(name) or "person", name, members[0].honorific, (name,), ())
    first = members[0].fullest
    if all(member.uniform and member.fullest == first for member in members):
        honorific = max([member.honorific for member in members], key=honorific_weight)
        return Identity(slug(first) or "person", first, honorific, (first,), ())
    names = [(mention.name.name, mention.where != "list") for member in members for mention in member.mentions]
    right = spelling(names)
    printed = tuple(dict.fromkeys([name for name, _ in names]))
    wrong = tuple([name for name in printed if is_misspelling(name, right)]) if len(printed) > 1 else ()
    honorific = max([member.honorific for member in members], key=honorific_weight)
    return Identity(slug(right) or "person", right, honorific, printed, wrong)


def _decided(member: Member, project: str, decided: Mapping[str, str]) -> str | None:
    for mention in member.mentions:
        name = slug(mention.name.name)
        if found := decided.get(f"{project}/{name}") or decided.get(name):
            return found
    return None

"""What the formats of research information ask of a graph alike: identifiers, grants, roles, names, the release."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fundgraph.export.things import Things

#: Scheme and value to the IRI that they stand for, or nothing.
Resolver = Callable[[str, str], str | None]

#: An identifier of such a scheme is the number under which a project is funded.
_GRANT = re.compile(r"(?!local-|openaire-).*(?:^|-)(?:project|contract|grant|award)")
_INVESTIGATOR = "principal-investigator"


@dataclass(frozen=True, slots=True)
class Release:
    """What a release's manifest says of it."""

    manifest: Mapping[str, Any]

    @property
    def id(self) -> str:
        """The release's id."""
        return str(self.manifest.get("release", ""))

    @property
    def day(self) -> str:
        """The day on which it was made; its time of day is in no export, so that equal inputs of a day are equal bytes."""
        found = re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", self.id) or re.match(
            r"[0-9]{4}-[0-9]{2}-[0-9]{2}", str(self.manifest.get("created", ""))
        )
        return found[0] if found else "1970-01-01"

    @property
    def base(self) -> str:
        """The base of the dataset's IRIs."""
        return str(self.manifest.get("base", ""))

    @property
    def programme(self) -> Mapping[str, Any]:
        """What is known of the programme."""
        found: Mapping[str, Any] = self.manifest.get("programme") or {}
        return found

    @property
    def name(self) -> str:
        """The programme's name, with its number if it has one."""
        name, number = str(self.programme.get("name") or self.base), self.programme.get("number")
        return f"{name} ({number})" if number and str(number) not in name else name

    @property
    def title(self) -> str:
        """The dataset's title."""
        return f"Knowledge graph of {self.name}"

    @property
    def description(self) -> str:
        """What the dataset holds, in a sentence."""
        return (
            f"Projects, people, roles, topics and funding phases of {self.name}, each statement with the passage that "
            "it was read from or the rule that it was inferred by."
        )

    @property
    def licence(self) -> str | None:
        """The IRI of the licence."""
        found = self.programme.get("licence")
        return None if found is None else str(found)

    @property
    def hash(self) -> str:
        """The hash of the canonical dataset."""
        return str(self.manifest.get("hash", ""))


def nothing(scheme: str, value: str) -> str | None:
    """Resolve no identifier."""
    return None


def is_grant(scheme: str) -> bool:
    """Tell whether identifiers of a scheme are numbers of grants.

    >>> is_grant("gepris-project"), is_grant("award"), is_grant("ror"), is_grant("local-project-id")
    (True, True, False, False)
    """
    return _GRANT.fullmatch(scheme) is not None


def same_as(things: Things, thing: str, resolve: Resolver) -> list[str]:
    """Return the IRIs that a thing has elsewhere, sorted: of its identifiers, and of links that were accepted."""
    found = {iri for scheme, value in things.identifiers(thing) if (iri := resolve(scheme, value)) is not None}
    return sorted(found | set(things.iris(thing, "schema:sameAs", "skos:exactMatch")))


def funder_of(things: Things, project: str) -> str | None:
    """Return the organisation that funds a project or a programme."""
    funder = things.iri(project, "fg:funder")
    if funder is None:
        programme = things.iri(project, "fg:partOfProgramme")
        funder = None if programme is None else things.iri(programme, "fg:funder")
    return funder


def parts_of(things: Things, thing: str) -> list[str]:
    """Return the participations of a project, a person or an organisation, those of investigators first, then in order."""
    found = set(things.iris(thing, "fg:hasParticipation", "fg:holdsParticipation"))

    def order(part: str) -> tuple[bool, int, str]:
        position = things.text(part, "fg:position") or "0"
        return (not leads(things, part), int(position) if position.isdecimal() else 0, part)

    return sorted(found, key=order)


def leads(things: Things, part: str) -> bool:
    """Tell whether a participation is a principal investigator's."""
    return (things.iri(part, "fg:withRole") or "").endswith(f"/{_INVESTIGATOR}")


def role_of(things: Things, part: str) -> str:
    """Return what somebody's role is called."""
    role = things.iri(part, "fg:withRole")
    if role is None:
        return things.text(part, "fg:roleAsPrinted") or "participant"
    return things.label(role).replace("-", " ")


def given_name(things: Things, person: str) -> str | None:
    """Return what stands before the family name."""
    name, family = things.text(person, "fg:name"), things.text(person, "fg:familyName")
    if name and family and name.endswith(family):
        return name[: -len(family)].strip() or None
    return None


def authors_of(things: Things, publication: str) -> list[str]:
    """Return the authors in the order in which the citation prints them, as far as its passage shows it."""
    names = things.texts(publication, "fg:author")
    for passage in things.iris(publication, "fg:readFrom"):
        quote = things.text(passage, "fg:quote") or ""
        if all(name in quote for name in names):
            return sorted(names, key=lambda name: (quote.index(name), name))
    return names

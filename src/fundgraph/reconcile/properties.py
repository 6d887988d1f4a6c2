"""The properties by which things are told apart, and by which clients extend their tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from fundgraph.terms import FG

__all__ = [
    "PROPERTIES",
    "TYPES",
    "Known",
    "Type",
    "properties_of",
    "property_named",
    "things_query",
    "type_named",
    "values_query",
]

_PREFIXES = (
    f"PREFIX fg: <{FG}>\nPREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>\n"
    "PREFIX skos: <http://www.w3.org/2004/02/skos/core#>\n"
)


@dataclass(frozen=True, slots=True)
class Type:
    """A type of things: its id (the local name of the class), and the list of the index in which its things are."""

    id: str
    name: str
    description: str
    kind: str
    broader: str = ""


#: All types, the general ones first; the narrower ones are further classes of the same things.
TYPES: Mapping[str, Type] = {
    one.id: one
    for one in (
        Type("Project", "Project", "a funded project of the programme", "projects"),
        Type("Person", "Person", "somebody who takes part in a project", "people"),
        Type("Topic", "Topic", "a concept of the scheme of topics", "topics"),
        Type("Organisation", "Organisation", "a university, an institute, a funder", "organisations"),
        Type("Publication", "Publication", "a work that a project cites", "publications"),
        Type("FundingPhase", "Funding phase", "a period of the programme", "phases"),
        Type("RegularProject", "Regular project", "a project that the programme funds itself", "projects", "Project"),
        Type("AssociatedProject", "Associated project", "a project that is funded otherwise and takes part", "projects", "Project"),
        Type("PrincipalInvestigator", "Principal investigator", "somebody who leads a project", "people", "Person"),
    )
}  # fmt: skip
_OTHER_NAMES = {"phase": "FundingPhase", "institution": "Organisation", "organization": "Organisation"}


def type_named(given: str) -> Type | None:
    """Return the type that an id means: a local name, a prefixed name, the IRI of the class, or a word for it.

    >>> type_named("fg:Person").id, type_named("phase").id, type_named("Q5")
    ('Person', 'FundingPhase', None)
    """
    local = given.removeprefix(FG).removeprefix("fg:")
    folded = local.casefold().replace(" ", "")
    for one in TYPES.values():
        if folded in (one.id.casefold(), one.kind):
            return one
    return TYPES.get(_OTHER_NAMES.get(folded, ""))


@dataclass(frozen=True, slots=True)
class Known:
    """A property: its id (a local name of the ontology, or a scheme of identifiers) and the path that leads to its values.

    ``values`` is the type of the values where they are things of ours.
    """

    id: str
    name: str
    description: str
    types: tuple[str, ...]
    path: str
    values: str = ""
    scheme: str = ""


def _known(id: str, name: str, types: str, description: str = "", values: str = "", path: str = "") -> Known:
    return Known(id, name, description, tuple(types.split()), path or f"fg:{id}", values)


#: The properties, in the order in which they are offered.
PROPERTIES: Mapping[str, Known] = {
    one.id: one
    for one in (
        _known("name", "Name", "Person Organisation", "without title"),
        _known("title", "Title", "Project Publication"),
        _known("prefLabel", "Preferred label", "Topic", path="skos:prefLabel"),
        _known("altLabel", "Other names", "Person Topic Organisation", path="skos:altLabel"),
        _known("affiliatedWith", "Affiliation", "Person", "where somebody works, as a source says", "Organisation"),
        _known("participatesIn", "Takes part in", "Person", "in whichever role", "Project"),
        _known("leads", "Leads", "Person", "projects of a principal investigator", "Project", "^fg:principalInvestigator"),
        _known("worksWith", "Works with", "Person", "shares a project", "Person"),
        _known("worksOn", "Works on", "Person", "topics of their projects", "Topic"),
        _known("withRole", "Role", "Person", "roles in projects", path="fg:holdsParticipation/fg:withRole"),
        _known("familyName", "Family name", "Person"),
        _known("honorific", "Title before the name", "Person"),
        _known("principalInvestigator", "Principal investigators", "Project", "", "Person"),
        _known("hasParticipant", "People", "Project", "whoever takes part", "Person"),
        _known("hasTopic", "Topics", "Project", "broader ones too", "Topic"),
        _known("hasAssignedTopic", "Topics found in the text", "Project", "without broader ones", "Topic"),
        _known("inPhase", "Funding phase", "Project", "", "FundingPhase"),
        _known("organisation", "Organisations", "Project", "where its people work", "Organisation", "fg:hasParticipant/fg:affiliatedWith"),
        _known("cites", "Cites", "Project", "", "Publication"),
        _known("code", "Code", "Project"),
        _known("acronym", "Acronym", "Project"),
        _known("kind", "Kind", "Project", "regular, associated …"),
        _known("abstract", "Abstract", "Project"),
        _known("startDate", "Start", "Project FundingPhase"),
        _known("endDate", "End", "Project FundingPhase"),
        _known("people", "People", "Organisation", "who works there, as a source says", "Person", "^fg:affiliatedWith"),
        _known("projects", "Projects", "Topic", "that have the topic", "Project", "^fg:hasTopic"),
        _known("definition", "Definition", "Topic", path="skos:definition"),
        _known("hasBroaderTopic", "Broader topics", "Topic", "", "Topic"),
        _known("hasNarrowerTopic", "Narrower topics", "Topic", "", "Topic"),
        _known("author", "Authors", "Publication", "as they are printed"),
        _known("year", "Year", "Publication"),
        _known("citedBy", "Cited by", "Publication", "", "Project", "^fg:cites"),
        _known("number", "Number", "FundingPhase"),
        _known("homepage", "Homepage", "Person Organisation"),
    )
}  # fmt: skip
_SCHEME = re.compile(r"[a-z][a-z0-9-]*")


def properties_of(schemes: Iterable[str], type_: Type | None = None) -> list[Known]:
    """Return the properties that things of a type may have, identifiers of these schemes included; of any type if none is given."""
    found = [
        one for one in PROPERTIES.values() if type_ is None or type_.id in one.types or type_.broader in one.types
    ]
    for scheme in schemes:
        if _SCHEME.fullmatch(scheme):
            path = f'fg:hasIdentifier [ fg:scheme "{scheme}" ; fg:value ?value ]'
            found.append(Known(scheme, f"Identifier: {scheme}", "", tuple(TYPES), path, scheme=scheme))
    return found


def property_named(given: str, schemes: Iterable[str]) -> Known | None:
    """Return the property that an id means: a local name, a prefixed name, the IRI, or a scheme of identifiers.

    >>> property_named("fg:affiliatedWith", ()).id, property_named("orcid", ["orcid"]).scheme
    ('affiliatedWith', 'orcid')
    """
    local = given.removeprefix(FG).removeprefix("fg:")
    return PROPERTIES.get(local) or next(
        (one for one in properties_of(schemes) if one.id == local and one.scheme), None
    )


def values_query(known: Known, iris: Sequence[str]) -> str:
    """Return the query for the values of a property; the IRIs were checked."""
    things = " ".join(f"<{iri}>" for iri in iris)
    path = f"?thing {known.path} ." if known.scheme else f"?thing {known.path} ?value ."
    return (
        f"{_PREFIXES}SELECT DISTINCT ?thing ?value ?label WHERE {{\n  VALUES ?thing {{ {things} }}\n  {path}\n"
        '  OPTIONAL { ?value rdfs:label|skos:prefLabel ?label . FILTER(LANG(?label) IN ("en", "")) }\n}\n'
        "ORDER BY ?thing ?value ?label"
    )


def things_query(known: Known, iris: Sequence[str], most: int) -> str:
    """Return the query for the things that have one of these values."""
    values = " ".join(f"<{iri}>" for iri in iris)
    return (
        f"{_PREFIXES}SELECT DISTINCT ?thing WHERE {{\n  VALUES ?value {{ {values} }}\n  ?thing {known.path} ?value .\n}}\n"
        f"ORDER BY ?thing LIMIT {most}"
    )

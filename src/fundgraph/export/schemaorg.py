"""schema.org as JSON-LD: what search engines and others read of projects, people, organisations and the dataset.

A view for others and nothing to reason with: in schema.org a project is an organisation, and here it is none.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from fundgraph.export.identifying import (
    Release,
    Resolver,
    authors_of,
    funder_of,
    given_name,
    is_grant,
    nothing,
    parts_of,
    role_of,
    same_as,
)
from fundgraph.export.things import Things

CONTEXT = "https://schema.org"
Node = dict[str, Any]


def nodes(things: Things, release: Release, resolve: Resolver = nothing) -> Iterator[bytes]:
    """Yield the whole as one document: the dataset, then all things that schema.org has words for."""
    graph = [dataset(release)]
    for class_ in KINDS:
        graph += [node(things, thing, resolve) for thing in things.of_class(class_)]
    document = {"@context": CONTEXT, "@graph": graph}
    yield (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def page(things: Things, thing: str, resolve: Resolver = nothing) -> Node | None:
    """Return what a page embeds of its thing; ``None`` if schema.org has no word for it."""
    found = node(things, thing, resolve)
    return {"@context": CONTEXT, **found} if found else None


def node(things: Things, thing: str, resolve: Resolver = nothing) -> Node:
    """Return a thing as a node; an empty one if schema.org has no word for it."""
    for class_, make in KINDS.items():
        if things.is_a(thing, class_):
            return _filled({"@id": thing, **make(things, thing, resolve)})
    return {}


def dataset(release: Release, files: Sequence[Mapping[str, str]] = (), url: str | None = None) -> Node:
    """Return the release as a dataset; ``files`` have ``url``, ``type``, ``name`` and perhaps ``sha256`` and ``size``."""
    return _filled(
        {
            "@id": release.base,
            "@type": "Dataset",
            "name": release.title,
            "description": release.description,
            "url": url or release.base,
            "version": release.id,
            "identifier": _value("sha-256 of the canonical N-Quads", release.hash) if release.hash else None,
            "license": release.licence,
            "datePublished": release.day,
            "creator": {"@type": "Organization", "name": release.name},
            "isAccessibleForFree": True,
            "distribution": [
                _filled(
                    {
                        "@type": "DataDownload",
                        "name": file.get("name"),
                        "contentUrl": file["url"],
                        "encodingFormat": file["type"],
                        "contentSize": file.get("size"),
                        "sha256": file.get("sha256"),
                    }
                )
                for file in files
            ],
        }
    )


def _programme(things: Things, thing: str, resolve: Resolver) -> Node:
    return {
        "@type": "ResearchProject",
        "additionalType": "https://schema.org/FundingScheme",
        "name": things.label(thing),
        "alternateName": things.texts(thing, "fg:code"),
        "description": things.text(thing, "dcterms:description", language="en"),
        "url": things.iris(thing, "fg:homepage"),
        "foundingDate": things.text(thing, "fg:startDate"),
        "dissolutionDate": things.text(thing, "fg:endDate"),
        "funder": _brief(things, things.iri(thing, "fg:funder"), "Organization"),
        **_identified(things, thing, resolve),
    }


def _project(things: Things, thing: str, resolve: Resolver) -> Node:
    funder = _brief(things, funder_of(things, thing), "Organization")
    grants = [
        _filled(
            {
                "@type": "Grant",
                "identifier": _value(scheme, value),
                "url": resolve(scheme, value),
                "funder": funder,
            }
        )
        for scheme, value in things.identifiers(thing)
        if is_grant(scheme)
    ]
    return {
        "@type": "ResearchProject",
        "name": things.label(thing),
        "alternateName": things.texts(thing, "fg:acronym"),
        "description": things.text(thing, "fg:abstract"),
        "url": things.iris(thing, "fg:homepage"),
        "foundingDate": things.text(thing, "fg:startDate"),
        "dissolutionDate": things.text(thing, "fg:endDate"),
        "parentOrganization": _brief(things, things.iri(thing, "fg:partOfProgramme"), "ResearchProject"),
        "member": [_role(things, part, "member") for part in parts_of(things, thing)],
        "keywords": _terms(things, thing, "fg:hasAssignedTopic"),
        "funder": funder,
        "funding": grants,
        **_identified(things, thing, resolve),
    }


def _role(things: Things, part: str, way: str) -> Node:
    """Return a participation as a role: ``member`` leads to who takes part, ``memberOf`` to the project."""
    person, organisation = things.iri(part, "fg:participant"), things.iri(part, "fg:participatingOrganisation")
    if way == "memberOf":
        end = _brief(things, things.iri(part, "fg:inProject"), "ResearchProject")
    elif person is not None:
        end = _brief(things, person, "Person")
    else:
        end = _brief(things, organisation, "Organization")
    phase = things.iri(part, "fg:duringPhase")
    return _filled(
        {
            "@type": "OrganizationRole",
            way: end,
            "roleName": role_of(things, part),
            "startDate": None if phase is None else things.text(phase, "fg:startDate"),
            "endDate": None if phase is None else things.text(phase, "fg:endDate"),
        }
    )


def _person(things: Things, thing: str, resolve: Resolver) -> Node:
    return {
        "@type": "Person",
        "name": things.label(thing),
        "givenName": given_name(things, thing),
        "familyName": things.text(thing, "fg:familyName"),
        "honorificPrefix": things.text(thing, "fg:honorific"),
        "alternateName": things.texts(thing, "skos:altLabel"),
        "url": things.iris(thing, "fg:homepage"),
        "affiliation": [_brief(things, iri, "Organization") for iri in things.iris(thing, "fg:affiliatedWith")],
        "memberOf": [_role(things, part, "memberOf") for part in parts_of(things, thing)],
        "knowsAbout": _terms(things, thing, "fg:worksOn"),
        **_identified(things, thing, resolve),
    }


def _organisation(things: Things, thing: str, resolve: Resolver) -> Node:
    country = things.text(thing, "fg:country")
    return {
        "@type": "Organization",
        "name": things.label(thing),
        "alternateName": [*things.texts(thing, "fg:acronym"), *things.texts(thing, "skos:altLabel")],
        "url": things.iris(thing, "fg:homepage"),
        "address": None if country is None else {"@type": "PostalAddress", "addressCountry": country},
        **_identified(things, thing, resolve),
    }


def _publication(things: Things, thing: str, resolve: Resolver) -> Node:
    return {
        "@type": "ScholarlyArticle",
        "name": things.label(thing),
        "author": [{"@type": "Person", "name": name} for name in authors_of(things, thing)],
        "datePublished": things.text(thing, "fg:year"),
        **_identified(things, thing, resolve),
    }


def _topic(things: Things, thing: str, resolve: Resolver) -> Node:
    return {
        "@type": "DefinedTerm",
        "name": things.label(thing),
        "alternateName": things.texts(thing, "skos:altLabel", "en"),
        "description": things.text(thing, "skos:definition", language="en"),
        "inDefinedTermSet": things.iri(thing, "skos:inScheme"),
        **_identified(things, thing, resolve),
    }


Maker = Callable[[Things, str, Resolver], Node]
#: What schema.org has words for: our class, and what makes a node of an instance.
KINDS: Mapping[str, Maker] = {
    "fg:Programme": _programme, "fg:Project": _project, "fg:Person": _person, "fg:Organisation": _organisation,
    "fg:Topic": _topic, "fg:Publication": _publication,
}  # fmt: skip


def _identified(things: Things, thing: str, resolve: Resolver) -> Node:
    return {
        "identifier": [_value(scheme, value, resolve) for scheme, value in things.identifiers(thing)],
        "sameAs": same_as(things, thing, resolve),
    }


def _value(scheme: str, value: str, resolve: Resolver = nothing) -> Node:
    return _filled({"@type": "PropertyValue", "propertyID": scheme, "value": value, "url": resolve(scheme, value)})


def _brief(things: Things, thing: str | None, type_: str) -> Node | None:
    return None if thing is None else {"@type": type_, "@id": thing, "name": things.label(thing)}


def _terms(things: Things, thing: str, name: str) -> list[Node | None]:
    return [_brief(things, topic, "DefinedTerm") for topic in things.iris(thing, name)]


def _filled(found: Node) -> Node:
    """Return a node without what is empty; of one value no array."""
    node: Node = {}
    for key, value in found.items():
        if value is None or value == [] or value == "":
            continue
        node[key] = value[0] if isinstance(value, list) and len(value) == 1 else value
    return node

"""CERIF XML as in the OpenAIRE Guidelines for CRIS Managers 1.1, as a harvester gets it: an answer of OAI-PMH.

A date is written only where the source states its day, for the profile has no others; nothing is made up.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from xml.sax.saxutils import escape, quoteattr

from fundgraph.export.identifying import (
    Release,
    Resolver,
    authors_of,
    funder_of,
    given_name,
    is_grant,
    leads,
    nothing,
    parts_of,
)
from fundgraph.export.things import Things

PROFILE = "https://www.openaire.eu/cerif-profile/1.1/"
_OAI = "http://www.openarchives.org/OAI/2.0/"
_FUNDING_TYPES = "https://www.openaire.eu/cerif-profile/vocab/OpenAIRE_Funding_Types"
_PUBLICATION_TYPES = "https://www.openaire.eu/cerif-profile/vocab/COAR_Publication_Types"
_TEXT, _PREPRINT = (f"http://purl.org/coar/resource_type/{code}" for code in ("c_18cf", "c_816b"))
_IDENTIFIER_TYPES = "https://w3id.org/cerif/vocab/IdentifierTypes#"
#: Schemes that the guidelines have an IRI for.
_KNOWN = {"crossref-funder": f"{_IDENTIFIER_TYPES}FundRefID"}
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ORCID = re.compile(r"0000-000(?:1-[5-9]|2-[0-9]|3-[0-4])[0-9]{3}-[0-9]{3}[0-9X]")
_DOI = re.compile(r"10\.\d{4,}(?:\.\d+)*/\S+")
#: No identifier of an entity is longer.
_LONGEST = 128
_UNKNOWN = "und"


def document(things: Things, release: Release, resolve: Resolver = nothing) -> Iterator[bytes]:
    """Yield all records as one answer to ``ListRecords``."""
    writer = _Writer(things, release, resolve)
    host = re.sub(r"^[a-z]+://|[/?#].*$", "", release.base) or "localhost"
    yield (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<OAI-PMH xmlns="{_OAI}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="{_OAI} '
        f'{_OAI}OAI-PMH.xsd {PROFILE} https://www.openaire.eu/schema/cris/1.1/openaire-cerif-profile.xsd">\n'
        f"<responseDate>{release.day}T00:00:00Z</responseDate>\n"
        f'<request verb="ListRecords" metadataPrefix="oai_cerif_openaire_1.1">{escape(release.base)}</request>\n'
    ).encode()
    is_first = True
    for kind, set_, records in writer.sets():
        for id_, xml in records:
            if is_first:
                yield b"<ListRecords>\n"
            is_first = False
            yield (
                f"<record><header><identifier>oai:{escape(host)}:{kind}/{escape(id_)}</identifier>"
                f"<datestamp>{release.day}</datestamp><setSpec>openaire_cris_{set_}</setSpec></header>\n"
                f"<metadata>\n{xml}\n</metadata></record>\n"
            ).encode()
    yield b'<error code="noRecordsMatch"/>\n' if is_first else b"</ListRecords>\n"
    yield b"</OAI-PMH>\n"


class _Writer:
    """Writes the entities of one graph."""

    def __init__(self, things: Things, release: Release, resolve: Resolver) -> None:
        self._things = things
        self._release = release
        self._resolve = resolve
        self._languages = self._languages_of()

    def sets(self) -> Iterator[tuple[str, str, Iterator[tuple[str, str]]]]:
        """Yield name, OAI set, and the records of each kind of entity."""
        of = self._things.of_class
        yield "Projects", "projects", self._records(of("fg:Project"), self._project)
        yield "Persons", "persons", self._records(of("fg:Person"), self._person)
        yield "OrgUnits", "orgunits", self._records(of("fg:Organisation"), self._org_unit)
        yield "Fundings", "funding", self._fundings()
        yield "Publications", "publications", self._records(of("fg:Publication"), self._publication)

    def _records(self, found: Iterable[str], make: Callable[[str, bool], str]) -> Iterator[tuple[str, str]]:
        for thing in found:
            yield self._id(thing), make(thing, True)

    def _id(self, thing: str) -> str:
        local = thing.removeprefix(self._release.base)
        local = local.partition("/")[2] or local
        if len(local) <= _LONGEST and re.fullmatch(r"[\w.~%/-]+", local):
            return local
        return hashlib.sha256(thing.encode()).hexdigest()[:32]

    def _languages_of(self) -> Mapping[str, str]:
        """Return the language of each document that states it."""
        things = self._things
        found = {}
        for document_ in things.of_class("fg:Document"):
            language = things.text(document_, "fg:language")
            if language:
                found[document_] = language
        return found

    def _language(self, thing: str) -> str:
        """Return the language that a thing was read in; ``und`` if that is not known."""
        things = self._things
        for passage in things.iris(thing, "fg:readFrom"):
            language = self._languages.get(things.iri(passage, "fg:inDocument") or "")
            if language:
                return language
        return _UNKNOWN

    def _project(self, thing: str, whole: bool) -> str:
        things, language = self._things, self._language(thing)
        title = _element("Title", things.label(thing), {"xml:lang": language})
        if not whole:
            return _entity("Project", self._id(thing), False, title)
        abstract = things.text(thing, "fg:abstract")
        return _entity(
            "Project",
            self._id(thing),
            True,
            _one("Acronym", things.text(thing, "fg:acronym")),
            title,
            *self._identifiers(thing),
            self._date("StartDate", thing, "fg:startDate"),
            self._date("EndDate", thing, "fg:endDate"),
            *self._taking_part(thing),
            *self._funded(thing),
            *(
                _element("Keyword", things.label(topic), {"xml:lang": "en"})
                for topic in things.iris(thing, "fg:hasAssignedTopic")
            ),
            "" if abstract is None else _element("Abstract", abstract, {"xml:lang": language}),
        )

    def _date(self, name: str, thing: str, property_: str) -> str:
        found = self._things.text(thing, property_)
        return _element(name, found) if found and _DAY.fullmatch(found) else ""

    def _taking_part(self, thing: str) -> Iterator[str]:
        """Yield the consortium, which is of organisations, and the team, which is of people."""
        things = self._things
        consortium: dict[str, list[str]] = {"Coordinator": [], "Partner": []}
        team: dict[str, list[str]] = {"PrincipalInvestigator": [], "Contact": [], "Member": []}
        for part in parts_of(things, thing):
            role = (things.iri(part, "fg:withRole") or "").rpartition("/")[2]
            person, organisation = (
                things.iri(part, "fg:participant"),
                things.iri(part, "fg:participatingOrganisation"),
            )
            if person is not None:
                name = (
                    "PrincipalInvestigator"
                    if leads(things, part)
                    else "Contact"
                    if role == "contact"
                    else "Member"
                )
                team[name].append(_wrapped(name, _one("DisplayName", things.label(person)), self._person(person)))
            elif organisation is not None:
                name = "Coordinator" if role == "coordinator" else "Partner"
                shown = _one("DisplayName", things.label(organisation))
                consortium[name].append(_wrapped(name, shown, self._org_unit(organisation)))
        for container, found in (("Consortium", consortium), ("Team", team)):
            inner = [xml for some in found.values() for xml in dict.fromkeys(some)]
            if inner:
                yield _wrapped(container, *inner)

    def _person(self, thing: str, whole: bool = False) -> str:
        things = self._things
        family = things.text(thing, "fg:familyName") or things.label(thing)
        name = _wrapped("PersonName", _one("FamilyNames", family), _one("FirstNames", given_name(things, thing)))
        if not whole:
            return _entity("Person", self._id(thing), False, name)
        orcids = [
            value for scheme, value in things.identifiers(thing) if scheme == "orcid" and _ORCID.fullmatch(value)
        ]
        # The profile has no place for other schemes' identifiers of people.
        tags = ["ORCID", *["AlternativeORCID"] * len(orcids)]
        return _entity(
            "Person",
            self._id(thing),
            True,
            name,
            *(_element(tag, f"https://orcid.org/{value}") for tag, value in zip(tags, orcids, strict=False)),
            *(_element("ElectronicAddress", iri) for iri in things.iris(thing, "fg:homepage")),
            *(_wrapped("Affiliation", self._org_unit(iri)) for iri in things.iris(thing, "fg:affiliatedWith")),
        )

    def _org_unit(self, thing: str, whole: bool = False) -> str:
        things = self._things
        return _entity(
            "OrgUnit",
            self._id(thing),
            whole,
            _one("Acronym", things.text(thing, "fg:acronym")),
            _element("Name", things.label(thing), {"xml:lang": _UNKNOWN}),
            *(self._identifiers(thing) if whole else ()),
            *(_element("ElectronicAddress", iri) for iri in things.iris(thing, "fg:homepage") if whole),
        )

    def _funded(self, project: str) -> Iterator[str]:
        """Yield who funds a project, with each of its grants."""
        funder = funder_of(self._things, project)
        by = "" if funder is None else _wrapped("By", self._org_unit(funder))
        grants = [_wrapped("As", self._grant(project, *one, whole=False)) for one in self._grants(project)]
        if by or grants:
            yield from (_wrapped("Funded", by, grant) for grant in grants or [""])

    def _grants(self, project: str) -> list[tuple[str, str]]:
        return [(scheme, value) for scheme, value in self._things.identifiers(project) if is_grant(scheme)]

    def _fundings(self) -> Iterator[tuple[str, str]]:
        for programme in self._things.of_class("fg:Programme"):
            yield self._programme_id(programme), self._programme(programme, whole=True)
        seen = set()
        for project in self._things.of_class("fg:Project"):
            for scheme, value in self._grants(project):
                id_ = _grant_id(scheme, value)
                if id_ not in seen:
                    seen.add(id_)
                    yield id_, self._grant(project, scheme, value, whole=True)

    def _programme_id(self, programme: str) -> str:
        return f"programme-{self._id(programme)}"

    def _programme(self, thing: str, *, whole: bool) -> str:
        things = self._things
        funder = things.iri(thing, "fg:funder")
        return _entity(
            "Funding",
            self._programme_id(thing),
            whole,
            _element("Type", f"{_FUNDING_TYPES}#FundingProgramme", {"xmlns": _FUNDING_TYPES}),
            _one("Acronym", things.text(thing, "fg:code")),
            _element("Name", things.label(thing), {"xml:lang": "en"}),
            *(self._identifiers(thing) if whole else ()),
            "" if funder is None or not whole else _wrapped("Funder", self._org_unit(funder)),
        )

    def _grant(self, project: str, scheme: str, value: str, *, whole: bool) -> str:
        things = self._things
        funder, programme = funder_of(things, project), things.iri(project, "fg:partOfProgramme")
        return _entity(
            "Funding",
            _grant_id(scheme, value),
            whole,
            _element("Type", f"{_FUNDING_TYPES}#Grant", {"xmlns": _FUNDING_TYPES}),
            self._identifier(project, scheme, value),
            "" if funder is None or not whole else _wrapped("Funder", self._org_unit(funder)),
            "" if programme is None else _wrapped("PartOf", self._programme(programme, whole=False)),
        )

    def _publication(self, thing: str, whole: bool) -> str:
        things = self._things
        identifiers = dict(things.identifiers(thing))
        doi, arxiv = identifiers.get("doi", ""), identifiers.get("arxiv")
        url = None if arxiv is None else self._resolve("arxiv", arxiv)
        type_ = _PREPRINT if arxiv is not None and not doi else _TEXT
        authors = [
            _wrapped("Author", _one("DisplayName", name), "<Person/>") for name in authors_of(things, thing)
        ]
        return _entity(
            "Publication",
            self._id(thing),
            whole,
            _element("Type", type_, {"xmlns": _PUBLICATION_TYPES}),
            _element("Title", things.label(thing), {"xml:lang": _UNKNOWN}),
            _one("PublicationDate", things.text(thing, "fg:year")),
            _one("DOI", doi) if _DOI.fullmatch(doi) else "",
            _one("URL", url),
            _wrapped("Authors", *authors) if authors else "",
        )

    def _identifiers(self, thing: str) -> Iterator[str]:
        for scheme, value in self._things.identifiers(thing):
            yield self._identifier(thing, scheme, value)

    def _identifier(self, thing: str, scheme: str, value: str) -> str:
        known = _KNOWN.get(scheme)
        if known is None and is_grant(scheme):
            known = f"{_IDENTIFIER_TYPES}ProjectReference"
        type_ = known or f"{self._release.base}identifier/{scheme}"
        shown = self._resolve(scheme, value) if scheme in _KNOWN else None
        return _element("Identifier", shown or value, {"type": type_})


def _grant_id(scheme: str, value: str) -> str:
    id_ = re.sub(r"[^\w.-]+", "-", f"{scheme}-{value}")
    return id_ if len(id_) <= _LONGEST else hashlib.sha256(id_.encode()).hexdigest()[:32]


def _entity(name: str, id_: str, whole: bool, *inner: str) -> str:
    """Return an entity; a whole one begins a record and states the namespace."""
    space = f' xmlns="{PROFILE}"' if whole else ""
    return f"<{name}{space} id={quoteattr(id_)}>{''.join(inner)}</{name}>"


def _element(name: str, text: str, attributes: Mapping[str, str] | None = None) -> str:
    said = "".join(f" {key}={quoteattr(value)}" for key, value in (attributes or {}).items())
    return f"<{name}{said}>{escape(_allowed(text))}</{name}>"


def _one(name: str, text: str | None) -> str:
    return "" if not text else _element(name, text)


def _wrapped(name: str, *inner: str) -> str:
    return f"<{name}>{''.join(inner)}</{name}>"


def _allowed(text: str) -> str:
    """Return a text without what XML cannot hold."""
    return "".join(c for c in text if c in "\t\n\r" or " " <= c not in "\ufffe\uffff")

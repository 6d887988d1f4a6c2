"""What ``programme.toml`` and its table of facts say, as triples in ``graph/programme``."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from rdflib import DCTERMS, RDFS, SKOS, Literal, URIRef

from fundgraph.documents.programme import Fact, Programme
from fundgraph.extract.slugs import slug
from fundgraph.graph.phases import write_interval, write_order
from fundgraph.graph.resemblance import write_resemblances
from fundgraph.graph.writer import Graphs, Writer, date_literal, slug_of
from fundgraph.model import Extraction
from fundgraph.vocab import FG, DatasetNames

_WEB = re.compile(r"https?://[^\s<>\"{}|\\^`]+$")


def _key(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


class ProgrammeMapper:
    """Maps a programme; facts about projects and people are hung on those that the documents name."""

    def __init__(self, graphs: Graphs, names: DatasetNames, programme: Programme) -> None:
        self.names, self.programme = names, programme
        self.out = Writer(graphs, names, "programme")
        self.report = graphs[names.graph("report")]
        self.organisations: dict[str, URIRef] = {}

    def map(self, extractions: Sequence[Extraction]) -> list[Fact]:
        """Write everything; return the facts whose subject no document names."""
        self._programme()
        people = (person for extraction in extractions for person in extraction.people)
        write_resemblances(self.out, people, self.programme.decisions)
        subjects = {("programme", _key(f"{self.programme.number} {self.programme.name}")): self.names.programme}
        subjects["programme", _key(self.programme.number)] = self.names.programme
        subjects["programme", _key(self.programme.name)] = self.names.programme
        for phase in self.programme.phases:
            subjects["phase", _key(phase.label)] = self.names.thing("phase", phase.number)
        for extraction in extractions:
            for project in extraction.projects:
                subjects["project", _key(project.title)] = self.names.thing("project", project.id)
            for person in extraction.people:
                for printed in person.names_as_printed:
                    subjects["person", _key(printed)] = self.names.thing("person", person.id)
        aliases = [fact for fact in self.programme.facts if fact.kind == "organisation" and fact.scheme == "alias"]
        for fact in aliases:
            node = self._organisation(fact.subject)
            self.organisations[_key(fact.value)] = node
            self._sourced(node, SKOS.altLabel, Literal(fact.value), fact)
        unknown = []
        for fact in self.programme.facts:
            if fact in aliases:
                continue
            subject = subjects.get((fact.kind, _key(fact.subject)))
            if fact.kind == "organisation":
                subject = self._organisation(fact.subject)
            if subject is None:
                unknown.append(fact)
            else:
                self._fact(subject, fact)
        return unknown

    def _programme(self) -> None:
        out, node, programme = self.out, self.names.programme, self.programme
        out.thing(node, FG.Programme, f"{programme.number} {programme.name}", programme.language)
        out.say(node, FG.name, Literal(programme.name))
        out.say(node, FG.code, Literal(programme.number))
        if programme.description:
            out.say(node, DCTERMS.description, Literal(programme.description, lang=programme.language))
        if programme.homepage:
            out.say(node, FG.homepage, URIRef(programme.homepage))
        if programme.licence:
            out.say(node, DCTERMS.license, URIRef(programme.licence))
        funder = programme.funder
        if funder is not None:
            organisation = self._organisation(funder.name, funder.id)
            out.say(node, FG.funder, organisation)
            out.say_if(organisation, FG.acronym, funder.acronym)
            if funder.homepage:
                out.say(organisation, FG.homepage, URIRef(funder.homepage))
        for phase in programme.phases:
            thing = self.names.thing("phase", phase.number)
            out.thing(thing, FG.FundingPhase, phase.label)
            out.say(thing, FG.number, Literal(phase.number))
            out.say(thing, FG.partOfProgramme, node)
            out.say(node, FG.hasPhase, thing)
            write_interval(out, thing, phase.start, phase.end)
            out.say_if(thing, FG.note, phase.note)
            if phase.source:
                out.say(thing, DCTERMS.source, self._source(phase.source))
        write_order(out, self.names, programme.phases)
        dates = [phase.start for phase in programme.phases if phase.start]
        if dates:
            out.say(node, FG.startDate, date_literal(min(dates)))

    def _organisation(self, name: str, identifier: str | None = None) -> URIRef:
        node = self.organisations.get(_key(name))
        if node is None:
            node = self.names.thing("organisation", identifier or slug(name))
            self.organisations[_key(name)] = node
            self.out.thing(node, FG.Organisation, name)
            self.out.say(node, FG.name, Literal(name))
        return node

    def _fact(self, subject: URIRef, fact: Fact) -> None:
        if fact.scheme == "affiliation":
            self._sourced(subject, FG.affiliatedWith, self._organisation(fact.value), fact)
        elif fact.scheme == "homepage" and _WEB.match(fact.value):
            self._sourced(subject, FG.homepage, URIRef(fact.value), fact)
        elif fact.scheme == "mentioned-on" and _WEB.match(fact.value):
            self._sourced(subject, RDFS.seeAlso, URIRef(fact.value), fact)
        else:
            value = fact.value.removeprefix("https://ror.org/") if fact.scheme == "ror" else fact.value
            node = self.names.thing("identifier", f"{slug(fact.scheme)}/{slug_of(value)}")
            self.out.thing(node, FG.Identifier, f"{fact.scheme} {value}")
            self.out.say(node, FG.scheme, Literal(fact.scheme))
            self.out.say(node, FG.value, Literal(value))
            self.out.say(node, FG.confidence, Literal(fact.confidence))
            self.out.say(node, DCTERMS.source, self._source(fact.source))
            self._sourced(subject, FG.hasIdentifier, node, fact)

    def _sourced(self, subject: URIRef, predicate: URIRef, value: URIRef | Literal, fact: Fact) -> None:
        """Add a statement, and in the provenance graph where it comes from and how sure it is."""
        self.out.say(subject, predicate, value)
        node = self.out.reading(subject, predicate, value)
        provenance = self.out.provenance
        provenance.add((node, DCTERMS.source, self._source(fact.source)))
        provenance.add((node, FG.confidence, Literal(fact.confidence)))
        provenance.add((node, FG.readingRule, Literal(f"{fact.file} line {fact.line}")))
        if fact.note:
            provenance.add((node, FG.note, Literal(fact.note)))

    @staticmethod
    def _source(source: str) -> URIRef | Literal:
        return URIRef(source) if _WEB.match(source) else Literal(source)

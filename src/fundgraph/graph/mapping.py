"""From what was read out of one document to triples in that document's graph."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

from rdflib import DCTERMS, PROV, RDF, RDFS, SKOS, XSD, Literal, URIRef

from fundgraph.extract.headings import role_of
from fundgraph.extract.institutions import is_institution
from fundgraph.extract.slugs import slug
from fundgraph.graph.writer import DocumentWriter, Graphs, date_literal, slug_of
from fundgraph.model import (
    Claim,
    Extraction,
    Finding,
    Identifier,
    Institution,
    Participant,
    Person,
    Project,
    Publication,
    Span,
)
from fundgraph.vocab import DQV, FG, OA, ROLE, DatasetNames

_FIELDS: dict[str, tuple[URIRef, Callable[[str], Literal]]] = {
    "code": (FG.code, Literal),
    "acronym": (FG.acronym, Literal),
    "start": (FG.startDate, date_literal),
    "end": (FG.endDate, date_literal),
}

#: The roles that an organisation can have; in any other it takes part, and the printed word is kept.
_OF_ORGANISATIONS = ("coordinator", "host", "partner", "participant", "contact")


class ExtractionMapper:
    """Maps one extraction; ``phase`` is the number of the phase that the document describes, if it is known."""

    def __init__(self, graphs: Graphs, names: DatasetNames, extraction: Extraction, file: str) -> None:
        self.names = names
        self.graphs = graphs
        self.extraction = extraction
        self.file = file
        self.out = DocumentWriter(graphs, names, extraction.document)
        self.report = graphs[names.graph("report")]
        stated = extraction.phase.number if extraction.phase else None
        self.phase_number = extraction.document.phase if extraction.document.phase is not None else stated
        self.phase = None if self.phase_number is None else names.thing("phase", self.phase_number)

    def map(self) -> None:
        """Write everything."""
        self._document()
        for position, project in enumerate(self.extraction.projects, start=1):
            self._project(project, position)
        for person in self.extraction.people:
            self._person(person)
        for member in self.extraction.members:
            self._member(member)
        for number, claim in enumerate(self.extraction.claims, start=1):
            self._claim(claim, number)
        for number, finding in enumerate(self.extraction.findings, start=1):
            self._finding(finding, number)

    def _document(self) -> None:
        out, document = self.out, self.extraction.document
        out.thing(out.iri, FG.Document, document.title or document.id)
        out.say(out.iri, RDF.type, PROV.Entity)
        out.say(out.iri, FG.file, Literal(self.file))
        out.say(out.iri, FG.sha256, Literal(document.sha256))
        out.say(out.iri, FG.lineCount, Literal(len(document.line_starts)))
        out.say_if(out.iri, FG.language, document.language)
        if document.source:
            out.say(out.iri, DCTERMS.source, URIRef(document.source))
        if document.retrieved:
            out.say(out.iri, FG.retrieved, date_literal(document.retrieved))
        out.say_if(out.iri, DCTERMS.rights, document.rights)
        if document.licence:
            out.say(out.iri, DCTERMS.license, URIRef(document.licence))
        if self.phase is not None:
            out.say(out.iri, FG.describesPhase, self.phase)
            phase = self.extraction.phase
            if phase is not None and phase.span is not None:
                out.read(out.iri, FG.phaseAsPrinted, Literal(phase.label), [phase.span], "phase-heading")
                out.read_from(self.phase, [phase.span])

    def _project(self, project: Project, position: int) -> None:
        out, title = self.out, [project.title_span]
        node = self.names.thing("project", project.id)
        out.thing(node, FG.Project, project.title)
        kind = {"associated": FG.AssociatedProject, "regular": FG.RegularProject}.get(project.kind)
        if kind is not None:
            out.say(node, RDF.type, kind)
        out.say(node, FG.kind, Literal(project.kind))
        if "title" not in project.retold:
            out.read(node, FG.title, Literal(project.title), title, "title")
        if "position" not in project.retold:
            out.say(node, FG.position, Literal(position))
        out.say(node, FG.partOfProgramme, self.names.programme)
        phase = self._phase_of(project)
        if phase is not None:
            out.read(node, FG.inPhase, phase, self._phase_spans(project) or title, "phase-of-document")
        for name, (predicate, literal) in _FIELDS.items():
            value = getattr(project, name)
            if value is not None and name not in project.retold:
                span = project.span if name in ("start", "end") else project.title_span
                out.read(node, predicate, literal(value), [span], name)
        for other in project.disagreements:
            predicate, literal = _FIELDS.get(other.field, (FG[other.field], Literal))
            out.heard(node, predicate, literal(other.value), other.span, other.field)
        out.say(node, PROV.wasDerivedFrom, out.iri)
        out.read_from(node, title)
        self._abstract(node, project)
        self._people(node, project)
        self._topics(node, project)
        for position, institution in enumerate(project.institutions, start=len(project.people) + 1):
            self._institution(node, project, institution, position)
        for publication in project.publications:
            self._publication(node, publication)
        for identifier in project.identifiers:
            self._identifier(node, identifier)

    def _phase_of(self, project: Project) -> URIRef | None:
        number = self._phase_number_of(project)
        return None if number is None else self.names.thing("phase", number)

    def _phase_number_of(self, project: Project) -> int | None:
        return self.phase_number if project.phase is None else project.phase

    def _phase_spans(self, project: Project) -> list[Span]:
        number = self._phase_number_of(project)
        phases = self.extraction.phases or ((self.extraction.phase,) if self.extraction.phase else ())
        spans = [phase.span for phase in phases if phase.number == number and phase.span is not None]
        own = [span for span in spans if project.span.start <= span.start and span.end <= project.span.end]
        return (own or spans)[:1]

    def _institution(self, node: URIRef, project: Project, institution: Institution, position: int) -> None:
        out, spans, name = self.out, [institution.span], slug(institution.name)
        organisation = self.names.thing("organisation", name)
        out.thing(organisation, FG.Organisation, institution.name)
        out.read(organisation, FG.name, Literal(institution.name), spans, "institution")
        if institution.country:
            out.read(organisation, FG.country, Literal(institution.country), spans, "institution")
        for identifier in institution.identifiers:
            self._identifier(organisation, identifier)
        out.read_from(organisation, spans)
        part = self._part(node, project, f"organisation/{name}", institution.name, position)
        out.read(node, FG.hasParticipation, part, spans, "institution")
        out.read(part, FG.participatingOrganisation, organisation, spans, "institution")
        out.read(part, FG.withRole, ROLE[_role_of_organisation(institution.role)], spans, "institution")
        out.read(part, FG.nameAsPrinted, Literal(institution.name), spans, "institution")
        if institution.role is not None:
            out.read(part, FG.roleAsPrinted, Literal(institution.role), spans, "institution")
        out.read_from(part, spans)

    def _part(self, node: URIRef, project: Project, who: str, name: str, position: int) -> URIRef:
        """Begin the participation of a person or an organisation in a project, in the phase of this document."""
        out, number, phase = self.out, self._phase_number_of(project), self._phase_of(project)
        when = "none" if number is None else str(number)
        part = self.names.thing("participation", f"{project.id}/{when}/{who}")
        out.thing(part, FG.Participation, f"{name} in {project.title}")
        out.say(part, FG.inProject, node)
        if phase is not None:
            out.say(part, FG.duringPhase, phase)
        if not self._is_told(part, FG.position):
            out.say(part, FG.position, Literal(position))
        return part

    def _abstract(self, node: URIRef, project: Project) -> None:
        abstract = project.abstract
        if "abstract" in project.retold:
            return
        spans = [abstract.span] if abstract.span is not None else [project.title_span]
        self.out.read(node, FG.abstractStatus, Literal(abstract.status), spans, "abstract")
        if abstract.text is not None:
            self.out.read(node, FG.abstract, Literal(abstract.text), spans, "abstract")

    def _people(self, node: URIRef, project: Project) -> None:
        for position, person in enumerate(project.people, start=1):
            self._participation(node, project, person, position)
        people = sorted({self.names.thing("person", person.person_id) for person in project.people})
        spans = {self.names.thing("person", person.person_id): person.span for person in project.people}
        for one, other in combinations(people, 2):
            # One direction only: that worksWith is symmetric is the ontology's to say.
            self.out.read(one, FG.worksWith, other, [spans[one], spans[other]], "same-project")

    def _participation(self, project_node: URIRef, project: Project, person: Participant, position: int) -> None:
        out, spans = self.out, [mention.span for mention in person.mentions]
        node = self._part(project_node, project, person.person_id, person.name, position)
        who = self.names.thing("person", person.person_id)
        out.read(project_node, FG.hasParticipation, node, spans, "people")
        if person.is_pi:
            rule = person.pi_reason or "principal-investigator"
            out.read(project_node, FG.hasPrincipalInvestigatorParticipation, node, spans, rule)
            out.say(node, FG.piRule, Literal(rule))
        out.read(node, FG.participant, who, spans, "people")
        out.read(node, FG.withRole, ROLE[person.role], spans, person.pi_reason or "people")
        for mention in person.mentions:
            out.read(node, FG.nameAsPrinted, Literal(mention.name), [mention.span], mention.where)
            if mention.honorific:
                out.read(node, FG.honorificAsPrinted, Literal(mention.honorific), [mention.span], mention.where)
        for predicate, value in (
            (FG.roleAsPrinted, person.role_as_printed),
            (FG.note, person.note),
            (FG.affiliationAsPrinted, person.affiliation),
        ):
            if value is not None:
                out.read(node, predicate, Literal(value), spans[-1:], "people")
        out.read_from(node, spans)

    def _is_told(self, node: URIRef, predicate: URIRef) -> bool:
        """Tell whether an earlier document gave a thing this property, of which it may have one."""
        return any(graph.tells(node, predicate) for graph in self.graphs.values())

    def _topics(self, node: URIRef, project: Project) -> None:
        out = self.out
        for match in project.topics:
            assignment = self.names.thing("assignment", f"{project.id}/{match.topic_id}")
            topic = self.names.thing("topic", match.topic_id)
            out.thing(assignment, FG.TopicAssignment, f"{match.label} in {project.title}")
            out.read(node, FG.hasTopicAssignment, assignment, match.evidence, "topic-label")
            out.read(assignment, FG.assignedTopic, topic, match.evidence, "topic-label")
            if not self._is_told(assignment, FG.score):
                score = Literal(f"{match.score:.3f}", datatype=XSD.decimal, normalize=False)
                out.say(assignment, FG.score, score)
            out.read_from(assignment, match.evidence)

    def _publication(self, project_node: URIRef, publication: Publication) -> None:
        out, spans = self.out, [publication.span]
        node = self.names.thing("publication", publication.id)
        out.thing(node, FG.Publication, publication.title)
        out.read(project_node, FG.cites, node, spans, "reference")
        out.read(node, FG.title, Literal(publication.title), spans, "reference")
        for author in publication.authors:
            out.read(node, FG.author, Literal(author), spans, "reference")
        if publication.year is not None:
            out.read(node, FG.year, date_literal(str(publication.year)), spans, "reference")
        for identifier in publication.identifiers:
            self._identifier(node, identifier)
        out.read_from(node, spans)

    def _identifier(self, subject: URIRef, identifier: Identifier) -> None:
        out = self.out
        node = self.names.thing("identifier", f"{identifier.scheme}/{slug_of(identifier.value)}")
        spans = [] if identifier.span is None else [identifier.span]
        out.thing(node, FG.Identifier, f"{identifier.scheme} {identifier.value}")
        out.read(subject, FG.hasIdentifier, node, spans, "identifier")
        out.say(node, FG.scheme, Literal(identifier.scheme))
        out.say(node, FG.value, Literal(identifier.value))
        out.read_from(node, spans)

    def _person(self, person: Person) -> None:
        out = self.out
        node = self.names.thing("person", person.id)
        mentions = [
            mention
            for project in self.extraction.projects
            for participant in project.people
            if participant.person_id == person.id
            for mention in participant.mentions
        ]
        listed = [member for member in self.extraction.members if member.person_id == person.id]
        mentions += [mention for member in listed for mention in member.mentions]
        spans = [mention.span for mention in mentions]
        out.thing(node, FG.Person, person.name)
        out.read(
            node, FG.name, Literal(person.name), [m.span for m in mentions if m.name == person.name], "people"
        )
        if person.honorific:
            where = [mention.span for mention in mentions if mention.honorific == person.honorific]
            out.read(node, FG.honorific, Literal(person.honorific), where, "people")
        out.say_if(node, FG.familyName, person.family_name)
        for printed in person.names_as_printed:
            if printed != person.name:
                predicate = SKOS.hiddenLabel if printed in person.misspellings else SKOS.altLabel
                where = [mention.span for mention in mentions if mention.name == printed]
                out.read(node, predicate, Literal(printed), where, "people")
        for identifier in person.identifiers:
            if identifier.scheme != "file":  # how the files of a collection call one another names nobody outside
                self._identifier(node, identifier)
        out.read_from(node, spans)

    def _member(self, member: Participant) -> None:
        """Write what a list of people says of somebody: they belong to the programme, and to an institution."""
        out, spans = self.out, [mention.span for mention in member.mentions]
        node = self.names.thing("person", member.person_id)
        out.read(node, FG.memberOf, self.names.programme, spans, "people-list")
        for predicate, text in (
            (FG.roleAsPrinted, member.role_as_printed),
            (FG.note, member.note),
            (FG.affiliationAsPrinted, member.affiliation),
        ):
            if text is not None:
                out.read(node, predicate, Literal(text), spans, "people-list")
        if member.affiliation is not None and is_institution(member.affiliation):
            organisation = self.names.thing("organisation", slug(member.affiliation))
            out.thing(organisation, FG.Organisation, member.affiliation)
            out.read(organisation, FG.name, Literal(member.affiliation), spans, "institution")
            out.read(node, FG.affiliatedWith, organisation, spans, "people-list")

    def _claim(self, claim: Claim, number: int) -> None:
        out, spans = self.out, [claim.span]
        node = self.names.thing("claim", f"{self.extraction.document.id}/{number}")
        out.thing(node, FG.Claim, f"{claim.value} {claim.label}")
        out.read(node, FG.claimLabel, Literal(claim.label), spans, "figure")
        out.read(node, FG.claimedValue, Literal(claim.value), spans, "figure")
        if claim.counted is not None:
            out.say(node, FG.countedValue, Literal(claim.counted))
        if claim.agrees is not None:
            out.say(node, FG.agrees, Literal(claim.agrees))
        out.say(node, FG.howCounted, Literal(claim.how))
        out.read_from(node, spans)

    def _finding(self, finding: Finding, number: int) -> None:
        out = self.out
        node = self.names.thing("finding", f"{self.extraction.document.id}/{number}")
        texts = (
            (FG.findingCode, finding.code), (FG.severity, finding.severity),
            (FG.message, finding.message), (FG.quote, finding.quote),
        )  # fmt: skip
        self.report.add((node, RDF.type, FG.Finding))
        self.report.add((node, RDFS.label, Literal(f"{finding.code}, line {finding.span.line}")))
        for predicate, text in texts:
            self.report.add((node, predicate, Literal(text)))
        passage = out.passage(finding.span)
        self.report.add((node, FG.readFrom, passage))
        self.report.add((node, RDF.type, DQV.QualityAnnotation))
        self.report.add((node, OA.motivatedBy, DQV.qualityAssessment))
        self.report.add((node, OA.hasTarget, passage))
        self.report.add((node, OA.bodyValue, Literal(finding.message)))
        about = self._about(finding.about)
        if about is not None:
            self.report.add((node, FG.about, about))

    def _about(self, identifier: str | None) -> URIRef | None:
        if identifier is None:
            return None
        if any(project.id == identifier for project in self.extraction.projects):
            return self.names.thing("project", identifier)
        if any(person.id == identifier for person in self.extraction.people):
            return self.names.thing("person", identifier)
        return None


def _role_of_organisation(printed: str | None) -> str:
    """Return the role that a printed word gives an organisation.

    >>> _role_of_organisation("Coordinator"), _role_of_organisation("Applicant"), _role_of_organisation(None)
    ('coordinator', 'participant', 'participant')
    """
    role = role_of(printed) if printed else None
    return role if role in _OF_ORGANISATIONS else "participant"

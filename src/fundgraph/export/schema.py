"""The tables that a graph is written as: one for each class, and what its columns are.

Read as in a relational database: a column holds one value; what a thing may have several of is a table of its own.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """A property of a class: ``type`` is a datatype of CSVW, ``moment`` or the name of the table that it refers to."""

    name: str
    property: str
    type: str = "string"
    many: bool = False
    """Whether a thing may well have several, so that they are a table of their own in any release."""


@dataclass(frozen=True, slots=True)
class Table:
    """A class: the name of its table, the name of a column that refers to it, its IRI, and its columns."""

    name: str
    singular: str
    class_: str
    columns: tuple[Column, ...]
    says: str


def _table(name: str, singular: str, class_: str, says: str, *columns: str) -> Table:
    """Return a table from columns written ``name property type``; a plus sign after the type means several."""
    read = []
    for column in columns:
        parts = [*column.split(), "string"][:3]
        type_ = parts[2]
        read.append(Column(parts[0], parts[1], type_.rstrip("+"), type_.endswith("+")))
    return Table(name, singular, class_, tuple(read), says)


_IDENTIFIED = "identifier fg:hasIdentifier identifiers+"
_READ = "passage fg:readFrom passages+"
_OTHER = "other_name skos:altLabel string+"
_ELSEWHERE = "see_also rdfs:seeAlso anyURI+"

TABLES: tuple[Table, ...] = (
    _table(
        "programmes", "programme", "fg:Programme", "Research programmes",
        "name fg:name", "code fg:code", "description dcterms:description", "funder fg:funder organisations",
        "start fg:startDate moment", "end fg:endDate moment", "homepage fg:homepage anyURI+",
        "licence dcterms:license anyURI", _OTHER, _IDENTIFIED, _READ,
    ),
    _table(
        "phases", "phase", "fg:FundingPhase", "Funding phases of the programmes",
        "number fg:number integer", "programme fg:partOfProgramme programmes", "start fg:startDate moment",
        "end fg:endDate moment", "next fg:nextPhase phases", "note fg:note", "homepage fg:homepage anyURI+",
        "source dcterms:source", _READ,
    ),
    _table(
        "projects", "project", "fg:Project", "Funded and associated projects",
        "title fg:title", "acronym fg:acronym", "code fg:code", "programme fg:partOfProgramme programmes",
        "position fg:position integer", "start fg:startDate moment", "end fg:endDate moment",
        "abstract_status fg:abstractStatus", "abstract fg:abstract", "homepage fg:homepage anyURI+",
        "kind fg:kind string+", "phase fg:inPhase phases+", "publication fg:cites publications+", _OTHER,
        _ELSEWHERE, _IDENTIFIED, _READ,
    ),
    _table(
        "people", "person", "fg:Person", "People, each once, however their names are printed",
        "name fg:name", "family_name fg:familyName", "honorific fg:honorific", "note fg:note",
        "role_as_printed fg:roleAsPrinted", "affiliation_as_printed fg:affiliationAsPrinted",
        "homepage fg:homepage anyURI+", "affiliation fg:affiliatedWith organisations+",
        "programme fg:memberOf programmes+", _OTHER, "misspelt_name skos:hiddenLabel string+",
        "namesake fg:nameResembles people+", "made foaf:made anyURI+", _ELSEWHERE, _IDENTIFIED, _READ,
    ),
    _table(
        "organisations", "organisation", "fg:Organisation", "Funders, universities, institutes and firms",
        "name fg:name", "acronym fg:acronym", "country fg:country", "homepage fg:homepage anyURI+", _OTHER,
        _ELSEWHERE, _IDENTIFIED, _READ,
    ),
    _table(
        "participations", "participation", "fg:Participation",
        "A person or an organisation in a project, in a role, during a phase",
        "project fg:inProject projects", "person fg:participant people",
        "organisation fg:participatingOrganisation organisations", "role fg:withRole roles",
        "phase fg:duringPhase phases", "position fg:position integer", "pi_rule fg:piRule",
        "role_as_printed fg:roleAsPrinted", "affiliation_as_printed fg:affiliationAsPrinted", "note fg:note",
        "name_as_printed fg:nameAsPrinted string+", "honorific_as_printed fg:honorificAsPrinted string+", _READ,
    ),
    _table(
        "roles", "role", "fg:Role", "The roles of people and organisations in projects",
        "name skos:prefLabel", "definition skos:definition", _OTHER, _ELSEWHERE,
        "exact_match skos:exactMatch anyURI+", "close_match skos:closeMatch anyURI+",
    ),
    _table(
        "topics", "topic", "fg:Topic", "The topics of the programme's scheme",
        "name skos:prefLabel", "definition skos:definition", "scheme skos:inScheme anyURI",
        "broader skos:broader topics+", "related skos:related topics+", _OTHER,
        "ambiguous_name fg:ambiguousLabel string+", "misleading_name fg:misleadingLabel string+",
        "exact_match skos:exactMatch anyURI+", "close_match skos:closeMatch anyURI+",
    ),
    _table(
        "topic_assignments", "topic_assignment", "fg:TopicAssignment", "Which projects name which topics",
        "project fg:ofProject projects", "topic fg:assignedTopic topics", "score fg:score decimal", _READ,
    ),
    _table(
        "publications", "publication", "fg:Publication", "Works that the projects cite",
        "title fg:title", "year fg:year gYear", "author fg:author string+", _ELSEWHERE, _IDENTIFIED, _READ,
    ),
    _table(
        "identifiers", "identifier", "fg:Identifier", "Identifiers with the scheme that gives them their meaning",
        "scheme fg:scheme", "value fg:value", "confidence fg:confidence", "source dcterms:source string+", _ELSEWHERE,
        _READ,
    ),
    _table(
        "links", "link", "fg:Link", "Links to other graphs, accepted, suggested and rejected",
        "thing owl:annotatedSource anyURI", "property owl:annotatedProperty anyURI",
        "target owl:annotatedTarget anyURI", "state fg:linkState", "confidence fg:confidence",
        "similarity sssom:confidence decimal", "justification sssom:mapping_justification anyURI",
        "author sssom:author_label", "authored pav:authoredOn moment", "reviewer sssom:reviewer_label",
        "reviewed sssom:review_date moment", "set dcterms:isPartOf anyURI", "comment rdfs:comment", "source dcterms:source string+",
    ),
    _table(
        "claims", "claim", "fg:Claim", "Figures that the documents give, beside those that were counted",
        "name fg:claimLabel", "value fg:claimedValue integer", "counted fg:countedValue integer",
        "agrees fg:agrees boolean", "how fg:howCounted", _READ,
    ),
    _table(
        "findings", "finding", "fg:Finding", "What is odd in the documents",
        "code fg:findingCode", "severity fg:severity", "message fg:message", "quote fg:quote",
        "about fg:about anyURI+", _READ,
    ),
    _table(
        "documents", "document", "fg:Document", "The documents that were read",
        "file fg:file", "sha256 fg:sha256", "source dcterms:source", "retrieved fg:retrieved moment",
        "rights dcterms:rights", "language fg:language", "line_count fg:lineCount integer",
        "phase_as_printed fg:phaseAsPrinted", "phase fg:describesPhase phases+",
    ),
    _table(
        "passages", "passage", "fg:Passage", "Passages of the documents that something was read from",
        "document fg:inDocument documents", "line fg:line integer", "line_end fg:lineEnd integer",
        "column fg:column integer", "start fg:startOffset integer", "end fg:endOffset integer", "quote fg:quote",
    ),
)  # fmt: skip

"""Descriptions of the service and of the dataset: SPARQL 1.1 Service Description, VoID and DCAT, as Turtle."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fundgraph.store.formats import FORMATS, FORMATS_OF
from fundgraph.web.statistics import Links, Partition, Statistics

PREFIXES = {
    "sd": "http://www.w3.org/ns/sparql-service-description#",
    "void": "http://rdfs.org/ns/void#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "spdx": "http://spdx.org/rdf/terms#",
}
_W3C_FORMATS = {
    "json": "SPARQL_Results_JSON", "xml": "SPARQL_Results_XML", "csv": "SPARQL_Results_CSV",
    "tsv": "SPARQL_Results_TSV", "turtle": "Turtle", "ntriples": "N-Triples", "rdfxml": "RDF_XML",
    "jsonld": "JSON-LD", "trig": "TriG", "nquads": "N-Quads",
}  # fmt: skip
_RL = (
    "sd:entailmentRegime <http://www.w3.org/ns/entailment/OWL-RDF-Based>",
    "sd:supportedEntailmentProfile <http://www.w3.org/ns/owl-profile/RL>",
)
_VOCABULARY = re.compile(r"^(.*[#/])[^#/]+$")
_MEDIA = "https://www.iana.org/assignments/media-types/"
_NOT_AN_IRI = re.compile(r'[\x00-\x20<>"{}|^`\\]')


@dataclass(frozen=True, slots=True)
class Described:
    """What is described: where the service is, what its snapshot says of itself, and what it holds."""

    root: str
    """Scheme, host and path of the site, with no slash at the end."""
    endpoint: str
    """Empty if there is none: then files alone are described."""
    site: str
    """The same as ``root``, without the path of an old release."""
    manifest: Mapping[str, Any]
    statistics: Statistics
    plain: bool = False
    writable: bool = False
    federated: bool = False
    """Whether SERVICE calls anybody."""
    dumps: Mapping[str, tuple[str, str]] | None = None
    """Suffix of each dump: media type, and its title."""
    releases: Sequence[str] = ()
    """The releases that are kept."""

    @property
    def base(self) -> str:
        """The base of the dataset's IRIs."""
        return str(self.manifest.get("base", self.root + "/"))

    @property
    def current(self) -> tuple[str, ...]:
        """The release that is described, if it is one."""
        release = str(self.manifest.get("release", ""))
        return (release,) if release and not self.plain else ()

    @property
    def licences(self) -> list[str]:
        """The licence of the dataset, if the programme states one that is an IRI."""
        licence = self.manifest.get("programme", {}).get("licence")
        return [licence] if licence and not _NOT_AN_IRI.search(licence) else []

    @property
    def described_graphs(self) -> list[str]:
        """The named graphs whose rights are known."""
        return [] if self.plain else [graph for graph in self.statistics.graphs if _rights(self, graph)]

    @property
    def dataset(self) -> str:
        """The IRI of the dataset; it is the same wherever it is served."""
        return f"{self.endpoint}#dataset" if self.plain else f"{self.base}dataset"


def describe_service(of: Described) -> str:
    """Return the description of the service and of what it serves."""
    service = f"<{of.endpoint}#service>"
    languages = ["sd:SPARQL11Query", *(["sd:SPARQL11Update"] if of.writable else [])]
    features = ["sd:EmptyGraphs"] if of.plain else ["sd:UnionDefaultGraph"]
    features += ["sd:BasicFederatedQuery"] if of.federated else []
    text = _block(
        service,
        [
            "a sd:Service, dcat:DataService",
            f"sd:endpoint <{of.endpoint}>",
            f"sd:supportedLanguage {', '.join(languages)}",
            f"sd:feature {', '.join(features)}",
            f"sd:resultFormat {_formats(_W3C_FORMATS)}",
            *([f"sd:inputFormat {_formats(FORMATS_OF['graph'])}"] if of.writable else []),
            f"sd:defaultDataset <{of.endpoint}#default>",
            'dcterms:title "SPARQL endpoint"@en',
            f"dcat:endpointURL <{of.endpoint}>",
            f"dcat:endpointDescription <{of.root}/void>",
            f"dcat:servesDataset <{of.dataset}>",
        ],
    )
    if not of.plain:  # DCAT-AP wants to see a class of these, too
        text += "".join(_block(f"<{one}>", ["a rdfs:Resource"]) for one in (of.endpoint, f"{of.root}/void"))
    graphs = list(of.statistics.graphs.items())
    text += _block(
        f"<{of.endpoint}#default>",
        [
            "a sd:Dataset",
            f"sd:defaultGraph <{of.endpoint}#default-graph>",
            *(f"sd:namedGraph <{of.endpoint}#graph-{number}>" for number in range(len(graphs))),
        ],
    )
    text += _block(f"<{of.endpoint}#default-graph>", ["a sd:Graph, void:Dataset", *_figures(of.statistics)])
    for number, (graph, triples) in enumerate(graphs):
        text += _block(
            f"<{of.endpoint}#graph-{number}>",
            [
                "a sd:NamedGraph",
                f"sd:name {_iri(graph)}",
                *(_RL if graph == f"{of.base}graph/inferred" else ()),
                f"sd:graph [ {' ; '.join(['a sd:Graph, void:Dataset', f'void:triples {triples}', *_rights(of, graph)])} ]",
            ],
        )
    return _prefixes() + text + _dataset(of)


def describe_dataset(of: Described) -> str:
    """Return the description of the dataset alone, with the document that holds it."""
    here = _block(
        f"<{of.root}/void{'' if of.endpoint else '.ttl'}>",
        [
            "a void:DatasetDescription, foaf:Document",
            f"foaf:primaryTopic <{of.dataset}>",
            'dcterms:title "Description"@en',
        ],
    )
    return _prefixes() + here + _dataset(of)


def _dataset(of: Described) -> str:
    manifest, figures = of.manifest, of.statistics
    programme: Mapping[str, Any] = manifest.get("programme", {})
    created = str(manifest.get("created", ""))
    name = programme.get("name") or "RDF dataset"
    lines = [
        "a void:Dataset, dcat:Dataset",
        f"dcterms:title {_text(name)}@en",
        f"dcterms:description {_text(_DESCRIPTION if programme else 'What this endpoint holds.')}@en",
        f"dcterms:identifier {_text(str(manifest.get('release', '')))}",
        *([f'dcterms:modified "{created}"^^xsd:dateTime'] if created else []),
        *(f"dcterms:license {_iri(one)}" for one in of.licences),
        *([f"void:sparqlEndpoint <{of.endpoint}>"] if of.endpoint else []),
        f"void:uriSpace {_text(of.base)}",
        *([] if of.plain else [f"foaf:homepage <{of.root}/>", f"dcat:landingPage <{of.root}/>", *_versions(of)]),
        *(f"void:subset {_iri(graph)}" for graph in of.described_graphs),
        *(
            f"void:feature <http://www.w3.org/ns/formats/{_W3C_FORMATS[form]}>"
            for form in ("turtle", "jsonld", "ntriples", "rdfxml")
        ),
        *_figures(figures),
        *(f"void:vocabulary {_iri(one)}" for one in _vocabularies(figures)),
        *([f"void:classPartition {', '.join(map(_class, figures.classes))}"] if figures.classes else []),
        *(
            [f"void:propertyPartition {', '.join(map(_property, figures.properties))}"]
            if figures.properties
            else []
        ),
        *(
            [f"void:subset {', '.join(f'<{of.dataset}-links-{n}>' for n in range(len(figures.links)))}"]
            if figures.links
            else []
        ),
        *(f"void:dataDump <{of.root}/downloads/dataset.{suffix}>" for suffix in of.dumps or ()),
        *(f"dcat:distribution <{of.root}/downloads/dataset.{suffix}#distribution>" for suffix in of.dumps or ()),
    ]
    text = _block(f"<{of.dataset}>", lines)
    for suffix, (media_type, title) in (of.dumps or {}).items():
        url = f"{of.root}/downloads/dataset.{suffix}"
        text += _block(
            f"<{url}#distribution>",
            [
                "a dcat:Distribution",
                f"dcterms:title {_text(title)}@en",
                f"dcat:accessURL <{of.root}/downloads>",
                f"dcat:downloadURL <{url}>",
                f"dcat:mediaType <{_MEDIA}{media_type}>",
                *(f"dcterms:license {_iri(one)}" for one in of.licences),
                *_checked(of, suffix),
            ],
        )
    return text + _graphs(of) + "".join(_linkset(of, number, links) for number, links in enumerate(figures.links))


def _versions(of: Described) -> list[str]:
    """Return which release this is, and which others are kept."""
    issued = str(of.manifest.get("created", ""))[:10]
    found = []
    for release in of.current:
        found += [f"dcat:version {_text(release)}", f"dcat:hasCurrentVersion <{of.base}release/{release}>"]
    found += [f"dcat:hasVersion <{of.base}release/{one}>" for one in of.releases]
    return found + ([f'dcterms:issued "{issued}"^^xsd:date'] if issued else [])


def _release(of: Described, name: str) -> str:
    """Describe a release in short, as a version of the dataset; its own page says more."""
    title = of.manifest.get("programme", {}).get("name") or "RDF dataset"
    lines = [
        "a dcat:Dataset",
        f"dcterms:title {_text(f'{title}, release {name}')}@en",
        f"dcterms:description {_text(_DESCRIPTION)}@en",
        f"dcat:version {_text(name)}",
        f"dcterms:isVersionOf <{of.dataset}>",
        f"foaf:page <{of.site}/releases/{name}/>",
    ]
    page = _block(f"<{of.site}/releases/{name}/>", ["a foaf:Document"])
    return _block(f"<{of.base}release/{name}>", lines) + page


def _checked(of: Described, suffix: str) -> list[str]:
    """Return the checksum of the dump that the release's hash is made of."""
    digest = str(of.manifest.get("hash", ""))
    if suffix != "nq" or not re.fullmatch("[0-9a-f]{64}", digest):
        return []
    algorithm = "spdx:algorithm spdx:checksumAlgorithm_sha256"
    return [f'spdx:checksum [ a spdx:Checksum ; {algorithm} ; spdx:checksumValue "{digest}"^^xsd:hexBinary ]']


_DESCRIPTION = (
    "Projects, people, roles, topics and funding phases of a research programme, each statement with the passage "
    "that it was read from or the rule that it was inferred by."
)


def _linkset(of: Described, number: int, links: Links) -> str:
    return _block(
        f"<{of.dataset}-links-{number}>",
        [
            "a void:Linkset",
            f"void:linkPredicate {_iri(links.predicate)}",
            f"void:subjectsTarget <{of.dataset}>",
            f"void:objectsTarget [ a void:Dataset ; void:uriSpace {_text(links.target)} ]",
            f"void:triples {links.triples}",
            f"dcterms:source {_iri(links.graph)}",
        ],
    )


def _figures(of: Statistics) -> Iterator[str]:
    for name, value in (
        ("triples", of.triples),
        ("distinctSubjects", of.subjects),
        ("distinctObjects", of.objects),
    ):
        if value is not None:
            yield f"void:{name} {value}"
    if of.classes:
        yield f"void:classes {len(of.classes)}"
    if of.properties:
        yield f"void:properties {len(of.properties)}"


def _rights(of: Described, graph: str) -> list[str]:
    """Return what is known of the rights in a graph: what it states itself, or what the programme states of the dataset.

    What was read from a document is under the document's licence, if it states one: the programme's says nothing of it.
    """
    stated = of.statistics.rights.get(graph)
    licences = [one for one in (stated.licences if stated else ()) if not _NOT_AN_IRI.search(one)]
    if not licences and graph.startswith(f"{of.base}graph/") and not graph.startswith(f"{of.base}graph/document/"):
        licences = of.licences
    words = stated.words if stated else ()
    return [f"dcterms:license {_iri(one)}" for one in licences] + [
        f"dcterms:rights [ a dcterms:RightsStatement ; rdfs:label {_text(one)} ]" for one in words
    ]


def _graphs(of: Described) -> str:
    """Describe each named graph that something is known of beyond its size; and the nodes that DCAT-AP wants classes of."""
    text = "".join(_block(_iri(one), ["a dcterms:LicenseDocument"]) for one in of.licences)
    if not of.plain:
        text += _block(f"<{of.root}/>", ["a foaf:Document"])
    for media_type in dict.fromkeys(media_type for media_type, _ in (of.dumps or {}).values()):
        text += _block(f"<{_MEDIA}{media_type}>", ["a dcterms:MediaType"])
    if of.dumps:
        text += _block("spdx:checksumAlgorithm_sha256", ["a spdx:ChecksumAlgorithm"])
    text += "".join(_release(of, name) for name in dict.fromkeys((*of.releases, *of.current)))
    for graph, triples in of.statistics.graphs.items():
        rights = _rights(of, graph)
        if not of.plain and rights:
            text += _block(_iri(graph), ["a void:Dataset", f"void:triples {triples}", *rights])
    return text


def _class(of: Partition) -> str:
    return f"[ void:class {_iri(of.iri)} ; void:entities {of.subjects} ; void:triples {of.triples} ]"


def _property(of: Partition) -> str:
    return (
        f"[ void:property {_iri(of.iri)} ; void:triples {of.triples} ; void:distinctSubjects {of.subjects} ; "
        f"void:distinctObjects {of.objects} ]"
    )


def _vocabularies(of: Statistics) -> list[str]:
    found = {match[1] for one in (*of.classes, *of.properties) if (match := _VOCABULARY.match(one.iri))}
    return sorted(found)


def _formats(names: Any) -> str:
    return ", ".join(f"<http://www.w3.org/ns/formats/{_W3C_FORMATS[name]}>" for name in names if name in FORMATS)


def _block(subject: str, lines: list[str]) -> str:
    return f"{subject}\n  " + " ;\n  ".join(lines) + " .\n"


def _prefixes() -> str:
    return "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in PREFIXES.items())


def _iri(iri: str) -> str:
    return "<" + _NOT_AN_IRI.sub(lambda match: f"\\u{ord(match[0]):04X}", iri) + ">"


def _text(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    return f'"{escaped}"'

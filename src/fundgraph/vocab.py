"""Names of things: the ontology's namespace, other vocabularies' namespaces, named graphs, prefixes."""

from __future__ import annotations

from dataclasses import dataclass

from rdflib import DC, DCTERMS, FOAF, ORG, OWL, PROV, RDF, RDFS, SKOS, XSD, Namespace, URIRef


class _Kept(Namespace):
    """A namespace whose names are made once: making one takes longer than most that is done with it."""

    def __getattr__(self, name: str) -> URIRef:
        found = super().__getattr__(name)
        self.__dict__[name] = found
        return found


FG = _Kept("https://w3id.org/fundgraph/ontology#")
ROLE = Namespace("https://w3id.org/fundgraph/role/")
SCHEMA = Namespace("https://schema.org/")
OA = Namespace("http://www.w3.org/ns/oa#")
DQV = Namespace("http://www.w3.org/ns/dqv#")
ONTOLOGY_GRAPH = URIRef("https://w3id.org/fundgraph/ontology")

CLASSES = (
    "Programme", "FundingPhase", "Project", "Person", "Organisation", "Participation", "Role", "Topic",
    "TopicAssignment", "Publication", "Identifier", "Link", "Claim", "Finding", "Document", "Passage",
)  # fmt: skip

#: Graphs that a query's default graph leaves out; they are reached with GRAPH.
HIDDEN_GRAPHS = ("report", "provenance", "queries")


@dataclass(frozen=True, slots=True)
class DatasetNames:
    """The IRIs of one programme's dataset, minted below its base."""

    base: str

    def thing(self, kind: str, slug: str | int) -> URIRef:
        """Return the IRI of a thing, such as ``thing("project", "adaptive-…")``."""
        return URIRef(f"{self.base}{kind}/{slug}")

    @property
    def programme(self) -> URIRef:
        """The programme itself."""
        return URIRef(f"{self.base}programme")

    def graph(self, name: str) -> URIRef:
        """Return the IRI of a named graph, such as ``inferred`` or ``document/phase1``."""
        return URIRef(f"{self.base}graph/{name}")

    def hidden_graphs(self) -> tuple[URIRef, ...]:
        """The graphs that the default graph of a query leaves out."""
        return tuple(self.graph(name) for name in HIDDEN_GRAPHS)


def prefixes(base: str) -> dict[str, str]:
    """Return the prefixes used in files, pages and answers for a dataset with this base."""
    shared = {
        "fg": str(FG), "role": str(ROLE), "rdf": str(RDF), "rdfs": str(RDFS), "owl": str(OWL), "xsd": str(XSD),
        "skos": str(SKOS), "dcterms": str(DCTERMS), "prov": str(PROV), "foaf": str(FOAF), "schema": str(SCHEMA),
        "sh": "http://www.w3.org/ns/shacl#", "void": "http://rdfs.org/ns/void#", "dcat": "http://www.w3.org/ns/dcat#",
        "sd": "http://www.w3.org/ns/sparql-service-description#", "oa": str(OA), "dqv": str(DQV), "time": "http://www.w3.org/2006/time#",
        "org": str(ORG), "dc": str(DC), "pro": "http://purl.org/spar/pro/", "frapo": "http://purl.org/cerif/frapo/",
        "datacite": "http://purl.org/spar/datacite/", "sssom": "https://w3id.org/sssom/",
        "semapv": "https://w3id.org/semapv/vocab/", "feature": "https://w3id.org/fundgraph/feature#",
    }  # fmt: skip
    kinds = ("project", "person", "topic", "phase", "organisation", "publication", "document", "graph")
    return shared | {kind: f"{base}{kind}/" for kind in kinds}

"""The alignments: true predicates, known terms, and nothing typed wrongly where they are loaded for inference."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from pathlib import Path

import pytest
from rdflib import DC, DCTERMS, FOAF, ORG, OWL, PROV, RDF, RDFS, SDO, SKOS, TIME, Graph, Literal, Namespace, URIRef
from rdflib.term import Node

from fundgraph.pipeline import asserted
from fundgraph.reason import infer
from fundgraph.vocab import CLASSES, FG, ROLE

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent
CORE = ROOT / "ontology" / "fundgraph.ttl"
ALIGNMENTS = ROOT / "ontology" / "alignments.ttl"
VOCABULARIES = ROOT / "tests" / "data" / "vocabularies.ttl"
MATCHES = (SKOS.exactMatch, SKOS.closeMatch, SKOS.narrowMatch, SKOS.broadMatch, SKOS.relatedMatch)
AXIOMS = (RDFS.subClassOf, RDFS.subPropertyOf, OWL.equivalentClass, OWL.equivalentProperty)
PRO = Namespace("http://purl.org/spar/pro/")
DATACITE = Namespace("http://purl.org/spar/datacite/")
FRAPO = Namespace("http://purl.org/cerif/frapo/")
DQV = Namespace("http://www.w3.org/ns/dqv#")
ALIGNED_WITH = (
    str(FOAF), str(ORG), str(PROV), str(TIME), str(SKOS), str(DCTERMS), str(FRAPO), str(PRO), str(DATACITE),
    "http://purl.org/spar/scoro/", "http://vivoweb.org/ontology/core#", "http://data.europa.eu/s66#",
    "https://w3id.org/dingo#", "https://schema.org/",
)  # fmt: skip

#: All types outside of our own namespace that our things have once everything is loaded.
TYPES: dict[str, set[Node]] = {
    "Person": {FOAF.Person, FOAF.Agent, PROV.Person, PROV.Agent},
    "Organisation": {FOAF.Organization, FOAF.Agent, ORG.Organization, PROV.Organization, PROV.Agent},
    "Project": {FOAF.Project, PROV.Entity},  # an entity, since it says what it was derived from
    "Programme": {FRAPO.FundingProgramme},
    "FundingPhase": {TIME.ProperInterval, TIME.Interval, TIME.TemporalEntity, DCTERMS.PeriodOfTime},
    "Participation": {PRO.RoleInTime},
    "Role": {SKOS.Concept, PRO.Role},
    "Topic": {SKOS.Concept},
    "TopicAssignment": set(),
    "Publication": {DCTERMS.BibliographicResource},
    "Identifier": {DATACITE.Identifier},
    "Claim": set(),
    "Document": {FOAF.Document, PROV.Entity},
    "Passage": set(),
    "Link": {URIRef("https://w3id.org/sssom/Mapping")},
}


@lru_cache
def _alignments() -> Graph:
    return Graph().parse(ALIGNMENTS)


@lru_cache
def _programme() -> Graph:
    """All that is asserted of SPP 2298, with the ontology and the alignments."""
    return asserted(ROOT / "data" / "spp2298").to_graph(Graph())


@lru_cache
def _closed() -> Graph:
    """SPP 2298 and the other vocabularies' own axioms, with all that follows."""
    graph = _programme() + Graph().parse(VOCABULARIES)
    graph += infer(graph)
    return graph


def _types(whole: Graph) -> dict[str, set[Node]]:
    """Return the foreign types of the things of each of our classes."""
    found: dict[str, set[Node]] = defaultdict(set)
    for name in CLASSES:
        for thing in whole.subjects(RDF.type, FG[name]):
            found[name] |= {kind for kind in whole.objects(thing, RDF.type) if not str(kind).startswith(str(FG))}
    return dict(found)


def _as_axioms(names: tuple[URIRef, ...]) -> Graph:
    """Return the mappings as if they were axioms: what the alignments are careful not to say."""
    core, graph = Graph().parse(CORE), Graph()
    for name in names:
        for ours, theirs in _alignments().subject_objects(name):
            is_class = (ours, RDF.type, OWL.Class) in core
            graph.add((ours, RDFS.subClassOf if is_class else RDFS.subPropertyOf, theirs))
    return graph


def test_alignments_type_nothing_wrongly() -> None:
    """On SPP 2298, loaded with the other vocabularies' own axioms, our things have exactly the types meant for them."""
    found = _types(_closed())
    assert found == {name: kinds for name, kinds in TYPES.items() if name in found}
    assert set(found) >= set(TYPES) - {"Finding"}


def test_alignments_make_no_two_things_one() -> None:
    """Nothing becomes the same as anything else, and nothing contradicts, with the other vocabularies loaded."""
    assert list(_closed().subject_objects(OWL.sameAs)) == []


def test_a_project_is_no_organisation_and_no_person_is_a_role() -> None:
    """The mistakes that aligning funding vocabularies invites are not made."""
    whole = _closed()
    agents = {FOAF.Agent, FOAF.Organization, FOAF.Person, ORG.Organization, PROV.Agent, SDO.Organization}
    for name in ("Project", "Programme", "FundingPhase", "Participation", "Role", "Topic", "Identifier"):
        things = set(whole.subjects(RDF.type, FG[name]))
        assert things
        assert not any(kind in agents for thing in things for kind in whole.objects(thing, RDF.type)), name
    for person in whole.subjects(RDF.type, FG.Person):
        assert (person, RDF.type, PRO.Role) not in whole
        assert (person, RDF.type, SKOS.Concept) not in whole


def test_the_check_would_find_a_wrong_alignment() -> None:
    """Were the mappings axioms, projects and programmes would be organisations: the check can fail."""
    graph = _programme() + Graph().parse(VOCABULARIES)
    graph += _as_axioms((SKOS.closeMatch, SKOS.relatedMatch))
    graph.remove((None, OWL.disjointWith, None))
    graph.remove((FG["kinds"], None, None))
    found = _types(graph + infer(graph))
    assert SDO.Organization in found["Project"]
    assert FOAF.Organization in found["Programme"]
    assert ORG.Organization in found["Project"]


def test_an_inverse_functional_identifier_would_unite_people() -> None:
    """Were our identifiers DataCite's, a number that two people have by mistake would make them one."""
    data = Graph().parse(CORE).parse(ALIGNMENTS).parse(VOCABULARIES)
    one, other, number = (URIRef(f"https://example.org/{name}") for name in ("one", "other", "number"))
    data.add((one, FG.hasIdentifier, number))
    data.add((other, FG.hasIdentifier, number))
    assert (one, OWL.sameAs, other) not in infer(data)
    data += _as_axioms((SKOS.exactMatch,))
    assert (one, OWL.sameAs, other) in infer(data)


def test_schema_org_is_for_export_only() -> None:
    """No axiom names a term of schema.org, VIVO, EURIO or DINGO; they are mapped by SKOS alone."""
    kept_apart = (
        "https://schema.org/",
        "http://vivoweb.org/",
        "http://data.europa.eu/s66#",
        "https://w3id.org/dingo#",
    )
    named = {
        str(node)
        for kind in (*AXIOMS, OWL.hasValue, OWL.onProperty, RDF.type)
        for pair in _alignments().subject_objects(kind)
        for node in pair
    }
    assert len(named) > 60
    assert [name for name in named if name.startswith(kept_apart)] == []


@pytest.mark.parametrize("namespace", ALIGNED_WITH)
def test_a_vocabulary_is_aligned(namespace: str) -> None:
    """Each vocabulary that the documentation names has at least one of its terms mapped."""
    assert any(
        str(theirs).startswith(namespace)
        for kind in (*AXIOMS, *MATCHES, OWL.onProperty)
        for theirs in _alignments().objects(None, kind)
    )


def test_every_mapped_term_of_ours_exists() -> None:
    """What the alignments say is about terms of the core and about the roles, and never about a term that is not there."""
    core = Graph().parse(CORE)
    roles = Graph().parse(ROOT / "data" / "roles.ttl")
    known = {*core.subjects(RDFS.isDefinedBy), *roles.subjects(RDF.type, FG.Role)}
    used = {
        node
        for triple in _alignments()
        for node in triple
        if isinstance(node, URIRef) and str(node).startswith((str(FG), str(ROLE)))
    }
    assert len(used) > 40
    assert used - known == set()
    assert {ROLE[str(role).rsplit("/", 1)[-1]] for role in roles.subjects(RDF.type, FG.Role)} <= used


def test_terms_of_known_vocabularies_exist() -> None:
    """The terms of the vocabularies that rdflib knows are terms of these."""
    closed = (FOAF, ORG, PROV, TIME, SKOS, DCTERMS, DC, SDO)
    checked = 0
    for triple in _alignments():
        for node in triple:
            for namespace in closed:
                if isinstance(node, URIRef) and str(node).startswith(str(namespace)):
                    assert node in namespace, node
                    checked += 1
    assert checked > 150


def test_only_known_predicates_map() -> None:
    """A mapping is an axiom or one of SKOS's mapping properties, from our term to theirs."""
    about_itself = {
        DCTERMS.title,
        DCTERMS.abstract,
        DCTERMS.creator,
        DCTERMS.license,
        OWL.versionIRI,
        OWL.versionInfo,
    }
    allowed = {*MATCHES, *AXIOMS, *about_itself, RDF.type, OWL.onProperty, OWL.hasValue}
    assert set(_alignments().predicates()) <= allowed
    for ours, theirs in ((s, o) for kind in MATCHES for s, o in _alignments().subject_objects(kind)):
        assert str(ours).startswith((str(FG), str(ROLE)))
        assert not str(theirs).startswith(str(FG))
        assert not isinstance(theirs, Literal)

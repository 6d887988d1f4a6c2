"""The ontology: its terms, its profile, what it infers and what it does not, its JSON-LD context."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import owlrl
import pytest
from pyld import jsonld
from rdflib import DCTERMS, OWL, RDF, RDFS, SKOS, TIME, XSD, BNode, Graph, Literal, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.compare import isomorphic
from rdflib.namespace import DCAM
from rdflib.term import Node

from fundgraph.pipeline import asserted
from fundgraph.reason import infer
from fundgraph.reason.profile import outside_of_profile
from fundgraph.reason.rules_engine import closure_of
from fundgraph.vocab import CLASSES, FG, ONTOLOGY_GRAPH, ROLE, prefixes

ROOT = Path(__file__).resolve().parent.parent
ONTOLOGY = ROOT / "ontology" / "fundgraph.ttl"
ALIGNMENTS = ROOT / "ontology" / "alignments.ttl"
CONTEXT = ROOT / "ontology" / "context.jsonld"
EXAMPLES = sorted((ROOT / "ontology" / "examples").glob("*.ttl"))
EX = Namespace("https://w3id.org/fundgraph/example/")
ERROR = URIRef("http://www.daml.org/2002/03/agents/agent-ont#error")
KINDS = (OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty)
TEXT = (
    "Phase 1\n\nDeep examples\nProf. Dr. Emmy Muster, Max Müller\n\nAbstract\n\n"
    "We study gradient descent on examples [1].\n\nParticipants\n\nProf. Dr. Emy Muster\nMax Müller\n\n"
    "[1] On examples, E. Muster, M. Müller, 2020, arXiv:2001.00001.\n\n1 Projects\n"
    "Contact: Emma Muster (Examples College)\nPartner: Example Instruments\n"
)


@lru_cache
def _ontology() -> Graph:
    return Graph().parse(ONTOLOGY)


def _terms() -> list[URIRef]:
    found = {term for kind in KINDS for term in _ontology().subjects(RDF.type, kind)}
    return sorted(term for term in found if isinstance(term, URIRef) and term in FG)


@lru_cache
def _examples() -> Graph:
    graph = Graph()
    for path in EXAMPLES:
        graph.parse(path)
    return graph


def _closure(data: Graph) -> Graph:
    closed = Graph()
    for triple in (*data, *_ontology()):
        if triple[1] not in (
            RDFS.label,
            RDFS.isDefinedBy,
            SKOS.definition,
            SKOS.example,
        ):  # say nothing, take time
            closed.add(triple)
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(closed)
    return closed


@lru_cache
def _inferred() -> set[tuple[Node, Node, Node]]:
    """What the ontology adds to the examples about the examples' own things, without what is true of anything."""
    data = _examples()
    things = {subject for subject in data.subjects() if isinstance(subject, URIRef)}
    return {
        (s, p, o)
        for s, p, o in _closure(data)
        if s in things and (s, p, o) not in data and o != OWL.Thing and not isinstance(o, BNode)
        if (s, p) != (o, OWL.sameAs)
    }


# ── terms ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_header_is_complete() -> None:
    """The ontology says its title, abstract, creator, licence, version and preferred prefix."""
    vann = Namespace("http://purl.org/vocab/vann/")
    needed = (
        DCTERMS.title, DCTERMS.abstract, DCTERMS.creator, DCTERMS.license, OWL.versionIRI, OWL.versionInfo,
        vann.preferredNamespacePrefix, vann.preferredNamespaceUri, DCTERMS.issued,
    )  # fmt: skip
    header = _ontology()
    for name in (DCTERMS.title, DCTERMS.abstract):
        assert {text.language for text in header.objects(ONTOLOGY_GRAPH, name)} == {"en", "de"}  # type: ignore[attr-defined]
    assert str(header.value(ONTOLOGY_GRAPH, vann.preferredNamespacePrefix)) == "fg"
    assert (ONTOLOGY_GRAPH, RDF.type, OWL.Ontology) in header
    assert [name for name in needed if header.value(ONTOLOGY_GRAPH, name, any=True) is None] == []
    assert header.value(ONTOLOGY_GRAPH, vann.preferredNamespaceUri) == Literal(str(FG))


def test_every_class_of_the_interface_is_there() -> None:
    """The classes that the code names are classes of the ontology."""
    assert [name for name in CLASSES if (FG[name], RDF.type, OWL.Class) not in _ontology()] == []


def _described(graph: Graph, term: URIRef) -> bool:
    labels = {label.language for label in graph.objects(term, RDFS.label) if isinstance(label, Literal)}
    definitions = [text for text in graph.objects(term, SKOS.definition) if isinstance(text, Literal)]
    return (
        labels == {"en", "de"}
        and len(definitions) == 1
        and definitions[0].language == "en"
        and str(definitions[0]).endswith(".")
        and graph.value(term, RDFS.isDefinedBy) == ONTOLOGY_GRAPH
        and sum((term, RDF.type, kind) in graph for kind in KINDS) == 1
    )


def test_every_term_is_described() -> None:
    """A term has an English and a German label, one English definition, one kind, and the ontology it is from."""
    assert len(_terms()) > 90
    assert [term for term in _terms() if not _described(_ontology(), term)] == []


def _example_faults(closed: Graph, term: URIRef) -> Iterator[str]:
    """Yield what is wrong with a term's example: it is Turtle, uses the term, and holds in the examples' dataset."""
    texts = list(_ontology().objects(term, SKOS.example))
    if len(texts) != 1:
        yield f"{term} has {len(texts)} examples"
    for text in texts:
        head = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in prefixes(str(EX)).items())
        triples = set(Graph().parse(data=f"@base <{EX}> .\n{head}{text}"))
        if not any(term in triple for triple in triples):
            yield f"{term} is not in its example"
        yield from (f"{triple} does not hold" for triple in triples if triple not in closed)


def test_every_term_has_an_example_that_holds() -> None:
    """A term's example is a triple with that term, and it is asserted in the example dataset or follows from it."""
    data = Graph()
    data += _examples()
    data += _ontology()
    data += infer(data)
    assert len(data) > 1000
    assert [fault for term in _terms() for fault in _example_faults(data, term)] == []


def test_a_definition_is_one_sentence() -> None:
    """A definition begins with a capital, ends in its only full stop, and is short."""
    sentences = {term: str(_ontology().value(term, SKOS.definition)) for term in _terms()}
    assert [
        text
        for text in sentences.values()
        if not text[0].isupper()
        or len(text) > 160
        or re.search(r"[.!?] [A-Z](?!r\.)", text.replace("Prof. Dr", ""))
    ] == []


def test_the_examples_use_no_unknown_term() -> None:
    """Whatever the examples use of our namespace is a term of the ontology."""
    used = {node for triple in _examples() for node in triple if isinstance(node, URIRef) and node in FG}
    assert len(used) > 60
    assert used - set(_terms()) == set()


def test_no_domain_no_range_no_import() -> None:
    """Nothing in the core types a node by the property that it has, and nothing is fetched from elsewhere."""
    graph = _ontology()
    for predicate in (RDFS.domain, RDFS.range, OWL.imports):
        assert list(graph.subject_objects(predicate)) == []


# ── profile ────────────────────────────────────────────────────────────────────────────────────────────────

CHARACTERISTICS = {OWL.SymmetricProperty, OWL.TransitiveProperty, OWL.AsymmetricProperty, OWL.IrreflexiveProperty}
DECLARATIONS = {*KINDS, OWL.AnnotationProperty, OWL.Ontology, OWL.AllDisjointClasses, OWL.Restriction}


def _faults(graph: Graph) -> Iterator[str]:
    """Yield what is outside of OWL 2 RL."""
    allowed = DECLARATIONS | CHARACTERISTICS
    yield from (f"type {kind}" for kind in graph.objects(None, RDF.type) if kind not in allowed)
    axioms = {
        RDFS.subClassOf, RDFS.subPropertyOf, OWL.equivalentClass, OWL.inverseOf, OWL.propertyChainAxiom,
        OWL.members, OWL.onProperty, OWL.someValuesFrom, OWL.hasValue, OWL.allValuesFrom, OWL.complementOf,
        OWL.maxCardinality, OWL.intersectionOf, OWL.unionOf, OWL.oneOf, OWL.disjointWith,
        OWL.versionIRI, OWL.versionInfo,
    }  # fmt: skip
    yield from (f"axiom {p}" for p in set(graph.predicates()) if p in OWL and p not in axioms)
    for below, above in graph.subject_objects(RDFS.subClassOf):
        yield from _class_faults(graph, below, sub=True)
        yield from _class_faults(graph, above, sub=False)
    for pair in graph.subject_objects(OWL.equivalentClass):
        for side in pair:
            yield from _class_faults(graph, side, sub=True)
            yield from _class_faults(graph, side, sub=False)
    for disjoint in graph.objects(None, OWL.members):
        for member in Collection(graph, disjoint):
            yield from _class_faults(graph, member, sub=True)
    for chain in graph.objects(None, OWL.propertyChainAxiom):
        steps = list(Collection(graph, chain))
        if len(steps) < 2 or not all(isinstance(step, URIRef) for step in steps):
            yield f"chain {steps}"


def _class_faults(graph: Graph, node: Node, *, sub: bool) -> Iterator[str]:
    """Yield what may not stand in the position of a sub-class or of a super-class."""
    if isinstance(node, URIRef):
        if node == OWL.Thing:
            yield "owl:Thing"
        return
    parts = dict(graph.predicate_objects(node))
    lists = [OWL.intersectionOf, *([OWL.unionOf] if sub else [])]
    for predicate in lists:
        if predicate in parts:
            for member in Collection(graph, parts[predicate]):
                yield from _class_faults(graph, member, sub=sub)
            return
    if OWL.hasValue in parts or (sub and OWL.oneOf in parts):
        return
    if sub and OWL.someValuesFrom in parts:
        yield from _class_faults(graph, parts[OWL.someValuesFrom], sub=True)
    elif not sub and OWL.allValuesFrom in parts:
        yield from _class_faults(graph, parts[OWL.allValuesFrom], sub=False)
    elif not sub and OWL.complementOf in parts:
        yield from _class_faults(graph, parts[OWL.complementOf], sub=True)
    elif sub or parts.get(OWL.maxCardinality) not in (Literal(n, datatype=XSD.nonNegativeInteger) for n in (0, 1)):
        yield f"{'sub' if sub else 'super'}-class expression {sorted(parts)}"


@pytest.mark.parametrize(
    "paths", [(ONTOLOGY,), (ALIGNMENTS,), (ONTOLOGY, ALIGNMENTS)], ids=("core", "alignments", "both")
)
def test_the_ontology_is_within_owl_2_rl(paths: tuple[Path, ...]) -> None:
    """There is no construct outside of OWL 2 RL, in the core, in the alignments, and in both together."""
    graph = Graph()
    for path in paths:
        graph.parse(path)
    assert list(_faults(graph)) == []
    assert outside_of_profile(closure_of(graph).engine.facts) == []


@pytest.mark.parametrize(
    "axiom",
    [
        "fg:Role rdfs:subClassOf [ a owl:Restriction ; owl:onProperty fg:about ; owl:someValuesFrom fg:Role ] .",
        "fg:Role owl:equivalentClass [ owl:onProperty fg:code ; owl:someValuesFrom fg:Role ] .",
        "fg:Person rdfs:subClassOf [ a owl:Class ; owl:unionOf ( fg:Project fg:Topic ) ] .",
        "fg:Person rdfs:subClassOf [ a owl:Restriction ; owl:onProperty fg:name ; owl:minCardinality 1 ] .",
        "[] a owl:Restriction ; owl:onProperty fg:about ; owl:allValuesFrom fg:Role ; rdfs:subClassOf fg:Person .",
        "fg:worksWith a owl:ReflexiveProperty .",
        "fg:Person owl:disjointUnionOf ( fg:Project fg:Topic ) .",
        "fg:Person rdfs:subClassOf [ a owl:Restriction ; owl:onProperty fg:about ; owl:hasSelf true ] .",
        "fg:Person rdfs:subClassOf owl:Thing .",
    ],
)
def test_the_profile_check_finds_faults(axiom: str) -> None:
    """Each construct that OWL 2 RL leaves out is found when it is added."""
    prefixes = f"@prefix fg: <{FG}> . @prefix owl: <{OWL}> . @prefix rdfs: <{RDFS}> .\n"
    graph = Graph().parse(data=prefixes + axiom)
    graph += _ontology()
    assert list(_faults(graph)) != []


# ── inferences ─────────────────────────────────────────────────────────────────────────────────────────────

PROJECT, EMMY, MAX = EX["project/deep-examples"], EX["person/emmy-muster"], EX["person/max-mueller"]
EMMA = EX["person/emma-muster"]
DESCENT, OPTIMISATION = EX["topic/gradient-descent"], EX["topic/mathematical-optimisation"]
LEADING, TAKING_PART = (
    EX["participation/deep-examples/1/emmy-muster"],
    EX["participation/deep-examples/1/max-mueller"],
)
FIRST, SECOND, PROGRAMME = EX["phase/1"], EX["phase/2"], EX.programme


@pytest.mark.slow
def test_the_inferences_are_all_wanted() -> None:
    """From the examples comes exactly what the axioms are meant for: no more, no less."""
    expected = {
        (PROJECT, FG.hasParticipant, EMMY), (PROJECT, FG.hasParticipant, MAX),
        (PROJECT, FG.principalInvestigator, EMMY),
        (PROJECT, FG.hasAssignedTopic, DESCENT),
        (PROJECT, FG.hasTopic, DESCENT), (PROJECT, FG.hasTopic, OPTIMISATION),
        (EMMY, FG.participatesIn, PROJECT), (MAX, FG.participatesIn, PROJECT),
        (EMMY, FG.holdsParticipation, LEADING), (MAX, FG.holdsParticipation, TAKING_PART),
        (MAX, FG.worksWith, EMMY),
        (EMMY, FG.worksOn, DESCENT), (MAX, FG.worksOn, DESCENT),
        (EMMY, RDF.type, FG.PrincipalInvestigator), (LEADING, RDF.type, FG.PrincipalInvestigatorParticipation),
        (DESCENT, FG.hasBroaderTopic, OPTIMISATION), (OPTIMISATION, FG.hasNarrowerTopic, DESCENT),
        (SECOND, FG.previousPhase, FIRST), (FIRST, FG.phaseHasProject, PROJECT),
        (PROGRAMME, FG.hasProject, PROJECT), (PROGRAMME, FG.hasProgrammePart, PROJECT),
        (PROGRAMME, FG.hasProgrammePart, FIRST), (PROGRAMME, FG.hasProgrammePart, SECOND),
        (EX["reading/0123456789abcdef0123"], RDF.type, RDF.Statement),
        (EX["reading/fedcba98765432100123"], RDF.type, RDF.Statement),
        (PROJECT, FG.hasParticipant, EMMA), (EMMA, FG.participatesIn, PROJECT), (EMMA, FG.worksOn, DESCENT),
        (EMMA, FG.holdsParticipation, EX["participation/deep-examples/1/emma-muster"]),
        (EMMY, FG.nameResembles, EMMA), (PROJECT, FG.involves, EX["organisation/example-instruments"]),
        (FIRST, RDF.type, TIME.ProperInterval), (SECOND, RDF.type, TIME.ProperInterval),
        (SECOND, TIME.intervalMetBy, FIRST),
    }  # fmt: skip
    assert _inferred() == expected


def test_nobody_works_with_themselves() -> None:
    """The symmetric worksWith gives no pair of a person with themselves."""
    pairs = [(s, o) for s, p, o in _inferred() if p == FG.worksWith]
    assert pairs == [(MAX, EMMY)]


@pytest.mark.slow
def test_broader_topics_are_inherited_over_several_steps() -> None:
    """A project has the topics above its own at any distance, but its people work on the named ones only."""
    data = Graph()
    data += _examples()
    data.add((OPTIMISATION, SKOS.broader, EX["topic/mathematics"]))
    closed = _closure(data)
    assert (PROJECT, FG.hasTopic, EX["topic/mathematics"]) in closed
    assert set(closed.objects(EMMY, FG.worksOn)) == {DESCENT}


def test_a_kind_gives_a_class_and_a_class_a_kind() -> None:
    """fg:kind and the classes of regular and associated projects follow from each other."""
    data = Graph()
    data.add((EX["project/a"], FG.kind, Literal("associated")))
    data.add((EX["project/b"], RDF.type, FG.RegularProject))
    closed = _closure(data)
    assert (EX["project/a"], RDF.type, FG.Project) in closed
    assert (EX["project/a"], RDF.type, FG.AssociatedProject) in closed
    assert (EX["project/b"], FG.kind, Literal("regular")) in closed


def test_a_project_belongs_to_the_programme_of_its_phase() -> None:
    """That a project is part of a programme follows from its phase."""
    data = Graph()
    data += _examples()
    data.remove((PROJECT, FG.partOfProgramme, None))
    assert (PROJECT, FG.partOfProgramme, PROGRAMME) in _closure(data)


@pytest.mark.slow
def test_the_examples_are_consistent() -> None:
    """Nothing in the examples contradicts the ontology."""
    assert list(_closure(_examples()).objects(None, ERROR)) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "triple",
    [
        (EMMY, RDF.type, FG.Project), (DESCENT, RDF.type, FG.Role), (EMMY, FG.worksWith, EMMY),
        (SECOND, FG.nextPhase, FIRST), (LEADING, RDF.type, FG.Person),
    ],
)  # fmt: skip
def test_a_contradiction_is_found(triple: tuple[Node, Node, Node]) -> None:
    """A thing of two kinds, a person working with themselves, and two phases that follow each other contradict."""
    data = Graph()
    for thing in (triple[0], triple[2]):
        data += _examples().triples((thing, RDF.type, None))
        data += _examples().triples((thing, FG.nextPhase, None))
    assert list(_closure(data).objects(None, ERROR)) == []
    data.add(triple)
    assert list(_closure(data).objects(None, ERROR)) != []


# ── roles, examples, context ───────────────────────────────────────────────────────────────────────────────


def test_the_roles_are_complete() -> None:
    """Each of the small set of roles has labels and printed words in English and German, none of them twice."""
    roles = Graph().parse(ROOT / "data" / "roles.ttl")
    words = (
        "spokesperson principal-investigator co-investigator leader coordinator participant researcher "
        "doctoral-researcher postdoctoral-researcher partner host contact staff"
    )
    assert set(roles.subjects(RDF.type, FG.Role)) == {ROLE[word] for word in words.split()}
    for role in roles.subjects(RDF.type, FG.Role):
        for predicate in (SKOS.prefLabel, SKOS.altLabel, RDFS.label):
            assert {label.language for label in roles.objects(role, predicate)} == {"en", "de"}  # type: ignore[union-attr]
    labels = [
        str(label).casefold() for name in (SKOS.prefLabel, SKOS.altLabel) for label in roles.objects(None, name)
    ]
    assert sorted(label for label in set(labels) if labels.count(label) > 1) == []


def test_the_passages_of_the_examples_quote_one_text() -> None:
    """The offsets, lines and columns of the examples are those of a text that is as long as its document says."""
    graph = _examples()
    passages = list(graph.subjects(RDF.type, FG.Passage))
    assert len(passages) == 10
    for passage in passages:
        start, end = (int(str(graph.value(passage, name))) for name in (FG.startOffset, FG.endOffset))
        line, column = (int(str(graph.value(passage, name))) for name in (FG.line, FG.column))
        assert str(passage).endswith(f"#char={start},{end}")
        assert str(graph.value(passage, FG.quote)) == TEXT[start:end]
        assert TEXT.split("\n")[line - 1][column - 1 :].startswith(TEXT[start:end])
    assert graph.value(EX["document/phase1"], FG.lineCount) == Literal(TEXT.count("\n") + 1)
    assert str(graph.value(EX["document/phase1"], FG.sha256)) == hashlib.sha256(TEXT.encode()).hexdigest()


def _context() -> dict[str, Any]:
    context: dict[str, Any] = json.loads(CONTEXT.read_text(encoding="utf-8"))
    return context


def test_the_context_names_every_term() -> None:
    """The JSON-LD context has a name for each class and property, a link's name says that it is one."""
    context = _context()["@context"]
    graph = _ontology()
    for term in _terms():
        name = term.removeprefix(str(FG))
        entry = context[name]
        assert (entry if isinstance(entry, str) else entry["@id"]) == f"fg:{name}"
        if (term, RDF.type, OWL.ObjectProperty) in graph:
            assert entry["@type"] == "@id"


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # by rdflib's own JSON-LD parser
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_survives_json_ld(path: Path) -> None:
    """An example written as JSON-LD with the context, by two libraries, reads back as the same graph."""
    graph = Graph().parse(path)
    compact = jsonld.compact(jsonld.from_rdf(graph.serialize(format="nt")), _context())
    assert isomorphic(graph, Graph().parse(data=json.dumps(compact), format="json-ld"))
    assert isomorphic(
        graph, Graph().parse(data=jsonld.to_rdf(compact, {"format": "application/n-quads"}), format="nt")
    )
    written = graph.serialize(format="json-ld", context=_context()["@context"])
    assert isomorphic(graph, Graph().parse(data=written, format="json-ld"))


def test_json_ld_shows_short_names() -> None:
    """A role in JSON-LD has its labels by language, and its IRI and class by short names."""
    graph = Graph().parse(ROOT / "ontology" / "examples" / "Role.ttl")
    compact = jsonld.compact(jsonld.from_rdf(graph.serialize(format="nt")), _context())
    role = next(node for node in compact["@graph"] if node["id"] == "role:participant")
    assert role["prefLabel"] == {"en": "participant", "de": "beteiligte Person"}
    assert "Role" in role["type"]


def test_the_documentation_lists_every_term() -> None:
    """docs/ontology.md has a row for each term, with its label and definition."""
    text = (ROOT / "docs" / "ontology.md").read_text(encoding="utf-8")
    graph = _ontology()
    missing = []
    for term in _terms():
        label = next(text for text in graph.objects(term, RDFS.label) if text.language == "en")  # type: ignore[attr-defined]
        row = f"| `fg:{term.removeprefix(str(FG))}` | {label} | {graph.value(term, SKOS.definition)} |"
        if row not in text:
            missing.append(row)
    assert missing == []


def test_every_property_says_what_it_leads_from_and_to() -> None:
    """A property names the classes (or datatypes) at its ends, as a note: nothing follows from it."""
    graph = _ontology()
    for kind in (OWL.ObjectProperty, OWL.DatatypeProperty):
        for term in graph.subjects(RDF.type, kind):
            if term not in _terms():
                continue
            froms, tos = (
                set(graph.objects(term, DCAM.domainIncludes)),
                set(graph.objects(term, DCAM.rangeIncludes)),
            )
            assert froms, term
            assert all((end, RDF.type, OWL.Class) in graph for end in froms if end in FG), term
            if kind == OWL.DatatypeProperty:
                assert tos, term
                assert all(str(end).startswith((str(XSD), str(RDF))) for end in tos), term
            else:
                assert tos or term == FG.homepage, term
                assert all((end, RDF.type, OWL.Class) in graph for end in tos if end in FG), term


@pytest.mark.slow
@pytest.mark.parametrize("source", ["examples", "spp2298"])
def test_the_ends_of_properties_are_those_of_the_data(source: str) -> None:
    """In the examples and in SPP 2298, inferred statements too, each property stands between what it names."""
    graph = (
        asserted(ROOT / "data" / "spp2298").to_graph(Graph()) if source == "spp2298" else _examples() + _ontology()
    )
    graph += infer(graph)
    checked = 0
    for term in _terms():
        froms = set(_ontology().objects(term, DCAM.domainIncludes))
        tos = set(_ontology().objects(term, DCAM.rangeIncludes))
        for subject, value in graph.subject_objects(term):
            assert froms & set(graph.objects(subject, RDF.type)), (subject, term)
            if isinstance(value, Literal):
                assert (value.datatype or (RDF.langString if value.language else XSD.string)) in tos, (term, value)
            elif kinds := set(graph.objects(value, RDF.type)):  # the examples do not describe all that they name
                assert tos & kinds or term == FG.homepage, (subject, term, value)
            checked += 1
    assert checked > 200

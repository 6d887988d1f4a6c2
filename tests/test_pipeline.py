"""From the real page to the graph: what a reader of the page would count stands in the snapshot."""

from __future__ import annotations

import re
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import OWL, RDF, RDFS, Graph, URIRef

from fundgraph.errors import InconsistencyError, UsageError, ValidationError
from fundgraph.pipeline import build
from fundgraph.reason import infer
from fundgraph.reason.owlrl_engine import set_aside
from fundgraph.settings import Settings
from fundgraph.vocab import FG

from .conftest import PAGE

B = "https://w3id.org/fundgraph/spp2298/"
PREFIXES = f"""
PREFIX fg: <https://w3id.org/fundgraph/ontology#> PREFIX role: <https://w3id.org/fundgraph/role/>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX project: <{B}project/> PREFIX person: <{B}person/> PREFIX g: <{B}graph/> PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
"""


@pytest.fixture(scope="module")
def store(spp_snapshot: Path) -> ox.Store:
    """The real snapshot's store."""
    return ox.Store.read_only(str(spp_snapshot / "current" / "store"))


def rows(store: ox.Store, query: str) -> list[tuple[str, ...]]:
    """Answer a SELECT as tuples of strings."""
    return [tuple("" if term is None else term.value for term in row) for row in store.query(PREFIXES + query)]


def number(store: ox.Store, pattern: str) -> int:
    """Count the distinct ?x of a pattern."""
    return int(rows(store, f"SELECT (COUNT(DISTINCT ?x) AS ?n) WHERE {{ {pattern} }}")[0][0])


@pytest.mark.parametrize(
    ("what", "pattern", "count"),
    [
        ("projects", "?x a fg:Project", 24),
        ("regular projects", "?x a fg:RegularProject", 23),
        ("associated projects", "?x a fg:AssociatedProject", 1),
        ("principal investigators", "?x a fg:PrincipalInvestigator", 34),
        ("phases", "?x a fg:FundingPhase", 2),
        ("projects with an abstract", "?x fg:abstract ?text", 22),
        ("placeholder abstracts", "?x a fg:Project; fg:abstractStatus 'placeholder'", 1),
        ("empty abstracts", "?x a fg:Project; fg:abstractStatus 'empty'", 1),
        ("claims", "?x a fg:Claim", 3),
        ("publications", "?x a fg:Publication", 1),
        ("GEPRIS numbers of projects", "?p a fg:Project; fg:hasIdentifier ?x . ?x fg:scheme 'gepris-project'", 11),
    ],
)  # fmt: skip
def test_counts(store: ox.Store, what: str, pattern: str, count: int) -> None:
    """The graph holds as many of each as the page and the table of facts do."""
    assert number(store, pattern) == count, what


def test_everybody_on_the_page_is_there(store: ox.Store) -> None:
    """The names of the people are those that stand in the page's people lines and lists, each once."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    listed: set[str] = set()
    for index, line in enumerate(lines):
        if line == "Participants":
            for name in lines[index + 2 :]:
                if not name:
                    break
                listed.add(re.sub(r" \(.*\)$", "", re.sub(r"^(Prof\. )?(Dr\. )?", "", name)))
    listed |= {"Julia Kostin"}  # in the header only, line 247
    listed -= {"Bern Sturmfels", "Andrés Fernándes Rodríges"}
    listed |= {"Bernd Sturmfels", "Andrés Fernández Rodríguez"}
    assert {name for (name,) in rows(store, "SELECT ?n WHERE { ?p a fg:Person; fg:name ?n }")} == listed


def test_inference_adds_the_chains(store: ox.Store) -> None:
    """Participants, principal investigators and broader topics of a project are inferred, not asserted."""
    project = "project:combinatorial-and-implicit-approaches-to-deep-learning"
    inferred = f"GRAPH g:inferred {{ {project} fg:principalInvestigator ?x }}"
    assert {name for (name,) in rows(store, f"SELECT ?n WHERE {{ {inferred} ?x fg:name ?n }}")} == {
        "Guido Montúfar", "Bernd Sturmfels",
    }  # fmt: skip
    assert number(store, f"GRAPH g:inferred {{ {project} fg:hasParticipant ?x }}") == 6
    assert number(store, "GRAPH g:inferred { ?p fg:hasTopic ?x } ?x skos:topConceptOf ?s") > 0


def test_nobody_works_with_themself(store: ox.Store) -> None:
    """fg:worksWith is symmetric and not reflexive."""
    assert number(store, "?x fg:worksWith ?x") == 0
    assert number(store, "?x fg:worksWith ?y FILTER NOT EXISTS { ?y fg:worksWith ?x }") == 0
    assert number(store, "person:gitta-kutyniok fg:worksWith ?x") == 3


def test_every_read_statement_has_a_line(store: ox.Store) -> None:
    """Each reading names its document and passage, and the passage's quote stands at its line in the page."""
    query = """SELECT ?line ?column ?quote ?start ?end WHERE { GRAPH g:provenance { ?r a fg:Reading; prov:wasDerivedFrom ?d;
      fg:readFrom ?p } ?p fg:line ?line; fg:column ?column; fg:quote ?quote; fg:startOffset ?start; fg:endOffset ?end }"""
    text = PAGE.read_text(encoding="utf-8")
    lines = text.split("\n")
    found = rows(store, query)
    assert len(found) > 500
    for line, column, quote, start, end in found:
        passage = text[int(start) : int(end)]
        assert passage.startswith(quote.removesuffix("…"))
        first = quote.removesuffix("…").split("\n")[0]
        assert lines[int(line) - 1][int(column) - 1 :].startswith(first)


def test_nothing_read_lacks_a_reading(store: ox.Store) -> None:
    """Titles, abstracts, participations, names, assigned topics: each such statement has a reading with a passage."""
    for predicate in (
        "title",
        "abstract",
        "hasParticipation",
        "name",
        "hasTopicAssignment",
        "inPhase",
        "worksWith",
    ):
        query = f"""SELECT ?x WHERE {{ GRAPH g:document\\/phase1 {{ ?x fg:{predicate} ?o }} FILTER NOT EXISTS {{
          GRAPH g:provenance {{ ?r rdf:subject ?x; rdf:predicate fg:{predicate}; rdf:object ?o; fg:readFrom ?p }} }} }}"""
        assert rows(store, query) == [], predicate


def test_the_default_graph_is_the_union_of_the_open_graphs(store: ox.Store) -> None:
    """A query without FROM sees documents, topics, inference and ontology, but no report and no provenance."""
    assert number(store, "?x a fg:Finding") == 0
    assert number(store, "GRAPH ?g { ?x a fg:Finding }") > 10
    assert number(store, "?x a fg:Reading") == 0
    visible = {quad.triple for quad in store if isinstance(quad.graph_name, ox.NamedNode)
               and not quad.graph_name.value.endswith(("/report", "/provenance", "/queries"))}  # fmt: skip
    assert {quad.triple for quad in store.quads_for_pattern(None, None, None, ox.DefaultGraph())} == visible


def test_setting_statements_aside_changes_no_closure() -> None:
    """What is set aside before owlrl runs contributes nothing: the closure without it is the same."""
    data = """
    @prefix e: <http://e/> . @prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
    e:p a owl:ObjectProperty ; rdfs:subPropertyOf e:q ; rdfs:label "p" . e:name a owl:DatatypeProperty .
    e:kind a owl:DatatypeProperty . e:Good owl:equivalentClass [ a owl:Restriction ; owl:onProperty e:kind ; owl:hasValue "good" ] .
    e:a e:p e:b ; e:name "A" ; e:kind "good" ; rdfs:label "a" ; e:near e:c . e:alias rdfs:subPropertyOf rdfs:comment . e:a e:alias "x" .
    """
    graph = Graph().parse(data=data, format="turtle")
    aside = set_aside(graph)
    assert {str(predicate) for _, predicate, _ in aside} == {"http://e/name", "http://e/near", str(RDFS.label)}
    whole, part = Graph(), Graph()
    whole += graph
    whole.add((URIRef("http://e/x"), OWL.sameAs, URIRef("http://e/x2")))  # nothing is set aside then
    assert set_aside(whole) == []
    part += graph
    extra = {triple for triple in infer(whole, "owlrl") if "http://e/x" not in str(triple[0])}
    assert extra == set(infer(part, "owlrl"))
    assert (URIRef("http://e/a"), RDF.type, URIRef("http://e/Good")) in extra
    assert (URIRef("http://e/a"), RDFS.comment, next(part.objects(None, URIRef("http://e/alias")))) in extra


def test_has_key_is_refused() -> None:
    """owlrl calls different things the same when there are keys, so such an ontology is refused."""
    graph = Graph().parse(
        data="<http://e/C> <http://www.w3.org/2002/07/owl#hasKey> ( <http://e/k> ) .", format="turtle"
    )
    with pytest.raises(UsageError, match="unsound on owl:hasKey"):
        infer(graph, "owlrl")


@pytest.mark.slow
def test_facts_without_a_subject_are_reported(tiny: Path, tmp_path: Path) -> None:
    """A fact about somebody whom no document names is not added, and reported."""
    report = build(Settings(data_dir=tiny, build_dir=tmp_path / "build"))
    assert [fact.subject for fact in report.unknown_facts] == ["Nobody Here"]
    data = (report.snapshot.path / "dataset.nq").read_text(encoding="utf-8")
    assert "0000-0002-1825-0097" not in data
    assert "university-of-springs" in data


@pytest.mark.slow
def test_an_inconsistency_stops_the_build(tiny: Path, tmp_path: Path) -> None:
    """A graph that contradicts the ontology is exit 1, names what clashes, and switches nothing."""
    settings = Settings(data_dir=tiny, build_dir=tmp_path / "build")
    before = build(settings).snapshot.release
    with (tiny / "topics.ttl").open("a", encoding="utf-8") as file:
        file.write("\n<https://example.org/rivers/person/ada-quell> a fg:Document .\n")
    with pytest.raises((InconsistencyError, ValidationError), match="ada-quell") as caught:
        build(settings)
    assert caught.value.exit_code == 1
    assert (settings.build_dir / "current").resolve().name == before


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["rules", "disk", "owlrl"])
def test_a_contradiction_is_told_down_to_the_lines(tiny: Path, tmp_path: Path, engine: str) -> None:
    """Whatever the engine, a contradiction is a proof whose leaves name the document's line, or who else says so."""
    with (tiny / "topics.ttl").open("a", encoding="utf-8") as file:
        file.write(
            "\nfg:participant rdfs:range <http://e/Machine> . fg:Person <http://www.w3.org/2002/07/owl#disjointWith> <http://e/Machine> .\n"
        )
    with pytest.raises(InconsistencyError) as caught:
        build(Settings(data_dir=tiny, build_dir=tmp_path / "build", engine=engine))
    lines = str(caught.value).splitlines()
    assert lines[1].startswith("a contradiction  [cax-dw")
    assert any("fg:participant" in line and "[asserted, documents/page.txt, line" in line for line in lines)
    assert any("rdfs:range" in line and "[asserted, topics.ttl says so]" in line for line in lines)
    assert not any("[asserted]" in line for line in lines)


@pytest.mark.slow
def test_a_violation_stops_the_build(tiny: Path, tmp_path: Path) -> None:
    """A SHACL violation is exit 1, names the thing and the message, and switches nothing."""
    settings = Settings(data_dir=tiny, build_dir=tmp_path / "build")
    before = build(settings).snapshot.release
    path = tiny / "facts.tsv"
    path.write_text(path.read_text(encoding="utf-8").replace("123456789", "12 apples"), encoding="utf-8")
    with pytest.raises(ValidationError, match="GEPRIS") as caught:
        build(settings)
    assert caught.value.exit_code == 1
    assert (settings.build_dir / "current").resolve().name == before


def test_the_ontology_types_nothing_wrongly(store: ox.Store) -> None:
    """No person is inferred to be a project, an organisation or a topic, and the like."""
    kinds = ("Project", "Person", "Organisation", "Topic", "Participation", "Publication", "Document", "Passage")
    for kind in kinds:
        for other in kinds:
            if kind < other:
                assert number(store, f"?x a fg:{kind}, fg:{other}") == 0
    assert str(FG.Project) in {kind for (kind,) in rows(store, "SELECT DISTINCT ?k WHERE { ?x a ?k }")}

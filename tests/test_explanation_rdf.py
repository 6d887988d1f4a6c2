"""Explanations as RDF: by Accept, by format, on the command line; a proof that is read back is checked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from rdflib import DCTERMS, PROV, RDF, BNode, Graph, Literal, URIRef
from rdflib.compare import isomorphic
from rdflib.term import Node

from fundgraph.cli import commands
from fundgraph.explanation import Explainer, Explanation
from fundgraph.ntriples import Name, Statements, name_of
from fundgraph.reason.front import read_quads
from fundgraph.reason.proof import Proof, Step
from fundgraph.vocab import FG, prefixes
from tests.proof_checker import check

pytestmark = pytest.mark.slow

BASE = "https://w3id.org/fundgraph/spp2298/"
PI = {
    "s": "project:combinatorial-and-implicit-approaches-to-deep-learning",
    "p": "fg:principalInvestigator",
    "o": "person:bernd-sturmfels",
}
TYPES = {
    "text/turtle": "turtle", "application/ld+json": "json-ld", "application/n-triples": "nt",
    "application/rdf+xml": "xml", "application/trig": "turtle", "application/n-quads": "nt",
}  # fmt: skip


def one(graph: Graph, node: Node, predicate: Node) -> Node:
    """Return the one value of a property; none or several is a fault."""
    (value,) = graph.objects(node, predicate)
    return value


def said(graph: Graph, statement: Node) -> Name:
    """Return what a reified statement says."""
    s, p, o = (name_of(one(graph, statement, part)) for part in (RDF.subject, RDF.predicate, RDF.object))
    return s, p, o


def read_proof(graph: Graph) -> Proof:
    """Read a proof out of RDF: its steps by their derivations, what has none is asserted."""
    (node,) = graph.subjects(RDF.type, FG.Proof)
    steps: dict[Name, Step] = {}
    for derivation in graph.objects(node, FG.hasStep):
        assert (derivation, RDF.type, FG.Derivation) in graph
        conclusion = one(graph, derivation, FG.concludes)
        premises = sorted(graph.objects(derivation, FG.premise))
        assert set(graph.objects(derivation, PROV.used)) == set(premises)
        assert set(premises) <= set(graph.objects(conclusion, PROV.wasDerivedFrom))
        assert (conclusion, PROV.wasGeneratedBy, derivation) in graph
        triple = said(graph, conclusion)
        assert triple not in steps
        rule = str(one(graph, derivation, FG.inferenceRule))
        steps[triple] = Step(triple, rule, tuple(said(graph, premise) for premise in premises))
    conclusion = one(graph, node, FG.proves)
    for premise in [said(graph, conclusion), *(p for step in list(steps.values()) for p in step.premises)]:
        steps.setdefault(premise, Step(premise))
    return Proof(said(graph, conclusion), steps, bool(one(graph, node, FG.shortest)))


def leaves(proof: Proof) -> Graph:
    """Return the asserted triples of a proof as a graph."""
    return Statements(proof.leaves()).to_graph()


@pytest.fixture(scope="module")
def explainer(spp_snapshot: Path, spp_manifest: dict[str, Any]) -> Explainer:
    """An explainer over the real snapshot."""
    return Explainer(
        spp_snapshot / "current" / "dataset.nq",
        inferred=f"{BASE}graph/inferred",
        provenance=f"{BASE}graph/provenance",
        hidden=spp_manifest["hidden_graphs"],
    )


@pytest.fixture(scope="module")
def explanations(explainer: Explainer, spp_snapshot: Path) -> list[Explanation]:
    """Explanations of an inferred statement of each property, the last of its kind in the dataset."""
    with (spp_snapshot / "current" / "dataset.nq").open(encoding="utf-8") as lines:
        last = {
            (p, o if p == name_of(RDF.type) else ""): (s, p, o)
            for s, p, o, graph in read_quads(lines)
            if graph == f"<{BASE}graph/inferred>" and s[0] == "<" and f"<{BASE}" in s
        }
    return [explainer.explain(triple) for triple in last.values()]


def proofs(explanations: list[Explanation]) -> Iterator[tuple[Explanation, Proof]]:
    """Yield explanations with their proofs."""
    for explanation in explanations:
        assert explanation.proof is not None
        yield explanation, explanation.proof


@pytest.mark.parametrize("form", ["turtle", "ntriples", "jsonld", "rdfxml"])
@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # by rdflib's own JSON-LD parser
def test_the_proof_that_is_read_back_is_right(
    explainer: Explainer, explanations: list[Explanation], form: str
) -> None:
    """A proof of a statement of each property, written and read back, is accepted by the independent checker."""
    assert len(explanations) >= 10
    asserted = asserted_of(explainer)
    rules = set()
    for explanation, proof in proofs(explanations):
        data = explanation.to_rdf(form, BASE, prefixes(BASE))
        parsed = {"turtle": "turtle", "ntriples": "nt", "jsonld": "json-ld", "rdfxml": "xml"}[form]
        back = read_proof(Graph().parse(data=data, format=parsed))
        assert back.conclusion == proof.conclusion == explanation.statement
        assert (len(back.steps), back.size, back.shortest) == (len(proof.steps), proof.size, proof.shortest)
        # Blank nodes have other names after reading; that the leaves are the same says which is which.
        assert isomorphic(leaves(back), leaves(proof))
        check(back, asserted | {leaf for leaf in back.leaves() if "_:" in (leaf[0][:2], leaf[2][:2])})
        rules |= {step.rule for step in back.steps.values()}
    assert len(rules) >= 6


def asserted_of(explainer: Explainer) -> set[Name]:
    """Return all that was asserted."""
    names = explainer.closure.terms.names
    return {
        (names[key >> 32], names[p], names[key & 0xFFFFFFFF])
        for p, keys in explainer.closure.asserted.items()
        for key in keys.tolist()
    }


def test_a_wrong_proof_is_not_accepted(explainer: Explainer, explanations: list[Explanation]) -> None:
    """A premise that is taken out of the RDF, and a rule that is another, are found."""
    explanation = next(e for e, proof in proofs(explanations) if proof.step.rule == "prp-spo2")
    for change in ("premise", "rule"):
        graph = Graph().parse(data=explanation.to_rdf("turtle", BASE, {}), format="turtle")
        statement = one(
            graph, one(graph, next(graph.subjects(RDF.type, FG.Proof)), FG.proves), PROV.wasGeneratedBy
        )
        if change == "premise":
            lost = next(
                p for p in graph.objects(statement, FG.premise) if "propertyChainAxiom" in said(graph, p)[1]
            )
            graph.remove((statement, FG.premise, lost))
            graph.remove((statement, PROV.used, lost))
        else:
            graph.set((statement, FG.inferenceRule, Literal("prp-trp")))
        proof = read_proof(graph)
        with pytest.raises(AssertionError):
            check(proof, asserted_of(explainer) | set(proof.leaves()))


def test_leaves_lead_to_passages(explanations: list[Explanation], spp_snapshot: Path) -> None:
    """A statement that was read has its IRI of the graph provenance, and passages with line and words."""
    with (spp_snapshot / "current" / "dataset.nq").open(encoding="utf-8") as lines:
        known = {s for s, _, _, graph in read_quads(lines) if graph == f"<{BASE}graph/provenance>"}
    explanation = next(e for e, _ in proofs(explanations) if e.statement[1] == name_of(FG.principalInvestigator))
    graph = Graph().parse(data=explanation.to_rdf("turtle", BASE, {}), format="turtle")
    readings = list(graph.subjects(RDF.type, FG.Reading))
    assert readings
    assert {name_of(reading) for reading in readings} <= known
    for reading in readings:
        passages = list(graph.objects(reading, FG.readFrom))
        assert passages
        for passage in passages:
            assert (passage, FG.inDocument, URIRef(f"{BASE}document/phase1")) in graph
            assert int(str(one(graph, passage, FG.line))) > 0
            assert str(one(graph, passage, FG.quote))
    assert not any(isinstance(node, BNode) for node in graph.all_nodes() if (node, RDF.type, None) in graph)


def test_a_fact_from_outside_leads_to_its_source(explainer: Explainer) -> None:
    """A fact of the programme's table has dcterms:source, and is a proof without steps."""
    fact = (
        f"<{BASE}person/felix-dietrich>",
        name_of(FG.hasIdentifier),
        f"<{BASE}identifier/orcid/0000-0002-2906-1769>",
    )
    graph = Graph().parse(data=explainer.explain(fact).to_rdf("turtle", BASE, {}), format="turtle")
    (proof,) = graph.subjects(RDF.type, FG.Proof)
    assert list(graph.objects(proof, FG.hasStep)) == []
    assert "CITATION.cff" in str(one(graph, one(graph, proof, FG.proves), DCTERMS.source))


def test_ways_are_no_steps_of_the_proof(explainer: Explainer, explanations: list[Explanation]) -> None:
    """Other single steps are written as derivations of the same statement, which the proof does not have."""
    asked = [explainer.explain(explanation.statement, ways=True) for explanation in explanations]
    explanation = next(one for one in asked if len({(way.rule, way.premises) for way in one.ways}) > 1)
    graph = Graph().parse(data=explanation.to_rdf("turtle", BASE, {}), format="turtle")
    (proof,) = graph.subjects(RDF.type, FG.Proof)
    ways = set(graph.subjects(FG.concludes, one(graph, proof, FG.proves)))
    assert len(ways) == len(explanation.ways) > 1
    assert len(ways & set(graph.objects(proof, FG.hasStep))) == 1


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # by rdflib's own JSON-LD parser
@pytest.mark.parametrize(("media", "parser"), TYPES.items())
def test_by_accept(spp_client: FlaskClient, media: str, parser: str) -> None:
    """Each RDF format comes by its media type, and all hold the same graph."""
    answer = spp_client.get("/explain", query_string=PI, headers={"Accept": media})
    assert (answer.status_code, answer.mimetype) == (200, media)
    assert "Accept" in answer.headers["Vary"]
    turtle = spp_client.get("/explain", query_string=PI | {"format": "turtle"}).data
    assert isomorphic(Graph().parse(data=answer.data, format=parser), Graph().parse(data=turtle, format="turtle"))


@pytest.mark.parametrize(
    ("accept", "mimetype"),
    [
        ("application/json", "application/json"),
        ("*/*", "application/json"),
        ("", "application/json"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
        ("text/turtle;q=0.9, application/json;q=0.5", "text/turtle"),
        ("text/turtle;q=0.3, application/json;q=0.5", "application/json"),
        ("application/xml", "application/rdf+xml"),
    ],
)
def test_what_is_preferred_comes(spp_client: FlaskClient, accept: str, mimetype: str) -> None:
    """HTML for browsers, JSON for whoever does not say, and otherwise what is wanted most."""
    assert spp_client.get("/explain", query_string=PI, headers={"Accept": accept}).mimetype == mimetype


def test_what_is_not_offered(spp_client: FlaskClient) -> None:
    """A media type that is not offered is 406 with the offers, a format that does not exist 400."""
    image = spp_client.get("/explain", query_string=PI, headers={"Accept": "image/png"})
    assert image.status_code == 406
    assert "text/turtle" in image.text
    assert spp_client.get("/explain", query_string=PI | {"format": "png"}).status_code == 400


def test_an_absent_statement_has_no_proof(spp_client: FlaskClient) -> None:
    """Of what does not hold there is the statement alone, and the status is 404."""
    answer = spp_client.get("/explain", query_string=PI | {"o": "person:lars-gruene", "format": "ttl"})
    assert answer.status_code == 404
    graph = Graph().parse(data=answer.data, format="turtle")
    assert list(graph.subjects(RDF.type, FG.Proof)) == []
    (statement,) = graph.subjects(RDF.type, RDF.Statement)
    assert one(graph, statement, RDF.object) == URIRef(f"{BASE}person/lars-gruene")


def test_the_page_links_the_formats(spp_client: FlaskClient) -> None:
    """The page of an explanation leads to the same in the other formats."""
    page = spp_client.get("/explain", query_string=PI, headers={"Accept": "text/html"}).text
    assert "format=turtle" in page
    assert "format=jsonld" in page


def test_the_command(spp_snapshot: Path) -> None:
    """fundgraph explain writes the RDF that the server does."""
    run = CliRunner().invoke(commands, ["explain", *PI.values(), "-f", "turtle", "--build-dir", str(spp_snapshot)])
    assert run.exit_code == 0
    proof = read_proof(Graph().parse(data=run.stdout, format="turtle"))
    assert proof.step.rule == "prp-spo2"

"""The made parts of docs/ontology.md, and the measure behind them."""

from __future__ import annotations

from pathlib import Path

import pytest
from rdflib import OWL, RDF, RDFS, Graph, Namespace

from fundgraph.ontology_documentation import made_parts, renewed
from fundgraph.reason import infer
from fundgraph.reason.measure import measure

ROOT = Path(__file__).resolve().parent.parent
EX = Namespace("https://example.org/")
ONTOLOGY = f"""@prefix : <{EX}> . @prefix owl: <{OWL}> . @prefix rdfs: <{RDFS}> .
:Cat rdfs:subClassOf :Animal . :Animal rdfs:subClassOf :Being .
:Tame owl:equivalentClass [ a owl:Restriction ; owl:onProperty :lives ; owl:hasValue "indoors" ] .
:mother rdfs:subPropertyOf :parent . :parent owl:inverseOf :child .
:grandparent owl:propertyChainAxiom ( :parent :parent ) .
:near a owl:SymmetricProperty . :above a owl:TransitiveProperty .
:above a owl:IrreflexiveProperty .
"""
DATA = """:tom a :Cat ; :mother :kit ; :lives "indoors" . :kit :mother :puss ; :near :dog .
:a :above :b . :b :above :c . :c :above :d ."""


def _counts() -> dict[tuple[str, str], int]:
    graph = Graph().parse(data=ONTOLOGY + DATA)
    return {
        (str(axiom.kind).rsplit("#", 1)[-1], str(axiom.subject).removeprefix(str(EX))): count
        for axiom, count in measure(graph).axioms
    }


@pytest.mark.parametrize(
    ("kind", "subject", "count"),
    [
        ("subClassOf", "Cat", 1),
        ("subClassOf", "Animal", 1),
        ("equivalentClass", "Tame", 1),
        ("subPropertyOf", "mother", 2),
        ("inverseOf", "parent", 2),
        ("propertyChainAxiom", "grandparent", 1),
        ("SymmetricProperty", "near", 1),
        ("TransitiveProperty", "above", 3),
        ("IrreflexiveProperty", "above", 0),
    ],
)
def test_an_axiom_is_measured_by_what_it_gives(kind: str, subject: str, count: int) -> None:
    """The number of inferred triples that one application of an axiom gives is that of a count by hand."""
    assert _counts()[kind, subject] == count


def test_all_that_is_inferred_is_counted_by_a_rule() -> None:
    """The rules' counts cover all inferred triples, of which there are as many as inference gives."""
    graph = Graph().parse(data=ONTOLOGY + DATA)
    measured = measure(graph)
    assert measured.inferred == len(infer(graph))
    assert sum(count for _, count in measured.rules) >= measured.inferred
    assert dict(measured.rules)["prp-trp"] == 3


def test_an_axiom_that_is_taken_away_adds_nothing() -> None:
    """Without an axiom what it alone gives is gone, as many triples as it was measured to give."""
    graph = Graph().parse(data=ONTOLOGY + DATA)
    before = len(infer(graph))
    graph.remove((EX.near, RDF.type, OWL.SymmetricProperty))
    assert before - len(infer(graph)) == _counts()["SymmetricProperty", "near"]


@pytest.mark.slow
def test_the_documentation_is_up_to_date() -> None:
    """docs/ontology.md holds the terms, the counts of inferences and the constraints as they are now."""
    text = (ROOT / "docs" / "ontology.md").read_text(encoding="utf-8")
    parts = made_parts(ROOT / "data" / "spp2298", ROOT / "tests" / "shapes")
    assert set(parts) == {"terms", "axioms", "constraints"}
    assert all(f"<!-- made: {name} -->" in text for name in parts)
    assert renewed(text, parts) == text, (
        "run: python -m fundgraph.ontology_documentation docs/ontology.md data/spp2298"
    )

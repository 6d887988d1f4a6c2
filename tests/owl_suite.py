"""The W3C's test cases for OWL 2 that lie in the RL profile, and what our engine makes of them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from rdflib import OWL, RDF, Graph, Namespace, URIRef

from fundgraph.reason.entailment import Entailment
from fundgraph.reason.front import name_of

ROOT = Path(__file__).resolve().parent.parent
TEST = Namespace("http://www.w3.org/2007/OWL/testOntology#")
RULES, PROFILE = "rl-rdf-rules-87", "profile-RL-and-RDF-BASED-67"
KINDS = ("PositiveEntailmentTest", "NegativeEntailmentTest", "InconsistencyTest", "ConsistencyTest")
#: Cases that no set of rules for RL can pass, each with the reason.
OUT_OF_REACH = {
    "New-Feature-ReflexiveProperty-001": "reflexive properties are not in the profile, and have no rule",
    "WebOnt-I5.5-005": "asks for a union that nothing names (comprehension of OWL Full)",
    "WebOnt-imports-011": "asks to fetch an ontology over the network",
}


@dataclass(frozen=True)
class Case:
    """One test case in one of its roles."""

    id: str
    suite: str
    kind: str
    iri: str


def folder() -> Path | None:
    """Return the folder of the OWL 2 suite, None if it is not here."""
    given = os.environ.get("FUNDGRAPH_SUITES")
    roots = [Path(given)] if given else [ROOT.parent / "shared/suites", ROOT.parent.parent / "shared/suites"]
    return next((root / "owl2" for root in roots if (root / "owl2" / "all.rdf").is_file()), None)


@cache
def everything() -> Graph:
    """Return the suite's graph."""
    found = folder()
    assert found is not None
    return Graph().parse(found / "all.rdf")


def cases() -> Iterator[Case]:
    """Yield the cases that are written in RDF/XML, once for each role."""
    found = folder()
    if found is None:
        return
    for test in json.loads((found / "rl_index.json").read_text(encoding="utf-8"))["tests"]:
        if test["has_rdfxml_premise"]:
            for kind in KINDS:
                if kind in test["types"]:
                    yield Case(test["id"], test["suite"], kind, test["iri"])


def ontology(case: Case, part: str) -> list[tuple[str, str, str]]:
    """Return a part of a case as triples, without the ontology's own header."""
    (text,) = everything().objects(URIRef(case.iri), TEST[part])
    graph = Graph().parse(data=str(text), format="xml")
    if part != "rdfXmlPremiseOntology":
        for node in list(graph.subjects(RDF.type, OWL.Ontology)):
            graph.remove((node, None, None))
    return [(name_of(s), name_of(p), name_of(o)) for s, p, o in graph]


def passes(case: Case) -> bool:
    """Tell whether our engine answers a case as it should."""
    entailment = Entailment(ontology(case, "rdfXmlPremiseOntology"))
    if case.kind == "ConsistencyTest":
        return entailment.consistent
    if case.kind == "InconsistencyTest":
        return not entailment.consistent
    if case.kind == "PositiveEntailmentTest":
        return entailment.entails(ontology(case, "rdfXmlConclusionOntology"))
    return not entailment.entails(ontology(case, "rdfXmlNonConclusionOntology"))

"""Our closure is owlrl's wherever owlrl is right; each place where it is not has its own test, and a reason."""

from __future__ import annotations

import owlrl
import pytest
from hypothesis import HealthCheck, given, settings
from rdflib import OWL, Graph

from fundgraph.errors import InconsistencyError, UsageError
from fundgraph.reason import infer
from fundgraph.reason.closure import Closure
from fundgraph.reason.front import name_of
from fundgraph.reason.owlrl_engine import infer_with_owlrl
from fundgraph.reason.rules_engine import infer_with_rules
from tests.naive_closure import naive_closure
from tests.ontologies import (
    CONTRADICTING,
    POSITIVE,
    STRANGE,
    UNKNOWN_TO_OWLRL,
    E,
    Triple,
    ontologies,
    outcome,
)

pytestmark = pytest.mark.slow

#: owlrl is slow, and slower still on what hypothesis makes smaller; failures come as they were found.
SOME = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
PREFIXES = f"""@prefix : <{E}> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


def turtle(text: str) -> Graph:
    """Return a graph written in Turtle with the usual prefixes."""
    return Graph().parse(data=PREFIXES + text, format="turtle")


def agree(triples: list[Triple]) -> None:
    """Fail unless both engines say the same of a graph."""
    ours, theirs = outcome(infer_with_rules, triples), outcome(infer_with_owlrl, triples)
    if isinstance(ours, str) or isinstance(theirs, str):
        assert ours == theirs
        return
    assert ours - theirs == frozenset(), "only ours"
    assert theirs - ours == frozenset(), "only owlrl's"


@pytest.mark.slow
@SOME
@given(ontologies(POSITIVE))
def test_the_same_closure_for_what_infers(triples: list[Triple]) -> None:
    """Of ontologies that cannot contradict themselves both engines infer the same."""
    agree(triples)


@pytest.mark.slow
@SOME
@given(ontologies(POSITIVE, CONTRADICTING))
def test_the_same_contradictions(triples: list[Triple]) -> None:
    """Both engines find the same graphs contradictory, and infer the same of the others."""
    agree(triples)


@pytest.mark.slow
@SOME
@given(ontologies(POSITIVE, STRANGE))
def test_the_same_closure_for_strange_ontologies(triples: list[Triple]) -> None:
    """Classes and properties that are things, and sub-properties of the language's own, make no difference."""
    agree(triples)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(ontologies(POSITIVE, CONTRADICTING, UNKNOWN_TO_OWLRL, UNKNOWN_TO_OWLRL, most=5))
def test_the_same_as_by_brute_force(triples: list[Triple]) -> None:
    """With keys and all that owlrl lacks, the closure is what trying every rule on everything gives."""
    names = [(name_of(s), name_of(p), name_of(o)) for s, p, o in triples]
    closure, expected = Closure.of(names, things=True), naive_closure(names)
    if isinstance(expected, str):
        assert closure.clashes
        return
    assert not closure.clashes
    found = set(closure.decoded(all_kinds=True))
    assert found == {one for one in expected - set(names) if not (one[1].endswith("sameAs>") and one[0] == one[2])}


def contradicts_for_us_only(graph: Graph, rule: str) -> None:
    """Fail unless we find a contradiction, by that rule, and owlrl does not."""
    infer(graph, "owlrl")
    with pytest.raises(InconsistencyError) as caught:
        infer(graph)
    assert caught.value.rule == rule


@pytest.mark.parametrize(("member", "rule"), [("members", "eq-diff2"), ("distinctMembers", "eq-diff3")])
def test_owlrl_misses_that_all_differ(member: str, rule: str) -> None:
    """owlrl 7.6.2 lacks eq-diff2 and eq-diff3: members of AllDifferent that are the same go unnoticed."""
    graph = turtle(f":x a owl:AllDifferent ; owl:{member} ( :a :b ) . :a owl:sameAs :b .")
    contradicts_for_us_only(graph, rule)


def test_owlrl_misses_that_all_properties_are_disjoint() -> None:
    """owlrl 7.6.2 lacks prp-adp: AllDisjointProperties has no effect."""
    graph = turtle(":x a owl:AllDisjointProperties ; owl:members ( :p :q ) . :a :p :b ; :q :b .")
    contradicts_for_us_only(graph, "prp-adp")


KEYS = """:C owl:hasKey ( :k ) . :a a :C ; :k "1" . :b a :C ; :k "2" . :c a :C ; :k "1" ."""


def test_owlrl_is_wrong_about_keys() -> None:
    """owlrl 7.6.2 never compares the last key property, and so makes all of a class the same; we compare it."""
    wrong = turtle(KEYS)
    owlrl.OWLRL_Semantics(wrong, axioms=False, daxioms=False).closure()
    same = {(name_of(s)[-2], name_of(o)[-2]) for s, o in wrong.subject_objects(OWL.sameAs)}
    assert ("a", "b") in same
    assert {(str(s)[-1], str(o)[-1]) for s, _, o in infer(turtle(KEYS)) if str(s) != str(o)} >= {("a", "c")}
    assert not [s for s, _, o in infer(turtle(KEYS)) if str(s)[-1] == "b" or str(o)[-1] == "b"]


def test_owlrl_is_not_asked_about_keys() -> None:
    """An ontology with keys is refused on the engine owlrl, with what is wrong and what to do."""
    with pytest.raises(UsageError, match="unsound on owl:hasKey"):
        infer(turtle(KEYS), "owlrl")


def test_owlrl_does_not_compare_values() -> None:
    """owlrl 7.6.2 lacks dt-eq and dt-diff: two values of a functional property go unnoticed."""
    graph = turtle(":p a owl:FunctionalProperty . :a :p 1 , 2 .")
    contradicts_for_us_only(graph, "eq-diff1")


def test_owlrl_reads_lists_that_break_off() -> None:
    """owlrl takes a list that does not end in rdf:nil for one; to the rules it is none."""
    rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    graph = turtle(f":C owl:unionOf :l . :l <{rdf}first> :D . :a a :D .")
    assert len(infer(graph, "owlrl")) == 2
    assert len(infer(graph)) == 0

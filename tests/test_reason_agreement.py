"""Our closure is owlrl's wherever owlrl is right; each place where it is not has its own test."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from fundgraph.reason.owlrl_engine import infer_with_owlrl
from fundgraph.reason.rules_engine import infer_with_rules
from tests.ontologies import CONTRADICTING, POSITIVE, STRANGE, Triple, ontologies, outcome

MANY = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


def agree(triples: list[Triple]) -> None:
    """Fail unless both engines say the same of a graph."""
    ours, theirs = outcome(infer_with_rules, triples), outcome(infer_with_owlrl, triples)
    if isinstance(ours, str) or isinstance(theirs, str):
        assert ours == theirs
        return
    assert ours - theirs == frozenset(), "only ours"
    assert theirs - ours == frozenset(), "only owlrl's"


@MANY
@given(ontologies(POSITIVE))
def test_the_same_closure_for_what_infers(triples: list[Triple]) -> None:
    """Of ontologies that cannot contradict themselves both engines infer the same."""
    agree(triples)


@MANY
@given(ontologies(POSITIVE, CONTRADICTING))
def test_the_same_contradictions(triples: list[Triple]) -> None:
    """Both engines find the same graphs contradictory, and infer the same of the others."""
    agree(triples)


@MANY
@given(ontologies(POSITIVE, STRANGE))
def test_the_same_closure_for_strange_ontologies(triples: list[Triple]) -> None:
    """Classes and properties that are things, and sub-properties of the language's own, change nothing."""
    agree(triples)

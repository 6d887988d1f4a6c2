"""Adding and removing triples gives the closure that a full run gives."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fundgraph.reason.closure import Closure
from fundgraph.reason.proof import Name
from tests.ontologies import CONTRADICTING, FACTS, POSITIVE, STRANGE, UNKNOWN_TO_OWLRL, Triple, ontologies
from tests.test_reason_explanation import by_rounds, check, named, names_of

pytestmark = pytest.mark.slow

SOME = settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


def state(closure: Closure) -> frozenset[Name] | str:
    """Return all that a closure infers, or that it is contradictory."""
    return "inconsistent" if closure.clashes else frozenset(closure.decoded(all_kinds=True))


def walk(triples: list[Name], chance: random.Random, steps: int = 4) -> None:
    """Add and remove some of the triples by turns, and compare with a full run each time."""
    order = sorted(triples)
    chance.shuffle(order)
    cut = chance.randint(0, len(order))
    there, rest = order[:cut], order[cut:]
    closure = Closure.of(there)
    for _ in range(steps):
        if rest and chance.random() < 0.5:
            some = rest[: chance.randint(1, len(rest))]
            closure.add(some)
            there, rest = there + some, rest[len(some) :]
        elif there:
            some = chance.sample(there, min(len(there), chance.randint(1, 3)))
            closure.remove(some)
            there, rest = [one for one in there if one not in some], rest + some
        assert state(closure) == state(Closure.of(there))


@SOME
@given(ontologies(POSITIVE, STRANGE, CONTRADICTING, UNKNOWN_TO_OWLRL), st.integers(0, 2**20))
def test_as_a_full_run(triples: list[Triple], seed: int) -> None:
    """Whatever is added and removed, ontology and data, the closure is that of what is left."""
    walk(names_of(triples), random.Random(seed))


NO_SAME = [strategy for number, strategy in enumerate(POSITIVE) if number not in (10, 11, 22)]


@SOME
@given(ontologies(NO_SAME), st.lists(FACTS, min_size=4, max_size=12), st.integers(0, 2**20))
def test_data_alone(ontology: list[Triple], facts: list[list[Triple]], seed: int) -> None:
    """With the ontology standing still, what is removed is taken back and what else supports is kept."""
    chance = random.Random(seed)
    axioms = names_of(ontology)
    data = [one for fact in facts for one in names_of(fact) if one not in axioms]
    data = list(dict.fromkeys(data))
    closure = Closure.of([*axioms, *data])
    while data and not closure.clashes:
        gone = chance.sample(data, min(2, len(data)))
        closure.remove(gone)
        data = [one for one in data if one not in gone]
        assert state(closure) == state(Closure.of([*axioms, *data]))


def test_what_else_supports_it_is_kept() -> None:
    """A triple that follows in two ways stays when one of them goes, and goes with the other; its proof follows."""
    sub = [named("p", "rdfs:subPropertyOf", "r"), named("q", "rdfs:subPropertyOf", "r")]
    facts = [named("a", "p", "b"), named("a", "q", "b")]
    closure = Closure.of(sub + facts)
    closure.remove(facts[:1])
    assert closure.has(*named("a", "r", "b"))
    check(by_rounds(closure, named("a", "r", "b")), {*sub, facts[1]})
    closure.remove(facts[1:])
    assert not closure.has(*named("a", "r", "b"))


def test_a_circle_does_not_hold_itself_up() -> None:
    """Triples that follow only from each other go when what they came from goes."""
    rules = [named("p", "rdf:type", "owl:SymmetricProperty"), named("p", "rdf:type", "owl:TransitiveProperty")]
    closure = Closure.of([*rules, named("a", "p", "b")])
    assert closure.has(*named("a", "p", "a"))
    closure.remove([named("a", "p", "b")])
    assert not any(closure.has(*named(s, "p", o)) for s in "ab" for o in "ab")


def test_what_is_asserted_too_stays() -> None:
    """Removing what a triple follows from leaves it if it was asserted itself."""
    facts = [named("p", "rdfs:subPropertyOf", "q"), named("a", "p", "b"), named("a", "q", "b")]
    closure = Closure.of(facts)
    closure.remove([facts[1]])
    assert closure.has(*named("a", "q", "b"))


def test_a_contradiction_goes_with_its_cause() -> None:
    """A closure that adding has made contradictory is whole again when that is removed."""
    facts = [named("A", "owl:disjointWith", "B"), named("a", "rdf:type", "A")]
    closure = Closure.of(facts)
    closure.add([named("a", "rdf:type", "B")])
    assert closure.clashes
    closure.remove([named("a", "rdf:type", "B")])
    assert not closure.clashes
    assert state(closure) == state(Closure.of(facts))

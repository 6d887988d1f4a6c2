"""Adding and removing triples gives the closure that a full run gives."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rdflib import OWL, RDF

from fundgraph.reason.closure import Closure
from fundgraph.reason.proof import Name
from tests.ontologies import (
    CONTRADICTING,
    FACTS,
    KEYS,
    POSITIVE,
    STRANGE,
    UNKNOWN_TO_OWLRL,
    Triple,
    i,
    ontologies,
    p,
)  # fmt: skip
from tests.test_reason_explanation import by_rounds, check, named, names_of

pytestmark = pytest.mark.slow

SOME = settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


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


MERGING = st.one_of(
    st.tuples(p, st.sampled_from([OWL.FunctionalProperty, OWL.InverseFunctionalProperty])).map(
        lambda drawn: [(drawn[0], RDF.type, drawn[1])]
    ),
    KEYS,
    *(POSITIVE[number] for number in (10, 11)),
)
SAME_FACTS = st.one_of(FACTS, st.tuples(i, i).map(lambda pair: [(pair[0], OWL.sameAs, pair[1])]))
#: No enumerations and no values that an axiom names: those are of the ontology.
AXIOMS = [POSITIVE[number] for number in (0, 1, 3, 4, 6, 7, 12, 13, 14, 15, 16, 17, 18, 19, 20)]


def test_same_things() -> None:
    """Where things are the same, what is removed takes back what rested on it, and what is left has right proofs.

    Most of these closures are not made anew.
    """
    kept: list[bool] = []

    @settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(
        st.lists(MERGING, min_size=1, max_size=2),
        ontologies(AXIOMS, most=3),
        st.lists(SAME_FACTS, min_size=5, max_size=12),
        st.integers(0, 2**20),
    )
    def compare(merging: list[list[Triple]], ontology: list[Triple], facts: list[list[Triple]], seed: int) -> None:
        axioms = [one for axiom in merging for one in names_of(axiom)] + names_of(ontology)
        data = list(dict.fromkeys(one for fact in facts for one in names_of(fact) if one not in axioms))
        kept.extend(come_and_go(axioms, data, random.Random(seed)))

    compare()
    assert sum(kept) > len(kept) // 2


def come_and_go(axioms: list[Name], data: list[Name], chance: random.Random) -> Iterator[bool]:
    """Remove data from a closure and add some again, and compare; yield whether it was not made anew."""
    closure = Closure.of([*axioms, *data])
    while data and not closure.clashes:
        gone = chance.sample(data, min(chance.randint(1, 2), len(data)))
        engine = closure.engine
        closure.remove(gone)
        yield closure.engine is engine
        data = [one for one in data if one not in gone]
        assert state(closure) == state(Closure.of([*axioms, *data]))
        for triple in list(closure.decoded(all_kinds=True))[:15] if not closure.clashes else ():
            check(by_rounds(closure, triple), {*axioms, *data})
        if chance.random() < 0.3 and not closure.clashes:
            closure.add(gone[:1])
            data += gone[:1]
            assert state(closure) == state(Closure.of([*axioms, *data]))


def without(facts: list[Name], gone: Name) -> Closure:
    """Return the closure of facts from which one was removed; it was not made anew, and is that of the rest."""
    closure = Closure.of(facts)
    engine = closure.engine
    closure.remove([gone])
    assert closure.engine is engine
    assert state(closure) == state(Closure.of([one for one in facts if one != gone]))
    return closure


def test_same_things_come_apart() -> None:
    """What was the same by a fact that is removed is two things again, each with what was asserted of it."""
    rule = named("p", "rdf:type", "owl:FunctionalProperty")
    facts = [named("x", "p", "a"), named("x", "p", "b"), named("a", "q", "c"), named("b", "r", "d")]
    assert Closure.of([rule, *facts]).has(*named("b", "q", "c"))
    closure = without([rule, *facts], facts[1])
    assert closure.has(*named("a", "q", "c"))
    assert not closure.has(*named("b", "q", "c"))
    assert not closure.has(*named("a", "owl:sameAs", "b"))


def test_they_stay_the_same_for_another_reason() -> None:
    """Two things that were the same for two reasons are the same while one of them holds."""
    rule = named("p", "rdf:type", "owl:FunctionalProperty")
    facts = [named("x", "p", "a"), named("x", "p", "b"), named("a", "owl:sameAs", "b"), named("a", "q", "c")]
    assert without([rule, *facts], facts[2]).has(*named("b", "q", "c"))
    assert without([rule, *facts], facts[0]).has(*named("b", "q", "c"))


def test_what_has_no_part_in_it_leaves_same_things_alone() -> None:
    """Removing what was said of one name of a thing leaves its names, and what the other names are said to have."""
    facts = [named("a", "owl:sameAs", "b"), named("a", "q", "c"), named("b", "q", "c"), named("b", "q", "d")]
    closure = without(facts, facts[1])
    assert closure.has(*named("a", "q", "c"))
    check(by_rounds(closure, named("a", "q", "c")), {facts[0], *facts[2:]})
    closure = without(facts, facts[3])
    assert not closure.has(*named("a", "q", "d"))
    assert closure.has(*named("a", "owl:sameAs", "b"))


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

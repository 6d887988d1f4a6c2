"""Every inferred triple can say why it is there, and an absent one what is missing."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from rdflib import Graph

from fundgraph.errors import InconsistencyError
from fundgraph.reason.closure import Closure
from fundgraph.reason.descent import Descent
from fundgraph.reason.explain import explain, explain_clash, one_step, why_not
from fundgraph.reason.front import name_of
from fundgraph.reason.proof import FALSE, Name, Proof, Step
from fundgraph.reason.rules import expand
from fundgraph.reason.rules_engine import closure_of
from fundgraph.reason.views import Everything
from tests.ontologies import CONTRADICTING, POSITIVE, STRANGE, UNKNOWN_TO_OWLRL, E, Triple, ontologies
from tests.proof_checker import check, is_instance
from tests.test_reason_agreement import turtle

pytestmark = pytest.mark.slow

SOME = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
TYPE = expand("rdf:type")


def named(*local: str) -> Name:
    """Return a triple of local names; a name with a colon is one of the language's."""
    s, p, o = (expand(name) if ":" in name else f"<{E}{name}>" for name in local)
    return s, p, o


def names_of(triples: list[Triple]) -> list[Name]:
    """Return triples as N-Triples writes their terms."""
    return [(name_of(s), name_of(p), name_of(o)) for s, p, o in triples]


def by_rounds(closure: Closure, triple: Name) -> Proof:
    """Return the proof that the engine's rounds lead to, with no search for a short one."""
    names = closure.terms.names

    def text(one: tuple[int, int, int]) -> Name:
        return names[one[0]], names[one[1]], names[one[2]]

    s, p, o = (closure.terms.numbers[term] for term in triple)
    steps = Descent(closure).proof((s, p, o))
    return Proof(
        triple, {text(one): Step(text(one), rule, tuple(map(text, made))) for one, (rule, made) in steps.items()}
    )


@SOME
@given(ontologies(POSITIVE, STRANGE, CONTRADICTING, UNKNOWN_TO_OWLRL))
def test_every_proof_holds(triples: list[Triple]) -> None:
    """All that is inferred has a proof that the checker accepts, found by search and by rounds; so has a clash."""
    asserted = names_of(triples)
    closure = Closure.of(asserted)
    for clash in closure.clashes:
        proof = explain_clash(closure, clash)
        assert proof.conclusion == FALSE
        check(proof, set(asserted))
    for triple in list(closure.decoded(all_kinds=True))[:40] if not closure.clashes else []:
        proof_found = explain(closure, triple)
        assert proof_found is not None
        assert proof_found.shortest
        check(proof_found, set(asserted))
        rounds = by_rounds(closure, triple)
        check(rounds, set(asserted))


FAMILY = """
:hasParent owl:inverseOf :hasChild . :hasAncestor a owl:TransitiveProperty . :hasParent rdfs:subPropertyOf :hasAncestor .
:Parent owl:equivalentClass [ owl:onProperty :hasChild ; owl:someValuesFrom :Person ] .
:ann :hasParent :bea . :bea :hasParent :cleo . :ann a :Person . :bea a :Person .
"""


def test_the_shortest_proof() -> None:
    """A proof names its rules and premises down to what was asserted, and no shorter one exists."""
    closure = closure_of(turtle(FAMILY))
    proof = explain(closure, named("ann", "hasAncestor", "cleo"))
    assert proof is not None
    assert [step.rule for step in proof.steps.values() if step.rule] == ["prp-trp", "prp-spo1", "prp-spo1"]
    assert (proof.size, proof.shortest, len(proof.leaves())) == (3, True, 4)
    assert set(proof.leaves()) == {
        named("hasAncestor", "rdf:type", "owl:TransitiveProperty"),
        named("hasParent", "rdfs:subPropertyOf", "hasAncestor"),
        named("ann", "hasParent", "bea"),
        named("bea", "hasParent", "cleo"),
    }


def test_a_proof_as_text_and_as_data() -> None:
    """A proof is shown as a tree with labels and sources, and is numbered steps as data."""
    closure = closure_of(turtle(FAMILY))
    proof = explain(closure, named("bea", "hasChild", "ann"))
    assert proof is not None
    text = proof.to_text(
        label=lambda term: term.strip("<>").rpartition("/")[2].rpartition("#")[2],
        source=lambda triple: "line 4" if triple == named("ann", "hasParent", "bea") else None,
    )
    assert text.splitlines() == [
        "bea hasChild ann  [prp-inv1: a property holds backwards by its inverse]",
        "  hasParent inverseOf hasChild  [asserted]",
        "  ann hasParent bea  [asserted, line 4]",
    ]
    data = proof.to_json()
    steps = data["steps"]
    assert isinstance(steps, list)
    assert [(step["rule"], step["premises"]) for step in steps][-1] == ("prp-inv1", [1, 0])
    assert data["shortest"] is True


def test_what_is_asserted_is_its_own_proof() -> None:
    """An asserted triple is explained by being asserted."""
    proof = explain(closure_of(turtle(FAMILY)), named("ann", "hasParent", "bea"))
    assert proof is not None
    assert proof.step == Step(named("ann", "hasParent", "bea"))


def test_what_does_not_follow_has_no_proof() -> None:
    """A triple that is absent, or whose terms never occur, is not explained."""
    closure = closure_of(turtle(FAMILY))
    assert explain(closure, named("cleo", "hasAncestor", "ann")) is None
    assert explain(closure, named("cleo", "hasAncestor", "nobody")) is None


def test_all_ways_in_one_step() -> None:
    """Each different way in which one rule gives a triple is found, once, besides its being asserted."""
    closure = closure_of(
        turtle(FAMILY + ":p1 rdfs:subPropertyOf :q . :p2 rdfs:subPropertyOf :q . :a :p1 :b ; :p2 :b ; :q :b .")
    )
    ways = one_step(closure, named("a", "q", "b"))
    assert [(way.rule, way.premises[0][0][-3:-1]) for way in ways if way.rule] == [
        ("prp-spo1", "p1"),
        ("prp-spo1", "p2"),
    ]
    assert ways[0] == Step(named("a", "q", "b"))
    assert all(is_instance(way) for way in ways[1:])


def test_no_circles() -> None:
    """Classes that lie within each other do not explain each other's members by themselves."""
    closure = closure_of(
        turtle(":A rdfs:subClassOf :B . :B rdfs:subClassOf :C . :C rdfs:subClassOf :A . :a a :B .")
    )
    for name in "ABC":
        proof = explain(closure, named("a", "rdf:type", name))
        assert proof is not None
        assert proof.ordered()[-1] == named("a", "rdf:type", name)
        assert named("a", "rdf:type", "B") in proof.leaves()


def test_why_not() -> None:
    """For an absent triple the nearest rules are named, with the premise that each lacks; data before ontology."""
    closure = closure_of(turtle(FAMILY))
    missing = why_not(closure, named("cleo", "hasChild", "ann"))
    assert missing[0].rule == "prp-inv1"
    assert missing[0].missing == " ".join(named("ann", "hasParent", "cleo"))
    assert missing[0].there == (named("hasParent", "owl:inverseOf", "hasChild"),)
    assert why_not(closure, named("ann", "hasParent", "bea")) == []


ABSENT = [
    ("<http://example.org/nobody>", "<http://example.org/hasChild>", "<http://example.org/ann>"),
    ("<http://example.org/ann>", "<http://example.org/hasAge>", '"7"^^<http://www.w3.org/2001/XMLSchema#integer>'),
    (
        "<http://example.org/ann>",
        "<http://example.org/hasAge>",
        '"007"^^<http://www.w3.org/2001/XMLSchema#integer>',
    ),
    ("<http://example.org/ann>", "<http://example.org/hasAge>", '"x"^^<http://www.w3.org/2001/XMLSchema#integer>'),
    (
        "<http://example.org/ann>",
        "<http://example.org/hasAge>",
        '"seven"^^<http://www.w3.org/2001/XMLSchema#string>',
    ),
    ("_:nobody", "<http://www.w3.org/2001/XMLSchema#unheard>", '"seven"@en'),
]


def test_absent_terms_are_forgotten() -> None:
    """Asking for what nobody said leaves no terms behind, and no values of them, in whatever order it is asked."""
    closure = closure_of(turtle(FAMILY))
    terms = closure.terms
    before = (len(terms), len(terms.numbers), terms.varied, list(terms.ill_typed), terms.of_xsd().tolist())
    answers = [why_not(closure, one) for one in [*ABSENT, *reversed(ABSENT)]]
    assert answers == [why_not(closure_of(turtle(FAMILY)), one) for one in [*ABSENT, *reversed(ABSENT)]]
    assert before == (len(terms), len(terms.numbers), terms.varied, terms.ill_typed, terms.of_xsd().tolist())
    assert len(terms.kinds()) == len(terms.canonical()) == before[0]


def test_nothing_is_missing_for_itself() -> None:
    """A property that is below itself, or its own inverse, does not make an absent triple the reason of its absence."""
    closure = closure_of(turtle(":knows a owl:ObjectProperty , owl:SymmetricProperty . :ann :knows :bea ."))
    missing = why_not(closure, named("cleo", "knows", "ann"))
    assert [one.missing for one in missing] == [" ".join(named("ann", "knows", "cleo"))]


def test_a_long_chain() -> None:
    """What lies a thousand steps away is explained, if not by the shortest proof, with no circle and at once."""
    lines = [f":n{number} :p :n{number + 1} ." for number in range(1000)]
    graph = turtle(":p a owl:TransitiveProperty . " + " ".join(lines))
    proof = explain(closure_of(graph), named("n0", "p", "n1000"))
    assert proof is not None
    assert proof.size == 999
    check(proof, {(name_of(s), name_of(p), name_of(o)) for s, p, o in graph})
    assert len(proof.to_text().splitlines()) > 1000


def test_thousands_of_same_things() -> None:
    """What is said of one of thousands of names of a thing is explained for another."""
    lines = [f":n{number} owl:sameAs :n{number + 1} ." for number in range(3000)]
    graph = turtle(":n0 :p :x . " + " ".join(lines))
    proof = explain(closure_of(graph), named("n3000", "p", "x"))
    assert proof is not None
    assert proof.step.rule == "eq-rep-s"
    assert len(proof.leaves()) == 3001


@pytest.mark.parametrize(
    ("text", "rule", "premises"),
    [
        (":A owl:disjointWith :B . :a a :A , :B .", "cax-dw", 3),
        (":p a owl:AsymmetricProperty . :q rdfs:subPropertyOf :p . :a :p :b . :b :q :a .", "prp-asyp", 3),
        (":x a owl:AllDisjointClasses ; owl:members ( :A :B :C ) . :a a :A , :C .", "cax-adc", 4),
        (":a owl:sameAs :b . :b owl:sameAs :c . :a owl:differentFrom :c .", "eq-diff1", 2),
        (':a :p "x"^^xsd:integer .', "dt-not-type", 1),
        (":p rdfs:range xsd:integer . :a :p true .", "dt-not-type", 1),
        (":x owl:sourceIndividual :a ; owl:assertionProperty :p ; owl:targetValue 1 . :a :p 1 .", "prp-npa2", 4),
    ],
)
def test_a_contradiction_is_explained(text: str, rule: str, premises: int) -> None:
    """An inconsistency carries its rule, the triples that cannot all be true, and a proof; its message names both."""
    graph: Graph = turtle(text)
    with pytest.raises(InconsistencyError) as caught:
        closure_of(graph)
    error = caught.value
    assert (error.rule, len(error.premises), error.exit_code) == (rule, premises, 1)
    assert rule in str(error)
    assert error.premises[-1][0] in str(error)
    assert isinstance(error.proof, Proof)
    check(error.proof, {(name_of(s), name_of(p), name_of(o)) for s, p, o in graph})


def test_a_view_gives_many_as_often_as_asked() -> None:
    """What a pattern matches is the same each time, be it few triples, which are kept, or very many, which are not."""
    closure = Closure.of((f"<urn:s{n}>", "<urn:p>", "<urn:many>" if n else "<urn:one>") for n in range(300))
    view = Everything(closure)
    numbers = closure.terms.numbers
    for value, count in (("<urn:many>", 299), ("<urn:one>", 1)):
        asked = (None, numbers["<urn:p>"], numbers[value])
        first, again = list(view.match(*asked)), list(view.match(*asked))
        assert first == again
        assert len(set(first)) == count == view.count(*asked) == view.count(*asked)

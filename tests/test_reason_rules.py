"""The table of rules: all of them, each one at work, and the documentation that is made from it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from fundgraph.reason.closure import Closure
from fundgraph.reason.documentation import rules_as_markdown
from fundgraph.reason.explain import explain, explain_clash
from fundgraph.reason.proof import Name
from fundgraph.reason.rules import RULES, Condition, ListPremise, Pattern, Rule, expand
from tests.ontologies import E
from tests.proof_checker import check

ROOT = Path(__file__).resolve().parent.parent
INTEGER = "^^<http://www.w3.org/2001/XMLSchema#integer>"
FIRST, REST, NIL = expand("rdf:first"), expand("rdf:rest"), expand("rdf:nil")


def ground(pattern: Pattern, **terms: str) -> Name:
    """Return a pattern with a thing for each variable."""
    s, p, o = (terms.get(term[1:], f"<{E}{term[1:]}>") if term[0] == "?" else term for term in pattern.terms)
    return s, p, o


def example(rule: Rule) -> tuple[list[Name], list[Name]]:
    """Return triples that satisfy a rule's premises, lists being of two elements, and what then follows."""
    triples: list[Name] = []
    terms: dict[str, str] = {}
    for premise in rule.premises:
        if isinstance(premise, ListPremise):
            elements = [f"<{E}first>", f"<{E}second>"]
            cells = [f"<{E}l>", f"<{E}cell>", NIL]
            for place, element in enumerate(elements):
                triples += [(cells[place], FIRST, element), (cells[place], REST, cells[place + 1])]
                for pattern in premise.patterns:
                    ends = (f"<{E}u>", f"<{E}between>", f"<{E}v>")
                    path = {"u": ends[place], "v": ends[place + 1]} if premise.kind == "path" else {}
                    triples.append(ground(pattern, e=element, **{"z*": f"<{E}z{place}>"}, **path))
            terms |= dict(zip((name[1:] for name in premise.elements), elements, strict=False))
    triples += [ground(premise, **terms) for premise in rule.premises if isinstance(premise, Pattern)]
    return triples, [ground(head, **terms) for head in rule.conclusions]


PLAIN = [rule for rule in RULES if not any(isinstance(premise, Condition) for premise in rule.premises)]


def test_the_table_has_all_rules() -> None:
    """There are 78 rules, as many in each table as the recommendation has, all with different names."""
    assert Counter(rule.table for rule in RULES) == {4: 9, 5: 20, 6: 19, 7: 5, 8: 5, 9: 20}
    assert len({rule.name for rule in RULES}) == 78


@pytest.mark.parametrize("rule", PLAIN, ids=lambda rule: rule.name)
def test_rule(rule: Rule) -> None:
    """What satisfies the premises gives the conclusions, or a contradiction, with a proof that can be checked."""
    triples, conclusions = example(rule)
    closure = Closure.of(triples, things=True)
    asserted = set(triples)
    if rule.inconsistent:
        assert closure.clashes
        proof = explain_clash(closure, closure.clashes[0])
        assert proof.step.rule == rule.name
        check(proof, asserted)
        return
    assert not closure.clashes
    for conclusion in conclusions:
        assert closure.has(*conclusion)
        found = explain(closure, conclusion)
        assert found is not None
        check(found, asserted)


@pytest.mark.parametrize("rule", [rule for rule in PLAIN if len(rule.premises) > 0], ids=lambda rule: rule.name)
def test_rule_needs_each_premise(rule: Rule) -> None:
    """Without any one of the triples nothing of the conclusion follows, and nothing is contradictory."""
    triples, conclusions = example(rule)
    for missing in triples:
        left = [triple for triple in triples if triple != missing]
        closure = Closure.of(left, things=True)
        assert not closure.clashes
        if rule.name not in ("scm-eqc1", "eq-ref"):
            assert [one for one in conclusions if closure.has(*one) and one not in left and one[0] != one[2]] == []


def test_literals_are_of_the_datatypes_that_hold_them() -> None:
    """dt-type2: a restriction to values of a datatype holds for literals of narrower ones."""
    triples = [
        (f"<{E}C>", expand("owl:onProperty"), f"<{E}p>"),
        (f"<{E}C>", expand("owl:someValuesFrom"), expand("xsd:decimal")),
        (f"<{E}a>", f"<{E}p>", '"1"^^<http://www.w3.org/2001/XMLSchema#byte>'),
        (f"<{E}b>", f"<{E}p>", '"1"'),
    ]
    closure = Closure.of(triples)
    members = [f"<{E}{name}>" for name in "ab" if closure.has(f"<{E}{name}>", expand("rdf:type"), f"<{E}C>")]
    assert members == [f"<{E}a>"]
    proof = explain(closure, (f"<{E}a>", expand("rdf:type"), f"<{E}C>"))
    assert proof is not None
    check(proof, set(triples))


def test_equal_values_are_the_same() -> None:
    """dt-eq: a value written in another way satisfies hasValue; another value does not."""
    triples = [
        (f"<{E}C>", expand("owl:onProperty"), f"<{E}p>"),
        (f"<{E}C>", expand("owl:hasValue"), '"1.0"^^<http://www.w3.org/2001/XMLSchema#decimal>'),
        (f"<{E}a>", f"<{E}p>", '"1"' + INTEGER),
        (f"<{E}b>", f"<{E}p>", '"2"' + INTEGER),
    ]
    closure = Closure.of(triples)
    assert closure.has(f"<{E}a>", expand("rdf:type"), f"<{E}C>")
    assert not closure.has(f"<{E}b>", expand("rdf:type"), f"<{E}C>")
    proof = explain(closure, (f"<{E}a>", expand("rdf:type"), f"<{E}C>"))
    assert proof is not None
    check(proof, set(triples))
    assert {step.rule for step in proof.steps.values()} >= {"cls-hv2", "eq-rep-o", "dt-eq"}


@pytest.mark.parametrize(("value", "clash"), [('"1"' + INTEGER, True), ('"01"', False), ('"x"', False)])
def test_one_value_of_a_functional_property(value: str, clash: bool) -> None:
    """dt-diff: two different values of a functional property contradict it, one value written twice does not."""
    kind = (f"<{E}p>", expand("rdf:type"), expand("owl:FunctionalProperty"))
    other = '"2"' + INTEGER if clash else f"{value}^^<http://www.w3.org/2001/XMLSchema#string>"
    closure = Closure.of([kind, (f"<{E}a>", f"<{E}p>", value), (f"<{E}a>", f"<{E}p>", other)])
    assert bool(closure.clashes) is clash
    if clash:
        proof = explain_clash(closure, closure.clashes[0])
        assert proof.step.rule == "eq-diff1"
        check(proof, {kind, (f"<{E}a>", f"<{E}p>", value), (f"<{E}a>", f"<{E}p>", other)})


def test_a_value_outside_of_the_range() -> None:
    """dt-not-type: a literal that the range of its property does not hold is a contradiction."""
    triples = [
        (f"<{E}p>", expand("rdfs:range"), expand("xsd:byte")),
        (f"<{E}a>", f"<{E}p>", '"300"' + INTEGER),
    ]
    closure = Closure.of(triples)
    proof = explain_clash(closure, closure.clashes[0])
    assert proof.step.rule == "dt-not-type"
    check(proof, set(triples))


def test_the_documentation_holds_the_table() -> None:
    """The rules in docs/inference.md are those of the table."""
    text = (ROOT / "docs" / "inference.md").read_text(encoding="utf-8")
    assert rules_as_markdown() in text, "run: python -m fundgraph.reason.documentation"

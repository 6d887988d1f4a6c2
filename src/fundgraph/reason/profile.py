"""What of an ontology lies outside of OWL 2 RL, and so is passed over: named, not silently ignored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fundgraph.reason.compile import SCHEMA_PROPERTIES
from fundgraph.reason.facts import Facts
from fundgraph.reason.rules import expand
from fundgraph.reason.solve import lists
from fundgraph.reason.terms import IRI, Terms, Vocabulary

__all__ = ["Outside", "outside_of_profile"]


@dataclass(frozen=True, slots=True)
class Outside:
    """A construct that has no rule: where it stands, what it is, and what that means."""

    subject: str
    construct: str
    why: str

    def __str__(self) -> str:
        return f"{self.subject}: {self.construct} {self.why}"


_NO_RULE = "is not in OWL 2 RL; nothing follows from it"
#: Properties and types without a rule.
_PROPERTIES = {
    "owl:hasSelf": _NO_RULE,
    "owl:minCardinality": _NO_RULE,
    "owl:cardinality": "is not in OWL 2 RL; write maxCardinality for what can follow",
    "owl:minQualifiedCardinality": _NO_RULE,
    "owl:qualifiedCardinality": "is not in OWL 2 RL; write maxQualifiedCardinality for what can follow",
    "owl:disjointUnionOf": "is not in OWL 2 RL; write unionOf and AllDisjointClasses",
    "owl:onProperties": _NO_RULE,
    "owl:onDataRange": "has no rule; values of data ranges are not counted",
    "owl:datatypeComplementOf": _NO_RULE,
    "owl:withRestrictions": "is a facet; facets have no rule",
    "owl:onDatatype": "is a facet's datatype; facets have no rule",
    "owl:topObjectProperty": _NO_RULE,
    "owl:bottomObjectProperty": _NO_RULE,
}
_TYPES = {"owl:ReflexiveProperty": _NO_RULE}
_UNKNOWN_DATATYPES = {"owl:real", "owl:rational"}
#: Of no more constructs than this is it looked up what they are a part of.
_MOST_OWNED = 200
_LEADING = (*sorted(SCHEMA_PROPERTIES), *(Vocabulary.id(name) for name in ("rdf:first", "rdf:rest")))
_LISTS = (
    "owl:intersectionOf", "owl:unionOf", "owl:oneOf", "owl:members", "owl:distinctMembers",
    "owl:propertyChainAxiom", "owl:hasKey",
)  # fmt: skip


def outside_of_profile(facts: Facts) -> list[Outside]:
    """Return the constructs of the asserted ontology that no rule covers, in the order of their subjects."""
    found = [*_terms(facts), *_places(facts), *_cardinalities(facts), *_bad_lists(facts)]
    return sorted(dict.fromkeys(_owned(facts, found)), key=lambda one: (one.subject, one.construct))


def _owned(facts: Facts, found: Sequence[Outside]) -> Iterator[Outside]:
    """Yield what was found, with the named class or property whose part it is where it stands in one without a name."""
    for at, one in enumerate(found):
        owner = _owner(facts, one.subject) if one.subject[0] == "_" and at < _MOST_OWNED else None
        yield one if owner is None else Outside(f"{owner} (a part of it without a name)", one.construct, one.why)


def _owner(facts: Facts, name: str) -> str | None:
    """Return the first term with a name from which the ontology leads to a blank node."""
    number = facts.terms.numbers.get(name)
    waiting, seen = ([] if number is None else [number]), set[int]()
    while waiting:
        node = waiting.pop(0)
        for p in _LEADING:
            for s, _, _ in facts.match(None, p, node):
                if _named(facts, s):
                    return facts.terms.names[s]
                if s not in seen:
                    seen.add(s)
                    waiting.append(s)
    return None


def _terms(facts: Facts) -> Iterator[Outside]:
    terms = facts.terms
    for name, why in _PROPERTIES.items():
        number = _number(terms, name)
        if number is not None:
            for s, _, _ in facts.match(None, number, None):
                yield Outside(terms.names[s], name, why)
    for name, why in _TYPES.items():
        number = _number(terms, name)
        if number is not None:
            for s, _, _ in facts.match(None, facts.rep(Vocabulary.id("rdf:type")), number):
                yield Outside(terms.names[s], name, why)
    for name in _UNKNOWN_DATATYPES:
        number = _number(terms, name)
        if number is not None:
            for p in sorted(SCHEMA_PROPERTIES):
                for s, _, _ in facts.match(None, p, number):
                    yield Outside(terms.names[s], name, "is no datatype of OWL 2 RL; its values are not checked")


def _places(facts: Facts) -> Iterator[Outside]:
    """Yield expressions that stand where only others may, so that half of what they say is lost."""
    sco = facts.rep(Vocabulary.id("rdfs:subClassOf"))
    for name, why in (
        ("owl:someValuesFrom", "on the right of rdfs:subClassOf is not in OWL 2 RL; no value is made up"),
        ("owl:unionOf", "on the right of rdfs:subClassOf is not in OWL 2 RL; no case is chosen"),
        ("owl:oneOf", "on the right of rdfs:subClassOf is not in OWL 2 RL; no member is chosen"),
    ):
        for c, _, _ in facts.match(None, Vocabulary.id(name), None):
            for s, _, _ in facts.match(None, sco, c):
                if s != c and s not in (Vocabulary.id("owl:Nothing"),) and not _inside(facts, s, c, name):
                    yield Outside(facts.terms.names[s], name, why)
    for name, why in (
        (
            "owl:allValuesFrom",
            "on the left of rdfs:subClassOf is not in OWL 2 RL; nobody is found to belong to it",
        ),
        ("owl:complementOf", "on the left of rdfs:subClassOf is not in OWL 2 RL; nobody is found to belong to it"),
    ):
        for c, _, _ in facts.match(None, Vocabulary.id(name), None):
            for _, _, wider in facts.match(c, sco, None):
                if (
                    wider not in (c, Vocabulary.id("owl:Thing"))
                    and _named(facts, wider)
                    and not _inside(facts, c, wider, name)
                ):
                    yield Outside(facts.terms.names[wider], name, why)


def _named(facts: Facts, term: int) -> bool:
    # What an expression without a name lies in is concluded, not said.
    return facts.terms.kind(term) == IRI


def _inside(facts: Facts, narrow: int, wide: int, name: str) -> bool:
    """Tell whether one class lies in the other only because of how the rules compare expressions."""
    if name in ("owl:unionOf", "owl:oneOf"):
        for _, _, head in facts.match(wide, Vocabulary.id(name), None):
            if any(narrow in elements for elements, _ in lists(facts, head)):
                return True
    return any(True for _ in facts.match(narrow, Vocabulary.id(name), None)) and any(
        True for _ in facts.match(wide, Vocabulary.id(name), None)
    )


def _cardinalities(facts: Facts) -> Iterator[Outside]:
    for name in ("owl:maxCardinality", "owl:maxQualifiedCardinality"):
        for s, _, o in facts.match(None, Vocabulary.id(name), None):
            value = facts.terms.value(o)
            if value is None or value[0] != "decimal" or str(value[1]) not in ("0", "1"):
                yield Outside(facts.terms.names[s], name, "has a rule only for 0 and 1")


def _bad_lists(facts: Facts) -> Iterator[Outside]:
    for name in _LISTS:
        for s, _, head in facts.match(None, Vocabulary.id(name), None):
            found = [elements for elements, _ in lists(facts, head)]
            if not found:
                why = "has a list that does not end in rdf:nil; nothing follows from it"
                yield Outside(facts.terms.names[s], name, why)
            elif len(found) > 1:
                why = f"has a list that branches; each of its {len(found)} readings is taken"
                yield Outside(facts.terms.names[s], name, why)


def _number(terms: Terms, name: str) -> int | None:
    return terms.numbers.get(expand(name))

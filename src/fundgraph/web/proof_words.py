"""A proof in words: its terms by their labels, those of RDF and OWL as verbs, classes without a name by what they ask for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from fundgraph.web.languages import say, say_of

if TYPE_CHECKING:  # what a page of a proof needs is imported when there is one
    from fundgraph.reason.proof import Name, Step

#: What the terms of the language say; others are shown by their prefixed names.
LANGUAGE_TERMS: Mapping[str, str] = MappingProxyType({
    "rdf:type": "is a", "rdfs:subClassOf": "is a kind of", "rdfs:subPropertyOf": "is a narrower property than",
    "rdfs:domain": "says that its subject is a", "rdfs:range": "says that its value is a",
    "owl:equivalentClass": "is the same class as", "owl:equivalentProperty": "is the same property as",
    "owl:sameAs": "is the same thing as", "owl:differentFrom": "is not the same thing as",
    "owl:inverseOf": "is the reverse of", "owl:disjointWith": "has no member in common with",
    "owl:propertyDisjointWith": "never holds together with", "owl:propertyChainAxiom": "is made of the chain",
    "owl:hasKey": "is told apart by", "owl:intersectionOf": "is what belongs to each of", "owl:unionOf": "is what belongs to one of",
    "owl:oneOf": "consists of", "owl:complementOf": "is all but", "owl:onProperty": "is about the property",
    "owl:someValuesFrom": "asks for some value that is a", "owl:allValuesFrom": "asks that each value is a",
    "owl:hasValue": "asks for the value", "owl:maxCardinality": "allows no more values than",
    "owl:SymmetricProperty": "property that holds both ways", "owl:TransitiveProperty": "property that reaches as far as its chain",
    "owl:FunctionalProperty": "property with one value", "owl:InverseFunctionalProperty": "property with one subject for a value",
    "owl:IrreflexiveProperty": "property that relates nothing to itself", "owl:AsymmetricProperty": "property that never holds both ways",
    "owl:ObjectProperty": "property between things", "owl:DatatypeProperty": "property with plain values",
    "owl:Class": "class", "owl:Thing": "thing", "owl:Nothing": "nothing",
})  # fmt: skip


def words_of(term: str, labels: Mapping[str, str], unnamed: Mapping[str, str] | None = None) -> str:
    """Return what a term is called on a page; ``unnamed`` has descriptions of blank nodes."""
    from fundgraph.reason.proof import short

    if term[0] == "_":
        return (unnamed or {}).get(term) or say("an unnamed class or list")
    if term[0] == "?":
        return say("something")
    name = short(term)
    return say_of("language", LANGUAGE_TERMS[name]) if name in LANGUAGE_TERMS else labels.get(term, name)


def descriptions(steps: Collection[Step], labels: Mapping[str, str]) -> dict[str, str]:
    """Return of the blank nodes of some steps what they are: a list, or the class of what a restriction asks for."""
    from fundgraph.reason.rules import expand

    said: dict[str, dict[str, str]] = {}
    for step in steps:
        for s, p, o in (step.triple, *step.premises):
            if s[0] == "_":
                said.setdefault(s, {})[p] = o
    on, some, value, first = map(expand, ("owl:onProperty", "owl:someValuesFrom", "owl:hasValue", "rdf:first"))
    found = {}
    for node, parts in said.items():
        asked = parts.get(some) or parts.get(value)
        if first in parts:
            found[node] = say("that list")
        elif on in parts and asked is not None:
            pattern = say("what has as {} some {}") if some in parts else say("what has as {} the value {}")
            found[node] = pattern.format(*(f"“{words_of(part, labels)}”" for part in (parts[on], asked)))
        else:
            found[node] = say("an unnamed class")
    return found


def rule_words(name: str) -> str:
    """Return what a rule says, in the reader's language."""
    from fundgraph.reason.rules import RULE_BY_NAME

    return say_of("rules", RULE_BY_NAME[name].says)


def triple_words(
    triple: Name, labels: Mapping[str, str], unnamed: Mapping[str, str] | None = None
) -> list[tuple[str, str]]:
    """Return the terms of a triple, each with what it is called."""
    return [(term, words_of(term, labels, unnamed)) for term in triple]

"""The rules of OWL 2 RL/RDF, as data: tables 4 to 9 of the OWL 2 Profiles recommendation, by their names.

One table serves materialisation, inconsistency, explanation and documentation. A rule is written

    name | premises, separated by " . " | conclusions, or false

A premise is a triple pattern, or one of the constructs over an RDF list:

* ``some ?e in ?l``: ?e is an element of the list ?l;
* ``two ?e ?f in ?l``: ?e stands before ?f in the list;
* ``every ?e in ?l : patterns``: the patterns (separated by commas) hold for each element; a variable that
  ends in ``*`` is another one for each element;
* ``path ?e in ?l : ?u ?e ?v``: the elements, as properties, lead one after the other from ?u to ?v;

or a condition on literals or on names that the recommendation lists: ``datatype ?d``, ``annotation ?p``,
``value ?l in ?d``, ``value ?l outside ?d``, ``value ?l equals ?m``, ``value ?l differs ?m``, ``term ?x``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = [
    "NAMESPACES",
    "RULES",
    "RULE_BY_NAME",
    "Condition",
    "ListPremise",
    "Pattern",
    "Premise",
    "Rule",
    "expand",
]

NAMESPACES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


@dataclass(frozen=True, slots=True)
class Pattern:
    """A triple pattern: ``?x`` is a variable, all else a term as N-Triples writes it."""

    s: str
    p: str
    o: str

    @property
    def terms(self) -> tuple[str, str, str]:
        """The three places."""
        return (self.s, self.p, self.o)

    def __str__(self) -> str:
        return " ".join(shorten(term) for term in self.terms)


@dataclass(frozen=True, slots=True)
class ListPremise:
    """A construct over an RDF list: ``some``, ``two``, ``every`` or ``path``."""

    kind: str
    elements: tuple[str, ...]
    head: str
    patterns: tuple[Pattern, ...] = ()

    def __str__(self) -> str:
        text = f"{self.kind} {' '.join(self.elements)} in {self.head}"
        return f"{text} : {', '.join(map(str, self.patterns))}" if self.patterns else text


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that holds of terms themselves, not because of a triple."""

    kind: str
    terms: tuple[str, ...]

    def __str__(self) -> str:
        if self.kind in ("in", "outside", "equals", "differs"):
            return f"value {self.terms[0]} {self.kind} {shorten(self.terms[1])}"
        return f"{self.kind} {' '.join(self.terms)}"


Premise = Pattern | ListPremise | Condition


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: from the premises follow the conclusions, or, if there are none, a contradiction.

    ``implied_by`` names rules that together give the same; materialisation leaves such a rule out, and
    explanation uses it, since its proofs are shorter.
    """

    name: str
    table: int
    premises: tuple[Premise, ...]
    conclusions: tuple[Pattern, ...]
    says: str
    implied_by: tuple[str, ...] = ()

    @property
    def inconsistent(self) -> bool:
        """Whether the premises cannot all be true."""
        return not self.conclusions

    def __str__(self) -> str:
        body = " . ".join(map(str, self.premises))
        return f"{body} → {' . '.join(map(str, self.conclusions)) or 'false'}"


def expand(term: str) -> str:
    """Return a term of the table as N-Triples writes it; variables as they are.

    >>> expand("owl:Thing")
    '<http://www.w3.org/2002/07/owl#Thing>'
    """
    if term.startswith("?"):
        return term
    if term.isdigit():
        return f'"{term}"^^<{NAMESPACES["xsd"]}nonNegativeInteger>'
    prefix, _, local = term.partition(":")
    return f"<{NAMESPACES[prefix]}{local}>"


def shorten(term: str) -> str:
    """Return a term of the table the way that it is written there."""
    for prefix, namespace in NAMESPACES.items():
        if term.startswith("<" + namespace):
            return f"{prefix}:{term[len(namespace) + 1 : -1]}"
    return term.split("^^")[0].strip('"')


#: name | premises | conclusions | in words | the rules that together do the same, if any
_TABLES: dict[int, str] = {
    4: """
eq-ref | term ?x | ?x owl:sameAs ?x | everything is the same as itself
eq-sym | ?x owl:sameAs ?y | ?y owl:sameAs ?x | if one thing is the same as another, the other is the same as it
eq-trans | ?x owl:sameAs ?y . ?y owl:sameAs ?z | ?x owl:sameAs ?z | the same as the same is the same
eq-rep-s | ?s owl:sameAs ?s2 . ?s ?p ?o | ?s2 ?p ?o | what is said of a thing is said of the same thing
eq-rep-p | ?p owl:sameAs ?p2 . ?s ?p ?o | ?s ?p2 ?o | what holds by a property holds by the same property
eq-rep-o | ?o owl:sameAs ?o2 . ?s ?p ?o | ?s ?p ?o2 | what leads to a thing leads to the same thing
eq-diff1 | ?x owl:sameAs ?y . ?x owl:differentFrom ?y | false | two things are the same, and different
eq-diff2 | ?x rdf:type owl:AllDifferent . ?x owl:members ?l . two ?e ?f in ?l . ?e owl:sameAs ?f | false | two of several things that all differ are the same
eq-diff3 | ?x rdf:type owl:AllDifferent . ?x owl:distinctMembers ?l . two ?e ?f in ?l . ?e owl:sameAs ?f | false | two of several things that all differ are the same
""",
    5: """
prp-ap | annotation ?p | ?p rdf:type owl:AnnotationProperty | the language itself makes it an annotation property
prp-dom | ?p rdfs:domain ?c . ?x ?p ?y | ?x rdf:type ?c | the subjects of a property belong to its domain
prp-rng | ?p rdfs:range ?c . ?x ?p ?y | ?y rdf:type ?c | the values of a property belong to its range
prp-fp | ?p rdf:type owl:FunctionalProperty . ?x ?p ?y1 . ?x ?p ?y2 | ?y1 owl:sameAs ?y2 | a functional property has one value
prp-ifp | ?p rdf:type owl:InverseFunctionalProperty . ?x1 ?p ?y . ?x2 ?p ?y | ?x1 owl:sameAs ?x2 | an inverse functional property has one subject for a value
prp-irp | ?p rdf:type owl:IrreflexiveProperty . ?x ?p ?x | false | an irreflexive property relates a thing to itself
prp-symp | ?p rdf:type owl:SymmetricProperty . ?x ?p ?y | ?y ?p ?x | a symmetric property holds both ways
prp-asyp | ?p rdf:type owl:AsymmetricProperty . ?x ?p ?y . ?y ?p ?x | false | an asymmetric property holds both ways
prp-trp | ?p rdf:type owl:TransitiveProperty . ?x ?p ?y . ?y ?p ?z | ?x ?p ?z | a transitive property reaches as far as its chain
prp-spo1 | ?p1 rdfs:subPropertyOf ?p2 . ?x ?p1 ?y | ?x ?p2 ?y | what holds by a property holds by a wider one
prp-spo2 | ?p owl:propertyChainAxiom ?l . path ?e in ?l : ?u ?e ?v | ?u ?p ?v | the properties of a chain, one after the other, make the property
prp-eqp1 | ?p1 owl:equivalentProperty ?p2 . ?x ?p1 ?y | ?x ?p2 ?y | equivalent properties hold together | scm-eqp1 prp-spo1
prp-eqp2 | ?p1 owl:equivalentProperty ?p2 . ?x ?p2 ?y | ?x ?p1 ?y | equivalent properties hold together | scm-eqp1 prp-spo1
prp-pdw | ?p1 owl:propertyDisjointWith ?p2 . ?x ?p1 ?y . ?x ?p2 ?y | false | two disjoint properties hold of the same pair
prp-adp | ?x rdf:type owl:AllDisjointProperties . ?x owl:members ?l . two ?e ?f in ?l . ?u ?e ?v . ?u ?f ?v | false | two of several disjoint properties hold of the same pair
prp-inv1 | ?p1 owl:inverseOf ?p2 . ?x ?p1 ?y | ?y ?p2 ?x | a property holds backwards by its inverse
prp-inv2 | ?p1 owl:inverseOf ?p2 . ?x ?p2 ?y | ?y ?p1 ?x | a property holds backwards by its inverse
prp-key | ?c owl:hasKey ?l . ?x rdf:type ?c . ?y rdf:type ?c . every ?e in ?l : ?x ?e ?z*, ?y ?e ?z* | ?x owl:sameAs ?y | things of a class that agree in its key are the same
prp-npa1 | ?x owl:sourceIndividual ?i . ?x owl:assertionProperty ?p . ?x owl:targetIndividual ?j . ?i ?p ?j | false | a statement holds that was denied
prp-npa2 | ?x owl:sourceIndividual ?i . ?x owl:assertionProperty ?p . ?x owl:targetValue ?v . ?i ?p ?v | false | a statement holds that was denied
""",
    6: """
cls-thing | | owl:Thing rdf:type owl:Class | the language itself says so
cls-nothing1 | | owl:Nothing rdf:type owl:Class | the language itself says so
cls-nothing2 | ?x rdf:type owl:Nothing | false | something belongs to the empty class
cls-int1 | ?c owl:intersectionOf ?l . every ?e in ?l : ?y rdf:type ?e | ?y rdf:type ?c | what belongs to all parts of an intersection belongs to it
cls-int2 | ?c owl:intersectionOf ?l . some ?e in ?l . ?y rdf:type ?c | ?y rdf:type ?e | what belongs to an intersection belongs to each part | scm-int cax-sco
cls-uni | ?c owl:unionOf ?l . some ?e in ?l . ?y rdf:type ?e | ?y rdf:type ?c | what belongs to a part of a union belongs to it | scm-uni cax-sco
cls-com | ?c1 owl:complementOf ?c2 . ?x rdf:type ?c1 . ?x rdf:type ?c2 | false | something belongs to a class and to its complement
cls-svf1 | ?c owl:someValuesFrom ?d . ?c owl:onProperty ?p . ?u ?p ?v . ?v rdf:type ?d | ?u rdf:type ?c | a thing with a value of the right kind belongs to the restriction
cls-svf2 | ?c owl:someValuesFrom owl:Thing . ?c owl:onProperty ?p . ?u ?p ?v | ?u rdf:type ?c | a thing with any value belongs to the restriction
cls-avf | ?c owl:allValuesFrom ?d . ?c owl:onProperty ?p . ?u rdf:type ?c . ?u ?p ?v | ?v rdf:type ?d | all values of a thing of the restriction are of the kind it names
cls-hv1 | ?c owl:hasValue ?v . ?c owl:onProperty ?p . ?u rdf:type ?c | ?u ?p ?v | a thing of the restriction has the value it names
cls-hv2 | ?c owl:hasValue ?v . ?c owl:onProperty ?p . ?u ?p ?v | ?u rdf:type ?c | a thing with the value belongs to the restriction
cls-maxc1 | ?c owl:maxCardinality 0 . ?c owl:onProperty ?p . ?u rdf:type ?c . ?u ?p ?y | false | a thing has a value where it may have none
cls-maxc2 | ?c owl:maxCardinality 1 . ?c owl:onProperty ?p . ?u rdf:type ?c . ?u ?p ?y1 . ?u ?p ?y2 | ?y1 owl:sameAs ?y2 | where one value is allowed, two are the same
cls-maxqc1 | ?c owl:maxQualifiedCardinality 0 . ?c owl:onProperty ?p . ?c owl:onClass ?d . ?u rdf:type ?c . ?u ?p ?y . ?y rdf:type ?d | false | a thing has a value of a kind of which it may have none
cls-maxqc2 | ?c owl:maxQualifiedCardinality 0 . ?c owl:onProperty ?p . ?c owl:onClass owl:Thing . ?u rdf:type ?c . ?u ?p ?y | false | a thing has a value where it may have none
cls-maxqc3 | ?c owl:maxQualifiedCardinality 1 . ?c owl:onProperty ?p . ?c owl:onClass ?d . ?u rdf:type ?c . ?u ?p ?y1 . ?y1 rdf:type ?d . ?u ?p ?y2 . ?y2 rdf:type ?d | ?y1 owl:sameAs ?y2 | where one value of a kind is allowed, two are the same
cls-maxqc4 | ?c owl:maxQualifiedCardinality 1 . ?c owl:onProperty ?p . ?c owl:onClass owl:Thing . ?u rdf:type ?c . ?u ?p ?y1 . ?u ?p ?y2 | ?y1 owl:sameAs ?y2 | where one value is allowed, two are the same
cls-oo | ?c owl:oneOf ?l . some ?e in ?l | ?e rdf:type ?c | what an enumeration lists belongs to it
""",
    7: """
cax-sco | ?c1 rdfs:subClassOf ?c2 . ?x rdf:type ?c1 | ?x rdf:type ?c2 | what belongs to a class belongs to a wider one
cax-eqc1 | ?c1 owl:equivalentClass ?c2 . ?x rdf:type ?c1 | ?x rdf:type ?c2 | equivalent classes have the same members | scm-eqc1 cax-sco
cax-eqc2 | ?c1 owl:equivalentClass ?c2 . ?x rdf:type ?c2 | ?x rdf:type ?c1 | equivalent classes have the same members | scm-eqc1 cax-sco
cax-dw | ?c1 owl:disjointWith ?c2 . ?x rdf:type ?c1 . ?x rdf:type ?c2 | false | something belongs to two disjoint classes
cax-adc | ?x rdf:type owl:AllDisjointClasses . ?x owl:members ?l . two ?e ?f in ?l . ?z rdf:type ?e . ?z rdf:type ?f | false | something belongs to two of several disjoint classes
""",
    8: """
dt-type1 | datatype ?d | ?d rdf:type rdfs:Datatype | the language itself makes it a datatype
dt-type2 | value ?l in ?d | ?l rdf:type ?d | the literal's value lies in the datatype
dt-eq | value ?l equals ?m | ?l owl:sameAs ?m | two literals write the same value
dt-diff | value ?l differs ?m | ?l owl:differentFrom ?m | two literals write different values
dt-not-type | ?l rdf:type ?d . value ?l outside ?d | false | a literal is of a datatype that does not hold its value
""",
    9: """
scm-cls | ?c rdf:type owl:Class | ?c rdfs:subClassOf ?c . ?c owl:equivalentClass ?c . ?c rdfs:subClassOf owl:Thing . owl:Nothing rdfs:subClassOf ?c | every class lies between the empty one and that of all things
scm-sco | ?c1 rdfs:subClassOf ?c2 . ?c2 rdfs:subClassOf ?c3 | ?c1 rdfs:subClassOf ?c3 | a class within a class within a third lies within the third
scm-eqc1 | ?c1 owl:equivalentClass ?c2 | ?c1 rdfs:subClassOf ?c2 . ?c2 rdfs:subClassOf ?c1 | equivalent classes lie within each other
scm-eqc2 | ?c1 rdfs:subClassOf ?c2 . ?c2 rdfs:subClassOf ?c1 | ?c1 owl:equivalentClass ?c2 | classes that lie within each other are equivalent
scm-op | ?p rdf:type owl:ObjectProperty | ?p rdfs:subPropertyOf ?p . ?p owl:equivalentProperty ?p | every property lies within itself
scm-dp | ?p rdf:type owl:DatatypeProperty | ?p rdfs:subPropertyOf ?p . ?p owl:equivalentProperty ?p | every property lies within itself
scm-spo | ?p1 rdfs:subPropertyOf ?p2 . ?p2 rdfs:subPropertyOf ?p3 | ?p1 rdfs:subPropertyOf ?p3 | a property within a property within a third lies within the third
scm-eqp1 | ?p1 owl:equivalentProperty ?p2 | ?p1 rdfs:subPropertyOf ?p2 . ?p2 rdfs:subPropertyOf ?p1 | equivalent properties lie within each other
scm-eqp2 | ?p1 rdfs:subPropertyOf ?p2 . ?p2 rdfs:subPropertyOf ?p1 | ?p1 owl:equivalentProperty ?p2 | properties that lie within each other are equivalent
scm-dom1 | ?p rdfs:domain ?c1 . ?c1 rdfs:subClassOf ?c2 | ?p rdfs:domain ?c2 | a class wider than the domain is a domain
scm-dom2 | ?p2 rdfs:domain ?c . ?p1 rdfs:subPropertyOf ?p2 | ?p1 rdfs:domain ?c | a property has the domain of a wider one
scm-rng1 | ?p rdfs:range ?c1 . ?c1 rdfs:subClassOf ?c2 | ?p rdfs:range ?c2 | a class wider than the range is a range
scm-rng2 | ?p2 rdfs:range ?c . ?p1 rdfs:subPropertyOf ?p2 | ?p1 rdfs:range ?c | a property has the range of a wider one
scm-hv | ?c1 owl:hasValue ?i . ?c1 owl:onProperty ?p1 . ?c2 owl:hasValue ?i . ?c2 owl:onProperty ?p2 . ?p1 rdfs:subPropertyOf ?p2 | ?c1 rdfs:subClassOf ?c2 | having the value by a property is having it by a wider one
scm-svf1 | ?c1 owl:someValuesFrom ?d1 . ?c1 owl:onProperty ?p . ?c2 owl:someValuesFrom ?d2 . ?c2 owl:onProperty ?p . ?d1 rdfs:subClassOf ?d2 | ?c1 rdfs:subClassOf ?c2 | some value of a class is some value of a wider one
scm-svf2 | ?c1 owl:someValuesFrom ?d . ?c1 owl:onProperty ?p1 . ?c2 owl:someValuesFrom ?d . ?c2 owl:onProperty ?p2 . ?p1 rdfs:subPropertyOf ?p2 | ?c1 rdfs:subClassOf ?c2 | some value by a property is some value by a wider one
scm-avf1 | ?c1 owl:allValuesFrom ?d1 . ?c1 owl:onProperty ?p . ?c2 owl:allValuesFrom ?d2 . ?c2 owl:onProperty ?p . ?d1 rdfs:subClassOf ?d2 | ?c1 rdfs:subClassOf ?c2 | only values of a class are only values of a wider one
scm-avf2 | ?c1 owl:allValuesFrom ?d . ?c1 owl:onProperty ?p1 . ?c2 owl:allValuesFrom ?d . ?c2 owl:onProperty ?p2 . ?p1 rdfs:subPropertyOf ?p2 | ?c2 rdfs:subClassOf ?c1 | only such values by a property are only such by a narrower one
scm-int | ?c owl:intersectionOf ?l . some ?e in ?l | ?c rdfs:subClassOf ?e | an intersection lies within each of its parts
scm-uni | ?c owl:unionOf ?l . some ?e in ?l | ?e rdfs:subClassOf ?c | each part of a union lies within it
""",
}  # fmt: skip

_LIST = re.compile(r"(some|two|every|path) ([^:]*?) in (\?\w+)(?: : (.*))?$")
_VALUE = re.compile(r"value (\?\w+) (in|outside|equals|differs) (\?\w+)$")


def _pattern(text: str) -> Pattern:
    s, p, o = (expand(term) for term in text.split())
    return Pattern(s, p, o)


def _premise(text: str) -> Premise:
    if match := _LIST.match(text):
        patterns = tuple(_pattern(part) for part in (match[4] or "").split(",") if part.strip())
        return ListPremise(match[1], tuple(match[2].split()), match[3], patterns)
    if match := _VALUE.match(text):
        return Condition(match[2], (match[1], match[3]))
    kind, *terms = text.split()
    if kind in ("datatype", "annotation", "term"):
        return Condition(kind, tuple(terms))
    return _pattern(text)


def _rule(table: int, line: str) -> Rule:
    name, body, head, says, *implied = (part.strip() for part in line.split("|"))
    return Rule(
        name,
        table,
        tuple(_premise(part.strip()) for part in body.split(" . ") if part.strip()),
        () if head == "false" else tuple(_pattern(part) for part in head.split(" . ")),
        says,
        tuple(implied[0].split()) if implied else (),
    )


#: All rules, in the order of the recommendation.
RULES: tuple[Rule, ...] = tuple(
    _rule(table, line) for table, text in _TABLES.items() for line in text.strip().splitlines()
)
RULE_BY_NAME: dict[str, Rule] = {rule.name: rule for rule in RULES}

"""Specialising the rules to an ontology: the schema premises are bound, plans over the data are left.

A premise is of the schema if its property belongs to the ontology language (``rdfs:domain``), or if it gives
something a type that the rules name (``owl:FunctionalProperty``). Rules of nothing but fixed properties
(``scm-*``, ``cax-sco``) need no binding: they are joins as they stand.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from fundgraph.reason.plan import Atom, Plan, variables
from fundgraph.reason.rules import RULES, Condition, ListPremise, Pattern, Premise, Rule, expand
from fundgraph.reason.solve import Bindings, View, expand_list, lists, solve
from fundgraph.reason.terms import Vocabulary

__all__ = [
    "BASE",
    "PROPER",
    "SCHEMA_CLASSES",
    "SCHEMA_PROPERTIES",
    "compile_plans",
    "is_schema",
    "is_schema_pattern",
    "static_plans",
]

#: Marks a property's pairs that do not come from its own absorbing rule (transitivity): such a rule needs its
#: own output on one side only, and so finds each pair from each last step once instead of from each middle.
BASE = 1 << 40
#: Marks the pairs of rdfs:subClassOf that tell something: not reflexive, not up to owl:Thing, not from owl:Nothing.
PROPER = 1 << 41

TYPE, SAME, SCO, SPO = (
    Vocabulary.id(name) for name in ("rdf:type", "owl:sameAs", "rdfs:subClassOf", "rdfs:subPropertyOf")
)
THING = Vocabulary.id("owl:Thing")
_DATA = frozenset({expand("rdf:type"), expand("owl:sameAs"), expand("owl:differentFrom")})


def is_schema_pattern(pattern: Pattern) -> bool:
    """Tell whether a premise asks for a triple of the schema."""
    if pattern.p == _DATA_TYPE:
        return pattern.o[0] != "?" and pattern.o != _NOTHING
    return pattern.p[0] != "?" and pattern.p not in _DATA


_DATA_TYPE, _NOTHING = expand("rdf:type"), expand("owl:Nothing")


def _schema_terms() -> tuple[frozenset[int], frozenset[int]]:
    properties, classes = {Vocabulary.id("rdf:first"), Vocabulary.id("rdf:rest")}, set()
    for rule in RULES:
        for premise in rule.premises:
            if isinstance(premise, Pattern) and is_schema_pattern(premise):
                if premise.p == _DATA_TYPE:
                    classes.add(Vocabulary.number[premise.o])
                else:
                    properties.add(Vocabulary.number[premise.p])
    return frozenset(properties), frozenset(classes)


#: What makes a triple one of the schema: its property, or the class that it gives as a type.
SCHEMA_PROPERTIES, SCHEMA_CLASSES = _schema_terms()


def is_schema(s: int, p: int, o: int) -> bool:
    """Tell whether a triple belongs to the schema."""
    return p in SCHEMA_PROPERTIES or (p == TYPE and o in SCHEMA_CLASSES)


def _is_static(rule: Rule) -> bool:
    """Tell whether a rule can be joined as it stands."""
    if rule.name == "cax-sco":
        return True
    return (
        rule.table == 9
        and bool(rule.premises)
        and all(isinstance(premise, Pattern) and premise.p[0] != "?" for premise in rule.premises)
    )


#: Rules that the engine carries out by other means: union–find, canonical literals, checks of literals.
_BUILT_IN = frozenset(
    {
        "eq-ref", "eq-sym", "eq-trans", "eq-rep-s", "eq-rep-p", "eq-rep-o", "eq-diff1",
        "dt-type2", "dt-eq", "dt-diff", "dt-not-type",
    }
)  # fmt: skip
_NOT_OF_THING = frozenset({"cls-svf1", "cls-maxqc1", "cls-maxqc3"})
_STATIC = tuple(rule for rule in RULES if _is_static(rule))
_SPECIALISED = tuple(
    rule
    for rule in RULES
    if rule not in _STATIC and not rule.implied_by and rule.name not in _BUILT_IN and rule.premises
)


def static_plans(view: View) -> list[Plan]:
    """Return the plans of the rules that hold for every ontology."""
    plans = []
    for rule in _STATIC:
        body = tuple(premise for premise in rule.premises if isinstance(premise, Pattern))
        for head in rule.conclusions:
            plan = _plan(rule, body, (head,), {}, view)
            if rule.name in ("scm-sco", "scm-spo"):
                last = plan.body[1]
                plan = replace(plan, body=(plan.body[0], replace(last, p=last.p | BASE)), absorbs=last.p | BASE)
            elif rule.name == "cax-sco":
                sco, types = plan.body
                body_ = (replace(sco, p=sco.p | PROPER), replace(types, p=types.p | BASE))
                plan = replace(plan, body=body_, absorbs=types.p | BASE)
            plans.append(plan)
    return plans


def compile_plans(view: View, *, things: bool = False) -> list[Plan]:
    """Return the plans that the rules become for the ontology in ``view``.

    That everything is a thing is concluded only where something follows from it, or if ``things`` asks for it.
    """
    plans: dict[Plan, None] = {}
    for rule in _SPECIALISED:
        for plan in _specialise(rule, view):
            if plan.kind != "infer" or plan.heads[0] not in plan.body:
                plans[plan] = None
    thing, types = view.rep(THING), view.rep(TYPE)
    if things or _thing_matters(plans, view):
        sco = Atom(view.rep(SCO), -1, thing)
        plans[Plan("cax-sco", (sco, Atom(types, -2, -1)), (Atom(types, -2, thing),))] = None
        return list(plans)
    return [plan for plan in plans if not any(head.p == types and head.o == thing for head in plan.heads)]


def _thing_matters(plans: dict[Plan, None], view: View) -> bool:
    thing, types = view.rep(THING), view.rep(TYPE)
    if any(atom.p & ~BASE == types and (atom.o == thing or atom.o < 0) for plan in plans for atom in plan.body):
        return True
    return any(o not in (s, thing) for s, _, o in view.match(thing, view.rep(SCO), None))


def _specialise(rule: Rule, view: View) -> Iterator[Plan]:
    schema: list[Premise] = []
    data: list[Pattern] = []
    repeated: list[ListPremise] = []
    for premise in rule.premises:
        if isinstance(premise, Pattern):
            (schema if is_schema_pattern(premise) else data).append(premise)
        elif isinstance(premise, ListPremise) and premise.patterns:
            repeated.append(premise)
        else:
            schema.append(premise)
    if any(isinstance(premise, Condition) for premise in schema):
        return  # said by the language itself, see Closure
    for bindings, _, _ in solve(tuple(schema), {}, view):
        if rule.name in _NOT_OF_THING and bindings["?d"] == view.rep(THING):
            continue  # another rule says more
        if not repeated:
            yield from _plans(rule, data, bindings, view)
        for premise in repeated:
            for elements, _ in lists(view, bindings[premise.head]):
                for extra, bound in expand_list(premise, elements, bindings):
                    yield from _plans(rule, data + extra, bound, view)


def _plans(rule: Rule, body: list[Pattern], bindings: Bindings, view: View) -> Iterator[Plan]:
    same = view.rep(SAME)
    for pattern in body:
        if pattern.s in bindings and pattern.o in bindings and _bound(pattern.p, bindings, view) == same:
            # Representatives are the same only as themselves; when two become one, the list names one twice.
            if bindings[pattern.s] != bindings[pattern.o]:
                return
            body = [other for other in body if other is not pattern]
    for pattern in body:
        if view.terms.kind(_bound(pattern.p, bindings, view)) != 0:
            return  # a literal or a blank node is no property
    if rule.inconsistent:
        yield _plan(rule, tuple(body), (), bindings, view)
    for head in rule.conclusions:
        if view.terms.kind(_bound(head.p, bindings, view)) == 0:
            yield _plan(rule, tuple(body), (head,), bindings, view)


def _bound(term: str, bindings: Bindings, view: View) -> int:
    return bindings[term] if term[0] == "?" else view.rep(Vocabulary.number[term])


def _plan(
    rule: Rule, body: tuple[Pattern, ...], heads: tuple[Pattern, ...], bindings: Bindings, view: View
) -> Plan:
    names: dict[str, int] = {}

    def place(term: str) -> int:
        if term[0] == "?" and term not in bindings:
            return names.setdefault(term, -1 - len(names))
        return _bound(term, bindings, view)

    def atom(pattern: Pattern) -> Atom:
        return Atom(_bound(pattern.p, bindings, view), place(pattern.s), place(pattern.o))

    atoms = tuple(dict.fromkeys(atom(pattern) for pattern in body))
    made = tuple(atom(pattern) for pattern in heads)
    if rule.inconsistent:
        return Plan(rule.name, atoms, (), "false")
    if rule.name == "prp-trp":
        marked = replace(atoms[1], p=atoms[1].p | BASE)
        return Plan(rule.name, (atoms[0], marked), made, "infer", absorbs=marked.p)
    if made[0].p != view.rep(SAME):
        return Plan(rule.name, atoms, made)
    half = _half(atoms, made[0])
    if half is None:
        return Plan(rule.name, atoms, made, "same")
    groups = tuple(name for name in variables(half) if name != made[0].s)
    return Plan(rule.name, half, made, "same", made[0].s, groups)


def _half(body: tuple[Atom, ...], head: Atom) -> tuple[Atom, ...] | None:
    """Return the half of a body that says the same of both things of its head; None if it is not so made."""
    if head.s >= 0 or head.o >= 0 or head.s == head.o:
        return None
    left = tuple(atom for atom in body if head.o not in (atom.s, atom.o))
    right = {atom for atom in body if head.o in (atom.s, atom.o)}
    swap = {head.s: head.o}
    turned = {
        Atom(atom.p, swap.get(atom.s, atom.s), swap.get(atom.o, atom.o))
        for atom in left
        if head.s in (atom.s, atom.o)
    }
    return left if turned == right else None

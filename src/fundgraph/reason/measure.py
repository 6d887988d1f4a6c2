"""What each axiom and each rule adds: the inferred triples that one application of it gives.

Every plan of the engine, a rule bound to an axiom, is run once over the whole closure; what it gives of the
inferred triples counts for its rule and its axiom. A triple that follows in two ways counts for both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from rdflib import OWL, RDF, RDFS, BNode, Graph
from rdflib.collection import Collection
from rdflib.term import Node

from fundgraph.reason.closure import Closure
from fundgraph.reason.compile import BASE
from fundgraph.reason.output import Output
from fundgraph.reason.plan import Plan
from fundgraph.reason.rules_engine import closure_of
from fundgraph.reason.table import Mask, Times, contains, pack, sorted_unique, unpack
from fundgraph.reason.terms import Ids, Vocabulary

__all__ = ["Axiom", "Measure", "axioms_of", "measure"]

_TYPE = Vocabulary.id("rdf:type")
_BINARY = (
    RDFS.subClassOf, RDFS.subPropertyOf, OWL.equivalentClass, OWL.equivalentProperty, OWL.inverseOf,
    OWL.propertyChainAxiom, OWL.disjointWith, OWL.propertyDisjointWith,
)  # fmt: skip
_UNARY = (
    OWL.SymmetricProperty, OWL.TransitiveProperty, OWL.AsymmetricProperty, OWL.IrreflexiveProperty,
    OWL.FunctionalProperty, OWL.InverseFunctionalProperty, OWL.AllDisjointClasses,
)  # fmt: skip
#: Axioms from which only contradictions follow.
CHECKS = frozenset(
    {OWL.AsymmetricProperty, OWL.IrreflexiveProperty, OWL.AllDisjointClasses, OWL.disjointWith,
     OWL.propertyDisjointWith}
)  # fmt: skip
_RULES: dict[Node, frozenset[str]] = {
    RDFS.subPropertyOf: frozenset({"prp-spo1"}),
    OWL.equivalentProperty: frozenset({"prp-eqp1", "prp-eqp2"}),
    OWL.inverseOf: frozenset({"prp-inv1", "prp-inv2"}),
    OWL.propertyChainAxiom: frozenset({"prp-spo2"}),
    OWL.SymmetricProperty: frozenset({"prp-symp"}),
    OWL.TransitiveProperty: frozenset({"prp-trp"}),
    OWL.FunctionalProperty: frozenset({"prp-fp"}),
    OWL.InverseFunctionalProperty: frozenset({"prp-ifp"}),
}

#: Rules whose conclusion gives the premise back.
_EITHER_WAY = frozenset({"prp-inv1", "prp-inv2", "prp-symp", "prp-eqp1", "prp-eqp2"})


@dataclass(frozen=True, slots=True)
class Axiom:
    """An axiom: its kind (``rdfs:subClassOf``, ``owl:SymmetricProperty``, …) and its two sides.

    ``other`` is None for a property's characteristic and for disjoint classes.
    """

    kind: Node
    subject: Node
    other: Node | None

    @property
    def is_check(self) -> bool:
        """Whether only contradictions can follow from it."""
        return self.kind in CHECKS


@dataclass(frozen=True, slots=True)
class Measure:
    """What was inferred: in all, by each rule (most first), and by each axiom in the order given."""

    asserted: int
    inferred: int
    rules: tuple[tuple[str, int], ...]
    axioms: tuple[tuple[Axiom, int], ...]


def axioms_of(ontology: Graph) -> list[Axiom]:
    """Return the axioms of an ontology in a stable order: by kind, then by what they are about."""
    found = [
        Axiom(kind, subject, other) for kind in _BINARY for subject, other in ontology.subject_objects(kind)
    ] + [Axiom(kind, subject, None) for kind in _UNARY for subject in ontology.subjects(RDF.type, kind)]
    order = [*_BINARY, *_UNARY]
    return sorted(found, key=lambda axiom: (order.index(axiom.kind), _text(ontology, axiom)))  # type: ignore[arg-type]


def _text(ontology: Graph, axiom: Axiom) -> str:
    return " ".join(_plain(ontology, side) for side in (axiom.subject, axiom.other) if side is not None)


def _plain(ontology: Graph, node: Node) -> str:
    """Return a node's IRI, or the IRIs and literals within a blank node."""
    if not isinstance(node, BNode):
        return str(node)
    parts = sorted((str(p), _plain(ontology, o)) for p, o in ontology.predicate_objects(node))
    return " ".join(text for pair in parts for text in pair)


def measure(data: Graph) -> Measure:
    """Infer from ``data``, which holds its ontology, and count by rule and by axiom."""
    closure = closure_of(data)
    inferred = dict(closure.inferred())
    gives = {plan: _given(closure, plan, inferred) for plan in closure.engine.plans if plan.kind == "infer"}
    rules: dict[str, list[dict[int, Ids]]] = {}
    for plan, found in gives.items():
        if found:
            rules.setdefault(plan.rule, []).append(found)
    by_rule = sorted(
        ((rule, _count(found)) for rule, found in rules.items()), key=lambda item: (-item[1], item[0])
    )
    axioms = []
    for axiom in axioms_of(data):
        own = [gives[plan] for plan in _plans_of(closure, axiom, data, gives)]
        axioms.append((axiom, _count([*own, *_typed(closure, axiom, inferred)])))
    return Measure(
        sum(len(keys) for keys in closure.asserted.values()),
        sum(len(keys) for keys in inferred.values()),
        tuple(by_rule),
        tuple(axioms),
    )


def _given(closure: Closure, plan: Plan, inferred: dict[int, Ids]) -> dict[int, Ids]:
    """Return what a plan gives of the inferred triples, by property."""
    out = Output(closure.engine.facts, known=True)
    closure.engine.run_whole(plan, out)
    found: dict[int, Ids] = {}
    for p, parts in out.collected():
        keys = sorted_unique(np.concatenate([part for part in parts if part is not None]))
        new = inferred.get(p)
        if new is None:
            continue
        kept = keys[contains(new, keys)]
        if plan.rule in _EITHER_WAY:
            kept = kept[_later(closure, plan, kept)]
        if len(kept):
            found[p] = kept
    return found


def _later(closure: Closure, plan: Plan, keys: Ids) -> Mask:
    """Tell which conclusions are later than their premise, so that of two that give each other one counts."""
    head, body = plan.heads[0], plan.body[0]
    s, o = unpack(keys)
    premises = keys if head.s == body.s else pack(o, s)
    mask: Mask = _times(closure, body.p & ~BASE, premises) < _times(closure, head.p, keys)
    return mask


def _times(closure: Closure, p: int, keys: Ids) -> Times:
    """Return the rounds in which pairs of a property came in."""
    table = closure.engine.facts.tables[p]
    times: Times = table.all_times()[np.searchsorted(table.all(), keys)]
    return times


def _count(found: Iterable[dict[int, Ids]]) -> int:
    """Count the different triples of several plans."""
    by_property: dict[int, list[Ids]] = {}
    for one in found:
        for p, keys in one.items():
            by_property.setdefault(p, []).append(keys)
    return sum(len(sorted_unique(np.concatenate(keys))) for keys in by_property.values())


def _plans_of(closure: Closure, axiom: Axiom, ontology: Graph, plans: Iterable[Plan]) -> Iterator[Plan]:
    """Yield the plans that an axiom is bound to."""
    rules = _RULES.get(axiom.kind, frozenset())
    sides = [_number(closure, node) for node in (axiom.subject, axiom.other) if node is not None]
    if axiom.kind == OWL.propertyChainAxiom and axiom.other is not None:
        sides = [sides[0], *(_number(closure, step) for step in Collection(ontology, axiom.other))]
    either_way = axiom.kind == OWL.inverseOf
    for plan in plans:
        if plan.rule in rules:
            if _terms(plan) == sides or (either_way and _terms(plan) == sides[::-1]):
                yield plan
        elif plan.rule == "cls-hv1" and axiom.kind in (RDFS.subClassOf, OWL.equivalentClass):
            # The value that follows from a class expression is the axiom's that the expression stands in.
            last = sides[-1:] if axiom.kind == RDFS.subClassOf else sides
            if plan.body[0].o in last:
                yield plan


def _typed(closure: Closure, axiom: Axiom, inferred: dict[int, Ids]) -> Iterator[dict[int, Ids]]:
    """Yield the inferred types that follow from a class axiom: the engine has one plan for all of these."""
    if axiom.kind not in (RDFS.subClassOf, OWL.equivalentClass) or axiom.other is None:
        return
    one, other = _number(closure, axiom.subject), _number(closure, axiom.other)
    table = closure.engine.facts.table(_TYPE)
    if one is None or other is None or table is None or _TYPE not in inferred:
        return
    things, classes = unpack(table.all())
    for lower, upper in ((one, other), (other, one))[: 2 if axiom.kind == OWL.equivalentClass else 1]:
        keys = sorted_unique(pack(things[classes == lower], np.full(int((classes == lower).sum()), upper)))
        yield {_TYPE: keys[contains(inferred[_TYPE], keys)]}


def _terms(plan: Plan) -> list[int | None]:
    """Return what a plan is bound to, in the order of its axiom: classes, or properties without their marks."""
    head, body = plan.heads[0], plan.body
    properties: list[int | None] = [atom.p & ~BASE for atom in body]
    if plan.rule in ("prp-symp", "prp-trp", "prp-fp", "prp-ifp"):
        return [head.p]
    return [head.p, *properties] if plan.rule == "prp-spo2" else [*properties, head.p]


def _number(closure: Closure, node: Node) -> int | None:
    return closure.number(node.n3())

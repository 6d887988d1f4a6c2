"""Does one graph follow from another? More than looking into the closure.

The rules give all facts about named things that follow, but not all axioms: that a property is transitive, that two
classes are disjoint, that two things differ. These are shown by trying: from new things that stand for any, the
axiom's consequence must follow; or what it denies, once assumed, must be contradictory. All that is found this way
follows; not all that follows is found.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations

from fundgraph.reason.closure import Closure
from fundgraph.reason.rules import NAMESPACES, expand
from fundgraph.reason.values import DATATYPES, subsumed

__all__ = ["Entailment"]

Name = tuple[str, str, str]
_TYPE, _SAME, _DIFFERENT = expand("rdf:type"), expand("owl:sameAs"), expand("owl:differentFrom")
_FIRST, _REST, _NIL = expand("rdf:first"), expand("rdf:rest"), expand("rdf:nil")
_COMPLEMENT = expand("owl:complementOf")
_OWL = NAMESPACES["owl"]


def _any(number: int) -> str:
    return f"<urn:fundgraph:any:{number}>"


X, Y, Z = _any(1), _any(2), _any(3)


class Entailment:
    """Asks what follows from some triples, whose terms are written as N-Triples writes them."""

    def __init__(self, premises: Iterable[Name]) -> None:
        self.premises = list(premises)
        self.closure = Closure.of(self.premises, things=True)

    @property
    def consistent(self) -> bool:
        """Whether no contradiction was found."""
        return not self.closure.clashes

    def entails(self, conclusions: Iterable[Name]) -> bool:
        """Tell whether a graph is found to follow; its blank nodes stand for something."""
        if not self.consistent:
            return True
        left = self._axioms(list(conclusions))
        return left is not None and self._matches(left, {})

    # ── axioms ──────────────────────────────────────────────────────────────────────────────────────────────

    def _axioms(self, conclusions: list[Name]) -> list[Name] | None:
        """Show what can be shown by trying; return what is left to look up, None if something fails."""
        left = list(conclusions)
        for s, p, o in conclusions:
            if s[0] == "_" and p == _TYPE and o in (expand("owl:AllDifferent"), expand("owl:AllDisjointClasses")):
                used = self._together(s, o, left)
                if used is None:
                    return None
                left = [triple for triple in left if triple not in used]
            elif s[0] == "_" and p == _COMPLEMENT and o[0] != "_":
                mine = [triple for triple in left if s in triple]
                members = [triple[0] for triple in mine if triple[1] == _TYPE and triple[2] == s]
                if members and not self._matches(mine, {}):
                    if not all(self._contradicts([(member, _TYPE, o)]) for member in members):
                        return None
                    left = [triple for triple in left if triple not in mine]
        return [triple for triple in left if not self._shown(triple)]

    def _together(self, node: str, kind: str, conclusions: list[Name]) -> set[Name] | None:
        used = {triple for triple in conclusions if triple[0] == node}
        heads = [o for _, p, o in used if p in (expand("owl:members"), expand("owl:distinctMembers"))]
        elements: list[str] = []
        cell = heads[0] if heads else _NIL
        while cell != _NIL:
            mine = {p: (s, p, o) for s, p, o in conclusions if s == cell and p in (_FIRST, _REST)}
            if len(mine) < 2 or mine[_FIRST] in used:
                return None
            used |= set(mine.values())
            elements.append(mine[_FIRST][2])
            cell = mine[_REST][2]
        for one, other in combinations(elements, 2):
            if kind == expand("owl:AllDifferent"):
                assumed = [(one, _SAME, other)]
            else:
                assumed = [(X, _TYPE, one), (X, _TYPE, other)]
            if not self._contradicts(assumed):
                return None
        return used

    def _shown(self, triple: Name) -> bool:
        if any(term[0] == "_" for term in triple) or self.closure.has(*triple):
            return False  # to be looked up
        s, p, o = triple
        if p == expand("rdfs:range") and o[1:-1] in DATATYPES:
            ranges = self.closure.engine.facts.match(self.closure.number(s), self.closure.number(p), None)
            names = [self.closure.terms.names[value][1:-1] for _, _, value in ranges]
            known = [name for name in names if name in DATATYPES]
            return bool(known) and subsumed(known, o[1:-1])
        trials = list(_trials(s, p, o))
        return bool(trials) and all(
            self._contradicts(assumed) if wanted is None else self._follows(assumed, wanted)
            for assumed, wanted in trials
        )

    def _contradicts(self, assumed: list[Name]) -> bool:
        return bool(Closure.of([*self.premises, *assumed], things=True).clashes)

    def _follows(self, assumed: list[Name], wanted: Name) -> bool:
        closure = Closure.of([*self.premises, *assumed], things=True)
        return bool(closure.clashes) or closure.has(*wanted)

    # ── looking up ──────────────────────────────────────────────────────────────────────────────────────────

    def _matches(self, conclusions: list[Name], bound: dict[str, int]) -> bool:
        """Tell whether the closure holds all triples, for some choice of what the blank nodes stand for."""
        if not conclusions:
            return True
        first = min(conclusions, key=lambda triple: sum(term[0] == "_" and term not in bound for term in triple))
        rest = [triple for triple in conclusions if triple is not first]
        numbers: list[int | None] = []
        for term in first:
            known = bound.get(term) if term[0] == "_" else self.closure.number(term)
            if known is None and term[0] != "_":
                return False
            numbers.append(known)
        s, p, o = numbers
        if s is not None and p is not None and o is not None:
            return self.closure.holds((s, p, o)) and self._matches(rest, bound)
        facts, canonical = self.closure.engine.facts, self.closure.terms.canonical()
        standing = [None if number is None else facts.rep(int(canonical[number])) for number in numbers]
        for triple in facts.match(*standing):
            more = dict(bound)
            pairs = zip(first, triple, strict=True)
            free = [(term, value) for term, value in pairs if term[0] == "_" and term not in bound]
            fits = all(more.setdefault(term, value) == value for term, value in free)
            if fits and self._matches(rest, more):
                return True
        return False


def _trials(s: str, p: str, o: str) -> Iterator[tuple[list[Name], Name | None]]:
    """Yield what must follow from which assumptions (None: a contradiction) for an axiom to hold."""
    name = o[1:-1].removeprefix(_OWL) if p == _TYPE else p[1:-1].rpartition("#")[2]
    by = (X, s, Y)
    trials: dict[str, list[tuple[list[Name], Name | None]]] = {
        "differentFrom": [([(s, _SAME, o)], None)],
        "TransitiveProperty": [([by, (Y, s, Z)], (X, s, Z))],
        "SymmetricProperty": [([by], (Y, s, X))],
        "FunctionalProperty": [([by, (X, s, Z)], (Y, _SAME, Z))],
        "InverseFunctionalProperty": [([by, (Z, s, Y)], (X, _SAME, Z))],
        "IrreflexiveProperty": [([(X, s, X)], None)],
        "AsymmetricProperty": [([by, (Y, s, X)], None)],
        "subClassOf": [([(X, _TYPE, s)], (X, _TYPE, o))],
        "equivalentClass": [([(X, _TYPE, s)], (X, _TYPE, o)), ([(X, _TYPE, o)], (X, _TYPE, s))],
        "disjointWith": [([(X, _TYPE, s), (X, _TYPE, o)], None)],
        "subPropertyOf": [([by], (X, o, Y))],
        "equivalentProperty": [([by], (X, o, Y)), ([(X, o, Y)], by)],
        "propertyDisjointWith": [([by, (X, o, Y)], None)],
        "inverseOf": [([by], (Y, o, X)), ([(X, o, Y)], (Y, s, X))],
        "domain": [([by], (X, _TYPE, o))],
        "range": [([by], (Y, _TYPE, o))],
    }
    if p == _TYPE and not o.startswith("<" + _OWL):
        return
    yield from trials.get(name, [])

"""One step back: all ways in which a rule makes a triple out of others."""

from __future__ import annotations

from collections.abc import Iterator

from fundgraph.reason.rules import RULES, Pattern, Rule
from fundgraph.reason.solve import Bindings, Triple, View, solve
from fundgraph.reason.terms import Vocabulary

__all__ = ["Justification", "heads", "justifications"]

#: The name of a rule, and the triples that it is applied to: patterns in their order, then the cells of lists.
Justification = tuple[str, tuple[Triple, ...]]

_TYPE, _SAME = Vocabulary.id("rdf:type"), Vocabulary.id("owl:sameAs")
_EQUALITY = frozenset({"eq-sym", "eq-trans", "eq-rep-s", "eq-rep-p", "eq-rep-o"})


def _by_property() -> tuple[dict[int, list[tuple[Rule, Pattern]]], list[tuple[Rule, Pattern]]]:
    fixed: dict[int, list[tuple[Rule, Pattern]]] = {}
    free: list[tuple[Rule, Pattern]] = []
    for rule in RULES:
        for head in rule.conclusions:
            if head.p[0] == "?":
                free.append((rule, head))
            else:
                fixed.setdefault(Vocabulary.number[head.p], []).append((rule, head))
    return fixed, free


_FIXED, _FREE = _by_property()


def heads(triple: Triple, view: View) -> Iterator[tuple[Rule, Bindings]]:
    """Yield the rules that could conclude a triple, with what their variables then are."""
    for rule, head in [*_FIXED.get(triple[1], ()), *_FREE]:
        bindings: Bindings = {}
        for term, value in zip(head.terms, triple, strict=True):
            if term[0] != "?":
                if view.rep(Vocabulary.number[term]) != value:
                    break
            elif bindings.setdefault(term, value) != value:
                break
        else:
            yield rule, bindings


def justifications(triple: Triple, view: View, *, equality: bool = True) -> Iterator[Justification]:
    """Yield each different way in which one rule gives a triple; none that has the triple for a premise."""
    seen: set[Justification] = set()
    for rule, bindings in heads(triple, view):
        if not equality and rule.name in _EQUALITY:
            continue
        for _, used, cells in solve(rule.premises, bindings, view):
            premises = tuple(used[place] for place in sorted(used))
            if triple in premises:
                continue
            found = (rule.name, (*premises, *cells))
            if found not in seen:
                seen.add(found)
                yield found

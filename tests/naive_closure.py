"""A closure by brute force: every rule of the table, tried on everything, until nothing new comes.

It shares the table and the solving of premises with the engine, but neither specialisation, arrays, union–find nor
rounds; and it knows the rules that owlrl lacks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from fundgraph.reason.axioms import axioms
from fundgraph.reason.rules import RULES, Condition, expand
from fundgraph.reason.solve import Triple, place_of, solve
from fundgraph.reason.terms import Terms

Name = tuple[str, str, str]


class Facts:
    """A set of triples, indexed by subject and property, property and value, and property."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.all: set[Triple] = set()
        self.index: dict[tuple[int | None, int | None, int | None], list[Triple]] = defaultdict(list)

    def add(self, triple: Triple) -> bool:
        """Add a triple; tell whether it is new."""
        if triple in self.all:
            return False
        self.all.add(triple)
        s, p, o = triple
        for key in ((None, None, None), (s, None, None), (None, p, None), (None, None, o), (s, p, None), (None, p, o),
                    (s, None, o), (s, p, o)):  # fmt: skip
            self.index[key].append(triple)
        return True

    def rep(self, term: int) -> int:
        """Return the term itself."""
        return term

    def column(self, s: int | None, p: int, o: int | None) -> None:
        """Return nothing: there are no arrays here."""

    def match(self, s: int | None, p: int | None, o: int | None) -> Iterator[Triple]:
        """Yield the triples with these terms."""
        yield from list(self.index.get((s, p, o), ()))

    def count(self, s: int | None, p: int | None, o: int | None) -> int:
        """Return how many triples have these terms."""
        return len(self.index.get((s, p, o), ()))


def naive_closure(triples: Iterable[Name]) -> set[Name] | str:
    """Return all triples that follow, or the word ``inconsistent``; literals are taken as they are written."""
    terms = Terms()
    facts = Facts(terms)
    for row in terms.encode(triples).tolist():
        facts.add((row[0], row[1], row[2]))
    for triple in axioms():
        facts.add(triple)
    rules = [rule for rule in RULES if not any(isinstance(premise, Condition) for premise in rule.premises)]
    new = True
    while new:
        new = False
        for triple in list(facts.all):  # eq-ref
            for term in triple:
                new |= facts.add((term, terms.numbers[expand("owl:sameAs")], term))
        for rule in rules:
            for bindings, _, _ in list(solve(rule.premises, {}, facts)) if rule.premises else ():
                if rule.inconsistent:
                    return "inconsistent"
                for head in rule.conclusions:
                    s, p, o = (place_of(term, bindings, facts) for term in head.terms)
                    assert s is not None
                    assert p is not None
                    assert o is not None
                    if terms.kind(p) == 0:
                        new |= facts.add((s, p, o))
    names = terms.names
    literals = {term for triple in facts.all for term in triple if names[term].startswith('"')}
    for triple in facts.all:
        if (
            names[triple[1]] == expand("owl:sameAs")
            and triple[0] != triple[2]
            and {triple[0], triple[2]} <= literals
        ):
            return "inconsistent"  # dt-diff with eq-diff1: no two of these tests' literals have the same value
    return {(names[s], names[p], names[o]) for s, p, o in facts.all}

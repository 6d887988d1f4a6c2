"""A small checker of proofs: it shares the table of rules with the engine, and nothing else of how that works."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fundgraph.reason.proof import FALSE, Name, Proof, Step
from fundgraph.reason.rules import RULE_BY_NAME, Condition, ListPremise, Pattern, expand
from fundgraph.reason.values import DATATYPES, ILL_TYPED, in_space, value_of

FIRST, REST, NIL = expand("rdf:first"), expand("rdf:rest"), expand("rdf:nil")
Bindings = dict[str, str]


def check(proof: Proof, asserted: set[Name]) -> None:
    """Fail unless a proof has no circle, rests on asserted triples, and each step is an instance of its rule."""
    order = proof.ordered()
    assert order[-1] == proof.conclusion
    for triple in order:
        step = proof.steps[triple]
        assert step.triple == triple
        if step.rule is None:
            assert triple in asserted, f"{triple} was never asserted"
        else:
            assert is_instance(step), f"{step} is no instance of {RULE_BY_NAME[step.rule]}"


def is_instance(step: Step) -> bool:
    """Tell whether a step's premises and conclusion are an instance of its rule, with no premise to spare."""
    rule = RULE_BY_NAME[step.rule or ""]
    if rule.name == "dt-not-type" and len(step.premises) == 1 and step.triple == FALSE:
        return wrong_literal(step.premises[0])
    heads: list[Bindings] = []
    if step.triple == FALSE:
        heads = [{}] if rule.inconsistent else []
    for head in rule.conclusions:
        bound = matched(head, step.triple, {})
        heads += [] if bound is None else [bound]
    cells = [premise for premise in step.premises if premise[1] in (FIRST, REST)]
    for bound in heads:
        for facts in (step.premises, [premise for premise in step.premises if premise not in cells]):
            for used in satisfied(list(rule.premises), bound, list(facts), cells, frozenset()):
                if set(facts) - set(cells) <= used:
                    return True
    return False


def wrong_literal(triple: Name) -> bool:
    """Tell whether a triple's value is a literal (typed by the triple, or by itself) that its datatype lacks."""
    if triple[1] == expand("rdf:type"):
        value = value_of(triple[0])
        return value is not None and (value is ILL_TYPED or not in_space(value, triple[2][1:-1]))
    return value_of(triple[2]) is ILL_TYPED


def matched(pattern: Pattern, triple: Name, bound: Bindings) -> Bindings | None:
    """Return the bindings under which a pattern is a triple."""
    more = dict(bound)
    for term, value in zip(pattern.terms, triple, strict=True):
        if (more.setdefault(term, value) if term.startswith("?") else term) != value:
            return None
    return more


def satisfied(
    premises: list[Pattern | ListPremise | Condition],
    bound: Bindings,
    facts: list[Name],
    cells: list[Name],
    used: frozenset[Name],
) -> Iterator[frozenset[Name]]:
    """Yield the facts used by each way to satisfy all premises."""
    if not premises:
        yield used
        return
    ready = [p for p in premises if isinstance(p, Pattern) or (isinstance(p, ListPremise) and p.head in bound)]
    first = ready[0] if ready else premises[0]
    rest = [premise for premise in premises if premise is not first]
    if isinstance(first, Condition):
        if true_of(first, [bound[term] for term in first.terms]):
            yield from satisfied(rest, bound, facts, cells, used)
    elif isinstance(first, Pattern):
        for fact in facts:
            more = matched(first, fact, bound)
            if more is not None:
                yield from satisfied(rest, more, facts, cells, used | {fact})
    else:
        for elements in lists(bound[first.head], cells, ()):
            yield from over_list(first, elements, rest, bound, facts, cells, used)


def over_list(
    premise: ListPremise, elements: tuple[str, ...], rest: list[Pattern | ListPremise | Condition],
    bound: Bindings, facts: list[Name], cells: list[Name], used: frozenset[Name],
) -> Iterator[frozenset[Name]]:  # fmt: skip
    """Yield the facts used by each way to satisfy a construct over a list, and the other premises."""
    if premise.kind in ("some", "two"):
        choices: Iterable[tuple[str, ...]] = [(element,) for element in elements]
        if premise.kind == "two":
            choices = [(a, b) for i, a in enumerate(elements) for b in elements[i + 1 :]]
        for choice in choices:
            names = dict(zip(premise.elements, choice, strict=True))
            if all(bound.get(name, value) == value for name, value in names.items()):
                yield from satisfied(rest, bound | names, facts, cells, used)
        return
    patterns: list[Pattern | ListPremise | Condition] = []
    for place, element in enumerate(elements):
        for pattern in premise.patterns:
            terms = []
            for position, term in enumerate(pattern.terms):
                if premise.kind == "path" and position == 0 and place > 0:
                    term = f"?step{place}"
                if premise.kind == "path" and position == 2 and place < len(elements) - 1:
                    term = f"?step{place + 1}"
                if term == premise.elements[0]:
                    term = element
                terms.append(f"{term}{place}" if term.endswith("*") else term)
            patterns.append(Pattern(*terms))
    if elements:
        yield from satisfied(patterns + rest, bound, facts, cells, used)


def lists(head: str, cells: list[Name], seen: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield the elements of each list that the cells make."""
    if head == NIL:
        yield ()
    elif head not in seen:
        for first in [o for s, p, o in cells if s == head and p == FIRST]:
            for rest in [o for s, p, o in cells if s == head and p == REST]:
                for more in lists(rest, cells, (*seen, head)):
                    yield (first, *more)


def true_of(condition: Condition, terms: list[str]) -> bool:
    """Tell whether a condition holds of terms."""
    if condition.kind == "term":
        return True
    if condition.kind == "annotation":
        return terms[0].partition("#")[2].rstrip(">") in (
            "label", "comment", "seeAlso", "isDefinedBy", "deprecated", "versionInfo", "priorVersion",
            "backwardCompatibleWith", "incompatibleWith",
        )  # fmt: skip
    if condition.kind == "datatype":
        return terms[0][1:-1] in DATATYPES
    values = [value_of(term) if term.startswith('"') else None for term in terms]
    if values[0] is None or ILL_TYPED in values:
        return False
    if condition.kind == "in":
        return in_space(values[0], terms[1][1:-1])
    return values[1] is not None and (values[0] == values[1]) == (condition.kind == "equals")

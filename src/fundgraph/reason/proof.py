"""Proofs: which rule makes a triple from which premises, down to what was asserted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from fundgraph.reason.rules import NAMESPACES, RULE_BY_NAME

__all__ = ["FALSE", "Name", "Proof", "Step", "short"]

#: A triple, its terms written as N-Triples writes them.
Name = tuple[str, str, str]
#: What a contradiction proves.
FALSE: Name = ("false", "", "")
_CELLS = (f"<{NAMESPACES['rdf']}first>", f"<{NAMESPACES['rdf']}rest>")


def short(term: str) -> str:
    """Return a term with the usual prefix, if there is one.

    >>> short("<http://www.w3.org/2002/07/owl#Thing>")
    'owl:Thing'
    """
    for prefix, namespace in NAMESPACES.items():
        if term.startswith("<" + namespace):
            return f"{prefix}:{term[len(namespace) + 1 : -1]}"
    return term


def indent(depth: int) -> str:
    """Return the margin of a line; what lies very deep says how deep instead."""
    return "  " * depth if depth <= 40 else f"{'  ' * 40}({depth}) "


@dataclass(frozen=True, slots=True)
class Step:
    """One triple of a proof: by a rule from premises, or asserted (``rule`` is None)."""

    triple: Name
    rule: str | None = None
    premises: tuple[Name, ...] = ()


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof: a step for each triple that it needs, none of which rests on itself.

    ``shortest`` tells that no proof has fewer applications of rules; a proof that is long, or lies among very
    many, is not searched to the end, and then it is only known to be right.
    """

    conclusion: Name
    steps: dict[Name, Step] = field(repr=False)
    shortest: bool = True

    @property
    def step(self) -> Step:
        """The last step."""
        return self.steps[self.conclusion]

    @property
    def size(self) -> int:
        """How many rules are applied."""
        return sum(step.rule is not None for step in self.steps.values())

    def leaves(self) -> list[Name]:
        """Return the asserted triples that the proof rests on."""
        return [triple for triple, step in self.steps.items() if step.rule is None]

    def to_json(self) -> dict[str, object]:
        """Return the proof as plain data: numbered steps, the conclusion last, premises by number."""
        order = self.ordered()
        number = {triple: place for place, triple in enumerate(order)}
        steps = []
        for triple in order:
            step = self.steps[triple]
            steps.append(
                {
                    "triple": None if triple == FALSE else list(triple),
                    "rule": step.rule,
                    "says": None if step.rule is None else RULE_BY_NAME[step.rule].says,
                    "premises": [number[premise] for premise in step.premises],
                }
            )
        return {"conclusion": list(self.conclusion), "shortest": self.shortest, "steps": steps}

    def ordered(self) -> list[Name]:
        """Return the triples so that each comes after its premises. Raises ValueError for a circle."""
        order: dict[Name, None] = {}
        under_way: set[Name] = set()
        waiting: list[tuple[Name, bool]] = [(self.conclusion, False)]
        while waiting:
            triple, done = waiting.pop()
            if done:
                under_way.discard(triple)
                order[triple] = None
            elif triple not in order:
                if triple in under_way:
                    raise ValueError(f"the proof of {triple} rests on itself")
                under_way.add(triple)
                waiting.append((triple, True))
                waiting += [(premise, False) for premise in self.steps[triple].premises if premise not in order]
        return list(order)

    def to_text(
        self,
        label: Callable[[str], str] = short,
        source: Callable[[Name], str | None] = lambda _: None,
    ) -> str:
        """Return the proof as an indented tree; ``source`` may say where an asserted triple was read."""
        lines: list[str] = []
        shown: set[Name] = set()
        waiting: list[tuple[Name, int]] = [(self.conclusion, 0)]
        while waiting:
            triple, depth = waiting.pop()
            step = self.steps[triple]
            text = "a contradiction" if triple == FALSE else " ".join(label(term) for term in triple)
            if step.rule is None:
                where = source(triple)
                reason = "asserted" if where is None else f"asserted, {where}"
            else:
                reason = f"{step.rule}: {RULE_BY_NAME[step.rule].says}"
            again = triple in shown and step.rule is not None
            lines.append(f"{indent(depth)}{text}  [{'shown above' if again else reason}]")
            if again:
                continue
            shown.add(triple)
            premises = [premise for premise in step.premises if premise[1] not in _CELLS]
            cells = [premise for premise in step.premises if premise[1] == _CELLS[0]]
            if cells:
                lines.append(f"{indent(depth + 1)}the list ({' '.join(label(cell[2]) for cell in cells)})")
            waiting += [(premise, depth + 1) for premise in reversed(premises)]
        return "\n".join(lines)

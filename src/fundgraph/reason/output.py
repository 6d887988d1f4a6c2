"""What a round brings: pairs by property, things that are the same, contradictions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from fundgraph.reason.compile import BASE
from fundgraph.reason.facts import Facts
from fundgraph.reason.plan import Columns, Plan, rows_of
from fundgraph.reason.solve import Triple
from fundgraph.reason.table import pack, sorted_unique
from fundgraph.reason.terms import Ids

__all__ = ["Clash", "Output"]

#: From so many rows on, pairs are compared with what is known at once.
_MANY = 1 << 18
_NONE = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Clash:
    """A contradiction: the rule, and the triples of the data that cannot all be true."""

    rule: str
    triples: tuple[Triple, ...]


class Output:
    """Collects what the plans of one round conclude; ``known`` keeps what is known already, as that a thing is itself."""

    def __init__(self, facts: Facts, *, known: bool = False) -> None:
        self._facts = facts
        self._known = known
        self._pairs: dict[int, list[Ids]] = {}
        self._absorbed: dict[int, list[Ids]] = {}
        self._same: list[Ids] = []
        self.clashes: list[Clash] = []

    def take(self, plan: Plan, columns: Columns) -> None:
        """Take the conclusions of a plan for rows of bindings."""
        for head in plan.heads:
            keys = pack(_column(head.s, columns), _column(head.o, columns))
            if plan.kind == "same":
                self._same.append(sorted_unique(keys))
                continue
            if len(keys) > _MANY and not self._known:
                table = self._facts.table(head.p)
                keys = sorted_unique(keys)
                keys = keys if table is None else table.missing(keys)
            kept = self._absorbed if plan.absorbs == head.p | BASE else self._pairs
            kept.setdefault(head.p, []).append(keys)

    def ground(self, plan: Plan) -> None:
        """Take the conclusion of a plan whose premises all were of the schema."""
        if plan.kind == "false":
            self.clashes.append(Clash(plan.rule, ()))
            return
        self.take(plan, {0: np.zeros(1, dtype=np.int64)})

    def group(self, plan: Plan, columns: Columns) -> None:
        """Make one thing of all that share the same values of the plan's groups."""
        members = columns[plan.member]
        if self._known:
            own = sorted_unique(members)
            self._same.append(pack(own, own))
        order = np.lexsort((members, *(columns[name] for name in plan.groups)))
        members = members[order]
        alike = members[1:] != members[:-1]
        for name in plan.groups:
            column = columns[name][order]
            alike &= column[1:] == column[:-1]
        if alike.any():
            self._same.append(sorted_unique(pack(members[:-1][alike], members[1:][alike])))

    def clash(self, plan: Plan, columns: Columns) -> None:
        """Take the first row of bindings as a contradiction."""
        if rows_of(columns):

            def value(place: int) -> int:
                return place if place >= 0 else int(columns[place][0])

            triples = tuple((value(atom.s), atom.p & ~BASE, value(atom.o)) for atom in plan.body)
            self.clashes.append(Clash(plan.rule, triples))

    def same(self) -> Ids:
        """Return the pairs of things that are the same."""
        return sorted_unique(np.concatenate(self._same)) if self._same else _NONE

    def collected(self) -> Iterator[tuple[int, tuple[Ids, Ids | None]]]:
        """Yield the pairs for each property, sorted, those of an absorbing rule apart."""
        for p in dict.fromkeys([*self._pairs, *self._absorbed]):
            base = self._pairs.get(p)
            absorbed = self._absorbed.get(p)
            yield (
                p,
                (
                    _NONE if base is None else sorted_unique(np.concatenate(base)),
                    None if absorbed is None else sorted_unique(np.concatenate(absorbed)),
                ),
            )


def _column(place: int, columns: Columns) -> Ids:
    return columns[place] if place < 0 else np.full(rows_of(columns), place, dtype=np.int64)

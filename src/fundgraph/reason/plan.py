"""Rule plans: conjunctions over tables of pairs, joined column by column.

A plan is a rule with its schema premises bound: only patterns with a known property are left. It says nothing of
how it is run. Here it runs on sorted NumPy arrays; :func:`to_sql` writes the same plan as a query.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from fundgraph.reason.table import Table, expand, pack
from fundgraph.reason.terms import Ids

__all__ = ["Atom", "Columns", "Plan", "body_to_sql", "join", "to_sql", "variables"]

#: Columns of bindings by variable; variables are negative numbers.
Columns = dict[int, Ids]
Tables = Mapping[int, Table]


@dataclass(frozen=True, slots=True)
class Atom:
    """A pattern with a known property; a place below zero is a variable."""

    p: int
    s: int
    o: int


@dataclass(frozen=True, slots=True)
class Plan:
    """A specialised rule: ``kind`` is ``infer``, ``same`` (the head makes two things one) or ``false``.

    For a rule that makes one thing of all that share something, ``member`` is the variable of those things, and
    ``groups`` are those of what they share; the body then is one half of the rule's, which has it twice.
    """

    rule: str
    body: tuple[Atom, ...]
    heads: tuple[Atom, ...] = ()
    kind: str = "infer"
    member: int = 0
    groups: tuple[int, ...] = ()
    absorbs: int = field(default=-1, compare=False)


def variables(atoms: Sequence[Atom]) -> list[int]:
    """Return the variables of some atoms, in order."""
    return list(dict.fromkeys(place for atom in atoms for place in (atom.s, atom.o) if place < 0))


def rows_of(columns: Columns) -> int:
    """Return how many rows there are."""
    return len(next(iter(columns.values()))) if columns else 0


def start(atom: Atom, s: Ids, o: Ids) -> Columns:
    """Return the bindings of one atom over given pairs."""
    keep: Ids | np.ndarray[tuple[int], np.dtype[np.bool_]] | None = None
    if atom.s >= 0:
        keep = s == atom.s
    if atom.o >= 0:
        keep = (o == atom.o) if keep is None else keep & (o == atom.o)
    if atom.s == atom.o and atom.s < 0:
        keep = s == o
    if keep is not None:
        s, o = s[keep], o[keep]
    columns: Columns = {}
    if atom.s < 0:
        columns[atom.s] = s
    if atom.o < 0:
        columns[atom.o] = o
    return columns or {0: s}


def scan(atom: Atom, table: Table) -> Columns:
    """Return the bindings of one atom over a whole table."""
    constant = np.array([max(atom.s, atom.o, 0)], dtype=np.int64)
    if atom.s >= 0 and atom.o >= 0:
        found = table.has(pack(np.array([atom.s], dtype=np.int64), np.array([atom.o], dtype=np.int64)))
        return {0: constant[:1][found]}
    if atom.s >= 0 or atom.o >= 0:
        parts = table.parts if atom.s >= 0 else table.turned
        matches = np.concatenate([expand(part, constant)[1] for part in parts])
        return {atom.o if atom.s >= 0 else atom.s: matches}
    keys = table.all()
    return start(atom, keys >> np.int64(32), keys & np.int64(0xFFFFFFFF))


def join(columns: Columns, atoms: Sequence[Atom], tables: Callable[[Atom], Table | None]) -> Columns | None:
    """Join bindings with atoms, the most selective first; None if nothing is left."""
    waiting = list(atoms)
    while waiting:
        if not rows_of(columns):
            return None
        atom, known = _next(columns, waiting, tables)
        waiting.remove(atom)
        table = tables(atom)
        if table is None or not len(table):
            return None
        if known == 2:
            keep = table.has(pack(_column(columns, atom.s), _column(columns, atom.o)))
            if not keep.all():
                columns = {name: column[keep] for name, column in columns.items()}
        elif known == 1:
            columns = _expand(columns, atom, table)
        else:
            columns = _cross(columns, scan(atom, table))
    return columns if rows_of(columns) else None


def _column(columns: Columns, place: int) -> Ids:
    if place < 0:
        return columns[place]
    return np.full(rows_of(columns), place, dtype=np.int64)


def _known(columns: Columns, atom: Atom) -> int:
    return sum(place >= 0 or place in columns for place in (atom.s, atom.o))


def _next(columns: Columns, waiting: list[Atom], tables: Callable[[Atom], Table | None]) -> tuple[Atom, int]:
    known = [_known(columns, atom) for atom in waiting]
    best = max(known)
    choice = [atom for atom, count in zip(waiting, known, strict=True) if count == best]
    if best == 2 or len(choice) == 1:
        return choice[0], best

    def cost(atom: Atom) -> int:
        table = tables(atom)
        if table is None or not len(table):
            return -1
        if best == 0:
            return len(table)
        bound = atom.s if atom.s >= 0 or atom.s in columns else atom.o
        if bound >= 0:
            return len(scan(atom, table)[atom.o if bound == atom.s else atom.s]) * rows_of(columns)
        firsts = columns[bound][:64]  # a sample will do
        parts = table.parts if bound == atom.s else table.turned
        return sum(len(expand(part, firsts)[0]) for part in parts)

    return min(choice, key=cost), best


def _expand(columns: Columns, atom: Atom, table: Table) -> Columns:
    by_subject = atom.s >= 0 or atom.s in columns
    bound, free = (atom.s, atom.o) if by_subject else (atom.o, atom.s)
    parts = table.parts if by_subject else table.turned
    if bound >= 0:
        return _cross(columns, scan(atom, table))
    found = [expand(part, columns[bound]) for part in parts]
    rows = np.concatenate([rows for rows, _ in found]) if len(found) > 1 else found[0][0]
    values = np.concatenate([values for _, values in found]) if len(found) > 1 else found[0][1]
    joined = {name: column[rows] for name, column in columns.items()}
    joined[free] = values
    return joined


def _cross(columns: Columns, others: Columns) -> Columns:
    left, right = rows_of(columns), rows_of(others)
    crossed = {name: np.repeat(column, right) for name, column in columns.items()}
    return crossed | {name: np.tile(column, left) for name, column in others.items()}


def to_sql(plan: Plan, table: Callable[[int], str] = "t{}".format) -> str:
    """Write a plan's body and first head as a query over tables of pairs (s, o), one for each property.

    >>> to_sql(Plan("prp-symp", (Atom(7, -1, -2),), (Atom(7, -2, -1),)))
    'SELECT DISTINCT a0.o AS s, a0.s AS o FROM t7 a0'
    """
    column, source = body_to_sql(plan.body, [table(atom.p) for atom in plan.body])
    head = plan.heads[0] if plan.heads else Atom(0, 0, 0)
    chosen = [str(place) if place >= 0 else column[place] for place in (head.s, head.o)]
    return f"SELECT DISTINCT {chosen[0]} AS s, {chosen[1]} AS o{source}"


def body_to_sql(body: Sequence[Atom], tables: Sequence[str]) -> tuple[dict[int, str], str]:
    """Return the columns that hold a body's variables, and the rest of a query, from FROM on.

    ``tables`` names for each atom where its pairs are.
    """
    column: dict[int, str] = {}
    conditions = []
    for number, atom in enumerate(body):
        for place, name in ((atom.s, f"a{number}.s"), (atom.o, f"a{number}.o")):
            if place >= 0:
                conditions.append(f"{name} = {place}")
            elif place in column:
                conditions.append(f"{name} = {column[place]}")
            else:
                column[place] = name
    named = ", ".join(f"{table} a{number}" for number, table in enumerate(tables))
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    return column, f"{f' FROM {named}' if named else ''}{where}"

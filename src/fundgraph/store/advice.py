"""What is legal in a query and yet seldom meant: a variable that is used once, patterns that nothing joins.

Works on the tokens that :mod:`fundgraph.store.scan` finds, in one pass; it may err, and so only advises.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

_MOST = 10
#: Longer queries are made by machines, which need no advice.
LONGEST = 3000
#: Clauses that make a unit of their own, and the brackets at which they end.
_CLAUSES = {"filter": ")}", "bind": ")", "values": "}"}
#: Clauses that make no rows of their own, but may join what the others make.
_CONNECTING = frozenset(("filter", "bind"))
_BEFORE_A_GROUP = frozenset(("optional", "graph", "minus", "service"))


class TokenLike(Protocol):
    """What is needed of a token."""

    @property
    def kind(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def start(self) -> int: ...


class Remark(NamedTuple):
    """A piece of advice: ``code`` is a stable word, ``at`` the offset of the text in question."""

    code: str
    message: str
    at: int
    near: str = ""
    suggestions: tuple[str, ...] = ()

    def to_jsonable(self, line: int, column: int) -> dict[str, Any]:
        """Return the remark as plain data, with its place."""
        data: dict[str, Any] = {"code": self.code, "message": self.message, "line": line, "column": column}
        if self.near:
            data["near"] = self.near
        if self.suggestions:
            data["suggestions"] = list(self.suggestions)
        return data


def advise(tokens: Sequence[TokenLike], form: str) -> tuple[Remark, ...]:
    """Return what there is to say of the tokens of a query."""
    return (*_lonely_variables(tokens, form), *_Products().of(tokens))[:_MOST]


def _lonely_variables(tokens: Sequence[TokenLike], form: str) -> list[Remark]:
    """Find variables that are written once, where all variables that matter are named."""
    if form not in ("select", "construct") or _counts_or_shows_all(tokens, form):
        return []
    variables = [at for at, token in enumerate(tokens) if token.kind == "variable"]
    often = Counter(tokens[at].text[1:] for at in variables)
    remarks = []
    for at in variables:
        token = tokens[at]
        name = token.text[1:]
        if often[name] > 1 or (at and tokens[at - 1].text in ("as", "graph")):
            continue
        message = f"{token.text} is used only once"
        remarks.append(Remark("single-use-variable", message, token.start, token.text, _meant(name, often)))
        if len(remarks) == _MOST:
            break
    return remarks


def _meant(name: str, often: Counter[str]) -> tuple[str, ...]:
    if len(name) < 3:
        return ()
    from fundgraph.store.nearest import nearest

    return tuple(f"?{other}" for other in nearest(name, often, 2))


def _counts_or_shows_all(tokens: Sequence[TokenLike], form: str) -> bool:
    """Tell whether every variable counts without being named: ``SELECT *``, ``COUNT(*)``, ``CONSTRUCT WHERE``."""
    for before, token in itertools.pairwise(tokens):
        if token.text == "*" and before.text in ("select", "distinct", "reduced", "("):
            return True
        if form == "construct" and before.text == "construct" and token.text in ("where", "from"):
            return True
    return False


@dataclass(slots=True)
class _Unit:
    """A part of a group that is joined with the others: a statement, or a clause."""

    start: int
    kind: str = "statement"
    variables: set[str] = field(default_factory=set)
    values: int = 0
    """How many terms stand in a VALUES clause."""

    @property
    def joins(self) -> bool:
        """Whether rows are multiplied by it: a VALUES clause of one row or a MINUS does not."""
        many = self.kind != "values" or self.values > len(self.variables)
        return bool(self.variables) and self.kind != "minus" and many


@dataclass(slots=True)
class _Group:
    """A group of patterns that is being read."""

    units: list[_Unit] = field(default_factory=list)
    unit: _Unit | None = None
    depth: int = 0
    """How many round and square brackets, or braces of VALUES, are open in it."""


class _Products:
    """Find groups whose parts fall into two or more that share no variable."""

    def of(self, tokens: Sequence[TokenLike]) -> list[Remark]:
        self.remarks: list[Remark] = []
        self.groups: list[_Group] = []
        for at, token in enumerate(tokens):
            after = tokens[at + 1].text if at + 1 < len(tokens) else ""
            self._take(token, after)
        return self.remarks

    def _take(self, token: TokenLike, after: str) -> None:
        group = self.groups[-1] if self.groups else None
        text = token.text if token.kind in ("mark", "word") else ""
        if text == "{" and not (group and group.unit and group.unit.kind == "values"):
            self._unit(token, group)
            self.groups.append(_Group())
        elif group is None:
            return
        elif text in ("{", "(", "["):
            self._unit(token, group)
            group.depth += 1
        elif text in ("}", ")", "]"):
            self._close(text, group, after)
        elif text == "." and not group.depth:
            self._end(group)
        elif token.kind == "word" and not group.depth:
            self._word(token, group)
        elif group.unit is not None or text not in (";", ","):
            unit = self._unit(token, group)
            if token.kind == "variable":
                unit.variables.add(token.text[1:])
            elif token.kind == "blank":
                unit.variables.add(token.text)
            if group.depth:
                unit.values += 1

    @staticmethod
    def _unit(token: TokenLike, group: _Group | None) -> _Unit:
        if group is None:
            return _Unit(token.start)
        if group.unit is None:
            group.unit = _Unit(token.start)
        return group.unit

    def _word(self, token: TokenLike, group: _Group) -> None:
        word = token.text
        if group.unit is not None and group.unit.kind in ("select", "filter"):
            return
        if word in _CLAUSES or word in _BEFORE_A_GROUP or word == "select":
            self._end(group)
            group.unit = _Unit(token.start, word)
        else:
            self._unit(token, group)
            if word == "undef":
                self._unit(token, group).values += 1

    @staticmethod
    def _end(group: _Group) -> None:
        if group.unit is not None and group.unit.kind != "select":
            group.units.append(group.unit)
            group.unit = None

    def _close(self, text: str, group: _Group, after: str) -> None:
        if text == "}" and not (group.depth and group.unit and group.unit.kind == "values"):
            self.groups.pop()
            inner = self._finish(group)
            outer = self.groups[-1] if self.groups else None
            if outer is None or outer.unit is None:
                return
            outer.unit.variables |= inner
            if after != "union" and not outer.depth:
                self._end(outer)
            return
        group.depth = max(group.depth - 1, 0)
        if group.unit is not None and not group.depth and text in _CLAUSES.get(group.unit.kind, ""):
            self._end(group)

    def _finish(self, group: _Group) -> set[str]:
        """Return the variables of a whole group, and remark on it if nothing joins its parts."""
        if group.unit is not None:
            group.units.append(group.unit)
        everything = set().union(*(unit.variables for unit in group.units))
        if any(unit.kind == "select" for unit in group.units):
            return everything
        parts: list[tuple[_Unit, set[str]]] = []
        for unit in sorted(group.units, key=lambda one: one.kind in _CONNECTING):
            connects = unit.kind in _CONNECTING
            touching = [part for part in parts if part[1] & unit.variables]
            if not touching and (connects or not unit.joins):
                continue
            first = min((part[0] for part in touching), key=lambda one: one.start, default=unit)
            merged = unit.variables.union(*(part[1] for part in touching))
            parts = [part for part in parts if part not in touching]
            parts.append((first, merged))
        if len(parts) > 1:
            parts.sort(key=lambda part: part[0].start)
            ones, others = (", ".join(_shown(part[1])) for part in parts[:2])
            message = f"nothing joins {ones} with {others}: every combination is made (a cross product)"
            self.remarks.append(Remark("cross-product", message, parts[1][0].start))
        return everything


def _shown(names: set[str]) -> list[str]:
    return [name if name.startswith("_:") else f"?{name}" for name in sorted(names)[:3]]

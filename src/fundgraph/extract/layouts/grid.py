"""A table: its cells, its rows, and what its columns hold."""

from __future__ import annotations

from dataclasses import dataclass, field

from fundgraph.extract.source import Line


@dataclass(slots=True)
class Cell:
    """A cell's stretch, and what came after it on lines of its own."""

    start: int
    end: int
    more: tuple[Line, ...] = ()


@dataclass
class Table:
    """Rows of cells under the kinds of their columns."""

    kinds: list[tuple[str, str | None] | None]
    header: Line | None
    rows: list[tuple[Line, list[Cell]]] = field(default_factory=list)
    heading: Line | None = None
    _columns: dict[str, list[int]] = field(default_factory=dict, init=False, repr=False)

    def columns(self, kind: str) -> list[int]:
        """Return the columns of a kind."""
        if kind not in self._columns:
            self._columns[kind] = [index for index, known in enumerate(self.kinds) if known and known[0] == kind]
        return self._columns[kind]

    @property
    def lists_projects(self) -> bool:
        """Tell whether rows are projects."""
        has = {known[0] for known in self.kinds if known}
        return "title" in has or ("code" in has and len(has) >= 2)

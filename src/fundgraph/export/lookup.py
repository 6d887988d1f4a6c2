"""Single things of a ``dataset.nq`` of any size: the file is sorted, so what is said of a thing is found by halving."""

from __future__ import annotations

import mmap
from collections.abc import Collection, Mapping
from pathlib import Path

from fundgraph.export.things import Things


class SortedFile:
    """A sorted file of N-Quads, with the lines of a subject at hand; threads may share it."""

    def __init__(self, dataset: Path, hidden: Collection[str] = ()) -> None:
        with dataset.open("rb") as file:
            self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self._hidden = frozenset(hidden)

    def said(self, subject: str) -> dict[str, list[str]]:
        """Return what graphs that are not hidden say of an IRI, or of a blank node of this file: values by property."""
        found: dict[str, list[str]] = {}
        term = subject if subject.startswith("_:") else f"<{subject}>"
        key, lines = f"{term} ".encode(), self._map
        start = self._first(key)
        before = ""
        while lines[start : start + len(key)] == key:
            end = lines.find(b"\n", start)
            _, predicate, rest = lines[start:end].decode().split(" ", 2)
            value, graph = rest[:-3].rsplit(" <", 1)
            start = end + 1
            if graph in self._hidden or (statement := f"{predicate} {value}") == before:
                continue
            before = statement
            found.setdefault(predicate[1:-1], []).append(value)
        return found

    def _first(self, key: bytes) -> int:
        """Return where the first line stands that is not before a text."""
        lines, low, high = self._map, 0, len(self._map)
        while low < high:
            middle = (low + high) // 2
            start = lines.rfind(b"\n", 0, middle) + 1
            if lines[start : start + len(key)] < key:
                low = lines.find(b"\n", middle) + 1 or len(lines)
            else:
                high = start
        return low


class FoundThings(Things):
    """Things that are looked up as somebody asks for them; nothing is known of what there is besides."""

    def __init__(self, file: SortedFile) -> None:
        super().__init__(())
        self._file = file

    def properties(self, thing: str) -> Mapping[str, list[str]]:
        """Return all that is said of a thing: values by the IRI of the property."""
        if thing not in self._of:
            self._of[thing] = self._file.said(thing)
        return self._of[thing]

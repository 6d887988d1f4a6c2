"""Single things of a ``dataset.nq`` of any size: the file is sorted, so what is said of a thing is found by halving."""

from __future__ import annotations

import mmap
from collections.abc import Collection, Mapping
from pathlib import Path

from fundgraph.export.things import Things, full

#: A thing with more lines than this is not read whole for one property of it: a programme has one for each of its projects.
_FEW = 300


class SortedFile:
    """A sorted file of N-Quads, with the lines of a subject at hand; threads may share it."""

    def __init__(self, dataset: Path, hidden: Collection[str] = ()) -> None:
        with dataset.open("rb") as file:
            self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self._hidden = frozenset(hidden)

    def said(self, subject: str) -> dict[str, list[str]]:
        """Return what graphs that are not hidden say of an IRI, or of a blank node of this file: values by property."""
        term = subject if subject.startswith("_:") else f"<{subject}>"
        found = self._read(f"{term} ")
        assert found is not None
        return found

    def said_if_few(self, subject: str, most: int) -> dict[str, list[str]] | None:
        """Return what is said of an IRI unless that takes more lines than ``most``."""
        return self._read(f"<{subject}> ", most)

    def values(self, subject: str, predicate: str) -> list[str]:
        """Return the values of one property of an IRI."""
        found = self._read(f"<{subject}> <{predicate}> ")
        assert found is not None
        return found.get(predicate, [])

    def _read(self, beginning: str, most: int | None = None) -> dict[str, list[str]] | None:
        """Return what the lines say that begin so: values by property; ``None`` if there are more lines than ``most``."""
        found: dict[str, list[str]] = {}
        key, lines = beginning.encode(), self._map
        start = self._first(key)
        before = ""
        count = 0
        while lines[start : start + len(key)] == key:
            count += 1
            if most is not None and count > most:
                return None
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
        self._of_many: dict[str, dict[str, list[str]]] = {}
        """What was looked up of things with many statements: values by property."""

    def properties(self, thing: str) -> Mapping[str, list[str]]:
        """Return all that is said of a thing: values by the IRI of the property."""
        if thing not in self._of:
            self._of[thing] = self._file.said(thing)
        return self._of[thing]

    def values(self, thing: str, name: str) -> list[str]:
        """Return the values of a property; of a thing with many statements only these lines are read."""
        if thing not in self._of and thing not in self._of_many:
            few = self._file.said_if_few(thing, _FEW)
            if few is None:
                self._of_many[thing] = {}
            else:
                self._of[thing] = few
        if thing in self._of:
            return self._of[thing].get(full(name), [])
        known = self._of_many[thing]
        if name not in known:
            known[name] = self._file.values(thing, full(name))
        return known[name]

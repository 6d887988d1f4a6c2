"""The lines of a ``dataset.nq``, which are in order: what is said of a thing, and what another one has besides.

Needs neither the store nor memory for the file: lines are found by halving, and two files are compared block by block.
"""

from __future__ import annotations

import mmap
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from fundgraph.errors import NoSnapshotError

#: So many bytes of the one file are compared with what the other has between the same lines.
_BLOCK = 1 << 18
_QUAD = re.compile(rb"(\S+) (<[^>]*>) (.*) <([^<>]*)> \.\n?\Z", re.DOTALL)


@dataclass(frozen=True, slots=True, order=True)
class Quad:
    """A statement, its terms as N-Triples writes them, and the IRI of its graph."""

    subject: str
    predicate: str
    object: str
    graph: str

    @classmethod
    def of(cls, line: bytes) -> Quad:
        """Read a line."""
        match = _QUAD.match(line)
        if match is None:
            raise ValueError(f"not a line of a dataset: {line[:200]!r}")
        return cls(*(part.decode() for part in match.groups()))


class SortedFile:
    """A ``dataset.nq``, to be looked up in. Raises :class:`NoSnapshotError` if there is none."""

    def __init__(self, path: Path) -> None:
        try:
            with path.open("rb") as file:
                empty = not file.read(1)
                self._data: mmap.mmap | bytes = (
                    b"" if empty else mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
                )
        except OSError as error:
            raise NoSnapshotError("the release has no dataset", where=path) from error
        self.size = len(self._data)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        if isinstance(self._data, mmap.mmap):
            self._data.close()

    def about(self, subject: str) -> list[Quad]:
        """Return the statements of a subject, given as N-Triples writes it."""
        start = f"{subject} ".encode()
        found = []
        at = self.first(start)
        while at < self.size:
            end = self._end(at)
            line = self._data[at:end]
            if not line.startswith(start):
                break
            found.append(Quad.of(line))
            at = end
        return found

    def holds(self, iri: str) -> bool:
        """Tell whether anything is said of the thing with this IRI."""
        start = f"<{iri}> ".encode()
        at = self.first(start)
        return self._data[at : at + len(start)] == start

    def first(self, key: bytes) -> int:
        """Return where the first line begins that is not before ``key``."""
        low, high = 0, self.size
        while low < high:
            start = self._start((low + high) // 2)
            end = self._end(start)
            if self._data[start:end] < key:
                low = end
            else:
                high = start
        return low

    def cut(self, start: int, most: int = _BLOCK) -> int:
        """Return the end of the line that so many bytes after ``start`` stand in."""
        return self.size if start + most >= self.size else self._end(start + most)

    def read(self, start: int, end: int) -> bytes:
        """Return the bytes between two places."""
        return self._data[start:end]

    def last(self, start: int, end: int) -> bytes:
        """Return the last line of those that end at ``end``."""
        return self._data[max(start, self._start(end - 1)) : end]

    def _start(self, at: int) -> int:
        return self._data.rfind(b"\n", 0, at) + 1

    def _end(self, at: int) -> int:
        found = self._data.find(b"\n", at)
        return self.size if found < 0 else found + 1


def differences(old: SortedFile, new: SortedFile) -> Iterator[tuple[bool, bytes]]:
    """Yield the lines that only one of two files has: whether it is the new one, and the line; within a block in order."""
    at, beside = 0, 0
    while at < old.size or beside < new.size:
        end = old.cut(at)
        if end == old.size:
            until = new.size
        else:
            key = old.last(at, end)
            until = new.first(key)
            if new.read(until, until + len(key)) == key:
                until += len(key)
        before, after = old.read(at, end), new.read(beside, until)
        if before != after:
            gone, come = _lines(before), _lines(after)
            for line in sorted(gone - come):
                yield False, line
            for line in sorted(come - gone):
                yield True, line
        at, beside = end, until


def _lines(data: bytes) -> set[bytes]:
    return set(data.split(b"\n")) - {b""}


def rdf_patch(old: SortedFile, new: SortedFile, base: str, names: tuple[str, str]) -> Iterator[bytes]:
    """Yield the lines of an RDF Patch that makes the new dataset of the old one; ``names`` are those of the two releases.

    Blank nodes have the names that they have in the canonical form of either: taken out of the old lines as text,
    and put in as text, they give the new file to the byte.
    """
    yield f"H id <{base}release/{names[1]}> .\n".encode()
    yield f"H prev <{base}release/{names[0]}> .\n".encode()
    yield b"TX .\n"
    for is_new, line in differences(old, new):
        yield b"%b %b\n" % (b"A" if is_new else b"D", line)
    yield b"TC .\n"

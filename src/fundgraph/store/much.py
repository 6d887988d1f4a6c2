"""The same as :mod:`fundgraph.store.dataset` writes, for more statements than memory holds many times over.

One graph at a time is put in order, and lies on disk then; the rest is done a line at a time.
"""

from __future__ import annotations

import hashlib
import heapq
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path

import pyoxigraph as ox

from fundgraph.store.dataset import (
    DATASET,
    STORE,
    TYPED,
    DatasetSummary,
    classes_of,
    ground_statements,
    named_anew,
)

#: Lines that are dealt with together.
_PIECE = 20_000
#: Up to so many bytes of statements are indexed from memory; they take about twice that.
_INDEXED_IN_MEMORY = 2 << 30


def write_much(
    graphs: Iterable[tuple[str, bytes]],
    hidden: Iterable[str],
    directory: Path,
    index: Callable[[ox.Store], object] = lambda _: None,
    last: Callable[[ox.Store], object] = lambda _: None,
) -> DatasetSummary:
    """Write ``dataset.nq`` and ``store/`` below ``directory``.

    ``graphs`` are names of graphs with their N-Triples, each once; one is held at a time. ``index`` gets a store in
    whose default graph all is that is not hidden, ``last`` the store itself.
    """
    counts: dict[str, int] = {}
    classes: Counter[bytes] = Counter()
    digest = hashlib.sha256()
    with tempfile.TemporaryDirectory(prefix="sorting-", dir=directory) as folder:
        runs = list(_runs(graphs, Path(folder), counts))
        triples, everything = Path(folder) / "union.nt", Path(folder) / "everything.nq"
        with (directory / DATASET).open("wb") as dataset, triples.open("wb") as shown:
            union = _Union(tuple(map(_end, hidden)))
            lines = heapq.merge(*map(_read, runs))
            while piece := list(islice(lines, _PIECE)):
                data = b"".join(piece)
                digest.update(data)
                dataset.write(data)
                data = b"".join(union.of(piece))
                classes.update(TYPED.findall(data))
                shown.write(data)
        with everything.open("wb") as file:
            for path in (directory / DATASET, triples):
                with path.open("rb") as part:
                    shutil.copyfileobj(part, file, 1 << 20)
        # At once, so that a blank node is the same in its own graph and in the union.
        store = ox.Store(str(directory / STORE))
        store.bulk_load(path=str(everything), format=ox.RdfFormat.N_QUADS)
        store.flush()
        if triples.stat().st_size <= _INDEXED_IN_MEMORY:
            # It answers several times sooner than the one on disk, and queries about the whole are many.
            memory = ox.Store()
            memory.bulk_load(path=str(triples), format=ox.RdfFormat.N_TRIPLES)
            index(memory)
            del memory
        else:
            index(store)
    last(store)
    return DatasetSummary(
        digest.hexdigest(),
        sum(counts.values()),
        {name: counts[name] for name in sorted(counts)},
        classes_of(classes),
    )


def _runs(graphs: Iterable[tuple[str, bytes]], folder: Path, counts: dict[str, int]) -> Iterator[Path]:
    """Write each graph's lines in order; give the files, and put down how many lines they have."""
    anonymous = ox.Dataset()
    for name, triples in graphs:
        yield from _run(name, ground_statements(name, triples, anonymous), folder, counts)
        del triples
    for name, statements in named_anew(anonymous).items():
        yield from _run(name, statements, folder, counts)


def _run(name: str, statements: Iterable[bytes], folder: Path, counts: dict[str, int]) -> Iterator[Path]:
    end = _end(name)
    lines = sorted({statement + end for statement in statements})
    if lines:
        counts[name] = counts.get(name, 0) + len(lines)
        path = folder / f"{len(list(folder.iterdir()))}.nq"
        with path.open("wb") as file:
            file.writelines(lines)
        yield path


def _read(path: Path) -> Iterator[bytes]:
    with path.open("rb", buffering=1 << 20) as file:
        yield from file


def _end(name: str) -> bytes:
    return b" <%b> .\n" % name.encode()


class _Union:
    """The statements of graphs that are not hidden, each once: of lines in order, the same ones lie beside one another."""

    def __init__(self, hidden: tuple[bytes, ...]) -> None:
        self._hidden = hidden
        self._last = b""

    def of(self, lines: Iterable[bytes]) -> Iterator[bytes]:
        """Give the statements of the next lines, as N-Triples."""
        for line in lines:
            if not line.endswith(self._hidden):
                statement = line[: line.rindex(b" <")] + b" .\n"
                if statement != self._last:
                    self._last = statement
                    yield statement

"""N-Quads and N-Triples straight from the lines of a ``dataset.nq``, which are in order already."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from pathlib import Path

from fundgraph.errors import UsageError
from fundgraph.export.things import Quad, Triple

_PIECE = 1 << 20
#: So many lines are handed on at once.
_LINES = 20_000


def copied(dataset: Path) -> Iterator[bytes]:
    """Yield the file as it is."""
    with dataset.open("rb") as source:
        while piece := source.read(_PIECE):
            yield piece


def nquads(dataset: Path, graphs: Collection[str] = ()) -> Iterator[bytes]:
    """Yield the whole file, or the statements of some graphs. Raises :class:`UsageError` for a graph that is not there."""
    if not graphs:
        return copied(dataset)
    return _joined(_selected(dataset, graphs))


def ntriples(dataset: Path, graphs: Collection[str] = (), hidden: Collection[str] = ()) -> Iterator[bytes]:
    """Yield the triples of some graphs, or of all but the hidden ones, each once."""
    return _joined(_without_graphs(_selected(dataset, graphs, hidden)))


def written(statements: Iterable[Quad | Triple]) -> Iterator[bytes]:
    """Yield statements that were read as N-Quads or N-Triples."""
    return _joined(
        f"{one[0]} {one[1]} {one[2]} <{one[3]}> .\n".encode()
        if len(one) == 4
        else f"{one[0]} {one[1]} {one[2]} .\n".encode()
        for one in statements
    )


def _selected(dataset: Path, graphs: Collection[str], hidden: Collection[str] = ()) -> Iterator[bytes]:
    wanted = {f" <{graph}> .\n".encode() for graph in graphs}
    left_out = {f" <{graph}> .\n".encode() for graph in hidden}
    seen: set[bytes] = set()
    with dataset.open("rb") as lines:
        for line in lines:
            end = line[line.rindex(b" <") :]
            if (end in wanted) if wanted else (end not in left_out):
                seen.add(end)
                yield line
    if missing := wanted - seen:
        raise UsageError(f"there is no graph {min(missing).decode()[1:-3]} in this snapshot")


def _without_graphs(lines: Iterable[bytes]) -> Iterator[bytes]:
    before = b""
    for line in lines:
        triple = line[: line.rindex(b" <")]
        if triple != before:
            yield triple + b" .\n"
        before = triple


def _joined(lines: Iterable[bytes]) -> Iterator[bytes]:
    coming = iter(lines)
    return iter(lambda: b"".join(islice(coming, _LINES)), b"")

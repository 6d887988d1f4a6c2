"""Write a snapshot, or some of its graphs, in an RDF format, with the lexical forms as they were written."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import IO, TYPE_CHECKING

import pyoxigraph as ox

from fundgraph.errors import UsageError

if TYPE_CHECKING:
    from fundgraph.ntriples import Name

FORMATS = {
    "turtle": ox.RdfFormat.TURTLE,
    "trig": ox.RdfFormat.TRIG,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "nquads": ox.RdfFormat.N_QUADS,
    "rdfxml": ox.RdfFormat.RDF_XML,
    "jsonld": ox.RdfFormat.JSON_LD,
    "n3": ox.RdfFormat.N3,
}
_WITH_GRAPHS = ("trig", "nquads", "jsonld")


def dump(
    dataset: Path,
    output: IO[bytes],
    form: str,
    *,
    graphs: Sequence[str] = (),
    hidden: Sequence[str] = (),
    prefixes: Mapping[str, str] | None = None,
) -> int:
    """Write a ``dataset.nq`` to ``output``; return the number of statements written (-1 for a plain copy).

    Formats with graphs hold all graphs, or those named. Formats without hold the union of those named,
    or of all but ``hidden``. Raises :class:`UsageError` for an unknown format or graph.
    """
    if form not in FORMATS:
        raise UsageError(f"there is no format {form!r}", allowed=sorted(FORMATS))
    if form == "nquads" and not graphs:
        with dataset.open("rb") as source:
            shutil.copyfileobj(source, output, 1 << 20)
        return -1
    wanted = _selected(dataset, graphs, () if form in _WITH_GRAPHS else hidden)
    statements: list[ox.Quad] | list[ox.Triple]
    if form in _WITH_GRAPHS:
        statements = sorted(wanted, key=lambda quad: (str(quad.graph_name), str(quad.subject), str(quad)))
    else:
        statements = list(dict.fromkeys(quad.triple for quad in wanted))
    ox.serialize(statements, output=output, format=FORMATS[form], prefixes=dict(prefixes or {}))
    return len(statements)


def _selected(dataset: Path, graphs: Sequence[str], hidden: Sequence[str]) -> Iterator[ox.Quad]:
    wanted, left_out = set(graphs), set(hidden)
    seen: set[str] = set()
    for quad in ox.parse(path=str(dataset), format=ox.RdfFormat.N_QUADS):
        name = quad.graph_name.value if isinstance(quad.graph_name, ox.NamedNode) else ""
        if name in wanted or (not wanted and name not in left_out):
            seen.add(name)
            yield quad
    if missing := wanted - seen:
        raise UsageError(f"there is no graph <{min(missing)}> in this snapshot")


#: So many triples are put into an order before they are written.
_SORTED = 200_000


def dump_triples(
    triples: Iterable[Name], output: IO[bytes], form: str, *, prefixes: Mapping[str, str] | None = None
) -> None:
    """Write triples as they come, those of not too many sorted. Raises :class:`UsageError` for an unknown format."""
    if form not in FORMATS:
        raise UsageError(f"there is no format {form!r}", allowed=sorted(FORMATS))
    coming = iter(triples)
    first = list(islice(coming, _SORTED))
    if len(first) < _SORTED:
        first.sort()
    lines = (f"{s} {p} {o} .\n".encode() for s, p, o in chain(first, coming))
    if form in ("ntriples", "nquads"):
        output.writelines(lines)
        return
    pieces = iter(lambda: b"".join(islice(lines, 10_000)), b"")
    parsed = (quad.triple for piece in pieces for quad in ox.parse(piece, format=ox.RdfFormat.N_TRIPLES))
    try:
        ox.serialize(parsed, output=output, format=FORMATS[form], prefixes=dict(prefixes or {}))
    except ValueError as error:  # XML has no names for some properties
        raise UsageError(f"cannot be written as {form}: {error}") from error

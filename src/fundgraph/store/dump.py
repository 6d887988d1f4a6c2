"""Write triples in an RDF format by the library's own serialisers, with the lexical forms as they were written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain, islice
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

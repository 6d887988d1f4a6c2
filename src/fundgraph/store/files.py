"""Read RDF files of any format into one N-Quads file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from fundgraph.errors import RdfError

_SUFFIXES = {
    ".ttl": ox.RdfFormat.TURTLE, ".nt": ox.RdfFormat.N_TRIPLES, ".nq": ox.RdfFormat.N_QUADS,
    ".trig": ox.RdfFormat.TRIG, ".rdf": ox.RdfFormat.RDF_XML, ".owl": ox.RdfFormat.RDF_XML,
    ".xml": ox.RdfFormat.RDF_XML, ".jsonld": ox.RdfFormat.JSON_LD, ".n3": ox.RdfFormat.N3,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Gathered:
    """What was read: the number of quads, and the named graphs."""

    quads: int
    graphs: list[str]


def gather(paths: Sequence[Path], target: Path) -> Gathered:
    """Write all statements of RDF files into ``target``. Raises :class:`RdfError` with file and line."""
    count = 0
    graphs: set[str] = set()
    with target.open("wb") as output:
        for path in paths:
            form = _SUFFIXES.get(path.suffix.lower())
            if form is None:
                raise RdfError("is not an RDF file by its name", where=path, allowed=sorted(_SUFFIXES))
            try:
                # Blank nodes of two files are different things, whatever their labels.
                quads = list(
                    ox.parse(
                        path=str(path), format=form, base_iri=path.resolve().as_uri(), rename_blank_nodes=True
                    )
                )
            except SyntaxError as error:
                raise RdfError(f"is broken: {error}", where=path, line=error.lineno) from error
            except OSError as error:
                raise RdfError(f"cannot be read: {error.strerror or error}", where=path) from error
            except ValueError as error:
                raise RdfError(f"is broken: {error}", where=path) from error
            count += len(quads)
            graphs |= {quad.graph_name.value for quad in quads if isinstance(quad.graph_name, ox.NamedNode)}
            ox.serialize(quads, output, ox.RdfFormat.N_QUADS)
    return Gathered(count, sorted(graphs))

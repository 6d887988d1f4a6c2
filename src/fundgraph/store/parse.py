"""Read RDF files by Oxigraph's parsers, many times faster than rdflib's: triples as N-Triples writes them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox

from fundgraph.errors import RdfError

if TYPE_CHECKING:
    from fundgraph.ntriples import Name

__all__ = ["SUFFIXES", "parse_file", "parse_turtle"]

_TURTLE = ox.RdfFormat.TURTLE
SUFFIXES = {
    ".ttl": ox.RdfFormat.TURTLE, ".nt": ox.RdfFormat.N_TRIPLES, ".nq": ox.RdfFormat.N_QUADS, ".trig": ox.RdfFormat.TRIG,
    ".rdf": ox.RdfFormat.RDF_XML, ".owl": ox.RdfFormat.RDF_XML, ".xml": ox.RdfFormat.RDF_XML,
    ".jsonld": ox.RdfFormat.JSON_LD, ".json": ox.RdfFormat.JSON_LD, ".n3": ox.RdfFormat.N3,
}  # fmt: skip


def parse_file(path: Path) -> Iterator[Name]:
    """Yield the triples of a file of any RDF format; graph names are passed over, blank nodes are the file's own.

    Raises :class:`RdfError` with file and line for a missing, unreadable or broken file.
    """
    form = SUFFIXES.get(path.suffix.lower())
    if form is None:
        raise RdfError("is not an RDF file by its name", where=path, allowed=sorted(SUFFIXES))
    try:
        base = path.resolve().as_uri()
        yield from _triples(
            ox.parse(path=str(path), format=form, base_iri=base, rename_blank_nodes=True), form, path
        )
    except OSError as error:
        raise RdfError(f"cannot be read: {error.strerror or error}", where=path) from error
    except SyntaxError as error:
        raise _broken(error, form, path) from error


def parse_turtle(text: str) -> Iterator[Name]:
    """Yield the triples of a Turtle text. Raises :class:`RdfError` with the line if it is broken."""
    try:
        yield from _triples(ox.parse(text, format=_TURTLE, rename_blank_nodes=True), _TURTLE, None)
    except SyntaxError as error:
        raise _broken(error, _TURTLE, None) from error


def _triples(quads: Iterator[ox.Quad], form: ox.RdfFormat, where: Path | None) -> Iterator[Name]:
    for s, p, o, graph in quads:
        if isinstance(o, ox.Triple):
            raise RdfError(f"holds a triple as a term, of which no rule speaks: {o}", where=where)
        if form == ox.RdfFormat.N3 and not isinstance(graph, ox.DefaultGraph):
            continue  # what stands within braces is quoted there, not said
        yield str(s), str(p), str(o)


def _broken(error: SyntaxError, form: ox.RdfFormat, where: Path | None) -> RdfError:
    # What the parser says begins with the place, which is told apart.
    said = re.sub(r"^Parser error (?:at|between) line .*?: ", "", str(error.msg), count=1)
    if "LoadDocumentCallback" in said:
        said = "its context lies on the network, from where nothing is fetched"
    return RdfError(f"is not valid {form.name}: {said}", where=where, line=error.lineno)

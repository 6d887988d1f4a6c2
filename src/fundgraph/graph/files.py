"""Read RDF files, with the file and line in the error when one is broken."""

from __future__ import annotations

import re
from pathlib import Path

from rdflib import Graph
from rdflib.exceptions import ParserError
from rdflib.plugins.parsers.notation3 import BadSyntax

from fundgraph.errors import RdfError

SUFFIXES = {
    ".ttl": "turtle", ".nt": "nt", ".nq": "nquads", ".trig": "trig", ".rdf": "xml", ".owl": "xml", ".xml": "xml",
    ".jsonld": "json-ld", ".json": "json-ld", ".n3": "n3",
}  # fmt: skip


def read_rdf(path: Path, graph: Graph | None = None) -> Graph:
    """Parse one RDF file into ``graph`` (a new one if none is given).

    Raises :class:`RdfError` with file and line for a missing, unreadable or broken file.
    """
    graph = Graph() if graph is None else graph
    form = SUFFIXES.get(path.suffix.lower())
    if form is None:
        raise RdfError("is not an RDF file by its name", where=path, allowed=sorted(SUFFIXES))
    try:
        data = path.read_bytes()
        data.decode("utf-8")
    except OSError as error:
        raise RdfError(f"cannot be read: {error.strerror}", where=path) from error
    except UnicodeDecodeError as error:
        raise RdfError("is not UTF-8", where=path, line=error.object[: error.start].count(b"\n") + 1) from error
    try:
        graph.parse(data=data, format=form, publicID=path.resolve().as_uri())
    except BadSyntax as error:
        # _why and lines are all that rdflib's Turtle parser says of a fault.
        raise RdfError(f"is not valid Turtle: {error._why}", where=path, line=error.lines + 1) from error
    except (ParserError, ValueError, SyntaxError, AssertionError) as error:
        raise RdfError(f"is not valid {form}: {_first_line(error)}", where=path, line=_line_in(error)) from error
    return graph


def read_rdf_directory(directory: Path, graph: Graph | None = None) -> Graph:
    """Parse every Turtle file of a folder, in the order of their names."""
    graph = Graph() if graph is None else graph
    for path in sorted(directory.glob("*.ttl")):
        read_rdf(path, graph)
    return graph


def _first_line(error: BaseException) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)


def _line_in(error: BaseException) -> int | None:
    match = re.search(r"line (\d+)|<unknown>:(\d+):", str(error))
    return int(match[1] or match[2]) if match else None

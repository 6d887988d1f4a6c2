"""Inference over RDF files of any kind: what ``fundgraph infer`` does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from rdflib import Graph

from fundgraph.errors import RdfError, UsageError
from fundgraph.graph.files import read_rdf
from fundgraph.reason import ENGINES, infer
from fundgraph.reason.closure import Closure
from fundgraph.reason.front import encode_graph, node_of, read_lines
from fundgraph.reason.profile import outside_of_profile
from fundgraph.reason.rules_engine import raise_if_inconsistent

__all__ = ["FORMATS", "Inferred", "infer_files"]

#: The formats that can be written, with rdflib's names for them.
FORMATS = {"turtle": "turtle", "ntriples": "nt", "rdfxml": "pretty-xml", "jsonld": "json-ld", "n3": "n3"}
_LINES = (".nt", ".nq")
_FLUSHED = 50_000


@dataclass(frozen=True, slots=True)
class Inferred:
    """What follows from some files: the triples as N-Triples writes their terms, and what was passed over."""

    asserted: int
    triples: Callable[[], Iterator[tuple[str, str, str]]]
    warnings: tuple[str, ...]

    def write(self, out: BinaryIO, form: str = "turtle") -> None:
        """Write the inferred triples; N-Triples as they come, other formats by way of rdflib."""
        if form not in FORMATS:
            raise UsageError(f"inferred triples cannot be written as {form!r}", allowed=sorted(FORMATS))
        if form == "ntriples":
            lines: list[str] = []
            for triple in self.triples():
                lines.append(f"{triple[0]} {triple[1]} {triple[2]} .\n")
                if len(lines) == _FLUSHED:
                    out.write("".join(lines).encode())
                    lines.clear()
            out.write("".join(lines).encode())
            return
        graph = Graph()
        for s, p, o in self.triples():
            graph.add((node_of(s), node_of(p), node_of(o)))
        out.write(graph.serialize(format=FORMATS[form], encoding="utf-8"))


def infer_files(
    paths: Sequence[Path],
    ontologies: Sequence[Path] = (),
    *,
    engine: str = "auto",
    expand: bool = True,
    say: Callable[[int, int], None] = lambda _round, _triples: None,
) -> Inferred:
    """Infer what follows from RDF files and ontologies together; ``say`` is told rounds and triples.

    N-Triples and N-Quads are read line by line, without rdflib, so that large files fit. Raises
    :class:`RdfError` for a broken file, :class:`InconsistencyError` for a contradiction.
    """
    if engine not in ENGINES:
        raise UsageError(f"the inference engine {engine!r} is not available", allowed=ENGINES)
    every = [*ontologies, *paths]
    if engine == "owlrl":
        graph = Graph()
        for path in every:
            read_rdf(path, graph)
        found = infer(graph, "owlrl")
        rows = Closure().terms
        encoded, _ = encode_graph(found, rows)
        return Inferred(len(graph), lambda: rows.decode(encoded), ())
    closure = Closure(say=say)
    others = Graph()
    for path in every:
        if path.suffix.lower() not in _LINES:
            read_rdf(path, others)
    rows_of_others, _ = encode_graph(others, closure.terms)
    streams = [_lines(path, number) for number, path in enumerate(every) if path.suffix.lower() in _LINES]
    closure.load(closure.terms.encode(chain(closure.terms.decode(rows_of_others), *streams)))
    raise_if_inconsistent(closure)
    return Inferred(
        sum(len(keys) for keys in closure.asserted.values()),
        lambda: closure.decoded(expand=expand),
        tuple(map(str, outside_of_profile(closure.engine.facts))),
    )


def _lines(path: Path, number: int) -> Iterator[tuple[str, str, str]]:
    """Yield a file's triples; its blank nodes are its own, whatever other files call theirs."""
    try:
        with path.open(encoding="utf-8") as lines:
            for s, p, o in read_lines(lines, str(path)):
                if s[0] == "_":
                    s = f"_:f{number}.{s[2:]}"
                if o[0] == "_":
                    o = f"_:f{number}.{o[2:]}"
                yield s, p, o
    except OSError as error:
        raise RdfError(f"cannot be read: {error.strerror}", where=path) from error
    except UnicodeDecodeError as error:
        raise RdfError("is not UTF-8", where=path) from error

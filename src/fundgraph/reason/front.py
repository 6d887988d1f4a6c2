"""The ways in and out: rdflib graphs, and lines of N-Triples or N-Quads."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import numpy as np
from rdflib import Graph, URIRef
from rdflib.term import Node

from fundgraph.errors import RdfError
from fundgraph.ntriples import escape, name_of, node_of, unescape
from fundgraph.reason.terms import Rows, Terms

__all__ = ["encode_graph", "name_of", "node_of", "read_lines", "read_quads"]

_IRI = r"<(?:[^\x00-\x20<>\"{}|^`\\]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*>"
_BLANK = r"_:[^\s<>\".]+(?:\.+[^\s<>\".]+)*"
_LITERAL = rf'"(?:[^"\\\n\r]|\\.)*"(?:\^\^{_IRI}|@[a-zA-Z]+(?:-[a-zA-Z0-9]+)*)?'
_STATEMENT = re.compile(
    rf"({_IRI}|{_BLANK})\s*({_IRI})\s*({_IRI}|{_BLANK}|{_LITERAL})\s*({_IRI}|{_BLANK})?\s*\.\s*(?:#.*)?"
)
_STRING = "^^<http://www.w3.org/2001/XMLSchema#string>"


def encode_graph(graph: Graph, terms: Terms) -> tuple[Rows, dict[int, Node]]:
    """Return the triples of a graph as rows of numbers, and the terms behind the numbers as they were."""
    nodes: dict[int, Node] = {}
    # Hashing a term of rdflib costs more than all the rest, hashing its text does not.
    iris: dict[str, int] = {}
    flat: list[int] = []
    append, known, plain = flat.append, iris.get, str.__str__
    for triple in graph:
        for node in triple:
            if node.__class__ is URIRef:
                text = plain(node)
                number = known(text)
                if number is None:
                    number = iris[text] = terms.add(f"<{text}>")
                    nodes[number] = node
            else:
                number = terms.add(name_of(node))
                nodes.setdefault(number, node)
            append(number)
    return np.array(flat, dtype=np.int32).reshape(-1, 3), nodes


def read_lines(lines: Iterable[str], where: str | None = None) -> Iterator[tuple[str, str, str]]:
    """Yield the triples of N-Triples or N-Quads; graph names are passed over.

    Raises :class:`RdfError` with the line for what is no statement.
    """
    for s, p, o, _ in read_quads(lines, where):
        yield s, p, o


def read_quads(lines: Iterable[str], where: str | None = None) -> Iterator[tuple[str, str, str, str]]:
    """Yield the statements of N-Quads with the names of their graphs; '' is the default graph.

    Raises :class:`RdfError` with the line for what is no statement.
    """
    for place, line in enumerate(lines, 1):
        parts = line.split(" ", 2)
        rest = parts[-1].rstrip()
        if len(parts) < 3 or not _is_canonical(parts[0], parts[1], rest, line):
            if line.strip() and not line.lstrip().startswith("#"):
                yield _odd_line(line, where, place)
            continue
        s, p, _ = parts
        end = rest.rindex('"') if rest[0] == '"' else 0
        o, _, graph = rest[end:-2].partition(" ")
        if o[0] == "<" and o[-1] != ">":
            raise RdfError("is no statement of N-Triples or N-Quads", where=where, line=place)
        o = rest[:end] + o
        if o.endswith(_STRING):
            o = o[: -len(_STRING)]
        yield s, p, o, graph


def _is_canonical(s: str, p: str, rest: str, line: str) -> bool:
    ends = rest[-2:] == " ." and s[0] in "<_" and p[0] == "<" and p[-1] == ">"
    return ends and "\\u" not in line and "\\U" not in line


def _odd_line(line: str, where: str | None, place: int) -> tuple[str, str, str, str]:
    """Read a line that is not written canonically."""
    match = _STATEMENT.fullmatch(line.strip())
    if match is None and line.lstrip().startswith('"'):
        raise RdfError("a literal cannot be the subject of a statement", where=where, line=place)
    if match is None:
        raise RdfError("is no statement of N-Triples or N-Quads", where=where, line=place)
    s, p, o, graph = (_normal(term or "") for term in match.groups())
    return s, p, o, graph


def _normal(term: str) -> str:
    if not term.startswith('"'):
        return unescape(term)
    end = term.rindex('"')
    text = f'"{escape(unescape(term[1:end]))}"{unescape(term[end + 1 :])}'
    return text.removesuffix(_STRING)

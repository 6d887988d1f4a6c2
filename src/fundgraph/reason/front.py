"""The ways in and out: rdflib graphs, and lines of N-Triples or N-Quads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.term import Node

from fundgraph.errors import RdfError
from fundgraph.reason.terms import Ids, Terms
from fundgraph.reason.values import escape, split_literal, unescape

__all__ = ["encode_graph", "name_of", "node_of", "read_lines"]

_STRING = "^^<http://www.w3.org/2001/XMLSchema#string>"


def name_of(node: Node) -> str:
    """Return a term of rdflib as N-Triples writes it."""
    if isinstance(node, URIRef):
        return f"<{node}>"
    if isinstance(node, Literal):
        text = f'"{escape(str(node))}"'
        if node.language:
            return f"{text}@{node.language}"
        return (
            text if node.datatype is None or str(node.datatype) == _STRING[3:-1] else f"{text}^^<{node.datatype}>"
        )
    return f"_:{node}"


def node_of(name: str) -> Node:
    """Return a term of N-Triples as rdflib's."""
    if name[0] == "<":
        return URIRef(name[1:-1])
    if name[0] == "_":
        return BNode(name[2:])
    text, datatype, language = split_literal(name)
    if language:
        return Literal(unescape(text), lang=language)
    plain = datatype == _STRING[3:-1]
    return Literal(unescape(text), datatype=None if plain else URIRef(datatype), normalize=False)


def encode_graph(graph: Graph, terms: Terms) -> tuple[Ids, dict[int, Node]]:
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
    return np.array(flat, dtype=np.int64).reshape(-1, 3), nodes


def read_lines(lines: Iterable[str], where: str | None = None) -> Iterator[tuple[str, str, str]]:
    """Yield the triples of N-Triples or N-Quads; graph names are passed over.

    Raises :class:`RdfError` with the line for what is no statement.
    """
    for place, line in enumerate(lines, 1):
        try:
            s, p, rest = line.split(" ", 2)
        except ValueError:
            if not line.strip() or line.lstrip().startswith("#"):
                continue
            yield _odd_line(line, where, place)
            continue
        o = rest.rstrip()
        if o[-2:] != " ." or s[0] not in "<_" or p[0] != "<" or p[-1] != ">" or "\\u" in line or "\\U" in line:
            if line.lstrip().startswith("#"):
                continue
            yield _odd_line(line, where, place)
            continue
        o = o[:-2]
        if o[0] == '"':
            end = o.rindex('"')
            space = o.find(" ", end)
            o = o if space < 0 else o[:space]
            if o.endswith(_STRING):
                o = o[: -len(_STRING)]
        else:
            o = o.partition(" ")[0]
        yield s, p, o


def _odd_line(line: str, where: str | None, place: int) -> tuple[str, str, str]:
    """Read a line that is not written canonically, by rdflib."""
    graph = Graph()
    try:
        graph.parse(data=line.partition(" #")[0] if line.rstrip()[-1:] != "." else line, format="nt")
    except Exception as error:
        raise RdfError("is no statement of N-Triples", where=where, line=place) from error
    for s, p, o in graph:
        return name_of(s), name_of(p), name_of(o)
    raise RdfError("is no statement of N-Triples", where=where, line=place)

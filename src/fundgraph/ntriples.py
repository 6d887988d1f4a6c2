"""Terms and statements as N-Triples writes them: what the steps of a build hand to one another.

A term is a text, ``<IRI>``, ``_:label`` or a literal with its quotes, always in the canonical form, so that two
texts are equal exactly if the terms are. Sets of such triples are many times faster than rdflib's graphs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Self

from rdflib import BNode, Graph, Literal, URIRef
from rdflib.term import Node

from fundgraph.literals import escape, split_literal, unescape

__all__ = ["Name", "Statements", "escape", "name_of", "node_of", "split_literal", "unescape"]

Name = tuple[str, str, str]
_STRING = "http://www.w3.org/2001/XMLSchema#string"


def name_of(node: Node) -> str:
    """Return a term of rdflib as N-Triples writes it."""
    if isinstance(node, URIRef):
        return f"<{node}>"
    if isinstance(node, Literal):
        text = f'"{escape(str(node))}"'
        if node.language:
            return f"{text}@{node.language}"
        return text if node.datatype is None or str(node.datatype) == _STRING else f"{text}^^<{node.datatype}>"
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
    return Literal(unescape(text), datatype=None if datatype == _STRING else URIRef(datatype), normalize=False)


class Statements:
    """Triples, each once, in the order in which they came."""

    __slots__ = ("_told", "_triples")

    def __init__(self, triples: Iterable[Name] = ()) -> None:
        self._triples: dict[Name, None] = dict.fromkeys(triples)
        self._told: set[tuple[str, str]] | None = None

    @classmethod
    def of_bytes(cls, lines: bytes) -> Self:
        """Return the triples that :meth:`to_bytes` wrote."""
        found = (line[:-2].split(" ", 2) for line in lines.decode().split("\n")[:-1])
        return cls((s, p, o) for s, p, o in found)

    def __len__(self) -> int:
        return len(self._triples)

    def __iter__(self) -> Iterator[Name]:
        return iter(self._triples)

    def add(self, triple: tuple[Node, Node, Node]) -> None:
        """Add a triple of terms of rdflib."""
        s, p, o = triple
        self.insert((name_of(s), name_of(p), name_of(o)))

    def insert(self, triple: Name) -> None:
        """Add a triple."""
        self._triples[triple] = None
        if self._told is not None:
            self._told.add(triple[:2])

    def __ior__(self, triples: Iterable[Name]) -> Self:
        self._triples.update(dict.fromkeys(triples))
        self._told = None
        return self

    def __contains__(self, triple: tuple[Node, Node, Node]) -> bool:
        s, p, o = triple
        return (name_of(s), name_of(p), name_of(o)) in self._triples

    def has(self, triple: Name) -> bool:
        """Tell whether a triple is there."""
        return triple in self._triples

    def tells(self, subject: Node, predicate: Node) -> bool:
        """Tell whether anything is said of a thing by a property."""
        if self._told is None:
            self._told = {triple[:2] for triple in self._triples}
        return (name_of(subject), name_of(predicate)) in self._told

    def to_bytes(self) -> bytes:
        """Return the triples as lines of N-Triples."""
        return "".join([f"{s} {p} {o} .\n" for s, p, o in self._triples]).encode()

    def to_graph(self, graph: Graph | None = None) -> Graph:
        """Return the triples as a graph of rdflib, or put them into ``graph``."""
        if graph is None:
            graph = Graph(store="SimpleMemory")  # knows no contexts, and is filled four times as fast
        nodes: dict[str, Node] = {}

        def node(name: str) -> Node:
            found = nodes.get(name)
            if found is None:
                found = nodes[name] = node_of(name)
            return found

        add = graph.store.add
        for s, p, o in self._triples:
            add((node(s), node(p), node(o)), graph)
        return graph

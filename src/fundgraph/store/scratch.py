"""A store in memory for one pass over some data: validation asks it, and it is gone.

Literals that the store would change are loaded under a datatype of ours (:mod:`fundgraph.literals`), so that what comes
out is what went in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pyoxigraph as ox
from rdflib import BNode, Dataset, Graph, Literal, URIRef
from rdflib.term import Node

from fundgraph.errors import QuerySyntaxError, RdfError
from fundgraph.literals import AS_WRITTEN, ILL_TYPED, INTERPRETED, is_kept

#: The endings of files that are read without rdflib.
SUFFIXES = {
    ".ttl": ox.RdfFormat.TURTLE, ".nt": ox.RdfFormat.N_TRIPLES, ".nq": ox.RdfFormat.N_QUADS,
    ".trig": ox.RdfFormat.TRIG, ".rdf": ox.RdfFormat.RDF_XML, ".owl": ox.RdfFormat.RDF_XML,
    ".xml": ox.RdfFormat.RDF_XML,
}  # fmt: skip
Test = Callable[..., bool | None]
Term = Any
_XSD = "http://www.w3.org/2001/XMLSchema#"
_XSD_STRING = f"{_XSD}string"
_LANGUAGE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString"
_NUMBERS = frozenset(
    f"{_XSD}{name}" for name in ("integer", "decimal", "float", "double", "int", "long", "short", "byte")
)
_TRUE, _FALSE = ox.Literal(True), ox.Literal(False)


class Scratch:
    """Triples of one graph that answer SPARQL and look-ups in rdflib's terms."""

    def __init__(self) -> None:
        self._store = ox.Store()
        self._told: set[tuple[str, str]] = set()

    @classmethod
    def of_graph(cls, graph: Graph) -> Scratch:
        """Load an rdflib graph, or all graphs of a dataset as one.

        Raises :class:`RdfError` for a term that RDF does not have, such as an IRI with a space.
        """
        scratch = cls()
        scratch.add(graph)
        return scratch

    @classmethod
    def of_files(cls, paths: Iterable[Path]) -> Scratch:
        """Load RDF files whose endings are in :data:`SUFFIXES`, all as one graph.

        Raises :class:`RdfError` with file and line for one that cannot be read.
        """
        scratch = cls()
        for path in paths:
            try:
                quads = ox.parse(
                    path=str(path),
                    format=SUFFIXES[path.suffix.lower()],
                    base_iri=path.resolve().as_uri(),
                    rename_blank_nodes=True,
                )
                scratch._store.bulk_extend(scratch._written(quads))
            except SyntaxError as error:
                raise RdfError(f"is not valid RDF: {error.msg}", where=path, line=error.lineno) from error
            except OSError as error:
                raise RdfError(f"cannot be read: {error.strerror or error}", where=path) from error
            except ValueError as error:
                raise RdfError(f"is not valid RDF: {error}", where=path) from error
        return scratch

    def add(self, graph: Graph) -> None:
        """Load one more graph, or all graphs of a dataset."""
        triples: Iterable[tuple[Any, ...]] = graph.quads() if isinstance(graph, Dataset) else graph
        try:
            self._store.bulk_extend(self._converted(triples))
        except (ValueError, TypeError) as error:
            raise RdfError(f"the data hold what is no RDF: {error}") from error

    def add_lines(self, triples: bytes) -> None:
        """Load triples as N-Triples; blank nodes keep their labels. Raises :class:`RdfError` for what is none."""
        plain, odd = self._sorted_out(triples)
        try:
            self._store.bulk_load(plain, format=ox.RdfFormat.N_TRIPLES)
            self._store.bulk_extend(self._written(ox.parse(odd, format=ox.RdfFormat.N_TRIPLES)))
        except (SyntaxError, ValueError) as error:
            raise RdfError(f"the data hold what is no RDF: {error}") from error

    def _sorted_out(self, triples: bytes) -> tuple[bytes, bytes]:
        """Return the lines that the store may read by itself, and those with terms that it would change."""
        plain: list[bytes] = []
        odd: list[bytes] = []
        seen: dict[tuple[bytes, bytes], str] = {}
        for line in triples.splitlines(keepends=True):
            subject, _, rest = line.partition(b" ")
            predicate, _, value = rest.partition(b" ")
            same = subject[:1] == b"<" and value[:1] in (b"<", b'"')
            if same and value[:1] == b'"':
                end = value.rindex(b'"')
                suffix = value[end + 1 :].rstrip(b" .\n")
                datatype = seen.get((predicate, suffix))
                if datatype is None:
                    datatype = seen[predicate, suffix] = _datatype(suffix)
                same = datatype != "" and (
                    datatype not in INTERPRETED or is_kept(value[1:end].decode("utf-8", "replace"), datatype)
                )
                if same:
                    self._told.add((predicate[1:-1].decode(), datatype))
            (plain if same else odd).append(line)
        return b"".join(plain), b"".join(odd)

    def _converted(self, triples: Iterable[tuple[Any, ...]]) -> Iterator[Any]:
        known: dict[str, Term] = {}

        def iri(node: str) -> Term:
            # By plain strings: those of rdflib compare in Python.
            text = str(node)
            found = known.get(text)
            if found is None:
                found = known[text] = ox.NamedNode(text)
            return found

        for triple in triples:
            subject, predicate, obj = triple[:3]
            value = iri(obj) if type(obj) is URIRef else _to_store(obj)
            if type(obj) is Literal:
                datatype = _LANGUAGE if obj.language else _way_in(obj) + str(obj.datatype or "")
                self._told.add((str(predicate), datatype))
            yield ox.Quad(iri(subject) if type(subject) is URIRef else _to_store(subject), iri(predicate), value)

    def __len__(self) -> int:
        return len(self._store)

    @property
    def as_written(self) -> frozenset[str]:
        """The predicates of literals that were loaded under a datatype of ours."""
        ours = (AS_WRITTEN, ILL_TYPED)
        return frozenset(predicate for predicate, datatype in self._told if datatype.startswith(ours))

    @property
    def kinds(self) -> Mapping[str, frozenset[str]]:
        """The kinds of literals that each predicate leads to: their datatypes, but all numbers are of one kind."""
        found: dict[str, set[str]] = {}
        for predicate, datatype in self._told:
            written = datatype.removeprefix(AS_WRITTEN).removeprefix(ILL_TYPED) or _XSD_STRING
            kind = "number" if written in _NUMBERS else written
            found.setdefault(predicate, set()).add("ill-typed" if datatype.startswith(ILL_TYPED) else kind)
        return {predicate: frozenset(kinds) for predicate, kinds in found.items()}

    def select(self, query: str, tests: Mapping[str, Test]) -> tuple[list[str], list[tuple[Node | None, ...]]]:
        """Return the variables and the solutions of a SELECT; ``tests`` are functions that the query calls, by IRI."""
        functions = {ox.NamedNode(iri): _function(test) for iri, test in tests.items()}
        try:
            solutions: Any = self._store.query(query, custom_functions=functions or None)
        except SyntaxError as error:
            raise QuerySyntaxError(str(error)) from error
        names = [variable.value for variable in solutions.variables]
        return names, [tuple(None if term is None else _to_rdflib(term) for term in row) for row in solutions]

    def objects(self, subject: Node, predicate: Node) -> Iterator[Node]:
        """Yield the objects of triples."""
        for quad in self._quads(subject, predicate, None):
            yield _to_rdflib(quad.object)

    def subjects(self, predicate: Node, obj: Node) -> Iterator[Node]:
        """Yield the subjects of triples."""
        for quad in self._quads(None, predicate, obj):
            yield _to_rdflib(quad.subject)

    def __contains__(self, triple: tuple[Node, Node, Node]) -> bool:
        return next(iter(self._quads(*triple)), None) is not None

    def graph(self) -> Graph:
        """Return the data as an rdflib graph."""
        graph = Graph()
        for quad in self._store:
            graph.add((_to_rdflib(quad.subject), _to_rdflib(quad.predicate), _to_rdflib(quad.object)))
        return graph

    def _quads(self, *pattern: Node | None) -> Iterable[Any]:
        terms = [None if node is None else _to_store(node) for node in pattern]
        if isinstance(terms[0], ox.Literal):
            return ()
        return self._store.quads_for_pattern(terms[0], terms[1], terms[2])

    def _written(self, quads: Iterable[Any]) -> Iterator[Any]:
        """Yield the quads of a file, in the default graph, with literals as rdflib reads them and so that they stay."""
        for quad in quads:
            obj = quad.object
            if isinstance(obj, ox.Literal):
                language, datatype = obj.language, obj.datatype.value
                odd = datatype in INTERPRETED and not is_kept(obj.value, datatype)
                if odd or (language is not None and not language.islower()):
                    obj = _to_store(
                        Literal(obj.value, lang=language, datatype=None if language else URIRef(datatype))
                    )
            yield from self._noted([ox.Quad(quad.subject, quad.predicate, obj)])

    def _noted(self, quads: Iterable[Any]) -> Iterator[Any]:
        for quad in quads:
            obj = quad.object
            if isinstance(obj, ox.Literal):
                self._told.add((quad.predicate.value, obj.datatype.value))
            yield quad


def _datatype(suffix: bytes) -> str:
    """Return the datatype of a literal of N-Triples by what follows its text; nothing if it has to be looked at."""
    if suffix[:1] == b"@":
        return _LANGUAGE if suffix.islower() else ""
    return suffix[3:-1].decode("utf-8", "replace") if suffix else _XSD_STRING


def _function(test: Test) -> Callable[..., Any]:
    answers = {True: _TRUE, False: _FALSE, None: None}
    return lambda *terms: answers[test(*map(_to_rdflib, terms))]


def _to_store(node: Node) -> Term:
    if isinstance(node, URIRef):
        return ox.NamedNode(str(node))
    if isinstance(node, BNode):
        return ox.BlankNode(str(node))
    if not isinstance(node, Literal):
        raise TypeError(f"{node!r} is no term")
    text = str(node)
    if node.language:
        return ox.Literal(text, language=node.language)
    if node.datatype is None:
        return ox.Literal(text)
    return ox.Literal(text, datatype=ox.NamedNode(_way_in(node) + node.datatype))


def _way_in(node: Literal) -> str:
    """Return what to put before the datatype of a literal, so that the store keeps it as it is; mostly nothing."""
    if node.datatype is None or is_kept(str(node), str(node.datatype)):
        return ILL_TYPED if node.ill_typed else ""
    return AS_WRITTEN


def _to_rdflib(term: Term) -> Node:
    if isinstance(term, ox.NamedNode):
        return URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return BNode(term.value)
    if not isinstance(term, ox.Literal):
        raise RdfError(f"{term} is no term that SHACL knows")
    if term.language:
        return Literal(term.value, lang=term.language)
    datatype = term.datatype.value
    if datatype == _XSD_STRING:
        return Literal(term.value)
    written = datatype.removeprefix(AS_WRITTEN).removeprefix(ILL_TYPED)
    literal = Literal(term.value, datatype=URIRef(written), normalize=False)
    if datatype.startswith(ILL_TYPED):
        literal._ill_typed = True  # rdflib has no other way to say so of a text that fits
    return literal

"""Turtle and TriG for people: with prefixes, sorted, grouped by class, one fact to a line.

Literals stay as they are written. What comes out depends on the statements alone, and a fact that is added or goes
is one line of a difference. A blank node that is named once stands where it is named, and lists are written as such,
so that the labels of blank nodes, which change with all others, hardly show.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from fundgraph.export.blanks import Nesting, by_graph
from fundgraph.export.names import Names
from fundgraph.export.things import Quad, Triple, full, rank
from fundgraph.literals import split_literal

_XSD = "http://www.w3.org/2001/XMLSchema#"
_STRING, _LANG = f"{_XSD}string", "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString"
#: Literals that Turtle has a shorter way for, and any reader gives back with the same text.
_BARE = {
    f"{_XSD}integer": re.compile(r"0|-?[1-9][0-9]{0,15}"),
    f"{_XSD}decimal": re.compile(r"-?[0-9]{1,9}\.[0-9]{1,5}"),
    f"{_XSD}boolean": re.compile(r"true|false"),
}
_ESCAPE = re.compile(r"\\(.)")
_TYPE, _LABEL = full("rdf:type"), full("rdfs:label")


def turtle(triples: Iterable[Triple], prefixes: Mapping[str, str], base: str = "") -> Iterator[bytes]:
    """Yield a graph as Turtle."""
    names = Names(prefixes, base)
    block = _Block(names, Nesting(triples))
    body = list(block.lines(""))  # the directives depend on all of it
    yield names.head().encode()
    for piece in body:
        yield piece.encode()


def trig(quads: Iterable[Quad], prefixes: Mapping[str, str], base: str = "") -> Iterator[bytes]:
    """Yield named graphs as TriG, graph by graph."""
    names = Names(prefixes, base)
    graphs, shared = by_graph(quads)
    body = []
    for graph in sorted(graphs):
        block = _Block(names, Nesting(graphs[graph], shared))
        body += [f"\n{names.short(graph)} {{\n", *block.lines("    "), "}\n"]
    yield names.head().encode()
    for piece in body:
        yield piece.encode()


class _Block:
    """The statements of one graph."""

    def __init__(self, names: Names, nesting: Nesting) -> None:
        self._names = names
        self._nesting = nesting
        self._subjects = nesting.subjects
        self._within = nesting.within
        self._terms: dict[str, str] = {}

    def lines(self, indent: str) -> Iterator[str]:
        """Yield the subjects, by class and name; a comment names the class."""
        order = sorted(
            (rank(value[1:-1] for value in said.get(_TYPE, ())), subject)
            for subject, said in self._subjects.items()
            if subject not in self._within
        )
        before: str | None = None
        for (_, class_), subject in order:
            if class_ != before:
                title = self._names.short(class_) if class_ else "of no class"
                yield f"\n{indent}# ── {title} ──\n"
                before = class_
            yield f"\n{indent}{self._term(subject)} {self._said(subject, indent)} .\n"

    def _said(self, subject: str, indent: str) -> str:
        """Return predicates and objects of a subject."""
        said = self._subjects[subject]
        inner = indent + "    "
        parts = []
        for predicate in sorted(said, key=_predicate_order):
            verb = "a" if predicate == _TYPE else self._names.short(predicate)
            values = [self._object(value, inner) for value in sorted(said[predicate])]
            parts.append(f"{verb} " + f" ,\n{inner}    ".join(values))
        return f" ;\n{inner}".join(parts)

    def _object(self, value: str, indent: str) -> str:
        if value not in self._within:
            return self._term(value)
        items = self._nesting.items(value)
        if items is None:
            return f"[\n{indent}    {self._said(value, indent)}\n{indent}]"
        return "( " + "".join(f"{self._object(item, indent)} " for item in items) + ")"

    def _term(self, term: str) -> str:
        found = self._terms.get(term)
        if found is None:
            found = self._terms[term] = self._render(term)
        return found

    def _render(self, term: str) -> str:
        if term[0] == "<" and not term.startswith("<<"):
            return self._names.short(term[1:-1])
        if term[0] != '"':
            return term
        lexical, datatype, language = split_literal(term)
        if datatype in _BARE and _BARE[datatype].fullmatch(lexical):
            return lexical
        text = _quoted(lexical)
        if datatype == _STRING:
            return text
        return f"{text}@{language}" if datatype == _LANG else f"{text}^^{self._names.short(datatype)}"


def _quoted(lexical: str) -> str:
    """Return an escaped text between quotes; one of several lines as such."""
    if "\\n" not in lexical or "\\r" in lexical:
        return f'"{lexical}"'
    return '"""' + _ESCAPE.sub(lambda match: "\n" if match[1] == "n" else match[0], lexical) + '"""'


def _predicate_order(predicate: str) -> tuple[int, str]:
    return (0 if predicate == _TYPE else 1 if predicate == _LABEL else 2, predicate)

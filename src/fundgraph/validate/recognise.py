"""Recognise the plain queries that most SPARQL constraints are, without parsing them in full.

A plain query is ``SELECT … WHERE { … }`` with triples, ``FILTER`` and ``BIND``, and no inner groups but those of
``EXISTS`` and those, of ``UNION`` or not, with a triple of the focus node. In it the focus node is bound wherever it is looked at, once the targets stand at its head. Anything else
is not recognised, and is to be read by a parser, which takes a hundred times as long.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

TOKEN = re.compile(
    r"""(?P<space>\s+|\#[^\n]*)|(?P<iri><[^<>"{}|^`\\\s]*>)
    |(?P<literal>(?:\"\"\"(?:[^"\\]|\\.|"(?!""))*\"\"\"|'''(?:[^'\\]|\\.|'(?!''))*'''|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
        (?:@[A-Za-z]+(?:-[A-Za-z0-9]+)*)?|[0-9]+(?:\.[0-9]+)?)
    |(?P<variable>[$?]\w+)|(?P<prefix>[A-Za-z]?[\w.-]*):(?P<local>[\w%-](?:[\w.%-]*[\w%-])?)?|(?P<word>[A-Za-z]\w*)|(?P<mark>.)""",
    re.DOTALL | re.VERBOSE,
)
RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"


class _Unknown(Exception):  # noqa: N818 - never leaves this module
    pass


def plain_predicates(text: str, prefixes: Mapping[str, str]) -> frozenset[str] | None:
    """Return all predicates that a plain query looks at; ``None`` for a query that is not recognised as plain.

    >>> sorted(plain_predicates("SELECT $this WHERE { $this a/x:b ?c . FILTER (?c > 1) }", {"x": "urn:x:"}) or ())
    ['http://www.w3.org/1999/02/22-rdf-syntax-ns#type', 'urn:x:b']
    """
    tokens = [found for found in TOKEN.finditer(text) if found["space"] is None]
    try:
        return frozenset(_Reader(tokens, prefixes).read())
    except (_Unknown, IndexError):
        return None


class _Reader:
    def __init__(self, tokens: list[re.Match[str]], prefixes: Mapping[str, str]) -> None:
        self.tokens = tokens
        self.prefixes = prefixes
        self.at = 0
        self.found: set[str] = set()

    def read(self) -> set[str]:
        self.expect("select")
        if self.is_word("distinct"):
            self.at += 1
        selected = set()
        while self.tokens[self.at]["variable"]:
            selected.add(self.tokens[self.at][0][1:])
            self.at += 1
        if "this" not in selected:
            raise _Unknown
        if self.is_word("where"):
            self.at += 1
        self.group()
        if self.at != len(self.tokens):
            raise _Unknown
        return self.found

    def is_word(self, word: str) -> bool:
        return (self.tokens[self.at]["word"] or "").lower() == word

    def is_mark(self, marks: str) -> bool:
        return self.tokens[self.at]["mark"] is not None and self.tokens[self.at][0] in marks

    def expect(self, text: str) -> None:
        if self.tokens[self.at][0].lower() != text:
            raise _Unknown
        self.at += 1

    def group(self) -> bool:
        """Read a group; tell whether it has a triple of the focus node."""
        self.expect("{")
        bound = False
        while not self.is_mark("}"):
            if self.is_mark("."):
                self.at += 1
            elif self.is_mark("{"):
                bound |= self.inner()
            elif self.is_word("filter"):
                self.at += 1
                self.condition()
            elif self.is_word("bind"):
                self.at += 1
                self.brackets()
            else:
                bound |= self.triples()
        self.at += 1
        return bound

    def inner(self) -> bool:
        while True:
            if not self.group():
                raise _Unknown
            if not self.is_word("union"):
                return True
            self.at += 1

    def condition(self) -> None:
        if self.is_word("not"):
            self.at += 1
        if self.is_word("exists"):
            self.at += 1
            self.group()
            return
        if self.tokens[self.at]["word"]:
            self.at += 1
        self.brackets()

    def brackets(self) -> None:
        """Skip an expression in brackets; one with a pattern, or that gives the focus node another value, is unknown."""
        self.expect("(")
        depth = 1
        while depth:
            depth += self.is_mark("(") - self.is_mark(")")
            if self.is_word("exists") or self.is_mark("{"):
                raise _Unknown
            if self.is_word("as") and self.tokens[self.at + 1][0][1:] == "this":
                raise _Unknown
            self.name()
            self.at += 1

    def name(self) -> str | None:
        """Return the IRI that a token is, if it is one."""
        token = self.tokens[self.at]
        if token["iri"]:
            return token["iri"][1:-1]
        if token["prefix"] is not None:
            if token["prefix"] not in self.prefixes:
                raise _Unknown
            return self.prefixes[token["prefix"]] + (token["local"] or "")
        return None

    def term(self) -> bool:
        """Read a term; tell whether it is the focus node."""
        token = self.tokens[self.at]
        if not (
            token["variable"] or token["literal"] or self.name() or self.is_word("true") or self.is_word("false")
        ):
            raise _Unknown
        self.at += 1
        if token["literal"] and self.is_mark("^"):
            self.expect("^")
            self.expect("^")
            self.term()
        return (token["variable"] or "")[1:] == "this"

    def triples(self) -> bool:
        """Read the triples of one subject; tell whether one of them has the focus node."""
        bound = self.term()
        self.verb()
        bound |= self.term()
        while self.is_mark(";,"):
            again = self.is_mark(";")
            self.at += 1
            if again:
                self.verb()
            bound |= self.term()
        return bound

    def verb(self) -> None:
        """Read a predicate or a path of named predicates."""
        depth = 0
        while True:
            while self.is_mark("^("):
                depth += self.is_mark("(")
                self.at += 1
            iri = RDF_TYPE if self.tokens[self.at][0] == "a" else self.name()
            if iri is None:
                raise _Unknown
            self.found.add(iri)
            self.at += 1
            while self.is_mark("*+?") or (depth and self.is_mark(")")):
                depth -= self.is_mark(")")
                self.at += 1
            if not self.is_mark("/|"):
                break
            self.at += 1
        if depth:
            raise _Unknown

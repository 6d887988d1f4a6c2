"""Recognise the plain queries that most SPARQL constraints are, without parsing them in full.

A plain query is ``SELECT … WHERE { … }`` with triples, ``FILTER`` and ``BIND``, and no inner groups but those of
``EXISTS`` and those, of ``UNION`` or not, with a triple of the focus node. In it the focus node is bound wherever it is looked at, once the targets stand at its head. Anything else
is not recognised, and is to be read by a parser, which takes a hundred times as long.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

TOKEN = re.compile(
    r"""(?P<space>\s+|\#[^\n]*)|(?P<iri><[^<>"{}|^`\\\s]*>)
    |(?P<literal>(?:\"\"\"(?:[^"\\]|\\.|"(?!""))*\"\"\"|'''(?:[^'\\]|\\.|'(?!''))*'''|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
        (?:@[A-Za-z]+(?:-[A-Za-z0-9]+)*)?|[0-9]+(?:\.[0-9]+)?)
    |(?P<variable>[$?]\w+)|(?P<prefix>[A-Za-z]?[\w.-]*):(?P<local>[\w%-](?:[\w.%-]*[\w%-])?)?|(?P<word>[A-Za-z]\w*)|(?P<mark>.)""",
    re.DOTALL | re.VERBOSE,
)
_OF_TEXT = frozenset({"str", "substr", "strlen", "lcase", "ucase"})
_AS_TERM = frozenset({"str", "lang", "isiri", "isblank", "isliteral", "bound"})
#: The functions that look at values as pySHACL does, by the operators or functions of SPARQL that they stand for.
COMPARE = {operator: f"urn:fundgraph:is:{name}" for operator, name in (
    ("<", "less"), ("<=", "less-or-equal"), (">", "greater"), (">=", "greater-or-equal"), ("!=", "different"), ("isnumeric", "number"),
)}  # fmt: skip
RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"


class _Unknown(Exception):  # noqa: N818 - never leaves this module
    pass


@dataclass(frozen=True, slots=True)
class Looks:
    """What a query looks at, by predicates; ``None`` is any of them.

    A query looks at the *value* of a literal where it does more with it than match it, select it or take its text.
    Values that are compared must be of one kind, or engines disagree: SPARQL has no answer to whether a text is less
    than a number, and rdflib has one.
    """

    predicates: frozenset[str] | None
    values: frozenset[str] | None
    compared: tuple[frozenset[str], ...] | None
    """Sets of predicates, the values of each of which are compared with one another."""
    careful: str | None = None
    """The same query with each comparison of values as a call of :data:`COMPARE`, if that leaves no other look at them."""


def recognise(text: str, prefixes: Mapping[str, str]) -> Looks | None:
    """Return what a plain query looks at; ``None`` for a query that is not recognised as plain.

    >>> looks = recognise("SELECT $this WHERE { $this x:b/x:c ?d . FILTER (?d > 1) }", {"x": "urn:"})
    >>> sorted(looks.values), looks.careful[-31:]
    (['urn:b', 'urn:c'], 'fundgraph:is:greater>(?d, 1)) }')
    """
    tokens = [found for found in TOKEN.finditer(text) if found["space"] is None]
    try:
        reader = _Reader(tokens, prefixes)
        reader.read()
        values = [reader.leads[tokens[at][0][1:]] for at in reader.valued if tokens[at][0][1:] in reader.leads]
        return Looks(
            frozenset(reader.found), frozenset().union(*values), tuple(reader.compared()), reader.careful(text)
        )
    except (_Unknown, IndexError):
        return None


def compares(text: str) -> bool:
    """Tell whether a query compares values other than texts made by ``STR`` and the like.

    >>> compares("FILTER (STR(?a) < STR(?b))"), compares("FILTER (?a < ?b)")
    (False, True)
    """
    tokens = [found for found in TOKEN.finditer(text) if found["space"] is None]
    return next(_comparisons(tokens), None) is not None


def _comparisons(tokens: list[re.Match[str]]) -> Iterator[tuple[int, int]]:
    """Yield for each such comparison the token before the operator and that behind it."""
    for at, token in enumerate(tokens[:-2]):
        different = token[0] == "!" and tokens[at + 1][0] == "="
        if token["mark"] is None or not (token[0] in "<>" or different):
            continue
        after = at + 2 if tokens[at + 1][0] == "=" else at + 1
        sure = {_sort(_call_before(tokens, at), tokens[at - 1]), _sort(_word(tokens, after), tokens[after])}
        if sure not in ({"text"}, {"number"}):
            yield at - 1, after


def _sort(called: str, token: re.Match[str]) -> str:
    """Return what an operand is for sure, a text or a number, by the function called or the literal that stands there."""
    if called in _OF_TEXT:
        return "number" if called == "strlen" else "text"
    literal = token["literal"] or ""
    return "" if not literal else "number" if literal[0].isdigit() else "text"


def _word(tokens: list[re.Match[str]], at: int) -> str:
    return (tokens[at]["word"] or "").lower()


def _call_before(tokens: list[re.Match[str]], at: int) -> str:
    """Return the function whose call ends before a token."""
    depth = 0
    for index in range(at - 1, -1, -1):
        depth += (tokens[index][0] == ")") - (tokens[index][0] == "(")
        if depth == 0:
            return (tokens[index - 1]["word"] or "").lower() if tokens[index][0] == "(" and index else ""
    return ""


class _Reader:
    def __init__(self, tokens: list[re.Match[str]], prefixes: Mapping[str, str]) -> None:
        self.tokens = tokens
        self.prefixes = prefixes
        self.at = 0
        self.found: set[str] = set()
        self.leads: dict[str, set[str]] = {}
        """The predicates that lead to each variable."""
        self.valued: list[int] = []
        """The tokens that are variables at whose values an expression looks."""

    def read(self) -> None:
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

    def careful(self, text: str) -> str | None:
        """Return the query with calls in the place of comparisons; nothing if values are looked at otherwise."""
        rest = set(self.valued)
        pieces: list[tuple[int, int, str]] = []
        for at in self.valued:
            before, called = self.tokens[at - 1], self.tokens[at - 2]
            if before[0] == "(" and (called["word"] or "").lower() == "isnumeric":
                pieces.append((called.start(), called.end(), f"<{COMPARE['isnumeric']}>"))
                rest.discard(at)
        for left, right in _comparisons(self.tokens):
            one, other, behind = self.tokens[left], self.tokens[right], self.tokens[right + 1]
            simple = one["variable"] and (other["variable"] or (other["literal"] or "")[:1].isdigit())
            if not simple or self.tokens[left - 1][0] not in "(&|" or behind[0] not in ")&|":
                return None
            operator = "".join(token[0] for token in self.tokens[left + 1 : right])
            pieces.append((one.start(), other.end(), f"<{COMPARE[operator]}>({one[0]}, {other[0]})"))
            rest -= {left, right}
        for start, end, piece in sorted(pieces, reverse=True):
            text = text[:start] + piece + text[end:]
        return None if rest else text

    def compared(self) -> Iterator[frozenset[str]]:
        """Yield the predicates whose values are compared: with one another, or with what is computed."""
        for left, right in _comparisons(self.tokens):
            sides = [self.operand(left, -1), self.operand(right, 1)]
            if all(len(side) == 1 for side in sides):
                sides = [sides[0] | sides[1]]
            for side in sides:
                named = [[name] for name in sorted(side)] if len(sides) > 1 else [sorted(side)]
                for names in named:
                    if not all(name in self.leads for name in names):
                        raise _Unknown
                    yield frozenset(predicate for name in names for predicate in self.leads[name])

    def operand(self, at: int, step: int) -> set[str]:
        """Return the variables of an operand that begins, or ends, at a token."""
        names: set[str] = set()
        depth = 0
        while 0 <= at < len(self.tokens):
            token = self.tokens[at]
            depth += (token[0] == "(") - (token[0] == ")")
            if depth * step < 0 or (not depth and (token[0] in "&|" or token["word"])):
                break
            names |= {token["variable"][1:]} if token["variable"] else set()
            at += step
        return names

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
                self.binding()
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

    def binding(self) -> None:
        """Read a BIND: what leads to its variable is what leads to the values that it is reckoned from."""
        first = len(self.valued)
        self.brackets()
        names = [self.tokens[at][0][1:] for at in self.valued[first:]]
        *sources, target = names if names else ("",)
        self.valued.pop()
        self.leads[target] = {predicate for name in sources for predicate in self.leads.get(name, ())}

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
            if self.tokens[self.at]["variable"] and not self.is_taken_as_term():
                self.valued.append(self.at)
            self.name()
            self.at += 1

    def is_taken_as_term(self) -> bool:
        """Tell whether a variable in an expression stands alone in a call like ``STR(?x)``, or before a list of terms."""
        before, called, behind = self.tokens[self.at - 1], self.tokens[self.at - 2], self.tokens[self.at + 1]
        negated = _word(self.tokens, self.at + 1) == "not"
        if _word(self.tokens, self.at + 1 + negated) == "in":
            return self.is_list_of_terms(self.at + 2 + negated, negated=negated)
        return before[0] == "(" and behind[0] == ")" and (called["word"] or "").lower() in _AS_TERM

    def is_list_of_terms(self, at: int, *, negated: bool) -> bool:
        """Tell whether a list holds only IRIs, or also texts where nothing turns an error into truth."""
        texts = False
        while self.tokens[at + 1][0] != ")":
            at += 1
            token = self.tokens[at]
            text = token["literal"] is not None and token[0][0] in "\"'" and self.tokens[at + 1][0] != "^"
            if not (text or token["iri"] or token["prefix"] is not None or token[0] == ","):
                return False
            texts |= text
        pairs = zip(self.tokens, self.tokens[1:], strict=False)
        return not texts or (not negated and all(one[0] != "!" or other[0] == "=" for one, other in pairs))

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
        verb = self.verb()
        bound |= self.object(verb)
        while self.is_mark(";,"):
            again = self.is_mark(";")
            self.at += 1
            if again:
                verb = self.verb()
            bound |= self.object(verb)
        return bound

    def object(self, verb: set[str]) -> bool:
        name = (self.tokens[self.at]["variable"] or "")[1:]
        if name:
            self.leads.setdefault(name, set()).update(verb)
        return self.term()

    def verb(self) -> set[str]:
        """Read a predicate or a path of named predicates; return them."""
        depth = 0
        found: set[str] = set()
        while True:
            while self.is_mark("^("):
                depth += self.is_mark("(")
                self.at += 1
            iri = RDF_TYPE if self.tokens[self.at][0] == "a" else self.name()
            if iri is None:
                raise _Unknown
            found.add(iri)
            self.at += 1
            while self.is_mark("*+?") or (depth and self.is_mark(")")):
                depth -= self.is_mark(")")
                self.at += 1
            if not self.is_mark("/|"):
                break
            self.at += 1
        if depth:
            raise _Unknown
        self.found |= found
        return found

"""Look over the tokens of a SPARQL text in linear time, without parsing it.

The engine offers no syntax tree, yet some questions must be settled before it runs: is this a query or an update,
does it call another service, which graphs does it name, how deep does it nest, where would a LIMIT go. The
engine's own parser knows no word boundaries (``SERVICEex:x`` is a call), so a word or a prefix that holds
``service`` counts wherever a call could be meant. Workers hold no free file descriptor, which is the second lock
on the same door.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from fundgraph.store.advice import LONGEST, Remark, advise
from fundgraph.store.names import Names, Service

# All that is not ASCII counts as part of names: outside of strings, IRIs and comments the grammar has no other use
# for it, so a text where that is wrong is refused by the parser anyway. The exact ranges take 60 ms to compile.
_NAME = r"[^\x00-\x2f\x3a-\x40\x5b-\x5e\x60\x7b-\x7f]"
_START = r"[^\x00-\x40\x5b-\x5e\x60\x7b-\x7f]"
_REST = rf"(?>(?:{_NAME}++|-++|\.++(?=[^\x00-\x2c\x2e\x2f\x3a-\x40\x5b-\x5e\x60\x7b-\x7f]))*)"
_LOCAL = rf"(?:{_NAME}|[:-]|%[0-9A-Fa-f]{{2}}|\\[_~.!$&'()*+,;=/?#@%-])"
_LOCALS = rf"(?>(?:{_LOCAL}|\.++(?={_LOCAL}))*)"

# Possessive or atomic throughout: no alternative gives back what it took, so each character is looked at a bounded
# number of times. Atomic where a step can fail after it took something: the `re` of Python 3.11.0 to 3.11.2 keeps what
# the last, failed step of a possessive group took (python/cpython#100061). A string that never ends runs to the end
# of its line (or text) and is marked by its group.
_TOKEN = re.compile(
    rf"""
      [ \t\r\n]*+(?:\#[^\r\n]*+[ \t\r\n]*+)*+(?:
      (?P<iri><(?:[^\x00-\x20<>"{{}}|^`\\]|\\[uU])*+>)
    | (?P<string>\"\"\"(?>[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*)(?:\"\"\"|(?P<open1>\\?\Z))
        |        '''(?>[^'\\]*(?:(?:\\.|'(?!''))[^'\\]*)*)(?:'''|(?P<open2>\\?\Z))
        |        "(?:[^"\\\r\n]|\\[^\r\n])*+(?:"|(?P<open3>))
        |        '(?:[^'\\\r\n]|\\[^\r\n])*+(?:'|(?P<open4>)))
    | (?P<variable>[?$]{_NAME}++)
    | (?P<blank>_:{_NAME}{_REST})
    | (?P<name>{_START}{_REST}(?P<colon>:{_LOCALS})?+)
    | (?P<local>:{_LOCALS})
    | (?P<number>(?:[0-9]++(?:\.[0-9]++)?|\.[0-9]++)(?:[eE][+-]?[0-9]++)?)
    | (?P<language>@[A-Za-z]++(?>(?:-+[A-Za-z0-9]++)*))
    | (?P<mark>\^\^|&&|\|\||[<>!]=|<<|>>|.))
    """,
    re.VERBOSE | re.DOTALL,
)

_OPEN = ("open1", "open2", "open3", "open4")
_KINDS = {number: name for name, number in _TOKEN.groupindex.items()}
#: Operators that may stand before one another; and brackets.
_PREFIXED = frozenset("!+-^")
_BRACKETS = frozenset("{}()[]")

#: What a numeral of more digits than the engine reads counts as.
UNLIMITED = 2**63 - 1
#: How deep a query may nest; each level costs the engine's parser about 13 kB of stack.
MAX_DEPTH = 100

QUERY_FORMS = ("select", "ask", "construct", "describe")
_UPDATES = frozenset(("insert", "delete", "load", "clear", "drop", "create", "add", "move", "copy", "with"))
_VOLATILE = frozenset(("now", "rand", "uuid", "struuid", "bnode"))
_OPERANDS = frozenset(("iri", "string", "variable", "pname", "number", "language"))
_BEFORE_A_LIST = frozenset(("a", "values", "true", "false", "undef"))
_BEFORE_A_CALL = frozenset(("filter", "by", "having", "asc", "desc"))
_BEFORE_A_GRAPH = frozenset(("graph", "from", "named", "describe"))
_CLOSING = {"{": "}", "(": ")", "[": "]"}
_CONSTANT = frozenset(("iri", "pname", "number", "string", "language"))
#: The outlines of queries on which there is nothing to remark, and their forms.
_FAULTLESS: dict[tuple[str, ...], str] = {}
_MOST_OUTLINES = 256
_SHORT = 200


class Token(NamedTuple):
    """A token that means something: ``kind`` is the group of the pattern, ``word`` for keywords, ``pname``."""

    kind: str
    text: str
    start: int
    end: int


class Bracket(NamedTuple):
    """An open bracket, and whether an expression stands in it (there ``<`` after an operand means "less")."""

    text: str
    start: int
    expression: bool


@dataclass(frozen=True, slots=True)
class Scan:
    """What a look over the tokens tells. Offsets are code points from 0; ``None`` where there is none."""

    form: str
    """``select``, ``ask``, ``construct``, ``describe``, ``update``, or ``unknown``."""
    operation: str
    """The word that made the form, in lower case: ``drop`` for an update; empty for ``unknown``."""
    start: int
    """Where the form's word stands, or what stands in its place."""
    service: int | None
    default_graphs: tuple[str, ...]
    named_graphs: tuple[str, ...]
    depth: int
    deepest: int
    prefixes: tuple[tuple[str, str], ...]
    undeclared: tuple[str, int] | None
    """The first prefix that is used and not declared, and where."""
    base: str | None
    variables: frozenset[str]
    limit: int | None
    limit_span: tuple[int, int] | None
    offset: int | None
    offset_span: tuple[int, int] | None
    modifiers_end: int
    """Where a LIMIT may be put: after the last modifier, before a trailing VALUES block and any comment."""
    volatile: bool
    """Whether the same query may answer otherwise on the same data (NOW, RAND, UUID, SERVICE…)."""
    unterminated: int | None
    unclosed: int | None
    tokens: tuple[Token, ...]
    """All tokens, if they are not too many for advice on them."""
    iris: tuple[tuple[str, int], ...]
    """The constant IRIs of the patterns, where they first stand; not graphs, functions, datatypes or templates."""
    graphs: tuple[tuple[str, int], ...]
    """The graphs that GRAPH names by an IRI, and where."""
    services: tuple[Service, ...]
    fingerprint: str
    """The same for texts that differ only in white space, comments and the case of keywords."""

    def around_limit(self, text: str) -> tuple[str, str]:
        """Return what stands before and after the number of the top level's LIMIT, which is put in if it is not there."""
        if self.limit_span is not None:
            return text[: self.limit_span[0]], text[self.limit_span[1] :]
        return text[: self.modifiers_end] + " LIMIT ", " " + text[self.modifiers_end :]

    def sliced(self, text: str, limit: int, offset: int | None = None) -> str:
        """Return the text with the top level's LIMIT, and OFFSET if one is given, put to these values."""
        edits: list[tuple[int, int, str]] = []
        for word, value, span in (("LIMIT", limit, self.limit_span), ("OFFSET", offset, self.offset_span)):
            if value is not None and span is not None:
                edits.append((*span, str(value)))
            elif value is not None:
                edits.append((self.modifiers_end, self.modifiers_end, f" {word} {value}"))
        for start, end, new in sorted(edits, reverse=True):
            text = text[:start] + new + text[end:]
        return text


def position(text: str, offset: int) -> tuple[int, int]:
    """Return the 1-based line and column of an offset.

    >>> position("ASK {\\n  FOO }", 8)
    (2, 3)
    """
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def _number(digits: str) -> int:
    """The value of a numeral, cut at what the engine can hold."""
    return int(digits) if len(digits) < 19 else UNLIMITED


def top_tokens(text: str) -> list[Token]:
    """Return the tokens that stand outside of all brackets, the brackets among them; keywords in lower case."""
    scanner = _Scanner(text)
    scanner.run()
    return [scanner.tokens[index] for index in scanner.top]


@lru_cache(maxsize=64)
def advice(text: str) -> tuple[Remark, ...]:
    """Return what is legal in a text and yet seldom meant.

    That does not depend on names, numbers and strings, which is all that many queries differ in.
    """
    seen = scan(text)
    outline = tuple([token[0] if token[0] in _CONSTANT else token[1] for token in seen.tokens])
    if _FAULTLESS.get(outline) == seen.form:
        return ()
    found = advise(seen.tokens, seen.form)
    if not found and len(outline) <= _SHORT:
        if len(_FAULTLESS) >= _MOST_OUTLINES:
            _FAULTLESS.clear()
        _FAULTLESS[outline] = seen.form
    return found


@lru_cache(maxsize=64)
def scan(text: str) -> Scan:
    """Return what the tokens of a SPARQL text tell; never fails, a broken text is the parser's to refuse."""
    return _Scanner(text).run()


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[Token] = []
        self.top: list[int] = []
        """Indexes of the tokens that stand outside of all brackets, brackets included."""
        self.stack: list[Bracket] = []
        self.depth = self.deepest = 0
        self.unterminated: int | None = None
        self.words: set[str] = set()
        self.variables: set[str] = set()
        self.prefixed = False
        """Whether there is an operator that may stand before another."""

    def run(self) -> Scan:
        self._tokenise()
        prefixes = self._prefixes()
        form, operation, start = self._form()
        default, named = self._graphs(prefixes)
        limit, offset, end = self._modifiers()
        depth, deepest = self._chain() if self.prefixed else (0, 0)
        service = self._service() if "service" in self.text.lower() else None
        names = Names(self.tokens, prefixes, form)
        return Scan(
            form=form,
            operation=operation,
            start=start,
            service=service,
            default_graphs=default,
            named_graphs=named,
            depth=max(depth, self.depth),
            deepest=deepest if depth > self.depth else self.deepest,
            prefixes=tuple(prefixes.items()),
            undeclared=self._undeclared(prefixes),
            base=self._base(),
            variables=frozenset(self.variables),
            limit=None if limit is None else _number(limit.text),
            limit_span=None if limit is None else (limit.start, limit.end),
            offset=None if offset is None else _number(offset.text),
            offset_span=None if offset is None else (offset.start, offset.end),
            modifiers_end=end,
            volatile=not self.words.isdisjoint(_VOLATILE) or service is not None,
            unterminated=self.unterminated,
            unclosed=self.stack[0].start if self.stack else None,
            tokens=tuple(self.tokens) if len(self.tokens) <= LONGEST else (),
            iris=names.terms(),
            graphs=names.graphs() if "graph" in self.words else (),
            services=names.services() if service is not None else (),
            fingerprint=hashlib.sha256(
                "\0".join([token[1] for token in self.tokens]).encode("utf-8", "replace")
            ).hexdigest(),
        )

    def _tokenise(self) -> None:
        """Find the tokens, in one pass: this is done for each query that comes, so it is written to be quick."""
        text, match, tokens, stack = self.text, _TOKEN.match, self.tokens, self.stack
        found = match(text)
        while found is not None:  # at the end; otherwise the last alternative takes any character
            group = found.lastindex or 0
            kind, (start, end), outside = _KINDS[group], found.span(group), not stack
            if kind == "iri" and stack and self._is_less_than():
                kind, end = "mark", start + 1
            word = text[start:end]
            if kind == "mark":
                if word in _BRACKETS:
                    self._bracket(word, start)
                    outside = outside or not stack
                elif word in _PREFIXED:
                    self.prefixed = True
            elif kind == "name":
                if found["colon"] is None:
                    kind, word = "word", word.lower()
                    self.words.add(word)
                else:
                    kind = "pname"
            elif kind == "variable":
                self.variables.add(word[1:])
            elif kind == "local":
                kind = "pname"
            elif kind == "string" and self.unterminated is None and any(found[name] is not None for name in _OPEN):
                self.unterminated = start
            if outside:
                self.top.append(len(tokens))
            tokens.append(Token(kind, word, start, end))
            found = match(text, end)

    def _bracket(self, text: str, start: int) -> None:
        if text in _CLOSING:
            self.stack.append(Bracket(text, start, text == "(" and self._opens_expression()))
            if len(self.stack) > self.depth:
                self.depth, self.deepest = len(self.stack), start
        elif self.stack and text == _CLOSING[self.stack[-1].text]:
            self.stack.pop()

    def _is_less_than(self) -> bool:
        if not (self.stack and self.stack[-1].expression and self.tokens):
            return False
        last = self.tokens[-1]
        return last.kind in _OPERANDS or last.text in (")", "true", "false")

    def _opens_expression(self) -> bool:
        if not self.stack or self.stack[-1].expression:
            return not (self.tokens and self.tokens[-1].text == "values")
        if not self.tokens:
            return False
        last = self.tokens[-1]
        if last.kind == "word":
            return last.text not in _BEFORE_A_LIST
        before = self.tokens[-2].text if len(self.tokens) > 1 else ""
        return last.kind in ("iri", "pname") and before in _BEFORE_A_CALL

    def _chain(self) -> tuple[int, int]:
        """The longest run of prefix operators and where it starts: ``!!!!true`` nests without any bracket."""
        longest = run = begins = at = 0
        for token in self.tokens:
            if token.kind != "mark" or token.text not in "!+-^":
                run = 0
                continue
            run, begins = run + 1, begins if run else token.start
            if run > longest:
                longest, at = run, begins
        return longest, at

    def _service(self) -> int | None:
        for index, token in enumerate(self.tokens):
            if token.kind == "word" and "service" in token.text:
                return token.start
            if token.kind == "pname" and "service" in token.text.partition(":")[0].lower():
                after = self.tokens[index + 1].text if index + 1 < len(self.tokens) else ""
                before = self.tokens[index - 1].text if index else ""
                if after == "{" and before not in _BEFORE_A_GRAPH:
                    return token.start
        return None

    def _form(self) -> tuple[str, str, int]:
        for index in self.top:
            token = self.tokens[index]
            if token.kind == "word":
                word = token.text
                if word in ("prefix", "base", "version"):
                    continue
                if word in QUERY_FORMS:
                    return word, word, token.start
                return ("update", word, token.start) if word in _UPDATES else ("unknown", "", token.start)
            if token.kind not in ("pname", "iri", "string"):
                return "unknown", "", token.start
        return "unknown", "", max(len(self.text.rstrip()) - 1, 0)

    def _prefixes(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for at in self.top if "prefix" in self.words else ():
            names = self.tokens[at : at + 3]
            if [token.kind for token in names] == ["word", "pname", "iri"] and names[0].text == "prefix":
                found[names[1].text[:-1]] = names[2].text[1:-1]
        return found

    def _undeclared(self, known: Mapping[str, str]) -> tuple[str, int] | None:
        declaring = ""
        for kind, text, start, _ in self.tokens:
            if kind == "pname" and declaring != "prefix" and (prefix := text.partition(":")[0]) not in known:
                return prefix, start
            declaring = text
        return None

    def _base(self) -> str | None:
        for left, right in pairwise(self.top):
            if self.tokens[left].text == "base" and self.tokens[right].kind == "iri":
                return self.tokens[right].text[1:-1]
        return None

    def _graphs(self, prefixes: Mapping[str, str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        default: list[str] = []
        named: list[str] = []
        for index in self.top:
            if self.tokens[index][:2] != ("word", "from"):
                continue
            after = self.tokens[index + 1 : index + 3]
            into = named if after and after[0][:2] == ("word", "named") else default
            name = after[-1] if into is named else (after[0] if after else None)
            if name is not None and name.kind == "iri":
                into.append(name.text[1:-1])
            elif name is not None and name.kind == "pname":
                prefix, _, local = name.text.partition(":")
                into.append(prefixes.get(prefix, "") + local.replace("\\", ""))
        return tuple(default), tuple(named)

    def _modifiers(self) -> tuple[Token | None, Token | None, int]:
        """The numbers of LIMIT and OFFSET outside of all brackets, and the end of the solution modifiers."""
        limit = offset = None
        end = 0
        inside_where = False
        for left, right in pairwise([*self.top, len(self.tokens)]):
            token = self.tokens[left]
            inside_where = inside_where or token.text == "}"
            if inside_where and token[:2] == ("word", "values"):
                break
            end = token.end
            number = self.tokens[right] if right < len(self.tokens) else None
            if inside_where and token.kind == "word" and number is not None and number.text.isdecimal():
                limit = number if token.text == "limit" else limit
                offset = number if token.text == "offset" else offset
        return limit, offset, end

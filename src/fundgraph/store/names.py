"""The names that a query's patterns use: terms, graphs, and the services that it calls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from fundgraph.store.advice import TokenLike

#: So many different terms of one query are looked up at most.
_MOST = 64
_XSD = "http://www.w3.org/2001/XMLSchema#"
_NO_TERM_AFTER = frozenset(
    ("^^", "graph", "from", "named", "service", "silent", "prefix", "base", "into", "using")
)


class Service(NamedTuple):
    """A call of another service: ``SERVICE [SILENT] target { … }`` from ``start`` to ``end``.

    ``target`` is an IRI as it was written or its prefix tells, empty for a variable; the pattern, braces
    included, starts at ``pattern``. ``nested`` is whether it stands within another call, or holds one.
    """

    target: str
    silent: bool
    start: int
    pattern: int
    end: int
    nested: bool


class Names:
    """Reads the names out of the tokens of a query."""

    def __init__(self, tokens: Sequence[TokenLike], prefixes: Mapping[str, str], form: str) -> None:
        self._tokens = tokens
        self._prefixes = prefixes
        self._form = form

    def terms(self) -> tuple[tuple[str, int], ...]:
        """Return the constant IRIs that patterns are made of, each where it first stands."""
        found: dict[str, int] = {}
        for at in self._pattern_tokens():
            token = self._tokens[at]
            before = [one.text for one in self._tokens[max(at - 2, 0) : at]]
            if before and (before[-1] in _NO_TERM_AFTER or before[0] == "prefix"):
                continue
            if at + 1 < len(self._tokens) and self._tokens[at + 1].text == "(":
                continue  # a function, or a predicate before a list
            iri = self.iri(token)
            if iri and iri not in found and not iri.startswith(_XSD) and len(found) < _MOST:
                found[iri] = token.start
        return tuple(found.items())

    def graphs(self) -> tuple[tuple[str, int], ...]:
        """Return the IRIs after GRAPH, and where they stand."""
        found = []
        for before, token in zip(self._tokens, self._tokens[1:], strict=False):
            if before.kind == "word" and before.text == "graph" and (iri := self.iri(token)):
                found.append((iri, token.start))
        return tuple(found[:_MOST])

    def services(self) -> tuple[Service, ...]:
        """Return the calls of other services that are written as the grammar has them."""
        found: list[Service] = []
        inside = -1
        for at, token in enumerate(self._tokens):
            if token.kind != "word" or token.text != "service":
                continue
            named = self._tokens[at + 1 : at + 3]
            silent = bool(named) and named[0].kind == "word" and named[0].text == "silent"
            target = at + 2 if silent else at + 1
            end = self._closing(target + 1)
            if end is None:
                continue
            inner = any(one.kind == "word" and one.text == "service" for one in self._tokens[target + 1 : end])
            name = self._tokens[target]
            iri = self.iri(name) if name.kind in ("iri", "pname") else ""
            start, pattern = token.start, self._tokens[target + 1].start
            found.append(Service(iri, silent, start, pattern, self._tokens[end].start + 1, inner or at < inside))
            inside = max(inside, end)
        return tuple(found)

    def iri(self, token: TokenLike) -> str:
        """Return the absolute IRI that a token stands for, or nothing."""
        if token.kind == "iri":
            iri = token.text[1:-1]
            return iri if ":" in iri and "\\" not in iri else ""
        if token.kind != "pname":
            return ""
        prefix, _, local = token.text.partition(":")
        namespace = self._prefixes.get(prefix, "")
        return namespace + local.replace("\\", "") if ":" in namespace else ""

    def _closing(self, at: int) -> int | None:
        """Return the index of the brace that closes the one at an index."""
        if at >= len(self._tokens) or self._tokens[at].text != "{" or self._tokens[at].kind != "mark":
            return None
        depth = 0
        for index in range(at, len(self._tokens)):
            if self._tokens[index].kind == "mark":
                depth += {"{": 1, "}": -1}.get(self._tokens[index].text, 0)
                if not depth:
                    return index
        return None

    def _pattern_tokens(self) -> Iterator[int]:
        """Give the indexes of the names that stand in patterns of our own."""
        tokens = self._tokens
        at, depth, pattern = 0, 0, False
        while at < len(tokens):
            kind, text = tokens[at].kind, tokens[at].text
            opens = kind == "mark" and text == "{"
            service = kind == "word" and text == "service"
            if service or (opens and not depth and not pattern and self._is_template(at)):
                brace = next((i for i in range(at, min(at + 4, len(tokens))) if tokens[i].text == "{"), at)
                at = (self._closing(brace) or len(tokens)) + 1
                pattern = pattern or not service
                continue
            if opens or (kind == "mark" and text == "}"):
                depth += 1 if opens else -1
                pattern = True
            elif kind in ("iri", "pname") and (depth or self._form == "describe"):
                yield at
            at += 1

    def _is_template(self, at: int) -> bool:
        return self._form == "construct" and at > 0 and self._tokens[at - 1].text == "construct"

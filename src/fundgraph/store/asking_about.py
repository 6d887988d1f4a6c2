"""What a service is asked about: values of ours, in the place that a call leaves for them.

``VALUES ?x { UNDEF }`` within a call joins with anything, and so means nothing. Here it says: ask about our values of ``?x``
only. They are those that the patterns before the call, in the same group, give to ``?x``; nothing else of ours is sent.
"""

from __future__ import annotations

from typing import NamedTuple

from fundgraph.store.names import Service
from fundgraph.store.scan import Scan, Token

__all__ = ["MOST_VALUES", "Blank", "blank_in", "local_query"]

#: So many values are sent along at most.
MOST_VALUES = 500
_SHAPE = ("values", "variable", "{", "undef", "}")


class Blank(NamedTuple):
    """``VALUES ?variable { UNDEF }`` in a text, from ``start`` to ``end``."""

    variable: str
    start: int
    end: int

    def filled(self, text: str, terms: tuple[str, ...]) -> str:
        """Return the text with terms in the blank."""
        return f"{text[: self.start]}VALUES ?{self.variable} {{ {' '.join(terms)} }}{text[self.end :]}"


def blank_in(seen: Scan, call: Service) -> Blank | None:
    """Return the first blank in the pattern of a call."""
    tokens = [token for token in seen.tokens if call.pattern <= token.start < call.end]
    for at in range(len(tokens) - len(_SHAPE) + 1):
        part = tokens[at : at + len(_SHAPE)]
        if all(_fits(token, wanted) for token, wanted in zip(part, _SHAPE, strict=True)):
            return Blank(part[1].text[1:], part[0].start, part[-1].start + 1)
    return None


def _fits(token: Token, wanted: str) -> bool:
    return token.kind == "variable" if wanted == "variable" else token.text == wanted


def local_query(text: str, seen: Scan, call: Service, variable: str) -> str | None:
    """Return the query for our values of a variable; ``None`` where what stands before a call does not tell them.

    It tells them in the outermost group, with no FILTER there (which would hold for what comes later, too) and no other call.
    """
    opened: list[int] = []
    words: set[str] = set()
    for token in seen.tokens:
        if token.start >= call.start:
            break
        if token.kind == "mark" and token.text == "{":
            opened.append(token.start)
        elif token.kind == "mark" and token.text == "}" and opened:
            opened.pop()
        elif token.kind == "word" and (len(opened) == 1 or token.text == "service"):
            words.add(token.text)
    if len(opened) != 1 or not words.isdisjoint(("filter", "service")) or seen.default_graphs or seen.named_graphs:
        return None
    before = text[opened[0] + 1 : call.start]
    return f"{text[: seen.start]}SELECT DISTINCT ?{variable} WHERE {{ {before} }} LIMIT {MOST_VALUES + 1}"

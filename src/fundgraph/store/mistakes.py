"""What is wrong with a query's text, in words for people: where, what, and what may have been meant."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from fundgraph.errors import QuerySyntaxError
from fundgraph.store.nearest import KEYWORDS, nearest
from fundgraph.store.scan import position, scan

_ENGINE_MESSAGE = re.compile(r"error at (\d+):(\d+): expected (.*)", re.DOTALL)
_SENTENCE = re.compile(r"(?:^|one of |, )([A-Z][A-Za-z]+ [A-Za-z][^,\[\]\"]+)(?=,|$)")
_KEYWORD = re.compile(r"(?<![\w'\"])[A-Z][A-Z0-9_]+(?![\w'\"])")
_WORD = re.compile(r"[?$]?[\w:]+|[^\s\w]")


def syntax_error(
    text: str, message: str, prefixes: Mapping[str, str] | None = None, keywords: Sequence[str] = KEYWORDS
) -> QuerySyntaxError:
    """Return the error for a message of the engine's parser, in words for people, with line and column.

    ``keywords`` are those that may have been meant.

    The parser reports a place that lies behind the fault by the length of a keyword that it tried there.

    >>> str(syntax_error("ASK { FOO }", "error at 1:12: expected one of GRAPH, MINUS, [_]"))
    '1:7: not understood from FOO on'
    """
    seen = scan(text)
    opened = seen.unterminated if seen.unterminated is not None else seen.unclosed
    if opened is not None:
        string = opened == seen.unterminated
        what = "the string that begins here never ends" if string else f"{text[opened]} is never closed"
        return _at(text, opened, what, near=text[opened : opened + 40].split("\n")[0])
    if "Prefix not found" in message and seen.undeclared is not None:
        prefix, at = seen.undeclared
        return _undeclared(text, prefix, at, {**(prefixes or {}), **dict(seen.prefixes)})
    found = _ENGINE_MESSAGE.match(message)
    if found is None:
        return QuerySyntaxError(message.splitlines()[0][:300])
    lines = text.split("\n")
    reported = sum(len(line) + 1 for line in lines[: int(found[1]) - 1]) + int(found[2]) - 1
    sentence = _SENTENCE.search(found[3])
    if sentence:
        words = sentence[1].strip()
        return _at(text, reported, words if words[1].isupper() else words[0].lower() + words[1:])
    starts = {match.start(): match[0] for match in _WORD.finditer(text)}
    tried = [reported - len(word) for word in _KEYWORD.findall(found[3])]
    places = [place for place in (reported, *tried) if place in starts]
    if not places:
        return _at(text, max(len(text.rstrip()) - 1, 0), "the query ends too early, or names a variable twice")
    near = starts[max(places)][:40]
    meant = nearest(near, keywords) if near.isalpha() and near.upper() not in keywords else ()
    return _at(text, max(places), f"not understood from {near} on", near=near, suggestions=meant)


def no_form(text: str, offset: int) -> QuerySyntaxError:
    """Return the error for a text that begins with no form of query."""
    if not text.strip():
        return _at(text, offset, "the query is empty")
    word = _WORD.match(text, offset)
    near = word[0][:40] if word else text[offset : offset + 1]
    what = "expected SELECT, ASK, CONSTRUCT or DESCRIBE"
    return _at(text, offset, what, near=near, suggestions=nearest(near, KEYWORDS, 1))


def _undeclared(text: str, prefix: str, at: int, known: Mapping[str, str]) -> QuerySyntaxError:
    what = f"the prefix {prefix}: is not declared"
    near = f"{prefix}:"
    if prefix in known:
        return _at(text, at, what, f"Begin with PREFIX {prefix}: <{known[prefix]}>", near=near)
    meant = tuple(f"{name}:" for name in nearest(prefix, known))
    return _at(text, at, what, f"Begin with PREFIX {prefix}: <…>", near=near, suggestions=meant)


def _at(
    text: str, offset: int, what: str, hint: str | None = None, *, near: str | None = None,
    suggestions: Sequence[str] = (),
) -> QuerySyntaxError:  # fmt: skip
    line, column = position(text, min(offset, len(text)))
    return QuerySyntaxError(what, line=line, column=column, hint=hint, near=near, suggestions=suggestions)

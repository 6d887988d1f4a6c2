"""What is looked for in RDF documents before a parser sees them: nesting without end, and entities that multiply."""

from __future__ import annotations

import re

#: So many levels of brackets and triple terms a document may have; parsers go down with each.
MAX_LEVELS = 500
_TURTLES = ("turtle", "trig", "ntriples", "nquads")
_PARTS = re.compile(
    rb'"""(?>[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*)"""|\'\'\'(?>[^\'\\]*(?:(?:\\.|\'(?!\'\'))[^\'\\]*)*)\'\'\''
    rb'|"(?:[^"\\\r\n]|\\.)*+"|\'(?:[^\'\\\r\n]|\\.)*+\''
    rb"|<(?!<)[^<>\"{}|^`\x00-\x20]*+>|\#[^\r\n]*+|(?P<open>[\[({]|<<)|(?P<close>[\])}]|>>)",
    re.DOTALL,
)
_ENTITY = re.compile(rb"<!ENTITY\s+(%?)\s*[\w:.-]+\s+(\"[^\"]*\"|'[^']*'|\w+)")
#: An entity's text may be as long as a namespace is.
_LONGEST = 200


def fault(data: bytes, format_name: str) -> str | None:
    """Return what is wrong with a document of a format, if it should not be parsed.

    >>> fault(b"<a:a> <a:b> " + b"(" * 600 + b")" * 600, "turtle")
    'nested too deeply: more than 500 levels'
    """
    if format_name in _TURTLES and _is_too_deep(data):
        return f"nested too deeply: more than {MAX_LEVELS} levels"
    if format_name == "rdfxml":
        for percent, value in _ENTITY.findall(data):
            if percent or value[:1] not in b"\"'":
                return "the document declares an entity that stands elsewhere"
            if b"&" in value or b"%" in value or len(value) > _LONGEST:
                return "the document declares an entity that is made of others, or too long"
    return None


def _is_too_deep(data: bytes) -> bool:
    if sum(data.count(sign) for sign in (b"[", b"(", b"{", b"<<")) <= MAX_LEVELS:
        return False
    depth = 0
    for found in _PARTS.finditer(data):
        if found["open"] is not None:
            depth += 1
            if depth > MAX_LEVELS:
                return True
        elif found["close"] is not None:
            depth -= 1
    return False

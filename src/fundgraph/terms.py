"""Terms from what people type: IRIs, prefixed names, slugs and typed values, rendered for SPARQL.

A value is checked against a strict pattern and rendered as one term; what does not fit is a :class:`ValueError`
that says what is wrong. Needs no RDF library, so that serving a canned query stays light.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

XSD = "http://www.w3.org/2001/XMLSchema#"
FG = "https://w3id.org/fundgraph/ontology#"

#: The path below the base under which the instances of a class are named.
KINDS: dict[str, str] = {
    "fg:Project": "project", "fg:Person": "person", "fg:Topic": "topic", "fg:FundingPhase": "phase",
    "fg:Organisation": "organisation", "fg:Publication": "publication", "fg:Document": "document",
}  # fmt: skip

# What RFC 3987 lets an IRI hold; no spaces of any kind, no brackets (they belong to IPv6 hosts only).
_ALLOWED = (
    r"[A-Za-z0-9._~!$&'()*+,;=:@/?%-]"
    r"|[\u00a1-\u1fff\u2010-\u2027\u2030-\u205e\u2070-\u2fff\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\uffef]"
    r"|[\U00010000-\U0001fffd\U00020000-\U0002fffd\U00030000-\U0003fffd]"
)
# These two take long to compile and are seldom needed; the library compiles and keeps them when they are.
_ILLEGAL_IN_IRI = rf"(?s:(?!{_ALLOWED}|\#).)"
_ABSOLUTE = (
    rf"[A-Za-z][A-Za-z0-9+.-]*:(?://(?:[^/?\#:@]*@)?[^/?\#:@]*(?::[0-9]*)?(?=[/?\#]|$))?(?!//)(?:{_ALLOWED})*"
    rf"(?:\#(?:{_ALLOWED})*)?"
)
_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_SLUG = re.compile(r"[\w.~%-]+")
_PREFIXED = re.compile(r"([A-Za-z][\w.-]*):(.*)", re.DOTALL)
_UNSENDABLE = re.compile(r"[\x00\ud800-\udfff]")
_ESCAPED = re.compile(r'[\\"\n\r\t\b\f]|(?<=\\)[uU]')
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
_UNESCAPES = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f", '"': '"', "'": "'", "\\": "\\"}
_TYPED_LITERAL = re.compile(r'"(?:[^"\\\n\r]|\\.)*"(?:@[A-Za-z]+(?:-[A-Za-z0-9]+)*|\^\^(?:xsd:\w+|<[^<>"\s]+>))?')
_LITERAL = re.compile(r'"((?:[^"\\\n]|\\[tbnrf"\'\\])*)"(?:\^\^(?:xsd:(\w+)|<' + re.escape(XSD) + r"(\w+)>))?")


@dataclass(frozen=True, slots=True)
class Datatype:
    """A type of literal: what a value must look like, in a pattern and in words."""

    pattern: re.Pattern[str]
    expected: str


DATATYPES: dict[str, Datatype] = {
    "xsd:string": Datatype(re.compile(r".*", re.DOTALL), "a text"),
    "xsd:integer": Datatype(re.compile(r"[+-]?[0-9]{1,18}"), "a whole number"),
    "xsd:decimal": Datatype(re.compile(r"[+-]?[0-9]{1,18}(?:\.[0-9]{1,18})?"), "a decimal number"),
    "xsd:date": Datatype(re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"), "a date as YYYY-MM-DD"),
    "xsd:gYear": Datatype(re.compile(r"[0-9]{4}"), "a year of four digits"),
    "xsd:boolean": Datatype(re.compile(r"true|false|1|0"), "true or false"),
}


def check_iri(text: str) -> str:
    """Return an absolute IRI as it is; raise :class:`ValueError` if it is none."""
    bad = re.search(_ILLEGAL_IN_IRI, text)
    if bad:
        raise ValueError(f"an IRI cannot hold the character {bad[0]!r}")
    if not re.fullmatch(_ABSOLUTE, text) or _BROKEN_ESCAPE.search(text):
        raise ValueError(f"{text!r} is not an absolute IRI")
    return text


def reference(value: str, below: str, prefixes: Mapping[str, str]) -> str:
    """Return the IRI that is meant by ``<IRI>``, an IRI, a prefixed name, or a slug that stands ``below``."""
    if value.startswith("<") and value.endswith(">"):
        return check_iri(value[1:-1])
    if _SLUG.fullmatch(value):
        return check_iri(below + value)
    prefixed = _PREFIXED.fullmatch(value)
    if prefixed and prefixed[1] in prefixes:
        return check_iri(prefixes[prefixed[1]] + prefixed[2])
    if "://" in value or value.startswith("urn:"):
        return check_iri(value)
    if prefixed:
        raise ValueError(f"the prefix {prefixed[1]!r} is not known")
    raise ValueError(f"{value!r} names nothing")


def term(value: str, prefixes: Mapping[str, str]) -> str:
    """Return what somebody typed as a term of N-Triples: ``<IRI>``, a prefixed name, or a quoted literal.

    Raises :class:`ValueError` that says what is wrong.

    >>> term("fg:title", {"fg": FG}), term('"ice"@en', {})
    ('<https://w3id.org/fundgraph/ontology#title>', '"ice"@en')
    """
    if value.startswith('"'):
        if not _TYPED_LITERAL.fullmatch(value):
            raise ValueError(f'{value} is not a literal such as "text", "text"@en or "1"^^xsd:integer')
        return re.sub(r"\^\^xsd:(\w+)$", rf"^^<{XSD}\1>", value)
    if re.match(r"https?://", value):
        return f"<{check_iri(value)}>"
    return f"<{reference(value, '', prefixes)}>"


def string(value: str) -> str:
    """Return a string as a SPARQL literal.

    Some engines expand ``\\uXXXX`` before they parse, even after a backslash that is itself escaped; so a
    ``u`` that follows a backslash is written as an escape of its own and means the same to all of them.
    """
    bad = _UNSENDABLE.search(value)
    if bad:
        raise ValueError(f"a text cannot hold the character {bad[0]!r}")
    escaped = _ESCAPED.sub(lambda found: _ESCAPES.get(found[0]) or f"\\U{ord(found[0]):08X}", value)
    return f'"{escaped}"'


def render(kind: str, value: str, base: str, prefixes: Mapping[str, str]) -> str:
    """Return a value of a class or datatype as a SPARQL term. Raises :class:`ValueError` if it does not fit."""
    if kind in KINDS:
        return f"<{reference(value, f'{base}{KINDS[kind]}/', prefixes)}>"
    datatype = DATATYPES[kind]
    if not datatype.pattern.fullmatch(value):
        raise ValueError(f"{value!r} is not {datatype.expected}")
    if kind == "xsd:string":
        return string(value)
    if kind == "xsd:integer":
        return str(int(value))
    if kind == "xsd:boolean":
        return "true" if value in ("true", "1") else "false"
    if kind == "xsd:date":
        date.fromisoformat(value)
    return f'"{value}"^^<{XSD}{kind.removeprefix("xsd:")}>'


def literal_value(kind: str, written: str) -> str:
    """Return the value of a literal of a datatype as it is written in a query; the reverse of :func:`render`."""
    found = _LITERAL.fullmatch(written)
    if found is None:
        if kind in ("xsd:integer", "xsd:decimal", "xsd:boolean"):
            return written
        raise ValueError(f"{written} is not written as a literal")
    stated = f"xsd:{found[2] or found[3] or 'string'}"
    if stated != kind:
        raise ValueError(f"{written} is of {stated}")
    return re.sub(r"\\(.)", lambda escape: _UNESCAPES[escape[1]], found[1])

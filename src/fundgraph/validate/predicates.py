"""What a compiled query cannot be trusted to decide alone: tests of one value, with the meaning that pySHACL gives.

A query finds the values that may be bad; only for those is one of these functions asked. Each takes RDF terms and
never raises.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from rdflib import XSD, BNode, Literal, URIRef
from rdflib.term import Node

from fundgraph.validate.shapes import NotCompilableError

Test = Callable[..., bool | None]
_CLASSES: dict[URIRef, type | tuple[type, ...]] = {
    XSD.integer: int, XSD.float: float, XSD.decimal: Decimal, XSD.boolean: bool, XSD.date: date, XSD.time: time,
    XSD.dateTime: datetime,
}  # fmt: skip
_ESCAPED = re.compile(r"\\[\\.^$|?*+()\[\]{}/\-nrt]")
_COUNTED = re.compile(r"\{[0-9]+(?:,[0-9]*)?\}")
_SPACE = r"\s\x1c-\x1f"


def has_datatype(datatype: URIRef) -> Test:
    """Return a test for literals of a datatype whose text fits it."""
    kind = _CLASSES.get(datatype)

    def test(value: Node) -> bool:
        if not isinstance(value, Literal) or value.datatype != datatype or value.ill_typed is True:
            return False
        return kind is None or isinstance(value.value, kind)

    return test


def matches(pattern: str, flags: str) -> Test:
    """Return a test for terms whose text has a match of a regular expression.

    Raises :class:`NotCompilableError` for one that Python does not understand.
    """
    wanted = (re.IGNORECASE if "i" in flags.lower() else 0) | (re.MULTILINE if "m" in flags.lower() else 0)
    try:
        expression = re.compile(pattern, wanted)
    except re.error as error:
        raise NotCompilableError(f"the pattern {pattern!r} cannot be read: {error}") from error
    return lambda value: not isinstance(value, BNode) and expression.search(str(value)) is not None


def portable(pattern: str) -> str | None:
    """Return a pattern that means to Oxigraph what the given one means to Python; ``None`` if there is none.

    >>> portable("^[a-z]+$"), portable(r"\\S"), portable(r"(?=a)")
    ('^[a-z]+(?:\\\\n?\\\\z)', '[^\\\\s\\\\x1c-\\\\x1f]', None)
    """
    out, at = [], 0
    while at < len(pattern):
        char, escaped = pattern[at], _ESCAPED.match(pattern, at)
        if escaped:
            out.append(escaped[0])
        elif pattern.startswith(("\\s", "\\S", "\\d"), at):
            out.append({"s": f"[{_SPACE}]", "S": f"[^{_SPACE}]", "d": r"\d"}[pattern[at + 1]])
        elif char == "[":
            found = _character_class(pattern, at)
            if found is None:
                return None
            out.append(found)
            at += len(found)
            continue
        elif char == "$" and not pattern[at + 1 :].strip(")"):
            out.append(r"(?:\n?\z)")
        elif char == "{":
            counted = _COUNTED.match(pattern, at)
            if counted is None:
                return None
            out.append(counted[0])
            at = counted.end()
            continue
        elif char in "\\$}]" or pattern.startswith(("(?", "++", "*+", "?+", "}+"), at):
            return None
        else:
            out.append(char)
        at += 2 if char == "\\" else 1
    return "".join(out)


def _character_class(pattern: str, at: int) -> str | None:
    end = pattern.find("]", at + 2)
    text = pattern[at : end + 1]
    inner = text[1:-1]
    odd = "\\" in inner.replace("\\-", "").replace("\\.", "") or any(
        mark in inner for mark in ("[", "&&", "--", "~~")
    )  # fmt: skip
    return None if end < 0 or odd or not inner.strip("^") else text


_COMPARE: dict[str, Callable[[int], bool]] = {
    "<": lambda order: order < 0, "<=": lambda order: order <= 0, ">": lambda order: order > 0,
    ">=": lambda order: order >= 0,
}  # fmt: skip


def compares(operator: str, bound: Literal) -> Test:
    """Return a test for literals that stand in an order to a bound: ``compares("<=", Literal(9))``."""
    of_text = isinstance(bound.value, str)

    def test(value: Node) -> bool:
        if not isinstance(value, Literal) or isinstance(value.value, str) is not of_text:
            return False
        try:
            return _COMPARE[operator](_order(value, bound))
        except (TypeError, NotImplementedError, ArithmeticError):
            return False

    return test


def _order(one: Literal, other: Literal) -> int:
    if one.eq(other):
        return 0
    if isinstance(one.value, (datetime, time)):
        if one.value == other.value:
            return 0
        return 1 if one.value > other.value else -1
    return 1 if one > other else -1


def is_less(*, or_equal: bool) -> Test:
    """Return a test for two terms of which the first is less than the second."""

    def test(one: Node, other: Node) -> bool:
        left, right = _text(one), _text(other)
        if isinstance(one, BNode) or isinstance(other, BNode) or (left is None) is not (right is None):
            return False
        if left is not None and right is not None:
            return left <= right if or_equal else left < right
        try:
            return _below(one, other, or_equal=or_equal)
        except (TypeError, ArithmeticError):
            return False

    return test


_RELATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "<": lambda one, other: one.__lt__(other), "<=": lambda one, other: one.__le__(other),
    ">": lambda one, other: one.__gt__(other), ">=": lambda one, other: one.__ge__(other),
    "!=": lambda one, other: one.neq(other),
}  # fmt: skip


_NUMBERS = frozenset(
    f"{XSD}{name}"
    for name in [
        "integer",
        "decimal",
        "float",
        "double",
        "nonPositiveInteger",
        "negativeInteger",
        "long",
        "int",
        "short",
        "byte",
        "nonNegativeInteger",
        "unsignedLong",
        "unsignedInt",
        "unsignedShort",
        "unsignedByte",
        "positiveInteger",
    ]
)


def is_numeric(term: Node) -> bool:
    """Tell whether a term is a number as rdflib's SPARQL does: by its datatype alone."""
    return isinstance(term, Literal) and str(term.datatype) in _NUMBERS


def relates(operator: str) -> Test:
    """Return what compares two terms as rdflib's SPARQL does; its answer is ``None`` where that is an error."""

    def test(one: Node, other: Node) -> bool | None:
        if operator == "!=" and not (isinstance(one, Literal) and isinstance(other, Literal)):
            return one != other
        if not isinstance(one, Literal) or not isinstance(other, Literal):
            return None
        try:
            answer = _RELATIONS[operator](one, other)
        except (TypeError, ArithmeticError):
            return None
        return None if answer is NotImplemented else bool(answer)

    return test


def _below(one: Any, other: Any, *, or_equal: bool) -> bool:
    if one.__lt__(other) is NotImplemented:
        return False
    return bool(one <= other) if or_equal else bool(one < other)


def _text(term: Node) -> str | None:
    """Return the text that a term is compared as; ``None`` for numbers and the like."""
    if isinstance(term, URIRef):
        return str(term)
    return term.value if isinstance(term, Literal) and isinstance(term.value, str) else None


def is_language(ranges: frozenset[str]) -> Test:
    """Return a test for literals in one of some languages, given in lower case; ``*`` is any language."""

    def test(value: Node) -> bool:
        language = value.language if isinstance(value, Literal) else None
        if not language:
            return False
        tag = language.lower()
        return "*" in ranges or tag in ranges or tag.split("-")[0] in ranges

    return test


__all__ = [
    "Test",
    "compares",
    "has_datatype",
    "is_language",
    "is_less",
    "is_numeric",
    "matches",
    "portable",
    "relates",
]

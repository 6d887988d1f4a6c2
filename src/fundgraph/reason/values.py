"""The datatypes of OWL 2 RL: which value a literal writes, and which datatypes hold it.

A value is a tuple of the name of its primitive value space and the value itself, so two literals write the same
value exactly if their tuples are equal (identity, not order: +0.0 and -0.0 are two floats, and a time of day
with another offset is another time, as OWL 2 has it). A datatype outside of the profile is opaque: nothing is
known of its values, and nothing follows from them.
"""

from __future__ import annotations

import base64
import binascii
import re
import struct
from collections.abc import Callable
from decimal import Decimal

from fundgraph.ntriples import escape, split_literal, unescape
from fundgraph.reason.rules import NAMESPACES

__all__ = [
    "DATATYPES",
    "ILL_TYPED",
    "Value",
    "escape",
    "in_space",
    "split_literal",
    "subsumed",
    "unescape",
    "value_of",
]

Value = tuple[str, object]

_XSD, _RDF, _RDFS = NAMESPACES["xsd"], NAMESPACES["rdf"], NAMESPACES["rdfs"]
#: The value of a literal whose datatype is known and does not hold its text.
ILL_TYPED: Value = ("ill-typed", None)

_INF = None
#: The integers, with the least and the greatest value.
_INTEGERS: dict[str, tuple[int | None, int | None]] = {
    "integer": (_INF, _INF),
    "nonNegativeInteger": (0, _INF),
    "nonPositiveInteger": (_INF, 0),
    "positiveInteger": (1, _INF),
    "negativeInteger": (_INF, -1),
    "long": (-(2**63), 2**63 - 1),
    "int": (-(2**31), 2**31 - 1),
    "short": (-(2**15), 2**15 - 1),
    "byte": (-(2**7), 2**7 - 1),
    "unsignedLong": (0, 2**64 - 1),
    "unsignedInt": (0, 2**32 - 1),
    "unsignedShort": (0, 2**16 - 1),
    "unsignedByte": (0, 2**8 - 1),
}
_START = r"A-Z_a-z\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u02FF\u0370-\u037D\u037F-\u1FFF\u200C\u200D\u2070-\u218F"
_START += r"\u2C00-\u2FEF\u3001-\uD7FF\uF900-\uFDCF\uFDF0-\uFFFD\U00010000-\U000EFFFF"
_MORE = _START + r"\-.0-9\u00B7\u0300-\u036F\u203F\u2040"
_TOKEN = r"(?:[^\s]+(?: [^\s]+)*)?"
#: The kinds of strings, each with the texts that it holds.
_STRINGS = {
    "string": r"(?s:.*)",
    "normalizedString": r"[^\t\n\r]*",
    "token": _TOKEN,
    "language": r"[a-zA-Z]{1,8}(?:-[a-zA-Z0-9]{1,8})*",
    "NMTOKEN": f"[{_MORE}:]+",
    "Name": f"[{_START}:][{_MORE}:]*",
    "NCName": f"[{_START}][{_MORE}]*",
}
_DECIMAL = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)")
_INTEGER = re.compile(r"[+-]?\d+")
_FLOAT = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|[+-]?INF|NaN")
_DATE_TIME = re.compile(
    r"(-?(?:[1-9]\d{3,}|0\d{3}))-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)?"
)
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


def _integer(text: str) -> Value:
    return ("decimal", Decimal(int(text))) if _INTEGER.fullmatch(text) else ILL_TYPED


def _decimal(text: str) -> Value:
    return ("decimal", Decimal(text)) if _DECIMAL.fullmatch(text) else ILL_TYPED


def _floating(name: str, code: str) -> Callable[[str], Value]:
    def read(text: str) -> Value:
        if not _FLOAT.fullmatch(text):
            return ILL_TYPED
        number = float(text.replace("INF", "inf"))
        try:
            return (name, struct.pack(code, number))
        except OverflowError:
            return (name, struct.pack(code, float("inf") if number > 0 else float("-inf")))

    return read


def _boolean(text: str) -> Value:
    return ("boolean", _BOOLEANS[text]) if text in _BOOLEANS else ILL_TYPED


def _hex(text: str) -> Value:
    try:
        return ("hexBinary", bytes.fromhex(text)) if not re.search(r"\s", text) else ILL_TYPED
    except ValueError:
        return ILL_TYPED


def _base64(text: str) -> Value:
    try:
        return ("base64Binary", base64.b64decode(re.sub(r"\s", "", text), validate=True))
    except (binascii.Error, ValueError):
        return ILL_TYPED


def _uri(text: str) -> Value:
    return ("anyURI", text)


def _date_time(text: str) -> Value:
    match = _DATE_TIME.fullmatch(text)
    if match is None:
        return ILL_TYPED
    year, month, day, hour, minute, second = (int(match[place]) for place in range(1, 7))
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    days = (31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    midnight = hour == 24 and minute == second == 0
    if not (1 <= month <= 12 and 1 <= day <= days[month - 1] and (hour < 24 or midnight) and minute < 60):
        return ILL_TYPED
    zone = {"Z": "+00:00", "-00:00": "+00:00"}.get(match[8], match[8])
    if second >= 60 or (zone is not None and (int(zone[1:3]) > 14 or int(zone[4:]) > 59)):
        return ILL_TYPED
    return ("dateTime", (year, month, day, hour, minute, second, (match[7] or "").rstrip("0"), zone))


def _readers() -> dict[str, Callable[[str], Value]]:
    readers: dict[str, Callable[[str], Value]] = {_XSD + name: _integer for name in _INTEGERS}
    readers |= {_XSD + name: lambda text: ("string", text) for name in _STRINGS}
    readers |= {
        _XSD + "decimal": _decimal,
        _XSD + "float": _floating("float", ">f"),
        _XSD + "double": _floating("double", ">d"),
        _XSD + "boolean": _boolean,
        _XSD + "hexBinary": _hex,
        _XSD + "base64Binary": _base64,
        _XSD + "anyURI": _uri,
        _XSD + "dateTime": _date_time,
        _XSD + "dateTimeStamp": _date_time,
        _RDF + "XMLLiteral": lambda text: ("XMLLiteral", text),
        _RDF + "PlainLiteral": lambda text: ("string", text.rpartition("@")[0]),
    }
    return readers


_READERS = _readers()
#: All datatypes of the profile.
DATATYPES = (*_READERS, _RDFS + "Literal")
_COLLAPSED = re.compile(r"[ \t\n\r]+")


def value_of(literal: str) -> Value | None:
    """Return the value that a literal of N-Triples writes, ``ILL_TYPED``, or None where nothing is known of it."""
    lexical, datatype, language = split_literal(literal)
    text = unescape(lexical)
    if language:
        return ("langString", (text, language.lower()))
    reader = _READERS.get(datatype)
    if reader is None:
        return None
    name = datatype.removeprefix(_XSD)
    if name == "normalizedString":
        text = re.sub(r"[\t\n\r]", " ", text)
    elif name in _STRINGS:
        text = text if name == "string" else _COLLAPSED.sub(" ", text).strip(" ")
    elif datatype.startswith(_XSD):
        text = text.strip(" \t\n\r")
    value = reader(text)
    return value if value is ILL_TYPED or in_space(value, datatype) else ILL_TYPED


def in_space(value: Value, datatype: str) -> bool:
    """Tell whether a value lies in the value space of a datatype of the profile."""
    space, content = value
    name = datatype.removeprefix(_XSD)
    if datatype == _RDFS + "Literal":
        return value is not ILL_TYPED
    if name in _INTEGERS and isinstance(content, Decimal):
        least, most = _INTEGERS[name]
        whole = content == content.to_integral_value()
        return whole and (least is None or content >= least) and (most is None or content <= most)
    if name in _STRINGS and isinstance(content, str):
        return (
            space == "string" and re.fullmatch(_STRINGS[name], content) is not None
        )  # compiled when needed, and kept by the library
    if name == "dateTimeStamp" and isinstance(content, tuple):
        return space == "dateTime" and content[-1] is not None
    if datatype == _RDF + "PlainLiteral":
        return space in ("string", "langString")
    return space == datatype.rsplit("#", 1)[1]


def subsumed(intersection: list[str], wider: str) -> bool:
    """Tell whether all values that lie in each of some datatypes lie in a wider one, as far as that is known."""
    if wider in intersection or wider == _RDFS + "Literal":
        return True
    spaces = {_space(datatype) for datatype in intersection}
    if None in spaces or _space(wider) is None:
        return False
    if len(spaces) > 1:
        return True  # nothing lies in both
    if spaces != {_space(wider)}:
        return False
    return _narrower(intersection, wider)


def _space(datatype: str) -> str | None:
    name = datatype.removeprefix(_XSD)
    if name in _INTEGERS:
        return "decimal"
    if name in _STRINGS:
        return "string"
    if name == "dateTimeStamp":
        return "dateTime"
    known = datatype in _READERS and datatype != _RDF + "PlainLiteral"
    return datatype.rsplit("#", 1)[1] if known else None


_WIDER_STRING = {
    "normalizedString": "string", "token": "normalizedString", "language": "token",
    "NMTOKEN": "token", "Name": "token", "NCName": "Name",
}  # fmt: skip


def _narrower(intersection: list[str], wider: str) -> bool:
    names = [datatype.removeprefix(_XSD) for datatype in intersection]
    name = wider.removeprefix(_XSD)
    if name in _INTEGERS:
        ranges = [_INTEGERS[part] for part in names if part in _INTEGERS]
        if not ranges:
            return False
        least = max((low for low, _ in ranges if low is not None), default=None)
        most = min((high for _, high in ranges if high is not None), default=None)
        if least is not None and most is not None and least > most:
            return True
        low, high = _INTEGERS[name]
        return (low is None or (least is not None and least >= low)) and (
            high is None or (most is not None and most <= high)
        )
    if name in _STRINGS:
        for part in names:
            step: str | None = part
            while step is not None and step != name:
                step = _WIDER_STRING.get(step)
            if step == name:
                return True
        return False
    return name in ("decimal", "dateTime", *names)

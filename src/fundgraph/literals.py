"""Which literals an RDF store keeps as they are written, and a way to put the others in so that it does.

Oxigraph stores numbers and times as values: ``"007"^^xsd:integer`` comes back as ``7`` and ``"7"^^xsd:int`` as an
``xsd:integer``. Validation must see what is written, so such a literal is loaded with a datatype of ours that the
store does not know, and is turned back when it comes out. Needs no RDF library, and neither does taking literals of
N-Triples apart.
"""

from __future__ import annotations

import re

_XSD = "http://www.w3.org/2001/XMLSchema#"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
#: Put before a datatype's IRI, this makes the datatype under which a literal is kept as it is written.
AS_WRITTEN = "urn:fundgraph:as-written:"
#: The same for a literal that was ill-typed before a library gave it a text that fits: ``"maybe"^^xsd:boolean``.
ILL_TYPED = "urn:fundgraph:ill-typed:"

_DAY = r"(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
_DATE = rf"(?!0000)[0-9]{{4}}-{_DAY}"
_KEPT = {
    f"{_XSD}integer": re.compile(r"0|-?[1-9][0-9]{0,17}"),
    f"{_XSD}decimal": re.compile(r"0|-?[1-9][0-9]{0,15}|-?(?:0|[1-9][0-9]{0,9})\.[0-9]{0,8}[1-9]"),
    f"{_XSD}boolean": re.compile(r"true|false"),
    f"{_XSD}date": re.compile(_DATE),
    f"{_XSD}dateTime": re.compile(rf"{_DATE}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"),
    f"{_XSD}gYear": re.compile(r"(?!0000)[0-9]{4}"),
    f"{_XSD}gYearMonth": re.compile(r"(?!0000)[0-9]{4}-(?:0[1-9]|1[0-2])"),
}
_NEVER = (
    "float", "double", "time", "gMonth", "gDay", "gMonthDay", "duration", "dayTimeDuration", "yearMonthDuration",
    "dateTimeStamp", "hexBinary", "base64Binary", "byte", "short", "int", "long", "unsignedByte", "unsignedShort",
    "unsignedInt", "unsignedLong", "nonNegativeInteger", "positiveInteger", "nonPositiveInteger",
    "negativeInteger", "normalizedString", "token", "language",
)  # fmt: skip
#: The datatypes whose literals are looked at by anyone: a store, or a validator.
INTERPRETED = frozenset(_KEPT) | {_XSD + name for name in _NEVER} | {_RDF + "XMLLiteral", _RDF + "HTML"}

_STRING = "http://www.w3.org/2001/XMLSchema#string"
_LANG = "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString"
_UNESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))")
_TO_ESCAPE = re.compile(r'["\\\x00-\x1f\x7f]')
_ESCAPED = {code: f"\\u{code:04X}" for code in (*range(32), 127)} | {
    8: "\\b", 9: "\\t", 10: "\\n", 12: "\\f", 13: "\\r", 34: '\\"', 92: "\\\\",
}  # fmt: skip
_ESCAPES = {"t": "\t", "n": "\n", "r": "\r", "b": "\b", "f": "\f"}


def is_kept(text: str, datatype: str) -> bool:
    """Tell whether a store gives a literal back exactly as it is written, and its text fits its datatype.

    >>> is_kept("7", _XSD + "integer"), is_kept("007", _XSD + "integer"), is_kept("7", _XSD + "int")
    (True, False, False)
    """
    if datatype not in INTERPRETED:
        return True
    pattern = _KEPT.get(datatype)
    return pattern is not None and pattern.fullmatch(text) is not None


def split_literal(text: str) -> tuple[str, str, str]:
    """Split a literal of N-Triples into its (still escaped) text, its datatype and its language.

    >>> split_literal('"1"^^<http://www.w3.org/2001/XMLSchema#byte>')[1].rsplit("#")[1]
    'byte'
    """
    end = text.rindex('"')
    lexical, suffix = text[1:end], text[end + 1 :]
    if suffix.startswith("@"):
        return lexical, _LANG, suffix[1:]
    return lexical, suffix[3:-1] if suffix else _STRING, ""


def unescape(text: str) -> str:
    r"""Return the text of a literal of N-Triples without its escapes.

    >>> unescape('a\\tb\\u0021')
    'a\tb!'
    """
    if "\\" not in text:
        return text
    return _UNESCAPE.sub(lambda m: chr(int(m[1] or m[2], 16)) if m[1] or m[2] else _ESCAPES.get(m[3], m[3]), text)


def escape(text: str) -> str:
    r"""Return a text as canonical N-Triples writes it between quotes.

    >>> escape('a"b')
    'a\\"b'
    """
    return text.translate(_ESCAPED) if _TO_ESCAPE.search(text) else text

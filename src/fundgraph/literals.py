"""Which literals an RDF store keeps as they are written, and a way to put the others in so that it does.

Oxigraph stores numbers and times as values: ``"007"^^xsd:integer`` comes back as ``7`` and ``"7"^^xsd:int`` as an
``xsd:integer``. Validation must see what is written, so such a literal is loaded with a datatype of ours that the
store does not know, and is turned back when it comes out. Needs no RDF library.
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


def is_kept(text: str, datatype: str) -> bool:
    """Tell whether a store gives a literal back exactly as it is written, and its text fits its datatype.

    >>> is_kept("7", _XSD + "integer"), is_kept("007", _XSD + "integer"), is_kept("7", _XSD + "int")
    (True, False, False)
    """
    if datatype not in INTERPRETED:
        return True
    pattern = _KEPT.get(datatype)
    return pattern is not None and pattern.fullmatch(text) is not None

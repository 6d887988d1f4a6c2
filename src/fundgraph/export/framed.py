"""One thing in the shape of a JSON-LD frame, written straight from its triples.

What is done here is what frames of ours need: parts inside of wholes (``@embed``: ``@always`` or ``@never``, property by
property), and names from the context. A general processor takes thirty times as long for the same; it is the reference
in the tests, and does what is beyond this: blank nodes, other keywords.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fundgraph.export.jsonld import Node, Terms, append
from fundgraph.export.things import Triple, full
from fundgraph.literals import split_literal, unescape

__all__ = ["Shape", "framed_thing", "shape_of"]

_TYPE = full("rdf:type")
_STRING, _LANG, _JSON = full("xsd:string"), full("rdf:langString"), full("rdf:JSON")
_INTEGER, _BOOLEAN, _DOUBLE = full("xsd:integer"), full("xsd:boolean"), full("xsd:double")
_WHOLE = re.compile(r"[+-]?[0-9]+")
_TRUTH = {"true": True, "1": True, "false": False, "0": False}
_EMBED = {"@always": True, "@never": False}


@dataclass(frozen=True, slots=True)
class Shape:
    """A frame, understood: whether a thing stands with all that is said of it or by its IRI alone, and its parts by property."""

    embed: bool
    parts: Mapping[str, Shape] = field(default_factory=dict)


def shape_of(frame: Mapping[str, Any], terms: Terms) -> Shape | None:
    """Return the shape that a frame asks for; ``None`` if it asks for more than this module does."""
    embed = _EMBED.get(str(frame.get("@embed")))
    if embed is None:
        return None
    parts: dict[str, Shape] = {}
    for name, inner in frame.items():
        if name in ("@context", "@embed", "id") or (name == "@omitDefault" and inner is True):
            continue
        iri = terms.property(name)
        part = shape_of(inner, terms) if iri and isinstance(inner, Mapping) and "id" not in inner else None
        if part is None or not iri:
            return None
        parts[iri] = part
    return Shape(embed, parts)


def framed_thing(triples: Iterable[Triple], thing: str, shape: Shape, terms: Terms) -> Node | None:
    """Return a thing (an IRI) with what is said of it and its parts; ``None`` where there are blank nodes or JSON in it."""
    subjects: dict[str, dict[str, list[str]]] = {}
    for subject, predicate, value in triples:
        if subject[0] == "_" or value[0] == "_" or value.endswith(_JSON + ">"):
            return None
        subjects.setdefault(subject, {}).setdefault(predicate[1:-1], []).append(value)
    if f"<{thing}>" not in subjects:
        return {}
    return _Writer(subjects, terms).node(f"<{thing}>", shape, ())


class _Writer:
    def __init__(self, subjects: Mapping[str, Mapping[str, list[str]]], terms: Terms) -> None:
        self._subjects = subjects
        self._terms = terms

    def node(self, subject: str, shape: Shape, above: tuple[str, ...]) -> Node:
        """Return a thing with all that is said of it. ``above`` are the things in which it stands, the outermost first."""
        node: Node = {"id": self._terms.short_iri(subject[1:-1])}
        said = self._subjects[subject]
        if _TYPE in said:
            types = [self._terms.name(value[1:-1]) for value in said[_TYPE]]
            node["type"] = types if len(types) > 1 else types[0]
        inside, everywhere = (*above, subject), Shape(shape.embed)
        for predicate in sorted(said):
            if predicate == _TYPE:
                continue
            part = shape.parts.get(predicate, everywhere)
            for value in said[predicate]:
                if value[0] == '"':
                    self._literal(node, predicate, value)
                else:
                    self._thing(node, predicate, value, part, inside)
        return node

    def _thing(self, node: Node, predicate: str, value: str, part: Shape, inside: tuple[str, ...]) -> None:
        """Add a thing: with all that is said of it if the shape wants that and it is none of those around."""
        key, implied = self._terms.key(predicate, "@id")
        if part.embed and value in self._subjects and value not in inside[:-1]:
            append(node, key, self.node(value, part, inside))
            return
        iri = self._terms.short_iri(value[1:-1])
        append(node, key, iri if implied else {"id": iri})

    def _literal(self, node: Node, predicate: str, value: str) -> None:
        lexical, datatype, language = split_literal(value)
        text: Any = unescape(lexical)
        if datatype == _LANG:
            key, is_map = self._terms.key(predicate, "@language")
            if is_map:
                append(node.setdefault(key, {}), language.lower(), text)
            else:
                append(node, key, {"@language": language.lower(), "@value": text})
            return
        native = _native(text, datatype)
        if native is not None or datatype == _STRING:
            key, is_map = self._terms.plain_key(predicate)
            plain = text if native is None else native
            append(node.setdefault(key, {}) if is_map else node, "@none" if is_map else key, plain)
            return
        key, implied = self._terms.key(predicate, datatype)
        append(node, key, text if implied else {"type": self._terms.name(datatype), "@value": text})


def _native(text: str, datatype: str) -> bool | int | float | None:
    """Return the text of a literal as a value of JSON, if there is one for its datatype."""
    if datatype == _INTEGER and _WHOLE.fullmatch(text):
        return int(text)
    if datatype == _BOOLEAN:
        return _TRUTH.get(text)
    if datatype == _DOUBLE:
        try:
            number = float(text)
        except ValueError:
            return None
        return number if math.isfinite(number) else None
    return None

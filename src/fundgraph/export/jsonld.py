"""JSON-LD to be read by people: compacted with the ontology's context, things by class, their parts inside of them.

The context is read, not interpreted in full: a term is an IRI, or an IRI with ``@type`` or ``@container: @language``.
That is what ``ontology/context.jsonld`` has, and a document of ten thousand things is written in a fraction of a second.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from fundgraph.export.blanks import Nesting, by_graph
from fundgraph.export.things import Quad, full, rank
from fundgraph.literals import split_literal, unescape

_XSD = "http://www.w3.org/2001/XMLSchema#"
_STRING, _LANG = f"{_XSD}string", "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString"
_INTEGER, _BOOLEAN = f"{_XSD}integer", f"{_XSD}boolean"
_SAFE = re.compile(r"0|-?[1-9][0-9]{0,14}")
_TYPE = full("rdf:type")
#: What these lead to is a part, and stands inside of the thing whose part it is.
_INSIDE = tuple(
    full(name)
    for name in (
        "fg:hasParticipation",
        "fg:hasTopicAssignment",
        "time:hasBeginning",
        "time:hasEnd",
        "oa:hasSelector",
    )
)
#: Parts within parts are written so up to this depth.
_DEEPEST = 20

Node = dict[str, Any]


class Terms:
    """The terms of a context, found by IRI and by the kind of value."""

    def __init__(self, context: Mapping[str, Any]) -> None:
        self._context = context
        self._coerced: dict[tuple[str, str], str] = {}
        self._plain: dict[str, str] = {}
        self._by_language: dict[str, str] = {}
        self._prefixes: dict[str, str] = {}
        self._kept: dict[str, str] = {}
        self._short_iris: dict[str, str] = {}
        for term, meaning in context.items():
            if isinstance(meaning, str) and meaning.startswith("http") and meaning[-1] in "#/":
                self._prefixes[meaning] = term
        for term, meaning in context.items():
            if isinstance(meaning, str) and not meaning.startswith(("@", "http")):
                self._plain.setdefault(self._expand(meaning), term)
            elif isinstance(meaning, Mapping):
                iri = self._expand(str(meaning["@id"]))
                if meaning.get("@container") == "@language":
                    self._by_language[iri] = term
                elif "@type" in meaning:
                    type_ = str(meaning["@type"])
                    self._coerced[iri, type_ if type_[0] == "@" else self._expand(type_)] = term
                else:
                    self._plain.setdefault(iri, term)

    def _expand(self, name: str) -> str:
        prefix, _, local = name.partition(":")
        return str(self._context[prefix]) + local

    def name(self, iri: str) -> str:
        """Return an IRI as the value of ``@id`` or ``@type``, or as a key for values that say their kind themselves."""
        found = self._kept.get(iri)
        if found is None:
            found = self._kept[iri] = self._short(iri)
        return found

    def _short(self, iri: str) -> str:
        if iri in self._plain:
            return self._plain[iri]
        cut = max(iri.rfind("/"), iri.rfind("#")) + 1
        prefix = self._prefixes.get(iri[:cut])
        short = f"{prefix}:{iri[cut:]}" if prefix and iri[cut:] and not iri[cut:].startswith("//") else iri
        # A name that is a term itself, with a coercion, would change values that are not of its kind.
        return iri if short in self._context else short

    def short_iri(self, iri: str) -> str:
        """Return an IRI as the value of ``@id``, with the prefix that makes it shortest."""
        found = self._short_iris.get(iri)
        if found is None:
            fitting = (
                f"{prefix}:{iri[len(start) :]}"
                for start, prefix in self._prefixes.items()
                if iri.startswith(start) and iri != start
            )
            found = self._short_iris[iri] = min(fitting, key=lambda short: (len(short), short), default=iri)
        return found

    def property(self, name: str) -> str | None:
        """Return the IRI that a name stands for as a key: a term, or one with a prefix; ``None`` for others."""
        meaning = self._context.get(name, name)
        iri = str(meaning["@id"]) if isinstance(meaning, Mapping) else str(meaning)
        prefix, colon, _ = iri.partition(":")
        return self._expand(iri) if colon and prefix in self._context else None

    def plain_key(self, iri: str) -> tuple[str, bool]:
        """Return the key for texts in no language, and for JSON's own values; and whether their texts stand by language."""
        if iri in self._plain or iri not in self._by_language:
            return self.name(iri), False
        return self._by_language[iri], True

    def key(self, iri: str, kind: str) -> tuple[str, bool]:
        """Return the key for values of a kind (``@id``, ``@language`` or a datatype), and whether it implies the kind."""
        if kind == "@language" and iri in self._by_language:
            return self._by_language[iri], True
        term = self._coerced.get((iri, kind))
        if term is not None:
            return term, True
        return self.name(iri), False


def used_terms(terms: Mapping[str, Any], document: object) -> dict[str, Any]:
    """Return those terms of a context that a document uses, and what these need themselves, in the context's order."""
    found = {"@version", "id", "type"}
    waiting = set(_words(document))
    while waiting:
        word = waiting.pop()
        prefix = word.partition(":")[0]
        if prefix != word and prefix in terms and prefix not in found:
            waiting.add(prefix)
        if word in terms and word not in found:
            found.add(word)
            meaning = terms[word]
            waiting |= {meaning} if isinstance(meaning, str) else set(map(str, meaning.values()))
    return {name: terms[name] for name in terms if name in found}


def document(quads: Iterable[Quad], context: Mapping[str, Any]) -> Iterator[bytes]:
    """Yield named graphs as one JSON-LD document, a thing to a block."""
    terms = Terms(context)
    graphs, shared = by_graph(quads)
    written = [
        {"id": graph, "@graph": list(_Framed(terms, Nesting(graphs[graph], shared)).nodes())}
        for graph in sorted(graphs)
    ]
    whole = {"@context": used_terms(context, written), "@graph": written}
    yield text(whole)


def text(value: object) -> bytes:
    """Return JSON for people: an entry to a line, and letters as they are."""
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()


class _Framed:
    """The things of one graph, each where it belongs."""

    def __init__(self, terms: Terms, nesting: Nesting) -> None:
        self._terms = terms
        self._nesting = nesting
        self._subjects = nesting.subjects
        parts: dict[str, str] = {}
        for subject, said in self._subjects.items():
            if subject[0] == "_":  # it may itself hang below the part
                continue
            for predicate in _INSIDE:
                for value in said.get(predicate, ()):
                    if value[0] == "<" and value in self._subjects and value != subject:
                        parts.setdefault(value, subject)
        self._above = {part: whole for part, whole in parts.items() if _is_near_the_top(part, parts)}

    def nodes(self) -> Iterator[Node]:
        """Yield the things that stand by themselves, by class and name."""
        order = sorted(
            (rank(value[1:-1] for value in said.get(_TYPE, ())), subject)
            for subject, said in self._subjects.items()
            if subject not in self._above and subject not in self._nesting.within
        )
        for _, subject in order:
            yield self._node(subject)

    def _node(self, subject: str) -> Node:
        said = self._subjects[subject]
        node: Node = {}
        if subject not in self._nesting.within:
            node["id"] = _bare(subject)
        for predicate in sorted(said, key=lambda iri: (iri != _TYPE, iri)):
            values = sorted(said[predicate])
            if predicate == _TYPE and all(value[0] == "<" for value in values):
                node["type"] = _one_or_all([self._terms.name(value[1:-1]) for value in values])
                continue
            for value in values:
                self._add(node, subject, predicate, value)
        return node

    def _add(self, node: Node, subject: str, predicate: str, value: str) -> None:
        if value in self._nesting.within:
            items = self._nesting.items(value)
            if items is None:
                append(node, self._terms.key(predicate, "@id")[0], self._node(value))
            else:
                append(node, self._terms.name(predicate), {"@list": [self._item(item) for item in items]})
            return
        if value[0] != '"':
            key, implied = self._terms.key(predicate, "@id")
            if predicate in _INSIDE and self._above.get(value) == subject:
                append(node, key, self._node(value))
            else:
                append(node, key, _bare(value) if implied else {"id": _bare(value)})
            return
        lexical, datatype, language = split_literal(value)
        plain = unescape(lexical)
        if datatype == _LANG:
            key, implied = self._terms.key(predicate, "@language")
            if implied:
                append(node.setdefault(key, {}), language, plain)
            else:
                append(node, key, {"@value": plain, "@language": language})
            return
        key, implied = self._terms.key(predicate, datatype)
        append(node, key, plain if implied else self._value(plain, datatype))

    def _value(self, text: str, datatype: str) -> object:
        """Return a literal in no language as a value that says its kind itself."""
        if datatype == _STRING:
            return text
        if datatype == _BOOLEAN and text in ("true", "false"):
            return text == "true"
        if datatype == _INTEGER and _SAFE.fullmatch(text):
            return int(text)
        return {"@value": text, "@type": self._terms.name(datatype)}

    def _item(self, term: str) -> object:
        """Return a member of a list."""
        if term in self._nesting.within:
            items = self._nesting.items(term)
            return self._node(term) if items is None else {"@list": [self._item(item) for item in items]}
        if term[0] != '"':
            return {"id": _bare(term)}
        lexical, datatype, language = split_literal(term)
        plain = unescape(lexical)
        return {"@value": plain, "@language": language} if datatype == _LANG else self._value(plain, datatype)


def append(node: Node, key: str, value: object) -> None:
    """Add a value to what a key has: one value stands alone, several in an array."""
    if key not in node:
        node[key] = value
    elif isinstance(node[key], list):
        node[key].append(value)
    else:
        node[key] = [node[key], value]


def _one_or_all(values: list[str]) -> str | list[str]:
    return values[0] if len(values) == 1 else values


def _bare(term: str) -> str:
    return term[1:-1] if term[0] == "<" else term


def _is_near_the_top(part: str, above: Mapping[str, str]) -> bool:
    """Tell whether a part hangs, over few steps, below something that stands by itself; in a circle none does."""
    for _ in range(_DEEPEST):
        if part not in above:
            return True
        part = above[part]
    return False


def _words(value: object) -> Iterator[str]:
    """Yield the keys of a document and all of its texts."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from _words(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _words(inner)
    elif isinstance(value, str) and " " not in value:
        yield value

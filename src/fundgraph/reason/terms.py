"""Terms as numbers: a dictionary of terms as N-Triples writes them."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from fundgraph.reason.rules import NAMESPACES, RULES, ListPremise, Pattern, expand
from fundgraph.reason.values import DATATYPES, ILL_TYPED, Value, escape, split_literal, unescape, value_of

__all__ = ["BLANK", "IRI", "LITERAL", "Ids", "Rows", "Terms", "Vocabulary"]

Ids = NDArray[np.int64]
#: Triples as they are read, at half the size of what is worked with.
Rows = NDArray[np.int32]
IRI, BLANK, LITERAL = 0, 1, 2
_INTEGER = f'"^^<{NAMESPACES["xsd"]}integer>'
_XSD = "<" + NAMESPACES["xsd"]
_KIND = {"<": IRI, "_": BLANK, '"': LITERAL}
_ANNOTATIONS = (
    "rdfs:label", "rdfs:comment", "rdfs:seeAlso", "rdfs:isDefinedBy", "owl:deprecated", "owl:versionInfo",
    "owl:priorVersion", "owl:backwardCompatibleWith", "owl:incompatibleWith",
)  # fmt: skip
_MORE = ("rdf:first", "rdf:rest", "rdf:nil", "owl:Class", "rdfs:Literal", "rdfs:Resource", "rdfs:Class",
         "rdf:Property", "owl:NamedIndividual", "rdf:langString", "rdf:HTML")  # fmt: skip


def _vocabulary() -> list[str]:
    names: dict[str, None] = {expand("rdf:type"): None}
    for rule in RULES:
        patterns: list[Pattern] = list(rule.conclusions)
        for premise in rule.premises:
            if isinstance(premise, Pattern):
                patterns.append(premise)
            elif isinstance(premise, ListPremise):
                patterns += premise.patterns
        for pattern in patterns:
            names |= dict.fromkeys(term for term in pattern.terms if not term.startswith("?"))
    names |= dict.fromkeys(expand(name) for name in (*_ANNOTATIONS, *_MORE))
    names |= dict.fromkeys(f"<{iri}>" for iri in DATATYPES)
    return list(names)


_VOCABULARY = _vocabulary()


class Vocabulary:
    """The numbers of the terms that the rules name; they are the same in every dictionary."""

    number: ClassVar[dict[str, int]] = {term: place for place, term in enumerate(_VOCABULARY)}

    @classmethod
    def id(cls, name: str) -> int:
        """Return the number of a term of the rules: ``Vocabulary.id("owl:Thing")``."""
        return cls.number[expand(name)]


class Terms:
    """Numbers for terms, and back. The terms of the rules come first."""

    def __init__(self) -> None:
        self.names: list[str] = list(_VOCABULARY)
        self.numbers: dict[str, int] = dict(Vocabulary.number)
        self.own = len(self.names)
        self.datatypes = {f"<{iri}>": iri for iri in DATATYPES}
        self._values: dict[int, Value | None] = {}
        self._kinds = np.zeros(0, dtype=np.int8)
        self._canonical = np.zeros(0, dtype=np.int64)
        self._by_value: dict[object, int] = {}
        self._strings: dict[Value, int] = {}
        self._other_forms: dict[int, list[int]] = {}
        self._xsd: list[int] = []
        self._xsd_known = 0
        self.ill_typed: list[int] = []

    def __len__(self) -> int:
        return len(self.names)

    def add(self, name: str) -> int:
        """Return the number of a term, a new one if it has none."""
        number = self.numbers.get(name)
        if number is None:
            number = self.numbers[name] = len(self.names)
            self.names.append(name)
        return number

    def forget(self, length: int) -> None:
        """Forget the latest terms, so that as many are left as there were before they were added."""
        forgotten = self.names[length:]
        del self.names[length:]
        for name in forgotten:
            del self.numbers[name]
        self._kinds, self._canonical = self._kinds[:length], self._canonical[:length]
        self._xsd = [number for number in self._xsd if number < length]
        self._xsd_known = min(self._xsd_known, length)
        for number in range(length, length + len(forgotten)):
            self._values.pop(number, None)
        if any(name[0] == '"' for name in forgotten):
            self._by_value = {key: number for key, number in self._by_value.items() if number < length}
            self._strings = {key: number for key, number in self._strings.items() if number < length}
            self.ill_typed = [number for number in self.ill_typed if number < length]
            forms = {
                first: [n for n in rest if n < length]
                for first, rest in self._other_forms.items()
                if first < length
            }
            self._other_forms = {first: rest for first, rest in forms.items() if rest}

    def encode(self, triples: Iterable[tuple[str, str, str]]) -> Rows:
        """Return triples as rows of three numbers."""
        numbers, names = self.numbers, self.names
        flat = array("i")
        append, get = flat.append, numbers.get
        for triple in triples:
            for name in triple:
                number = get(name)
                if number is None:
                    number = numbers[name] = len(names)
                    names.append(name)
                append(number)
        return np.frombuffer(flat, dtype=np.int32).reshape(-1, 3) if flat else np.zeros((0, 3), dtype=np.int32)

    def decode(self, rows: Rows) -> Iterator[tuple[str, str, str]]:
        """Yield rows of numbers as triples."""
        names = self.names
        for s, p, o in rows.tolist():
            yield names[s], names[p], names[o]

    def kinds(self) -> NDArray[np.int8]:
        """Return the kind of each term: ``IRI``, ``BLANK`` or ``LITERAL``."""
        known = len(self._kinds)
        if known < len(self.names):
            kind = _KIND
            more = np.fromiter((kind[name[0]] for name in self.names[known:]), np.int8, len(self.names) - known)
            self._kinds = np.concatenate([self._kinds, more])
        return self._kinds

    def of_xsd(self) -> Ids:
        """Return the terms in the namespace of XML Schema's datatypes."""
        known = self._xsd_known
        if known < len(self.names):
            self._xsd += [n for n in range(known, len(self.names)) if self.names[n].startswith(_XSD)]
            self._xsd_known = len(self.names)
        return np.array(self._xsd, dtype=np.int64)

    def kind(self, number: int) -> int:
        """Return the kind of one term."""
        return _KIND[self.names[number][0]]

    def value(self, number: int) -> Value | None:
        """Return the value of a literal, or None if nothing is known of it (and for what is no literal)."""
        if number not in self._values:
            name = self.names[number]
            self._values[number] = value_of(name) if name.startswith('"') else None
        return self._values[number]

    def canonical(self) -> Ids:
        """Return for each term the number that stands for its value: dt-eq, once and for all.

        Of several literals for one value the first stands for it, and a plain string before all others.
        """
        known, total = len(self._canonical), len(self.names)
        if known < total:
            self._canonical = np.concatenate([self._canonical, np.arange(known, total, dtype=np.int64)])
            odd_before = bool(self._strings)
            for number in range(known, total):
                name = self.names[number]
                if name[0] != '"':
                    continue
                if name[-1] != '"':
                    self._canonicalise(number, name)
                elif odd_before:
                    self._same(number, self._strings.get(("string", unescape(name[1:-1])), number))
        return self._canonical

    def _canonicalise(self, number: int, name: str) -> None:
        if name.endswith(_INTEGER):
            text = name[1 : -len(_INTEGER)]
            if text.isdigit() and text.isascii() and (text[0] != "0" or text == "0"):
                self._same(number, self._by_value.setdefault(text, number))
                return
        elif name[-1] != ">" and name.rpartition("@")[2].islower():
            return
        value = self.value(number)
        if value is ILL_TYPED:
            self.ill_typed.append(number)
        elif value is None:
            return
        elif value[0] in ("string", "langString"):
            text = value[1][0] if isinstance(value[1], tuple) else str(value[1])
            tag = f"@{value[1][1]}" if isinstance(value[1], tuple) else ""
            first = self.numbers.get(f'"{escape(text)}"{tag}', number)
            self._same(number, self._strings.setdefault(value, first))
        else:
            content = value[1]
            whole = isinstance(content, Decimal) and content == content.to_integral_value()
            key: object = str(int(content)) if whole and isinstance(content, Decimal) else value
            self._same(number, self._by_value.setdefault(key, number))

    def _same(self, number: int, first: int) -> None:
        if first != number:
            self._canonical[number] = first
            self._other_forms.setdefault(first, []).append(number)

    @property
    def varied(self) -> list[int]:
        """The (canonical) literals whose value is also written in another way."""
        return list(self._other_forms)

    def forms(self, number: int) -> list[int]:
        """Return all terms that write the same value as this (canonical) one, itself first."""
        return [number, *self._other_forms.get(number, ())]

    def datatype(self, number: int) -> str | None:
        """Return the IRI of a literal's datatype, None for other terms."""
        name = self.names[number]
        return split_literal(name)[1] if name.startswith('"') else None

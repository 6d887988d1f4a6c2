"""Write statements, and for each the passage of the document that says so."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from urllib.parse import quote

from rdflib import PROV, RDF, RDFS, XSD, Literal, URIRef
from rdflib.term import Node

from fundgraph.model import Document, Span
from fundgraph.ntriples import Name, Statements, escape, name_of
from fundgraph.vocab import FG, OA, DatasetNames

_QUOTE_LIMIT = 300
_AROUND = 32
"""Characters before and after a quotation, so that it is found again in a page that has changed."""


# Terms as N-Triples writes them, for what is said of every passage.
_TYPE, _LABEL, _INTEGER, _NATURAL = map(name_of, (RDF.type, RDFS.label, XSD.integer, XSD.nonNegativeInteger))
_PASSAGE, _IN_DOCUMENT, _QUOTE = map(name_of, (FG.Passage, FG.inDocument, FG.quote))
_READING, _RULE, _ADOPTED, _FROM, _DERIVED = map(
    name_of, (FG.Reading, FG.readingRule, FG.adopted, FG.readFrom, PROV.wasDerivedFrom)
)
_PARTS = tuple(map(name_of, (RDF.subject, RDF.predicate, RDF.object)))
_FALSE = name_of(Literal(False))
_NUMBERS = tuple(map(name_of, (FG.line, FG.lineEnd, FG.column, FG.startOffset, FG.endOffset)))
_OA = {
    name: name_of(OA[name])
    for name in (
        "SpecificResource", "hasSource", "hasSelector", "TextPositionSelector", "start", "end",
        "TextQuoteSelector", "exact", "prefix", "suffix",
    )
}  # fmt: skip


def _text(text: str) -> str:
    return f'"{escape(text)}"'


def date_literal(value: str) -> Literal:
    """Return an ISO 8601 date as a literal of the datatype that its precision calls for.

    >>> date_literal("2021-03").datatype == XSD.gYearMonth
    True
    """
    datatype = {4: XSD.gYear, 7: XSD.gYearMonth}.get(len(value), XSD.date)
    return Literal(value, datatype=datatype, normalize=False)


def slug_of(text: str) -> str:
    """Return text as a part of an IRI: anything unusual percent-encoded."""
    return quote(text, safe="-._~")


class Graphs(dict[URIRef, Statements]):
    """Named graphs by IRI; a graph that is asked for is there."""

    def __missing__(self, name: URIRef) -> Statements:
        self[name] = graph = Statements()
        return graph


class Writer:
    """Writes into one named graph; what was read also into the provenance graph, statement by statement."""

    def __init__(self, graphs: Graphs, names: DatasetNames, graph: str) -> None:
        self.names = names
        self.graph = graphs[names.graph(graph)]
        self.provenance = graphs[names.graph("provenance")]

    def say(self, subject: URIRef, predicate: URIRef, value: Node) -> None:
        """Add a statement that needs no evidence of its own."""
        self.graph.add((subject, predicate, value))

    def say_if(self, subject: URIRef, predicate: URIRef, value: str | int | None) -> None:
        """Add a plain statement unless the value is unknown."""
        if value is not None and value != "":
            self.graph.add((subject, predicate, Literal(value)))

    def thing(self, subject: URIRef, kind: URIRef, label: str, language: str | None = None) -> None:
        """Add a thing's class and label."""
        self.graph.add((subject, RDF.type, kind))
        self.graph.add((subject, RDFS.label, Literal(label, lang=language)))

    def reading(self, subject: URIRef, predicate: URIRef, value: Node) -> URIRef:
        """Return the node that stands for one statement in the provenance graph, making it if need be."""
        triple = name_of(subject), name_of(predicate), name_of(value)
        return URIRef(self._reading(triple, value)[1:-1])

    def _reading(self, triple: Name, value: Node) -> str:
        """Do the same for a statement as N-Triples writes it, with its value as rdflib's."""
        written = value.n3() if isinstance(value, Literal) else triple[2]
        digest = hashlib.sha256(f"{triple[0]} {triple[1]} {written}".encode()).hexdigest()[:20]
        node = f"<{self.names.base}reading/{digest}>"
        if not self.provenance.has((node, _TYPE, _READING)):
            for name, part in zip(_PARTS, triple, strict=True):
                self.provenance.insert((node, name, part))
            self.provenance.insert((node, _TYPE, _READING))
        return node


class DocumentWriter(Writer):
    """Writes what was read out of one document into the document's own graph."""

    def __init__(self, graphs: Graphs, names: DatasetNames, document: Document) -> None:
        super().__init__(graphs, names, f"document/{document.id}")
        self.document = document
        self.iri = names.thing("document", document.id)
        self._name = f"<{self.iri}>"
        self._passages: dict[tuple[int, int], str] = {}

    def passage(self, span: Span) -> URIRef:
        """Return the passage for a span, making it if need be; its IRI is RFC 5147's for a text."""
        return URIRef(self._passage(span)[1:-1])

    def _passage(self, span: Span) -> str:
        known = self._passages.get((span.start, span.end))
        if known is not None:
            return known
        node = f"{self._name[1:-1]}#char={span.start},{span.end}"
        name = self._passages[span.start, span.end] = f"<{node}>"
        if self.graph.has((name, _TYPE, _PASSAGE)):
            return name
        text, insert = self.document.quote(span), self.graph.insert
        shown = text if len(text) <= _QUOTE_LIMIT else text[: _QUOTE_LIMIT - 1] + "…"
        insert((name, _TYPE, _PASSAGE))
        insert((name, _LABEL, _text(f"{self.document.id}, line {span.line}")))
        insert((name, _IN_DOCUMENT, self._name))
        insert((name, _QUOTE, _text(shown)))
        numbers = (span.line, span.line_end, span.column, span.start, span.end)
        for predicate, number in zip(_NUMBERS, numbers, strict=True):
            insert((name, predicate, f'"{number}"^^{_INTEGER}'))
        self._selectors(node, span, text)
        return name

    def _selectors(self, iri: str, span: Span, text: str) -> None:
        """Describe a passage as the Web Annotation vocabulary does: by position, and by quotation with its surroundings."""
        insert, whole = self.provenance.insert, self.document.text
        node, position, quotation = f"<{iri}>", f"<{iri}&by=position>", f"<{iri}&by=quote>"
        insert((node, _TYPE, _OA["SpecificResource"]))
        insert((node, _OA["hasSource"], self._name))
        insert((node, _OA["hasSelector"], position))
        insert((node, _OA["hasSelector"], quotation))
        insert((position, _TYPE, _OA["TextPositionSelector"]))
        insert((position, _OA["start"], f'"{span.start}"^^{_NATURAL}'))
        insert((position, _OA["end"], f'"{span.end}"^^{_NATURAL}'))
        insert((quotation, _TYPE, _OA["TextQuoteSelector"]))
        insert((quotation, _OA["exact"], _text(text)))
        insert((quotation, _OA["prefix"], _text(whole[max(0, span.start - _AROUND) : span.start])))
        insert((quotation, _OA["suffix"], _text(whole[span.end : span.end + _AROUND])))

    def read(self, subject: URIRef, predicate: URIRef, value: Node, spans: Iterable[Span], rule: str) -> None:
        """Add a statement that was read, its reading, and the passages it was read from."""
        triple = name_of(subject), name_of(predicate), name_of(value)
        self.graph.insert(triple)
        self._evidence(self._reading(triple, value), spans, rule)

    def _evidence(self, node: str, spans: Iterable[Span], rule: str) -> None:
        """Say of a reading by which rule it was made, and from which passages."""
        insert = self.provenance.insert
        insert((node, _RULE, _text(rule)))
        insert((node, _DERIVED, self._name))
        for span in spans:
            insert((node, _FROM, self._passage(span)))

    def heard(self, subject: URIRef, predicate: URIRef, value: Node, span: Span, rule: str) -> None:
        """Keep the reading of a statement that does not stand, since another document says otherwise."""
        triple = name_of(subject), name_of(predicate), name_of(value)
        node = self._reading(triple, value)
        self.provenance.insert((node, _ADOPTED, _FALSE))
        self._evidence(node, [span], rule)

    def read_from(self, subject: URIRef, spans: Iterable[Span]) -> None:
        """Say where a thing as a whole was read."""
        name = name_of(subject)
        for span in spans:
            self.graph.insert((name, _FROM, self._passage(span)))

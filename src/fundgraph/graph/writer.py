"""Write statements, and for each the passage of the document that says so."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from urllib.parse import quote

from rdflib import PROV, RDF, RDFS, XSD, Graph, Literal, URIRef
from rdflib.term import Node

from fundgraph.model import Document, Span
from fundgraph.vocab import FG, OA, DatasetNames

_QUOTE_LIMIT = 300
_AROUND = 32
"""Characters before and after a quotation, so that it is found again in a page that has changed."""


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


class Graphs(dict[URIRef, Graph]):
    """Named graphs by IRI; a graph that is asked for is there."""

    def __missing__(self, name: URIRef) -> Graph:
        self[name] = graph = Graph(identifier=name)
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
        digest = hashlib.sha256(f"{subject.n3()} {predicate.n3()} {value.n3()}".encode()).hexdigest()[:20]
        node = self.names.thing("reading", digest)
        if (node, RDF.type, FG.Reading) not in self.provenance:
            for name, part in ((RDF.subject, subject), (RDF.predicate, predicate), (RDF.object, value)):
                self.provenance.add((node, name, part))
            self.provenance.add((node, RDF.type, FG.Reading))
        return node


class DocumentWriter(Writer):
    """Writes what was read out of one document into the document's own graph."""

    def __init__(self, graphs: Graphs, names: DatasetNames, document: Document) -> None:
        super().__init__(graphs, names, f"document/{document.id}")
        self.document = document
        self.iri = names.thing("document", document.id)

    def passage(self, span: Span) -> URIRef:
        """Return the passage for a span, making it if need be; its IRI is RFC 5147's for a text."""
        node = URIRef(f"{self.iri}#char={span.start},{span.end}")
        if (node, RDF.type, FG.Passage) in self.graph:
            return node
        text = self.document.quote(span)
        self.thing(node, FG.Passage, f"{self.document.id}, line {span.line}")
        self.say(node, FG.inDocument, self.iri)
        self.say(node, FG.quote, Literal(text if len(text) <= _QUOTE_LIMIT else text[: _QUOTE_LIMIT - 1] + "…"))
        numbers = (
            (FG.line, span.line), (FG.lineEnd, span.line_end), (FG.column, span.column),
            (FG.startOffset, span.start), (FG.endOffset, span.end),
        )  # fmt: skip
        for predicate, number in numbers:
            self.say(node, predicate, Literal(number))
        self._selectors(node, span, text)
        return node

    def _selectors(self, node: URIRef, span: Span, text: str) -> None:
        """Describe a passage as the Web Annotation vocabulary does: by position, and by quotation with its surroundings."""
        say, whole = self.provenance.add, self.document.text
        position, quotation = URIRef(f"{node}&by=position"), URIRef(f"{node}&by=quote")
        say((node, RDF.type, OA.SpecificResource))
        say((node, OA.hasSource, self.iri))
        say((node, OA.hasSelector, position))
        say((node, OA.hasSelector, quotation))
        say((position, RDF.type, OA.TextPositionSelector))
        say((position, OA.start, Literal(span.start, datatype=XSD.nonNegativeInteger)))
        say((position, OA.end, Literal(span.end, datatype=XSD.nonNegativeInteger)))
        say((quotation, RDF.type, OA.TextQuoteSelector))
        say((quotation, OA.exact, Literal(text)))
        say((quotation, OA.prefix, Literal(whole[max(0, span.start - _AROUND) : span.start])))
        say((quotation, OA.suffix, Literal(whole[span.end : span.end + _AROUND])))

    def read(self, subject: URIRef, predicate: URIRef, value: Node, spans: Iterable[Span], rule: str) -> None:
        """Add a statement that was read, its reading, and the passages it was read from."""
        self.say(subject, predicate, value)
        node = self.reading(subject, predicate, value)
        self.provenance.add((node, FG.readingRule, Literal(rule)))
        self.provenance.add((node, PROV.wasDerivedFrom, self.iri))
        for span in spans:
            self.provenance.add((node, FG.readFrom, self.passage(span)))

    def heard(self, subject: URIRef, predicate: URIRef, value: Node, span: Span, rule: str) -> None:
        """Keep the reading of a statement that does not stand, since another document says otherwise."""
        node = self.reading(subject, predicate, value)
        self.provenance.add((node, FG.readingRule, Literal(rule)))
        self.provenance.add((node, FG.adopted, Literal(False)))
        self.provenance.add((node, PROV.wasDerivedFrom, self.iri))
        self.provenance.add((node, FG.readFrom, self.passage(span)))

    def read_from(self, subject: URIRef, spans: Iterable[Span]) -> None:
        """Say where a thing as a whole was read."""
        for span in spans:
            self.say(subject, FG.readFrom, self.passage(span))

"""Find where the source speaks of a thing, and what the thing is called."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, Protocol

from rdflib import RDF, RDFS, Literal, URIRef
from rdflib.term import Node

from fundgraph.validate.paths import compact
from fundgraph.vocab import FG

#: Ways from a thing without a passage to one that may have it, nearest first; True means against the arrow.
_NEIGHBOURS: tuple[tuple[URIRef, bool], ...] = (
    (FG.inProject, False), (FG.ofProject, False), (FG.hasTopicAssignment, True), (FG.hasParticipation, True),
    (FG.participant, True), (FG.cites, True), (FG.hasIdentifier, True), (FG.about, False),
    (FG.describesPhase, True), (FG.hasPhase, False), (FG.affiliatedWith, True), (FG.inPhase, True),
)  # fmt: skip


class Source(Protocol):
    """Data to look things up in; an rdflib graph is one."""

    def objects(self, subject: Node, predicate: Node, /) -> Iterator[Node]:
        """Yield the objects of triples."""

    def subjects(self, predicate: Node, obj: Node, /) -> Iterator[Node]:
        """Yield the subjects of triples."""

    def __contains__(self, triple: tuple[Node, Node, Node], /) -> bool:
        """Tell whether a triple is there."""


class Place(NamedTuple):
    """The id of a document, a line counted from 1, and the passage that they are read from."""

    document: str | None = None
    line: int | None = None
    passage: Node | None = None


class Places:
    """Finds the passage by which a thing is best known: its own first one, else that of the nearest thing."""

    def __init__(self, data: Source) -> None:
        self.data = data
        self._found: dict[Node, Place] = {}

    def of(self, thing: Node) -> Place:
        """Return where the source speaks of a thing; an empty place if it does not."""
        if thing not in self._found:
            self._found[thing] = self._find(thing)
        return self._found[thing]

    def label(self, thing: Node) -> str:
        """Return what a thing is called in English, else how it is called in any language, else its IRI."""
        labels = (
            [] if isinstance(thing, Literal) else sorted(self.data.objects(thing, RDFS.label), key=by_language)
        )
        return str(labels[0]) if labels and str(labels[0]).strip() else compact(thing)

    def _find(self, thing: Node) -> Place:
        if isinstance(thing, Literal):
            return Place()
        own = self._own(thing)
        if own is not None:
            return own
        nearby = (place for other in self._neighbours(thing) if (place := self._own(other)) is not None)
        return next(nearby, Place())

    def _own(self, thing: Node) -> Place | None:
        if (thing, RDF.type, FG.Document) in self.data:
            return Place(_last(thing))
        if (thing, RDF.type, FG.Passage) in self.data:
            return self._passage(thing)
        passages = (self._passage(passage) for passage in self.data.objects(thing, FG.readFrom))
        return min((place for place in passages if place is not None), key=_place_key, default=None)

    def _passage(self, passage: Node) -> Place | None:
        document = min(self.data.objects(passage, FG.inDocument), key=str, default=None)
        line = min(self.data.objects(passage, FG.line), key=str, default=None)
        number = line.value if isinstance(line, Literal) and isinstance(line.value, int) else None
        return None if document is None else Place(_last(document), number, passage)

    def _neighbours(self, thing: Node) -> Iterator[Node]:
        for predicate, against in _NEIGHBOURS:
            if against:
                yield from sorted(self.data.subjects(predicate, thing), key=str)
            else:
                yield from sorted(self.data.objects(thing, predicate), key=str)


def _place_key(place: Place) -> tuple[str, int, str]:
    return place.document or "", place.line or 0, str(place.passage)


def _last(iri: Node) -> str:
    return str(iri).rsplit("/", 1)[-1]


def by_language(term: Node) -> tuple[bool, bool, str]:
    """Return what texts are ordered by: English ones first, then those in no language."""
    language = term.language if isinstance(term, Literal) else None
    return language != "en", language is not None, str(term)

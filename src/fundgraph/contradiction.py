"""A contradiction told down to the lines of the sources that it rests on."""

from __future__ import annotations

from collections.abc import Iterator

from rdflib import DCTERMS, RDF, RDFS
from rdflib.term import URIRef

from fundgraph.documents.programme import FILE_NAME, Programme
from fundgraph.errors import InconsistencyError
from fundgraph.graph import Graphs
from fundgraph.ntriples import Name, Statements, name_of, split_literal, unescape
from fundgraph.reason.closure import Closure
from fundgraph.reason.proof import Proof
from fundgraph.reason.rules_engine import raise_if_inconsistent
from fundgraph.vocab import FG, ONTOLOGY_GRAPH, DatasetNames, prefixes

__all__ = ["told"]

_SUBJECT, _PREDICATE, _OBJECT = map(name_of, (RDF.subject, RDF.predicate, RDF.object))
_READ_FROM, _RULE, _LINE, _DOCUMENT, _FILE = map(
    name_of, (FG.readFrom, FG.readingRule, FG.line, FG.inDocument, FG.file)
)
_LABEL, _SOURCE = name_of(RDFS.label), name_of(DCTERMS.source)


def told(error: InconsistencyError, graphs: Graphs, programme: Programme) -> InconsistencyError:
    """Return the error with its proof written out, each asserted statement with the file and line that says so.

    Where the engine gives no proof, the contradiction is found again by the one that does.
    """
    proof = error.proof if isinstance(error.proof, Proof) else _prove(graphs, programme)
    if proof is None:
        return error
    places = _Places(graphs, programme)
    text = proof.to_text(places.label, places.place)
    return InconsistencyError(
        f"{error.what}\n{text}", rule=error.rule, premises=error.premises, proof=proof, hint=error.hint
    )


def _prove(graphs: Graphs, programme: Programme) -> Proof | None:
    """Find the contradiction again, by the engine that can say why."""
    hidden = set(DatasetNames(programme.base).hidden_graphs())
    closure = Closure.of(triple for name, graph in graphs.items() if name not in hidden for triple in graph)
    try:
        raise_if_inconsistent(closure)
    except InconsistencyError as found:
        return found.proof if isinstance(found.proof, Proof) else None
    return None


class _Places:
    """Where the asserted statements of a build were read."""

    def __init__(self, graphs: Graphs, programme: Programme) -> None:
        self._graphs, self._programme = graphs, programme
        names = DatasetNames(programme.base)
        self._readings: dict[str, dict[str, list[str]]] = {}
        for s, p, o in graphs[names.graph("provenance")]:
            self._readings.setdefault(s, {}).setdefault(p, []).append(o)
        self._hidden = set(names.hidden_graphs())
        self._topics = names.graph("topics")
        self._prefixes = prefixes(programme.base)
        self._labels: dict[str, str] = {}
        for graph in graphs.values():
            self._labels |= {s: unescape(split_literal(o)[0]) for s, p, o in graph if p == _LABEL}

    def label(self, term: str) -> str:
        """Return what a thing is called; IRIs by a prefix where one fits."""
        if term in self._labels and not term.startswith(f"<{FG}"):
            return self._labels[term]
        for prefix, namespace in sorted(self._prefixes.items(), key=lambda pair: -len(pair[1])):
            if term.startswith(f"<{namespace}"):
                return f"{prefix}:{term[len(namespace) + 1 : -1]}"
        return term

    def place(self, triple: Name) -> str | None:
        """Return the first file and line that say a statement, or which part of the input does."""
        read = sorted(self._read(triple))
        if read:
            return read[0]
        for name, graph in self._graphs.items():
            if name not in self._hidden and graph.has(triple):
                return self._of_graph(name, graph, triple)
        return None

    def _read(self, triple: Name) -> Iterator[str]:
        """Yield the places of a statement that was read, by its reading in the provenance."""
        for said in self._readings.values():
            if tuple(said.get(part, [""])[0] for part in (_SUBJECT, _PREDICATE, _OBJECT)) == triple:
                yield from (place for one in said.get(_READ_FROM, ()) if (place := self._passage(one)))
                if _SOURCE in said:
                    yield from (unescape(split_literal(rule)[0]) for rule in said.get(_RULE, ()))

    def _passage(self, passage: str) -> str | None:
        for graph in self._graphs.values():
            said = {p: o for s, p, o in graph if s == passage}
            if _LINE in said:
                file = next((o for s, p, o in graph if s == said[_DOCUMENT] and p == _FILE), '""')
                return f"{unescape(split_literal(file)[0])}, line {split_literal(said[_LINE])[0]}"
        return None

    def _of_graph(self, name: URIRef, graph: Statements, triple: Name) -> str:
        if name == ONTOLOGY_GRAPH:
            return "the ontology says so"
        if name == self._topics and self._programme.topics is not None:
            return f"{self._programme.topics.name} says so"
        # What a document says of a thing as a whole.
        passages = [o for s, p, o in graph if s == triple[0] and p == _READ_FROM]
        found = sorted(place for one in passages if (place := self._passage(one)))
        return found[0] if found else f"{FILE_NAME} says so"

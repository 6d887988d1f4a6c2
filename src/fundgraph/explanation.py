"""Why a statement is in a snapshot: asserted at which line of which document, or inferred by which rules."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from rdflib import DCTERMS, PROV, RDF

from fundgraph.ntriples import Statements, escape
from fundgraph.reason.closure import Closure
from fundgraph.reason.derivations import Derivations
from fundgraph.reason.explain import Missing, Search, explain, one_step, why_not
from fundgraph.reason.front import name_of, read_quads
from fundgraph.reason.proof import Name, Proof, Step, short
from fundgraph.reason.rules import expand
from fundgraph.reason.values import split_literal, unescape
from fundgraph.store.snapshot import Snapshot
from fundgraph.vocab import FG

__all__ = ["RDF_FORMATS", "Explainer", "Explanation", "Source"]

_PARTS = (expand("rdf:subject"), expand("rdf:predicate"), expand("rdf:object"))
_READ_FROM, _IN_DOCUMENT, _LINE, _QUOTE = (
    name_of(FG[name]) for name in ("readFrom", "inDocument", "line", "quote")
)
_LABEL = expand("rdfs:label")
_OUTSIDE = name_of(DCTERMS.source)
_TYPE, _DERIVED, _READING, _PASSAGE = map(name_of, (RDF.type, PROV.wasDerivedFrom, FG.Reading, FG.Passage))
_INTEGER = "^^<http://www.w3.org/2001/XMLSchema#integer>"

#: The RDF formats of an explanation, with rdflib's names for them; triples alone are N-Quads and TriG as well.
RDF_FORMATS = {
    "turtle": "turtle", "ntriples": "nt", "rdfxml": "xml", "jsonld": "json-ld", "trig": "turtle", "nquads": "nt",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Source:
    """Where an asserted statement was read: the document's IRI, the line and the words.

    A fact from outside has no passage; ``document`` is then what its table of facts names as its source.
    """

    passage: str
    document: str
    line: int | None
    quote: str

    def triples(self, statement: str) -> Iterator[Name]:
        """Yield, for the term of a statement, the passage that it was read from, or what it is from otherwise."""
        if not self.passage:
            outside = self.document
            web = outside.startswith(("https://", "http://")) and not set(outside) & set('<>"{}|^`\\ ')
            yield statement, _OUTSIDE, f"<{outside}>" if web else f'"{escape(outside)}"'
            return
        passage, document = f"<{self.passage}>", f"<{self.document}>"
        yield statement, _READ_FROM, passage
        yield statement, _DERIVED, document
        yield passage, _TYPE, _PASSAGE
        yield passage, _IN_DOCUMENT, document
        yield passage, _QUOTE, f'"{escape(self.quote)}"'
        if self.line is not None:
            yield passage, _LINE, f'"{self.line}"{_INTEGER}'

    def __str__(self) -> str:
        if not self.passage:
            return f"from {self.document}"
        name = self.document.rsplit("/", 1)[-1]
        return f"{name}, line {self.line}" if self.line is not None else name


@dataclass(frozen=True, slots=True)
class Explanation:
    """A proof of a statement with the sources of what it rests on, or what is missing for one."""

    statement: Name
    proof: Proof | None
    ways: tuple[Step, ...]
    missing: tuple[Missing, ...]
    sources: dict[Name, tuple[Source, ...]]
    labels: dict[str, str]
    readings: dict[Name, str] = field(default_factory=dict)
    """The readings, in the graph provenance, of the asserted statements that have one."""
    unknown: tuple[str, ...] = ()
    """The terms of the statement of which nothing is said at all."""

    def to_text(self) -> str:
        """Return the explanation as an indented tree with labels and lines."""
        if self.proof is None:
            unknown = [f"Nothing is said of {term}." for term in self.unknown]
            lines = [
                "This statement is not in the graph.",
                *unknown,
                *(self._nearest(one) for one in self.missing),
            ]
            return "\n".join(lines)
        return self.proof.to_text(self._label, self._source)

    def to_json(self) -> dict[str, object]:
        """Return the explanation as plain data."""
        sources = {
            " ".join(triple): [
                {"passage": one.passage, "document": one.document, "line": one.line, "quote": one.quote}
                for one in found
            ]
            for triple, found in self.sources.items()
        }
        return {
            "statement": list(self.statement),
            "holds": self.proof is not None,
            "unknown": list(self.unknown),
            "proof": None if self.proof is None else self.proof.to_json(),
            "ways": [{"rule": way.rule, "premises": [list(one) for one in way.premises]} for way in self.ways],
            "missing": [
                {"rule": one.rule, "there": [list(triple) for triple in one.there], "missing": one.missing}
                for one in self.missing
            ],
            "sources": sources,
            "labels": self.labels,
        }

    def to_rdf(self, form: str, base: str, prefixes: Mapping[str, str]) -> bytes:
        """Return the explanation as RDF: ``form`` is one of :data:`RDF_FORMATS`, IRIs are minted below ``base``."""
        graph = Statements(self.triples(base)).to_graph()
        for prefix, namespace in prefixes.items():
            graph.bind(prefix, namespace)
        if form == "jsonld":
            return graph.serialize(format="json-ld", encoding="utf-8", context=dict(prefixes))
        return graph.serialize(format=RDF_FORMATS[form], encoding="utf-8")

    def triples(self, base: str) -> Iterator[Name]:
        """Yield the proof with all its statements, the single steps, and where the asserted ones were read.

        Of a statement that does not hold there is only what it would say.
        """
        written = Derivations(base, self.readings.get, self._label)
        if self.proof is None:
            yield from written.described(self.statement)
        else:
            yield from written.proof(self.proof)
        yield from written.ways(self.ways)
        for triple, sources in self.sources.items():
            node = written.statement(triple)
            if triple in self.readings:
                yield node, _TYPE, _READING
            for source in sources:
                yield from source.triples(node)

    def _nearest(self, one: Missing) -> str:
        there = " ; ".join(" ".join(map(self._label, triple)) for triple in one.there)
        missing = " ".join(map(self._label, one.terms)) if one.terms else one.missing
        return f"{one.rule} would give it: there is {there}, but not {missing}"

    def _label(self, term: str) -> str:
        return self.labels.get(term, short(term))

    def _source(self, triple: Name) -> str | None:
        found = self.sources.get(triple)
        return str(found[0]) if found else None


class Explainer:
    """The closure of a snapshot's asserted statements, with where each of them was read."""

    def __init__(self, dataset: Path, *, inferred: str, provenance: str, hidden: Sequence[str] = ()) -> None:
        """Read a snapshot's ``dataset.nq``; the graphs are named by their IRIs."""
        left_out = {f"<{name}>" for name in (*hidden, inferred, provenance)}
        triples: list[Name] = []
        self._parts: dict[str, dict[str, str]] = {}
        self._passages: dict[str, list[str]] = {}
        self._outside: dict[str, list[str]] = {}
        self._about: dict[str, dict[str, str]] = {}
        self._labels: dict[str, str] = {}
        self._labels_in: dict[str, dict[str, str]] = {}
        with dataset.open(encoding="utf-8") as lines:
            for s, p, o, graph in read_quads(lines, str(dataset)):
                if graph not in left_out:
                    triples.append((s, p, o))
                    self._note(s, p, o)
                elif graph == f"<{provenance}>":
                    if p in _PARTS:
                        self._parts.setdefault(s, {})[p] = o
                    elif p == _OUTSIDE:
                        self._outside.setdefault(s, []).append(o)
                    elif p == _READ_FROM:
                        self._passages.setdefault(s, []).append(o)
        self._readings = {
            (parts[_PARTS[0]], parts[_PARTS[1]], parts[_PARTS[2]]): node
            for node, parts in self._parts.items()
            if len(parts) == len(_PARTS)
        }
        self.closure = Closure.of(triples)
        self._lock = threading.Lock()

    def _note(self, s: str, p: str, o: str) -> None:
        if p == _LABEL:
            if s not in self._labels or o.endswith("@en"):
                self._labels[s] = _text(o)
            _, at, language = o.rpartition('"@')
            if at and language != "en":
                self._labels_in.setdefault(language, {})[s] = _text(o)
        elif p in (_IN_DOCUMENT, _LINE, _QUOTE):
            self._about.setdefault(s, {})[p] = o

    @classmethod
    def of(cls, snapshot: Snapshot) -> Self:
        """Make the explainer of a snapshot."""
        graphs = f"{snapshot.base}graph/"
        return cls(
            snapshot.path / "dataset.nq",
            inferred=f"{graphs}inferred",
            provenance=f"{graphs}provenance",
            hidden=snapshot.manifest["hidden_graphs"],
        )

    def explain(
        self, statement: Name, *, ways: bool = False, search: Search | None = None, language: str = "en"
    ) -> Explanation:
        """Explain a statement, its terms written as N-Triples writes them; ``ways`` lists all single steps to it.

        ``search`` is one over this closure, for many explanations in a row; ``language`` is that of the labels, as far
        as there are any.

        One is made at a time, since the search for what is absent numbers terms that are new, until it is over.
        """
        with self._lock:
            return self._explain(statement, ways, search, language)

    def _explain(self, statement: Name, ways: bool, search: Search | None, language: str) -> Explanation:
        proof = explain(self.closure, statement, search)
        triples = [] if proof is None else proof.leaves()
        sources = {triple: found for triple in triples if (found := self.sources(triple))}
        steps = tuple(one_step(self.closure, statement)) if ways else ()
        missing = () if proof is not None else tuple(why_not(self.closure, statement))
        shown = {term for triple in (proof.steps if proof else {}) for term in triple} | set(statement)
        shown |= {term for step in steps for triple in step.premises for term in triple}
        shown |= {term for one in missing for triple in (*one.there, one.terms or ()) for term in triple}
        return Explanation(
            statement,
            proof,
            steps,
            missing,
            sources,
            self.labels(sorted(shown), language),
            {triple: self._readings[triple] for triple in triples if triple in self._readings},
            ()
            if proof is not None
            else tuple(dict.fromkeys(term for term in statement if self._is_unknown(term))),
        )

    def labels(self, terms: Iterable[str], language: str = "en") -> dict[str, str]:
        """Return the labels of those terms that have one, in a language as far as there are any."""
        own = self._labels_in.get(language, {})
        return {term: own.get(term) or self._labels[term] for term in terms if term in self._labels}

    def _is_unknown(self, term: str) -> bool:
        """Tell whether nothing is said of a thing."""
        return term[0] == "<" and term not in self.closure.terms.numbers

    def sources(self, triple: Name) -> tuple[Source, ...]:
        """Return the passages that an asserted statement was read from."""
        reading = self._readings.get(triple, "")
        found = [Source("", _text(one).strip("<>"), None, "") for one in self._outside.get(reading, ())]
        for passage in sorted(self._passages.get(reading, ())):
            about = self._about.get(passage, {})
            line = about.get(_LINE)
            found.append(
                Source(
                    passage.strip("<>"),
                    about.get(_IN_DOCUMENT, "").strip("<>"),
                    None if line is None else int(_text(line)),
                    _text(about.get(_QUOTE, '""')),
                )
            )
        return tuple(sorted(found, key=lambda source: (source.document, source.line or 0)))


def _text(literal: str) -> str:
    return unescape(split_literal(literal)[0]) if literal.startswith('"') else literal

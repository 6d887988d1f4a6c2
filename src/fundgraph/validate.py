"""Check a graph against the SHACL shapes, and say of each result in which line of which document it has its cause.

This is the only module that knows of pySHACL. It validates what is asserted: run it before inference, which would
type wrong nodes and let them pass.
"""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from rdflib import RDF, RDFS, SH, BNode, Dataset, Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.plugins.parsers.notation3 import BadSyntax
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.sparql import Query
from rdflib.plugins.stores.memory import Memory
from rdflib.term import Node

from fundgraph.errors import RdfError
from fundgraph.model import Severity
from fundgraph.vocab import FG, DatasetNames, prefixes

SEVERITIES: dict[Severity, URIRef] = {"error": SH.Violation, "warning": SH.Warning, "info": SH.Info}
_ORDER = {severity: place for place, severity in enumerate(SEVERITIES)}
_FROM_SHACL = {iri: severity for severity, iri in SEVERITIES.items()}

#: Ways from a thing without a passage to one that may have it, nearest first; True means against the arrow.
_NEIGHBOURS: tuple[tuple[URIRef, bool], ...] = (
    (FG.inProject, False), (FG.ofProject, False), (FG.hasTopicAssignment, True), (FG.hasParticipation, True),
    (FG.participant, True), (FG.cites, True), (FG.hasIdentifier, True), (FG.about, False),
    (FG.describesPhase, True), (FG.hasPhase, False), (FG.affiliatedWith, True), (FG.inPhase, True),
)  # fmt: skip


_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;margin:2rem}table{border-collapse:collapse}"
    "td,th{text-align:left;vertical-align:top;padding:.25rem .75rem .25rem 0;border-bottom:1px solid #8888}"
)


@dataclass(frozen=True, slots=True)
class ValidationResult:
    """One result: what is wrong with which thing, by which shape, and where its source says so.

    ``path`` and ``constraint`` are written short (``fg:title``, ``MinCount``); ``source_document`` is a document's
    id, ``source_line`` is counted from 1. Both are ``None`` for what no document states.
    """

    severity: Severity
    focus: str
    focus_label: str
    path: str | None
    value: str | None
    message: str
    shape: str
    constraint: str
    source_document: str | None = None
    source_line: int | None = None
    terms: tuple[Node, URIRef | None, Node | None] = field(
        default=(BNode(), None, None), compare=False, repr=False
    )
    """The RDF terms of focus, path (if it is one property) and value."""

    @property
    def sort_key(self) -> tuple[Any, ...]:
        """What results are ordered by: severity, document, line, focus, shape; those with no source come last."""
        line = -1 if self.source_line is None else self.source_line
        document = self.source_document
        ends = (self.path or "", self.value or "", self.message)
        return (_ORDER[self.severity], document is None, document or "", line, self.focus, self.shape, *ends)

    @property
    def place(self) -> str:
        """Document and line as far as they are known: ``phase1:12``."""
        parts = [str(part) for part in (self.source_document, self.source_line) if part is not None]
        return ":".join(parts) or "-"

    def to_json(self) -> dict[str, Any]:
        """Return the result as a JSON object."""
        names = (
            "severity", "focus", "focus_label", "path", "value", "message", "shape", "constraint",
            "source_document", "source_line",
        )  # fmt: skip
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True, slots=True)
class ValidationReport:
    """All results, in a fixed order; the data conform if none of them is an error (a SHACL Violation)."""

    results: tuple[ValidationResult, ...]

    @property
    def conforms(self) -> bool:
        """Whether there is no error. Warnings and infos do not count."""
        return not self.counts["error"]

    @property
    def counts(self) -> dict[Severity, int]:
        """How many results there are of each severity."""
        return {s: sum(result.severity == s for result in self.results) for s in SEVERITIES}

    def to_text(self) -> str:
        """Return one line per result: severity, place, label, message."""
        return "".join(
            f"{result.severity}  {result.place}  {result.focus_label}  {result.message}\n"
            for result in self.results
        )

    def to_json(self) -> dict[str, Any]:
        """Return the report as a JSON object with ``conforms``, ``counts`` and ``results``."""
        return {
            "conforms": self.conforms,
            "counts": dict(self.counts),
            "results": [result.to_json() for result in self.results],
        }

    def to_graph(self, names: DatasetNames | str) -> Graph:
        """Return a SHACL report without blank nodes.

        ``names`` are those of a dataset, whose report is ``{base}report/shacl``, or the IRI of the report itself.
        A result's IRI depends on nothing but the result, so it stays when others come or go.
        """
        report = URIRef(f"{names.base}report/shacl" if isinstance(names, DatasetNames) else names)
        graph = Graph()
        graph.bind("sh", SH)
        graph.add((report, RDF.type, SH.ValidationReport))
        graph.add((report, SH.conforms, Literal(self.conforms)))
        for result in self.results:
            digest = hashlib.sha256(json.dumps(result.to_json(), sort_keys=True).encode()).hexdigest()[:20]
            node = URIRef(f"{report}/{digest}")
            focus, path, value = result.terms
            graph.add((report, SH.result, node))
            graph.add((node, RDF.type, SH.ValidationResult))
            graph.add((node, SH.resultSeverity, SEVERITIES[result.severity]))
            graph.add((node, SH.resultMessage, Literal(result.message, lang="en")))
            graph.add((node, SH.sourceShape, URIRef(result.shape)))
            graph.add((node, SH.sourceConstraintComponent, SH[f"{result.constraint}ConstraintComponent"]))
            for predicate, term in ((SH.focusNode, focus), (SH.resultPath, path), (SH.value, value)):
                if term is not None and not isinstance(term, BNode):
                    graph.add((node, predicate, term))
        return graph

    def to_html(self) -> str:
        """Return a page of its own with one table; nothing in it is loaded from elsewhere."""
        rows = "".join(_html_row(result) for result in self.results)
        counts = ", ".join(f"{_html(number)} {_html(severity)}" for severity, number in self.counts.items())
        verdict = "The data conform" if self.conforms else "The data do not conform"
        table = (
            "<table><thead><tr><th>Severity<th>Source<th>Thing<th>Path<th>Value<th>Message<th>Shape</thead>"
            f"<tbody>{rows}</tbody></table>"
        )
        return (
            '<!doctype html><html lang="en"><meta charset="utf-8"><title>Validation report</title>'
            f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style>'
            f"<h1>Validation report</h1><p>{verdict}: {counts}.</p>{table if self.results else ''}</html>\n"
        )


def read_shapes(directory: Path) -> Graph:
    """Parse every Turtle file of a folder into one shapes graph.

    Raises :class:`RdfError` with file and line for a broken file, and if there is no file at all.
    """
    shapes = Graph()
    files = sorted(directory.glob("*.ttl"))
    if not files:
        raise RdfError("there are no shapes here", where=directory, hint="A shapes file ends in .ttl")
    for file in files:
        try:
            text = file.read_bytes().decode("utf-8")
            shapes.parse(data=text, format="turtle", publicID=file.resolve().as_uri())
        except UnicodeDecodeError as error:
            line = error.object[: error.start].count(b"\n") + 1
            raise RdfError("is not UTF-8", where=file, line=line) from error
        except BadSyntax as error:
            raise RdfError(f"is not valid Turtle: {error._why}", where=file, line=error.lines + 1) from error
        except OSError as error:
            raise RdfError(f"cannot be read: {error.strerror}", where=file) from error
    return shapes


def validate(data: Graph, shapes: Path | Graph) -> ValidationReport:
    """Validate asserted data against the shapes of a folder, or against a shapes graph read before.

    ``data`` is not changed. Raises :class:`RdfError` if the shapes are broken.
    """
    where = shapes if isinstance(shapes, Path) else None
    shapes_graph = read_shapes(shapes) if isinstance(shapes, Path) else shapes
    memory = _in_memory(data)
    report = _run(memory, shapes_graph, where)
    places = _Places(memory)
    found = (
        _result(report, node, memory, shapes_graph, places)
        for node in report.objects(predicate=SH.result)
        if isinstance(node, (URIRef, BNode))
    )
    return ValidationReport(tuple(sorted(found, key=lambda result: result.sort_key)))


class _Memory(Graph):
    """A graph in rdflib's store that parses each query once; pySHACL asks the same for every focus node."""

    def query(self, query_object: Any, *args: Any, **kwargs: Any) -> Any:
        """Answer a query, with the parsed form of one seen before."""
        if isinstance(query_object, str):
            query_object = _parsed(query_object)
        return super().query(query_object, *args, **kwargs)


@lru_cache(maxsize=512)
def _parsed(text: str) -> Query:
    return prepareQuery(text)


def _in_memory(data: Graph) -> Graph:
    """Return the data as one graph in rdflib's own store: on others, pySHACL compares plain literals wrongly."""
    if not isinstance(data, Dataset) and isinstance(data.store, Memory):
        return _Memory(data.store, data.identifier)
    memory = _Memory()
    quads: Iterable[tuple[Any, ...]] = data.quads((None, None, None, None)) if isinstance(data, Dataset) else data
    for quad in quads:
        memory.add(quad[:3])
    return memory


def _run(data: Graph, shapes: Graph, where: Path | None) -> Graph:
    """Return pySHACL's report graph."""
    import pyshacl
    from pyparsing import ParseBaseException
    from pyshacl.errors import ReportableRuntimeError

    broken = (ReportableRuntimeError, ParseBaseException, re.error)
    try:
        _, report, text = pyshacl.validate(
            data, shacl_graph=shapes, inplace=True, inference="none", advanced=False
        )
    except broken as error:
        what = next(iter(str(error).splitlines()), type(error).__name__)
        raise RdfError(f"the shapes cannot be used: {what}", where=where) from error
    if not isinstance(report, Graph):
        raise RdfError(f"the shapes cannot be used: {text}", where=where)
    return report


def _result(report: Graph, node: Node, data: Graph, shapes: Graph, places: _Places) -> ValidationResult:
    focus = _needed(report, node, SH.focusNode)
    shape = _needed(report, node, SH.sourceShape)
    path = shapes.value(shape, SH.path)
    value = report.value(node, SH.value)
    if isinstance(value, BNode) or value == focus:
        value = None
    messages = sorted(report.objects(node, SH.resultMessage), key=_by_language)
    component = str(report.value(node, SH.sourceConstraintComponent)).rsplit("#", 1)[-1]
    document, line = places.of(focus)
    return ValidationResult(
        severity=_FROM_SHACL[URIRef(str(report.value(node, SH.resultSeverity)))],
        focus=str(focus),
        focus_label=_label(data, focus),
        path=None if path is None else _path_text(shapes, path),
        value=None if value is None else str(value),
        message=" ".join(str(messages[0]).split()) if messages else component,
        shape=str(shape),
        constraint=component.removesuffix("ConstraintComponent"),
        source_document=document,
        source_line=line,
        terms=(focus, path if isinstance(path, URIRef) else None, value),
    )


def _needed(graph: Graph, subject: Node, predicate: URIRef) -> Node:
    value = graph.value(subject, predicate)
    if value is None:
        raise RdfError(f"a result without {compact(predicate)}")
    return value


class _Places:
    """Finds the passage by which a thing is best known: its own first one, else that of the nearest thing."""

    def __init__(self, data: Graph) -> None:
        self.data = data

    def of(self, thing: Node) -> tuple[str | None, int | None]:
        """Return the id of the document and the line, or ``None`` where there are none."""
        own = self._own(thing)
        if own is not None:
            return own
        nearby = (place for other in self._neighbours(thing) if (place := self._own(other)) is not None)
        return next(nearby, (None, None))

    def _own(self, thing: Node) -> tuple[str, int | None] | None:
        if (thing, RDF.type, FG.Document) in self.data:
            return _last(thing), None
        if (thing, RDF.type, FG.Passage) in self.data:
            return self._passage(thing)
        passages = (self._passage(passage) for passage in self.data.objects(thing, FG.readFrom))
        return min((place for place in passages if place is not None), key=_place_key, default=None)

    def _passage(self, passage: Node) -> tuple[str, int | None] | None:
        document = self.data.value(passage, FG.inDocument)
        line = self.data.value(passage, FG.line)
        number = line.value if isinstance(line, Literal) and isinstance(line.value, int) else None
        if document is None:
            return None
        return _last(document), number

    def _neighbours(self, thing: Node) -> Iterator[Node]:
        for predicate, against in _NEIGHBOURS:
            if against:
                yield from sorted(self.data.subjects(predicate, thing), key=str)
            else:
                yield from sorted(self.data.objects(thing, predicate), key=str)


def _place_key(place: tuple[str, int | None]) -> tuple[str, int]:
    return place[0], place[1] or 0


def _last(iri: Node) -> str:
    return str(iri).rsplit("/", 1)[-1]


def _by_language(term: Node) -> tuple[bool, bool, str]:
    language = term.language if isinstance(term, Literal) else None
    return language != "en", language is not None, str(term)


def _label(data: Graph, thing: Node) -> str:
    labels = sorted(data.objects(thing, RDFS.label), key=_by_language)
    return str(labels[0]) if labels and str(labels[0]).strip() else compact(thing)


def compact(term: Node) -> str:
    """Return an IRI as a prefixed name where one of our prefixes fits, else as it is.

    >>> compact(FG.title)
    'fg:title'
    """
    text = str(term)
    for prefix, namespace in prefixes("").items():
        rest = text.removeprefix(namespace)
        if "://" in namespace and rest != text and rest.replace("-", "").replace("_", "").isalnum():
            return f"{prefix}:{rest}"
    return text


def _path_text(shapes: Graph, path: Node) -> str:
    """Write a property path as SPARQL does."""
    if isinstance(path, URIRef):
        return compact(path)
    if (path, RDF.first, None) in shapes:
        return "/".join(_path_text(shapes, step) for step in Collection(shapes, path))
    forms = (
        (SH.inversePath, "^{}"), (SH.zeroOrMorePath, "{}*"), (SH.oneOrMorePath, "{}+"), (SH.zeroOrOnePath, "{}?"),
    )  # fmt: skip
    for predicate, form in forms:
        inner = shapes.value(path, predicate)
        if inner is not None:
            text = _path_text(shapes, inner)
            return form.format(text if isinstance(inner, URIRef) else f"({text})")
    choices = shapes.value(path, SH.alternativePath)
    if choices is None:
        raise RdfError("a property path that SHACL does not know")
    return "|".join(_path_text(shapes, choice) for choice in Collection(shapes, choices))


def _html(text: object) -> str:
    return html.escape(str(text), quote=True)


def _html_row(result: ValidationResult) -> str:
    cells = (
        result.severity, result.place, result.focus_label, result.path or "", result.value or "", result.message,
        result.shape.rsplit("#", 1)[-1],
    )  # fmt: skip
    return "<tr>" + "".join(f"<td>{_html(cell)}" for cell in cells) + "</tr>"

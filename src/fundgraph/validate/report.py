"""The report of a validation: its results in a fixed order, as text, JSON and RDF."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rdflib import RDF, SH, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from fundgraph.model import Severity
from fundgraph.validate.outcome import Outcome
from fundgraph.validate.paths import path_text
from fundgraph.validate.places import Places, Source, by_language
from fundgraph.vocab import FG, DatasetNames

SEVERITIES: dict[Severity, URIRef] = {"error": SH.Violation, "warning": SH.Warning, "info": SH.Info}
_ORDER = {severity: place for place, severity in enumerate(SEVERITIES)}
_FROM_SHACL = {iri: severity for severity, iri in SEVERITIES.items()}


@dataclass(frozen=True, slots=True)
class ValidationResult:
    """One result: what is wrong with which thing, by which shape, what to do, and where its source says so.

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
    hint: str | None = None
    """What to do about it, from the shape's ``sh:description``."""
    outcome: Outcome | None = field(default=None, compare=False, repr=False)
    """The result as SHACL has it, in RDF terms."""

    passage: Node | None = field(default=None, compare=False, repr=False)
    """The passage that the line is of."""

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
            "severity", "focus", "focus_label", "path", "value", "message", "hint", "shape", "constraint",
            "source_document", "source_line",
        )  # fmt: skip
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True, slots=True)
class ValidationReport:
    """All results, in a fixed order; the data conform if none of them is an error (a SHACL Violation).

    A Violation stops a build, a Warning is printed, an Info is counted.
    """

    results: tuple[ValidationResult, ...]
    validator: str = field(default="pyshacl", compare=False)
    """What found them: ``pyshacl`` or ``compiled``."""
    left_out: Mapping[str, str] = field(default_factory=dict, compare=False)
    """The shapes that were not compiled and went to pySHACL, each with the reason."""
    inferred: bool = field(default=False, compare=False)
    """Whether what follows by inference was validated too."""
    shapes: Graph = field(default_factory=Graph, compare=False, repr=False)

    @property
    def conforms(self) -> bool:
        """Whether there is no error. Warnings and infos do not count."""
        return not self.counts["error"]

    @property
    def counts(self) -> dict[Severity, int]:
        """How many results there are of each severity."""
        found = Counter(result.severity for result in self.results)
        return {severity: found[severity] for severity in SEVERITIES}

    def to_text(self) -> str:
        """Return one line per result: severity, place, label, message."""
        return "".join(
            f"{result.severity}  {result.place}  {result.focus_label}  {result.message}\n"
            for result in self.results
        )

    def to_json(self) -> dict[str, Any]:
        """Return the report as a JSON object with ``conforms``, ``counts``, ``results`` and who found them."""
        return {
            "conforms": self.conforms,
            "counts": dict(self.counts),
            "validator": self.validator,
            "left_to_pyshacl": [{"shape": shape, "reason": reason} for shape, reason in self.left_out.items()],
            "results": [result.to_json() for result in self.results],
        }

    def to_html(self) -> str:
        """Return a page of its own with one table; nothing in it is loaded from elsewhere."""
        from fundgraph.validate.page import to_html

        return to_html(self)

    def to_graph(self, names: DatasetNames | str) -> Graph:
        """Return the report as SHACL has it; blank nodes are only those of the data and of paths in several steps.

        ``names`` are those of a dataset, whose report is ``{base}report/shacl`` (after inference
        ``{base}report/shacl-inferred``), or the IRI of the report itself. A result's IRI depends on nothing but
        the result, so it stays when others come or go.
        """
        last = "report/shacl-inferred" if self.inferred else "report/shacl"
        report = URIRef(f"{names.base}{last}" if isinstance(names, DatasetNames) else names)
        graph = Graph()
        graph.bind("sh", SH)
        graph.add((report, RDF.type, SH.ValidationReport))
        graph.add((report, SH.conforms, Literal(self.conforms)))
        graph.add((report, FG.afterInference, Literal(self.inferred)))
        seen: Counter[str] = Counter()
        for result in self.results:
            digest = _digest(result)
            seen[digest] += 1
            again = f"-{seen[digest]}" if seen[digest] > 1 else ""
            node = URIRef(f"{report}/{digest}{again}")
            graph.add((report, SH.result, node))
            if result.outcome is not None:
                self._add(graph, node, result.outcome)
            if result.passage is not None:
                graph.add((node, FG.readFrom, result.passage))
            if result.hint is not None:
                graph.add((node, FG.whatToDo, Literal(result.hint, lang="en")))
        return graph

    def _add(self, graph: Graph, node: URIRef, outcome: Outcome) -> None:
        graph.add((node, RDF.type, SH.ValidationResult))
        graph.add((node, SH.focusNode, outcome.focus))
        graph.add((node, SH.resultSeverity, outcome.severity))
        graph.add((node, SH.sourceShape, outcome.shape))
        graph.add((node, SH.sourceConstraintComponent, SH[f"{outcome.component}ConstraintComponent"]))
        for message in outcome.messages:
            graph.add((node, SH.resultMessage, message))
        if outcome.value is not None:
            graph.add((node, SH.value, outcome.value))
        if outcome.path is not None:
            graph.add((node, SH.resultPath, self._copy(graph, outcome.path, {}, str(node).rsplit("/", 1)[-1])))

    def _copy(self, graph: Graph, path: Node, copied: dict[Node, BNode], name: str) -> Node:
        """Copy the triples of a path that is more than a property, with blank nodes of this result."""
        if not isinstance(path, BNode):
            return path
        if path not in copied:
            copied[path] = BNode(f"path{name}x{len(copied)}")
            for predicate, value in sorted(self.shapes.predicate_objects(path)):
                graph.add((copied[path], predicate, self._copy(graph, value, copied, name)))
        return copied[path]


def make_report(
    outcomes: Iterable[Outcome], data: Source, shapes: Graph, *, validator: str = "pyshacl",
    left_out: Mapping[str, str] | None = None, inferred: bool = False,
) -> ValidationReport:  # fmt: skip
    """Put outcomes in order and say of each what it is about and where its cause lies."""
    places, hints = Places(data), _Hints(shapes)
    results = [_result(outcome, shapes, places, hints) for outcome in outcomes]
    ordered = tuple(sorted(results, key=lambda result: result.sort_key))
    return ValidationReport(ordered, validator, dict(left_out or {}), inferred, shapes)


class _Hints:
    """What to do about the results of each shape."""

    def __init__(self, shapes: Graph) -> None:
        self.shapes = shapes
        self._found: dict[Node, str | None] = {}

    def of(self, shape: Node) -> str | None:
        if shape not in self._found:
            texts = sorted(self.shapes.objects(shape, SH.description), key=by_language)
            self._found[shape] = " ".join(str(texts[0]).split()) if texts else None
        return self._found[shape]


def _result(outcome: Outcome, shapes: Graph, places: Places, hints: _Hints) -> ValidationResult:
    value = outcome.value
    if isinstance(value, BNode) or value == outcome.focus:
        value = None
    messages = sorted(outcome.messages, key=by_language)
    place = places.of(outcome.focus)
    return ValidationResult(
        severity=_FROM_SHACL.get(outcome.severity, "error"),
        focus=str(outcome.focus),
        focus_label=places.label(outcome.focus),
        path=None if outcome.path is None else path_text(shapes, outcome.path),
        value=None if value is None else str(value),
        message=" ".join(str(messages[0]).split()) if messages else outcome.component,
        shape=str(outcome.shape),
        constraint=outcome.component,
        source_document=place.document,
        source_line=place.line,
        hint=hints.of(outcome.shape),
        outcome=outcome,
        passage=place.passage,
    )


def _digest(result: ValidationResult) -> str:
    value = None if result.outcome is None or result.outcome.value is None else result.outcome.value.n3()
    told = json.dumps([result.to_json(), value], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:20]

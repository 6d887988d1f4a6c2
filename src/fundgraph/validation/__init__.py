"""Validate before and after inference, by the validator that is asked for: where shapes meet the store.

What is asserted decides whether data conform. What follows by inference is validated as well and reported apart: it
would hide faults (a node typed by a rule passes a shape that it should fail), but it also shows what only the rules
bring to light.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from rdflib import RDFS, Graph

from fundgraph.errors import InconsistencyError, RdfError
from fundgraph.ntriples import Name, Statements, name_of, node_of
from fundgraph.progress import Say
from fundgraph.reason import infer
from fundgraph.store.parse import parse_file
from fundgraph.store.scratch import SUFFIXES, Scratch
from fundgraph.validate import ValidationReport, read_shapes, to_html, validate, validate_compiled
from fundgraph.vocab import DatasetNames, prefixes

if TYPE_CHECKING:
    from fundgraph.validate.compile import Compiler

_BELOW = name_of(RDFS.subClassOf)
#: Up to so many triples ``auto`` leaves to pySHACL, the reference.
SMALL = 50_000
#: Files that together have more bytes are read without rdflib, in a tenth of the time and memory.
SMALL_FILES = 5_000_000


def chosen(validator: str, triples: int) -> str:
    """Return the validator that a setting means for so many triples.

    >>> chosen("auto", 100), chosen("auto", 10**6), chosen("pyshacl", 10**6)
    ('pyshacl', 'compiled', 'pyshacl')
    """
    if validator != "auto":
        return validator
    return "pyshacl" if triples <= SMALL else "compiled"


class Shapes:
    """The shapes of a folder, read and compiled once for all that they are to validate."""

    def __init__(self, directory: Path) -> None:
        """Read the shapes. Raises :class:`RdfError` if they are broken."""
        self.graph = _read(directory)

    @cached_property
    def compiler(self) -> Compiler:
        """What compiles them."""
        from fundgraph.validate.compile import Compiler

        return Compiler(self.graph)

    def prepare(self, ontology: Iterable[Name]) -> None:
        """Compile them for data with an ontology, before the data are there."""
        from fundgraph.validate.compile import subclasses

        self.compiler.plan(subclasses((node_of(s), node_of(o)) for s, p, o in ontology if p == _BELOW))


class Validation:
    """Validates one graph before inference, and after it with what was inferred."""

    def __init__(self, data: Graph | Statements, shapes: Path | Shapes, validator: str = "auto") -> None:
        self.data = data
        self.shapes = Shapes(shapes) if isinstance(shapes, Path) else shapes
        self.validator = chosen(validator, len(data))
        self._scratch: Scratch | None = None
        self._why_not = ""

    def before(self) -> ValidationReport:
        """Report on what is asserted. Raises :class:`RdfError` if the shapes are broken."""
        if self.validator == "compiled":
            try:
                self._scratch = Scratch()
                self._add(self.data)
            except RdfError as error:
                self._scratch, self._why_not = None, error.what
        return self._report(self.data, inferred=False)

    def after(self, inferred: Graph | Statements) -> ValidationReport:
        """Report on what is asserted and inferred together."""
        if self._scratch is not None:
            self._add(inferred)
            return self._report(inferred=True)
        return self._report(self.data, inferred, inferred=True)

    def _add(self, data: Graph | Statements) -> None:
        if self._scratch is not None:
            if isinstance(data, Statements):
                self._scratch.add_lines(data.to_bytes())
            else:
                self._scratch.add(data)

    def _report(self, *data: Graph | Statements, inferred: bool) -> ValidationReport:
        if self._scratch is not None:
            return validate_compiled(
                self._scratch, self.shapes.graph, inferred=inferred, compiler=self.shapes.compiler
            )
        whole = Graph()
        for one in data:
            if isinstance(one, Statements):
                one.to_graph(whole)
            else:
                whole += one
        report = validate(whole, self.shapes.graph, inferred=inferred)
        return replace(report, left_out={"every shape": self._why_not}) if self._why_not else report


def _read(directory: Path) -> Graph:
    """Read shapes as :func:`read_shapes` does, in a tenth of the time."""
    files = sorted(directory.glob("*.ttl"))
    if not files:
        return read_shapes(directory)  # which says so
    shapes = Statements()
    for file in files:
        shapes |= parse_file(file)
    return shapes.to_graph()


def validate_graph(
    data: Graph, shapes: Path, validator: str = "auto", *, inference: bool = True, say: Say = lambda _: None
) -> tuple[ValidationReport, ...]:
    """Return the reports before and after inference; only the first without inference, or if it finds a contradiction.

    ``say`` is told of a contradiction. Raises :class:`RdfError` if the shapes are broken.
    """
    validation = Validation(data, shapes, validator)
    before = validation.before()
    if not inference:
        return (before,)
    try:
        inferred = infer(data)
    except InconsistencyError as error:
        say(f"not validated after inference: {error}")
        return (before,)
    return before, validation.after(inferred)


def are_large(paths: Sequence[Path]) -> bool:
    """Tell whether files are large, and all in formats that the store reads itself."""
    if not all(path.is_file() and path.suffix.lower() in SUFFIXES for path in paths):
        return False
    return sum(path.stat().st_size for path in paths) > SMALL_FILES


def validate_large(paths: Sequence[Path], ontology: Statements, shapes: Path) -> ValidationReport:
    """Validate large RDF files with compiled shapes, before inference, and without an rdflib graph of them.

    Raises :class:`RdfError` with file and line for one that cannot be read.
    """
    scratch = Scratch.of_files(paths)
    scratch.add_lines(ontology.to_bytes())
    return validate_compiled(scratch, shapes)


def write_reports(reports: Sequence[ValidationReport], form: str, names: DatasetNames | None = None) -> str:
    """Write the reports before and after inference as ``turtle``, ``json``, ``html`` or ``table``.

    The table holds the first only. ``names`` are those of the dataset that the reports belong to.
    """
    if form == "json":
        after = [report.to_json() for report in reports[1:]]
        told = reports[0].to_json() | {"after_inference": after[0] if after else None}
        return json.dumps(told, ensure_ascii=False, indent=1) + "\n"
    if form == "turtle":
        graph = Graph()
        for report in reports:
            graph += report.to_graph(names or f"urn:fundgraph:report{'-inferred' if report.inferred else ''}")
        for prefix, namespace in prefixes(names.base if names else "").items():
            graph.bind(prefix, namespace)
        return graph.serialize(format="turtle")
    return to_html(*reports) if form == "html" else reports[0].to_text()

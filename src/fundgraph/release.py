"""The gate that every release passes, whoever asks for it: validated, inferred, validated again, written, switched to."""

from __future__ import annotations

import datetime
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from rdflib import URIRef

from fundgraph import assets
from fundgraph.errors import InconsistencyError, ValidationError
from fundgraph.graph import Graphs
from fundgraph.ntriples import Name, Statements
from fundgraph.progress import Clock
from fundgraph.reason import BYTES_PER_TRIPLE, infer_statements
from fundgraph.settings import Settings
from fundgraph.store.dataset import write_dataset
from fundgraph.store.listing import write_answers_of_graphs, write_index
from fundgraph.store.much import write_much
from fundgraph.store.patches import Lines, Patch
from fundgraph.store.snapshot import Snapshot, beginning, finish
from fundgraph.validate import ValidationReport
from fundgraph.validation.second import Checks, checking
from fundgraph.vocab import DatasetNames, prefixes

Reports = tuple[ValidationReport, ValidationReport]


@dataclass(frozen=True, slots=True)
class Contents:
    """What a release is made of: the base of its IRIs, what is asserted by named graph, texts of documents by id."""

    base: str
    graphs: Graphs
    documents: Mapping[str, bytes]

    @property
    def names(self) -> DatasetNames:
        """The names of the dataset."""
        return DatasetNames(self.base)


def make_release(
    settings: Settings,
    contents: Contents,
    about: Callable[[], Mapping[str, Any]],
    clock: Clock,
    accept: Callable[[], None] = lambda: None,
    checks: Checks | None = None,
) -> tuple[Snapshot, Reports]:
    """Check what is asserted, infer what follows, write a release, and switch to it; say what the checks found.

    ``about`` is what else its manifest says. ``accept`` is called when all that may fail has succeeded, just before the switch.
    Raises :class:`ValidationError` and :class:`InconsistencyError` for data that fails a check, and nothing is switched.
    """
    if checks is None:
        with checks_for(settings, contents.base) as checks:
            return make_release(settings, contents, about, clock, accept, checks)
    asserted = union(contents.graphs, contents.names)
    with clock.stage("validate", beside=checks.beside):
        checks.before(asserted)
        if not checks.beside:
            _stop_on_violations(checks.report(), strict=settings.strict)
    with clock.stage("infer"):
        size = len(asserted) * BYTES_PER_TRIPLE
        try:
            inferred = Statements(
                infer_statements(
                    asserted, settings.engine, size=size, memory=settings.inference_memory, say=clock.rounds
                )
            )
        except InconsistencyError:
            _stop_on_violations(checks.report(), strict=settings.strict)  # they come first
            raise
    with clock.stage("recheck", beside=checks.beside):
        checks.after(inferred)
    with clock.stage("write"), beginning(settings.build_dir) as directory:
        manifest = _write(settings, contents, inferred, checks, directory)
        accept()
        checked = checks.checked()
        for name, seconds in zip(("validate", "recheck"), checked.seconds, strict=True):
            clock.took(name, seconds)
        manifest = manifest | dict(about()) | {"timings": clock.seconds_so_far()}
        return finish(settings.build_dir, directory, manifest), checked.reports


def checks_for(
    settings: Settings, base: str, process: subprocess.Popen[bytes] | None = None
) -> AbstractContextManager[Checks]:
    """Return what validates a release, from now on and until it is there; ``process`` may have been started for it."""
    # Compiled, also where the data are small: it finds the same, and a build is waited for.
    validator = "compiled" if settings.validator == "auto" else settings.validator
    return checking(assets.shapes_dir(), validator, base, process)


def union(graphs: Graphs, names: DatasetNames) -> Statements:
    """Return one set of all that is asserted: every graph but the report, the provenance and the queries."""
    hidden = set(names.hidden_graphs())
    merged = Statements()
    for name, graph in graphs.items():
        if name not in hidden:
            merged |= graph
    return merged


def lay_over(graphs: Graphs, edits: Sequence[Patch], names: DatasetNames) -> None:
    """Carry out on named graphs what was edited by hand."""
    for edit in edits:
        for graph, lines in edit.by_graph(edit.deleted).items():
            gone = set(_statements(lines))
            graphs[URIRef(graph)] = Statements(one for one in graphs[URIRef(graph)] if one not in gone)
        for graph, lines in edit.by_graph(edit.added).items():
            graphs[URIRef(graph)] |= _statements(lines)
        graphs[names.graph("provenance")] |= _statements(edit.provenance())


def graphs_of(lines: Lines) -> Graphs:
    """Return the named graphs that a dataset's lines hold."""
    graphs = Graphs()
    for graph, some in lines.items():
        graphs[URIRef(graph)] |= _statements(some)
    return graphs


def _statements(lines: set[bytes]) -> list[Name]:
    found: list[Name] = []
    for line in sorted(lines):
        subject, predicate, value = line.decode().split(" ", 2)
        found.append((subject, predicate, value))
    return found


def _stop_on_violations(report: ValidationReport, *, strict: bool) -> None:
    stopping = [result for result in report.results if result.severity == "error"]
    if strict:
        stopping += [result for result in report.results if result.severity == "warning"]
    if stopping:
        shown = "\n".join(f"  {line}" for line in report.to_text().splitlines()[:20])
        raise ValidationError(
            f"SHACL finds {len(stopping)} faults that stop the build; nothing was switched\n{shown}"
        )


def _one_by_one(graphs: Graphs, more: Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """Give each graph as N-Triples with what there is more of it. Takes them away: nobody needs them any longer."""
    for name in more:
        graphs.setdefault(URIRef(name), Statements())
    while graphs:
        name, graph = graphs.popitem()
        yield str(name), graph.to_bytes() + more.get(str(name), b"")


def _write(
    settings: Settings, contents: Contents, inferred: Statements, checks: Checks, directory: Path
) -> dict[str, Any]:
    names, graphs = contents.names, contents.graphs
    graphs[names.graph("inferred")] |= inferred
    hidden = [str(name) for name in names.hidden_graphs()]

    def late() -> dict[str, bytes]:
        _stop_on_violations(checks.report(), strict=settings.strict)
        return {str(names.graph("report")): checks.checked().triples.to_bytes()}

    queries = {path.stem: path.read_text(encoding="utf-8") for path in assets.pages_dir().glob("*.rq")}

    index = partial(write_index, directory, queries)
    answers = partial(write_answers_of_graphs, directory, queries)
    if sum(map(len, graphs.values())) <= settings.memory_quads:
        triples = {str(name): graph.to_bytes() for name, graph in graphs.items() if len(graph)}
        summary = write_dataset(triples, hidden, directory, late, index, answers)
    else:
        more = late()
        summary = write_much(_one_by_one(graphs, more), hidden, directory, index, answers)
    reports = checks.checked().reports
    for name, text in checks.checked().files.items():
        (directory / name).write_text(text, encoding="utf-8")
    (directory / "dumps").mkdir()
    (directory / "documents").mkdir()
    for name, content in contents.documents.items():
        # The text as decoded: what the offsets of passages count in.
        (directory / "documents" / f"{name}.txt").write_bytes(content)
    now = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
    manifest: dict[str, Any] = {
        "release": f"{now.date().isoformat()}-{summary.hash[:8]}",
        "created": now.isoformat().replace("+00:00", "Z"),
        "hash": summary.hash,
        "hash_algorithm": "RDFC-1.0, SHA-256",
        "base": contents.base,
        "prefixes": prefixes(contents.base),
        "hidden_graphs": hidden,
        "quads": summary.quads,
        "graphs": summary.graphs,
        "classes": summary.classes,
        "validation": dict(reports[0].counts),
        "validation_after_inference": dict(reports[1].counts),
        "validator": reports[0].validator,
        "engine": settings.engine,
    }
    return manifest

"""The gate that every release passes, whoever asks for it: validated, inferred, validated again, written, switched to."""

from __future__ import annotations

import datetime
import json
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
from fundgraph.store.keeping import Rule, prune
from fundgraph.store.listing import graphs_named, write_answers_of_graphs, write_index
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

    ``about`` is what else its manifest says. Releases that are no longer to be kept are removed, and that is told. ``accept`` is called when all that may fail has succeeded, just before the switch.
    Raises :class:`ValidationError` and :class:`InconsistencyError` for data that fails a check, and nothing is switched.
    """
    if checks is None:
        with checks_for(settings, contents.base) as checks:
            return make_release(settings, contents, about, clock, accept, checks)
    rule = Rule.of(settings.keep_releases)
    asserted = union(contents.graphs, contents.names)
    with clock.stage("validate", beside=checks.beside):
        checks.before(asserted)
        if not checks.beside:
            _stop_on_violations(checks.report(), strict=settings.strict)
    try:
        inferred = _follows(asserted, settings, clock, checks)
        with clock.stage("write"), beginning(settings.build_dir) as directory:
            manifest = _write(settings, contents, inferred, checks, directory)
            accept()
            checked = checks.checked()
            for name, seconds in checked.seconds.items():
                clock.took(name, seconds)
            manifest = manifest | dict(about()) | {"timings": clock.seconds_so_far()}
            snapshot = finish(settings.build_dir, directory, manifest)
            prune(settings.build_dir, rule, clock.say)
            return snapshot, checked.reports
    except InconsistencyError:
        _stop_on_violations(checks.report(), strict=settings.strict)  # they come first
        raise


def _follows(asserted: Statements, settings: Settings, clock: Clock, checks: Checks) -> Callable[[], bytes]:
    """Have inferred what follows, and have it validated; return what waits for it, as N-Triples.

    Raises :class:`InconsistencyError` for what contradicts itself, or what is returned does.
    """
    if checks.infers:
        for name in ("infer", "recheck"):
            with clock.stage(name, beside=True):
                pass
        return checks.inferred
    with clock.stage("infer"):
        size, memory = len(asserted) * BYTES_PER_TRIPLE, settings.inference_memory
        inferred = Statements(
            infer_statements(asserted, settings.engine, size=size, memory=memory, say=clock.rounds)
        )
    with clock.stage("recheck", beside=checks.beside):
        checks.after(inferred)
    return inferred.to_bytes


def checks_for(
    settings: Settings, base: str, process: subprocess.Popen[bytes] | None = None
) -> AbstractContextManager[Checks]:
    """Return what validates a release, from now on and until it is there; ``process`` may have been started for it."""
    # Compiled, also where the data are small: it finds the same, and a build is waited for.
    validator = "compiled" if settings.validator == "auto" else settings.validator
    return checking(
        assets.shapes_dir(), validator, base, process, engine=settings.engine, memory=settings.inference_memory
    )


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


def _one_by_one(graphs: Graphs, more: Mapping[str, Callable[[], bytes]]) -> Iterator[tuple[str, bytes]]:
    """Give each graph as N-Triples with what there is more of it. Takes them away: nobody needs them any longer."""
    for name in more:
        graphs.setdefault(URIRef(name), Statements())
    while graphs:
        name, graph = graphs.popitem()
        yield str(name), graph.to_bytes() + (more[str(name)]() if str(name) in more else b"")


def _fits(settings: Settings, asserted: int, inferred: Callable[[], bytes]) -> bool:
    """Tell whether all is to be dealt with in memory; where it hardly matters, what follows is not waited for."""
    most = settings.memory_quads
    return asserted <= most // 4 or (asserted <= most and asserted + inferred().count(b"\n") <= most)


def _write(
    settings: Settings, contents: Contents, inferred: Callable[[], bytes], checks: Checks, directory: Path
) -> dict[str, Any]:
    names, graphs = contents.names, contents.graphs
    hidden = [str(name) for name in names.hidden_graphs()]

    def late() -> dict[str, bytes]:
        _stop_on_violations(checks.report(), strict=settings.strict)
        return {str(names.graph("report")): checks.checked().triples.to_bytes()}

    queries = {path.stem: path.read_text(encoding="utf-8") for path in assets.pages_dir().glob("*.rq")}

    follows = str(names.graph("inferred"))
    if _fits(settings, sum(map(len, graphs.values())), inferred):
        triples = {str(name): graph.to_bytes() for name, graph in graphs.items() if len(graph)}
        named = graphs_named(queries).difference(hidden)
        index = partial(write_index, directory, queries, graphs=named)
        answers = partial(write_answers_of_graphs, directory, queries, graphs=named)
        summary = write_dataset(
            triples, hidden, directory, late, index, answers, soon=lambda: {follows: inferred()}, named=named
        )
    else:
        more = {follows: inferred} | {name: partial(bytes, triples) for name, triples in late().items()}
        index, answers = (
            partial(write_index, directory, queries),
            partial(write_answers_of_graphs, directory, queries),
        )
        summary = write_much(_one_by_one(graphs, more), hidden, directory, index, answers)
    reports = checks.checked().reports
    for name, text in checks.checked().files.items():
        (directory / name).write_text(text, encoding="utf-8")
    # What the canned queries are now: whoever cites an answer of this release means these.
    texts = {path.stem: path.read_text(encoding="utf-8") for path in sorted(assets.queries_dir().glob("*.rq"))}
    (directory / "queries.json").write_text(json.dumps(texts, ensure_ascii=False), encoding="utf-8")
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

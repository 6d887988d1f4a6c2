"""The product on one screen: documents in, a validated, inferred, queryable snapshot out."""

from __future__ import annotations

import datetime
import hashlib
import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rdflib import Graph

from fundgraph import __version__, assets
from fundgraph.documents import read_document
from fundgraph.documents.programme import (
    FILE_NAME,
    Fact,
    Programme,
    ProgrammeDocument,
    find_programmes,
    read_programme,
)
from fundgraph.errors import DocumentError, ProgrammeError, ValidationError
from fundgraph.extract import extract
from fundgraph.extract.identity import resolve_identities
from fundgraph.extract.slugs import slug
from fundgraph.extraction import Progress, extract_corpus
from fundgraph.graph import Graphs, to_graphs
from fundgraph.graph.files import read_rdf, read_rdf_directory
from fundgraph.graph.mapping import ExtractionMapper
from fundgraph.graph.topics import topic_labels
from fundgraph.model import Document, Extraction, ReadingOptions, TopicLabels
from fundgraph.ntriples import Statements
from fundgraph.questions import load_questions, to_turtle
from fundgraph.reason import infer_statements
from fundgraph.settings import Settings
from fundgraph.store.dataset import write_dataset
from fundgraph.store.listing import write_index
from fundgraph.store.parse import parse_file, parse_turtle
from fundgraph.store.snapshot import Snapshot, begin, build_lock, finish
from fundgraph.validate import ValidationReport, validate
from fundgraph.vocab import DatasetNames, prefixes

_LIBRARIES = ("rdflib", "owlrl", "pyshacl", "pyoxigraph")
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did: the snapshot it wrote, what SHACL says, what was read, and the seconds of each stage."""

    snapshot: Snapshot
    validation: ValidationReport
    extractions: tuple[Extraction, ...]
    unknown_facts: tuple[Fact, ...]
    timings: dict[str, float]


def build(settings: Settings, say: Say = lambda _: None) -> BuildReport:
    """Turn the documents of one programme into a validated, inferred, queryable snapshot.

    The snapshot is switched to only when it is whole. Raises :class:`InputError` for a source that cannot
    be read, :class:`ValidationError` and :class:`InconsistencyError` for data that fails a check.
    """
    clock = _Clock(say)
    programme = read_programme(the_programme(settings))
    with build_lock(settings.build_dir):
        with clock.stage("read"):
            topics, labels = read_programme_topics(programme)
            ontology = read_ontology()
            questions = read_questions(programme.base)
            extractions = read_documents(programme, labels, say)
        with clock.stage("map"):
            graphs, unknown_facts = to_graphs(programme, extractions, topics, ontology)
            graphs[DatasetNames(programme.base).graph("queries")] |= questions
            asserted = union(graphs, DatasetNames(programme.base))
        with clock.stage("validate"):
            report = validate(asserted.to_graph(), assets.shapes_dir())
            _stop_on_violations(report, strict=settings.strict)
        with clock.stage("infer"):
            inferred = Statements(infer_statements(asserted, settings.engine))
        with clock.stage("write"):
            snapshot = _write(settings, programme, graphs, inferred, report, extractions, clock)
    return BuildReport(snapshot, report, tuple(extractions), tuple(unknown_facts), dict(clock.seconds))


def the_programme(settings: Settings) -> Path:
    """Return the folder of the one programme to build. Raises :class:`ProgrammeError` if there are several."""
    found = find_programmes(settings.programmes_dir)
    if len(found) > 1:
        raise ProgrammeError(
            "several programmes lie here, and a snapshot holds one",
            where=settings.programmes_dir,
            hint=f"Name one: fundgraph build {found[0]}",
        )
    return found[0]


def read_programme_topics(programme: Programme) -> tuple[Statements, tuple[TopicLabels, ...]]:
    """Read the programme's scheme of topics; an empty one if it has none."""
    return (Statements(), ()) if programme.topics is None else read_topics(programme.topics)


def read_topics(path: Path) -> tuple[Statements, tuple[TopicLabels, ...]]:
    """Read a scheme of topics, and the labels by which a text may name them."""
    scheme = Statements(parse_file(path))
    return scheme, topic_labels(scheme, path)


def read_ontology() -> Statements:
    """Read the ontology and the scheme of roles."""
    ontology = Statements(parse_file(assets.ontology_dir() / "fundgraph.ttl"))
    ontology |= parse_file(assets.data_dir() / "roles.ttl")
    return ontology


def read_questions(base: str) -> Statements:
    """Read the canned queries as ``sh:SPARQLExecutable``. Raises :class:`QuestionError` for a broken one."""
    return Statements(parse_turtle(to_turtle(load_questions(assets.queries_dir()), base)))


def read_documents(
    programme: Programme, labels: tuple[TopicLabels, ...], say: Say = lambda _: None
) -> list[Extraction]:
    """Read all documents of a programme, and make one project and one person of the same ones in several.

    Where a folder is listed, ``say`` tells what was left out. Raises :class:`DocumentError` for a document
    that cannot be read or has neither projects nor people in it, and for documents without any project.
    """
    extractions: list[Extraction] = []
    decided = {
        f"{decision.project}/{slug(decision.name)}" if decision.project else slug(decision.name): decision.person
        for decision in programme.decisions
    }
    for listed in programme.documents:
        options = ReadingOptions(
            programme=programme.name,
            phase=listed.phase,
            pi_rule=programme.pi_rule,
            topics=labels,
            identities=decided,
        )
        if listed.path.is_dir():
            found = extract_corpus(listed.path, options, say, partial(_of, listed=listed))
            found = [extraction for extraction in found if extraction.projects or extraction.people]
        else:
            found = [extract(replace(_of(read_document(listed.path), listed), id=listed.id), options)]
        if not any(extraction.projects or extraction.members for extraction in found):
            raise _without_project(listed.path)
        extractions += found
    if not any(extraction.projects for extraction in extractions):
        raise _without_project(programme.documents[0].path if programme.documents else programme.path)
    return list(resolve_identities(extractions))


def _without_project(path: Path) -> DocumentError:
    return DocumentError(
        "no project was found in this document",
        where=path,
        line=1,
        hint="A project is a title with people, an abstract or labels below it; see docs/tutorial.md",
    )


def _of(document: Document, listed: ProgrammeDocument) -> Document:
    """Return a document with what the programme says of it; its path is told from the programme's folder."""
    inside = Path(document.path).relative_to(listed.path) if listed.path.is_dir() else None
    return replace(
        document,
        id=f"{listed.id}-{document.id}",
        path=listed.file if inside is None else f"{listed.file.rstrip('/')}/{inside.as_posix()}",
        title=listed.title or document.title,
        source=listed.source,
        retrieved=listed.retrieved,
        rights=listed.rights,
        phase=listed.phase,
    )


def extract_files(
    paths: Sequence[Path],
    *,
    programme: str | None = None,
    phase: int | None = None,
    say: Say = lambda _: None,
    progress: Progress = lambda _: None,
) -> list[Extraction]:
    """Read documents of any programme; topics are those of all shipped schemes.

    A folder is a corpus: what can be read in it is read, ``say`` tells what was left out, and what several of its
    documents say of one project or person is put under one id. Raises :class:`DocumentError` if nothing is left.
    """
    labels = [label for path in sorted(assets.data_dir().glob("*/topics.ttl")) for label in read_topics(path)[1]]
    options = ReadingOptions(programme=programme, phase=phase, topics=tuple(labels))
    extractions: list[Extraction] = []
    for path in paths:
        if path.is_dir():
            extractions += resolve_identities(extract_corpus(path, options, say, progress=progress))
        else:
            extractions.append(extract(read_document(path), options, progress))
    return extractions


def extractions_to_turtle(extractions: Sequence[Extraction], programme: str | None = None) -> str:
    """Return what was read as Turtle, below a base of its own that nobody else uses."""
    base = f"urn:fundgraph:{slug(programme or 'extract')}:"
    names = DatasetNames(base)
    graphs = Graphs()
    for extraction in extractions:
        ExtractionMapper(graphs, names, extraction, Path(extraction.document.path).name).map()
    merged = union(graphs, names).to_graph()
    for prefix, namespace in prefixes(base).items():
        merged.bind(prefix, namespace)
    return merged.serialize(format="turtle")


def union(graphs: Graphs, names: DatasetNames) -> Statements:
    """Return one set of all that is asserted: every graph but the report, the provenance and the queries."""
    hidden = set(names.hidden_graphs())
    merged = Statements()
    for name, graph in graphs.items():
        if name not in hidden:
            merged |= graph
    return merged


def validate_data(settings: Settings, paths: Sequence[Path] = ()) -> ValidationReport:
    """Validate RDF files, or the data directory if none are given."""
    if paths:
        graph = read_ontology().to_graph(Graph())
        for path in paths:
            if path.is_dir() and not (path / FILE_NAME).is_file():
                read_rdf_directory(path, graph)
            elif path.is_dir():
                _asserted(path).to_graph(graph)
            else:
                read_rdf(path, graph)
        return validate(graph, assets.shapes_dir())
    return validate(_asserted(the_programme(settings)).to_graph(), assets.shapes_dir())


def _asserted(directory: Path) -> Statements:
    programme = read_programme(directory)
    topics, labels = read_programme_topics(programme)
    graphs, _ = to_graphs(programme, read_documents(programme, labels), topics, read_ontology())
    return union(graphs, DatasetNames(programme.base))


def _stop_on_violations(report: ValidationReport, *, strict: bool) -> None:
    stopping = [result for result in report.results if result.severity == "error"]
    if strict:
        stopping += [result for result in report.results if result.severity == "warning"]
    if stopping:
        shown = "\n".join(f"  {line}" for line in report.to_text().splitlines()[:20])
        raise ValidationError(
            f"SHACL finds {len(stopping)} faults that stop the build; nothing was switched\n{shown}"
        )


def _write(
    settings: Settings,
    programme: Programme,
    graphs: Graphs,
    inferred: Statements,
    report: ValidationReport,
    extractions: Sequence[Extraction],
    clock: _Clock,
) -> Snapshot:
    names = DatasetNames(programme.base)
    graphs[names.graph("inferred")] |= inferred
    for triple in report.to_graph(names):
        graphs[names.graph("report")].add(triple)
    directory = begin(settings.build_dir)
    triples = {str(name): graph.to_bytes() for name, graph in graphs.items() if len(graph)}
    hidden = [str(name) for name in names.hidden_graphs()]
    summary = write_dataset(triples, hidden, directory)
    write_index(
        directory, {path.stem: path.read_text(encoding="utf-8") for path in assets.pages_dir().glob("*.rq")}
    )
    _write_report(report, names, directory)
    (directory / "dumps").mkdir()
    (directory / "documents").mkdir()
    for extraction in extractions:
        # The text as decoded: what the offsets of passages count in.
        document = extraction.document
        (directory / "documents" / f"{document.id}.txt").write_bytes(document.text.encode("utf-8"))
    now = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
    manifest: dict[str, Any] = {
        "release": f"{now.date().isoformat()}-{summary.hash[:8]}",
        "created": now.isoformat().replace("+00:00", "Z"),
        "hash": summary.hash,
        "hash_algorithm": "RDFC-1.0, SHA-256",
        "base": programme.base,
        "programme": {"id": programme.id, "name": programme.name, "number": programme.number},
        "prefixes": prefixes(programme.base),
        "hidden_graphs": hidden,
        "quads": summary.quads,
        "graphs": summary.graphs,
        "classes": summary.classes,
        "validation": dict(report.counts),
        "findings": _count(finding.code for extraction in extractions for finding in extraction.findings),
        "coverage": {e.document.id: _coverage(e) for e in extractions},
        "inputs": _inputs(programme),
        "versions": {"fundgraph": __version__} | {name: version(name) for name in _LIBRARIES},
        "engine": settings.engine,
        "timings": clock.seconds_so_far(),
    }
    return finish(settings.build_dir, directory, manifest)


def _coverage(extraction: Extraction) -> dict[str, Any] | None:
    """Return how many lines of a document were read, are furniture, or are neither, and which those are."""
    coverage = extraction.coverage
    if coverage is None:
        return None
    counts = {"read": coverage.read, "furniture": coverage.furniture, "unread": coverage.unread}
    return counts | {"share": round(coverage.share, 4), "unread_lines": list(coverage.lines)}


def _write_report(report: ValidationReport, names: DatasetNames, directory: Path) -> None:
    forms = {
        "ttl": report.to_graph(names).serialize(format="turtle"),
        "json": json.dumps(report.to_json(), ensure_ascii=False, indent=1) + "\n",
        "html": report.to_html(),
    }
    for suffix, text in forms.items():
        (directory / f"report.{suffix}").write_text(text, encoding="utf-8")


def _inputs(programme: Programme) -> list[dict[str, str]]:
    shipped = [assets.data_dir() / "roles.ttl", assets.ontology_dir() / "fundgraph.ttl"]
    shipped += sorted(assets.shapes_dir().glob("*.ttl"))
    files = sorted(path for path in programme.path.rglob("*") if path.is_file() and not path.name.startswith("."))
    named = [(path.relative_to(programme.path).as_posix(), path) for path in files]
    named += [(f"{path.parent.name}/{path.name}", path) for path in shipped]
    return [{"path": name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()} for name, path in named]


def _count(words: Iterator[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for word in words:
        counts[word] = counts.get(word, 0) + 1
    return dict(sorted(counts.items()))


@dataclass
class _Clock:
    """Times the stages of a build."""

    say: Say
    seconds: dict[str, float] = field(default_factory=dict)
    started: float = field(default_factory=time.perf_counter)
    _open: tuple[str, float] | None = None

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        self._open = (name, time.perf_counter())
        yield
        self.seconds = self.seconds_so_far(total=False)
        self._open = None
        self.say(f"{name:<9}{self.seconds[name]:6.2f} s")

    def seconds_so_far(self, *, total: bool = True) -> dict[str, float]:
        """Return the seconds of each stage, the one under way included."""
        now = time.perf_counter()
        seconds = dict(self.seconds)
        if self._open is not None:
            seconds[self._open[0]] = round(now - self._open[1], 3)
        return seconds | ({"total": round(now - self.started, 3)} if total else {})

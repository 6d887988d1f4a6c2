"""The product on one screen: documents in, a validated, inferred, queryable snapshot out."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
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
from fundgraph.errors import DocumentError, InconsistencyError, ProgrammeError
from fundgraph.extract import extract
from fundgraph.extract.identity import resolve_identities
from fundgraph.extract.slugs import slug
from fundgraph.extraction import Progress, extract_corpus
from fundgraph.graph import Graphs, to_graphs
from fundgraph.graph.files import read_rdf, read_rdf_directory
from fundgraph.graph.mapping import ExtractionMapper
from fundgraph.graph.topics import topic_labels
from fundgraph.linksets import FOLDER as LINKS
from fundgraph.linksets import add_links
from fundgraph.model import Document, Extraction, ReadingOptions, TopicLabels
from fundgraph.ntriples import Statements
from fundgraph.progress import Clock, Say, Watch
from fundgraph.questions import load_questions, to_turtle
from fundgraph.release import Contents, checks_for, lay_over, make_release, union
from fundgraph.settings import Settings
from fundgraph.store.parse import parse_file, parse_turtle
from fundgraph.store.patches import read_patches
from fundgraph.store.patches import state as edit_state
from fundgraph.store.snapshot import Snapshot, build_lock
from fundgraph.validate import ValidationReport
from fundgraph.validation import are_large, validate_graph, validate_large
from fundgraph.vocab import DatasetNames, prefixes

#: The stages of a build, in their order.
STAGES = ("read", "map", "validate", "infer", "recheck", "write")
_LIBRARIES = ("rdflib", "owlrl", "pyshacl", "pyoxigraph")


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did: the snapshot it wrote, what SHACL says, what was read, and the seconds of each stage."""

    snapshot: Snapshot
    validation: ValidationReport
    after_inference: ValidationReport
    extractions: tuple[Extraction, ...]
    unknown_facts: tuple[Fact, ...]
    timings: dict[str, float]


def build(
    settings: Settings,
    say: Say = lambda _: None,
    watch: Watch = lambda _stage, _detail: None,
    process: subprocess.Popen[bytes] | None = None,
    accept: Callable[[], None] = lambda: None,
) -> BuildReport:
    """Turn the documents of one programme into a validated, inferred, queryable snapshot.

    The snapshot is switched to only when it is whole. ``say`` is told what took how long and what was left out,
    ``watch`` which of :data:`STAGES` is under way, and how far. ``process`` may have been started to validate.
    ``accept`` is called just before the switch, and what it raises stops that. Raises :class:`InputError` for a source that cannot be read, :class:`ValidationError` and :class:`InconsistencyError` for data that fails a check.
    """
    clock = Clock(say, watch)
    programme = read_programme(the_programme(settings))
    with build_lock(settings.build_dir), checks_for(settings, programme.base, process) as checks:
        with clock.stage("read"):
            topics, labels = read_programme_topics(programme)
            ontology = read_ontology()
            questions = read_questions(programme.base)
            extractions = read_documents(programme, labels, say)
        with clock.stage("map"):
            graphs, unknown_facts = to_graphs(programme, extractions, topics, ontology)
            graphs[DatasetNames(programme.base).graph("queries")] |= questions
            names = DatasetNames(programme.base)
            _add_links(graphs, programme, settings, say)
            lay_over(graphs, read_patches(settings.edits, programme.base), names)
            texts = {one.document.id: one.document.text.encode("utf-8") for one in extractions}
        contents = Contents(programme.base, graphs, texts)
        about = partial(_about, settings, programme, extractions)
        try:
            snapshot, reports = make_release(settings, contents, about, clock, accept, checks)
        except InconsistencyError as error:
            from fundgraph.contradiction import told  # with the engine, which otherwise the second process needs

            raise told(error, graphs, programme) from error
    return BuildReport(snapshot, *reports, tuple(extractions), tuple(unknown_facts), clock.seconds_so_far())


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
    """Read the ontology, its alignments with other vocabularies, and the scheme of roles."""
    ontology = Statements()
    for path in assets.model_files():
        ontology |= parse_file(path)
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
        licence=listed.licence,
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


def validate_data(
    settings: Settings, paths: Sequence[Path] = (), *, inference: bool = True, say: Say = lambda _: None
) -> tuple[ValidationReport, ...]:
    """Validate RDF files, or the data directory if none are given, before and after inference.

    Large files are validated before inference only, by compiled shapes unless the settings name pySHACL; ``say`` is
    told of it.
    """
    shapes = assets.shapes_dir()
    if paths and settings.validator != "pyshacl" and are_large(paths):
        if inference:
            say("the files are large: validated before inference only")
        return (validate_large(paths, read_ontology(), shapes),)
    if paths:
        graph = read_ontology().to_graph(Graph())
        for path in paths:
            if path.is_dir() and not (path / FILE_NAME).is_file():
                read_rdf_directory(path, graph)
            elif path.is_dir():
                asserted(path).to_graph(graph)
            else:
                read_rdf(path, graph)
    else:
        graph = asserted(the_programme(settings)).to_graph(Graph())
    return validate_graph(graph, shapes, settings.validator, inference=inference, say=say)


def asserted(directory: Path) -> Statements:
    """Return all that is asserted of the programme in a folder, before inference, with the ontology."""
    programme = read_programme(directory)
    topics, labels = read_programme_topics(programme)
    graphs, _ = to_graphs(programme, read_documents(programme, labels), topics, read_ontology())
    add_links(graphs, programme.base, programme.path / LINKS)
    return union(graphs, DatasetNames(programme.base))


def _add_links(graphs: Graphs, programme: Programme, settings: Settings, say: Say) -> None:
    """Add the programme's mapping sets; tell of rows about things that are not there."""
    folder = settings.links_dir or programme.path / LINKS
    for path, link in add_links(graphs, programme.base, folder, with_same_as=settings.same_as):
        say(f"warning: {Path(path).name}:{link.line}: nothing here is <{link.subject}>; the link is left out")


def _about(settings: Settings, programme: Programme, extractions: Sequence[Extraction]) -> dict[str, Any]:
    """Return what the manifest says of where a release comes from."""
    return {
        "programme": {
            "id": programme.id,
            "name": programme.name,
            "number": programme.number,
            "licence": programme.licence,
        },
        "findings": _count(finding.code for extraction in extractions for finding in extraction.findings),
        "coverage": {e.document.id: _coverage(e) for e in extractions},
        "inputs": _inputs(programme),
        "edits": edit_state(settings.edits, programme.base),
        "versions": {"fundgraph": __version__} | {name: version(name) for name in _LIBRARIES},
    }


def _coverage(extraction: Extraction) -> dict[str, Any] | None:
    """Return how many lines of a document were read, are furniture, or are neither, and which those are."""
    coverage = extraction.coverage
    if coverage is None:
        return None
    counts = {"read": coverage.read, "furniture": coverage.furniture, "unread": coverage.unread}
    return counts | {"share": round(coverage.share, 4), "unread_lines": list(coverage.lines)}


def _inputs(programme: Programme) -> list[dict[str, str]]:
    shipped = [*assets.model_files(), *sorted(assets.shapes_dir().glob("*.ttl"))]
    files = sorted(path for path in programme.path.rglob("*") if path.is_file() and not path.name.startswith("."))
    named = [(path.relative_to(programme.path).as_posix(), path) for path in files]
    named += [(f"{path.parent.name}/{path.name}", path) for path in shipped]
    return [{"path": name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()} for name, path in named]


def _count(words: Iterator[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for word in words:
        counts[word] = counts.get(word, 0) + 1
    return dict(sorted(counts.items()))

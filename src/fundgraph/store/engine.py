"""Engines answer queries over a snapshot: what is asked, what comes back, and the engine of this process."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from io import BytesIO
from tempfile import TemporaryFile
from typing import IO, Any, Protocol, TypeVar
from urllib.parse import urljoin

from fundgraph.errors import (
    QueryError,
    QueryRefusedError,
    QueryResourceError,
    QuerySyntaxError,
    UnacceptableFormatError,
    UsageError,
)
from fundgraph.store.advice import Remark
from fundgraph.store.evaluate import Ending, Job, Stopped, load, open_on_disk, run
from fundgraph.store.federation import Federation, Note
from fundgraph.store.formats import FORMATS_OF, KIND_OF
from fundgraph.store.known import KnownTerms
from fundgraph.store.mistakes import no_form, syntax_error
from fundgraph.store.nearest import nearest_iris, shortened
from fundgraph.store.running import Running
from fundgraph.store.scan import MAX_DEPTH, UNLIMITED, Scan, advice, position, scan
from fundgraph.store.snapshot import Snapshot

#: So many bytes of an answer are held in memory; the rest of a larger one lies in a file.
_IN_MEMORY = 4 << 20
#: How to write a comment at the end of an answer, in the formats that have them and are not read line by line.
_COMMENTS = {
    "xml": ("<!-- ", " -->\n"), "rdfxml": ("<!-- ", " -->\n"), "turtle": ("# ", "\n"), "trig": ("# ", "\n"),
}  # fmt: skip
_VOCABULARY = (
    "SELECT DISTINCT ?term { ?s ?term ?o }",
    "SELECT DISTINCT ?term { ?s a ?term }",
    "SELECT ?term { ?term a ?class } LIMIT 20000",
)
Number = TypeVar("Number", int, float)


@dataclass(frozen=True, slots=True)
class QueryRequest:
    """A query and the terms on which it is asked; ``None`` means the engine's own word."""

    text: str
    format: str | None = None
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    timeout: float | None = None
    max_rows: int | None = None
    max_bytes: int | None = None
    base_iri: str | None = None
    labels: tuple[str, ...] = ()
    """Languages, the preferred one first: a JSON answer then holds labels for its IRIs."""
    own: bool = False
    """Whether it is a SELECT of ours that needs no looking over: no limit of rows, no remarks, nothing to refuse."""
    fall_back: bool = False
    """Whether the last answer of another service stands in for one that fails; the answer says so."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer; ``body`` stands at its beginning. ``form`` is ``select``, ``ask`` or ``graph``."""

    body: IO[bytes]
    size: int
    form: str
    format: str
    completeness: str
    elapsed_ms: float
    release: str | None
    warnings: tuple[dict[str, Any], ...] = ()
    """What is legal in the query and yet seldom meant, each with code, message, line and column."""
    cached: bool = False
    services: tuple[dict[str, Any], ...] = ()
    """What other services were asked, and what each brought."""

    def warning_codes(self) -> str:
        """Return the words of the warnings, each once."""
        return ", ".join(dict.fromkeys(one["code"] for one in self.warnings))


@dataclass(frozen=True, slots=True)
class Limits:
    """What an engine allows if the request does not ask for less; ``None`` is no limit."""

    timeout: float | None = None
    max_rows: int | None = None
    max_bytes: int | None = None
    max_query_bytes: int | None = None

    def narrowed(self, request: QueryRequest) -> Limits:
        """Return the limits for one request: the smaller of ours and its own."""
        return Limits(
            _least(self.timeout, request.timeout),
            _least(self.max_rows, request.max_rows),
            _least(self.max_bytes, request.max_bytes),
            self.max_query_bytes,
        )


def _least(ours: Number | None, theirs: Number | None) -> Number | None:
    return min((value for value in (ours, theirs) if value is not None), default=None)


class Engine(Protocol):
    """Answers queries over one snapshot."""

    def run(self, request: QueryRequest, running: Running | None = None) -> Answer:
        """Answer a query, which ``running`` may follow and stop; raises a :class:`QueryError`."""

    def close(self) -> None:
        """Give up all that is held; running queries end with an error."""


@dataclass(frozen=True)
class Catalogue:
    """What an engine needs to know of its snapshot to prepare queries.

    ``graphs`` are the named graphs that may be named in FROM; ``None`` allows any (those not there are empty).
    """

    release: str | None
    base: str | None
    prefixes: Mapping[str, str]
    graphs: frozenset[str] | None
    terms: KnownTerms = field(default_factory=KnownTerms, compare=False)
    federation: Federation = field(default_factory=lambda: Federation({}), compare=False)

    @classmethod
    def of(cls, snapshot: Snapshot) -> Catalogue:
        """Return what a snapshot's manifest says."""
        manifest = snapshot.manifest
        graphs = manifest.get("graphs")
        return cls(
            release=snapshot.release,
            base=manifest.get("base"),
            prefixes=dict(manifest.get("prefixes", {})),
            graphs=None if graphs is None else frozenset(graphs),
        )

    def prepare(self, request: QueryRequest, limits: Limits) -> Job:
        """Return the job for a request, or raise what is wrong with it before anything runs."""
        text = request.text
        if request.own:
            return Job(text, "select", "json", base=self.base, max_bytes=limits.max_bytes, own=True)
        _check_text(text, limits)
        seen = scan(text)
        kind = _check_scan(text, seen)
        self.federation.check(text, seen)
        if request.labels and kind != "select":
            raise UsageError("only the answer to a SELECT can come with labels")
        base = request.base_iri or self.base
        format_ = request.format or FORMATS_OF[kind][0]
        if format_ not in FORMATS_OF[kind]:
            raise UnacceptableFormatError(
                f"{_WORDS[kind]} cannot be written as {format_}", allowed=FORMATS_OF[kind]
            )
        dataset = request.default_graphs, request.named_graphs
        chosen = any(dataset)
        for iri in (*dataset[0], *dataset[1]) if chosen else (*seen.default_graphs, *seen.named_graphs):
            self._check_graph(iri, urljoin(seen.base or base or "", iri))
        limited, cap, probe = _capped(text, seen, limits.max_rows)
        may_cut = limits.max_bytes is not None and seen.form == "select" and seen.unclosed is None
        return Job(
            text=text,
            kind=kind,
            format=format_,
            default_graphs=dataset[0] if chosen else None,
            named_graphs=dataset[1] if chosen else None,
            base=base,
            prefixes={**self.prefixes, **dict(seen.prefixes)} if kind == "graph" else {},
            max_bytes=limits.max_bytes,
            limited=limited,
            row_cap=limits.max_rows if kind == "graph" else cap,
            probe=probe,
            cut=seen.around_limit(text) if may_cut and (seen.limit is None or seen.limit) else None,
            labels=request.labels if (request.format or "json") == "json" else (),
            check=self.terms.unsure_of(iri for iri, _ in seen.iris),
        )

    def _check_graph(self, iri: str, resolved: str) -> None:
        if self.graphs is not None and iri not in self.graphs and resolved not in self.graphs:
            raise QueryRefusedError(
                f"there is no graph <{iri}> here, and none is fetched from outside",
                allowed=sorted(self.graphs),
            )

    def warnings(self, text: str) -> tuple[dict[str, Any], ...]:
        """Return what there is to remark on a query that was answered."""
        seen = scan(text)
        remarks = list(advice(text))
        known = {**self.prefixes, **dict(seen.prefixes)}
        for iri, at in seen.graphs:
            if self.graphs is not None and iri not in self.graphs:
                meant = tuple(shortened(found, known) for found in nearest_iris(iri, self.graphs))
                remarks.append(Remark("unknown-graph", f"there is no graph <{iri}> here", at, f"<{iri}>", meant))
        for iri, at in seen.iris:
            if self.terms.is_unknown(iri):
                meant = tuple(shortened(found, known) for found in self.terms.like(iri))
                name = shortened(iri, known)
                remarks.append(Remark("unknown-term", f"{name} is not in this release", at, name, meant))
        return tuple(remark.to_jsonable(*position(text, remark.at)) for remark in remarks)

    def failure(self, stopped: Stopped, job: Job, limits: Limits) -> QueryError:
        """Return the error of ours that says why a job was given up."""
        if stopped.kind == "size":
            return QueryResourceError(
                f"the answer is larger than {limits.max_bytes} bytes",
                hint="Add a LIMIT, or take the dumps for everything",
            )
        if stopped.kind == "xml":
            return UnacceptableFormatError(
                str(stopped), allowed=[name for name in FORMATS_OF[job.kind] if name not in ("xml", "rdfxml")]
            )
        if stopped.kind == "syntax":
            return syntax_error(job.text, str(stopped), self.prefixes)
        return QueryResourceError(f"the query failed: {stopped}")


_WORDS = {"select": "a SELECT's answer", "ask": "an ASK's answer", "graph": "a graph"}


def _check_text(text: str, limits: Limits) -> None:
    try:
        size = len(text.encode("utf-8"))
    except UnicodeEncodeError as error:
        line, column = position(text, error.start)
        raise QuerySyntaxError("the query is not valid Unicode", line=line, column=column) from error
    if limits.max_query_bytes is not None and size > limits.max_query_bytes:
        raise QueryRefusedError(f"the query has {size} bytes; at most {limits.max_query_bytes} are allowed")


def _check_scan(text: str, seen: Scan) -> str:
    """Return the kind of answer that a query has, if it may run at all."""
    if seen.form == "update":
        raise QuerySyntaxError(f"{seen.operation.upper()} is an update; only queries are answered here")
    if seen.depth > MAX_DEPTH:
        line, column = position(text, seen.deepest)
        raise QuerySyntaxError(
            f"the query is nested too deeply: {seen.depth} levels; at most {MAX_DEPTH} are allowed",
            line=line,
            column=column,
        )
    if seen.form == "unknown":
        raise no_form(text, seen.start)
    return KIND_OF[seen.form]


def _capped(text: str, seen: Scan, cap: int | None) -> tuple[str | None, int | None, str | None]:
    """Return the text with our LIMIT if it needs one, the limit, and a query with a row exactly if it cuts."""
    if seen.form != "select" or seen.unclosed is not None or seen.unterminated is not None:
        return None, None, None
    if cap is None or (seen.limit is not None and seen.limit <= cap):
        # A numeral of more digits than the engine reads means no limit.
        return (seen.sliced(text, UNLIMITED) if seen.limit == UNLIMITED else None), None, None
    return seen.sliced(text, cap), cap, seen.sliced(text, 1, (seen.offset or 0) + cap)


def finish(
    spool: Spool, job: Job, catalogue: Catalogue, limits: Limits, ending: Ending, started: float,
    notes: Sequence[Note] = (),
) -> Answer:  # fmt: skip
    """Return the answer for a written body; one in JSON, XML or Turtle gets a member that says what it is worth.

    ``job`` is as it was asked, ``notes`` tell what other services brought.
    """
    number = {"": None, "rows": job.row_cap, "bytes": limits.max_bytes}[ending.cut]
    completeness = "complete" if number is None else f"truncated; {ending.cut}={number}"
    catalogue.terms.learn(job.check, ending.unknown)
    warnings = () if job.own else catalogue.warnings(job.text)
    services = [note.to_jsonable() for note in notes]
    elapsed = (time.perf_counter() - started) * 1000
    body = spool.file
    if job.format == "json":
        meta: dict[str, Any] = {
            "release": catalogue.release,
            "completeness": completeness,
            "elapsedMs": round(elapsed, 3),
            "limits": {"seconds": limits.timeout, "rows": limits.max_rows, "bytes": limits.max_bytes},
        }
        if warnings:
            meta["warnings"] = warnings
        if notes:
            meta["services"] = services
        if ending.labels is not None:
            meta["labels"] = ending.labels
        body.seek(-1, 2)
        body.truncate()
        body.write(b',"meta":' + json.dumps(meta, separators=(",", ":"), ensure_ascii=False).encode() + b"}")
    elif job.format in _COMMENTS:
        before, after = _COMMENTS[job.format]
        body.write(f"{before}fundgraph: {completeness}, release {catalogue.release or '-'}{after}".encode())
    size = body.tell()
    body.seek(0)
    return Answer(
        body,
        size,
        job.kind,
        job.format,
        completeness,
        elapsed,
        catalogue.release,
        warnings,
        services=tuple(services),
    )


class Spool:
    """A place for an answer while it is written: memory at first, a file without a name when it grows."""

    def __init__(self) -> None:
        self.file: IO[bytes] = BytesIO()
        self._rolled = False

    def write(self, data: bytes) -> None:
        """Append to the answer."""
        self.file.write(data)
        if not self._rolled and self.file.tell() > _IN_MEMORY:
            held = self.file
            held.seek(0)
            self.file, self._rolled = TemporaryFile(), True  # noqa: SIM115 - the answer's reader closes it
            self.file.write(held.read())

    def restart(self) -> None:
        """Throw away what was written, to write anew."""
        self.file.seek(0)
        self.file.truncate()

    def close(self) -> None:
        """Throw the answer away."""
        self.file.close()


def vocabulary(engine: Engine, seconds: float | None = None) -> list[str]:
    """Return the properties, classes and named things of a snapshot, as far as they are found in time."""
    found: list[str] = []
    for text in _VOCABULARY:
        try:
            with engine.run(QueryRequest(text, "tsv", timeout=seconds)).body as body:
                lines = body.read().decode().splitlines()[1:]
        except QueryError:
            continue
        found += [line[1:-1] for line in lines if line.startswith("<")]
    return list(dict.fromkeys(found))


class InlineEngine:
    """Answers queries in this process, for the command line and notebooks: no workers, and so no deadline."""

    def __init__(self, snapshot: Snapshot, limits: Limits | None = None, *, in_memory: bool = False) -> None:
        self._snapshot = snapshot if in_memory else None
        self._path = str(snapshot.path / "store")
        self._limits = limits or Limits()
        self.catalogue = Catalogue.of(snapshot)
        self.catalogue.terms.fetch = lambda: vocabulary(self)
        self.catalogue.terms.aside = False  # the store's iterators must stay in their thread

    @cached_property
    def _store(self) -> Any:
        if self._snapshot is not None:  # for very many queries
            return load(str(self._snapshot.path / "dataset.nq"), self._snapshot.manifest["hidden_graphs"])
        return open_on_disk(self._path)

    def run(self, request: QueryRequest, running: Running | None = None) -> Answer:
        """Answer a query. Raises :class:`UsageError` for a deadline, which only workers can keep."""
        if request.timeout is not None:
            raise UsageError("a deadline needs workers", hint="Open the graph with served=True")
        started = time.perf_counter()
        limits = self._limits.narrowed(request)
        job = self.catalogue.prepare(request, limits)
        body = Spool()
        try:
            ending = run(self._store, job, body.write, body.restart)
        except Stopped as stopped:
            body.close()
            raise self.catalogue.failure(stopped, job, limits) from stopped
        return finish(body, job, self.catalogue, limits, ending, started)

    def close(self) -> None:
        """Let go of the store."""
        self.__dict__.pop("_store", None)

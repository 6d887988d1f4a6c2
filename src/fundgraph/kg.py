"""The read side: a knowledge graph that is there to be asked."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from html import escape as html
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from fundgraph import assets
from fundgraph.errors import FundgraphError, UnknownQuestionError, UsageError
from fundgraph.results import Table, Term, Triples
from fundgraph.settings import Settings
from fundgraph.store.cache import AnswerCache
from fundgraph.store.engine import Answer, Engine, InlineEngine, QueryRequest
from fundgraph.store.identities import Identities
from fundgraph.store.listing import FILE_NAME, Index
from fundgraph.store.nearest import nearest
from fundgraph.store.parse import parse_turtle
from fundgraph.store.running import Running
from fundgraph.store.snapshot import Snapshot, current_snapshot
from fundgraph.store.tally import Tally
from fundgraph.terms import FG

if TYPE_CHECKING:
    from fundgraph.questions import Parameter, Question
    from fundgraph.store.quick import Quick

#: A snapshot that was switched in is noticed after so many seconds at most.
_LOOK_EVERY = 1.0
_LOAD_WITHIN = 300.0
#: A LIMIT at the end of a query of ours.
_LIMIT = re.compile(r"^LIMIT \d+\s*\Z", re.MULTILINE)
_XSD = "http://www.w3.org/2001/XMLSchema#"


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


class Serving:
    """A snapshot with its engine, and how many requests run on it."""

    def __init__(self, snapshot: Snapshot, engine: Engine, cache_bytes: int, tally: Tally) -> None:
        self.snapshot = snapshot
        self.engine = engine
        self.answers = AnswerCache(engine, cache_bytes, tally)
        self.running = 0
        self.retired = False

    @cached_property
    def index(self) -> Index:
        return Index(self.snapshot.path / FILE_NAME)

    @cached_property
    def has_index(self) -> bool:
        return (self.snapshot.path / FILE_NAME).is_file()

    @cached_property
    def identities(self) -> Identities:
        return Identities(self.snapshot.path / FILE_NAME)


class KnowledgeGraph:
    """One programme's graph, as the current snapshot of a build folder holds it.

    With ``served`` queries run in worker processes, each with a deadline, and a snapshot that is switched in is
    picked up; without, they run in this process on the snapshot that was there at first. A ``snapshot`` that is
    named is asked, whichever is the current one.
    """

    #: What is closed with the graph.
    closing: tuple[Callable[[], None], ...] = ()

    def __init__(
        self,
        build_dir: Path,
        settings: Settings,
        *,
        served: bool = False,
        in_memory: bool = False,
        snapshot: Snapshot | None = None,
    ) -> None:
        self._build_dir = build_dir
        self._settings = settings
        self._served = served
        self._in_memory = in_memory
        self._lock = threading.Lock()
        self._looked = time.monotonic()
        self._loading = False
        self._closed = False
        fixed, snapshot = snapshot is not None, snapshot or current_snapshot(build_dir)
        self._link = None if fixed else self._target()  # one that is named stays in view
        self._cache_bytes = settings.cache_bytes if served else 0
        self.tally = Tally()
        self._current = Serving(snapshot, self._engine(snapshot), self._cache_bytes, self.tally)

    @classmethod
    def open(
        cls,
        build_dir: Path | str | None = None,
        settings: Settings | None = None,
        *,
        served: bool = False,
        in_memory: bool = False,
    ) -> Self:
        """Open the current snapshot of a build folder, by default the one that the settings name.

        With ``in_memory`` it is read into memory first, which pays for very many queries of this process.
        Raises :class:`NoSnapshotError` if there is none.
        """
        settings = settings or Settings.load(build_dir=None if build_dir is None else Path(build_dir))
        folder = settings.build_dir if build_dir is None else Path(build_dir)
        return cls(folder, settings, served=served, in_memory=in_memory)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def snapshot(self) -> Snapshot:
        """The snapshot that new queries are asked of."""
        return self._current.snapshot

    @property
    def path(self) -> Path:
        """The snapshot's folder."""
        return self.snapshot.path

    @property
    def engine(self) -> Engine:
        """The engine that new queries are asked of."""
        return self._current.engine

    @property
    def release(self) -> str:
        """The snapshot's release id."""
        return self.snapshot.release

    @property
    def manifest(self) -> dict[str, Any]:
        """All that the snapshot says of itself."""
        manifest: dict[str, Any] = self.snapshot.manifest
        return manifest

    @property
    def base(self) -> str:
        """The base of the dataset's IRIs."""
        return self.snapshot.base

    @property
    def index(self) -> Index:
        """The snapshot's lists and full-text search."""
        return self._current.index

    @property
    def identities(self) -> Identities:
        """What the snapshot's things are called and known by."""
        return self._current.identities

    @property
    def is_served(self) -> bool:
        """Whether queries run in processes of their own."""
        return self._served

    @property
    def prefixes(self) -> dict[str, str]:
        """The prefixes used for this dataset."""
        return dict(self.manifest.get("prefixes", {}))

    @cached_property
    def questions(self) -> dict[str, Question]:
        """The canned queries by id."""
        from fundgraph.questions import load_questions

        return load_questions(assets.queries_dir())

    def question(self, question_id: str) -> Question:
        """Return a canned query; raises :class:`UnknownQuestionError`."""
        try:
            return self.questions[question_id]
        except KeyError:
            raise UnknownQuestionError(
                f"there is no canned query {question_id!r}",
                allowed=sorted(self.questions),
                suggestions=nearest(question_id, self.questions),
            ) from None

    def answer(self, text: str | QueryRequest, *, running: Running | None = None, **terms: Any) -> Answer:
        """Answer a query in bytes; further arguments are those of :class:`QueryRequest`. The reader closes the body.

        ``running`` may follow the query and stop it.
        """
        if isinstance(text, str):
            request = QueryRequest(text, **terms)
        else:
            request = replace(text, **terms) if terms else text
        with self._serving() as serving:
            return serving.answers.run(request, running)

    def query(self, text: str, *, max_rows: int | None = None) -> Table | Triples:
        """Answer any query: a SELECT as a table, an ASK as one of a single value, CONSTRUCT and DESCRIBE as triples.

        Raises :class:`QueryError` for a query that is malformed, refused or stopped; an answer that is cut says so.
        """
        answer = self.answer(text, max_rows=max_rows)
        if answer.form != "graph":
            return self.table(answer)
        with answer.body as body:
            return Triples(tuple(parse_turtle(body.read().decode())), answer.completeness, answer.release)

    def quick(self, request: QueryRequest) -> Quick | None:
        """Return a query that need not be waited for by a thread, if this is one; raises a :class:`QueryError`."""
        self.look()
        return self._current.answers.quick(request)

    def select(self, text: str | QueryRequest, **terms: Any) -> Table:
        """Answer a SELECT (or an ASK, as a table of one value) as a table."""
        return self.table(self.answer(text, **{**terms, "format": "json"}))

    def rows(self, text: str) -> tuple[tuple[dict[str, str], ...], bool]:
        """Answer a SELECT of ours: each row by column, unbound variables as the empty text; and whether rows are missing.

        No more rows are fetched than an answer may have. Nothing in it is refused or remarked on, and what the snapshot
        holds the answer of is not asked again.
        """
        most = self._settings.max_rows
        with self._serving() as serving:
            kept = serving.index.answer(text) if serving.has_index else None
            if kept is not None:
                return kept[:most], len(kept) > most
            limited = text if _LIMIT.search(text) else f"{text}\nLIMIT {most + 1}"
            with serving.engine.run(QueryRequest(limited, own=True)).body as body:
                data = json.load(body)
        names = data["head"]["vars"]
        rows = tuple(
            {name: _plain(row[name]["value"]) if name in row else "" for name in names}
            for row in data["results"]["bindings"]
        )
        return rows[:most], len(rows) > most

    @staticmethod
    def table(answer: Answer) -> Table:
        """Read an answer in JSON into a table, and close it."""
        if answer.format != "json":
            raise UsageError("only an answer in JSON can be read as a table")
        with answer.body as body:
            data = json.load(body)
        if "boolean" in data:
            truth = Term("literal", str(data["boolean"]).lower(), f"{_XSD}boolean")
            return Table(("boolean",), ((truth,),), answer.completeness, (), answer.release)
        columns = tuple(data["head"]["vars"])
        rows = tuple(
            tuple(Term.of(row[name]) if name in row else None for name in columns)
            for row in data["results"]["bindings"]
        )
        return Table(columns, rows, answer.completeness, answer.services, answer.release)

    def ask(self, question_id: str, **params: str) -> Table:
        """Answer a canned query with its parameters."""
        return self.select(self.question(question_id).bind(params, self.base))

    def strangers(
        self, question: Question, values: Mapping[str, str | Sequence[str]]
    ) -> tuple[tuple[Parameter, str], ...]:
        """Return the blanks for which a thing is given that the release does not have, with its term.

        An answer about such a thing has no rows and is no error; whoever asks is to know why.
        """
        terms = question.terms(values, self.base, prefixes=self.prefixes)
        found = []
        for parameter in question.params:
            if not parameter.is_thing or not values.get(parameter.name):
                continue
            term, kind = terms[parameter.name], f"<{FG}{parameter.type.removeprefix('fg:')}>"
            there = self.select(f"ASK {{ {{ {term} a {kind} }} UNION {{ GRAPH ?graph {{ {term} a {kind} }} }} }}")
            if [cell.value for row in there.rows for cell in row if cell is not None] != ["true"]:
                found.append((parameter, term))
        return tuple(found)

    def describe(self, iri: str) -> dict[str, list[Term]]:
        """Return what the graph says of a thing: its properties, each with its values."""
        if any(char in '<>"{}|^`\\' or char <= " " for char in iri):
            raise UsageError(f"{iri!r} is not an IRI")
        table = self.select(
            f"SELECT ?property ?value WHERE {{ <{iri}> ?property ?value }} ORDER BY ?property ?value"
        )
        found: dict[str, list[Term]] = {}
        for name, value in table.rows:
            if name is not None and value is not None:
                found.setdefault(name.value, []).append(value)
        return found

    def _repr_html_(self) -> str:
        named = {
            name.rsplit("#", 1)[-1]: count
            for name, count in self.manifest.get("classes", {}).items()
            if "fundgraph/" in name
        }
        counts = ", ".join(f"{count} {html(name)}" for name, count in named.items())
        return (
            f"<p><b>{html(self.base)}</b> · release {html(self.release)} · {self.manifest.get('quads', 0)} statements · "
            f"{len(self.questions)} canned queries<br>{counts}</p>"
        )

    def load(self) -> dict[str, int]:
        """How many workers there are and are busy, how many queries wait, how many answers and bytes are kept."""
        load: dict[str, int] = getattr(self._current.engine, "load", dict)()
        return {**load, **self._current.answers.size()}

    def is_ready(self, seconds: float = 0.2) -> bool:
        """Tell whether a query would be answered at once."""
        try:
            self._wait(self._current.engine, seconds)
        except FundgraphError:
            return False
        return not self._closed

    def look(self) -> None:
        """See, once in a while, whether another snapshot was switched in; each query does, and what saves one must."""
        if self._served:
            self._look()

    def wait_for(self, release: str, seconds: float) -> None:
        """Return once queries are asked of a release that was switched in, or another came after it."""
        until = time.monotonic() + seconds
        while self.release != release and self._served and time.monotonic() < until:
            with self._lock:
                self._looked = -_LOOK_EVERY
            self._look()
            if not self._loading and self._target() == self._link:
                return
            time.sleep(0.02)

    def close(self) -> None:
        """Give up all that is held."""
        with self._lock:
            self._closed = True
        self._current.engine.close()
        for close in self.closing:
            close()

    def _engine(self, snapshot: Snapshot) -> Engine:
        if not self._served:
            return InlineEngine(snapshot, in_memory=self._in_memory)
        from fundgraph.store.pool import WorkerEngine

        return WorkerEngine(snapshot, self._settings, tally=self.tally)

    @staticmethod
    def _wait(engine: Engine, seconds: float) -> None:
        ready = getattr(engine, "wait_until_ready", None)
        if ready is not None:
            ready(seconds)

    @contextmanager
    def _serving(self) -> Iterator[Serving]:
        """Hold the current snapshot's engine open while a request runs on it."""
        if self._served:
            self._look()
        with self._lock:
            serving = self._current
            serving.running += 1
        try:
            yield serving
        finally:
            with self._lock:
                serving.running -= 1
                done = serving.retired and not serving.running
            if done:
                serving.engine.close()

    def _target(self) -> tuple[int, int]:
        status = (self._build_dir / "current").stat()
        return status.st_dev, status.st_ino

    def _look(self) -> None:
        """See, once in a while, whether another snapshot was switched in, and load it aside."""
        if self._link is None:
            return
        now = time.monotonic()
        with self._lock:
            if now - self._looked < _LOOK_EVERY or self._loading or self._closed:
                return
            self._looked = now
            try:
                target = self._target()
            except OSError:  # the link is gone; what was loaded is still good
                return
            if target == self._link:
                return
            self._loading = True
        threading.Thread(target=self._switch, args=(target,), name="fundgraph-switch", daemon=True).start()

    def _switch(self, target: tuple[int, int]) -> None:
        fresh = None
        try:
            snapshot = current_snapshot(self._build_dir)
            fresh = Serving(snapshot, self._engine(snapshot), self._cache_bytes, self.tally)
            self._wait(fresh.engine, _LOAD_WITHIN)
        except FundgraphError:  # not whole; it will be looked at again
            if fresh is not None:
                fresh.engine.close()
            with self._lock:
                self._loading = False
            return
        with self._lock:
            self._link = target
            self._loading = False
        self.tally.count("switches")
        self._take_over(fresh)

    def _take_over(self, fresh: Serving) -> None:
        """Ask new queries of another snapshot; the old one is let go when its last query is answered."""
        with self._lock:
            old, self._current = self._current, fresh
            old.retired = True
            unused = old if not old.running else None
            if self._closed:
                unused = fresh
        if unused is not None:
            unused.engine.close()

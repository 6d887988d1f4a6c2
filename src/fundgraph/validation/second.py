"""Validation beside a build: in a second process, which reads the shapes while the build reads documents.

What is asserted is validated while inference runs, and what follows while the rest of the release is written. A process
that was started early enough also infers what follows, while the build puts what is asserted in order. Where
there is no second processor, or the second process comes to an end that nobody asked for, the same is done here.
"""

from __future__ import annotations

import contextlib
import gc
import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO

from rdflib import Graph

from fundgraph import assets
from fundgraph.errors import FundgraphError, InconsistencyError
from fundgraph.ntriples import Statements
from fundgraph.reason import BYTES_PER_TRIPLE, get_ready, infer_statements
from fundgraph.second import second_process
from fundgraph.store.parse import parse_file
from fundgraph.validate import ValidationReport
from fundgraph.validation import Shapes, Validation, write_reports
from fundgraph.vocab import DatasetNames

__all__ = ["MODULE", "Checked", "Checks", "checking"]

#: What the second process runs.
MODULE = "fundgraph.validation"
#: Of more triples the build infers itself what follows: that takes long enough for it to tell how far it is.
MOST_INFERRED = 200_000

_FORMS = (("turtle", "ttl"), ("json", "json"), ("html", "html"))


@dataclass(frozen=True, slots=True)
class Checked:
    """The reports before and after inference, their triples, their texts by file name, and the seconds of each stage."""

    reports: tuple[ValidationReport, ValidationReport]
    triples: Statements
    files: dict[str, str]
    seconds: dict[str, float]


@dataclass(slots=True)
class _Work:
    """What is done, wherever: first :meth:`before`, then :meth:`after`; and :meth:`infer` before both, if at all."""

    shapes: Path
    validator: str
    base: str
    engine: str = "auto"
    memory: int = 0
    _shapes: Shapes | None = None
    _validation: Validation | None = None
    _first: ValidationReport | None = None
    _seconds: dict[str, float] = field(default_factory=dict)

    def infer(self, asserted: Statements) -> Statements:
        """Return what follows. Raises :class:`InconsistencyError` for what contradicts itself."""
        began = time.perf_counter()
        size = len(asserted) * BYTES_PER_TRIPLE
        inferred = Statements(infer_statements(asserted, self.engine, size=size, memory=self.memory))
        self._seconds["infer"] = time.perf_counter() - began
        return inferred

    def prepare(self) -> None:
        """Do what needs no data. Raises :class:`RdfError` if the shapes are broken."""
        self._shapes = Shapes(self.shapes)
        if self.validator == "compiled":
            self._shapes.prepare(triple for path in assets.model_files() for triple in parse_file(path))

    def before(self, asserted: Statements) -> ValidationReport:
        """Report on what is asserted. Raises :class:`RdfError` if the shapes are broken."""
        began = time.perf_counter()
        self._validation = Validation(asserted, self._shapes or Shapes(self.shapes), self.validator)
        self._first = self._validation.before()
        self._seconds["validate"] = time.perf_counter() - began
        return self._first

    def after(self, inferred: Statements) -> Checked:
        """Report on what follows, and write both reports."""
        assert self._validation is not None
        assert self._first is not None
        began = time.perf_counter()
        reports = (self._first, self._validation.after(inferred))
        names = DatasetNames(self.base)
        triples = Statements()
        for report in reports:
            for triple in report.to_graph(names):
                triples.add(triple)
        files = {f"report.{suffix}": write_reports(reports, form, names) for form, suffix in _FORMS}
        self._seconds["recheck"] = time.perf_counter() - began
        return Checked(reports, triples, files, self._seconds)


class Checks:
    """Validates for a build, in this process: each step is done when it is asked for."""

    #: Whether all is done by and by in another process, and answers are waited for.
    beside = False
    #: Whether what follows is inferred by it too; known when it has what is asserted.
    infers = False

    def __init__(self, work: _Work) -> None:
        self._work = work
        self._report: ValidationReport | None = None
        self._checked: Checked | None = None

    def before(self, asserted: Statements) -> None:
        """Validate what is asserted."""
        self._report = self._work.before(asserted)

    def after(self, inferred: Statements) -> None:
        """Validate what is asserted and what is inferred together."""
        self._checked = self._work.after(inferred)

    def inferred(self) -> bytes:
        """Return what follows as N-Triples, if this infers it. Raises :class:`InconsistencyError`."""
        raise NotImplementedError

    def report(self) -> ValidationReport:
        """Return the report before inference. Raises :class:`RdfError` if the shapes are broken."""
        assert self._report is not None
        return self._report

    def checked(self) -> Checked:
        """Return both reports."""
        assert self._checked is not None
        return self._checked


class _GoneError(Exception):
    """The second process has ended without an answer."""


class _Beside(Checks):
    """Validates in a second process, while this one goes on."""

    beside = True

    def __init__(self, work: _Work, process: subprocess.Popen[bytes], *, early: bool) -> None:
        super().__init__(work)
        self._process = process
        self._early = early
        self._line = ThreadPoolExecutor(1, "fundgraph-validation")
        self._given: list[Statements] = []
        self._inferring: Future[Any] | None = None
        self._answers: list[Future[Any]] = []
        self._line.submit(self._send, (work, early))

    def before(self, asserted: Statements) -> None:
        """Hand over what is asserted."""
        self.infers = self._early and len(asserted) <= MOST_INFERRED
        self._given.append(asserted)
        first = self._line.submit(self._ask, (asserted.to_bytes(), self.infers))
        if self.infers:
            self._inferring = first
            self._answers = [self._line.submit(self._hear), self._line.submit(self._hear)]
        else:
            self._answers = [first]

    def after(self, inferred: Statements) -> None:
        """Hand over what is inferred."""
        self._given.append(inferred)
        self._answers.append(self._line.submit(self._ask, inferred.to_bytes()))

    def inferred(self) -> bytes:
        """Wait for what follows."""
        assert self._inferring is not None
        try:
            found: bytes = self._inferring.result()
        except _GoneError:
            self._given.append(self._work.infer(self._given[0]))
            return self._given[1].to_bytes()
        return found

    def report(self) -> ValidationReport:
        """Wait for the report before inference."""
        try:
            report: ValidationReport = self._answers[0].result()
        except _GoneError:
            return self._here()
        return report

    def checked(self) -> Checked:
        """Wait for both reports."""
        try:
            checked: Checked = self._answers[1].result()
        except _GoneError:
            self._here()
            if len(self._given) < 2:  # the answer to this had come before the end
                self._given.append(Statements.of_bytes(self.inferred()))
            return self._work.after(self._given[1])
        return checked

    def close(self) -> None:
        """Wait for nothing more; the process is at its end."""
        self._line.shutdown()

    def _here(self) -> ValidationReport:
        if self._report is None:
            self._report = self._work.before(self._given[0])
        return self._report

    def _ask(self, order: object) -> Any:
        self._send(order)
        return self._hear()

    def _hear(self) -> Any:
        assert self._process.stdout is not None
        try:
            answer = pickle.load(self._process.stdout)
        except (EOFError, pickle.UnpicklingError, OSError) as error:
            raise _GoneError from error
        if isinstance(answer, FundgraphError):
            raise answer
        return answer

    def _send(self, order: object) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):  # then no answer will come, which is noticed
            pickle.dump(order, self._process.stdin, protocol=5)
            self._process.stdin.flush()


@contextlib.contextmanager
def checking(
    shapes: Path,
    validator: str,
    base: str,
    process: subprocess.Popen[bytes] | None = None,
    *,
    engine: str = "auto",
    memory: int = 0,
) -> Iterator[Checks]:
    """Validate by the shapes of a folder for the dataset below a base; in a second process where that helps.

    It may have been started before, and then infers too, by an engine with so many MiB. It is gone when this ends,
    however it ends.
    """
    work = _Work(shapes, validator, base, engine, memory)
    with contextlib.nullcontext(process) if process is not None else second_process(MODULE) as found:
        if found is None:
            yield Checks(work)
            return
        checks = _Beside(work, found, early=process is not None)
        try:
            yield checks
        finally:
            found.kill()
            checks.close()


def _serve(orders: BinaryIO, answers: BinaryIO) -> None:
    work, early = pickle.load(orders)
    with contextlib.suppress(FundgraphError):  # said when there is something to validate
        work.prepare()
    if early:
        get_ready(work.engine)

    def answer(step: Callable[[Statements], object], given: Statements) -> object:
        found: object
        try:
            found = step(given)
        except FundgraphError as error:
            found = error
        pickle.dump(_without_terms(found), answers, protocol=5)
        answers.flush()
        return found

    lines, infers = pickle.load(orders)
    asserted = Statements.of_bytes(lines)
    inferred = answer(work.infer, asserted) if infers else None
    answer(work.before, asserted)
    if not infers:
        inferred = Statements.of_bytes(pickle.load(orders))
    if isinstance(inferred, Statements):  # and no contradiction
        answer(work.after, inferred)


def _without_terms(answer: object) -> object:
    """Return an answer with reports of plain values: literals of RDF would not all cross as they are written."""
    if isinstance(answer, Checked):
        one, other = (_plain(report) for report in answer.reports)
        return replace(answer, reports=(one, other))
    if isinstance(answer, Statements):
        return answer.to_bytes()
    if isinstance(answer, InconsistencyError):
        answer.proof = None  # it holds the whole closure, and is found again
    return _plain(answer) if isinstance(answer, ValidationReport) else answer


def _plain(report: ValidationReport) -> ValidationReport:
    results = tuple(replace(result, outcome=None, passage=None) for result in report.results)
    return replace(report, results=results, shapes=Graph())


def serve() -> None:
    """Validate for the process that the command line names, which gives orders by standard input."""
    from fundgraph.store.workers import die_with

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the build's to handle
    die_with(int(sys.argv[1]))
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints is no answer
    gc.set_threshold(200_000, 20, 100)  # what is made here stays to the end
    with contextlib.suppress(EOFError, BrokenPipeError), answers:
        _serve(sys.stdin.buffer, answers)

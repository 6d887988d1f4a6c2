"""Validation beside a build: in a second process, which reads the shapes while the build reads documents.

What is asserted is validated while inference runs, and what follows while the rest of the release is written. Where
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
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

from rdflib import Graph

from fundgraph import assets
from fundgraph.errors import FundgraphError
from fundgraph.ntriples import Statements
from fundgraph.second import second_process
from fundgraph.store.parse import parse_file
from fundgraph.validate import ValidationReport
from fundgraph.validation import Shapes, Validation, write_reports
from fundgraph.vocab import DatasetNames

__all__ = ["MODULE", "Checked", "Checks", "checking"]

#: What the second process runs.
MODULE = "fundgraph.validation"

_FORMS = (("turtle", "ttl"), ("json", "json"), ("html", "html"))


@dataclass(frozen=True, slots=True)
class Checked:
    """The reports before and after inference, their triples, their texts by file name, and what they took."""

    reports: tuple[ValidationReport, ValidationReport]
    triples: Statements
    files: dict[str, str]
    seconds: tuple[float, float]


@dataclass(slots=True)
class _Work:
    """What is done, wherever: first :meth:`before`, then :meth:`after`."""

    shapes: Path
    validator: str
    base: str
    _shapes: Shapes | None = None
    _validation: Validation | None = None
    _first: ValidationReport | None = None
    _seconds: float = 0.0

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
        self._seconds = time.perf_counter() - began
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
        return Checked(reports, triples, files, (self._seconds, time.perf_counter() - began))


class Checks:
    """Validates for a build, in this process: each step is done when it is asked for."""

    #: Whether all is done by and by in another process, and answers are waited for.
    beside = False

    def __init__(self, shapes: Path, validator: str, base: str) -> None:
        self._work = _Work(shapes, validator, base)
        self._report: ValidationReport | None = None
        self._checked: Checked | None = None

    def before(self, asserted: Statements) -> None:
        """Validate what is asserted."""
        self._report = self._work.before(asserted)

    def after(self, inferred: Statements) -> None:
        """Validate what is asserted and what is inferred together."""
        self._checked = self._work.after(inferred)

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

    def __init__(self, shapes: Path, validator: str, base: str, process: subprocess.Popen[bytes]) -> None:
        super().__init__(shapes, validator, base)
        self._process = process
        self._line = ThreadPoolExecutor(1, "fundgraph-validation")
        self._given: list[Statements] = []
        self._answers: list[Future[Any]] = []
        self._line.submit(self._send, (shapes, validator, base))

    def before(self, asserted: Statements) -> None:
        """Hand over what is asserted."""
        self._hand_over(asserted)

    def after(self, inferred: Statements) -> None:
        """Hand over what is inferred."""
        self._hand_over(inferred)

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
            return self._work.after(self._given[1])
        return checked

    def close(self) -> None:
        """Wait for nothing more; the process is at its end."""
        self._line.shutdown()

    def _here(self) -> ValidationReport:
        if self._report is None:
            self._report = self._work.before(self._given[0])
        return self._report

    def _hand_over(self, statements: Statements) -> None:
        self._given.append(statements)
        self._answers.append(self._line.submit(self._ask, statements.to_bytes()))

    def _ask(self, order: object) -> Any:
        self._send(order)
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
    shapes: Path, validator: str, base: str, process: subprocess.Popen[bytes] | None = None
) -> Iterator[Checks]:
    """Validate by the shapes of a folder for the dataset below a base; in a second process where that helps.

    It may have been started before. It is gone when this ends, however it ends.
    """
    with contextlib.nullcontext(process) if process is not None else second_process(MODULE) as found:
        if found is None:
            yield Checks(shapes, validator, base)
            return
        checks = _Beside(shapes, validator, base, found)
        try:
            yield checks
        finally:
            found.kill()
            checks.close()


def _serve(orders: BinaryIO, answers: BinaryIO) -> None:
    work = _Work(*pickle.load(orders))
    with contextlib.suppress(FundgraphError):  # said when there is something to validate
        work.prepare()
    for step in (work.before, work.after):
        answer: object
        try:
            answer = step(Statements.of_bytes(pickle.load(orders)))
        except FundgraphError as error:
            answer = error
        pickle.dump(_without_terms(answer), answers, protocol=5)
        answers.flush()


def _without_terms(answer: object) -> object:
    """Return an answer with reports of plain values: literals of RDF would not all cross as they are written."""
    if isinstance(answer, Checked):
        one, other = (_plain(report) for report in answer.reports)
        return replace(answer, reports=(one, other))
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

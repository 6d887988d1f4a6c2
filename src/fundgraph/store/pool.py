"""The engine of the server: gives each query to an idle worker, keeps the deadline by killing, replaces the dead."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import replace
from itertools import count
from typing import Any

from fundgraph.errors import (
    OverloadedError,
    QueryCancelledError,
    QueryDeadlineError,
    QueryError,
    QueryResourceError,
)
from fundgraph.settings import Settings
from fundgraph.store import workers as wire
from fundgraph.store.engine import Answer, Catalogue, Limits, QueryRequest, Spool, finish, vocabulary
from fundgraph.store.evaluate import Ending, Job, Stopped
from fundgraph.store.federation import Federation, Note, read_targets
from fundgraph.store.last_answers import LastAnswers
from fundgraph.store.line import Holder, UnreadError, Worker
from fundgraph.store.quick import Quick
from fundgraph.store.running import Running
from fundgraph.store.scan import advice, scan
from fundgraph.store.snapshot import Snapshot
from fundgraph.store.tally import Tally

#: So often one who waits for a worker looks whether the client is still there, in seconds.
_GLANCE = 0.2
#: The deadline where neither the settings nor the request set one.
_SECONDS = 10.0


class WorkerEngine:
    """Answers queries over a snapshot in worker processes, each within its deadline and its memory."""

    def __init__(
        self,
        snapshot: Snapshot,
        settings: Settings,
        holder: Holder | None = None,
        tally: Tally | None = None,
    ) -> None:
        self.catalogue = Catalogue.of(snapshot)
        self.catalogue.terms.fetch = lambda: vocabulary(self, 5.0)
        self.catalogue = replace(
            self.catalogue,
            federation=Federation(read_targets(settings), LastAnswers(settings.build_dir / "services")),
        )
        self.tally = tally or Tally()
        self._limits = Limits(settings.timeout, settings.max_rows, settings.max_bytes, settings.max_query_bytes)
        self._size = max(1, settings.workers)
        self._queue = settings.queue
        quads = snapshot.manifest.get("quads")
        self._plan = {
            "dataset": str(snapshot.path / "dataset.nq"),
            "store": str(snapshot.path / "store"),
            "hidden_graphs": list(snapshot.manifest.get("hidden_graphs", ())),
            "in_memory": quads is not None and quads <= settings.memory_quads,
            "max_memory": settings.max_memory,
        }
        self._numbers = count(1)
        self._changed = threading.Condition()
        self._idle: list[Worker] = []
        self._busy: set[Worker] = set()
        self._waiting = 0
        self._closed = False
        self._holder = holder or Holder(self._plan)
        self._fill()

    def _fill(self) -> None:
        for _ in range(self._size):
            self._idle.append(self._holder.spawn(next(self._numbers)))

    def wait_until_ready(self, seconds: float) -> None:
        """Return once a query would be answered at once; raises :class:`OverloadedError` after so many seconds."""
        worker = self._checkout(seconds)
        self._checkin(worker)

    def pids(self) -> list[int]:
        """The process ids of the holder and of the workers that have said hello."""
        with self._changed:
            known = [worker.pid for worker in (*self._idle, *self._busy) if worker.pid]
        return [self._holder.process.pid, *known]

    def load(self) -> dict[str, int]:
        """How many workers there are and are busy, and how many queries wait."""
        with self._changed:
            return {"workers": self._size, "busy": len(self._busy), "waiting": self._waiting}

    def run(self, request: QueryRequest, running: Running | None = None) -> Answer:
        """Answer a query; raises a :class:`QueryError`. What ``running`` says was begun already is gone on with."""
        started = time.perf_counter()
        running = running or Running()
        quick, running.quick = running.quick, None
        worker = None if quick is None else quick.claim(self, request)
        limits = self._limits.narrowed(request)
        if quick is not None and worker is not None:
            started, job, deadline = quick.began, quick.job, quick.deadline
            running.seconds = quick.seconds
        else:
            job = self.catalogue.prepare(request, limits)
            running.seconds = limits.timeout or _SECONDS
            deadline = time.monotonic() + running.seconds
        body = Spool()
        try:
            filled, notes = job, list[Note]()
            if not job.own:
                filled, notes = self.catalogue.federation.fill(
                    job, deadline, self._rows_of, fall_back=request.fall_back
                )
            ending = self._answer(filled, body, deadline, running, job.text, worker)
        except Stopped as stopped:
            body.close()
            raise self.catalogue.failure(stopped, job, limits) from stopped
        except BaseException:
            body.close()
            raise
        finally:
            running.enter("done", None)
        return finish(body, job, self.catalogue, limits, ending, started, notes)

    def _rows_of(self, job: Job, deadline: float) -> list[dict[str, Any]]:
        """Return the rows of a SELECT that is a part of another query."""
        body = Spool()
        try:
            self._answer(job, body, deadline, Running(), job.text, None)
            body.file.seek(0)
            rows: list[dict[str, Any]] = json.load(body.file)["results"]["bindings"]
            return rows
        finally:
            body.close()

    def quick(self, request: QueryRequest) -> Quick | None:
        """Return a query that need not be waited for by a thread, if this is one; raises a :class:`QueryError`."""
        limits = self._limits.narrowed(request)
        job = self.catalogue.prepare(request, limits)
        seen = scan(request.text)
        if seen.service is not None or any(map(self.catalogue.terms.is_unknown, (iri for iri, _ in seen.iris))):
            return None
        return Quick(self, request, job, limits, limits.timeout or _SECONDS)

    def take_idle(self) -> Worker | None:
        """Take a worker that is ready, unless somebody waits for it."""
        with self._changed:
            if self._waiting or self._closed or not self._idle or not self._idle[-1].pid:
                return None
            worker = self._idle.pop()
            self._busy.add(worker)
            return worker

    def give_back(self, worker: Worker) -> None:
        """Take back a worker that has nothing to do."""
        self._checkin(worker)

    def put_out(self, worker: Worker) -> None:
        """Take back a worker whose answer nobody wants: another one comes in its place."""
        self.tally.count("cancelled")
        self._replace(worker)

    def _answer(
        self, job: Job, body: Spool, deadline: float, running: Running, asked: str, begun: Worker | None
    ) -> Ending:
        """Have a worker write the answer, another one if it was dead before it began.

        ``asked`` is the text as it came, before services' answers were written in. ``begun`` is a worker that has the
        query already.
        """
        while True:
            worker = begun or self._checkout(deadline - time.monotonic(), running)
            try:
                if not running.enter("running", worker.hang_up):
                    raise QueryCancelledError(running.stopped or "")
                if worker is not begun:
                    self._send(worker, job, deadline)
                begun = None
                if not job.own:
                    advice(asked)  # while the worker works; found again when the answer is there
                ending, tired = self._receive(worker, body, deadline, running)
            except Stopped:
                self._checkin(worker)
                raise
            except BaseException as error:
                self._replace(worker)
                if running.stopped is not None:
                    self.tally.count("cancelled")
                    raise QueryCancelledError(running.stopped) from error
                if isinstance(error, UnreadError) and not body.file.tell():
                    continue  # somebody killed an idle worker: the next one answers
                if isinstance(error, TimeoutError):
                    self.tally.count("deadline")
                    raise QueryDeadlineError(running.seconds or 0.0) from error
                if isinstance(error, EOFError):
                    self.tally.count("died")
                    raise self._death() from error
                if isinstance(error, QueryCancelledError):
                    self.tally.count("cancelled")
                raise
            if tired:
                self.tally.count("tired")
                self._replace(worker)
            else:
                self._checkin(worker)
            return ending

    @staticmethod
    def _send(worker: Worker, job: Job, deadline: float) -> None:
        try:
            worker.send(wire.frame(wire.QUERY, wire.encode(job)), deadline)
        except ConnectionError as error:
            raise UnreadError from error

    @staticmethod
    def _receive(worker: Worker, body: Spool, deadline: float, running: Running) -> tuple[Ending, bool]:
        """Read the answer, and return how it ended and whether the worker has grown."""
        while True:
            kind, size = wire.HEADER.unpack(worker.read(wire.HEADER.size, deadline, running))
            if kind == wire.DATA:
                while size:
                    piece = worker.piece(size, deadline, running)
                    body.write(piece)
                    size -= len(piece)
                continue
            payload = worker.read(size, deadline, running) if size else b""
            if kind == wire.AGAIN:
                body.restart()
            elif kind == wire.END:
                return wire.ending_of(payload)
            else:
                raise Stopped(**json.loads(payload))

    def _death(self) -> QueryError:
        if self._closed:
            return OverloadedError("the service is shutting down")
        return QueryResourceError(
            "the query brought its worker down: it needed more memory than it may have",
            hint="Narrow it, or ask for less at a time",
        )

    def _checkout(self, seconds: float, running: Running | None = None) -> Worker:
        """Take an idle worker that is alive and ready, waiting so long at most."""
        deadline = time.monotonic() + seconds
        while True:
            worker = self._next_idle(deadline, running)
            try:
                if not worker.pid:
                    worker.pid = json.loads(worker.frame(deadline)[1])["pid"]
                if not worker.is_gone():  # it may have said hello and died since
                    return worker
            except TimeoutError as error:
                self._checkin(worker)
                raise OverloadedError("the data are still being loaded") from error
            except EOFError:
                time.sleep(0.05)  # it never started: the holder is gone or out of memory
            self._replace(worker)

    def _next_idle(self, deadline: float, running: Running | None = None) -> Worker:
        if running is not None:
            running.enter("waiting", self._look_up)
        with self._changed:
            if not self._idle and self._waiting >= self._queue:
                self.tally.count("refused")
                raise OverloadedError(f"{len(self._busy)} queries are running and {self._waiting} are waiting")
            self._waiting += 1
            try:
                while not self._idle and not self._closed:
                    left = deadline - time.monotonic()
                    if left <= 0:
                        self.tally.count("refused")
                        raise OverloadedError("no worker was free in time")
                    self._changed.wait(min(left, _GLANCE))
                    if running is not None and (running.stopped or running.is_abandoned()):
                        self.tally.count("cancelled")
                        raise QueryCancelledError(running.stopped or "the client hung up")
            finally:
                self._waiting -= 1
            if self._closed:
                raise OverloadedError("the service is shutting down")
            worker = self._idle.pop()
            self._busy.add(worker)
            return worker

    def _look_up(self) -> None:
        """Have all who wait see whether they still should."""
        with self._changed:
            self._changed.notify_all()

    def _checkin(self, worker: Worker) -> None:
        with self._changed:
            self._busy.discard(worker)
            if self._closed:
                worker.line.close()
                return
            # Those that have not said hello yet are taken last.
            self._idle.insert(len(self._idle) if worker.pid else 0, worker)
            self._changed.notify()

    def _replace(self, worker: Worker) -> None:
        """Have a worker killed, and another put in its place."""
        self._holder.kill(worker.number)
        worker.line.close()
        with self._changed:
            self._busy.discard(worker)
            if self._closed:
                return
            try:
                fresh = [self._holder.spawn(next(self._numbers))]
            except OSError:  # the holder is gone, and its workers with it
                fresh = self._start_again()
            self._idle[:0] = fresh
            self._changed.notify(len(fresh))

    def _start_again(self) -> list[Worker]:
        self._holder.close()
        for idle in self._idle:
            idle.line.close()
        self._idle.clear()
        self._holder = Holder(self._plan)
        return [self._holder.spawn(next(self._numbers)) for _ in range(self._size - len(self._busy))]

    def close(self) -> None:
        """End all processes; a query that runs ends with :class:`OverloadedError`."""
        with self._changed:
            if self._closed:
                return
            self._closed = True
            for worker in self._idle:
                worker.line.close()
            self._idle.clear()
            self._changed.notify_all()
        self._holder.close()

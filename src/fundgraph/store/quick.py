"""A query that a worker answers while nobody waits: a loop of events looks in when something has come.

Most queries take a millisecond. To have a thread wait for each costs more than that, as threads take turns at Python.
So the thread that waits for connections gives a small query to an idle worker itself, watches the worker's line beside
the connections, and takes the answer if it is whole at once. All else (no worker is idle, it takes longer, it fails,
it is large) is for a thread: the query goes on where it is, and :class:`Aside` says so.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from fundgraph.store import workers as wire
from fundgraph.store.engine import Answer, Limits, QueryRequest, Spool, finish
from fundgraph.store.evaluate import Job
from fundgraph.store.line import Worker
from fundgraph.store.scan import advice

if TYPE_CHECKING:
    from fundgraph.store.pool import WorkerEngine

#: A larger answer is read by a thread.
_MOST = 1 << 16


class Aside(Exception):  # noqa: N818 - no error: it says who goes on
    """A thread has to go on with the query."""


class Quick:
    """A query that may run; once :meth:`start` says so, it is at a worker, and the worker is ours until the end.

    Whoever holds it calls :meth:`look` when something has come on ``line`` until that returns the answer, or hands it
    to a thread (the engine's ``run`` goes on with it), or gives it up.
    """

    def __init__(
        self, engine: WorkerEngine, request: QueryRequest, job: Job, limits: Limits, seconds: float
    ) -> None:
        self.engine = engine
        self.request = request
        self.job = job
        self.limits = limits
        self.seconds = seconds
        self.began = time.perf_counter()
        self.deadline = time.monotonic() + seconds
        self.worker: Worker | None = None
        self.keep: Callable[[Answer, bytes], object] = lambda answer, data: None
        """Who keeps the answer, with its body, for those who ask again."""

    @property
    def line(self) -> socket.socket:
        """The line on which the answer comes."""
        assert self.worker is not None
        return self.worker.line

    def start(self) -> bool:
        """Give the query to an idle worker; tell whether there was one."""
        worker = self.engine.take_idle()
        if worker is None:
            return False
        data = wire.frame(wire.QUERY, wire.encode(self.job))
        try:
            sent = worker.line.send(data, socket.MSG_DONTWAIT)
        except OSError:  # it died while idle, which a thread finds out and mends
            self.engine.give_back(worker)
            return False
        self.worker = worker
        if sent < len(data):
            self.give_up()
            return False
        advice(self.job.text)  # while the worker works; found again when the answer is there
        return True

    def look(self) -> Answer | None:
        """Read what has come, and return the answer if it is whole; raises :class:`Aside`."""
        worker = self.worker
        assert worker is not None
        try:
            part = worker.line.recv(_MOST, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return None
        except OSError as error:  # it died before it read the query: another one answers
            self.give_up()
            raise Aside from error
        unread = worker.unread
        unread += part
        if not part or len(unread) > _MOST:
            raise Aside
        at = 0
        pieces: list[bytes] = []
        while len(unread) - at >= wire.HEADER.size:
            kind, size = wire.HEADER.unpack_from(unread, at)
            at += wire.HEADER.size
            if kind not in (wire.DATA, wire.END):
                raise Aside
            if len(unread) < at + size:
                break
            piece = bytes(unread[at : at + size])
            at += size
            if kind == wire.END:
                return self._answer(worker, pieces, piece)
            pieces.append(piece)
        return None

    def _answer(self, worker: Worker, pieces: list[bytes], said: bytes) -> Answer:
        ending, tired = wire.ending_of(said)
        if tired or ending.unknown:  # another worker is wanted, or a list of what may have been meant
            raise Aside
        worker.unread.clear()
        self.worker = None
        self.engine.give_back(worker)
        self.engine.tally.count("quick")
        body = Spool()
        for piece in pieces:
            body.write(piece)
        return finish(body, self.job, self.engine.catalogue, self.limits, ending, self.began)

    def claim(self, engine: object, request: QueryRequest) -> Worker | None:
        """Return the worker to the thread that goes on, if it asks the same; otherwise give it up."""
        if engine is not self.engine or request != self.request:
            self.give_up()
        worker, self.worker = self.worker, None
        return worker

    def give_up(self) -> None:
        """Have the worker, if it is still ours, stopped and replaced."""
        worker, self.worker = self.worker, None
        if worker is not None:
            self.engine.put_out(worker)

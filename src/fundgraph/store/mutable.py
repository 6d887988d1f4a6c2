"""A store that may be changed: each change makes a new generation of processes, and the old one answers on.

The holder forks an heir, which changes its own copy of the data under a worker's limits, within the deadline. If
that succeeds the heir is the holder of the next generation, with workers of its own; if not it is gone, and nothing
happened. Queries that run keep the data that they began with.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import threading
import time
from dataclasses import replace
from typing import Any

from fundgraph.errors import (
    BadDataError,
    ConflictError,
    FundgraphError,
    OverloadedError,
    QueryDeadlineError,
    QueryResourceError,
    QuerySyntaxError,
    UnknownGraphError,
    WriteRefusedError,
)
from fundgraph.settings import Settings
from fundgraph.store import workers as wire
from fundgraph.store.changes import Change, Outcome, fault, names_dataset, place
from fundgraph.store.evaluate import Stopped
from fundgraph.store.line import Holder, Worker
from fundgraph.store.mistakes import syntax_error
from fundgraph.store.pool import WorkerEngine
from fundgraph.store.snapshot import Snapshot
from fundgraph.store.tally import Tally

_PARSER = re.compile(
    r"Parser error (?:at|between) line (\d+) (?:between )?columns? (\d+)[^:]*: (.*?)(?: \(line \d+\))?$", re.DOTALL
)


class _Heir(Holder):
    """A holder that was forked from another and so is no child of ours; it ends when its socket is closed."""

    def __init__(self, control: socket.socket, like: Holder) -> None:
        self._control = control
        self._lock = threading.Lock()
        self.process = like.process
        self.pid = 0

    def close(self) -> None:
        """End the process, and with it its workers."""
        self._control.settimeout(1)
        with contextlib.suppress(OSError):
            self._control.shutdown(socket.SHUT_WR)
            while self._control.recv(4096):  # it says nothing; an end means that it is gone
                pass
            self._control.close()
            return
        self._control.close()
        if self.pid:  # 0 would be all processes of our own group
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)


class MutableEngine(WorkerEngine):
    """A generation of a store that may be changed, all of it in memory."""

    def __init__(
        self, snapshot: Snapshot, settings: Settings, holder: Holder | None = None, tally: Tally | None = None
    ) -> None:
        self._snapshot = snapshot
        self._settings = settings
        super().__init__(snapshot, replace(settings, memory_quads=2**62), holder, tally)

    def successor(self, change: Change, snapshot: Snapshot, seconds: float) -> tuple[MutableEngine, Outcome]:
        """Return the engine of the next generation, and what the change did.

        This engine goes on answering until it is closed. Raises a :class:`FundgraphError`, and nothing happened.
        """
        check(change)
        self.wait_until_ready(max(seconds, 1.0))
        deadline = time.monotonic() + seconds
        number = next(self._numbers)
        control, theirs = socket.socketpair()
        line, far = socket.socketpair()
        heir = Worker(number, line)
        try:
            with theirs, far, self._holder._lock:
                order = wire.ORDER.pack(wire.HEIR, number)
                socket.send_fds(self._holder._control, [order], [far.fileno(), theirs.fileno()])
            ending = self._talk(heir, change, deadline)
        except BaseException as error:
            self._holder.kill(number)
            control.close()
            raise self._reason(error, change, seconds) from error
        finally:
            line.close()
        with contextlib.suppress(OSError), self._holder._lock:
            self._holder._control.sendall(wire.ORDER.pack(wire.RELEASE, number))
        holder = _Heir(control, self._holder)
        holder.pid = int(ending["pid"])
        said = ending["outcome"]
        examples = tuple((str(one), str(kept)) for one, kept in said["examples"])
        outcome = Outcome(bool(said["created"]), snapshot.release, int(said["altered"]), examples)
        return MutableEngine(snapshot, self._settings, holder, self.tally), outcome

    @staticmethod
    def _talk(heir: Worker, change: Change, deadline: float) -> dict[str, Any]:
        heir.line.settimeout(max(deadline - time.monotonic(), 0.001))
        heir.line.sendall(wire.frame(wire.QUERY, change.encode()))
        kind, payload = heir.frame(deadline)
        if kind == wire.END:
            ending: dict[str, Any] = json.loads(payload)
            return ending
        raise Stopped(**json.loads(payload))

    @staticmethod
    def _reason(error: BaseException, change: Change, seconds: float) -> BaseException:
        if isinstance(error, TimeoutError):
            return QueryDeadlineError(seconds)
        if isinstance(error, Stopped):
            return why(error, change)
        if isinstance(error, (EOFError, OSError)):
            return QueryResourceError("the change needed more memory than it may have")
        return error

    def pids(self) -> list[int]:
        """The process ids of the holder and of the workers that have said hello."""
        found = super().pids()
        return [self._holder.pid, *found[1:]] if isinstance(self._holder, _Heir) else found

    def _start_again(self) -> list[Worker]:
        """Refuse: the data that were written are gone with their holder, and the first ones would be wrong."""
        if isinstance(self._holder, _Heir):
            self._closed = True
            raise OverloadedError("the process that held the data is gone")
        return super()._start_again()


def check(change: Change) -> None:
    """Raise what is wrong with a change before it runs."""
    if change.kind != "update":
        return
    found = fault(change.text)
    if found is not None:
        kind, words, offset = found
        line, column = place(change.text, offset)
        class_ = QuerySyntaxError if kind == "syntax" else WriteRefusedError
        raise class_(words, line=line, column=column)
    if (change.using or change.using_named) and names_dataset(change.text):
        raise QuerySyntaxError(
            "the update says with USING or WITH what it reads, and the parameters say otherwise",
            hint="Leave out using-graph-uri and using-named-graph-uri, or USING and WITH",
        )


def _broken(words: str) -> BadDataError:
    """Return the error for RDF that a parser refused with these words, which may begin with the place.

    >>> str(_broken("Parser error at line 2 between columns 4 and 9: No scheme (line 2)"))
    '2:4: the RDF is broken: No scheme'
    """
    found = _PARSER.match(words)
    if found is None:
        return BadDataError(f"the RDF is broken: {words}")
    return BadDataError(f"the RDF is broken: {found[3]}", line=int(found[1]), column=int(found[2]))


def why(stopped: Stopped, change: Change) -> FundgraphError:
    """Return the error of ours that says why a change was given up."""
    words = str(stopped)
    if stopped.kind == "syntax":
        return syntax_error(change.text, words)
    if stopped.kind == "data":
        return _broken(words)
    if stopped.kind == "absent":
        return UnknownGraphError(words)
    if stopped.kind == "conflict":
        return ConflictError(words)
    return QueryResourceError(f"the change failed: {words}")

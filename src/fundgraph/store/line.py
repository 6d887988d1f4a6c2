"""The lines from the front to the engine's processes: to the holder of the data, and to each worker that it forks."""

from __future__ import annotations

import contextlib
import json
import os
import select
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fundgraph.errors import QueryCancelledError
from fundgraph.store import workers as wire
from fundgraph.store.running import HANG_UP, Running

_SOURCES = Path(__file__).resolve().parents[2]
_AT_ONCE = 1 << 18


class UnreadError(EOFError):
    """A worker was gone before it read its query, so that the query cannot be to blame."""


@dataclass(eq=False, slots=True)
class Worker:
    """Our end of the line to a worker; ``pid`` is 0 until it has said hello."""

    number: int
    line: socket.socket
    pid: int = 0
    unread: bytearray = field(default_factory=bytearray)

    def is_gone(self) -> bool:
        """Whether the worker died while it had nothing to do."""
        try:
            return not self.line.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False
        except OSError:
            return True

    def read(self, size: int, deadline: float, running: Running | None = None) -> bytes:
        """Return so many bytes; raises as :meth:`piece` does."""
        unread = self.unread
        while len(unread) < size:
            unread += self._next(deadline, running)
        data = bytes(unread[:size])
        del unread[:size]
        return data

    def piece(self, most: int, deadline: float, running: Running | None = None) -> bytes:
        """Return some bytes; raises :class:`TimeoutError` at the deadline, :class:`EOFError` if the worker died.

        Raises :class:`QueryCancelledError` if the asker hangs up meanwhile.
        """
        if self.unread:
            return self.read(min(most, len(self.unread)), deadline, running)
        return self._next(deadline, running, most)

    def _next(self, deadline: float, running: Running | None, most: int = _AT_ONCE) -> bytes:
        """Return what comes next."""
        watch = select.poll()
        watch.register(self.line, select.POLLIN)
        if running is not None and running.client is not None:
            watch.register(running.client, HANG_UP)
        while True:
            left = deadline - time.monotonic()
            events = watch.poll(max(left, 0) * 1000)
            if left <= 0:
                raise TimeoutError
            if any(descriptor != self.line.fileno() for descriptor, _ in events):
                raise QueryCancelledError("the client hung up")
            if events:
                break
        try:
            part = self.line.recv(min(most, _AT_ONCE))
        except ConnectionError as error:  # it died with something of ours unread; the death of a reader is an end
            raise UnreadError from error
        if not part:
            raise EOFError
        return part

    def hang_up(self) -> None:
        """End the conversation from another thread: whoever reads finds the worker gone."""
        with contextlib.suppress(OSError):
            self.line.shutdown(socket.SHUT_RDWR)

    def frame(self, deadline: float, running: Running | None = None) -> tuple[bytes, bytes]:
        """Return the kind and the content of the next frame."""
        kind, size = wire.HEADER.unpack(self.read(wire.HEADER.size, deadline, running))
        return kind, self.read(size, deadline, running) if size else b""

    def send(self, data: bytes, deadline: float) -> None:
        """Send bytes; raises :class:`TimeoutError` at the deadline, :class:`ConnectionError` if it is gone."""
        self.line.settimeout(max(deadline - time.monotonic(), 0.001))
        self.line.sendall(data)
        self.line.settimeout(None)


class Holder:
    """The process that holds the data, seen from the front."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self._control, theirs = socket.socketpair()
        self._lock = threading.Lock()
        paths = [str(_SOURCES), *filter(None, [os.environ.get("PYTHONPATH")])]
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", wire.__name__, str(theirs.fileno()), json.dumps(plan)],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), "RUST_BACKTRACE": "0"},
            )

    def spawn(self, number: int) -> Worker:
        """Ask for a worker and return our end of its line; it may take a moment to say hello."""
        ours, theirs = socket.socketpair()
        try:
            with theirs, self._lock:
                socket.send_fds(self._control, [wire.ORDER.pack(wire.SPAWN, number)], [theirs.fileno()])
        except OSError:
            ours.close()
            raise
        return Worker(number, ours)

    def kill(self, number: int) -> None:
        """Have a worker killed by its parent, which alone can be sure of its process id."""
        with contextlib.suppress(OSError), self._lock:
            self._control.sendall(wire.ORDER.pack(wire.KILL, number))

    def close(self) -> None:
        """End the process, and with it its workers."""
        self._control.close()
        try:
            self.process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

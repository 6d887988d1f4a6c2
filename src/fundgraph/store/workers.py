"""The processes behind the served engine: one that holds the data, and workers forked from it.

The holder is started by the front with nothing but this module and pyoxigraph, has one thread, loads the snapshot
into memory and forks a worker whenever the front asks. A worker shares the loaded data copy-on-write, answers one
query at a time, and may be killed at any moment. Holder and workers end when the front ends, however it ends: the
holder sees its socket closed, and the kernel kills workers whose parent is gone.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import json
import marshal
import os
import resource
import select
import signal
import socket
import struct
import sys
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from fundgraph.store.evaluate import Ending, Job, Stopped, load, open_on_disk, run
from fundgraph.store.opened import open_files

#: A frame: its kind, and the length of what follows.
HEADER = struct.Struct(">cI")
#: An order to the holder: its kind, and the number of the worker that it is about.
ORDER = struct.Struct(">cI")
SPAWN, KILL, HEIR, RELEASE = b"S", b"K", b"I", b"R"
HELLO, QUERY, DATA, AGAIN, END, STOPPED = b"H", b"Q", b"D", b"A", b"E", b"X"

_CHUNK = 1 << 16
#: Deep queries are recursion in the engine's parser; the default of 8 MB ends at some 600 levels.
_STACK = 120 << 20
_PR_SET_PDEATHSIG = 1


def frame(kind: bytes, payload: bytes) -> bytes:
    """Return the bytes of a frame."""
    return HEADER.pack(kind, len(payload)) + payload


def receive(connection: socket.socket, size: int) -> bytes:
    """Return exactly so many bytes; raises :class:`EOFError` if the other side is gone."""
    data = bytearray()
    while len(data) < size:
        part = connection.recv(min(size - len(data), 1 << 20))
        if not part:
            raise EOFError
        data += part
    return bytes(data)


def receive_frame(connection: socket.socket) -> bytes:
    """Return the content of the next frame, of which nothing more comes before it is answered: most come as one piece."""
    data = connection.recv(_CHUNK)
    if len(data) < HEADER.size:
        if not data:
            raise EOFError
        data += receive(connection, HEADER.size - len(data))
    _, size = HEADER.unpack_from(data)
    content = data[HEADER.size :]
    return content if len(content) == size else content + receive(connection, size - len(content))


_FIELDS = tuple(item.name for item in fields(Job))


def encode(job: Job) -> bytes:
    """Return a job as it crosses to a worker, which runs the same Python and trusts us."""
    return marshal.dumps(tuple([getattr(job, name) for name in _FIELDS]))


def decode(data: bytes) -> Job:
    """Return the job that :func:`encode` made."""
    return Job(*marshal.loads(data))


def said(ending: Ending, tired: bool) -> bytes:
    """Return how an answer ended as it crosses to the front, nothing for most. The front trusts no worker: JSON."""
    if not (ending.cut or ending.unknown or ending.labels is not None or tired):
        return b""
    values = {"cut": ending.cut, "unknown": ending.unknown, "labels": ending.labels, "tired": tired}
    return json.dumps(values).encode()


def ending_of(data: bytes) -> tuple[Ending, bool]:
    """Return how an answer ended, and whether its worker has grown and should be replaced."""
    if not data:
        return Ending(), False
    values = json.loads(data)
    return Ending(values["cut"], tuple(values["unknown"]), values["labels"]), values["tired"]


class _Holder:
    """The process that holds the data and forks the workers."""

    def __init__(self, control: socket.socket, plan: dict[str, Any]) -> None:
        self._control = control
        self._plan = plan
        self._children: dict[int, int] = {}
        """The workers' process ids by the front's numbers; a process is here until it is reaped."""
        self._wake, self._woken = os.pipe()
        for end in (self._wake, self._woken):
            os.set_blocking(end, False)

    def serve(self, store: Any = None) -> None:
        """Load the data, unless they are here already, and follow the front's orders until it closes its end."""
        if store is None and self._plan["in_memory"]:
            store = load(self._plan["dataset"], self._plan["hidden_graphs"])
        gc.collect()
        gc.freeze()
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._woken, warn_on_full_buffer=False)
        while True:
            ready, _, _ = select.select([self._control.fileno(), self._wake], [], [])
            if self._wake in ready:
                os.read(self._wake, 4096)
                self._reap()
            if self._control.fileno() in ready and not self._follow(store):
                break
        for pid in self._children.values():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)

    def _follow(self, store: Any) -> bool:
        order, handles, _, _ = socket.recv_fds(self._control, ORDER.size, 2)
        if not order:
            return False
        kind, number = ORDER.unpack(order)
        if kind in (SPAWN, HEIR):
            self._spawn(number, handles, store)
        elif kind == RELEASE:
            self._children.pop(number, None)
        elif number in self._children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._children[number], signal.SIGKILL)
        return True

    def _spawn(self, number: int, handles: list[int], store: Any) -> None:
        """Fork a worker that talks over the first handle; one with a second becomes a holder after its one job."""
        parent = os.getpid()
        try:
            pid = os.fork()
        except OSError as error:
            print(f"fundgraph: no worker could be started: {error}", file=sys.stderr)  # noqa: T201
            for handle in handles:
                os.close(handle)
            return
        if pid:
            for handle in handles:
                os.close(handle)
            self._children[number] = pid
            return
        status = 1
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for descriptor in (self._control.fileno(), self._wake, self._woken):
                os.close(descriptor)
            die_with(parent)
            line = socket.socket(fileno=handles[0])
            if len(handles) == 1:
                _work(line, store, self._plan)
            elif succeed(line, store, self._plan["max_memory"]):
                _Holder(socket.socket(fileno=handles[1]), self._plan).serve(store)
            status = 0
        finally:
            os._exit(status)

    def _reap(self) -> None:
        gone = {pid for pid in self._children.values() if os.waitpid(pid, os.WNOHANG)[0]}
        self._children = {number: pid for number, pid in self._children.items() if pid not in gone}


def _work(connection: socket.socket, store: Any, plan: dict[str, Any]) -> None:
    """Answer queries, one at a time, until the front closes its end or the process is killed."""
    with contextlib.suppress(OSError):  # if memory runs out, this is the process to end
        Path("/proc/self/oom_score_adj").write_text("800", encoding="ascii")
    descriptors = 0
    if store is None:
        store = open_on_disk(plan["store"])
        descriptors = open_files(store, Path(plan["store"]))
    _limit_memory(plan["max_memory"])
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Nothing can be opened from here: no file but those of the store, no connection. It comes last: limits are read from files.
    resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))
    tired = _peak() + plan["max_memory"] // 4
    connection.sendall(frame(HELLO, json.dumps({"pid": os.getpid()}).encode()))
    while True:
        try:
            job = decode(receive_frame(connection))
        except (EOFError, ConnectionError):
            return
        out = bytearray()

        def send(data: bytes, out: bytearray = out) -> None:
            if out or len(data) < _CHUNK:
                out.extend(data)
                data = b""
            if len(out) >= _CHUNK:
                connection.sendall(HEADER.pack(DATA, len(out)))
                connection.sendall(out)
                out.clear()
            elif data:
                connection.sendall(HEADER.pack(DATA, len(data)))
                connection.sendall(data)

        def again(out: bytearray = out) -> None:
            out.clear()
            connection.sendall(frame(AGAIN, b""))

        try:
            ending = run(store, job, send, again)
        except Stopped as stopped:
            last = frame(STOPPED, json.dumps({"kind": stopped.kind, "message": str(stopped)}).encode())
        else:
            last = (frame(DATA, bytes(out)) if out else b"") + frame(END, said(ending, _peak() > tired))
        connection.sendall(last)


def succeed(line: socket.socket, store: Any, max_memory: int) -> bool:
    """Change this process's own copy of the store as the front says; tell whether it may take over.

    While it runs it has the limits of a worker, and may be killed as one: those who hold the old copy never notice.
    """
    from fundgraph.store.changes import Change, apply

    _, size = HEADER.unpack(receive(line, HEADER.size))
    change = Change.decode(receive(line, size))
    kinds = (resource.RLIMIT_AS, resource.RLIMIT_NOFILE)
    before = [resource.getrlimit(kind) for kind in kinds]
    _limit_memory(max_memory, before[0][1])
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, before[1][1]))
    try:
        outcome = apply(store, change)
    except Stopped as stopped:
        line.sendall(frame(STOPPED, json.dumps({"kind": stopped.kind, "message": str(stopped)}).encode()))
        return False
    for kind, limits in zip(kinds, before, strict=True):
        resource.setrlimit(kind, limits)
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, 0)
    line.sendall(frame(END, json.dumps({"outcome": asdict(outcome), "pid": os.getpid()}).encode()))
    line.close()
    return True


def die_with(parent: int) -> None:
    """Have the kernel kill this process when its parent ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)


def _limit_memory(more: int, hard: int | None = None) -> None:
    """Allow so many bytes of address space above what is in use, for good unless ``hard`` says otherwise."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except OSError:  # not Linux: no such limit there
        return
    limit = pages * resource.getpagesize() + more
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit if hard is None else hard))


def _peak() -> int:
    """The most memory that this process held so far, in bytes."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def main(arguments: list[str]) -> None:
    """Run the holder: the number of the inherited socket, and its plan as JSON."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the front's to handle
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_STACK, (_STACK, resource.getrlimit(resource.RLIMIT_STACK)[1]))
    _Holder(socket.socket(fileno=int(arguments[0])), json.loads(arguments[1])).serve()


if __name__ == "__main__":
    main(sys.argv[1:])

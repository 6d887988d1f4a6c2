"""Answers to requests that came before, byte for byte: found by the bytes of the request, sent without parsing them.

A snapshot never changes, and the same bytes ask the same. So the bytes of a whole answer, headers included, are kept
under those of its request and sent by the thread that waits for connections. What is kept is bounded, holds for one
release only, and comes from requests that the application answered from its own cache: it alone says what may be
kept, by :func:`mark`.

The worker also leaves new connections to that thread until something arrives, and gives a client so many seconds
for each piece that it sends or takes, so that slow ones hold no thread.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import socket
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from selectors import EVENT_READ
from typing import Any
from wsgiref.handlers import format_date_time

import gunicorn
from gunicorn.workers.gthread import TConn, ThreadWorker

_MARK = "fundgraph.hot"
#: So many bytes are read at once; a request that is longer is not looked up.
_LONGEST = 16384
#: A longer head of a request is left to a thread, which refuses it.
_LONGEST_HEAD = 1 << 20
#: An answer of more bytes than this share of all is not kept.
_SHARE = 4
#: What an answer takes besides its bytes, roughly.
_EACH = 1024
#: An answer below this size is put together with its date, so that it leaves as one.
_SMALL = 1 << 16
#: So long a client may take for each piece that it sends or takes, in seconds.
_PATIENCE = 30.0
_TURN = 0.001
_M_ARENA_MAX = -8
_ENDS = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Listener:
    """Who is told that an answer was sent again: ``count`` so many times in so many seconds, ``write`` each time."""

    count: Callable[[int, float], object]
    write: Callable[[float], object] | None = None


@dataclass(slots=True)
class Kept:
    """An answer that is kept: all that follows the Date header, what it holds for, and who is told when it is sent.

    ``times`` and ``seconds`` only grow, in one thread; ``told`` is how much of them was counted already.
    """

    tail: bytes
    generation: object
    listener: Listener
    times: int = 0
    seconds: float = 0.0
    told: tuple[int, float] = (0, 0.0)

    def sent(self, seconds: float) -> None:
        """Note that it was sent."""
        self.times += 1
        self.seconds += seconds
        if self.listener.write is not None:
            self.listener.write(seconds)

    def flush(self) -> None:
        """Have counted what was not."""
        times, seconds = self.times, self.seconds
        if times > self.told[0]:
            self.listener.count(times - self.told[0], seconds - self.told[1])
            self.told = times, seconds


class Hot:
    """The answers of one application that are kept by the bytes of their requests."""

    def __init__(self, most_bytes: int, generation: Callable[[], object]) -> None:
        self._most = most_bytes
        self._generation = generation
        self._lock = threading.Lock()
        self._kept: OrderedDict[bytes, Kept] = OrderedDict()
        self._held = 0
        self.asked: dict[int, bytes] = {}
        """The bytes of requests that are being answered, by the number of their connection."""

    def takes(self, size: int) -> bool:
        """Tell whether an answer of so many bytes may be kept."""
        return size * _SHARE <= self._most

    def find(self, raw: bytes) -> Kept | None:
        """Return the answer to a request, if it is kept and still holds."""
        found = self._kept.get(raw)
        if found is None:
            return None
        if found.generation != self._generation():
            with self._lock:
                self._flush()
                self._kept.clear()
                self._held = 0
            return None
        with contextlib.suppress(KeyError):  # thrown out just now
            self._kept.move_to_end(raw)
        return found

    def keep(self, raw: bytes, tail: bytes, generation: object, listener: Listener) -> None:
        """Keep an answer that was made for this generation of the data."""
        size = len(raw) + len(tail) + _EACH
        if not self.takes(size) or generation != self._generation():
            return
        with self._lock:
            if raw in self._kept:
                return
            self._kept[raw] = Kept(tail, generation, listener)
            self._held += size
            while self._held > self._most:
                old, gone = self._kept.popitem(last=False)
                self._held -= len(old) + len(gone.tail) + _EACH
                gone.flush()

    def flush(self) -> None:
        """Have counted all that was sent."""
        with self._lock:
            self._flush()

    def _flush(self) -> None:
        for kept in self._kept.values():
            kept.flush()


def mark(environ: dict[str, Any], generation: object, listener: Listener) -> None:
    """Say that the answer to this request may be kept, and who wants to know when it is sent again."""
    environ[_MARK] = generation, listener


class Keeping:
    """The application, with an eye on answers that may be kept. ``look`` sees to it that new data are noticed."""

    def __init__(self, app: Callable[..., Iterable[bytes]], hot: Hot, look: Callable[[], object]) -> None:
        self._app = app
        self.hot = hot
        self.look = look

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request, and keep the answer if the application says so."""
        raw = self.hot.asked.pop(environ["gunicorn.socket"].fileno(), None)
        if raw is None:
            return self._app(environ, start_response)
        told: list[tuple[str, list[tuple[str, str]]]] = []

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            told.append((status, headers))
            return start_response(status, headers, *rest)

        body = self._app(environ, start)
        if _MARK not in environ or not told or not told[-1][0].startswith("200"):
            return body
        headers = told[-1][1]
        length = next((value for name, value in headers if name.lower() == "content-length"), "")
        if not length.isdecimal() or not self.hot.takes(int(length)):
            return body
        return self._noting(raw, environ[_MARK], headers, int(length), body)

    def _noting(
        self,
        raw: bytes,
        marked: tuple[object, Any],
        headers: list[tuple[str, str]],
        length: int,
        body: Iterable[bytes],
    ) -> Iterator[bytes]:
        pieces = []
        try:
            for piece in body:
                pieces.append(piece)
                yield piece
        finally:
            close = getattr(body, "close", None)
            if close is not None:
                close()
        data = b"".join(pieces)
        if len(data) == length:
            lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
            self.hot.keep(raw, f"{lines}\r\n".encode("latin-1") + data, *marked)


class _Patient(socket.socket):
    """A connection that waits so long for its client, and no longer."""

    def setblocking(self, flag: bool) -> None:
        self.settimeout(_PATIENCE if flag else 0.0)

    def recv(self, *args: Any) -> bytes:
        try:
            return super().recv(*args)
        except TimeoutError as error:
            raise ConnectionResetError(errno.ECONNRESET, "the client sent nothing more") from error

    def sendall(self, data: Any, *flags: int) -> None:
        left = memoryview(data).cast("B")
        while left:
            try:
                left = left[self.send(left, *flags) :]
            except TimeoutError as error:
                raise ConnectionResetError(errno.ECONNRESET, "the client took nothing more") from error


class Worker(ThreadWorker):  # type: ignore[misc]
    """A worker of threads that itself sends answers that are kept. It speaks no TLS, and serves a :class:`Keeping`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._head = b""
        self._second = 0
        self._notified = 0.0

    def init_process(self) -> None:
        """Let threads take turns sooner than Python would, as most of them only pass bytes on."""
        sys.setswitchinterval(_TURN)
        _share_memory()
        super().init_process()

    def notify(self) -> None:
        """Tell the arbiter that we are alive, once a second."""
        now = time.monotonic()
        if now - self._notified >= 1:
            self._notified = now
            super().notify()

    def accept(self, listener: Any) -> None:
        """Accept a connection, and wait for its request without a thread."""
        try:
            accepted, client = listener.accept()
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK):
                raise
            return
        self.nr_conns += 1
        patient = _Patient(fileno=accepted.detach())
        conn = TConn(self.cfg, patient, client, listener.getsockname())
        conn.timeout = time.monotonic() + self.cfg.keepalive
        self.pending_conns.append(conn)
        self.poller.register(patient, EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def on_pending_socket_readable(self, conn: Any, client: Any) -> None:
        """Answer the first request of a connection."""
        if not self._has_come(conn):
            return
        left = self._answer(conn)
        if left is None:
            super().on_pending_socket_readable(conn, client)
            return
        self.pending_conns.remove(conn)
        self.keepalived_conns.append(conn)
        self.poller.modify(client, EVENT_READ, partial(self.on_client_socket_readable, conn))
        if left:
            self._finish_aside(conn, client, left)

    def on_client_socket_readable(self, conn: Any, client: Any) -> None:
        """Answer a later request of a connection."""
        if not self._has_come(conn):
            return
        left = self._answer(conn)
        if left is None:
            super().on_client_socket_readable(conn, client)
        elif left:
            self._finish_aside(conn, client, left)

    def _finish_aside(self, conn: Any, client: Any, left: memoryview) -> None:
        """Have a thread send the rest of an answer to a client that does not take it at once."""
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)

        def send() -> bool:
            conn.init()
            conn.sock.setblocking(True)
            conn.sock.sendall(left)
            return True

        sending = self.tpool.submit(send)
        sending.add_done_callback(lambda done: self.method_queue.defer(self.finish_request, conn, done))

    def _has_come(self, conn: Any) -> bool:
        """Take what a connection sent, and tell whether the head of a request is whole; if not, it is waited for."""
        try:
            part = conn.sock.recv(_LONGEST)
        except OSError:
            part = b""
        conn.come = getattr(conn, "come", b"") + part
        return not part or _ENDS in conn.come or len(conn.come) > _LONGEST_HEAD

    def _answer(self, conn: Any) -> memoryview | None:
        """Send what is kept as the answer to what a connection asks, and return what it did not take.

        Returns ``None`` if nothing is kept; what was read then lies where the parser finds it.
        """
        hot = self.wsgi.hot
        began = time.perf_counter()
        raw, conn.come = conn.come, b""
        found = hot.find(raw)
        if found is None or not self.alive:
            hot.asked.pop(conn.sock.fileno(), None)
            if _may_be_kept(raw):
                hot.asked[conn.sock.fileno()] = raw
            conn.init()
            conn.parser.unreader.unread(raw)
            return None
        try:
            data = self._beginning() + found.tail if len(found.tail) < _SMALL else self._beginning()
            count = conn.sock.send(data)
            left = memoryview(data)[count:]
            if not left and len(data) < len(found.tail):
                count = conn.sock.send(found.tail)
                left = memoryview(found.tail)[count:]
            elif len(data) < len(found.tail):
                left = memoryview(data[count:] + found.tail)
        except BlockingIOError:
            left = memoryview(self._beginning() + found.tail)
        except OSError:
            left = memoryview(b"")  # it is gone, which the poller tells next
        self._stays(conn)
        found.sent(time.perf_counter() - began)
        return left

    def _stays(self, conn: Any) -> None:
        """Take note that a connection was used; the list of those that wait is ordered by when they end."""
        ends = time.monotonic() + self.cfg.keepalive
        if ends - conn.timeout > 1 and conn in self.keepalived_conns:
            self.keepalived_conns.remove(conn)
            self.keepalived_conns.append(conn)
            conn.timeout = ends

    def _beginning(self) -> bytes:
        """Return the headers that an answer begins with, the date among them."""
        now = int(time.time())
        if now != self._second:
            self._second = now
            self._head = (
                f"HTTP/1.1 200 OK\r\nServer: {gunicorn.SERVER}\r\nDate: {format_date_time(now)}\r\n"
                "Connection: keep-alive\r\n"
            ).encode("latin-1")
            self.wsgi.look()
        return self._head


def _share_memory() -> None:
    """Have threads take memory from few places: glibc gives each its own, and what one frees no other can use."""
    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
        if mallopt is not None:
            mallopt(_M_ARENA_MAX, 2)


def _may_be_kept(raw: bytes) -> bool:
    """Tell whether bytes are one whole GET of HTTP/1.1, with no body, on a connection that stays."""
    if len(raw) > _LONGEST or not raw.startswith(b"GET /") or not raw.endswith(_ENDS) or raw.count(_ENDS) != 1:
        return False
    first, _, rest = raw.partition(b"\r\n")
    lower = rest.lower()
    unfit = (
        b"content-length",
        b"transfer-encoding",
        b"connection: close",
        b"authorization:",
        b"cookie:",
        b"upgrade:",
    )
    return first.endswith(b" HTTP/1.1") and not any(word in lower for word in unfit)

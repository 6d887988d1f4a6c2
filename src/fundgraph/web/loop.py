"""The worker of gunicorn that we serve with: threads for what is large or takes long, its own loop for the rest.

The thread that waits for connections sends what is kept (:mod:`fundgraph.web.hot`), and has small queries answered by
idle workers of the engine while it waits for both (:mod:`fundgraph.store.quick`): no thread needs its turn for them.
It also leaves new connections alone until something arrives, and gives a client so many seconds for each piece that
it sends or takes, so that slow ones hold no thread.
"""

from __future__ import annotations

import ctypes
import errno
import socket
import sys
import time
from collections import deque
from functools import partial
from selectors import EVENT_READ
from typing import TYPE_CHECKING, Any
from wsgiref.handlers import format_date_time

import gunicorn
from gunicorn.workers.gthread import TConn, ThreadWorker

from fundgraph.web.underway import Underway

if TYPE_CHECKING:
    from fundgraph.store.quick import Quick

#: So many bytes are read at once; a request that is longer is not looked up.
_LONGEST = 16384
#: A longer head of a request is left to a thread, which refuses it.
_LONGEST_HEAD = 1 << 20
#: An answer below this size is put together with its date, so that it leaves as one.
_SMALL = 1 << 16
#: So long a client may take for each piece that it sends or takes, in seconds.
_PATIENCE = 30.0
_TURN = 0.001
_M_ARENA_MAX = -8
_ENDS = b"\r\n\r\n"


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
    """A worker of threads that itself sends answers that are kept. It speaks no TLS, and serves a ``hot.Keeping``."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._head = b""
        self._second = 0
        self._notified = 0.0

    def init_process(self) -> None:
        """Let threads take turns sooner than Python would, as most of them only pass bytes on."""
        sys.setswitchinterval(_TURN)
        _share_memory()
        self.underway = Underway(self)
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
        self._take(conn, client, self.pending_conns)

    def on_client_socket_readable(self, conn: Any, client: Any) -> None:
        """Answer a later request of a connection."""
        self._take(conn, client, self.keepalived_conns)

    def _take(self, conn: Any, client: Any, waiting: deque[Any]) -> None:
        """Answer a request, if all of its head is here, of a connection that was among those that wait."""
        if not self._has_come(conn):
            return
        raw, conn.come = conn.come, b""
        left = self._kept(conn, raw)
        if left is None:
            self.poller.unregister(client)
            waiting.remove(conn)
            conn.data_ready = True
            if not (self.alive and _may_be_kept(raw) and self.underway.begin(conn, raw)):
                self.leave(conn, raw)
        elif left:
            self.poller.unregister(client)
            waiting.remove(conn)
            self._finish_aside(conn, left)
        elif waiting is self.pending_conns:
            waiting.remove(conn)
            self.keepalived_conns.append(conn)
            self.poller.modify(client, EVENT_READ, partial(self.on_client_socket_readable, conn))

    def leave(self, conn: Any, raw: bytes, quick: Quick | None = None) -> None:
        """Leave a request to a thread, and with it what was begun of its query."""
        hot, number = self.wsgi.hot, conn.sock.fileno()
        hot.asked.pop(number, None)
        hot.begun.pop(number, None)
        if _may_be_kept(raw):
            hot.asked[number] = raw
        if quick is not None:
            hot.begun[number] = conn.quick = quick
        conn.init()
        conn.parser.unreader.unread(raw)
        self.enqueue_req(conn)

    def finish_request(self, conn: Any, fs: Any) -> None:
        """Take back a connection from a thread, and what it did not go on with."""
        quick, conn.quick = getattr(conn, "quick", None), None
        if quick is not None:
            quick.give_up()
        super().finish_request(conn, fs)

    def send(self, conn: Any, rest: bytes) -> None:
        """Send an answer, all but its first headers, over a connection that nothing waits for; then wait for it again."""
        data = self._beginning() + rest
        try:
            left = memoryview(data)[conn.sock.send(data) :]
        except BlockingIOError:
            left = memoryview(data)
        except OSError:
            left = memoryview(b"")  # it is gone, which the poller tells next
        if left:
            self._finish_aside(conn, left)
            return
        conn.set_timeout()
        self.keepalived_conns.append(conn)
        self.poller.register(conn.sock, EVENT_READ, partial(self.on_client_socket_readable, conn))

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """Wait for connections and for answers, no longer than one of those may take."""
        super().wait_for_and_dispatch_events(self.underway.patience(timeout))
        self.underway.hand_over()

    def _finish_aside(self, conn: Any, left: memoryview) -> None:
        """Have a thread send the rest of an answer to a client that does not take it at once."""

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

    def _kept(self, conn: Any, raw: bytes) -> memoryview | None:
        """Send what is kept as the answer to a request, and return what the client did not take; ``None`` if nothing is."""
        began = time.perf_counter()
        found = self.wsgi.hot.find(raw)
        if found is None or not self.alive:
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
            self.wsgi.graph.look()
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

"""Answers to requests that came before, byte for byte: found by the bytes of the request, sent without parsing them.

A snapshot never changes, and the same bytes ask the same. So the bytes of a whole answer, headers included, are kept
under those of its request and sent by the thread that waits for connections. What is kept is bounded, holds for one
release only, and comes from requests that the application answered from its own cache: it alone says what may be
kept, by :func:`mark`.
"""

from __future__ import annotations

import contextlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fundgraph.web.recipes import Recipes

if TYPE_CHECKING:
    from fundgraph.kg import KnowledgeGraph
    from fundgraph.store.quick import Quick

_MARK = "fundgraph.hot"
#: Where a request says what was begun of its query.
QUICK = "fundgraph.quick"
#: An answer of more bytes than this share of all is not kept.
_SHARE = 4
#: What an answer takes besides its bytes, roughly.
_EACH = 1024


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
        self.begun: dict[int, Quick] = {}
        """What was begun of their queries."""

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
    """The application, with an eye on answers that may be kept, and on how they are made.

    ``graph`` is asked to notice new data, and to begin queries.
    """

    def __init__(self, app: Callable[..., Iterable[bytes]], hot: Hot, graph: KnowledgeGraph) -> None:
        self._app = app
        self.hot = hot
        self.graph = graph
        self.recipes = Recipes()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request, and keep the answer if the application says so."""
        number = environ["gunicorn.socket"].fileno()
        raw, quick = self.hot.asked.pop(number, None), self.hot.begun.pop(number, None)
        if raw is None:
            return self._app(environ, start_response)
        told: list[tuple[str, list[tuple[str, str]]]] = []

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            told.append((status, headers))
            return start_response(status, headers, *rest)

        environ[QUICK] = quick
        try:
            body = self._app(environ, start)
        finally:
            if quick is not None:
                quick.give_up()  # unless somebody went on with it
        if not told or not told[-1][0].startswith("200"):
            return body
        headers = told[-1][1]
        self.recipes.learn(raw, environ, headers)
        length = next((value for name, value in headers if name.lower() == "content-length"), "")
        if _MARK not in environ or not length.isdecimal() or not self.hot.takes(int(length)):
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

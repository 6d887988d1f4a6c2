"""How answers to queries of one client look, learned from the application: the next of them is made without it.

Requests of one shape are the same to the byte but for the query. Of their answers all is the same but for the
body, its length, its tag, and what the engine says of it. So when the application has answered the first of them it
says by :func:`teach` what it read out of the request and who counts, the headers it sent are kept, and the rest can be
answered by the thread that waits for connections (:mod:`fundgraph.web.loop`). What the application does not teach, it
answers itself, and so does it what fails: every error, every refusal is its own.
"""

from __future__ import annotations

import contextlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from typing import Any
from urllib.parse import unquote_to_bytes

from fundgraph.settings import Settings
from fundgraph.store.engine import Answer, QueryRequest
from fundgraph.store.formats import KIND_OF
from fundgraph.store.scan import scan
from fundgraph.web import encoding
from fundgraph.web.validators import marks_of, tag_by, whole_tag

_LESSON = "fundgraph.lesson"
_PATH = b"GET /sparql?"
_NAMES = (b"?query=", b"&query=")
#: Longer queries, and requests that say more besides, are for a thread.
_LONGEST_QUERY = 4000
_LONGEST_SHAPE = 2000
_MOST = 256
#: What each answer has of its own.
_OWN = frozenset(
    ("content-length", "content-encoding", "etag", "fundgraph-completeness", "fundgraph-elapsed-ms",
     "fundgraph-warnings", "fundgraph-release")
)  # fmt: skip
Shape = tuple[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Lesson:
    """What the application read out of a request: the query with its terms (its text counts for nothing), the coding.

    ``count`` is told the outcome and the seconds of each answer, ``write`` the seconds and the facts for the log.
    """

    request: QueryRequest
    settings: Settings
    coding: str | None
    count: Callable[[str, float], object]
    write: Callable[[float, dict[str, Any]], object] | None


@dataclass(frozen=True, slots=True)
class Recipe:
    """A lesson, and the headers that all answers to requests of its shape have."""

    lesson: Lesson
    headers: bytes
    terms: tuple[Any, ...]
    """All of a request but its text."""
    marks: str
    """All that a tag is made of but release and query."""

    @classmethod
    def of(cls, lesson: Lesson, headers: bytes) -> Recipe:
        """Make a recipe."""
        terms = tuple(getattr(lesson.request, item.name) for item in fields(QueryRequest)[1:])
        return cls(lesson, headers, terms, marks_of(lesson.request, lesson.settings))

    def request(self, text: str) -> QueryRequest:
        """Return the request for a query."""
        return QueryRequest(text, *self.terms)

    def response(self, request: QueryRequest, answer: Answer, data: bytes) -> bytes:
        """Return the answer's headers from the first of its own on, and its body, which is ``data`` before any coding."""
        lesson = self.lesson
        release = answer.release or ""
        tag = whole_tag(tag_by(scan(request.text).fingerprint, release, self.marks), answer)
        own = (
            f"Fundgraph-Completeness: {answer.completeness}\r\nFundgraph-Elapsed-Ms: {answer.elapsed_ms:.1f}\r\n"
            f"Fundgraph-Release: {release}\r\n"
        )
        if answer.warnings:
            own += f"Fundgraph-Warnings: {answer.warning_codes()}\r\n"
        if lesson.coding is not None and len(data) >= encoding.LEAST:
            data = encoding.packed(lesson.coding, data)
            tag = f"{tag}-{lesson.coding}"
            own += f"Content-Encoding: {lesson.coding}\r\n"
        own += f'ETag: "{tag}"\r\nContent-Length: {len(data)}\r\n\r\n'
        return b"".join((self.headers, own.encode("latin-1"), data))

    def note(self, request: QueryRequest, answer: Answer, sent: bytes, seconds: float) -> None:
        """Have an answer counted and logged, of which this was sent."""
        lesson = self.lesson
        outcome = answer.completeness.partition(";")[0]
        lesson.count(outcome, seconds)
        if lesson.write is not None:
            query = scan(request.text).fingerprint[:16]
            size = len(sent) - sent.index(b"\r\n\r\n") - 4
            lesson.write(seconds, {"bytes": size, "query": query, "outcome": outcome, "cached": False})


def teach(environ: dict[str, Any], lesson: Lesson) -> None:
    """Say how requests of this one's shape may be answered."""
    environ[_LESSON] = lesson


def take_apart(raw: bytes) -> tuple[Shape, str] | None:
    """Return the shape of a GET of a query, and the query; ``None`` if it is none, or not a simple one.

    >>> take_apart(b"GET /sparql?query=ASK+%7B%7D&format=xml HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n")
    ((b'GET /sparql?query=', b'&format=xml HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n'), 'ASK {}')
    """
    if not raw.startswith(_PATH):
        return None
    end = raw.find(b" ", len(_PATH))
    found = [at for name in _NAMES if (at := raw.find(name, 0, end)) >= 0]
    if len(found) != 1 or raw.find(_NAMES[1], found[0] + 1, end) >= 0:
        return None
    start = found[0] + len(_NAMES[0])
    stop = raw.find(b"&", start, end)
    stop = end if stop < 0 else stop
    value = raw[start:stop]
    if not value or len(value) > 3 * _LONGEST_QUERY or len(raw) - len(value) > _LONGEST_SHAPE:
        return None
    if not value.isascii() or not value.decode("ascii").isprintable() or b"#" in raw[:end]:
        return None
    try:
        text = unquote_to_bytes(value.replace(b"+", b" ")).decode("utf-8")
    except UnicodeDecodeError:
        return None
    return ((raw[:start], raw[stop:]), text) if text and len(text) <= _LONGEST_QUERY else None


class Recipes:
    """What was learned, up to so many shapes: those last asked for."""

    def __init__(self) -> None:
        self._known: OrderedDict[Shape, dict[str, Recipe]] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, shape: Shape, text: str) -> Recipe | None:
        """Return how to answer this query in a request of that shape, if it was learned."""
        kinds = self._known.get(shape)
        if kinds is None:
            return None
        with contextlib.suppress(KeyError):  # thrown out just now
            self._known.move_to_end(shape)
        return kinds.get(KIND_OF.get(scan(text).form, ""))

    def learn(self, raw: bytes, environ: dict[str, Any], headers: Iterable[tuple[str, str]]) -> None:
        """Take note of the headers of an answer to a request, if the application taught how to make others."""
        lesson: Lesson | None = environ.get(_LESSON)
        apart = None if lesson is None else take_apart(raw)
        if lesson is None or apart is None:
            return
        shape, text = apart
        common = [(name, value) for name, value in headers if name.lower() not in _OWN]
        if any(name.lower() == "set-cookie" for name, _ in common):
            return
        lines = "".join(f"{name}: {value}\r\n" for name, value in common)
        with self._lock:
            kinds = self._known.setdefault(shape, {})
            kinds[KIND_OF.get(scan(text).form, "")] = Recipe.of(lesson, lines.encode("latin-1"))
            while len(self._known) > _MOST:
                self._known.popitem(last=False)

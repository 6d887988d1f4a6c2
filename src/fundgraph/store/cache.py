"""Answers of one snapshot, kept: a snapshot never changes, so neither does an answer."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import fields, replace
from functools import partial
from io import BytesIO
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from fundgraph.store.engine import Answer, Engine, QueryRequest
from fundgraph.store.running import Running
from fundgraph.store.scan import scan
from fundgraph.store.tally import Tally

if TYPE_CHECKING:
    from fundgraph.store.quick import Quick

#: An answer larger than this share of the cache is not kept: it would drive out all others.
_SHARE = 8
#: What an answer takes besides its bytes, roughly: many small ones are many objects.
_EACH = 2048
_TERMS = attrgetter(*(item.name for item in fields(QueryRequest) if item.name not in ("text", "timeout")))
_Key = tuple[Any, ...]


class AnswerCache:
    """The answers last asked for, up to so many bytes; those with NOW, RAND and the like are never kept."""

    def __init__(self, engine: Engine, most_bytes: int, tally: Tally | None = None) -> None:
        self._engine = engine
        self._tally = tally or Tally()
        self._most = most_bytes
        self._held = 0
        self._lock = threading.Lock()
        self._kept: OrderedDict[_Key, tuple[Answer, bytes]] = OrderedDict()

    def run(self, request: QueryRequest, running: Running | None = None) -> Answer:
        """Answer a query, from what is kept if it is there. ``elapsed_ms`` is then that of the first time."""
        seen = scan(request.text)
        if self._most <= 0 or seen.volatile:
            return self._engine.run(request, running)
        # White space, comments and such make no other question, unless the answer says where something stands.
        exact, alike = _key(request, request.text), _key(request, seen.fingerprint)
        with self._lock:
            found = self._kept.get(alike) or self._kept.get(exact)
            if found is not None:
                self._kept.move_to_end(alike if alike in self._kept else exact)
        if found is not None:
            self._tally.count("cache hits")
            return replace(found[0], body=BytesIO(found[1]), cached=True)
        self._tally.count("cache misses")
        answer = self._engine.run(request, running)
        if answer.size * _SHARE > self._most:
            return answer
        with answer.body as body:
            data = body.read()
        self._keep(exact if answer.warnings else alike, replace(answer, body=BytesIO()), data)
        return replace(answer, body=BytesIO(data))

    def quick(self, request: QueryRequest) -> Quick | None:
        """Return a query that need not be waited for by a thread; none if its answer is here, or may not be kept."""
        prepare: Callable[[QueryRequest], Quick | None] | None = getattr(self._engine, "quick", None)
        if prepare is None:
            return None
        seen = scan(request.text)
        exact, alike = _key(request, request.text), _key(request, seen.fingerprint)
        if seen.volatile or alike in self._kept or exact in self._kept:
            return None
        found = prepare(request)
        if found is not None and self._most > 0:
            found.keep = partial(self._keep_new, exact, alike)
        return found

    def _keep_new(self, exact: _Key, alike: _Key, answer: Answer, data: bytes) -> None:
        """Keep a new answer, whose body is read and closed, if it is not too large."""
        self._tally.count("cache misses")
        if answer.size * _SHARE <= self._most:
            self._keep(exact if answer.warnings else alike, answer, data)

    def size(self) -> dict[str, int]:
        """How many answers are kept, and how many bytes they are."""
        with self._lock:
            return {"answers": len(self._kept), "bytes": self._held}

    def _keep(self, key: _Key, answer: Answer, data: bytes) -> None:
        with self._lock:
            if key in self._kept:
                return
            self._kept[key] = answer, data
            self._held += len(data) + len(key[0]) + _EACH
            while self._held > self._most:
                old, (_, gone) = self._kept.popitem(last=False)
                self._held -= len(gone) + len(old[0]) + _EACH


def _key(request: QueryRequest, text: str) -> _Key:
    """What makes an answer: all of a request but its deadline, for what is there is there in no time."""
    return text, *_TERMS(request)

"""Answers of one snapshot, kept: a snapshot never changes, so neither does an answer."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import replace
from io import BytesIO

from fundgraph.store.engine import Answer, Engine, QueryRequest
from fundgraph.store.scan import scan

#: An answer larger than this share of the cache is not kept: it would drive out all others.
_SHARE = 16


class AnswerCache:
    """The answers last asked for, up to so many bytes; those with NOW, RAND and the like are never kept."""

    def __init__(self, engine: Engine, most_bytes: int) -> None:
        self._engine = engine
        self._most = most_bytes
        self._held = 0
        self._lock = threading.Lock()
        self._kept: OrderedDict[QueryRequest, tuple[Answer, bytes]] = OrderedDict()

    def run(self, request: QueryRequest) -> Answer:
        """Answer a query, from what is kept if it is there. ``elapsed_ms`` is then that of the first time."""
        seen = scan(request.text)
        if self._most <= 0 or seen.volatile:
            return self._engine.run(request)
        key = replace(request, text=seen.fingerprint)  # white space, comments and such make no other question
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
        if found is not None:
            return replace(found[0], body=BytesIO(found[1]))
        answer = self._engine.run(request)
        if answer.size * _SHARE > self._most:
            return answer
        with answer.body as body:
            data = body.read()
        self._keep(key, replace(answer, body=BytesIO()), data)
        return replace(answer, body=BytesIO(data))

    def _keep(self, request: QueryRequest, answer: Answer, data: bytes) -> None:
        size = len(data) + len(request.text)
        with self._lock:
            if request in self._kept:
                return
            self._kept[request] = answer, data
            self._held += size
            while self._held > self._most:
                old, (_, gone) = self._kept.popitem(last=False)
                self._held -= len(gone) + len(old.text)

"""Queries that a worker of the engine answers while the loop of the front waits for other things as well."""

from __future__ import annotations

import time
from dataclasses import dataclass
from selectors import EVENT_READ
from typing import Any, Protocol

from fundgraph.errors import FundgraphError
from fundgraph.store.engine import Answer, QueryRequest
from fundgraph.store.quick import Aside, Quick
from fundgraph.web.recipes import Recipe, take_apart

#: What a worker has not answered after so many seconds is left to a thread, which sees whether the client is still there.
PATIENCE = 0.05
#: So long a query waits here for a worker to be idle, and so many do; then it is for threads, which refuse too many.
_QUEUEING = 0.25
_MOST = 64
_WRONG = (FundgraphError, LookupError, ValueError, TypeError, AttributeError)


class Loop(Protocol):
    """What is needed of the loop."""

    poller: Any
    wsgi: Any

    def leave(self, conn: Any, raw: bytes, quick: Quick | None = None) -> None: ...

    def send(self, conn: Any, rest: bytes) -> None: ...


@dataclass(eq=False, slots=True)
class _Asked:
    """A request that is being answered."""

    conn: Any
    raw: bytes
    recipe: Recipe
    request: QueryRequest
    quick: Quick
    until: float
    began: float


class Underway:
    """The queries that are under way, and those that wait for a worker; each for a moment only."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self._running: dict[_Asked, None] = {}
        self._waiting: dict[_Asked, None] = {}

    def begin(self, conn: Any, raw: bytes) -> bool:
        """Begin to answer a request, if it is of a shape that is known and its query is small; tell whether it is."""
        began = time.perf_counter()
        apart = take_apart(raw)
        if apart is None or len(self._waiting) >= _MOST:
            return False
        shape, text = apart
        try:
            recipe = self._loop.wsgi.recipes.find(shape, text)
            if recipe is None:
                return False
            request = recipe.request(text)
            quick = self._loop.wsgi.graph.quick(request)
        except _WRONG:  # the application says what is wrong, or logs what broke; the loop has to go on
            return False
        if quick is None:
            return False
        asked = _Asked(conn, raw, recipe, request, quick, min(time.monotonic() + _QUEUEING, quick.deadline), began)
        if not self._waiting and quick.start():
            self._watch(asked)
        else:
            self._waiting[asked] = None
        return True

    def _watch(self, asked: _Asked) -> None:
        asked.until = min(time.monotonic() + PATIENCE, asked.quick.deadline)
        self._running[asked] = None
        self._loop.poller.register(asked.quick.line, EVENT_READ, lambda line: self._look(asked, line))

    def _look(self, asked: _Asked, line: Any) -> None:
        """Take the answer to a request, if it has come."""
        try:
            answer = asked.quick.look()
        except Aside:
            self._leave(asked, line)
            return
        except _WRONG:  # no worker of ours says this
            asked.quick.give_up()
            self._leave(asked, line)
            return
        if answer is None:
            return
        self._loop.poller.unregister(line)
        del self._running[asked]
        self._next()
        self._answer(asked, answer)

    def _answer(self, asked: _Asked, answer: Answer) -> None:
        try:
            with answer.body as body:
                data = body.read()
            sent = asked.recipe.response(asked.request, answer, data)
        except _WRONG:
            self._loop.leave(asked.conn, asked.raw)
            return
        self._loop.send(asked.conn, sent)
        asked.recipe.note(asked.request, answer, sent, time.perf_counter() - asked.began)
        asked.quick.keep(answer, data)

    def _next(self) -> None:
        """Begin what waits, as far as workers are idle."""
        while self._waiting:
            asked = next(iter(self._waiting))
            if not asked.quick.start():
                return
            del self._waiting[asked]
            self._watch(asked)

    def _leave(self, asked: _Asked, line: Any) -> None:
        self._loop.poller.unregister(line)
        del self._running[asked]
        self._loop.leave(asked.conn, asked.raw, asked.quick)

    def patience(self, seconds: float) -> float:
        """Return how long the loop may wait: so many seconds, or until something is to be left to a thread."""
        now = time.monotonic()
        for group in (self._running, self._waiting):
            for asked in group:
                seconds = min(seconds, max(asked.until - now, 0.0))
                break
        return seconds

    def hand_over(self) -> None:
        """Leave to threads what has taken too long."""
        if self._running:
            now = time.monotonic()
            for asked in [one for one in self._running if one.until <= now]:
                self._leave(asked, asked.quick.line)
        if self._waiting:
            self._next()
            now = time.monotonic()
            for asked in [one for one in self._waiting if one.until <= now]:
                del self._waiting[asked]
                self._loop.leave(asked.conn, asked.raw)

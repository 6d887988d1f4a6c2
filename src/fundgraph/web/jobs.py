"""Queries that run: where they are, and how to stop them. A client names its own, and only who knows the name may.

A query is followed to its asker's connection as well: who hangs up needs no answer.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Blueprint, Response, current_app, jsonify, request

from fundgraph.store.running import Running
from fundgraph.web import hot
from fundgraph.web.protocol import BadRequest

blueprint = Blueprint("jobs", __name__)

HEADER = "Fundgraph-Job"
METHODS = ("GET", "HEAD", "DELETE", "OPTIONS")
#: Long enough that nobody guesses another's.
_NAME = re.compile(r"[A-Za-z0-9_-]{16,64}")


class Jobs:
    """The queries that run and were given a name, and how many run."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._named: dict[str, Running] = {}

    def add(self, name: str, running: Running) -> bool:
        """Take note of a query; tell whether the name was free."""
        with self._lock:
            return self._named.setdefault(name, running) is running

    def remove(self, name: str) -> None:
        """Forget a query."""
        with self._lock:
            self._named.pop(name, None)

    def find(self, name: str) -> Running | None:
        """Return the query of that name, if it runs."""
        with self._lock:
            return self._named.get(name)


@contextmanager
def following(name: str | None) -> Iterator[Running]:
    """Follow a query while it runs, under the name that its request gives."""
    name = name or request.headers.get(HEADER)
    connection = request.environ.get("gunicorn.socket")
    running = Running(None if connection is None else connection.fileno())
    running.quick = request.environ.get(hot.QUICK)
    if name is None:
        yield running
        return
    if not _NAME.fullmatch(name):
        raise BadRequest(
            400, "parameter", "A parameter is wrong", "a job's name has 16 to 64 letters, digits, - or _"
        )
    jobs = _jobs()
    if not jobs.add(name, running):
        raise BadRequest(409, "job", "There is such a job", "another query runs under this name")
    try:
        yield running
    finally:
        jobs.remove(name)


@blueprint.route("/jobs/<name>", methods=METHODS, provide_automatic_options=False)
def job(name: str) -> Response:
    """Say how far a query is that runs under this name, or stop it (DELETE)."""
    if request.method == "OPTIONS":
        allowed = ", ".join(METHODS)
        headers = {"Allow": allowed, "Access-Control-Allow-Methods": allowed, "Access-Control-Max-Age": "86400"}
        return Response(status=204, headers=headers)
    running = _jobs().find(name)
    if running is None:
        raise BadRequest(404, "unknown-job", "No such job", "no query runs under this name; it may be answered")
    if request.method == "DELETE":
        running.stop("the query was cancelled")
        return Response(status=204)
    elapsed = time.monotonic() - running.started
    response = jsonify(
        {"state": running.state, "elapsedSeconds": round(elapsed, 3), "deadlineSeconds": running.seconds}
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _jobs() -> Jobs:
    found: Jobs = current_app.extensions["fundgraph-jobs"]
    return found

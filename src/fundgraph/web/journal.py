"""One line of JSON on stderr for each request: what was asked in general, and what came of it.

No query, no parameter, no header and no token is ever written, and the client's address only if that is switched
on. A query is told by the hash of its tokens, so that the same question is the same hash.
"""

from __future__ import annotations

import contextlib
import json
import sys
import time
from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response, g, request

from fundgraph.settings import Settings


def tell(**facts: Any) -> None:
    """Note facts about the request for its line and for the metrics; ``None`` changes nothing."""
    known: dict[str, Any] = g.setdefault("told", {})
    known.update({name: value for name, value in facts.items() if value is not None})


def told() -> dict[str, Any]:
    """Return what was noted about the request."""
    found: dict[str, Any] = g.get("told") or {}
    return found


def seconds() -> float:
    """Return how long the request has taken so far."""
    return time.perf_counter() - float(g.get("began", time.perf_counter()))


def begin() -> None:
    """Note when the request began."""
    g.began = time.perf_counter()


def install(app: Flask, settings: Settings) -> None:
    """Write the line of each request, if the settings say so."""
    if not settings.access_log:
        return

    def write(response: Response) -> Response:
        line = _line(response, settings)
        began = g.began

        def out(seconds: float | None = None) -> None:
            if seconds is None:
                seconds = time.perf_counter() - began
            like(seconds, {})

        def like(seconds: float, facts: dict[str, Any]) -> None:
            stamp = datetime.now(UTC).isoformat(timespec="milliseconds")
            whole = {**line, **facts, "ms": round(seconds * 1000, 2), "time": stamp}
            with contextlib.suppress(OSError):  # a log that cannot be written is no reason to stop answering
                sys.stderr.write(json.dumps(whole, ensure_ascii=False, separators=(",", ":")) + "\n")
                sys.stderr.flush()

        g.write_line, g.write_like = out, like
        response.call_on_close(out)
        return response

    app.after_request(write)


def _line(response: Response, settings: Settings) -> dict[str, Any]:
    rule = request.url_rule
    line = {
        "time": "",
        "method": request.method,
        "route": rule.rule if rule is not None else None,
        "path": request.path[:200] if rule is not None else None,
        "status": response.status_code,
        "bytes": response.content_length,
        **told(),
    }
    if rule is not None and rule.endpoint == "jobs.job":
        line["path"] = rule.rule  # the name is the right to stop it
    if settings.log_addresses:
        line["client"] = request.remote_addr
    return line

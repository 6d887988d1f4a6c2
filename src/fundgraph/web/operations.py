"""For those who run the service: is it there, can it answer."""

from __future__ import annotations

from flask import Blueprint, Response

from fundgraph.web.context import context
from fundgraph.web.problems import problem

blueprint = Blueprint("operations", __name__)


@blueprint.get("/healthz")
def health() -> Response:
    """Say that the server runs."""
    return _plain("ok")


@blueprint.get("/readyz")
def readiness() -> Response:
    """Say whether a query would be answered now."""
    kg = context().kg
    if kg.is_ready():
        return _plain(f"ready, release {kg.release}")
    return problem(503, "not-ready", "Not ready", "the data are still being loaded, or all workers are busy")


def _plain(text: str) -> Response:
    return Response(text + "\n", content_type="text/plain; charset=utf-8", headers={"Cache-Control": "no-store"})

"""For those who run the service: is it there, can it answer."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, current_app

from fundgraph.web import journal, metrics, rates, security
from fundgraph.web.context import Context, context
from fundgraph.web.jobs import Jobs
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


@blueprint.get("/metrics")
def prometheus() -> Response:
    """Give the metrics as Prometheus reads them."""
    made: metrics.Metrics = current_app.extensions["fundgraph-metrics"]
    return Response(made.text(), content_type=metrics.CONTENT_TYPE, headers={"Cache-Control": "no-store"})


def install(app: Flask, served: Context) -> None:
    """Have an application follow its queries, count, log, limit rates, and set headers, as its settings say."""
    app.extensions["fundgraph-jobs"] = Jobs()
    rates.install(app, served.settings.rate_limit)
    journal.install(app, served.settings)
    metrics.install(app, served.kg)
    security.install(app, served.settings.public_url)


def _plain(text: str) -> Response:
    return Response(text + "\n", content_type="text/plain; charset=utf-8", headers={"Cache-Control": "no-store"})

"""For those who run the service: is it there, can it answer."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, current_app, g, request

from fundgraph.web import encoding, hot, journal, metrics, rates, recipes, security
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
    if not served.settings.rate_limit and not served.settings.log_addresses:  # those look at who asks
        app.after_request(_offer)
    journal.install(app, served.settings)
    metrics.install(app, served.kg)
    security.install(app, served.settings.public_url)


def _offer(response: Response) -> Response:
    """Let the server send an answer again that came from the cache, and answer like requests, without asking us."""
    if response.status_code != 200 or request.method != "GET":
        return response
    made: metrics.Metrics = current_app.extensions["fundgraph-metrics"]
    release, asked = g.get("repeatable"), g.get("asked")
    if release is not None:
        hot.mark(request.environ, release, hot.Listener(made.repeating(), g.get("write_line")))
    if asked is not None:
        coding = encoding.wanted(response)
        lesson = recipes.Lesson(asked, context().settings, coding, made.asking(), g.get("write_like"))
        recipes.teach(request.environ, lesson)
    return response


def _plain(text: str) -> Response:
    return Response(text + "\n", content_type="text/plain; charset=utf-8", headers={"Cache-Control": "no-store"})

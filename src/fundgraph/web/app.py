"""The web application: made for one knowledge graph and its settings, nothing global."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint, Flask, Response, request
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from fundgraph.errors import FundgraphError
from fundgraph.kg import KnowledgeGraph
from fundgraph.settings import Settings
from fundgraph.web import (
    access,
    browse,
    crawlers,
    encoding,
    front,
    gate,
    graphstore,
    jobs,
    kept,
    known,
    languages,
    memento,
    ontology,
    openapi,
    operations,
    past,
    problems,
    protocol,
    questions,
    reconcile,
    releases,
    review,
    signposts,
    sparql,
    updates,
    void,
    why,
)
from fundgraph.web.context import Context
from fundgraph.web.plain import PlainGraph

_WRITTEN = ("/update", "/graph-store", "/links/review")


def blueprints() -> tuple[Blueprint, ...]:
    """Return the parts of the site, one per concern."""
    return (
        *endpoint_blueprints(),
        questions.blueprint,
        browse.blueprint,
        ontology.blueprint,
        why.blueprint,
        reconcile.blueprint,
        known.blueprint,
        review.blueprint,
        releases.blueprint,
        memento.blueprint,
        signposts.blueprint,
        crawlers.blueprint,
    )


def endpoint_blueprints() -> tuple[Blueprint, ...]:
    """Return the parts of the endpoint alone."""
    return (
        sparql.blueprint,
        updates.blueprint,
        graphstore.blueprint,
        void.blueprint,
        operations.blueprint,
        jobs.blueprint,
        openapi.blueprint,
    )


def create_app(kg: KnowledgeGraph, settings: Settings) -> Flask:
    """Return the application that serves this graph; views find it by ``fundgraph.web.context.context()``."""
    writer = gate.Gate(kg, settings) if access.hashes(settings.token_hash) else None
    if writer is not None:
        threading.Thread(target=writer.recover, name="fundgraph-recover", daemon=True).start()
    return _app(Context(kg, settings, writer), blueprints())


def create_static_app(kg: KnowledgeGraph, settings: Settings) -> Flask:
    """Return the application whose pages are written into a folder of files."""
    return _app(Context(kg, settings, static=True), blueprints())


def create_plain_app(graph: PlainGraph, settings: Settings, *, is_open: bool = False) -> Flask:
    """Return the endpoint alone over a store of its own; with ``is_open`` this machine writes without a token."""
    writer = graph if is_open or access.hashes(settings.token_hash) else None
    app = _app(
        Context(graph, settings, writer, plain=True, open=is_open), (*endpoint_blueprints(), front.blueprint)
    )
    app.before_request(updates.divert)
    return app


class _App(Flask):
    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """None of our functions is asynchronous, which Flask would find out anew for each at each request."""
        return func


def _app(served: Context, parts: Sequence[Blueprint]) -> Flask:
    settings = served.settings
    app = _App("fundgraph.web")
    app.extensions["fundgraph"] = served
    languages.install(app, None if served.plain else settings.build_dir / ".templates")
    review.install(app, settings.public_url)
    if settings.proxies:
        trusted = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, trusted, trusted, trusted, 0, trusted)  # type: ignore[method-assign]
    # A query in a form may be percent-encoded, which makes three bytes of one.
    app.config["MAX_CONTENT_LENGTH"] = 3 * settings.max_query_bytes + 65536
    app.json.sort_keys = False  # type: ignore[attr-defined]
    for blueprint in parts:
        app.register_blueprint(blueprint)
    app.register_error_handler(protocol.BadRequest, lambda error: error.response)
    app.register_error_handler(FundgraphError, problems.from_error)
    app.register_error_handler(HTTPException, problems.from_http)
    app.after_request(_common_headers)
    app.after_request(encoding.encode)
    operations.install(app, served)
    if not served.plain:
        signposts.install(app)
        past.install(app, served)
        kept.install(app, settings.cache_bytes // 4)

    @app.errorhandler(Exception)
    def unforeseen(error: Exception) -> Response:
        """Log what nobody foresaw, and tell the client nothing of its inside."""
        app.logger.error("%s %s failed", request.method, request.path, exc_info=error)
        return problems.problem(500, "internal", "Something broke on our side", "it has been logged")

    return app


def _common_headers(response: Response) -> Response:
    if not request.path.startswith(_WRITTEN) or request.method in ("GET", "HEAD", "OPTIONS"):  # public
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Expose-Headers"] = sparql.OWN_HEADERS
    return response

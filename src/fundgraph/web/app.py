"""The web application: made for one knowledge graph and its settings, nothing global."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, request
from werkzeug.exceptions import HTTPException

from fundgraph.errors import FundgraphError
from fundgraph.kg import KnowledgeGraph
from fundgraph.settings import Settings
from fundgraph.web import browse, ontology, operations, problems, questions, sparql, why
from fundgraph.web.context import Context

_POLICY = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'self'"
_EDITORS = ("/editor", "/sparql", "/sparql/")


def blueprints() -> tuple[Blueprint, ...]:
    """Return the parts of the site, one per concern."""
    return (
        sparql.blueprint,
        operations.blueprint,
        questions.blueprint,
        browse.blueprint,
        ontology.blueprint,
        why.blueprint,
    )


def create_app(kg: KnowledgeGraph, settings: Settings) -> Flask:
    """Return the application that serves this graph; views find it by ``fundgraph.web.context.context()``."""
    app = Flask("fundgraph.web")
    app.extensions["fundgraph"] = Context(kg, settings)
    # A query in a form may be percent-encoded, which makes three bytes of one.
    app.config["MAX_CONTENT_LENGTH"] = 3 * settings.max_query_bytes + 65536
    app.json.sort_keys = False  # type: ignore[attr-defined]
    for blueprint in blueprints():
        app.register_blueprint(blueprint)
    app.register_error_handler(sparql.BadRequest, lambda error: error.response)
    app.register_error_handler(FundgraphError, problems.from_error)
    app.register_error_handler(HTTPException, problems.from_http)
    app.after_request(_common_headers)

    @app.errorhandler(Exception)
    def unforeseen(error: Exception) -> Response:
        """Log what nobody foresaw, and tell the client nothing of its inside."""
        app.logger.error("%s %s failed", request.method, request.path, exc_info=error)
        return problems.problem(500, "internal", "Something broke on our side", "it has been logged")

    return app


def _common_headers(response: Response) -> Response:
    response.headers["X-Content-Type-Options"] = "nosniff"
    if response.mimetype == "text/html":
        # The editor lays itself out by styles of its own; every other page has none but ours.
        styles = "; style-src 'self' 'unsafe-inline'" if request.path in _EDITORS else ""
        response.headers["Content-Security-Policy"] = _POLICY + styles
    if request.path != "/update":  # everything else is public and only read
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Expose-Headers"] = sparql.OWN_HEADERS
    return response

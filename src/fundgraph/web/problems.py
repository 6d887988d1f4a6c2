"""Errors as RFC 9457 problem documents: JSON, or HTML or plain text where the client would rather have that."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, render_template, request
from jinja2 import TemplateNotFound
from markupsafe import Markup
from werkzeug.exceptions import HTTPException
from werkzeug.http import HTTP_STATUS_CODES

from fundgraph import errors
from fundgraph.web import journal
from fundgraph.web.context import context
from fundgraph.web.negotiate import prefers_html

TYPES = "https://w3id.org/fundgraph/problem/"
PROBLEM = "application/problem+json"

#: Status, last part of the type, and title, by the error's class; the first that fits counts.
_KINDS: tuple[tuple[type[errors.FundgraphError], int, str, str], ...] = (
    (errors.QuerySyntaxError, 400, "syntax", "The query is malformed"),
    (errors.QueryRefusedError, 403, "refused", "The query asks for something that is not done here"),
    (errors.UnacceptableFormatError, 406, "not-acceptable", "No such format"),
    (errors.WriteRefusedError, 403, "refused", "The write asks for something that is not done here"),
    (errors.ConflictError, 409, "conflict", "The write does not fit what is there"),
    (errors.UnknownGraphError, 404, "unknown-graph", "There is no such graph"),
    (errors.BadDataError, 400, "data", "The RDF is broken"),
    (errors.ValidationError, 422, "invalid", "The data would not be valid"),
    (errors.InconsistencyError, 422, "inconsistent", "The data would contradict the ontology"),
    (errors.QueryCancelledError, 503, "cancelled", "The query was cancelled"),
    (errors.RemoteServiceError, 502, "service", "Another service did not answer"),
    (errors.QueryDeadlineError, 503, "deadline", "The query took too long"),
    (errors.OverloadedError, 503, "overloaded", "Too many queries at once"),
    (errors.QueryResourceError, 503, "resources", "The query needs too much"),
    (errors.QueryError, 500, "query", "The query cannot be answered"),
    (errors.UnknownQuestionError, 404, "unknown-question", "There is no such canned query"),
    (errors.ParameterError, 400, "parameter", "A parameter is wrong"),
    (errors.NoSnapshotError, 503, "no-snapshot", "There is nothing to serve yet"),
    (errors.OldReleaseError, 501, "old-release", "The release was made by an older version"),
    (errors.UsageError, 400, "usage", "The request is wrong"),
    (errors.ReconciliationError, 400, "reconciliation", "The request to the reconciliation service is wrong"),
)
#: Types of errors with a status of 500 or more in which the snapshot is whole, so that a page can be made of it.
_WHOLE = tuple(TYPES + kind for kind in ("deadline", "overloaded", "resources", "cancelled", "service"))
#: Seconds after which to try again.
_RETRY_AFTER = "5"


def problem(status: int, kind: str, title: str, detail: str, **members: Any) -> Response:
    """Return the answer that tells an error; ``None`` and empty members are left out."""
    document = {"type": TYPES + kind, "title": title, "status": status, "detail": detail}
    document |= {name: value for name, value in members.items() if value not in (None, (), [], "")}
    journal.tell(outcome=kind)
    accept = request.accept_mimetypes
    machine = (PROBLEM, "application/json", "text/turtle", "application/sparql-results+json")
    if prefers_html(accept, machine):
        response = Response(_html(document), status, content_type="text/html; charset=utf-8")
    elif accept and accept.quality("text/plain") > max(accept.quality(name) for name in machine):
        response = Response(_text(document), status, content_type="text/plain; charset=utf-8")
    else:
        body = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
        response = Response(body, status, content_type=PROBLEM)
    response.headers["Cache-Control"] = "no-store"
    response.vary.add("Accept")
    if status in (429, 503):
        response.headers["Retry-After"] = _RETRY_AFTER
    return response


def from_error(error: errors.FundgraphError) -> Response:
    """Return the answer that tells one of our errors."""
    status, kind, title = _kind(error)
    return problem(
        status, kind, title, error.what, line=error.line, column=error.column, hint=error.hint,
        near=error.near, suggestions=list(error.suggestions), allowed=list(error.allowed),
    )  # fmt: skip


def _kind(error: errors.FundgraphError) -> tuple[int, str, str]:
    if isinstance(error, errors.ReconciliationError) and error.too_large:
        return 413, "too-large", "Too much at once"
    for class_, status, kind, title in _KINDS:
        if isinstance(error, class_):
            return status, kind, title
    return 500, "data", "The data are broken"


def from_http(error: HTTPException) -> Response:
    """Return the answer that tells an error of HTTP, with the headers that belong to it."""
    status = error.code or 500
    title = HTTP_STATUS_CODES.get(status, "Error")
    methods = sorted(getattr(error, "valid_methods", None) or ())
    said = error.description if error.description != type(error).description else None
    if status == 429 and said:
        said = f"one client may ask {said}; Retry-After says in how many seconds to ask again"
    detail = said or _detail(status) or error.description or title
    hint = "All addresses are listed at /openapi.json" if status == 404 and said is None else None
    response = problem(status, f"http-{status}", title, detail, hint=hint, allowed=methods)
    if methods:
        response.headers["Allow"] = ", ".join(methods)
    return response


def _detail(status: int) -> str | None:
    """Say of a common error of HTTP what was wrong with this request."""
    if status == 404:
        return f"there is nothing at {request.path[:200]}"
    if status == 405:
        return f"{request.method[:20]} is not possible at {request.path[:200]}"
    if status == 413 and request.max_content_length is not None:
        return f"the body of a request to {request.path[:200]} may have {request.max_content_length} bytes"
    return None


def _text(document: dict[str, Any]) -> str:
    place = f"{document['line']}:{document.get('column', 1)}: " if "line" in document else ""
    lines = [f"{place}{document['detail']}"]
    if "suggestions" in document:
        lines.append(f"Did you mean {' or '.join(document['suggestions'])}?")
    if "hint" in document:
        lines.append(document["hint"])
    if "allowed" in document:
        lines.append("Allowed: " + ", ".join(document["allowed"]))
    return "\n".join(lines) + "\n"


def _html(document: dict[str, Any]) -> str:
    if (document["status"] < 500 or document["type"] in _WHOLE) and not context().plain:
        try:
            return render_template("error.html", problem=document)
        except TemplateNotFound:
            pass
    return Markup(
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, '
        'initial-scale=1"><title>{title}</title><link rel="icon" href="data:,"><h1>{title}</h1><pre>{text}</pre>'
        '<p><a href="/">Start</a></p></html>'
    ).format(title=document["title"], text=_text(document))

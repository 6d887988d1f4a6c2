"""The SPARQL 1.1 Protocol's query operation, and the description of the service."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, Response, g, render_template, request
from jinja2 import TemplateNotFound
from werkzeug.wsgi import FileWrapper

from fundgraph.store.engine import Answer, QueryRequest
from fundgraph.store.formats import FORMATS, KIND_OF
from fundgraph.store.scan import scan
from fundgraph.web import front, jobs, journal, limits, void
from fundgraph.web.context import cache_control, context, public_root
from fundgraph.web.negotiate import format_for, named_format, offers, prefers_html
from fundgraph.web.problems import problem
from fundgraph.web.protocol import FORM, BadRequest, body_text, check_body, read_pairs
from fundgraph.web.validators import held, tag_of, whole_tag

blueprint = Blueprint("sparql", __name__)

METHODS = ("GET", "HEAD", "POST", "QUERY", "OPTIONS")
_QUERY = "application/sparql-query"
_UPDATE = "application/sparql-update"
_HEADER_NAMES = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~, -]{1,1000}")
_SMALL = 4 << 20
OWN_HEADERS = (
    "Fundgraph-Release, Fundgraph-Completeness, Fundgraph-Elapsed-Ms, Fundgraph-Warnings, Fundgraph-Services, "
    "Preference-Applied, ETag, Allow, Retry-After"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks for."""

    parameters: tuple[tuple[str, str], ...]
    query: str | None

    def all(self, name: str) -> tuple[str, ...]:
        """Return the values of a parameter that are not empty."""
        return tuple(value for key, value in self.parameters if key == name and value)

    def one(self, name: str) -> str | None:
        """Return the value of a parameter that may be given once, or again with the same value."""
        values = tuple(dict.fromkeys(self.all(name)))
        if len(values) > 1:
            raise BadRequest(400, "parameter", "Repeated parameter", f"{name!r} is given {len(values)} values")
        return values[0] if values else None


@blueprint.route("/sparql", methods=METHODS, provide_automatic_options=False)
@blueprint.route("/sparql/", methods=METHODS, provide_automatic_options=False)
def sparql() -> Response:
    """Answer a query; without one, describe the service or show the editor."""
    if request.method == "OPTIONS":
        return _preflight()
    try:
        asked = _read()
        if asked.query is None:
            return _without_query()
        return answer(
            QueryRequest(
                asked.query,
                default_graphs=asked.all("default-graph-uri"),
                named_graphs=asked.all("named-graph-uri"),
                **limits.asked(asked.one),
            ),
            asked.all("format"),
            job=asked.one("job"),
        )
    except BadRequest as wrong:
        return wrong.response


def answer(query: QueryRequest, formats: Sequence[str] = (), *, job: str | None = None) -> Response:
    """Answer a query in the first format named that there is, or else the one that the Accept header asks for.

    ``job`` is the name under which it can be stopped.
    """
    kg, settings = context().kg, context().settings
    kg.look()  # a 304 asks no query
    query, applied = limits.preferred(query)
    seen = scan(query.text)
    journal.tell(query=seen.fingerprint[:16])
    kind = KIND_OF.get(seen.form)
    if kind is not None:
        query = replace(query, format=_format(kind, formats))
        if query.labels and query.format != "json":
            raise BadRequest(400, "parameter", "No labels", "labels come with results in JSON", offers(kind)[:1])
        release = kg.release
        known = None if seen.volatile else held(tag_of(query, release, settings), request.if_none_match)
        if known is not None:
            response = Response(status=304)
            journal.tell(outcome="unchanged", cached=True)
            _validate(response, known, release)
            return response
    if len(query.text.encode("utf-8", "replace")) > settings.max_query_bytes:
        status = 414 if request.method in ("GET", "HEAD") else 413
        limit = f"a query may have {settings.max_query_bytes} bytes"
        return problem(status, "too-long", "The query is too long", limit)
    with jobs.following(job) as running:
        result = kg.answer(query, running=running)
    journal.tell(outcome=result.completeness.partition(";")[0], cached=result.cached)
    response = _body(result)
    response.content_type = FORMATS[result.format].content_type
    response.headers["Fundgraph-Completeness"] = result.completeness
    response.headers["Fundgraph-Elapsed-Ms"] = f"{result.elapsed_ms:.1f}"
    if result.warnings:
        response.headers["Fundgraph-Warnings"] = result.warning_codes()
    if result.services:
        response.headers["Fundgraph-Services"] = ", ".join(_service(one) for one in result.services)
    if applied:
        response.headers["Preference-Applied"] = applied
        response.vary.add("Prefer")
    response.vary.add("Accept")
    release = result.release or ""
    if seen.volatile:
        response.headers["Fundgraph-Release"] = release
        response.headers["Cache-Control"] = "no-store"
    else:
        _validate(response, whole_tag(tag_of(query, release, settings), result), release)
        if result.cached:
            g.repeatable = release
        if job is None and not request.if_none_match and jobs.HEADER not in request.headers:
            g.asked = query
    return response


def _service(told: Mapping[str, Any]) -> str:
    """Say in a header what a service brought; ``asked`` tells when, where an older answer stands in for one that failed."""
    asked = f"; failed; asked={told['asked']}" if told.get("asked") else "; failed" if told.get("failed") else ""
    return f"<{told['service']}>; rows={told['rows']}{asked}"


def _body(result: Answer) -> Response:
    if result.size <= _SMALL:
        with result.body as body:
            return Response(body.read())
    response = Response(FileWrapper(result.body, 1 << 16), direct_passthrough=True)
    response.content_length = result.size
    response.call_on_close(result.body.close)
    return response


def _format(kind: str, names: Sequence[str]) -> str:
    """Choose the format. Clients name formats in words of their own too, and those leave it to an Accept header that says something."""
    found = next((known for name in names if (known := named_format(kind, name))), None)
    accept = request.headers.get("Accept", "")
    if found is None and (not any(names) or accept.strip() not in ("", "*/*")):
        found = format_for(kind, accept)
    if found is None:
        detail = f"this answer does not come as {names[0] if names else accept[:200]}"
        raise BadRequest(406, "not-acceptable", "No acceptable format", detail, allowed=offers(kind))
    return found


def _validate(response: Response, etag: str, release: str) -> None:
    response.set_etag(etag)
    response.headers["Fundgraph-Release"] = release
    response.headers["Cache-Control"] = cache_control()
    response.vary.add("Accept")


def _read() -> Asked:
    """Read the request by the rules of the protocol."""
    limit = context().settings.max_query_bytes
    if len(request.query_string) > 4 * limit:
        raise BadRequest(414, "too-long", "The address is too long", f"a query may have {limit} bytes")
    parameters = read_pairs(request.query_string)
    queries = [value for name, value in parameters if name == "query"]
    if request.method in ("POST", "QUERY"):
        media_type = request.mimetype.lower()
        _check_encoding(media_type)
        if media_type == FORM:
            parameters += read_pairs(request.get_data(cache=False))
            queries = [value for name, value in parameters if name == "query"]
        else:
            queries.append(body_text(request.get_data(cache=False), "query"))
    updates = [value for name, value in parameters if name == "update"]
    if updates and request.method == "POST" and not queries:
        raise BadRequest(403, "updates", "No updates", "this address answers queries only", ("query",))
    if updates:
        raise BadRequest(400, "update", "Not a query", "an update cannot be sent with GET, or with a query")
    if len(queries) > 1:
        raise BadRequest(400, "parameter", "More than one query", f"exactly one query, not {len(queries)}")
    if not queries and (request.method in ("POST", "QUERY") or any(_is_dataset(name) for name, _ in parameters)):
        raise BadRequest(400, "parameter", "No query", "the parameter 'query' is missing")
    return Asked(tuple(parameters), queries[0] if queries else None)


def _is_dataset(name: str) -> bool:
    return name in ("default-graph-uri", "named-graph-uri")


def _check_encoding(media_type: str) -> None:
    if media_type == _UPDATE:
        raise BadRequest(403, "updates", "No updates", "this address answers queries only", (_QUERY,))
    check_body(media_type, (_QUERY, FORM), "a query")


def _without_query() -> Response:
    accept = request.accept_mimetypes
    rdf = offers("graph")
    if prefers_html(accept, rdf):
        if context().plain:
            return front.page()
        try:
            return Response(render_template("editor.html"), content_type="text/html; charset=utf-8")
        except TemplateNotFound:
            pass
    return void.service(public_root() + request.path)


def _preflight() -> Response:
    response = Response(status=204)
    response.headers["Allow"] = ", ".join(METHODS)
    response.headers["Access-Control-Allow-Methods"] = ", ".join(METHODS)
    wanted = request.headers.get("Access-Control-Request-Headers", "")
    named = _HEADER_NAMES.fullmatch(wanted)
    response.headers["Access-Control-Allow-Headers"] = wanted if named else "Accept, Content-Type"
    response.headers["Access-Control-Max-Age"] = "86400"
    response.vary.add("Access-Control-Request-Headers")
    return response

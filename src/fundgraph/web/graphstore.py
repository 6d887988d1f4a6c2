"""The SPARQL 1.1 Graph Store Protocol: named graphs by ``?graph=``, by ``?default``, or by their own address."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import quote

from flask import Blueprint, Response, request

from fundgraph.errors import UnknownGraphError
from fundgraph.store.changes import Change, Part
from fundgraph.store.engine import QueryRequest
from fundgraph.store.formats import FORMATS, FORMATS_OF
from fundgraph.web.access import writer
from fundgraph.web.context import context, public_root
from fundgraph.web.iris import absolute
from fundgraph.web.protocol import BadRequest, check_body, read_pairs
from fundgraph.web.sparql import answer
from fundgraph.web.updates import done
from fundgraph.web.validators import held, tag_of

blueprint = Blueprint("graphstore", __name__)

ROOT = "/graph-store"
METHODS = ("GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS")
#: Of each format its own media type; the general ones such as application/xml say too little to be written.
MEDIA_TYPES = {FORMATS[name].media_types[0]: name for name in FORMATS_OF["graph"]} | {
    "application/x-turtle": "turtle"
}
_MULTIPART = "multipart/form-data"
_ANY = "?s ?p ?o"


@blueprint.route(ROOT, methods=METHODS, provide_automatic_options=False)
@blueprint.route(f"{ROOT}/", methods=METHODS, provide_automatic_options=False)
@blueprint.route(f"{ROOT}/<path:_name>", methods=METHODS, provide_automatic_options=False)
def graph_store(_name: str = "") -> Response:
    """Read, replace, add to or remove one graph."""
    if request.method == "OPTIONS":
        return _options()
    named, graph = _graph()
    if request.method in ("GET", "HEAD"):
        if not named:
            raise BadRequest(400, "parameter", "No graph", "name a graph: ?graph=IRI or ?default")
        return _read(graph)
    return _write(named, graph)


def _options() -> Response:
    response = Response(status=204, headers={"Allow": ", ".join(METHODS)})
    # Pages of other origins may read; writing is for those who hold a token, and not from a page.
    response.headers["Access-Control-Allow-Methods"] = "GET, HEAD, OPTIONS"
    response.headers["Access-Control-Allow-Headers"] = "Accept, If-None-Match"
    response.headers["Access-Control-Max-Age"] = "86400"
    return response


def _graph() -> tuple[bool, str | None]:
    """Return whether a graph is named, and its IRI; ``None`` is the default graph."""
    parameters = read_pairs(request.query_string)
    graphs = [value for name, value in parameters if name == "graph"]
    default = sum(name == "default" for name, _ in parameters)
    direct = len(request.path.rstrip("/")) > len(ROOT)
    if len(graphs) + bool(default) + direct > 1:
        raise BadRequest(
            400, "parameter", "More than one graph", "name one graph: ?graph=IRI, ?default or its address"
        )
    if graphs:
        return True, absolute(graphs[0], "graph")
    if direct:
        return True, public_root() + quote(request.path, safe="/:@!$&'()*+,;=~-._")
    return bool(default), None


def _pattern(graph: str | None) -> str:
    return f"{{ {_ANY} }}" if graph is None else f"{{ GRAPH <{graph}> {{ {_ANY} }} }}"


def _content(graph: str | None) -> QueryRequest:
    return QueryRequest(f"CONSTRUCT {{ {_ANY} }} WHERE {_pattern(graph)}")


def _exists(graph: str | None) -> bool:
    """Tell whether a graph is there, be it empty; the default graph always is."""
    if graph is None:
        return True
    found = context().kg.answer(QueryRequest(f"ASK {{ GRAPH <{graph}> {{ }} }}", format="json"))
    with found.body as body:
        return b'"boolean":true' in body.read()


def _read(graph: str | None) -> Response:
    if not _exists(graph):
        raise UnknownGraphError(f"there is no graph <{graph}>")
    return answer(_content(graph))


def _write(named: bool, graph: str | None) -> Response:
    sink = writer()
    request.max_content_length = context().settings.max_write_bytes
    if not named:
        if request.method != "POST":
            raise BadRequest(400, "parameter", "No graph", "name a graph: ?graph=IRI or ?default")
        graph = f"{public_root()}{ROOT}/{uuid.uuid4().hex}"
    base = graph or f"{public_root()}{ROOT}"
    parts = () if request.method == "DELETE" else tuple(_parts(base))
    release = context().kg.release
    guarded = _preconditions(graph, release)
    change = Change(request.method.lower(), graph=graph, parts=parts)
    outcome = sink.write(change, only_if=release if guarded else None)
    response = done(outcome)
    if outcome.created:
        response.status_code = 201
        response.headers["Location"] = _location(graph)
    elif request.method == "PUT":
        response.status_code = 204
        response.set_data(b"")
        del response.headers["Content-Type"]
    return response


def _location(graph: str | None) -> str:
    root = f"{public_root()}{ROOT}"
    if graph is None:
        return f"{root}?default"
    return graph if graph.startswith(f"{root}/") else f"{root}?graph={quote(graph, safe='')}"


def _parts(base: str) -> Iterator[Part]:
    media_type = request.mimetype.lower()
    if media_type == _MULTIPART:
        if request.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise BadRequest(415, "encoding", "Wrong encoding", "RDF is sent as it is", ("identity",))
        if request.form:
            raise BadRequest(400, "parameter", "A part is no file", "each part is a file with a Content-Type")
        for _, file in request.files.items(multi=True):
            if file.mimetype.lower() not in MEDIA_TYPES:
                raise BadRequest(
                    415, "media-type", "Wrong media type", f"a part is {file.mimetype!r}", tuple(MEDIA_TYPES)
                )
            yield Part(MEDIA_TYPES[file.mimetype.lower()], file.read(), base)
        return
    check_body(media_type, (*MEDIA_TYPES, _MULTIPART), "RDF")
    yield Part(MEDIA_TYPES[media_type], request.get_data(cache=False), base)


def _preconditions(graph: str | None, release: str) -> bool:
    """Check If-Match and If-None-Match; tell whether there were any, so that no other write may come between."""
    wanted, unwanted = request.if_match, request.if_none_match
    if not wanted and not unwanted:
        return False
    settings = context().settings
    queries = [replace(_content(graph), format=name) for name in FORMATS_OF["graph"]] if _exists(graph) else []
    tags = [tag_of(query, release, settings) for query in queries]
    missed = bool(wanted) and not any(held(tag, wanted) for tag in tags)
    hit = bool(unwanted) and any(held(tag, unwanted) for tag in tags)
    if missed or hit:
        raise BadRequest(412, "precondition", "Precondition failed", "the graph is not as the request says")
    return True

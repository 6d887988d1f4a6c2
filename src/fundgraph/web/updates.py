"""The SPARQL 1.1 Protocol's update operation."""

from __future__ import annotations

from flask import Blueprint, Response, request

from fundgraph.store.changes import Change, Outcome
from fundgraph.web.access import writer
from fundgraph.web.context import context, public_root
from fundgraph.web.iris import absolute
from fundgraph.web.protocol import FORM, BadRequest, body_text, check_body, read_pairs

blueprint = Blueprint("updates", __name__)

UPDATE = "application/sparql-update"


@blueprint.route("/update", methods=("POST", "OPTIONS"), provide_automatic_options=False)
@blueprint.route("/update/", methods=("POST", "OPTIONS"), provide_automatic_options=False)
def update() -> Response:
    """Carry out an update."""
    if request.method == "OPTIONS":
        return Response(status=204, headers={"Allow": "POST, OPTIONS"})
    sink = writer()
    request.max_content_length = context().settings.max_write_bytes
    change = _read()
    return done(sink.write(change))


def divert() -> Response | None:
    """Take updates at the query endpoint too, where both are one service."""
    if request.path not in ("/sparql", "/sparql/") or request.method != "POST":
        return None
    if request.mimetype == UPDATE:
        return update()
    if request.mimetype == FORM:
        request.max_content_length = context().settings.max_write_bytes
        names = [name for name, _ in read_pairs(request.get_data())]
        if "update" in names and "query" not in names:
            return update()
    return None


def done(outcome: Outcome) -> Response:
    """Say that a write was done, and in which release it can be seen."""
    lines = [f"done, release {outcome.release}"]
    if outcome.altered:
        lines.append(f"literals kept by their value, which come back in other words: {outcome.altered}")
        lines += [f"  {written} as {kept}" for written, kept in outcome.examples]
    response = Response("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
    if outcome.altered:
        response.headers["Fundgraph-Warnings"] = "literals-normalised"
    response.headers["Fundgraph-Release"] = outcome.release
    response.headers["Cache-Control"] = "no-store"
    return response


def _read() -> Change:
    media_type = request.mimetype.lower()
    check_body(media_type, (UPDATE, FORM), "an update")
    parameters = read_pairs(request.query_string)
    if any(name in ("update", "query") for name, _ in parameters):
        raise BadRequest(400, "parameter", "An update in the address", "an update is sent in the body")
    if media_type == FORM:
        parameters += read_pairs(request.get_data())
        texts = [value for name, value in parameters if name == "update"]
        if any(name == "query" for name, _ in parameters):
            raise BadRequest(400, "parameter", "A query too", "a request holds an update or a query, not both")
    else:
        texts = [body_text(request.get_data(), "update")]
    if len(texts) != 1:
        raise BadRequest(400, "parameter", "Not one update", f"exactly one update, not {len(texts)}")
    return Change(
        "update",
        text=texts[0],
        using=_iris(parameters, "using-graph-uri"),
        using_named=_iris(parameters, "using-named-graph-uri"),
        base=f"{public_root()}/sparql" if context().plain else context().kg.base,
    )


def _iris(parameters: list[tuple[str, str]], name: str) -> tuple[str, ...]:
    return tuple(absolute(value, name) for key, value in parameters if key == name)

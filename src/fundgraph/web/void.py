"""Descriptions of the dataset at the addresses where clients look for them."""

from __future__ import annotations

import hashlib

from flask import Blueprint, Response, redirect, request

from fundgraph.store.formats import FORMATS
from fundgraph.web.context import cache_control, context, public_root, site_root
from fundgraph.web.description import PREFIXES, Described, describe_dataset, describe_service
from fundgraph.web.downloads import DUMPS, STATIC_DUMPS
from fundgraph.web.negotiate import choose_format, named_format, offers, prefers_html
from fundgraph.web.protocol import BadRequest
from fundgraph.web.shelf import kept

blueprint = Blueprint("void", __name__)


@blueprint.get("/.well-known/void")
def well_known() -> Response:
    """Say where the description is."""
    response = redirect(f"{public_root()}/void", 302)
    assert isinstance(response, Response)
    return response


@blueprint.get("/void")
@blueprint.get("/void.<suffix>")
def void(suffix: str = "") -> Response:
    """Describe the dataset."""
    return written(describe_dataset(described("" if context().static else f"{public_root()}/sparql")), suffix)


def service(endpoint: str) -> Response:
    """Describe the service at this address, and the dataset that it serves."""
    return written(describe_service(described(endpoint)))


def described(endpoint: str) -> Described:
    """Return what there is to be described."""
    here = context()
    here.kg.look()
    return Described(
        root=public_root(),
        site=site_root(),
        endpoint=endpoint,
        manifest=here.kg.manifest,
        statistics=here.counter.of(here.kg),
        plain=here.plain,
        writable=here.plain and here.writer is not None,
        federated=bool(here.settings.services),
        releases=() if here.plain or here.static else [one.release for one in kept().all()],
        dumps=None
        if here.plain
        else {
            f"{name}.gz" if here.static else name: (media, title)
            for name, (_, media, title, _) in (STATIC_DUMPS if here.static else DUMPS).items()
        },
    )


def written(turtle: str, suffix: str = "") -> Response:
    """Return a description in the format that the suffix or the Accept header asks for; browsers get Turtle."""
    accept = request.accept_mimetypes
    name = named_format("graph", suffix) if suffix else choose_format("graph", accept)
    if name is None and not suffix and prefers_html(accept):
        name = "turtle"
    if name is None:
        raise BadRequest(406, "not-acceptable", "No acceptable format", "a description is RDF", offers("graph"))
    data = turtle.encode()
    if name != "turtle":
        from fundgraph.store.evaluate import convert

        data = convert(data, name, PREFIXES)
    response = Response(data, content_type=FORMATS[name].content_type)
    response.headers["Fundgraph-Release"] = context().kg.release
    response.headers["Cache-Control"] = cache_control()
    response.vary.add("Accept")
    # Written anew, blank nodes may get other labels: the same graph, and not always the same bytes.
    response.set_etag(hashlib.sha256(f"{name}\0{turtle}".encode()).hexdigest()[:32], weak=name != "turtle")
    response.make_conditional(request)
    return response

"""Warming up: the pages that everybody visits are made once in the background, before anybody asks for them.

What is costly is then there already: templates compiled, queries answered, networks drawn. The server answers
meanwhile; the warming takes its time so as not to be in the way, and begins anew when another release is switched to.
"""

from __future__ import annotations

import threading
import time

from flask import Flask
from werkzeug.exceptions import HTTPException

from fundgraph.errors import FundgraphError
from fundgraph.kg import KnowledgeGraph

#: The first page first. One thing of each kind follows, for its template.
PATHS = (
    "/", "/projects", "/people", "/topics", "/phases", "/organisations", "/publications", "/quality", "/ontology",
    "/search?q=a", "/documents", "/queries", "/sparql", "/programme", "/network", "/network?of=projects&by=people",
    "/network?of=projects&by=topics", "/topics/matrix", "/phases/compare", "/releases",
)  # fmt: skip
KINDS = ("projects", "people", "topics", "organisations", "publications", "phases", "documents")
_LOAD_WITHIN = 300.0
#: After the first page so many seconds are left to those who have come already.
_PAUSE = 1.0
_LOOK_EVERY = 5.0


def start(app: Flask, kg: KnowledgeGraph) -> threading.Thread:
    """Begin to warm up, now and whenever another release is switched to."""
    thread = threading.Thread(target=_keep_warm, args=(app, kg), name="fundgraph-warm", daemon=True)
    thread.start()
    return thread


def _keep_warm(app: Flask, kg: KnowledgeGraph) -> None:
    prepare(app, kg)  # while the data are loaded elsewhere
    warmed = ""
    until = time.monotonic() + _LOAD_WITHIN
    while not kg.is_ready(_PAUSE) and time.monotonic() < until:
        time.sleep(0.02)
    while True:
        if kg.release != warmed:
            warmed = kg.release
            warm(app, kg, _PAUSE)
        time.sleep(_LOOK_EVERY)


def prepare(app: Flask, kg: KnowledgeGraph) -> None:
    """Make ready what the first page needs besides data: its templates, the canned queries."""
    for name in ("home.html", "macros.html", "base.html"):
        app.jinja_env.get_template(name)
    kg.questions  # noqa: B018 - read once and kept


def warm(app: Flask, kg: KnowledgeGraph, pause: float = 0.0) -> list[str]:
    """Make each of the pages once; return the paths of those that could not be made."""
    failed = []
    for path in (*PATHS, *_things(app, kg)):
        began = time.monotonic()
        with app.test_request_context(path, headers={"Accept": "text/html"}):
            try:
                app.dispatch_request()
            except (FundgraphError, HTTPException):  # it will be told to whoever asks
                failed.append(path)
        if pause:
            time.sleep(pause if path == "/" else time.monotonic() - began)
    return failed


def _things(app: Flask, kg: KnowledgeGraph) -> list[str]:
    """Return the path of the first thing of each kind."""
    from fundgraph.web.site import the_site

    found = []
    with app.test_request_context("/"):
        for kind in KINDS:
            try:
                iris = kg.index.listing(kind, (), "", 12 if kind == "phases" else 1, 0).iris
            except FundgraphError:
                return []
            found += [the_site().path(iri) for iri in iris]
    return found

"""The whole graph to take along."""

from __future__ import annotations

import io
from collections.abc import Mapping

from flask import Blueprint, Response, abort, render_template, send_file

from fundgraph.store.dump import dump
from fundgraph.web.site import the_site

blueprint = Blueprint("downloads", __name__)

#: Suffix: word of :func:`fundgraph.store.dump.dump`, media type, name, what it holds.
DUMPS: Mapping[str, tuple[str, str, str, str]] = {
    "nq": ("nquads", "application/n-quads", "N-Quads", "every graph, in canonical order: the file that the release's hash is made of"),
    "trig": ("trig", "application/trig", "TriG", "every graph, with prefixes"),
    "jsonld": ("jsonld", "application/ld+json", "JSON-LD", "every graph"),
    "ttl": ("turtle", "text/turtle", "Turtle", "one graph, as queries see it by default: without findings and statement-level provenance"),
    "nt": ("ntriples", "application/n-triples", "N-Triples", "the same, a triple to a line"),
    "rdf": ("rdfxml", "application/rdf+xml", "RDF/XML", "the same"),
}  # fmt: skip


@blueprint.get("/downloads")
def downloads() -> str:
    """What can be taken along."""
    site = the_site()
    path = site.kg.path / "dataset.nq"
    size = path.stat().st_size if path.is_file() else None
    return render_template("downloads.html", dumps=DUMPS, size=size)


@blueprint.get("/downloads/dataset.<suffix>")
def download(suffix: str) -> Response:
    """The whole dataset in one format."""
    site = the_site()
    path = site.kg.path / "dataset.nq"
    if suffix not in DUMPS:
        abort(404, description="The dataset is offered as " + ", ".join(f"dataset.{name}" for name in DUMPS))
    if not path.is_file():
        abort(404, description=f"The files of release {site.release} are no longer here.")
    word, media_type, _, _ = DUMPS[suffix]
    name = f"fundgraph-{site.release}.{suffix}"
    if word == "nquads":
        return send_file(path.resolve(), mimetype=media_type, as_attachment=True, download_name=name)
    output = io.BytesIO()
    hidden = site.manifest.get("hidden_graphs", ())
    dump(path, output, word, hidden=hidden, prefixes=site.prefixes)
    output.seek(0)
    return send_file(output, mimetype=media_type, as_attachment=True, download_name=name)

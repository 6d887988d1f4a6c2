"""What is known of a thing as data: looked up in the release's dataset, asked of the engine where that is too much."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask import Response, current_app

from fundgraph.export import description, lines, schemaorg, turtle
from fundgraph.export.lookup import FoundThings, SortedFile
from fundgraph.export.things import Triple, read_triples
from fundgraph.exporting import resolve
from fundgraph.framing import frame_of, framed
from fundgraph.store.evaluate import convert
from fundgraph.web.panels import bind, panel_text
from fundgraph.web.site import Site

#: Suffix of a path: media type, the word for it in ``KnowledgeGraph.query``, what people call it.
RDF_FORMATS: Mapping[str, tuple[str, str, str]] = {
    "ttl": ("text/turtle", "turtle", "Turtle"),
    "jsonld": ("application/ld+json", "jsonld", "JSON-LD"),
    "nt": ("application/n-triples", "ntriples", "N-Triples"),
    "rdf": ("application/rdf+xml", "rdfxml", "RDF/XML"),
}
_SORTED = "fundgraph.sorted"


def thing_response(site: Site, iri: str, suffix: str, kind: str = "thing") -> Response:
    """Answer with what is known of a thing in an RDF format; JSON-LD comes in the shape of its kind's frame."""
    triples = triples_of(site, iri)
    if not triples:
        triples = _asked(site, iri)
    if suffix == "jsonld":
        document = framed(written(triples).decode(), frame_of(kind, iri))
        data = (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()
    else:
        data = as_rdf(site, triples, suffix)
    media_type = RDF_FORMATS[suffix][0]
    content_type = media_type if suffix in ("jsonld", "rdf") else f"{media_type}; charset=utf-8"
    return Response(data, content_type=content_type, headers={"Vary": "Accept"})


def as_rdf(site: Site, triples: list[Triple], suffix: str) -> bytes:
    """Return triples as Turtle, N-Triples or RDF/XML."""
    if suffix == "ttl":
        return b"".join(turtle.turtle(triples, site.prefixes, site.base))
    if suffix == "nt":
        return written(triples)
    return convert(written(triples), RDF_FORMATS[suffix][1], dict(site.prefixes))


def written(triples: list[Triple]) -> bytes:
    """Return triples as N-Triples."""
    return b"".join(lines.written(triples))


def triples_of(site: Site, iri: str) -> list[Triple] | None:
    """Return what is known of a thing and its parts, looked up; ``None`` where only the query finds it."""
    file = sorted_file(site)
    return None if file is None else description.description(FoundThings(file), iri)


def _asked(site: Site, iri: str) -> list[Triple]:
    with site.kg.answer(_query_of(site, iri), format="ntriples").body as body:
        return read_triples(body.read())


def _query_of(site: Site, iri: str) -> str:
    """Return the query for a thing and its parts; for what stands in no graph that queries see, for what is said of it there."""
    seen = site.panel("thing_types", iri).rows
    return bind(panel_text("thing_graph" if seen else "thing_said"), iri)


def sorted_file(site: Site) -> SortedFile | None:
    """Return the release's dataset, to look things up; ``None`` if the snapshot has no such file."""
    release, file = current_app.extensions.get(_SORTED, ("", None))
    if release != site.release:
        path = site.kg.path / "dataset.nq"
        file = SortedFile(path, site.manifest.get("hidden_graphs", ())) if path.is_file() else None
        current_app.extensions[_SORTED] = (site.release, file)
    found: SortedFile | None = file
    return found


def structured_data(site: Site, iri: str) -> dict[str, Any] | None:
    """Return a thing as schema.org has it, for its page to embed; ``None`` for what schema.org has no word for."""
    file = sorted_file(site)
    return None if file is None else schemaorg.page(FoundThings(file), iri, resolve)


def rdf_response(site: Site, query: str, suffix: str) -> Response:
    """Answer a CONSTRUCT in an RDF format."""
    media_type, word, _ = RDF_FORMATS[suffix]
    with_charset = media_type if suffix in ("jsonld", "rdf") else f"{media_type}; charset=utf-8"
    with site.kg.answer(query, format=word).body as body:
        data = body.read()
    return Response(data, content_type=with_charset, headers={"Vary": "Accept"})

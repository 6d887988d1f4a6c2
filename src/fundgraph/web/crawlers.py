"""For crawlers: which pages there are (sitemaps), and which they had better leave alone (robots.txt)."""

from __future__ import annotations

from collections.abc import Iterable
from xml.sax.saxutils import escape

from flask import Blueprint, Response, abort

from fundgraph.web.context import of_release, public_root
from fundgraph.web.site import the_site

blueprint = Blueprint("crawlers", __name__)

_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
#: So many addresses stand in one sitemap; the standard allows 50 000.
MOST = 40_000
_PAGES = (
    "/", "/projects", "/people", "/topics", "/phases", "/organisations", "/publications", "/network", "/documents",
    "/queries", "/quality", "/ontology", "/downloads", "/releases", "/programme", "/links",
)  # fmt: skip
_KINDS = ("projects", "people", "topics", "organisations", "publications", "phases", "documents")
#: What costs more than it tells a crawler, and states that are past.
_LEAVE = (
    "/sparql?", "/editor", "/explain", "/describe", "/search", "/reconcile", "/update", "/graph-store", "/jobs/",
    "/links/review", "/releases/", "/timegate/", "/timemap/", "/metrics", "/*?lang=",
)  # fmt: skip


@blueprint.get("/robots.txt")
def robots() -> Response:
    """What crawlers may visit, and where the sitemap is."""
    lines = [
        "User-agent: *",
        *(f"Disallow: {path}" for path in _LEAVE),
        "",
        f"Sitemap: {public_root()}/sitemap.xml",
    ]
    return of_release(Response("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8"))


@blueprint.get("/sitemap.xml")
def sitemap() -> Response:
    """The pages of the site: those to begin with, and one for each thing; in several parts if there are very many."""
    paths = _paths()
    if len(paths) <= MOST:
        return _xml("urlset", "url", (public_root() + path for path in paths))
    parts = range(-(-len(paths) // MOST))
    return _xml("sitemapindex", "sitemap", (f"{public_root()}/sitemap-{part}.xml" for part in parts))


@blueprint.get("/sitemap-<int:part>.xml")
def sitemap_part(part: int) -> Response:
    """A part of the sitemap."""
    paths = _paths()[part * MOST : (part + 1) * MOST]
    if not paths:
        abort(404)
    return _xml("urlset", "url", (public_root() + path for path in paths))


def _paths() -> list[str]:
    site = the_site()
    index = site.kg.index
    found = [path for path in _PAGES if site.has(path)]
    found += [f"/queries/{name}" for name in site.kg.questions]
    for kind in _KINDS:
        offset = 0
        while True:
            page = index.listing(kind, (), "", MOST, offset)
            found += [site.path(iri) for iri in page.iris]
            offset += len(page.iris)
            if not page.iris or offset >= page.total:
                break
    return found


def _xml(outer: str, inner: str, addresses: Iterable[str]) -> Response:
    created = the_site().created
    changed = f"<lastmod>{created.date().isoformat()}</lastmod>" if created else ""
    rows = "".join(f"<{inner}><loc>{escape(address)}</loc>{changed}</{inner}>\n" for address in addresses)
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<{outer} xmlns="{_NAMESPACE}">\n{rows}</{outer}>\n'
    return of_release(Response(text, content_type="application/xml; charset=utf-8"))

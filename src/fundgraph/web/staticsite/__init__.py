"""The site as a folder of files that any web host can serve: pages, data, and queries in the reader's browser.

The pages are those of the application, asked of it in process; every link becomes relative. What only a server can do
is left out or says so. At the end every link is followed, and a broken one is an error: a folder that is written is whole.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from threading import Thread
from urllib.parse import quote

from fundgraph.errors import SiteError, UsageError
from fundgraph.kg import KnowledgeGraph
from fundgraph.settings import Settings
from fundgraph.web.languages import LANGUAGES
from fundgraph.web.staticsite import shipped
from fundgraph.web.staticsite.addresses import (
    LISTS,
    NAMELESS,
    PAGE_KINDS,
    PLAIN_KINDS,
    Addresses,
    Place,
    link_between,
)
from fundgraph.web.staticsite.check import check
from fundgraph.web.staticsite.crawl import Found, Order, crawl, onward

__all__ = ["SiteReport", "write_site"]

#: The pages to begin with; they lead to the rest.
_FIRST = (
    "/", *LISTS, "/topics", "/phases", "/network", "/queries", "/sparql", "/search", "/describe", "/quality", "/ontology",
    "/documents", "/links", "/downloads", "/releases", "/programme", "/void", "/queries.json", "/queries.ttl",
    "/ontology.ttl", "/ontology/context.jsonld",
)  # fmt: skip
_THINGS = """SELECT DISTINCT ?s WHERE {{
  {{ ?s ?p ?o }} UNION {{ GRAPH <{base}graph/report> {{ ?s ?p ?o }} }} UNION {{ GRAPH <{base}graph/provenance> {{ ?s a <http://www.w3.org/ns/prov#Activity> }} }}
  FILTER(STRSTARTS(STR(?s), "{base}") && !CONTAINS(STR(?s), "#"))
}} ORDER BY ?s"""
_ALL = 10**9
#: So many broken links are told of.
_TOLD = 10


@dataclass(frozen=True, slots=True)
class SiteReport:
    """What was written: how many pages, files and bytes, how many statements are explained, what needs a server."""

    pages: int
    files: int
    bytes: int
    explained: int
    left_out: tuple[str, ...]


def write_site(
    settings: Settings,
    folder: Path,
    *,
    language: str = "en",
    address: str = "",
    say: Callable[[str], None] = lambda _: None,
) -> SiteReport:
    """Write the current snapshot as a site into ``folder``, which must be new, empty, or such a site.

    ``address`` is the one under which it will be served, if that is known. Raises :class:`UsageError` for a folder that
    is something else, and :class:`SiteError` for a page or a link that is broken; nothing is changed then.
    """
    if language not in LANGUAGES:
        raise UsageError(f"there is no language {language!r}", allowed=tuple(LANGUAGES))
    _check_folder(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as made:
        site = Path(made) / "site"
        site.mkdir()
        report = _written(settings, site, language, address.rstrip("/") or NAMELESS, say)
        if folder.exists():
            folder.rename(Path(made) / "before")
        shutil.move(site, folder)
    return report


def _check_folder(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise UsageError("is no folder", where=folder)
    if folder.exists() and any(folder.iterdir()) and not (folder / "offline" / "about.js").is_file():
        raise UsageError("is not empty, and no site that was written before", where=folder)


def _written(settings: Settings, folder: Path, language: str, root: str, say: Callable[[str], None]) -> SiteReport:
    from fundgraph.web.app import create_static_app

    with KnowledgeGraph.open(settings.build_dir, replace(settings, max_rows=_ALL)) as kg:
        app = create_static_app(kg, settings)
        names = {rule.rule[1:].partition("/")[0] for rule in app.url_map.iter_rules() if "<" not in rule.rule}
        pages = frozenset((*names, *PAGE_KINDS, *PLAIN_KINDS))
        addresses = Addresses(kg.base, root, pages, kg.prefixes)
        things = [row["s"] for row in kg.rows(_THINGS.format(base=kg.base))[0]]
    order = Order(settings.build_dir, settings, folder, language, addresses)
    found = crawl(order, _seeds(addresses, things))
    say(f"{sum(1 for _ in folder.rglob('*.html'))} pages")
    with KnowledgeGraph.open(settings.build_dir, order.site_settings()) as kg:
        shipped.write_assets(folder)
        shipped.write_data(kg, settings, folder, addresses, language)
        packing = Thread(target=shipped.write_dumps, args=(kg, folder))  # zlib and the engine let others run
        packing.start()
        try:
            explained = _explained(order, kg, found)
        finally:
            packing.join()
    say(f"{explained} explanations")
    _write_extras(folder, root)
    _check_links(folder)
    number = shipped.write_sums(folder)
    files = [path for path in folder.rglob("*") if path.is_file()]
    return SiteReport(
        sum(path.suffix == ".html" for path in files),
        number,
        shipped.size_of(files),
        explained,
        tuple(sorted(found.left_out)),
    )


def _seeds(addresses: Addresses, things: list[str]) -> Iterator[Place]:
    """Yield the places to begin with: the first pages, every thing, and the data of each."""
    for address in _FIRST:
        yield addresses.place(address)
    for iri in things:
        path = "/" + quote(iri[len(addresses.base) :], safe="/-._~#=,%")
        place = addresses.place(path)
        if place.kind == "page" and place.file != "describe/index.html":
            yield place
            yield addresses.place(f"{path}.ttl")
            yield addresses.place(f"{path}.jsonld")


def _explained(order: Order, kg: KnowledgeGraph, found: Found) -> int:
    from fundgraph.explanation import Explainer
    from fundgraph.web.app import create_static_app
    from fundgraph.web.staticsite.reasons import write_reasons

    app = create_static_app(kg, order.site_settings())
    headers = {"Accept-Language": order.language}
    with app.test_request_context("/", base_url=order.addresses.root, headers=headers):
        return write_reasons(order, found, Explainer.of(kg.snapshot))


def _write_extras(folder: Path, root: str) -> None:
    """Write what hosts and clients look for at fixed places."""
    (folder / ".nojekyll").touch()  # hosts that build pages from sources leave this folder as it is
    for page in sorted((folder / "documents").glob("*/index.html")):  # the IRIs of sources lead on to their pages
        name = page.parent.name
        target = folder / "document" / name / "index.html"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(
            onward(link_between(f"document/{name}/index.html", f"documents/{name}/index.html")), encoding="utf-8"
        )
    known = folder / ".well-known"
    known.mkdir(exist_ok=True)
    shutil.copyfile(folder / "void.ttl", known / "void") if root != NAMELESS else None
    (folder / "robots.txt").write_text("User-agent: *\nAllow: /\n", encoding="utf-8")


def _check_links(folder: Path) -> None:
    broken = list(islice(check(folder), 1000))
    if broken:
        told = "; ".join(map(str, broken[:_TOLD]))
        raise SiteError(f"{len(broken)} links lead nowhere: {told}", where=folder.name)

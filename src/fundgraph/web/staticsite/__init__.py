"""The site as a folder of files that any web host can serve: pages, data, and queries in the reader's browser.

The pages are those of the application, asked of it in process; every link becomes relative. What only a server can do
is left out or says so. At the end every link is followed, and a broken one is an error: a folder that is written is whole.
"""

from __future__ import annotations

import gc
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from fundgraph.errors import SiteError, UsageError
from fundgraph.export.lookup import FoundThings, SortedFile
from fundgraph.kg import KnowledgeGraph
from fundgraph.settings import Settings
from fundgraph.web.languages import LANGUAGES
from fundgraph.web.site import the_site
from fundgraph.web.staticsite import shipped
from fundgraph.web.staticsite.addresses import (
    LISTS,
    NAMELESS,
    PAGE_KINDS,
    PLAIN_KINDS,
    Addresses,
    Place,
    file_of,
    link_between,
)
from fundgraph.web.staticsite.beside import aside, shared
from fundgraph.web.staticsite.check import check
from fundgraph.web.staticsite.crawl import Found, Order, crawl, onward
from fundgraph.web.staticsite.disk import Disk, files_in
from fundgraph.web.staticsite.rewrite import Rewriter

if TYPE_CHECKING:
    from fundgraph.explanation import Explainer
    from fundgraph.web.staticsite.reasons import Proofs

__all__ = ["SiteReport", "write_site"]

#: The pages to begin with; they lead to the rest.
_FIRST = (
    "/", *LISTS, "/topics", "/phases", "/network", "/queries", "/sparql", "/search", "/describe", "/quality", "/ontology",
    "/documents", "/links", "/downloads", "/releases", "/void", "/queries.json", "/queries.ttl",
    "/CITATION.cff", "/citation.bib", "/dataset.jsonld", "/releases.atom",
)  # fmt: skip
_THINGS = """SELECT DISTINCT ?thing WHERE {{
  {{ ?thing a ?class }} UNION {{ GRAPH <{base}graph/report> {{ ?thing a ?class }} }}
  UNION {{ GRAPH <{base}graph/provenance> {{ ?thing a <http://www.w3.org/ns/prov#Activity> }} }}
  FILTER(STRSTARTS(STR(?thing), "{base}") && !CONTAINS(STR(?thing), "#"))
}} ORDER BY ?thing"""
_ALL = 10**9
#: So many new things in memory are worth a look for garbage; a page makes thousands, and hardly any of them stay.
_COLLECT_EVERY = 20_000
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
    with _few_collections(), tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as made:
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
    shown = replace(  # nobody writes, nobody else is asked, no answer is cut
        settings, public_url=root, token_hash="", services="", rate_limit="", proxies=0, cache_bytes=0, max_rows=_ALL,
    )  # fmt: skip
    with KnowledgeGraph.open(settings.build_dir, shown, in_memory=True) as kg:
        with aside(_of_snapshot(kg, folder)):
            order, explainer = _ordered(kg, shown, folder, language, root), _explainer(kg)
            things = [str(row["thing"]) for row in kg.select(_THINGS.format(base=kg.base))]
            described = [iri for iri in things if _is_shown(order.addresses, iri)]
            gc.freeze()
            found = crawl(order, _seeds(order.addresses, described), described)
            say(f"{_pages(folder)} pages")
            explained = _write_rest(order, kg, settings, found, things, explainer)
        say(f"{explained} explanations")
        _check_links(folder)
        number, size = shipped.write_sums(folder)
    return SiteReport(_pages(folder), number, size, explained, tuple(sorted(found.left_out)))


def _of_snapshot(kg: KnowledgeGraph, folder: Path) -> list[Callable[[], None]]:
    """Return what is written of the snapshot and the package alone, with no page: the longest first."""
    return [
        *shipped.dumps(kg, folder),
        partial(shipped.write_assets, folder),
        partial(shipped.write_ontology, kg, folder),
    ]


def _explainer(kg: KnowledgeGraph) -> Explainer:
    from fundgraph.explanation import Explainer

    return Explainer.of(kg.snapshot)


@contextmanager
def _few_collections() -> Iterator[None]:
    """Let the collector of garbage run seldom, and pass over what was frozen meanwhile; to look at that copies the memory that processes share."""
    before = gc.get_threshold()
    gc.set_threshold(_COLLECT_EVERY, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def _pages(folder: Path) -> int:
    return sum(name.endswith(".html") for name in files_in(folder))


def _ordered(kg: KnowledgeGraph, settings: Settings, folder: Path, language: str, root: str) -> Order:
    from fundgraph.web.app import create_static_app

    app = create_static_app(kg, settings)
    names = {rule.rule[1:].partition("/")[0] for rule in app.url_map.iter_rules() if "<" not in rule.rule}
    addresses = Addresses(kg.base, root, frozenset((*names, *PAGE_KINDS)), kg.prefixes)
    dataset = SortedFile(kg.snapshot.path / "dataset.nq", kg.manifest["hidden_graphs"])
    return Order(app, FoundThings(dataset), folder, language, addresses)


def _is_shown(addresses: Addresses, iri: str) -> bool:
    """Whether a thing has a page of its own."""
    kind, _, name = iri[len(addresses.base) :].partition("/")
    return kind == "programme" or bool(name and kind in (*PAGE_KINDS, "document"))


def _seeds(addresses: Addresses, things: list[str]) -> Iterator[Place]:
    """Yield the places to begin with: the first pages, and that of every thing."""
    for address in _FIRST:
        yield addresses.place(address)
    for iri in things:
        place = addresses.described(iri)
        if place.file != "describe/index.html":
            yield place


def _write_rest(
    order: Order, kg: KnowledgeGraph, settings: Settings, found: Found, things: list[str], explainer: Explainer
) -> int:
    """Write what is left to write when all links are known, and the page of explanations; return how many statements it explains."""
    from fundgraph.web.staticsite.reasons import Proofs, searches

    folder = order.folder
    tasks: list[Callable[[], Proofs | None]] = [  # the longest first, so that nobody waits long at the end
        *searches(found, explainer, order.language),
        partial(_write_extras, folder, order.addresses, things),
        partial(shipped.write_data, kg, settings, folder, order.addresses, order.language),
    ]
    proofs = Proofs()
    for part in shared(tasks):
        if part is not None:
            proofs.take(part)
    return _explained(order, proofs)


def _explained(order: Order, proofs: Proofs) -> int:
    """Write the page of explanations and what it reads; return how many statements it explains."""
    from flask import render_template

    from fundgraph.web.staticsite.reasons import reasons_of

    headers = {"Accept-Language": order.language}
    with order.app.test_request_context("/", base_url=order.addresses.root, headers=headers):
        page = Rewriter(order.addresses).rewrite(render_template("why.html"), "why/index.html")
        reasons = reasons_of(proofs, order.addresses, the_site())
    (order.folder / "why").mkdir(exist_ok=True)
    (order.folder / "why" / "index.html").write_text(page.text, encoding="utf-8")
    return shipped.write_reasons(order.folder, reasons)


def _write_extras(folder: Path, addresses: Addresses, things: list[str]) -> None:
    """Write what hosts and clients look for at fixed places."""
    disk = Disk(folder)
    (folder / ".nojekyll").touch()  # hosts that build pages from sources leave this folder as it is
    for iri in things:  # what has no page at the path of its IRI leads on to where it is described
        local = iri[len(addresses.base) :]
        if local.partition("/")[0] in (*PLAIN_KINDS, "document"):
            name = f"{file_of(local)}/index.html"
            to = addresses.described(iri)
            disk.write(name, onward(link_between(name, to.file, to.fragment)).encode())
    known = folder / ".well-known"
    known.mkdir(exist_ok=True)
    if not addresses.is_nameless:  # its links would be relative to another folder
        shutil.copyfile(folder / "void.ttl", known / "void")
    (folder / "robots.txt").write_text("User-agent: *\nAllow: /\n", encoding="utf-8")


def _check_links(folder: Path) -> None:
    broken = list(islice(check(folder), 1000))
    if broken:
        told = "; ".join(map(str, broken[:_TOLD]))
        raise SiteError(f"{len(broken)} links lead nowhere: {told}", where=folder.name)

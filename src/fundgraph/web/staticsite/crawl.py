"""Ask the application for pages and files, in this process and others, and write them into the folder."""

from __future__ import annotations

import json
import multiprocessing
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from fundgraph.errors import SiteError
from fundgraph.second import processors
from fundgraph.settings import Settings
from fundgraph.web.staticsite.addresses import Addresses, Place, link_between
from fundgraph.web.staticsite.rewrite import Rewriter

if TYPE_CHECKING:
    from flask import Flask

    from fundgraph.kg import KnowledgeGraph

#: Fewer pages than this are not worth a second process.
_FEW = 40
_PROCESSES = 2


@dataclass(frozen=True, slots=True)
class Order:
    """What every process is told: where the snapshot is, where the folder, and how the site calls itself."""

    build_dir: Path
    settings: Settings
    folder: Path
    language: str
    addresses: Addresses

    def site_settings(self) -> Settings:
        """Return the settings of an application that only shows: nobody writes, nobody else is asked."""
        return replace(
            self.settings, public_url=self.addresses.root, token_hash="", services="", rate_limit="", proxies=0, cache_bytes=0,
        )  # fmt: skip


@dataclass(slots=True)
class Found:
    """What pages link to: the place of each link by its file and fragment, with one page that has it."""

    places: dict[tuple[str, str], tuple[Place, str]] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)

    def take(self, other: Found) -> None:
        """Add what another process found."""
        self.places = other.places | self.places
        self.left_out = other.left_out | self.left_out


def crawl(order: Order, seeds: Iterable[Place]) -> Found:
    """Write the seeds and all pages and files that they lead to; return every link that was met."""
    found, done = Found(), set[str]()
    waiting = {place.file: place for place in seeds}
    while waiting:
        done |= waiting.keys()
        for part in _shared_out(order, list(waiting.values())):
            found.take(part)
        waiting = {
            place.file: place
            for place, _ in found.places.values()
            if place.kind in ("page", "file") and place.file not in done
        }
    return found


def _shared_out(order: Order, places: Sequence[Place]) -> Iterable[Found]:
    number = min(_PROCESSES, processors())
    if number < 2 or len(places) < _FEW:
        return [render(order, places)]
    # A process begun anew imports all again, which takes longer than a small site; forked ones must be forked
    # before a store is open, and none is: each opens its own.
    way = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    with ProcessPoolExecutor(number, way) as pool:
        parts = [pool.submit(render, order, places[at::number]) for at in range(number)]
        return [part.result() for part in parts]


def render(order: Order, places: Sequence[Place]) -> Found:
    """Write the files of some places, asked of an application of this process."""
    from fundgraph.kg import KnowledgeGraph
    from fundgraph.web.app import create_static_app

    settings = order.site_settings()
    with KnowledgeGraph.open(order.build_dir, settings) as kg:
        return _Renderer(order, kg, create_static_app(kg, settings)).all(places)


class _Renderer:
    def __init__(self, order: Order, kg: KnowledgeGraph, app: Flask) -> None:
        self._order, self._kg = order, kg
        self._client = app.test_client(use_cookies=False)
        self._rewriter = Rewriter(order.addresses)
        self._found = Found()

    def all(self, places: Sequence[Place]) -> Found:
        for place in places:
            self._write(place)
        return self._found

    def _write(self, place: Place) -> None:
        with self._client.get(
            place.ask,
            base_url=self._order.addresses.root,
            headers={
                "Accept": "text/html" if place.kind == "page" else "*/*",
                "Accept-Language": self._order.language,
            },
        ) as response:
            status, data, target = response.status_code, response.get_data(), response.location
        if status in (301, 302, 303, 307, 308) and target:
            data = self._onward(place, target)
        elif status != 200:
            raise SiteError(f"answered {status}: no page can be made of it", where=place.ask)
        elif place.kind == "page":
            data = self._page(place, data.decode("utf-8")).encode("utf-8")
        else:
            data = self._file(place, data)
        path = self._order.folder / place.file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def _page(self, place: Place, text: str) -> str:
        done = self._rewriter.rewrite(text, place.file)
        for target in done.places:
            self._found.places.setdefault((target.file, target.fragment), (target, place.file))
        for address in done.left_out:
            self._found.left_out.setdefault(address, place.file)
        return done.text

    def _onward(self, place: Place, target: str) -> bytes:
        """Return a page that leads on to another, as a redirect of a server does."""
        local = self._order.addresses.local(target)
        to = self._order.addresses.place(local) if local else Place("server")
        if to.kind != "page":
            raise SiteError(f"leads on to {target}, which is no page", where=place.ask)
        self._found.places.setdefault((to.file, to.fragment), (to, place.file))
        return onward(link_between(place.file, to.file, to.fragment)).encode()

    def _file(self, place: Place, data: bytes) -> bytes:
        """Return a file that says nothing of the moment when it was made, and calls the site by relative links."""
        if place.file.startswith("queries/") and place.file.endswith(".json"):
            results = json.loads(data)
            meta = results.get("meta", {})
            results["meta"] = {name: meta[name] for name in ("release", "completeness") if name in meta}
            return (json.dumps(results, ensure_ascii=False, separators=(",", ":")) + "\n").encode()
        if "/" not in place.file and self._order.addresses.is_nameless:
            root = self._order.addresses.root.encode()
            return data.replace(b"<%s/>" % root, b"<./>").replace(b"%s/" % root, b"")
        return data


def onward(link: str) -> str:
    """Return a page that leads on to another at once."""
    href = escape(link)
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>→</title>'
        f'<meta http-equiv="refresh" content="0; url={href}"></head><body><a href="{href}">→</a></body></html>\n'
    )

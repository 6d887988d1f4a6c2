"""Ask the application for pages and files, in two processes, and write them into the folder."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from fundgraph.errors import SiteError
from fundgraph.export.description import description
from fundgraph.export.lines import written
from fundgraph.export.things import Things, Triple
from fundgraph.framing import frame_of, framed_briefly
from fundgraph.store.evaluate import convert
from fundgraph.web.ahead import fetch
from fundgraph.web.site import the_site
from fundgraph.web.staticsite.addresses import PAGE_KINDS, Addresses, Place, file_of, link_between
from fundgraph.web.staticsite.beside import shared
from fundgraph.web.staticsite.disk import Disk
from fundgraph.web.staticsite.rewrite import Rewriter

if TYPE_CHECKING:
    from flask import Flask

#: So many things are described in one go, and the pages of so many made.
_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Order:
    """What is needed to make pages: the application, what is said of things, the folder, the language, the addresses."""

    app: Flask
    things: Things
    folder: Path
    language: str
    addresses: Addresses


@dataclass(slots=True)
class Found:
    """What pages link to: the place of each link by its file and fragment, with one page that has it."""

    places: dict[tuple[str, str], tuple[Place, str]] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)

    def take(self, other: Found) -> None:
        """Add what another page leads to."""
        for key, value in other.places.items():
            self.places.setdefault(key, value)
        for address, page in other.left_out.items():
            self.left_out.setdefault(address, page)


def crawl(order: Order, seeds: Iterable[Place], things: Sequence[str]) -> Found:
    """Write the seeds, all pages and files that they lead to, and the data of things; return every link that was met."""
    renderer, found, done = _Renderer(order), Found(), set[str]()
    shown = {order.addresses.described(iri).file: iri for iri in things}
    waiting = {place.file: place for place in seeds}
    tasks: list[Callable[[], Found]] = [
        partial(renderer.describe, things[at : at + _AT_ONCE]) for at in range(0, len(things), _AT_ONCE)
    ]
    for iri in things:
        path = file_of(iri[len(order.addresses.base) :])
        done |= {f"{path}.ttl", f"{path}.jsonld"}
    while waiting:
        done |= waiting.keys()
        for part in shared([*_written(renderer, waiting.values(), shown), *tasks]):
            found.take(part)
        tasks = []
        waiting = {
            place.file: place
            for place, _ in found.places.values()
            if place.kind in ("page", "file") and place.file not in done
        }
    return found


def _written(
    renderer: _Renderer, places: Iterable[Place], shown: Mapping[str, str]
) -> Iterator[Callable[[], Found]]:
    """Yield tasks that write the files of some places: those of things of one kind some at once, each other alone."""
    of_kind: dict[str, dict[str, Place]] = {}
    for place in places:
        kind, _, rest = place.file.partition("/")
        if kind in PAGE_KINDS and place.file in shown and rest.count("/") == 1:
            of_kind.setdefault(kind, {})[shown[place.file]] = place
        else:
            yield partial(renderer.write, place)
    for kind, of_thing in of_kind.items():
        iris = list(of_thing)
        for at in range(0, len(iris), _AT_ONCE):
            yield partial(renderer.write_all, kind, {iri: of_thing[iri] for iri in iris[at : at + _AT_ONCE]})


class _Renderer:
    def __init__(self, order: Order) -> None:
        self._order = order
        self._client = order.app.test_client(use_cookies=False)
        self._rewriter = Rewriter(order.addresses)
        self._disk = Disk(order.folder)

    def describe(self, things: Sequence[str]) -> Found:
        """Write some things as Turtle and, in the shape of their kinds' frames, as JSON-LD."""
        for thing in things:
            triples = description(self._order.things, thing, most=sys.maxsize)
            if triples:
                self._describe(thing, triples)
        return Found()

    def _describe(self, thing: str, triples: list[Triple]) -> None:
        local = thing[len(self._order.addresses.base) :]
        kind = local.partition("/")[0]
        to_context = link_between(local, "ontology/context.jsonld")  # hundreds of copies are a tenth of all
        frame = frame_of(kind if kind in PAGE_KINDS else "thing", thing)
        document = {"@context": to_context} | framed_briefly(triples, frame)
        name = file_of(local)
        lines = b"".join(written(triples))
        used = {name: iri for name, iri in self._order.addresses.prefixes.items() if f"<{iri}".encode() in lines}
        self._disk.write(f"{name}.ttl", convert(lines, "turtle", used))
        text = json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n"
        self._disk.write(f"{name}.jsonld", text.encode())

    def write_all(self, kind: str, places: Mapping[str, Place]) -> Found:
        """Write the pages of some things of a kind, whose places are given by their IRIs; return what they link to."""
        with self._order.app.app_context():
            fetch(the_site(), kind, list(places))
        found = Found()
        for place in places.values():
            found.take(self.write(place))
        return found

    def write(self, place: Place) -> Found:
        """Write the file of a place; return what it links to."""
        found = Found()
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
            data = self._onward(place, target, found)
        elif status != 200:
            raise SiteError(f"answered {status}: no page can be made of it", where=place.ask)
        elif place.kind == "page":
            data = self._page(place, data.decode("utf-8"), found).encode("utf-8")
        else:
            data = self._file(place, data)
        self._disk.write(place.file, data)
        return found

    def _page(self, place: Place, text: str, found: Found) -> str:
        done = self._rewriter.rewrite(text, place.file)
        for target in done.places:
            found.places.setdefault((target.file, target.fragment), (target, place.file))
        for address in done.left_out:
            found.left_out.setdefault(address, place.file)
        return done.text

    def _onward(self, place: Place, target: str, found: Found) -> bytes:
        """Return a page that leads on to another, as a redirect of a server does."""
        local = self._order.addresses.local(target)
        to = self._order.addresses.place(local) if local else Place("server")
        if to.kind != "page":
            raise SiteError(f"leads on to {target}, which is no page", where=place.ask)
        found.places.setdefault((to.file, to.fragment), (to, place.file))
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
            if not place.file.endswith((".ttl", ".json")):  # these must name addresses in full: those of the IRIs
                return data.replace(b"%s/" % root, self._order.addresses.base.encode())
            return data.replace(b"<%s/>" % root, b"<./>").replace(b"%s/" % root, b"")
        return data


def onward(link: str) -> str:
    """Return a page that leads on to another at once."""
    href = escape(link)
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>→</title>'
        f'<meta http-equiv="refresh" content="0; url={href}"></head><body><a href="{href}">→</a></body></html>\n'
    )

"""The link checker: every link of every page in a folder leads to a file that is there, and to an anchor in it.

It reads the folder as a browser would find it, and knows nothing of how it was made.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import cast
from urllib.parse import unquote, urlsplit

from lxml import etree

from fundgraph.web.staticsite.beside import shared
from fundgraph.web.staticsite.disk import files_in

#: So many pages are read in one go.
_AT_ONCE = 32
_PARSER = etree.HTMLParser(
    encoding="utf-8", huge_tree=True
)  # that of lxml.html asks Python for the class of each element
_IDS = etree.XPath("//@id | //a/@name", smart_strings=False)
_LINKS = etree.XPath("//@href | //@src | //@action", smart_strings=False)


@dataclass(frozen=True, slots=True)
class Broken:
    """A link that leads nowhere: the page, the link, and what is wrong with it."""

    page: str
    link: str
    why: str

    def __str__(self) -> str:
        return f"{self.page}: {self.link}: {self.why}"


@dataclass(slots=True)
class _Page:
    ids: set[str]
    links: dict[str, tuple[str, str]]
    """What links of the page, as they are written, lead to: a file and a fragment; or nothing but why they are wrong."""

    @property
    def scripted(self) -> bool:
        """Whether a script of the page reads its fragment, so that it need not be an anchor."""
        return not SCRIPTED.isdisjoint(self.ids)


def _read(folder: Path, name: str) -> _Page:
    tree = etree.parse(str(folder / name), _PARSER)
    ids = set(cast(list[str], _IDS(tree)))
    links = {}
    for link in {one.strip() for one in cast(list[str], _LINKS(tree))}:
        if not (link.startswith("#") and link[1:] in ids):
            aim = _aim(name, link)
            if aim is not None:
                links[link] = aim
    return _Page(ids, links)


def _read_all(folder: Path, names: Sequence[str]) -> list[_Page]:
    return [_read(folder, name) for name in names]


def _aim(name: str, link: str) -> tuple[str, str] | None:
    """Return the file, the empty text if there can be none, and the fragment that a link of a page leads to; nothing for other hosts."""
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return None
    if parts.path.startswith("/"):
        return "", ""
    if not parts.path:
        return name, parts.fragment
    target = posixpath.normpath(posixpath.join(posixpath.dirname(name), unquote(parts.path)))
    if parts.path.endswith("/") or target == ".":
        target = posixpath.normpath(posixpath.join(target, "index.html"))
    return target, parts.fragment


#: Elements of pages whose scripts read the fragment as parameters: ``#phase=1``.
SCRIPTED = frozenset(("facets", "editor", "described", "found", "question", "why"))


def check(folder: Path) -> Iterator[Broken]:
    """Yield the broken links of a folder. Links to other hosts are not followed."""
    files = set(files_in(folder))
    names = sorted(name for name in files if name.endswith(".html"))
    read = shared([partial(_read_all, folder, names[at : at + _AT_ONCE]) for at in range(0, len(names), _AT_ONCE)])
    pages = dict(zip(names, chain.from_iterable(read), strict=True))
    known: dict[tuple[str, str], str] = {}
    for name, page in pages.items():
        broken = []
        for link, aim in page.links.items():
            fault = known.get(aim)
            if fault is None:
                fault = known[aim] = _fault(aim, files, pages)
            if fault:
                broken.append(Broken(name, link, fault))
        yield from sorted(broken, key=lambda one: one.link)


def _fault(aim: tuple[str, str], files: set[str], pages: dict[str, _Page]) -> str:
    """Return what is wrong with what a link leads to; the empty text if nothing is."""
    target, fragment = aim
    if not target:
        return "begins at the top of a host, where the folder need not lie"
    if target not in files:
        return "there is no such file"
    if not fragment or target not in pages:
        return ""
    page, anchor = pages[target], unquote(fragment)
    if anchor in page.ids or fragment in page.ids or (page.scripted and "=" in fragment):
        return ""
    return "the page has no such anchor"

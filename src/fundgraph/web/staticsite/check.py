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
from urllib.parse import unquote, urlsplit

from lxml import html

from fundgraph.web.staticsite.beside import shared

#: So many pages are read in one go.
_AT_ONCE = 32
_PARSER = html.HTMLParser(encoding="utf-8", huge_tree=True)


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
    links: set[str]

    @property
    def scripted(self) -> bool:
        """Whether a script of the page reads its fragment, so that it need not be an anchor."""
        return not SCRIPTED.isdisjoint(self.ids)


def _read(path: Path) -> _Page:
    tree = html.parse(str(path), _PARSER)
    ids = {str(one) for one in tree.xpath("//@id | //a/@name")}
    return _Page(ids, {str(one).strip() for one in tree.xpath("//@href | //@src | //@action")})


def _read_all(folder: Path, names: Sequence[str]) -> list[_Page]:
    return [_read(folder / name) for name in names]


#: Elements of pages whose scripts read the fragment as parameters: ``#phase=1``.
SCRIPTED = frozenset(("facets", "editor", "described", "found", "question", "why"))


def check(folder: Path) -> Iterator[Broken]:
    """Yield the broken links of a folder. Links to other hosts are not followed."""
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    names = sorted(name for name in files if name.endswith(".html"))
    read = shared([partial(_read_all, folder, names[at : at + _AT_ONCE]) for at in range(0, len(names), _AT_ONCE)])
    pages = dict(zip(names, chain.from_iterable(read), strict=True))
    known: dict[tuple[str, str], str] = {}
    for name, page in pages.items():
        where = posixpath.dirname(name)
        for link in sorted(page.links):
            if link.startswith("#") and link[1:] in page.ids:
                continue
            key = (where if not link.startswith("#") else name, link)
            if key not in known:
                known[key] = _fault(name, link, files, pages)
            if known[key]:
                yield Broken(name, link, known[key])


def _fault(name: str, link: str, files: set[str], pages: dict[str, _Page]) -> str:
    """Return what is wrong with a link; the empty text if nothing is."""
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return ""
    if parts.path.startswith("/"):
        return "begins at the top of a host, where the folder need not lie"
    target = name
    if parts.path:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(name), unquote(parts.path)))
        if parts.path.endswith("/") or target == ".":
            target = posixpath.normpath(posixpath.join(target, "index.html"))
    if target not in files:
        return "there is no such file"
    if not parts.fragment or target not in pages:
        return ""
    page, anchor = pages[target], unquote(parts.fragment)
    if anchor in page.ids or parts.fragment in page.ids or (page.scripted and "=" in parts.fragment):
        return ""
    return "the page has no such anchor"

"""Pages that were rendered, kept as they went out: a release never changes, so neither do its pages.

What a page shows depends on the release, its address and the language; its bytes on the coding too. Pages are kept up to so many bytes, those asked for longest ago leave first, and all
of them when another release is switched to. A client that holds a page is told so without the page being made again.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from functools import lru_cache

from flask import Flask, Response, g, request
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from fundgraph.web import encoding
from fundgraph.web.context import context, mount
from fundgraph.web.languages import language
from fundgraph.web.thing_data import RDF_FORMATS

#: Parts of the site whose pages depend on nothing else.
_PARTS = frozenset(("browse", "ontology"))
#: What shows more than the release, or by what address we were reached.
_NEVER = frozenset(("/releases", "/editor"))
_HTML = "text/html"
_OFFERS = (_HTML, "application/xhtml+xml", "application/json", *(media for media, _, _ in RDF_FORMATS.values()))
#: A page of more bytes than this share of all is not kept.
_SHARE = 16
#: What a page takes besides its bytes, roughly.
_EACH = 2048
#: Headers that belong to one answer only.
_OWN = frozenset(("date", "set-cookie"))
_Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Page:
    headers: tuple[tuple[str, str], ...]
    data: bytes


class Pages:
    """The pages of one release, up to so many bytes."""

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._lock = threading.Lock()
        self._kept: OrderedDict[_Key, _Page] = OrderedDict()
        self._held = 0
        self._release = ""

    def find(self, release: str, key: _Key) -> _Page | None:
        """Return a page that is kept."""
        with self._lock:
            found = self._kept.get(key) if release == self._release else None
            if found is not None:
                self._kept.move_to_end(key)
        return found

    def keep(self, release: str, key: _Key, page: _Page) -> None:
        """Keep a page."""
        if len(page.data) * _SHARE > self._most:
            return
        with self._lock:
            if release != self._release:
                self._release, self._held = release, 0
                self._kept.clear()
            if key in self._kept:
                return
            self._kept[key] = page
            self._held += len(page.data) + _EACH
            while self._held > self._most:
                self._held -= len(self._kept.popitem(last=False)[1].data) + _EACH


def install(app: Flask, most_bytes: int) -> None:
    """Have an application keep its pages, and send them again; the last thing to be installed."""
    pages = Pages(most_bytes)

    def send() -> Response | None:
        if not _may_be_kept():
            return None
        release = context().kg.release
        key = _key()
        page = pages.find(release, key)
        if page is None:
            g.page_key = release, key
            return None
        if request.if_none_match.contains(_tag(page)):
            response = Response(status=304, headers=[pair for pair in page.headers if pair[0] in _STAYING])
        else:
            response = Response(page.data, headers=list(page.headers))
        g.repeatable = release
        return response

    def keep(response: Response) -> Response:
        wanted = g.pop("page_key", None)
        if wanted is None or response.status_code != 200 or response.mimetype != _HTML:
            return response
        if wanted[0] != context().kg.release:  # switched meanwhile
            return response
        if response.is_streamed or response.direct_passthrough or "Set-Cookie" in response.headers:
            return response
        headers = tuple((name, value) for name, value in response.headers if name.lower() not in _OWN)
        pages.keep(wanted[0], wanted[1], _Page(headers, response.get_data()))
        return response

    app.before_request(send)
    # What looks at answers runs in reverse order: the first comes last, when the answer is as it goes out.
    app.after_request_funcs.setdefault(None, []).insert(0, keep)


_STAYING = frozenset(("ETag", "Vary", "Cache-Control", "Content-Language", "Link"))


def _may_be_kept() -> bool:
    blueprint = (request.blueprint or "").partition(".")[0]
    return (
        request.method == "GET"
        and blueprint in _PARTS
        and not mount()
        and request.path not in _NEVER
        and "lang" not in request.args
        and "Range" not in request.headers
        and _takes_html(request.headers.get("Accept", ""))
    )


@lru_cache(maxsize=1024)
def _takes_html(accept: str) -> bool:
    """Tell whether an Accept header would rather have HTML than data."""
    best = parse_accept_header(accept, MIMEAccept).best_match(_OFFERS) if accept else _HTML
    return best is not None and "html" in best


def _key() -> _Key:
    coding = encoding.choose(request.accept_encodings) or ""
    return request.path, request.query_string.decode("latin-1"), language(), coding


def _tag(page: _Page) -> str:
    return next((value.strip('"') for name, value in page.headers if name == "ETag"), "")

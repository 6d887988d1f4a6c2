"""Old releases at their own addresses: below ``/releases/{id}`` the site answers as that release has it.

The same application answers; only the graph that it asks is another one. What stands below the address is listed
here, and the rest of the site (writing, operation, scripts) is not. Links of pages are kept within the release.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, Response, current_app, g, render_template, request

from fundgraph.errors import UsageError
from fundgraph.store.keeping import removed
from fundgraph.store.snapshot import Snapshot
from fundgraph.web import browse, memento
from fundgraph.web.context import MOUNT, OF_RELEASE, Context, context, mount
from fundgraph.web.memento import PARTS
from fundgraph.web.negotiate import offers, prefers_html
from fundgraph.web.problems import problem
from fundgraph.web.shelf import Kept, Shelf, kept

_MOUNT = re.compile(r"(/releases/([0-9]{4}-[0-9]{2}-[0-9]{2}-[0-9a-f]{8}))(/.*)?", re.DOTALL)
_RELEASE = "fundgraph.release"
_WITHIN = "|".join(sorted(re.escape(part) for part in PARTS))
#: Addresses in a page that stand below the release.
_LINK = re.compile(
    rf"""(\s(?:href|action|formaction)=["']?)(/(?!/)(?:{_WITHIN})(?:\.(?:ttl|jsonld|nt|rdf))?(?=["'/?#\s>]))"""
)
_HEADER_LINK = re.compile(r"<(/[^>]*)>")


def install(app: Flask, served: Context) -> None:
    """Have an application answer below ``/releases/{id}``, for citations of old releases, and to Accept-Datetime."""
    shelf = Shelf(served, max(1, served.settings.old_releases))
    served.kg.closing += (shelf.close,)
    app.extensions["fundgraph-shelf"] = shelf
    app.extensions["fundgraph-kept"] = Kept(served.settings.build_dir)
    app.wsgi_app = Mounted(app.wsgi_app)  # type: ignore[method-assign]
    app.before_request(_enter)
    app.after_request(_rebase)
    app.teardown_request(_leave)


class Mounted:
    """The application, with the path of a release taken off the front of a request's and noted beside it."""

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request."""
        match = _MOUNT.fullmatch(environ.get("PATH_INFO", ""))
        if match is not None:
            rest = match[3] or "/"
            environ = {
                **environ,
                MOUNT: match[1],
                _RELEASE: match[2],
                "SCRIPT_NAME": environ.get("SCRIPT_NAME", "") + match[1],
                "PATH_INFO": "/release" if rest == "/" else rest,
            }
        return self._app(environ, start_response)


def _enter() -> Response | None:
    """Find the release that a request asks, and have it asked; answer at once where that cannot be."""
    named: str | None = request.environ.get(_RELEASE)
    if named is None:
        return _cited() or memento.negotiate(kept())
    if request.path.split("/")[1] not in PARTS:
        return problem(404, "http-404", "Not Found", f"release {named} has nothing at {request.path[:200]!r}")
    if request.method not in ("GET", "HEAD", "OPTIONS") and request.path.rstrip("/") != "/sparql":
        return problem(405, "http-405", "Method Not Allowed", "a release is not changed", allowed=["GET", "HEAD"])
    snapshot = kept().get(named)
    if snapshot is None:
        return not_kept(named)
    _turn_to(snapshot)
    return _form()


def not_kept(named: str) -> Response:
    """Answer for a release that is not there: 410 if it was removed, else 404."""
    note = removed(context().settings.build_dir).get(named)
    if note is None:
        return problem(404, "unknown-release", "No such release", f"there is no release {named} here", hint=_HINT)
    detail = f"release {named} is no longer kept: it was removed on {str(note['pruned'])[:10]} by rule"
    return problem(
        410, "removed-release", "The release is no longer kept", detail, hint=f"Its hash was {note['hash']}"
    )


_HINT = "Those that are kept are listed at /releases"


def _turn_to(snapshot: Snapshot) -> None:
    """Have the request in hand answered from a release."""
    served = context()
    served.kg.look()
    if snapshot.release != served.kg.release:
        shelf: Shelf = current_app.extensions["fundgraph-shelf"]
        g.setdefault(OF_RELEASE, shelf.take(snapshot))
        g.taken = snapshot.release
    g.memento = snapshot


def _cited() -> Response | None:
    """Answer the address of a canned query that names an old release from that release, if it is kept."""
    cited = request.args.get("release", "") if request.path.startswith("/queries/") else ""
    if not cited or cited == context().kg.release:
        return None
    snapshot = kept().get(cited)
    if snapshot is not None:
        request.environ[MOUNT] = f"/releases/{cited}"  # links of the page stay within it
        _turn_to(snapshot)
    return None


def _form() -> Response | None:
    """Return a plain form where the site has its editor, whose script asks the release in view."""
    if request.path not in ("/editor", "/sparql", "/sparql/") or request.method not in ("GET", "HEAD"):
        return None
    if request.path == "/editor":
        try:
            query = browse.query_of_request()[0] or browse.START
        except UsageError as error:
            return problem(404, "http-404", "Not Found", error.what)
    elif "query" in request.args or not prefers_html(request.accept_mimetypes, offers("graph")):
        return None
    else:
        query = browse.START
    return Response(render_template("ask.html", query=query), content_type="text/html; charset=utf-8")


def _leave(_error: BaseException | None) -> None:
    taken = g.pop("taken", None)
    if taken is not None:
        shelf: Shelf = current_app.extensions["fundgraph-shelf"]
        shelf.give_back(taken)


def _rebase(response: Response) -> Response:
    """Keep the links of an answer within the release that was asked, and say of when it is."""
    snapshot: Snapshot | None = g.get("memento")
    if snapshot is None:
        if memento.has_states(request.path):
            response.vary.add(memento.ACCEPT)
        return response
    for name in ("repeatable", "asked", "page_key"):  # nothing of it is kept as if it were of the release in view
        g.pop(name, None)
    front = mount()
    if response.mimetype == "text/html" and not response.direct_passthrough:
        text = response.get_data(as_text=True)
        response.set_data(_LINK.sub(lambda match: f"{match[1]}{front}{match[2]}", text))
    location = response.headers.get("Location", "")
    if location.startswith("/") and not location.startswith((f"{front}/", "//")):
        response.headers["Location"] = front + location
    links = response.headers.get("Link")
    if links:
        response.headers["Link"] = _HEADER_LINK.sub(lambda match: f"<{front}{match[1]}>", links)
    if response.status_code < 300:
        memento.label(response, snapshot, kept())
        response.headers["X-Robots-Tag"] = "noindex"
    return response

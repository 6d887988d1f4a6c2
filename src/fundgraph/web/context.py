"""What every view may reach: the knowledge graph, the settings, and the address that the world knows us by."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlsplit

from flask import Response, current_app, g, request

from fundgraph.kg import KnowledgeGraph
from fundgraph.settings import Settings
from fundgraph.store.changes import Change, Outcome
from fundgraph.web.statistics import Counter

#: In an application's ``g``: the context of an old release, if the request asks one.
OF_RELEASE = "fundgraph_of_release"
#: In a request's environment: the path that was taken off its front, ``/releases/{id}``.
MOUNT = "fundgraph.mount"


class Writer(Protocol):
    """Carries out writes, one at a time."""

    def write(self, change: Change, *, only_if: str | None = None) -> Outcome:
        """Carry out a change, or raise why not; ``only_if`` names the release that it is meant for."""


@dataclass(frozen=True, slots=True)
class Context:
    """What an application was made for."""

    kg: KnowledgeGraph
    settings: Settings
    writer: Writer | None = None
    """Who carries out writes; ``None`` if there are none."""
    plain: bool = False
    """Whether this is the endpoint alone, with no pages."""
    open: bool = False
    """Whether writes need no token."""
    static: bool = False
    """Whether the pages are for a folder of files, with no server behind them."""
    counter: Counter = field(default_factory=Counter)


def context() -> Context:
    """Return the context of the application that answers this request, or of the old release that it asks."""
    found: Context = g.get(OF_RELEASE) or current_app.extensions["fundgraph"]
    return found


def mount() -> str:
    """Return the path below which the release lies that this request asks; empty for the one in view."""
    found: str = request.environ.get(MOUNT, "")
    return found


def cache_control() -> str:
    """Return what caches may do with an answer about the snapshot: browsers ask each time, a shared one now and then."""
    here = context()
    if here.plain or here.settings.max_age <= 0:  # a store that may change at any moment
        return "public, no-cache"
    return f"public, max-age=0, s-maxage={here.settings.max_age}, must-revalidate"


def of_release(response: Response) -> Response:
    """Say of which release an answer is, and let caches ask whether it changed."""
    response.headers["Fundgraph-Release"] = context().kg.release
    response.headers["Cache-Control"] = cache_control()
    response.add_etag()
    response.make_conditional(request)
    return response


def public_root() -> str:
    """Return scheme and host under which we are reached, and the path of an old release that is asked; no slash at the end.

    A Host header is believed only if it is an address or a name of this machine: what anybody can send must not
    end in our links. Behind a proxy the setting ``public_url`` says it, or the proxy, if it is trusted (``proxies``).
    """
    return site_root() + mount()


def site_root() -> str:
    """Return scheme and host under which we are reached, whichever release is asked."""
    settings = context().settings
    if settings.public_url:
        return settings.public_url.rstrip("/")
    host = request.host
    if settings.proxies:  # what they say was taken over by ProxyFix
        return f"{request.scheme}://{host}{request.script_root.rstrip('/').removesuffix(mount())}"
    if host and _is_ours(host, settings.host):
        return f"{request.scheme}://{host}"
    name, port = request.environ["SERVER_NAME"], request.environ["SERVER_PORT"]
    return f"{request.scheme}://{name}:{port}"


def _is_ours(host: str, bound: str) -> bool:
    name = urlsplit(f"//{host}").hostname or ""
    if name in ("localhost", bound, socket.gethostname()):
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True

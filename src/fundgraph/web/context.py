"""What every view may reach: the knowledge graph, the settings, and the address that the world knows us by."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import current_app, request

from fundgraph.kg import KnowledgeGraph
from fundgraph.settings import Settings


@dataclass(frozen=True, slots=True)
class Context:
    """What an application was made for."""

    kg: KnowledgeGraph
    settings: Settings


def context() -> Context:
    """Return the context of the application that answers this request."""
    found: Context = current_app.extensions["fundgraph"]
    return found


def public_root() -> str:
    """Return scheme and host under which we are reached, with no slash at the end.

    A Host header is believed only if it is an address or a name of this machine: what anybody can send must not
    end in our links. Behind a proxy the setting ``public_url`` says it.
    """
    settings = context().settings
    if settings.public_url:
        return settings.public_url.rstrip("/")
    host = request.host
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

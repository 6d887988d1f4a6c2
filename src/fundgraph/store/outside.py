"""Connections to other machines, made only after looking where they lead.

A name is resolved once, every address that it has is judged, and the connection is made to the very address that
was judged; each redirect is judged anew. Proxies of the environment are not used, and nothing but http and https is
spoken.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import urllib.request
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from fundgraph.errors import QueryRefusedError

_MOST_REDIRECTS = 3
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_SIX_TO_FOUR = ipaddress.ip_network("2002::/16")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def is_public(text: str) -> bool:
    """Tell whether an address belongs to the open internet, also where it wraps another one.

    >>> [is_public(text) for text in ("192.0.43.8", "127.0.0.1", "10.1.2.3", "169.254.1.1", "::ffff:127.0.0.1")]
    [True, False, False, False, False]
    """
    address: Address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is None and address in _SIX_TO_FOUR:
            inner = ipaddress.IPv4Address(int(address) >> 80 & 0xFFFFFFFF)
        if inner is None and address.teredo is not None:
            inner = address.teredo[1]
        if inner is not None:
            return is_public(str(inner))
    return address.is_global and not address.is_multicast and not address.is_reserved


class Guard:
    """Makes the connections of one request, and can break them off.

    ``may_be_private`` tells of a URL whether it may lead to this machine or its own network.
    """

    def __init__(self, may_be_private: Callable[[str], bool], allowed: tuple[str, ...]) -> None:
        self._may_be_private = may_be_private
        self._allowed = allowed
        self._sockets: list[socket.socket] = []
        self._over = False

    def opener(self) -> urllib.request.OpenerDirector:
        """Return what opens URLs through this guard."""
        made = urllib.request.OpenerDirector()
        for handler in (
            _Handler(self), _Redirects(self), urllib.request.HTTPErrorProcessor(),
            urllib.request.HTTPDefaultErrorHandler(), urllib.request.UnknownHandler(),
        ):  # fmt: skip
            made.add_handler(handler)
        return made

    def connect(self, url: str, host: str, port: int, timeout: float) -> socket.socket:
        """Connect to a host, if all of its addresses may be connected to."""
        found = [info[4] for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        if not self._may_be_private(url):
            for address in found:
                if not is_public(str(address[0])):
                    raise QueryRefusedError(
                        f"<{url}> leads to {address[0]}, which is not on the open internet", allowed=self._allowed
                    )
        error: OSError = ConnectionError(f"{host} has no address")
        for address in found:
            try:
                made = socket.create_connection((str(address[0]), port), timeout)
            except OSError as failed:
                error = failed
                continue
            self._sockets.append(made)
            if self._over:
                self.break_off()
            return made
        raise error

    def break_off(self) -> None:
        """End all connections, from whichever thread."""
        self._over = True
        for one in self._sockets:
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue


class _Handler(urllib.request.HTTPHandler, urllib.request.HTTPSHandler):
    def __init__(self, guard: Guard) -> None:
        super().__init__()
        self._guard = guard

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(self._class(http.client.HTTPConnection, req.full_url), req)

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(self._class(http.client.HTTPSConnection, req.full_url), req)

    def _class(self, kind: type[http.client.HTTPConnection], url: str) -> Any:
        guard = self._guard

        class Judged(kind):  # type: ignore[misc,valid-type]
            def connect(self) -> None:
                plain = guard.connect(url, self.host, self.port, self.timeout)
                if issubclass(kind, http.client.HTTPSConnection):
                    plain = ssl.create_default_context().wrap_socket(plain, server_hostname=self.host)
                self.sock = plain

        return Judged


class _Redirects(urllib.request.HTTPRedirectHandler):
    max_redirections = _MOST_REDIRECTS

    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    def redirect_request(
        self, req: urllib.request.Request, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        here, there = urlsplit(req.full_url), urlsplit(newurl)
        if there.scheme not in ("http", "https") or (here.scheme == "https" and there.scheme == "http"):
            raise QueryRefusedError(f"<{req.full_url}> redirects to <{newurl[:200]}>, which is not followed")
        return super().redirect_request(req, fp, code, msg, headers, newurl)

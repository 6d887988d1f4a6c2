"""The configuration of nginx in docs/operations.md, run as it stands there but for its address and its certificate."""

from __future__ import annotations

import gzip
import os
import re
import shutil
import socket
import subprocess
import time
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.ports import free_port
from tests.snapshots import BASE, make_snapshot, numbered, small
from tests.test_engine_workers import soon
from tests.test_server import Server, start

pytestmark = pytest.mark.slow

COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
NAMED = f"SELECT ?s {{ ?s <{BASE}number> ?n }} ORDER BY ?n"


@dataclass
class Reply:
    """An answer."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Site:
    """nginx with our server behind it."""

    port: int
    server: Server
    build: Path

    def ask(self, query: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Reply:
        """Send a query; header names have underscores for hyphens."""
        path = "/sparql?" + urllib.parse.urlencode({"query": query}) if body is None else "/sparql"
        return self.send(method, path, body, **headers)

    def send(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Reply:
        """Send a request."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            sent = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, {"Accept": "text/csv", "Accept-Encoding": "identity", **sent})
            answer = connection.getresponse()
            data = answer.read()
            return Reply(answer.status, {name.lower(): value for name, value in answer.getheaders()}, data)
        finally:
            connection.close()


def documented() -> str:
    """The configuration in the documentation."""
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    found = re.search(r"<!-- nginx: tried.*?```nginx\n(.*?)```", text, re.DOTALL)
    assert found
    return found[1]


def configuration(port: int, upstream: str, folder: Path) -> str:
    """The same, for this machine: another address, no certificate, folders of its own."""
    text = re.sub(r"\n *ssl_[^;]*;", "", documented())
    for theirs, ours in (
        ("127.0.0.1:8000", upstream.removeprefix("http://")),
        ("listen 443 ssl;", f"listen 127.0.0.1:{port};"),
        ("/var/cache/nginx/fundgraph", str(folder / "cache")),
    ):
        assert theirs in text, f"the documented configuration no longer says {theirs}"
        text = text.replace(theirs, ours)
    assert " ssl" not in text
    paths = "".join(
        f"  {name}_temp_path {folder}/{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return (
        f"daemon off;\nmaster_process off;\npid {folder}/nginx.pid;\nerror_log {folder}/error.log;\n"
        f"events {{ worker_connections 64; }}\nhttp {{\n  access_log off;\n{paths}{text}}}\n"
    )


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """nginx in front of a server over a small snapshot, each a process of its own."""
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if nginx is None:
        if os.environ.get("CI"):
            pytest.fail("nginx is not installed; sh .ci/packages installs it")
        pytest.skip("nginx is not installed")
    build = tmp_path / "build"
    small(build)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FUNDGRAPH_PROXIES", "1")
        patch.setenv("FUNDGRAPH_MAX_AGE", "1")
        server = start(build, "--workers", "1")
    try:
        with in_front(nginx, server.url, tmp_path / "nginx") as port:
            yield Site(port, server, build)
    finally:
        server.process.terminate()
        server.process.wait(20)


@contextmanager
def in_front(nginx: str, upstream: str, folder: Path) -> Iterator[int]:
    """Run nginx before a server; give its port."""
    port = free_port()
    folder.mkdir()
    (folder / "nginx.conf").write_text(configuration(port, upstream, folder), encoding="utf-8")
    process = subprocess.Popen(
        [nginx, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]
    )

    def listens() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    try:
        assert soon(listens, 10), (folder / "error.log").read_text()
        yield port
    finally:
        process.terminate()
        process.wait(10)


def test_nginx_keeps_answers(site: Site) -> None:
    """The second who asks gets the same bytes from nginx; after max_age it asks us, and a new snapshot shows."""
    first = site.ask(COUNT)
    assert (first.status, first.headers["x-cache-status"], first.body) == (200, "MISS", b"n\r\n1001\r\n")
    again = site.ask(COUNT)
    assert (again.headers["x-cache-status"], again.body, again.headers["etag"]) == (
        "HIT",
        first.body,
        first.headers["etag"],
    )
    assert again.headers["fundgraph-release"] == first.headers["fundgraph-release"]
    held = site.ask(COUNT, If_None_Match=first.headers["etag"])
    assert (held.status, held.body) == (304, b"")
    time.sleep(2.1)
    site.ask(COUNT)  # may still be the old one, while nginx asks
    assert soon(lambda: site.ask(COUNT).headers["x-cache-status"] in ("HIT", "REVALIDATED"), 5)
    make_snapshot(site.build, {"document/a": numbered(7)})
    assert soon(lambda: site.ask(COUNT).body == b"n\r\n7\r\n", 20)


def test_nginx_tells_variants_apart(site: Site) -> None:
    """Formats and codings do not get into each other's way, and each has a tag of its own."""
    plain = site.ask(NAMED)
    packed = site.ask(NAMED, Accept_Encoding="gzip")
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert packed.headers["etag"] != plain.headers["etag"]
    assert site.ask(NAMED, Accept="text/tab-separated-values").body != plain.body
    assert site.ask(NAMED, Accept_Encoding="gzip").headers["x-cache-status"] == "HIT"
    assert site.ask(NAMED, Accept_Encoding="gzip").body == packed.body
    assert site.ask(NAMED).body == plain.body


def test_nginx_keeps_nothing_else(site: Site) -> None:
    """Volatile answers, errors, and whatever comes with a token are asked of us each time."""
    for query, status in (("SELECT (RAND() AS ?r) {}", 200), ("SELECT {", 400)):
        one, other = site.ask(query), site.ask(query)
        assert one.status == other.status == status
        assert {one.headers["x-cache-status"], other.headers["x-cache-status"]} == {"MISS"}
    site.ask(COUNT)
    assert site.ask(COUNT, Authorization="Bearer x").headers["x-cache-status"] == "BYPASS"


def test_nginx_passes_on(site: Site) -> None:
    """Long addresses, every method and preflights come through; the service knows by what address people came."""
    long = site.ask(COUNT + " #" + "x" * 20_000)
    assert (long.status, long.body) == (200, b"n\r\n1001\r\n")
    media = {"Content_Type": "application/sparql-query"}
    for method in ("POST", "QUERY"):
        assert site.ask(COUNT, method, COUNT.encode(), **media).body == b"n\r\n1001\r\n"
    assert site.ask(COUNT, "HEAD").headers["content-length"] == "9"
    assert site.send("OPTIONS", "/sparql", Origin="https://x.example").status == 204
    refused = site.send("POST", "/update", b"DROP ALL", Content_Type="application/sparql-update")
    assert refused.status == 403
    text = site.send("GET", "/sparql", Accept="text/turtle", Host="kg.example.org").body.decode()
    assert "sd:endpoint <http://kg.example.org/sparql>" in text

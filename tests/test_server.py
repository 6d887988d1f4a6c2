"""The real server over a real socket: start, many clients, kills, and a clean end."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

import fundgraph
from fundgraph.settings import Settings
from fundgraph.web.server import get_once
from tests.patience import in_time, patiently
from tests.snapshots import BASE, make_snapshot, numbered, small
from tests.test_engine_workers import CROSS, DOUBLING, alive, soon

pytestmark = pytest.mark.slow

SOURCES = Path(fundgraph.__file__).resolve().parents[1]


@dataclass
class Server:
    """A running server."""

    process: subprocess.Popen[bytes]
    url: str
    log: Path

    def get(self, path: str, timeout: float = 30.0, **headers: str) -> tuple[int, bytes]:
        """Send a GET; return status and body."""
        request = urllib.request.Request(self.url + path, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=timeout) as response:
                return response.status, response.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()

    def ask(self, query: str, **parameters: str) -> tuple[int, bytes]:
        """Send a query; return status and body, as CSV."""
        return self.get("/sparql?" + urllib.parse.urlencode({"query": query, **parameters}), Accept="text/csv")

    def tree(self) -> list[int]:
        """The process ids of the server and all below it."""
        found, queue = [], [self.process.pid]
        while queue:
            pid = queue.pop()
            found.append(pid)
            for task in Path(f"/proc/{pid}/task").glob("*/children"):
                queue += map(int, task.read_text().split())
        return found


def start(build: Path, *options: str) -> Server:
    """Start a server and wait until it says where it is."""
    log = build / "server.log"
    with log.open("wb") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", "fundgraph.web.server", str(build), "--port", "0", *options],
            stderr=stderr,
            env={**os.environ, "PYTHONPATH": str(SOURCES)},
        )
    said: list[str] = []
    assert soon(lambda: bool(said.extend(re.findall(r"on (http://\S+)\n", log.read_text())) or said), 20)
    return Server(process, said[0], log)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server over a small snapshot."""
    build = tmp_path_factory.mktemp("server")
    small(build)
    made = start(build, "--timeout", "3", "--workers", "2")
    yield made
    made.process.terminate()
    assert made.process.wait(20) == 0


def test_start_and_end(tmp_path: Path) -> None:
    """The server says on stderr what it serves and where, answers soon, and SIGTERM leaves nothing of it."""
    release = small(tmp_path).release
    started = time.monotonic()
    server = start(tmp_path, "--workers", "1")
    assert server.ask("ASK {}", format="json")[0] == 200
    assert time.monotonic() - started < patiently(8), "some 0.7 s on an idle machine"
    assert server.log.read_text().startswith(f"Serving {release} on http://127.0.0.1:")
    tree = server.tree()
    assert len(tree) >= 4
    server.process.terminate()
    assert server.process.wait(20) == 0
    assert soon(lambda: not any(map(alive, tree)))
    assert server.log.read_text().count("\n") == 1


def test_interrupt(tmp_path: Path) -> None:
    """Ctrl-C, which reaches all processes, ends the server without a trace on stderr."""
    small(tmp_path)
    server = start(tmp_path, "--workers", "1")
    assert server.get("/readyz")[0] == 200
    tree = server.tree()
    for pid in tree:
        os.kill(pid, signal.SIGINT)
    assert server.process.wait(20) == 0
    assert soon(lambda: not any(map(alive, tree)))
    assert "Traceback" not in server.log.read_text()


@pytest.mark.parametrize("victim", [0, 1])
def test_killed_front(tmp_path: Path, victim: int) -> None:
    """Kill the server, or its front process, with no chance to clean up: holder and workers go too."""
    small(tmp_path)
    server = start(tmp_path, "--workers", "2")
    assert server.get("/readyz")[0] == 200
    main, front, *rest = server.tree()
    os.kill((main, front)[victim], signal.SIGKILL)
    assert soon(lambda: not any(map(alive, [front, *rest])))
    if victim:
        assert soon(lambda: server.get("/readyz")[0] == 200), "the front is started again"
        server.process.terminate()
    server.process.wait(20)


def test_no_snapshot(tmp_path: Path) -> None:
    """Where there is nothing to serve the server says so and ends with 2."""
    run = subprocess.run(
        [sys.executable, "-m", "fundgraph.web.server", str(tmp_path)],
        capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(SOURCES)}, check=False,
    )  # fmt: skip
    assert run.returncode == 2
    assert "there is no snapshot" in run.stderr
    assert "Traceback" not in run.stderr


def test_deadline(server: Server) -> None:
    """A query without end is answered 503 at its deadline; others are served meanwhile and afterwards."""
    assert soon(lambda: server.get("/readyz")[0] == 200)

    def ask() -> float:
        with ThreadPoolExecutor(1) as pool:
            started = time.monotonic()
            slow = pool.submit(server.ask, CROSS, timeout="1")
            assert server.ask("SELECT (1 AS ?x) {}") == (200, b"x\r\n1\r\n")
            status, body = slow.result(20)
            taken = time.monotonic() - started
        assert (status, json.loads(body)["type"].rsplit("/", 1)[1]) == (503, "deadline")
        assert taken >= 1.0
        return taken

    in_time(ask, 1.5)
    assert server.ask("SELECT (1 AS ?x) {}") == (200, b"x\r\n1\r\n")


def test_memory(server: Server) -> None:
    """A query that eats memory ends with an error, and the server answers on."""
    assert server.ask(DOUBLING)[0] == 503
    assert server.ask("SELECT (1 AS ?x) {}") == (200, b"x\r\n1\r\n")


def test_sixteen_clients(server: Server) -> None:
    """Sixteen clients at once each get the answer to their own question, over kept connections."""
    host = server.url.removeprefix("http://")

    def client(number: int) -> bool:
        connection = http.client.HTTPConnection(host, timeout=30)
        right = True
        for step in range(15):
            thing = number * 15 + step
            query = urllib.parse.quote(f"SELECT ?n {{ <{BASE}thing/{thing}> <{BASE}number> ?n }}")
            connection.request("GET", f"/sparql?query={query}", headers={"Accept": "text/csv"})
            right &= connection.getresponse().read() == f"n\r\n{thing}\r\n".encode()
        connection.close()
        return right

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(client, range(16)))


def test_workers_killed_from_outside(server: Server) -> None:
    """Workers that somebody kills are replaced; nobody notices."""
    assert server.get("/readyz")[0] == 200
    _, _, _, *workers = server.tree()
    for pid in workers:
        os.kill(pid, signal.SIGKILL)
    assert soon(lambda: not any(map(alive, workers)))
    for _ in range(4):
        assert server.ask("SELECT (1 AS ?x) {}") == (200, b"x\r\n1\r\n")


def test_new_snapshot(tmp_path: Path) -> None:
    """A snapshot that is switched in is served without a restart, and no request fails meanwhile."""
    small(tmp_path)
    server = start(tmp_path, "--workers", "1")
    count = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    assert server.ask(count) == (200, b"n\r\n1001\r\n")
    make_snapshot(tmp_path, {"document/a": numbered(7)})
    assert soon(lambda: server.ask(count) == (200, b"n\r\n7\r\n"), 15)
    server.process.terminate()
    assert server.process.wait(20) == 0


def raw(server: Server, data: bytes) -> bytes:
    """Send bytes, and return all that comes back."""
    host, port = server.url.removeprefix("http://").rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(data)
        answer = b""
        while part := connection.recv(65536):
            answer += part
    return answer


def test_two_lengths(server: Server) -> None:
    """A request with two lengths is refused, and its rest is not taken for a second request."""
    answer = raw(
        server,
        b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\nContent-Length: 6\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nASK {}",
    )
    assert answer.startswith(b"HTTP/1.1 400")
    assert answer.count(b"HTTP/1.1") == 1


def test_a_body_without_end(server: Server) -> None:
    """A body that announces 200 MB is refused before it is read."""
    answer = raw(
        server,
        b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"
        b"Content-Length: 200000000\r\nConnection: close\r\n\r\nASK {} #",
    )
    assert answer.startswith(b"HTTP/1.1 413")


def test_long_addresses(server: Server) -> None:
    """A long query fits into an address; one that is far too long is a 414."""
    assert server.ask("SELECT (1 AS ?x) {} #" + "x" * 20_000) == (200, b"x\r\n1\r\n")
    assert server.ask("SELECT (1 AS ?x) {} #" + "x" * 150_000)[0] == 414
    assert server.get("/healthz", Accept="a/b," * 16_000)[0] in (400, 431)


def test_chunked_body(server: Server) -> None:
    """A query may come in chunks."""
    host = server.url.removeprefix("http://")
    connection = http.client.HTTPConnection(host, timeout=30)
    headers = {"Content-Type": "application/sparql-query", "Accept": "text/csv"}
    connection.request("POST", "/sparql", iter([b"SELECT (1 AS", b" ?x) {}"]), headers, encode_chunked=True)
    assert connection.getresponse().read() == b"x\r\n1\r\n"
    connection.close()


def test_get_once(tmp_path: Path) -> None:
    """One request is answered without a server."""
    small(tmp_path)
    settings = Settings(workers=1)
    status, headers, body = get_once(
        tmp_path, settings, "/sparql?query=ASK%7B%7D", "application/sparql-results+xml"
    )
    assert (status, headers["Fundgraph-Completeness"]) == (200, "complete")
    assert b"<boolean>true" in body
    assert get_once(tmp_path, settings, "/nowhere")[0] == 404

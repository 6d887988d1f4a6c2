"""The front over real sockets: answers sent again, clients that hang up or dawdle, switches and ends under load."""

from __future__ import annotations

import json
import re
import signal
import socket
import threading
import time
import urllib.parse
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from fundgraph.web.hot import Hot, Listener
from tests.patience import in_time, patiently
from tests.snapshots import BASE, make_snapshot, numbered, small
from tests.test_engine_workers import CROSS, alive, soon
from tests.test_server import Server, start

pytestmark = pytest.mark.slow

ALL = f"SELECT ?s ?n {{ ?s <{BASE}number> ?n }} ORDER BY ?n"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server over a small snapshot."""
    build = tmp_path_factory.mktemp("front")
    small(build)
    made = start(build, "--timeout", "8", "--workers", "2")
    assert soon(lambda: made.get("/readyz")[0] == 200)
    yield made
    made.process.terminate()
    assert made.process.wait(20) == 0
    assert "Traceback" not in made.log.read_text()


def connect(server: Server) -> socket.socket:
    """Open a connection."""
    host, port = server.url.removeprefix("http://").rsplit(":", 1)
    return socket.create_connection((host, int(port)), timeout=10)


def request(query: str, accept: str = "text/csv", more: str = "", path: str = "/sparql") -> bytes:
    """Return the bytes of a request."""
    target = f"{path}?query={urllib.parse.quote(query)}"
    return f"GET {target} HTTP/1.1\r\nHost: x\r\nAccept: {accept}\r\n{more}\r\n".encode()


def read(connection: socket.socket, held: bytes = b"") -> tuple[str, dict[str, str], bytes, bytes]:
    """Read one answer: status line, headers, body, and what came after it."""
    while b"\r\n\r\n" not in held:
        part = connection.recv(65536)
        assert part, held
        held += part
    head, _, rest = held.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    size = int(headers["content-length"])
    while len(rest) < size:
        part = connection.recv(1 << 20)
        assert part
        rest += part
    return first, headers, rest[:size], rest[size:]


def metric(server: Server, pattern: str) -> float:
    """Return the sum of the metrics whose line begins with a pattern."""
    text = server.get("/metrics")[1].decode()
    return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if re.match(pattern, line))


@pytest.mark.parametrize(("rows", "accept"), [(3, "text/csv"), (3, "application/json"), (900, "application/json")])
def test_answers_sent_again(server: Server, rows: int, accept: str) -> None:
    """The third time, and later, an answer is the same to the byte but for its date, and each time is counted."""
    counted = r'fundgraph_http_requests_total\{method="GET",route="/sparql",status="200"\}'
    before = metric(server, counted)
    with closing(connect(server)) as connection:
        answers = []
        for _ in range(6):
            connection.sendall(request(f"{ALL} LIMIT {rows}", accept))
            first, headers, body, rest = read(connection)
            assert (first, rest) == ("HTTP/1.1 200 OK", b"")
            assert headers.pop("date").endswith("GMT")
            answers.append((headers, body))
    assert all(answer == answers[0] for answer in answers)
    assert headers["connection"] == "keep-alive"
    assert headers["x-content-type-options"] == "nosniff"
    assert metric(server, counted) == before + 6
    assert metric(server, r"fundgraph_query_seconds_count") >= 6


def test_requests_in_pieces_and_in_a_row(server: Server) -> None:
    """A request that comes in pieces, and several that come at once, get their answers in order."""
    one, two = (request(f"SELECT ({n} AS ?x) {{}}") for n in (1, 2))
    with closing(connect(server)) as connection:
        for _ in range(4):
            connection.sendall(one[:20])
            time.sleep(0.05)
            connection.sendall(one[20:])
            assert read(connection)[2] == b"x\r\n1\r\n"
            connection.sendall(two + one + two)
            held = b""
            for expected in (b"x\r\n2\r\n", b"x\r\n1\r\n", b"x\r\n2\r\n"):
                _, _, body, held = read(connection, held)
                assert body == expected
            connection.sendall(two)
            assert read(connection)[2] == b"x\r\n2\r\n"


def test_what_is_not_sent_again(server: Server) -> None:
    """Another header is another request, a connection that is to end ends, and a volatile answer is made anew."""
    query = "SELECT (7 AS ?x) {}"
    for _ in range(4):
        with closing(connect(server)) as connection:
            connection.sendall(request(query))
            assert read(connection)[1]["content-type"].startswith("text/csv")
            connection.sendall(request(query, "text/tab-separated-values"))
            assert read(connection)[1]["content-type"].startswith("text/tab")
            connection.sendall(request(query, more="If-None-Match: *\r\n").replace(b"Accept", b"accept"))
            assert connection.recv(65536).startswith(b"HTTP/1.1 304")
            connection.sendall(request(query, more="Connection: close\r\n"))
            assert read(connection)[1]["connection"] == "close"
            assert connection.recv(1) == b""
    with closing(connect(server)) as connection:
        seen = set()
        for _ in range(4):
            connection.sendall(request("SELECT (STRUUID() AS ?x) {}"))
            seen.add(read(connection)[2])
        assert len(seen) == 4


def test_a_reader_that_dawdles(server: Server) -> None:
    """A client that reads a large answer slowly gets all of it, and others are served meanwhile."""
    query = f"SELECT ?n ?m {{ ?a <{BASE}number> ?n . ?b <{BASE}number> ?m }} LIMIT 8000"
    whole = None
    for _ in range(3):
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        host, port = server.url.removeprefix("http://").rsplit(":", 1)
        connection.connect((host, int(port)))
        with closing(connection):
            connection.sendall(request(query, "application/json"))
            time.sleep(0.5)
            assert server.ask("SELECT (1 AS ?x) {}")[0] == 200
            body = read(connection)[2]
            json.loads(body)
            assert whole in (None, body)
            whole = body
            connection.sendall(request("SELECT (1 AS ?x) {}"))
            assert read(connection)[2] == b"x\r\n1\r\n"


def test_idle_clients_hold_nothing(server: Server) -> None:
    """A hundred connections on which nothing is sent, or half a request, keep nobody from being served."""
    idle = [connect(server) for _ in range(100)]
    half = request("SELECT (1 AS ?x) {}")[:-10]
    for one in idle[20:]:
        one.sendall(half)
    time.sleep(0.3)
    started = time.monotonic()
    assert server.ask("SELECT (1 AS ?x) {}") == (200, b"x\r\n1\r\n")
    assert time.monotonic() - started < patiently(3)
    idle[50].sendall(request("SELECT (1 AS ?x) {}")[-10:])
    assert read(idle[50])[2] == b"x\r\n1\r\n"
    for one in idle:
        one.close()


def test_hanging_up_stops_the_query(server: Server) -> None:
    """When a client hangs up its worker is stopped at once and replaced; nothing burns on."""
    killed = metric(server, r'fundgraph_workers_killed_total\{reason="cancelled"')
    workers = server.tree()[3:]
    connections = [connect(server) for _ in range(2)]
    for connection in connections:
        connection.sendall(request(CROSS))
    assert soon(lambda: metric(server, r"fundgraph_workers_busy") == 2)
    for connection in connections:
        connection.close()
    assert soon(lambda: metric(server, r'fundgraph_workers_killed_total\{reason="cancelled"') == killed + 2)
    assert soon(lambda: not any(map(alive, workers)))
    assert server.ask("SELECT (1 AS ?x) {}") == (200, b"x\r\n1\r\n")


def test_a_job_is_stopped(server: Server) -> None:
    """DELETE stops a query that another connection waits for."""
    name = "front-job-0123456789"

    def stop() -> float:
        with closing(connect(server)) as connection, closing(connect(server)) as other:
            connection.sendall(request(CROSS, more=f"Fundgraph-Job: {name}\r\n"))
            assert soon(lambda: server.get(f"/jobs/{name}")[0] == 200)
            started = time.monotonic()
            other.sendall(f"DELETE /jobs/{name} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            assert other.recv(65536).startswith(b"HTTP/1.1 204")
            first, _, body, _ = read(connection)
            assert (first.split()[1], json.loads(body)["type"].rsplit("/", 1)[1]) == ("503", "cancelled")
            return time.monotonic() - started

    in_time(stop, 0.5)


def test_ending_with_grace(tmp_path: Path) -> None:
    """A server that is told to end answers what it was asked, takes nothing new, and leaves nothing."""
    small(tmp_path)
    server = start(tmp_path, "--timeout", "20", "--workers", "1")
    assert soon(lambda: server.get("/readyz")[0] == 200)
    tree = server.tree()
    with ThreadPoolExecutor(1) as pool:
        slow = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f FILTER(CONTAINS(STR(?c), STR(?f))) }"
        asked = pool.submit(server.ask, slow)
        assert soon(lambda: metric(server, r"fundgraph_workers_busy") == 1)
        server.process.send_signal(signal.SIGTERM)
        status, body = asked.result(30)
    assert status == 200, body
    assert int(body.decode().split()[1]) > 1000
    assert server.process.wait(20) == 0
    assert soon(lambda: not any(map(alive, tree)))


def test_a_new_snapshot_under_load(tmp_path: Path) -> None:
    """Snapshots are switched in under load: every request is answered, rightly, and the new one is seen soon."""
    small(tmp_path)
    server = start(tmp_path, "--workers", "2")
    assert soon(lambda: server.get("/readyz")[0] == 200)
    faults: list[str] = []
    seen: set[str] = set()
    over = threading.Event()

    def client(number: int) -> None:
        with closing(connect(server)) as connection:
            step = 0
            while not over.is_set():
                step += 1
                more = "" if number % 2 else f"X-Step: {step}\r\n"  # every other client asks what is kept
                connection.sendall(request("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", more=more))
                first, headers, body, _ = read(connection)
                seen.add(body.decode().split()[1])
                expected = counts.get(headers["fundgraph-release"])
                if "200" not in first or body != f"n\r\n{expected}\r\n".encode():
                    faults.append(f"{first} {headers.get('fundgraph-release')} {body!r}")

    counts: dict[str, int] = {}
    counts[json.loads((tmp_path / "current" / "manifest.json").read_text())["release"]] = 1001
    with ThreadPoolExecutor(4) as pool:
        running = [pool.submit(client, number) for number in range(4)]
        for size in (7, 70, 700):
            time.sleep(0.5)
            counts[f"2026-01-02-{_hash_of(tmp_path, size)}"] = size
            assert soon(lambda size=size: str(size) in seen, 20)  # type: ignore[misc]
        over.set()
        for one in running:
            one.result(20)
    assert faults == []
    assert {"1001", "7", "70", "700"} == seen
    assert metric(server, "fundgraph_snapshot_switches_total") == 3
    server.process.terminate()
    assert server.process.wait(20) == 0


def _hash_of(build: Path, size: int) -> str:
    return make_snapshot(build, {"document/a": numbered(size)}).manifest["hash"][:8]


def test_kept_bytes_are_bounded() -> None:
    """What is kept is thrown out oldest first, is never of another release, and what was counted is not lost."""
    counted: list[int] = []
    release = ["a"]
    hot = Hot(10_000, lambda: release[0])
    listener = Listener(lambda times, _: counted.append(times))
    for number in range(20):
        hot.keep(b"GET %d" % number, b"x" * 90, "a", listener)
    assert hot.find(b"GET 0") is None
    found = hot.find(b"GET 19")
    assert found is not None
    found.sent(0.1)
    found.sent(0.1)
    hot.keep(b"GET large", b"x" * 3000, "a", listener)
    assert hot.find(b"GET large") is None
    release[0] = "b"
    assert hot.find(b"GET 19") is None
    assert sum(counted) == 2
    hot.keep(b"GET 1", b"x", "a", listener)
    assert hot.find(b"GET 1") is None

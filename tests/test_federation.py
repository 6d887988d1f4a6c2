"""SERVICE: what may be called, what is sent out, what comes back, and what never happens."""

from __future__ import annotations

import http.server
import json
import shutil
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fundgraph.errors import QueryRefusedError, RemoteServiceError, UsageError
from fundgraph.settings import Settings
from fundgraph.store.engine import QueryRequest
from fundgraph.store.federation import outgoing, read_targets, values_block
from fundgraph.store.outside import is_public
from fundgraph.store.pool import WorkerEngine
from fundgraph.store.scan import scan
from fundgraph.store.snapshot import Snapshot
from tests.patience import in_time
from tests.plain_server import start_plain
from tests.ports import free_port
from tests.snapshots import BASE, small
from tests.test_engine_workers import soon

pytestmark = pytest.mark.slow

THEIRS = (
    "".join(f'<{BASE}thing/{n}> <{BASE}colour> "colour {n % 3}"@en .\n' for n in range(30))
    + f"_:x <{BASE}odd> 1 .\n"
)


class Odd(http.server.BaseHTTPRequestHandler):
    """Another service that does what its path says."""

    asked: list[str]

    def do_GET(self) -> None:
        """Answer, or do something else."""
        self.asked.append(self.path)
        kind = self.path.split("?")[0].strip("/")
        rows = [{"n": {"type": "literal", "value": str(n)}} for n in range(20)]
        if kind == "slow":
            time.sleep(3)
        if kind in ("near", "far", "file", "loop"):
            where = {"near": f"http://127.0.0.1:{self.server.server_port}/rows", "file": "file:///etc/passwd",
                     "far": "http://10.255.255.1/sparql", "loop": self.path}[kind]  # fmt: skip
            self.send_response(302)
            self.send_header("Location", where)
            self.end_headers()
            return
        if kind == "broken":
            self.send_error(500, "internal secret")
            return
        terms = {
            "terms": [{"n": {"type": "uri", "value": "http://x> } DROP ALL #"}}],
            "strings": [{"n": {"type": "literal", "value": value}} for value in NASTY],
            "silly": [{"n": 3}],
        }
        body = json.dumps({"head": {"vars": ["n"]}, "results": {"bindings": terms.get(kind, rows)}}).encode()
        if kind == "html":
            body = b"<html>"
        self.send_response(200)
        self.send_header("Content-Type", "application/sparql-results+json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        step = 1 if kind == "drip" else len(body)
        for at in range(0, len(body), step):
            try:
                self.wfile.write(body[at : at + step])
            except OSError:
                return
            if kind == "drip":
                time.sleep(0.1)

    do_POST = do_GET  # noqa: N815 - the name is the library's

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


NASTY = ['"', "\\", "\\u0022 . } #", "a\nb\r\tc", "\u0001", "' } SERVICE <x> {", "\u2028", "🦉", ""]


@pytest.fixture(scope="module")
def odd() -> Iterator[str]:
    """The address of a service that does odd things."""
    handler = type("Handler", (Odd,), {"asked": []})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def oxigraph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an Oxigraph server."""
    program = shutil.which("oxigraph") or str(Path(__import__("sys").executable).parent / "oxigraph")
    folder = tmp_path_factory.mktemp("oxigraph")
    (folder / "theirs.ttl").write_text(THEIRS)
    subprocess.run([program, "load", "-l", "db", "-f", "theirs.ttl"], cwd=folder, check=True, capture_output=True)
    address = f"127.0.0.1:{free_port()}"
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [program, "serve-read-only", "-l", "db", "-b", address], cwd=folder, stdout=log, stderr=log
        )

    def answers() -> bool:
        try:
            with urllib.request.urlopen(f"http://{address}/query?query=ASK%7B%7D", timeout=5) as response:
                return bool(response.status == 200)
        except OSError:
            return False

    assert soon(answers, 15)
    yield f"http://{address}/query"
    process.terminate()
    process.wait(10)


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a plain endpoint of our own."""
    folder = tmp_path_factory.mktemp("ours")
    (folder / "theirs.ttl").write_text(THEIRS)
    server = start_plain(folder, "--data", "theirs.ttl")
    assert soon(lambda: server.get("/readyz")[0] == 200, 15)
    yield f"{server.url}/sparql"
    server.process.terminate()
    server.process.wait(15)


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """A small snapshot."""
    return small(tmp_path_factory.mktemp("federation"))


@pytest.fixture
def engine(snapshot: Snapshot, odd: str, oxigraph: str, ours: str) -> Iterator[WorkerEngine]:
    """An engine that may call these services."""
    kinds = ("rows", "slow", "drip", "near", "far", "file", "loop", "broken", "terms", "strings", "silly", "html")
    services = [f"{odd}/{kind}|timeout=1" for kind in kinds] + [oxigraph, ours, f"{odd}/few|rows=19"]
    named = odd.replace("127.0.0.1", "localtest")
    made = WorkerEngine(
        snapshot, Settings(workers=1, timeout=8.0, services=" ".join([*services, f"{named}/rows"]))
    )
    made.wait_until_ready(20)
    yield made
    made.close()


def ask(engine: WorkerEngine, text: str, **terms: Any) -> Any:
    """Return the results of a query as JSON."""
    with engine.run(QueryRequest(text, **terms)).body as body:
        return json.load(body)


def values(data: Any, name: str) -> list[str]:
    """Return the values of a column."""
    return [row[name]["value"] for row in data["results"]["bindings"]]


@pytest.mark.parametrize("which", ["oxigraph", "ours"])
def test_a_real_service(engine: WorkerEngine, which: str, request: pytest.FixtureRequest) -> None:
    """What another endpoint knows is joined with what we know, and the answer says what came from where."""
    iri = request.getfixturevalue(which)
    query = f"""PREFIX ex: <{BASE}> SELECT ?n ?colour {{
      ?thing ex:number ?n FILTER(?n < 4)
      SERVICE <{iri}> {{ ?thing ex:colour ?colour }}
    }} ORDER BY ?n LIMIT 3"""
    data = ask(engine, query)
    assert values(data, "n") == ["0", "1", "2"]
    assert data["results"]["bindings"][1]["colour"] == {"type": "literal", "value": "colour 1", "xml:lang": "en"}
    sent = f"PREFIX ex: <{BASE}>\nSELECT * WHERE {{ ?thing ex:colour ?colour }} LIMIT 10001"
    assert data["meta"]["services"] == [{"service": iri, "rows": 30, "cached": False, "query": sent}]
    assert data["meta"]["completeness"] == "complete"
    assert ask(engine, query)["meta"]["services"][0]["cached"] is True


def test_within_other_clauses(engine: WorkerEngine, oxigraph: str) -> None:
    """A call within OPTIONAL, UNION, a subquery or with a row cap means what it means anywhere."""
    call = f"SERVICE <{oxigraph}> {{ ?thing <{BASE}colour> ?colour }}"
    some = f"?thing <{BASE}number> ?n FILTER(?n >= 28 && ?n < 32)"
    data = ask(engine, f"SELECT ?n ?colour {{ {some} OPTIONAL {{ {call} }} }} ORDER BY ?n")
    assert values(data, "n") == ["28", "29", "30", "31"]
    assert [("colour" in row) for row in data["results"]["bindings"]] == [True, True, False, False]
    both = ask(engine, f"SELECT ?thing {{ {{ {call} }} UNION {{ ?thing <{BASE}label> ?x }} }}", max_rows=100)
    assert len(values(both, "thing")) == 31
    cut = ask(engine, f"SELECT * {{ {{ SELECT DISTINCT ?colour {{ {call} }} }} }}", max_rows=2)
    assert (len(values(cut, "colour")), cut["meta"]["completeness"]) == (2, "truncated; rows=2")
    with engine.run(QueryRequest(f"ASK {{ {call} FILTER(?colour = 'colour 1'@en) }}")).body as body:
        assert json.load(body)["boolean"] is True


def test_blank_nodes(engine: WorkerEngine, oxigraph: str) -> None:
    """A blank node of theirs is a thing of its own, the same within one answer, and none of ours."""
    data = ask(engine, f"SELECT * {{ SERVICE <{oxigraph}> {{ ?a <{BASE}odd> ?b . ?a <{BASE}odd> ?c }} }}")
    (row,) = data["results"]["bindings"]
    assert row["a"]["value"].startswith("urn:fundgraph:blank:")


def test_strings_are_kept(engine: WorkerEngine, odd: str) -> None:
    """Whatever characters a service's literals hold, they arrive as they are and break nothing."""
    assert values(ask(engine, f"SELECT * {{ SERVICE <{odd}/strings> {{ ?s ?p ?n }} }}"), "n") == NASTY


REFUSED = {
    "not listed": "SELECT * { SERVICE <http://other.example/sparql> { ?s ?p ?o } }",
    "not listed, silent": "SELECT * { SERVICE SILENT <http://other.example/sparql> { ?s ?p ?o } }",
    "a variable": "SELECT * { VALUES ?e { <http://127.0.0.1/> } SERVICE ?e { ?s ?p ?o } }",
    "one within another": "SELECT * { SERVICE <{odd}/rows> { ?s ?p ?n SERVICE <{odd}/rows> { ?s ?p ?n } } }",
    "one in disguise": "PREFIX x: <{odd}/> SELECT * { SERVICE <{odd}/rows> { ?s ?p ?n } SERVICEx:rows{?s ?p ?o} }",
    "another path": "SELECT * { SERVICE <{odd}/admin> { ?s ?p ?o } }",
}


@pytest.mark.parametrize("query", REFUSED.values(), ids=REFUSED.keys())
def test_refusals(engine: WorkerEngine, odd: str, oxigraph: str, query: str) -> None:
    """What is not listed is refused with line and column, and the refusal names what is allowed."""
    with pytest.raises(QueryRefusedError) as caught:
        engine.run(QueryRequest(query.replace("{odd}", odd)))
    assert oxigraph in caught.value.allowed
    assert (caught.value.line, caught.value.column is not None) == (1, True)


def test_names_that_lead_near(engine: WorkerEngine, odd: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A listed name that resolves to this machine is refused, without a connection, unless it is listed as private."""
    real = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, *a, **k: real("127.0.0.1" if host == "localtest" else host, *a, **k)
    )
    named = odd.replace("127.0.0.1", "localtest")
    for silent in ("", "SILENT"):
        with pytest.raises(QueryRefusedError, match=r"127\.0\.0\.1, which is not on the open internet"):
            engine.run(QueryRequest(f"SELECT * {{ SERVICE {silent} <{named}/rows> {{ ?s ?p ?n }} }}"))


@pytest.mark.parametrize("kind", ["far", "file", "near", "loop"])
def test_redirects(engine: WorkerEngine, odd: str, kind: str) -> None:
    """A redirect to a private address, a file or for ever is not followed; one to a listed service is."""
    query = f"SELECT * {{ SERVICE <{odd}/{kind}> {{ ?s ?p ?n }} }}"
    if kind == "near":
        assert len(values(ask(engine, query), "n")) == 20
        return

    def refused() -> float:
        started = time.monotonic()
        with pytest.raises((QueryRefusedError, RemoteServiceError)):
            engine.run(QueryRequest(query))
        return time.monotonic() - started

    in_time(refused, 2)


@pytest.mark.parametrize(
    ("kind", "words"),
    [("slow", "within 1 s"), ("drip", "within 1 s"), ("broken", "status 500"), ("html", "not SPARQL results"),
     ("silly", "terms that are none"), ("terms", "terms that are none"), ("few", "more than 19 rows")],
)  # fmt: skip
def test_services_that_fail(engine: WorkerEngine, odd: str, kind: str, words: str) -> None:
    """A service that fails, or has more rows than it may, fails the query in time; SILENT makes it no rows to join."""
    call = f"<{odd}/{kind}> {{ ?s ?p ?n }}"

    def failed() -> float:
        started = time.monotonic()
        with pytest.raises(RemoteServiceError, match=words) as caught:
            engine.run(QueryRequest(f"SELECT * {{ SERVICE {call} }}"))
        assert caught.value.where == f"{odd}/{kind}"
        assert "secret" not in str(caught.value)
        return time.monotonic() - started

    in_time(failed, 2.8)
    data = ask(engine, f"SELECT * {{ BIND(1 AS ?x) SERVICE SILENT {call} }}")
    assert len(data["results"]["bindings"]) == 1
    assert words in data["meta"]["services"][0]["failed"]


def test_off_by_default(snapshot: Snapshot) -> None:
    """With nothing listed no service is called."""
    engine = WorkerEngine(snapshot, Settings(workers=1))
    with pytest.raises(QueryRefusedError, match="SERVICE is not allowed"):
        engine.run(QueryRequest("SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }"))
    engine.close()


def test_what_is_sent_out() -> None:
    """Only the pattern and the prefixes that it uses leave the machine."""
    text = (
        "PREFIX a: <http://a/> PREFIX b: <http://b/> SELECT ?x { ?x a:secret 1 SERVICE <http://s/> { ?x b:p ?y } }"
    )
    seen = scan(text)
    query = outgoing(text, seen, seen.services[0], 11)
    assert query == "PREFIX b: <http://b/>\nSELECT * WHERE { ?x b:p ?y } LIMIT 11"


def test_no_variables() -> None:
    """An answer of rows without columns keeps their number."""
    assert values_block([], [{}, {}], "") == "VALUES () { () () }"


@pytest.mark.parametrize("value", ["ftp://x/", "http:///", "http://x/|rows=many", "http://x/|rowz=1"])
def test_services_that_are_none(value: str) -> None:
    """A setting that cannot be read is refused."""
    with pytest.raises(UsageError):
        read_targets(Settings(services=value))


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "::1", "::", "fe80::1",
     "fe80::1%eth0", "fd00::1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "224.0.0.1", "100.64.0.1"],
)  # fmt: skip
def test_private_addresses(address: str) -> None:
    """Addresses of this machine, its network, and those that wrap them are known as such."""
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_public_addresses(address: str) -> None:
    """Addresses of the open internet are."""
    assert is_public(address)

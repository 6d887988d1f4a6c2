"""Small queries that the loop of the front has answered itself: the same answers as the application's, to the header."""

from __future__ import annotations

import os
import re
import select
import selectors
import signal
import threading
import time
import urllib.parse
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import brotli
import pytest
from backports import zstd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fundgraph.settings import Settings
from fundgraph.store import workers as wire
from fundgraph.store.engine import QueryRequest
from fundgraph.store.pool import WorkerEngine
from fundgraph.store.quick import Aside, Quick
from fundgraph.store.running import Running
from fundgraph.web.recipes import Lesson, Recipe, take_apart
from fundgraph.web.underway import Underway
from tests.patience import in_time
from tests.snapshots import BASE, make_snapshot, numbered, small
from tests.test_engine_workers import CROSS, soon
from tests.test_front import connect, metric, read
from tests.test_server import Server, start

pytestmark = pytest.mark.slow

JSON = "application/sparql-results+json"
WELL = f"SELECT ?n {{ <{BASE}thing/5> <{BASE}number> ?n }}"
_NUMBERS = count()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that keeps no answers, so that each is new."""
    build = tmp_path_factory.mktemp("quick")
    small(build)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FUNDGRAPH_CACHE_BYTES", "0")
        made = start(build, "--timeout", "4", "--workers", "2")
    assert soon(lambda: made.get("/readyz")[0] == 200)
    yield made
    made.process.terminate()
    assert made.process.wait(20) == 0
    assert "Traceback" not in made.log.read_text()


def bytes_of(query: str, headers: dict[str, str], tail: str = "") -> bytes:
    """Return a request's bytes."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in {"Host": "x", **headers}.items())
    return f"GET /sparql?query={urllib.parse.quote_plus(query)}{tail} HTTP/1.1\r\n{lines}\r\n".encode()


def exchange(server: Server, *requests: bytes) -> list[tuple[str, dict[str, str], bytes]]:
    """Send requests over one connection, each when the one before is answered."""
    answers, held = [], b""
    with closing(connect(server)) as connection:
        for raw in requests:
            connection.sendall(raw)
            first, headers, body, held = read(connection, held)
            answers.append((first, headers, body))
    return answers


def quick_answers(server: Server) -> float:
    """Return how many answers no thread had to wait for."""
    return metric(server, "fundgraph_quick_answers_total ")


def without_time(answer: tuple[str, dict[str, str], bytes]) -> tuple[str, dict[str, str], bytes]:
    """Return an answer without what tells how long it took."""
    first, headers, body = answer
    kept = {name: value for name, value in headers.items() if name not in ("date", "fundgraph-elapsed-ms")}
    coding = kept.get("content-encoding", "")
    body = {"br": brotli.decompress, "zstd": zstd.decompress}.get(coding, bytes)(body)
    kept["etag"] = re.sub(r"\.[0-9a-f]+", "", kept.get("etag", ""))
    if b"elapsedMs" in body:
        kept.pop("content-length")
    body = re.sub(rb'"elapsedMs":[0-9.]+', b"", body)
    return first, kept, body


def both(server: Server, query: str, headers: dict[str, str], tail: str = "") -> None:
    """Have a query answered by the application and by the loop, and see that both say the same."""
    own = {**headers, "X-Number": str(next(_NUMBERS))}
    before = quick_answers(server)
    slow, *_ = exchange(server, bytes_of(query, own, tail))
    assert quick_answers(server) == before
    # The same shape: the application has just answered the first of it.
    quick, *_ = exchange(server, bytes_of(query, own, tail))
    assert quick_answers(server) == before + 1
    assert without_time(quick) == without_time(slow)


@pytest.mark.parametrize(
    ("query", "headers", "tail"),
    [
        (WELL, {"Accept": JSON}, ""),
        (WELL, {"Accept": "text/csv", "Origin": "https://elsewhere.example"}, "&format="),
        (WELL, {}, "&format=xml&timeout=2"),
        ("ASK { ?s ?p ?o }", {"Accept": JSON}, ""),
        ("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o } LIMIT 3", {"Accept": "text/turtle"}, ""),
        (f"DESCRIBE <{BASE}topic/x>", {"Accept": "application/ld+json"}, ""),
        ("SELECT ?s ?p ?o { ?s ?p ?o } LIMIT 50", {"Accept": JSON, "Accept-Encoding": "br"}, ""),
        ("SELECT ?s ?p ?o { ?s ?p ?o } LIMIT 50", {"Accept": "text/csv", "Accept-Encoding": "gzip, zstd"}, ""),
        ("SELECT ?s ?x { ?s ?p ?o . ?a ?b ?c } LIMIT 3", {"Accept": JSON}, ""),
        ("SELECT ?s { ?s ?p ?o }", {"Prefer": "max-rows=7, wait=1"}, ""),
        (f"SELECT ?s {{ ?s <{BASE}label> ?l }}", {"Accept": JSON}, "&labels=de"),
        ("SELECT ?o { ?s ?p ?o }", {}, f"&default-graph-uri={BASE}graph/topics"),
        ("SELECT (\"Größe 😀\" AS ?x) {}", {"Accept": "text/tab-separated-values"}, ""),
    ],
)  # fmt: skip
def test_the_loop_answers_as_the_application(
    server: Server, query: str, headers: dict[str, str], tail: str
) -> None:
    """Status, headers and body of an answer made by the loop are those of the application's, but for the time it took."""
    both(server, query, headers, tail)


@pytest.mark.parametrize(
    ("query", "headers", "tail"),
    [
        ("SELECT (NOW() > 0 AS ?n) {}", {}, ""),
        ("SELECT ?x {", {}, ""),
        (f"SELECT ?x {{ ?x <{BASE}numbr> ?y }}", {}, ""),
        ("SELECT ?s ?p ?o ?a { ?s ?p ?o . ?a ?b ?c } LIMIT 5000", {}, ""),
        (WELL, {}, "&job=a-name-of-sixteen-letters"),
        (WELL, {"Fundgraph-Job": "a-name-of-sixteen-letters"}, ""),
        (WELL, {"If-None-Match": '"x"'}, ""),
        (WELL, {"Authorization": "Bearer x"}, ""),
        (WELL, {"Connection": "close"}, ""),
        (WELL, {}, "&query=ASK+%7B%7D"),
        (WELL, {}, "&format=turtle"),
        ("SELECT ?s { ?s ?p ?o }", {}, "&max-bytes=900"),
        ("DROP ALL", {}, ""),
    ],
)
def test_what_the_loop_leaves_to_threads(server: Server, query: str, headers: dict[str, str], tail: str) -> None:
    """What fails, is large or wants more than an answer is the application's to answer, time after time."""
    before = quick_answers(server)
    answers = [exchange(server, bytes_of(query, headers, tail))[0] for _ in range(3)]
    assert quick_answers(server) == before
    assert len({first for first, _, _ in answers}) == 1
    assert answers[0][0] == answers[2][0]
    assert without_time(answers[1])[2] == without_time(answers[2])[2]


def test_counting(server: Server) -> None:
    """Answers made by the loop are counted as requests, as queries and by how long they took."""
    names = (
        r'fundgraph_http_requests_total\{method="GET",route="/sparql",status="200"\}',
        r'fundgraph_queries_total\{outcome="complete"\}',
        r'fundgraph_query_seconds_count\{cached="false"\}',
        r'fundgraph_http_request_seconds_count\{route="/sparql"\}',
        "fundgraph_quick_answers_total ",
    )
    own = {"X-Number": f"counting-{next(_NUMBERS)}"}
    exchange(server, bytes_of(WELL, own))
    before = [metric(server, name) for name in names]
    exchange(server, *(bytes_of(f"{WELL} LIMIT {n}", own) for n in range(1, 8)))
    assert [metric(server, name) - old for name, old in zip(names, before, strict=True)] == [7] * 5


def test_the_log_has_a_line_for_each(tmp_path: Path) -> None:
    """Answers made by the loop are logged with the hash of their own query, their own size, and how long they took."""
    small(tmp_path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FUNDGRAPH_ACCESS_LOG", "1")
        made = start(tmp_path, "--workers", "1")
    assert soon(lambda: made.get("/readyz")[0] == 200)
    answers = exchange(
        made, *(bytes_of(f"SELECT ?s {{ ?s ?p {n} }}", {"Accept": "text/csv"}) for n in (1, 22, 333))
    )
    assert quick_answers(made) == 2
    made.process.terminate()
    assert made.process.wait(20) == 0
    lines = [line for line in made.log.read_text().splitlines() if '"route":"/sparql"' in line]
    assert [int(re.findall(r'"bytes":(\d+)', line)[0]) for line in lines] == [len(body) for _, _, body in answers]
    assert len({re.findall(r'"query":"([0-9a-f]{16})"', line)[0] for line in lines}) == 3
    assert all('"outcome":"complete","cached":false' in line for line in lines)


def test_a_slow_query_after_quick_ones(server: Server) -> None:
    """A query that takes too long for the loop goes on in a thread, and ends at its deadline to within 250 ms."""
    own = {"X-Number": f"slow-{next(_NUMBERS)}"}
    tail = "&timeout=0.7"
    exchange(server, bytes_of(WELL, own, tail))
    killed = metric(server, r'fundgraph_workers_killed_total\{reason="deadline"\}')
    asked = 0

    def ask() -> float:
        nonlocal asked
        asked += 1
        before = time.monotonic()
        (first, _, body), (later, _, _) = exchange(server, bytes_of(CROSS, own, tail), bytes_of(WELL, own, tail))
        assert first.startswith("HTTP/1.1 503")
        assert b"/deadline" in body
        assert later.startswith("HTTP/1.1 200")
        return time.monotonic() - before

    in_time(ask, 0.7 + 0.25 + 0.5)  # the second request and its worker included
    assert metric(server, r'fundgraph_workers_killed_total\{reason="deadline"\}') == killed + asked


def test_hanging_up_on_a_slow_query(server: Server) -> None:
    """A client that leaves while its query goes on in a thread has its worker stopped."""
    own = {"X-Number": f"leaving-{next(_NUMBERS)}"}
    exchange(server, bytes_of(WELL, own))
    before = metric(server, r'fundgraph_workers_killed_total\{reason="cancelled"\}')
    connection = connect(server)
    connection.sendall(bytes_of(CROSS, own))
    time.sleep(0.3)
    connection.close()
    assert soon(lambda: metric(server, r'fundgraph_workers_killed_total\{reason="cancelled"\}') == before + 1)


def test_many_at_once(server: Server) -> None:
    """More clients than workers get the right answers, each its own, also while slow queries hold workers."""
    own = {"Accept": "text/csv", "X-Number": f"many-{next(_NUMBERS)}"}
    exchange(server, bytes_of(WELL, own))
    over = threading.Event()

    def slow() -> int:
        asked = 0
        while not over.is_set():
            exchange(server, bytes_of(CROSS, {}, "&timeout=0.3"))
            asked += 1
        return asked

    def good(seed: int) -> int:
        wrong = 0
        numbers = [(seed * 37 + n) % 1000 for n in range(60)]
        queries = [f"SELECT ?n {{ <{BASE}thing/{n}> <{BASE}number> ?n FILTER(?n != -{seed}) }}" for n in numbers]
        answers = exchange(server, *(bytes_of(query, own) for query in queries))
        for number, (first, _, body) in zip(numbers, answers, strict=True):
            wrong += not (first.startswith("HTTP/1.1 200") and body == f"n\r\n{number}\r\n".encode())
        return wrong

    with ThreadPoolExecutor(16) as pool:
        slowly = pool.submit(slow)
        wrong = list(pool.map(good, range(1, 13)))
        over.set()
        assert slowly.result() > 0
    assert wrong == [0] * 12


def test_dead_workers_are_replaced(server: Server) -> None:
    """When all idle workers were killed from outside, the next queries are answered all the same."""
    own = {"X-Number": f"dead-{next(_NUMBERS)}"}
    exchange(server, bytes_of(WELL, own))
    _, _, holder, *workers = server.tree()[:5]
    for pid in workers:
        os.kill(pid, signal.SIGKILL)
    answers = exchange(server, *(bytes_of(f"{WELL} LIMIT {n}", own) for n in range(1, 5)))
    assert [first for first, _, _ in answers] == ["HTTP/1.1 200 OK"] * 4
    assert alive_still(holder)


def alive_still(pid: int) -> bool:
    """Tell whether a process is there."""
    return Path(f"/proc/{pid}").exists()


def test_a_new_snapshot_is_noticed(tmp_path: Path) -> None:
    """Answers made by the loop come from the new release soon after it was switched in, and none is lost."""
    small(tmp_path)
    made = start(tmp_path, "--workers", "2")
    assert soon(lambda: made.get("/readyz")[0] == 200)
    fresh = make_snapshot(tmp_path, {"document/a": numbered(500)})
    seen = []
    until = time.monotonic() + 20
    for number in count():
        query = f"SELECT (COUNT(*) AS ?n) {{ ?s ?p ?o }} LIMIT {10 + number}"
        ((first, headers, body),) = exchange(made, bytes_of(query, {"Accept": "text/csv"}))
        assert first.startswith("HTTP/1.1 200")
        assert body == (b"n\r\n500\r\n" if headers["fundgraph-release"] == fresh.release else b"n\r\n1001\r\n")
        seen.append(headers["fundgraph-release"])
        if seen[-1] == fresh.release or time.monotonic() > until:
            break
        time.sleep(0.02)
    assert len(set(seen)) == 2
    assert quick_answers(made) > len(seen) / 2
    made.process.terminate()
    assert made.process.wait(20) == 0
    assert "Traceback" not in made.log.read_text()


@given(st.text(max_size=60), st.sampled_from(["", "&timeout=1", "&a=%ff", "&;query=x", "#x"]))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_shapes_and_queries_come_apart(query: str, tail: str) -> None:
    """What is taken for the query of a request is what the application reads out of it."""
    raw = bytes_of(query, {}, tail)
    apart = take_apart(raw)
    if apart is not None:
        (before, after), text = apart
        assert text == query
        assert raw == before + raw[len(before) : len(raw) - len(after)] + after
        target = raw.split(b" ")[1].decode()
        assert "#" not in target
        pairs = urllib.parse.parse_qsl(target.partition("?")[2], keep_blank_values=True)
        assert [value for name, value in pairs if name == "query"] == [query]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorkerEngine]:
    """An engine with one worker that is ready."""
    made = WorkerEngine(small(tmp_path_factory.mktemp("engine")), Settings(workers=1, timeout=3))
    made.wait_until_ready(20)
    yield made
    made.close()


def begin(engine: WorkerEngine, query: str) -> Quick:
    """Begin a query."""
    found = engine.quick(QueryRequest(query, "csv"))
    assert found is not None
    assert found.start()
    return found


def test_a_thread_goes_on(engine: WorkerEngine) -> None:
    """A query that was begun is finished by a thread that asks the same, on the same worker."""
    engine.wait_until_ready(5)
    quick = begin(engine, WELL)
    running = Running()
    running.quick = quick
    worker = quick.worker
    with engine.run(QueryRequest(WELL, "csv"), running).body as body:
        assert body.read() == b"n\r\n5\r\n"
    assert quick.worker is None
    assert engine._idle == [worker]


def test_another_question_is_not_mixed_up(engine: WorkerEngine) -> None:
    """A thread that asks something else than what was begun gets the answer to its own question."""
    engine.wait_until_ready(5)
    running = Running()
    running.quick = begin(engine, WELL)
    with engine.run(QueryRequest(WELL.replace("/5>", "/6>"), "csv"), running).body as body:
        assert body.read() == b"n\r\n6\r\n"


def test_nobody_goes_on(engine: WorkerEngine) -> None:
    """What is given up has its worker replaced, and the next query is answered."""
    engine.wait_until_ready(5)
    quick = begin(engine, WELL)
    quick.give_up()
    assert engine.load()["busy"] == 0
    with engine.run(QueryRequest(WELL, "csv")).body as body:
        assert body.read() == b"n\r\n5\r\n"


def test_a_failure_is_left_whole(engine: WorkerEngine) -> None:
    """What the worker says of a broken query reaches the thread that goes on, after the loop has looked at it."""
    from fundgraph.errors import QuerySyntaxError

    engine.wait_until_ready(5)
    broken = "SELECT ?n { ?s ?p ?n FILTER(?n = ) }"
    quick = begin(engine, broken)
    select.select([quick.line], [], [], 5)
    with pytest.raises(Aside):
        quick.look()
    running = Running()
    running.quick = quick
    with pytest.raises(QuerySyntaxError):
        engine.run(QueryRequest(broken, "csv"), running)
    assert engine.load()["busy"] == 0


class Loop:
    """What a loop is to the queries that are under way, for one of them; it notes what is left to threads."""

    def __init__(self, engine: WorkerEngine, recipe: Recipe) -> None:
        self.poller = selectors.DefaultSelector()
        recipes = SimpleNamespace(find=lambda shape, text: recipe)
        self.wsgi = SimpleNamespace(recipes=recipes, graph=SimpleNamespace(quick=engine.quick))
        self.left: list[tuple[Any, bytes, Quick | None]] = []
        self.sent: list[bytes] = []

    def leave(self, conn: Any, raw: bytes, quick: Quick | None = None) -> None:
        self.left.append((conn, raw, quick))

    def send(self, conn: Any, rest: bytes) -> None:
        self.sent.append(rest)

    def turn(self, seconds: float = 5) -> None:
        """Take what comes next."""
        for key, _ in self.poller.select(seconds):
            key.data(key.fileobj)


@pytest.fixture
def recipe() -> Recipe:
    """How to answer in CSV."""
    lesson = Lesson(QueryRequest("", "csv"), Settings(), None, lambda outcome, seconds: None, None)
    return Recipe.of(lesson, b"X: y\r\n")


def test_nonsense_from_a_worker(engine: WorkerEngine, recipe: Recipe) -> None:
    """The loop goes on when a worker says what none of ours says: it is replaced, and a thread answers."""
    engine.wait_until_ready(5)
    loop = Loop(engine, recipe)
    underway = Underway(loop)
    raw = bytes_of(WELL, {})
    assert underway.begin("a connection", raw)
    (asked,) = underway._running
    assert asked.quick.worker is not None
    asked.quick.worker.unread += wire.frame(wire.END, b"nonsense")
    loop.turn()
    assert [(conn, left) for conn, left, _ in loop.left] == [("a connection", raw)]
    assert (loop.sent, underway._running, engine.load()["busy"]) == ([], {}, 0)


def test_waiting_for_a_worker(engine: WorkerEngine, recipe: Recipe) -> None:
    """A second query waits for the one worker and comes next; one that waits too long is left to a thread."""
    engine.wait_until_ready(5)
    loop = Loop(engine, recipe)
    underway = Underway(loop)
    for number in (5, 6):
        assert underway.begin(number, bytes_of(WELL.replace("/5>", f"/{number}>"), {}))
    assert len(underway._waiting) == 1
    for _ in range(2):
        loop.turn()
    assert [rest.partition(b"\r\n\r\n")[2] for rest in loop.sent] == [b"n\r\n5\r\n", b"n\r\n6\r\n"]
    held = engine.take_idle()
    assert held is not None
    assert underway.begin(7, bytes_of(WELL, {}))
    assert underway.patience(9) < 0.3, "until it is handed over"
    time.sleep(0.3)
    underway.hand_over()
    engine.give_back(held)
    assert [conn for conn, _, _ in loop.left] == [7]

"""Workers: deadlines, memory, deaths, queues, and that nothing is left behind or let out."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from fundgraph.errors import (
    OverloadedError,
    QueryCancelledError,
    QueryDeadlineError,
    QueryError,
    QueryResourceError,
)
from fundgraph.settings import Settings
from fundgraph.store import workers
from fundgraph.store.engine import QueryRequest
from fundgraph.store.evaluate import Job
from fundgraph.store.pool import WorkerEngine
from fundgraph.store.running import Running
from fundgraph.store.snapshot import Snapshot
from tests.patience import in_time, patiently
from tests.snapshots import BASE, small

pytestmark = pytest.mark.slow

CROSS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(REGEX(STR(?c), STR(?f))) }"
DOUBLING = (
    "SELECT (STRLEN(?v33) AS ?n) { BIND('aaaaaaaa' AS ?v0) "
    + " ".join(f"BIND(CONCAT(?v{n},?v{n}) AS ?v{n + 1})" for n in range(33))
    + " }"
)


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """A small snapshot."""
    return small(tmp_path_factory.mktemp("workers"))


@pytest.fixture(params=["memory", "disk"])
def in_memory(request: pytest.FixtureRequest) -> bool:
    """Both ways in which workers get at the data."""
    return bool(request.param == "memory")


@pytest.fixture
def engine(snapshot: Snapshot, in_memory: bool) -> Iterator[WorkerEngine]:
    """An engine of two workers."""
    settings = Settings(workers=2, timeout=20.0, memory_quads=10**6 if in_memory else 0, max_memory=256 << 20)
    made = WorkerEngine(snapshot, settings)
    made.wait_until_ready(20)
    yield made
    made.close()


def alive(pid: int) -> bool:
    """Tell whether a process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def soon(is_so: Callable[[], bool], seconds: float = 20.0) -> bool:
    """Wait until something is so; tell whether it came to be. The limit is for what is broken, and is generous."""
    end = time.monotonic() + patiently(3 * seconds)
    while time.monotonic() < end:
        if is_so():
            return True
        time.sleep(0.01)
    return is_so()


def answer(engine: WorkerEngine, text: str, **terms: object) -> str:
    """Return the whole answer as CSV."""
    with engine.run(QueryRequest(text, format="csv", **terms)).body as body:  # type: ignore[arg-type]
        return body.read().decode()


def one(engine: WorkerEngine) -> None:
    """Ask something whose answer is known."""
    assert answer(engine, f"SELECT ?n {{ <{BASE}thing/7> ?p ?n }}") == "n\r\n7\r\n"


def test_deadline(engine: WorkerEngine) -> None:
    """A query is stopped at its deadline, its process is gone, and the next one is answered."""
    before = set(engine.pids())
    with pytest.raises(QueryDeadlineError) as caught:
        engine.run(QueryRequest(CROSS, timeout=0.5))
    assert caught.value.seconds == 0.5
    one(engine)
    assert soon(lambda: sum(not alive(pid) for pid in before) == 1)


def test_timeout_only_lowers(snapshot: Snapshot) -> None:
    """A request cannot ask for more time than the service gives."""
    engine = WorkerEngine(snapshot, Settings(workers=1, timeout=0.4))
    engine.wait_until_ready(20)
    with pytest.raises(QueryDeadlineError, match=r"0\.4 s"):
        engine.run(QueryRequest(CROSS, timeout=100.0))
    engine.close()


def test_memory(engine: WorkerEngine) -> None:
    """A query that wants too much memory ends with its worker; the next one is answered."""
    with pytest.raises(QueryResourceError, match="memory"):
        engine.run(QueryRequest(DOUBLING))
    one(engine)


def test_a_worker_that_grew_is_replaced(snapshot: Snapshot) -> None:
    """A worker that a query left large is replaced, so that the next query has all the memory again."""
    engine = WorkerEngine(snapshot, Settings(workers=1, timeout=20.0, max_memory=256 << 20))
    engine.wait_until_ready(20)
    before = engine.pids()
    text = DOUBLING.replace("?v33) AS", "?v23) AS").split("BIND(CONCAT(?v23")[0] + "}"
    assert answer(engine, text) == f"n\r\n{8 << 23}\r\n"
    engine.wait_until_ready(20)
    assert engine.pids()[1] != before[1]
    engine.close()


def test_worker_killed_while_idle(engine: WorkerEngine) -> None:
    """Workers that are killed from outside are replaced before anybody notices."""
    holder, *pids = engine.pids()
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    assert soon(lambda: not any(map(alive, pids)))
    one(engine)
    one(engine)
    assert engine.pids()[0] == holder
    assert not set(engine.pids()) & set(pids)


def test_worker_killed_while_busy(engine: WorkerEngine) -> None:
    """A worker killed in the middle of a query makes an error of that query alone."""
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(engine.run, QueryRequest(CROSS))
        assert soon(lambda: len(engine._busy) == 1)
        time.sleep(0.1)
        os.kill(next(iter(engine._busy)).pid, signal.SIGKILL)
        with pytest.raises(QueryResourceError):
            running.result(15)
    one(engine)


def test_holder_killed(engine: WorkerEngine) -> None:
    """If the process that holds the data is killed its workers die with it, and all start again."""
    old = engine.pids()
    os.kill(old[0], signal.SIGKILL)
    assert soon(lambda: not any(map(alive, old)))
    one(engine)
    assert not set(engine.pids()) & set(old)


def test_close_leaves_nothing(engine: WorkerEngine) -> None:
    """Closing ends all processes, also under a running query, and further queries are refused."""
    pids = engine.pids()
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(engine.run, QueryRequest(CROSS))
        assert soon(lambda: len(engine._busy) == 1)
        engine.close()
        with pytest.raises(OverloadedError):
            running.result(15)
    assert soon(lambda: not any(map(alive, pids)))
    with pytest.raises(OverloadedError):
        engine.run(QueryRequest("ASK {}"))
    engine.close()


def test_queue(snapshot: Snapshot) -> None:
    """When all workers are busy so many queries wait as the queue is long; one more is refused at once."""
    engine = WorkerEngine(snapshot, Settings(workers=1, timeout=1.0, queue=1))
    engine.wait_until_ready(20)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(engine.run, QueryRequest(CROSS, timeout=0.7))
        assert soon(lambda: len(engine._busy) == 1)
        second = pool.submit(answer, engine, "SELECT (1 AS ?x) {}")
        assert soon(lambda: engine._waiting == 1)
        with pytest.raises(OverloadedError, match="waiting"):
            engine.run(QueryRequest("ASK {}"))
        with pytest.raises(QueryDeadlineError):
            first.result(15)
        assert second.result(15) == "x\r\n1\r\n"
    engine.close()


def test_waiting_has_an_end(snapshot: Snapshot) -> None:
    """A query does not wait for a worker longer than its own deadline."""
    engine = WorkerEngine(snapshot, Settings(workers=1, timeout=2.0))
    engine.wait_until_ready(20)
    with ThreadPoolExecutor(1) as pool:
        busy = pool.submit(engine.run, QueryRequest(CROSS, timeout=1.0))
        assert soon(lambda: len(engine._busy) == 1)
        with pytest.raises(OverloadedError, match="no worker was free"):
            engine.run(QueryRequest("ASK {}", timeout=0.2))
        with pytest.raises(QueryDeadlineError):
            busy.result(15)
    engine.close()


def test_sixteen_clients(engine: WorkerEngine) -> None:
    """Sixteen threads at once each get the answer to their own question."""

    def ask(number: int) -> bool:
        text = f"SELECT ?n {{ <{BASE}thing/{number}> <{BASE}number> ?n }}"
        return answer(engine, text) == f"n\r\n{number}\r\n"

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(ask, range(320)))


def test_big_answers_cross_whole(engine: WorkerEngine) -> None:
    """An answer of some megabytes arrives whole."""
    number = f"<{BASE}number>"
    text = f"SELECT ?n ?m {{ ?a {number} ?n FILTER(?n < 90) ?b {number} ?m BIND('{'x' * 60}' AS ?x) }}"
    lines = answer(engine, text.replace("?m {", "?m ?x {")).splitlines()
    assert len(lines) == 90_001
    assert set(lines[1:]) == {f"{n},{m},{'x' * 60}" for n in range(90) for m in range(1000)}


def test_nothing_can_be_opened(snapshot: Snapshot, in_memory: bool) -> None:
    """Even if a call of another service came through to a worker, it cannot connect: the second lock holds alone."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.3)
    engine = WorkerEngine(snapshot, Settings(workers=1, memory_quads=10**6 if in_memory else 0))
    engine.wait_until_ready(20)
    worker = engine._checkout(5)
    address = f"http://127.0.0.1:{listener.getsockname()[1]}/"
    for silent in ("", "SILENT"):
        job = Job(text=f"SELECT * {{ SERVICE {silent} <{address}> {{ ?s ?p ?o }} }}", kind="select", format="csv")
        worker.line.sendall(workers.frame(workers.QUERY, workers.encode(job)))
        kind, payload = worker.frame(time.monotonic() + 10)
        assert kind == (workers.DATA if silent else workers.STOPPED)
        assert silent or b"Too many open files" in payload
        if silent:
            assert worker.frame(time.monotonic() + 10)[0] == workers.END
    with pytest.raises(TimeoutError):
        listener.accept()
    listener.close()
    engine._checkin(worker)
    engine.close()


def test_loading_fails(tmp_path: Path, snapshot: Snapshot) -> None:
    """If the data cannot be loaded, queries are refused instead of hanging."""
    engine = WorkerEngine(Snapshot(tmp_path, dict(snapshot.manifest)), Settings(workers=1, timeout=1.0))
    with pytest.raises(QueryError):
        engine.run(QueryRequest("ASK {}", timeout=1.0))
    engine.close()


def test_threads_that_end_take_nothing_along(snapshot: Snapshot) -> None:
    """An engine started in a thread lives on when the thread is over."""
    made: list[WorkerEngine] = []
    thread = threading.Thread(target=lambda: made.append(WorkerEngine(snapshot, Settings(workers=1))))
    thread.start()
    thread.join()
    one(made[0])
    time.sleep(0.1)
    one(made[0])
    made[0].close()


def test_frames_and_jobs_cross() -> None:
    """A job is the same on both sides of the line."""
    job = Job("ASK {}", "ask", "json", default_graphs=("a",), named_graphs=(), prefixes={"a": "b"}, row_cap=3)
    assert workers.decode(workers.encode(job)) == job
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(workers.frame(b"D", b"abc"))
        assert workers.HEADER.unpack(workers.receive(theirs, workers.HEADER.size)) == (b"D", 3)
        assert workers.receive(theirs, 3) == b"abc"
        ours.close()
        with pytest.raises(EOFError):
            workers.receive(theirs, 1)


def test_stopping(engine: WorkerEngine) -> None:
    """A query that is stopped ends at once with its worker; the next one is answered."""

    def stop() -> float:
        before, running, cancelled = set(engine.pids()), Running(), engine.tally.counts().get("cancelled", 0)
        with ThreadPoolExecutor(1) as pool:
            asked = pool.submit(engine.run, QueryRequest(CROSS), running)
            assert soon(lambda: running.state == "running")
            started = time.monotonic()
            running.stop("enough")
            with pytest.raises(QueryCancelledError, match="enough"):
                asked.result(15)
            taken = time.monotonic() - started
        assert running.state == "done"
        one(engine)
        assert soon(lambda: sum(not alive(pid) for pid in before) == 1)
        assert engine.tally.counts()["cancelled"] == cancelled + 1
        return taken

    in_time(stop, 0.25)


def test_the_asker_hangs_up(engine: WorkerEngine) -> None:
    """When the asker's connection ends, the worker is stopped, though nobody reads the answer."""
    ours, theirs = socket.socketpair()
    with ThreadPoolExecutor(1) as pool, ours:
        asked = pool.submit(engine.run, QueryRequest(CROSS), Running(ours.fileno()))
        assert soon(lambda: len(engine._busy) == 1)
        time.sleep(0.1)
        assert not asked.done()
        theirs.close()
        with pytest.raises(QueryCancelledError, match="hung up"):
            asked.result(15)
    one(engine)


def test_stopping_in_the_queue(snapshot: Snapshot) -> None:
    """One who waits for a worker can be stopped, or hang up, and never gets one."""
    engine = WorkerEngine(snapshot, Settings(workers=1, timeout=20.0))
    engine.wait_until_ready(20)
    ours, theirs = socket.socketpair()
    stopped, gone, busy = Running(), Running(ours.fileno()), Running()
    with ThreadPoolExecutor(3) as pool, ours:
        first = pool.submit(engine.run, QueryRequest(CROSS), busy)
        assert soon(lambda: len(engine._busy) == 1)
        waiting = [pool.submit(engine.run, QueryRequest("ASK {}"), one) for one in (stopped, gone)]
        assert soon(lambda: engine._waiting == 2)
        stopped.stop("enough")
        theirs.close()
        for asked in waiting:
            with pytest.raises(QueryCancelledError):
                asked.result(15)
        assert not first.done()
        busy.stop("end")
        with pytest.raises(QueryCancelledError):
            first.result(15)
    engine.close()


HARD = {
    "a regular expression": "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(REGEX(CONCAT(STR(?c), STR(?f)), '(a|9)*7.*8$')) }",
    "a cross product": "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }",
    "a property path": f"SELECT (COUNT(*) AS ?n) {{ ?a (<{BASE}number>|^<{BASE}number>|!<{BASE}x>)* ?b . ?c (!<{BASE}y>)* ?d . ?e !<{BASE}z> ?f }}",
    "sorting": "SELECT ?a { ?a ?b ?c . ?d ?e ?f } ORDER BY DESC(CONCAT(STR(?c), STR(?f))) STR(?a) LIMIT 5",
    "aggregation": "SELECT ?c (SUM(?f) AS ?n) (GROUP_CONCAT(?d) AS ?g) { ?a ?b ?c . ?d ?e ?f } GROUP BY ?c ?d",
    "replacing": "SELECT (REPLACE(REPLACE('" + "a" * 4000 + "', 'a', '" + "b" * 4000 + "'), 'b(b|b)*', 'c') AS ?x) { ?a ?b ?c . ?d ?e ?f }",
    "many rows": "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }",
}  # fmt: skip


@pytest.mark.parametrize("text", HARD.values(), ids=HARD.keys())
def test_deadlines_hold(snapshot: Snapshot, text: str) -> None:
    """Whatever a query does, it is over within 250 ms of its deadline, and not before it."""
    engine = WorkerEngine(
        snapshot, Settings(workers=1, timeout=20.0, max_rows=10**9, max_bytes=10**11, max_memory=2 << 30)
    )
    engine.wait_until_ready(20)

    def ask() -> float:
        started = time.monotonic()
        with pytest.raises(QueryDeadlineError):
            engine.run(QueryRequest(text, timeout=0.5))
        taken = time.monotonic() - started
        assert taken >= 0.5
        one(engine)
        return taken

    in_time(ask, 0.75)
    engine.close()

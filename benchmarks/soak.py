"""A soak: good, slow and hostile queries at once, for ten minutes. No leak, no wrong answer, no good request dropped.

Run: python benchmarks/soak.py [--minutes 10]. Prints the memory of the server's processes, and a table; exits 1 for any fault.
Good queries have answers that are known beforehand; slow ones must end in a 503 at their deadline, hostile ones in what the documents say, and never anything else. A third of
the slow ones hang up. A snapshot is made by another process and switched in at each step of the table: once a minute, or ten times in a shorter run.

*Memory* is looked at every five seconds. Warm-up is until two snapshots were switched in: by then the caches (small ones here) were full, were emptied, and filled again, and two
engines were there at once. What is compared is the median of the first third of what follows and of its last third; of all processes together the least, as a
worker that answers a hostile query just then holds all that it may.
*Deadlines* are judged by the server's own log, not by clients, which wait for their turn at Python as well. As no program is quicker than the machine lets it be, a process that does
nothing but sleep says how long the machine makes it wait: a deadline is late if it was missed by more than 250 ms and twice the longest of these waits in the ten seconds around it.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from tests.snapshots import BASE  # noqa: E402

SIZE = 1000
#: The deadline of slow queries, in seconds.
DEADLINE = 0.5
CROSS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(REGEX(STR(?c), STR(?f))) }"
DOUBLING = (
    "SELECT (STRLEN(?v30) AS ?n) { BIND('aaaaaaaa' AS ?v0) "
    + " ".join(f"BIND(CONCAT(?v{n},?v{n}) AS ?v{n + 1})" for n in range(30))
    + " }"
)
#: Hostile queries, and the statuses that the documents give them.
HOSTILE: tuple[tuple[str, tuple[int, ...]], ...] = (
    ("SELECT * " + "{" * 5000 + "}" * 5000, (400,)),
    ("SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }", (403,)),
    ("SELECT * FROM <file:///etc/passwd> { ?s ?p ?o }", (403,)),
    ("DROP ALL", (400,)),
    ("SELECT ?x { ?x ", (400,)),
    (DOUBLING, (503,)),
    ("SELECT (REGEX('" + "a" * 60 + "X', '^(a+)+$') AS ?x) {}", (200,)),
    ("SELECT * { ?s ?p ?o } LIMIT 99999999999999999999999", (200,)),
    ("\0\1\2", (400,)),
)


class Soak:
    """What was sent, and what came of it."""

    def __init__(self, address: str, sizes: dict[str, int]) -> None:
        self.host = address.removeprefix("http://")
        self.sizes = sizes
        self.over = threading.Event()
        self.counts: Counter[str] = Counter()
        self.faults: list[str] = []
        self.slowest = 0.0
        self.lock = threading.Lock()

    def note(self, what: str, fault: str | None = None) -> None:
        """Count a request, and what is wrong with its answer."""
        with self.lock:
            self.counts[what] += 1
            if fault is not None:
                self.faults.append(fault)

    def ask(self, connection: http.client.HTTPConnection, query: str, **parameters: str) -> tuple[int, Any, bytes]:
        """Send a query over a connection."""
        target = "/sparql?" + urllib.parse.urlencode({"query": query, **parameters})
        connection.request("GET", target, headers={"Accept": "text/csv"})
        response = connection.getresponse()
        return response.status, response.headers, response.read()

    def _size_of(self, release: str) -> int | None:
        """Return how many statements a release has; one that was just switched in is noted in a moment."""
        until = time.monotonic() + 5
        while release and release not in self.sizes and time.monotonic() < until:
            time.sleep(0.01)
        return self.sizes.get(release)

    def good(self, seed: int) -> None:
        """Ask what has a known answer, some of it again and again, some new each time."""
        dice = random.Random(seed)
        connection = http.client.HTTPConnection(self.host, timeout=60)
        while not self.over.is_set():
            number = dice.randrange(1000)
            thing = f"<{BASE}thing/{number}> <{BASE}number> ?n"
            new = dice.random() < 0.5
            query = (
                f"SELECT ?n {{ {thing} FILTER(?n != {-dice.randrange(10**9)}) }}"
                if new
                else f"SELECT ?n {{ {thing} }}"
            )
            expected = f"n\r\n{number}\r\n".encode()
            if dice.random() < 0.1:
                query, expected = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", b""
            started = time.monotonic()
            try:
                status, headers, body = self.ask(connection, query)
            except (OSError, http.client.HTTPException) as error:
                self.note("good", f"dropped: {error!r}")
                connection.close()
                continue
            self.slowest = max(self.slowest, time.monotonic() - started)
            if not expected:
                expected = f"n\r\n{self._size_of(headers.get('Fundgraph-Release', ''))}\r\n".encode()
            fault = None if status == 200 and body == expected else f"{status} {body[:200]!r} for {query}"
            self.note("good", fault)
            time.sleep(dice.random() * 0.02)

    def slow(self, seed: int) -> None:
        """Ask what never ends, with deadlines; or hang up."""
        dice = random.Random(seed)
        while not self.over.is_set():
            if dice.random() < 0.3:
                with socket.create_connection(self.host.split(":")) as raw:  # type: ignore[arg-type]
                    target = "/sparql?" + urllib.parse.urlencode({"query": CROSS})
                    raw.sendall(f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
                    time.sleep(0.2)
                self.note("hung up")
                continue
            connection = http.client.HTTPConnection(self.host, timeout=60)
            status, _, body = self.ask(connection, CROSS, timeout=str(DEADLINE))
            kind = json.loads(body)["type"].rsplit("/", 1)[1] if status == 503 else ""
            fault = None if kind in ("deadline", "overloaded") else f"slow: {status} {kind} {body[:200]!r}"
            self.note(f"slow: {kind}", fault)
            connection.close()
            time.sleep(0.5)

    def hostile(self, seed: int) -> None:
        """Ask what nobody should."""
        dice = random.Random(seed)
        connection = http.client.HTTPConnection(self.host, timeout=60)
        while not self.over.is_set():
            query, statuses = dice.choice(HOSTILE)
            try:
                status, _, body = self.ask(connection, query)
            except (OSError, http.client.HTTPException) as error:
                self.note("hostile", f"hostile: {error!r} for {query[:60]!r}")
                connection.close()
                continue
            fine = status in (*statuses, 503)
            self.note("hostile", None if fine else f"hostile: {status} {body[:200]!r} for {query[:60]!r}")
            time.sleep(0.2)


def resident(pid: int) -> dict[str, float]:
    """Return the memory of a server's processes that is their own, in MiB: the front's, and all together."""
    found, queue, order = {}, [pid], []
    while queue:
        one = queue.pop(0)
        order.append(one)
        for task in Path(f"/proc/{one}/task").glob("*/children"):
            queue += map(int, task.read_text().split())
    for one in order:
        try:
            text = Path(f"/proc/{one}/smaps_rollup").read_text()
        except OSError:
            continue
        found[one] = sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")) / 1024
    values = [found.get(one, 0.0) for one in order]
    return {"front": values[1], "holder": values[2] if len(values) > 2 else 0.0, "all": sum(values)}


def snapshot(build: Path, size: int) -> tuple[str, int]:
    """Have another process switch in a snapshot of so many things; return its release and how many."""
    code = (
        "import sys; from pathlib import Path; from tests.snapshots import make_snapshot, numbered;"
        "print(make_snapshot(Path(sys.argv[1]), {'document/a': numbered(int(sys.argv[2]))}).release)"
    )
    command = [sys.executable, "-c", code, str(build), str(size)]
    made = subprocess.run(command, check=True, capture_output=True, text=True, env=environment())
    return made.stdout.strip(), size


def environment() -> dict[str, str]:
    """Return the environment of the processes that we start."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "src")))}


@contextmanager
def sleeper() -> Iterator[list[tuple[float, float]]]:
    """Start a process that only sleeps; give the list of when it woke too late, in seconds of the clock, and by how much."""
    code = (
        "import time\n"
        "while True:\n"
        "    before = time.monotonic(); time.sleep(0.02); late = time.monotonic() - before - 0.02\n"
        "    if late > 0.02: print(time.time(), late, flush=True)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    found: list[tuple[float, float]] = []

    def read() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            when, late = line.split()
            found.append((float(when), float(late)))

    reader = threading.Thread(target=read)
    reader.start()
    try:
        yield found
    finally:
        process.terminate()
        process.wait()
        reader.join()


def lateness(log: Path, waits: list[tuple[float, float]]) -> tuple[list[float], list[str]]:
    """Return by how much the deadlines in a server's log were missed, in seconds, and those that nothing excuses."""
    late, faults = [], []
    for line in log.read_text(encoding="utf-8").splitlines():
        if '"outcome":"deadline"' not in line:
            continue
        said = json.loads(line)
        missed = said["ms"] / 1000 - DEADLINE
        late.append(missed)
        when = datetime.fromisoformat(said["time"]).timestamp()
        excuse = max((wait for at, wait in waits if abs(at - when) < 5), default=0.0)
        if missed > 0.25 + 2 * excuse:
            faults.append(
                f"a deadline {missed:.2f} s late, while the machine let nobody wait above {excuse:.2f} s"
            )
    return late, faults


def growth(memory: list[tuple[float, dict[str, float]]], warm: float, what: str) -> float:
    """Return how much larger the last third after the warm-up is than the first third, in per cent."""
    values = [one[what] for when, one in memory if when > warm]
    third = max(1, len(values) // 3)
    typical = min if what == "all" else statistics.median
    return (typical(values[-third:]) / typical(values[:third]) - 1) * 100


def main() -> None:
    """Run the soak and print its table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--minutes", type=float, default=10)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="soak-") as name, sleeper() as waits:
        build, log = Path(name), Path(name) / "log"
        sizes = dict([snapshot(build, SIZE)])
        command = [
            sys.executable,
            "-m",
            "fundgraph.web.server",
            str(build),
            "--port",
            "0",
            "--timeout",
            "10",
            "--workers",
            "2",
        ]
        settings = {"MAX_MEMORY": str(128 << 20), "CACHE_BYTES": str(4 << 20), "ACCESS_LOG": "1"}
        with log.open("wb") as stderr:
            process = subprocess.Popen(
                command,
                stderr=stderr,
                env=environment() | {f"FUNDGRAPH_{name}": value for name, value in settings.items()},
            )
        while " on " not in log.read_text(encoding="utf-8"):
            time.sleep(0.1)
        address = log.read_text(encoding="utf-8").splitlines()[0].split(" on ")[1].strip()
        time.sleep(1)
        soak = Soak(address, sizes)
        memory, warm = run(soak, process.pid, build, asked.minutes * 60)
        process.terminate()
        ended = process.wait(30)
        late, unexcused = lateness(log, waits)
    faults = soak.faults + unexcused + ([f"the server ended with {ended}"] if ended else [])
    print("\n| what | how often |\n|---|---|")
    for what, count in sorted(soak.counts.items()):
        print(f"| {what} | {count:,} |")
    print(f"| wrong answers, drops | {len(soak.faults)} |\n| slowest good answer | {soak.slowest:.2f} s |")
    within = sum(one < 0.25 for one in late)
    print(
        f"| deadlines kept to 250 ms, by the server's clock | {within} of {len(late)}, worst {max(late, default=0.0):.2f} s late |"
    )
    print(f"| late with no excuse | {len(unexcused)} |")
    print(
        f"| longest that the machine let a sleeper wait | {max((wait for _, wait in waits), default=0.0):.2f} s |"
    )
    for what in ("front", "holder", "all"):
        print(f"| growth after warm-up ({warm:.0f} s): {what} | {growth(memory, warm, what):+.1f} % |")
    for fault in faults[:10]:
        print("fault:", fault)
    grown = growth(memory, warm, "front") > 5
    sys.exit(1 if faults or grown else 0)


def run(soak: Soak, pid: int, build: Path, seconds: float) -> tuple[list[tuple[float, dict[str, float]]], float]:
    """Send for so many seconds, switching snapshots; return the memory by the second, and when the warm-up was over."""
    threads = [threading.Thread(target=soak.good, args=(n,)) for n in range(6)]
    threads += [threading.Thread(target=soak.slow, args=(n,)) for n in (100,)]
    threads += [threading.Thread(target=soak.hostile, args=(n,)) for n in (200,)]
    for thread in threads:
        thread.start()
    started = time.monotonic()
    memory: list[tuple[float, dict[str, float]]] = []
    steps, switches = max(10, round(seconds / 60)), []
    print("| seconds | front MiB | holder MiB | all MiB | good requests |\n|---|---|---|---|---|")
    for step in range(1, steps + 1):
        until = started + seconds * step / steps
        while (left := until - time.monotonic()) > 0:
            time.sleep(min(left, 5))
            memory.append((time.monotonic() - started, resident(pid)))
        when, now = memory[-1]
        print(
            f"| {when:.0f} | {now['front']:.1f} | {now['holder']:.1f} | {now['all']:.1f} | {soak.counts['good']:,} |",
            flush=True,
        )
        release, size = snapshot(build, SIZE + step)
        soak.sizes[release] = size
        switches.append(time.monotonic() - started + 5)
    soak.over.set()
    for thread in threads:
        thread.join()
    return memory, switches[1]


if __name__ == "__main__":
    main()

"""A soak: good, slow and hostile queries at once, for ten minutes. No leak, no wrong answer, no good request dropped.

Run: python benchmarks/soak.py [--minutes 10]. Prints the memory of the server's processes once a minute, and a table.
The cache is small, so that it is full after the warm-up. Good queries have answers that are known beforehand; slow ones must end in a 503 at their deadline, hostile ones in what
the documents say, and never anything else. One client in ten hangs up in the middle. A snapshot is switched in once a minute.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from tests.snapshots import BASE, make_snapshot, numbered  # noqa: E402

SIZE = 1000
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
            connection = http.client.HTTPConnection(self.host, timeout=60)
            seconds = 0.1 + dice.random()
            if dice.random() < 0.3:
                with socket.create_connection(self.host.split(":")) as raw:  # type: ignore[arg-type]
                    target = "/sparql?" + urllib.parse.urlencode({"query": CROSS})
                    raw.sendall(f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
                    time.sleep(0.2)
                self.note("hung up")
                continue
            started = time.monotonic()
            status, _, body = self.ask(connection, CROSS, timeout=f"{seconds:.2f}")
            late = time.monotonic() - started - seconds
            kind = json.loads(body)["type"].rsplit("/", 1)[1] if status == 503 else ""
            wrong = kind not in ("deadline", "overloaded") or late > 2
            self.note(f"slow: {kind}", f"slow: {status} {kind} {late:.2f} s late" if wrong else None)
            if kind == "deadline":
                with self.lock:
                    self.counts["slow: within 250 ms"] += late < 0.25
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
    """Switch in a snapshot of so many things."""
    made = make_snapshot(build, {"document/a": numbered(size)})
    return made.release, size


def main() -> None:
    """Run the soak and print its table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="soak-") as name:
        build = Path(name)
        sizes = dict([snapshot(build, SIZE)])
        sources = str(Path(__file__).resolve().parent.parent / "src")
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
        process = subprocess.Popen(
            command, stderr=subprocess.PIPE, text=True,
            env={**os.environ, "PYTHONPATH": sources, "FUNDGRAPH_MAX_MEMORY": str(128 << 20),
                 "FUNDGRAPH_CACHE_BYTES": str(4 << 20)},
        )  # fmt: skip
        assert process.stderr is not None
        address = process.stderr.readline().split(" on ")[1].strip()
        soak = Soak(address, sizes)
        time.sleep(1)
        threads = [threading.Thread(target=soak.good, args=(n,)) for n in range(6)]
        threads += [threading.Thread(target=soak.slow, args=(n,)) for n in (100,)]
        threads += [threading.Thread(target=soak.hostile, args=(n,)) for n in (200,)]
        for thread in threads:
            thread.start()
        started = time.monotonic()
        memory: list[dict[str, float]] = []
        print("| minute | front MiB | holder MiB | all MiB | good requests |\n|---|---|---|---|---|")
        steps = max(3, round(asked.minutes))
        for step in range(1, steps + 1):
            time.sleep(max(0.0, started + asked.minutes * 60 * step / steps - time.monotonic()))
            memory.append(resident(process.pid))
            now = memory[-1]
            print(
                f"| {asked.minutes * step / steps:.1f} | {now['front']:.1f} | {now['holder']:.1f} | {now['all']:.1f} | {soak.counts['good']:,} |",
                flush=True,
            )
            release, size = snapshot(build, SIZE + step)
            sizes[release] = size
        soak.over.set()
        for thread in threads:
            thread.join()
        process.terminate()
        process.wait(30)
        warm = memory[max(1, len(memory) // 5) :]
        growth = (warm[-1]["front"] / warm[0]["front"] - 1) * 100
        print("\n| what | how often |\n|---|---|")
        for what, count in sorted(soak.counts.items()):
            print(f"| {what} | {count:,} |")
        print(f"| wrong answers, drops | {len(soak.faults)} |\n| slowest good answer | {soak.slowest:.2f} s |")
        print(f"| growth of the front after warm-up | {growth:+.1f} % |")
        for fault in soak.faults[:10]:
            print("fault:", fault)
        sys.exit(1 if soak.faults else 0)


if __name__ == "__main__":
    main()

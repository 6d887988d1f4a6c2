"""The endpoint against others: same data, same queries, by wrk (Debian's package), in one run and one table.

Run: make bench-endpoint [SECONDS=2], which installs what it needs, or python benchmarks/endpoint.py [--seconds 2]
[--rounds 2] [--servers fundgraph,oxigraph,…] [--data spp,million] [--queries look-up,new,…] [--connections 1,8,32] [--triples 1000000].
Peers: the PyPI packages `oxigraph` and `rdflib-endpoint` (beside this Python, on the path, or named by the environment
variable RDFLIB_ENDPOINT), Debian's `virtuoso-opensource`. One that is not there is left out, and it is said why.

Servers take turns at each query and concurrency, so that what else the machine does falls on all of them; of the rounds
the best counts; a server that is below 4 a second at one connection is spared more of them. "new" is a look-up that differs each time, so that no cache answers it. A second table sets new queries,
one after another over a kept connection (a bare socket: what a client's library takes is not ours), against pyoxigraph in process.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

import pyoxigraph as ox  # noqa: E402

from peers import ACCEPT, PEERS, Endpoint, processor_time, settle  # noqa: E402

CONCURRENCY = (1, 8, 32)
NUMBER = "%NUMBER%"
_UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4}
_LUA = """
local counter = {start}
local thread_id = 0
function setup(thread) thread:set("number", thread_id); thread_id = thread_id + 1 end
function request()
  counter = counter + 1
  local path = string.gsub("{path}", "{mark}", tostring(counter) .. tostring(number))
  return wrk.format("GET", path)
end
"""


@dataclass(frozen=True, slots=True)
class Load:
    """What wrk measured; times in milliseconds."""

    rate: float
    p50: float
    p99: float
    errors: int


def spp(folder: Path, _triples: int = 0) -> tuple[Path, dict[str, str]]:
    """Write the shipped data's default graph, and return it with its queries."""
    build = folder / "build"
    subprocess.run(
        [sys.executable, "-m", "fundgraph", "build", "--build-dir", str(build)],
        check=True,
        capture_output=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )
    store = ox.Store.read_only(str(build / "current" / "store"))
    path = folder / "spp.nt"
    with path.open("wb") as file:
        ox.serialize(
            (quad.triple for quad in store.quads_for_pattern(None, None, None, ox.DefaultGraph())),
            file,
            ox.RdfFormat.N_TRIPLES,
        )
    root = "https://w3id.org/fundgraph/spp2298/"
    prefix = "PREFIX fg: <https://w3id.org/fundgraph/ontology#> "
    return path, {
        "look-up": f"SELECT ?p ?o {{ <{root}person/martin-burger> ?p ?o }}",
        "canned": prefix
        + "SELECT ?project ?title ?name { ?participation fg:participant ?person ; fg:inProject ?project . "
        f"?project fg:title ?title ; fg:principalInvestigator ?pi . ?pi fg:name ?name VALUES ?person {{ <{root}person/martin-burger> }} }} ORDER BY ?title ?name",
        "aggregate": prefix
        + "SELECT ?topic (COUNT(DISTINCT ?project) AS ?n) { ?project a fg:Project ; fg:hasTopic ?topic } GROUP BY ?topic ORDER BY DESC(?n) ?topic",
        "10 000 rows": "SELECT ?s ?p ?o { ?s ?p ?o } LIMIT 10000",
        "10 000 rows, new": f"SELECT ?s ?p ?o {{ ?s ?p ?o FILTER(?o != {NUMBER}) }} LIMIT 10000",
        "new": f"SELECT ?p ?o {{ <{root}person/martin-burger> ?p ?o FILTER(?o != {NUMBER}) }}",
    }


def million(folder: Path, triples: int = 1_000_000) -> tuple[Path, dict[str, str]]:
    """Write a made-up graph of a million triples, and return it with its queries."""
    path = folder / "million.nt"
    ns, things = "http://bench.example/", triples // 8
    integer = "http://www.w3.org/2001/XMLSchema#integer"
    with path.open("w", encoding="utf-8") as file:
        for n in range(things):
            s = f"<{ns}thing/{n}>"
            file.write(
                f"{s} <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{ns}Thing> .\n"
                f'{s} <http://www.w3.org/2000/01/rdf-schema#label> "Thing number {n}"@en .\n'
                f'{s} <{ns}number> "{n}"^^<{integer}> .\n'
                f"{s} <{ns}group> <{ns}group/{n % 500}> .\n"
                f"{s} <{ns}next> <{ns}thing/{(n * 7 + 1) % things}> .\n"
                f"{s} <{ns}near> <{ns}thing/{(n * 13 + 5) % things}> .\n"
                f'{s} <{ns}weight> "{n % 97}"^^<{integer}> .\n'
                f'{s} <{ns}note> "A note on {n % 1000}" .\n'
            )
    prefix = f"PREFIX b: <{ns}> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> "
    return path, {
        "look-up": f"SELECT ?p ?o {{ <{ns}thing/777> ?p ?o }}",
        "canned": prefix
        + f"SELECT ?thing ?label ?near {{ ?thing b:group <{ns}group/77> ; rdfs:label ?label ; b:near/rdfs:label ?near }} ORDER BY ?label",
        "aggregate": prefix
        + "SELECT ?g (COUNT(?t) AS ?n) (AVG(?w) AS ?mean) { ?t b:group ?g ; b:weight ?w } GROUP BY ?g ORDER BY ?g",
        "10 000 rows": prefix + "SELECT ?s ?n ?label { ?s b:number ?n ; rdfs:label ?label } LIMIT 10000",
        "10 000 rows, new": prefix
        + f"SELECT ?s ?n ?label {{ ?s b:number ?n ; rdfs:label ?label FILTER(?n != {NUMBER}) }} LIMIT 10000",
        "new": f"SELECT ?p ?o {{ <{ns}thing/777> ?p ?o FILTER(?o != {NUMBER}) }}",
    }


DATA = {"spp": spp, "million": million}


def wrk(endpoint: Endpoint, query: str, connections: int, seconds: int, folder: Path) -> Load:
    """Send a query again and again over so many connections."""
    command = [
        "wrk",
        "-t1",
        f"-c{connections}",
        f"-d{seconds}s",
        "--latency",
        "--timeout",
        "30s",
        "-H",
        f"Accept: {ACCEPT}",
    ]
    address = endpoint.address(query)
    if NUMBER in query:
        split = urlsplit(address)
        path = f"{split.path}?{split.query}".replace("%25NUMBER%25", "NUMBERMARK").replace("%", "%%%%")
        script = folder / "new.lua"
        start = int(time.time() * 1000) % 10**9 * 1000
        script.write_text(
            _LUA.format(path=path.replace("%%%%", "%"), mark="NUMBERMARK", start=start), encoding="utf-8"
        )
        command += ["-s", str(script)]
        address = f"{split.scheme}://{split.netloc}/"
    text = subprocess.run([*command, address], check=True, capture_output=True, text=True).stdout
    rate = re.search(r"Requests/sec:\s+([\d.]+)", text)
    errors = sum(map(int, re.findall(r"(?:connect|read|write|timeout) (\d+)", text)))
    errors += sum(map(int, re.findall(r"Non-2xx or 3xx responses: (\d+)", text)))
    return Load(float(rate[1]) if rate else 0.0, _milliseconds(text, "50%"), _milliseconds(text, "99%"), errors)


def _milliseconds(text: str, name: str) -> float:
    found = re.search(rf"{re.escape(name)}\s+([\d.]+)(us|ms|s|m)\b", text)
    return float(found[1]) * _UNITS[found[2]] if found else float("nan")


def rows_of(endpoint: Endpoint, query: str) -> int:
    """Return how many rows a query has there."""
    results: list[Any] = json.loads(endpoint.ask(query.replace(NUMBER, "1")))["results"]["bindings"]
    return len(results)


def measure(
    endpoints: list[Endpoint], queries: dict[str, str], asked: argparse.Namespace, folder: Path
) -> Iterator[str]:
    """Yield the lines of the table for one set of data, each as soon as it was measured."""
    wanted = asked.queries.split(",") if asked.queries else list(queries)
    for name, query in queries.items():
        if name not in wanted:
            continue
        counts = {endpoint.name: rows_of(endpoint, query) for endpoint in endpoints}
        if len(set(counts.values())) > 1:
            yield f"| {name} | the servers disagree: {counts} |||||"
        slow: set[str] = set()
        for connections in map(int, asked.connections.split(",")):
            best: dict[str, Load] = {}
            for number in range(asked.rounds):
                turn = endpoints[number % len(endpoints) :] + endpoints[: number % len(endpoints)]
                for endpoint in turn:
                    if endpoint.name in slow:
                        continue
                    got = wrk(endpoint, query, connections, asked.seconds, folder)
                    settle(endpoint)
                    if endpoint.name not in best or got.rate > best[endpoint.name].rate:
                        best[endpoint.name] = got
            slow |= {server for server, load in best.items() if load.rate < 4}
            ours = best.get("fundgraph")
            peers = [load.rate for server, load in best.items() if server != "fundgraph"]
            for server, load in best.items():
                ratio = (
                    f"{ours.rate / max(peers):.2f}"
                    if ours and max(peers, default=0) and server == "fundgraph"
                    else ""
                )
                yield (
                    f"| {name} | {connections} | {server} | {load.rate:,.0f} | {load.p50:.2f} | {load.p99:.2f} | "
                    f"{load.errors or ''} | {ratio} |"
                )


class Line:
    """A kept connection over which queries are asked, with as little work of the client's own as can be."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._host = urlsplit(endpoint.url).netloc
        host, _, port = self._host.partition(":")
        self._socket = socket.create_connection((host, int(port)))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, address: str) -> bytes:
        """Return the whole answer; raises :class:`RuntimeError` for one that is not 200."""
        target = address.partition(self._host)[2]
        self._socket.sendall(f"GET {target} HTTP/1.1\r\nHost: {self._host}\r\nAccept: {ACCEPT}\r\n\r\n".encode())
        data = bytearray()
        size = -1
        while size < 0 or len(data) < size:
            part = self._socket.recv(1 << 18)
            data += part
            end = data.find(b"\r\n\r\n") if size < 0 else -1
            if end >= 0:
                found = re.search(rb"content-length: (\d+)", bytes(data[:end]).lower())
                size = end + 4 + int(found[1]) if found else -1
            if not part or (size >= 0 and not data.startswith(b"HTTP/1.1 200")):
                raise RuntimeError(bytes(data[:200]))
        return bytes(data)

    def close(self) -> None:
        """Hang up."""
        self._socket.close()


def uncached(endpoint: Endpoint, data: Path, queries: dict[str, str], rounds: int) -> Iterator[str]:
    """Yield lines that set queries never asked before against pyoxigraph in process."""
    store = ox.Store()
    store.bulk_load(path=str(data), format=ox.RdfFormat.N_TRIPLES)
    line = Line(endpoint)
    for name in ("look-up", "canned", "aggregate"):
        raw, ours, processor = [], [], processor_time(endpoint.pid)
        for number in range(rounds):
            text = f"{queries[name]} LIMIT {1_000_000 + number}"
            address = endpoint.address(text)
            started = time.perf_counter()
            store.query(text).serialize(format=ox.QueryResultsFormat.JSON)
            between = time.perf_counter()
            line.ask(address)
            raw.append((between - started) * 1000)
            ours.append((time.perf_counter() - between) * 1000)
        processor = (processor_time(endpoint.pid) - processor) / rounds * 1000
        a, b = statistics.median(raw), statistics.median(ours)
        low_a, low_b = sorted(raw)[rounds // 10], sorted(ours)[rounds // 10]
        goal = "met" if b <= 1.3 * a + 1 else "missed"
        yield (
            f"| {name} | {a:.2f} | {b:.2f} | {1.3 * a + 1:.2f} | {goal} | {low_a:.2f} | {low_b:.2f} | {processor:.2f} |"
        )
    line.close()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--servers", default=",".join(PEERS))
    parser.add_argument("--data", default=",".join(DATA))
    parser.add_argument("--queries", default="", help="names of queries, with commas between; all if not given")
    parser.add_argument("--connections", default=",".join(map(str, CONCURRENCY)))
    parser.add_argument("--triples", type=int, default=1_000_000, help="of the made-up graph")
    asked = parser.parse_args()
    if shutil.which("wrk") is None:
        sys.exit("wrk is not installed (Debian's package of that name)")
    print(f"load of the machine at the beginning: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    for which in asked.data.split(","):
        with tempfile.TemporaryDirectory(prefix="bench-") as name, ExitStack() as stack:
            folder = Path(name)
            data, queries = DATA[which](folder, asked.triples)
            endpoints: list[Endpoint] = []
            for server in asked.servers.split(","):
                try:
                    endpoints.append(stack.enter_context(PEERS[server](data, folder)))  # type: ignore[arg-type]
                except (OSError, RuntimeError, subprocess.SubprocessError) as error:
                    print(f"left out: {server} ({error})")
            print(f"\n{which}: {sum(1 for _ in data.open('rb')):,} triples\n")
            print("| query | connections | server | requests/s | p50 ms | p99 ms | errors | ours/best peer |")
            print("|---|---|---|---|---|---|---|---|")
            for line in measure(endpoints, queries, asked, folder):
                print(line, flush=True)
            ours = next((one for one in endpoints if one.name == "fundgraph"), None)
            if ours is not None:
                print(f"\n{which}, never asked before, one after another:\n")
                print(
                    "| query | pyoxigraph ms | over HTTP ms | goal 1.3× + 1 | | pyoxigraph p10 | over HTTP p10 | processor ms |\n"
                    "|---|---|---|---|---|---|---|---|"
                )
                for line in uncached(ours, data, queries, 200 if which == "spp" else 60):
                    print(line, flush=True)


if __name__ == "__main__":
    main()

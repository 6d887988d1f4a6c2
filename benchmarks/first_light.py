"""The measures of the first milestone: build, start, and a canned query over HTTP against the same in process.

Run: python benchmarks/first_light.py [rounds]. Prints one table; medians, as machines are noisy.
"""

from __future__ import annotations

import http.client
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from fundgraph.kg import KnowledgeGraph
from fundgraph.settings import Settings

QUESTION = "person-projects"
BUILDS = 9
FUNDGRAPH = [sys.executable, "-m", "fundgraph"]


def cold_builds(folder: Path, times: int) -> tuple[list[float], list[float], list[dict[str, float]]]:
    """Build the shipped data in new processes; return the seconds of each, of processors too, and those of its stages.

    Cold is a build folder that does not exist; our modules are compiled, as they are where they are installed. The
    last build is left in ``build``.
    """
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = str(folder / "compiled")
    seconds, busy, stages = [], [], []
    for number in range(times + 1):
        build_dir = folder / "build"
        shutil.rmtree(build_dir, ignore_errors=True)
        before, started = os.times(), time.perf_counter()
        command = [*FUNDGRAPH, "build", "--build-dir", str(build_dir), "-f", "json"]
        run = subprocess.run(command, capture_output=True, check=True, text=True)
        if number:  # the first has compiled
            after = os.times()
            seconds.append(time.perf_counter() - started)
            busy.append(sum(after[2:4]) - sum(before[2:4]))
            stages.append(json.loads(run.stdout)["timings"])
    return seconds, busy, stages


def start_server(build_dir: Path) -> tuple[subprocess.Popen[str], str, float]:
    """Start a server; return it, its address, and the seconds to its first answered query."""
    started = time.perf_counter()
    command = [*FUNDGRAPH, "serve", "--port", "0", "--build-dir", str(build_dir)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    line = ""
    while "http://" not in line:
        line = process.stderr.readline()
        if not line:
            raise RuntimeError("the server did not start")
    address = "http://" + line.split("http://", 1)[1].split()[0]
    ask(address, f"/queries/{QUESTION}.json")
    return process, address, time.perf_counter() - started


def ask(address: str, path: str) -> bytes:
    """Send one GET on a new connection and return the body."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc)
    connection.request("GET", path)
    response = connection.getresponse()
    body = response.read()
    connection.close()
    if response.status != 200:
        raise RuntimeError(f"{path}: {response.status} {body[:200]!r}")
    return body


def over_http(address: str, rounds: int, *, fresh: bool) -> float:
    """Return the median milliseconds of the canned query over one kept connection.

    ``fresh`` makes each request one that no cache has answered, by a limit that is different each time.
    """
    connection = http.client.HTTPConnection(urlsplit(address).netloc)
    times = []
    text = (Path(__file__).parent.parent / "queries" / f"{QUESTION}.rq").read_text(encoding="utf-8")
    for number in range(rounds):
        path = f"/queries/{QUESTION}.json"
        if fresh:
            path = "/sparql?" + urlencode({"query": f"{text}\nLIMIT {1000 + number}", "format": "json"})
        started = time.perf_counter()
        connection.request("GET", path)
        connection.getresponse().read()
        times.append((time.perf_counter() - started) * 1000)
    connection.close()
    return statistics.median(times)


def in_process(build_dir: Path, rounds: int) -> float:
    """Return the median milliseconds of the same query in this process, its JSON included."""
    kg = KnowledgeGraph.open(build_dir, Settings(build_dir=build_dir))
    text = kg.question(QUESTION).bind({}, kg.base)
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        with kg.answer(text, format="json").body as body:
            body.read()
        times.append((time.perf_counter() - started) * 1000)
    kg.close()
    return statistics.median(times)


def main() -> None:
    """Measure, and print the table."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    with tempfile.TemporaryDirectory() as folder:
        build_dir = Path(folder) / "build"
        seconds, busy, stages = cold_builds(Path(folder), BUILDS)
        starts = []
        for _ in range(3):
            process, address, start = start_server(build_dir)
            starts.append(start)
            http_ms = over_http(address, rounds, fresh=False)
            fresh_ms = over_http(address, rounds, fresh=True)
            process.terminate()
            process.wait(timeout=20)
        process_ms = in_process(build_dir, rounds)
    print("| measure | goal | measured |")
    print("|---|---|---|")
    middle = statistics.median
    print(
        f"| cold `fundgraph build` of SPP 2298, median of {BUILDS} | < 3 s"
        f" | {middle(seconds):.2f} s ({min(seconds):.2f} to {max(seconds):.2f}) |"
    )
    print(f"| the same, in processor time of both processes | | {middle(busy):.2f} s |")
    for stage in stages[0]:
        print(f"| – of which {stage} | | {middle(one[stage] for one in stages):.2f} s |")
    print(f"| `fundgraph serve` to the first answered query | < 1 s | {statistics.median(starts):.2f} s |")
    print(f"| canned query over HTTP, median (the server keeps answers) | | {http_ms:.2f} ms |")
    print(f"| the same in process, median | | {process_ms:.2f} ms |")
    print(f"| difference | < 2 ms | {http_ms - process_ms:.2f} ms |")
    print(f"| the same question never asked before, over HTTP, median | | {fresh_ms:.2f} ms |")
    print(f"| difference | < 2 ms | {fresh_ms - process_ms:.2f} ms |")


if __name__ == "__main__":
    main()

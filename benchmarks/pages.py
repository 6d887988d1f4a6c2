"""The measures of the pages: the first one from a cold server, each on the server, and what a browser makes of them.

Run: python benchmarks/pages.py [10000] [--keep FOLDER] [--no-browser] [--only PAGE …]. Prints tables, of the shipped programme and
of a made-up one of so many projects, which is written as texts and built as any other; ``--keep`` leaves it there and takes
it from there the next time. ``--only`` names rows of the table, such as ``/project/…``. With ``FUNDGRAPH_MEMORY_QUADS`` above its size
a graph is served from memory. Each table has the clock's milliseconds and, since machines are busy, those of processor
time that the server's processes took together. The last table needs Debian's chromium and playwright.

A page is measured when nobody asked for it since the server started ("new": of things and searches, different ones each
time), when its parts are known but it has to be rendered ("rendered"), and when it is sent again as it was ("again").
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from first_light import FUNDGRAPH
from fundgraph.store.listing import FILE_NAME, Index
from generators.folders import write_programme

PAGES = (
    "/", "/projects", "/people", "/topics", "/phases", "/organisations", "/publications", "/quality", "/documents",
    "/ontology", "/queries", "/sparql", "/programme", "/releases", "/downloads", "/network", "/topics/matrix",
    "/phases/compare",
)  # fmt: skip
#: Lists of which different things, or different pages, are asked for: list, path of a thing.
KINDS = {"projects": "project", "people": "person", "topics": "topic", "organisations": "organisation",
         "phases": "phase", "documents": "documents"}  # fmt: skip
WORDS = [
    "deep",
    "adaptive",
    "kernel",
    "network",
    "learning",
    "gradient",
    "random",
    "sparse",
    "operator",
    "dynamics",
    "inverse",
    "sampling",
    "hybrid",
    "thermal",
    "finite",
]
ROUNDS = 20
STARTS = 3
#: The warming of a server takes a second or two here; at ten thousand projects ten.
SETTLED = 15.0


@dataclass(frozen=True)
class Spent:
    """Milliseconds by the clock and of processor time, and the bytes over the wire."""

    clock: float
    cpu: float
    size: int


class Server:
    """A server in a process of its own."""

    def __init__(self, build: Path) -> None:
        command = [*FUNDGRAPH, "serve", "--port", "0", "--build-dir", str(build)]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        assert self.process.stderr is not None
        line = ""
        while "http://" not in line:
            line = self.process.stderr.readline()
            if not line:
                raise RuntimeError("the server did not start")
        self.address = "http://" + line.split("http://", 1)[1].split()[0]
        while True:
            try:
                with urlopen(self.address + "/readyz"):
                    return
            except OSError:
                time.sleep(0.01)

    def get(self, path: str) -> Spent:
        """Ask for a page as a browser does."""
        headers = {"Accept": "text/html", "Accept-Encoding": "gzip"}
        request = Request(self.address + path, headers=headers)
        cpu, started = self._cpu(), time.perf_counter()
        with urlopen(request, timeout=120) as answer:
            size = len(answer.read())
        clock = (time.perf_counter() - started) * 1000
        return Spent(clock, (self._cpu() - cpu) * 1000, size)

    def settle(self) -> None:
        """Wait until the server takes no more processor time, so long at most."""
        until = time.monotonic() + SETTLED * 8
        quiet = 0
        while time.monotonic() < until and quiet < 12:
            before = self._cpu()
            time.sleep(0.5)
            quiet = quiet + 1 if self._cpu() - before < 0.02 else 0

    def _cpu(self) -> float:
        """Return the seconds of processor time that the server and its children took."""
        return sum(_seconds_of(pid) for pid in _family(self.process.pid))

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait()


def _family(pid: int) -> list[int]:
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*"):
        try:
            children = (task / "children").read_text().split()
        except OSError:
            continue
        for child in children:
            found += _family(int(child))
    return found


def _seconds_of(pid: int) -> float:
    total = 0
    for task in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        try:
            total += int(task.read_text().split()[0])
        except (OSError, IndexError):
            continue
    return total / 1e9


@contextmanager
def served(build: Path) -> Iterator[Server]:
    """Serve a folder."""
    server = Server(build)
    try:
        yield server
    finally:
        server.stop()


def cold(build: Path) -> list[Spent]:
    """Return what the first page took of servers that were started for it, with its scripts and styles in its bytes."""
    found = []
    for _ in range(STARTS):
        with served(build) as server:
            first = server.get("/")
            more = sum(server.get(f"/static/{name}").size for name in ("site.css", "site.js", "theme.js"))
            found.append(Spent(first.clock, first.cpu, first.size + more))
    return found


def things(build: Path, seed: int = 5) -> dict[str, list[str]]:
    """Return paths that nobody asked for, by what they are: things of each kind, pages of lists, searches."""
    rng = random.Random(seed)
    release = (build / "current").resolve()
    base = json.loads((release / "manifest.json").read_text("utf-8"))["base"]
    index = Index(release / FILE_NAME)
    found: dict[str, list[str]] = {}
    for name, kind in KINDS.items():
        iris = index.listing(name, (), "", 10**6, 0).iris
        some = rng.sample(iris, min(len(iris), 2 * ROUNDS))
        found[f"/{kind}/…"] = [f"/{kind}/{iri.removeprefix(base).split('/', 1)[1]}" for iri in some]
    topics = index.listing("projects", (), "", 1, 0).facets.get("topic", ())
    some_topics = rng.sample([one.value for one in topics], min(len(topics), ROUNDS))
    found["/projects?topic=…"] = [f"/projects?topic={value}" for value in some_topics]
    found["/projects?q=…"] = [f"/projects?q={word}" for word in WORDS]
    found["/search?q=…"] = [f"/search?q={word}" for word in WORDS]
    found["/network?topic=…"] = [f"/network?topic={value}" for value in some_topics[:8]]
    return {name: paths for name, paths in found.items() if paths}


def measure(build: Path, only: Sequence[str] = ()) -> dict[str, tuple[list[Spent], list[Spent], list[Spent]]]:
    """Return of each page what it took: new, rendered, again; of these pages only if any are named."""
    rows: dict[str, tuple[list[Spent], list[Spent], list[Spent]]] = {}
    pages = [page for page in PAGES if not only or page in only]
    with served(build) as server:
        for page in pages:
            rows[page] = ([server.get(page)], [], [])
        server.settle()
        for page in pages:
            rendered = [server.get(f"{page}?nothing={number}") for number in range(ROUNDS)]
            rows[page] = (rows[page][0], rendered, [server.get(page) for _ in range(ROUNDS)])
        for name, paths in things(build).items():
            if only and name not in only:
                continue
            new = [server.get(path) for path in paths]
            mark = "&" if "?" in name else "?"
            rendered = [server.get(f"{path}{mark}nothing=1") for path in paths]
            rows[name] = (new, rendered, [server.get(path) for path in paths])
    return rows


def median(values: Sequence[float]) -> float:
    """Return the middle one."""
    return sorted(values)[len(values) // 2] if values else 0.0


def p95(values: Sequence[float]) -> float:
    """Return the one that a twentieth is above."""
    return sorted(values)[min(int(0.95 * len(values)), len(values) - 1)] if values else 0.0


def show(title: str, build: Path, only: Sequence[str] = ()) -> None:
    """Print the table of a snapshot."""
    first = cold(build)
    print(
        f"\n### {title}\n\nFirst page of a cold server, median of {STARTS}: {median([one.clock for one in first]):.0f} ms "
        f"({median([one.cpu for one in first]):.0f} ms of processor time), {first[0].size / 1000:.1f} kB with scripts and styles.\n"
    )
    print("| page | new: ms | p95 | CPU | p95 | rendered: ms | p95 | CPU | again: ms | CPU | kB |")
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    rows = measure(build, only)
    for page, (new, rendered, again) in rows.items():
        print(
            f"| `{page}` | {_of(new, 'clock')} | {_of(new, 'cpu')} | {_of(rendered, 'clock')} | "
            f"{median([one.cpu for one in rendered]):.1f} | {median([one.clock for one in again]):.1f} | "
            f"{median([one.cpu for one in again]):.1f} | {median([one.size for one in new]) / 1000:.1f} |",
            flush=True,
        )
    every = [one for new, rendered, _ in rows.values() for one in (*new, *rendered)]
    print(
        f"\nAll {len(every)} that were not sent again: p95 {p95([one.clock for one in every]):.0f} ms, "
        f"{p95([one.cpu for one in every]):.0f} ms of processor time."
    )


def _of(several: Sequence[Spent], name: str) -> str:
    values = [getattr(one, name) for one in several]
    return f"{median(values):.1f} | {p95(values):.1f}"


def build_folder(data: Path | None, build: Path) -> None:
    """Build a programme (the shipped one if ``data`` is none), and say what it took."""
    started = time.perf_counter()
    command = [*FUNDGRAPH, "build", *([str(data)] if data else []), "--build-dir", str(build), "-f", "json"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode:
        raise RuntimeError(run.stderr[-2000:])
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    stages = ", ".join(f"{name} {seconds:.1f}" for name, seconds in json.loads(run.stdout)["timings"].items())
    print(
        f"Built in {time.perf_counter() - started:.1f} s ({stages}), at most {spent.ru_maxrss / 1024**2:.1f} GiB.",
        flush=True,
    )


def in_a_browser(build: Path, pages: Sequence[str]) -> Iterator[tuple[str, int, float, float]]:
    """Yield of each page, in Chromium with an empty cache: requests, kB over the wire, and largest paint in ms."""
    from playwright.sync_api import sync_playwright

    with served(build) as server, sync_playwright() as playwright:
        server.settle()
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        for path in pages:
            context = chromium.new_context()
            page = context.new_page()
            page.add_init_script(
                "window.paint = 0; new PerformanceObserver(list => { for (const one of list.getEntries())"
                " window.paint = Math.max(window.paint, one.startTime) })"
                ".observe({type: 'largest-contentful-paint', buffered: true})"
            )
            page.goto(server.address + path, wait_until="networkidle")
            # The entry comes after the frame is shown, which on a busy machine is later than the network's silence.
            page.wait_for_function("window.paint > 0", timeout=20_000)
            page.wait_for_timeout(300)
            requests, size, paint = page.evaluate(
                "(() => { const all = [...performance.getEntriesByType('navigation'),"
                " ...performance.getEntriesByType('resource').filter(one => !one.name.startsWith('data:'))];"
                " return [all.length, all.reduce((sum, one) => sum + one.transferSize, 0), window.paint] })()"
            )
            yield path, requests, size / 1000, paint
            context.close()
        chromium.close()


def show_browser(build: Path) -> None:
    """Print what Chromium makes of one page of each kind."""
    print("\n| page in Chromium | requests | kB | largest paint, ms |\n|---|---|---|---|", flush=True)
    pages = [*PAGES, *(paths[0] for paths in things(build).values())]
    for page, requests, size, paint in in_a_browser(build, pages):
        print(
            f"| `{urlsplit(page).path if len(page) > 70 else page}` | {requests} | {size:.0f} | {paint:.0f} |",
            flush=True,
        )


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("projects", nargs="?", type=int, default=10_000, help="how many the made-up programme has")
    parser.add_argument("--keep", type=Path, help="where the made-up programme and both builds stay")
    parser.add_argument("--no-browser", action="store_true")
    parser.add_argument("--only", nargs="+", default=(), metavar="PAGE", help="these rows of the table only")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.keep or Path(temporary)
        shipped, made, built = (
            folder / name for name in ("shipped", f"made-up-{given.projects}", f"built-{given.projects}")
        )
        if not (shipped / "current").exists():
            build_folder(None, shipped)
        show("SPP 2298", shipped, given.only)
        if not given.no_browser:
            show_browser(shipped)
        print(f"\nA made-up programme of {given.projects} projects. ", end="")
        if not (built / "current").exists():
            write_programme(made, given.projects)
            build_folder(made, built)
        show(f"A made-up programme of {given.projects} projects", built, given.only)


if __name__ == "__main__":
    sys.exit(main())

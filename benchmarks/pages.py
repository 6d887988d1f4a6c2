"""The measures of the pages: the first one from a cold server, each on the server, and what a browser makes of them.

Run: python benchmarks/pages.py [projects]. Prints tables. The second table is of a made-up programme of so many
projects (10000 unless given); the third needs Debian's chromium and playwright.
"""

from __future__ import annotations

import random
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path
from urllib.request import Request, urlopen

from first_light import start_server
from fundgraph import assets
from fundgraph.store.dataset import write_dataset
from fundgraph.store.listing import write_index
from fundgraph.store.snapshot import begin, finish
from generators.programmes import BASE, FG, RDF, RDFS

PAGES = (
    "/", "/projects", "/people", "/topics", "/phases", "/organisations", "/publications", "/quality", "/documents",
    "/documents/phase1", "/ontology", "/queries", "/sparql", "/programme", "/releases", "/downloads", "/search?q=deep",
    "/project/adaptive-neural-tensor-networks-for-parametric-pdes", "/person/lars-grasedyck", "/phase/1",
    "/topic/bayesian-inference",
)  # fmt: skip
LARGE = ("/", "/projects", "/projects?q=network", "/projects?topic=t7", "/projects?offset=5000", "/people", "/topics",
         "/phases", "/project/p77", "/person/h77", "/topic/t7", "/search?q=network")  # fmt: skip
ROUNDS = 20


def get(address: str, path: str) -> tuple[float, int]:
    """Ask for a page as a browser does; return milliseconds and the bytes that went over the wire."""
    request = Request(
        address + path, headers={"Accept": "text/html", "Accept-Encoding": "gzip", "X-Not": str(time.time())}
    )
    started = time.perf_counter()
    with urlopen(request) as answer:
        size = len(answer.read())
    return (time.perf_counter() - started) * 1000, size


def measure(
    build: Path, pages: tuple[str, ...]
) -> tuple[tuple[float, int], list[tuple[str, float, float, float, int]]]:
    """Serve a folder; return the first page's time and bytes, and of each page first, median, p95 and bytes.

    The first page comes from a server that was never asked for a page; each request differs from those before, so that none
    is sent again from the bytes of its answer.
    """
    process, address, _ = start_server(build)
    try:
        cold = get(address, "/")
        cold = (
            cold[0],
            cold[1] + sum(get(address, f"/static/{name}")[1] for name in ("site.css", "site.js", "theme.js")),
        )
        rows = []
        for page in pages:
            first, size = get(address, page)
            times = sorted(get(address, page)[0] for _ in range(ROUNDS))
            rows.append((page, first, statistics.median(times), times[int(0.95 * ROUNDS) - 1], size))
    finally:
        process.terminate()
        process.wait()
    return cold, rows


def made_up(projects: int, seed: int = 7) -> str:
    """Return N-Triples of a programme with so many projects, half as many people again, and 300 topics."""
    rng = random.Random(seed)
    words = [
        "network",
        "learning",
        "operator",
        "tensor",
        "sampling",
        "inverse",
        "deep",
        "kernel",
        "flow",
        "graph",
        "bound",
        "gradient",
    ]
    lines: list[str] = []

    def say(subject: str, predicate: str, value: str) -> None:
        lines.append(f"<{BASE}{subject}> <{predicate}> {value} .\n")

    def named(subject: str, kind: str, name: str, label: str) -> None:
        say(subject, f"{RDF}type", f"<{FG}{kind}>")
        say(subject, f"{FG}{name}", f'"{label}"')
        say(subject, f"{RDFS}label", f'"{label}"')

    skos = "http://www.w3.org/2004/02/skos/core#"
    for number in range(300):
        named(f"topic/t{number}", "Topic", "name", f"topic {words[number % 12]} {number}")
        say(f"topic/t{number}", f"{skos}prefLabel", f'"topic {words[number % 12]} {number}"@en')
    named("phase/1", "FundingPhase", "name", "Phase 1")
    for number in range(projects * 3 // 2):
        named(f"person/h{number}", "Person", "name", f"Given{number % 97} Family{number}")
    for number in range(projects):
        named(f"project/p{number}", "Project", "title", f"{rng.choice(words)} {rng.choice(words)} {number}")
        say(f"project/p{number}", f"{FG}abstract", f'"{" ".join(rng.choices(words, k=80))}"')
        say(f"project/p{number}", f"{FG}inPhase", f"<{BASE}phase/1>")
        for topic in rng.sample(range(300), 4):
            say(f"project/p{number}", f"{FG}hasTopic", f"<{BASE}topic/t{topic}>")
        for person in rng.sample(range(projects * 3 // 2), 3):
            part = f"participation/{number}-{person}"
            say(part, f"{RDF}type", f"<{FG}Participation>")
            say(part, f"{FG}project", f"<{BASE}project/p{number}>")
            say(part, f"{FG}person", f"<{BASE}person/h{person}>")
            say(f"project/p{number}", f"{FG}hasParticipant", f"<{BASE}person/h{person}>")
            say(f"person/h{person}", f"{FG}participatesIn", f"<{BASE}project/p{number}>")
    return "".join(lines)


def write_snapshot(build: Path, triples: str) -> None:
    """Write a snapshot of one graph, with its index of lists and words."""
    directory = begin(build)
    summary = write_dataset({f"{BASE}graph/made-up": triples.encode()}, [], directory)
    write_index(directory, {path.stem: path.read_text("utf-8") for path in assets.pages_dir().glob("*.rq")})
    about = {"release": f"2026-01-02-{summary.hash[:8]}", "created": "2026-01-02T00:00:00+00:00", "hash": summary.hash, "base": BASE,
             "prefixes": {"fg": FG}, "hidden_graphs": [], "quads": summary.quads, "graphs": summary.graphs,
             "classes": summary.classes, "versions": {}}  # fmt: skip
    finish(build, directory, about)


def in_a_browser(build: Path, pages: tuple[str, ...]) -> list[tuple[str, int, float, float]]:
    """Return of each page, in Chromium with an empty cache: requests, kB over the wire, and largest paint in ms."""
    from playwright.sync_api import sync_playwright

    process, address, _ = start_server(build)
    rows = []
    try:
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
            )
            for path in pages:
                context = chromium.new_context()
                page = context.new_page()
                page.add_init_script(
                    "new PerformanceObserver(list => { window.paint = list.getEntries().at(-1).startTime })"
                    ".observe({type: 'largest-contentful-paint', buffered: true})"
                )
                page.goto(address + path, wait_until="networkidle")
                requests, size, paint = page.evaluate(
                    "(() => { const all = [...performance.getEntriesByType('navigation'),"
                    " ...performance.getEntriesByType('resource').filter(one => !one.name.startsWith('data:'))];"
                    " return [all.length, all.reduce((sum, one) => sum + one.transferSize, 0), window.paint ?? 0] })()"
                )
                rows.append((path, requests, size / 1000, paint))
                context.close()
            chromium.close()
    finally:
        process.terminate()
        process.wait()
    return rows


def show(title: str, cold: tuple[float, int], rows: list[tuple[str, float, float, float, int]]) -> None:
    """Print a table."""
    print(
        f"\n### {title}\n\nFirst page of a cold server: {cold[0]:.0f} ms, {cold[1] / 1000:.1f} kB with scripts and styles.\n"
    )
    print("| page | first time, ms | median, ms | p95, ms | kB |\n|---|---|---|---|---|")
    for page, first, median, p95, size in rows:
        print(f"| `{page}` | {first:.0f} | {median:.1f} | {p95:.1f} | {size / 1000:.1f} |")


def main() -> None:
    """Print the tables."""
    projects = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    build = Path("build")
    show("SPP 2298", *measure(build, PAGES))
    print("\n| page in Chromium | requests | kB | largest paint, ms |\n|---|---|---|---|", flush=True)
    for page, requests, size, paint in in_a_browser(build, PAGES):
        print(f"| `{page}` | {requests} | {size:.0f} | {paint:.0f} |")
    with tempfile.TemporaryDirectory() as folder:
        write_snapshot(Path(folder), made_up(projects))
        show(f"A made-up programme of {projects} projects", *measure(Path(folder), LARGE))


if __name__ == "__main__":
    main()

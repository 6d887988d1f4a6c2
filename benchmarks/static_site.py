"""The measures of the site of files: how long it takes, how large it is, how soon a browser answers, how much fits.

Run: python benchmarks/static_site.py [--build-dir DIR] [--quads 1000000] [--no-browser]. Prints three tables: the export
of the shipped programme (built first, if no folder is named), the first query of a page in Debian's chromium over
``python -m http.server``, and the engine over made-up graphs up to so many triples, in chromium as well: how long the
dump takes to load, a count, a join, and what memory the page's processes then hold. Times are the clock's; of the export
also processor time, of this process and those that it starts.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fundgraph.settings import Settings

FIRST = "SELECT (COUNT(*) AS ?n) { ?s a <https://w3id.org/fundgraph/ontology#Project> }"
EXAMPLE = "http://example.org/"
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
JOIN = f"""SELECT ?topic (COUNT(DISTINCT ?person) AS ?n)
{{ ?project <{EXAMPLE}person> ?person ; <{EXAMPLE}topic> ?topic . ?person <{EXAMPLE}home> <{EXAMPLE}org/7> }}
GROUP BY ?topic ORDER BY DESC(?n) ?topic LIMIT 10"""


def processor() -> float:
    """Return the processor seconds of this process and of those that it started and that are done."""
    return sum(
        used.ru_utime + used.ru_stime
        for used in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def export(build: Path, folder: Path) -> None:
    """Write the site, and print what it took."""
    begun, used = time.perf_counter(), processor()
    command = [
        sys.executable,
        "-m",
        "fundgraph",
        "export",
        "-f",
        "site",
        "-o",
        str(folder),
        "--build-dir",
        str(build),
    ]
    subprocess.run(command, check=True)
    files = [path for path in folder.rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files)
    blocks = sum(path.stat().st_blocks * 512 for path in files)
    print("| site | clock | processor | files | bytes | on disk |\n|---|---|---|---|---|---|")
    print(
        f"| whole | {time.perf_counter() - begun:.1f} s | {processor() - used:.1f} s | {len(files)} "
        f"| {size / 1e6:.2f} MB | {blocks / 1e6:.2f} MB |"
    )
    kinds: dict[str, list[int]] = {}
    for path in files:
        parts = path.relative_to(folder).parts
        kinds.setdefault(parts[0] if len(parts) > 1 else "(top)", []).append(path.stat().st_size)
    for name, sizes in sorted(kinds.items(), key=lambda item: -sum(item[1])):
        print(f"| {name} | | | {len(sizes)} | {sum(sizes) / 1e6:.2f} MB | |")


@contextmanager
def hosted(folder: Path) -> Iterator[str]:
    """Serve a folder by Python's own server of files."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1", "--directory", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.wait(10)


@contextmanager
def chromium() -> Iterator[Any]:
    """Start Debian's chromium."""
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium")
    assert path is not None, "chromium is needed"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        try:
            yield browser
        finally:
            browser.close()


#: Ask the engine as the pages do, and tell what each step took.
ASK = """async ([queries]) => {
  const site = globalThis.fundgraphSite ?? await new Promise((done) => {
    const script = document.createElement("script");
    script.src = new URL("offline/about.js", new URL(document.documentElement.dataset.root ?? "./", location.href));
    script.onload = () => done(globalThis.fundgraphSite);
    document.head.append(script);
  });
  const root = new URL(document.documentElement.dataset.root ?? "./", location.href);
  const worker = new Worker(new URL("static/offline/worker.js", root), { type: "module" });
  const send = (message) => new Promise((done, failed) => {
    worker.onmessage = ({ data }) => (data.problem ? failed(new Error(JSON.stringify(data.problem))) : done(data));
    worker.onerror = (event) => failed(new Error(event.message));
    worker.postMessage(message);
  });
  const times = [];
  const step = async (message) => { const begun = performance.now(); const answer = await send(message); times.push(performance.now() - begun); return answer; };
  await step({ id: 1, start: { about: site, wasm: new URL("static/offline/oxigraph.wasm.gz", root).href, dump: new URL(site.dump, root).href } });
  for (const query of queries) await step({ id: 1, ask: { query } });
  globalThis.kept = worker;
  return times;
}"""


def first_query(folder: Path) -> None:
    """Open the editor, put a query into it and run it; print what it took until the answer stood there.

    No engine is there before: a worker starts with the first query, which waits until it and the graph are loaded.
    """
    print("\n| first query | clock |\n|---|---|")
    with hosted(folder) as root, chromium() as browser:
        context = browser.new_context()
        for name in ("cold", "again, the files in the browser's cache"):
            page = context.new_page()
            begun = time.perf_counter()
            page.goto(f"{root}sparql/index.html")
            page.wait_for_selector("#editor[data-ready]")
            ready = time.perf_counter()
            page.evaluate(
                "query => document.querySelector('#editor .tabPanel.active .CodeMirror').CodeMirror.setValue(query)",
                FIRST,
            )
            assert not page.workers
            page.locator(".yasqe_queryButton:visible").click()
            page.wait_for_selector("#editor-state:not(:empty)", timeout=60_000)  # the editor keeps older answers
            page.wait_for_selector("#editor .yasr_results td .nonIri")
            assert page.workers
            done = time.perf_counter()
            print(f"| {name}: the editor is ready | {ready - begun:.2f} s |")
            print(f"| {name}: from the click to the answer | {done - ready:.2f} s |")
            page.close()


def made_up(folder: Path, site: Path, quads: int) -> None:
    """Make a site of the engine alone over a made-up graph of so many statements, a tenth of them hidden."""
    (folder / "offline").mkdir(parents=True)
    (folder / "downloads").mkdir()
    shutil.copytree(site / "static", folder / "static")
    with gzip.open(folder / "downloads" / "dataset.nq.gz", "wt", compresslevel=1, encoding="utf-8") as file:
        for n in range(quads // 5):
            project = f"<{EXAMPLE}project/{n}>"
            graph = f"<{EXAMPLE}graph/document/{n % 50}> ."
            file.write(f"{project} <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{EXAMPLE}Project> {graph}\n")
            file.write(f'{project} <{EXAMPLE}title> "A study of the number {n} and of what follows it" {graph}\n')
            file.write(f"{project} <{EXAMPLE}person> <{EXAMPLE}person/{n * 7 % 9973}> {graph}\n")
            file.write(f"{project} <{EXAMPLE}topic> <{EXAMPLE}topic/{n % 211}> {graph}\n")
            hidden = n % 2
            subject = project if hidden else f"<{EXAMPLE}person/{n % 9973}>"
            name = f"{EXAMPLE}graph/{'provenance' if hidden else 'programme'}"
            file.write(f"{subject} <{EXAMPLE}home> <{EXAMPLE}org/{n % 97}> <{name}> .\n")
    visible = [f"{EXAMPLE}graph/document/{n}" for n in range(50)] + [f"{EXAMPLE}graph/programme"]
    about = {
        "release": "made-up",
        "base": EXAMPLE,
        "dump": "downloads/dataset.nq.gz",
        "visible": visible,
        "rows": 100_000,
        "labels": [],
        "prefixes": {},
    }
    (folder / "offline" / "about.js").write_text(f"globalThis.fundgraphSite = {json.dumps(about)};\n")
    (folder / "index.html").write_text('<!DOCTYPE html><html data-root="./"><title>x</title>')


def memory() -> int:
    """Return the most that a process of chromium's pages holds now, in bytes."""
    most = 0
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            if b"--type=renderer" in (status.parent / "cmdline").read_bytes():
                lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
                most = max(most, int(lines["VmRSS"].split()[0]) * 1024)
        except (OSError, KeyError):
            continue
    return most


def large(site: Path, most: int) -> None:
    """Load graphs of growing size in chromium; print what it took."""
    print("\n| statements | dump | load | count | join | memory |\n|---|---|---|---|---|---|")
    for quads in sorted({min(most, size) for size in (100_000, 300_000, most)}):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name) / "large"
            made_up(folder, site, quads)
            size = (folder / "downloads" / "dataset.nq.gz").stat().st_size
            with hosted(folder) as root, chromium() as browser:
                page = browser.new_page()
                page.set_default_timeout(600_000)
                page.goto(root)
                load, count, join = page.evaluate(ASK, [[COUNT, JOIN]])
                print(
                    f"| {quads} | {size / 1e6:.1f} MB | {load / 1000:.2f} s | {count:.0f} ms | {join:.0f} ms | {memory() / 2**20:.0f} MiB |"
                )


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build-dir", type=Path)
    parser.add_argument("--quads", type=int, default=1_000_000)
    parser.add_argument("--no-browser", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        build = given.build_dir
        if build is None:
            from fundgraph.pipeline import build as run

            build = Path(name) / "build"
            run(Settings(build_dir=build))
        site = Path(name) / "site"
        export(build, site)
        if not given.no_browser:
            first_query(site)
            large(site, given.quads)


if __name__ == "__main__":
    os.environ.setdefault("PYTHONPATH", str(Path(__file__).resolve().parent.parent / "src"))
    main()

"""What exports take: every format of the shipped programme, and a large graph as N-Quads beside pyoxigraph's own dump.

Run: python benchmarks/exports.py [--triples 10000000] [--rounds 3] [--keep FOLDER]. Prints two tables, in seconds by the clock and,
since machines are busy, of processor time; the best of the rounds. The graph of the second table is made up, written
in canonical order as a build writes it, and loaded into a store on disk and into one in memory. Both sides write to a
file; ours also makes its SHA-256 sum, as the command does.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "src")]

import pyoxigraph as ox  # noqa: E402

from fundgraph.exporting import FORMATS, Exporter, write_dumps  # noqa: E402
from fundgraph.pipeline import build  # noqa: E402
from fundgraph.settings import Settings  # noqa: E402
from fundgraph.store.snapshot import Snapshot, current_snapshot  # noqa: E402

MEASURE_TOGETHER, MEASURE_RATIO = 3.0, 0.8
BASE = "https://w3id.org/fundgraph/large/"
FG = "https://w3id.org/fundgraph/ontology#"
#: Triples of each made-up thing.
EACH = 10


def timed(run: Callable[[], object], rounds: int) -> tuple[float, float]:
    """Return the least seconds by the clock and of processor time."""
    clocks, works = [], []
    for _ in range(rounds):
        clock, work = time.perf_counter(), time.process_time()
        run()
        clocks.append(time.perf_counter() - clock)
        works.append(time.process_time() - work)
    return min(clocks), min(works)


def written(path: Path, pieces: Iterable[bytes]) -> int:
    """Write a file with its sum, as the command does; return its size."""
    total, size = hashlib.sha256(), 0
    with path.open("wb") as file:
        for piece in pieces:
            file.write(piece)
            total.update(piece)
            size += len(piece)
    return size


def alone(snapshot: Snapshot, path: Path, name: str) -> int:
    """Write one format from the start; return its size."""
    return written(path, Exporter(snapshot).chunks(name))


def formats(folder: Path, rounds: int) -> None:
    """Print what each format of the shipped programme takes, alone, and all together as ``export --dumps`` writes them."""
    build(Settings(build_dir=folder / "build"))
    snapshot = current_snapshot(folder / "build")
    print(f"SPP 2298, {snapshot.manifest['quads']} statements\n")
    print(f"{'format':<12}{'clock s':>9}{'CPU s':>9}{'KiB':>9}")
    for name in FORMATS:
        clock, work = timed(partial(alone, snapshot, folder / "one", name), rounds)
        size = (folder / "one").stat().st_size
        print(f"{name:<12}{clock:9.3f}{work:9.3f}{size / 1024:9.0f}")

    clock, work = timed(partial(write_dumps, snapshot), rounds)
    print(f"{'--dumps':<12}{clock:9.3f}{work:9.3f}   (to be under {MEASURE_TOGETHER:g})\n")


def made_up(path: Path, triples: int) -> int:
    """Write a dataset in canonical order; return the number of its statements."""
    count = 0
    graph = f"<{BASE}graph/document/made-up>"
    with path.open("w", encoding="utf-8") as file:
        things = -(-triples // EACH)
        width = len(str(things))
        for number in range(things):
            thing = f"<{BASE}project/thing-{number:0{width}}>"
            other = f"<{BASE}person/somebody-{number * 7919 % things:0{width}}>"
            lines = [
                f"{thing} <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{FG}Project> {graph} .\n",
                f'{thing} <http://www.w3.org/2000/01/rdf-schema#label> "Thing number {number}" {graph} .\n',
                f'{thing} <{FG}abstract> "We study thing {number}: its gradients, its \\"limits\\" and its use." {graph} .\n',
                f"{thing} <{FG}hasParticipant> {other} {graph} .\n",
                f"{thing} <{FG}inPhase> <{BASE}phase/{number % 3}> {graph} .\n",
                f'{thing} <{FG}kind> "regular" {graph} .\n',
                f'{thing} <{FG}position> "{number}"^^<http://www.w3.org/2001/XMLSchema#integer> {graph} .\n',
                f'{thing} <{FG}startDate> "2021-01-01"^^<http://www.w3.org/2001/XMLSchema#date> {graph} .\n',
                f'{thing} <{FG}title> "Th\u00fcng number {number}"@de {graph} .\n',
                f"{thing} <{FG}hasTopic> <{BASE}topic/t{number % 997}> {graph} .\n",
            ]
            file.writelines(sorted(lines))
            count += len(lines)
    return count


def large(folder: Path, triples: int, rounds: int) -> None:
    """Print what the large graph takes as N-Quads, by us and by pyoxigraph."""
    folder.mkdir(parents=True, exist_ok=True)
    dataset = folder / "dataset.nq"
    count = made_up(dataset, triples)
    snapshot = Snapshot(folder, {"base": BASE, "release": "2026-01-01-00000000", "hidden_graphs": []})
    one = folder / "one"
    print(f"{count} made-up statements as N-Quads, {dataset.stat().st_size / 1e6:.0f} MB\n")
    print(f"{'':<34}{'clock s':>9}{'CPU s':>9}{'million/s':>11}")
    rates = {}

    def measure(name: str, run: Callable[[], object]) -> None:
        clock, work = timed(run, rounds)
        rates[name] = count / clock
        print(f"{name:<34}{clock:9.2f}{work:9.2f}{count / clock / 1e6:11.2f}")

    graph = f"{BASE}graph/document/made-up"
    measure("fundgraph", lambda: written(one, Exporter(snapshot).chunks("nquads")))
    measure("fundgraph, one graph", lambda: written(one, Exporter(snapshot, graphs=[graph]).chunks("nquads")))
    measure("fundgraph, N-Triples", lambda: written(one, Exporter(snapshot).chunks("ntriples")))
    store = ox.Store(str(folder / "store"))
    if len(store) == 0:
        store.bulk_load(path=str(dataset), format=ox.RdfFormat.N_QUADS)
        store.optimize()
    measure("pyoxigraph, store on disk", partial(store.dump, str(one), format=ox.RdfFormat.N_QUADS))
    del store
    memory = ox.Store()
    memory.bulk_load(path=str(dataset), format=ox.RdfFormat.N_QUADS)
    measure("pyoxigraph, store in memory", partial(memory.dump, str(one), format=ox.RdfFormat.N_QUADS))
    one.unlink()
    best = max(rate for name, rate in rates.items() if name.startswith("pyoxigraph"))
    ratio = rates["fundgraph"] / best
    print(f"{'ratio to the faster of the two':<34}{ratio:9.2f}   (to be at least {MEASURE_RATIO:g})")


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--triples", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--keep", type=Path, help="leave the large graph here, and take its store from here next time"
    )
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        formats(Path(temporary), arguments.rounds)
        large(arguments.keep or Path(temporary) / "large", arguments.triples, arguments.rounds)


if __name__ == "__main__":
    main()

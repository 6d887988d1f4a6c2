"""How well and how fast structured sources are read: generated files of known truth, with noise, seeded.

Prints one table: for each source precision and recall of projects, numbers, people with their roles, dates and
organisations; then the time and the peak memory of reading many CORDIS-shaped records as a stream.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import resource
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fundgraph.extract import extract_stream
from fundgraph.model import Project
from fundgraph.pipeline import extract_files
from generators.records import SOURCES, Written, truths, write_many


@dataclass
class Score:
    """Right, found and true values of one kind."""

    right: int = 0
    found: int = 0
    true: int = 0

    def add(self, found: set[Any], true: set[Any]) -> None:
        """Count one project's values."""
        self.right += len(found & true)
        self.found += len(found)
        self.true += len(true)

    def __str__(self) -> str:
        if not self.true and not self.found:
            return "–".rjust(11)
        precision = self.right / self.found if self.found else 0.0
        recall = self.right / self.true if self.true else 0.0
        return f"{precision:.3f}/{recall:.3f}"


def score(written: Written) -> dict[str, Score]:
    """Read a source and compare with the truth."""
    scores = {kind: Score() for kind in ("projects", "numbers", "people", "dates", "organisations")}
    found: dict[str, list[Project]] = {}
    for extraction in extract_files([written.path]):
        for project in extraction.projects:
            found.setdefault(project.id, []).append(project)
    by_title = {parts[0].title: parts for parts in found.values()}
    by_title |= {part.title: parts for parts in found.values() for part in parts if part.title_stated}
    scores["projects"].add(set(by_title), {truth.title for truth in written.truths})
    for truth in written.truths:
        parts = by_title.get(truth.title, [])
        scores["numbers"].add({part.code for part in parts if part.code}, {written.key(truth)})
        people = {(q.name.casefold(), q.role in written.leads) for part in parts for q in part.people}
        if written.people:
            scores["people"].add(people, {(f"{g} {f}".casefold(), role == "pi") for g, f, role in truth.people})
        dates = {(w, d) for part in parts for w, d in (("start", part.start), ("end", part.end)) if d}
        true = {("start", truth.start.isoformat())}
        scores["dates"].add(dates, true | ({("end", truth.end.isoformat())} if written.dates else set()))
        if written.organisations:
            names = {i.name.casefold() for part in parts for i in part.institutions}
            wanted = truth.organisations if written.path.is_dir() else truth.organisations[:1]
            scores["organisations"].add(names, {name.casefold() for name, _ in wanted})
    return scores


def read_many(path: Path, answer: Any) -> None:
    """Read a file as a stream in a process of its own and send the count, the seconds and the peak memory in MB."""
    begun = time.perf_counter()
    count = sum(1 for _ in extract_stream(path))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    answer.send((count, time.perf_counter() - begun, peak))


def measure(folder: Path, counts: list[int], seed: random.Random) -> list[str]:
    """Read files of growing length; memory is flat if it does not grow with them."""
    lines = []
    for count in counts:
        path = folder / f"many-{count}.csv"
        write_many(path, count, seed)
        receive, send = multiprocessing.Pipe(duplex=False)
        process = multiprocessing.get_context("spawn").Process(target=read_many, args=(path, send))
        process.start()
        records, seconds, peak = receive.recv()
        process.join()
        size = path.stat().st_size / 1e6
        path.unlink()
        lines.append(
            f"stream of {records:>7} records, {size:6.1f} MB  {seconds:6.1f} s  {records / seconds:7.0f} records/s  {peak:5.0f} MB"
        )
    return lines


def main() -> None:
    """Write, read, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=2298)
    parser.add_argument("--projects", type=int, default=200, help="projects in each source")
    parser.add_argument("--records", type=int, default=100_000, help="records of the longest stream; 0 for none")
    arguments = parser.parse_args()
    seed = random.Random(arguments.seed)
    kinds = ("projects", "numbers", "people", "dates", "organisations")
    print("source".ljust(16) + "  ".join(kind.rjust(11) for kind in kinds) + "   (precision/recall)")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for write in SOURCES:
            written = write(folder, truths(seed, arguments.projects), seed)
            scores = score(written)
            print(written.name.ljust(16) + "  ".join(str(scores[kind]).rjust(11) for kind in kinds))
        if arguments.records:
            print()
            for line in measure(folder, [arguments.records // 10, arguments.records], seed):
                print(line)


if __name__ == "__main__":
    main()

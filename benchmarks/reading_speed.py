"""How fast pages are read on one core: long texts in several layouts, a real page varied, rising sizes, a folder.

    python benchmarks/reading_speed.py [--megabytes M] [--times N] [--seed S] [--page FILE] [--sizes 1,10,50] [--files N]

Seconds are of the processor, of ``extract`` alone; each text is read N times and the median stands in the table. A
page given by ``--page`` is repeated with other names, and with some of its words changed, until it is as long as the others.
"""

from __future__ import annotations

import argparse
import random
import re
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from fundgraph.documents import document_from_bytes, read_corpus
from fundgraph.extract import extract
from fundgraph.model import Document
from reading_pages import PROSE, WORDS, Maker, Project, blocks, consortium, full, labels

SYLLABLES = [
    "ba",
    "den",
    "fel",
    "gar",
    "hein",
    "in",
    "ka",
    "lo",
    "mar",
    "nor",
    "os",
    "pe",
    "rin",
    "sa",
    "tor",
    "ul",
    "ver",
    "wen",
    "zo",
    "schu",
]
WORD = re.compile(r"(?<![\w-])[a-z]{5,}(?![\w-])")
CAPITAL = re.compile(r"(?<!\w)[^\W\d_a-zß-öø-ÿ][^\W\d_]{2,}(?!\w)")


def projects_of(seed: int) -> Callable[[], Project]:
    """Return a maker of projects whose abstracts are as long as those of real pages (a kilobyte)."""
    make, number = Maker(seed), 0

    def project() -> Project:
        nonlocal number
        number += 1
        made = make.project(number)
        made.abstract = " ".join(
            PROSE.format(a=make.random.choice(WORDS), b=make.random.choice(WORDS), c=make.random.choice(WORDS))
            for _ in range(8)
        )
        return made

    return project


def text_of(write: Callable[[Maker, list[Project]], str], size: float, seed: int) -> str:
    """Write one long page, in portions of twenty projects, so that its form is the same throughout."""
    project, parts, length = projects_of(seed), [], 0
    while length < size:
        # The same seed for each portion: a page has one form of labels.
        parts.append(write(Maker(seed), [project() for _ in range(20)]))
        length += len(parts[-1])
    return "\n".join(parts)


def rows_of(size: float, seed: int) -> str:
    """Write a table as lines with tabs."""
    project, lines, length = projects_of(seed), ["Awards", "", "Title\tPI\tOrganization\tDuration"], 0
    while length < size:
        one = project()
        people = "; ".join(full(person) for person in one.people)
        lines.append(f"{one.title}\t{people}\t{one.people[0].site}\t{one.period}")
        length += len(lines[-1]) + 1
    return "\n".join(lines) + "\n"


def varied(page: str, size: float, seed: int) -> str:
    """Repeat a page with other people, and with every sixth longer word another of the page's or a new one."""
    chance = random.Random(seed)
    found = extract(document_from_bytes(page.encode(), path="page.txt"))
    places = [mention.span for project in found.projects for one in project.people for mention in one.mentions]
    people_lines = {span.line for span in places}
    words = sorted(set(WORD.findall(page)))
    names = {word for span in places for word in CAPITAL.findall(page[span.start : span.end])}

    def new(syllables: int) -> str:
        return "".join(chance.choice(SYLLABLES) for _ in range(syllables))

    def changed(match: re.Match[str]) -> str:
        luck = chance.random()
        return chance.choice(words) if luck < 0.15 else new(4) if luck < 0.17 else match.group()

    parts = [page]
    while sum(map(len, parts)) < size:
        other = {name: new(2).capitalize() for name in names}
        lines = [
            CAPITAL.sub(lambda match: other.get(match.group(), match.group()), line)  # noqa: B023 - used at once
            if number in people_lines
            else WORD.sub(changed, line)
            if len(line) > 25
            else line
            for number, line in enumerate(page.split("\n"), 1)
        ]
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def timed(document: Document, times: int) -> tuple[float, int]:
    """Read a document some times; return the median of the seconds and the number of projects."""
    seconds: list[float] = []
    count = 0
    for _ in range(times):
        started = time.process_time()
        count = len(extract(document).projects)
        seconds.append(time.process_time() - started)
    return statistics.median(seconds), count


def row(name: str, text: str, times: int) -> str:
    """Return a line of the table."""
    data = text.encode()
    timed(document_from_bytes(data[:20_000].rpartition(b"\n")[0], path="short.txt"), 1)  # patterns are made once
    seconds, count = timed(document_from_bytes(data, path="long.txt"), times)
    return f"| {name} | {len(data) / 1e6:.1f} | {count} | {seconds:.2f} | {len(data) / 1e6 / seconds:.2f} | {peak():.0f} |"


def peak() -> float:
    """Return the most memory that the process has had, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 if sys.platform == "darwin" else 1024)


def folder(files: int, seed: int) -> str:
    """Read a folder of small files one after the other, keeping none."""
    project = projects_of(seed)
    with tempfile.TemporaryDirectory() as name:
        for number in range(files):
            Path(name, f"{number:05}.txt").write_text(blocks(Maker(number), [project()]), encoding="utf-8")
        started, size = time.process_time(), 0
        for document in read_corpus(Path(name)):
            size += len(extract(document).document.text)
        seconds = time.process_time() - started
    return f"{files} files of {size / max(files, 1) / 1000:.1f} kB: {seconds:.1f} s, {size / 1e6 / seconds:.2f} MB/s, peak {peak():.0f} MB"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description="How fast pages are read.")
    parser.add_argument("--megabytes", type=float, default=1.0)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--page", type=Path)
    parser.add_argument("--sizes", default="")
    parser.add_argument("--files", type=int, default=0)
    options = parser.parse_args()
    size, seed = options.megabytes * 1e6, options.seed
    print("| text | MB | projects | s | MB/s | peak, MB |\n|---|---|---|---|---|---|")
    if options.page:
        page = options.page.read_text(encoding="utf-8")
        print(row(f"{options.page.name}, varied", varied(page, size, seed), options.times))
    print(row("A blocks", text_of(blocks, size, seed), options.times))
    print(row("B labels", text_of(labels, size, seed), options.times))
    print(row("E rows with tabs", rows_of(size, seed), options.times))
    print(row("I consortium", text_of(consortium, size, seed), options.times))
    for megabytes in filter(None, options.sizes.split(",")):
        print(row("A blocks, one document", text_of(blocks, float(megabytes) * 1e6, seed), 1))
    if options.files:
        print("\n" + folder(options.files, seed))


if __name__ == "__main__":
    main()

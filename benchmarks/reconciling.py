"""How often the reconciliation service puts the thing first that a misspelt name was made of, and what 100 queries cost.

    python benchmarks/reconciling.py [--people 15000] [--queries 1000] [--seed 1]

The index is made of generated names alone: those of the made-up programme of ``pages.py`` (dense: many differ in two letters), and
those of the world of ``linking.py`` (a few common names, many rare ones). Each name gets one slip of the pen: a letter left out,
doubled, replaced, or two that changed places, anywhere. A slip may make another's name: ``at best`` is how often no other name is
as near to what was written as the right one.
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from rapidfuzz import process
from rapidfuzz.distance import OSA

from fundgraph.reconcile.asking import Asked
from fundgraph.reconcile.service import Reconciler
from fundgraph.store.identities import Identities, key_of, write_identities
from fundgraph.terms import FG
from generators import folders
from linking import full_name, make_world

BASE = "https://example.org/"
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def slip(draw: random.Random, name: str) -> str:
    """Return a name with one slip of the pen."""
    places = [at for at, char in enumerate(name) if char.isalpha()]
    at = draw.choice(places)
    kind = draw.randrange(4)
    if kind == 0:
        return name[:at] + name[at + 1 :]
    if kind == 1:
        return name[:at] + name[at] + name[at:]
    if kind == 2:
        return name[:at] + draw.choice([char for char in LETTERS if char != name[at].lower()]) + name[at + 1 :]
    other = at + 1 if at + 1 in places else at - 1
    if other not in places or name[other] == name[at]:
        return name[:at] + name[at + 1 :]
    low, high = sorted((at, other))
    return name[:low] + name[high] + name[low] + name[high + 1 :]


def write_index(path: Path, names: Iterable[str], kind: str, class_: str) -> None:
    """Write an index of things that have names and nothing else."""
    connection = sqlite3.connect(path)
    connection.executescript(
        "CREATE TABLE thing (id INTEGER PRIMARY KEY, iri TEXT NOT NULL UNIQUE, list TEXT NOT NULL, label TEXT NOT NULL);"
        "CREATE TABLE facet (thing INTEGER, name TEXT, value TEXT); CREATE TABLE facet_label (name TEXT, value TEXT, label TEXT);"
    )
    iris = {f"{BASE}{kind}/{at}": name for at, name in enumerate(names)}
    connection.executemany(
        "INSERT INTO thing VALUES (?, ?, ?, ?)",
        ((at, iri, kind, name) for at, (iri, name) in enumerate(iris.items())),
    )

    def rows(query: str, *_: str) -> Iterator[tuple[str, ...]]:
        if query == "forms":
            yield from ((iri, "label", name) for iri, name in iris.items())
        elif query == "classes":
            yield from ((iri, FG + class_) for iri in iris)

    queries = {"index_forms": "forms", "index_classes": "classes", "index_identifiers": "none"}
    write_identities(connection, rows, queries, {iri: at for at, iri in enumerate(iris)})
    connection.commit()
    connection.close()


def worlds(people: int, seed: int) -> Iterator[tuple[str, str, str, list[str]]]:
    """Yield what things are called: the made-up programme's people and titles, and people as names are spread."""
    rng = random.Random(seed)
    yield (
        "people of the made-up programme",
        "people",
        "Person",
        [name for _, name, _ in folders._people(rng, people)],
    )
    topics = [f"{first} {second}" for first in folders._FIRST for second in folders._SECOND]
    made = folders._people(rng, people)
    titles = [folders._project(at, rng, made, topics).title for at in range(people * 2 // 3)]
    yield "titles of the made-up programme", "projects", "Project", titles
    world = make_world(people * 2, seed)
    yield "people, names spread as they are", "people", "Person", list(dict.fromkeys(full_name(world, at) for at in range(people * 2)))  # fmt: skip


def nearest_is_right(wrong: str, right: str, keys: list[str]) -> bool:
    """Tell whether no other name is as near to what was written as the right one."""
    written, meant = key_of(wrong), key_of(right)
    best = process.extract(written, keys, scorer=OSA.distance, limit=3)
    return all(key == meant or distance > OSA.distance(written, meant) for key, distance, _ in best)


def main() -> None:
    """Make each index, ask, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=15_000)
    parser.add_argument("--queries", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    print(
        "| names | in all | first | among ten | at best | CPU for 100 | CPU for 100 rightly spelt |\n|---|---|---|---|---|---|---|"
    )
    for what, kind, class_, names in worlds(options.people, options.seed):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "index.sqlite"
            write_index(path, names, kind, class_)
            print(row(what, names, Identities(path), options.queries, options.seed))


def row(what: str, names: list[str], identities: Identities, queries: int, seed: int) -> str:
    """Ask for misspelt names and for right ones; return the line of the table."""
    stands_in: Any = SimpleNamespace(identities=identities, select=lambda _query: [], base=BASE)
    reconciler, draw = Reconciler(stands_in), random.Random(seed)
    chosen = draw.sample(names, queries)
    wrong = [slip(draw, name) for name in chosen]
    keys = [key_of(name) for name in names]
    reconciler.answer({"warm": Asked(chosen[0][:-1])}, 60)
    spent = []
    for texts in (chosen, wrong):
        started = time.process_time()
        answer = reconciler.answer({str(at): Asked(text) for at, text in enumerate(texts)}, 600)
        spent.append((time.process_time() - started) * 100 / queries)
    found = [[one["name"] for one in answer[str(at)]["result"]] for at in range(queries)]
    first = sum(some[:1] == [name] for some, name in zip(found, chosen, strict=True)) / queries
    ten = sum(name in some for some, name in zip(found, chosen, strict=True)) / queries
    sample = list(zip(wrong, chosen, strict=True))[:200]
    best = sum(nearest_is_right(one, other, keys) for one, other in sample) / len(sample)
    return (
        f"| {what} | {len(names)} | {first:.1%} | {ten:.1%} | {best:.1%} | {spent[1]:.2f} s | {spent[0]:.2f} s |"
    )


if __name__ == "__main__":
    main()

"""What does not fit into memory many times over is written as what does."""

from __future__ import annotations

import random
from pathlib import Path

import pyoxigraph as ox
import pytest

from fundgraph.pipeline import build
from fundgraph.settings import Settings
from fundgraph.store.dataset import write_dataset
from fundgraph.store.much import write_much


def _graphs(seed: int) -> dict[str, bytes]:
    """Return graphs that share statements, with literals of all kinds and, in one case of two, blank nodes."""
    chance = random.Random(seed)
    values = [
        '"a"',
        '"a"@en',
        '"a\\nb"',
        '"ü \\" "',
        '"007"^^<http://www.w3.org/2001/XMLSchema#int>',
        "<http://e/o>",
        '"> _:x"',
    ]
    nodes = [f"<http://e/{number}>" for number in range(6)] + (["_:a", "_:b"] if seed % 2 else [])
    lines = [
        f"{chance.choice(nodes)} <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://e/C{chance.randrange(3)}> .\n"
        if chance.random() < 0.3
        else f"{chance.choice(nodes)} <http://e/p{chance.randrange(3)}> {chance.choice(values + nodes)} .\n"
        for _ in range(150)
    ]
    return {
        f"http://e/graph/{name}": "".join(chance.sample(lines, 90)).encode()
        for name in ("one", "two", "three", "report", "provenance")
    }


@pytest.mark.parametrize("seed", range(8))
def test_both_ways_write_the_same(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bytes, the counts and the statements in the store are the same, wherever a piece of lines ends."""
    monkeypatch.setattr("fundgraph.store.much._PIECE", 7)
    graphs, hidden = _graphs(seed), ["http://e/graph/report", "http://e/graph/provenance"]
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()
    small = write_dataset(graphs, hidden, one)
    much = write_much(graphs.items(), hidden, other)
    assert small == much
    assert (one / "dataset.nq").read_bytes() == (other / "dataset.nq").read_bytes()
    assert sorted(path.name for path in other.iterdir()) == ["dataset.nq", "store"]
    stores = [ox.Dataset(ox.Store.read_only(str(folder / "store"))) for folder in (one, other)]
    for store in stores:
        store.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    assert stores[0] == stores[1]


@pytest.mark.slow
def test_a_build_of_much_is_the_build_of_little(tiny: Path, tmp_path: Path) -> None:
    """A programme that is over the bound gives the same dataset, pages and reports as under it."""
    little = build(Settings(data_dir=tiny, build_dir=tmp_path / "little")).snapshot
    much = build(Settings(data_dir=tiny, build_dir=tmp_path / "much", memory_quads=10)).snapshot
    assert little.release == much.release
    for name in ("dataset.nq", "report.json", "report.ttl", "index.sqlite"):
        one, other = (folder.path / name for folder in (little, much))
        assert one.read_bytes() == other.read_bytes() or name == "index.sqlite", name
    tables = [_tables(folder.path / "index.sqlite") for folder in (little, much)]
    assert tables[0] == tables[1]


def _tables(path: Path) -> dict[str, list[str]]:
    import sqlite3

    connection = sqlite3.connect(path)
    try:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: sorted(map(repr, connection.execute(f"SELECT * FROM {name}"))) for name in names}
    finally:
        connection.close()

"""A worker over a store on disk has all its files open before it may open nothing more."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pyoxigraph as ox
import pytest

SOURCES = Path(__file__).resolve().parent.parent / "src"

#: Look into every part of a store with no descriptor free, and say how many files it took and whether one more can be had.
_LOOK = """
import os, resource, sys
from pathlib import Path
import pyoxigraph as ox
from fundgraph.store.evaluate import open_on_disk
from fundgraph.store.opened import open_files
path = Path(sys.argv[1])
store = open_on_disk(str(path))
limit = open_files(store, path) if sys.argv[2] == "keep" else 0
resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
number = 0
for pattern in ("?s ?p ?o", "GRAPH ?g { ?s ?p ?o }"):
    for solution in store.query("SELECT * { %s }" % pattern):
        number += len(str(solution["o"])) > 0
free = 0
try:
    while True:
        os.open("/dev/null", os.O_RDONLY)
        free += 1
except OSError:
    pass
print(number, free)
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store on disk of many files: more than RocksDB opens by itself."""
    path = tmp_path_factory.mktemp("store") / "store"
    made = ox.Store(str(path))
    for part in range(6):  # each load leaves files of its own
        lines = "".join(f'<urn:s:{part}:{n}> <urn:p:{n % 7}> "{n}" <urn:g:{part}> .\n' for n in range(40))
        plain = "".join(f'<urn:s:{part}:{n}> <urn:p:{n % 7}> "{n}" .\n' for n in range(40))
        made.bulk_load((lines + plain).encode(), format=ox.RdfFormat.N_QUADS)
    made.flush()
    del made
    assert len(list(path.glob("*.sst"))) > 30
    return path


def _look(store: Path, how: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", _LOOK, str(store), how],
        env={"PYTHONPATH": str(SOURCES)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.skipif(sys.platform != "linux", reason="descriptors are counted by /proc")
def test_a_store_of_many_files_is_read_with_no_descriptor_to_spare(store: Path) -> None:
    """All statements are found, and next to nothing can be opened besides; without looking first it fails."""
    kept = _look(store, "keep")
    assert kept.returncode == 0, kept.stderr
    number, free = map(int, kept.stdout.split())
    assert number == 480
    assert free <= 3
    assert "Too many open files" in _look(store, "at once").stderr

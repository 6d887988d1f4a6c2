"""The second process of a build: it finds the same, its errors are told, and nothing is left of it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from fundgraph import second as starting
from fundgraph.errors import RdfError, ValidationError
from fundgraph.ntriples import Statements
from fundgraph.pipeline import build
from fundgraph.second import processors, unlost_interruptions
from fundgraph.settings import Settings
from fundgraph.store.dataset import canonical_quads, write_dataset
from fundgraph.validation import second

SOURCES = Path(__file__).resolve().parent.parent / "src"
FILES = ("dataset.nq", "report.json", "report.ttl", "report.html")


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[bytes]]:
    """The second processes that were started; there is one even where there is one processor."""
    started: list[subprocess.Popen[bytes]] = []
    popen = subprocess.Popen

    def noted(*arguments: Any, **options: Any) -> subprocess.Popen[bytes]:
        started.append(popen(*arguments, **options))
        return started[-1]

    monkeypatch.setattr(starting.subprocess, "Popen", noted)
    monkeypatch.setattr(starting, "processors", lambda: 2)
    return started


def files(settings: Settings) -> list[bytes]:
    """Return what a build wrote."""
    return [(settings.build_dir / "current" / name).read_bytes() for name in FILES]


@pytest.mark.slow
def test_it_finds_the_same(
    tiny: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    processes: list[subprocess.Popen[bytes]],
) -> None:
    """A release is the same, byte by byte, with a second process, with one that dies, and without."""
    two, one, dying = (Settings(data_dir=tiny, build_dir=tmp_path / name) for name in ("two", "one", "dying"))
    report = build(two)
    assert len(processes) == 1
    assert processes[0].returncode is not None
    assert set(report.timings) >= {"validate", "recheck", "total"}

    hand_over = second._Beside.before

    def killing(self: Any, asserted: Statements) -> None:
        processes[-1].kill()
        hand_over(self, asserted)

    with monkeypatch.context() as patch:
        patch.setattr(second._Beside, "before", killing)
        build(dying)
    assert len(processes) == 2
    monkeypatch.setattr("fundgraph.second.processors", lambda: 1)
    alone = build(one)
    assert len(processes) == 2
    assert files(two) == files(one) == files(dying)
    assert alone.validation == report.validation
    assert alone.after_inference == report.after_inference


@pytest.mark.slow
def test_a_violation_is_told_before_a_contradiction(
    tiny: Path, tmp_path: Path, processes: list[subprocess.Popen[bytes]]
) -> None:
    """Where data both break a shape and contradict the ontology, the shape is what is told; no process is left."""
    facts = tiny / "facts.tsv"
    facts.write_text(facts.read_text(encoding="utf-8").replace("123456789", "12 apples"), encoding="utf-8")
    with (tiny / "topics.ttl").open("a", encoding="utf-8") as file:
        file.write(
            "\nfg:participant rdfs:range <http://e/Machine> . fg:Person <http://www.w3.org/2002/07/owl#disjointWith> <http://e/Machine> .\n"
        )
    with pytest.raises(ValidationError, match="GEPRIS"):
        build(Settings(data_dir=tiny, build_dir=tmp_path / "build"))
    assert processes[0].returncode is not None
    assert not list((tmp_path / "build").rglob(".unfinished*"))


def test_broken_shapes_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, processes: list[subprocess.Popen[bytes]]
) -> None:
    """An error of the second process is raised in the first, with file and line."""
    (tmp_path / "Bad.ttl").write_text("@prefix sh: <http://www.w3.org/ns/shacl#> .\nno Turtle\n", encoding="utf-8")
    with second.checking(tmp_path, "compiled", "https://example.org/") as checks:
        checks.before(Statements())
        with pytest.raises(RdfError, match=r"Bad\.ttl:2") as caught:
            checks.report()
    assert caught.value.line == 2
    assert processes[0].returncode is not None


@pytest.mark.slow
def test_an_interruption_ends_both(tiny: Path, tmp_path: Path) -> None:
    """Ctrl-C ends the build and its second process."""
    command = [sys.executable, "-m", "fundgraph", "build", str(tiny), "--build-dir", str(tmp_path / "build")]
    process = subprocess.Popen(
        command,
        start_new_session=True,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(SOURCES)},
    )
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    until = time.monotonic() + 60
    found: list[str] = []
    while processors() > 1 and not found and time.monotonic() < until:
        found = children.read_text(encoding="ascii").split()
        time.sleep(0.01)
    assert bool(found) == (processors() > 1)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode != 0, said
    assert not [line for line in said.splitlines() if b"rror" in line], said
    assert not (tmp_path / "build" / "current").exists()
    while any(Path(f"/proc/{pid}").exists() for pid in found) and time.monotonic() < until:
        time.sleep(0.01)
    assert not [pid for pid in found if Path(f"/proc/{pid}").exists()]


def test_an_interruption_that_python_drops_is_not_lost(tiny: Path, tmp_path: Path) -> None:
    """Ctrl-C that nothing came of, as in a callback of Python's, stops the build before the switch."""
    with unlost_interruptions() as check:
        check()
        with contextlib.suppress(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
        settings = Settings(data_dir=tiny, build_dir=tmp_path / "build")
        with pytest.raises(KeyboardInterrupt):
            build(settings, accept=check)
    assert not (tmp_path / "build" / "current").exists()


@pytest.mark.parametrize("late", [b'<http://e/s> <http://e/p> "late" .\n', b"_:x <http://e/p> _:y .\n"])
def test_what_comes_late_is_as_if_it_had_been_there(late: bytes, tmp_path: Path) -> None:
    """A graph that is handed in last gives the same dataset and store, blank nodes included."""
    graphs = {
        "http://e/g": b"<http://e/s> <http://e/p> _:a .\n_:a <http://e/p> _:b .\n",
        "http://e/report": b"<http://e/s> <http://e/p> <http://e/o> .\n",
    }
    whole = graphs | {"http://e/report": graphs["http://e/report"] + late}
    folders = [tmp_path / name for name in ("one", "other")]
    for folder in folders:
        folder.mkdir()
    seen: list[int] = []
    one = write_dataset(whole, ["http://e/report"], folders[0])
    other = write_dataset(
        graphs,
        ["http://e/report"],
        folders[1],
        lambda: {"http://e/report": late},
        lambda store: seen.append(len(store)),
    )
    assert one == other
    assert set(seen) == {2}
    assert [(folder / "dataset.nq").read_bytes() for folder in folders] == [b"".join(canonical_quads(whole))] * 2
    from fundgraph.store.evaluate import open_on_disk

    stores = [open_on_disk(str(folder / "store")) for folder in folders]
    assert {str(quad) for quad in stores[0] if "_:" not in str(quad)} == {
        str(quad) for quad in stores[1] if "_:" not in str(quad)
    }
    assert len(stores[0]) == len(stores[1])

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
from fundgraph.errors import InconsistencyError, RdfError, ValidationError
from fundgraph.ntriples import Statements
from fundgraph.pipeline import build
from fundgraph.second import processors, second_process, unlost_interruptions
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
    """A release is the same, byte by byte, with a second process, with one that infers too, with one that dies, and without."""
    two, one, early, dying = (
        Settings(data_dir=tiny, build_dir=tmp_path / name) for name in ("two", "one", "early", "dying")
    )
    report = build(two)
    assert len(processes) == 1
    assert processes[0].returncode is not None
    assert set(report.timings) >= {"validate", "recheck", "total"}

    hand_over = second._Beside.before

    def killing(self: Any, asserted: Statements) -> None:
        processes[-1].kill()
        hand_over(self, asserted)

    with second_process(second.MODULE) as process:
        both = build(early, process=process)
    with monkeypatch.context() as patch:
        patch.setattr(second._Beside, "before", killing)
        with second_process(second.MODULE) as process:
            build(dying, process=process)
    assert len(processes) == 3
    monkeypatch.setattr("fundgraph.second.processors", lambda: 1)
    alone = build(one)
    assert len(processes) == 3
    assert files(two) == files(one) == files(early) == files(dying)
    assert alone.validation == report.validation == both.validation
    assert alone.after_inference == report.after_inference == both.after_inference


def contradict(tiny: Path) -> None:
    """Have the ontology say that people are machines, and that nobody is both."""
    with (tiny / "topics.ttl").open("a", encoding="utf-8") as file:
        file.write(
            "\nfg:participant rdfs:range <http://e/Machine> . fg:Person <http://www.w3.org/2002/07/owl#disjointWith> <http://e/Machine> .\n"
        )


@pytest.mark.slow
@pytest.mark.parametrize("early", [False, True])
def test_a_violation_is_told_before_a_contradiction(
    tiny: Path, tmp_path: Path, processes: list[subprocess.Popen[bytes]], early: bool
) -> None:
    """Where data both break a shape and contradict the ontology, the shape is what is told; no process is left."""
    facts = tiny / "facts.tsv"
    facts.write_text(facts.read_text(encoding="utf-8").replace("123456789", "12 apples"), encoding="utf-8")
    contradict(tiny)
    with (
        second_process(second.MODULE) if early else contextlib.nullcontext() as process,
        pytest.raises(ValidationError, match="GEPRIS"),
    ):
        build(Settings(data_dir=tiny, build_dir=tmp_path / "build"), process=process)
    assert processes[0].returncode is not None
    assert not list((tmp_path / "build").rglob(".unfinished*"))


@pytest.mark.slow
def test_a_contradiction_that_the_second_process_finds_is_proved(
    tiny: Path, tmp_path: Path, processes: list[subprocess.Popen[bytes]]
) -> None:
    """What the second process finds contradictory is told with the lines of the documents that it rests on."""
    contradict(tiny)
    with (
        second_process(second.MODULE) as process,
        pytest.raises(InconsistencyError, match=r"cax-dw[^$]*line \d") as caught,
    ):
        build(Settings(data_dir=tiny, build_dir=tmp_path / "build"), process=process)
    assert caught.value.rule == "cax-dw"
    assert len(processes) == 1
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
    """Graphs that are handed in late give the same dataset and store, blank nodes included."""
    graphs = {
        "http://e/g": b"<http://e/s> <http://e/p> _:a .\n_:a <http://e/p> _:b .\n",
        "http://e/report": b"<http://e/s> <http://e/p> <http://e/o> .\n",
    }
    follows = {
        "http://e/g": b"<http://e/t> <http://e/p> _:a .\n",
        "http://e/inferred": b"_:a <http://e/p> _:a .\n",
    }
    whole = {name: graphs.get(name, b"") + follows.get(name, b"") for name in graphs | follows}
    whole |= {"http://e/report": graphs["http://e/report"] + late}
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
        soon=lambda: follows,
    )
    assert one == other
    assert set(seen) == {4}
    assert [(folder / "dataset.nq").read_bytes() for folder in folders] == [b"".join(canonical_quads(whole))] * 2
    from fundgraph.store.evaluate import open_on_disk

    stores = [open_on_disk(str(folder / "store")) for folder in folders]
    assert {str(quad) for quad in stores[0] if "_:" not in str(quad)} == {
        str(quad) for quad in stores[1] if "_:" not in str(quad)
    }
    assert len(stores[0]) == len(stores[1])

"""The progress bar of a build: on a terminal a line that is written again and again, elsewhere lines of text."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from fundgraph.cli.progress import Progress
from fundgraph.pipeline import STAGES
from tests.conftest import ROOT

pytestmark = pytest.mark.slow

CLEAR = "\r\x1b[K"
#: The command as it is where there is one processor, and so no second process that infers.
ALONE = "from fundgraph import second; second.processors = lambda: 1; from fundgraph.cli import main; main()"


def build(
    tiny: Path, tmp_path: Path, *options: str, columns: int = 80, alone: bool = False
) -> tuple[int, str, str]:
    """Build in a process whose stderr is a terminal; return the exit code, stdout and what the terminal got."""
    ours, theirs = pty.openpty()
    command = [
        sys.executable,
        *(["-c", ALONE] if alone else ["-m", "fundgraph"]),
        "build",
        str(tiny),
        "--build-dir",
        str(tmp_path / "build"),
        *options,
    ]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src"), "COLUMNS": str(columns), "TERM": "xterm"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=theirs, env=environment, text=True) as process:
        os.close(theirs)
        seen = b""
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:  # the other end is closed: Linux says so by an error
                break
            if not piece:
                break
            seen += piece
        assert process.stdout is not None
        out = process.stdout.read()
    os.close(ours)
    return process.returncode, out, seen.decode()


def test_a_bar_on_a_terminal(tiny: Path, tmp_path: Path) -> None:
    """Each stage is shown in its turn, and at the end only the lines said are left."""
    code, out, seen = build(tiny, tmp_path)
    assert code == 0
    assert out.startswith("release")
    shown = [line for line in seen.split(CLEAR) if line.startswith("[")]
    stages = [line.split()[2].rstrip(",") for line in shown]
    assert list(dict.fromkeys(stages)) == list(STAGES)
    assert stages == sorted(stages, key=STAGES.index)
    left = [line.rpartition(CLEAR)[2] for line in seen.split("\r\n")]
    assert [line for line in left if line.startswith("[")] == []
    said = [line.split()[0] for line in left if re.search(r"\d s(, beside the others)?$", line)]
    assert sorted(said) == sorted(STAGES)


def test_rounds_on_a_terminal(tiny: Path, tmp_path: Path) -> None:
    """Inference is shown with its rounds and triples, where the build's own process infers."""
    _, _, seen = build(tiny, tmp_path, alone=True)
    shown = [line for line in seen.split(CLEAR) if line.startswith("[")]
    rounds = [re.search(r"4/6 infer, round (\d+), ([\d,]+) triples", line) for line in shown]
    numbers = [int(match[1]) for match in rounds if match]
    assert len(numbers) >= 2
    assert numbers == sorted(numbers)


def test_a_narrow_terminal(tiny: Path, tmp_path: Path) -> None:
    """No line of the bar is as wide as the terminal, so that each can be taken back."""
    _, _, seen = build(tiny, tmp_path, columns=40)
    lines = [line.split("\r\n")[0] for line in seen.split(CLEAR) if line.startswith("[")]
    assert lines
    assert max(map(len, lines)) < 40


def test_quiet(tiny: Path, tmp_path: Path) -> None:
    """With --quiet there is no bar and no line of progress; what was built is still said on stdout."""
    code, out, seen = build(tiny, tmp_path, "--quiet")
    assert code == 0
    assert "release" in out
    assert "[" not in seen
    assert not re.search(r"\d s\r?$", seen, re.MULTILINE)


def test_an_error_takes_the_bar_away(tiny: Path, tmp_path: Path) -> None:
    """Where a build stops, the bar is taken away before the error is said."""
    (tiny / "topics.ttl").write_text("this is no Turtle", encoding="utf-8")
    code, _, seen = build(tiny, tmp_path)
    assert code != 0
    before, error = seen.rsplit(CLEAR, 1)
    assert "1/6 read" in before
    assert error.startswith("error: ")


def test_no_bar_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """Where stderr is a file or a pipe, lines are written and nothing else."""
    with Progress(("one", "two")) as progress:
        progress.watch("one", "")
        progress.say("one is done")
        progress.watch("two", "half")
    assert capsys.readouterr() == ("", "one is done\n")

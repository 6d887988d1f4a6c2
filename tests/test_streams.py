"""Files and folders of any size as a stream: projects brought together on disk, memory flat, progress told."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
from pathlib import Path

import pytest
from click.testing import CliRunner

from fundgraph import bar as progress
from fundgraph.cli import commands
from fundgraph.documents import Skipped
from fundgraph.errors import DocumentError
from fundgraph.extract import Part, extract_stream, stream_parts
from fundgraph.extract.structured import stream
from fundgraph.extraction import size_of
from fundgraph.pipeline import extract_files

from .conftest import ROOT

RECORDS = ROOT / "tests" / "data" / "records"


def cordis(folder: Path, count: int, *, text: str = "We measure machines.") -> Path:
    """Write a CORDIS export of projects, and of two organisations for each, in another order."""
    folder.mkdir(exist_ok=True)
    with (folder / "project.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";", quoting=csv.QUOTE_ALL)
        writer.writerow(["id", "acronym", "title", "startDate", "endDate", "ecMaxContribution", "objective"])
        for n in range(count):
            row = [101000000 + n, f"Q{n}", f"Quiet machines of kind {n}", "2021-01-01", "2024-12-31", "1", text]
            writer.writerow(row)
    with (folder / "organization.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";", quoting=csv.QUOTE_ALL)
        writer.writerow(["projectID", "organisationID", "name", "role", "country", "activityType"])
        for n in reversed(range(count)):
            writer.writerow([101000000 + n, n, f"UNIVERSITY NO {n}", "coordinator", "SE", "HES"])
            writer.writerow([101000000 + n, n + 1, "TEKNISKA VERKET", "participant", "SE", "PRC"])
    return folder


def grouped(parts: list[Part]) -> list[list[Part]]:
    """Return the parts that follow each other under one id."""
    groups: list[list[Part]] = []
    for part in parts:
        if groups and groups[-1][-1].project.id == part.project.id:
            groups[-1].append(part)
        else:
            groups.append([part])
    return groups


def test_projects_and_organisations_are_joined(tmp_path: Path) -> None:
    """Each project comes once, with its organisations after it, under one id and title; each part knows its file."""
    groups = grouped(list(stream_parts(cordis(tmp_path / "cordis", 40))))
    assert len(groups) == 40
    for n, group in enumerate(groups):
        assert [Path(part.path).name for part in group] == ["project.csv", "organization.csv"]
        assert {part.project.title for part in group} == {f"Quiet machines of kind {n}"}
        assert all(part.project.title_stated for part in group)
        assert [one.name for one in group[1].project.institutions] == [f"UNIVERSITY NO {n}", "TEKNISKA VERKET"]


@pytest.mark.parametrize("name", ["cordis", "anr", "mixed", "hugo"])
def test_a_folder_s_stream_gives_what_the_whole_gives(name: str, tmp_path: Path) -> None:
    """Of folders of samples the stream and the reading at once agree on projects, and on which files speak of one."""
    folder = RECORDS / name if (RECORDS / name).is_dir() else cordis(tmp_path / "cordis", 7)
    whole: dict[str, set[str]] = {}
    for extraction in extract_files([folder]):
        for project in extraction.projects:
            whole.setdefault(project.title, set()).add(Path(extraction.document.path).name)
    streamed: dict[str, set[str]] = {}
    for group in grouped(list(stream_parts(folder))):
        assert len({part.project.title for part in group}) == 1 or name == "hugo"
        streamed.setdefault(group[0].project.title, set()).update(Path(part.path).name for part in group)
    assert streamed == whole


def test_what_cannot_be_read_is_left_out(tmp_path: Path) -> None:
    """A broken file of a folder is reported and leaves nothing behind, not even its first records; others are read."""
    folder = cordis(tmp_path / "cordis", 3)
    good = json.dumps({"id": "2219044", "title": "Cold rooms", "pdPIName": "Ann Lindqvist", "awardeeName": "U"})
    (folder / "awards.json").write_text('{"response": {"award": [' + good + ", {", encoding="utf-8")
    (folder / "photo.jpg").write_bytes(bytes(range(256)) * 4)
    (folder / "link").symlink_to("/etc/hostname")
    left: list[Skipped] = []
    titles = {project.title for project in extract_stream(folder, skipped=left.append)}
    assert titles == {f"Quiet machines of kind {n}" for n in range(3)}
    assert {Path(one.path.split(":")[0]).name for one in left} == {"awards.json", "photo.jpg", "link"}


def test_a_folder_with_nothing_to_read(tmp_path: Path) -> None:
    """A folder of which nothing can be read, and one that is not there, are clear errors."""
    (tmp_path / "photo.jpg").write_bytes(bytes(range(256)) * 4)
    with pytest.raises(DocumentError, match="no document in this folder"):
        list(extract_stream(tmp_path))
    with pytest.raises(DocumentError):
        list(extract_stream(tmp_path / "missing"))


def test_memory_does_not_grow_with_the_records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Five times the records need hardly more memory."""
    monkeypatch.setattr(stream, "PIECE", 50_000)
    monkeypatch.setattr(stream, "HEAD", 50_000)

    def peak(count: int) -> int:
        folder = cordis(tmp_path / f"c{count}", count, text="We measure machines. " * 1500)
        list(zip(range(3), stream_parts(cordis(tmp_path / "warm", 5)), strict=False))
        tracemalloc.start()
        number = sum(1 for _ in stream_parts(folder))
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert number == 2 * count
        return most

    few, many = peak(20), peak(100)
    assert many < few + 800_000  # the records themselves would be two and a half million more


def test_progress_is_told_to_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bytes done grow, and at last they are all of the folder's."""
    monkeypatch.setattr(stream, "PIECE", 10_000)
    folder = cordis(tmp_path / "cordis", 500)
    told: list[int] = []
    list(extract_stream(folder, progress=told.append))
    assert told == sorted(told)
    assert told[-1] == size_of([folder])
    assert len(set(told)) > 2


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


def test_the_bar_is_for_terminals_and_long_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is drawn on a file, nor of short work; what is drawn on a terminal is taken away again."""
    file, quick, slow = io.StringIO(), Terminal(), Terminal()
    for screen in (file, quick):
        with progress.Bar(screen, 100) as bar:
            bar(50)
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    with progress.Bar(file, 100) as bar:
        bar(50)
    with progress.Bar(slow, 100, "reading ") as bar:
        bar(50)
    assert (file.getvalue(), quick.getvalue()) == ("", "")
    assert "reading [###############---------------]  50%" in slow.getvalue()
    assert slow.getvalue().endswith("\r\x1b[2K")


def test_the_command_line_streams(tmp_path: Path) -> None:
    """`extract --stream` prints one object on a line for each part, and talk goes elsewhere."""
    folder = cordis(tmp_path / "cordis", 3)
    (folder / "photo.jpg").write_bytes(bytes(range(256)) * 4)
    result = CliRunner().invoke(commands, ["extract", "--stream", str(folder)])
    assert result.exit_code == 0
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [line["title"] for line in lines[:2]] == ["Quiet machines of kind 0"] * 2
    assert lines[1]["institutions"][0]["name"] == "UNIVERSITY NO 0"
    assert lines[1]["path"].endswith("organization.csv")
    assert "photo.jpg: left out" in result.stderr
    missing = CliRunner().invoke(commands, ["extract", "--stream", str(tmp_path / "missing.csv")])
    assert (missing.exit_code, missing.stdout) == (2, "")

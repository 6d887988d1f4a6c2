"""Folders of documents, what they join to, and files that are read piece by piece."""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from fundgraph.cli import commands
from fundgraph.documents import Skipped, read_corpus, read_document
from fundgraph.errors import DocumentError
from fundgraph.extract import Checked, extract, extract_stream, stream_parts
from fundgraph.extract.structured import stream
from fundgraph.model import Extraction, Finding
from fundgraph.pipeline import extract_files
from tests.records import DATA


def corpus(name: str) -> dict[str, Extraction]:
    """Read a folder of fixtures, by the files' names."""
    return {Path(one.document.path).relative_to(DATA).as_posix(): one for one in extract_files([DATA / name])}


def test_organisations_join_projects() -> None:
    """Rows of organization.csv are about the projects of project.csv, by number, under its ids and titles."""
    found = corpus("cordis")
    projects = {p.code: p for p in found["cordis/project.csv"].projects}
    for part in found["cordis/organization.csv"].projects[:2]:
        whole = projects[part.code]
        assert (part.id, part.title, part.title_stated) == (whole.id, whole.title, True)
    left = found["cordis/organization.csv"].projects[2]
    assert (left.code, left.title_stated) == ("101999999", False)


def test_partners_join_projects() -> None:
    """ANR partners and their scientists are about the project of the other file."""
    found = corpus("anr")
    assert found["anr/partenaires.csv"].projects[0].id == found["anr/projets.csv"].projects[0].id
    assert found["anr/partenaires.csv"].people[0].projects == ("la-seve-des-arbres",)


def test_documents_of_different_sources_join() -> None:
    """The same grant number, or the same title, gives one id whatever the source."""
    names = [
        "cordis/project.csv",
        "openaire.jsonl",
        "datacite.json",
        "gtr.json",
        "orcid.json",
        "openalex_award.json",
    ]
    from fundgraph.extract import join

    found = join([extract(read_document(DATA / name)) for name in names])
    assert {one.projects[0].id for one in found[:3]} == {"braided-rivers-a-slow-story"}
    assert {one.projects[0].id for one in found[3:]} == {"peat-and-water"}


def test_people_of_front_matter() -> None:
    """A file's name among a project's people becomes the person whom that file describes."""
    found = corpus("hugo")
    ice = found["hugo/content/project/ice/index.md"]
    assert [(q.name, q.honorific, q.mentions[0].name) for q in ice.projects[0].people] == [
        ("Ada Quell", "Prof. Dr.", "ada-quell"),
        ("Bo Lind", None, "bo-lind"),
        ("Cy Öst", None, "Cy Öst"),
    ]
    assert [one.code for one in ice.findings] == []
    fog = found["hugo/content/project/fog/index.md"].projects[0]
    assert fog.people[0].person_id == ice.projects[0].people[0].person_id
    assert found["hugo/content/post/hello.md"].projects == ()


def test_front_matter_alone() -> None:
    """Without the folder a file's name stays as printed and is a finding; code, start and text are read."""
    extraction = extract(read_document(DATA / "hugo/content/project/ice/index.md"))
    [project] = extraction.projects
    assert (project.code, project.start, project.people[0].name) == ("A02", "2021-03", "ada-quell")
    text = "We study *ice* on rivers, see the page, in some detail and at some length.\n\nMore of it here."
    assert project.abstract.text == text
    assert [one.code for one in extraction.findings] == ["unknown-file", "unknown-file"]


def test_a_folder_is_read_in_order_and_the_rest_is_reported(tmp_path: Path) -> None:
    """Readable files come sorted; links out, archives, binary and empty files are skipped with a reason."""
    (tmp_path / "b.txt").write_text("A page.")
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b.txt").write_text("Another page.")
    (tmp_path / "empty.txt").write_text("")
    (tmp_path / "binary.png").write_bytes(b"\x89PNG\0\0")
    (tmp_path / ".hidden").write_text("x")
    outside = tmp_path.parent / "outside.txt"
    outside.write_text("secret")
    (tmp_path / "link.txt").symlink_to(outside)
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.csv", "0" * 100_000)
    os.mkfifo(tmp_path / "pipe")
    skipped: list[Skipped] = []
    documents = list(read_corpus(tmp_path, skipped=skipped.append))
    assert [(document.id, document.text) for document in documents] == [("b", "Another page."), ("b-2", "A page.")]
    reasons = {Path(one.path).name: one.reason for one in skipped}
    assert set(reasons) == {"empty.txt", "binary.png", "link.txt", "loop", "circle", "bomb.zip", "pipe"}
    assert "leads out" in reasons["link.txt"]
    assert "archive" in reasons["bomb.zip"]


def test_a_corpus_is_lazy(tmp_path: Path) -> None:
    """A document is read only when its turn comes."""
    for name in "abc":
        (tmp_path / name).write_text(f"Page {name}.")
    documents = read_corpus(tmp_path)
    assert next(documents).text == "Page a."
    (tmp_path / "b").write_text("Changed.")
    assert next(documents).text == "Changed."


def test_no_folder() -> None:
    """A folder that is not there is one clear error."""
    with pytest.raises(DocumentError, match="no such folder"):
        next(read_corpus("nowhere/at/all"))


def test_command_line_reads_folders() -> None:
    """``extract FOLDER -f json`` gives an array with an object for each document."""
    result = CliRunner().invoke(commands, ["extract", str(DATA / "cordis"), "-f", "json"])
    assert result.exit_code == 0
    assert [len(one["projects"]) for one in json.loads(result.stdout)] == [3, 3]


def test_command_line_says_where_json_breaks(tmp_path: Path) -> None:
    """A file that is cut off ends with code 2, and the message has file and line."""
    (tmp_path / "cut.json").write_text('[{"title": "T",\n')
    result = CliRunner().invoke(commands, ["extract", str(tmp_path / "cut.json")])
    assert result.exit_code == 2
    assert f"{tmp_path / 'cut.json'}:2:1: this is not whole JSON" in result.stderr


STREAMED = ["cordis/project.csv", "cordis/organization.csv", "cordis_fp7.tsv", "gtr.json", "nih.json", "openaire.jsonl",
            "snsf.csv", "anr/projets.csv", "deutsch.csv", "nsf.json", "nsf.xml", "graph.jsonld"]  # fmt: skip


@pytest.mark.parametrize("piece", [7, 61, 1_000_000])
@pytest.mark.parametrize("name", STREAMED)
def test_a_stream_gives_what_the_whole_gives(name: str, piece: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read in pieces of any size, a file's projects and their places are those of the file read whole."""
    monkeypatch.setattr(stream, "PIECE", max(piece, 1))
    monkeypatch.setattr(stream, "HEAD", 100_000)
    assert list(extract_stream(DATA / name)) == list(extract(read_document(DATA / name)).projects)


@pytest.mark.parametrize(
    "name", [*STREAMED, "cordis_reduced.csv", "openalex_work.json", "orcid.json", "francais.tsv"]
)
def test_a_stream_is_checked_as_the_whole_is(name: str) -> None:
    """In one piece a file read as a stream has the findings of the file read whole, and the same lines count as read."""
    checked: list[Checked] = []
    list(stream_parts(DATA / name, told=checked.append))
    whole = extract(read_document(DATA / name))
    [one] = checked

    def plain(findings: tuple[Finding, ...]) -> list[tuple[object, ...]]:
        return [(f.code, f.severity, f.span, f.quote, f.message) for f in findings]

    assert plain(one.findings) == plain(whole.findings)
    assert whole.coverage is not None
    assert one.coverage.read == whole.coverage.read
    outside = set(whole.coverage.lines) - set(one.coverage.lines)
    assert not outside or name.endswith(".json")  # what stands about the list of records is its frame


@pytest.mark.parametrize(
    "name", ["cordis/project.csv", "deutsch.csv", "openaire.jsonl", "cordis_fp7.tsv", "snsf.csv", "gtr.json"]
)
def test_pieces_are_checked_each(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In pieces every line is accounted for as in the whole, and what does not compare records is found at its place."""
    monkeypatch.setattr(stream, "PIECE", 200)
    monkeypatch.setattr(stream, "HEAD", 100_000)
    checked: list[Checked] = []
    list(stream_parts(DATA / name, told=checked.append))
    whole = extract(read_document(DATA / name))
    assert whole.coverage is not None
    ours = checked[0].coverage
    assert (ours.read, ours.furniture, ours.unread) == (
        whole.coverage.read, whole.coverage.furniture, whole.coverage.unread
    )  # fmt: skip
    comparing = {"repeated-text", "same-number", "homonym", "empty-abstract", "read-in-pieces", "missing-space"}
    assert {(one.code, one.span) for one in checked[0].findings if one.code not in comparing} == {
        (one.code, one.span) for one in whole.findings if one.code not in comparing
    }


def test_the_command_tells_what_is_off() -> None:
    """With --check a line with the findings and the coverage of a file follows those of its projects."""
    result = CliRunner().invoke(commands, ["extract", "--stream", "--check", str(DATA / "deutsch.csv")])
    *projects, last = [json.loads(line) for line in result.stdout.splitlines()]
    assert projects
    assert all("title" in one for one in projects)
    assert last["path"] == str(DATA / "deutsch.csv")
    assert {one["code"] for one in last["findings"]} == {"column-count"}
    assert last["coverage"]["read"] > 0


def test_a_stream_reports_slips() -> None:
    """What is off in the rows is reported with its place."""
    found = []
    list(extract_stream(DATA / "deutsch.csv", report=lambda slip, span: found.append((slip.code, span.line))))
    assert found == [("column-count", 3), ("column-count", 4)]


@pytest.mark.parametrize(
    "text",
    [
        '[{"title": "T", "pi": "A B"}, {"title"',
        '[{"title": "T", "pi": "A B"}',
        '{"data": [{"title": "T", "pi": "A B"}]',
    ],
)
def test_a_stream_that_is_cut_off(tmp_path: Path, text: str) -> None:
    """A list that is cut off ends in an error, not in silence."""
    (tmp_path / "cut.json").write_text(text)
    with pytest.raises(DocumentError, match="whole JSON"):
        list(extract_stream(tmp_path / "cut.json"))

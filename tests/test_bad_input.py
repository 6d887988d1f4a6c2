"""The issue's list of bad input, each in every way of reading: a finding or one clear error, bounded, and never half a document.

Covered elsewhere: broken and cut data, nesting, aliases and entities in front matter, changing columns and double keys
(``test_records_bad``), markup that is never closed (``test_layouts``), links out of a folder (``test_records_corpus``).
"""

from __future__ import annotations

import gzip
import io
import json
import os
import time
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from fundgraph.cli import commands
from fundgraph.documents import document_from_bytes, pieces, read_document
from fundgraph.errors import DocumentError
from fundgraph.extract import extract, extract_stream
from fundgraph.extract.report import QUOTED, to_json

TABLE = "Title,Principal Investigator,Institution,Number\nQuiet machines,Jörg Lück,Universität Köln,1\n"
BLOCK = "Quiet machines\nProf. Dr. Jörg Lück, Dr. Ann Müller\n\nAbstract\nWe measure Größen.\n\n"


def zipped(megabytes: int) -> bytes:
    """Return a zip of many noughts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("page.txt", b"\0" * megabytes * 1_000_000)
    return out.getvalue()


BOMBS = {"a.zip": zipped(50), "a.txt.gz": gzip.compress(b"a" * 50_000_000), "page.html": zipped(50)}


@pytest.mark.parametrize("name", BOMBS)
def test_archives_are_never_opened(tmp_path: Path, name: str) -> None:
    """A bomb is no document, as a file, in a folder and as a stream, whatever it is called; the rest is read."""
    (tmp_path / name).write_bytes(BOMBS[name])
    begun = time.process_time()
    with pytest.raises(DocumentError, match="not a text file"):
        read_document(tmp_path / name)
    with pytest.raises(DocumentError, match="not a text file"):
        list(extract_stream(tmp_path / name))
    (tmp_path / "good.txt").write_text(BLOCK, encoding="utf-8")
    result = CliRunner().invoke(commands, ["extract", "-f", "json", str(tmp_path)])
    assert result.exit_code == 0
    assert f"{name}: left out" in result.stderr
    assert "Quiet machines" in result.stdout
    assert time.process_time() - begun < 60


MIXED = {
    "mostly utf-8": BLOCK.encode() * 3 + "Loud machines\nDr. Zoë Groß\n\nAbstract\nWe look.\n".encode("cp1252"),
    "mostly windows": BLOCK.encode("cp1252") * 3 + "Loud machines\nDr. Zoë Groß\n\nAbstract\nWe look.\n".encode(),
}


@pytest.mark.parametrize("name", MIXED)
def test_mixed_encodings_are_read(name: str) -> None:
    """A page of two encodings is read line by line, and nothing in it is left as bytes that are no text."""
    extraction = extract(document_from_bytes(MIXED[name], path="page.txt"))
    people = {person.name for project in extraction.projects for person in project.people}
    assert people >= {"Jörg Lück", "Zoë Groß"}
    assert "\ufffd" not in extraction.document.text
    assert any(finding.code == "mixed-encoding" for finding in extraction.findings)


def test_mixed_encodings_in_tables(tmp_path: Path) -> None:
    """In a table a row in another encoding is a finding and is read rightly, as the others are; the stream reads them too."""
    data = (
        TABLE.encode() * 1
        + "Loud machines,Zoë Groß,Universität Köln,2\n".encode("cp1252")
        + b"Slow machines,Ann Ek,Lund,3\n"
    )
    (tmp_path / "t.csv").write_bytes(data)
    extraction = extract(read_document(tmp_path / "t.csv"))
    assert [project.title for project in extraction.projects] == [
        "Quiet machines",
        "Loud machines",
        "Slow machines",
    ]
    assert [(one.code, one.span.line) for one in extraction.findings] == [("mixed-encoding", 3)]
    assert [person.name for person in extraction.projects[1].people] == ["Zoë Groß"]
    assert [project.title for project in extract_stream(tmp_path / "t.csv")] == [
        "Quiet machines", "Loud machines", "Slow machines"
    ]  # fmt: skip


def test_laughs_as_documents_of_their_own() -> None:
    """Aliases of a YAML file and entities of an XML file that would make millions of values are refused with their line."""
    laughs = "".join(f"  a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 10))
    yaml = f"- title: Quiet machines\n  pi: Ann Ek\n  a0: &a0 [{', '.join('x' * 9)}]\n{laughs}"
    entities = "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">\n' for i in range(1, 10))
    xml = f'<?xml version="1.0"?>\n<!DOCTYPE l [\n<!ENTITY a0 "x">\n{entities}]>\n<l><title>&a9;</title></l>'
    for text in (yaml, xml):
        begun = time.process_time()
        with pytest.raises(DocumentError) as refused:
            extract(document_from_bytes(text.encode(), path="bomb"))
        assert refused.value.line is not None
        assert time.process_time() - begun < 20


LONG = 40_000
LINES = {
    "a word": "a" * LONG,
    "names": "Prof. Dr. Anna Schmidt, " * (LONG // 24),
    "prose": "We measure machines. " * (LONG // 20),
}


@pytest.mark.parametrize("name", LINES)
def test_a_line_beyond_the_limit_is_one_clear_error(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line longer than the limit is refused with its number; the same text in shorter lines is read."""
    monkeypatch.setattr(pieces, "LONGEST_PIECE", 30_000)
    monkeypatch.setattr("fundgraph.extract.assemble.LONGEST_PIECE", 30_000)
    with pytest.raises(DocumentError, match="is the most of a line") as refused:
        extract(document_from_bytes(f"Title\n{LINES[name]}\n".encode(), path="page.txt"))
    assert (refused.value.where, refused.value.line) == ("page.txt", 2)
    short = "\n".join(LINES[name][start : start + 200] for start in range(0, LONG, 200))
    extract(document_from_bytes(short.encode(), path="page.txt"))


@pytest.mark.slow
def test_a_long_line_takes_linear_time() -> None:
    """Ten times the line takes hardly more than ten times the time, and is no half-read page."""
    times = []
    for size in (50_000, 500_000):
        document = document_from_bytes(("Prof. Dr. Anna Schmidt, " * (size // 24)).encode(), path="page.txt")
        begun = time.process_time()
        extraction = extract(document)
        times.append(time.process_time() - begun)
        assert extraction.projects == ()
    assert times[1] < 40 * max(times[0], 0.05)


def test_streams_report_what_readings_report(tmp_path: Path) -> None:
    """Changing column counts, quotes never closed and double keys are reported by a stream as by a reading."""
    (tmp_path / "t.csv").write_text(
        TABLE + "Loud machines,Ann Ek\nSlow machines,Bo Lind,Lund,3,4,5\n", encoding="utf-8"
    )
    (tmp_path / "d.json").write_text(
        '[{"title": "T one", "title": "T two", "pi": "Ann Ek", "institution": "Lund"}]'
    )
    for name in ("t.csv", "d.json"):
        told: list[tuple[str, int]] = []
        list(
            extract_stream(
                tmp_path / name, report=lambda slip, span, told=told: told.append((slip.code, span.line))
            )
        )
        whole = extract(read_document(tmp_path / name))
        assert told
        assert told == [
            (f.code, f.span.line) for f in whole.findings if f.code in ("column-count", "duplicate-key")
        ]


def test_links_in_circles_and_out_of_a_stream(tmp_path: Path) -> None:
    """A stream of a folder follows no link out of it and no link in a circle."""
    outside = tmp_path / "secret.txt"
    outside.write_text(BLOCK.replace("Quiet", "Secret"), encoding="utf-8")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "good.txt").write_text(BLOCK, encoding="utf-8")
    (folder / "out.txt").symlink_to(outside)
    (folder / "round").symlink_to(folder)
    (folder / "self").symlink_to(folder / "self")
    left: list[str] = []
    titles = [
        project.title for project in extract_stream(folder, skipped=lambda one: left.append(Path(one.path).name))
    ]
    assert titles == ["Quiet machines"]
    assert sorted(left) == ["out.txt", "round", "self"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("json", '[{"title": "Quiet \\ud83d machines", "acronym": "QM", "ecMaxContribution": 1}]'),
        ("lines", '{"title": "Quiet machines", "acronym": "\\udc00", "ecMaxContribution": 1}\n' * 2),
        ("key", '[{"title": "Quiet machines", "acronym": "QM", "ecMaxContribution": 1, "\\ud800": 1}]'),
        (
            "page",
            '<html><body><script type="application/ld+json">{"@type": "ResearchProject", "name": "Quiet \\ud83d machines"}'
            "</script><p>Hello.</p></body></html>",
        ),
    ],
)
def test_half_a_character_in_json(tmp_path: Path, name: str, text: str) -> None:
    """An escape that is half of a surrogate pair is U+FFFD and a finding, and what is printed can be written down."""
    place = tmp_path / name
    place.write_text(text, encoding="utf-8")
    result = CliRunner().invoke(commands, ["extract", "-f", "json", str(place)])
    assert result.exit_code == 0
    read = json.loads(result.stdout_bytes.decode("utf-8"))
    assert "undecodable-bytes" in {one["code"] for one in read["findings"]}
    assert len(read["projects"]) == (2 if name == "lines" else 1)


def test_a_pipe_is_read_and_one_without_a_writer_is_an_error(tmp_path: Path) -> None:
    """What somebody writes into a pipe is read to its end; one that nobody writes into is refused at once."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(DocumentError, match="nothing came"):
        read_document(pipe)
    with pytest.raises(DocumentError, match="regular file"):
        list(extract_stream(pipe))
    writer = os.open(pipe, os.O_RDWR)  # so that the data wait in it, and no process is needed
    os.write(writer, BLOCK.encode())
    reader = os.open(pipe, os.O_RDONLY)
    os.close(writer)
    assert "Quiet machines" in read_document(f"/dev/fd/{reader}").text
    os.close(reader)


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/urandom"])
def test_devices_are_refused(device: str) -> None:
    """A device, which has no end, is an error and not read."""
    with pytest.raises(DocumentError, match="device"):
        read_document(device)


def test_blank_lines_and_links_take_linear_time() -> None:
    """Many blank lines, or beginnings of links, before a text do not make telling the format endless."""
    begun = time.process_time()
    assert document_from_bytes(b"\n" * 50_000 + BLOCK.encode(), path="a.txt").format == "text"
    assert document_from_bytes(b"](/" * 15_000, path="a.txt").format == "text"
    assert time.process_time() - begun < 60


@pytest.mark.parametrize(
    ("before", "again"),
    [("# Machines\n", "\t"), ("# Machines\n", "# "), (BLOCK, "."), ("", "<!--"), ("| a | b |\n", " ")],
    ids=["tabs", "hashes", "dots", "comments", "table"],
)
def test_one_sign_again_and_again_takes_linear_time(before: str, again: str) -> None:
    """A line of one sign, tens of thousands of times, is read through a bounded number of times."""
    begun = time.process_time()
    extract(document_from_bytes(f"{before}{again * 40_000}x\n\n{BLOCK}".encode(), path="a.txt"))
    assert time.process_time() - begun < 30


def test_long_quotes_are_cut() -> None:
    """A finding about a line of any length quotes its beginning in JSON."""
    (finding,) = to_json(extract(document_from_bytes(b"la " * 5000, path="a.txt")))["findings"]
    assert finding["quote"] == ("la " * 5000)[:QUOTED] + "…"

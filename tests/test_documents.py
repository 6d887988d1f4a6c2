"""Reading files: bytes to text, formats, languages, and files that are no documents."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from fundgraph.documents import read_document
from fundgraph.errors import DocumentError


def written(folder: Path, data: bytes, name: str = "Page 1.txt") -> Path:
    """Write a file and say where it is."""
    path = folder / name
    path.write_bytes(data)
    return path


def test_read_document_says_what_the_file_is(tmp_path: Path) -> None:
    """A document knows its path, the hash of its bytes, and an id that may stand in an IRI."""
    data = "Grüße\n".encode()
    document = read_document(written(tmp_path, data))
    assert (document.id, document.text) == ("page-1", "Grüße\n")
    assert document.sha256 == hashlib.sha256(data).hexdigest()
    assert document.path == str(tmp_path / "Page 1.txt")
    assert read_document(tmp_path / "Page 1.txt", id="phase1").id == "phase1"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"\xef\xbb\xbfM\xc3\xbcller\n", "Müller\n"),
        ("Müller\n".encode("utf-16"), "Müller\n"),
        ("Jörg Müller und Zoë – „so“\n".encode("cp1252"), "Jörg Müller und Zoë – „so“\n"),
        (b"a\r\nb\rc\n", "a\nb\nc\n"),
        ('<?xml encoding="iso-8859-2"?>\nŁukasz'.encode("iso-8859-2"), '<?xml encoding="iso-8859-2"?>\nŁukasz'),
        (b"M\xc3\xbcller, Gr\xc3\xbcne, \xff\n", "Müller, Grüne, \ufffd\n"),
    ],
    ids=["utf-8 mark", "utf-16 mark", "windows-1252", "line ends", "declared", "one bad byte"],
)
def test_bytes_become_the_text_that_was_meant(tmp_path: Path, data: bytes, text: str) -> None:
    """Marks, other encodings and other line ends give the same text as clean UTF-8."""
    assert read_document(written(tmp_path, data)).text == text


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b" \n\t\xc2\xa0\n", "empty"),
        (b"\xef\xbb\xbf\n", "empty"),
        (b"%PDF-1.7\n\x00\x01\x02", "not a text"),
        (bytes(range(1, 32)) * 10, "not a text"),
    ],
)
def test_files_that_are_no_documents_are_refused(tmp_path: Path, data: bytes, says: str) -> None:
    """Empty and binary files give an error that names the file and says what to do."""
    path = written(tmp_path, data)
    with pytest.raises(DocumentError, match=says) as caught:
        read_document(path)
    assert caught.value.where == str(path)
    assert caught.value.hint


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    """What is not there, or is a folder, gives an error that names it."""
    for place, says in ((tmp_path / "none.txt", "no such file"), (tmp_path, "folder")):
        with pytest.raises(DocumentError, match=says) as caught:
            read_document(place)
        assert caught.value.where == str(place)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Title\nDr. Anna Schmidt\n", "text"),
        ("<!DOCTYPE html>\n<html><body>x</body></html>", "html"),
        ("<div><h2>T</h2><p>x</p></div>", "html"),
        ("# Title\n\n## Abstract\n", "markdown"),
        ("---\ntitle: T\n---\ntext\n", "markdown"),
        ('{"projects": []}', "json"),
        ("id,title,people\n1,T,A\n2,U,B\n", "csv"),
        ("id;title;people\n1;T, and more;A\n", "csv"),
        ("Schmidt, Anna\nMeier, Hans\n", "text"),
    ],
)
def test_the_format_is_told_by_the_content(tmp_path: Path, text: str, expected: str) -> None:
    """The format comes from the text, though every file is called the same."""
    assert read_document(written(tmp_path, text.encode())).format == expected


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("We study the theory of networks and show that this is possible for all of them.", "en"),
        ("Wir untersuchen die Theorie der Netze und zeigen, dass das für alle nicht möglich ist.", "de"),
        ("Anna Schmidt\nHans Meier", None),
    ],
)
def test_the_language_is_told_by_small_words(tmp_path: Path, text: str, language: str | None) -> None:
    """English and German are told apart; too little text is neither."""
    assert read_document(written(tmp_path, text.encode())).language == language

"""Lines of a file in another encoding than the rest are read, and reported; what cannot be told is left as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from fundgraph.documents import document_from_bytes
from fundgraph.extract import extract, extract_stream

PAGE = "Loud machines of Köln\nProf. Dr. Jörg Lück, Dr. Zoë Groß\n\nAbstract\n\nWir prüfen, wie groß „Lärm“ ist – und für wen.\n"


def pages(*encodings: str) -> bytes:
    """Write a page of projects, each in an encoding."""
    parts = [
        PAGE.replace("Loud", word).encode(name)
        for word, name in zip(("Loud", "Slow", "Odd"), encodings, strict=False)
    ]
    return b"\n".join(parts)


@pytest.mark.parametrize(
    ("encodings", "lines"),
    [
        (("utf-8", "cp1252", "utf-8"), (8, 9, 13)),
        (("cp1252", "utf-8", "cp1252"), (1, 2, 6, 15, 16, 20)),
        (("utf-8", "utf-8", "utf-8"), ()),
        (("cp1252", "cp1252", "cp1252"), ()),
    ],
)
def test_each_line_is_read_in_its_own_encoding(encodings: tuple[str, ...], lines: tuple[int, ...]) -> None:
    """Every project of a page of two encodings is read as it was meant; a finding stands at each line of the other one."""
    found = extract(document_from_bytes(pages(*encodings), path="page.txt"))
    assert [one.title for one in found.projects] == [
        f"{word} machines of Köln" for word in ("Loud", "Slow", "Odd")
    ]
    assert {one.name for one in found.people} == {"Jörg Lück", "Zoë Groß"}
    assert {one.abstract.text for one in found.projects} == {"Wir prüfen, wie groß „Lärm“ ist – und für wen."}
    assert tuple(one.span.line for one in found.findings if one.code == "mixed-encoding") == lines
    assert "\ufffd" not in found.document.text


def test_a_closing_quote_after_a_letter_is_no_other_encoding() -> None:
    """Bytes of Windows-1252 that happen to be a character of UTF-8 ("Spaß“") do not make a file one of two encodings."""
    document = document_from_bytes(
        "Er rief „Spaß“ und „Groß“, und Jörg schwieg.\n".encode("cp1252"), path="page.txt"
    )
    assert document.text == "Er rief „Spaß“ und „Groß“, und Jörg schwieg.\n"
    assert document.recoded == ()


def test_what_cannot_be_told_stays_unread() -> None:
    """Bytes that are no letter beside a letter and no sign of print are left as such, with their own finding."""
    data = "Größe der Dinge\nProf. Anna Schmidt\n\nAbstract\n\nGut ".encode() + b"\x81\x8d \xff\xfe.\n"
    found = extract(document_from_bytes(data, path="page.txt"))
    assert "\ufffd" in found.document.text
    assert [one.code for one in found.findings if one.span.line == 6] == ["undecodable-bytes"]


def test_many_lines_are_counted() -> None:
    """Of very many lines in the other encoding the first are reported, and the last of these says how many follow."""
    data = pages("utf-8") + b"\n" + b"\n".join("für".encode("cp1252") for _ in range(50))
    found = [
        one for one in extract(document_from_bytes(data, path="p.txt")).findings if one.code == "mixed-encoding"
    ]
    assert len(found) == 20
    assert "30 more" in found[-1].message


def test_rows_of_a_stream(tmp_path: Path) -> None:
    """A stream reads rows in another encoding as a document does."""
    rows = ["title,principal investigator,university,grant number", "Quiet machines,Jörg Lück,Universität Köln,1"]
    data = "\n".join(rows).encode() + b"\n" + "Loud machines,Zoë Groß,Universität Köln,2\n".encode("cp1252")
    (tmp_path / "t.csv").write_bytes(data)
    names = [person.name for project in extract_stream(tmp_path / "t.csv") for person in project.people]
    assert names == ["Jörg Lück", "Zoë Groß"]

"""Every line of structured documents is accounted for, by the values that stand on it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fundgraph.documents import document_from_bytes, read_document
from fundgraph.errors import DocumentError
from fundgraph.extract import extract
from fundgraph.model import Document, Extraction

from .conftest import ROOT

RECORDS = sorted(path for path in (ROOT / "tests" / "data" / "records").rglob("*") if path.is_file())


def counted(extraction: Extraction) -> tuple[int, int, int]:
    """Return the lines read, furniture and unread."""
    assert extraction.coverage is not None
    return extraction.coverage.read, extraction.coverage.furniture, extraction.coverage.unread


def read(text: str, name: str) -> tuple[Document, Extraction]:
    """Read a text as a document."""
    document = document_from_bytes(text.encode(), path=name)
    return document, extract(document)


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.name)
def test_every_line_is_accounted_for(path: Path) -> None:
    """In every sample the three numbers add up to the lines that are not blank, and something was read."""
    try:
        document = read_document(path)
    except DocumentError:
        pytest.skip("no document")
    extraction = extract(document)
    assert sum(counted(extraction)) == sum(1 for line in document.text.split("\n") if line.strip())
    if extraction.projects:
        assert counted(extraction)[0] > 0


def test_json_by_its_values() -> None:
    """Values taken are read, others unread; brackets and empty values are furniture."""
    text = (
        '{\n "response": {\n  "award": [\n   {\n    "id": "2219044",\n    "title": "Quiet machines",\n'
        '    "pdPIName": "Ann Lindqvist",\n    "awardeeName": "University of Lund",\n    "estimatedTotalAmt": "1200",\n'
        '    "abstractText": null\n   }\n  ]\n }\n}\n'
    )
    _, extraction = read(text, "nsf.json")
    assert counted(extraction) == (4, 9, 1)
    assert extraction.coverage is not None
    assert extraction.coverage.lines == (9,)


def test_a_table_by_its_rows() -> None:
    """A row that names no project is unread; header and other rows are read, also those of several lines."""
    text = (
        "Title,Principal Investigator,Institution,Number,Abstract\n"
        'Quiet machines,Ann Lindqvist,University of Lund,1234567,"One\ntwo\n\nthree"\n'
        ",,,,Total of all\n"
        "Loud machines,Jonas Ek,University of Lund,1234568,One\n"
    )
    document, extraction = read(text, "t.csv")
    assert extraction.coverage is not None
    assert [document.text.split("\n")[number - 1] for number in extraction.coverage.lines] == [",,,,Total of all"]
    assert counted(extraction)[:2] == (5, 0)


def test_yaml_and_front_matter() -> None:
    """Comments are furniture, keys that mean nothing to us are unread, and so is what stands below the abstract."""
    text = (
        "---\ntitle: Quiet machines in cold rooms\n# the team\nteam:\n  - Ann Lindqvist\n  - Jonas Ek\n"
        "start_date: 2022-10-01\nend_date: 2025-09-30\ncolour: blue\n---\n\nWe measure machines.\n\n## News\n\n* A paper.\n"
    )
    document, extraction = read(text, "projects/quiet.md")
    assert extraction.coverage is not None
    lines = document.text.split("\n")
    assert [lines[number - 1] for number in extraction.coverage.lines] == ["colour: blue", "## News", "* A paper."]
    assert extraction.coverage.furniture == 4


def test_data_in_a_page() -> None:
    """Of a page that is read by its embedded data, the text that readers see and nothing was read from is unread."""
    text = (
        '<html><body>\n<script type="application/ld+json">\n{"@context": "https://schema.org", "@type": "ResearchProject",\n'
        '"name": "Quiet machines in cold rooms",\n"foundingDate": "2020"}\n</script>\n<p>Click here.</p>\n</body></html>\n'
    )
    document, extraction = read(text, "page.html")
    assert [project.title for project in extraction.projects] == ["Quiet machines in cold rooms"]
    assert extraction.coverage is not None
    assert "<p>Click here.</p>" in [document.text.split("\n")[number - 1] for number in extraction.coverage.lines]
    assert extraction.coverage.read >= 1


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["Title", "PI", "Start", "Remarks", "Ort"]), st.text("ab \n\"',:{}-", max_size=12)
        ),
        min_size=1,
        max_size=8,
    )
)
def test_odd_tables_add_up(cells: list[tuple[str, str]]) -> None:
    """Whatever stands in the cells, the three numbers add up."""
    text = "Title,PI,Institution,Start\n" + "\n".join(f"{one},{other},x,2020" for one, other in cells)
    document, extraction = read(text, "t.csv")
    assert sum(counted(extraction)) == sum(1 for line in document.text.split("\n") if line.strip())

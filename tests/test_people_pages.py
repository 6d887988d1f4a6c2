"""Pages that list only people are read as the programme's people, alone and beside pages of projects."""

from __future__ import annotations

from pathlib import Path

import pytest

from fundgraph.documents import document_from_bytes, read_document
from fundgraph.documents.programme import read_programme
from fundgraph.errors import DocumentError
from fundgraph.extract import extract
from fundgraph.extract.report import to_json, to_text
from fundgraph.model import Extraction
from fundgraph.pipeline import extract_files, extractions_to_turtle, read_documents, validate_data
from fundgraph.settings import Settings

from .conftest import ROOT

PAGES = ROOT / "tests" / "data" / "people"
PROJECTS = """Quiet machines in cold rooms
Prof. Dr. Ole Tamm, Dr. Paula Ortiz

Abstract
We measure how machines fall silent, and ask what their users notice of it in their daily work.

Participants
Prof. Dr. Ole Tamm
Dr. Paula Ortiz
Ines Falk
"""
TOML = """[programme]
name = "Quiet Machines"
number = "TST 3"
base = "https://w3id.org/fundgraph/quiet/"
"""
DOCUMENT = '\n[[document]]\nid = "{0}"\nfile = "{1}"\nsource = "https://example.org/{0}"\nrights = "ours"\n'


def told(name: str) -> list[tuple[str, str | None, str, str | None, str | None, str | None]]:
    """Return all that is read of the people of one of the pages."""
    return [
        (one.name, one.honorific, one.role, one.role_as_printed, one.affiliation, one.note)
        for one in extract(read_document(PAGES / name)).members
    ]


def test_cards_under_headings() -> None:
    """A name's heading, the role and the institution below make a person; without a role the section's holds."""
    bremen, dresden, biology = "University of Bremen", "TU Dresden", "Max Planck Institute for Biology"
    pi, student = "Principal Investigators", "PhD students"
    assert told("cards_en.html") == [
        ("Mara Lindqvist", "Prof. Dr.", "spokesperson", "Spokesperson", bremen, None),
        ("Ole Tamm", "Prof. Dr.", "spokesperson", "Vice spokesperson", dresden, None),
        ("Paula Ortiz", "Dr.", "principal-investigator", pi, biology, None),
        ("Ines Falk", None, "researcher", student, bremen, None),
        ("Jonas Ruhr", None, "researcher", student, dresden, None),
    ]


def test_sections_of_a_text() -> None:
    """A line that is a role, with a blank line above, is the role of those below; brackets hold places and notes."""
    found = told("sections_de.txt")
    assert [(name, printed) for name, _, _, printed, _, _ in found] == [
        ("Mara Lindqvist", "Sprecherin"),
        ("Ole Tamm", "Projektleiterinnen und Projektleiter"),
        ("Ulrike Hagemann", "Projektleiterinnen und Projektleiter"),
        ("Paula Ortiz", "Projektleiterinnen und Projektleiter"),
        ("Ines Falk", "Doktorandinnen und Doktoranden"),
        ("Jonas Ruhr", "Doktorandinnen und Doktoranden"),
        ("Leyla Aydın", "Doktorandinnen und Doktoranden"),
        ("Kim Sattler", "Assoziierte Mitglieder"),
    ]
    assert found[0][4] == "Universität Bremen"
    assert found[-1][5] == "until 2022"


def test_other_forms() -> None:
    """Tables, bullets with roles and notes, family names first: all give people with roles and places."""
    assert told("table_en.md")[3] == ("Jonas Ruhr", None, "researcher", "Postdoc", "TU Dresden", None)
    assert told("bullets_en.md")[3:5] == [
        ("Jonas Ruhr", None, "leader", "project manager", None, "on leave"),
        ("Tim Sauer", None, "participant", "Alumni", None, "now at Acme"),
    ]
    assert told("family_first_en.txt")[0] == (
        "Mara Lindqvist", "Prof. Dr.", "spokesperson", "Spokesperson", "University of Bremen", None
    )  # fmt: skip
    assert [name for name, *_ in told("items_de.html")] == [
        "Mara Lindqvist", "Ole Tamm", "Paula Ortiz", "Ines Falk", "Jonas Ruhr",
    ]  # fmt: skip


@pytest.mark.parametrize("path", sorted(PAGES.iterdir()), ids=lambda path: path.name)
def test_a_page_of_people_is_no_error(path: Path) -> None:
    """There is no project, the finding says so as information, every line is accounted for, and spans are right."""
    extraction = extract(read_document(path))
    assert extraction.projects == ()
    assert [one.severity for one in extraction.findings if one.code == "no-project"] == ["info"]
    assert extraction.coverage is not None
    assert extraction.coverage.unread == 0
    for member in extraction.members:
        assert not member.is_pi
        for mention in member.mentions:
            assert extraction.document.quote(mention.span) == mention.name


def test_json_and_table() -> None:
    """The JSON of a person who is only listed says what is printed there; the table lists them."""
    extraction = extract(read_document(PAGES / "sections_de.txt"))
    person = to_json(extraction)["people"][0]
    assert (person["role"], person["role_as_printed"], person["line"]) == ("spokesperson", "Sprecherin", 4)
    assert (person["affiliation"], person["honorific"], person["projects"]) == (
        "Universität Bremen",
        "Prof. Dr.",
        [],
    )
    assert "Prof. Dr. Mara Lindqvist" in to_text(extraction)


@pytest.mark.parametrize(
    "text",
    [
        PROJECTS,
        "Team\n\nWe are a team that works on machines. Our aim is to make them quiet, and to tell others how.\n",
        "Shopping list\n\nMilk\nBread\nGreen Apples\nOrange Juice\n",
        "People\n\nProf. Dr. Ole Tamm\n\n"
        + "He studied in Kiel and has worked on machines since 2001. " * 9
        + "\n",
    ],
)
def test_other_pages_are_no_lists_of_people(text: str) -> None:
    """Projects with people, a team's prose, a list of other things, one person's page: none is a list of people."""
    assert extract(document_from_bytes(text.encode(), path="page.txt")).members == ()


def programme(folder: Path, *files: str) -> Path:
    """Make a programme of the files given; one page of projects and one of people."""
    (folder / "projects.txt").write_text(PROJECTS, encoding="utf-8")
    (folder / "people.html").write_text((PAGES / "cards_en.html").read_text(encoding="utf-8"), encoding="utf-8")
    text = TOML + "".join(DOCUMENT.format(Path(file).stem, file) for file in files)
    (folder / "programme.toml").write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize("files", [("projects.txt", "people.html"), ("people.html", "projects.txt")])
def test_people_and_projects_make_one_graph(tmp_path: Path, files: tuple[str, str]) -> None:
    """In either order a person of the list is the one of the projects; the graph has the list's roles and places."""
    read = read_documents(read_programme(programme(tmp_path, *files)), ())
    ids = {one.person_id for extraction in read for project in extraction.projects for one in project.people}
    listed = {one.person_id for extraction in read for one in extraction.members}
    assert ids == {"ole-tamm", "paula-ortiz", "ines-falk"}
    assert listed == ids | {"mara-lindqvist", "jonas-ruhr"}
    assert all(finding.code != "homonym" for extraction in read for finding in extraction.findings)
    for report in validate_data(Settings.load(data_dir=tmp_path)):
        assert report.conforms
        assert not [one for one in report.results if "takes part in no project" in one.message]


def test_a_folder_of_people_and_projects(tmp_path: Path) -> None:
    """A folder is read as its documents are: the list's people are those of the projects."""
    programme(tmp_path)
    (tmp_path / "programme.toml").unlink()
    read: list[Extraction] = extract_files([tmp_path])
    assert {len(extraction.members) for extraction in read} == {0, 5}
    turtle = extractions_to_turtle(read)
    assert "fg:memberOf" in turtle
    assert 'fg:roleAsPrinted "Vice spokesperson"' in turtle


def test_people_alone_are_no_programme(tmp_path: Path) -> None:
    """A programme whose documents name no project at all is one clear error."""
    with pytest.raises(DocumentError, match="no project was found"):
        read_documents(read_programme(programme(tmp_path, "people.html")), ())

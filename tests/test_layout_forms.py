"""Forms of labels, names, numbers and menus that the eighth round of unseen pages asked for, and what they leave alone."""

from __future__ import annotations

import pytest

from fundgraph.documents import document_from_bytes
from fundgraph.extract import extract
from fundgraph.extract.codes import has_number, split_code
from fundgraph.extract.dates import read_period
from fundgraph.extract.headings import read_heading, role_of
from fundgraph.extract.layouts.page import is_furniture, is_placeholder
from fundgraph.extract.layouts.values import institutions_of, names_of
from fundgraph.model import Extraction

RECORD = "{title}\nPrincipal investigator: {who}\nDuration: 2020 – 2023\n{more}\n"


def read(text: str, name: str = "page.txt") -> Extraction:
    """Read a text as a document."""
    return extract(document_from_bytes(text.encode(), path=name))


def titles(page: Extraction) -> list[str]:
    """Return the projects' titles."""
    return [project.title for project in page.projects]


@pytest.mark.parametrize(
    ("printed", "name", "honorific", "place"),
    [
        ("Prof. dr. M. (Marijke) Postma", "Marijke Postma", "Prof. dr.", None),
        ("Dr. A.B. (Bram) de Wilde", "Bram de Wilde", "Dr.", None),
        ("Robert (Bob) Whitlock", "Robert Whitlock", None, None),
        ("Selim Aksoy, M.Sc. (Universität Bayreuth)", "Selim Aksoy", "M.Sc.", "Universität Bayreuth"),
        ("Dr. Ines Radić, BIAS Bremen", "Ines Radić", "Dr.", "BIAS Bremen"),
    ],
)
def test_a_name_with_what_stands_about_it_is_one(
    printed: str, name: str, honorific: str | None, place: str | None
) -> None:
    """Initials with the name in brackets, degrees with a bracket and abbreviations with a town are of one person."""
    (one,) = names_of(printed, 0, len(printed))
    assert (one.name, one.honorific, one.affiliation) == (name, honorific, place)


def test_an_abbreviation_is_no_place_in_a_list_of_names_in_capitals() -> None:
    """Behind nobody with a title two words with capitals are a person."""
    printed = "Marie Dupont, PAUL Martin"
    assert [one.name for one in names_of(printed, 0, len(printed))] == ["Marie Dupont", "PAUL Martin"]


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("01 Oct 21 – 30 Sep 24", ("2021-10-01", "2024-09-30")),
        ("01.04.21 - 31.03.24", ("2021-04-01", "2024-03-31")),
        ("du 1er janvier 2023 au 31 décembre 2027", ("2023-01-01", "2027-12-31")),
        ("del 1 de marzo de 2022 al 28 de febrero de 2025", ("2022-03-01", "2025-02-28")),
        ("Chapter 3.10 and table 12.04.7", (None, None)),
    ],
)
def test_dates_with_short_years_and_small_words(text: str, period: tuple[str | None, str | None]) -> None:
    """Years of two digits count behind a day and a month; "1er" and "de" are of a date; a section's number is none."""
    assert read_period(text)[:2] == period


@pytest.mark.parametrize(
    "number", ["ANR-21-CE27-0112", "EP/V026259/1", "406.22.EW.015", "01GL2301A", "VH-NG-1712"]
)
def test_a_funders_number_leads_a_title(number: str) -> None:
    """Numbers in the forms of many funders are a title's code."""
    assert has_number(number)
    assert split_code(f"{number}: Snow under forests") == (number, len(number) + 2)


@pytest.mark.parametrize("text", ["2021-2024", "14.03.2025", "COVID-19", "SARS-CoV-2", "2020"])
def test_dates_and_words_with_a_number_are_no_code(text: str) -> None:
    """A period, a day and a word that ends in a number do not lead a title."""
    assert not has_number(text)


@pytest.mark.parametrize(
    ("line", "is_menu"),
    [
        ("Impressum   Datenschutz   Barrierefreiheit", True),
        ("Home | About | Research | Training | Contact", True),
        ("[Zurück zur Übersicht](/) · [Kontakt](/kontakt/)", True),
        ("Mentions légales - Plan du site - Dernière mise à jour le 12 mai 2024", True),
        ("Snow | Ice | Water", False),
        ("Research and contact in old harbours", False),
    ],
)
def test_the_links_of_a_head_or_foot_on_one_line_are_the_pages(line: str, is_menu: bool) -> None:
    """Several known entries between signs or wide spaces are furniture; other words between signs are not."""
    assert is_furniture(line) is is_menu


def test_a_menu_of_lines_is_no_project() -> None:
    """Entries below the page's name make no record of it, and count as furniture."""
    menu = "Network for Old Harbours\n\nAbout\nFaculty\nProjects\nApply\n\n"
    records = [
        RECORD.format(title="Quays of stone", who="Dr. Ann Ek", more=""),
        RECORD.format(title="Ropes of hemp", who="Dr. Bo Lind", more=""),
    ]
    page = read(menu + "\n".join(records))
    assert titles(page) == ["Quays of stone", "Ropes of hemp"]
    furniture = [one.span for one in page.findings if one.code == "page-furniture"]
    assert "Faculty" in "".join(page.document.text[span.start : span.end] for span in furniture)


def test_people_beside_places_on_lines_of_their_own() -> None:
    """In a row with as many lines of places as of people each person works at the place beside."""
    rows = "".join(
        f"<tr><td>{title}</td><td>{who}</td><td>{where}</td></tr>"
        for title, who, where in (
            ("Plumes below ice", "Dr. Ann Ek<br>Prof. Dr. Bo Lind", "Universität Bonn<br>AWI Bremerhaven"),
            ("Pancakes of ice", "Dr. Cy Rand", "TU Berlin"),
        )
    )
    head = "<tr><th>Title</th><th>Principal investigators</th><th>Institution</th></tr>"
    page = read(f"<table>{head}{rows}</table>", "page.html")
    assert [[(one.name, one.affiliation) for one in project.people] for project in page.projects] == [
        [("Ann Ek", "Universität Bonn"), ("Bo Lind", "AWI Bremerhaven")],
        [("Cy Rand", "TU Berlin")],
    ]


def test_a_label_that_nobody_knows_is_no_organisation() -> None:
    """Below "Host institution: …" a line "Pets allowed: …" names none."""
    more = "Host institution: University of Cork\nPets allowed: University of Kent\n"
    page = read(
        RECORD.format(title="Salt in barley", who="Dr. Ann Ek", more=more)
        + "\n"
        + RECORD.format(title="Salt in wheat", who="Dr. Bo Lind", more=more)
    )
    assert [[one.name for one in project.institutions] for project in page.projects] == [
        ["University of Cork"],
        ["University of Cork"],
    ]


def test_who_speaks_for_the_page_below_the_last_record_is_not_in_it() -> None:
    """ "Speaker: …" apart from the last record, with nothing like it in the others, is the programme's."""
    records = [
        RECORD.format(title=title, who=who, more="")
        for title, who in (
            ("Quays of stone", "Dr. Ann Ek"),
            ("Ropes", "Dr. Bo Lind"),
            ("Sails of jute", "Dr. Cy Rand"),
        )
    ]
    page = read("\n".join(records) + "\nSpeaker: Prof. Dr. Eva Holm\n")
    assert [[one.name for one in project.people] for project in page.projects] == [
        ["Ann Ek"],
        ["Bo Lind"],
        ["Cy Rand"],
    ]
    assert [one.name for one in page.members] == ["Eva Holm"]


@pytest.mark.parametrize(
    ("partner", "people", "places"),
    [("Vilnius Tech", 0, 1), ("Dr. Jan Becker", 1, 0)],
)
def test_partners_are_what_the_pages_other_partners_are(partner: str, people: int, places: int) -> None:
    """Two words below "Partner" are an organisation where other projects' partners are, unless one is a person."""
    other = "University of Tulln" if places else "Prof. Dr. Eva Holm"
    page = read(
        RECORD.format(title="Soil in cities", who="Dr. Ann Ek", more=f"Partner: {partner}\n")
        + "\n"
        + RECORD.format(title="Soil on farms", who="Dr. Bo Lind", more=f"Partner: {other}\n")
    )
    first = page.projects[0]
    assert (len(first.people) - 1, len(first.institutions)) == (people, places)


@pytest.mark.parametrize(
    ("printed", "role"),
    [
        ("Main supervisor", "participant"),
        ("Wissenschaftlicher Koordinator", "coordinator"),
        ("Main results", None),
    ],
)
def test_a_word_before_a_role_leaves_it_the_role(printed: str, role: str | None) -> None:
    """An adjective does not change a role, and makes none of another word."""
    assert role_of(printed) == role


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("Individual research projects", "section"),
        ("Projets ANR en cours", "section"),
        ("Gehonoreerde aanvragen", "section"),
        ("Projects on rivers", None),
    ],
)
def test_a_heading_of_a_list_of_projects_is_no_title(line: str, kind: str | None) -> None:
    """The word for projects and what says which they are is a section's heading; with a subject it is not."""
    heading = read_heading(line)
    assert (heading.kind if heading else None) == kind


def test_prose_with_one_passage_that_tells_of_a_project_is_no_list() -> None:
    """Several projects in prose need two passages with people and dates or a number."""
    first = "Shop signs in ports\n\nThe work began in May 2021. It is led by Prof. Dr. Ann Ek (University of Bonn), who reads signs in three ports.\n\n"
    second = "Ropes and songs\n\nThe work began in June 2022. It is led by Dr. Bo Lind (University of Kiel), who listens to songs about ropes.\n\n"
    assert titles(read("Institute of Ports\n\n" + first + second)) == ["Shop signs in ports", "Ropes and songs"]
    assert len(read("Institute of Ports\n\n" + first).projects) <= 1


def test_a_text_in_brackets_behind_its_label_is_one_that_is_still_missing() -> None:
    """ "Summary (PDF)" is a link and no heading; "Resumen: (en preparación)" has a text that is none."""
    assert is_placeholder("(en preparación)")
    assert is_placeholder("Kein Abstract vorhanden")
    page = read(
        "".join(
            f"{title}\nIP: {who}\nDuración: 01/09/2022 - 31/08/2025\nResumen: (en preparación)\n\n"
            for title, who in (("Caminos del corcho", "Ana Ruiz Gil"), ("Pleitos por la sal", "Pere Vidal Roig"))
        )
    )
    assert {project.abstract.status for project in page.projects} == {"placeholder"}
    assert "empty-abstract" not in {one.code for one in page.findings}


@pytest.mark.parametrize(
    ("printed", "plain"),
    [
        ("Porteur·se", "porteur"),
        ("Doctorant·e", "doctorant"),
        ("Doctorant·e·s", "doctorants"),
        ("Chercheur•euse", "chercheur"),
    ],
)
def test_french_words_for_all_are_the_word(printed: str, plain: str) -> None:
    """A role with its other endings behind dots is the role without them."""
    assert role_of(printed) == role_of(plain) is not None


SEMICOLONS = """Awards of the Trust

QT-21-01; Ropes and tar in northern yards; Dr. Fiona Bexley; University of Aberdeen; 2021-2023
QT-21-02; Lamps for the smallest ports; Dr. Sana Rahim, Dr. Leo Finch; University of Hull; 2022-2025
"""


def test_rows_with_semicolons_are_projects() -> None:
    """A row of code, title, names, place and years is a project, and its place is that of its people."""
    first, second = read(SEMICOLONS).projects
    assert (first.code, first.title, first.start, first.end) == (
        "QT-21-01", "Ropes and tar in northern yards", "2021", "2023",
    )  # fmt: skip
    assert [(one.name, one.affiliation) for one in second.people] == [
        ("Sana Rahim", "University of Hull"),
        ("Leo Finch", "University of Hull"),
    ]


def test_semicolons_in_prose_make_no_row() -> None:
    """Where no code stands before the first semicolon, or nobody's name after it, there is no project."""
    text = (
        "Opening hours; on Mondays; on Tuesdays; on Fridays\nQT-21-01; bring a coat; bring a hat; bring a lamp\n"
    )
    assert read(text).projects == ()


@pytest.mark.parametrize(
    ("value", "places"),
    [
        ("Universität Bonn, Technische Universität Dresden, TU Wien", 3),
        ("INRAE Montpellier, CNRS", 2),
        ("Universität Bonn, Institut für Informatik", 1),
        ("Department of Physics, University of Hull", 1),
    ],
)
def test_commas_part_organisations_that_are_whole(value: str, places: int) -> None:
    """Where all between commas is a university or an abbreviation there are several organisations, else one."""
    assert len(institutions_of(value, 0, len(value), None)) == places

"""The words that recur across programmes: roles, titles, codes, dates, institutions, and what is ignored."""

from __future__ import annotations

import pytest

from fundgraph.documents import document_from_bytes
from fundgraph.extract import extract
from fundgraph.extract.codes import split_code
from fundgraph.extract.dates import read_period
from fundgraph.extract.headings import role_of
from fundgraph.extract.layouts.fields import column_kind, read_label
from fundgraph.extract.layouts.titles import code_alone, is_noise
from fundgraph.extract.layouts.values import institutions_of, names_of, people_of

ROLES = {
    "Sprecherin": "spokesperson", "Sprecher(in)": "spokesperson", "stellvertr. Sprecher": "spokesperson",
    "Antragstellerinnen / Antragsteller": "principal-investigator", "Mitantragsteller": "co-investigator",
    "Leiterin": "leader", "Leiter(in)": "leader", "Teilprojektleiter": "principal-investigator",
    "Mitverantwortliche(r)": "co-investigator", "beteiligte Wissenschaftlerinnen": "researcher",
    "beteiligte Wissenschaftler": "researcher", "Kooperationspartner": "partner", "Gastgeber": "partner",
    "Projektleitung": "principal-investigator", "Applicant": "principal-investigator", "Spokesperson": "spokesperson",
    "Coordinator": "coordinator", "Project leader": "leader", "Principal Investigators": "principal-investigator",
    "PI": "principal-investigator", "Lead PI": "principal-investigator", "Co-PI": "co-investigator", "Site Lead": "leader",
    "Senior Personnel": "researcher", "Researcher": "researcher", "Research Assistant": "researcher",
    "PhD student": "researcher", "Associated postdoc": "researcher", "Alumni": "participant", "Partner": "partner",
}  # fmt: skip


@pytest.mark.parametrize(("printed", "role"), ROLES.items())
def test_role_words_are_known(printed: str, role: str) -> None:
    """Every role word that recurs is one of the small set, and is read as a label."""
    assert role_of(printed) == role
    label = read_label(f"{printed}: Dr. Anna Schmidt")
    assert label is not None
    assert label.kind in {"role", "people"}


@pytest.mark.parametrize(
    ("printed", "honorific", "name"),
    [
        ("Prof. Anna Schmidt", "Prof.", "Anna Schmidt"),
        ("Prof. Dr. Jörg von der Heide", "Prof. Dr.", "Jörg von der Heide"),
        ("Professorin Dr. Eva Groß", "Professorin Dr.", "Eva Groß"),
        ("Prof. Dr.-Ing. Max Kühn", "Prof. Dr.-Ing.", "Max Kühn"),
        ("Prof. dr. Pieter de Vries", "Prof. dr.", "Pieter de Vries"),
        ("Dr Emily Clarke", "Dr", "Emily Clarke"),
        ("Revd Dr Simon Hale, MA", "Revd Dr", "Simon Hale"),
        ("Jane Roe, Ph.D.", "Ph.D.", "Jane Roe"),
        ("Ann Lee, M.D.", "M.D.", "Ann Lee"),
        ("Tom Fox, M.S.", "M.S.", "Tom Fox"),
    ],
)
def test_titles_have_their_own_field(printed: str, honorific: str | None, name: str) -> None:
    """Titles before and after a name are no part of it."""
    (person,) = names_of(printed, 0, len(printed))
    assert (person.honorific, person.name) == (honorific, name)


@pytest.mark.parametrize(
    ("printed", "names"),
    [
        ("Anna Schmidt (PI; LBNL) \\", [("Anna Schmidt", "PI", "LBNL")]),
        ("Jan Becker (University of Bonn, Co-PI)", [("Jan Becker", "Co-PI", "University of Bonn")]),
        ("Dr. Anna Berg, Bonn; Dr. Tom Hill, Jena", [("Anna Berg", None, "Bonn"), ("Tom Hill", None, "Jena")]),
        ("Dr. Anna Berg – Universität Bonn", [("Anna Berg", None, "Universität Bonn")]),
        ("Prof. Dr. A. Berg / Dr. Tom Hill", [("A. Berg", None, None), ("Tom Hill", None, None)]),
        ("Dr. Anna Berg, University of Bonn, Germany", [("Anna Berg", None, "University of Bonn")]),
    ],
)
def test_places_and_roles_stand_by_names(printed: str, names: list[tuple[str, str | None, str | None]]) -> None:
    """What stands behind a name in brackets, after a comma or a dash is a role or a place."""
    found = people_of(printed, 0, len(printed), None).people
    assert [(one.name.name, one.role, one.name.affiliation) for one in found] == names


@pytest.mark.parametrize(
    ("title", "code"),
    [
        ("A01: Optimal control", "A01"), ("A01 Optimal control", "A01"), ("Z: Central tasks", "Z"), ("INF – Data", "INF"),
        ("MGK: School", "MGK"), ("Teilprojekt 4: Graphen", "Teilprojekt 4"), ("SPP 2298: Foundations", "SPP 2298"),
        ("SFB 1223: Time", "SFB 1223"), ("TRR 287 – Particles", "TRR 287"), ("GRK 60: Woods", "GRK 60"),
    ],
)  # fmt: skip
def test_codes_before_titles(title: str, code: str) -> None:
    """A code before a title is the project's, and no part of the title."""
    found, rest = split_code(title)
    assert found == code
    assert title[rest:][0].isupper()


@pytest.mark.parametrize(
    "code", ["SPP 2556", "A01", "JRG", "Teilprojekt 4", "#676541", "OAC-2241313", "ANR-21-CE13-0044", "785813"]
)
def test_codes_on_a_line_of_their_own(code: str) -> None:
    """A code that is all of a line announces a record."""
    assert code_alone(code) == code.lstrip("#")


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("Förderung seit 2018", "2018", None), ("von 2016 bis 2019", "2016", "2019"),
        ("Laufzeit: 01. Mai 2026 - 30. April 2029", "2026-05-01", "2029-04-30"),
        ("2017-11-01 → 2018-08-31", "2017-11-01", "2018-08-31"),
        ("October 2018 until September 2021", "2018-10", "2021-09"), ("09/01/2021", "2021-09-01", None),
        ("28/02/2026", "2026-02-28", None), ("01/2020 - 12/2022", "2020-01", "2022-12"),
        ("03.2021 – 02.2024", "2021-03", "2024-02"), ("1.4.2021 bis 31.3.2024", "2021-04-01", "2024-03-31"),
    ],
)  # fmt: skip
def test_dates_as_programmes_print_them(text: str, start: str | None, end: str | None) -> None:
    """Periods are ISO dates at the precision stated."""
    assert read_period(text)[:2] == (start, end)


def test_institutions_lose_numbers_countries_and_remarks() -> None:
    """A number before and brackets after are no part of an organisation's name."""
    text = "01-Université de la Côte (FR); AQUATERRA SRL (IT) (Left the consortium); Bristol"
    assert [one.name for one in institutions_of(text, 0, len(text), None)] == [
        "Université de la Côte",
        "AQUATERRA SRL",
        "Bristol",
    ]
    assert all(text[one.start : one.end] == one.name for one in institutions_of(text, 0, len(text), None))


@pytest.mark.parametrize(
    "line",
    [
        "Seite 1 von 5",
        "1 2 3 … 9 weiter",
        "Treffer 1 bis 10 von 27",
        "mehr",
        "Home > Awards > Detail",
        "===== FILE: a.md =====",
    ],
)
def test_pagers_and_rules_are_noise(line: str) -> None:
    """Lines that lead about a site hold nothing."""
    assert is_noise(line)


def test_columns_of_tables() -> None:
    """A column is known by its heading, in German and English."""
    assert [column_kind(word) for word in ("Organization", "Teilprojekt", "Leitung", "Laufzeit", "Poster")] == [
        ("institution", None),
        ("title", None),
        ("person", "Leitung"),
        ("period", None),
        None,
    ]


def test_the_funders_officers_are_nobodys_people() -> None:
    """Programme officers are passed over, on their line and below their label."""
    text = (
        "Deep nets in practice\n\nPrincipal Investigator\nDr. Anna Schmidt\n\nProgram Officer\nDr. Olaf Officer\n\n"
        "Fachlicher DFG-Ansprechpartner: Dr. Rolf Amtmann\n"
    )
    page = extract(document_from_bytes(text.encode(), path="page.txt"))
    assert [person.name for project in page.projects for person in project.people] == ["Anna Schmidt"]

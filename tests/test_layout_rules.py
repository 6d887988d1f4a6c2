"""Rules that pages of new kinds asked for: what each reads, and what it leaves alone."""

from __future__ import annotations

import pytest

from fundgraph.documents import document_from_bytes
from fundgraph.extract import extract
from fundgraph.extract.dates import read_period
from fundgraph.extract.headings import role_of
from fundgraph.extract.layouts.values import names_of
from fundgraph.model import Extraction


def read(text: str, name: str = "page.txt") -> Extraction:
    """Read a text as a document."""
    return extract(document_from_bytes(text.encode(), path=name))


def people(text: str) -> list[tuple[str, str | None]]:
    """Return the names on a line with their places."""
    return [(one.name, one.affiliation) for one in names_of(text, 0, len(text))]


RECORD = "{title}\nPrincipal investigator: {who}\nDuration: 2020 – 2023\n\nRivers carry sand to the sea. The project measures how much of it arrives.\n\n"


def test_a_line_in_which_nobody_was_recognised_is_unread() -> None:
    """A label whose value is no name counts as unread, with a finding, and not as read."""
    page = read(
        RECORD.format(title="Sand in rivers", who="whoever was there then")
        + RECORD.format(title="Silt in lakes", who="Dr. Ann Ek")
    )
    assert [one.code for one in page.findings if page.document.line_of(one.span.start) == 2] == ["unread-name"]
    assert page.coverage is not None
    assert 2 in page.coverage.lines


def test_an_open_position_is_nobody_and_a_finding() -> None:
    """ "N.N." is no person and takes nobody else with it; initials of a real name are left alone."""
    page = read(
        RECORD.format(title="Sand in rivers", who="Dr. Ann Ek, N.N.")
        + RECORD.format(title="Silt in lakes", who="N. N. Taleb")
    )
    assert [[one.name for one in project.people] for project in page.projects] == [["Ann Ek"], ["N. N. Taleb"]]
    assert [one.quote for one in page.findings if one.code == "vacant-position"] == ["N.N."]


@pytest.mark.parametrize("line", ["N.N. (Doktorand)", "(N.N.) Doktorand", "N. N. (Postdoc), N.N. (PhD student)"])
def test_an_open_position_with_its_role(line: str) -> None:
    """A line that begins with "N.N." and says for what the position is names nobody, and the page is read on."""
    block = "{}\nDr. Ann Ek\n\nAbstract\nRivers carry sand.\n\nParticipants\nAnn Ek\n{}\n\n"
    page = read(block.format("Sand in rivers", line) + block.format("Silt in lakes", "Bo Lind"))
    assert people(line) == []
    assert [[one.name for one in project.people] for project in page.projects] == [
        ["Ann Ek"],
        ["Ann Ek", "Bo Lind"],
    ]


@pytest.mark.parametrize(
    ("printed", "honorific"),
    [
        ("Ass.Prof. Dr. Alina Kern", "Ass.Prof. Dr."),
        ("Dipl.-Geogr. Jan Becker", "Dipl.-Geogr."),
        ("Dr. rer. biol. hum. Eva Groß", "Dr. rer. biol. hum."),
        ("Prof.ssa Lucia Ferri", "Prof.ssa"),
    ],
)
def test_titles_made_of_others(printed: str, honorific: str) -> None:
    """Titles that no list has in full are no part of the name."""
    (name,) = names_of(printed, 0, len(printed))
    assert name.honorific == honorific


def test_codes_that_the_whole_list_has() -> None:
    """ "P1 Drops" begins with a code where all titles do; one "T4 Lysozyme" among others does not."""
    listed = read(
        "".join(
            RECORD.format(title=title, who="Dr. Ann Ek")
            for title in ("P1  Drops on glass", "P2  Brushes in water", "P3  Gels under load")
        )
    )
    assert [(one.code, one.title) for one in listed.projects] == [
        ("P1", "Drops on glass"),
        ("P2", "Brushes in water"),
        ("P3", "Gels under load"),
    ]
    single = read(
        "".join(
            RECORD.format(title=title, who="Dr. Ann Ek")
            for title in ("T4 Lysozyme in crowds", "Brushes in water", "Gels under load")
        )
    )
    assert [one.code for one in single.projects] == [None, None, None]


def test_the_programmes_heading_is_no_project() -> None:
    """A programme's name with its coordinator above the projects is the programme; the coordinator is a member."""
    page = read(
        "Priority Programme SPP 9171: Wetting\n\nCoordinator: Prof. Dr. Jan Becker, Universität Bonn\n\n"
        + "".join(RECORD.format(title=title, who="Dr. Ann Ek") for title in ("Drops on glass", "Brushes in water"))
    )
    assert [one.title for one in page.projects] == ["Drops on glass", "Brushes in water"]
    assert page.programme is not None
    assert page.programme.number == "9171"
    assert [(one.name, one.affiliation) for one in page.members] == [("Jan Becker", "Universität Bonn")]


def test_who_speaks_stands_below_the_projects() -> None:
    """ "Sprecher" and a name below the last project are the programme's."""
    rows = "".join(f"<tr><td>TP{i}</td><td>Moore und Klima {i}</td><td>Dr. Ann Ek</td></tr>" for i in (1, 2))
    page = read(
        f"<html><table><tr><th>Nr.</th><th>Titel</th><th>Leitung</th></tr>{rows}</table><h2>Sprecher</h2><p>Prof. Dr. Hans Moor, Universität Greifswald</p>",
        "page.html",
    )
    assert [(one.name, one.role) for one in page.members] == [("Hans Moor", "spokesperson")]


def test_the_headings_of_an_accordion() -> None:
    """Buttons that open a part are headings; the one that opens the menu is none."""
    part = "<div><button class='accordion-button'>{}</button><div><p>Leitung: Dr. Ann Ek</p></div></div>"
    page = read(
        "<html><button class='navbar-toggler'>Menü auf</button><h1>Projekte</h1>"
        + part.format("TP 1 – Trockenheit der Buche")
        + part.format("TP 2 – Pilze im Boden"),
        "page.html",
    )
    assert [(one.code, one.title) for one in page.projects] == [
        ("TP 1", "Trockenheit der Buche"),
        ("TP 2", "Pilze im Boden"),
    ]
    assert "Menü" not in "".join(one.quote for one in page.findings)


def test_entries_with_codes_before_people() -> None:
    """ "A01 (Names): Title" and "A01 | Title | Names" are entries, whatever signs a page uses."""
    colon = read("A01 (Ann Ek, Bo Lind): Noise in images.\nB02 (Jan Becker): Waves in the Sun.\n")
    bars = read("A01 | Noise in images | Ek, Ann; Lind, Bo\nB02 | Waves in the Sun | Becker, Jan (bis 2023)\n")
    for page in (colon, bars):
        assert [(one.code, one.title, [person.name for person in one.people]) for one in page.projects] == [
            ("A01", "Noise in images", ["Ann Ek", "Bo Lind"]), ("B02", "Waves in the Sun", ["Jan Becker"]),
        ]  # fmt: skip
    assert bars.projects[1].end is None  # the years in brackets are the person's


def test_abbreviations_are_no_names() -> None:
    """ "HMT Leipzig" after a name is its place, and "CNRM, LSCE" is nobody; a family name in capitals is one."""
    assert people("Prof. Dr. Jan Becker, HMT Leipzig") == [("Jan Becker", "HMT Leipzig")]
    assert people("CNRM, LSCE") == []
    assert people("KIM, Ji-Woo, PhD") == [("Ji-Woo KIM", None)]


def test_a_person_in_brackets_after_the_place() -> None:
    """ "Place (Prof. Dr. Name)" is that person there."""
    assert people("Universität Basel (Prof. Dr. Ann Ek)") == [("Ann Ek", "Universität Basel")]


def test_a_label_behind_a_dash_is_no_place() -> None:
    """What stands behind a name and a dash is no place if it names other people."""
    assert all("Becker" not in (place or "") for _, place in people("Ann Ek – Supervisor: Prof. Jan Becker"))


def test_a_title_that_begins_with_a_roles_word() -> None:
    """ "Kontakt und Reibung in der Mechanik" is no role; "Leitung und Koordination" is."""
    assert role_of("Kontakt und Reibung in der Mechanik") is None
    assert role_of("Leitung und Koordination") == "leader"


def test_dates_with_hyphens_have_the_day_first() -> None:
    """ "01-09-2020 t/m 31-08-2024" is a period of days."""
    assert read_period("01-09-2020 t/m 31-08-2024")[:2] == ("2020-09-01", "2024-08-31")


def test_the_date_of_a_page_is_no_start() -> None:
    """A line that is only a day is the page's; a line that is a period is the project's."""
    page = "<html><h1>Projects</h1>" + "".join(
        f"<h2>Sand in rivers {i}</h2><p>{line}</p><p>Leader: Dr. Ann Ek</p>"
        for i, line in enumerate(("14 June 2022", "June 2022 to date"))
    )
    assert [one.start for one in read(page, "page.html").projects] == [None, "2022-06"]


def test_former_members_are_the_programmes() -> None:
    """A list of those who have left, below the last project, is not that project's."""
    page = read(
        "".join(RECORD.format(title=title, who="Dr. Ann Ek") for title in ("Drops on glass", "Brushes in water"))
        + "Former members\nDr. Bo Lind\nDr. Eva Groß\nDr. Jan Becker\n"
    )
    assert [one.name for one in page.members] == ["Bo Lind", "Eva Groß", "Jan Becker"]
    assert [[one.name for one in project.people] for project in page.projects] == [["Ann Ek"], ["Ann Ek"]]


def test_a_leader_and_a_team_are_not_compared() -> None:
    """ "Leader: A" and "Participants: B" say two things: nobody is missing in either."""
    page = read(
        "<html><h1>Projects</h1>"
        + "".join(
            f"<h2>Sand in rivers {i}</h2><dl><dt>Leader</dt><dd>Dr. Ann Ek</dd><dt>Participants</dt><dd>Bo Lind, Jan Becker</dd></dl>"
            for i in (1, 2)
        ),
        "page.html",
    )
    assert [one.code for one in page.findings if one.code.startswith("missing-in")] == []


def test_a_table_whose_titles_and_leads_are_told_by_the_rows() -> None:
    """A first column that nobody knows holds titles if its cells do, and a "Lead" is a person if its cells are."""
    page = read(
        "| Thrust | Lead | Site |\n|---|---|---|\n| Fair learning | Bo Lind | MIT |\n| Robots at home | Ann Ek | CMU |\n",
        "page.md",
    )
    assert [(one.title, [(person.name, person.role) for person in one.people]) for one in page.projects] == [
        ("Fair learning", [("Bo Lind", "leader")]), ("Robots at home", [("Ann Ek", "leader")]),
    ]  # fmt: skip


def test_how_long_somebody_was_there() -> None:
    """ "Prof. Dr. A. B, until 3/2021" names a person; a value that ends in another number is as it was."""
    assert people("Professor Dr. Jan Becker, bis 3/2021") == [("Jan Becker", None)]
    assert people("Dr. Ann Ek, Privatdozentin Dr. Eva Kern, seit 4/2021") == [("Ann Ek", None), ("Eva Kern", None)]
    assert people("Dr. Ann Ek, Universität Bonn, seit 2019") == [("Ann Ek", "Universität Bonn")]
    assert people("seit 4/2021") == []


def test_a_professors_title_is_no_university() -> None:
    """A column "Lead" with "Univ.-Prof." holds people; a link after a title is no part of it."""
    rows = "| University of Bern | Glacier dust ([website](https://dust.example)) | Univ.-Prof. Dr. Eva Kern |\n| University of Trento | Falling rocks (a survey) | prof. Gino Zanotti |\n"
    page = read(f"# Grants\n\n| University | Project | Lead |\n|---|---|---|\n{rows}", "page.md")
    assert [(one.title, [person.name for person in one.people]) for one in page.projects] == [
        ("Glacier dust", ["Eva Kern"]), ("Falling rocks (a survey)", ["Gino Zanotti"]),
    ]  # fmt: skip


def test_a_quoted_title_behind_its_code() -> None:
    """ "TP Z: “Title” (role: name)" has a code and no person named "TP Z"; quoted works under "Publications" are no projects."""
    entries = "".join(f"- TP {code}: „{title}“ (Leitung: Dr. Ann Ek, Bonn)\n" for code, title in (("1", "Müde Metalle"), ("Z", "Daten und Treffen")))  # fmt: skip
    works = "- Ek, A., Lind, B.: „Tired metals“, Structures 12 (2022).\n- Lind, B.: „Fatigue in steel“, Structures 13 (2023).\n"
    later = "- „Eis auf Leitungen“ (Leitung: Dr. Bo Lind)\n- „Wind und Seile“ (Leitung: Dr. Bo Lind)\n"
    page = read(
        f"# Projekte\n\n{entries}\n## Aktuelle Publikationen\n\n{works}\n## Weitere Vorhaben\n\n{later}", "page.md"
    )
    assert [(one.code, one.title, [person.name for person in one.people]) for one in page.projects] == [
        ("TP 1", "Müde Metalle", ["Ann Ek"]), ("Z", "Daten und Treffen", ["Ann Ek"]),
        (None, "Eis auf Leitungen", ["Bo Lind"]), (None, "Wind und Seile", ["Bo Lind"]),
    ]  # fmt: skip


def test_a_short_name_above_the_full_title() -> None:
    """ "Project name: SOILWATCH" and "Full title: …" below it are one project."""
    (project,) = read(
        "Project name: SOILWATCH\nFull title: Low-cost sensing of living soils\nGrant agreement No 101081234\nCoordinator: Dr. Ann Ek\n"
    ).projects
    assert (project.title, project.acronym, project.code) == (
        "Low-cost sensing of living soils",
        "SOILWATCH",
        "101081234",
    )


def test_a_consortium_with_countries_and_work_packages() -> None:
    """A country behind an organisation is no part of its name; "WP1 Sensors" is no role where the leaders are listed."""
    (project,) = read(
        "Full title: Low-cost sensing of living soils\nCoordinator: Dr. Ann Ek\n\nThe consortium\n01-Università di Bologna (coordinator), Italy\n"
        "02-AgriSense GmbH, Austria (Left the consortium)\n\nWork package leaders\nWP1 Sensors: Dr. Bo Lind (Jena)\nWP2 Fields: Eva Kern (Bonn)\n"
    ).projects
    assert {"Università di Bologna", "AgriSense GmbH"} <= {one.name for one in project.institutions}
    assert [(one.name, one.role_as_printed) for one in project.people] == [
        ("Ann Ek", "Coordinator"), ("Bo Lind", "Work package leaders"), ("Eva Kern", "Work package leaders"),
    ]  # fmt: skip


def test_a_place_on_a_card() -> None:
    """What looks like a name under a heading with a name and its role is a place, and no other person."""
    card = "<div><h3>{}</h3><p>{}</p><p>{}</p></div>"
    cards = card.format("Dr. Sam Okon", "Project leader", "Cefas Lowestoft") + card.format(
        "Mette Kirke", "PhD student", "University of Oslo"
    )
    (project,) = read(
        f"<html><h1>Noise: How ships change the voice of fish</h1><p>We listen to fish near the lanes of ships.</p><h2>Our team</h2>{cards}",
        "page.html",
    ).projects
    assert [(one.name, one.affiliation) for one in project.people] == [
        ("Sam Okon", "Cefas Lowestoft"),
        ("Mette Kirke", "University of Oslo"),
    ]


def test_a_table_with_a_cell_on_each_line() -> None:
    """Cells below each other under the columns' names are rows, as long as they hold what the columns say; a menu is no table."""
    rows = "University of Bergen\nKelp and seagrass: rivals?\nProf. Liv Haug (PI), Tom Reyes\nAarhus University\nMapping meadows with drones\nDr. Signe Dahl\n"
    page = read(
        f"Nordic Seagrass Initiative\n\nUniversity\nProject title\nPartners\n{rows}\nFor questions please contact us.\n"
    )
    assert [(one.title, [person.name for person in one.people], [place.name for place in one.institutions]) for one in page.projects] == [
        ("Kelp and seagrass: rivals?", ["Liv Haug", "Tom Reyes"], ["University of Bergen"]),
        ("Mapping meadows with drones", ["Signe Dahl"], ["Aarhus University"]),
    ]  # fmt: skip
    menu = read(
        "Home\nProjects\nPeople\nPartners\n\n"
        + RECORD.format(title="Sand in rivers", who="Dr. Ann Ek")
        + RECORD.format(title="Silt in lakes", who="Dr. Bo Lind")
    )
    assert [one.title for one in menu.projects] == ["Sand in rivers", "Silt in lakes"]


def test_a_degree_and_a_bracket_behind_a_name() -> None:
    """ "A. B, Ph.D. (PI; LBNL)" has a degree, a role and a place, each where it belongs."""
    text = "Anna Ek, Ph.D. (PI; LBNL)"
    (name,) = names_of(text, 0, len(text))
    assert (name.name, name.honorific, name.bracket, name.affiliation) == ("Anna Ek", "Ph.D.", "PI", "LBNL")

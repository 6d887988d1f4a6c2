"""Blank-line blocks in all the shapes that pages have them in."""

from __future__ import annotations

from pathlib import Path

import pytest

from fundgraph.documents import document_from_bytes, read_document
from fundgraph.errors import UsageError
from fundgraph.extract import extract
from fundgraph.model import Extraction, ReadingOptions

DATA = Path(__file__).parent / "data"


def read(text: str, **options: object) -> Extraction:
    """Read a page given as text."""
    return extract(document_from_bytes(text.encode(), path="page.txt"), ReadingOptions(**options))  # type: ignore[arg-type]


def names(extraction: Extraction) -> list[list[str]]:
    """List the people of every project."""
    return [[person.name for person in project.people] for project in extraction.projects]


def codes(extraction: Extraction) -> list[tuple[int, str]]:
    """List the findings with their lines."""
    return [(finding.span.line, finding.code) for finding in extraction.findings]


def test_a_german_page_is_read() -> None:
    """German headings, two phases, an associated project and wrong figures are read from a German page."""
    page = extract(read_document(DATA / "blocks-de.txt"), ReadingOptions())
    assert page.document.language == "de"
    assert page.programme is not None
    assert (page.programme.name, page.programme.number) == ("Schwerpunktprogramm 1234", "1234")
    assert [(p.number, p.start, p.end) for p in page.phases] == [(1, "2021", "2024"), (2, None, None)]
    assert [(p.title, p.kind, p.phase, p.code, p.abstract.status) for p in page.projects] == [
        ("Optimale Steuerung elastischer Körper", "regular", 1, None, "present"),
        ("Schätzer auf Graphen", "regular", 1, "Teilprojekt 4", "placeholder"),
        ("Ein Nachbar des Programms", "associated", 1, None, "absent"),
        ("Weitere Arbeit an Körpern", "regular", 2, None, "present"),
    ]
    assert [(c.label, c.counted, c.agrees) for c in page.claims] == [
        ("Projekte", 3, False),
        ("Antragstellerinnen", 1, False),
    ]
    assert codes(page) == [
        (13, "image-caption"),
        (26, "placeholder-abstract"),
        (30, "honorific-differs"),
        (31, "missing-in-header"),
        (35, "missing-abstract"),
        (47, "claim-differs"),
        (51, "claim-differs"),
        (55, "page-furniture"),
    ]


def test_german_spellings_are_one_person() -> None:
    """Mueller and Gross are Müller and Groß and no misprints."""
    page = extract(read_document(DATA / "blocks-de.txt"), ReadingOptions())
    assert [person.id for person in page.people] == [
        "anna-von-der-heide", "joerg-mueller", "lena-gross", "hans-meier", "ayse-oeztuerk", "max-ernst",
    ]  # fmt: skip
    assert page.people[1].names_as_printed == ("Jörg Müller", "Joerg Mueller")
    assert not any(person.misspellings for person in page.people)
    assert page.people[0].family_name == "von der Heide"
    assert page.projects[0].institutions[0].name == "Universität Bonn"


def test_odd_blocks_are_read() -> None:
    """Codes, labelled people, lists before abstracts, headings with their content on one line."""
    page = extract(read_document(DATA / "blocks-odd.txt"), ReadingOptions())
    first = page.projects[0]
    assert [(p.code, p.acronym, p.abstract.status) for p in page.projects] == [
        ("A01", "DEEP", "present"),
        ("A02", None, "placeholder"),
        (None, None, "absent"),
        ("A03", None, "absent"),
    ]
    assert (first.start, first.end) == ("2021-10", "2024-09")
    assert [(p.name, p.role, p.role_as_printed, p.note, p.affiliation) for p in first.people] == [
        ("Anna Schmidt", "principal-investigator", "Principal Investigators", None, "TU Berlin"),
        ("Carl Maier", "principal-investigator", "Principal Investigators", None, "University of Bonn"),
        ("Gandalf Grey", "participant", "Chief Wizard", None, None),
        ("Jan Becker", "researcher", "PhD student", "on leave", None),
    ]
    assert first.people[0].pi_reason == "explicit-roles: printed as “Principal Investigators”"
    assert "lines:\n\n(a) the first item,\n(b) the second item." in (first.abstract.text or "")
    assert page.projects[1].title == "Title over two lines, with commas, and an end"
    assert names(page)[1:] == [["Piet van 't Hoff", "Jan de Boer", "Jane Roe"], ["Eva Kurz"], ["Eva Kurz"]]
    assert codes(page) == [
        (5, "unknown-role"),
        (5, "missing-in-list"),
        (12, "missing-in-header"),
        (22, "bad-identifier"),
        (22, "bad-identifier"),
        (28, "placeholder-abstract"),
        (45, "homonym"),
    ]


@pytest.mark.parametrize("change", ["\r\n", "\r", "mark", "tabs", "spaces"])
def test_white_space_changes_nothing(change: str) -> None:
    """Line ends, a byte-order mark, tabs, no-break and trailing spaces leave the reading as it is."""
    text = (DATA / "blocks-de.txt").read_text(encoding="utf-8")
    changed = {
        "\r\n": text.replace("\n", "\r\n"),
        "\r": text.replace("\n", "\r"),
        "mark": "\ufeff" + text,
        "tabs": text.replace("\n", "\t \n\t"),
        "spaces": text.replace(" ", "\u00a0").replace("\n", "  \n"),
    }[change]
    plain, other = read(text), read(changed)
    assert names(other) == names(plain)
    assert [project.id for project in other.projects] == [project.id for project in plain.projects]
    assert codes(other) == codes(plain)


PAGES = {
    "headers only": (
        "Deep Learning\nProf. Dr. Anna Schmidt, Jan Becker\n\nInverse Problems, and Networks\nDr. Carl Maier\n",
        [("Deep Learning", ["Anna Schmidt", "Jan Becker"]), ("Inverse Problems, and Networks", ["Carl Maier"])],
    ),
    "no abstracts": (
        "Deep Learning\nProf. Anna Schmidt\n\nParticipants\n\nProf. Anna Schmidt\nJan Becker\n\n"
        "Optimal Transport\nProf. Eva Kurz\n\nParticipants\n\nProf. Eva Kurz\n",
        [("Deep Learning", ["Anna Schmidt", "Jan Becker"]), ("Optimal Transport", ["Eva Kurz"])],
    ),
    "no lists": (
        "Deep Learning\nProf. Anna Schmidt\n\nAbstract\n\nWe study it.\n\nAll of it.\n\n"
        "Optimal Transport\nProf. Eva Kurz\n\nAbstract\n\nWe move it.\n",
        [("Deep Learning", ["Anna Schmidt"]), ("Optimal Transport", ["Eva Kurz"])],
    ),
    "no titles of people": (
        "Deep Learning\nAnna Schmidt and Jan Becker\n\nAbstract\n\nWe study deep learning.\n\nParticipants\n\n"
        "Anna Schmidt\nJan Becker\n\nOptimal Transport\nEva Kurz\n\nAbstract\n\nOptimal transport moves it.\n",
        [("Deep Learning", ["Anna Schmidt", "Jan Becker"]), ("Optimal Transport", ["Eva Kurz"])],
    ),
    "no blank lines": (
        "Phase 1\nDeep Learning for all\nProf. Anna Schmidt, Jan Becker\nAbstract\nWe study it.\nParticipants\n"
        "Prof. Anna Schmidt\nJan Becker\nOptimal Transport of mass\nProf. Eva Kurz\nAbstract\nWe move it.\n",
        [("Deep Learning for all", ["Anna Schmidt", "Jan Becker"]), ("Optimal Transport of mass", ["Eva Kurz"])],
    ),
    "blank lines everywhere": (
        "Deep Learning\n\nProf. Anna Schmidt, Jan Becker\n\nAbstract\n\nWe study it.\n\nParticipants\n\n"
        "Prof. Anna Schmidt\n\nJan Becker\n\nOptimal Transport\n\nProf. Eva Kurz\n\nAbstract\n\nWe move it.\n",
        [("Deep Learning", ["Anna Schmidt", "Jan Becker"]), ("Optimal Transport", ["Eva Kurz"])],
    ),
    "no people": (
        "Deep Learning\n\nAbstract\n\nWe study it.\n\nOptimal Transport\n\nAbstract\n\nWe move it.\n",
        [("Deep Learning", []), ("Optimal Transport", [])],
    ),
    "only a list": (
        "Deep things we do\n\nParticipants\n\nProf. Anna Schmidt\nJan Becker\n",
        [("Deep things we do", ["Anna Schmidt", "Jan Becker"])],
    ),
    "markdown": (
        "# Phase 2\n\n## Deep things\nProf. Anna Schmidt\n\n### Abstract\n\nWe study it.\n\n### Participants\n\n"
        "- Prof. Anna Schmidt\n- Jan Becker\n",
        [("Deep things", ["Anna Schmidt", "Jan Becker"])],
    ),
    "people over two lines": (
        "Deep things\nProf. Anna Schmidt,\nJan Becker,\nEva Kurz\n\nAbstract\n\nWe study it.\n",
        [("Deep things", ["Anna Schmidt", "Jan Becker", "Eva Kurz"])],
    ),
}


@pytest.mark.parametrize("page", PAGES, ids=list(PAGES))
def test_variants_of_the_layout_are_read(page: str) -> None:
    """Whatever part is missing or differently spaced, the projects and their people are found."""
    text, expected = PAGES[page]
    found = read(text)
    assert [(project.title, [p.name for p in project.people]) for project in found.projects] == expected


def test_prose_without_a_heading_is_the_abstract() -> None:
    """Prose that follows the people directly is an abstract; a project with nothing has none."""
    prose = "We study deep things in this project, and how they work when nobody looks at them at all."
    found = read(f"Deep things\nProf. Anna Schmidt\n\n{prose}\n\nOther things\nProf. Eva Kurz\n")
    assert [(p.abstract.status, p.abstract.text) for p in found.projects] == [("present", prose), ("absent", None)]


@pytest.mark.parametrize("sign", ["-", "–", "tbd", "TBA.", "n/a", "coming soon", "…", "(folgt)", "k.A."])
def test_placeholders_are_no_abstracts(sign: str) -> None:
    """A dash, dots or a promise under the heading is a placeholder, and is reported."""
    found = read(f"Deep things\nProf. Anna Schmidt\n\nAbstract\n\n{sign}\n\nParticipants\n\nProf. Anna Schmidt\n")
    assert found.projects[0].abstract.status == "placeholder"
    assert codes(found) == [(6, "placeholder-abstract")]


def test_no_project_is_an_error() -> None:
    """A text without projects gives an error finding at line 1."""
    found = read("Hello.\n\nThis is only a text.")
    assert found.projects == ()
    (error,) = found.findings
    assert (error.code, error.severity, error.span.line) == ("no-project", "error", 1)


def test_equal_titles_have_different_ids() -> None:
    """Two projects of one title have ids of their own, told apart by code or number."""
    text = (
        "A1: Deep things\nProf. Anna Schmidt\n\nA2: Deep things\nProf. Eva Kurz\n\nDeep things\nProf. Jan Becker\n"
    )
    assert [project.id for project in read(text).projects] == ["deep-things", "deep-things-a2", "deep-things-2"]


def test_bad_bytes_are_reported_with_their_line() -> None:
    """A byte that is no text gives a finding at its line."""
    data = "Größe der Dinge\nProf. Anna Schmidt\n\nAbstract\n\nWir".encode() + b"\xff" + " größer.\n".encode()
    found = extract(document_from_bytes(data, path="page.txt"), ReadingOptions())
    assert (6, "undecodable-bytes") in codes(found)


def test_an_empty_list_is_reported() -> None:
    """A heading for people with nobody under it gives a finding."""
    found = read("Deep things\nProf. Anna Schmidt\n\nAbstract\n\nWe study it.\n\nParticipants\n")
    assert codes(found) == [(8, "empty-list")]


def test_figures_that_differ_are_reported() -> None:
    """A figure that disagrees with the count gives a warning that says both."""
    found = read("Deep things\nProf. Anna Schmidt\n\n3 projects\n\n7\nResearchers\n")
    assert [(c.value, c.counted, c.agrees) for c in found.claims] == [(3, 1, False), (7, 1, False)]
    assert "The page says 3" in next(f.message for f in found.findings if f.code == "claim-differs")


RULES = {
    "professors-and-leading-doctors": ["Jan Becker", "Anna Schmidt"],
    "explicit-roles": ["Eva Kurz"],
    "auto": ["Eva Kurz"],
    "all-titled": ["Jan Becker", "Anna Schmidt", "Carl Maier"],
    "first-named": ["Jan Becker"],
}


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_chooses_its_principal_investigators(rule: str) -> None:
    """Every rule takes exactly those whom it says."""
    page = read("Deep things\nDr. Jan Becker, Prof. Anna Schmidt, Dr. Carl Maier, Eva Kurz (PI)\n", pi_rule=rule)
    assert [person.name for person in page.projects[0].people if person.is_pi] == RULES[rule]


def test_an_unknown_rule_is_refused() -> None:
    """A rule that does not exist is the caller's mistake, and the error lists those that do."""
    with pytest.raises(UsageError) as caught:
        read("Deep things\nProf. Anna Schmidt\n", pi_rule="oldest")
    assert "first-named" in caught.value.allowed


def test_orcids_in_brackets() -> None:
    """An ORCID in brackets is the person's if its check digit is right, and a finding if not; the colon may be missing."""
    text = (
        "Ice on slow rivers\nProf. Dr. Ada Quell (ORCID 0000-0002-1825-0098), Ben Bach (0000-0002-1825-0097)\n\n"
        "Abstract\n\nIce forms on slow rivers, and we model it.\n"
    )
    page = extract(document_from_bytes(text.encode(), path="page.txt"), ReadingOptions())
    ada, ben = page.projects[0].people
    assert ada.identifiers == ()
    assert [(one.scheme, one.value, page.document.quote(one.span)) for one in ben.identifiers if one.span] == [
        ("orcid", "0000-0002-1825-0097", "0000-0002-1825-0097")
    ]
    assert page.people[1].identifiers == ben.identifiers
    assert [(f.code, f.quote) for f in page.findings if f.code == "bad-identifier"] == [
        ("bad-identifier", "0000-0002-1825-0098")
    ]


def test_a_project_after_the_pages_own_lines() -> None:
    """Under a heading of the page's own a title with titled people in the next block, and then a heading, is a project."""
    block = "\n\n{} machines at rest\n\nProf. Anna Schmidt, Jan Becker\n\nAbstract\n\nWe look at {} machines and wait.\n\n"
    page = block.format("Quiet", "quiet") + "Share this page\n" + block.format("Loud", "loud")
    assert [project.title for project in read(page).projects] == [
        "Quiet machines at rest",
        "Loud machines at rest",
    ]

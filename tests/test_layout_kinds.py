"""Kinds of pages on which the reader once failed: each is read by a general rule, and what looks alike is left alone."""

from __future__ import annotations

from fundgraph.documents import document_from_bytes
from fundgraph.extract import extract
from fundgraph.model import Extraction


def read(text: str, name: str = "page.html") -> Extraction:
    """Read a text as a document."""
    return extract(document_from_bytes(text.encode(), path=name))


def test_rows_that_are_headings() -> None:
    """A row with one cell of words in a table of projects is a heading, and may say of what kind the next ones are."""
    table = (
        "<table><tr><th>No.</th><th>Title</th><th>Principal investigators</th></tr>"
        "<tr><td colspan='3'>Research Area A: Sensing</td></tr><tr><td>A1</td><td>Ribosomes under stress</td><td>Dr. Ann Ek</td></tr>"
        "<tr><td colspan='3'>Associated projects</td></tr><tr><td>B1</td><td>Membranes in repair</td><td>Dr. Bo Lind</td></tr></table>"
    )
    extraction = read(table)
    assert [(one.title, one.code, one.kind) for one in extraction.projects] == [
        ("Ribosomes under stress", "A1", "regular"), ("Membranes in repair", "B1", "associated"),
    ]  # fmt: skip


def test_a_place_under_a_title() -> None:
    """An organisation under a heading is the project's, under a person that person's, and never a title."""
    card = "<h3>{title}</h3><p>{place}</p><p>Projektleiterin: Prof. Dr. Ulrike Hagemann</p><p>Das Vorhaben misst Böden.</p>"
    text = "<h1>Vorhaben</h1>" + card.format(
        title="Böden als Archive", place="Leibniz-Institut für Bodenkunde, Halle"
    )
    extraction = read(
        text + card.format(title="Falter in der Stadt", place="Leibniz-Institut für Stadtökologie, Leipzig")
    )
    assert [one.title for one in extraction.projects] == ["Böden als Archive", "Falter in der Stadt"]
    assert extraction.projects[0].institutions[0].name == "Leibniz-Institut für Bodenkunde, Halle"
    item = "<li><h4>Causality in networks</h4><div>Prof. Dr. Judith Ammann<br>Universität Potsdam</div><div>Dr. Raúl Ibarra<br>Universität Jena</div></li>"
    (project,) = read(f"<h1>Projects</h1><ul>{item}</ul>").projects
    assert [(one.name, one.affiliation) for one in project.people] == [
        ("Judith Ammann", "Universität Potsdam"), ("Raúl Ibarra", "Universität Jena"),
    ]  # fmt: skip


def test_people_with_places_set_apart_by_semicolons() -> None:
    """ "A, University of X; B, University of Y" is two people with a place each."""
    text = "<html><h2>Damping with rubber</h2><dl><dt>Co-investigators</dt><dd>Dr Amina Yusuf, Cardiff University; Dr Craig Holt, University of Leeds</dd><dt>Duration</dt><dd>2021 – 2023</dd></dl>"
    (project,) = read(text).projects
    assert [(one.name, one.affiliation) for one in project.people] == [
        ("Amina Yusuf", "Cardiff University"), ("Craig Holt", "University of Leeds"),
    ]  # fmt: skip


def test_several_labels_on_a_line() -> None:
    """A line of labels and values is read as if each stood on its own, and what follows a label is not taken for prose."""
    text = (
        "Search Results\n\nTipping Points in Kelp Forests\nAward Number:2219044; Principal Investigator:Rachel Nakamura; "
        "Organization:University of Northern Pacific;NSF Organization:OCE Start Date:09/01/2022; Award Amount:$612,004.00;\n\n"
        "Proof Assistants for Control Engineers\nAward Number:2143370; Principal Investigator:Devon Achebe; "
        "Organization:Lakeland Institute of Technology;NSF Organization:CNS Start Date:02/15/2022; Award Amount:$499,871.00;\n"
    )
    extraction = read(text, "page.txt")
    assert [
        (one.title, one.code, one.start, [person.name for person in one.people]) for one in extraction.projects
    ] == [
        ("Tipping Points in Kelp Forests", "2219044", "2022-09-01", ["Rachel Nakamura"]),
        ("Proof Assistants for Control Engineers", "2143370", "2022-02-15", ["Devon Achebe"]),
    ]
    assert [one.name for one in extraction.projects[0].institutions] == ["University of Northern Pacific"]


def test_codes_of_a_list_without_a_sign() -> None:
    """ "P1 Light input" begins with a code where the whole list does so; a single "T4 Lysozyme" does not."""
    items = [
        "P1 Light input to clocks",
        "P2 Temperature in cells",
        "P3 Coupled oscillators",
        "Z Coordination and data",
    ]
    text = "# Projects\n\n" + "".join(f"- {one} (PI: Dr. Ann Ek)\n" for one in items)
    assert [one.code for one in read(text, "page.md").projects] == ["P1", "P2", "P3", "Z"]
    others = ["T4 lysozyme in motion", "Temperature in cells", "Coupled oscillators", "Sleep after migration"]
    text = "# Projects\n\n" + "".join(f"- {one} (PI: Dr. Ann Ek)\n" for one in others)
    assert [one.code for one in read(text, "page.md").projects] == [None] * 4


def test_a_degree_ends_a_name() -> None:
    """ "Wiebke Lorenzen, M.A. Es wird …" names one person."""
    text = (
        "<h1>Wandernde Wörter im Ostseeraum</h1><p>Das Projekt untersucht, wie Wörter des Handels zwischen Lübeck, Riga und Reval "
        "wanderten. Mitarbeiterin ist Wiebke Lorenzen, M.A. Es wird von der Deutschen Forschungsgemeinschaft (Projektnummer 467812345) "
        "von April 2021 bis März 2024 gefördert.</p>"
    )
    (project,) = read(text).projects
    assert [person.name for person in project.people] == ["Wiebke Lorenzen"]

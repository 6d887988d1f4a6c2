"""Names on a line: titles, particles, initials, suffixes, "Family, Given", and what is no name."""

from __future__ import annotations

import pytest

from fundgraph.extract.honorifics import title_class
from fundgraph.extract.names import read_people

LINES = {
    "Dr. Martin Eigel, Prof. Dr. Lars Grasedyck, Thong Le": [
        ("Dr.", "Martin Eigel"),
        ("Prof. Dr.", "Lars Grasedyck"),
        (None, "Thong Le"),
    ],
    "Anna von der Heide und J. Lücke": [(None, "Anna von der Heide"), (None, "J. Lücke")],
    "Dr. Anna Schmidt, Jan Becker and Eva Kurz": [
        ("Dr.", "Anna Schmidt"),
        (None, "Jan Becker"),
        (None, "Eva Kurz"),
    ],
    "Schmidt, Anna": [(None, "Anna Schmidt")],
    "Schmidt, Anna; Müller, Jan": [(None, "Anna Schmidt"), (None, "Jan Müller")],
    "Müller, Prof. Dr. Johannes": [("Prof. Dr.", "Johannes Müller")],
    "Prof. Müller, Prof. Meier": [("Prof.", "Müller"), ("Prof.", "Meier")],
    "John Smith, Ph.D., Jane Doe, M.D.": [("Ph.D.", "John Smith"), ("M.D.", "Jane Doe")],
    "Professorin Dr. Eva Maier, PD Dr. X. Y. Zett": [("Professorin Dr.", "Eva Maier"), ("PD Dr.", "X. Y. Zett")],
    "Prof. dr. Piet van 't Hoff and Dr Jan de Boer": [("Prof. dr.", "Piet van 't Hoff"), ("Dr", "Jan de Boer")],
    "Prof. Dr.-Ing. Eva Maier (Sprecherin)": [("Prof. Dr.-Ing.", "Eva Maier")],
    "Dr. rer. nat. habil. A. Schmidt": [("Dr. rer. nat. habil.", "A. Schmidt")],
    "Univ.-Prof. Dr. med. Dr. h.c. Max Muster": [("Univ.-Prof. Dr. med. Dr. h.c.", "Max Muster")],
    "Jun.-Prof. Dr. Carla D'Angelo & Dr. Tim O’Brien": [
        ("Jun.-Prof. Dr.", "Carla D'Angelo"),
        ("Dr.", "Tim O’Brien"),
    ],
    "Prof. Dr. Eva Maier, Universität Bonn, Jan Öz (TU Berlin)": [("Prof. Dr.", "Eva Maier"), (None, "Jan Öz")],
}


@pytest.mark.parametrize("line", LINES)
def test_names_are_read_from_a_line(line: str) -> None:
    """Each name comes out with the given name first and its title as printed."""
    found = read_people(line, 0, len(line))
    assert found is not None
    assert [(person.honorific, person.name) for person in found.people] == LINES[line]
    assert all(line[person.start : person.end] == person.printed for person in found.people)


@pytest.mark.parametrize(
    "line",
    [
        "expressivity, generalization, and robustness",
        "Neural Networks for PDEs",
        "Contact us under spp2298@math.lmu.de",
        "The Data-dependency Gap",
        "23",
        "",
        "University of Bonn",
        "Deep learning, Optimal control and Beyond",
    ],
)
def test_other_lines_are_no_names(line: str) -> None:
    """Titles, numbers and furniture do not read as people."""
    assert read_people(line, 0, len(line)) is None


@pytest.mark.parametrize(
    ("honorific", "rank"),
    [
        ("Prof.", "professor"),
        ("PD Dr.", "doctor"),
        ("Jun.-Prof. Dr.", "professor"),
        ("Dipl.-Math.", None),
        (None, None),
    ],
)
def test_titles_have_a_rank(honorific: str | None, rank: str | None) -> None:
    """A title is a professor's, a doctor's or neither."""
    assert title_class(honorific) == rank


@pytest.mark.parametrize("text", ["Jens Petersen, M.Sc.; Lena Schröder", "Jens Petersen M.Sc., Lena Schröder"])
def test_a_degree_before_a_separator(text: str) -> None:
    """A degree that ends in a dot is no part of the name, wherever in the list it stands."""
    found = read_people(text, 0, len(text))
    assert found is not None
    assert [person.name for person in found.people] == ["Jens Petersen", "Lena Schröder"]

"""Doctoral networks and lists of grants: the candidates' numbers are codes, the grants' kinds begin a record."""

from __future__ import annotations

import pytest

from fundgraph.documents import document_from_bytes
from fundgraph.extract import extract
from fundgraph.extract.codes import is_grant_kind, split_code
from fundgraph.model import Extraction


def read(text: str) -> Extraction:
    """Read a page."""
    return extract(document_from_bytes(text.encode(), path="page"))


@pytest.mark.parametrize(
    ("title", "code"),
    [
        ("ESR 3: Quiet machines", "ESR 3"),
        ("ESR3 – Quiet machines", "ESR3"),
        ("DC12 Quiet machines", "DC12"),
        ("DC 1 Quiet machines", "DC 1"),
        ("Doctoral Candidate 7: Quiet machines", "Doctoral Candidate 7"),
        ("PhD Project 2. Quiet machines", "PhD Project 2"),
        ("DC motors at rest", None),
        ("PhD students at work", None),
    ],
)
def test_numbers_of_candidates_are_codes(title: str, code: str | None) -> None:
    """The number of a network's doctoral candidate is the project's code; words that only look like it are none."""
    assert split_code(title)[0] == code


TABLE = """<h1>Doctoral projects</h1><table>
<tr><th>DC</th><th>PhD topic</th><th>Candidate</th><th>Supervisor</th><th>Host institution</th></tr>
<tr><td>DC1</td><td>Quiet machines in cold rooms</td><td>Ines Falk</td><td>Prof. Ole Tamm</td><td>TU Dresden</td></tr>
<tr><td>DC2</td><td>Loud machines in warm rooms</td><td>Jonas Ruhr</td><td>Dr. Paula Ortiz</td><td>Lund University</td></tr>
</table>"""


def test_a_table_of_theses() -> None:
    """A table of a network's theses gives each its code, its candidate and its supervisor with their roles."""
    assert [
        (one.code, one.title, [(p.name, p.role_as_printed) for p in one.people]) for one in read(TABLE).projects
    ] == [
        ("DC1", "Quiet machines in cold rooms", [("Ines Falk", "Candidate"), ("Ole Tamm", "Supervisor")]),
        ("DC2", "Loud machines in warm rooms", [("Jonas Ruhr", "Candidate"), ("Paula Ortiz", "Supervisor")]),
    ]


GRANTS = """Our ERC grants

ERC Starting Grant 2021
Quiet machines in cold rooms
Ines Falk, University of Vienna
2022 – 2026
How machines fall silent, and what their users notice of it in their daily work with them.

Advanced Grant
Loud machines in warm rooms
Prof. Ole Tamm, Lund University
2020 – 2025
What makes a machine loud, and who hears it: a study of halls, workshops and their neighbours.

ERC Synergy Grant (2019)
Odd machines between rooms
Prof. Paula Ortiz, University of Porto
2020 – 2026
Machines that belong to nobody and stand in nobody's way, in five cities and over ten years.
"""
MARKED = "".join(
    f"<span>{kind}</span><h3>{title}</h3><p>{who}</p><p>{text}</p>"
    for kind, title, who, text in (
        (
            "Starting Grant",
            "Quiet machines in cold rooms",
            "Ines Falk",
            "How machines fall silent in their rooms.",
        ),
        (
            "Consolidator Grant",
            "Loud machines in warm rooms",
            "Ole Tamm",
            "What makes a machine loud in its room.",
        ),
        (
            "Proof of Concept",
            "Odd machines between rooms",
            "Paula Ortiz",
            "Machines that belong to nobody at all.",
        ),
    )
)


@pytest.mark.parametrize("page", [GRANTS, f"<html><body><h1>ERC grants</h1>{MARKED}</body></html>"])
def test_the_kind_of_a_grant_begins_a_record(page: str) -> None:
    """In a list of grants each with its kind above the title every title is a project with the people below it."""
    found = read(page)
    assert [(one.title, [person.name for person in one.people]) for one in found.projects] == [
        ("Quiet machines in cold rooms", ["Ines Falk"]),
        ("Loud machines in warm rooms", ["Ole Tamm"]),
        ("Odd machines between rooms", ["Paula Ortiz"]),
    ]


@pytest.mark.parametrize("line", ["Advanced grants for networks", "Grant Starting", "A Starting Grant for her"])
def test_other_lines_are_no_kind(line: str) -> None:
    """Titles and sentences that have a grant's name in them are no kind of a grant."""
    assert not is_grant_kind(line)

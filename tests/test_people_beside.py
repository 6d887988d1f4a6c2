"""People whom a page lists beside its projects are the programme's members, and nobody's project team."""

from __future__ import annotations

import pytest

from fundgraph.documents import document_from_bytes
from fundgraph.extract import extract
from fundgraph.model import Extraction

ABSTRACT = "We measure how machines fall silent, and ask what their users notice of it in their daily work."
TITLES = ("Quiet machines in cold rooms", "Loud machines in warm rooms", "Odd machines between rooms")
TEAMS = (
    ("Prof. Dr. Ole Tamm", "Ines Falk"),
    ("Prof. Dr. Mara Lindqvist", "Jonas Ruhr"),
    ("Dr. Paula Ortiz", "Kim Sattler"),
)
STAFF = ("Prof. Dr. Mara Lindqvist, spokesperson", "Ines Falk", "Dr. Leyla Aydın, coordinator", "Tim Sauer")


def read(text: str) -> Extraction:
    """Read a page."""
    return extract(document_from_bytes(text.encode(), path="page"))


def text_page(*, listed: bool, before: bool) -> str:
    """Write a plain page with a list of people of its own, before or after its projects."""
    projects = "\n\n".join(
        f"{title}\n{', '.join(team)}\n\nAbstract\n\n{ABSTRACT} {title}."
        + ("\n\nParticipants\n" + "\n".join(team) if listed else "")
        for title, team in zip(TITLES, TEAMS, strict=True)
    )
    people = "Our team\n" + "\n".join(STAFF)
    return f"{people}\n\nProjects\n\n{projects}\n" if before else f"{projects}\n\n{people}\n"


def html_page(rank: int) -> str:
    """Write a page with headings: projects of the third rank, their parts of the fourth, the people's as told."""
    parts = [
        f"<h3>{title}</h3><p>{', '.join(team)}</p><h4>Abstract</h4><p>{ABSTRACT} {title}.</p><h4>Participants</h4><ul>"
        + "".join(f"<li>{name}</li>" for name in team)
        + "</ul>"
        for title, team in zip(TITLES, TEAMS, strict=True)
    ]
    people = (
        f"<h{rank}>People</h{rank}><ul>"
        + "".join(f"<li>{name}</li>" for name in STAFF)
        + f"</ul><h{rank}>News</h{rank}><p>We met.</p>"
    )
    return f"<html><body><h1>Machines</h1><h2>Projects</h2>{''.join(parts)}{people}</body></html>"


PAGES = {
    "text, after lists": text_page(listed=True, before=False),
    "text, no lists": text_page(listed=False, before=False),
    "text, first": text_page(listed=True, before=True),
    "html": html_page(2),
    "html, same rank": html_page(3),
}


@pytest.mark.parametrize("name", PAGES)
def test_people_beside_projects_are_members(name: str) -> None:
    """A section of people of its own gives members with their roles; the projects keep their own people only."""
    found = read(PAGES[name])
    assert [(one.title, [p.name for p in one.people]) for one in found.projects] == [
        (title, [who.removeprefix("Prof. ").removeprefix("Dr. ") for who in team])
        for title, team in zip(TITLES, TEAMS, strict=True)
    ]
    assert [(one.name, one.role) for one in found.members] == [
        ("Mara Lindqvist", "spokesperson"),
        ("Ines Falk", "participant"),
        ("Leyla Aydın", "coordinator"),
        ("Tim Sauer", "participant"),
    ]


def test_a_member_is_one_person_with_who_is_in_a_project() -> None:
    """Who stands in the list and in a project is one person, and the list's passage is another mention of them."""
    found = read(PAGES["text, after lists"])
    assert [one.id for one in found.people if one.name == "Ines Falk"] == ["ines-falk"]
    assert [one.code for one in found.findings if one.code == "homonym"] == []
    for member in found.members:
        for mention in member.mentions:
            assert found.document.quote(mention.span) == mention.name


def test_projects_with_two_lists_keep_both() -> None:
    """Where every project has two lists of people the second is its own, whatever it is called."""
    page = "\n\n".join(
        f"{title}\n{', '.join(team)}\n\nAbstract\n\n{ABSTRACT} {title}.\n\nParticipants\n{team[0]}\n\nTeam members\n{team[1]}"
        for title, team in zip(TITLES, TEAMS, strict=True)
    )
    found = read(page)
    assert found.members == ()
    assert [len(one.people) for one in found.projects] == [2, 2, 2]


def test_two_names_are_no_section() -> None:
    """A heading with fewer than three people below it is no list of the programme's people."""
    page = f"Contact persons\nProf. Dr. Ole Tamm\nInes Falk\n\nProjects\n\n{text_page(listed=True, before=False).partition('Our team')[0]}"
    assert read(page).members == ()


@pytest.mark.parametrize("name", PAGES)
def test_what_is_read_as_members_is_not_unread(name: str) -> None:
    """The lines of the section count as read, and no finding says that nothing was read from them."""
    found = read(PAGES[name])
    quotes = [one.quote for one in found.findings if one.code in ("unread-text", "page-furniture")]
    assert not any("Aydın" in quote or "Our team" in quote or "People" in quote for quote in quotes)
    assert found.coverage is not None
    unread = {found.document.text.split("\n")[number - 1] for number in found.coverage.lines}
    assert not any("Aydın" in line for line in unread)

"""Projects' numbers that stand only in addresses are read, with the address as their passage."""

from __future__ import annotations

import pytest

from fundgraph.documents import document_from_bytes
from fundgraph.extract import extract, join
from fundgraph.extract.report import to_json
from fundgraph.model import Extraction

CARD = (
    "<h2><a href='{link}'>{title}</a></h2><p>Principal investigator: Dr. {person}</p>"
    "<p>The project studies how {title} behaves, and why that matters.</p>"
)


def page(*cards: tuple[str, str, str], after: str = "") -> Extraction:
    """Read a page with a card for each title, person and link; ``after`` is printed after each card."""
    inner = "".join(CARD.format(title=title, person=person, link=link) + after for title, person, link in cards)
    return read(f"<html><body><h1>Funded projects</h1>{inner}</body></html>", "page.html")


def read(text: str, name: str = "page.txt") -> Extraction:
    """Read a text as a document."""
    return extract(document_from_bytes(text.encode(), path=name))


@pytest.mark.parametrize(
    ("address", "scheme", "value"),
    [
        ("https://gepris.dfg.de/gepris/projekt/441826958?language=en", "gepris-project", "441826958"),
        ("/gepris/projekt/441826958", "gepris-project", "441826958"),
        ("https://cordis.europa.eu/project/id/101098765/de", "cordis-project", "101098765"),
        ("https://doi.org/10.3030/101098765", "cordis-project", "101098765"),
        ("https://www.nsf.gov/awardsearch/showAward?AWD_ID=2219044&amp;HistoricalAwards=false", "nsf-award", "2219044"),
        ("https://www.grants.gov/awards/HR0011-22-1-0007", "grants-gov", "HR0011-22-1-0007"),
        ("https://gtr.ukri.org/projects?ref=EP%2FS023569%2F1", "ukri-reference", "EP/S023569/1"),
        ("https://data.snf.ch/grants/grant/204637", "snsf-grant", "204637"),
        ("https://anr.fr/Projet-ANR-21-CE13-0044", "anr-project", "ANR-21-CE13-0044"),
        ("https://doi.org/10.55776/P34567", "fwf-project", "P34567"),
    ],
)  # fmt: skip
def test_numbers_in_addresses(address: str, scheme: str, value: str) -> None:
    """The number in a funder's address is the project's identifier and code, and its passage is in the address."""
    extraction = page(("quiet machines in cold rooms", "Ann Lindqvist", address))
    (project,) = extraction.projects
    (identifier,) = project.identifiers
    assert (identifier.scheme, identifier.value, project.code) == (scheme, value, value)
    assert identifier.span is not None
    quote = extraction.document.quote(identifier.span)
    assert quote.replace("%2F", "/") == value
    assert to_json(extraction)["projects"][0]["identifiers"] == [{"scheme": scheme, "value": value, "line": 1}]


def test_an_address_printed_in_a_text() -> None:
    """In plain text the address itself is the passage."""
    text = (
        "Quiet machines in cold rooms\nDr. Ann Lindqvist, Prof. Dr. Jonas Ek\nAbstract\n"
        "We measure how machines fall silent, and ask what their users notice of it in their daily work.\n"
        "https://gepris.dfg.de/gepris/projekt/441826958\n"
    )
    extraction = read(text)
    (project,) = extraction.projects
    assert [(one.scheme, one.value) for one in project.identifiers] == [("gepris-project", "441826958")]
    assert extraction.coverage is not None
    assert 5 not in extraction.coverage.lines


def test_a_programme_s_number_is_no_project_s() -> None:
    """An address that stands with several projects names what they belong to, and none of them."""
    link = "https://gepris.dfg.de/gepris/projekt/400000001"
    extraction = page(
        ("Quiet machines in cold rooms", "Ann Lindqvist", link), ("Loud machines in halls", "Jonas Ek", link)
    )
    assert [(project.identifiers, project.code) for project in extraction.projects] == [((), None), ((), None)]


def test_a_title_s_link_wins_over_others() -> None:
    """Of several projects that one links to, its own is the one that its title leads to."""
    other = "<p>See also <a href='https://gepris.dfg.de/gepris/projekt/499999999'>an earlier project</a>.</p>"
    extraction = page(
        ("quiet machines in cold rooms", "Ann Lindqvist", "https://gepris.dfg.de/gepris/projekt/441826958"),
        after=other,
    )
    assert [one.value for one in extraction.projects[0].identifiers] == ["441826958"]


def test_codes_of_another_kind_stand() -> None:
    """Where the page has codes of its own, the funder's number is an identifier only."""
    text = (
        "# Projects\n\n| Code | Title | PI |\n|---|---|---|\n"
        "| A01 | [Quiet machines in cold rooms](https://gepris.dfg.de/gepris/projekt/441826958) | Dr. Ann Lindqvist |\n"
        "| A02 | [Loud machines in warm halls](https://gepris.dfg.de/gepris/projekt/441826959) | Dr. Jonas Ek |\n"
    )
    extraction = read(text, "page.md")
    assert [project.code for project in extraction.projects] == ["A01", "A02"]
    assert [one.value for project in extraction.projects for one in project.identifiers] == [
        "441826958",
        "441826959",
    ]


def test_a_code_and_a_number_do_not_keep_one_project_apart() -> None:
    """Of two pages of one project one may have the programme's code and the other the funder's number."""
    coded = read("A01: Quiet machines in cold rooms\nDr. Ann Lindqvist\nAbstract\nWe measure machines.\n", "a.txt")
    linked = page(
        ("Quiet machines in cold rooms", "Ann Lindqvist", "https://gepris.dfg.de/gepris/projekt/441826958")
    )
    first, second = join([coded, linked])
    assert [one.code for one in (*first.projects, *second.projects)] == ["A01", "441826958"]
    assert first.projects[0].id == second.projects[0].id

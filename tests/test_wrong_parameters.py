"""Pages asked with parameters that cannot be: nothing is taken for something else in silence."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import html

BROWSER = {"Accept": "text/html"}


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("/network?of=dragons", "people"), ("/network?of=projects&by=fire", "topics"), ("/network?of=people&by=topics", "projects"),
        ("/network?least=x", "from 0 to 1000"), ("/network?least=-1", "from 0 to 1000"), ("/network?of=people&of=projects", "more than once"),
        ("/projects?limit=x", "from 1 to 1000"), ("/people?limit=0", "from 1 to 1000"), ("/people?limit=1001", "from 1 to 1000"),
        ("/people?offset=-1", "from 0"), ("/people?offset=77", "77 rows"), ("/projects?q=zzzz&offset=1", "0 rows"),
        ("/phases/compare?a=9&b=1", "Allowed: 1, 2"), ("/links?set=orcid&offset=x", "from 0"),
        ("/search?q=a&kind=dragons", "projects"), ("/search?q=a&limit=x", "from 1 to 500"), ("/search?q=a&offset=-3", "from 0"),
        ("/queries/works-with?limit=x", "from 1"), ("/queries/works-with?timeout=x", "seconds"),
    ],
)  # fmt: skip
def test_what_a_parameter_cannot_be_is_refused(address: str, says: str, spp_client: Any) -> None:
    """A page with a wrong value of one of its parameters is 400, and says what is expected."""
    response = spp_client.get(address, headers=BROWSER)
    assert response.status_code == 400
    assert says in html.fromstring(response.data).text_content()


@pytest.mark.parametrize(
    "address", ["/people?limit=&offset=", "/network?least=&phase=", "/search?q=a&kind=", "/people?utm_source=x"]
)
def test_an_empty_field_and_a_foreign_parameter_change_nothing(address: str, spp_client: Any) -> None:
    """Fields of a form that were left empty, and parameters that are not a page's, are no mistakes."""
    assert spp_client.get(address, headers=BROWSER).status_code == 200


def test_an_unknown_value_of_a_facet_is_told(spp_client: Any) -> None:
    """A list narrowed by what nothing has says which value that is; one that only nothing else fits is known."""
    page = spp_client.get("/projects?topic=dragons", headers=BROWSER).text
    assert "Unknown: Topic “dragons”" in page
    assert '<option value="dragons" selected>' in page
    assert (
        "Unknown:" not in spp_client.get("/projects?q=zzzz&topic=mathematical-optimisation", headers=BROWSER).text
    )


def test_a_question_about_an_unknown_thing_says_so(spp_client: Any) -> None:
    """The page of a question, and the head of its answer, tell a thing that the release does not have, or not of that kind."""
    for given in ("nobody-at-all", "project:harmonic-ai"):
        page = spp_client.get(f"/queries/works-with?person={given}", headers=BROWSER).text
        assert "Not in this release: a person &lt;https://" in page
        answer = spp_client.get(f"/queries/works-with.csv?person={given}")
        assert answer.status_code == 200
        assert "unknown-thing" in answer.headers["Fundgraph-Warnings"]
    known = spp_client.get("/queries/works-with.csv?person=martin-burger")
    assert "unknown-thing" not in known.headers.get("Fundgraph-Warnings", "")


def test_the_page_of_a_question_has_pages(spp_client: Any) -> None:
    """``limit`` and ``offset`` hold for the page of a question as for its answers: those rows, with the pages beside."""
    whole = html.fromstring(spp_client.get("/queries/people-by-topic", headers=BROWSER).data)
    rows = whole.xpath("//table[@id='result']/tbody/tr")
    response = spp_client.get("/queries/people-by-topic?limit=2&offset=2", headers=BROWSER)
    part = html.fromstring(response.data)
    shown = part.xpath("//table[@id='result']/tbody/tr")
    assert [row.text_content() for row in shown] == [row.text_content() for row in rows[2:4]]
    assert "Rows 3 to 4" in part.text_content()
    assert "a part" in part.text_content()
    assert {a.get("rel") for a in part.xpath("//nav[@class='pages']/a")} == {"prev", "next"}
    assert len(response.headers.getlist("Link")) >= 3

"""The query editor in Debian's Chromium: from the first letter to the link that is handed on."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser import Browser, Visit

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

HEAD = "PREFIX fg: <https://w3id.org/fundgraph/ontology#>\nSELECT ?x { "
CROSS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f FILTER(CONTAINS(STR(?c), STR(?f))) }"


def opened(visit: Visit, query: str = "") -> Any:
    """Open the editor with a query, the cursor at its end."""
    page = visit.go("/sparql")
    page.wait_for_selector("#editor[data-ready]")
    if query:
        put(page, query)
    return page


def put(page: Any, query: str) -> None:
    """Replace the query, and leave the cursor at its end."""
    page.evaluate(
        "query => { const editor = document.querySelector('#editor .tabPanel.active .CodeMirror').CodeMirror;"
        " editor.setValue(query); editor.focus(); editor.setCursor(editor.lineCount(), 0); }",
        query,
    )


def run(page: Any) -> None:
    """Run the query by the keyboard."""
    page.keyboard.press("Control+Enter")


@pytest.mark.parametrize(
    ("typed", "offered", "kept"),
    [
        ("?x a fg:Pro", "fg:Project", "fg:Project"),
        ("?x a investig", "fg:PrincipalInvestigator", "fg:PrincipalInvestigator"),
        ("?x fg:hasTo", "fg:hasTopic", "fg:hasTopic"),
        ("?x fg:worksWith Grased", "Lars Grasedyck (person)", "person/lars-grasedyck>"),
    ],
)
def test_completion_fits_its_place(browser: Browser, typed: str, offered: str, kept: str) -> None:
    """After `a` classes are offered, after a subject properties, elsewhere things by their names."""
    with browser.visit() as visit:
        page = opened(visit, HEAD + typed)
        page.keyboard.press("Control+Space")
        hints = page.locator(".CodeMirror-hint")
        hints.filter(has_text=offered).first.wait_for()
        assert all(("fg:has" in text) == ("fg:hasTo" in typed) for text in hints.all_inner_texts())
        hints.filter(has_text=offered).first.click()
        assert page.evaluate("document.querySelector('#editor .CodeMirror').CodeMirror.getValue()").endswith(kept)


def test_from_query_to_result_with_labels_to_link(browser: Browser) -> None:
    """A query is run, its results have labels, and its link opens it again and gives the same."""
    query = HEAD + "?x a fg:Person ; fg:name 'Lars Grasedyck' }"
    with browser.visit() as visit:
        page = opened(visit, query)
        run(page)
        link = page.locator("#editor table.dataTable tbody a.iri").first
        link.wait_for()
        assert link.inner_text() == "Lars Grasedyck"
        assert link.get_attribute("title").endswith("person/lars-grasedyck")
        visit.shot("editor-result")
        assert visit.axe() == []
        page.get_by_role("button", name="Link to this query").click()
        shared = page.url
    with browser.visit() as visit:
        page = visit.go(shared.removeprefix(browser.root))
        page.wait_for_selector("#editor[data-ready]")
        assert (
            page.evaluate("document.querySelector('#editor .tabPanel.active .CodeMirror').CodeMirror.getValue()")
            == query
        )


def test_errors_are_underlined_at_their_place(browser: Browser) -> None:
    """What the server does not understand is underlined in its line, and said in words; a change takes that away."""
    with browser.visit(errors=True) as visit:
        page = opened(visit, "SELECT ?x {\n  ?x nope:thing ?y\n}")
        run(page)
        fault = page.locator("#editor .at-fault")
        fault.first.wait_for()
        assert "nope" in fault.first.inner_text()
        assert page.locator("#editor-said").inner_text().startswith("2:")
        visit.shot("editor-error")
        put(page, "SELECT ?x { ?x ?y ?z } LIMIT 1")
        assert fault.count() == 0
        assert page.locator("#editor-said").is_hidden()


def test_cancel_stops_the_server(browser: Browser) -> None:
    """A query that is cancelled runs no longer on the server."""
    with browser.visit(errors=True) as visit:
        page = opened(visit, CROSS)
        jobs: list[str] = []
        deleted: list[str] = []
        page.on("request", lambda asked: jobs.append(asked.headers.get("fundgraph-job", "")))
        page.on("request", lambda asked: asked.method == "DELETE" and deleted.append(asked.url))
        run(page)
        page.wait_for_timeout(500)
        job = next(name for name in jobs if name)
        there = "job => fetch('/jobs/' + job).then(answer => answer.status)"
        assert page.evaluate(there, job) == 200
        page.locator(".yasqe_queryButton").first.click()
        page.wait_for_timeout(500)
        assert deleted
        assert deleted[0].endswith(job)
        assert page.evaluate(there, job) == 404


def test_examples_are_found_and_opened(browser: Browser) -> None:
    """An example is found by words of its name, and opens with its answer."""
    with browser.visit() as visit:
        page = opened(visit)
        examples = page.locator("#editor-examples li")
        every = examples.count()
        page.get_by_label("Find an example").fill("phase people")
        left = page.locator("#editor-examples li:visible")
        assert 0 < left.count() < every
        left.first.get_by_role("button").click()
        page.locator("#editor .tabPanel.active table.dataTable tbody tr").first.wait_for()

"""The query editor in Debian's Chromium: from the first letter to the link that is handed on."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.browser import Browser, Visit, expect

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
        page.wait_for_function("location.hash.length > 1 || location.search.length > 1")
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
        expect(page.locator("#editor-said")).to_have_text(re.compile("^2:"))
        visit.shot("editor-error")
        put(page, "SELECT ?x { ?x ?y ?z } LIMIT 1")
        expect(fault).to_have_count(0)
        expect(page.locator("#editor-said")).to_be_hidden()


def test_cancel_stops_the_server(browser: Browser) -> None:
    """A query that is cancelled runs no longer on the server."""
    with browser.visit(errors=True) as visit:
        page = opened(visit, CROSS)
        jobs: list[str] = []
        deleted: list[str] = []
        page.on("request", lambda asked: jobs.append(asked.headers.get("fundgraph-job", "")))
        page.on("request", lambda asked: asked.method == "DELETE" and deleted.append(asked.url))
        with page.expect_request("**/sparql"):
            run(page)
        job = next(name for name in jobs if name)
        there = "([job, status]) => fetch('/jobs/' + job).then(answer => answer.status === status)"
        page.wait_for_function(there, arg=[job, 200], polling=50)
        with page.expect_request(lambda asked: asked.method == "DELETE"):
            page.locator(".yasqe_queryButton").first.click()
        assert deleted[0].endswith(job)
        page.wait_for_function(there, arg=[job, 404], polling=50)


def test_examples_are_found_and_opened(browser: Browser) -> None:
    """An example is found by words of its name, and opens with its answer."""
    with browser.visit() as visit:
        page = opened(visit)
        examples = page.locator("#editor-examples li")
        every = examples.count()
        page.get_by_label("Find an example").fill("phase people")
        left = page.locator("#editor-examples li:visible")
        expect(left).not_to_have_count(every)
        assert left.count() > 0
        left.first.get_by_role("button").click()
        page.locator("#editor .tabPanel.active table.dataTable tbody tr").first.wait_for()


CONSTRUCT = """PREFIX fg: <https://w3id.org/fundgraph/ontology#>
PREFIX person: <https://w3id.org/fundgraph/spp2298/person/>
CONSTRUCT { ?project fg:hasParticipant ?one ; fg:title ?title } WHERE {
  person:martin-burger fg:participatesIn ?project . ?project fg:hasParticipant ?one ; fg:title ?title
}"""


def test_construct_answers_are_drawn(browser: Browser) -> None:
    """The answer of a CONSTRUCT is a network of things by their names, with named arrows, and a table of the same."""
    with browser.visit() as visit:
        page = opened(visit, CONSTRUCT)
        run(page)
        page.locator("#editor table.dataTable a.iri", has_text="Martin Burger").first.wait_for()
        page.get_by_role("button", name="Shows Network view").click()
        drawn = page.locator("#editor svg.net")
        drawn.wait_for()
        dots = drawn.locator("a[data-n]")
        arrows = drawn.locator("g.ties line")
        rows = page.locator("#editor table.statements tbody tr")
        assert dots.filter(has_text="Martin Burger").get_attribute("href").startswith("/describe?iri=")
        assert dots.count() >= 5
        expect(rows).to_have_count(arrows.count() + 2)  # the titles of the two projects are no arrows
        assert "has participant" in drawn.locator(".tie-names text").first.text_content()
        assert "Martin Burger" in " ".join(rows.all_inner_texts())
        before = dots.first.locator("circle").bounding_box()
        page.mouse.move(before["x"] + 4, before["y"] + 4)
        page.mouse.down()
        page.mouse.move(before["x"] + 64, before["y"] + 44, steps=4)
        page.mouse.up()
        page.wait_for_function(
            "([dot, x]) => dot.getBoundingClientRect().x > x + 30",
            arg=[dots.first.locator("circle").element_handle(), before["x"]],
        )
        visit.shot("editor-network")
        assert visit.axe() == []
        with page.expect_download() as saved:
            page.get_by_role("button", name="Save as SVG").click()
        assert "Martin Burger" in saved.value.path().read_text(encoding="utf-8")


def test_network_of_an_editor_is_for_statements_only(browser: Browser) -> None:
    """Rows of a SELECT are no network: the view is not offered for them."""
    with browser.visit() as visit:
        page = opened(visit, "SELECT ?x { ?x ?y ?z } LIMIT 3")
        run(page)
        page.locator("#editor table.dataTable tbody tr").first.wait_for()
        expect(page.locator("#editor .select_network")).to_be_hidden()
        expect(page.locator("#editor .select_table")).to_be_visible()


def test_editor_in_german(browser: Browser) -> None:
    """In German the editor's own words and those of its results are German."""
    with browser.visit(locale="de-DE") as visit:
        page = opened(visit, CONSTRUCT)
        run(page)
        page.get_by_role("button", name="Als Netz zeigen").click()
        page.locator("#editor svg.net").wait_for()
        page.get_by_text(re.compile(r"^\d+ Ergebnisse in [\d.]+ Sekunden$")).wait_for()
        assert page.locator("#editor .zoom button").first.get_attribute("aria-label") == "Näher"
        page.get_by_role("button", name="Als Tabelle zeigen").click()
        page.get_by_text("Einfache Ansicht").wait_for()
        english = page.locator("#editor :not(.CodeMirror *):not(td *)").evaluate_all(
            "all => all.flatMap(one => [one.title, one.ariaLabel, one.placeholder, one.children.length ? '' : one.textContent])"
            ".filter(text => /\\b(the|of|query|result|results|show|showing|page|tab|download|view|filter|simple)\\b/i.test(text ?? ''))"
        )
        assert english == []
        visit.shot("editor-german")

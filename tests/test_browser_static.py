"""The site of files in Debian's Chromium, below a path of nginx and on Python's own server: what no server does there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser import Browser, Visit
from tests.test_static_site import PROJECT, nginx, plain_server

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]

#: More work than anybody waits for.
CROSS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(CONTAINS(STR(?c), STR(?f))) }"


@pytest.fixture(scope="module", params=["nginx", "http.server"])
def hosted(
    request: pytest.FixtureRequest, static_site: Path, tmp_path_factory: pytest.TempPathFactory, chromium: Any
) -> Iterator[Browser]:
    """A browser for the site on either host."""
    way = (
        nginx(static_site, tmp_path_factory.mktemp("nginx"))
        if request.param == "nginx"
        else plain_server(static_site)
    )
    with way as root:
        yield Browser(chromium, root)


def put(page: Any, query: str) -> None:
    """Replace the query of the editor."""
    page.evaluate(
        "query => document.querySelector('#editor .tabPanel.active .CodeMirror').CodeMirror.setValue(query)", query
    )


def opened(visit: Visit, path: str = "sparql/index.html") -> Any:
    """Open the editor."""
    page = visit.go(path)
    page.wait_for_selector("#editor[data-ready]")
    return page


@pytest.mark.parametrize(
    "path", ["", "projects/", f"{PROJECT}/", "network/", "documents/phase1/", "quality/", "sparql/"]
)
def test_pages_show_and_ask_nobody_else(hosted: Browser, path: str) -> None:
    """Pages have their content and style, log no error, and load nothing from elsewhere."""
    with hosted.visit(bypass_csp=False) as visit:
        page = visit.go(path)
        assert page.locator("h1").count() == 1
        assert page.evaluate("getComputedStyle(document.querySelector('.skip')).position") == "absolute"
        page.wait_for_load_state("networkidle")


def test_a_thread_can_be_followed(hosted: Browser) -> None:
    """From a list to a project to a person, from an inferred fact to its reason, to the line of the source."""
    with hosted.visit() as visit:
        page = visit.go("")
        page.get_by_role("link", name="Projects", exact=True).first.click()
        page.locator("tbody a").first.click()
        page.locator("ul.people a[href*='person/']").first.click()
        page.locator("a.mark.inferred[href*='why/']").first.click()
        page.locator("#why a[href*='documents/']").first.click()
        assert page.locator("li:target").count() == 1


def test_search(hosted: Browser) -> None:
    """The box of every page finds names by the beginnings of their words, without capitals and accents."""
    with hosted.visit() as visit:
        page = visit.go(f"{PROJECT}/")
        page.locator("#find").fill("grased")
        page.locator("#find").press("Enter")
        page.get_by_role("link", name="Lars Grasedyck").first.click()
        assert page.locator("h1").inner_text().endswith("Lars Grasedyck")


def test_lists_narrow_themselves(hosted: Browser) -> None:
    """A facet narrows the list, in the address too; the words typed narrow it further; all can be shown again."""
    with hosted.visit() as visit:
        page = visit.go("projects/")
        rows = page.locator("main tbody tr:visible")
        whole = rows.count()
        page.locator("form.filters select[name=topic]").select_option(index=1)
        page.locator("form.filters button").click()
        some = rows.count()
        assert 0 < some < whole
        assert "#topic=" in page.url
        page.reload()
        assert rows.count() == some
        page.locator("form.filters input[name=q]").fill("zzzz")
        page.locator("form.filters button").click()
        assert rows.count() == 0


def test_a_question_with_another_blank(hosted: Browser) -> None:
    """A question is answered in the page for another choice, with names that lead to pages."""
    with hosted.visit() as visit:
        page = visit.go("queries/person-projects/")
        page.locator("form[data-question] select").first.select_option("lars-grasedyck")
        page.locator("form[data-question] button[type=submit]").click()
        page.wait_for_selector("section[data-asked]")
        assert "complete, in this browser" in page.locator("section[data-asked] header").inner_text()
        page.locator("#result a").first.click()
        assert "/project/" in page.url


def test_first_query(hosted: Browser) -> None:
    """The first query of a page is answered by the engine of the browser, and says that it is whole."""
    with hosted.visit(bypass_csp=False) as visit:
        page = opened(visit)
        put(page, "SELECT (COUNT(*) AS ?n) { ?s a <https://w3id.org/fundgraph/ontology#Project> }")
        page.locator(".yasqe_queryButton:visible").click()
        page.wait_for_selector("#editor .yasr_results td >> text=24")
        assert "complete, in this browser" in page.locator("#editor-state").inner_text()


def test_a_query_is_stopped_and_the_next_answered(hosted: Browser) -> None:
    """To stop a query ends the worker at once; the next query gets a new one."""
    with hosted.visit(errors=True) as visit:
        page = opened(visit)
        put(page, CROSS)
        page.locator(".yasqe_queryButton:visible").click()
        page.wait_for_timeout(1500)
        assert len(page.workers) == 1
        page.locator(".yasqe_queryButton:visible").click()
        put(page, "SELECT (1 + 1 AS ?two) {}")
        page.locator(".yasqe_queryButton:visible").click()
        page.wait_for_selector("#editor .yasr_results td >> text=2")
        for _ in range(100):  # the browser tells a little later that a worker is gone
            if len(page.workers) == 1:
                break
            page.wait_for_timeout(50)
        assert len(page.workers) == 1


def test_mistakes_are_marked(hosted: Browser) -> None:
    """A malformed query is marked where it is wrong, and the reason is said."""
    with hosted.visit(errors=True) as visit:
        page = opened(visit)
        put(page, "SELECT ?s {\n ?s ?p }")
        page.locator(".yasqe_queryButton:visible").click()
        page.wait_for_selector("#editor-said:visible")
        assert page.locator("#editor-said").inner_text().startswith("2:")


def test_the_query_behind_a_panel(hosted: Browser) -> None:
    """The link beside a panel opens its query for that thing, and runs it."""
    with hosted.visit() as visit:
        page = visit.go("person/lars-grasedyck/")
        page.locator("section[aria-labelledby=projects] a.ask").click()
        page.wait_for_selector("#editor .yasr_results td")
        text = page.evaluate(
            "document.querySelector('#editor .tabPanel.active .CodeMirror').CodeMirror.getValue()"
        )
        assert "VALUES ?thing { <https://w3id.org/fundgraph/spp2298/person/lars-grasedyck> }" in text


def test_things_without_pages_are_described(hosted: Browser) -> None:
    """An IRI with no page is described from the graph; one with a page leads on to it."""
    with hosted.visit() as visit:
        page = visit.go("describe/index.html#iri=http%3A%2F%2Fwww.w3.org%2F2004%2F02%2Fskos%2Fcore%23Concept")
        page.wait_for_selector("#described table")
        page.goto(
            hosted.root + "describe/index.html?1#iri=https%3A%2F%2Fw3id.org%2Ffundgraph%2Fspp2298%2Fphase%2F1"
        )
        page.wait_for_url("**/phase/1/index.html")


def test_from_a_folder_without_any_host(hosted: Browser, static_site: Path) -> None:
    """Opened as files, pages, their links and the search work; a query says what it needs."""
    with hosted.visit() as visit:
        visit.asked = []
        page = visit.page
        page.goto((static_site / "index.html").as_uri())
        page.locator("#find").fill("grased")
        page.locator("#find").press("Enter")
        page.get_by_role("link", name="Lars Grasedyck").first.click()
        assert page.locator("h1").inner_text().endswith("Lars Grasedyck")
        page.goto((static_site / "queries/person-projects/index.html").as_uri())
        page.locator("form[data-question] button[type=submit]").click()
        page.wait_for_selector("section[data-asked]")
        assert "python -m http.server" in page.locator("section[data-asked]").inner_text()
        visit.asked = [url for url in visit.asked if not url.startswith("file:")]

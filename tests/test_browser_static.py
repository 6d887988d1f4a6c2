"""The site of files in Debian's Chromium, below a path of nginx and on Python's own server: what no server does there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser import WAIT, Browser, Visit, expect
from tests.test_static_site import PROJECT, nginx, plain_server

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]

#: More work than anybody waits for.
CROSS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(CONTAINS(STR(?c), STR(?f))) }"
COUNT = "SELECT (COUNT(*) AS ?n) { ?s a <https://w3id.org/fundgraph/ontology#Project> }"
#: Pages are the same on any host; what may differ (folders, media types, packed files) is looked at on both.
ON_BOTH = pytest.mark.parametrize("hosted", ["nginx", "http.server"], indirect=True, scope="module")


@pytest.fixture(scope="module")
def hosted(
    request: pytest.FixtureRequest, static_site: Path, tmp_path_factory: pytest.TempPathFactory, chromium: Any
) -> Iterator[Browser]:
    """A browser for the site on a host: below a path of nginx, with its policy, if nothing else is said."""
    way = (
        nginx(static_site, tmp_path_factory.mktemp("nginx"))
        if getattr(request, "param", "nginx") == "nginx"
        else plain_server(static_site)
    )
    with way as root:
        yield Browser(chromium, root)


def run(page: Any, query: str) -> None:
    """Replace the query of the editor and run it."""
    page.evaluate(
        "query => document.querySelector('#editor .tabPanel.active .CodeMirror').CodeMirror.setValue(query)", query
    )
    page.locator(".yasqe_queryButton:visible").click()


def gives(page: Any, number: int) -> None:
    """Wait until the answer in the editor is this number."""
    expect(page.locator("#editor .yasr_results td .nonIri")).to_have_text(re.compile(f'^"{number}"'))


def opened(visit: Visit, path: str = "sparql/index.html") -> Any:
    """Open the editor."""
    page = visit.go(path)
    page.wait_for_selector("#editor[data-ready]")
    return page


@pytest.mark.parametrize("path", ["", "projects/", "network/", "documents/phase1/", "quality/", "sparql/"])
def test_pages_show_and_ask_nobody_else(hosted: Browser, path: str) -> None:
    """Pages have their content and style, log no error, and load nothing from elsewhere."""
    shows(hosted, path)


@ON_BOTH
def test_hosts_show_pages(hosted: Browser) -> None:
    """Either host shows the page of a thing by its folder, with its styles and scripts."""
    shows(hosted, f"{PROJECT}/")


def shows(hosted: Browser, path: str) -> None:
    """Open a page, and look whether it is whole."""
    with hosted.visit(bypass_csp=False) as visit:
        page = visit.go(path)
        expect(page.locator("h1")).to_have_count(1)
        expect(page.locator(".skip")).to_have_css("position", "absolute")
        page.wait_for_load_state("networkidle")


def test_a_thread_can_be_followed(hosted: Browser) -> None:
    """From a list to a project to a person, from an inferred fact to its reason, to the line of the source."""
    with hosted.visit() as visit:
        page = visit.go("")
        page.get_by_role("link", name="Projects", exact=True).first.click()
        page.wait_for_url("**/projects/index.html")
        page.locator("tbody a").first.click()
        page.wait_for_url("**/project/*/index.html")
        page.locator("ul.people a[href*='person/']").first.click()
        page.wait_for_url("**/person/*/index.html")
        page.locator("a.mark.inferred[href*='why/']").first.click()
        page.wait_for_url("**/why/index.html#s=*")
        page.locator("#why a[href*='documents/']").first.click()
        page.wait_for_url("**/documents/*/index.html#L*")
        expect(page.locator("li:target")).to_have_count(1)


def search(page: Any) -> None:
    """Search for Lars Grasedyck by the beginning of his name, and go where it leads."""
    page.locator("#find").fill("grased")
    page.locator("#find").press("Enter")
    page.wait_for_url("**/search/index.html?q=grased")
    page.get_by_role("link", name="Lars Grasedyck").first.click()
    page.wait_for_url("**/person/lars-grasedyck/index.html")
    expect(page.locator("h1")).to_have_text(re.compile(r"Lars Grasedyck$"))


def test_search(hosted: Browser) -> None:
    """The box of every page finds names by the beginnings of their words, without capitals and accents."""
    with hosted.visit() as visit:
        search(visit.go("projects/"))


def test_lists_narrow_themselves(hosted: Browser) -> None:
    """A facet narrows the list, in the address too; the words typed narrow it further; all can be shown again."""
    with hosted.visit() as visit:
        page = visit.go("projects/")
        rows, said = page.locator("main tbody tr:visible"), page.locator("form.filters + [role=status]")
        whole = page.locator("main tbody tr").count()  # the page of a file is loaded, and its script has run
        expect(rows).to_have_count(whole)
        page.locator("form.filters select[name=topic]").select_option(index=1)
        page.locator("form.filters button").click()
        page.wait_for_url("**#topic=*")
        expect(said).to_have_text(re.compile(rf"^[1-9]\d* of {whole} rows fit$"))
        some = int(said.inner_text().split()[0])
        assert 0 < some < whole
        expect(rows).to_have_count(some)
        page.reload()
        expect(rows).to_have_count(some)
        page.locator("form.filters input[name=q]").fill("zzzz")
        page.locator("form.filters button").click()
        expect(rows).to_have_count(0)
        page.locator("form.filters input[name=q]").fill("")
        page.locator("form.filters select[name=topic]").select_option(index=0)
        page.locator("form.filters button").click()
        expect(rows).to_have_count(whole)


def test_a_question_with_another_blank(hosted: Browser) -> None:
    """A question is answered in the page for another choice, with names that lead to pages."""
    with hosted.visit() as visit:
        page = visit.go("queries/person-projects/")
        page.locator("form[data-question] select").first.select_option("lars-grasedyck")
        page.locator("form[data-question] button[type=submit]").click()
        answer = page.locator("section[data-asked]")
        expect(answer.locator("header")).to_contain_text("complete, in this browser")
        answer.locator("#result a").first.click()
        page.wait_for_url("**/project/*/index.html")


@ON_BOTH
def test_first_query(hosted: Browser) -> None:
    """The first query of a page is answered by the engine of the browser, and says that it is whole."""
    with hosted.visit(bypass_csp=False) as visit:
        page = opened(visit)
        run(page, COUNT)
        gives(page, 24)
        expect(page.locator("#editor-state")).to_contain_text("complete, in this browser")


def test_a_query_is_stopped_and_the_next_answered(hosted: Browser) -> None:
    """To stop a query ends the worker at once; the next query gets a new one."""
    with hosted.visit(errors=True) as visit:
        page = opened(visit)
        run(page, COUNT)
        gives(page, 24)
        (first,) = page.workers
        run(page, CROSS)
        page.wait_for_selector(".yasqe_queryButton.busy:visible")
        page.locator(".yasqe_queryButton:visible").click()
        page.wait_for_selector(".yasqe_queryButton:not(.busy):visible")
        run(page, "SELECT (1 + 1 AS ?two) {}")
        gives(page, 2)
        for _ in range(WAIT // 50):  # the browser tells a little later that a worker is gone
            if first not in page.workers:
                break
            page.wait_for_timeout(50)
        assert len(page.workers) == 1
        assert first not in page.workers


def test_mistakes_are_marked(hosted: Browser) -> None:
    """A malformed query is marked where it is wrong, and the reason is said."""
    with hosted.visit(errors=True) as visit:
        page = opened(visit)
        run(page, "SELECT ?s {\n ?s ?p }")
        expect(page.locator("#editor-said:visible")).to_have_text(re.compile(r"^\s*2:"))


def test_the_query_behind_a_panel(hosted: Browser) -> None:
    """The link beside a panel opens its query for that thing, and runs it."""
    with hosted.visit() as visit:
        page = visit.go("person/lars-grasedyck/")
        page.locator("section[aria-labelledby=projects] a.ask").click()
        page.wait_for_url("**/sparql/index.html#*")
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
            hosted.root + "describe/index.html?1#iri=https%3A%2F%2Fw3id.org%2Ffundgraph%2Fspp2298%2Fphase%2F1",
            wait_until="commit",
        )
        page.wait_for_url("**/phase/1/index.html")


def test_answers_are_german_in_a_german_site(chromium: Any, german_site: Path) -> None:
    """What the browser makes of a question with other blanks is German: headings, words around, what is wrong."""
    with plain_server(german_site) as root, Browser(chromium, root).visit() as visit:
        page = visit.go("queries/person-projects/#person=ada-quell")
        answer = page.locator("section[data-asked]")
        expect(answer.locator("header")).to_contain_text("vollständig, in diesem Browser")
        expect(answer.locator("h2")).to_have_text(re.compile(r"^\d+ Zeilen?$"))
        expect(answer.locator("thead th").first).to_have_text("Projekt")
        page = visit.go("queries/person-projects/?1#person=a%20b")
        expect(page.locator("section[data-asked] .wrong")).to_have_text("»a b« benennt nichts")


def test_from_a_folder_without_any_host(chromium: Any, static_site: Path) -> None:
    """Opened as files, pages, their links and the search work; a query says what it needs."""
    with Browser(chromium, static_site.as_uri() + "/").visit() as visit:
        page = visit.page
        page.goto(visit.root + "index.html")
        search(page)
        page.goto(visit.root + "queries/person-projects/index.html")
        page.locator("form[data-question] button[type=submit]").click()
        expect(page.locator("section[data-asked]")).to_contain_text("python -m http.server")

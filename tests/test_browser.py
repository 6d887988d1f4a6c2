"""The pages in Debian's Chromium: what they show, how they are used, and that they are fit for all to use."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.browser import DESK, PHONE, Browser, expect

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PROJECT = "/project/adaptive-neural-tensor-networks-for-parametric-pdes"
PERSON = "/person/lars-grasedyck"
TOPIC = "/topic/bayesian-inference"
#: Every page, by the name of its picture.
PAGES = {
    "home": "/", "projects": "/projects", "people": "/people", "topics": "/topics", "phases": "/phases",
    "organisations": "/organisations", "network": "/network", "publications": "/publications", "queries": "/queries",
    "query": "/queries/project-people", "editor": "/editor", "search": "/search?q=deep",
    "project": PROJECT, "person": PERSON, "topic": TOPIC, "phase": "/phase/1",
    "programme": "/programme", "documents": "/documents", "document": "/documents/phase1", "quality": "/quality",
    "ontology": "/ontology", "downloads": "/downloads", "releases": "/releases",
    "describe": "/describe?iri=https://w3id.org/fundgraph/ontology%23Person", "nothing": "/search?q=xyzzy",
}  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
def test_pages_are_fit_for_all(browser: Browser, name: str) -> None:
    """Light, dark and on a phone a page has no serious problem for axe-core, logs no error, and is not too wide."""
    with browser.visit(color_scheme="light", reduced_motion="reduce") as visit:
        page = visit.go(PAGES[name])
        assert page.locator("h1").count() == 1
        if name == "editor":
            page.wait_for_selector("#editor[data-ready]")
        wrong = []
        visit.shot(f"{name}-light")
        page.set_viewport_size(PHONE)
        visit.shot(f"{name}-phone")
        if (width := page.evaluate("document.documentElement.scrollWidth")) > PHONE["width"]:
            wrong.append(f"{width} pixels wide on a phone: {visit.widest()}")
        page.set_viewport_size(DESK)
        page.emulate_media(color_scheme="dark")
        visit.shot(f"{name}-dark")
        visit.shorten()
        wrong += visit.axe(["color-contrast"])
        page.emulate_media(color_scheme="light")
        wrong += visit.axe()
        assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", ["home", "projects", "query", "editor", "project", "document", "search"])
def test_pages_without_javascript(browser: Browser, name: str) -> None:
    """Without JavaScript a page has its content, and no control that does nothing."""
    with browser.visit(java_script_enabled=False) as visit:
        page = visit.go(PAGES[name])
        assert page.locator("main").inner_text().strip()
        assert page.locator("button[type=button]:visible").count() == 0


def test_search(browser: Browser) -> None:
    """Words typed at the top lead to what is called so, and from there to its page."""
    with browser.visit() as visit:
        page = visit.go("/")
        page.get_by_role("searchbox").fill("grasedyck")
        page.keyboard.press("Enter")
        page.wait_for_url("**/search?q=grasedyck")
        page.get_by_role("link", name="Lars Grasedyck", exact=True).first.click()
        page.wait_for_url(f"**{PERSON}")
        expect(page.locator("h1")).to_contain_text("Lars Grasedyck")


def test_facets(browser: Browser) -> None:
    """A facet says how many it leaves, and leaves so many; chosen again it is taken away."""
    with browser.visit() as visit:
        page = visit.go("/projects")
        every = page.locator("#projects tbody tr").count()
        chip = page.locator(".facets .chips a").last
        left = int(re.findall(r"\d+", chip.inner_text())[-1])
        assert 0 < left < every
        chip.click()
        page.wait_for_url("**/projects?*")
        expect(page.locator("#projects tbody tr")).to_have_count(left)
        page.locator(".facets [aria-current=true]").click()
        page.wait_for_url(re.compile(r"/projects$"))
        expect(page.locator("#projects tbody tr")).to_have_count(every)


def test_tables_sort(browser: Browser) -> None:
    """A head that is clicked sorts its table, and says so to those who do not see it."""
    with browser.visit() as visit:
        page = visit.go("/people")
        page.get_by_role("button", name="Projects").click()
        page.get_by_role("button", name="Projects").click()
        expect(page.locator("th[aria-sort=descending]")).to_have_text("Projects")
        numbers = [int(cell) for cell in page.locator("#people tbody td:nth-child(4)").all_inner_texts()]
        assert numbers == sorted(numbers, reverse=True)
        assert len(set(numbers)) > 1


def test_canned_query_with_parameters(browser: Browser) -> None:
    """A blank that is filled in a sentence changes the address and the answer below."""
    with browser.visit() as visit:
        page = visit.go("/queries/project-people")
        blank = page.locator(".sentence select, .sentence input").first
        before = page.locator("#result").inner_text()
        options = page.locator(".sentence select option").evaluate_all("all => all.map(one => one.value)")
        blank.select_option(options[-1])
        page.get_by_role("button", name="Ask").click()
        page.wait_for_url("**/queries/project-people?*")
        expect(page.locator("#result")).not_to_have_text(before)
        expect(page.locator("#result tbody tr").first).to_be_visible()
        visit.shot("query-filled")


def test_explanation(browser: Browser) -> None:
    """The mark of an inferred fact leads to its proof, and the proof to a line of the source."""
    with browser.visit() as visit:
        page = visit.go(PERSON)
        page.locator("a.mark.inferred").first.click()
        page.wait_for_url("**/explain?*")
        expect(page.locator(".proof")).to_contain_text(re.compile(r"\w"))
        visit.shot("explain")
        assert visit.axe() == []
        page.locator(".proof a[href*='#L']").first.click()
        page.wait_for_url("**/documents/*#L*")
        expect(page.locator("li:target")).to_have_count(1)


def test_theme_is_remembered(browser: Browser) -> None:
    """The colours that a reader chooses hold on the next page too."""
    with browser.visit(color_scheme="light") as visit:
        page = visit.go("/")
        ground = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
        page.locator("button.theme").click()
        page.wait_for_function(
            "ground => getComputedStyle(document.documentElement).backgroundColor !== ground", arg=ground
        )
        dark = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
        visit.go("/projects")
        assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == dark


def test_keyboard(browser: Browser) -> None:
    """The first stop of the keyboard skips to the content, and each stop after it can be seen."""
    with browser.visit() as visit:
        page = visit.go(PROJECT)
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.keyboard.press("Enter")
        page.wait_for_function("document.activeElement.id === 'main'")
        for _ in range(12):
            page.keyboard.press("Tab")
            shown = page.evaluate(
                "(() => { const s = getComputedStyle(document.activeElement);"
                " return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2 })()"
            )
            assert shown, page.evaluate("document.activeElement.outerHTML")


def test_quote_of_a_mark(browser: Browser) -> None:
    """A mark that is focused shows the words that were read."""
    with browser.visit() as visit:
        page = visit.go(PROJECT)
        mark = page.locator("a.mark.read[data-quote], a.mark.read[title]").first
        mark.focus()
        mark.hover()
        expect(page.locator(".quote")).to_contain_text(re.compile(r"\w"))


def test_print(browser: Browser) -> None:
    """On paper a page keeps title, release and permanent address, and drops what can only be clicked."""
    with browser.visit() as visit:
        page = visit.go(PROJECT)
        page.emulate_media(media="print")
        assert page.locator("h1").is_visible()
        foot = page.locator("footer").inner_text()
        assert re.search(r"release \d{4}-\d\d-\d\d-", foot, re.IGNORECASE)
        assert "project/adaptive-neural" in foot
        for gone in ("nav[aria-label=Main]", ".find", "button.theme", ".ask >> nth=0"):
            assert not page.locator(gone).is_visible(), gone
        visit.shot("project-print")


def test_reduced_motion(browser: Browser) -> None:
    """Nothing moves for those who asked for that."""
    with browser.visit(reduced_motion="reduce") as visit:
        page = visit.go(PROJECT)
        moving = page.evaluate(
            "[...document.querySelectorAll('*')].filter(one => {const s = getComputedStyle(one);"
            " return parseFloat(s.transitionDuration) > 0.01 || parseFloat(s.animationDuration) > 0.01}).length"
        )
        assert moving == 0


def test_pages_are_the_same_in_every_visit(browser: Browser, spp_manifest: dict[str, Any]) -> None:
    """The page says of which release it is."""
    with browser.visit() as visit:
        page = visit.go("/releases")
        assert spp_manifest["release"] in page.locator("main").inner_text()

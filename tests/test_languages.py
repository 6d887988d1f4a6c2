"""The interface in German and English: complete catalogues, the right choice, and caches that tell them apart."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from lxml import html

from fundgraph.web.languages import LANGUAGES, runs, tables, words
from fundgraph.web.site import NAVIGATION
from tests.conftest import ROOT

TEMPLATES = sorted((ROOT / "src" / "fundgraph" / "web" / "templates").glob("*.html"))
PAGES = (
    "/", "/projects", "/people", "/topics", "/phases", "/organisations", "/publications", "/editor", "/quality",
    "/search?q=deep", "/search", "/person/lars-grasedyck", "/phase/1", "/programme", "/documents", "/downloads",
    "/queries", "/queries/works-with", "/queries/publications-by-year", "/queries/wikidata-people", "/network",
    "/network?of=projects&by=topics", "/phases/compare?a=1&b=2", "/topics/matrix", "/documents/phase1",
    "/releases", "/project/adaptive-neural-tensor-networks-for-parametric-pdes", "/topic/bayesian-inference",
)  # fmt: skip


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.stem)
def test_no_string_is_missing(template: Any) -> None:
    """Each run of words of a template is in the catalogue of each other language."""
    found = set(runs(template.read_text(encoding="utf-8")))
    for language in set(LANGUAGES) - {"en"}:
        assert sorted(found - words(language).keys()) == []


def test_navigation_is_translated() -> None:
    """The names of the bar at the top are in the catalogue."""
    assert {name for _, name in NAVIGATION} <= words("de").keys()


@pytest.mark.parametrize("path", PAGES)
def test_german_pages_have_no_english_words(spp_client: Any, path: str) -> None:
    """A page in German has none of the sentences and headings that the catalogue has a German word for."""
    answer = spp_client.get(path, headers={"Accept-Language": "de", "Accept": "text/html"})
    page = html.document_fromstring(answer.get_data(as_text=True))
    assert page.get("lang") == "de"
    for kept in page.xpath("//script|//pre|//code|//svg|//*[contains(@class, 'abstract')]|//ol[@class='source']"):
        kept.drop_tree()
    said = {" ".join(text.split()) for text in page.xpath("//text()|//@title|//@aria-label|//@placeholder")}
    english = {key for key, value in words("de").items() if key != value and re.search(r"[A-Za-z]{2}", key)}
    assert said & english - set(words("de").values()) == set()


def test_language_is_chosen_and_remembered(spp_client: Any) -> None:
    """The address says the language, then the cookie, then the browser; English is for all others."""
    client = spp_client.application.test_client()

    def language(path: str, accepted: str) -> str:
        return str(client.get(path, headers={"Accept-Language": accepted}).headers["Content-Language"])

    assert language("/phases", "fr") == "en"
    assert language("/phases", "fr, de-AT;q=0.5") == "de"
    assert language("/phases?lang=de", "en") == "de"
    assert language("/phases", "en") == "de"
    assert language("/phases?lang=en", "de") == "en"
    assert language("/phases?lang=xx", "de") == "en"


def test_caches_tell_languages_apart(spp_client: Any) -> None:
    """Each language has a tag of its own, and the answer says on what it depends."""
    client = spp_client.application.test_client()
    one, other = (client.get("/phases", headers={"Accept-Language": name}) for name in ("en", "de"))
    assert one.headers["ETag"] != other.headers["ETag"]
    assert {"accept-language", "cookie"} <= {name.lower() for name in one.vary}
    again = {"Accept-Language": "de", "If-None-Match": other.headers["ETag"]}
    assert client.get("/phases", headers=again).status_code == 304
    assert client.get("/phases", headers=again | {"Accept-Language": "en"}).status_code == 200


def test_canned_queries_are_german_in_german_pages(spp_client: Any) -> None:
    """The page of a canned query, its form and its citation have the words of its header in the reader's language."""
    client = spp_client.application.test_client()
    page = client.get("/queries/works-with?lang=de", headers={"Accept": "text/html"})
    tree = html.document_fromstring(page.data)
    assert tree.xpath("//h1")[0].text_content() == "Mit wem eine Person zusammenarbeitet"
    assert tree.xpath("//select[@name='phase']/option[1]")[0].text == "einer beliebigen Phase"
    assert tree.xpath("//*[@id='citation']")[0].text_content().startswith("Mit wem eine Person")
    listed = html.document_fromstring(client.get("/queries?lang=de", headers={"Accept": "text/html"}).data)
    assert "Wer arbeitet mit einer Person in einer beliebigen Phase zusammen?" in [
        link.text_content() for link in listed.xpath("//main//li/a")
    ]
    assert client.get("/queries/works-with.csv?lang=de").text == client.get("/queries/works-with.csv?lang=en").text


def test_words_of_scripts_are_in_the_page(spp_client: Any) -> None:
    """A German page hands its scripts what they say; an English one hands nothing, as they hold the English."""
    asked = {"Accept": "text/html"}
    german = html.document_fromstring(spp_client.get("/", headers=asked | {"Accept-Language": "de"}).data)
    (block,) = german.xpath("//script[@id='words']")
    assert json.loads(block.text)["Copied"] == "Kopiert"
    english = html.document_fromstring(spp_client.get("/", headers=asked | {"Accept-Language": "en"}).data)
    assert english.xpath("//script[@id='words']") == []


def test_scripts_say_nothing_that_is_not_in_the_catalogue() -> None:
    """Each text that a script looks up has a German one."""
    asked: set[str] = set()
    for path in (ROOT / "frontend" / "src").rglob("*.js"):
        said = re.findall(
            r'\b(?:word|fill|woven|new Wrong|detail:)(?:\(| )"([^"]+)"', path.read_text(encoding="utf-8")
        )
        asked |= {text for text in said if text != "{}"}
    assert len(asked) > 30
    assert asked <= tables("de")["scripts"].keys()

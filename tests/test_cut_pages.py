"""Pages made of answers that were cut at the limit of rows say so; those made of whole ones do not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lxml import html

from fundgraph.kg import KnowledgeGraph
from fundgraph.settings import Settings
from fundgraph.web.app import create_app


@pytest.fixture(scope="module")
def narrow(spp_snapshot: Path) -> Iterator[Any]:
    """A client of the real snapshot, served with at most 40 rows an answer."""
    settings = Settings(build_dir=spp_snapshot, max_rows=40)
    with KnowledgeGraph.open(spp_snapshot, settings, served=True) as kg:
        yield create_app(kg, settings).test_client()


def notes(client: Any, path: str) -> list[html.HtmlElement]:
    """Return what a page says of being cut."""
    answer = client.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == 200
    found: list[html.HtmlElement] = html.document_fromstring(answer.data).xpath("//main//*[@role='note']")
    return found


@pytest.mark.parametrize(
    "path",
    [
        "/network", "/network?of=projects&by=people", "/network?of=projects&by=topics", "/topics/matrix",
    ],
)  # fmt: skip
def test_pages_made_of_the_index_are_whole(narrow: Any, path: str) -> None:
    """Who is in which project, and which names which topic, comes from the index, which has no limit of rows."""
    assert notes(narrow, path) == []


@pytest.mark.parametrize(("path", "panel"), [("/topics", "topics_tree"), ("/ontology", "ontology_terms")])
def test_cut_pages_say_so(narrow: Any, spp_client: Any, path: str, panel: str) -> None:
    """A page names the query whose answer was cut and the limit, each time that it is asked for."""
    for _ in range(2):
        (note,) = notes(narrow, path)
        assert "more rows than one answer may have (40)" in " ".join(note.text_content().split())
        assert panel in [link.text for link in note.iter("a")]
    assert notes(spp_client, path) == []


def test_notes_stay_with_their_page(narrow: Any) -> None:
    """A page whose answers are whole says nothing, even after one that was cut."""
    assert len(notes(narrow, "/topics")) == 1
    assert notes(narrow, "/documents") == []


def test_a_cut_answer_says_where(narrow: Any, spp_client: Any) -> None:
    """The page of a canned query says in words that its answer is cut; a whole one says that it is complete."""
    cut = narrow.get("/queries/people-across-phases", headers={"Accept": "text/html"})
    assert "not whole: cut at 40 rows" in cut.text
    assert cut.headers["Fundgraph-Completeness"] == "truncated; rows=40"
    german = narrow.get("/queries/people-across-phases?lang=de", headers={"Accept": "text/html"})
    assert "nicht vollständig: abgeschnitten bei 40 Zeilen" in german.text
    assert "complete, release" in spp_client.get("/queries/phases", headers={"Accept": "text/html"}).text

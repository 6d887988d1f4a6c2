"""Lists with facets and full-text search over a snapshot's index."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from fundgraph.errors import NoSnapshotError
from fundgraph.kg import KnowledgeGraph
from fundgraph.store.indexing import write_index
from fundgraph.store.listing import FILE_NAME, Index, facet_value, fold

BASE = "https://example.org/x/"
DATA = f"""
@prefix fg: <https://w3id.org/fundgraph/ontology#> .
<{BASE}a> a fg:Project ; fg:title "Fast solvers" ; fg:abstract "Preconditioners for Schrödinger operators." ; fg:kind "regular" .
<{BASE}b> a fg:Project ; fg:title "Slow solvers" ; fg:abstract "Nothing is fast here." ; fg:kind "regular" .
<{BASE}c> a fg:Project ; fg:title "Waves" ; fg:kind "associated" .
<{BASE}p> a fg:Person ; fg:name "Jürgen Weiß" .
"""
QUERIES = {
    "index_things": """PREFIX fg: <https://w3id.org/fundgraph/ontology#>
        SELECT ?thing ?list ?label { { ?thing a fg:Project ; fg:title ?label BIND("projects" AS ?list) }
        UNION { ?thing a fg:Person ; fg:name ?label BIND("people" AS ?list) } } ORDER BY ?list ?label""",
    "index_names": "SELECT ?thing ?name { ?thing <https://w3id.org/fundgraph/ontology#name> ?name }",
    "index_texts": "SELECT ?thing ?text { ?thing <https://w3id.org/fundgraph/ontology#abstract> ?text }",
    "facet_projects-kind": "SELECT ?thing ?value { ?thing <https://w3id.org/fundgraph/ontology#kind> ?value }",
    "facet_projects-length": """SELECT ?thing ?value ?label
        { ?thing <https://w3id.org/fundgraph/ontology#title> ?title
          BIND(IF(STRLEN(?title) > 5, "long", "short") AS ?value) BIND(CONCAT(?value, " title") AS ?label) }""",
}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    """An index of three projects and a person."""
    directory = tmp_path_factory.mktemp("index")
    store = ox.Store(str(directory / "store"))
    store.load(DATA, format=ox.RdfFormat.TURTLE)
    store.flush()
    del store
    return Index(write_index(directory, QUERIES))


def labels(index: Index, text: str, **more: Any) -> list[str]:
    """Return the labels of what a search finds."""
    return [one.label for one in index.search(text, **more).found]


def test_words_in_names_come_before_words_in_texts(index: Index) -> None:
    """A word of the title weighs more than one of the abstract."""
    assert labels(index, "fast") == ["Fast solvers", "Slow solvers"]


def test_beginnings_of_words_are_found(index: Index) -> None:
    """All words of a search are needed, and each may go on."""
    assert labels(index, "pre schr") == ["Fast solvers"]
    assert labels(index, "pre waves") == []


@pytest.mark.parametrize("typed", ["Jürgen Weiß", "juergen weiss", "JURGEN", "Weiss", "jUeRg"])
def test_umlauts_may_be_typed_as_one_can(index: Index, typed: str) -> None:
    """Umlauts are found as they are, without their dots, and written out."""
    assert labels(index, typed) == ["Jürgen Weiß"]


def test_parts_of_words_are_the_last_resort(index: Index) -> None:
    """Where no word begins so, names that hold the letters are found, and the answer says so."""
    result = index.search("ast solv")
    assert [one.label for one in result.found] == ["Fast solvers"]
    assert result.loosely
    assert not index.search("fast").loosely


def test_the_match_is_marked(index: Index) -> None:
    """Every second part of a match is what was found, and the parts make up the passage."""
    found = index.search("schrödinger").found[0]
    assert found.match == ("Preconditioners for ", "Schrödinger", " operators.")
    assert found.text == "Preconditioners for Schrödinger operators."


def test_pages_of_a_search_join_up(index: Index) -> None:
    """Two pages of one hold what one page of two holds, and each says how many there are."""
    pages = [index.search("solvers", limit=1, offset=at) for at in (0, 1)]
    assert [page.total for page in pages] == [2, 2]
    assert [page.found[0].label for page in pages] == labels(index, "solvers")


def test_a_kind_narrows_a_search(index: Index) -> None:
    """A search for one kind finds none of another, and counts all kinds still."""
    result = index.search("solvers", "people")
    assert (result.found, result.total, dict(result.kinds)) == ((), 0, {"projects": 2})


@given(text=st.text(max_size=40))
def test_any_text_can_be_searched_for(index: Index, text: str) -> None:
    """No text breaks a search or a list: quotes, operators and control characters are only text."""
    assert index.search(text).total >= 0
    assert index.listing("projects", (("kind", text),), text, 10, 0).all == 3


def test_a_facet_counts_what_else_is_chosen(index: Index) -> None:
    """The counts of a facet are of the things that fit the other facets; its own choice does not narrow them."""
    listing = index.listing("projects", (("kind", "regular"),), "", 10, 0)
    assert listing.iris == (BASE + "a", BASE + "b")
    assert (listing.total, listing.all) == (2, 3)
    counts = {name: {one.value: one.count for one in values} for name, values in listing.facets.items()}
    assert counts == {"kind": {"associated": 1, "regular": 2}, "length": {"long": 2}}


def test_a_list_is_narrowed_by_words(index: Index) -> None:
    """Words narrow a list and its facets alike."""
    listing = index.listing("projects", (), "slow", 10, 0)
    assert listing.iris == (BASE + "b",)
    assert [one.count for one in listing.facets["kind"]] == [1]


def test_pages_of_a_list_join_up(index: Index) -> None:
    """The pages of a list in their order are the list."""
    pages = [index.listing("projects", (), "", 2, at).iris for at in (0, 2, 4)]
    assert pages == [(BASE + "a", BASE + "b"), (BASE + "c",), ()]


def test_an_index_that_is_not_there(tmp_path: Path) -> None:
    """A snapshot without its index is told as such, with what to do."""
    with pytest.raises(NoSnapshotError, match="no index"):
        Index(tmp_path / FILE_NAME)


def test_values_in_addresses() -> None:
    """IRIs are known by their last part, literals as they are; folding is of letters, not of words."""
    assert facet_value("https://example.org/a#b") == "b"
    assert facet_value("1/2") == "1/2"
    assert fold("Ångström") == "aangstroem"


# The pages over the shipped programme


@pytest.fixture
def counts(spp_client: Any) -> Any:
    """Return the number of rows that an address lists, and what its facets promise."""

    def of(address: str) -> tuple[int, Any]:
        tree = html.fromstring(spp_client.get(address).data)
        return len(tree.xpath("//main//tbody/tr")), tree

    return of


@pytest.mark.parametrize("address", ["/projects", "/people", "/organisations"])
def test_every_chip_keeps_its_promise(counts: Any, address: str) -> None:
    """The number on each facet's link is the number of rows that the link leads to."""
    _, tree = counts(address)
    links = tree.xpath("//div[@class='facets']//a")
    for link in links:
        promised = int(link.text_content().replace("\u202f", "").rsplit(" ", 1)[-1])
        assert counts(link.get("href"))[0] == promised
    options = tree.xpath("//form[@class='filters' and not(@role)]//select/option[@value != '']")
    assert links or options
    for option in options[::7]:
        name = option.getparent().get("name")
        promised = int(option.text.rpartition("(")[2].rstrip(")"))
        assert counts(f"{address}?{name}={option.get('value')}")[0] == promised


def test_a_list_has_pages(spp_client: Any) -> None:
    """Pages of a list are linked in the page and in the head of the answer, and hold each person once."""
    seen: list[str] = []
    address: str | None = "/people?limit=30"
    while address:
        response = spp_client.get(address)
        tree = html.fromstring(response.data)
        seen += tree.xpath("//tbody/tr/th/a/@href")
        following = tree.xpath("//nav[@class='pages']/a[@rel='next']/@href")
        address = following[0] if following else None
        assert (f'<{address}>; rel="next"' in response.headers.getlist("Link")) == bool(address)
    assert len(seen) == len(set(seen)) == 77


def test_the_first_name_of_a_facet_still_leads_there(spp_client: Any) -> None:
    """``role=leads`` was an address once; it leads to the same list."""
    response = spp_client.get("/people?role=leads&q=martin")
    assert response.status_code == 301
    assert response.headers["Location"] == "/people?role=principal-investigator&q=martin"


def test_search_pages_in_json(spp_client: Any) -> None:
    """A page of a search says how many there are, whether it ends them, and finds one kind if asked."""
    first = spp_client.get("/search?q=neural&format=json&limit=5").json
    assert (len(first["results"]), first["complete"]) == (5, False)
    last = spp_client.get(f"/search?q=neural&format=json&limit=5&offset={first['count'] - 2}").json
    assert (len(last["results"]), last["complete"]) == (2, True)
    topics = spp_client.get("/search?q=neural&format=json&kind=topic").json
    assert {one["kind"] for one in topics["results"]} == {"topic"}
    assert topics["count"] == first["kinds"]["topic"]


def test_the_index_is_of_the_snapshot(spp_snapshot: Path) -> None:
    """The index lists each project of the graph once."""
    spp_graph = KnowledgeGraph.open(spp_snapshot)
    listed = spp_graph.index.listing("projects", (), "", 1000, 0).iris
    rows = spp_graph.select("SELECT ?p WHERE { ?p a <https://w3id.org/fundgraph/ontology#Project> } ORDER BY ?p")
    assert sorted(listed) == [row["p"] for row in rows]

"""Pages that are kept: rendered ones, answers in the index, compiled templates; and what large programmes are spared."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from flask import Flask, render_template
from flask.testing import FlaskClient

from fundgraph import assets
from fundgraph.kg import KnowledgeGraph
from fundgraph.settings import Settings
from fundgraph.store import answers
from fundgraph.store.engine import QueryRequest
from fundgraph.store.listing import FILE_NAME, Index
from fundgraph.terms import FG
from fundgraph.web import kept, languages, things, warm
from fundgraph.web.app import create_app
from fundgraph.web.panels import bind, panel_text
from fundgraph.web.site import Site, the_site

from .snapshots import BASE, make_snapshot

RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
PAGES = (
    "/", "/projects", "/people?role=principal-investigator", "/topics", "/phases", "/quality", "/ontology",
    "/documents/phase1", "/network", "/project/adaptive-neural-tensor-networks-for-parametric-pdes", "/search?q=deep",
)  # fmt: skip


@pytest.fixture(scope="module")
def app(spp_snapshot: Path) -> Iterator[Flask]:
    """An application of its own over the shipped data, so that what it keeps is known."""
    settings = Settings(build_dir=spp_snapshot)
    with KnowledgeGraph.open(spp_snapshot, settings) as kg:
        yield create_app(kg, settings)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client of it without cookies."""
    return app.test_client(use_cookies=False)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_that_is_sent_again_is_the_same(client: FlaskClient, path: str) -> None:
    """The second answer has the bytes and headers of the first, by whatever host it was asked for."""
    headers = {"Accept": "text/html", "Accept-Encoding": "gzip"}
    first = client.get(path, headers=headers)
    again = client.get(path, headers=headers, base_url="http://elsewhere.example:81")
    own = {"Date"}
    assert first.data == again.data
    assert {k: v for k, v in first.headers if k not in own} == {k: v for k, v in again.headers if k not in own}


def test_what_is_kept_goes_to_those_who_asked_for_it(client: FlaskClient) -> None:
    """Language, coding, format and parameters each have their own answer, in whatever order they come."""
    english = client.get("/topics", headers={"Accept": "text/html"})
    german = client.get("/topics", headers={"Accept": "text/html", "Accept-Language": "de"})
    assert ("Themen" in german.text, "Themen" in english.text) == (True, False)
    assert client.get("/topics", headers={"Accept-Encoding": "br"}).headers["Content-Encoding"] == "br"
    assert "Content-Encoding" not in client.get("/topics").headers
    found = client.get("/search?q=deep", headers={"Accept": "text/html"})
    asked = client.get("/search?q=deep", headers={"Accept": "application/json"})
    assert (found.mimetype, asked.mimetype) == ("text/html", "application/json")
    person = client.get("/person/lars-grasedyck", headers={"Accept": "text/html"})
    assert person.mimetype == "text/html"
    assert client.get("/person/lars-grasedyck", headers={"Accept": "text/turtle"}).mimetype == "text/turtle"


def test_a_choice_of_language_is_not_kept_for_others(client: FlaskClient) -> None:
    """An answer that sets a cookie is made for one client, each time."""
    for _ in range(2):
        assert "lang=de" in client.get("/phases?lang=de").headers["Set-Cookie"]
    assert "Set-Cookie" not in client.get("/phases").headers


def test_a_kept_page_is_not_sent_to_who_has_it(client: FlaskClient) -> None:
    """A compressed page that the client holds is answered by 304 with its tag and no body."""
    headers = {"Accept": "text/html", "Accept-Encoding": "gzip"}
    first = client.get("/people", headers=headers)
    again = client.get("/people", headers=headers | {"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", first.headers["ETag"])


def test_kept_pages_are_bounded_and_of_one_release() -> None:
    """Those asked for longest ago leave first; another release begins with none."""
    pages = kept.Pages(40 * kept._EACH)
    for number in range(60):
        pages.keep("one", (str(number),), kept._Page((), bytes(kept._EACH)))
        pages.find("one", ("0",))
    assert pages.find("one", ("0",)) is not None
    assert pages.find("one", ("1",)) is None
    assert pages.find("two", ("0",)) is None
    pages.keep("two", ("0",), kept._Page((), b"x"))
    assert pages.find("one", ("59",)) is None


def test_kept_answers_are_those_of_the_queries(spp_snapshot: Path) -> None:
    """What stands in the index is what the query gives; where it is cut, it is the beginning of each part."""
    index = Index(spp_snapshot / "current" / FILE_NAME)
    with KnowledgeGraph.open(spp_snapshot, Settings(build_dir=spp_snapshot)) as kg:
        for path in sorted(assets.pages_dir().glob("*.rq")):
            text = path.read_text("utf-8")
            if "#+ kept:" in text:
                rows = index.answer(text)
                with kg._current.engine.run(QueryRequest(text, own=True)).body as body:
                    bindings = json.load(body)["results"]["bindings"]
                assert rows is not None
                assert [{n: v for n, v in row.items() if v and not v.startswith("_:")} for row in rows] == [
                    {n: v["value"] for n, v in row.items() if v["value"]} for row in bindings
                ], path.name
        assert index.answer("SELECT ?unknown { }") is None


@pytest.fixture(scope="module")
def site(app: Flask) -> Iterator[Site]:
    """The pages' view of the shipped data, which asks every query anew."""
    with app.test_request_context("/"):
        yield the_site()


def test_passages_of_each_document_are_kept(site: Site) -> None:
    """What is kept of a document is what the query about it gives."""
    documents = site.kg.index.listing("documents", (), "", 10, 0).iris
    assert documents
    for iri in documents:
        query = bind(panel_text("document_passages"), iri)
        kept_rows = site.kg.index.answer(query)
        asked, _ = site.kg.rows(query + "\nLIMIT 100000")
        assert kept_rows == asked
        assert len(asked) > 100


def test_similar_projects_of_the_index_are_those_of_the_query(site: Site) -> None:
    """The projects that share most topics with one are found in the index in the order of the query for all."""
    for iri in site.kg.index.listing("projects", (), "", 100, 0).iris:
        whole = site.panel("project_similar", iri)
        near = site.kg.index.nearest("network_topics", iri, things.MOST_SIMILAR)
        assert near == [row["project"] for row in whole.rows]
        shown = site.rows_of("project_similar", near, iri)
        assert [(row["project"], row["shared"]) for row in shown.rows] == [
            (row["project"], row["shared"]) for row in whole.rows
        ]


def test_first_projects_of_a_topic_are_those_of_the_query(site: Site) -> None:
    """The projects whose texts name a topic most strongly are found in the index in the order of the query for all."""
    topics = [row["topic"] for row in site.panel("topics_tree").rows if int(row["projects"]) > 2]
    assert len(topics) > 20
    for iri in topics[::4]:
        whole = site.panel("topic_projects", iri)
        first = site.kg.index.strongest("index_topics", iri, 5)
        assert first == whole.column("project")[:5]
        few = site.rows_of("topic_projects", first, iri)
        assert few.rows == tuple(row for row in whole.rows if row["project"] in first)


def test_topics_of_a_phase_are_those_of_the_query(site: Site) -> None:
    """The counts of one phase that the page takes from those of all are what the query of the phase gives."""
    for row in site.panel("phases_list").rows:
        shown = things._topics_of(site, row["phase"])
        assert shown == site.panel("phase_topics", row["phase"])


def test_parts_of_kept_answers_are_cut() -> None:
    """No more rows than asked for are kept of each combination of values."""
    store = ox.Store()
    store.update("INSERT DATA { " + " ".join(f"<urn:{n}> <urn:p> '{n % 3}' ." for n in range(30)) + " }")
    connection = sqlite3.connect(":memory:")
    connection.executescript(answers.SCHEMA)
    query = "#+ summary: x\n#+ kept: 4 by kind\nSELECT ?kind ?s { ?s <urn:p> ?kind } ORDER BY ?kind ?s"
    answers.write_answers(connection, store, [query])
    rows = answers.read_answer(connection, query)
    assert rows is not None
    assert [row["kind"] for row in rows] == ["0"] * 4 + ["1"] * 4 + ["2"] * 4


def test_no_panel_names_a_passage_by_a_long_join() -> None:
    """Within OPTIONAL the passage's facts are optional each: as one join the engine would read all passages."""
    for path in assets.pages_dir().glob("*.rq"):
        assert not re.search(
            r"OPTIONAL \{[^{}]*fg:readFrom \?passage[^{}]*(?:;[^{}]*){2}\}", path.read_text("utf-8")
        )


def test_warming_makes_every_page(app: Flask) -> None:
    """All that is made in advance can be made."""
    kg: Any = app.extensions["fundgraph"].kg
    assert warm.warm(app, kg) == []
    with app.test_request_context("/"):
        assert len(warm._things(app, kg)) >= 7


def test_compiled_templates_are_kept_by_language(tmp_path: Path) -> None:
    """Templates are compiled once for each language; another application takes what is there, a broken file is made anew."""

    def made() -> list[str]:
        app = Flask("fundgraph.web")
        languages.install(app, tmp_path / "compiled")
        texts = []
        for language in ("en", "de"):
            with app.test_request_context(f"/?lang={language}"):
                texts.append(render_template("macros.html"))
        return texts

    first = made()
    files = sorted((tmp_path / "compiled").iterdir())
    assert len(files) == 2
    files[0].write_bytes(b"broken")
    assert made() == first
    assert files[0].read_bytes() != b"broken"


def many(count: int) -> str:
    """Return N-Triples: a topic and a phase with so many projects, of a person each."""
    lines = []

    def say(subject: str, predicate: str, value: str) -> None:
        lines.append(f"<{BASE}{subject}> <{predicate if ':' in predicate else FG + predicate}> {value} .\n")

    for thing, kind, label in (("topic/t", "Topic", "Tides"), ("phase/1", "FundingPhase", "Phase 1")):
        say(thing, RDF_TYPE, f"<{FG}{kind}>")
        say(thing, LABEL, f'"{label}"')
    say("topic/t", "http://www.w3.org/2004/02/skos/core#prefLabel", '"Tides"@en')
    say("phase/1", "number", '"1"^^<http://www.w3.org/2001/XMLSchema#integer>')
    for number in range(count):
        say(f"project/p{number}", RDF_TYPE, f"<{FG}Project>")
        say(f"project/p{number}", "title", f'"Project {number:04}"')
        say(f"project/p{number}", LABEL, f'"Project {number:04}"')
        say(f"project/p{number}", "inPhase", f"<{BASE}phase/1>")
        say(f"project/p{number}", "hasTopic", f"<{BASE}topic/t>")
        say(f"person/h{number}", RDF_TYPE, f"<{FG}Person>")
        say(f"person/h{number}", "name", f'"Somebody {number:04}"')
        say(f"person/h{number}", LABEL, f'"Somebody {number:04}"')
        say(f"person/h{number}", "worksOn", f"<{BASE}topic/t>")
    return "".join(lines)


@pytest.mark.parametrize("path", ["/topic/t", "/phase/1"])
def test_long_lists_on_pages_of_things_say_that_they_are_cut(
    tmp_path_factory: pytest.TempPathFactory, path: str
) -> None:
    """Of more projects than stand on a page the first ones do, and the page says how many there are."""
    build = tmp_path_factory.mktemp("many")
    make_snapshot(build, {"document/a": many(things.MOST + 50)}, index=True)
    settings = Settings(build_dir=build)
    with KnowledgeGraph.open(build, settings) as kg:
        text = create_app(kg, settings).test_client().get(path, headers={"Accept": "text/html"}).text
    assert len(set(re.findall(r'href="(/project/p\d+)"', text))) == things.MOST
    assert f"The first {things.MOST} of {things.MOST + 50} are shown" in " ".join(text.split())


def test_panels_of_whole_lists_are_kept() -> None:
    """The panels that every start of a server would ask again are among those that are kept."""
    for name in (
        "home_projects",
        "home_findings",
        "topics_tree",
        "phases_list",
        "documents_list",
        "ontology_uses",
    ):
        assert "#+ kept: with each snapshot" in panel_text(name)

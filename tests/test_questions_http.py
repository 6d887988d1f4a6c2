"""Canned queries over HTTP: the catalogue, the form with its answer, and the answer in every format."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import rdflib
import rdflib.plugins.sparql
from flask.testing import FlaskClient

from fundgraph import assets
from fundgraph.kg import KnowledgeGraph
from fundgraph.questions import load_questions
from fundgraph.settings import Settings
from fundgraph.web.app import create_app
from fundgraph.web.pictures import MOST_NAMES, MOST_NODES, Edge, matrix, network, plot

pytestmark = pytest.mark.slow

QUESTIONS = load_questions(assets.queries_dir())
IDS = sorted(QUESTIONS)
#: Those that ask nobody else.
OURS = [name for name in IDS if not QUESTIONS[name].services]
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.fixture(scope="module")
def client(spp_snapshot: Path) -> Iterator[FlaskClient]:
    """A client of the application over the real snapshot."""
    settings = Settings(build_dir=spp_snapshot)
    with KnowledgeGraph.open(spp_snapshot, settings) as kg:
        yield create_app(kg, settings).test_client()


def text_of(body: str) -> str:
    """Return what a reader sees of a page, with single spaces."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def test_catalogue(client: FlaskClient) -> None:
    """The catalogue page links to every question once."""
    answer = client.get("/queries", headers=BROWSER)
    assert answer.status_code == 200
    linked = re.findall(r'href="/queries/([a-z-]+)"', answer.text)
    assert sorted(linked) == IDS
    assert "Who works with a person in any phase ?" in text_of(answer.text)


def test_catalogue_as_data(client: FlaskClient) -> None:
    """The catalogue comes as JSON and as Turtle, by suffix and by Accept."""
    listed = client.get("/queries.json").get_json()["questions"]
    assert [question["id"] for question in listed] == IDS
    works_with = next(question for question in listed if question["id"] == "works-with")
    assert works_with["params"][0]["type"] == "fg:Person"
    assert set(works_with["formats"]) == {"json", "xml", "csv", "tsv", "rq"}
    assert client.get("/queries", headers={"Accept": "application/json"}).get_json()["questions"] == listed
    turtle = client.get("/queries", headers={"Accept": "text/turtle"})
    assert turtle.content_type == "text/turtle; charset=utf-8"
    assert len(rdflib.Graph().parse(data=turtle.text, format="turtle")) > 5 * len(IDS)
    assert client.get("/queries.ttl").text == turtle.text


@pytest.mark.parametrize("name", OURS)
def test_page(name: str, client: FlaskClient) -> None:
    """A question's page has its rows at once, with no script or style of its own, and links into this site only."""
    answer = client.get(f"/queries/{name}", headers=BROWSER)
    assert answer.status_code == 200
    with (Path(__file__).parent / "questions" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = len(list(csv.reader(file))) - 1
    shown = text_of(answer.text)
    assert f"{rows} row" in shown
    assert "complete, release" in shown
    assert " style=" not in answer.text
    assert not re.search(r"<style|<script(?![^>]*\bsrc=)|\bon\w+=", answer.text)
    assert answer.headers["Fundgraph-Completeness"] == "complete"


def test_page_links_names_to_things_and_lines_to_sources(client: FlaskClient) -> None:
    """A name links to its thing, a line to the source, and the form holds what was asked."""
    page = client.get("/queries/works-with?person=gitta-kutyniok", headers=BROWSER).text
    assert '<a href="/person/lukas-weigand">Lukas Weigand</a>' in page
    assert '<option value="gitta-kutyniok" selected>Gitta Kutyniok (1)</option>' in page
    assert "/queries/works-with.csv?person=gitta-kutyniok" in page
    assert "/sparql#query=" in page
    page = client.get("/queries/claims-compared", headers=BROWSER).text
    assert "#L124" in page


@pytest.mark.parametrize("value", ["martin-burger", "person:martin-burger", "<https://w3id.org/fundgraph/spp2298/person/martin-burger>"])  # fmt: skip
def test_form_finds_what_was_asked(value: str, client: FlaskClient) -> None:
    """However a thing is named, the form shows it as chosen."""
    page = client.get("/queries/works-with", query_string={"person": value}, headers=BROWSER).text
    assert '<option value="martin-burger" selected>' in page


def test_csv(client: FlaskClient) -> None:
    """A CSV answer has the parameters applied and says what it is worth."""
    answer = client.get("/queries/works-with.csv?person=gitta-kutyniok&phase=")
    assert answer.content_type == "text/csv; charset=utf-8"
    rows = list(csv.reader(io.StringIO(answer.text)))
    assert rows[0] == ["colleague", "name", "project", "title"]
    assert [row[1] for row in rows[1:]] == ["Lukas Weigand", "Martin Burger", "Yunseok Lee"]
    assert answer.headers["Fundgraph-Completeness"] == "complete"
    assert answer.headers["Fundgraph-Release"]
    assert float(answer.headers["Fundgraph-Elapsed-Ms"]) >= 0
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_formats(client: FlaskClient) -> None:
    """Every format comes by suffix and by Accept with its own media type; JSON tells the release too."""
    for suffix, media in (
        ("csv", "text/csv"), ("tsv", "text/tab-separated-values"), ("json", "application/sparql-results+json"),
        ("xml", "application/sparql-results+xml"),
    ):  # fmt: skip
        answer = client.get(f"/queries/person-projects.{suffix}")
        assert answer.mimetype == media
        assert client.get("/queries/person-projects", headers={"Accept": media}).mimetype == media
    meta = json.loads(client.get("/queries/person-projects.json").text)["meta"]
    assert meta["completeness"] == "complete"
    assert client.get("/queries/person-projects").mimetype == "text/html"


def test_etag(client: FlaskClient) -> None:
    """An answer that did not change is not sent again; another parameter has another tag."""
    first = client.get("/queries/works-with.csv?person=martin-burger")
    tag = first.headers["ETag"]
    again = client.get("/queries/works-with.csv?person=martin-burger", headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    assert client.get("/queries/works-with.csv?person=gitta-kutyniok").headers["ETag"] != tag
    page = client.get("/queries/works-with", headers=BROWSER)
    headers = BROWSER | {"If-None-Match": page.headers["ETag"]}
    assert client.get("/queries/works-with", headers=headers).status_code == 304


def test_query_text(client: FlaskClient) -> None:
    """The .rq is the bound query with its header, and /sparql answers it as the question is answered."""
    answer = client.get("/queries/works-with.rq?person=gitta-kutyniok")
    assert answer.mimetype == "application/sparql-query"
    assert "VALUES ?person { <https://w3id.org/fundgraph/spp2298/person/gitta-kutyniok> }" in answer.text
    assert answer.text.startswith("#+ summary: The colleagues of a person")
    same = client.get("/sparql", query_string={"query": answer.text}, headers={"Accept": "text/csv"})
    assert same.text == client.get("/queries/works-with.csv?person=gitta-kutyniok").text


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("/queries/nobody", 404, "nobody"),
        ("/queries/works-wiht", 404, "suggestions"),
        ("/queries/works-with.pdf", 404, "csv"),
        ("/queries/works-with.", 404, "csv"),
        ("/queries/works-with.csv?persn=martin-burger", 400, "person"),
        ("/queries/works-with.csv?person=martin-burger&person=gitta-kutyniok", 400, "more than once"),
        ("/queries/works-with.csv?person=martin burger", 400, "Expected"),
        ("/queries/works-with?person=%7D%20%3Fs%20%3Fp%20%3Fo%20%7B", 400, "Expected"),
        ("/queries/people-in-several-projects.csv?minimum=two", 400, "a whole number"),
    ],
)
def test_wrong_requests(address: str, status: int, words: str, client: FlaskClient) -> None:
    """What cannot be answered is a problem document that says what would be right."""
    answer = client.get(address)
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    assert words in answer.text
    assert client.get(address, headers=BROWSER).status_code == status


def test_unacceptable(client: FlaskClient) -> None:
    """A format that an answer does not have is 406, with those that it has."""
    answer = client.get("/queries/works-with", headers={"Accept": "image/png"})
    assert answer.status_code == 406
    assert "text/csv" in answer.text


def test_what_is_typed_is_shown_as_text(client: FlaskClient) -> None:
    """A value with markup in it stays text on the page."""
    page = client.get(
        "/queries/project-search", query_string={"text": '"><script>alert(1)</script>'}, headers=BROWSER
    )
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert "No rows" in page.text


def test_pictures(client: FlaskClient) -> None:
    """A network is drawn by groups, a bar is as long as its number, a timeline names its phases."""
    page = client.get("/queries/who-works-with-whom", headers=BROWSER).text
    # 24 projects, of which two share a person: 23 groups; 102 pairs.
    assert "23 groups" in text_of(page)
    assert page.count("<line ") == 102
    page = client.get("/queries/largest-teams", headers=BROWSER).text
    widths = [float(width) for width in re.findall(r'<rect width="([\d.]+)"', page)]
    assert (len(widths), widths[0], widths[-1]) == (24, 100.0, 33.3)
    page = client.get("/queries/phases", headers=BROWSER).text
    assert "Phase 1 2021 to 2024 Phase 2 no dates stated" in text_of(page)
    page = client.get("/queries/topic-overlap?minimum=5", headers=BROWSER).text
    assert "The same as a matrix" in page


def test_groups_of_a_network() -> None:
    """Things that hang together, however far, are one group; what is too large is left to the table."""
    edges = [Edge((a, a), (b, b), weight) for a, b, weight in (("a", "b", 1.0), ("b", "c", 3.0), ("x", "y", 1.0))]
    drawn = network(edges)
    assert drawn is not None
    assert drawn.groups == 2
    assert sorted((line.one.name, line.other.name, line.width) for line in drawn.lines) == [
        ("a", "b", 1.0), ("b", "c", 3.5), ("x", "y", 1.0),
    ]  # fmt: skip
    many = [Edge(("hub", "hub"), (str(at), str(at)), 1.0) for at in range(MOST_NODES)]
    assert network(many) is None
    assert matrix(many[: MOST_NAMES + 1]) is None
    small = matrix(edges)
    assert small is not None
    assert small.rows[1] == (1.0, None, 3.0, None, None)


def test_choices_without_an_instance_are_still_a_form(client: FlaskClient) -> None:
    """A thing that nobody knows may be asked about: the form shows it, and the page says that there is nothing."""
    page = client.get("/queries/works-with?person=nobody-at-all", headers=BROWSER)
    assert page.status_code == 200
    assert "No rows" in page.text
    assert '<option value="nobody-at-all" selected>' in page.text


def test_two_kinds_of_things_make_a_matrix_of_rows_and_columns() -> None:
    """Where the pairs are of two kinds, one kind stands in the rows and the other in the columns."""
    shown = matrix([Edge(("p", "P"), ("t", "T"), 1.0), Edge(("q", "Q"), ("u", "U"), 2.0)])
    assert shown is not None
    assert [name for _, name in shown.columns] == ["T", "U"]
    assert shown.rows == ((1.0, None), (None, 2.0))


def test_a_line_goes_through_its_numbers() -> None:
    """A line stands by years where the names are numbers, and the largest value is at the top."""
    drawn = plot([("2020", 1.0), ("2021", 4.0), ("2024", 2.0)])
    assert drawn is not None
    assert [(x, y) for x, y, _, _ in drawn.points] == [(50.0, 165.0), (190.0, 30.0), (610.0, 120.0)]
    assert plot([]) is None


def test_choices_come_with_counts(client: FlaskClient) -> None:
    """Each choice of a form has a label and the number of what there is of it."""
    page = client.get("/queries/works-with", headers=BROWSER).text
    assert re.search(r'<option value="martin-burger" selected>Martin Burger \(2\)</option>', page)
    assert "Phase 1 (24)" in page


def test_too_many_choices_are_suggested(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """With more choices than fit a list, the box takes what the search suggests."""
    monkeypatch.setattr("fundgraph.web.questions.MOST_CHOICES", 20)
    page = client.get("/queries/works-with", headers=BROWSER).text
    assert '<input name="person" type="text" value="martin-burger"' in page
    assert 'data-suggest="person"' in page
    assert "<datalist" not in page


def test_pages_of_rows(client: FlaskClient) -> None:
    """Pages by ``limit`` and ``offset`` make the whole answer, and ``Link`` leads from each to the next."""
    whole = client.get("/queries/people-without-affiliation.json").get_json()["results"]["bindings"]
    address: str | None = "/queries/people-without-affiliation.json?limit=15"
    rows: list[object] = []
    pages = 0
    while address:
        answer = client.get(address)
        rows += answer.get_json()["results"]["bindings"]
        pages += 1
        links = dict(
            re.findall(r'<https?://[^/]+([^>]+)>; rel="(\w+)"', ", ".join(answer.headers.getlist("Link")))
        )
        by_relation = {relation: path for path, relation in links.items()}
        assert ("prev" in by_relation) == (pages > 1)
        address = by_relation.get("next")
    assert (rows, pages) == (whole, 3)


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=x", "offset=-1", "limit=1&limit=2", "limit=9999999999", "bom=yes"]
)
def test_wrong_pages(query: str, client: FlaskClient) -> None:
    """A page that cannot be is 400 and says what is expected."""
    answer = client.get(f"/queries/people-without-affiliation.csv?{query}")
    assert answer.status_code == 400
    assert re.search("expected|more than once|allowed", answer.text)


@pytest.mark.parametrize("query", ["bom=1", "header=excel"])
def test_csv_for_a_spreadsheet(query: str, client: FlaskClient) -> None:
    """With the option, CSV begins with a byte order mark and is the same after it, under an ETag of its own."""
    plain = client.get("/queries/people-without-affiliation.csv")
    marked = client.get(f"/queries/people-without-affiliation.csv?{query}")
    assert marked.data == b"\xef\xbb\xbf" + plain.data
    assert marked.headers["ETag"] != plain.headers["ETag"]


def test_code_and_citation(client: FlaskClient) -> None:
    """The page has code in four languages, and a permanent address with release and hash that says when it is old."""
    page = client.get("/queries/works-with?person=gitta-kutyniok", headers=BROWSER)
    release = page.headers["Fundgraph-Release"]
    shown = text_of(page.text)
    for words in ("curl", "SPARQLWrapper", "read.csv(", "await fetch(", "@misc{works-with-"):
        assert words in shown
    permanent = re.search(r"/queries/works-with\?person=gitta-kutyniok&release=[^&\s]+&hash=[0-9a-f]{16}", shown)
    assert permanent is not None
    assert f"release={release}&" in permanent[0]
    same = text_of(client.get(permanent[0], headers=BROWSER).text)
    assert "was cited for release" not in same
    assert "The query was another one" not in same
    other = text_of(client.get(permanent[0].replace(release, "2001-01-01-old")[:-1], headers=BROWSER).text)
    assert "was cited for release 2001-01-01-old" in other
    assert "The query was another one" in other
    data = permanent[0].replace("works-with?", "works-with.csv?")
    assert client.get(data).status_code == 200
    for wrong, kind in ((data.replace(release, "2001-01-01-old"), "release"), (data[:-1], "query")):
        refused = client.get(wrong)
        assert refused.status_code == 409, "other numbers must not come under an address that was cited"
        assert refused.json["type"].endswith(f"/{kind}")


def test_a_service_that_is_not_allowed_is_not_asked(client: FlaskClient) -> None:
    """The page of a federated question says which service is not allowed; its data are refused."""
    page = client.get("/queries/wikidata-people", headers=BROWSER)
    assert page.status_code == 200
    assert "Not asked: the query calls https://query.wikidata.org/sparql" in text_of(page.text)
    assert client.get("/queries/wikidata-people.json").status_code == 403


def test_the_catalogue_is_executable(client: FlaskClient) -> None:
    """Every question of the published catalogue is a ``sh:SPARQLExecutable`` whose query runs as it stands."""
    sh = rdflib.Namespace("http://www.w3.org/ns/shacl#")
    graph = rdflib.Graph().parse(data=client.get("/queries.ttl").text, format="turtle")
    queries = dict(graph.subject_objects(sh.select))
    assert len(queries) == len(set(graph.subjects(rdflib.RDF.type, sh.SPARQLExecutable))) == len(IDS)
    for text in queries.values():
        rdflib.plugins.sparql.prepareQuery(str(text))


def test_a_language_is_no_parameter(client: FlaskClient) -> None:
    """The page of a question answers in the language of its address."""
    page = client.get("/queries/phases?lang=de", headers=BROWSER)
    assert (page.status_code, page.headers["Content-Language"]) == (200, "de")

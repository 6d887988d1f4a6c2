"""Canned queries that ask a target about our links: what leaves the machine, and what is shown while the target is down."""

from __future__ import annotations

import dataclasses
import html
import http.server
import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fundgraph import assets
from fundgraph.errors import RemoteServiceError
from fundgraph.kg import KnowledgeGraph
from fundgraph.questions import load_questions
from fundgraph.settings import Settings
from fundgraph.store.asking_about import MOST_VALUES, blank_in, local_query
from fundgraph.store.engine import QueryRequest
from fundgraph.store.federation import sent_out
from fundgraph.store.last_answers import LastAnswers
from fundgraph.store.pool import WorkerEngine
from fundgraph.store.scan import scan
from fundgraph.web.app import create_app
from tests.plain_server import start_plain
from tests.snapshots import BASE, make_snapshot
from tests.test_engine_workers import soon

pytestmark = pytest.mark.slow

ORCID = "0000-0002-2906-1769"
#: Wikidata's vocabulary, and two people of whom one is nobody's here.
WIKIDATA = f"""
@prefix wd: <http://www.wikidata.org/entity/> . @prefix wdt: <http://www.wikidata.org/prop/direct/> .
wd:Q1 wdt:P496 "{ORCID}" . wd:Q2 wdt:P496 "0000-0002-1825-0097" .
wd:Q1 <http://www.w3.org/2000/01/rdf-schema#label> "Felix Dietrich"@en , "F. D."@de ; <http://schema.org/description> "mathematician"@en .
wd:Q9 <http://www.w3.org/2000/01/rdf-schema#label> "nobody of ours"@en .
@prefix dblp: <https://dblp.org/rdf/schema#> .
<urn:w1> dblp:authoredBy <https://dblp.org/pid/1/1> ; dblp:yearOfPublication "2019" .
<urn:w2> dblp:authoredBy <https://dblp.org/pid/1/1> , <https://dblp.org/pid/2/2> ; dblp:yearOfPublication "2023" .
wd:Q3 wdt:P6782 "02kkvpp62" ; wdt:P625 "Point(11.568 48.149)" . wd:Q4 wdt:P6782 "038t36y30" .
"""
NAME, REAL = "wikidata-people", "https://query.wikidata.org/sparql"


class Relay(http.server.BaseHTTPRequestHandler):
    """Passes queries on to an endpoint and notes them; while it is down it says so."""

    asked: list[str]
    state: dict[str, Any]

    def do_GET(self) -> None:
        """Pass a query on."""
        import urllib.request

        length = int(self.headers.get("Content-Length") or 0)
        sent = self.rfile.read(length).decode() if length else urllib.parse.urlsplit(self.path).query
        query = urllib.parse.parse_qs(sent)["query"][0]
        self.asked.append(query)
        if self.state["down"]:
            self.send_error(503)
            return
        data = urllib.parse.urlencode({"query": query}).encode()
        request = urllib.request.Request(self.state["url"], data, {"Accept": "application/sparql-results+json"})
        with urllib.request.urlopen(request, timeout=20) as answer:
            body = answer.read()
        self.send_response(200)
        self.send_header("Content-Type", "application/sparql-results+json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815 - the name is the library's

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[type[Relay]]:
    """A target with Wikidata's vocabulary, which can be down."""
    folder = tmp_path_factory.mktemp("wikidata")
    (folder / "wikidata.ttl").write_text(WIKIDATA)
    behind = start_plain(folder, "--data", "wikidata.ttl")
    assert soon(lambda: behind.get("/readyz")[0] == 200, 20)
    handler = type("Handler", (Relay,), {"asked": [], "state": {"down": False, "url": behind.url + "/sparql"}})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    handler.state["address"] = f"http://127.0.0.1:{server.server_port}/sparql"
    yield handler
    server.shutdown()
    server.server_close()
    behind.process.terminate()
    behind.process.wait(15)


@pytest.fixture(scope="module")
def kg(
    spp_snapshot: Path, relay: type[Relay], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[KnowledgeGraph]:
    """The real snapshot, whose canned queries ask the stand-in for Wikidata."""
    address = relay.state["address"]
    folder = tmp_path_factory.mktemp("federated")
    (folder / "current").symlink_to((spp_snapshot / "current").resolve())
    settings = Settings(build_dir=folder, workers=1, services=f"{address}|keep=0|timeout=5")
    with KnowledgeGraph.open(folder, settings, served=True) as graph:
        assert soon(lambda: graph.is_ready(5), 30)
        asked = load_questions(assets.queries_dir())
        graph.__dict__["questions"] = {
            name: dataclasses.replace(one, text=one.text.replace(REAL, address)) for name, one in asked.items()
        }
        graph.__dict__["settings_of_test"] = settings
        yield graph


@pytest.fixture
def client(kg: KnowledgeGraph, relay: type[Relay]) -> Any:
    """A client of the site, with the target up."""
    relay.state["down"] = False
    relay.asked.clear()
    return create_app(kg, kg.__dict__["settings_of_test"]).test_client()


def text_of(page: str) -> str:
    """Return what a reader sees of a page."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_our_values_alone_are_asked_about(client: Any, relay: type[Relay]) -> None:
    """A call with a blank is asked about our ORCIDs, in one query, and the answer is joined with our people."""
    answer = client.get(f"/queries/{NAME}.json")
    assert answer.status_code == 200, answer.text
    rows = answer.get_json()["results"]["bindings"]
    assert [(row["name"]["value"], row["item"]["value"]) for row in rows] == [
        ("Felix Dietrich", "http://www.wikidata.org/entity/Q1")
    ]
    (sent,) = relay.asked
    assert f'VALUES ?orcid {{ "{ORCID}"' in sent
    assert "UNDEF" not in sent
    (told,) = answer.get_json()["meta"]["services"]
    assert (told["query"], told["rows"]) == (sent, 1)
    assert answer.headers["Fundgraph-Services"].endswith(">; rows=1")


def test_organisations_with_their_places(client: Any) -> None:
    """Another canned query joins our organisations by ROR id, and brings what the target alone knows."""
    rows = client.get("/queries/wikidata-organisations.json").get_json()["results"]["bindings"]
    places = {row["name"]["value"]: row.get("place", {}).get("value") for row in rows}
    assert places == {"Technical University of Munich": "Point(11.568 48.149)", "Heidelberg University": None}


def test_the_page_shows_what_leaves_the_machine(client: Any, relay: type[Relay]) -> None:
    """The page shows the very query that was sent."""
    page = client.get(f"/queries/{NAME}", headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert " ".join(relay.asked[0].split()) in text_of(page.text)
    assert "What leaves this machine" in page.text
    assert page.headers["Cache-Control"] == "no-store"


def test_while_the_target_is_down(client: Any, relay: type[Relay]) -> None:
    """The last answer stands in while the target is down, and data, header and page say so with its date."""
    first = client.get(f"/queries/{NAME}.json").get_json()
    relay.state["down"] = True
    answer = client.get(f"/queries/{NAME}.json")
    assert answer.get_json()["results"] == first["results"]
    (told,) = answer.get_json()["meta"]["services"]
    assert (told["failed"], re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", told["asked"]) is not None) == (
        "the service failed: status 503", True,
    )  # fmt: skip
    assert f"; failed; asked={told['asked']}" in client.get(f"/queries/{NAME}.csv").headers["Fundgraph-Services"]
    page = text_of(client.get(f"/queries/{NAME}", headers={"Accept": "text/html"}).text)
    assert "Its last answer stands in, of " + told["asked"] in page
    german = client.get(f"/queries/{NAME}?lang=de", headers={"Accept": "text/html"}).text
    assert "An seiner Stelle steht seine letzte Antwort" in german


def test_down_from_the_beginning(client: Any, relay: type[Relay], kg: KnowledgeGraph) -> None:
    """With no earlier answer the data are 502, and the page says why, and what would be sent."""
    relay.state["down"] = True
    folder = kg.__dict__["settings_of_test"].build_dir / "services"
    for path in folder.glob("*.json"):
        path.unlink()
    assert client.get(f"/queries/{NAME}.json").status_code == 502
    page = client.get(f"/queries/{NAME}", headers={"Accept": "text/html"})
    assert page.status_code == 502
    assert "Not answered: another service failed" in text_of(page.text)
    assert "What leaves this machine" in page.text


def test_peoples_own_queries_do_not_fall_back(client: Any, relay: type[Relay], kg: KnowledgeGraph) -> None:
    """A query that somebody writes fails when the service does, as SPARQL has it."""
    text = kg.questions[NAME].query
    assert client.get("/sparql", query_string={"query": text}).status_code == 200
    relay.state["down"] = True
    assert client.get("/sparql", query_string={"query": text}).status_code == 502


def test_reviewed_links_are_joined(tmp_path: Path, relay: type[Relay]) -> None:
    """Canned queries over reviewed links ask about the linked things alone, grouped or described on the other side."""
    relay.state["down"] = False
    relay.asked.clear()
    fg, kind = "https://w3id.org/fundgraph/ontology#", "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
    person, same = f"<{BASE}person/felix>", "<https://schema.org/sameAs>"
    triples = (
        f'{person} <{kind}> <{fg}Person> .\n{person} <{fg}name> "Felix" .\n'
        f'{person} <http://www.w3.org/2000/01/rdf-schema#label> "Felix" .\n'
        f"{person} {same} <https://dblp.org/pid/1/1> .\n{person} {same} <http://www.wikidata.org/entity/Q1> .\n"
    )
    address = relay.state["address"]
    snapshot = make_snapshot(tmp_path, {"links/x": triples})
    engine = WorkerEngine(snapshot, Settings(build_dir=tmp_path, workers=1, services=f"{address}|keep=0"))
    try:
        engine.wait_until_ready(20)
        for name, service, expected in (
            ("dblp-works-of-linked-people", "https://sparql.dblp.org/sparql", {"works": "2", "first": "2019", "last": "2023"}),
            ("wikidata-of-linked-things", REAL, {"theirName": "Felix Dietrich", "description": "mathematician"}),
        ):  # fmt: skip
            text = load_questions(assets.queries_dir())[name].query.replace(service, address)
            with engine.run(QueryRequest(text)).body as body:
                (row,) = json.load(body)["results"]["bindings"]
            assert {one: row[one]["value"] for one in expected} == expected
    finally:
        engine.close()
    assert "VALUES ?entry { <https://dblp.org/pid/1/1> }" in relay.asked[0]
    assert "VALUES ?item { <http://www.wikidata.org/entity/Q1> }" in relay.asked[1]


def test_too_many_values(kg: KnowledgeGraph, relay: type[Relay]) -> None:
    """More values than are sent along fail the query, and nothing leaves the machine; none ask nothing."""
    relay.asked.clear()
    address = relay.state["address"]
    with pytest.raises(RemoteServiceError, match="more than 500 values"):
        kg.answer(
            QueryRequest(f"SELECT * {{ ?a ?p ?x SERVICE <{address}> {{ VALUES ?x {{ UNDEF }} ?b ?q ?x }} }}")
        )
    none = f"SELECT * {{ ?a <urn:nothing> ?x SERVICE <{address}> {{ VALUES ?x {{ UNDEF }} ?b ?q ?x }} }}"
    assert len(kg.select(none)) == 0
    assert relay.asked == []
    assert MOST_VALUES == 500


@pytest.mark.parametrize(
    ("before", "told"),
    [("?a ?p ?x", True), ("{ ?a ?p ?x } UNION { ?b ?q ?x }", True), ("OPTIONAL { ?a ?p ?x FILTER(?x > 1) }", True),
     ("?a ?p ?x FILTER(?x > ?later)", False), ("SERVICE <urn:other> { ?a ?p ?x }", False), ("{ ?a ?p ?x", False)],
)  # fmt: skip
def test_where_our_values_can_be_told(before: str, told: bool) -> None:
    """Our values are told by what stands before in the outermost group; a FILTER there may look further, and ends it."""
    text = f"PREFIX a: <urn:a:> SELECT * {{ {before} SERVICE <urn:s> {{ VALUES ?x {{ UNDEF }} ?b ?q ?x }} }}"
    text += " }" if before.startswith("{ ?a ?p ?x") and "UNION" not in before else ""
    seen = scan(text)
    call = seen.services[-1]
    blank = blank_in(seen, call)
    assert blank is not None
    assert text[blank.start : blank.end] == "VALUES ?x { UNDEF }"
    query = local_query(text, seen, call, "x")
    assert (query is not None) is told
    if query is not None:
        assert query == f"PREFIX a: <urn:a:> SELECT DISTINCT ?x WHERE {{  {before}  }} LIMIT 501"


def test_values_that_may_be_missing_are_not_sent(kg: KnowledgeGraph, relay: type[Relay]) -> None:
    """Where a row has no value the service is asked about all, for such a row joins with anything."""
    relay.asked.clear()
    relay.state["down"] = False
    text = (
        f'SELECT ?item {{ VALUES (?k ?x) {{ (1 UNDEF) (2 "{ORCID}") }} SERVICE <{relay.state["address"]}> '
        "{ VALUES ?x { UNDEF } ?item <http://www.wikidata.org/prop/direct/P496> ?x } }"
    )
    assert len(kg.select(text)) == 3
    assert "UNDEF" in relay.asked[0]


def test_every_federated_question_leaves_a_blank() -> None:
    """Each canned query that asks others asks them about our values alone."""
    federated = [one for one in load_questions(assets.queries_dir()).values() if one.services]
    assert len(federated) >= 4
    for one in federated:
        seen = scan(one.query)
        for call in seen.services:
            blank = blank_in(seen, call)
            assert blank is not None, one.id
            assert local_query(one.query, seen, call, blank.variable), one.id
        assert sent_out(one.query)


def test_last_answers_that_are_broken(tmp_path: Path) -> None:
    """A kept answer that is damaged, or of another query, is none; one that cannot be written is no error."""
    last = LastAnswers(tmp_path / "services")
    last.keep("urn:s", "ASK {}", "VALUES ?x { 1 }", 1)
    found = last.find("urn:s", "ASK {}")
    assert found is not None
    assert (found.block, found.rows) == ("VALUES ?x { 1 }", 1)
    (path,) = (tmp_path / "services").glob("*.json")
    assert json.loads(path.read_text())["service"] == "urn:s"
    path.write_text("{")
    assert last.find("urn:s", "ASK {}") is None
    assert last.find("urn:s", "ASK { }") is None
    (tmp_path / "file").write_text("")
    LastAnswers(tmp_path / "file" / "below").keep("urn:s", "ASK {}", "", 0)

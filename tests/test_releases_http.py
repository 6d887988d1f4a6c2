"""Old releases at their own addresses, their states by time (RFC 7089), the feed (RFC 4287), and how to cite one."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyoxigraph as ox
import pytest
import yaml
from flask import Flask
from flask.testing import FlaskClient
from lxml import etree, html
from rdflib import Graph
from werkzeug.http import http_date, parse_date

from fundgraph.kg import KnowledgeGraph
from fundgraph.settings import Settings
from fundgraph.store.keeping import Rule, pin, prune, the_release
from fundgraph.store.snapshot import build_lock
from fundgraph.web.app import create_app
from tests.browser import serving
from tests.snapshots import make_snapshot, numbered
from tests.test_engine_workers import soon

pytestmark = pytest.mark.slow

Rivers = tuple[Path, str, str]
BASE = "https://example.org/rivers/"
BROWSER = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}
NAMES = f"PREFIX fg: <https://w3id.org/fundgraph/ontology#> SELECT ?n {{ <{BASE}person/cora-fluss> fg:name ?n }}"
COUNT = "PREFIX fg: <https://w3id.org/fundgraph/ontology#> SELECT (COUNT(*) AS ?n) { ?p a fg:Person }"


def opened(build: Path, **settings: Any) -> Iterator[Flask]:
    """An application over a build folder, its queries in processes of their own."""
    chosen = Settings(build_dir=build, workers=1, **settings)
    with KnowledgeGraph.open(build, chosen, served=True) as kg:
        assert kg.is_ready(20)
        yield create_app(kg, chosen)


@pytest.fixture(scope="module")
def app(rivers: Rivers) -> Iterator[Flask]:
    """The site over the two releases."""
    yield from opened(rivers[0])


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client of it."""
    return app.test_client()


def value(client: FlaskClient, path: str, query: str) -> str:
    """The only value of an answer."""
    answer = client.get(f"{path}?query={quote(query)}", headers={"Accept": "text/csv"})
    assert answer.status_code == 200, answer.text
    return answer.text.splitlines()[1]


def links(header: str) -> list[tuple[str, dict[str, str]]]:
    """Read a Link header: targets with their parameters."""
    found = re.findall(r'<([^>]*)>((?:; ?[a-z-]+="[^"]*")*)', header)
    return [(target, dict(re.findall(r'([a-z-]+)="([^"]*)"', rest))) for target, rest in found]


# --- at their own addresses


def test_sparql_of_an_old_release(client: FlaskClient, rivers: Rivers) -> None:
    """A query below an old release is answered by it, and says so; the one in view answers as it did."""
    _, old, new = rivers
    assert value(client, f"/releases/{old}/sparql", NAMES) == "Cora Fluß"
    assert value(client, "/sparql", NAMES) == value(client, f"/releases/{new}/sparql", NAMES) == "Cora Fluss"
    answer = client.get(f"/releases/{old}/sparql?query=ASK%7B%7D")
    assert (answer.headers["Fundgraph-Release"], answer.json["meta"]["release"]) == (old, old)
    posted = client.post(f"/releases/{old}/sparql", data={"query": NAMES}, headers={"Accept": "text/csv"})
    assert "Cora Fluß" in posted.text
    described = client.get(f"/releases/{old}/sparql", headers={"Accept": "text/turtle"})
    assert f"/releases/{old}/sparql> ;" in described.text


def test_things_of_an_old_release(client: FlaskClient, rivers: Rivers) -> None:
    """A thing below an old release is as that one has it, as a page and as data; what came later is not there."""
    _, old, new = rivers
    assert client.get("/person/emma-delta").status_code == 200
    assert client.get(f"/releases/{old}/person/emma-delta").status_code == 404
    graph = Graph().parse(data=client.get(f"/releases/{old}/person/cora-fluss.ttl").data, format="turtle")
    assert "Cora Fluß" in {str(one) for one in graph.objects()}
    for path in ("programme.ttl", "topics.ttl", "graph/inferred"):
        answer = client.get(f"/releases/{old}/{path}", follow_redirects=True)
        assert (answer.status_code, answer.mimetype) == (200, "text/turtle"), path
        assert answer.request.path.startswith(f"/releases/{old}/")
    page = client.get(f"/releases/{old}/person/cora-fluss", headers=BROWSER)
    text = html.document_fromstring(page.text)
    assert "Cora Fluß" in text.xpath("//h1")[0].text_content()
    (note,) = text.xpath("//p[@role='note']")
    assert f"This is release {old}" in note.text_content()
    assert note.xpath(".//a/@href") == ["http://localhost/person/cora-fluss"]
    assert "This is release" not in client.get(f"/releases/{new}/person/cora-fluss", headers=BROWSER).text


@pytest.mark.parametrize(
    "path",
    ["/", "/projects", "/people", "/person/ada-quell", "/queries", "/queries/person-projects", "/documents/page"],
)
def test_links_stay_within_the_release(client: FlaskClient, rivers: Rivers, path: str) -> None:
    """All links of a page to things, lists and queries stay within the old release, and each leads somewhere."""
    _, old, _ = rivers
    page = client.get(f"/releases/{old}{path}", headers=BROWSER)
    assert page.status_code == 200
    text = html.document_fromstring(page.text)
    found = {str(one).partition("#")[0] for one in text.xpath("//@href|//@action") if str(one).startswith("/")}
    outside = {one for one in found if not one.startswith(f"/releases/{old}/")}
    assert {one.split("/")[1].partition("?")[0] for one in outside} <= {
        "static",
        "releases",
        "ontology",
        "links",
        "releases.atom",
    }
    inside = sorted(found - outside)
    assert len(inside) > 8
    for address in inside[:: max(1, len(inside) // 12)]:
        with client.get(address, headers=BROWSER) as answer:
            assert answer.status_code == 200, address
            has_state = address != f"/releases/{old}/" and "/editor" not in address and "/release?" not in address
            assert ("Memento-Datetime" in answer.headers) == has_state, address


def test_dumps_of_an_old_release(client: FlaskClient, rivers: Rivers) -> None:
    """The dumps below an old release are its own: the N-Quads have its hash, the TriG as many statements."""
    import hashlib

    build, old, _ = rivers
    manifest = the_release(build, old).manifest
    with client.get(f"/releases/{old}/downloads/dataset.nq") as answer:
        assert hashlib.sha256(answer.data).hexdigest() == manifest["hash"]
    with client.get(f"/releases/{old}/downloads/dataset.trig") as answer:
        assert len(list(ox.parse(answer.data, format=ox.RdfFormat.TRIG))) == manifest["quads"]


def test_the_page_of_a_release(client: FlaskClient, rivers: Rivers) -> None:
    """Each release has a page, which says what it is and what changed, in English and in German."""
    _, old, new = rivers
    page = client.get(f"/releases/{new}/", headers=BROWSER)
    assert f"<h1>Release {new}</h1>" in page.text
    assert "Ada Quel was corrected to Ada Quell." in page.text
    german = client.get(f"/releases/{new}/", headers={**BROWSER, "Accept-Language": "de"})
    assert "Ada Quel wurde berichtigt zu Ada Quell." in german.text
    assert client.get(f"/releases/{old}", headers=BROWSER).status_code == 200
    assert client.get("/release").headers["Location"] == f"/releases/{new}/"
    assert client.get(f"/release/{old}").headers["Location"] == f"/releases/{old}/"
    assert client.get("/dataset", headers=BROWSER).headers["Location"] == "/"
    assert client.get("/dataset", headers={"Accept": "text/turtle"}).headers["Location"] == "/void"


def test_the_editor_of_an_old_release_asks_it(client: FlaskClient, rivers: Rivers) -> None:
    """Below an old release there is a plain form instead of the editor; it holds the query that was to be opened."""
    _, old, _ = rivers
    for path in ("/sparql", "/editor?panel=person_facts&thing=person/cora-fluss"):
        page = html.document_fromstring(client.get(f"/releases/{old}{path}", headers=BROWSER).text)
        assert page.xpath("//form[@class='panel']/@action") == [f"/releases/{old}/sparql"]
    assert f"<{BASE}person/cora-fluss>" in page.xpath("//textarea")[0].text
    question = html.document_fromstring(
        client.get(f"/releases/{old}/queries/person-projects", headers=BROWSER).text
    )
    (link,) = question.xpath("//a[@class='ask' and starts-with(., 'open')]/@href")
    form = html.document_fromstring(client.get(link, headers=BROWSER).text)
    assert (
        form.xpath("//textarea")[0].text.strip() == question.xpath("//pre[@id='sparql']")[0].text_content().strip()
    )


@pytest.mark.parametrize(
    "path", ["update", "graph-store?default", "metrics", "reconcile", "jobs/abcdefghijklmnop", "nothing"]
)
def test_what_an_old_release_does_not_have(client: FlaskClient, rivers: Rivers, path: str) -> None:
    """Writing, operation and the reconciliation service are not below an old release."""
    assert client.get(f"/releases/{rivers[1]}/{path}").status_code == 404
    assert client.post(f"/releases/{rivers[1]}/{path}").status_code == 404


def test_an_old_release_is_not_changed(client: FlaskClient, rivers: Rivers) -> None:
    """What has a page is not written to."""
    assert client.put(f"/releases/{rivers[1]}/person/cora-fluss").status_code == 405


def test_a_release_that_never_was(client: FlaskClient) -> None:
    """An id that no release has or had is not found."""
    answer = client.get("/releases/2001-01-01-00000000/projects")
    assert answer.status_code == 404
    assert answer.json["type"].endswith("/unknown-release")


@pytest.fixture
def many(tmp_path: Path) -> list[str]:
    """Five releases of a small dataset with an index, oldest first."""
    return [
        make_snapshot(
            tmp_path, {"document/a": numbered(n)}, {"created": f"2026-0{n}-01T00:00:00Z"}, index=True
        ).release
        for n in range(1, 6)
    ]


def children() -> set[int]:
    """The processes that this one has started and that still run."""
    folder = Path("/proc/self/task")
    found = (task / "children" for task in folder.iterdir())
    return {int(pid) for path in found if path.is_file() for pid in path.read_text().split()}


def are_few(before: set[int]) -> bool:
    """Tell whether one or two processes were started since, and still run."""
    return 1 <= len(children() - before) <= 2


def test_only_so_many_are_open(tmp_path: Path, many: list[str]) -> None:
    """However many old releases are asked, no more than the setting says are open, and their processes end."""
    for app in opened(tmp_path, old_releases=2):
        client, shelf = app.test_client(), app.extensions["fundgraph-shelf"]
        count = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
        seen = []
        processes = children()
        for number, name in [*enumerate(many[:-1], 1), (1, many[0]), (2, many[1])]:
            assert value(client, f"/releases/{name}/sparql", count) == str(number)
            assert len(shelf.open()) <= 2
            assert soon(partial(are_few, processes), 10), "each has one process, which holds its workers"
            seen.append(shelf.open()[-1])
        assert seen == [*many[:-1], many[0], many[1]]


def test_releases_in_use_are_not_closed(tmp_path: Path, many: list[str]) -> None:
    """While as many releases as may be open are being asked, another is refused for the moment: 503, Retry-After."""
    for app in opened(tmp_path, old_releases=1):
        client, shelf = app.test_client(), app.extensions["fundgraph-shelf"]
        shelf.take(the_release(tmp_path, many[0]))
        busy = client.get(f"/releases/{many[1]}/sparql?query=ASK%7B%7D")
        assert busy.status_code == 503
        assert "Retry-After" in busy.headers
        shelf.give_back(many[0])
        assert client.get(f"/releases/{many[1]}/sparql?query=ASK%7B%7D").status_code == 200


def test_a_release_of_older_code(tmp_path: Path, many: list[str]) -> None:
    """A release that lacks files, or tables, says which wherever it is asked (501); it can still be compared."""
    (the_release(tmp_path, many[0]).path / "index.sqlite").unlink()
    with closing(sqlite3.connect(the_release(tmp_path, many[1]).path / "index.sqlite")) as index:
        index.execute("DROP TABLE facet_label")
    for app in opened(tmp_path):
        client = app.test_client()
        for name, lacks in ((many[0], "index.sqlite"), (many[1], "index.sqlite (facet_label)")):
            for path in ("/sparql?query=ASK%7B%7D", "/projects"):
                answer = client.get(f"/releases/{name}{path}")
                assert answer.status_code == 501
                assert "older version" in answer.json["detail"]
                assert lacks in answer.json["detail"]
            assert client.get(f"/releases/{name}...current?format=json").json["new"] == many[-1]


def test_pruned_releases_say_so(tmp_path: Path, many: list[str]) -> None:
    """A release that was removed by rule answers 410 with its hash; pinned ones and the current one are still there."""
    hashes = {name: the_release(tmp_path, name).manifest["hash"] for name in many}
    for app in opened(tmp_path):
        client = app.test_client()
        assert client.get(f"/releases/{many[1]}/sparql?query=ASK%7B%7D").status_code == 200
        with build_lock(tmp_path):
            pin(tmp_path, many[0])
            prune(tmp_path, Rule.of("last=1"))
        gone = client.get(f"/releases/{many[1]}/sparql?query=ASK%7B%7D")
        assert gone.status_code == 410
        assert "no longer kept" in gone.json["detail"]
        assert hashes[many[1]] in gone.json["hint"]
        for name in (many[0], many[-1]):
            assert client.get(f"/releases/{name}/sparql?query=ASK%7B%7D").status_code == 200
        listed = client.get("/releases.json").json
        assert [one["release"] for one in listed["releases"]] == [many[4], many[3], many[0]]
        assert {one["release"] for one in listed["removed"]} == {many[1], many[2]}


# --- citations


def test_a_cited_answer_comes_from_the_cited_release(client: FlaskClient, rivers: Rivers) -> None:
    """The address in a citation of an older release answers from that release, as data and as a page."""
    _, old, new = rivers
    asked = "/queries/person-projects"
    page = client.get(f"/releases/{old}{asked}?person=cora-fluss", headers=BROWSER)
    shown = html.document_fromstring(page.text).xpath("//*[@id='citation']")[0].text_content()
    permanent = re.search(r"http://localhost(/queries/\S+)", shown)
    assert permanent is not None
    assert f"release={old}" in permanent[1]
    for address in (permanent[1], permanent[1].replace("person-projects?", "person-projects.csv?")):
        answer = client.get(address, headers=BROWSER if ".csv" not in address else {})
        assert answer.status_code == 200
        assert answer.headers["Fundgraph-Release"] == old
        assert answer.headers["Memento-Datetime"]
    names = client.get(f"/queries/who-works-with-whom.csv?release={old}").text
    assert "Cora Fluß" in names
    assert "Emma Delta" not in names
    assert "Emma Delta" in client.get(f"/queries/who-works-with-whom.csv?release={new}").text


def test_questions_are_those_of_the_release(rivers: Rivers, tmp_path: Path) -> None:
    """An old release answers the canned queries as they were worded when it was made, so that citations still hold."""
    build = tmp_path / "build"
    shutil.copytree(rivers[0], build, symlinks=True)
    path = build / "releases" / rivers[1] / "queries.json"
    texts = json.loads(path.read_text(encoding="utf-8"))
    texts["people-by-role"] = texts["people-by-role"].replace("#+ summary: ", "#+ summary: As it was, ", 1)
    path.write_text(json.dumps(texts), encoding="utf-8")
    for app in opened(build):
        client = app.test_client()
        page = client.get(f"/releases/{rivers[1]}/queries/people-by-role", headers=BROWSER)
        assert "As it was, " in page.text
        assert "As it was, " not in client.get("/queries/people-by-role", headers=BROWSER).text


def test_a_cited_release_that_is_gone(client: FlaskClient) -> None:
    """A cited release that is not kept is refused for data (409), and the answer says that it is not kept."""
    answer = client.get("/queries/people-by-role.csv?release=2001-01-01-00000000")
    assert answer.status_code == 409
    assert "not kept" in answer.json["detail"]


def test_citation_cff(client: FlaskClient, rivers: Rivers) -> None:
    """CITATION.cff has what its schema asks for, names the release as version, its licence, and its checksum."""
    build, old, _ = rivers
    answer = client.get(f"/releases/{old}/CITATION.cff")
    data = yaml.safe_load(answer.text)
    assert {"cff-version", "message", "title", "authors"} <= set(data)
    assert (data["cff-version"], data["type"], data["version"]) == ("1.2.0", "dataset", old)
    assert data["license"] == "CC-BY-4.0"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", data["date-released"])
    assert data["url"] == f"http://localhost/releases/{old}/"
    kinds = {one["type"] for one in data["identifiers"]}
    assert kinds <= {"doi", "url", "swh", "other"}
    assert f"sha256:{the_release(build, old).manifest['hash']}" in {one["value"] for one in data["identifiers"]}
    known = {"cff-version", "message", "title", "authors", "type", "version", "license", "license-url", "date-released",
             "url", "identifiers", "abstract", "keywords"}  # fmt: skip
    assert set(data) <= known
    assert [set(author) for author in data["authors"]] == [{"name"}]


@pytest.mark.skipif(
    shutil.which("cffconvert") is None and not os.environ.get("CI"),
    reason="cffconvert is not installed; see docs/decisions/061",
)
def test_cffconvert(client: FlaskClient, rivers: Rivers, tmp_path: Path) -> None:
    """The tool of the Citation File Format finds CITATION.cff valid."""
    path = tmp_path / "CITATION.cff"
    path.write_bytes(client.get(f"/releases/{rivers[1]}/CITATION.cff").data)
    run = subprocess.run(
        ["cffconvert", "--validate", "-i", str(path)], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr


def test_bibtex_and_schema(client: FlaskClient, rivers: Rivers) -> None:
    """BibTeX and schema:Dataset name release, licence and checksum; each download of the latter is there."""
    build, old, _ = rivers
    manifest = the_release(build, old).manifest
    entry = client.get(f"/releases/{old}/citation.bib").text
    assert entry.startswith(f"@misc{{{old},\n")
    assert manifest["hash"] in entry
    assert entry.count("{") == entry.count("}")
    data = json.loads(client.get(f"/releases/{old}/dataset.jsonld").text)
    assert (data["@type"], data["version"]) == ("Dataset", old)
    assert data["license"] == "https://creativecommons.org/licenses/by/4.0/"
    hashes = {one["encodingFormat"]: one.get("sha256") for one in data["distribution"]}
    assert hashes["application/n-quads"] == manifest["hash"]
    for one in data["distribution"]:
        with client.get(one["contentUrl"].removeprefix("http://localhost")) as download:
            assert download.status_code == 200
            assert download.mimetype == one["encodingFormat"]
    page = client.get(f"/releases/{old}/", headers=BROWSER)
    (embedded,) = html.document_fromstring(page.text).xpath("//script[@type='application/ld+json']/text()")
    assert json.loads(embedded) == data


# --- Memento


def test_time_travel(client: FlaskClient, rivers: Rivers) -> None:
    """A thing sends a client that names a time to its state of that time, with the links that RFC 7089 asks for."""
    build, old, new = rivers
    made = [datetime.fromisoformat(the_release(build, name).manifest["created"]) for name in (old, new)]
    for when, name in (
        (made[0] - timedelta(days=365), old),
        (made[0], old),
        (made[1] + timedelta(hours=1), new),
        (datetime(2100, 1, 1), new),
    ):
        answer = client.get("/person/cora-fluss", headers={"Accept-Datetime": http_date(when)})
        assert answer.status_code == 302
        assert answer.headers["Location"] == f"http://localhost/releases/{name}/person/cora-fluss"
        assert "Accept-Datetime" in answer.headers["Vary"]
        assert "Memento-Datetime" not in answer.headers
        found = links(answer.headers["Link"])
        relations = {relation for _, more in found for relation in more["rel"].split()}
        assert {"original", "timegate", "timemap", "memento", "first", "last"} <= relations
        memento = client.get(f"/releases/{name}/person/cora-fluss.ttl")
        assert parse_date(memento.headers["Memento-Datetime"]) == made[name == new].replace(microsecond=0)
        originals = [
            target for target, more in links(memento.headers["Link"]) if "original" in more.get("rel", "")
        ]
        assert originals == ["http://localhost/person/cora-fluss.ttl"]
    plain = client.get("/person/cora-fluss", headers=BROWSER)
    assert plain.status_code == 200
    assert "Accept-Datetime" in plain.headers["Vary"]
    assert any(more.get("rel") == "timemap" for _, more in links(", ".join(plain.headers.getlist("Link"))))


def test_a_kept_page_is_not_the_answer_to_a_time(client: FlaskClient, rivers: Rivers) -> None:
    """A page that is kept as it went out is neither sent to who names a time, nor below an old release, nor is its own kept."""
    _, old, _ = rivers
    for _ in range(2):
        assert "Cora Fluss" in client.get("/people", headers=BROWSER).text
        assert "Cora Fluß" in client.get(f"/releases/{old}/people", headers=BROWSER).text
        past = client.get("/people", headers={**BROWSER, "Accept-Datetime": http_date(datetime(2001, 1, 1))})
        assert past.headers["Location"].endswith(f"/releases/{old}/people")


def test_sparql_in_time(client: FlaskClient, rivers: Rivers) -> None:
    """A query with a time is sent on to the endpoint of that time, its query unharmed; a POST is refused, not misled."""
    _, old, _ = rivers
    past = {"Accept-Datetime": http_date(datetime(2001, 1, 1)), "Accept": "text/csv"}
    answer = client.get(f"/sparql?query={quote(NAMES)}", headers=past, follow_redirects=True)
    assert answer.text.splitlines()[1] == "Cora Fluß"
    assert answer.headers["Fundgraph-Release"] == old
    refused = client.post("/sparql", data={"query": NAMES}, headers=past)
    assert refused.status_code == 400
    assert client.get("/person/cora-fluss", headers={"Accept-Datetime": "yesterday"}).status_code == 400


def test_timemap(client: FlaskClient, rivers: Rivers) -> None:
    """A list of states names the original, itself, and each release that has the thing, with its time; no other."""
    _, old, new = rivers
    answer = client.get("/timemap/person/cora-fluss")
    assert answer.mimetype == "application/link-format"
    found = {more["rel"]: (target, more) for target, more in links(answer.text)}
    root = "http://localhost"
    assert found["original timegate"][0] == f"{root}/person/cora-fluss"
    itself = found["self"]
    assert itself[0] == f"{root}/timemap/person/cora-fluss"
    assert itself[1]["type"] == "application/link-format"
    first, last = found["first memento"], found["last memento"]
    assert (first[0], last[0]) == tuple(f"{root}/releases/{name}/person/cora-fluss" for name in (old, new))
    assert (first[1]["datetime"], last[1]["datetime"]) == (itself[1]["from"], itself[1]["until"])
    for target, _ in (first, last):
        assert client.get(target.removeprefix(root), headers=BROWSER).status_code == 200
    late = links(client.get(f"/timemap/{root}/person/emma-delta").text)
    assert [target for target, more in late if "memento" in more["rel"]] == [
        f"{root}/releases/{new}/person/emma-delta"
    ]
    assert client.get("/timemap/person/nobody").status_code == 404
    query = client.get("/timemap/sparql?query=ASK%20%7B%7D").text
    assert f"<{root}/releases/{old}/sparql?query=ASK%20%7B%7D>" in query


def test_timegate(client: FlaskClient, rivers: Rivers) -> None:
    """The time gate sends on by the time that is named, and to the newest state if none is."""
    _, old, new = rivers
    past = client.get("/timegate/person/cora-fluss", headers={"Accept-Datetime": http_date(datetime(2001, 1, 1))})
    assert past.headers["Location"].endswith(f"/releases/{old}/person/cora-fluss")
    assert (
        client.get("/timegate/person/cora-fluss")
        .headers["Location"]
        .endswith(f"/releases/{new}/person/cora-fluss")
    )


# --- what changed


def test_the_page_of_a_difference(client: FlaskClient, rivers: Rivers) -> None:
    """What changed stands in words on a page in both languages, as JSON, and as the patch that the command gives."""
    _, old, new = rivers
    address = f"/releases/{old}...{new}"
    page = client.get(address, headers=BROWSER)
    assert "Ada Quel was corrected to Ada Quell." in page.text
    assert "4 people joined in Phase 2" in page.text
    assert (
        "4 Personen kamen hinzu in Phase 2"
        in client.get(address, headers={**BROWSER, "Accept-Language": "de"}).text
    )
    for link in html.document_fromstring(page.text).xpath("//section[1]//a/@href"):
        assert client.get(link, headers=BROWSER).status_code == 200, link
    data = client.get(address, headers={"Accept": "application/json"}).json
    assert (data["old"], data["new"]) == (old, new)
    patch = client.get(f"{address}?format=patch")
    assert patch.mimetype == "application/rdf-patch"
    rows = patch.data.splitlines()
    assert sum(row[:2] == b"A " for row in rows) == data["statements"]["added"]
    assert client.get("/releases/diff?from=previous&to=current").headers["Location"] == address
    assert client.get(f"/releases/{old}...2001-01-01-00000000").status_code == 404


def test_the_list_of_releases(client: FlaskClient, rivers: Rivers) -> None:
    """The list has each release with its page and what it changed; as JSON it has hashes and addresses."""
    _, old, new = rivers
    page = client.get("/releases", headers=BROWSER).text
    assert f'href="/releases/{old}/"' in page
    assert f'href="/releases/{old}...{new}"' in page
    assert "Ada Quel was corrected to Ada Quell." in page
    data = client.get("/releases", headers={"Accept": "application/json"}).json
    assert [one["release"] for one in data["releases"]] == [new, old]
    for one in data["releases"]:
        assert client.get(one["url"].removeprefix("http://localhost"), headers=BROWSER).status_code == 200


ATOM = "{http://www.w3.org/2005/Atom}"
#: RFC 4287, 4.1.1 and 4.1.2: how often an element may stand in a feed and in an entry.
FEED = {"id": (1, 1), "title": (1, 1), "updated": (1, 1), "author": (1, 99), "generator": (0, 1), "link": (1, 99),
        "entry": (0, 999)}  # fmt: skip
ENTRY = {"id": (1, 1), "title": (1, 1), "updated": (1, 1), "content": (0, 1), "link": (0, 99)}
DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")


def sound(element: etree._Element, rules: dict[str, tuple[int, int]]) -> None:
    """Check the children of a feed or an entry: known elements, as often as they may stand."""
    names = [child.tag.removeprefix(ATOM) for child in element]
    assert set(names) <= set(rules), names
    for name, (least, most) in rules.items():
        assert least <= names.count(name) <= most, name
    assert DATE.fullmatch(element.findtext(f"{ATOM}updated") or "")
    assert re.match(r"[a-z]+:", element.findtext(f"{ATOM}id") or "")
    assert (element.findtext(f"{ATOM}title") or "").strip()
    alternates = []
    for link in element.findall(f"{ATOM}link"):
        assert re.match("https?://", link.get("href"))
        assert link.get("rel") in ("self", "alternate", "related", "license")
        if link.get("rel") == "alternate":
            alternates.append((link.get("type"), link.get("hreflang")))
    assert len(alternates) == len(set(alternates)), "no two alternates of one type and language"


@pytest.mark.parametrize(
    ("language", "says"),
    [("en", "Ada Quel was corrected to Ada Quell."), ("de", "Ada Quel wurde berichtigt zu Ada Quell.")],
)
def test_feed(client: FlaskClient, rivers: Rivers, language: str, says: str) -> None:
    """The feed keeps the rules of RFC 4287, is in the reader's language, and tells for each release what changed."""
    _, old, new = rivers
    answer = client.get("/releases.atom", headers={"Accept-Language": language})
    assert answer.mimetype == "application/atom+xml"
    feed = etree.fromstring(answer.data)
    assert feed.tag == f"{ATOM}feed"
    assert feed.get("{http://www.w3.org/XML/1998/namespace}lang") == language
    sound(feed, FEED)
    assert [author.findtext(f"{ATOM}name") for author in feed.findall(f"{ATOM}author")] == [
        "Mathematics of Rivers"
    ]
    (itself,) = [link.get("href") for link in feed.findall(f"{ATOM}link") if link.get("rel") == "self"]
    assert itself == "http://localhost/releases.atom"
    entries = feed.findall(f"{ATOM}entry")
    for entry in entries:
        sound(entry, ENTRY)
        content = entry.find(f"{ATOM}content")
        assert content is not None
        assert content.get("type") == "html"
        assert not len(content), "HTML is escaped, not a child"
        if content.text:
            html.fragment_fromstring(content.text)
    ids = [entry.findtext(f"{ATOM}id") for entry in entries]
    assert ids == [f"{BASE}release/{new}", f"{BASE}release/{old}"]
    assert says in (entries[0].findtext(f"{ATOM}content") or "")
    assert feed.findtext(f"{ATOM}updated") == entries[0].findtext(f"{ATOM}updated")
    assert (
        client.get(
            "/releases.atom", headers={"Accept-Language": language, "If-None-Match": answer.headers["ETag"]}
        ).status_code
        == 304
    )


def test_a_real_server(rivers: Rivers) -> None:
    """Through the real server, where small queries and repeated requests take shorter ways, each release keeps to itself."""
    from urllib.request import Request, urlopen

    build, old, _ = rivers
    with serving(build) as root:
        for _ in range(4):
            for path, name in (("/sparql", "Cora Fluss"), (f"/releases/{old}/sparql", "Cora Fluß")):
                request = Request(f"{root}{path}?query={quote(NAMES)}", headers={"Accept": "text/csv"})
                with urlopen(request, timeout=30) as answer:
                    assert answer.read().decode().splitlines()[1] == name
            past = Request(f"{root}/sparql?query={quote(NAMES)}",
                           headers={"Accept": "text/csv", "Accept-Datetime": http_date(datetime(2001, 1, 1))})  # fmt: skip
            with urlopen(past, timeout=30) as answer:
                assert answer.read().decode().splitlines()[1] == "Cora Fluß"
                assert f"/releases/{old}/" in answer.url

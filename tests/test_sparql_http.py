"""The SPARQL Protocol over HTTP: requests, negotiation, headers, errors."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import rdflib
from flask.testing import FlaskClient

from fundgraph.kg import KnowledgeGraph
from fundgraph.settings import Settings
from fundgraph.web.app import create_app
from tests.snapshots import BASE, small

SELECT = "SELECT ?s ?p ?o { ?s ?p ?o } LIMIT 3"
CONSTRUCT = "CONSTRUCT WHERE { ?s ?p ?o } LIMIT 3"
SD = rdflib.Namespace("http://www.w3.org/ns/sparql-service-description#")
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
JENA = "text/turtle,application/n-triples;q=0.9,application/ld+json;q=0.8,application/rdf+xml;q=0.7,*/*;q=0.3"
JENA_SELECT = (
    "application/sparql-results+json, application/sparql-results+xml;q=0.9, text/tab-separated-values;q=0.7, "
    "text/csv;q=0.5, application/json;q=0.2, application/xml;q=0.2, */*;q=0.1"
)
RAPPER = (
    "application/n-triples;q=0.3, text/plain;q=0.3, text/turtle, application/x-turtle;q=0.8, "
    "application/rdf+xml;q=0.9, text/html;q=0.6, */*;q=0.1"
)


@pytest.fixture(scope="module")
def kg(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeGraph]:
    """A served graph of a small snapshot."""
    build = tmp_path_factory.mktemp("http")
    small(build)
    settings = Settings(
        build_dir=build, workers=1, timeout=5.0, max_rows=500, max_query_bytes=2000, max_memory=64 << 20
    )
    with KnowledgeGraph.open(build, settings, served=True) as made:
        made.is_ready(20)
        yield made


@pytest.fixture
def client(kg: KnowledgeGraph) -> FlaskClient:
    """A client of the application."""
    app = create_app(kg, Settings(workers=1, max_rows=500, max_query_bytes=2000))
    return app.test_client()


def get(client: FlaskClient, query: str = SELECT, accept: str | None = None, **parameters: Any) -> Any:
    """Send a query with GET."""
    headers = {} if accept is None else {"Accept": accept}
    return client.get("/sparql", query_string={"query": query, **parameters}, headers=headers)


@pytest.mark.parametrize("path", ["/sparql", "/sparql/"])
def test_ways_to_ask(client: FlaskClient, path: str) -> None:
    """GET, POST as a form, POST of the query itself, QUERY, and HEAD all ask the same."""
    query = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    direct = {"content_type": "application/sparql-query", "data": query, "headers": {"Accept": "text/csv"}}
    expected = "n\r\n1001\r\n"
    assert client.get(path, query_string={"query": query}, headers={"Accept": "text/csv"}).text == expected
    assert client.post(path, data={"query": query}, headers={"Accept": "text/csv"}).text == expected
    assert client.post(path, **direct).text == expected
    assert client.open(path, method="QUERY", **direct).text == expected
    assert (
        client.post(path, **{**direct, "content_type": "application/sparql-query; charset=UTF-8"}).text == expected
    )
    head = client.head(path, query_string={"query": query}, headers={"Accept": "text/csv"})
    assert (head.status_code, head.data, head.headers["Content-Length"]) == (200, b"", str(len(expected)))


@pytest.mark.parametrize(
    ("query", "accept", "media_type"),
    [
        (SELECT, None, "application/sparql-results+json"),
        (SELECT, "*/*", "application/sparql-results+json"),
        (SELECT, BROWSER, "application/sparql-results+json"),
        (SELECT, JENA_SELECT, "application/sparql-results+json"),
        (SELECT, "application/sparql-results+xml", "application/sparql-results+xml"),
        (SELECT, "application/xml", "application/sparql-results+xml"),
        (SELECT, "application/json;q=0.1, text/csv;q=0.9", "text/csv"),
        (SELECT, "text/*", "text/csv"),
        (SELECT, "text/tab-separated-values; q=1.0, text/csv; q=0.5", "text/tab-separated-values"),
        (SELECT, "text/csv;q=0, */*", "application/sparql-results+json"),
        (SELECT, "text/html, text/csv;q=0.1", "text/csv"),
        ("ASK {}", "text/csv, application/sparql-results+xml;q=0.1", "application/sparql-results+xml"),
        ("ASK {}", None, "application/sparql-results+json"),
        (CONSTRUCT, None, "text/turtle"),
        (CONSTRUCT, BROWSER, "text/turtle"),
        (CONSTRUCT, JENA, "text/turtle"),
        (CONSTRUCT, RAPPER, "text/turtle"),
        (CONSTRUCT, "application/rdf+xml", "application/rdf+xml"),
        (CONSTRUCT, "text/plain", "application/n-triples"),
        (CONSTRUCT, "application/json", "application/ld+json"),
        ("DESCRIBE <x:y>", "application/n-quads", "application/n-quads"),
    ],
)
def test_negotiation(client: FlaskClient, query: str, accept: str | None, media_type: str) -> None:
    """The format is the best that the client accepts; nobody asking gets JSON, or Turtle for graphs."""
    response = get(client, query, accept)
    assert (response.status_code, response.mimetype) == (200, media_type)
    assert "Accept" in response.headers["Vary"]


@pytest.mark.parametrize(
    ("query", "accept", "offer"),
    [
        (SELECT, "image/png", "text/csv"),
        (SELECT, "text/turtle", "application/sparql-results+json"),
        ("ASK {}", "text/csv", "application/sparql-results+xml"),
        (CONSTRUCT, "text/csv", "text/turtle"),
        (SELECT, "*/*;q=0", "text/csv"),
    ],
)
def test_not_acceptable(client: FlaskClient, query: str, accept: str, offer: str) -> None:
    """What cannot be given is a 406 that lists the offers."""
    response = get(client, query, accept)
    assert (response.status_code, response.mimetype) == (406, "application/problem+json")
    assert offer in response.json["allowed"]


@pytest.mark.parametrize("name", ["csv", "text/csv", "CSV"])
def test_format_parameter(client: FlaskClient, name: str) -> None:
    """A format named in the address goes before the Accept header."""
    assert get(client, SELECT, "application/sparql-results+json", format=name).mimetype == "text/csv"
    assert get(client, SELECT, format="docx").status_code == 406
    assert get(client, SELECT, "text/csv", format="docx").mimetype == "text/csv", "the client's own word"
    unknown = get(client, SELECT, "*/*", format="cvs")
    assert (unknown.status_code, "text/csv" in unknown.json["allowed"]) == (406, True), "no word of its own"


def test_headers(client: FlaskClient, kg: KnowledgeGraph) -> None:
    """An answer says its release, whether it is complete, how long it took, and that it may be cached."""
    response = get(client)
    assert response.headers["Fundgraph-Release"] == kg.release == response.json["meta"]["release"]
    assert response.headers["Fundgraph-Completeness"] == "complete"
    assert float(response.headers["Fundgraph-Elapsed-Ms"]) > 0
    assert response.headers["Cache-Control"] == "public, max-age=0, s-maxage=60, must-revalidate"
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert "Fundgraph-Completeness" in response.headers["Access-Control-Expose-Headers"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.content_length == len(response.data)


def test_truncation_is_said(client: FlaskClient) -> None:
    """Rows over the cap are cut, and header and body say so."""
    response = get(client, "SELECT ?s { ?s ?p ?o }")
    assert response.headers["Fundgraph-Completeness"] == "truncated; rows=500"
    assert response.json["meta"]["completeness"] == "truncated; rows=500"
    assert len(response.json["results"]["bindings"]) == 500


def test_etag(client: FlaskClient) -> None:
    """The tag is the same for the same question, another for another format, and saves the answer."""
    first = get(client, SELECT, "text/csv")
    tag = first.headers["ETag"]
    assert not tag.startswith("W/")
    assert get(client, SELECT.lower().replace(" ", "\n"), "text/csv").headers["ETag"] == tag
    assert get(client, SELECT, "text/tab-separated-values").headers["ETag"] != tag
    assert get(client, f"{SELECT} OFFSET 1", "text/csv").headers["ETag"] != tag
    assert get(client, SELECT, "text/csv", **{"default-graph-uri": f"{BASE}graph/topics"}).headers["ETag"] != tag
    same = client.get(
        "/sparql", query_string={"query": SELECT}, headers={"Accept": "text/csv", "If-None-Match": tag}
    )
    assert (same.status_code, same.data, same.headers["ETag"]) == (304, b"", tag)
    assert same.headers["Fundgraph-Release"] == first.headers["Fundgraph-Release"]


def test_etag_of_json(client: FlaskClient) -> None:
    """A tag of JSON is strong too: it is of these bytes alone, and yet known when the answer was forgotten."""
    first = get(client)
    tag = first.headers["ETag"]
    assert not tag.startswith("W/")
    again = get(client, SELECT.replace(" ", "\n  "))
    assert (again.headers["ETag"], again.data) == (tag, first.data), "the same question, from the cache"
    of_another_run = f'"{tag.strip(chr(34)).partition(".")[0]}.1"'
    headers = {"If-None-Match": f'"other", {of_another_run}'}
    held = client.get("/sparql", query_string={"query": SELECT}, headers=headers)
    assert (held.status_code, held.headers["ETag"]) == (304, of_another_run)


def test_volatile_queries_are_not_cached(client: FlaskClient) -> None:
    """A query with NOW has no tag and is not stored."""
    response = get(client, "SELECT (NOW() AS ?now) {}")
    assert "ETag" not in response.headers
    assert response.headers["Cache-Control"] == "no-store"


def test_dataset_parameters(client: FlaskClient) -> None:
    """default-graph-uri and named-graph-uri, also repeated, make the dataset; empty ones count as not given."""
    count = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    both = [f"{BASE}graph/topics", f"{BASE}graph/report"]
    assert get(client, count, "text/csv", **{"default-graph-uri": both}).text == "n\r\n2\r\n"
    assert get(client, count, "text/csv", **{"named-graph-uri": both}).text == "n\r\n0\r\n"
    assert get(client, count, "text/csv", **{"default-graph-uri": ""}).text == "n\r\n1001\r\n"
    posted = client.post(
        f"/sparql?default-graph-uri={both[0]}", data=count, content_type="application/sparql-query",
        headers={"Accept": "text/csv"},
    )  # fmt: skip
    assert posted.text == "n\r\n1\r\n"
    refused = get(client, count, **{"default-graph-uri": "file:///etc/passwd"})
    assert (refused.status_code, both[0] in refused.json["allowed"]) == (403, True)


BAD = {
    "two queries": ({"path": "/sparql?query=ASK%7B%7D&query=ASK%7B%7D"}, 400),
    "no query": ({"method": "POST", "content_type": "application/x-www-form-urlencoded"}, 400),
    "a dataset without a query": ({"path": "/sparql?default-graph-uri=x"}, 400),
    "a query twice": ({"method": "POST", "path": "/sparql?query=ASK%7B%7D", "data": {"query": "ASK{}"}}, 400),
    "plain text": ({"method": "POST", "content_type": "text/plain", "data": "ASK {}"}, 415),
    "no type": ({"method": "POST", "data": b"ASK {}"}, 415),
    "a file": ({"method": "POST", "content_type": "multipart/form-data; boundary=x", "data": b"--x--"}, 415),
    "UTF-16": (
        {"method": "POST", "content_type": "application/sparql-query; charset=UTF-16", "data": "ASK {}".encode("utf-16")},
        415,
    ),
    "no UTF-8": ({"method": "POST", "content_type": "application/sparql-query", "data": b"ASK { <a> <b> ' \xff\xfe' }"}, 400),
    "no UTF-8 in the address": ({"path": "/sparql?query=ASK%7B%7D%FF"}, 400),
    "compressed": (
        {"method": "POST", "content_type": "application/sparql-query", "data": b"x", "headers": {"Content-Encoding": "gzip"}},
        415,
    ),
    "syntax": ({"path": "/sparql?query=ASK%7B"}, 400),
    "an update as a query": ({"path": "/sparql?query=DROP%20ALL"}, 400),
    "an update with GET": ({"path": "/sparql?update=DROP%20ALL"}, 400),
    "an update in a form": ({"method": "POST", "data": {"update": "DROP ALL"}}, 403),
    "query and update": ({"method": "POST", "data": {"update": "DROP ALL", "query": "ASK{}"}}, 400),
    "an update itself": ({"method": "POST", "content_type": "application/sparql-update", "data": "DROP ALL"}, 403),
    "a service": ({"path": "/sparql?query=ASK%7BSERVICE%20%3Cx:y%3E%7B%7D%7D"}, 403),
    "a word as timeout": ({"path": "/sparql?query=ASK%7B%7D&timeout=soon"}, 400),
    "no time at all": ({"path": "/sparql?query=ASK%7B%7D&timeout=0"}, 400),
    "endless time": ({"path": "/sparql?query=ASK%7B%7D&timeout=nan"}, 400),
    "two timeouts": ({"path": "/sparql?query=ASK%7B%7D&timeout=1&timeout=2"}, 400),
    "too long an address": ({"path": f"/sparql?query=ASK%7B%7D%23{'x' * 3000}"}, 414),
    "far too long an address": ({"path": f"/sparql?query=ASK%7B%7D%23{'x' * 30000}"}, 414),
    "too long a query": ({"method": "POST", "data": {"query": f"ASK {{}} #{'x' * 3000}"}}, 413),
    "too long a body": (
        {"method": "POST", "content_type": "application/sparql-query", "data": b"x" * 100_000},
        413,
    ),
    "PUT": ({"method": "PUT", "path": "/sparql?query=ASK%7B%7D"}, 405),
    "updates": ({"method": "POST", "path": "/update", "data": {"update": "DROP ALL"}}, 403),
    "an update's address with GET": ({"path": "/update"}, 405),
    "updates with GET": ({"path": "/update?update=DROP%20ALL"}, 405),
    "nothing there": ({"path": "/no/such/page"}, 404),
}  # fmt: skip


@pytest.mark.parametrize(("request_", "status"), BAD.values(), ids=BAD.keys())
def test_bad_requests(client: FlaskClient, request_: dict[str, Any], status: int) -> None:
    """Each wrong request has its status, and a problem document that says what is wrong."""
    response = client.open(**{"path": "/sparql", "method": "GET", **request_})
    assert (response.status_code, response.mimetype) == (status, "application/problem+json")
    document = json.loads(response.data)
    assert document["status"] == status
    assert document["type"].startswith("https://w3id.org/fundgraph/problem/")
    assert document["title"]
    assert document["detail"]
    assert response.headers["Cache-Control"] == "no-store"
    if status == 405:
        assert "POST" in response.headers["Allow"]


def test_place_of_a_fault(client: FlaskClient) -> None:
    """A malformed query's problem has line and column, and in plain text they stand first."""
    query = "SELECT *\n{ ?s nope:x ?o }"
    response = get(client, query)
    assert (response.json["line"], response.json["column"]) == (2, 6)
    assert "PREFIX nope:" in response.json["hint"]
    plain = get(client, query, "text/plain, text/csv;q=0.5")
    assert plain.mimetype == "text/plain"
    assert plain.text.startswith("2:6: the prefix nope: is not declared\n")


def test_errors_for_people(client: FlaskClient) -> None:
    """A browser gets an error as HTML, in which nothing that was sent is markup."""
    response = get(client, "<script>alert(1)</script>", BROWSER)
    assert (response.status_code, response.mimetype) == (400, "text/html")
    assert "<script>alert" not in response.text


def test_preflight(client: FlaskClient) -> None:
    """Scripts of other sites may ask: the preflight allows our methods and the headers that it names."""
    response = client.options("/sparql", headers={"Access-Control-Request-Headers": "content-type,x-mine"})
    assert (response.status_code, response.data) == (204, b"")
    assert response.headers["Access-Control-Allow-Headers"] == "content-type,x-mine"
    assert "QUERY" in response.headers["Access-Control-Allow-Methods"]
    assert response.headers["Allow"] == response.headers["Access-Control-Allow-Methods"]
    assert "Access-Control-Allow-Credentials" not in response.headers
    assert "Access-Control-Allow-Origin" not in client.post("/update").headers
    odd = client.options("/sparql", headers={"Access-Control-Request-Headers": 'a";b'})
    assert odd.headers["Access-Control-Allow-Headers"] == "Accept, Content-Type"


@pytest.mark.parametrize("accept", [None, "application/rdf+xml", "application/n-triples", "application/ld+json"])
def test_service_description(client: FlaskClient, accept: str | None) -> None:
    """Without a query the endpoint describes itself: its own address, its graphs and their sizes."""
    response = client.get("/sparql", headers={} if accept is None else {"Accept": accept})
    assert response.status_code == 200
    assert response.mimetype == (accept or "text/turtle")
    form = {"application/rdf+xml": "xml", "application/n-triples": "nt", "application/ld+json": "json-ld"}
    graph = rdflib.Graph()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # rdflib's own, in its JSON-LD reader
        graph.parse(data=response.data, format=form.get(accept or "", "turtle"))
    service, endpoint = next(graph.subject_objects(SD.endpoint))
    assert (service, rdflib.RDF.type, SD.Service) in graph
    assert str(endpoint) == "http://localhost/sparql"
    assert (service, SD.supportedLanguage, SD.SPARQL11Query) in graph
    names = set(graph.objects(None, SD.name))
    assert names == {rdflib.URIRef(f"{BASE}graph/{name}") for name in ("document/a", "topics", "report")}
    sizes = {int(size) for size in graph.objects(None, rdflib.VOID.triples)}  # type: ignore[call-overload]
    assert sizes == {1000, 1, 1001}


def test_hosts_are_not_believed(kg: KnowledgeGraph) -> None:
    """A Host header that is not ours does not end in the description; behind a proxy the setting is what counts."""
    client = create_app(kg, Settings()).test_client()
    for headers in ({"Host": "evil.example"}, {"X-Forwarded-Host": "evil.example"}):
        assert "evil.example" not in client.get("/sparql", headers=headers).text
    proxied = create_app(kg, Settings(public_url="https://kg.example.org/spp/")).test_client()
    text = proxied.get("/sparql", headers={"Host": "evil.example"}).text
    assert "sd:endpoint <https://kg.example.org/spp/sparql>" in text


def test_health(client: FlaskClient) -> None:
    """The server says that it runs, and that it is ready."""
    assert client.get("/healthz").text == "ok\n"
    assert client.get("/readyz").text.startswith("ready")


def test_nobody_sees_our_inside(kg: KnowledgeGraph, monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    """What nobody foresaw is logged, and answered without a word of it."""
    client = create_app(kg, Settings()).test_client()
    monkeypatch.setattr(KnowledgeGraph, "answer", lambda *_, **__: 1 / 0)
    response = get(client)
    assert (response.status_code, response.mimetype) == (500, "application/problem+json")
    assert "division" not in response.text
    assert "ZeroDivisionError" in caplog.text


def test_errors_name_what_was_asked(client: FlaskClient) -> None:
    """What HTTP itself refuses is told with the address, the method or the limit."""
    missing = client.get("/no/such/page").json
    assert (missing["detail"], "/openapi.json" in missing["hint"]) == ("there is nothing at /no/such/page", True)
    assert client.delete("/sparql").json["detail"] == "DELETE is not possible at /sparql"
    large = client.post("/sparql", data=b"x" * 100_000, content_type="application/sparql-query")
    assert f"may have {3 * 2000 + 65536} bytes" in large.json["detail"]


def test_a_stopped_query_in_a_browser(client: FlaskClient) -> None:
    """Who reads pages is told of a deadline on a page of the site, with the ways on."""
    cross = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(REGEX(STR(?c), STR(?f))) }"
    response = get(client, cross, "text/html", timeout="0.2", format="json")
    assert (response.status_code, response.mimetype) == (503, "text/html")
    assert '<nav aria-label="Main">' in response.text
    assert "stopped after 0.2 s" in response.text


def test_deadline_and_resources(client: FlaskClient) -> None:
    """A query that takes too long, or too much, is a 503 that says when to try again; never a 200."""
    cross = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(REGEX(STR(?c), STR(?f))) }"
    response = get(client, cross, timeout="0.3")
    assert (response.status_code, response.json["type"].rsplit("/", 1)[1]) == (503, "deadline")
    assert int(response.headers["Retry-After"]) > 0
    doubling = "SELECT (STRLEN(?v30) AS ?n) { BIND('aaaaaaaa' AS ?v0) " + "".join(
        f"BIND(CONCAT(?v{n},?v{n}) AS ?v{n + 1})" for n in range(30)
    )
    response = get(client, doubling + "}")
    assert (response.status_code, response.json["type"].rsplit("/", 1)[1]) == (503, "resources")


def test_large_answers(kg: KnowledgeGraph, tmp_path: Path) -> None:
    """An answer of some megabytes is sent whole, with its length."""
    small(tmp_path)
    settings = Settings(workers=1)
    with KnowledgeGraph.open(tmp_path, settings, served=True) as large:
        client = create_app(large, settings).test_client()
        query = (
            f"SELECT ?n ?x {{ ?a <{BASE}number> ?n . ?b <{BASE}number> ?m BIND('{'x' * 80}' AS ?x) }} LIMIT 70000"
        )
        response = get(client, query, "text/csv")
        assert len(response.data) == response.content_length > 5 << 20
        assert response.data.count(b"\n") == 70_001
        response.close()

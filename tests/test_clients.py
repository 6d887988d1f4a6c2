"""What the Accept headers of real clients get: each something that it can read."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator

import brotli
import pytest
from backports import zstd
from flask.testing import FlaskClient

from fundgraph.kg import KnowledgeGraph
from fundgraph.settings import Settings
from fundgraph.web.app import create_app
from tests.snapshots import small

JSON, XML = "application/sparql-results+json", "application/sparql-results+xml"
CSV, TSV = "text/csv", "text/tab-separated-values"
TURTLE, NT, RDFXML, JSONLD = "text/turtle", "application/n-triples", "application/rdf+xml", "application/ld+json"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8"

#: Client: what it sends for tables, and gets for SELECT and ASK; what it sends for graphs, and gets.
CLIENTS = {
    "Jena": (
        "application/sparql-results+json, application/sparql-results+xml;q=0.9, text/tab-separated-values;q=0.7, text/csv;q=0.5, application/json;q=0.2, application/xml;q=0.2, */*;q=0.1",
        JSON, JSON,
        "text/turtle,application/n-triples;q=0.9,application/ld+json;q=0.8,application/rdf+xml;q=0.7,*/*;q=0.3", TURTLE,
    ),
    "RDF4J": (
        "application/sparql-results+xml;q=0.8, application/xml;q=0.8, application/sparql-results+json;q=0.8, application/json;q=0.8, application/x-binary-rdf-results-table, text/tab-separated-values;q=0.5, text/csv;q=0.5",
        JSON, JSON,
        "application/x-binary-rdf, application/rdf+xml;q=0.8, application/xml;q=0.8, text/xml;q=0.8, text/turtle;q=0.8, application/x-turtle;q=0.8, application/n-triples;q=0.8, text/plain;q=0.6, application/ld+json;q=0.5", TURTLE,
    ),
    "Comunica": (
        "application/sparql-results+json;q=1.0,application/sparql-results+xml;q=0.7",
        JSON, JSON,
        "application/n-quads,application/trig;q=0.95,application/ld+json;q=0.9,application/n-triples;q=0.8,text/turtle;q=0.6,application/rdf+xml;q=0.5,text/n3;q=0.35,application/json;q=0.135,text/html;q=0.2", "application/n-quads",
    ),
    "SPARQLWrapper": (
        "application/sparql-results+json,application/json,text/javascript,application/javascript", JSON, JSON,
        "application/rdf+xml", RDFXML,
    ),
    "SPARQLWrapper, XML": ("application/sparql-results+xml", XML, XML, "text/turtle,application/turtle,application/n3", TURTLE),
    "rdflib's SPARQLStore": (
        "application/sparql-results+xml, application/rdf+xml", XML, XML,
        "application/sparql-results+xml, application/rdf+xml", RDFXML,
    ),
    "rapper": (
        "application/sparql-results+xml, application/sparql-results+json;q=0.5, */*;q=0.1", XML, XML,
        "application/n-triples;q=0.3, text/plain;q=0.3, text/turtle, application/x-turtle;q=0.8, application/rdf+xml;q=0.9, text/html;q=0.6, */*;q=0.1", TURTLE,
    ),
    "R, httr": (
        "application/json, text/xml, application/xml, */*", JSON, JSON,
        "application/json, text/xml, application/xml, */*", RDFXML,
    ),
    "R, rdflib's and read.csv": ("text/csv", CSV, None, "text/turtle", TURTLE),
    "Excel": (
        "application/msexcel, text/csv;q=0.9, */*;q=0.1", CSV, JSON, "*/*", TURTLE,
    ),
    "Python's requests": ("*/*", JSON, JSON, "*/*", TURTLE),
    "curl": ("*/*", JSON, JSON, "*/*", TURTLE),
    "nothing": (None, JSON, JSON, None, TURTLE),
    "Firefox, Chrome": (BROWSER, JSON, JSON, BROWSER, TURTLE),
    "YASGUI": (
        "application/sparql-results+json,*/*;q=0.9", JSON, JSON,
        "application/n-triples,*/*;q=0.9", NT,
    ),
    "Apache Any23, LDP clients": ("application/json;q=0.1, text/csv;q=0.9", CSV, JSON, "application/ld+json;profile=\"http://www.w3.org/ns/json-ld#compacted\"", JSONLD),
    "dotNetRDF": (
        "application/sparql-results+xml,application/xml,text/xml,application/sparql-results+json,application/json,text/csv,text/tab-separated-values,*/*;q=0.5",
        JSON, JSON,
        "application/rdf+xml,text/xml,text/n3,text/rdf+n3,text/plain,text/turtle,application/x-turtle,application/n-triples,*/*;q=0.5", TURTLE,
    ),
    "SPARQL 1.2 draft": (f"{JSON}; version=1.2, {XML}; charset=utf-8;q=0.5", JSON, JSON, "text/turtle; version=1.2; charset=utf-8", TURTLE),
}  # fmt: skip


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """A client of an application over a small snapshot."""
    build = tmp_path_factory.mktemp("clients")
    small(build)
    settings = Settings(build_dir=build, workers=1)
    with KnowledgeGraph.open(build, settings, served=True) as kg:
        assert kg.is_ready(20)
        yield create_app(kg, settings).test_client()


@pytest.mark.parametrize("name", CLIENTS)
def test_client(client: FlaskClient, name: str) -> None:
    """A client gets for each kind of query what it likes best of what we have, and never an error."""
    table, select, ask, graph, construct = CLIENTS[name]
    for accept, query, expected in (
        (table, "SELECT ?s { ?s ?p ?o } LIMIT 1", select),
        (table, "ASK {}", ask),
        (graph, "CONSTRUCT WHERE { ?s ?p ?o } LIMIT 1", construct),
    ):
        headers = {} if accept is None else {"Accept": accept}
        response = client.get("/sparql", query_string={"query": query}, headers=headers)
        if expected is None:  # a table of rows is all that it reads, and ASK has none
            assert response.status_code == 406
            assert JSON in response.json["allowed"]
            continue
        assert (response.status_code, response.mimetype) == (200, expected), query


MANY = "SELECT ?s ?p ?o { ?s ?p ?o } LIMIT 300"


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        (None, None),
        ("gzip, deflate", "gzip"),  # requests, SPARQLWrapper, R
        ("gzip, deflate, br", "br"),
        ("gzip, deflate, br, zstd", "zstd"),  # Chrome, Firefox
        ("*", "zstd"),
        ("zstd;q=0.1, br;q=0.5, gzip;q=0.3", "br"),
        ("gzip;q=0", None),
        ("identity", None),
        ("identity, gzip;q=0.5", None),
        ("identity;q=0.5, gzip", "gzip"),
        ("deflate, compress", None),
        ("br;q=0, zstd;q=0, *", "gzip"),
        ("identity;q=0, gzip;q=0.1", "gzip"),
    ],
)
def test_compression(client: FlaskClient, accepted: str | None, coding: str | None) -> None:
    """The coding is the one that the client would rather have, and its bytes are the same answer."""
    ask = {"query_string": {"query": MANY}, "headers": {"Accept": CSV}}
    plain = client.get("/sparql", **ask)
    headers = {"Accept": CSV} if accepted is None else {"Accept": CSV, "Accept-Encoding": accepted}
    response = client.get("/sparql", query_string={"query": MANY}, headers=headers)
    assert response.headers.get("Content-Encoding") == coding
    read = {"gzip": gzip.decompress, "br": brotli.decompress, "zstd": zstd.decompress}.get(coding or "", bytes)
    assert read(response.data) == plain.data
    assert response.content_length == len(response.data)
    assert {"Accept", "Accept-Encoding"} <= set(response.headers["Vary"].split(", "))
    tag = response.headers["ETag"]
    assert (tag == plain.headers["ETag"]) == (coding is None), "other bytes have another strong tag"
    again = client.get("/sparql", query_string={"query": MANY}, headers={**headers, "If-None-Match": tag})
    assert (again.status_code, again.headers["ETag"], again.data) == (304, tag, b"")
    assert "Accept-Encoding" in again.headers["Vary"]


def test_small_answers_are_not_compressed(client: FlaskClient) -> None:
    """An answer that fits into a packet stays as it is, and still says that it may vary."""
    response = client.get("/sparql", query_string={"query": "ASK {}"}, headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in response.headers
    assert "Accept-Encoding" in response.headers["Vary"]
    assert json.loads(response.data)["boolean"] is True


def test_cors(client: FlaskClient) -> None:
    """Any page may read, without credentials; none may write, and none gets leave to send a token."""
    origin = {"Origin": "https://elsewhere.example"}
    response = client.get("/sparql", query_string={"query": "ASK {}"}, headers=origin)
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert "ETag" in response.headers["Access-Control-Expose-Headers"]
    error = client.get("/sparql", query_string={"query": "ASK {"}, headers=origin)
    assert (error.status_code, error.headers["Access-Control-Allow-Origin"]) == (400, "*")
    wanted = {**origin, "Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "authorization"}
    graphs = client.options("/graph-store", headers=wanted)
    assert graphs.status_code == 204
    assert graphs.headers["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    assert "authorization" not in graphs.headers["Access-Control-Allow-Headers"].lower()
    assert graphs.headers["Allow"] == "GET, HEAD, PUT, POST, DELETE, OPTIONS"
    updates = client.options("/update", headers=wanted)
    assert "Access-Control-Allow-Methods" not in updates.headers
    assert "Access-Control-Allow-Origin" not in client.put("/graph-store?default", headers=origin).headers
    for answer in (response, error, graphs, updates):
        assert "Access-Control-Allow-Credentials" not in answer.headers

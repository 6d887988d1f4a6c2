"""Whatever is sent, the answer is a proper one: no error of ours, well-formed, and the service answers on."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from io import StringIO
from typing import Any
from xml.etree import ElementTree

import pytest
import rdflib
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fundgraph.kg import KnowledgeGraph
from fundgraph.settings import Settings
from fundgraph.web.app import create_app
from tests.snapshots import BASE, small

pytestmark = pytest.mark.slow

often = settings(
    max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

WORDS = st.sampled_from(
    ["SELECT", "ASK", "CONSTRUCT", "DESCRIBE", "WHERE", "{", "}", "(", ")", "*", "?s", "?p", "?o", "$x", "<", ">", ".",
     ";", ",", "FILTER", "OPTIONAL", "UNION", "MINUS", "GRAPH", "?g", "VALUES", "BIND", "AS", "LIMIT", "OFFSET", "ORDER",
     "BY", "GROUP", "HAVING", "(COUNT(*) AS ?n)", f"<{BASE}number>", "ex:number", "PREFIX ex: <http://example.org/>", "a",
     "'x'", '"""', "'", '"', "1", "1.5e9", "-", "+", "/", "|", "^", "!", "[]", "_:b", "@en", "^^", "SERVICE", "FROM", "NAMED",
     "<http://127.0.0.1:9/>", "EXISTS", "NOT", "IN", "REGEX(?o, '.')", "NOW()", "#", "\n", "\\", "\u0000", "é", "\u202e", "🦉",
     "DELETE", "INSERT", "DATA", "LOAD", "UNDEF", "true", "<<", ">>", "{|", "|}", "BASE <x:y>", "99999999999999999999999"]
)  # fmt: skip
QUERIES = st.lists(WORDS, max_size=25).map(" ".join)
#: Texts that are mostly right, so that the engine is reached.
PATTERNS = st.lists(
    st.sampled_from(
        [f"?s <{BASE}number> ?n .", "?s ?p ?o .", "FILTER(?n < 9)", "OPTIONAL { ?s ?q ?r }", "{ ?s ?p 1 } UNION { ?s ?p 2 }",
         "BIND(?n + 1 AS ?m)", "VALUES ?n { 1 2 UNDEF }", "GRAPH ?g { ?s ?p ?o }", "?s (!<x:y>)* ?t .", "MINUS { ?s ?p 5 }"]
    ),
    max_size=3,
).map(" ".join)  # fmt: skip
RIGHT = st.builds(
    lambda head, body, tail: f"{head} {{ {body} }} {tail}",
    st.sampled_from(["SELECT * WHERE", "ASK", "CONSTRUCT { ?s ?p ?o } WHERE", "SELECT DISTINCT ?s", "SELECT (COUNT(*) AS ?k)"]),
    PATTERNS,
    st.sampled_from(["", "LIMIT 3", "OFFSET 2 LIMIT 2", "LIMIT 0", "VALUES ?n { 3 }"]),
)  # fmt: skip
PLAIN = st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f")
HEADERS = st.dictionaries(
    st.sampled_from(
        ["Accept", "Accept-Encoding", "Accept-Language", "Prefer", "If-None-Match", "If-Match", "Range", "Origin",
         "Fundgraph-Job", "Content-Encoding", "X-Forwarded-For", "Authorization", "Cookie", "Access-Control-Request-Headers",
         "If-Modified-Since", "Expect", "X-HTTP-Method-Override"]
    ),
    st.one_of(
        st.text(PLAIN, max_size=60),
        st.sampled_from(["*/*", "text/csv;q=abc", "application/json;q=0", "gzip;q=0, *;q=0", 'W/"x", *', "bytes=0-", "wait=-1"]),
    ),
    max_size=4,
)  # fmt: skip


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """A client of the application over real workers."""
    build = tmp_path_factory.mktemp("fuzz")
    small(build)
    wanted = Settings(workers=2, timeout=2.0, max_rows=200, max_memory=256 << 20)
    with KnowledgeGraph.open(build, wanted, served=True) as kg:
        kg.is_ready(20)
        yield create_app(kg, wanted).test_client()


def proper(response: Any) -> None:
    """See that an answer is one of those that are documented, and is well-formed."""
    with response:
        status, kind, body = response.status_code, response.mimetype, response.data
        assert status in (200, 204, 304, 400, 401, 403, 404, 405, 406, 409, 413, 414, 415, 417, 431, 503), (
            status,
            body,
        )
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        if status >= 400:
            assert response.headers["Cache-Control"] == "no-store"
            assert b"Traceback" not in body
        if response.headers.get("Content-Encoding"):
            return
        if kind.endswith("json") and body:
            document = json.loads(body)
            if status >= 400:
                assert {"type", "title", "status", "detail"} <= set(document)
                assert document["status"] == status
        elif kind == "application/sparql-results+xml" and body:
            ElementTree.fromstring(body)
        elif kind == "text/turtle" and body:
            rdflib.Graph().parse(StringIO(body.decode()), format="turtle")
        if status == 200 and "Fundgraph-Completeness" in response.headers:
            word = response.headers["Fundgraph-Completeness"].split(";")[0]
            assert word in ("complete", "truncated")


def alive(client: FlaskClient) -> None:
    """See that the service answers."""
    assert client.post("/sparql", data={"query": "ASK {}"}).json["boolean"] is True


@often
@given(query=st.one_of(QUERIES, RIGHT, st.text(max_size=80)), headers=HEADERS)
def test_queries(client: FlaskClient, query: str, headers: dict[str, str]) -> None:
    """Any text as a query, with any headers."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # rdflib remarks on odd literals
        proper(client.get("/sparql", query_string={"query": query.encode("utf-8", "replace")}, headers=headers))
    alive(client)


@often
@given(
    query=RIGHT,
    form=st.sampled_from(["json", "xml", "csv", "tsv", "ttl", "nt", "rdf", "jsonld"]),
    rows=st.integers(1, 50),
)
def test_answers_agree(client: FlaskClient, query: str, form: str, rows: int) -> None:
    """A query that is answered whole has the same rows when it comes in another format or is cut."""
    whole = client.post("/sparql", data={"query": query})
    other = client.post("/sparql", data={"query": query, "format": form, "max-rows": str(rows)})
    proper(other)
    if whole.status_code == other.status_code == 200 and form == "csv" and "results" in whole.json:
        count = len(whole.json["results"]["bindings"])
        cut = max(other.text.count("\n") - 1, 0)
        assert cut == min(count, rows)
        assert (other.headers["Fundgraph-Completeness"] == "complete") == (count <= rows)


@often
@given(
    method=st.sampled_from(["POST", "QUERY", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "GET"]),
    path=st.sampled_from(["/sparql", "/update", "/graph-store", "/graph-store?default", "/jobs/x", "/queries/x.csv", "/sparql/"]),
    kind=st.sampled_from(
        ["application/sparql-query", "application/sparql-update", "application/x-www-form-urlencoded", "text/turtle",
         "multipart/form-data", "application/sparql-query; charset=utf-16", "text/plain", "a/b;c", "", "application/json"]
    ),
    body=st.one_of(st.binary(max_size=200), QUERIES.map(lambda text: text.encode("utf-8", "replace")),
                   QUERIES.map(lambda text: b"query=" + text.encode("utf-8", "replace"))),
    headers=HEADERS,
)  # fmt: skip
def test_bodies(
    client: FlaskClient, method: str, path: str, kind: str, body: bytes, headers: dict[str, str]
) -> None:
    """Any body of any media type by any method."""
    proper(client.open(path, method=method, data=body, content_type=kind, headers=headers))
    alive(client)


@often
@given(
    pairs=st.lists(
        st.tuples(
            st.sampled_from(["query", "update", "default-graph-uri", "named-graph-uri", "timeout", "format", "labels", "max-rows",
                             "max-bytes", "job", "graph", "iri", "q", "s", "p", "o", "person"]),
            st.one_of(st.text(max_size=30), st.sampled_from(["ASK {}", "1", "-1", "nan", "1e999", "json", f"{BASE}graph/topics", "en"])),
        ),
        max_size=5,
    ),
    path=st.sampled_from(["/sparql", "/queries/person-projects.json", "/queries/x", "/graph-store", "/healthz", "/metrics", "/openapi.json"]),
)  # fmt: skip
def test_parameters(client: FlaskClient, pairs: list[tuple[str, str]], path: str) -> None:
    """Any parameters with any values, repeated or not."""
    safe = [(name, value.encode("utf-8", "replace").decode()) for name, value in pairs]
    from werkzeug.datastructures import MultiDict

    proper(client.get(path, query_string=MultiDict(safe)))

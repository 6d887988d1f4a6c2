"""Limits that clients lower, jobs that they stop, metrics, the log of requests, rates, and headers for browsers."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from fundgraph.errors import UsageError
from fundgraph.kg import KnowledgeGraph
from fundgraph.settings import Settings
from fundgraph.web.app import create_app
from tests.snapshots import BASE, small
from tests.test_engine_workers import CROSS, soon

pytestmark = pytest.mark.slow

ALL = "SELECT ?s ?p ?o { ?s ?p ?o }"


@pytest.fixture(scope="module")
def kg(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeGraph]:
    """A served graph of a small snapshot."""
    build = tmp_path_factory.mktemp("operations")
    small(build)
    with KnowledgeGraph.open(build, Settings(workers=1, timeout=8.0, queue=1), served=True) as made:
        made.is_ready(20)
        yield made


@pytest.fixture
def app(kg: KnowledgeGraph) -> Flask:
    """The application."""
    return create_app(kg, Settings(workers=1))


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client of it."""
    return app.test_client()


def get(client: FlaskClient, query: str = ALL, prefer: str | None = None, **parameters: Any) -> Any:
    """Send a query with GET."""
    headers = {} if prefer is None else {"Prefer": prefer}
    return client.get("/sparql", query_string={"query": query, **parameters}, headers=headers)


def metric(client: FlaskClient, line: str) -> float:
    """Return the value of a metric; 0 if it is not there."""
    values = [
        text.rsplit(" ", 1)[1] for text in client.get("/metrics").text.splitlines() if text.startswith(line + " ")
    ]
    return float(values[0]) if values else 0.0


@pytest.mark.parametrize(
    ("prefer", "parameters", "completeness"),
    [
        (None, {}, "complete"),
        (None, {"max-rows": "7"}, "truncated; rows=7"),
        ("max-rows=7", {}, "truncated; rows=7"),
        ("max-rows=9", {"max-rows": "7"}, "truncated; rows=7"),
        ("max-rows=7", {"max-rows": "9"}, "truncated; rows=7"),
        ("max-bytes=20000", {}, "truncated; bytes=20000"),
        (None, {"max-bytes": "20000"}, "truncated; bytes=20000"),
        ("max-rows=none, max-bytes=-5, wait=x, return=minimal", {}, "complete"),
    ],
)
def test_lower_limits(
    client: FlaskClient, prefer: str | None, parameters: dict[str, str], completeness: str
) -> None:
    """Clients lower the limits by parameters and by Prefer, the smaller counts, and the answer says what cut it."""
    response = get(client, ALL, prefer, **parameters)
    assert response.headers["Fundgraph-Completeness"] == completeness
    assert response.json["meta"]["completeness"] == completeness
    applied = prefer if prefer and "none" not in prefer else None
    assert response.headers.get("Preference-Applied") == applied


def test_limits_make_other_answers(client: FlaskClient) -> None:
    """An answer with fewer rows has another tag than the whole one."""
    tags = {get(client, ALL, None, **{"max-rows": rows, "format": "csv"}).headers["ETag"] for rows in "579"}
    assert len(tags) == 3


def test_wait(client: FlaskClient) -> None:
    """A client that says it waits no longer gets a 503 at that time."""
    response = get(client, CROSS, "wait=0.3")
    assert (response.status_code, response.json["type"].rsplit("/", 1)[1]) == (503, "deadline")
    assert "0.3 s" in response.json["detail"]


@pytest.mark.parametrize(
    ("name", "value"),
    [("timeout", "x"), ("timeout", "nan"), ("timeout", "-1"), ("max-rows", "1.5"), ("max-rows", "0"), ("max-bytes", "٣"),
     ("labels", "e"), ("labels", "en,,de"), ("labels", "a" * 50), ("job", "short"), ("job", "x" * 99)],
)  # fmt: skip
def test_limits_that_make_no_sense(client: FlaskClient, name: str, value: str) -> None:
    """A parameter that cannot be read is a 400 that names it."""
    response = get(client, "ASK {}", None, **{name: value})
    assert response.status_code == 400
    assert name in response.json["detail"]


def test_labels(client: FlaskClient) -> None:
    """Labels come when they are asked for, with JSON; another format is refused, not answered without."""
    assert get(client, ALL, labels="en,de").json["meta"]["labels"] == {}
    assert "labels" not in get(client, ALL).json["meta"]
    assert get(client, ALL, labels="en", format="csv").status_code == 400
    assert get(client, "ASK {}", labels="en").status_code == 400


def test_warnings(client: FlaskClient) -> None:
    """What is seldom meant is said in JSON, and in a header for every format."""
    query = f"SELECT ?s {{ ?s <{BASE}number> ?n }}"
    (warning,) = get(client, query).json["meta"]["warnings"]
    assert (warning["code"], warning["near"], warning["line"], warning["column"]) == (
        "single-use-variable",
        "?n",
        1,
        44,
    )
    assert get(client, query, format="csv").headers["Fundgraph-Warnings"] == "single-use-variable"
    assert get(client, "\n" + query).json["meta"]["warnings"][0]["line"] == 2, (
        "the place is that of this very text"
    )
    assert "Fundgraph-Warnings" not in get(client, ALL).headers


def test_mistakes(client: FlaskClient) -> None:
    """A mistake comes with line, column, the text that offends, and what may have been meant."""
    problem = get(client, "ASK {\n  ?s exx:p ?o }").json
    expected = {"line": 2, "column": 6, "near": "exx:", "suggestions": ["ex:"]}
    assert {name: problem[name] for name in expected} == expected
    text = client.get("/sparql", query_string={"query": "SELCT *"}, headers={"Accept": "text/plain"}).text
    assert text.startswith("1:1: ")
    assert "Did you mean SELECT?" in text


def test_a_job_is_stopped(client: FlaskClient, app: Flask) -> None:
    """A query with a name is seen running, is stopped by DELETE at once, and answers 503; then the name is unknown."""
    name = "a-name-that-nobody-guesses"
    killed = metric(client, 'fundgraph_workers_killed_total{reason="cancelled"}')
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(
            app.test_client().post, "/sparql", data={"query": CROSS}, headers={"Fundgraph-Job": name}
        )
        assert soon(lambda: client.get(f"/jobs/{name}").status_code == 200)
        assert soon(lambda: client.get(f"/jobs/{name}").json["state"] == "running")
        assert get(client, "ASK {}", job=name).status_code == 409
        assert client.delete(f"/jobs/{name}").status_code == 204
        response = asked.result(15)
    assert (response.status_code, response.json["type"].rsplit("/", 1)[1]) == (503, "cancelled")
    assert client.get(f"/jobs/{name}").status_code == client.delete(f"/jobs/{name}").status_code == 404
    assert metric(client, 'fundgraph_workers_killed_total{reason="cancelled"}') == killed + 1
    assert get(client, "ASK {}").status_code == 200


def test_jobs_from_a_browser(client: FlaskClient) -> None:
    """A page of another site may stop its own query."""
    response = client.options("/jobs/a-name-that-nobody-guesses", headers={"Origin": "https://x.example"})
    assert response.status_code == 204
    assert "DELETE" in response.headers["Access-Control-Allow-Methods"]
    assert response.headers["Access-Control-Allow-Origin"] == "*"


def test_metrics(client: FlaskClient) -> None:
    """Requests, queries by outcome, durations, kills, queue and cache are counted, each exactly."""
    names = {
        'fundgraph_http_requests_total{method="GET",route="/sparql",status="200"}': 3,
        'fundgraph_queries_total{outcome="complete"}': 2,
        'fundgraph_queries_total{outcome="truncated"}': 1,
        'fundgraph_queries_total{outcome="syntax"}': 1,
        'fundgraph_queries_total{outcome="deadline"}': 1,
        'fundgraph_query_seconds_count{cached="true"}': 1,
        'fundgraph_query_seconds_count{cached="false"}': 4,
        'fundgraph_workers_killed_total{reason="deadline"}': 1,
        "fundgraph_cache_hits_total": 1,
    }
    before = {name: metric(client, name) for name in names}
    get(client, "ASK { 1 2 3 }")
    for _ in range(2):
        get(client, ALL + " ORDER BY ?s")
    get(client, ALL, None, **{"max-rows": "3"})
    get(client, CROSS, timeout="0.2")
    after = {name: metric(client, name) for name in names}
    assert {name: after[name] - before[name] for name in names} == names
    assert metric(client, "fundgraph_workers") == 1
    assert metric(client, "fundgraph_cache_bytes") > 0


def test_the_log(kg: KnowledgeGraph, capsys: pytest.CaptureFixture[str]) -> None:
    """A line of JSON tells what came of a request; nothing that was sent stands in it, and no address."""
    client = create_app(kg, Settings(access_log=True)).test_client()
    headers = {
        "Authorization": "Bearer secret-token",
        "Cookie": "secret=1",
        "Fundgraph-Job": "secret-secret-secret",
    }
    for query in ("SELECT ?secret { ?secret ?p 1 }", "select  ?secret { ?secret ?p 1 } #"):
        client.get("/sparql", query_string={"query": query, "token": "secret"}, headers=headers).close()
    client.get("/jobs/secret-secret-secret").close()
    client.get("/secret/nowhere/at/all").close()
    get(client, "SELECT {", format="csv").close()
    error = capsys.readouterr().err
    assert "secret" not in error
    lines = [json.loads(line) for line in error.splitlines()]
    assert [line["status"] for line in lines] == [200, 200, 404, 404, 400]
    assert [line.get("outcome") for line in lines] == ["complete", "complete", "unknown-job", "http-404", "syntax"]
    assert lines[0]["query"] == lines[1]["query"]
    assert "client" not in lines[0]
    client = create_app(kg, Settings(access_log=True, log_addresses=True)).test_client()
    get(client, "ASK {}").close()
    assert json.loads(capsys.readouterr().err)["client"] == "127.0.0.1"


def test_a_log_that_cannot_be_written(kg: KnowledgeGraph, monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests are answered when nobody takes the log any more."""

    class Broken:
        def write(self, _: str) -> None:
            raise BrokenPipeError

    client = create_app(kg, Settings(access_log=True)).test_client()
    monkeypatch.setattr("fundgraph.web.journal.sys.stderr", Broken())
    response = get(client, "ASK {}")
    assert response.status_code == 200
    response.close()


def test_rates(kg: KnowledgeGraph) -> None:
    """A client that asks too often gets a 429 that says when to come back; others, and operators, are answered."""
    client = create_app(kg, Settings(rate_limit="3/minute")).test_client()
    assert [get(client, "ASK {}").status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = get(client, "ASK {}")
    assert refused.content_type == "application/problem+json"
    assert refused.json["detail"].startswith("one client may ask 3 per 1 minute; Retry-After")
    assert 0 < int(refused.headers["Retry-After"]) <= 61
    assert client.get("/healthz").status_code == client.get("/metrics").status_code == 200
    other = client.get("/sparql?query=ASK%7B%7D", environ_overrides={"REMOTE_ADDR": "10.1.1.1"})
    assert other.status_code == 200


def test_a_rate_that_is_none(kg: KnowledgeGraph) -> None:
    """A rate that cannot be read stops the start."""
    with pytest.raises(UsageError, match="rate"):
        create_app(kg, Settings(rate_limit="often"))


def test_headers_for_browsers(client: FlaskClient, kg: KnowledgeGraph) -> None:
    """Pages may load from here alone and hold no script or style; with https outside, browsers stay there."""
    page = client.get("/queries", headers={"Accept": "text/html"})
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "*" not in policy
    for response in (page, get(client, "ASK {}"), client.get("/nowhere")):
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert "Referrer-Policy" in response.headers
        assert "Strict-Transport-Security" not in response.headers
    assert (
        "unsafe" not in client.get("/nowhere", headers={"Accept": "text/html"}).headers["Content-Security-Policy"]
    )
    outside = create_app(kg, Settings(public_url="https://data.example.org")).test_client()
    assert "max-age" in outside.get("/healthz").headers["Strict-Transport-Security"]


def test_many_at_once_are_counted(app: Flask) -> None:
    """Nothing is lost when many threads count at once."""
    client = app.test_client()
    name = 'fundgraph_http_requests_total{method="GET",route="/healthz",status="200"}'
    threads = [
        threading.Thread(target=lambda: [app.test_client().get("/healthz") for _ in range(25)]) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert metric(client, name) == 200


def test_a_full_queue(client: FlaskClient, app: Flask, kg: KnowledgeGraph) -> None:
    """When the queue is full a query is answered 503 with Retry-After, at once."""
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(get, app.test_client(), CROSS, timeout="1.5")
        assert soon(lambda: kg.load()["busy"] == 1)
        second = pool.submit(get, app.test_client(), "SELECT (NOW() AS ?x) {}")
        assert soon(lambda: kg.load()["waiting"] == 1)
        refused = get(client, "SELECT (RAND() AS ?x) {}")
        assert (refused.status_code, refused.json["type"].rsplit("/", 1)[1]) == (503, "overloaded")
        assert int(refused.headers["Retry-After"]) > 0
        assert client.get("/readyz").status_code == 503
        assert first.result().status_code == 503
        assert second.result().status_code == 200


def test_every_format_says_what_it_is_worth(client: FlaskClient) -> None:
    """Headers in every format, and a member or a comment where the format has room."""
    for form, sign in (
        ("json", '"completeness":"complete"'),
        ("xml", "<!-- fundgraph: complete, release "),
        ("csv", ""),
        ("tsv", ""),
    ):
        response = get(client, ALL + " LIMIT 2", format=form)
        assert response.headers["Fundgraph-Completeness"] == "complete"
        assert response.headers["Fundgraph-Release"]
        assert sign in response.text
    for form, sign in (("ttl", "# fundgraph: "), ("rdf", "<!-- fundgraph: "), ("nt", ""), ("jsonld", "")):
        response = get(client, "CONSTRUCT WHERE { ?s ?p ?o }", format=form, **{"max-rows": 5})
        assert response.headers["Fundgraph-Completeness"] == "truncated; rows=5"
        assert (f"{sign}truncated; rows=5, release " in response.text) == bool(sign)


def test_settings_in_the_environment(tmp_path: Path) -> None:
    """The new settings are read from the environment like all others."""
    loaded = Settings.load(
        environ={"FUNDGRAPH_RATE_LIMIT": "5/second", "FUNDGRAPH_LOG_ADDRESSES": "yes"}, file=tmp_path / "no"
    )
    assert (loaded.rate_limit, loaded.log_addresses) == ("5/second", True)


def test_services_are_described(kg: KnowledgeGraph) -> None:
    """The service description offers federated queries exactly where services are listed."""
    for services, offered in (("", False), ("https://other.example/sparql", True)):
        client = create_app(kg, Settings(services=services)).test_client()
        text = client.get("/sparql", headers={"Accept": "text/turtle"}).text
        assert ("sd:BasicFederatedQuery" in text) is offered

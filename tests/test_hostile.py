"""Hostile queries: nothing gets out, nothing goes down, nothing is silently wrong."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from fundgraph.kg import KnowledgeGraph
from fundgraph.settings import Settings
from fundgraph.web.app import create_app
from tests.patience import patiently
from tests.snapshots import small

pytestmark = pytest.mark.slow

SECRET = "canary-5f2a"


class Canary:
    """A listener on this machine that counts who connects, and a file with a secret in it."""

    def __init__(self, folder: Path) -> None:
        self.hits = 0
        self.file = folder / "canary.ttl"
        self.file.write_text(f'<urn:a> <urn:b> "{SECRET}" .\n')
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.hits += 1
            connection.close()

    def close(self) -> None:
        """Stop listening."""
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


@pytest.fixture(scope="module")
def canary(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Canary]:
    """A canary for all tests."""
    made = Canary(tmp_path_factory.mktemp("canary"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """A client of the application over real workers."""
    build = tmp_path_factory.mktemp("hostile")
    small(build)
    settings = Settings(workers=1, timeout=3.0, max_memory=128 << 20)
    with KnowledgeGraph.open(build, settings, served=True) as kg:
        kg.is_ready(20)
        yield create_app(kg, settings).test_client()


def send(client: FlaskClient, query: str, accept: str = "application/sparql-results+json") -> Any:
    """Post a query; see that the service is alive afterwards."""
    response = client.post("/sparql", data={"query": query}, headers={"Accept": accept})
    alive = client.post("/sparql", data={"query": "ASK {}"})
    assert alive.json["boolean"] is True
    return response


OUTWARD = (
    "SELECT * FROM <file://{file}> {{ ?s ?p ?o }}",
    "SELECT * FROM NAMED <file://{file}> {{ GRAPH ?g {{ ?s ?p ?o }} }}",
    "SELECT * FROM <{http}> FROM NAMED <{http}> {{ ?s ?p ?o }}",
    "SELECT * {{ SERVICE <{http}> {{ ?s ?p ?o }} }}",
    "SELECT * {{ SERVICE SILENT <{http}> {{ ?s ?p ?o }} }}",
    "SELECT * {{ VALUES ?e {{ <{http}> <file://{file}> }} SERVICE ?e {{ ?s ?p ?o }} }}",
    "PREFIX x: <{http}> SELECT * {{ SERVICEx:y{{?s ?p ?o}} }}",
    "PREFIX x: <{http}> SELECT * {{ SERVICESILENTx:y{{?s ?p ?o}} }}",
    "PREFIX : <{http}> SELECT * {{ ?s ?p ?o FILTER(1<2)SERVICE:x#>\n{{?a ?b ?c}} }}",
    'PREFIX : <{http}> SELECT * {{ FILTER(1<2#>"""\n)SERVICE:x#>\n{{?s ?p ?o}} #"""\n}}',
    "PREFIX x: <{http}> SELECT * {{ ?s ?p true.SERVICE x:y{{?a ?b ?c}} }}",
    'PREFIX ex:fn() SELECT * {{ FILTERex:fn(1<2#>"""\n)SERVICE <{http}> {{}} #"""\n}}',
    "PREFIX x: <{http}> SELECT * {{ {{ FILTERx:f(1<2#>'''\n)}} SERVICE x:y {{?s ?p ?o}} #'''\n}}",
    "SELECT * {{ {{ SELECT * {{ OPTIONAL {{ SERVICE <{http}> {{ ?s ?p ?o }} }} }} }} }}",
    "LOAD <{http}>",
    "LOAD SILENT <file://{file}> INTO GRAPH <urn:x>",
)


@pytest.mark.parametrize("template", OUTWARD)
def test_nothing_gets_out(client: FlaskClient, canary: Canary, template: str) -> None:
    """No query makes us connect anywhere or read a file, however it hides the wish."""
    query = template.format(http=f"http://127.0.0.1:{canary.port}/", file=canary.file)
    response = send(client, query)
    assert response.status_code in (400, 403, 503)
    assert SECRET not in response.text
    time.sleep(0.05)
    assert canary.hits == 0


DEEP = {
    "groups": ("SELECT * " + "{" * 20_000 + "?s ?p ?o" + "}" * 20_000, 400),
    "parentheses": ("ASK { FILTER(" + "(" * 20_000 + "1" + ")" * 20_000 + ") }", 400),
    "negations": ("ASK { FILTER(" + "!" * 20_000 + "true) }", 400),
    "minus signs": ("ASK { FILTER(" + "- " * 20_000 + "1 = 1) }", 400),
    "blank nodes": ("ASK { ?s ?p " + "[ ?p " * 9_000 + "1" + "]" * 9_000 + " }", 400),
    "lists": ("ASK { ?s ?p " + "(" * 20_000 + "1" + ")" * 20_000 + " }", 400),
    "paths": ("ASK { ?s " + "^(" * 20_000 + "<p:p>" + ")" * 20_000 + " ?o }", 400),
    "selects": ("SELECT * { " + "{ SELECT * " * 5_000 + "{}" + "}" * 5_000 + " }", 400),
    "triple terms": ("ASK { ?s ?p " + "<<( ?s ?p " * 5_000 + "?o" + " )>>" * 5_000 + " }", 400),
}


@pytest.mark.parametrize(("query", "status"), DEEP.values(), ids=DEEP.keys())
def test_deep_nesting(client: FlaskClient, query: str, status: int) -> None:
    """What is nested without end is refused in no time."""
    started = time.process_time()
    response = send(client, query)
    assert response.status_code == status
    assert "nested too deeply" in response.json["detail"]
    assert time.process_time() - started < 3


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * " + "{" * 15 + "?s ?p ?o" + "}" * 15 + " LIMIT 1",
        "SELECT * " + "{" * 100 + "?s ?p ?o" + "}" * 100 + " LIMIT 1",
        "ASK { FILTER(" + "(" * 90 + "1" + ")" * 90 + ") }",
        "ASK { FILTER(" + "!" * 90 + "true) }",
    ],
)
def test_nesting_within_reason(client: FlaskClient, query: str) -> None:
    """Up to a hundred levels are answered."""
    assert send(client, query).status_code == 200


COSTLY = {
    "a chain of additions": "ASK { FILTER(1" + "+1" * 20_000 + " > 0) }",
    "a long path": "ASK { ?s <p:p>" + "/<p:p>" * 5_000 + " ?o }",
    "many unions": "SELECT * {" + " { ?s ?p 1 } UNION" * 5_000 + " { ?s ?p 2 } }",
    "many optionals": "ASK { ?s ?p ?o " + "OPTIONAL { ?s ?p 1 } " * 4_000 + "}",
    "a cross product": "SELECT (COUNT(*) AS ?n) { " + "".join(
        f"VALUES ?{name} {{ {' '.join(map(str, range(60)))} }} " for name in "abcdef"
    ) + "}",
    "backtracking": 'ASK { FILTER(REGEX("' + "a" * 60 + 'X", "^(a+)+$")) }',
    "a huge order": "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?c ?f ?i",
    "repetition": 'SELECT (REPLACE(REPLACE("' + "a" * 5_000 + '", "a", "' + "b" * 5_000 + '"), "b", "'
    + "c" * 5_000 + '") AS ?x) {}',
}  # fmt: skip


@pytest.mark.parametrize("query", COSTLY.values(), ids=COSTLY.keys())
def test_costly_queries(client: FlaskClient, query: str) -> None:
    """What costs too much is answered in time, or is a 503 that says why; the service answers on."""
    started = time.monotonic()
    response = send(client, query)
    assert response.status_code in (200, 503)
    if response.status_code == 503:
        assert response.json["type"].rsplit("/", 1)[1] in ("deadline", "resources")
    assert time.monotonic() - started < patiently(6)


def test_floods_are_marked(client: FlaskClient) -> None:
    """A cross product of rows is cut at the cap and says so, or is refused for its size; never cut in silence."""
    response = send(client, "SELECT * { ?s ?p ?o . ?a ?b ?c }", "text/csv")
    if response.status_code == 200:
        rows = response.text.count("\n") - 1
        assert response.headers["Fundgraph-Completeness"] == f"truncated; rows={rows}"
    else:
        assert response.status_code == 503
    response.close()


ODD = {
    "a NUL": ("ASK { ?s ?p '\0' }", (200, 400)),
    "an escaped surrogate": ("ASK { ?s ?p '\\uD800' }", (200, 400)),
    "a number beyond all": ("SELECT * { ?s ?p ?o } LIMIT 99999999999999999999999", (200, 400)),
    "an offset beyond all": ("SELECT * { ?s ?p ?o } OFFSET 99999999999999999999999", (200, 400)),
    "a negative limit": ("SELECT * { ?s ?p ?o } LIMIT -1", (400,)),
    "a million digits": (f"SELECT ({'9' * 90_000} AS ?x) {{}}", (200, 400)),
    "an exponent beyond all": ("SELECT (1E999999999 AS ?x) (1.0 / 0 AS ?y) {}", (200, 400)),
    "right to left": ("SELECT ?\u202ex { ?s ?p ?o }", (400,)),
    "only a comment": ("# nothing", (400,)),
    "an IRI that never ends": ("ASK { ?s ?p <http://x }", (400,)),
}  # fmt: skip


@pytest.mark.parametrize(("query", "statuses"), ODD.values(), ids=ODD.keys())
def test_odd_texts(client: FlaskClient, query: str, statuses: tuple[int, ...]) -> None:
    """Odd texts are answered or refused, never an error of ours."""
    response = send(client, query)
    assert response.status_code in statuses, response.text


def test_formulas_stay_as_they_are(client: FlaskClient) -> None:
    """CSV is what the standard says; a value that looks like a formula is not changed."""
    response = send(client, "SELECT ('=HYPERLINK(\"http://x\")' AS ?x) {}", "text/csv")
    assert response.text == 'x\r\n"=HYPERLINK(""http://x"")"\r\n'

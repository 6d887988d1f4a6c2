"""Both engines give the same answers, keep the same limits, and refuse the same things."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import rdflib

from fundgraph.errors import (
    QueryError,
    QueryRefusedError,
    QueryResourceError,
    QuerySyntaxError,
    UnacceptableFormatError,
    UsageError,
)
from fundgraph.settings import Settings
from fundgraph.store.engine import Engine, InlineEngine, Limits, QueryRequest
from fundgraph.store.pool import WorkerEngine
from fundgraph.store.snapshot import Snapshot
from tests.snapshots import BASE, make_snapshot, small

ALL = "SELECT ?s ?p ?o { ?s ?p ?o }"
LIMITS = {"max_rows": 5000, "max_bytes": 400_000, "max_query_bytes": 20_000}


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """A small snapshot."""
    return small(tmp_path_factory.mktemp("engine"))


@pytest.fixture(scope="module", params=["inline", "memory", "disk"])
def engine(request: pytest.FixtureRequest, snapshot: Snapshot) -> Iterator[Engine]:
    """Each engine in turn: in this process, in workers over memory, in workers over the store on disk."""
    made: Engine
    if request.param == "inline":
        made = InlineEngine(snapshot, Limits(**LIMITS))
    else:
        quads = 0 if request.param == "disk" else 10**6
        made = WorkerEngine(snapshot, Settings(workers=1, timeout=20.0, memory_quads=quads, **LIMITS))
    yield made
    made.close()


def ask(engine: Engine, text: str, **terms: object) -> str:
    """Return the whole text of an answer."""
    with engine.run(QueryRequest(text, **terms)).body as body:  # type: ignore[arg-type]
        return body.read().decode()


@pytest.mark.parametrize(
    ("form", "begins"),
    [
        (
            "json",
            '{"head":{"vars":["o"]},"results":{"bindings":[{"o":{"type":"literal","value":"Größe","xml:lang":"de"}}]}',
        ),
        ("xml", '<?xml version="1.0"?><sparql xmlns="http://www.w3.org/2005/sparql-results#">'),
        ("csv", "o\r\nGröße\r\n"),
        ("tsv", '?o\n"Größe"@de\n'),
    ],
)
def test_select_formats(engine: Engine, form: str, begins: str) -> None:
    """A SELECT comes in each of its formats."""
    assert ask(engine, f"SELECT ?o {{ ?s <{BASE}label> ?o }}", format=form).startswith(begins)


@pytest.mark.parametrize(
    ("form", "holds"),
    [
        ("turtle", "ex:number 7"),
        ("ntriples", f"<{BASE}number> "),
        ("rdfxml", "<ex:number "),
        ("jsonld", f'"{BASE}number"'),
        ("trig", "ex:number 7"),
        ("nquads", f"<{BASE}number> "),
    ],
)
def test_graph_formats(engine: Engine, form: str, holds: str) -> None:
    """A CONSTRUCT and a DESCRIBE come in each format of graphs, with readable names where the format has them."""
    assert holds in ask(engine, f"CONSTRUCT WHERE {{ <{BASE}thing/7> ?p ?o }}", format=form)
    assert holds in ask(engine, f"DESCRIBE <{BASE}thing/7>", format=form)


def test_only_used_prefixes(engine: Engine) -> None:
    """Turtle declares only the prefixes that a small graph uses."""
    text = ask(engine, "PREFIX no: <http://never/> CONSTRUCT { <x:a> <x:b> <x:c> } {}")
    assert "@prefix" not in text


def test_meta(engine: Engine, snapshot: Snapshot) -> None:
    """JSON results say release, completeness, time and limits in a member of their own."""
    for text in (ALL, "ASK {}"):
        meta = json.loads(ask(engine, text))["meta"]
        assert meta["release"] == snapshot.release
        assert meta["completeness"] == "complete"
        assert meta["limits"]["rows"] == 5000
        assert meta["elapsedMs"] > 0


@pytest.mark.parametrize("form", ["json", "xml", "csv", "tsv"])
@pytest.mark.parametrize(
    ("text", "cap", "completeness"),
    [
        (ALL, 1000, "truncated; rows=1000"),
        (ALL, 1001, "complete"),
        (ALL, 1002, "complete"),
        (f"{ALL} LIMIT 1000", 1000, "complete"),
        (f"{ALL} LIMIT 2000", 1000, "truncated; rows=1000"),
        (f"{ALL} OFFSET 900", 100, "truncated; rows=100"),
        (f"{ALL} OFFSET 900", 101, "complete"),
        (f"{ALL} ORDER BY ?s VALUES ?s {{ <{BASE}thing/1> }}", 1, "complete"),
        ("SELECT * {}", 1, "complete"),
        ("SELECT ('},{},{},{\\n<result>' AS ?x) {}", 2, "complete"),
    ],
)
def test_row_cap(engine: Engine, text: str, cap: int, completeness: str, form: str) -> None:
    """The row cap cuts exactly what is longer, and the answer says so exactly then."""
    answer = engine.run(QueryRequest(text, max_rows=cap, format=form))
    answer.body.close()
    assert answer.completeness == completeness


def test_rows_are_cut(engine: Engine) -> None:
    """A truncated answer has exactly the rows that it says."""
    assert ask(engine, ALL, max_rows=10, format="csv").count("\n") == 11


@pytest.mark.parametrize("form", ["json", "csv", "xml"])
def test_byte_cap(engine: Engine, form: str) -> None:
    """A table of too many bytes comes with fewer rows, whole and within the bytes, and says so."""
    answer = engine.run(QueryRequest(ALL, format=form, max_bytes=20_000))
    with answer.body as body:
        data = body.read().decode()
    assert answer.completeness == "truncated; bytes=20000"
    assert 10_000 < len(data) < 20_000 + 400
    rows = {"json": '"s":{', "csv": "\n", "xml": "<result>"}[form]
    assert data.count(rows) > 50
    if form == "json":
        assert json.loads(data)["meta"]["completeness"] == answer.completeness


def test_byte_cap_of_a_graph(engine: Engine) -> None:
    """A graph of too many bytes or triples has fewer triples, is well-formed, and says so."""
    text = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"
    for limits, completeness in (
        ({"max_bytes": 9000}, "truncated; bytes=9000"),
        ({"max_rows": 7}, "truncated; rows=7"),
    ):
        answer = engine.run(QueryRequest(text, format="turtle", **limits))
        with answer.body as body:
            data = body.read().decode()
        assert answer.completeness == completeness
        count = len(rdflib.Graph().parse(data=data, format="turtle"))
        assert count == 7 if "max_rows" in limits else 50 < count < 500
        assert f"# fundgraph: {completeness}, release" in data.splitlines()[-1]
    assert ask(engine, text, format="ntriples", max_rows=1001).count("\n") == 1001


def test_byte_cap_of_one_row(engine: Engine) -> None:
    """What does not fit by leaving out rows is refused; the engine answers on."""
    with pytest.raises(QueryResourceError, match="larger than 1000 bytes"):
        engine.run(QueryRequest(f"SELECT ('{'x' * 2000}' AS ?x) {{}}", max_bytes=1000))
    assert '"boolean":true' in ask(engine, "ASK {}")


@pytest.mark.parametrize("served", [False, True])
def test_labels(tmp_path: Path, served: bool) -> None:
    """The IRIs of an answer come with labels when these are wanted, in the wanted language if there is one."""
    label = "<http://www.w3.org/2000/01/rdf-schema#label>"
    lines = (f'<{BASE}y> {label} "Heat"@en .', f'<{BASE}y> {label} "Wärme"@de .', f"<{BASE}x> {label} <{BASE}y> .")
    made = make_snapshot(tmp_path, {"a": "\n".join(lines) + "\n"})
    engine = WorkerEngine(made, Settings(workers=1)) if served else InlineEngine(made)
    for languages, name in ((("de", "en"), "Wärme"), (("fr", "en"), "Heat")):
        with engine.run(QueryRequest(ALL, labels=languages)).body as body:
            assert json.load(body)["meta"]["labels"] == {f"{BASE}y": name}
    assert '"labels"' not in ask(engine, ALL)
    with pytest.raises(UsageError):
        engine.run(QueryRequest("ASK {}", labels=("en",)))
    engine.close()


def test_unknown_terms(engine: Engine) -> None:
    """A term that the snapshot does not know is named, with its place and what may have been meant."""
    text = f"SELECT ?s {{\n  ?s <{BASE}nubmer> 1 ; <{BASE}number> ?s }}"
    for _ in range(2):
        with engine.run(QueryRequest(text)).body as body:
            (warning,) = json.load(body)["meta"]["warnings"]
        assert (warning["code"], warning["line"], warning["column"]) == ("unknown-term", 2, 6)
        assert warning["near"] == "ex:nubmer"
    assert warning["suggestions"] == ["ex:number"]


def test_unknown_graph(engine: Engine) -> None:
    """A graph that is not there is named, with the one that may have been meant."""
    with engine.run(QueryRequest(f"SELECT * {{ GRAPH <{BASE}graph/topic> {{ ?s ?p ?o }} }}")).body as body:
        (warning,) = json.load(body)["meta"]["warnings"]
    assert (warning["code"], warning["suggestions"]) == ("unknown-graph", [f"<{BASE}graph/topics>"])


def test_default_graph(engine: Engine) -> None:
    """The default graph is the union without the hidden graphs; those are reached with GRAPH."""
    count = "SELECT (COUNT(*) AS ?n)"
    assert ask(engine, f"{count} {{ ?s ?p ?o }}", format="csv") == "n\r\n1001\r\n"
    assert ask(engine, f"{count} {{ GRAPH ?g {{ ?s ?p ?o }} }}", format="csv") == "n\r\n1002\r\n"
    assert ask(engine, f"{count} {{ GRAPH <{BASE}graph/report> {{ ?s ?p ?o }} }}", format="csv") == "n\r\n1\r\n"


def test_dataset_of_the_query(engine: Engine) -> None:
    """FROM and FROM NAMED choose graphs; relative IRIs are taken from the dataset's base."""
    count = "SELECT (COUNT(*) AS ?n)"
    assert ask(engine, f"{count} FROM <graph/report> {{ ?s ?p ?o }}", format="csv") == "n\r\n1\r\n"
    assert ask(engine, f"{count} FROM NAMED <graph/topics> {{ ?s ?p ?o }}", format="csv") == "n\r\n0\r\n"
    named = f"{count} FROM NAMED <graph/topics> {{ GRAPH ?g {{ ?s ?p ?o }} }}"
    assert ask(engine, named, format="csv") == "n\r\n1\r\n"


def test_dataset_of_the_protocol(engine: Engine) -> None:
    """The protocol's dataset takes the place of the query's: what it does not name is not there."""
    report, topics = f"{BASE}graph/report", f"{BASE}graph/topics"
    count = "SELECT (COUNT(*) AS ?n)"
    text = f"{count} FROM <{topics}> {{ ?s <{BASE}message> ?o }}"
    assert ask(engine, text, format="csv", default_graphs=(report,)) == "n\r\n1\r\n"
    text = f"{count} {{ GRAPH ?g {{ ?s ?p ?o }} }}"
    assert ask(engine, text, format="csv", default_graphs=(report,)) == "n\r\n0\r\n"
    assert ask(engine, text, format="csv", named_graphs=(report, topics)) == "n\r\n2\r\n"
    assert ask(engine, f"{count} {{ ?s ?p ?o }}", format="csv", named_graphs=(report,)) == "n\r\n0\r\n"


@pytest.mark.parametrize(
    ("text", "line", "column", "what"),
    [
        ("SELECT * { ?s ?p\n", 1, 10, "{ is never closed"),
        ("SELECT * {\n ?s ?p 'abc }", 2, 8, "never ends"),
        ("SELECT *\n{ ?s nope:x ?o }", 2, 6, "prefix nope: is not declared"),
        ("SELECT * { FOO }", 1, 12, "FOO"),
        ("SELECT ?x { ?x ?y ?z FILTER (?x = ) }", 1, 35, "\\)"),
        ("SELECT (?x AS ?x) { ?x ?y ?z }", 1, None, "overrides an existing variable"),
        ("DROP ALL", None, None, "DROP is an update"),
        ("SELEKT * {}", 1, 1, "expected SELECT"),
        ("", 1, 1, "empty"),
        ("ASK { ?s ?p '\ud800' }", 1, 14, "not valid Unicode"),
        ("SELECT * {" + "{" * 600 + "}" * 600 + "}", 1, 610, "nested too deeply"),
        ("ASK { FILTER(" + "!" * 5000 + "true) }", 1, 14, "nested too deeply"),
    ],
)
def test_malformed(engine: Engine, text: str, line: int | None, column: int | None, what: str) -> None:
    """A malformed query is refused with the place of the fault."""
    with pytest.raises(QuerySyntaxError, match=what) as caught:
        engine.run(QueryRequest(text))
    assert caught.value.line == line
    if column is not None:
        assert caught.value.column == column


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
        "SELECT * FROM <file:///etc/passwd> { ?s ?p ?o }",
        "SELECT * FROM NAMED <http://127.0.0.1:9/> { GRAPH ?g { ?s ?p ?o } }",
        f"ASK {{}} # {'x' * 20_000}",
    ],
)
def test_refused(engine: Engine, text: str) -> None:
    """SERVICE, graphs from outside and endless texts are refused."""
    with pytest.raises(QueryRefusedError):
        engine.run(QueryRequest(text))


def test_refusal_names_what_is_allowed(engine: Engine) -> None:
    """Who names a graph that is not there is told which are."""
    with pytest.raises(QueryRefusedError) as caught:
        engine.run(QueryRequest("ASK {}", default_graphs=("http://nowhere/",)))
    assert f"{BASE}graph/topics" in caught.value.allowed


@pytest.mark.parametrize(("text", "form"), [("ASK {}", "csv"), (ALL, "turtle"), ("DESCRIBE <x:y>", "json")])
def test_impossible_formats(engine: Engine, text: str, form: str) -> None:
    """A format that cannot hold the answer is refused, with those that can."""
    with pytest.raises(UnacceptableFormatError) as caught:
        engine.run(QueryRequest(text, format=form))
    assert form not in caught.value.allowed
    assert caught.value.allowed


@pytest.mark.parametrize(
    ("text", "form"),
    [('SELECT ("a\\u0001b" AS ?x) {}', "xml"), ('CONSTRUCT { <x:a> <x:b> "\\u0008" } {}', "rdfxml")],
)
def test_xml_stays_well_formed(engine: Engine, text: str, form: str) -> None:
    """A control character, which XML cannot hold, is an error instead of a broken document."""
    with pytest.raises(UnacceptableFormatError, match="control character"):
        engine.run(QueryRequest(text, format=form))


def test_inline_engine_keeps_no_deadline(snapshot: Snapshot) -> None:
    """A deadline is refused where there are no workers to keep it."""
    engine = InlineEngine(snapshot)
    with pytest.raises(UsageError, match="workers"):
        engine.run(QueryRequest("ASK {}", timeout=1.0))
    engine.close()


def test_blank_nodes_and_graph_less_manifest(tmp_path: Path) -> None:
    """A manifest that names no graphs leaves FROM open: what is not there is empty."""
    snapshot = make_snapshot(tmp_path, {"a": "_:x <x:p> _:y .\n"}, {"graphs": None})
    engine = InlineEngine(snapshot)
    assert "n\r\n1\r\n" in ask(engine, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o FILTER(isBlank(?o)) }", format="csv")
    assert "false" in ask(engine, "ASK FROM <x:nowhere> { ?s ?p ?o }")
    engine.close()
    with pytest.raises(QueryError):
        ask(InlineEngine(snapshot), "nonsense")

"""The knowledge graph that is there to be asked."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from fundgraph.errors import NoSnapshotError, UnknownQuestionError, UsageError
from fundgraph.kg import KnowledgeGraph
from fundgraph.results import Table, Term
from fundgraph.settings import Settings
from fundgraph.store.engine import QueryRequest
from tests.snapshots import BASE, make_snapshot, numbered, small


def test_facts(tmp_path: Path) -> None:
    """The snapshot's facts are at hand."""
    snapshot = small(tmp_path)
    with KnowledgeGraph.open(tmp_path) as kg:
        assert (kg.release, kg.base, kg.path) == (snapshot.release, BASE, snapshot.path)
        assert kg.prefixes["ex"] == BASE
        assert kg.manifest["quads"] == 1002


def test_select(tmp_path: Path) -> None:
    """A SELECT gives rows of terms with kind, datatype and language; what is unbound is None."""
    small(tmp_path)
    with KnowledgeGraph.open(tmp_path) as kg:
        table = kg.select(f"SELECT ?s ?o ?no {{ ?s <{BASE}label> ?o OPTIONAL {{ ?s <x:no> ?no }} }}")
        assert table.columns == ("s", "o", "no")
        assert table.rows == ((Term("iri", f"{BASE}topic/x"), Term("literal", "Größe", None, "de"), None),)
        assert list(table) == [{"s": f"{BASE}topic/x", "o": "Größe", "no": None}]
        assert (len(table), table.completeness) == (1, "complete")
        number = kg.select(f"SELECT ?n {{ <{BASE}thing/3> <{BASE}number> ?n }}").rows[0][0]
        assert number == Term("literal", "3", "http://www.w3.org/2001/XMLSchema#integer")
        assert kg.select("ASK {}").rows == (
            (Term("literal", "true", "http://www.w3.org/2001/XMLSchema#boolean"),),
        )


def test_table_as_text() -> None:
    """A table as text has aligned columns, its rows counted below."""
    table = Table(("a", "long name"), ((Term("literal", "x\ny"), None), (Term("iri", "z"), Term("literal", "1"))))
    assert table.to_text() == "a    long name\n---  ---------\nx y\nz    1\n(2 rows)\n"


def test_query_takes_terms(tmp_path: Path) -> None:
    """Format and limits are said in the call, or in a request."""
    small(tmp_path)
    with KnowledgeGraph.open(tmp_path) as kg:
        answer = kg.answer("SELECT * { ?s ?p ?o }", format="csv", max_rows=2)
        with answer.body as body:
            assert body.read().count(b"\n") == 3
        assert answer.completeness == "truncated; rows=2"
        with kg.answer(QueryRequest("ASK {}"), format="xml").body as body:
            assert b"<boolean>true" in body.read()
        with pytest.raises(UsageError, match="JSON"), kg.answer("ASK {}", format="xml").body:
            kg.table(kg.answer("ASK {}", format="xml"))


def test_describe(tmp_path: Path) -> None:
    """A thing is described by its properties; what is no IRI is refused."""
    small(tmp_path)
    with KnowledgeGraph.open(tmp_path) as kg:
        assert [str(term) for term in kg.describe(f"{BASE}thing/5")[f"{BASE}number"]] == ["5"]
        assert kg.describe("x:nothing") == {}
        with pytest.raises(UsageError):
            kg.describe("a> ?p ?o } #")


def test_no_snapshot(tmp_path: Path) -> None:
    """Where nothing was built there is nothing to open."""
    with pytest.raises(NoSnapshotError):
        KnowledgeGraph.open(tmp_path)


def test_questions(tmp_path: Path) -> None:
    """A canned query that does not exist is named, with those that do."""
    small(tmp_path)
    with KnowledgeGraph.open(tmp_path) as kg, pytest.raises(UnknownQuestionError, match="no-such"):
        kg.ask("no-such")


def test_canned_query(spp_snapshot: Path) -> None:
    """A canned query is answered with its parameters."""
    with KnowledgeGraph.open(spp_snapshot) as kg:
        table = kg.ask("person-projects", person="martin-burger")
        assert len(table) >= 1


def test_switch_while_serving(tmp_path: Path) -> None:
    """A snapshot that is switched in is picked up, running queries end on the old one, and its processes go."""
    old = small(tmp_path)
    settings = Settings(workers=2, timeout=10.0)
    count = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    with KnowledgeGraph.open(tmp_path, settings, served=True) as kg:
        assert kg.is_ready(10)
        with kg._serving() as running:
            make_snapshot(tmp_path, {"document/a": numbered(5)})
            end = time.monotonic() + 20
            while kg.answer("ASK {}").release == old.release and time.monotonic() < end:
                time.sleep(0.05)
            assert kg.select(count).rows[0][0] == Term("literal", "5", "http://www.w3.org/2001/XMLSchema#integer")
            assert kg.release != old.release
            with running.engine.run(QueryRequest(count, format="csv")).body as body:
                assert body.read() == b"n\r\n1001\r\n"
            holder = running.engine._holder.process  # type: ignore[attr-defined]
            assert holder.poll() is None
        assert holder.poll() is not None


def test_a_broken_switch_changes_nothing(tmp_path: Path) -> None:
    """If ``current`` points at something that is no release, what was loaded is served on."""
    old = small(tmp_path)
    with KnowledgeGraph.open(tmp_path, Settings(workers=1), served=True) as kg:
        assert kg.is_ready(10)
        (tmp_path / "releases" / "broken").mkdir()
        (tmp_path / "next").symlink_to("releases/broken")
        (tmp_path / "next").replace(tmp_path / "current")
        for _ in range(12):
            assert kg.answer("ASK {}").release == old.release
            time.sleep(0.1)
        (tmp_path / "current").unlink()
        kg._looked = 0.0
        assert kg.answer("ASK {}").release == old.release
    assert not kg.is_ready()

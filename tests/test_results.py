"""Answers in Python: terms have types, tables become data frames and graphs."""

from __future__ import annotations

import datetime
import sys
from decimal import Decimal
from pathlib import Path

import networkx
import pytest

import fundgraph
from fundgraph import KnowledgeGraph, Table, Term, Triples
from fundgraph.errors import UsageError
from tests.snapshots import BASE, small

XSD = "http://www.w3.org/2001/XMLSchema#"


def _typed(text: str, name: str) -> Term:
    return Term("literal", text, f"{XSD}{name}")


@pytest.mark.parametrize(
    ("term", "value"),
    [
        (_typed("007", "integer"), 7),
        (_typed("2022", "gYear"), 2022),
        (_typed("1.10", "decimal"), Decimal("1.10")),
        (_typed("1e3", "double"), 1000.0),
        (_typed("0", "boolean"), False),
        (_typed("2021-03-01", "date"), datetime.date(2021, 3, 1)),
        (_typed("2021-03-01T10:00:00+00:00", "dateTime"), datetime.datetime(2021, 3, 1, 10, tzinfo=datetime.UTC)),
        (_typed("2021-03", "gYearMonth"), "2021-03"),
        (_typed("soon", "date"), "soon"),
        (_typed("maybe", "boolean"), "maybe"),
        (_typed("many", "decimal"), "many"),
        (Term("literal", "Größe", None, "de"), "Größe"),
        (Term("iri", "http://e/1"), "http://e/1"),
    ],
)
def test_a_term_is_what_its_datatype_says(term: Term, value: object) -> None:
    """Numbers, truth values and dates are Python's; what is ill-typed or has no counterpart stays a text."""
    assert term.python() == value
    assert type(term.python()) is type(value)


def _table() -> Table:
    rows = (
        (Term("iri", "http://e/a"), Term("iri", "http://e/b"), _typed("3", "integer"), _typed("0.5", "decimal"), Term("literal", "x")),
        (Term("iri", "http://e/b"), None, None, _typed("2", "integer"), _typed("7", "integer")),
    )  # fmt: skip
    return Table(("one", "other", "count", "share", "mixed"), rows, "truncated; rows=2", (), "2026-01-02-abc")


def test_records_and_columns() -> None:
    """Rows have typed values; a column has one type, texts where there are several, and says which columns there are."""
    table = _table()
    assert table.records()[0] == {
        "one": "http://e/a", "other": "http://e/b", "count": 3, "share": Decimal("0.5"), "mixed": "x",
    }  # fmt: skip
    assert table.column("mixed") == ["x", "7"]
    assert table.column("count") == [3, None]
    with pytest.raises(UsageError, match="no column 'total'"):
        table.column("total")


def test_pandas_has_nullable_types() -> None:
    """Whole numbers with gaps stay whole numbers, and the frame says whether it is complete."""
    frame = _table().to_pandas()
    assert {name: str(kind) for name, kind in frame.dtypes.items()} == {
        "one": "string", "other": "string", "count": "Int64", "share": "string", "mixed": "string",
    }  # fmt: skip
    assert frame["count"].sum() == 3
    assert frame["count"].isna().tolist() == [False, True]
    assert frame.attrs == {"completeness": "truncated; rows=2", "release": "2026-01-02-abc"}


def test_polars_has_types() -> None:
    """A frame of polars has the same values."""
    import polars

    frame = _table().to_polars()
    assert frame.schema["count"] == polars.Int64
    assert frame["count"].to_list() == [3, None]
    assert Table(("n",), ((_typed("0.5", "decimal"),),)).to_polars()["n"].to_list() == [0.5]


@pytest.mark.parametrize("name", ["pandas", "polars"])
def test_what_is_not_installed_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the library there is one error with what to install."""
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(UsageError, match=f"{name} is not installed") as caught:
        getattr(_table(), f"to_{name}")()
    assert f"fundgraph[{name}]" in str(caught.value)


def test_networkx_of_a_table() -> None:
    """Rows are edges between two columns, the others are on them; a row with one end only is none."""
    graph = _table().to_networkx()
    assert list(graph.edges(data=True)) == [
        ("http://e/a", "http://e/b", {"count": 3, "share": Decimal("0.5"), "mixed": "x"})
    ]
    assert graph.graph["completeness"] == "truncated; rows=2"
    assert list(_table().to_networkx("one", "mixed").edges()) == [("http://e/a", "x"), ("http://e/b", "7")]
    with pytest.raises(UsageError, match="two columns"):
        Table(("one",), ()).to_networkx()
    with pytest.raises(UsageError, match="no column 'no'"):
        _table().to_networkx("no")


def test_html_of_a_table_is_escaped_and_says_what_it_shows() -> None:
    """What a value holds is no markup, addresses are links, and a long table says how many rows are shown."""
    rows = tuple((Term("literal", f"<b>{number}</b>"), Term("iri", 'https://e/"1')) for number in range(60))
    page = Table(("a<b", "b"), rows, "complete", (), "r1")._repr_html_()
    assert "<b>" not in page
    assert "&lt;b&gt;49" in page
    assert "&lt;b&gt;50" not in page
    assert '<a href="https://e/&quot;1">' in page
    assert "60 rows, 50 shown · complete · release r1" in page
    assert "javascript" not in Table(("a",), ((Term("iri", "javascript:x"),),))._repr_html_().replace(
        ">javascript:x<", ""
    )


def test_any_query_gives_types(tmp_path: Path) -> None:
    """A CONSTRUCT gives typed triples, for rdflib and networkx as well; a SELECT a table; an ASK a truth value."""
    small(tmp_path)
    with KnowledgeGraph.open(tmp_path) as kg:
        triples = kg.query(f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ VALUES ?s {{ <{BASE}thing/3> }} ?s ?p ?o }}")
        assert isinstance(triples, Triples)
        assert 3 in [value.python() for _, _, value in triples]
        assert len(triples.to_rdflib()) == len(triples) == triples.to_text().count("\n")
        graph = triples.to_networkx()
        assert [3] in graph.nodes[f"{BASE}thing/3"].values()
        assert triples.release == kg.release
        assert f"{BASE}thing/3" in triples._repr_html_()
        table = kg.query("SELECT (1 AS ?n) {}")
        assert isinstance(table, Table)
        assert table.records() == [{"n": 1}]
        assert kg.query("ASK {}").records() == [{"boolean": True}]  # type: ignore[union-attr]
        cut = kg.query("SELECT * { ?s ?p ?o }", max_rows=2)
        assert (len(cut), cut.completeness) == (2, "truncated; rows=2")
        assert kg.release in kg._repr_html_()


def test_links_of_triples_are_edges() -> None:
    """A link between things is an edge under its property, a text is on the node, and several are all kept."""
    graph = Triples(
        (("<e:a>", "<e:p>", "<e:b>"), ("<e:a>", "<e:n>", '"x"@en'), ("<e:a>", "<e:n>", '"y"'))
    ).to_networkx()
    assert list(graph.edges(keys=True)) == [("e:a", "e:b", "e:p")]
    assert graph.nodes["e:a"] == {"e:n": ["x", "y"]}
    assert isinstance(graph, networkx.MultiDiGraph)


def test_the_build_folder_may_be_named_by_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an argument the graph is the one that the command line would ask."""
    snapshot = small(tmp_path)
    monkeypatch.setenv("FUNDGRAPH_BUILD_DIR", str(tmp_path))
    with KnowledgeGraph.open() as kg:
        assert kg.release == snapshot.release


def test_what_is_promised_is_there() -> None:
    """Each name of the public interface can be imported from the package, and no other."""
    assert all(getattr(fundgraph, name) for name in fundgraph.__all__)
    assert set(fundgraph.__all__) <= set(dir(fundgraph))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        fundgraph.nothing  # noqa: B018

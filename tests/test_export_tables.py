"""Exports as tables and as networks: valid by their descriptions, and read back by what reads them."""

from __future__ import annotations

import io
import re
import zipfile
from decimal import Decimal
from pathlib import Path

import networkx as nx
import pytest
from lxml import etree

from fundgraph.export.archive import write_folder
from fundgraph.export.schema import TABLES
from fundgraph.export.tables import tables
from fundgraph.export.things import CLASSES, Things, full, read_triples
from fundgraph.exporting import Exporter
from fundgraph.store.snapshot import Snapshot
from tests.csvw_lint import lint, read

pytestmark = pytest.mark.slow

FG = "https://w3id.org/fundgraph/ontology#"
#: What follows from others, is said the other way round in another table, or is the label.
NOT_IN_TABLES = {
    full(name)
    for name in (
        "rdf:type", "rdfs:label", "fg:hasParticipation", "fg:hasPrincipalInvestigatorParticipation",
        "fg:hasTopicAssignment", "fg:hasPhase", "fg:worksWith", "fg:previousPhase",
    )
} | {
    "http://www.w3.org/2006/time#hasBeginning", "http://www.w3.org/2006/time#hasEnd",
    "http://www.w3.org/2006/time#intervalMeets", "http://www.w3.org/ns/prov#wasDerivedFrom",
    "http://www.w3.org/2004/02/skos/core#topConceptOf", "http://www.w3.org/2004/02/skos/core#inScheme",
    "http://www.w3.org/2002/07/owl#differentFrom", "https://schema.org/sameAs",
}  # fmt: skip


@pytest.fixture(scope="module")
def files(exporter: Exporter) -> dict[str, bytes]:
    """The tables."""
    return exporter.files("csv")


def test_tables_are_valid(files: dict[str, bytes]) -> None:
    """Every column is described, cells have their types, keys are unique, and what is referred to is there."""
    assert list(lint(files)) == []
    assert len(files) > 25


def test_tables_of_the_examples_are_valid(examples: Things) -> None:
    """So are tables of one thing of each class."""
    assert list(lint(tables(examples, "Examples"))) == []


def test_csvw_reads_the_tables(files: dict[str, bytes], tmp_path: Path) -> None:
    """The package csvw finds the description valid, keys that resolve without exception, and numbers that are numbers."""
    from csvw import CSVW, TableGroup

    write_folder(tmp_path, files)
    group = TableGroup.from_file(tmp_path / "csv-metadata.json")
    group.check_referential_integrity(strict=True)
    rows = group.read()
    assert {type(row["number"]) for row in rows["phases.csv"]} == {int}
    assert {type(row["score"]) for row in rows["topic_assignments.csv"]} == {Decimal}
    described = CSVW(str(tmp_path / "csv-metadata.json"), validate=True)
    assert described.is_valid
    assert not described.warnings


def test_the_lint_finds_faults(files: dict[str, bytes]) -> None:
    """The check says what is wrong: a cell of another type, a key twice, a row that refers to nothing."""
    people = files["people.csv"].decode()
    again = files | {"people.csv": (people + people.splitlines()[1] + "\n").encode()}
    assert any("not unique" in fault for fault in lint(again))
    broken = files | {"phases.csv": files["phases.csv"].replace(b",1,", b",one,", 1)}
    assert any("is no integer" in fault for fault in lint(broken))
    lines = people.splitlines(keepends=True)
    without = files | {"people.csv": "".join(lines[:1]).encode()}
    assert any("which people.csv has not" in fault for fault in lint(without))
    assert any("not described" in fault for fault in lint(files | {"more.csv": b"a\n"}))


def test_tables_hold_what_the_graph_holds(files: dict[str, bytes], spp_release: Snapshot) -> None:
    """Each class has as many rows as the release has instances."""
    for table in TABLES:
        count = spp_release.manifest["classes"].get(full(table.class_), 0)
        if table.class_ == "fg:Finding":
            count = sum(spp_release.manifest["findings"].values())
        rows = len(read(files[f"{table.name}.csv"])[1]) if f"{table.name}.csv" in files else 0
        assert rows == count, table.name


def test_every_class_has_a_table() -> None:
    """No class of the ontology's things is left out but the readings, which are statements about statements."""
    assert {table.class_.removeprefix("fg:") for table in TABLES} == set(CLASSES) - {"Reading"}


def test_nothing_that_is_stated_is_left_out(spp_release: Snapshot, examples: Things) -> None:
    """What is stated of a thing, and not inferred, is in a column or in a list."""
    lines = (spp_release.path / "dataset.nq").read_text(encoding="utf-8").splitlines()
    stated = [
        line
        for line in lines
        if "/graph/inferred> ." not in line and "<https://w3id.org/fundgraph/ontology> ." not in line
    ]
    triples = "".join(line.rsplit(" <", 1)[0] + " .\n" for line in stated)
    for things in (Things(read_triples(triples.encode())), examples):
        for table in TABLES:
            columns = {full(column.property) for column in table.columns} | NOT_IN_TABLES
            said = {name for thing in things.of_class(table.class_) for name in things.properties(thing)}
            said = {name for name in said if "/ns/oa#" not in name}
            assert said <= columns, table.name


def test_tables_are_sorted_and_end_in_newlines(files: dict[str, bytes]) -> None:
    """Rows are in the order of their keys, so that a difference of two releases is the rows that differ."""
    for name, data in files.items():
        if name.endswith(".csv"):
            rows = read(data)[1]
            assert [row[:2] for row in rows] == sorted(row[:2] for row in rows) or len(
                {row[0] for row in rows}
            ) == len(rows)
            assert [row[0] for row in rows] == sorted(row[0] for row in rows), name
            assert data.endswith(b"\n")
            assert b"\r\n" not in data


def test_a_second_value_makes_a_list() -> None:
    """A property that usually has one value and has two somewhere is a table of its own; nothing is dropped."""
    lines = "".join(
        f'<http://e/{thing}> <{FG}title> "{title}" .\n<http://e/{thing}> <{full("rdf:type")}> <{FG}Project> .\n'
        for thing, title in (("a", "One"), ("a", "Two"), ("b", "Three"))
    )
    files = tables(Things(read_triples(lines.encode())), "Two titles")
    assert read(files["project_title.csv"])[1] == [
        ["http://e/a", "One"], ["http://e/a", "Two"], ["http://e/b", "Three"],
    ]  # fmt: skip
    assert "title" not in read(files["projects.csv"])[0]
    assert list(lint(files)) == []


def test_the_archive_is_the_folder(exporter: Exporter, files: dict[str, bytes]) -> None:
    """The zip archive holds the same files and their sums, states no time, and compresses nothing."""
    data = b"".join(exporter.chunks("csv"))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert set(archive.namelist()) == {*files, "SHA256SUMS"}
        assert archive.read("people.csv") == files["people.csv"]
        assert {entry.date_time[0] for entry in archive.infolist()} == {1980}
        assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_STORED}


@pytest.mark.parametrize("form", ["graphml", "gexf"])
def test_networkx_reads_the_network(exporter: Exporter, spp_release: Snapshot, form: str) -> None:
    """networkx reads as many nodes of each kind as there are things, with attributes of their types."""
    data = io.BytesIO(b"".join(exporter.chunks(form)))
    graph = nx.read_graphml(data) if form == "graphml" else nx.read_gexf(data, version="1.3")
    assert graph.is_directed()
    kinds = {}
    for _, node in graph.nodes(data=True):
        kinds[node["kind"]] = kinds.get(node["kind"], 0) + 1
    classes = spp_release.manifest["classes"]
    assert kinds["person"] == classes[f"{FG}Person"]
    assert kinds["project"] == classes[f"{FG}Project"]
    assert kinds["topic"] == classes[f"{FG}Topic"]
    person = graph.nodes["https://w3id.org/fundgraph/spp2298/person/gitta-kutyniok"]
    assert (person["label"], person["honorific"], person["leads"]) == ("Gitta Kutyniok", "Prof. Dr.", True)
    project = graph.nodes[
        "https://w3id.org/fundgraph/spp2298/project/deep-learning-based-regularization-of-inverse-problems"
    ]
    assert isinstance(project["position"], int)
    of = "kind" if form == "graphml" else "label"
    ties = [(edge[of], edge) for _, _, edge in graph.edges(data=True)]
    parts = [edge for kind, edge in ties if kind == "takes part in"]
    assert len(parts) == classes[f"{FG}Participation"]
    assert {type(edge["phase"]) for edge in parts} == {int}
    assert all(isinstance(edge["score"], float) for kind, edge in ties if kind == "has topic")
    assert sum(kind == "has topic" for kind, _ in ties) == classes[f"{FG}TopicAssignment"]


def test_gexf_names_no_time_but_the_release(exporter: Exporter, spp_release: Snapshot) -> None:
    """GEXF states the day of the release, whatever day it is."""
    tree = etree.fromstring(b"".join(exporter.chunks("gexf")))
    assert tree[0].get("lastmodifieddate") == spp_release.release[:10]
    ids = [edge.get("id") for edge in tree.iter("{*}edge")]
    assert len(ids) == len(set(ids))
    assert re.fullmatch(r"\d+", ids[0])

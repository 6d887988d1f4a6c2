"""Several documents about one programme give one graph: same things, both sources, disagreements kept."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyoxigraph as ox
import pytest

from fundgraph.documents import document_from_bytes
from fundgraph.extract import extract
from fundgraph.extract.identity import resolve_identities
from fundgraph.model import Extraction, ReadingOptions
from fundgraph.pipeline import build
from fundgraph.settings import Settings

from .conftest import ROOT

FIRST = """Phase 1

A01: Ice on slow rivers
Prof. Dr. Ada Quell, Ben Bach

Abstract

-

Participants

Prof. Dr. Ada Quell
Ben Bach
"""
SECOND = """Phase 1

A01: Ice and frost on slow rivers
Prof. Dr. Ada Quell, Dr. Ben Bach, Cora Fluss

Abstract

Ice forms on slow rivers in patterns that we model by free boundary problems.

Participants

Prof. Dr. Ada Quell
Dr. Ben Bach
Cora Fluss
"""


def read(*texts: str) -> list[Extraction]:
    """Read texts as documents of one programme."""
    return resolve_identities(
        [
            extract(document_from_bytes(text.encode(), path=f"d{number}.txt", id=f"d{number}"), ReadingOptions())
            for number, text in enumerate(texts, start=1)
        ]
    )


def test_the_same_code_is_the_same_project() -> None:
    """A project with the same code keeps the first id and title; the other title is kept with its line."""
    first, second = read(FIRST, SECOND)
    assert first.projects[0].id == second.projects[0].id == "ice-on-slow-rivers"
    assert second.projects[0].title == "Ice on slow rivers"
    (other,) = second.projects[0].disagreements
    assert (other.field, other.value, other.span.line) == ("title", "Ice and frost on slow rivers", 3)
    finding = next(finding for finding in second.findings if finding.code == "disagreement")
    assert finding.span.line == 3
    assert "Ice and frost" in finding.message
    assert "d1" in finding.message


def test_the_first_reading_does_not_depend_on_later_documents() -> None:
    """Adding a document changes no id of what was there."""
    (alone,) = read(FIRST)
    together, _ = read(FIRST, SECOND)
    assert [project.id for project in alone.projects] == [project.id for project in together.projects]
    assert alone.people == together.people


def test_different_codes_are_different_projects() -> None:
    """The same people with another code and title are another project."""
    _, second = read(FIRST, SECOND.replace("A01", "A02"))
    assert second.projects[0].id != "ice-on-slow-rivers"
    assert not second.projects[0].disagreements


def test_the_abstract_is_told_by_the_document_that_has_it() -> None:
    """Where the first document has a placeholder and the second a text, the text stands."""
    first, second = read(FIRST, SECOND)
    assert "abstract" in first.projects[0].retold
    assert "abstract" not in second.projects[0].retold
    assert second.projects[0].abstract.status == "present"


@pytest.mark.slow
def test_one_graph_of_two_documents(tmp_path: Path) -> None:
    """The graph has one project with the first title, the second's abstract, all people, and the reading set apart."""
    shutil.copytree(ROOT / "tests" / "data" / "tiny", tmp_path / "tiny")
    (tmp_path / "tiny" / "facts.tsv").write_text(
        (ROOT / "tests" / "data" / "tiny" / "facts.tsv").read_text(encoding="utf-8").split("\n")[0] + "\n",
        encoding="utf-8",
    )
    (tmp_path / "tiny" / "documents" / "page.txt").write_text(FIRST, encoding="utf-8")
    (tmp_path / "tiny" / "documents" / "more.txt").write_text(SECOND, encoding="utf-8")
    with (tmp_path / "tiny" / "programme.toml").open("a", encoding="utf-8") as file:
        file.write('\n[[document]]\nfile = "documents/more.txt"\nphase = 1\n')
    report = build(Settings(data_dir=tmp_path / "tiny", build_dir=tmp_path / "build"))
    assert report.validation.conforms
    store = ox.Store.read_only(str(report.snapshot.path / "store"))
    prefix = "PREFIX fg: <https://w3id.org/fundgraph/ontology#> "
    row = next(
        iter(
            store.query(
                prefix
                + "SELECT ?t ?s ?a (COUNT(?p) AS ?n) { ?x a fg:Project; fg:title ?t; fg:abstractStatus ?s; fg:abstract ?a; fg:hasParticipant ?p } GROUP BY ?t ?s ?a"
            )
        )
    )
    assert (row["t"].value, row["s"].value, row["n"].value) == ("Ice on slow rivers", "present", "3")
    assert row["a"].value.startswith("Ice forms")
    kept = store.query(
        prefix
        + "ASK { GRAPH ?g { ?r fg:adopted false; <http://www.w3.org/1999/02/22-rdf-syntax-ns#object> 'Ice and frost on slow rivers'; fg:readFrom ?p } }"
    )
    assert bool(kept)

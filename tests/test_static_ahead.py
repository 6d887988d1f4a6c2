"""What the export of a static site does at once, aside or once only gives what one thing after the other gives."""

from __future__ import annotations

import os
import sys
from functools import partial
from pathlib import Path

import pytest

from fundgraph.errors import SiteError
from fundgraph.kg import KnowledgeGraph
from fundgraph.settings import Settings
from fundgraph.web import ahead
from fundgraph.web.panels import Panels, for_many, panel_text
from fundgraph.web.site import Site
from fundgraph.web.staticsite import beside
from fundgraph.web.staticsite.disk import Disk, files_in

_SOME = 5


def things(kg: KnowledgeGraph, kind: str) -> list[str]:
    """Some things of a kind."""
    below = f"{kg.base}{kind}/"
    query = f'SELECT DISTINCT ?it {{ ?it a ?class FILTER(STRSTARTS(STR(?it), "{below}")) }} ORDER BY ?it'
    return [row["it"] for row in kg.rows(query)[0][:_SOME]]


@pytest.mark.parametrize("kind", ahead.PANELS)
def test_fetched_at_once_is_what_each_would_get(spp_snapshot: Path, kind: str) -> None:
    """Each panel of a kind has the same rows in the same order, asked for several things at once or for each alone."""
    with KnowledgeGraph.open(spp_snapshot, Settings(build_dir=spp_snapshot)) as kg:
        iris = things(kg, kind)
        assert iris
        fetched, alone = Site(kg, Panels()), Site(kg, Panels())
        ahead.fetch(fetched, kind, iris)
        for name in ahead.PANELS[kind]:
            for iri in iris:
                assert fetched.panel(name, iri) == alone.panel(name, iri), (name, iri)


def test_fetched_ones_are_not_asked_again(spp_snapshot: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a fetch no panel of these things is asked of the graph, nor any part of what was fetched whole."""
    with KnowledgeGraph.open(spp_snapshot, Settings(build_dir=spp_snapshot)) as kg:
        iris = things(kg, "person")
        label = "http://www.w3.org/2000/01/rdf-schema#label"
        wanted = Site(kg, Panels()).rows_of("thing_statements", [label], iris[0])
        site = Site(kg, Panels())
        ahead.fetch(site, "person", iris)
        monkeypatch.setattr(kg, "rows", None)
        for name in ahead.PANELS["person"]:
            for iri in iris:
                site.panel(name, iri)
        assert wanted.rows
        assert site.rows_of("thing_statements", [label], iris[0]) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?a (COUNT(?b) AS ?n)\nWHERE { VALUES ?thing { <urn:x> } ?thing ?a ?b } GROUP BY ?a",
        "SELECT ?a\nWHERE { VALUES ?thing { <urn:x> } ?thing ?b ?a } LIMIT 3",
        "SELECT ?a\nWHERE { VALUES ?thing { <urn:x> } { SELECT ?a { ?thing ?b ?a } } }",
        "SELECT ?a ?thing\nWHERE { VALUES ?thing { <urn:x> } ?thing ?b ?a }",
        "SELECT ?a\nWHERE { ?a ?b ?c }",
    ],
)
def test_what_gathers_rows_is_asked_for_each(text: str) -> None:
    """A query whose rows depend on one another, or that is of no one thing, is not asked for several things."""
    assert for_many(text, ["urn:x", "urn:y"]) is None


def test_a_kind_has_panels_that_can_be_fetched() -> None:
    """Every panel that is named to be fetched is one that can be."""
    for names in ahead.PANELS.values():
        for name in names:
            assert for_many(panel_text(name), ["urn:x"]) is not None, name


@pytest.mark.parametrize("processors", [1, 2])
def test_aside_is_done_at_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, processors: int) -> None:
    """What is done aside is done, in order, when the block has ended, however many processors there are."""
    monkeypatch.setattr(beside, "processors", lambda: processors)
    written = tmp_path / "written"
    with beside.aside([partial(_append, written, word) for word in ("a", "b", "c")]):
        pass
    assert written.read_text().split() == ["a", "b", "c"]


def _append(path: Path, word: str) -> None:
    with path.open("a") as file:
        file.write(f"{word}\n")


@pytest.mark.parametrize("processors", [1, 2])
def test_a_fault_aside_is_told(monkeypatch: pytest.MonkeyPatch, processors: int) -> None:
    """What fails aside fails the block, with its own words."""
    monkeypatch.setattr(beside, "processors", lambda: processors)
    with pytest.raises(SiteError, match="no room"), beside.aside([_fail]):
        pass


def _fail() -> None:
    raise SiteError("no room")


@pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux only")
def test_an_end_aside_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process aside that comes to an end before it is done is an error, not a site with holes."""
    monkeypatch.setattr(beside, "processors", lambda: 2)
    with pytest.raises(SiteError, match="came to an end"), beside.aside([partial(os._exit, 0)]):
        pass


def test_files_are_named_as_seen_from_the_folder(tmp_path: Path) -> None:
    """Every file that was written is named, with its folders, and no folder is."""
    disk = Disk(tmp_path)
    for name in ("a.txt", "b/c.txt", "b/d/e.txt", "b/d/ü f.txt"):
        disk.write(name, name.encode())
    (tmp_path / "empty").mkdir()
    assert sorted(files_in(tmp_path)) == ["a.txt", "b/c.txt", "b/d/e.txt", "b/d/ü f.txt"]
    assert (tmp_path / "b/d/ü f.txt").read_text() == "b/d/ü f.txt"

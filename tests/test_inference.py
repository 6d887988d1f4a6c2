"""Inference over files of any format."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rdflib import Graph

from fundgraph.errors import InconsistencyError, RdfError, UsageError
from fundgraph.inference import FORMATS, infer_files
from fundgraph.reason import choose

ONTOLOGY = """@prefix : <http://e/> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
:p a owl:TransitiveProperty . :A rdfs:subClassOf [ owl:onProperty :p ; owl:someValuesFrom :B ] . :C owl:disjointWith :D .
"""
DATA = "<http://e/a> <http://e/p> <http://e/b> .\n<http://e/b> <http://e/p> <http://e/c> <http://e/graph> .\n"


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """Data as N-Quads and an ontology as Turtle."""
    data, ontology = tmp_path / "data.nq", tmp_path / "ontology.ttl"
    data.write_text(DATA, encoding="utf-8")
    ontology.write_text(ONTOLOGY, encoding="utf-8")
    return data, ontology


@pytest.mark.filterwarnings("ignore:.*is deprecated:DeprecationWarning")  # rdflib's own parsers
@pytest.mark.parametrize("form", sorted(FORMATS))
def test_any_format_in_and_out(files: tuple[Path, Path], form: str) -> None:
    """Files of different formats are taken together; what follows is written in each format."""
    inferred = infer_files([files[0]], [files[1]])
    out = io.BytesIO()
    inferred.write(out, form)
    theirs = {"rdfxml": "xml", "jsonld": "json-ld", "ntriples": "nt"}.get(form, form)
    graph = Graph().parse(data=out.getvalue(), format="turtle" if form == "trig" else theirs)
    assert {tuple(str(term)[-1] for term in triple) for triple in graph} == {("a", "p", "c")}
    assert inferred.asserted == 7


def test_what_is_passed_over_is_said(files: tuple[Path, Path]) -> None:
    """A construct outside of the profile is named."""
    (warning,) = infer_files([files[0]], [files[1]]).warnings
    assert warning.startswith("<http://e/A>: owl:someValuesFrom on the right of rdfs:subClassOf")


def test_blank_nodes_of_different_files(tmp_path: Path) -> None:
    """Blank nodes that two files call by the same name are two."""
    paths = [tmp_path / "one.nt", tmp_path / "two.nt"]
    paths[0].write_text("_:x <http://e/p> <http://e/a> .\n", encoding="utf-8")
    paths[1].write_text("_:x <http://e/q> <http://e/a> .\n", encoding="utf-8")
    domains = tmp_path / "domains.ttl"
    text = "<http://e/{0}> <http://www.w3.org/2000/01/rdf-schema#domain> <http://e/{1}> ."
    disjoint = "<http://e/C> <http://www.w3.org/2002/07/owl#disjointWith> <http://e/D> ."
    domains.write_text(text.format("p", "C") + text.format("q", "D") + disjoint, encoding="utf-8")
    assert infer_files(paths, [domains]).asserted == 5


def test_both_engines(files: tuple[Path, Path], tmp_path: Path) -> None:
    """The engines owlrl and rules give the same of the same files."""
    plain = tmp_path / "data.nt"
    plain.write_text(DATA.replace(" <http://e/graph>", ""), encoding="utf-8")
    found = [set(infer_files([plain], [files[1]], engine=engine).triples()) for engine in ("owlrl", "rules")]
    assert found[0] == found[1] != set()


def test_a_contradiction_in_files(files: tuple[Path, Path], tmp_path: Path) -> None:
    """A contradiction between files is an inconsistency, with its rule."""
    more = tmp_path / "more.ttl"
    more.write_text("@prefix : <http://e/> . :x a :C , :D .", encoding="utf-8")
    with pytest.raises(InconsistencyError, match="cax-dw"):
        infer_files([more], [files[1]])


def test_bad_files(files: tuple[Path, Path], tmp_path: Path) -> None:
    """A broken or missing file, an unknown engine and an unknown format are each one clear message."""
    broken = tmp_path / "broken.nt"
    broken.write_text(DATA + "this is not RDF\n", encoding="utf-8")
    with pytest.raises(RdfError) as caught:
        infer_files([broken])
    assert caught.value.place == f"{broken}:3"
    with pytest.raises(RdfError, match="cannot be read"):
        infer_files([tmp_path / "nothing.nt"])
    with pytest.raises(UsageError):
        infer_files([files[0]], engine="magic")
    with pytest.raises(UsageError):
        infer_files([files[0]]).write(io.BytesIO(), "docx")


def test_the_disk_gives_the_same(files: tuple[Path, Path]) -> None:
    """The engine on disk gives the same of files, with the same warnings and count."""
    disk, memory = (infer_files([files[0]], [files[1]], engine=engine) for engine in ("disk", "rules"))
    assert set(disk.triples()) == set(memory.triples()) != set()
    assert (disk.warnings, disk.asserted) == (memory.warnings, memory.asserted)


def test_auto_goes_by_size() -> None:
    """The engine auto is rules up to the memory that it may take, disk beyond, and what is asked for otherwise."""
    assert choose("auto", 500 << 20, 512) == "rules"
    assert choose("auto", 513 << 20, 512) == "disk"
    assert choose("auto", 1) == "rules"
    assert choose("rules", 513 << 20, 512) == "rules"


@pytest.mark.slow
def test_a_large_file_is_inferred_on_disk(files: tuple[Path, Path], tmp_path: Path) -> None:
    """A file that would take more than the memory allowed is inferred on disk without being asked for."""
    large = tmp_path / "large.nt"
    large.write_text(
        "".join(f"<http://e/{n:040}> <http://e/p> <http://e/m{n}> .\n" for n in range(600_000)), encoding="utf-8"
    )
    inferred = infer_files([large, files[0]], [files[1]], memory=96)
    assert "SpillingClosure" in repr(inferred.triples)
    assert inferred.asserted == 600_007
    assert [triple[0] for triple in inferred.triples()] == ["<http://e/a>"]

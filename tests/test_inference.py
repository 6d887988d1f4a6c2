"""Inference over files of any format."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rdflib import Graph

from fundgraph.errors import InconsistencyError, RdfError, UsageError
from fundgraph.inference import FORMATS, infer_files

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

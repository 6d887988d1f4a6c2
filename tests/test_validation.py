"""Validation in a build and on the command line: severities, before and after inference, which validator."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from rdflib import RDF, RDFS, SH, Graph, Literal, URIRef

from fundgraph import assets
from fundgraph.cli import commands
from fundgraph.errors import UsageError, ValidationError
from fundgraph.ntriples import Statements
from fundgraph.pipeline import build, validate_data
from fundgraph.settings import Settings
from fundgraph.validate import SEVERITIES
from fundgraph.validation import SMALL, Validation, chosen, validate_graph, validate_large
from fundgraph.vocab import FG
from tests.shacl_cases import world

pytestmark = pytest.mark.slow

PROJECT = URIRef("https://w3id.org/fundgraph/example/project/deep-examples")
PERSON = URIRef("https://w3id.org/fundgraph/example/person/max-mueller")
FAULTS = {"error": (PROJECT, FG.title), "warning": (PERSON, FG.name), "info": (PERSON, FG.familyName)}


def _graph(without: str | None = None) -> Graph:
    graph = Graph()
    for triple in world():
        graph.add(triple)
    if without == "warning":
        graph.add((PERSON, FG.name, Literal("Max Mueller")))
    elif without is not None:
        graph.remove((*FAULTS[without], None))
    return graph


def _file(folder: Path, without: str | None = None) -> str:
    path = folder / "data.ttl"
    _graph(without).serialize(path, format="turtle")
    return str(path)


@pytest.mark.parametrize("validator", ["pyshacl", "compiled"])
@pytest.mark.parametrize(("severity", "code"), [("error", 1), ("warning", 0), ("info", 0)])
def test_only_a_violation_fails(validator: str, severity: str, code: int, tmp_path: Path) -> None:
    """A Violation gives exit 1, a Warning and an Info exit 0, and the strict mode makes a Warning fail."""
    arguments = ["validate", _file(tmp_path, severity), "--validator", validator, "--no-inference"]
    run = CliRunner().invoke(commands, arguments)
    assert run.exit_code == code
    assert [line.split()[0] for line in run.stdout.splitlines()] == [severity]
    if validator == "compiled":
        strict = CliRunner().invoke(commands, [*arguments, "--strict"])
        assert strict.exit_code == (0 if severity == "info" else 1)


def test_the_severities_are_those_of_shacl() -> None:
    """Every shape has one of the three severities that a report knows, and each is used."""
    shapes = Graph()
    for path in assets.shapes_dir().glob("*.ttl"):
        shapes.parse(path)
    assert set(shapes.objects(None, SH.severity)) == set(SEVERITIES.values())


def test_a_violation_stops_a_build_with_its_line(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error names document, line and message; a Warning does not stop, and is in the report; an Info is counted."""
    report = build(Settings(data_dir=tiny, build_dir=tmp_path / "good"))
    assert report.validation.conforms
    counts = report.validation.counts
    assert report.snapshot.manifest["validation"] == counts
    assert counts["warning"] + counts["info"] > 0
    shapes = tmp_path / "shapes"
    shapes.mkdir()
    (shapes / "Odd.ttl").write_text(
        f"@prefix sh: <{SH}> . @prefix fg: <{FG}> .\n"
        "fg:OddShape a sh:PropertyShape ; sh:targetClass fg:Project ; sh:path fg:title ; sh:maxLength 1 ;\n"
        '    sh:severity sh:Violation ; sh:message "Too long."@en .\n',
        encoding="utf-8",
    )
    monkeypatch.setattr(assets, "shapes_dir", lambda: shapes)
    with pytest.raises(ValidationError, match=r"error  [\w-]+:\d+  .*Too long\.") as caught:
        build(Settings(data_dir=tiny, build_dir=tmp_path / "bad"))
    assert caught.value.exit_code == 1
    assert not (tmp_path / "bad" / "current").exists()


def test_both_reports_of_a_build_are_kept_apart(tiny: Path, tmp_path: Path) -> None:
    """The snapshot has the report before inference and that after it, in files and in the report graph."""
    snapshot = build(Settings(data_dir=tiny, build_dir=tmp_path)).snapshot
    told = json.loads((snapshot.path / "report.json").read_text(encoding="utf-8"))
    assert told["validator"] == "compiled"
    assert told["left_to_pyshacl"] == []
    assert told["after_inference"]["counts"] == snapshot.manifest["validation_after_inference"]
    graph = Graph().parse(snapshot.path / "report.ttl")
    reports = {graph.value(report, FG.afterInference) for report in graph.subjects(RDF.type, SH.ValidationReport)}
    assert reports == {Literal(False), Literal(True)}
    page = (snapshot.path / "report.html").read_text(encoding="utf-8")
    assert page.index("Before inference") < page.index("After inference")
    assert "What to do" in page


@pytest.mark.parametrize("validator", ["pyshacl", "compiled"])
def test_what_only_rules_bring_to_light_is_reported_apart(validator: str) -> None:
    """A second title by a sub-property is nothing before inference, and a Warning after it."""
    data = _graph()
    also = URIRef("https://example.org/alsoTitle")
    data.add((also, RDFS.subPropertyOf, FG.title))
    data.add((PROJECT, also, Literal("Deeper examples")))
    before, after = validate_graph(data, assets.shapes_dir(), validator)
    new = {result.shape.rsplit("#", 1)[-1] for result in set(after.results) - set(before.results)}
    assert (before.inferred, after.inferred) == (False, True)
    assert "Project-title-single" in new
    assert "Project-title-single" not in {result.shape.rsplit("#", 1)[-1] for result in before.results}


def test_a_contradiction_leaves_the_first_report() -> None:
    """Data that contradict the ontology are still validated as asserted, and it is said why no more."""
    data = _graph("error")
    data.parse(assets.ontology_dir() / "fundgraph.ttl")
    data.add((PROJECT, RDF.type, FG.Person))
    said: list[str] = []
    reports = validate_graph(data, assets.shapes_dir(), "compiled", say=said.append)
    assert [report.inferred for report in reports] == [False]
    assert said[0].startswith("not validated after inference: ")


def test_the_validator_is_chosen_by_size() -> None:
    """Small data are the reference's; large data, and builds, are for compiled shapes; a name is obeyed."""
    assert [chosen("auto", SMALL), chosen("auto", SMALL + 1)] == ["pyshacl", "compiled"]
    assert [chosen(name, size) for name in ("pyshacl", "compiled") for size in (1, 10**7)] == [
        "pyshacl", "pyshacl", "compiled", "compiled",
    ]  # fmt: skip
    with pytest.raises(UsageError, match="no validator"):
        Settings.load(environ={"FUNDGRAPH_VALIDATOR": "magic"})


def test_data_that_the_store_cannot_hold_go_to_pyshacl() -> None:
    """An IRI that is none is no reason to give up: pySHACL validates, and the report says so."""
    data = _graph("error")
    data.add((URIRef("has space"), RDFS.label, Literal("odd")))
    report = Validation(data, assets.shapes_dir(), "compiled").before()
    assert report.validator == "pyshacl"
    assert list(report.left_out) == ["every shape"]
    assert report.counts["error"] == 1


def test_large_files_need_no_rdflib(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files above the limit give the same report as small ones, before inference only, and it is said."""
    path = Path(_file(tmp_path, "error"))
    small = validate_data(Settings(validator="compiled"), [path], inference=False)
    monkeypatch.setattr("fundgraph.validation.SMALL_FILES", 1)
    said: list[str] = []
    large = validate_data(Settings(), [path], say=said.append)
    assert large == small
    assert large[0].validator == "compiled"
    assert said == ["the files are large: validated before inference only"]
    assert validate_large([path], Statements(), assets.shapes_dir()).counts["error"] == 1

"""The command line: stdout is data, stderr is talk, and the exit status says who has to act."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pyoxigraph as ox
import pytest
from click.testing import CliRunner, Result
from rdflib import Graph

from fundgraph import __version__
from fundgraph.cli import commands

from .conftest import PAGE, ROOT


def run(*arguments: str | Path, stdin: str | None = None) -> Result:
    """Run a command in this process; an exception that is not ours comes through."""
    return CliRunner().invoke(
        commands, [str(argument) for argument in arguments], input=stdin, catch_exceptions=False
    )


def test_module_and_command_are_the_same() -> None:
    """python -m fundgraph is the command fundgraph."""
    module = subprocess.run(
        [sys.executable, "-m", "fundgraph", "--version"],
        capture_output=True, text=True, check=True, env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
    )  # fmt: skip
    assert module.stdout == f"fundgraph, version {__version__}\n" == run("--version").stdout


@pytest.mark.slow
def test_build_and_info(tiny: Path, tmp_path: Path) -> None:
    """build prints the release on stdout and its progress on stderr; info shows the snapshot."""
    out = tmp_path / "build"
    result = run("build", tiny, "--build-dir", out)
    assert result.exit_code == 0, result.stderr
    assert "release" in result.stdout
    assert "infer" in result.stderr
    assert "facts.tsv:4: no document names the person 'Nobody Here'" in result.stderr
    manifest = json.loads(run("build", tiny, "--build-dir", out, "-f", "json").stdout)
    info = json.loads(run("info", "--build-dir", out, "-f", "json").stdout)
    assert info["snapshot"] == manifest
    assert info["version"] == __version__
    assert manifest["release"] in run("info", "--build-dir", out).stdout


def test_info_without_a_snapshot(tmp_path: Path) -> None:
    """info works where nothing was built yet, and says what to do."""
    result = run("info", "--build-dir", tmp_path)
    assert result.exit_code == 0
    assert "fundgraph build" in result.stdout


def test_extract_json() -> None:
    """extract -f json prints one object for a document, with the keys of the interface."""
    data = json.loads(run("extract", PAGE, "-f", "json").stdout)
    assert set(data) == {"document", "programme", "phase", "projects", "people", "claims", "findings", "coverage"}
    assert len(data["projects"]) == 24
    assert data["phase"]["number"] == 1
    person = data["projects"][0]["people"][0]
    assert (person["name"], person["honorific"], person["line"], person["is_pi"]) == (
        "Martin Eigel",
        "Dr.",
        4,
        True,
    )


def test_extract_several_and_other_formats(tiny: Path) -> None:
    """Several documents give an array; the table and Turtle name the people; nothing is stored."""
    page = tiny / "documents" / "page.txt"
    assert len(json.loads(run("extract", PAGE, page, "-f", "json").stdout)) == 2
    table = run("extract", page).stdout
    assert "Braided streams and random trees" in table
    assert "Prof. Dr. Ada Quell" in table
    graph = Graph().parse(data=run("extract", page, "-f", "turtle").stdout, format="turtle")
    assert len(graph) > 50


@pytest.mark.parametrize("form", ["table", "csv", "tsv", "json", "xml"])
def test_query_forms(spp_snapshot: Path, form: str) -> None:
    """A query from standard input is answered in each form."""
    text = "PREFIX fg: <https://w3id.org/fundgraph/ontology#> SELECT (COUNT(*) AS ?n) WHERE { ?x a fg:Project }"
    result = run("query", "-", "-f", form, "--build-dir", spp_snapshot, stdin=text)
    assert result.exit_code == 0, result.stderr
    assert "24" in result.stdout


def test_query_by_id_and_file(spp_snapshot: Path, tmp_path: Path) -> None:
    """A canned query takes parameters; the same text from a file gives the same answer."""
    canned = run(
        "query", "person-projects", "-p", "person=martin-burger", "-f", "csv", "--build-dir", spp_snapshot
    )
    assert canned.exit_code == 0, canned.stderr
    assert "Deep-Learning Based Regularization of Inverse Problems" in canned.stdout
    assert "Foundations of Supervised Deep Learning for Inverse Problems" in canned.stdout
    path = tmp_path / "own.rq"
    shutil.copy(ROOT / "queries" / "projects-without-abstract.rq", path)
    assert (
        run("query", path, "-f", "csv", "--build-dir", spp_snapshot).stdout
        == run("query", "projects-without-abstract", "-f", "csv", "--build-dir", spp_snapshot).stdout
    )


@pytest.mark.parametrize(
    ("arguments", "stdin", "says"),
    [
        (["no-such-question"], None, "no-such-question"),
        (["person-projects", "-p", "person"], None, "NAME=VALUE"),
        (["person-projects", "-p", "colour=red"], None, "colour"),
        (["person-projects", "-p", "person=a", "-p", "person=b"], None, "twice"),
        (["-"], "SELECT * WHERE { ?s ?p", "<line 1"),
        (["-"], "SELECT * WHERE { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }", "SERVICE"),
        (["-"], "SELECT * FROM <file:///etc/passwd> WHERE { ?s ?p ?o }", "file:///etc/passwd"),
        (["-"], "INSERT DATA { <http://e/a> <http://e/b> 1 }", "update"),
    ],
)
def test_wrong_queries(spp_snapshot: Path, arguments: list[str], stdin: str | None, says: str) -> None:
    """A wrong query is one message on stderr, exit 2, nothing on stdout."""
    result = run("query", *arguments, "--build-dir", spp_snapshot, stdin=stdin)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith("error: ")
    place = says.removeprefix("<line ")
    assert says in result.stderr or (says.startswith("<line") and f"{place}:" in result.stderr)


@pytest.mark.slow
def test_export_round_trips(spp_snapshot: Path, tmp_path: Path) -> None:
    """Exports parse, and hold what they should: nquads and trig every quad, turtle the open graphs' union."""
    target = tmp_path / "all.nq"
    assert run("export", "-f", "nquads", "-o", target, "--build-dir", spp_snapshot).exit_code == 0
    assert target.read_bytes() == (spp_snapshot / "current" / "dataset.nq").read_bytes()
    counts = {}
    for form in ("trig", "jsonld"):
        result = run("export", "-f", form, "--build-dir", spp_snapshot)
        known = {"trig": ox.RdfFormat.TRIG, "jsonld": ox.RdfFormat.JSON_LD}[form]
        counts[form] = len(set(ox.parse(result.stdout_bytes, format=known)))
    assert counts["trig"] == counts["jsonld"] == target.read_bytes().count(b"\n")
    turtle = run("export", "-f", "turtle", "--build-dir", spp_snapshot).stdout
    assert "project:adaptive-neural-tensor-networks-for-parametric-pdes" in turtle
    assert "spp2298/finding/phase1" not in turtle  # the ontology's example of one is
    topics = run(
        "export",
        "-f",
        "ntriples",
        "--graph",
        "<https://w3id.org/fundgraph/spp2298/graph/topics>",
        "--build-dir",
        spp_snapshot,
    )
    assert 500 < topics.stdout.count("\n") < 5000


def test_export_of_what_is_not_there(spp_snapshot: Path, tmp_path: Path) -> None:
    """An unknown format or graph is exit 2, and leaves no half-written file."""
    target = tmp_path / "x.ttl"
    wrong = run("export", "-f", "word", "-o", target, "--build-dir", spp_snapshot)
    assert (wrong.exit_code, target.exists()) == (2, False)
    assert "turtle" in wrong.stderr
    wrong = run("export", "--graph", "<http://e/none>", "-o", target, "--build-dir", spp_snapshot)
    assert (wrong.exit_code, target.exists()) == (2, False)
    assert "<http://e/none>" in wrong.stderr


@pytest.mark.slow
def test_validate(tmp_path: Path) -> None:
    """validate is exit 0 for the shipped data; exit 1 for a file with a fault, which it names."""
    good = run("validate", "-f", "json", "--validator", "compiled")
    assert good.exit_code == 0
    assert json.loads(good.stdout)["conforms"] is True
    bad = tmp_path / "bad.ttl"
    bad.write_text(
        "<https://example.org/r/project/x> a <https://w3id.org/fundgraph/ontology#Project> .", encoding="utf-8"
    )
    result = run("validate", bad)
    assert result.exit_code == 1
    assert "title" in result.stdout
    graph = Graph().parse(data=run("validate", bad, "-f", "turtle").stdout, format="turtle")
    assert len(graph) > 5
    assert "<table" in run("validate", bad, "-f", "html").stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "page.txt"),
        (b"", "empty"),
        (b"  \n\n \t\n", "empty"),
        (bytes(range(256)) * 20, "page.txt"),
        (b"A letter about nothing in particular.\n", "no project was found"),
    ],
    ids=["missing", "empty", "blank", "binary", "no-project"],
)
def test_bad_documents(tiny: Path, tmp_path: Path, content: bytes | None, says: str) -> None:
    """A document that cannot be read is one clear message with its file, exit 2, nothing switched."""
    out = tmp_path / "build"
    assert run("build", tiny, "--build-dir", out).exit_code == 0
    before = (out / "current").resolve()
    page = tiny / "documents" / "page.txt"
    if content is None:
        page.unlink()
    else:
        page.write_bytes(content)
    result = run("build", tiny, "--build-dir", out)
    assert result.exit_code == 2
    assert says in result.stderr
    assert "page.txt" in result.stderr
    assert len([line for line in result.stderr.splitlines() if line.startswith("error: ")]) == 1
    assert (out / "current").resolve() == before


@pytest.mark.slow
def test_a_wrongly_encoded_document_is_read_and_reported(tiny: Path, tmp_path: Path) -> None:
    """A page in an old encoding is read as that; a byte that fits nowhere becomes a finding, never a traceback."""
    page = tiny / "documents" / "page.txt"
    page.write_bytes(page.read_text(encoding="utf-8").replace("Dora Strom", "Dörte Strom").encode("cp1252"))
    assert run("build", tiny, "--build-dir", tmp_path / "build").exit_code == 0
    assert "Dörte Strom" in run("query", "-", "--build-dir", tmp_path / "build", stdin=(
        "SELECT ?n WHERE { ?p <https://w3id.org/fundgraph/ontology#name> ?n } ORDER BY ?n")).stdout  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "content", "place"),
    [
        ("programme.toml", "[programme]\nname = \n", "programme.toml:2"),
        ("topics.ttl", "@prefix e: <http://e/> .\n\ne:a e:b ;;; \n", "topics.ttl:"),
        ("facts.tsv", "a\tb\n", "facts.tsv:1"),
    ],
)
def test_broken_sources(tiny: Path, tmp_path: Path, name: str, content: str, place: str) -> None:
    """A broken description, topic scheme or table is one message with file and line, exit 2."""
    (tiny / name).write_text(content, encoding="utf-8")
    result = run("build", tiny, "--build-dir", tmp_path / "build")
    assert result.exit_code == 2
    assert place in result.stderr
    assert not (tmp_path / "build" / "current").exists()


def test_a_directory_without_a_programme(tmp_path: Path) -> None:
    """build of a folder without a programme says so, exit 2."""
    result = run("build", tmp_path, "--build-dir", tmp_path / "build")
    assert result.exit_code == 2
    assert "programme.toml" in result.stderr


def test_serve_one_request(spp_snapshot: Path) -> None:
    """serve --get answers one request without a server; an error status is exit 2."""
    result = run("serve", "--build-dir", spp_snapshot, "--get", "/healthz")
    assert result.exit_code == 0, result.stderr
    missing = run("serve", "--build-dir", spp_snapshot, "--get", "/no/such/page")
    assert missing.exit_code == 2

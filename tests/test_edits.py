"""Writes to a programme's dataset: through the gate, for good, one after the other, and never half."""

from __future__ import annotations

import base64
import dataclasses
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

import fundgraph
from fundgraph.errors import (
    ConflictError,
    InconsistencyError,
    InputError,
    QueryDeadlineError,
    QuerySyntaxError,
    UnknownGraphError,
    ValidationError,
    WriteRefusedError,
)
from fundgraph.kg import KnowledgeGraph
from fundgraph.pipeline import build
from fundgraph.settings import Settings
from fundgraph.store.changes import Change, Part
from fundgraph.store.patches import read_patches
from fundgraph.store.snapshot import current_snapshot
from fundgraph.web.access import hash_of
from fundgraph.web.app import create_app
from fundgraph.web.gate import Gate
from fundgraph.web.gating import write
from tests.conftest import ROOT
from tests.test_engine_workers import soon

pytestmark = pytest.mark.slow

FG = "https://w3id.org/fundgraph/ontology#"
SOURCES = Path(fundgraph.__file__).resolve().parents[1]
DYING = """
import json, os, signal, sys
import fundgraph.release as release
import fundgraph.web.gating as gating
def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)
(place,) = [one for one in (release, gating, json) if hasattr(one, sys.argv[1])]
setattr(place, sys.argv[1], die)
gating.main()
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A snapshot of the small programme."""
    folder = tmp_path_factory.mktemp("edits") / "build"
    build(Settings(build_dir=folder, data_dir=ROOT / "tests" / "data" / "tiny"))
    return folder


@pytest.fixture
def settings(built: Path, tmp_path: Path) -> Settings:
    """Settings for a copy of that snapshot."""
    shutil.copytree(built, tmp_path / "build", symlinks=True)
    return Settings(build_dir=tmp_path / "build", data_dir=ROOT / "tests" / "data" / "tiny")


def base_of(settings: Settings) -> str:
    """The base of the dataset."""
    return current_snapshot(settings.build_dir).base


def people_of(settings: Settings) -> list[str]:
    """The IRIs of the programme's people."""
    kind = f" <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{FG}Person> "
    lines = [line for line in dataset(settings).splitlines() if kind in line and "/inferred>" not in line]
    return sorted({line.split()[0].strip("<>") for line in lines})


def dataset(settings: Settings) -> str:
    """The current dataset."""
    return (current_snapshot(settings.build_dir).path / "dataset.nq").read_text(encoding="utf-8")


def insert(settings: Settings, number: int) -> Change:
    """An update that gives a person another homepage."""
    return Change(
        "update",
        text=f"INSERT DATA {{ <{people_of(settings)[0]}> <{FG}homepage> <https://example.org/{number}> }}",
    )


def test_an_update_is_kept(settings: Settings) -> None:
    """A write makes a release of its own; building again from the documents gives the same dataset to the byte."""
    old = current_snapshot(settings.build_dir)
    new, created = write(settings, insert(settings, 1))
    assert (created, new.release != old.release) == (False, True)
    edits = f"<{base_of(settings)}graph/edits>"
    assert f"<https://example.org/1> {edits} ." in dataset(settings)
    assert current_snapshot(settings.build_dir).release == new.release
    assert new.manifest["edits"] == {"count": 1, "last": 1}
    assert new.manifest["inputs"] == old.manifest["inputs"]
    assert (new.path / "documents").is_dir()
    assert (new.path / "report.html").is_file()
    again = build(settings).snapshot
    assert again.manifest["hash"] == new.manifest["hash"]
    assert write(settings, insert(settings, 1))[0].release == again.release, "nothing new, so no release"


def test_what_follows_follows(settings: Settings) -> None:
    """What an edit implies is inferred, and what it takes away is no longer implied."""
    people = people_of(settings)
    works = f"{FG}worksWith"
    here = dataset(settings)
    one, other = next(
        (a, b)
        for a in people
        for b in people
        if a < b and f"<{a}> <{works}> <{b}>" not in here and f"<{b}> <{works}> <{a}>" not in here
    )
    implied = f"<{other}> <{works}> <{one}> <{base_of(settings)}graph/inferred> ."
    write(settings, Change("update", text=f"INSERT DATA {{ <{one}> <{works}> <{other}> }}"))
    assert implied in dataset(settings)
    write(settings, Change("update", text=f"DELETE DATA {{ <{one}> <{works}> <{other}> }}"))
    assert implied not in dataset(settings)


GRAPH = "http://example.org/graph"


def test_graphs(settings: Settings) -> None:
    """PUT makes and replaces, POST adds, DELETE removes; blank nodes get IRIs, lexical forms stay."""
    base = f"{GRAPH}/"

    def send(kind: str, text: str = "", graph: str | None = GRAPH) -> bool:
        parts = (Part("turtle", text.encode(), base),) if text else ()
        return write(settings, Change(kind, graph=graph, parts=parts))[1]

    assert send("put", "<a> <b> [ <c> '007'^^<http://www.w3.org/2001/XMLSchema#integer> ] .")
    lines = [line for line in dataset(settings).splitlines() if line.endswith(f"<{GRAPH}> .")]
    assert len(lines) == 2
    assert not any("_:" in line for line in lines)
    assert any('"007"' in line for line in lines)
    assert not send("put", "<a> <b> <d> .")
    assert dataset(settings).count(f" <{GRAPH}> .") == 1
    assert not send("post", "<a> <b> <e> .")
    assert dataset(settings).count(f" <{GRAPH}> .") == 2
    send("post", "<a> <b> <inbox> .", None)
    assert f"<{base}inbox> <{base_of(settings)}graph/edits> ." in dataset(settings)
    send("delete")
    assert f" <{GRAPH}> ." not in dataset(settings)
    with pytest.raises(UnknownGraphError):
        send("delete")


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (Change("update", text="DROP ALL"), WriteRefusedError),
        (Change("update", text="INSERT DATA { GRAPH <{base}graph/inferred> { <a:a> <a:b> <a:c> } }"), WriteRefusedError),
        (Change("update", text="DELETE WHERE { ?x a <https://w3id.org/fundgraph/ontology#PrincipalInvestigator> }"), WriteRefusedError),
        (Change("put", graph="https://w3id.org/fundgraph/ontology", parts=()), WriteRefusedError),
        (Change("put", graph=None, parts=()), WriteRefusedError),
        (Change("delete", graph=None), WriteRefusedError),
        (Change("update", text="LOAD <http://example.org/x>"), WriteRefusedError),
        (Change("update", text="INSERT DATA {"), QuerySyntaxError),
        (Change("update", text="CREATE GRAPH <{base}graph/topics>"), ConflictError),
        (Change("update", text="DELETE { ?x fg:name ?n } WHERE { ?x a fg:Person ; fg:name ?n }"), ValidationError),
        (Change("update", text="INSERT DATA { <a:a> a fg:Person, fg:Project }"), (ValidationError, InconsistencyError)),
    ],
    ids=lambda value: value.text[:40] or value.kind if isinstance(value, Change) else "",
)  # fmt: skip
def test_refusals(settings: Settings, change: Change, error: Any) -> None:
    """What the gate does not let through leaves no trace: the same release, no edit, no unfinished folder."""
    text = change.text.replace("{base}", base_of(settings))
    if "fg:" in text:
        text = f"PREFIX fg: <{FG}> {text}"
    before = current_snapshot(settings.build_dir).release
    with pytest.raises(error):
        write(settings, dataclasses.replace(change, text=text))
    assert current_snapshot(settings.build_dir).release == before
    assert not list(settings.edits.glob("*")) if settings.edits.is_dir() else True


def order(settings: Settings, change: Change) -> bytes:
    """What the process that writes reads from its standard input."""
    given = {
        name: str(value) if isinstance(value, Path) else value
        for name, value in dataclasses.asdict(settings).items()
    }
    return json.dumps(
        {"settings": given, "change": base64.b64encode(change.encode()).decode(), "only_if": None}
    ).encode()


def run(settings: Settings, change: Change, answer: Path, *command: str) -> subprocess.Popen[bytes]:
    """Start a process that writes; its answer goes into a file."""
    with answer.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, *command],
            stdin=subprocess.PIPE,
            stdout=output,
            env={**os.environ, "PYTHONPATH": str(SOURCES)},
        )
    assert process.stdin is not None
    process.stdin.write(order(settings, change))
    process.stdin.close()
    return process


@pytest.mark.parametrize(
    ("at", "accepted"),
    [
        ("infer_statements", False),
        ("write_dataset", False),
        ("stage", False),
        ("commit", False),
        ("finish", True),
        ("dump", True),
    ],
)
def test_killed_in_the_middle(settings: Settings, tmp_path: Path, at: str, accepted: bool) -> None:
    """Killed at any step, a write either never was, or is there for good after the next one; the dataset stays whole."""
    before = current_snapshot(settings.build_dir).release
    process = run(settings, insert(settings, 1), tmp_path / "answer", "-c", DYING, at)
    assert process.wait(120) == -signal.SIGKILL
    now = current_snapshot(settings.build_dir).release
    assert (now == before) == (at != "dump"), "only the last of them had switched"
    assert len(read_patches(settings.edits, base_of(settings))) == accepted
    if at == "finish":
        write(settings, None)
        assert "https://example.org/1" in dataset(settings), "as a server does when it starts"
    write(settings, insert(settings, 2))
    assert ("https://example.org/1" in dataset(settings)) == accepted
    assert "https://example.org/2" in dataset(settings)
    assert not list((settings.build_dir / "releases").glob(".unfinished*"))


def test_two_writers(settings: Settings, tmp_path: Path) -> None:
    """Two processes that write at once both succeed, one after the other, and neither loses the other's edit."""
    files = {number: tmp_path / f"answer-{number}" for number in (1, 2)}
    both = [run(settings, insert(settings, n), file, "-m", "fundgraph.web.gating") for n, file in files.items()]
    assert [process.wait(120) for process in both] == [0, 0]
    assert len({json.loads(file.read_text())["release"] for file in files.values()}) == 2
    assert all(f"https://example.org/{number}" in dataset(settings) for number in files)
    assert [patch.number for patch in read_patches(settings.edits, base_of(settings))] == [1, 2]


def test_meant_for_another_release(settings: Settings) -> None:
    """A write that is meant for a release that is no longer there is refused."""
    with pytest.raises(ConflictError):
        write(settings, insert(settings, 1), only_if="2020-01-01-00000000")


def test_broken_patch(settings: Settings) -> None:
    """A patch that was broken by hand stops the build, with file and line."""
    write(settings, insert(settings, 1))
    (path,) = settings.edits.glob("*.rdfp")
    path.write_text(path.read_text().replace("A <", "B <"), encoding="utf-8")
    with pytest.raises(InputError, match=r"000001\.rdfp:5"):
        build(settings)


def test_over_http(settings: Settings) -> None:
    """A write over HTTP is answered when it can be read; SHACL's word comes back as 422; a reader needs no token."""
    settings = dataclasses.replace(settings, workers=1, token_hash=hash_of("mine"))
    with KnowledgeGraph.open(settings.build_dir, settings, served=True) as kg:
        assert kg.is_ready(20)
        client = create_app(kg, settings).test_client()
        held = {"Authorization": "Bearer mine"}
        turtle = {"data": "<https://x.example/a> <https://x.example/b> 1 .", "content_type": "text/turtle"}
        at = f"/graph-store?graph={GRAPH}"
        assert client.put(at, **turtle).status_code == 401
        assert client.get(at).status_code == 404
        made = client.put(at, **turtle, headers=held)
        assert (made.status_code, made.headers["Location"]) == (
            201,
            "http://localhost" + at.replace(GRAPH, quote(GRAPH, "")),
        )
        assert made.headers["Fundgraph-Release"] == kg.release
        read = client.get(at)
        assert (read.status_code, "x.example/b" in read.text) == (200, True)
        assert client.head(at).headers["ETag"] == read.headers["ETag"]
        assert client.put("/graph-store?default", **turtle, headers=held).status_code == 403
        bad = f"PREFIX fg: <{FG}> DELETE {{ ?x fg:name ?n }} WHERE {{ ?x a fg:Person ; fg:name ?n }}"
        refused = client.post("/update", data={"update": bad}, headers=held)
        assert (refused.status_code, refused.mimetype) == (422, "application/problem+json")
        assert "SHACL" in refused.json["detail"]
        assert client.post("/sparql", data={"update": "DROP ALL"}, headers=held).status_code == 403, "queries only"
        assert client.get(at).headers["ETag"] == read.headers["ETag"]
        release = kg.release
    stopped = dataclasses.replace(settings, write_timeout=0.2)
    with KnowledgeGraph.open(settings.build_dir, stopped, served=True) as kg:
        with pytest.raises(QueryDeadlineError):
            Gate(kg, stopped).write(insert(settings, 5))
        assert kg.release == current_snapshot(settings.build_dir).release == release


def test_a_server_takes_up_what_was_accepted(settings: Settings, tmp_path: Path) -> None:
    """What was accepted before a crash is published when a server with a token starts."""
    process = run(settings, insert(settings, 1), tmp_path / "answer", "-c", DYING, "finish")
    assert process.wait(120) == -signal.SIGKILL
    assert "https://example.org/1" not in dataset(settings)
    settings = dataclasses.replace(settings, workers=1, token_hash=hash_of("mine"))
    with KnowledgeGraph.open(settings.build_dir, settings, served=True) as kg:
        create_app(kg, settings)
        assert soon(lambda: "https://example.org/1" in dataset(settings), 60)

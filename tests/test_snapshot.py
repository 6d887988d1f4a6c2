"""Snapshots: written whole or not at all, the same inputs giving the same bytes."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyoxigraph as ox
import pytest

from fundgraph.errors import NoSnapshotError
from fundgraph.pipeline import build
from fundgraph.settings import Settings
from fundgraph.store.dataset import canonical_quads
from fundgraph.store.snapshot import build_lock, current_snapshot, releases

from .conftest import ROOT

TINY = ROOT / "tests" / "data" / "tiny"


def is_whole(path: Path) -> bool:
    """Tell whether a release on disk is what its manifest says, byte for byte, and its store opens."""
    manifest = json.loads((path / "manifest.json").read_text(encoding="utf-8"))
    data = (path / "dataset.nq").read_bytes()
    store = ox.Store.read_only(str(path / "store"))
    named = sum(1 for quad in store if quad.graph_name != ox.DefaultGraph())
    return (
        hashlib.sha256(data).hexdigest() == manifest["hash"]
        and data.count(b"\n") == manifest["quads"] == named
        and all((path / f"report.{suffix}").is_file() for suffix in ("ttl", "json", "html"))
    )


def test_the_layout(spp_snapshot: Path) -> None:
    """A snapshot has the files of the interface, and its id is the day and the hash's first eight digits."""
    current = spp_snapshot / "current"
    assert current.is_symlink()
    assert is_whole(current)
    manifest = json.loads((current / "manifest.json").read_text(encoding="utf-8"))
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}-[0-9a-f]{8}", manifest["release"])
    assert manifest["release"].endswith(manifest["hash"][:8])
    assert current.resolve().name == manifest["release"]
    assert {"read", "map", "validate", "infer", "write", "total"} <= set(manifest["timings"])
    assert {"fundgraph", "rdflib", "owlrl", "pyshacl", "pyoxigraph"} == set(manifest["versions"])
    sources = {item["path"]: item["sha256"] for item in manifest["inputs"]}
    page = (ROOT / "data" / "spp2298" / "documents" / "phase1.txt").read_bytes()
    assert sources["documents/phase1.txt"] == hashlib.sha256(page).hexdigest()


def test_the_hash_is_that_of_the_canonical_dataset(spp_snapshot: Path) -> None:
    """The manifest's hash is the SHA-256 of the RDFC-1.0 form that pyoxigraph makes of the whole dataset."""
    path = spp_snapshot / "current" / "dataset.nq"
    dataset = ox.Dataset(ox.parse(path=str(path), format=ox.RdfFormat.N_QUADS))
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    lines = sorted(ox.serialize([quad], format=ox.RdfFormat.N_QUADS) or b"" for quad in dataset)
    assert b"".join(lines) == path.read_bytes()


def test_lexical_forms_are_kept() -> None:
    """Canonical quads keep the lexical form and the datatype that a store would change."""
    triple = b'<http://e/s> <http://e/p> "007"^^<http://www.w3.org/2001/XMLSchema#int> .\n'
    assert canonical_quads({"http://e/g": triple}) == [triple.replace(b" .\n", b" <http://e/g> .\n")]


@pytest.mark.slow
def test_the_same_inputs_give_the_same_bytes(tiny: Path, tmp_path: Path) -> None:
    """Two builds of the same programme in different processes are byte-identical; hash seeds play no part."""
    datasets = []
    for seed in ("1", "2"):
        out = tmp_path / f"build{seed}"
        subprocess.run(
            [sys.executable, "-m", "fundgraph", "build", str(tiny), "--build-dir", str(out)],
            check=True, capture_output=True, env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT / "src")},
        )  # fmt: skip
        datasets.append((out / "current" / "dataset.nq").read_bytes())
    assert datasets[0] == datasets[1]


@pytest.mark.slow
def test_building_again_keeps_the_release(tiny: Path, tmp_path: Path) -> None:
    """A build that changes nothing makes no second release."""
    settings = Settings(data_dir=tiny, build_dir=tmp_path / "build")
    first = build(settings).snapshot
    assert build(settings).snapshot.release == first.release
    assert len(releases(settings.build_dir)) == 1


@pytest.mark.slow
def test_one_more_document_changes_no_iri(tiny: Path, tmp_path: Path) -> None:
    """Adding a document keeps every IRI of the things that were there."""
    settings = Settings(data_dir=tiny, build_dir=tmp_path / "build")

    def things(path: Path) -> set[str]:
        return set(
            re.findall(r"<https://example\.org/rivers/(?:project|person|topic|phase)/[^>]*>", path.read_text())
        )

    before = things(build(settings).snapshot.path / "dataset.nq")
    page = (
        "Phase 2\n\nSalt in estuaries\nProf. Dr. Ada Quell, Emil Delta\n\nAbstract\n\nSalt moves with the tide.\n"
    )
    (tiny / "documents" / "more.txt").write_text(page, encoding="utf-8")
    with (tiny / "programme.toml").open("a", encoding="utf-8") as file:
        file.write('\n[[phase]]\nnumber = 2\n\n[[document]]\nfile = "documents/more.txt"\nphase = 2\n')
    after = things(build(settings).snapshot.path / "dataset.nq")
    assert before < after
    assert "<https://example.org/rivers/person/emil-delta>" in after


def test_no_snapshot(tmp_path: Path) -> None:
    """Where nothing was built, the error says what to do."""
    with pytest.raises(NoSnapshotError, match="fundgraph build"):
        current_snapshot(tmp_path)


def test_two_builds_at_once(tiny: Path, tmp_path: Path) -> None:
    """A second build into the same folder is refused while the first is under way."""
    with build_lock(tmp_path / "build"):
        other = subprocess.run(
            [sys.executable, "-m", "fundgraph", "build", str(tiny), "--build-dir", str(tmp_path / "build")],
            capture_output=True, text=True, env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
        )  # fmt: skip
    assert other.returncode == 2
    assert "another build is running" in other.stderr


@pytest.mark.slow
def test_a_killed_build_leaves_the_last_good_snapshot(tiny: Path, tmp_path: Path) -> None:
    """kill -9 at any moment of a build leaves a whole snapshot current, and the next build works."""
    out = tmp_path / "build"
    command = [sys.executable, "-m", "fundgraph", "build", str(tiny), "--build-dir", str(out)]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, env=environment)
    duration = time.perf_counter() - started
    good = current_snapshot(out).release

    page = tiny / "documents" / "page.txt"
    page.write_text(page.read_text(encoding="utf-8").replace("Ben Bach", "Ben Bachmann"), encoding="utf-8")
    moments = [duration * part / 8 for part in range(1, 8)]
    killed = 0
    for moment in moments:
        killed += _kill_after(command, environment, lambda wait=moment: time.sleep(wait))
        assert current_snapshot(out).release == good or _switched(out)
        assert is_whole(out / "current")
    for sign in (
        ".unfinished-*",
        ".unfinished-*/dataset.nq",
        ".unfinished-*/store/CURRENT",
        ".unfinished-*/manifest.json",
    ):
        shutil.rmtree(out / "releases" / current_snapshot(out).release) if current_snapshot(
            out
        ).release != good else None
        _point_back(out, good)
        killed += _kill_after(command, environment, lambda name=sign: _wait_for(out / "releases", name))
        assert is_whole(out / "current")
    assert killed > 5, "the kills came too late to prove anything"
    _point_back(out, good)
    subprocess.run(command, check=True, capture_output=True, env=environment)
    assert current_snapshot(out).release != good
    assert is_whole(out / "current")
    assert not list((out / "releases").glob(".unfinished-*"))


def _switched(out: Path) -> bool:
    return "bachmann" in (out / "current" / "dataset.nq").read_text(encoding="utf-8")


def _point_back(out: Path, release: str) -> None:
    link = out / "back"
    link.symlink_to(Path("releases") / release)
    link.replace(out / "current")


def _kill_after(command: list[str], environment: dict[str, str], wait: object) -> int:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
    assert callable(wait)
    wait()
    alive = process.poll() is None
    if alive:
        process.send_signal(signal.SIGKILL)
    process.wait()
    return int(alive)


def _wait_for(folder: Path, pattern: str) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and not list(folder.glob(pattern)):
        time.sleep(0.001)

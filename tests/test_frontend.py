"""The built scripts and styles: closed to the outside, and the same whenever they are built."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FRONTEND = ROOT / "frontend"
STATIC = ROOT / "src" / "fundgraph" / "web" / "static"
BUILT = sorted(path.relative_to(STATIC).as_posix() for path in STATIC.rglob("*") if path.is_file())

#: Hosts that stand in the editor's code as names of namespaces or in the text of help links, and are never fetched.
NAMES_ONLY = {
    "www.w3.org",
    "purl.org",
    "creativecommons.org",
    "enable-cors.org",
    "datatables.net",
    "developer.mozilla.org",
}


def test_what_is_built() -> None:
    """The built files have stable names, without hashes."""
    assert BUILT == [
        "editor/LICENSES.txt",
        "editor/editor.css",
        "editor/editor.js",
        "site.css",
        "site.js",
        "theme.js",
    ]


@pytest.mark.parametrize("name", [name for name in BUILT if name.endswith((".js", ".css"))])
def test_no_other_hosts(name: str) -> None:
    """No built file names a host that it could fetch from."""
    text = (STATIC / name).read_text(encoding="utf-8")
    hosts = set(re.findall(r"(?:https?:)?//((?:[a-z0-9-]+\.)+[a-z]{2,})\b", text))
    assert hosts <= (NAMES_ONLY if name == "editor/editor.js" else set())
    assert "@import" not in text


@pytest.mark.parametrize("host", ["prefix.cc", "lov.linkeddata.es", "dbpedia.org/sparql", "query.wikidata.org"])
def test_editor_asks_nobody_else(host: str) -> None:
    """The services that Yasgui asks by default are gone from the editor."""
    assert host not in (STATIC / "editor" / "editor.js").read_text(encoding="utf-8")


def test_site_script_is_small() -> None:
    """The scripts of ordinary pages stay below 10 kB together."""
    assert (STATIC / "site.js").stat().st_size + (STATIC / "theme.js").stat().st_size < 10_000


def test_licences_name_the_editor() -> None:
    """The licences of bundled packages are shipped, those of Yasgui and CodeMirror among them."""
    text = (STATIC / "editor" / "LICENSES.txt").read_text(encoding="utf-8")
    for package in ("@zazuko/yasgui 4.6.2: MIT", "codemirror ", "jquery ", "dompurify "):
        assert package in text


def test_lock_names_no_host() -> None:
    """The lock file pins every package by version and checksum, and names no registry."""
    text = (FRONTEND / "package-lock.json").read_text(encoding="utf-8")
    packages = json.loads(text)["packages"]
    del packages[""]
    assert packages
    assert all(entry["integrity"].startswith("sha512-") for entry in packages.values())
    assert "resolved" not in text
    assert "://" not in text


@pytest.mark.npm
@pytest.mark.slow
@pytest.mark.xdist_group("npm")
def test_build_is_reproducible(tmp_path: Path) -> None:
    """Building from the lock file gives the committed files, byte for byte."""
    npm = shutil.which("npm")
    assert npm is not None, "npm is needed"
    work = tmp_path / "frontend"
    shutil.copytree(FRONTEND, work, ignore=shutil.ignore_patterns("node_modules"))
    env = os.environ | {"FUNDGRAPH_STATIC": str(tmp_path / "static")}
    for command in (["ci", "--no-audit", "--no-fund"], ["run", "build"]):
        done = subprocess.run([npm, *command], cwd=work, env=env, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
    made = sorted(path.relative_to(tmp_path / "static").as_posix() for path in (tmp_path / "static").rglob("*.*"))
    assert made == BUILT
    for name in BUILT:
        assert (tmp_path / "static" / name).read_bytes() == (STATIC / name).read_bytes(), name

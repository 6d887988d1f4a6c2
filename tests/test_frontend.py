"""The built scripts and styles: closed to the outside, and the same whenever they are built."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest
from lxml import html
from werkzeug.serving import make_server

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
        "offline/offline.js",
        "offline/oxigraph.wasm",
        "offline/worker.js",
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


def _luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


TOKENS = {
    name: (light, dark)
    for name, light, dark in re.findall(
        r"--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)",
        (FRONTEND / "src" / "site.css").read_text(encoding="utf-8"),
    )
}
TEXT = [
    *((ink, paper) for ink in ("ink", "quiet", "accent", "wrong") for paper in ("paper", "sheet", "sunk", "accent-wash")),
    *((ink, f"{ink}-wash") for ink in ("read", "inferred", "linked", "counted", "wrong")),
    *((ink, "sheet") for ink in ("read", "inferred", "linked")),
    ("accent-ink", "accent"), ("ink", "read-wash"), ("ink", "wrong-wash"),
]  # fmt: skip


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "paper"), TEXT)
def test_contrast(ink: str, paper: str, theme: int) -> None:
    """Text stands out from its ground by 4.5 to 1 at least, in both themes."""
    one, other = sorted((_luminance(TOKENS[ink][theme]), _luminance(TOKENS[paper][theme])), reverse=True)
    assert (one + 0.05) / (other + 0.05) >= 4.5


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.xdist_group("browser")
def test_editor_runs_its_query(spp_client: Any, tmp_path: Path) -> None:
    """In a browser the editor shows the answer to a panel's query, and asks only this site."""
    chromium = shutil.which("chromium")
    assert chromium is not None, "Debian's chromium is needed"
    server = make_server("127.0.0.1", 0, spp_client.application)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        page = "editor?panel=project_people&thing=project/adaptive-neural-tensor-networks-for-parametric-pdes"
        done = subprocess.run(
            [
                chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--disable-sync",
                f"--user-data-dir={tmp_path}", f"--log-net-log={tmp_path / 'net.json'}",
                "--virtual-time-budget=15000", "--dump-dom", f"http://127.0.0.1:{server.port}/{page}",
            ],
            capture_output=True, text=True, timeout=120,
        )  # fmt: skip
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    tree = html.document_fromstring(done.stdout)
    table = tree.xpath("//div[@id='editor']//table[contains(@class, 'dataTable')]//tbody")[0]
    assert "Lars Grasedyck" in table.text_content()
    log = (tmp_path / "net.json").read_text(encoding="utf-8", errors="replace")
    assert "/sparql" in log
    asked = set(re.findall(r'"url":"https?://([^/":]+)', log))
    # The browser itself tries to reach its maker; a page that asked anybody would name another host.
    browsers_own = (".google.com", ".googleapis.com", ".gvt1.com")
    assert {host for host in asked if not host.endswith(browsers_own)} == {"127.0.0.1"}


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

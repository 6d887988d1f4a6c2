"""A plain endpoint for tests: ``fundgraph serve --plain`` as a process of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import fundgraph
from tests.test_engine_workers import soon
from tests.test_server import Server

SOURCES = Path(fundgraph.__file__).resolve().parents[1]


def start_plain(folder: Path, *options: str, **environment: str) -> Server:
    """Start a plain endpoint and wait until it says where it is."""
    log = folder / "plain.log"
    with log.open("wb") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", "fundgraph", "serve", "--plain", "--port", "0", *options],
            stderr=stderr,
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(SOURCES), **environment},
        )
    said: list[str] = []
    assert soon(lambda: bool(said.extend(re.findall(r"on (http://\S+)\n", log.read_text())) or said), 20)
    return Server(process, said[0], log)

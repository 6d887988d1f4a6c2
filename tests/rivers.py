"""Two releases of a small programme, by real builds: names are corrected, a phase and its people come, findings go."""

from __future__ import annotations

import shutil
from pathlib import Path

from fundgraph.pipeline import build
from fundgraph.settings import Settings
from fundgraph.store.snapshot import Snapshot
from tests.conftest import ROOT

LICENCE = "https://creativecommons.org/licenses/by/4.0/"
OF_PAGE = "https://licences.example/of-the-page"
_PHASE_2 = """
[[phase]]
number = 2
start = "2023-01-01"

[[document]]
file = "documents/second.txt"
phase = 2
rights = "written for the tests too"
"""
_SECOND = """Phase 2

Sand in fast rivers
Prof. Dr. Emma Delta, Finn Bank, Gina Ufer, Dora Strom

Abstract

Sand moves in fast rivers. This project counts the grains with random trees and free boundary problems.

Participants

Prof. Dr. Emma Delta
Finn Bank
Gina Ufer
Dora Strom
"""


def build_two(folder: Path) -> tuple[Snapshot, Snapshot]:
    """Build the programme twice into ``build/`` below a folder: before and after its page was mended and a phase came."""
    programme = folder / "rivers"
    shutil.copytree(ROOT / "tests" / "data" / "tiny", programme)
    toml = programme / "programme.toml"
    text = toml.read_text(encoding="utf-8")
    text = text.replace('topics = "topics.ttl"', f'topics = "topics.ttl"\nlicence = "{LICENCE}"')
    text = text.replace('rights = "written', f'licence = "{OF_PAGE}"\nrights = "written')
    toml.write_text(text, encoding="utf-8")
    page = programme / "documents" / "page.txt"
    right = page.read_text(encoding="utf-8")
    # In the list of one project a letter of a name is missing; one name is spelt otherwise everywhere.
    wrong = right.replace("\nProf. Dr. Ada Quell\nBen Bach\n", "\nProf. Dr. Ada Quel\nBen Bach\n")
    page.write_text(wrong.replace("Dr. Cora Fluss", "Dr. Cora Fluß"), encoding="utf-8")
    settings = Settings(data_dir=programme, build_dir=folder / "build")
    old = build(settings).snapshot
    page.write_text(right, encoding="utf-8")
    toml.write_text(text + _PHASE_2, encoding="utf-8")
    (programme / "documents" / "second.txt").write_text(_SECOND, encoding="utf-8")
    return old, build(settings).snapshot

"""The FAIR check list in docs/fair.md is complete, and each test that it names exists."""

from __future__ import annotations

import ast
import re

from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "fair.md").read_text(encoding="utf-8")
PRINCIPLES = ["F1", "F2", "F3", "F4", "A1", "A1.1", "A1.2", "A2", "I1", "I2", "I3", "R1", "R1.1", "R1.2", "R1.3"]


def test_no_principle_is_left_out() -> None:
    """Each of the fifteen principles has a row that says how it is met and by which test."""
    rows = re.findall(r"^\| ([FAIR][\d.]+) \| ([^|]+) \| ([^|]+) \| `(test_\w+\.py[^`]*)` \|$", PAGE, re.MULTILINE)
    assert [row[0] for row in rows] == PRINCIPLES


def test_each_test_exists() -> None:
    """Each test that the list names is a test of ours."""
    named = re.findall(r"`(test_\w+\.py)(?:::(test_\w+))?`", PAGE)
    assert len(named) >= len(PRINCIPLES)
    for file, name in named:
        tree = ast.parse((ROOT / "tests" / file).read_text(encoding="utf-8"))
        functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        assert name in functions if name else functions, f"{file}::{name}"

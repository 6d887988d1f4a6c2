"""The examples in docstrings are true."""

from __future__ import annotations

import doctest
import importlib

import pytest

from .test_architecture import MODULES, name_of


@pytest.mark.parametrize("name", [name_of(path) for path in MODULES if name_of(path) != "__main__"])
def test_docstrings(name: str) -> None:
    """What an example prints is what the docstring says."""
    module = importlib.import_module(f"fundgraph.{name}" if name else "fundgraph")
    assert doctest.testmod(module).failed == 0

"""The examples in the docstrings of the reader."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import fundgraph.documents
import fundgraph.extract

MODULES = [
    module.name
    for package in (fundgraph.documents, fundgraph.extract)
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_hold(name: str) -> None:
    """Every example of a module gives what its docstring prints."""
    result = doctest.testmod(importlib.import_module(name))
    assert result.failed == 0


def test_there_are_examples() -> None:
    """The modules are found, and those of names have examples, so that the test above tests something."""
    assert len(MODULES) > 25
    modules = (
        importlib.import_module(f"fundgraph.extract.{name}") for name in ("names", "honorifics", "institutions")
    )
    assert sum(doctest.testmod(module).attempted for module in modules) >= 4

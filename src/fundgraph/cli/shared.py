"""What the commands share: talk on stderr, errors as exit codes, options that several have."""

from __future__ import annotations

import dataclasses
import gc
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fundgraph.errors import FundgraphError
from fundgraph.settings import VALIDATORS, Settings

if TYPE_CHECKING:
    from fundgraph.kg import KnowledgeGraph

#: What each setting is, for the help.
DOC = {item.name: str(item.metadata["doc"]) for item in dataclasses.fields(Settings)}


def say(text: str) -> None:
    """Write a line to stderr."""
    click.echo(text, err=True)


@contextmanager
def errors() -> Iterator[None]:
    """End the program with an error's exit code, and its text on stderr."""
    try:
        yield
    except FundgraphError as error:
        say(f"error: {error}")
        sys.exit(error.exit_code)


@contextmanager
def hardly_collecting() -> Iterator[None]:
    """Look for circles of dead objects seldom: what is made within stays to the end, and looking takes a fifth of the time."""
    before = gc.get_threshold()
    gc.set_threshold(200_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def build_dir_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the option ``--build-dir``."""
    return click.option("--build-dir", type=click.Path(path_type=Path), help=f"{DOC['build_dir']} [build]")(
        command
    )


def format_option(*choices: str, default: str) -> Callable[..., Any]:
    """Add the option ``-f``, which the command gets as ``form``."""
    return click.option("-f", "--format", "form", type=click.Choice(choices), default=default, show_default=True)


def validator_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the option ``--validator``."""
    return click.option("--validator", type=click.Choice(VALIDATORS), help=DOC["validator"])(command)


def print_json(data: object) -> None:
    """Write data to stdout as JSON."""
    click.echo(json.dumps(data, ensure_ascii=False, indent=2))


@contextmanager
def opened(settings: Settings, *, served: bool = False) -> Iterator[KnowledgeGraph]:
    """Open the current snapshot, and close it again; ``served`` answers queries in processes of their own."""
    from fundgraph.kg import KnowledgeGraph

    kg = KnowledgeGraph.open(settings.build_dir, settings, served=served)
    try:
        yield kg
    finally:
        kg.close()

"""A progress bar on stderr, where that is a terminal; lines of text elsewhere."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from types import TracebackType
from typing import Self

import click

_BAR = 20
_CLEAR = "\r\x1b[K"


class Progress:
    """The stages of a build on one line that is written again and again: what is under way, and how far.

    Where stderr is no terminal only the lines are written that are said, and with ``quiet`` nothing. click's own bar
    will not do: it stays behind when it ends, and hides the cursor if that is an error.
    """

    def __init__(self, stages: Sequence[str], *, quiet: bool = False) -> None:
        """Make a bar of so many steps as there are stages."""
        self._stages = tuple(stages)
        self._quiet = quiet
        self._bar = not quiet and sys.stderr.isatty()
        self._line = ""

    def __enter__(self) -> Self:
        """Begin; nothing is shown before the first stage."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take the bar away, also after an error."""
        self._show("")

    def say(self, text: str) -> None:
        """Write a line above the bar."""
        if self._quiet:
            return
        line = self._line
        self._show("")
        click.echo(text, err=True)
        self._show(line)

    def watch(self, stage: str, detail: str) -> None:
        """Show the stage under way and how far it is."""
        done = self._stages.index(stage) if stage in self._stages else 0
        full = _BAR * done // len(self._stages)
        words = f"{stage}, {detail}" if detail else stage
        line = f"[{'#' * full}{'-' * (_BAR - full)}] {done + 1}/{len(self._stages)} {words}"
        # A line that is longer than the terminal is wide could not be taken back.
        self._show(line[: shutil.get_terminal_size().columns - 1])

    def _show(self, line: str) -> None:
        if not self._bar or line == self._line:
            return
        self._line = line
        click.echo(_CLEAR + line, err=True, nl=False)

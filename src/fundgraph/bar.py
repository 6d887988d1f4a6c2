"""A bar that shows how far a long piece of work has come: on a terminal only, and only when it takes long."""

from __future__ import annotations

import time
from types import TracebackType
from typing import TextIO

PATIENCE = 1.0
"""Seconds before a bar is shown: most work is done by then."""
OFTEN = 0.1
"""Seconds between two drawings."""
WIDTH = 30


class Bar:
    """Draws on ``stream`` if that is a terminal; used as a context, it leaves nothing behind."""

    def __init__(self, stream: TextIO, total: int, what: str = "") -> None:
        self.stream = stream
        self.total = max(total, 1)
        self.what = what
        self.shown = False
        self._next = time.monotonic() + PATIENCE
        self._draws = stream.isatty()

    def __enter__(self) -> Bar:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.clear()

    def __call__(self, done: int) -> None:
        """Say how much of the total is done."""
        if not self._draws or (now := time.monotonic()) < self._next:
            return
        self._next = now + OFTEN
        share = min(max(done / self.total, 0.0), 1.0)
        full = round(share * WIDTH)
        self.stream.write(f"\r{self.what}[{'#' * full}{'-' * (WIDTH - full)}] {share:4.0%} ")
        self.stream.flush()
        self.shown = True

    def clear(self) -> None:
        """Take the bar away, so that other talk stands on a line of its own."""
        if self.shown:
            self.stream.write("\r\x1b[2K")
            self.stream.flush()
            self.shown = False

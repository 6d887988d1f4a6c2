"""A query on its way through an engine: how far it is, and how to stop it."""

from __future__ import annotations

import select
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fundgraph.store.quick import Quick

#: The other end of a connection is gone; not everywhere is there an event for a half-closed one.
HANG_UP = getattr(select, "POLLRDHUP", 0) | select.POLLHUP | select.POLLERR | select.POLLNVAL


class Running:
    """A query that somebody waits for.

    ``client`` is the file descriptor of the asker's connection, if there is one to watch. ``state`` is
    ``waiting``, ``running`` or ``done``.
    """

    def __init__(self, client: int | None = None) -> None:
        self.client = client
        self.state = "waiting"
        self.started = time.monotonic()
        self.seconds: float | None = None
        """The deadline in force."""
        self.stopped: str | None = None
        """Why it was stopped."""
        self.quick: Quick | None = None
        """The query itself, if a worker has it already."""
        self._lock = threading.Lock()
        self._wake: Callable[[], object] | None = None

    def stop(self, why: str) -> None:
        """Stop the query, whether it waits or runs; nothing happens if it is done."""
        with self._lock:
            if self.state == "done" or self.stopped is not None:
                return
            self.stopped = why
            wake = self._wake
        if wake is not None:
            wake()

    def enter(self, state: str, wake: Callable[[], object] | None) -> bool:
        """Take note of the state, and of how to wake who works on it; tell whether to go on."""
        with self._lock:
            self.state, self._wake = state, wake
            return self.stopped is None

    def is_abandoned(self) -> bool:
        """Tell whether the asker has hung up."""
        if self.client is None:
            return False
        watch = select.poll()
        watch.register(self.client, HANG_UP)
        return bool(watch.poll(0))

"""Counts of what happened, which outlive the engine that they happened in."""

from __future__ import annotations

import threading
from collections import Counter


class Tally:
    """Counts by a word each, safe to be counted up by many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()

    def count(self, word: str, more: int = 1) -> None:
        """Count something."""
        with self._lock:
            self._counts[word] += more

    def counts(self) -> dict[str, int]:
        """Return all counts as they stand."""
        with self._lock:
            return dict(self._counts)

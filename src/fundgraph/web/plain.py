"""The endpoint alone: a store of its own over any RDF, changed without the programme's gate."""

from __future__ import annotations

import secrets
import threading
from pathlib import Path
from typing import Any

from fundgraph.errors import ConflictError, OverloadedError
from fundgraph.kg import KnowledgeGraph, Serving
from fundgraph.settings import Settings
from fundgraph.store.changes import Change, Outcome
from fundgraph.store.files import Gathered
from fundgraph.store.mutable import MutableEngine
from fundgraph.store.snapshot import Snapshot
from fundgraph.store.tally import Tally

_LOAD_WITHIN = 300.0


class PlainGraph(KnowledgeGraph):
    """A store in memory that may be written to; its default graph is no union of others.

    Each write makes a new generation with a release id of its own, so that what clients keep is never stale.
    """

    def __init__(self, found: Gathered, directory: Path, settings: Settings) -> None:
        """Begin with what was gathered into ``dataset.nq`` of a folder, which is ours as long as this object lives."""
        self._settings = settings
        self._served = False  # no build folder is looked at
        self._closed = False
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._cache_bytes = settings.cache_bytes
        self._name = secrets.token_hex(4)
        self._generation = 0
        self._about: dict[str, Any] = {
            "base": settings.public_url.rstrip("/") + "/" if settings.public_url else "http://localhost/",
            "prefixes": {},
            "hidden_graphs": found.graphs,
            "quads": found.quads,
        }
        snapshot = self._snapshot(directory)
        self.tally = Tally()
        engine = MutableEngine(snapshot, settings, tally=self.tally)
        self._current = Serving(snapshot, engine, self._cache_bytes, self.tally)

    def _snapshot(self, directory: Path) -> Snapshot:
        return Snapshot(directory, self._about | {"release": f"plain-{self._name}-{self._generation}"})

    def write(self, change: Change, *, only_if: str | None = None) -> Outcome:
        """Change the store; nothing has happened if this raises. One change at a time, in the order they came.

        Raises :class:`ConflictError` if it is meant for another release than the one that is there.
        """
        seconds = self._settings.timeout
        if not self._writing.acquire(timeout=seconds):
            raise OverloadedError("other changes are still being made")
        try:
            old = self._current
            if old.retired or self._closed:
                raise OverloadedError("the service is shutting down")
            if only_if is not None and only_if != old.snapshot.release:
                raise ConflictError("somebody else wrote in between", hint="Read it again")
            assert isinstance(old.engine, MutableEngine)
            if not self._generation:
                old.engine.wait_until_ready(_LOAD_WITHIN)
            self._generation += 1
            snapshot = self._snapshot(old.snapshot.path)
            engine, outcome = old.engine.successor(change, snapshot, seconds)
            self._take_over(Serving(snapshot, engine, self._cache_bytes, self.tally))
            return outcome
        finally:
            self._writing.release()

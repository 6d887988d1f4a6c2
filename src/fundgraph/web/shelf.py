"""Old releases that are open: a few at a time, each given back after the request that asked it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from pathlib import Path

from flask import current_app

from fundgraph.errors import OverloadedError
from fundgraph.past import PastGraph
from fundgraph.store.snapshot import Snapshot, releases
from fundgraph.web.context import Context
from fundgraph.web.statistics import Counter


@dataclass(slots=True)
class _Place:
    """An open release, and how many requests ask it now."""

    context: Context
    users: int = 0


@dataclass
class Shelf:
    """The old releases that are open for those who ask: so many at most, those asked longest ago make room."""

    served: Context
    most: int
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _places: OrderedDict[str, _Place] = field(default_factory=OrderedDict)

    def take(self, snapshot: Snapshot) -> Context:
        """Return the context of a release, until :meth:`give_back`.

        Raises :class:`OverloadedError` if as many others are in use, and :class:`OldReleaseError` for one that lacks files.
        """
        with self._lock:
            place = self._places.get(snapshot.release)
            if place is None:
                self._make_room()
                kg = PastGraph(snapshot, self.served.settings, served=self.served.kg.is_served)
                place = _Place(replace(self.served, kg=kg, writer=None, counter=Counter()))
                self._places[snapshot.release] = place
            self._places.move_to_end(snapshot.release)
            place.users += 1
            return place.context

    def give_back(self, release: str) -> None:
        """Say that a request is done with a release."""
        with self._lock:
            self._places[release].users -= 1

    def open(self) -> list[str]:
        """Return the releases that are open, the one asked last at the end."""
        with self._lock:
            return list(self._places)

    def close(self) -> None:
        """Close all that are open."""
        with self._lock:
            while self._places:
                self._places.popitem()[1].context.kg.close()

    def _make_room(self) -> None:
        for name in [name for name, place in self._places.items() if not place.users]:
            place = self._places[name]
            if len(self._places) >= self.most or not place.context.kg.path.is_dir():
                self._places.pop(name).context.kg.close()
        if len(self._places) >= self.most:
            raise OverloadedError("other old releases are being asked; try again in a moment")


def kept() -> Kept:
    """Return the releases that are kept for the application that answers this request."""
    found: Kept = current_app.extensions["fundgraph-kept"]
    return found


class Kept:
    """The releases that are kept in a folder, read again only when one came or went."""

    def __init__(self, build_dir: Path) -> None:
        self._build_dir = build_dir
        self._lock = threading.Lock()
        self._seen: tuple[int, int] = (0, 0)
        self._found: list[Snapshot] = []

    def all(self) -> list[Snapshot]:
        """Return them, oldest first."""
        try:
            status = (self._build_dir / "releases").stat()
        except OSError:
            return []
        seen = status.st_mtime_ns, status.st_ino
        with self._lock:
            if seen != self._seen:
                self._found, self._seen = releases(self._build_dir), seen
            return self._found

    def get(self, release: str) -> Snapshot | None:
        """Return one by its id."""
        return next((one for one in self.all() if one.release == release), None)

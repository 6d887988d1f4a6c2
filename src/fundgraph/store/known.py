"""What a snapshot's terms are: which IRIs it knows, and which are like one that it does not."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence

from fundgraph.store.nearest import nearest_iris

#: So many IRIs are remembered; beyond, all are looked up again.
_MOST = 20_000
#: So long a query waits for the list of terms when it is first wanted; later ones have it.
_PATIENCE = 0.3


class KnownTerms:
    """Remembers what was found out about terms, so that a steady service asks nothing twice.

    ``fetch`` returns the vocabulary: the properties, classes and named things of the snapshot. It is called
    once, when a term is first found to be missing; ``aside``, in a thread of its own.
    """

    def __init__(self) -> None:
        self.aside = True
        self.fetch: Callable[[], Sequence[str]] | None = None
        self._known: dict[str, bool] = {}
        self._vocabulary: Sequence[str] = ()
        self._lock = threading.Lock()
        self._fetching = False
        self._fetched = threading.Event()

    def unsure_of(self, iris: Iterable[str]) -> tuple[str, ...]:
        """Return those of which is not known whether they are in the snapshot."""
        return tuple(iri for iri in iris if iri not in self._known)

    def learn(self, asked: Sequence[str], unknown: Sequence[str]) -> None:
        """Take note of which IRIs, of those asked for, are not in the snapshot."""
        if not asked:
            return
        missing = set(unknown)
        with self._lock:
            if len(self._known) > _MOST:
                self._known = {}
            self._known.update((iri, iri not in missing) for iri in asked)

    def is_unknown(self, iri: str) -> bool:
        """Tell whether an IRI is known not to be in the snapshot."""
        return self._known.get(iri) is False

    def like(self, iri: str) -> tuple[str, ...]:
        """Return IRIs of the snapshot that may have been meant; none while the list of them is not there."""
        with self._lock:
            first = self.fetch is not None and not self._fetching
            self._fetching = True
        if first and not self.aside:
            self._load()
        elif first:
            threading.Thread(target=self._load, name="fundgraph-vocabulary", daemon=True).start()
            self._fetched.wait(_PATIENCE)
        return nearest_iris(iri, self._vocabulary)

    def _load(self) -> None:
        assert self.fetch is not None
        self._vocabulary = self.fetch()
        self._fetched.set()

"""Have all files of a store open before a process may open nothing more.

RocksDB opens the most of a large store's files when it first looks into them. A worker that may open no file by then
would fail in the midst of a query, or end.
"""

from __future__ import annotations

import secrets
from contextlib import suppress
from itertools import islice
from pathlib import Path

import pyoxigraph as ox

#: Looking is given up when so many looks in a row brought nothing.
_ENOUGH = 20
#: Statements whose texts are read; the keys of texts are hashes too.
_SOME = 1000


def open_files(store: ox.Store, path: Path) -> int:
    """Open all files of a store that can be; return the bound on descriptors that this process needs from now on.

    That is 0 where all are open, and leaves room for just the others elsewhere.
    """
    left = _open_all(store, path)
    return _limit(left) if left else 0


def _open_all(store: ox.Store, path: Path) -> int:
    """Look into all parts of a store until its files are open; return how many are not.

    The keys are hashes of terms, so names that nobody has lie evenly in every index.
    """
    files = {str(file) for file in path.resolve().glob("*.sst")}
    default = ox.DefaultGraph()
    if files <= _held():
        return 0
    for some in (store.quads_for_pattern(None, None, None, None), store.named_graphs()):
        for _ in islice(some, _SOME):
            pass  # their texts, and the list of graphs, lie in files of their own
    left, vain = len(files - _held()), 0
    while left and vain < _ENOUGH:
        for _ in range(3):
            name = ox.NamedNode(f"urn:uuid:{secrets.token_hex(16)}")
            for graph in (None, default, name):
                for s, p, o in ((name, None, None), (None, name, None), (None, None, name), (None, None, None)):
                    next(iter(store.quads_for_pattern(s, p, o, graph)), None)
        now = len(files - _held())
        left, vain = now, 0 if now < left else vain + 1
    return left


def _held() -> set[str]:
    found = set()
    for link in Path("/proc/self/fd").glob("*"):
        with suppress(OSError):
            found.add(str(link.readlink()))
    return found


def _limit(free: int) -> int:
    """Return the bound on descriptors below which so many are free."""
    used = {int(link.name) for link in Path("/proc/self/fd").glob("*")}
    number = 0
    while free:
        free -= number not in used
        number += 1
    return number

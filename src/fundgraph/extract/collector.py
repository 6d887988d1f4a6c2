"""Python's collector of cycles stands still while a page is read: it would look again and again for none."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_paused() -> Iterator[None]:
    """Hold the collector of cycles within the block; it goes on afterwards if it was on before.

    The reading of a page makes many records, most of which stay, and no cycles (that of data does: its trees have them).
    What it drops is freed at once all the same. What it made is old at once (frozen and thawed), so that it is not looked
    at as young first.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        if gc.get_freeze_count() == 0:
            gc.freeze()
            gc.unfreeze()
        gc.enable()

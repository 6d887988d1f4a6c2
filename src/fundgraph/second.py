"""A second process for a second processor. Needs nothing but the standard library, so that it can start at once."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

__all__ = ["second_process"]

_SOURCES = Path(__file__).resolve().parents[1]


@contextlib.contextmanager
def second_process(module: str) -> Iterator[subprocess.Popen[bytes] | None]:
    """Run a module of ours that follows orders on its standard input; nothing where there is but one processor.

    The process is told the number of this one. It is gone when this ends, however it ends.
    """
    if processors() < 2 or not sys.executable:
        yield None
        return
    paths = [str(_SOURCES), *filter(None, [os.environ.get("PYTHONPATH")])]
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", module, str(os.getpid())],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):  # what was not sent is not missed
                    pipe.close()


def processors() -> int:
    """Return how many processors this process may run on."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1

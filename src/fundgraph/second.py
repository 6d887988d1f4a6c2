"""A second process for a second processor. Needs nothing but the standard library, so that it can start at once."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

__all__ = ["second_process", "unlost_interruptions"]

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
        process_group=0,  # Ctrl-C is this process's to handle; the other ends with it
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


@contextlib.contextmanager
def unlost_interruptions() -> Iterator[Callable[[], None]]:
    """Give a function that raises :class:`KeyboardInterrupt` if Ctrl-C was pressed meanwhile.

    Python drops an exception that is raised within a callback of its own, as while it imports; what is asked
    here before something final is done does not miss it. Outside the main thread nothing is listened for.
    """
    pressed: list[int] = []

    def press(number: int, _frame: FrameType | None) -> None:
        pressed.append(number)
        raise KeyboardInterrupt

    def check() -> None:
        if pressed:
            raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield check
        return
    before = signal.signal(signal.SIGINT, press)
    try:
        yield check
    finally:
        signal.signal(signal.SIGINT, before)


def processors() -> int:
    """Return how many processors this process may run on."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1

"""Limits of time on a machine that does other work beside the tests.

What reckons takes CPU seconds, which no other process lengthens: those tests use ``time.process_time``. What waits for
other processes takes seconds by the clock, and those are measured with the functions below.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path


def load() -> float:
    """Return how many times longer things may take than on an idle machine: processes that want a processor, for each."""
    average, _, _, running, _ = Path("/proc/loadavg").read_text(encoding="ascii").split()
    return max(1.0, float(average), int(running.partition("/")[0])) / (os.cpu_count() or 1)


def patiently(seconds: float) -> float:
    """Return a limit on an idle machine as the limit on this one."""
    return seconds * max(1.0, load())


def in_time(attempt: Callable[[], float], limit: float, tries: int = 6) -> None:
    """See that what takes so many seconds, as ``attempt`` returns, is within a limit, once in so many tries.

    What is broken is late each time; on a machine with other work to do, what is whole is late now and then.
    """
    taken: list[float] = []
    while not taken or (taken[-1] >= limit and len(taken) < tries):
        taken.append(attempt())
    assert taken[-1] < limit, f"{tries} times too late: {', '.join(f'{one:.3f} s' for one in taken)}"

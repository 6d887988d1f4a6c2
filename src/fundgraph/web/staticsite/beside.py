"""Two tasks side by side, the second in a forked process that shares what is in memory."""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from fundgraph.errors import FundgraphError, SiteError
from fundgraph.second import processors

Here = TypeVar("Here")
There = TypeVar("There")


def beside(here: Callable[[], Here], there: Callable[[], There]) -> tuple[Here, There]:
    """Do one task in this process and the other in a process of its own; return both results.

    Where there is one processor, or processes cannot be forked, one after the other. Nothing that is open on disk may be
    used by both. Raises what ``here`` raises, and :class:`SiteError` with the words of what ``there`` raised.
    """
    if sys.platform != "linux" or processors() < 2:
        return here(), there()
    line, end = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(target=_send, args=(there, end), daemon=True)
    process.start()
    end.close()
    try:
        result = here()
        try:
            fault, told = line.recv()
        except EOFError:
            raise SiteError("a process that wrote a part of the site came to an end before it was done") from None
    finally:
        if process.is_alive():
            process.terminate()
        process.join()
        line.close()
    if fault is not None:
        raise SiteError(fault[0], where=fault[1])
    return result, told


def _send(task: Callable[[], Any], end: Connection) -> None:
    try:
        end.send((None, task()))
    except FundgraphError as error:
        end.send(((error.what, error.where), None))
    end.close()

"""Tasks done in two processes, the second forked, so that it shares what is in memory; whoever is free takes the next."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from fundgraph.errors import FundgraphError, SiteError
from fundgraph.second import processors

Result = TypeVar("Result")
#: A ticket is this many bytes. All of them lie in one pipe from the beginning, so there are no more than it surely holds.
_WIDTH = 2
_MOST = 2000


def shared(tasks: Sequence[Callable[[], Result]]) -> list[Result]:
    """Do tasks that do not need one another, in two processes; return their results in the order of the tasks.

    Where there is one processor, or processes cannot be forked, one after the other. Nothing that is open on disk may be
    used in both. Raises what a task here raises, and :class:`SiteError` with the words of what one there raised.
    """
    if len(tasks) < 2 or sys.platform != "linux" or processors() < 2:
        return [task() for task in tasks]
    tickets = _tickets(len(tasks))
    with _forked(tasks, tickets) as told:
        done = _done(tasks, tickets)
        done.update(told())
    return [done[number] for number in range(len(tasks))]


@contextmanager
def _forked(tasks: Sequence[Callable[[], Result]], tickets: int) -> Iterator[Callable[[], dict[int, Result]]]:
    """Fork a process that does what the tickets stand for; give a function that waits for what it did."""
    line, end = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(target=_send, args=(tasks, tickets, end), daemon=True)
    process.start()
    end.close()

    def told() -> dict[int, Result]:
        try:
            fault, results = line.recv()
        except EOFError:
            raise SiteError("a process that wrote a part of the site came to an end before it was done") from None
        if fault is not None:
            raise SiteError(fault[0], where=fault[1])
        return results  # type: ignore[no-any-return]

    try:
        yield told
    finally:
        if process.is_alive():
            process.terminate()
        process.join()
        line.close()
        os.close(tickets)


@contextmanager
def aside(tasks: Sequence[Callable[[], object]]) -> Iterator[None]:
    """Do tasks in a process of their own while the block runs; they are done when it has ended.

    It begins at once, while this process still gets ready for the rest. Where there is one processor, or processes cannot
    be forked, they are done first. Nothing that is open on disk may be used in both. Raises as :func:`shared`.
    """
    if sys.platform != "linux" or processors() < 2:
        for task in tasks:
            task()
        yield
        return
    with _forked(tasks, _tickets(len(tasks))) as told:
        yield
        told()


def _tickets(number: int) -> int:
    """Return the end to read of a pipe with a ticket for each run of tasks."""
    tickets, fill = os.pipe()
    size = -(-number // _MOST)
    os.write(fill, b"".join(run.to_bytes(_WIDTH) for run in range(-(-number // size))))
    os.close(fill)
    return tickets


def _done(tasks: Sequence[Callable[[], Result]], tickets: int) -> dict[int, Result]:
    """Take tickets and do what they stand for, until there are none; return the results by the number of the task."""
    return {number: tasks[number]() for number in _taken(tickets, len(tasks))}


def _taken(tickets: int, number: int) -> Iterator[int]:
    size = -(-number // _MOST)
    while ticket := os.read(tickets, _WIDTH):
        start = int.from_bytes(ticket) * size
        yield from range(start, min(start + size, number))


def _send(tasks: Sequence[Callable[[], Any]], tickets: int, end: Connection) -> None:
    try:
        end.send((None, _done(tasks, tickets)))
    except FundgraphError as error:
        end.send(((error.what, error.where), None))
    end.close()

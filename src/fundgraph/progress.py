"""The stages of something that takes time: how long each took, and what is told of it on the way."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

__all__ = ["Clock", "Say", "Watch"]

#: Is told a line of text.
Say = Callable[[str], None]
#: Is told the stage under way and how far it is, in a few words; '' when it begins.
Watch = Callable[[str, str], None]


@dataclass
class Clock:
    """Times the stages of a build, and tells of them."""

    say: Say
    watch: Watch = lambda _stage, _detail: None
    seconds: dict[str, float] = field(default_factory=dict)
    started: float = field(default_factory=time.perf_counter)
    _open: tuple[str, float] | None = None
    _beside: set[str] = field(default_factory=set)

    @contextmanager
    def stage(self, name: str, *, beside: bool = False) -> Iterator[None]:
        """Time what is done within, under a name; of what goes on beside the rest :meth:`took` tells later."""
        self._open = (name, time.perf_counter())
        self.watch(name, "")
        if beside:
            self._beside.add(name)
        yield
        self.seconds = self.seconds_so_far(total=False)
        self._open = None
        if not beside:
            self.say(f"{name:<9}{self.seconds[name]:6.2f} s")

    def took(self, name: str, seconds: float) -> None:
        """Tell what a stage took that went on beside others; of any other stage this is known."""
        if name in self._beside:
            self.seconds[name] = round(seconds, 3)
            self.say(f"{name:<9}{seconds:6.2f} s, beside the others")

    def rounds(self, number: int, triples: int) -> None:
        """Tell that the stage under way has done a round of inference, and how many triples there are now."""
        if self._open is not None:
            self.watch(self._open[0], f"round {number}, {triples:,} triples")

    def seconds_so_far(self, *, total: bool = True) -> dict[str, float]:
        """Return the seconds of each stage, the one under way included."""
        now = time.perf_counter()
        seconds = dict(self.seconds)
        if self._open is not None:
            seconds[self._open[0]] = round(now - self._open[1], 3)
        return seconds | ({"total": round(now - self.started, 3)} if total else {})

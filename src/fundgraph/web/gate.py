"""Writes to a programme's dataset: each goes through the gate of a build, in a process that may be killed."""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from fundgraph import errors
from fundgraph.kg import KnowledgeGraph
from fundgraph.settings import Settings
from fundgraph.store.changes import Change, Outcome
from fundgraph.store.patches import read_patches

_SOURCES = Path(__file__).resolve().parents[2]
#: A new release is there for queries after so many seconds at most; a release of a million statements takes ten.
_LOAD_WITHIN = 120.0


class Gate:
    """Carries out writes one at a time; a second build folder's lock keeps other processes out."""

    def __init__(self, kg: KnowledgeGraph, settings: Settings) -> None:
        self._kg = kg
        self._settings = settings
        self._lock = threading.Lock()

    def write(self, change: Change, *, only_if: str | None = None) -> Outcome:
        """Carry out a change; when this returns it can be read. Raises a :class:`FundgraphError` if nothing happened."""
        if not self._lock.acquire(timeout=self._settings.timeout):
            raise errors.OverloadedError("another write is being checked")
        try:
            outcome = self._carry_out(change, only_if)
        finally:
            self._lock.release()
        self._kg.wait_for(outcome.release, _LOAD_WITHIN)
        return outcome

    def recover(self) -> None:
        """Publish edits that were accepted and, as something crashed, not published. Says nothing if there are none."""
        snapshot = self._kg.snapshot
        published = snapshot.manifest.get("edits", {}).get("last", 0)
        if not read_patches(self._settings.edits, snapshot.base, after=published):
            return
        with self._lock, contextlib.suppress(errors.FundgraphError):  # the next write says what is wrong
            self._carry_out(None, None)

    def _carry_out(self, change: Change | None, only_if: str | None) -> Outcome:
        settings = dataclasses.asdict(self._settings)
        order = {
            "settings": {
                name: str(value) if isinstance(value, Path) else value for name, value in settings.items()
            },
            "change": None if change is None else base64.b64encode(change.encode()).decode("ascii"),
            "only_if": only_if,
        }
        paths = [str(_SOURCES), *filter(None, [os.environ.get("PYTHONPATH")])]
        before = self._last()
        try:
            run = subprocess.run(
                [sys.executable, "-P", "-m", "fundgraph.web.gating"],
                input=json.dumps(order).encode(),
                stdout=subprocess.PIPE,
                timeout=self._settings.write_timeout,
                check=False,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
            )
        except subprocess.TimeoutExpired as error:
            if change is not None and self._last() > before:  # it was accepted, and only not yet published
                return self._carry_out(None, None)
            raise errors.QueryDeadlineError(self._settings.write_timeout) from error
        if run.returncode or not run.stdout:
            if change is not None and self._last() > before:
                return self._carry_out(None, None)
            raise errors.QueryResourceError("the write brought its process down")
        answer: dict[str, Any] = json.loads(run.stdout)
        if "error" in answer:
            raise _error(answer)
        return Outcome(bool(answer["created"]), str(answer["release"]))

    def _last(self) -> int:
        found = read_patches(self._settings.edits, self._kg.base)
        return found[-1].number if found else 0


def _error(answer: dict[str, Any]) -> errors.FundgraphError:
    """Return the error that the other process raised."""
    class_ = getattr(errors, answer["error"])
    error: errors.FundgraphError = class_.__new__(class_)
    errors.FundgraphError.__init__(
        error,
        answer["what"],
        line=answer["line"],
        column=answer["column"],
        hint=answer["hint"],
        allowed=answer["allowed"],
    )
    return error

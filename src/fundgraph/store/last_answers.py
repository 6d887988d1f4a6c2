"""The last answers of other services, on disk with their dates: better than nothing while a service is down."""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

__all__ = ["Last", "LastAnswers"]

_MOST = 256
_LARGEST = 1 << 20


class Last(NamedTuple):
    """An answer as a VALUES block, how many rows it has, and when it came, in UTC to the second."""

    block: str
    rows: int
    asked: str


class LastAnswers:
    """Keeps the last answer to each query of each service, the newest ones of them all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, service: str, query: str, block: str, rows: int) -> None:
        """Keep an answer; one that cannot be written is not kept."""
        if len(block) > _LARGEST:
            return
        now = datetime.datetime.now(datetime.UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")
        data = {"service": service, "query": query, "asked": now, "rows": rows, "block": block}
        with contextlib.suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            handle, half = tempfile.mkstemp(dir=self._folder, prefix=".", suffix=".new")
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(data, file, ensure_ascii=False)
            Path(half).replace(self._path(service, query))
            for old in sorted(self._folder.glob("*.json"), key=lambda path: path.stat().st_mtime)[:-_MOST]:
                old.unlink(missing_ok=True)

    def find(self, service: str, query: str) -> Last | None:
        """Return the last answer; ``None`` if there is none that can be read."""
        try:
            data: dict[str, Any] = json.loads(self._path(service, query).read_text(encoding="utf-8"))
            if (data["service"], data["query"]) == (service, query):
                return Last(str(data["block"]), int(data["rows"]), str(data["asked"]))
        except (OSError, ValueError, KeyError, TypeError):
            pass
        return None

    def _path(self, service: str, query: str) -> Path:
        digest = hashlib.sha256("\0".join((service, query)).encode()).hexdigest()
        return self._folder / f"{digest[:32]}.json"

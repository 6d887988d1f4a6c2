"""Files of a folder: named fast, and written with no question asked twice."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path


def files_in(folder: Path | str) -> Iterator[str]:
    """Yield the names of all files below a folder, with slashes and as seen from it."""
    waiting = [("", os.fspath(folder))]
    while waiting:
        before, path = waiting.pop()
        with os.scandir(path) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append((f"{before}{entry.name}/", entry.path))
                elif entry.is_file():
                    yield before + entry.name


class Disk:
    """Writes the files of one folder; it remembers which folders in it are there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._there: set[str] = set()

    def write(self, name: str, data: bytes) -> None:
        """Write a file, named with slashes and as seen from the folder."""
        path = self._folder / name
        above = name.rpartition("/")[0]
        if above not in self._there:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._there.add(above)
        path.write_bytes(data)

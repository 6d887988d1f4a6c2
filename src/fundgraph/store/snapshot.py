"""Snapshots: written whole under another name, then switched to in one step; never changed afterwards."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fundgraph.errors import NoSnapshotError, UsageError

RELEASES = "releases"
CURRENT = "current"
_TEMPORARY = ".unfinished-"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One release on disk."""

    path: Path
    manifest: dict[str, Any]

    @property
    def release(self) -> str:
        """The release's id, ``YYYY-MM-DD-<first 8 of the hash>``."""
        return str(self.manifest["release"])

    @property
    def base(self) -> str:
        """The base of the dataset's IRIs."""
        return str(self.manifest["base"])


def read_snapshot(path: Path) -> Snapshot:
    """Read a release's manifest. Raises :class:`NoSnapshotError` if it is not a whole release."""
    manifest = path / "manifest.json"
    try:
        return Snapshot(path, json.loads(manifest.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise NoSnapshotError("is not a whole release", where=manifest, hint="Run: fundgraph build") from error


def current_snapshot(build_dir: Path) -> Snapshot:
    """Return the release that ``current`` points at. Raises :class:`NoSnapshotError` if there is none."""
    current = build_dir / CURRENT
    if not current.exists():
        raise NoSnapshotError("there is no snapshot", where=build_dir, hint="Run: fundgraph build")
    return read_snapshot(current.resolve())


def releases(build_dir: Path) -> list[Snapshot]:
    """Return the whole releases that are kept, oldest first."""
    folder = build_dir / RELEASES
    if not folder.is_dir():
        return []
    paths = [
        path for path in folder.iterdir() if not path.name.startswith(".") and (path / "manifest.json").is_file()
    ]
    # Two may be of the same second; then the file tells which was there first.
    return sorted(
        (read_snapshot(path) for path in paths),
        key=lambda one: (str(one.manifest["created"]), (one.path / "manifest.json").stat().st_mtime_ns),
    )


@contextlib.contextmanager
def build_lock(build_dir: Path, wait: float = 0.0) -> Iterator[None]:
    """Hold the right to build here; given up by the system if the process dies.

    Raises :class:`UsageError` if somebody else still builds into this folder after so many seconds.
    """
    try:
        build_dir.mkdir(parents=True, exist_ok=True)
        handle = (build_dir / ".lock").open("w")
    except OSError as error:
        raise UsageError(f"cannot be written to: {error.strerror}", where=build_dir) from error
    with handle:
        until = time.monotonic() + wait
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if time.monotonic() >= until:
                    raise UsageError("another build is running in this folder", where=build_dir) from error
            time.sleep(0.05)
        for left in (build_dir / RELEASES).glob(f"{_TEMPORARY}*"):
            shutil.rmtree(left)
        yield


@contextlib.contextmanager
def beginning(build_dir: Path) -> Iterator[Path]:
    """Give a new folder to write a release into; nobody reads it before :func:`finish`, and without that it is gone."""
    path = build_dir / RELEASES / f"{_TEMPORARY}{os.getpid()}"
    path.mkdir(parents=True)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def finish(build_dir: Path, unfinished: Path, manifest: dict[str, Any]) -> Snapshot:
    """Give the release its name and switch ``current`` to it.

    A release of the same content that is already there is kept, and switched to instead.
    """
    for kept in releases(build_dir):
        same = ("hash", "versions", "base")
        if all(kept.manifest.get(key) == manifest.get(key) for key in same) and _is_whole(kept.path):
            shutil.rmtree(unfinished)
            switch(build_dir, kept.release)
            return kept
    _write(unfinished / "manifest.json", json.dumps(manifest, indent=1, ensure_ascii=False) + "\n")
    for path in [*unfinished.rglob("*"), unfinished]:
        _sync(path)
    final = build_dir / RELEASES / str(manifest["release"])
    if final.exists():  # a release of that name that is broken or was made by another version
        final.rename(final.with_name(f"{_TEMPORARY}replaced-{os.getpid()}"))
    unfinished.rename(final)
    _sync(final.parent)
    switch(build_dir, final.name)
    return read_snapshot(final)


def switch(build_dir: Path, release: str) -> None:
    """Point ``current`` at a release, in one step."""
    link = build_dir / f".{CURRENT}-{os.getpid()}"
    link.unlink(missing_ok=True)
    link.symlink_to(Path(RELEASES) / release)
    link.replace(build_dir / CURRENT)
    _sync(build_dir)


def _is_whole(path: Path) -> bool:
    return all((path / part).is_file() for part in ("dataset.nq", "store/CURRENT", "index.sqlite"))


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

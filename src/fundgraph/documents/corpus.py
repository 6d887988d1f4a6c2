"""A corpus: the documents of a directory, one after the other, and the files that are left out with the reason."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from fundgraph.documents.files import document_id, read_document
from fundgraph.errors import DocumentError
from fundgraph.model import Document

LARGEST = 512 * 1024 * 1024
"""A larger file is not read into memory; ``extract_stream`` reads tables of any size."""
DEEPEST = 32
"""Folders nested deeper than this are left out."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file of a corpus that was not read, and why."""

    path: str
    reason: str


def read_corpus(
    directory: str | Path, *, skipped: Callable[[Skipped], object] = lambda _: None
) -> Iterator[Document]:
    """Yield the documents of a directory in the order of their paths, each read when its turn comes.

    Hidden files are passed over. Symbolic links that lead out of the directory, archives, other binary files and
    whatever else cannot be read are handed to ``skipped``. Ids are unique. Raises :class:`DocumentError` if there
    is no such directory.
    """
    root = Path(directory)
    taken: set[str] = set()
    for path in corpus_files(root, skipped=skipped):
        try:
            document = read_document(path)
        except DocumentError as error:
            skipped(Skipped(str(path), error.what))
            continue
        unique = _unique_id(document.id, path.relative_to(root), taken)
        taken.add(unique)
        yield document if unique == document.id else replace(document, id=unique)


def corpus_files(
    root: Path, *, skipped: Callable[[Skipped], object] = lambda _: None, largest: int = LARGEST
) -> Iterator[Path]:
    """Yield the files below ``root`` that may be read, sorted; folders are entered once."""
    if not root.is_dir():
        raise DocumentError("there is no such folder", where=root, hint="Check the path")
    inside = root.resolve()
    seen: set[tuple[int, int]] = set()
    waiting: list[tuple[Path, int]] = [(root, 0)]
    while waiting:
        path, depth = waiting.pop()
        try:
            if path.is_symlink() and not path.resolve().is_relative_to(inside):
                skipped(Skipped(str(path), "a symbolic link that leads out of the folder"))
                continue
            status = path.stat()
            if stat.S_ISDIR(status.st_mode):
                if (status.st_dev, status.st_ino) in seen:
                    skipped(Skipped(str(path), "a link to a folder that was read already"))
                elif depth > DEEPEST:
                    skipped(Skipped(str(path), f"folders are nested more than {DEEPEST} deep"))
                else:
                    seen.add((status.st_dev, status.st_ino))
                    inner = sorted((one for one in path.iterdir() if not one.name.startswith(".")), reverse=True)
                    waiting.extend((one, depth + 1) for one in inner)
                continue
        except (OSError, RuntimeError) as error:
            reason = getattr(error, "strerror", None) or "a link that leads in a circle"
            skipped(Skipped(str(path), f"it cannot be read: {reason}"))
            continue
        reason = _refusal(path, status, largest)
        if reason is None:
            yield path
        else:
            skipped(Skipped(str(path), reason))


def _refusal(path: Path, status: os.stat_result, largest: int) -> str | None:
    """Say why a file is not to be opened or read, if there is a reason."""
    if not stat.S_ISREG(status.st_mode):
        return "not a regular file"
    if status.st_size > largest:
        return f"larger than {largest // 1024 // 1024} MB"
    try:
        with path.open("rb") as file:
            start = file.read(8)
    except OSError as error:
        return f"it cannot be read: {error.strerror}"
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"BZh", b"7z\xbc\xaf", b"Rar!", b"\xfd7zXZ")):
        return "an archive; unpack it, archives are not opened"
    return None


def _unique_id(wanted: str, path: Path, taken: set[str]) -> str:
    """Return an id that no earlier document has: with its folders, then with a number."""
    if wanted not in taken:
        return wanted
    longer = document_id("-".join(path.with_suffix("").parts))
    number = 2
    found = longer
    while found in taken:
        found = f"{longer}-{number}"
        number += 1
    return found

"""Several files as one: a folder or a zip archive, with their SHA-256 sums beside them."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path

from fundgraph.errors import UsageError

SUMS = "SHA256SUMS"
#: The earliest time that an archive can state. None is stated, so that equal files are equal archives.
_NO_TIME = (1980, 1, 1, 0, 0, 0)
_LINE = re.compile(r"[0-9a-f]{64}  (.+)")


def sums(files: Mapping[str, bytes]) -> bytes:
    """Return the SHA-256 sums of files as ``sha256sum -c`` reads them, by name."""
    of = {name: hashlib.sha256(content).hexdigest() for name, content in files.items() if name != SUMS}
    return b"".join(sum_line(name, sha256) for name, sha256 in sorted(of.items()))


def sum_line(name: str, sha256: str) -> bytes:
    """Return the line for one file."""
    return f"{sha256}  {name}\n".encode()


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Return files, and their sums, as a zip archive.

    Nothing is compressed: how that is done differs between machines, and a server compresses what it sends anyway.
    """
    out = io.BytesIO()
    whole = {**files, SUMS: sums(files)}
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(whole):
            entry = zipfile.ZipInfo(name, _NO_TIME)
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, whole[name])
    return out.getvalue()


def write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files, and their sums, into a folder; what an earlier export put there and is no more goes.

    Other files stay as they are. Raises :class:`UsageError` if it cannot be written.
    """
    whole = {**files, SUMS: sums(files)}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in _named(folder) - set(whole):
            (folder / name).unlink(missing_ok=True)
        for name, content in whole.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    except OSError as error:
        raise UsageError(f"cannot be written: {error.strerror}", where=folder) from error


def _named(folder: Path) -> set[str]:
    """Return the files below a folder that its sums name."""
    path = folder / SUMS
    if not path.is_file():
        return set()
    found = {
        match[1] for line in path.read_text(encoding="utf-8").splitlines() if (match := _LINE.fullmatch(line))
    }
    return {name for name in found if not Path(name).is_absolute() and ".." not in Path(name).parts}

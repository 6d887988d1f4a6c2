"""A file on disk as a :class:`~fundgraph.model.Document`."""

from __future__ import annotations

import hashlib
import os
import re
import select
import stat
from pathlib import Path

from fundgraph.documents.encoding import decode, looks_binary
from fundgraph.documents.sniff import format_of, language_of
from fundgraph.errors import DocumentError
from fundgraph.model import Document

INVISIBLE = "\ufeff\u200b\u200c\u200d\u2060\u00ad"
"""Characters that print nothing; a text of only these and white space is empty."""

PATIENCE = 60
"""Seconds that a pipe may be silent."""
LARGEST_PIPE = 1 << 29
"""Bytes that are read from a pipe, whose size nobody knows beforehand."""


def read_document(path: str | Path, *, id: str | None = None) -> Document:
    """Read a file into a document; raise :class:`DocumentError` if it is missing, a folder, binary or empty."""
    place = Path(path)
    if place.is_dir():
        raise DocumentError("this is a folder, not a document", where=place, hint="Name a file in it")
    return document_from_bytes(bytes_of(place), path=str(path), id=id)


def bytes_of(place: Path) -> bytes:
    """Return what a file holds, or what a pipe brings; raise :class:`DocumentError` for devices and idle pipes."""
    try:
        # A named pipe is opened without waiting for its other end.
        with os.fdopen(os.open(place, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            if stat.S_ISREG(mode) or place.samefile(os.devnull):
                return file.read()
            if stat.S_ISFIFO(mode):
                return _from_pipe(file.fileno(), place)
    except FileNotFoundError:
        raise DocumentError("there is no such file", where=place, hint="Check the path") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise DocumentError(
            f"the file cannot be read: {reason}", where=place, hint="Check its permissions"
        ) from error
    raise DocumentError("this is a device or a socket, not a document", where=place, hint="Name a file")


def _from_pipe(descriptor: int, place: Path) -> bytes:
    """Return what comes through a pipe until its end; one that is silent for long, or has no end, is refused."""
    parts: list[bytes] = []
    size = 0
    while True:
        try:
            part = os.read(descriptor, 1 << 20)
        except BlockingIOError:
            if not select.select([descriptor], [], [], PATIENCE)[0]:
                raise DocumentError(
                    f"this pipe has brought nothing for {PATIENCE} s",
                    where=place,
                    hint="Save the page into a file",
                ) from None
            continue
        if not part:
            if not parts:
                raise DocumentError("nothing came through this pipe", where=place, hint="Name a file")
            return b"".join(parts)
        parts.append(part)
        size += len(part)
        if size > LARGEST_PIPE:
            raise DocumentError(
                f"more than {LARGEST_PIPE >> 20} MB came through this pipe",
                where=place,
                hint="Save it into a file",
            )


def document_from_bytes(data: bytes, *, path: str, id: str | None = None) -> Document:
    """Make a document of bytes in hand; ``path`` is what it is called in messages and where its id comes from."""
    if looks_binary(data):
        raise DocumentError(
            "this is not a text file", where=path, hint="Save the page as plain text, HTML, Markdown, CSV or JSON"
        )
    decoded = decode(data)
    text = normalise_line_ends(decoded.text)
    if not text.strip().strip(INVISIBLE).strip():
        raise DocumentError("the document is empty", where=path, hint="Save the page's text into it")
    return Document(
        id=id or document_id(path),
        path=path,
        sha256=hashlib.sha256(data).hexdigest(),
        format=format_of(text),
        language=language_of(text),
        text=text,
        recoded=decoded.recoded,
    )


def normalise_line_ends(text: str) -> str:
    r"""Write every line end as ``\n``.

    >>> normalise_line_ends("a\r\nb\rc")
    'a\nb\nc'
    """
    return text.replace("\r\n", "\n").replace("\r", "\n")


def document_id(path: str) -> str:
    """Make a short id that may stand in an IRI out of a file's name.

    >>> document_id("data/Phase 1.TXT")
    'phase-1'
    """
    stem = Path(path).stem.lower()
    return re.sub(r"[^a-z0-9]+", "-", stem).strip("-") or "document"

"""A file on disk as a :class:`~fundgraph.model.Document`."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from fundgraph.documents.encoding import decode, looks_binary
from fundgraph.documents.sniff import format_of, language_of
from fundgraph.errors import DocumentError
from fundgraph.model import Document

INVISIBLE = "\ufeff\u200b\u200c\u200d\u2060\u00ad"
"""Characters that print nothing; a text of only these and white space is empty."""


def read_document(path: str | Path, *, id: str | None = None) -> Document:
    """Read a file into a document; raise :class:`DocumentError` if it is missing, a folder, binary or empty."""
    place = Path(path)
    if place.is_dir():
        raise DocumentError("this is a folder, not a document", where=place, hint="Name a file in it")
    try:
        data = place.read_bytes()
    except FileNotFoundError:
        raise DocumentError("there is no such file", where=place, hint="Check the path") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise DocumentError(
            f"the file cannot be read: {reason}", where=place, hint="Check its permissions"
        ) from error
    return document_from_bytes(data, path=str(path), id=id)


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

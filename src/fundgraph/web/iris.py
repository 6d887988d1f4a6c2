"""IRIs that clients name."""

from __future__ import annotations

import re

from fundgraph.web.protocol import BadRequest

_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|^`\\]+")


def absolute(value: str, name: str) -> str:
    """Return an IRI, or raise the answer that says that a parameter holds none."""
    if not _ABSOLUTE.fullmatch(value):
        raise BadRequest(400, "parameter", "Not an IRI", f"{name!r} needs an absolute IRI, not {value[:200]!r}")
    return value

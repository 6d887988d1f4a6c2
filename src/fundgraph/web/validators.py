"""Entity tags: strong ones, made of the release, the normalised query, its format and the limits.

All of that is known before a query runs. JSON also tells how long it took, so its tags have a second part that says
which run these bytes are of; what a client holds is still good if the first part is right.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import fields

from werkzeug.datastructures import ETags

from fundgraph.settings import Settings
from fundgraph.store.engine import Answer, QueryRequest
from fundgraph.store.scan import scan

_NOT_TOLD_APART = ("text", "timeout")


def tag_of(query: QueryRequest, release: str, settings: Settings) -> str:
    """Return the first part of the tag of a query's answer."""
    return tag_by(scan(query.text).fingerprint, release, marks_of(query, settings))


def marks_of(query: QueryRequest, settings: Settings) -> str:
    """Return what a tag is made of besides release and query: format and limits."""
    parts = [str(settings.max_rows), str(settings.max_bytes)]
    parts += [
        f"{item.name}={getattr(query, item.name)!r}"
        for item in fields(query)
        if item.name not in _NOT_TOLD_APART and getattr(query, item.name)
    ]
    return "\0".join(parts)


def tag_by(fingerprint: str, release: str, marks: str) -> str:
    """Return the first part of the tag of an answer, by what it is made of."""
    return hashlib.sha256(f"{release}\0{fingerprint}\0{marks}".encode("utf-8", "replace")).hexdigest()[:32]


def whole_tag(tag: str, answer: Answer) -> str:
    """Return the tag of this very answer."""
    return f"{tag}.{round(answer.elapsed_ms * 1000):x}" if answer.format == "json" else tag


def held(tag: str, wanted: ETags) -> str | None:
    """Return the tag of an answer that a client says to hold and that is still good."""
    if wanted.star_tag:
        return tag
    tags = wanted.as_set(include_weak=True)
    # Compressed answers have the coding at the end of their tags.
    return next((one for one in tags if re.split(r"[.-]", one, maxsplit=1)[0] == tag), None)

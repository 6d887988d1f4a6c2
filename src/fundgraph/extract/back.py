"""From a view back to its source: every span of an extraction, and every quote, in the file as it is on disk."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import fields, is_dataclass, replace
from functools import lru_cache
from typing import Any, Protocol, cast

from fundgraph.model import Document, Extraction, Finding, Span


class Way(Protocol):
    """Leads from a text that was read to the one that it was made of: a view's, or a piece's of a page."""

    @property
    def document(self) -> Document:
        """The text that was read."""

    @property
    def source(self) -> Document:
        """What it was made of."""

    def back(self, start: int, end: int) -> tuple[int, int]:
        """Return where a stretch stands in the source."""


def to_source(extraction: Extraction, view: Way) -> Extraction:
    """Return an extraction of a view's text as one of the view's source."""
    if view.document is view.source:
        return extraction
    values = {
        field.name: _mapped(getattr(extraction, field.name), view)
        for field in fields(extraction)
        if field.name not in {"document", "coverage"}
    }
    return replace(extraction, document=view.source, **values)


@lru_cache(maxsize=64)
def _fields_of(kind: Hashable) -> tuple[str, ...]:
    """Return the names of a record's fields; none of what is no record."""
    return tuple(field.name for field in fields(kind)) if isinstance(kind, type) and is_dataclass(kind) else ()


def _mapped(value: Any, view: Way) -> Any:
    """Return a record with its spans, and those of the records in it, led back."""
    kind = type(value)
    if kind is str or value is None or kind is int:
        return value
    if kind is Span:
        return view.source.span(*view.back(value.start, value.end))
    if kind is tuple:
        return tuple([_mapped(one, view) for one in value]) if value else value
    if kind is Finding:
        span = view.source.span(*view.back(value.span.start, value.span.end))
        return Finding(value.code, value.severity, span, view.source.quote(span), value.message, value.about)
    if names := _fields_of(cast(Hashable, kind)):
        return kind(*[_mapped(getattr(value, name), view) for name in names])
    return value

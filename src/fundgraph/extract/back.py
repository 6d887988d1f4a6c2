"""From a view back to its source: every span of an extraction, and every quote, in the file as it is on disk."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any, Protocol

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


def _mapped(value: Any, view: Way) -> Any:
    """Return a record with its spans, and those of the records in it, led back."""
    if isinstance(value, Span):
        return view.source.span(*view.back(value.start, value.end))
    if isinstance(value, tuple):
        return tuple(_mapped(one, view) for one in value)
    if isinstance(value, Finding):
        span = view.source.span(*view.back(value.span.start, value.span.end))
        return replace(value, span=span, quote=view.source.quote(span))
    if is_dataclass(value) and not isinstance(value, type):
        changed = {
            field.name: new
            for field in fields(value)
            if (new := _mapped(old := getattr(value, field.name), view)) is not old
        }
        return replace(value, **changed) if changed else value
    return value

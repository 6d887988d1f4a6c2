"""The view of any document, by its format."""

from __future__ import annotations

from collections.abc import Callable

from fundgraph.documents.templates import leftovers
from fundgraph.documents.view import View, Writer
from fundgraph.model import Document

LARGEST_PAGE = 16_000_000
"""Characters of HTML or Markdown that are read at once; a larger page is read in pieces."""

_LONGEST_COMMENT = 20_000
"""Characters between ``<!--`` and ``-->`` at most."""


def is_large(document: Document) -> bool:
    """Tell whether a page has to be read in pieces."""
    return document.format in _VIEWS and len(document.text) > LARGEST_PAGE


def view_of(document: Document) -> View:
    """Return what a document shows: its text without markup, marked with its structure.

    For a page that :func:`is_large` of says so, this takes gigabytes: it is read in pieces.
    """
    view = _VIEWS.get(document.format)
    if view is None:
        return text_view(document)
    return view(document)


def text_view(document: Document) -> View:
    """Return a plain text as it is, but for comments and what template engines left in it."""
    text = document.text
    skipped = leftovers(text, 0, len(text))
    if "<!--" in text:
        skipped += _comments(text)
    if not skipped:
        return View.plain(document)
    writer = Writer(document)
    position = 0
    for start, end in sorted(skipped):
        if start >= position:
            writer.copy(position, start)
            position = end
    writer.copy(position, len(text))
    return writer.finish()


def _comments(text: str) -> list[tuple[int, int]]:
    """Return where comments stand that are closed; each opening and each end is looked at once."""
    found: list[tuple[int, int]] = []
    start, close = text.find("<!--"), -1
    while start >= 0:
        if close < start + 4:
            close = text.find("-->", start + 4)
            if close < 0:
                break
        after = start + 4
        if close - after <= _LONGEST_COMMENT:
            after = close + 3
            found.append((start, after))
        start = text.find("<!--", after)
    return found


def _html(document: Document) -> View:
    from fundgraph.documents.html import html_view

    return html_view(document)


def _markdown(document: Document) -> View:
    from fundgraph.documents.markdown import markdown_view

    return markdown_view(document)


_VIEWS: dict[str, Callable[[Document], View]] = {"html": _html, "markdown": _markdown}

"""The view of any document, by its format."""

from __future__ import annotations

import re
from collections.abc import Callable

from fundgraph.documents.templates import leftovers
from fundgraph.documents.view import View, Writer
from fundgraph.model import Document

LARGEST_PAGE = 16_000_000
"""Characters of HTML or Markdown that are read at once; a larger page is read in pieces."""

_COMMENT = re.compile(r"<!--.{0,20000}?-->", re.S)


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
        skipped += [found.span() for found in _COMMENT.finditer(text)]
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


def _html(document: Document) -> View:
    from fundgraph.documents.html import html_view

    return html_view(document)


def _markdown(document: Document) -> View:
    from fundgraph.documents.markdown import markdown_view

    return markdown_view(document)


_VIEWS: dict[str, Callable[[Document], View]] = {"html": _html, "markdown": _markdown}

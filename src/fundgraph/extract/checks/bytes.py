"""Lines whose bytes are not in the encoding of their file: read all the same, or not to be read."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fundgraph.extract.checks.finding import finding
from fundgraph.model import Document, Finding

MOST = 20
"""Lines in another encoding that are reported one by one."""


def undecodable(document: Document) -> Iterator[Finding]:
    """Report each line that has bytes which no encoding explains."""
    if "\ufffd" not in document.text:
        return
    line = 0
    for found in re.finditer("\ufffd+", document.text):
        if (here := document.line_of(found.start())) != line:
            line = here
            message = (
                "Here the file has bytes that are no text in its encoding; save it as UTF-8 and check this line."
            )
            yield finding(document, "undecodable-bytes", "warning", *found.span(), message)


def recoded(document: Document) -> Iterator[Finding]:
    """Report each line that was in Windows-1252 in a file of UTF-8; ``document`` is the file, not what it shows."""
    for place, line in enumerate(document.recoded[:MOST], 1):
        start = document.line_starts[line - 1]
        end = document.text.find("\n", start)
        end = min(len(document.text) if end < 0 else end, start + 120)
        more = len(document.recoded) - MOST if place == MOST else 0
        others = f" The same holds for {more} more lines." if more > 0 else ""
        message = (
            "This line is written in Windows-1252 and the rest of the file in UTF-8; it was read so. "
            f"Save the file as UTF-8 and check the line.{others}"
        )
        yield finding(document, "mixed-encoding", "info", start, end, message)

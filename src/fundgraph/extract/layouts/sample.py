"""A long plain page is tried on a sample: layouts that explain far less of it than the best need not read it all."""

from __future__ import annotations

from dataclasses import replace

from fundgraph.extract.source import Source

LONG = 200_000
"""Characters from which on a page is tried on a sample."""
PIECES, PIECE = 8, 2500
"""How many pieces the sample has, and about how many characters each."""


def sample_of(source: Source) -> Source | None:
    """Return pieces of a long plain text, from its beginning to its end, each of whole paragraphs; else ``None``."""
    text = source.document.text
    if len(text) < LONG or source.view.marks or source.view.document is not source.view.source:
        return None
    pieces: list[str] = []
    for number in range(PIECES):
        wanted = number * (len(text) - 2 * PIECE) // PIECES
        start = text.find("\n\n", wanted) if number else 0
        end = text.find("\n\n", start + PIECE)
        if start < 0 or end < 0 or start > wanted + PIECE or end > start + 2 * PIECE:
            # No blank lines there: lines must do.
            start = text.find("\n", wanted) if number else 0
            end = text.find("\n", start + PIECE)
        if start < 0 or end < 0 or start > wanted + PIECE or end > start + 2 * PIECE:
            return None
        pieces.append(text[start:end].strip("\n"))
    return Source.of(replace(source.document, text="\n\n".join(pieces)))

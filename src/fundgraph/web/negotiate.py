"""Content negotiation: one table of offers, and werkzeug's reading of Accept headers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from fundgraph.store.formats import FORMATS, FORMATS_OF

_USUAL = 500
_HTML = ("text/html", "application/xhtml+xml")


def offers(kind: str) -> tuple[str, ...]:
    """Return the media types in which a kind of answer comes, the preferred ones first."""
    return tuple(FORMATS[name].media_types[0] for name in FORMATS_OF[kind])


def names_html(accept: MIMEAccept) -> bool:
    """Tell whether a client names HTML, as browsers do; ``*/*`` is no name."""
    return any(quality > 0 and value.lower() in _HTML for value, quality in accept)


def prefers_html(accept: MIMEAccept, others: Sequence[str] = ()) -> bool:
    """Tell whether a client names HTML and wants none of the other media types more."""
    if not names_html(accept):
        return False
    best = max(accept.quality(value) for value in _HTML)
    return all(accept.quality(value) <= best for value in others)


def format_for(kind: str, header: str) -> str | None:
    """Return what :func:`choose_format` does for an Accept header as it was sent; clients send few different ones."""
    return _remembered(kind, header) if len(header) <= _USUAL else choose_format(kind, _read(header))


@lru_cache(maxsize=256)
def _remembered(kind: str, header: str) -> str | None:
    return choose_format(kind, _read(header))


def _read(header: str) -> MIMEAccept:
    return parse_accept_header(header, MIMEAccept)


def choose_format(kind: str, accept: MIMEAccept) -> str | None:
    """Return the name of the format for a kind of answer, ``None`` if none is acceptable.

    Nobody asking for anything, or for anything at all, gets the first. Where a client likes several as much, those that it
    names by their own type come first, then those it names by a general one such as ``application/xml``, then
    those that only a wildcard covers. General types do not count for browsers, which send them with every request.
    """
    names = FORMATS_OF[kind]
    accept = without_parameters(accept)
    if not accept:
        return names[0]
    named = MIMEAccept([(value, quality) for value, quality in accept if "*" not in value])
    general = [] if names_html(accept) else [(name, FORMATS[name].media_types[1:]) for name in names]
    special = [(name, FORMATS[name].media_types[:1]) for name in names]
    best, chosen = 0.0, None
    for offered, wanted in ((special, named), (general, named), (special, accept), (general, accept)):
        for name, media_types in offered:
            for media_type in media_types:
                # A type that is refused by name is not let in by a wildcard: quality() takes the closest match.
                quality = wanted.quality(media_type)
                if quality > best:
                    best, chosen = quality, name
    return chosen


def without_parameters(accept: MIMEAccept) -> MIMEAccept:
    """Return an Accept header without what clients add to media types: all our answers are in UTF-8 anyway.

    ``text/turtle; charset=utf-8`` asks for Turtle, and ``…json; version=1.1`` for JSON.
    """
    return MIMEAccept([(value.partition(";")[0].strip(), quality) for value, quality in accept])


def named_format(kind: str, name: str) -> str | None:
    """Return the format that a ``format`` parameter means: our name, a suffix, or a media type."""
    wanted = name.strip().lower()
    for known in FORMATS_OF[kind]:
        item = FORMATS[known]
        if wanted in (item.name, item.suffix, *item.media_types):
            return known
    return None

"""The feed of releases (Atom, RFC 4287): an entry for each, which says in words what changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

_ATOM = "http://www.w3.org/2005/Atom"


@dataclass(frozen=True, slots=True)
class Entry:
    """One release in a feed: its IRI, title, time, pages, and the sentences that tell what changed."""

    iri: str
    title: str
    updated: str
    page: str
    changes_page: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed: its IRI, title, author, language and addresses."""

    iri: str
    title: str
    author: str
    language: str
    address: str
    page: str
    licence: str = ""


def atom(feed: Feed, entries: Sequence[Entry], generator: str) -> str:
    """Write a feed; ``entries`` come newest first."""
    updated = entries[0].updated if entries else "1970-01-01T00:00:00Z"
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f"<feed xmlns={quoteattr(_ATOM)} xml:lang={quoteattr(feed.language)}>",
        f"  <id>{escape(feed.iri)}</id>",
        f"  <title>{escape(feed.title)}</title>",
        f"  <updated>{escape(updated)}</updated>",
        f"  <author><name>{escape(feed.author)}</name></author>",
        _link("self", feed.address, "application/atom+xml"),
        _link("alternate", feed.page, "text/html"),
        *([_link("license", feed.licence)] if feed.licence else []),
        f"  <generator>{escape(generator)}</generator>",
    ]
    for entry in entries:
        told = "".join(f"<li>{escape(sentence)}.</li>" for sentence in entry.sentences)
        lines += [
            "  <entry>",
            f"    <id>{escape(entry.iri)}</id>",
            f"    <title>{escape(entry.title)}</title>",
            f"    <updated>{escape(entry.updated)}</updated>",
            "  " + _link("alternate", entry.page, "text/html"),
            *(["  " + _link("related", entry.changes_page, "text/html")] if entry.changes_page else []),
            f'    <content type="html">{escape(f"<ul>{told}</ul>" if told else "")}</content>',
            "  </entry>",
        ]
    return "\n".join([*lines, "</feed>"]) + "\n"


def _link(relation: str, address: str, media_type: str = "") -> str:
    kind = f" type={quoteattr(media_type)}" if media_type else ""
    return f'  <link rel="{relation}" href={quoteattr(address)}{kind}/>'

"""The formats of answers: one table of names and media types, written by hand.

The library's own media types will not do: its CSV carries a charset and never equals ``text/csv``.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Format:
    """A format of answers: our name for it, the ending of files, and media types, its own first."""

    name: str
    suffix: str
    media_types: tuple[str, ...]
    charset: bool = False

    @property
    def content_type(self) -> str:
        """The value of a Content-Type header."""
        return f"{self.media_types[0]}; charset=utf-8" if self.charset else self.media_types[0]


FORMATS = {
    item.name: item
    for item in (
        Format("json", "json", ("application/sparql-results+json", "application/json")),
        Format("xml", "xml", ("application/sparql-results+xml", "application/xml", "text/xml")),
        Format("csv", "csv", ("text/csv",), charset=True),
        Format("tsv", "tsv", ("text/tab-separated-values",), charset=True),
        Format("turtle", "ttl", ("text/turtle", "application/x-turtle", "text/n3", "text/rdf+n3"), charset=True),
        Format("ntriples", "nt", ("application/n-triples", "text/plain")),
        Format("rdfxml", "rdf", ("application/rdf+xml", "application/xml", "text/xml")),
        Format("jsonld", "jsonld", ("application/ld+json", "application/json")),
        Format("trig", "trig", ("application/trig", "application/x-trig")),
        Format("nquads", "nq", ("application/n-quads", "text/x-nquads")),
    )
}

#: What each kind of answer can be written in; the first is what comes when nobody asks for anything.
FORMATS_OF = {
    "select": ("json", "xml", "csv", "tsv"),
    "ask": ("json", "xml"),
    "graph": ("turtle", "ntriples", "rdfxml", "jsonld", "trig", "nquads"),
}

#: The kind of answer that each form of query has.
KIND_OF = {"select": "select", "ask": "ask", "construct": "graph", "describe": "graph"}

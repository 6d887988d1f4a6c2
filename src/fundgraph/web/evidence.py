"""Why a statement stands on a page: the lines or sources that say it, its proof, or who set it down."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from fundgraph.terms import string
from fundgraph.web.languages import say
from fundgraph.web.panels import Mark, Row
from fundgraph.web.site import Site

_XSD_STRING = "http://www.w3.org/2001/XMLSchema#string"


def term_of(row: Row) -> str:
    """Return the object of a row of ``describe_out`` or ``thing_statements`` as ``/explain`` takes it: an IRI, or a literal in quotes.

    >>> term_of({"object": "ice", "datatype": "", "language": "en"})
    '"ice"@en'
    """
    if row.get("language"):
        return f"{string(row['object'])}@{row['language']}"
    if row.get("datatype"):
        tail = "" if row["datatype"] == _XSD_STRING else f"^^<{row['datatype']}>"
        return f"{string(row['object'])}{tail}"
    return row["object"]


def marks_of(site: Site, rows: Iterable[Row]) -> tuple[Mark, ...]:
    """Return the marks of rows that name a ``line`` of a ``document`` or a ``source``, lines first."""
    marks: dict[tuple[str, str], Mark] = {}
    for row in rows:
        if row["line"]:
            words = say("read in {} at line {}").format(row["document"].rsplit("/", 1)[-1], row["line"])
            href = f"{site.path(row['document'])}#L{row['line']}"
            marks["", row["line"].zfill(9)] = Mark("read", row["line"], href, words, row["quote"])
        elif row["source"]:
            marks["x", row["source"]] = site.linked(row["source"], row["confidence"], row["note"])
    return tuple(marks[key] for key in sorted(marks))


@dataclass(frozen=True)
class Evidence:
    """Which sources say which statements about one thing, and what else is known of where they come from."""

    site: Site
    iri: str

    def __call__(self, predicate: str, value: str | None = None) -> tuple[Mark, ...]:
        """Return the marks of the sources of a statement; of all with that predicate if no value is given."""
        rows = self._said.get(predicate, ())
        return marks_of(self.site, (row for row in rows if value in (None, row["object"])))

    @cached_property
    def _said(self) -> dict[str, list[Row]]:
        """The rows of the sources' statements by predicate."""
        found: dict[str, list[Row]] = {}
        for row in self.site.panel("thing_evidence", self.iri).rows:
            found.setdefault(row["predicate"], []).append(row)
        return found

    def why(self, predicate: str, value: str | None = None) -> tuple[Mark, ...]:
        """Return the marks of a statement's sources; if it has none, one that leads to its proof.

        Empty only for what is not in the graph.
        """
        found = self(predicate, value)
        if found:
            return found
        # Of one property only: a programme has ten thousand statements about its projects.
        rows = self.site.rows_of("thing_statements", [predicate], self.iri).rows
        same = (row for row in rows if value in (None, row["object"]))
        row = min(same, key=lambda row: row["graph"].endswith("/inferred"), default=None)
        return () if row is None else (self.site.proof(row["graph"], self.iri, predicate, term_of(row)),)

    def pointing(self, subject: str, predicate: str) -> tuple[Mark, ...]:
        """Return the marks of a statement of another thing about this one, as ``thing_into`` has it."""
        panel = self.site.panel("thing_into", self.iri)
        rows = [row for row in panel.rows if row["subject"] == subject and row["predicate"] == predicate]
        found = marks_of(self.site, rows)
        return found or tuple(
            self.site.proof(graph, subject, predicate, self.iri)
            for graph in sorted({row["graph"] for row in rows})[:1]
        )

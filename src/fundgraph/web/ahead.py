"""What the pages of several things of a kind ask for, asked of all of them at once before the pages are made.

A query of one thing costs the engine more to read than to answer, and a folder of pages asks a dozen for each of its
things. What is not fetched here is asked as each page is made, so that no page depends on this.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fundgraph.web.site import Site

__all__ = ["PANELS", "fetch"]

_OF_ALL = ("thing_types", "thing_identifiers", "thing_findings", "thing_evidence", "thing_statements")
#: The panels that the page of a thing asks for, by the thing's kind.
PANELS: Mapping[str, tuple[str, ...]] = {
    "project": (
        *_OF_ALL, "project_facts", "project_people", "project_publications", "project_phases", "project_topics",
    ),
    "person": (*_OF_ALL, "person_projects", "person_facts", "person_phases", "person_affiliations"),
    "topic": (*_OF_ALL, "topic_facts", "topic_phases", "topic_around"),
    "organisation": (*_OF_ALL, "organisation_facts", "organisation_funds", "thing_into"),
    "publication": (*_OF_ALL, "publication_facts", "publication_cited"),
}  # fmt: skip


def fetch(site: Site, kind: str, iris: Sequence[str]) -> None:
    """Fetch what the pages of some things of a kind will ask for."""
    for name in PANELS.get(kind, ()):
        site.panels.fetch(site.kg, name, iris)

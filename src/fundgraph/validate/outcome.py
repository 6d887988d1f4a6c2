"""One result as SHACL has it, whoever found it: RDF terms, with nothing left out."""

from __future__ import annotations

from dataclasses import dataclass

from rdflib import Literal, URIRef
from rdflib.term import Node


@dataclass(frozen=True, slots=True)
class Outcome:
    """One result. ``component`` is short (``MinCount``); ``path`` is a predicate, or a path's node in the shapes graph."""

    focus: Node
    path: Node | None
    value: Node | None
    shape: Node
    component: str
    severity: URIRef
    messages: tuple[Literal, ...]
    source: Node | None = None
    """The SPARQL constraint, if it is one's."""

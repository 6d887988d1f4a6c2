"""Look terms up in a store: does it know them, and what are they called?"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

import pyoxigraph as ox

#: So many things of one answer get a label at most.
MOST_LABELS = 5000
LABELS = tuple(
    ox.NamedNode(iri)
    for iri in (
        "http://www.w3.org/2004/02/skos/core#prefLabel",
        "http://www.w3.org/2000/01/rdf-schema#label",
        "http://schema.org/name",
        "https://schema.org/name",
        "http://xmlns.com/foaf/0.1/name",
        "http://purl.org/dc/terms/title",
    )
)
_IRI = re.compile(rb'"type":"uri","value":("(?:[^"\\]|\\.)*+")')


def is_known(store: ox.Store, iri: str) -> bool:
    """Tell whether an IRI occurs anywhere in a store; one that is not valid does not."""
    try:
        node = ox.NamedNode(iri)
    except ValueError:
        return False
    return (
        next(store.quads_for_pattern(None, node, None), None) is not None
        or next(store.quads_for_pattern(node, None, None), None) is not None
        or next(store.quads_for_pattern(None, None, node), None) is not None
        or store.contains_named_graph(node)
    )


def labels_of(store: ox.Store, results: bytes, languages: Sequence[str]) -> dict[str, str]:
    """Return labels for the IRIs of SPARQL JSON results, up to so many; an IRI without one is left out."""
    found: dict[str, str] = {}
    for written in dict.fromkeys(_IRI.findall(results)):
        iri = json.loads(written)
        label = label_of(store, iri, languages)
        if label is not None:
            found[iri] = label
        if len(found) == MOST_LABELS:
            break
    return found


def label_of(store: ox.Store, iri: str, languages: Sequence[str]) -> str | None:
    """Return a thing's label: in the first language that there is, without a language, or in any."""
    try:
        node = ox.NamedNode(iri)
    except ValueError:
        return None
    best: tuple[int, int, str] | None = None
    for rank, name in enumerate(LABELS):
        for quad in store.quads_for_pattern(node, name, None):
            if isinstance(quad.object, ox.Literal):
                found = _preference(quad.object.language, languages), rank, quad.object.value
                best = found if best is None else min(best, found)
    return None if best is None else best[2]


def _preference(tag: str | None, languages: Sequence[str]) -> int:
    """How little a language is liked: its place in the list, then no language, then any other."""
    if tag is None:
        return len(languages)
    for place, wanted in enumerate(languages):
        if tag.lower() == wanted.lower() or tag.lower().startswith(wanted.lower() + "-"):
            return place
    return len(languages) + 1

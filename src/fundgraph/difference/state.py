"""A thing before and after: what each of two releases says of it, looked up when it is needed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from fundgraph.store.sorted_file import Quad, SortedFile
from fundgraph.terms import FG

RDF_TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
LABEL = "<http://www.w3.org/2000/01/rdf-schema#label>"
SKOS = "http://www.w3.org/2004/02/skos/core#"
#: The properties that name a thing, the ones that say it best first.
NAMES = (f"<{FG}name>", f"<{FG}title>", f"<{SKOS}prefLabel>", f"<{FG}label>", LABEL)

Facts = Mapping[str, frozenset[str]]
"""The values of a thing by property; all as N-Triples writes them."""


def fg(name: str) -> str:
    """Return a term of the ontology as N-Triples writes it."""
    return f"<{FG}{name}>"


def value_of(term: str) -> str:
    """Return what people read of a term: a literal's text, or the IRI.

    >>> value_of('"Gr\\\\u00F6\\\\u00DFe"@de'), value_of("<a:b>")
    ('Größe', 'a:b')
    """
    if not term.startswith('"'):
        return term.strip("<>")
    from fundgraph.ntriples import split_literal, unescape

    return unescape(split_literal(term)[0])


@dataclass(slots=True)
class State:
    """What one release says, without the graphs that say how it came to be."""

    file: SortedFile
    hidden: frozenset[str]
    """Graphs that are not looked at."""
    _known: dict[str, Facts] = field(default_factory=dict)

    def of(self, thing: str) -> Facts:
        """Return the facts of a thing."""
        found = self._known.get(thing)
        if found is None:
            values: dict[str, set[str]] = {}
            for quad in self.file.about(thing):
                if quad.graph not in self.hidden:
                    values.setdefault(quad.predicate, set()).add(quad.object)
            found = self._known[thing] = {name: frozenset(some) for name, some in values.items()}
        return found

    def has(self, thing: str) -> bool:
        """Tell whether anything is said of a thing."""
        return bool(self.of(thing))

    def all(self, thing: str, name: str) -> frozenset[str]:
        """Return the values of a property of the ontology."""
        return self.of(thing).get(fg(name), frozenset())

    def one(self, thing: str, name: str) -> str:
        """Return the only value of a property of the ontology, or the first one in order; empty if there is none."""
        return min(self.all(thing, name), default="")

    def types(self, thing: str) -> frozenset[str]:
        """Return the classes of a thing."""
        return self.of(thing).get(RDF_TYPE, frozenset())

    def label(self, thing: str) -> str:
        """Return what a thing is called, preferably in English; the end of its IRI if it has no name."""
        facts = self.of(thing)
        for name in NAMES:
            values = facts.get(name)
            if values:
                return value_of(min(values, key=lambda term: (not term.endswith("@en"), term)))
        return value_of(thing).rstrip("/").rpartition("/")[2].rpartition("#")[2]


def subjects(quads: Iterable[Quad]) -> set[str]:
    """Return the things that statements are about, without blank nodes."""
    return {quad.subject for quad in quads if quad.subject.startswith("<")}

"""The statements to be written: read from a ``dataset.nq``, and looked up by thing."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

from fundgraph.errors import UsageError
from fundgraph.literals import split_literal, unescape
from fundgraph.terms import FG

Triple = tuple[str, str, str]
Quad = tuple[str, str, str, str]

#: The namespaces that code here names properties and classes by.
NAMESPACES: Mapping[str, str] = {
    "fg": FG,
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "dcterms": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "schema": "https://schema.org/",
    "sssom": "https://w3id.org/sssom/",
    "pav": "http://purl.org/pav/",
    "time": "http://www.w3.org/2006/time#",
    "oa": "http://www.w3.org/ns/oa#",
}
#: The classes of the ontology, in the order in which their instances are shown.
CLASSES = (
    "Programme", "FundingPhase", "Project", "Person", "Organisation", "Participation", "Topic", "TopicAssignment",
    "Publication", "Identifier", "Link", "Claim", "Finding", "Document", "Passage", "Reading", "Role",
)  # fmt: skip
#: Where a class is named further down or not at all, a thing of it is of this one first.
_GENERAL = {"PrincipalInvestigator": "Person", "RegularProject": "Project", "AssociatedProject": "Project"}
#: What belongs to a thing, and is told with it.
PARTS = (
    "fg:hasParticipation", "fg:holdsParticipation", "fg:hasTopicAssignment", "fg:hasIdentifier", "fg:cites",
    "fg:readFrom", "time:hasBeginning", "time:hasEnd",
)  # fmt: skip
_HELD = re.compile(r"^<([^<>]*)>$")


@cache
def full(name: str) -> str:
    """Return the IRI of a prefixed name.

    >>> full("fg:title")
    'https://w3id.org/fundgraph/ontology#title'
    """
    prefix, _, local = name.partition(":")
    return NAMESPACES[prefix] + local


def read_quads(dataset: Path, graphs: Collection[str] = (), hidden: Collection[str] = ()) -> Iterator[Quad]:
    """Yield the statements of a ``dataset.nq``, with the IRI of their graph, in the file's order.

    Only those of ``graphs`` if any are named, else of all but ``hidden``. Raises :class:`UsageError` for a graph
    that is not there.
    """
    wanted, left_out = set(graphs), set(hidden)
    seen: set[str] = set()
    with dataset.open(encoding="utf-8", newline="\n") as lines:
        for line in lines:
            subject, predicate, rest = line.split(" ", 2)
            value, graph = rest[:-4].rsplit(" <", 1)
            if (graph in wanted) if wanted else (graph not in left_out):
                seen.add(graph)
                yield subject, predicate, value, graph
    if missing := wanted - seen:
        raise UsageError(f"there is no graph <{min(missing)}> in this snapshot")


def triples_of(quads: Iterable[Quad]) -> Iterator[Triple]:
    """Yield each triple once: in a sorted file the same triple of several graphs stands together."""
    before: Triple | None = None
    for subject, predicate, value, _ in quads:
        triple = (subject, predicate, value)
        if triple != before:
            yield triple
        before = triple


def read_triples(lines: bytes) -> list[Triple]:
    """Return the triples of canonical N-Triples, sorted."""
    found = set()
    for line in lines.decode().split("\n"):
        if line:
            subject, predicate, value = line[:-2].split(" ", 2)
            found.add((subject, predicate, value))
    return sorted(found)


class Things:
    """Statements by their subject. Things and properties are named by IRIs, values are terms of N-Triples."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self.triples = list(triples)
        self._of: dict[str, dict[str, list[str]]] = {}
        self._instances: dict[str, list[str]] = defaultdict(list)
        type_ = full("rdf:type")
        for subject, predicate, value in self.triples:
            name, property_ = subject[1:-1] if subject[0] == "<" else subject, predicate[1:-1]
            self._of.setdefault(name, {}).setdefault(property_, []).append(value)
            if property_ == type_ and value[0] == "<":
                self._instances[value[1:-1]].append(name)

    def __contains__(self, thing: str) -> bool:
        return thing in self._of

    def of_class(self, name: str) -> list[str]:
        """Return the instances of a class, sorted; the class is a prefixed name."""
        return sorted(set(self._instances.get(full(name), ())))

    def is_a(self, thing: str, name: str) -> bool:
        """Tell whether a thing is an instance of a class, a prefixed name."""
        return f"<{full(name)}>" in self.values(thing, "rdf:type")

    def properties(self, thing: str) -> Mapping[str, list[str]]:
        """Return all that is said of a thing: values by the IRI of the property."""
        return self._of.get(thing, {})

    def values(self, thing: str, name: str) -> list[str]:
        """Return the values of a property, as they are written."""
        return self.properties(thing).get(full(name), [])

    def iris(self, thing: str, *names: str) -> list[str]:
        """Return the IRIs that a thing has for any of the properties, sorted."""
        return sorted({value[1:-1] for name in names for value in self.values(thing, name) if value[0] == "<"})

    def iri(self, thing: str, *names: str) -> str | None:
        """Return the first of these IRIs."""
        found = self.iris(thing, *names)
        return found[0] if found else None

    def texts(self, thing: str, name: str, language: str | None = None) -> list[str]:
        """Return the texts of a property's literals, sorted; those in a language or in none if one is given."""
        found = set()
        for value in self.values(thing, name):
            if value[0] == '"':
                lexical, _, tag = split_literal(value)
                if language is None or tag in ("", language):
                    found.add(unescape(lexical))
        return sorted(found)

    def text(self, thing: str, *names: str, language: str | None = None) -> str | None:
        """Return the first text of the first property that has one."""
        for name in names:
            found = self.texts(thing, name, language)
            if found:
                return found[0]
        return None

    def label(self, thing: str) -> str:
        """Return what a thing is called: its label, English before others, or the end of its IRI."""
        found = self.text(thing, "fg:name", "fg:title", language="en")
        found = found or self.text(thing, "skos:prefLabel", "rdfs:label", language="en")
        found = found or self.text(thing, "skos:prefLabel", "rdfs:label")
        return found or thing.rstrip("/#").rpartition("/")[2].rpartition("#")[2]

    def identifiers(self, thing: str) -> list[tuple[str, str]]:
        """Return scheme and value of a thing's identifiers, sorted."""
        found = set()
        for identifier in self.iris(thing, "fg:hasIdentifier"):
            scheme, value = self.text(identifier, "fg:scheme"), self.text(identifier, "fg:value")
            if scheme and value:
                found.add((scheme, value))
        return sorted(found)

    def around(self, thing: str) -> list[Triple]:
        """Return what is said of a thing and of its parts, and the types and labels of all that these name.

        Raises :class:`UsageError` if nothing is said of it.
        """
        if thing not in self._of:
            raise UsageError(f"nothing is said of <{thing}> in this snapshot")
        told = [thing]
        for part in self.iris(thing, *PARTS):
            told += [part, *self.iris(part, *PARTS)]
        whole = set(told)
        named = {value for one in whole for values in self.properties(one).values() for value in values}
        beside = {match[1] for value in named if (match := _HELD.match(value))} - whole
        brief = {f"<{full(name)}>" for name in ("rdf:type", "rdfs:label", "fg:name", "fg:title", "skos:prefLabel")}
        return [
            triple
            for triple in self.triples
            if triple[0][1:-1] in whole or (triple[1] in brief and triple[0][1:-1] in beside)
        ]


def rank(types: Iterable[str]) -> tuple[int, str]:
    """Return where the instances of these classes (IRIs) stand: the number of the class, and its IRI.

    >>> rank(["http://xmlns.com/foaf/0.1/Person", FG + "Person"])
    (3, 'https://w3id.org/fundgraph/ontology#Person')
    """
    best: tuple[int, str] | None = None
    for iri in types:
        local = iri.removeprefix(FG) if iri.startswith(FG) else ""
        local = _GENERAL.get(local, local)
        place = CLASSES.index(local) if local in CLASSES else len(CLASSES)
        found = (place, FG + local if place < len(CLASSES) else iri)
        best = found if best is None else min(best, found)
    return best or (len(CLASSES) + 1, "")

"""Describe many things one after the other: what ``pages/thing_graph.rq`` gives for one, looked up without a query.

The query takes some ten milliseconds for each thing, nearly all of them the engine's preparation; a look-up takes a tenth
of one. A test holds the two against each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pyoxigraph as ox

_FG = "https://w3id.org/fundgraph/ontology#"
_TIME = "http://www.w3.org/2006/time#"
_RDFS_LABEL = ox.NamedNode("http://www.w3.org/2000/01/rdf-schema#label")
_TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")


def _named(*names: str) -> tuple[ox.NamedNode, ...]:
    return tuple(ox.NamedNode(name if "://" in name else _FG + name) for name in names)


#: What these lead to belongs to a thing, and is described with all of it.
_WITH = _named(
    "hasParticipation", "hasTopicAssignment", "hasIdentifier", "cites", "readFrom", "holdsParticipation",
    f"{_TIME}hasBeginning", f"{_TIME}hasEnd",
)  # fmt: skip
#: Of these parts the passages belong to it too.
_READ_WITH = _named("hasParticipation", "hasTopicAssignment", "holdsParticipation")
#: Of what these lead to only type and label are told.
_NAMED = _named(
    "hasParticipant", "participatesIn", "hasTopic", "involves", "inPhase", "worksWith", "worksOn", "affiliatedWith",
    "funder",
)  # fmt: skip
(_READ_FROM,) = _named("readFrom")
_DEFAULT = ox.DefaultGraph()


def described(
    store: ox.Store, things: Sequence[str], prefixes: Mapping[str, str]
) -> Iterator[tuple[str, bytes, bytes]]:
    """Yield each thing with its description in Turtle and in N-Triples, sorted; empty ones for what is not known."""
    for thing in things:
        triples = sorted(set(_triples(store, ox.NamedNode(thing))), key=_order)
        lines = ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b""
        used = {name: iri for name, iri in prefixes.items() if f"<{iri}".encode() in lines}
        yield thing, ox.serialize(triples, format=ox.RdfFormat.TURTLE, prefixes=used) or b"", lines


def _order(triple: ox.Triple) -> tuple[str, str, str]:
    return str(triple.subject), str(triple.predicate), str(triple.object)


def _triples(store: ox.Store, thing: ox.NamedNode) -> Iterator[ox.Triple]:
    whole: dict[ox.NamedNode | ox.BlankNode, None] = {thing: None}
    for link in _WITH:
        whole |= dict.fromkeys(_ends(store, thing, link))
    for link in _READ_WITH:
        for part in _ends(store, thing, link):
            whole |= dict.fromkeys(_ends(store, part, _READ_FROM))
    for subject in whole:
        for quad in store.quads_for_pattern(subject, None, None, _DEFAULT):
            yield quad.triple
    for link in _NAMED:
        for other in _ends(store, thing, link):
            for predicate in (_TYPE, _RDFS_LABEL):
                for quad in store.quads_for_pattern(other, predicate, None, _DEFAULT):
                    yield quad.triple


def _ends(
    store: ox.Store, subject: ox.NamedNode | ox.BlankNode, link: ox.NamedNode
) -> list[ox.NamedNode | ox.BlankNode]:
    """Return the things to which a link leads."""
    quads = store.quads_for_pattern(subject, link, None, _DEFAULT)
    return [quad.object for quad in quads if isinstance(quad.object, (ox.NamedNode, ox.BlankNode))]

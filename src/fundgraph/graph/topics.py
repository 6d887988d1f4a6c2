"""Read a SKOS scheme of topics: the graph, and the labels by which a text may name each topic."""

from __future__ import annotations

from pathlib import Path

from rdflib import RDF, SKOS, Graph, Literal
from rdflib.term import Node

from fundgraph.errors import RdfError
from fundgraph.graph.files import read_rdf
from fundgraph.model import TopicLabels
from fundgraph.vocab import FG

__all__ = ["read_topics", "topic_id", "topic_labels"]


def read_topics(path: Path) -> tuple[Graph, tuple[TopicLabels, ...]]:
    """Return the scheme's graph and its topics, sorted by id (the last part of the topic's IRI).

    Raises :class:`RdfError` if the file is broken, or a topic has no preferred label.
    """
    graph = read_rdf(path)
    for topic in sorted(graph.subjects(RDF.type, FG.Topic), key=str):
        if (topic, SKOS.prefLabel, None) not in graph:
            raise RdfError(f"topic <{topic}> has no skos:prefLabel", where=path)
    return graph, topic_labels(graph)


def topic_id(topic: Node | None) -> str:
    """Return the id of a topic: the last part of its IRI."""
    return str(topic).rsplit("/", 1)[-1]


def topic_labels(graph: Graph) -> tuple[TopicLabels, ...]:
    """Return the topics of a scheme with their labels, sorted by id; one without a preferred label is left out."""
    topics = []
    for topic in sorted(graph.subjects(RDF.type, FG.Topic), key=str):
        preferred = _literals(graph, topic, SKOS.prefLabel)
        if not preferred:
            continue
        preferred.sort(key=lambda label: (label.language != "en", label.language or "", str(label)))
        every = [*preferred, *sorted(_literals(graph, topic, SKOS.altLabel), key=str)]
        narrower = set(graph.transitive_subjects(SKOS.broader, topic)) - {topic}
        near = {*graph.objects(topic, SKOS.related), *graph.subjects(SKOS.related, topic)}
        # Nearly everything is below a viewpoint: that it is named near says nothing.
        near |= {above for above in graph.objects(topic, SKOS.broader) if (above, SKOS.broader, None) in graph}
        topics.append(
            TopicLabels(
                topic_id(topic),
                str(preferred[0]),
                tuple(dict.fromkeys(map(str, every))),
                german=tuple(dict.fromkeys(str(label) for label in every if label.language == "de")),
                ambiguous=tuple(sorted(map(str, _literals(graph, topic, FG.ambiguousLabel)))),
                misleading=tuple(sorted(map(str, _literals(graph, topic, FG.misleadingLabel)))),
                narrower=tuple(sorted(map(topic_id, narrower))),
                around=tuple(sorted(map(topic_id, near))),
            )
        )
    return tuple(topics)


def _literals(graph: Graph, topic: Node, predicate: Node) -> list[Literal]:
    return [label for label in graph.objects(topic, predicate) if isinstance(label, Literal)]

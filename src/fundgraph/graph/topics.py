"""Read a SKOS scheme of topics: the graph, and the labels by which a text may name each topic."""

from __future__ import annotations

from pathlib import Path

from rdflib import RDF, SKOS, Graph, Literal

from fundgraph.errors import RdfError
from fundgraph.graph.files import read_rdf
from fundgraph.model import TopicLabels
from fundgraph.vocab import FG


def read_topics(path: Path) -> tuple[Graph, tuple[TopicLabels, ...]]:
    """Return the scheme's graph and its topics, sorted by id (the last part of the topic's IRI).

    Raises :class:`RdfError` if the file is broken, or a topic has no preferred label.
    """
    graph = read_rdf(path)
    topics = []
    for topic in sorted(graph.subjects(RDF.type, FG.Topic), key=str):
        preferred = [label for label in graph.objects(topic, SKOS.prefLabel) if isinstance(label, Literal)]
        if not preferred:
            raise RdfError(f"topic <{topic}> has no skos:prefLabel", where=path)
        preferred.sort(key=lambda label: (label.language != "en", label.language or "", str(label)))
        others = sorted(str(label) for label in graph.objects(topic, SKOS.altLabel))
        labels = tuple(dict.fromkeys([*(str(label) for label in preferred), *others]))
        topics.append(TopicLabels(str(topic).rsplit("/", 1)[-1], str(preferred[0]), labels))
    return graph, tuple(topics)

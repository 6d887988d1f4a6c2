"""A SKOS scheme of topics: the labels by which a text may name each topic."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from rdflib import RDF, SKOS

from fundgraph.errors import RdfError
from fundgraph.model import TopicLabels
from fundgraph.ntriples import Name, name_of, split_literal, unescape
from fundgraph.vocab import FG

_TYPE, _TOPIC, _PREFERRED, _OTHER = map(name_of, (RDF.type, FG.Topic, SKOS.prefLabel, SKOS.altLabel))


def topic_labels(scheme: Iterable[Name], where: Path) -> tuple[TopicLabels, ...]:
    """Return the topics of a scheme, sorted by id (the last part of the topic's IRI).

    Raises :class:`RdfError` if a topic has no preferred label; ``where`` is the file it is from.
    """
    topics: set[str] = set()
    preferred: dict[str, list[str]] = {}
    others: dict[str, list[str]] = {}
    for s, p, o in scheme:
        if p == _TYPE and o == _TOPIC:
            topics.add(s)
        elif p in (_PREFERRED, _OTHER) and o[0] == '"':
            (preferred if p == _PREFERRED else others).setdefault(s, []).append(o)
    found = []
    for topic in sorted(topics):
        if topic not in preferred:
            raise RdfError(f"topic {topic} has no skos:prefLabel", where=where)
        first = [text for _, text in sorted(map(_by_language, preferred[topic]))]
        rest = sorted(_by_language(label)[1] for label in others.get(topic, ()))
        labels = tuple(dict.fromkeys([*first, *rest]))
        found.append(TopicLabels(topic.strip("<>").rsplit("/", 1)[-1], first[0], labels))
    return tuple(found)


def _by_language(literal: str) -> tuple[tuple[bool, str], str]:
    text, _, language = split_literal(literal)
    return (language != "en", language), unescape(text)

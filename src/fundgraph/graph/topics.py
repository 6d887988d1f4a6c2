"""The labels by which a text may name each topic of a SKOS scheme."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from rdflib import RDF, SKOS

from fundgraph.errors import RdfError
from fundgraph.model import TopicLabels
from fundgraph.ntriples import Name, name_of, split_literal, unescape
from fundgraph.vocab import FG

__all__ = ["topic_id", "topic_labels"]

_TYPE, _TOPIC = map(name_of, (RDF.type, FG.Topic))
_PREFERRED, _OTHER, _AMBIGUOUS, _MISLEADING, _BROADER, _RELATED = map(
    name_of, (SKOS.prefLabel, SKOS.altLabel, FG.ambiguousLabel, FG.misleadingLabel, SKOS.broader, SKOS.related)
)


def topic_id(topic: str) -> str:
    """Return the id of a topic: the last part of its IRI, written with its brackets or without."""
    return topic.strip("<>").rsplit("/", 1)[-1]


def topic_labels(scheme: Iterable[Name], where: Path, *, lenient: bool = False) -> tuple[TopicLabels, ...]:
    """Return the topics of a scheme, sorted by id (the last part of the topic's IRI).

    Raises :class:`RdfError` if a topic has no preferred label, but for a ``lenient`` reader, which leaves it out;
    ``where`` is the file it is from.
    """
    topics: set[str] = set()
    said: dict[str, dict[str, list[str]]] = {
        p: {} for p in (_PREFERRED, _OTHER, _AMBIGUOUS, _MISLEADING, _BROADER, _RELATED)
    }
    for s, p, o in scheme:
        if p == _TYPE and o == _TOPIC:
            topics.add(s)
        elif p in said and (o[0] == '"') == (p not in (_BROADER, _RELATED)):
            said[p].setdefault(s, []).append(o)
            if p == _RELATED:
                said[p].setdefault(o, []).append(s)
    narrower: dict[str, set[str]] = {}
    for topic in topics:
        for above in _closed(topic, said[_BROADER]):
            narrower.setdefault(above, set()).add(topic)
    found = []
    for topic in sorted(topics):
        if topic in said[_PREFERRED]:
            found.append(_labels_of(topic, said, narrower.get(topic, set())))
        elif not lenient:
            raise RdfError(f"topic {topic} has no skos:prefLabel", where=where)
    return tuple(found)


def _labels_of(topic: str, said: dict[str, dict[str, list[str]]], narrower: set[str]) -> TopicLabels:
    first = sorted(map(_by_language, said[_PREFERRED][topic]))
    every = [*first, *sorted(map(_by_language, said[_OTHER].get(topic, ())), key=lambda label: label[1])]
    # Nearly everything is below a viewpoint: that it is named near says nothing.
    near = {above for above in said[_BROADER].get(topic, ()) if above in said[_BROADER]}
    near.update(said[_RELATED].get(topic, ()))
    return TopicLabels(
        topic_id(topic),
        first[0][1],
        tuple(dict.fromkeys(text for _, text in every)),
        german=tuple(dict.fromkeys(text for (_, language), text in every if language == "de")),
        ambiguous=tuple(sorted(_by_language(label)[1] for label in said[_AMBIGUOUS].get(topic, ()))),
        misleading=tuple(sorted(_by_language(label)[1] for label in said[_MISLEADING].get(topic, ()))),
        narrower=tuple(sorted(map(topic_id, narrower - {topic}))),
        around=tuple(sorted(map(topic_id, near - {topic}))),
    )


def _closed(topic: str, broader: dict[str, list[str]]) -> set[str]:
    """Return all that is above a topic."""
    found: set[str] = set()
    waiting = list(broader.get(topic, ()))
    while waiting:
        above = waiting.pop()
        if above not in found:
            found.add(above)
            waiting += broader.get(above, ())
    return found


def _by_language(literal: str) -> tuple[tuple[bool, str], str]:
    text, _, language = split_literal(literal)
    return (language != "en", language), unescape(text)

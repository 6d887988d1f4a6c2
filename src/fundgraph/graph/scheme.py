"""Whether a SKOS scheme is sound: cycles, clashing labels, orphans, and what SKOS itself forbids."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from rdflib import RDF, SKOS, Graph, Literal
from rdflib.term import Node

from fundgraph.extract.topics.forms import TOKEN, plain
from fundgraph.graph.topics import topic_id
from fundgraph.vocab import FG

__all__ = ["SchemeFault", "check_scheme"]


@dataclass(frozen=True, slots=True)
class SchemeFault:
    """What is wrong with a scheme: a stable word, the id of the topic, and a sentence. Severity: error or warning."""

    code: str
    severity: str
    topic: str
    message: str

    def to_json(self) -> dict[str, str]:
        """Return the fault as plain data."""
        return {"code": self.code, "severity": self.severity, "topic": self.topic, "message": self.message}


def check_scheme(graph: Graph) -> tuple[SchemeFault, ...]:
    """Return what is wrong with the topics of a graph, sorted by severity, kind and topic.

    Errors: ``no-concept``, ``missing-label``, ``several-labels``, ``label-of-two``, ``blank-label``, ``cycle``,
    ``orphan``, ``outside-scheme``, ``top-with-broader``, ``related-to-broader``, ``preferred-and-other``. Warnings:
    ``missing-definition``, ``related-to-itself``, ``ambiguous-too``.
    """
    topics = sorted(set(graph.subjects(RDF.type, FG.Topic)) | set(graph.subjects(RDF.type, SKOS.Concept)), key=str)
    if not topics:
        return (SchemeFault("no-concept", "error", "", "There is no topic."),)
    above = _ancestors(graph, topics)
    faults = {
        *_faults_of_labels(graph, topics),
        *_faults_of_places(graph, topics, above),
        *_faults_of_relations(graph, topics, above),
    }
    return tuple(sorted(faults, key=lambda one: (one.severity, one.code, one.topic, one.message)))


def _ancestors(graph: Graph, topics: list[Node]) -> dict[Node, set[Node]]:
    """Return what lies above each topic; in a cycle a topic lies above itself."""
    parents: dict[Node, set[Node]] = defaultdict(set)
    for predicate, down in ((SKOS.broader, False), (SKOS.narrower, True)):
        for s, o in graph.subject_objects(predicate):
            parents[o if down else s].add(s if down else o)
    above: dict[Node, set[Node]] = {}
    for topic in topics:
        found: set[Node] = set()
        waiting = list(parents[topic])
        while waiting:
            parent = waiting.pop()
            if parent not in found:
                found.add(parent)
                waiting += parents[parent]
        above[topic] = found
    return above


def _faults_of_labels(graph: Graph, topics: list[Node]) -> Iterator[SchemeFault]:
    holders: dict[tuple[str, str], dict[Node, str]] = defaultdict(dict)
    for topic in topics:
        name = topic_id(str(topic))
        preferred = _labels(graph, topic, SKOS.prefLabel)
        others = _labels(graph, topic, SKOS.altLabel)
        if not preferred:
            yield SchemeFault("missing-label", "error", name, "It has no skos:prefLabel.")
        languages = [label.language or "" for label in preferred]
        for language in sorted({one for one in languages if languages.count(one) > 1}):
            yield SchemeFault("several-labels", "error", name, f"It has several skos:prefLabel in {language!r}.")
        for label in sorted(set(preferred) & set(others), key=str):
            yield SchemeFault(
                "preferred-and-other", "error", name, f"{str(label)!r} is preferred and other label."
            )
        for label in [*preferred, *others]:
            if not TOKEN.search(str(label)):
                yield SchemeFault("blank-label", "error", name, f"The label {str(label)!r} holds no word.")
            holders[(_form(label), label.language or "")][topic] = str(label)
        sure = {_form(label) for label in [*preferred, *others]}
        for label in _labels(graph, topic, FG.ambiguousLabel):
            if _form(label) in sure:
                yield SchemeFault(
                    "ambiguous-too", "warning", name, f"{str(label)!r} is a label, so never ambiguous."
                )
        if (topic, SKOS.definition, None) not in graph:
            yield SchemeFault("missing-definition", "warning", name, "It has no skos:definition.")
    for texts in holders.values():
        for topic, text in texts.items():
            for other in sorted(topic_id(str(one)) for one in texts.keys() - {topic}):
                yield SchemeFault(
                    "label-of-two", "error", topic_id(str(topic)), f"{other} has the label {text!r} too."
                )


def _faults_of_places(graph: Graph, topics: list[Node], above: dict[Node, set[Node]]) -> Iterator[SchemeFault]:
    known = set(topics)
    tops = set(graph.subjects(SKOS.topConceptOf)) | set(graph.objects(None, SKOS.hasTopConcept))
    for topic in topics:
        name = topic_id(str(topic))
        schemes = set(graph.objects(topic, SKOS.inScheme)) | set(graph.objects(topic, SKOS.topConceptOf))
        if not schemes:
            yield SchemeFault("outside-scheme", "error", name, "It is in no scheme (skos:inScheme).")
        for broader in sorted(above[topic] - known, key=str):
            yield SchemeFault("outside-scheme", "error", name, f"<{broader}> above it is no topic of the scheme.")
        if topic in above[topic]:
            yield SchemeFault("cycle", "error", name, "It is broader than itself.")
        if topic in tops:
            for wider in sorted(topic_id(str(one)) for one in graph.objects(topic, SKOS.broader)):
                yield SchemeFault(
                    "top-with-broader", "error", name, f"It is a top concept, and {wider} is broader."
                )
        elif not above[topic] & tops:
            yield SchemeFault("orphan", "error", name, "No top concept is above it.")


def _faults_of_relations(graph: Graph, topics: list[Node], above: dict[Node, set[Node]]) -> Iterator[SchemeFault]:
    for topic in topics:
        for other in graph.objects(topic, SKOS.related):
            if other == topic:
                yield SchemeFault("related-to-itself", "warning", topic_id(str(topic)), "It is related to itself.")
            elif other not in above:
                yield SchemeFault(
                    "outside-scheme",
                    "error",
                    topic_id(str(topic)),
                    f"<{other}>, related to it, is no topic of the scheme.",
                )
            elif other in above[topic] or topic in above[other]:
                message = f"{topic_id(str(other))} is related to it, and broader or narrower as well."
                yield SchemeFault("related-to-broader", "error", topic_id(str(topic)), message)


def _labels(graph: Graph, topic: Node, predicate: Node) -> list[Literal]:
    found = [label for label in graph.objects(topic, predicate) if isinstance(label, Literal)]
    return sorted(found, key=lambda label: (label.language or "", str(label)))


def _form(label: Literal) -> str:
    """Return the form in which texts are searched for a label; two topics with one form cannot be told apart."""
    return " ".join(plain(token.group()) for token in TOKEN.finditer(str(label)))

"""The topics of SPP 2298: a sound SKOS scheme whose labels stand in the projects' texts."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from pathlib import Path

from rdflib import RDF, RDFS, SKOS, Graph, Literal, URIRef
from rdflib.term import Node

from fundgraph.vocab import FG

ROOT = Path(__file__).resolve().parent.parent
BASE = "https://w3id.org/fundgraph/spp2298/"
SCHEME = URIRef(BASE + "topics")
TOP = {URIRef(f"{BASE}topic/{name}-viewpoint") for name in ("statistical", "applications", "mathematical-methods")}
LABELS = (SKOS.prefLabel, SKOS.altLabel)


@lru_cache
def _scheme() -> Graph:
    return Graph().parse(ROOT / "data" / "spp2298" / "topics.ttl")


def _topics() -> list[Node]:
    return sorted(_scheme().subjects(RDF.type, FG.Topic), key=str)


def _key(label: Node) -> tuple[str, str | None]:
    """What the labels of two topics may not share: case, hyphens and plural s do not count."""
    assert isinstance(label, Literal)
    return re.sub(r"s\b", "", re.sub(r"[\s-]+", " ", str(label).casefold())), label.language


def test_there_are_enough_topics() -> None:
    """There are 120 topics at least, and each is a SKOS concept of the one scheme."""
    scheme = _scheme()
    assert len(_topics()) >= 120
    assert set(scheme.subjects(RDF.type, SKOS.Concept)) == set(_topics())
    assert [topic for topic in _topics() if set(scheme.objects(topic, SKOS.inScheme)) != {SCHEME}] == []


def test_the_iris_are_slugs() -> None:
    """A topic's IRI ends in lower-case letters, digits and hyphens."""
    pattern = re.compile(re.escape(BASE) + r"topic/[a-z0-9-]+")
    assert [topic for topic in _topics() if not pattern.fullmatch(str(topic))] == []


def test_every_topic_has_a_label_and_a_definition() -> None:
    """A topic has one preferred label and one definition, in English; its plain label is the preferred one."""
    scheme = _scheme()
    for topic in _topics():
        for predicate in (SKOS.prefLabel, SKOS.definition):
            assert [text.language for text in scheme.objects(topic, predicate)] == ["en"]  # type: ignore[attr-defined]
        assert list(scheme.objects(topic, RDFS.label)) == list(scheme.objects(topic, SKOS.prefLabel))


def test_no_two_topics_share_a_label() -> None:
    """No label, preferred or alternative, belongs to two topics of one language, nor twice to one."""
    scheme = _scheme()
    counts = Counter(_key(label) for predicate in LABELS for label in scheme.objects(None, predicate))
    assert len(counts) > 300
    assert [label for label, count in counts.items() if count > 1] == []


def test_the_three_viewpoints_are_the_top_concepts() -> None:
    """The scheme has three top concepts; both directions of the link are stated; they have nothing above."""
    scheme = _scheme()
    assert set(scheme.objects(SCHEME, SKOS.hasTopConcept)) == TOP
    assert set(scheme.subjects(SKOS.topConceptOf, SCHEME)) == TOP
    assert [top for top in TOP if (top, SKOS.broader, None) in scheme] == []


def test_every_topic_hangs_below_a_top_concept() -> None:
    """From every topic a top concept is reached, over topics only, and never the topic itself again."""
    scheme = _scheme()
    topics = set(_topics())
    for topic in topics:
        above = set(scheme.transitive_objects(topic, SKOS.broader))
        assert above & TOP
        assert above <= topics
        strictly_above = {
            node for first in scheme.objects(topic, SKOS.broader)
            for node in scheme.transitive_objects(first, SKOS.broader)
        }  # fmt: skip
        assert topic not in strictly_above


def test_labels_are_not_ambiguous_words() -> None:
    """Words that mean several things in running text are no labels."""
    labels = {str(label).casefold() for predicate in LABELS for label in _scheme().objects(None, predicate)}
    words = {"flow", "kernel", "network", "learning", "graph", "training", "model", "manifold", "node", "method"}
    assert labels & words == set()


def _projects() -> list[str]:
    """The text of each project of the document: its title, and what stands under Abstract."""
    document = ROOT / "data" / "spp2298" / "documents" / "phase1.txt"
    lines = document.read_text(encoding="utf-8").split("\n")
    texts = []
    for number in (number for number, line in enumerate(lines) if line == "Abstract"):
        end = next(index for index in range(number, len(lines)) if lines[index] == "Participants")
        texts.append("\n".join([lines[number - 3], *lines[number + 1 : end]]))
    return texts


def _phrase(label: Node) -> re.Pattern[str]:
    words = "[\\s-]+".join(re.escape(word) for word in re.split(r"[\s-]+", str(label)))
    return re.compile(rf"(?<!\w){words}s?(?!\w)", re.IGNORECASE)


def test_the_labels_stand_in_the_projects() -> None:
    """Every project gets a topic, the mean is four at least, and nine topics of ten or more are used."""
    scheme = _scheme()
    phrases = [(_phrase(label), topic) for name in LABELS for topic, label in scheme.subject_objects(name)]
    found = [{topic for phrase, topic in phrases if phrase.search(text)} for text in _projects()]
    assert len(found) == 24
    assert min(map(len, found)) >= 1
    assert sum(map(len, found)) / len(found) >= 4
    assert len(set().union(*found)) >= 0.9 * len(_topics())

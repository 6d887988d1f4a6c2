"""Topics in titles and abstracts."""

from __future__ import annotations

from fundgraph.documents import document_from_bytes
from fundgraph.extract import extract
from fundgraph.model import Extraction, ReadingOptions, TopicLabels

LABELS = (
    TopicLabels("neural-networks", "neural networks", ("neural network", "NN", "NNs")),
    TopicLabels("graph-neural-networks", "graph neural networks", ("GNN",)),
    TopicLabels("pdes", "partial differential equations", ("PDE",)),
    TopicLabels("theory", "learning theory", ("theories of learning",)),
)


def read(title: str, abstract: str, more: str = "") -> Extraction:
    """Read a page of one project, or more."""
    text = f"{title}\nProf. Anna Schmidt\n\nAbstract\n\n{abstract}\n{more}"
    return extract(document_from_bytes(text.encode(), path="page.txt"), ReadingOptions(topics=LABELS))


def found(page: Extraction) -> list[tuple[str, float, list[str]]]:
    """List the topics of the first project with their evidence."""
    return [
        (topic.topic_id, topic.score, [page.document.quote(span) for span in topic.evidence])
        for topic in page.projects[0].topics
    ]


def test_titles_weigh_more_than_abstracts() -> None:
    """A title's mention scores 3/5, an abstract's 1/3; evidence quotes the words."""
    page = read("Neural-Network things", "We solve partial\ndifferential equations here.")
    assert found(page) == [
        ("neural-networks", 0.6, ["Neural-Network"]),
        ("pdes", 0.333, ["partial\ndifferential equations"]),
    ]


def test_the_longest_label_wins() -> None:
    """Graph neural networks are not also neural networks at the same place."""
    assert [topic for topic, _, _ in found(read("Deep things", "On graph neural networks."))] == [
        "graph-neural-networks"
    ]


def test_abbreviations_match_in_capitals_only() -> None:
    """PDEs is found, pdes is not; a word that only contains a label is none."""
    page = read("Deep things", "We solve PDEs but no pde, and innovate NNN.")
    assert found(page) == [("pdes", 0.333, ["PDEs"])]


def test_labels_do_not_reach_across_sentences() -> None:
    """Words on both sides of a full stop are no label."""
    assert found(read("Deep things", "We use deep learning. Theory follows later.")) == []


def test_copied_text_does_not_count() -> None:
    """A sentence that is copied from another project gives no topic there."""
    copied = "The central question of the work is how partial differential equations are solved by machines."
    page = read("Deep things", copied, f"\nOther things\nProf. Eva Kurz\n\nAbstract\n\nWe do more. {copied}\n")
    assert [len(project.topics) for project in page.projects] == [1, 0]
    assert [finding.code for finding in page.findings] == ["repeated-text"]


def test_no_labels_no_topics() -> None:
    """Without a scheme nothing is matched."""
    page = extract(document_from_bytes(b"Neural networks\nProf. Anna Schmidt\n", path="p.txt"), ReadingOptions())
    assert page.projects[0].topics == ()

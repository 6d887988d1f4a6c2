"""Terms that no topic covers."""

from __future__ import annotations

from fundgraph.documents import document_from_bytes
from fundgraph.extract import extract
from fundgraph.extract.topics import Suggestion, suggest_terms
from fundgraph.model import ReadingOptions, TopicLabels

LABELS = (TopicLabels("neural-network", "neural network", ("NN",)),)
PAGE = """
Things of one kind
Prof. Anna Schmidt

Abstract

The convergence of moment closures is studied. A moment closure is an approximation. Neural networks are used.

Things of another kind
Prof. Eva Kurz

Abstract

We approximate the moment closure by a neural network (NN). Deep NNs show convergence.
"""


def suggested(text: str = PAGE, *, least: int = 2) -> dict[str, Suggestion]:
    """Return the suggestions by their terms."""
    page = extract(document_from_bytes(text.encode(), path="page.txt"), ReadingOptions(topics=LABELS))
    return {one.term: one for one in suggest_terms([page], LABELS, least=least)}


def test_terms_with_counts_projects_and_a_passage() -> None:
    """A term has its commonest spelling, how often and in which projects it stands, and where first."""
    found = suggested()
    assert list(found) == ["moment closure", "convergence"]
    term = found["moment closure"]
    assert (term.count, term.projects) == (3, ("things-of-another-kind", "things-of-one-kind"))
    assert (term.span.line, term.document.quote(term.span)) == (7, "moment closures")
    assert term.quote == "The convergence of moment closures is studied."
    assert term.to_json()["passage"]["line"] == 7  # type: ignore[index]


def test_what_a_topic_covers_is_not_suggested() -> None:
    """Neither a label nor its abbreviation is suggested, nor a general word, nor part of what is already there."""
    every = " ".join(suggested(least=1)).lower()
    assert "closure" in every
    assert "network" not in every
    assert "nn" not in every.split()


def test_a_phrase_within_a_longer_one_is_left_out() -> None:
    """ "moment" stands only within "moment closure", and is no term of its own."""
    assert "moment" not in suggested(least=1)
    assert "closure" not in suggested()


def test_repeated_text_does_not_count() -> None:
    """A sentence copied from another project adds nothing to the counts."""
    copied = "The central question of this whole work is the entropy dissipation of large systems."
    text = PAGE.replace("We approximate", f"{copied} We approximate").replace(
        "The convergence", f"{copied} The convergence"
    )
    assert suggested(text, least=1)["entropy dissipation"].count == 1

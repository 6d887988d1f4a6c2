"""Links as records: rows of mapping sets, each with who said so, from what, how sure, and who looked at it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

__all__ = [
    "CLOSE", "CURATED", "EXACT", "FEATURE", "FG", "JUSTIFICATIONS", "MADE", "NO_TERM", "SAME_AS", "SEMAPV", "SSSOM",
    "STATES", "Link", "MappingSet", "confidence_word",
]  # fmt: skip

SSSOM = "https://w3id.org/sssom/"
SEMAPV = "https://w3id.org/semapv/vocab/"
FEATURE = "https://w3id.org/fundgraph/feature#"
FG = "https://w3id.org/fundgraph/ontology#"
#: The predicate of a link that nobody has reviewed.
CLOSE = "http://www.w3.org/2004/02/skos/core#closeMatch"
#: That of a reviewed link between concepts.
EXACT = "http://www.w3.org/2004/02/skos/core#exactMatch"
#: That of a link between things: the page or record elsewhere that is about the same thing. Nothing is inferred by it.
SAME_AS = "https://schema.org/sameAs"
#: That of a person to a work.
MADE = "http://xmlns.com/foaf/0.1/made"
#: Stands in place of an object that was searched for and not found.
NO_TERM = SSSOM + "NoTermFound"
CURATED = SEMAPV + "ManualMappingCuration"
#: The justifications that the SSSOM schema lists.
JUSTIFICATIONS = tuple(
    SEMAPV + name
    for name in (
        "LexicalMatching", "LogicalReasoning", "CompositeMatching", "UnspecifiedMatching",
        "SemanticSimilarityThresholdMatching", "LexicalSimilarityThresholdMatching", "MappingChaining",
        "MappingReview", "ManualMappingCuration", "MappingInversion", "StructuralMatching", "InstanceBasedMatching",
        "BackgroundKnowledgeBasedMatching",
    )
)  # fmt: skip
#: What a link can be: found by a machine; taken from a source by a person; reviewed with one of three outcomes;
#: searched for in vain.
STATES = ("suggested", "stated", "accepted", "rejected", "unsure", "absent")


def confidence_word(confidence: float | None) -> str:
    """Return the word for a confidence between 0 and 1: the words are those of ``facts.tsv``.

    >>> confidence_word(0.95), confidence_word(0.7), confidence_word(0.3), confidence_word(None)
    ('high', 'medium', 'low', 'low')
    """
    if confidence is None or confidence < 0.5:
        return "low"
    return "high" if confidence >= 0.9 else "medium"


@dataclass(frozen=True, slots=True)
class Link:
    """One row of a mapping set: a thing of ours, a thing of theirs, and how we came to think of them together."""

    subject: str
    predicate: str
    object: str
    justification: str
    subject_label: str = ""
    subject_category: str = ""
    object_label: str = ""
    confidence: float | None = None
    negated: bool = False
    authors: tuple[str, ...] = ()
    date: str = ""
    reviewers: tuple[str, ...] = ()
    review_date: str = ""
    agreement: float | None = None
    """How far the reviewers agree, from -1 to 1, as SSSOM 1.1 has it; 0 where they are unsure."""
    tool: str = ""
    comment: str = ""
    evidence: str = ""
    """Where it stands that the two belong together: an address, or words."""
    band: str = ""
    facts: str = ""
    """What the target says of its thing, in a line."""
    place: tuple[float, float] | None = None
    """Latitude and longitude of the thing in degrees, where the target gives them."""
    features: Mapping[str, float] = field(default_factory=dict)
    """What a suggestion was scored by, each between 0 and 1; what is not known is not there."""
    line: int = 0

    @property
    def state(self) -> str:
        """One of :data:`STATES`."""
        if self.object == NO_TERM:
            return "absent"
        if self.negated:
            return "rejected"
        if self.reviewers:
            return "unsure" if self.agreement == 0 else "accepted"
        return "stated" if self.justification == CURATED else "suggested"

    @property
    def key(self) -> tuple[str, str]:
        """What a link is about: the pair of things, whatever was decided of it."""
        return self.subject, self.object

    @property
    def digest(self) -> str:
        """The part of the link's IRI that tells it from others of its set; a decision does not change it."""
        return hashlib.sha256("\0".join(self.key).encode()).hexdigest()[:16]

    @property
    def times_accepted(self) -> int:
        """By how many people it was accepted."""
        return len(set(self.reviewers)) if self.state == "accepted" else 0

    def but(self, **changes: Any) -> Link:
        """Return the link with changes."""
        return replace(self, **changes)


@dataclass(frozen=True, slots=True)
class MappingSet:
    """A file of links to one target: ``name`` is the file's, without its endings, and the last part of the graph's IRI."""

    name: str
    header: Mapping[str, Any]
    links: tuple[Link, ...]
    path: str = ""

    @property
    def id(self) -> str:
        """The IRI of the set."""
        return str(self.header.get("mapping_set_id", ""))

    def holding(self, links: tuple[Link, ...]) -> MappingSet:
        """Return the set with other links."""
        return replace(self, links=links)

    def in_state(self, *states: str) -> tuple[Link, ...]:
        """Return the links that are in one of the states."""
        return tuple(link for link in self.links if link.state in states)

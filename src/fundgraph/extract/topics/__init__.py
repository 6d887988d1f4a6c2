"""Topics of a scheme in what projects say: matched by their labels, and suggested where no label fits."""

from __future__ import annotations

from fundgraph.extract.topics.match import match_topics
from fundgraph.extract.topics.suggest import Suggestion, suggest_terms

__all__ = ["Suggestion", "match_topics", "suggest_terms"]

"""Topics of a scheme in a project's title and abstract."""

from __future__ import annotations

from fundgraph.model import Document, Project, Span, TopicLabels, TopicMatch


def match_topics(
    project: Project, document: Document, labels: tuple[TopicLabels, ...], *, skip: tuple[Span, ...] = ()
) -> tuple[TopicMatch, ...]:
    """Find which topics a project's title and abstract name."""
    return ()

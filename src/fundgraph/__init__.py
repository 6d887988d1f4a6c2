"""fundgraph: the documents of a research programme as a knowledge graph that people trust.

    >>> from fundgraph import KnowledgeGraph

What is promised to stay is in ``__all__``; it is imported when it is asked for, so that a verb imports what it needs.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fundgraph.kg import KnowledgeGraph
    from fundgraph.pipeline import build
    from fundgraph.questions.question import Question
    from fundgraph.results import Table, Term, Triples
    from fundgraph.settings import Settings
    from fundgraph.web.app import create_app

__version__ = "0.1.0"
__all__ = ["KnowledgeGraph", "Question", "Settings", "Table", "Term", "Triples", "build", "create_app"]

_HOMES = {
    "KnowledgeGraph": "kg", "Question": "questions.question", "Settings": "settings", "Table": "results",
    "Term": "results", "Triples": "results", "build": "pipeline", "create_app": "web.app",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    """Import what is promised when it is asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])

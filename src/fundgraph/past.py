"""Releases that are kept beside the current one: opened as they were made, with the canned queries of their day."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from fundgraph import assets
from fundgraph.errors import OldReleaseError, QuestionError
from fundgraph.kg import KnowledgeGraph
from fundgraph.settings import Settings
from fundgraph.store.indexing import missing_tables
from fundgraph.store.listing import FILE_NAME
from fundgraph.store.snapshot import Snapshot

if TYPE_CHECKING:
    from fundgraph.questions import Question

#: What is needed of a release to be asked and shown.
_PARTS = ("dataset.nq", "store/CURRENT", FILE_NAME)
#: Of an old release only so many quads are held in memory, and of its answers so many bytes.
_QUADS, _BYTES = 100_000, 4 << 20
#: The canned queries as they were when the release was made.
QUERIES = "queries.json"


class PastGraph(KnowledgeGraph):
    """The graph of one release, whichever is the current one. Takes one worker, and memory within narrow bounds."""

    def __init__(self, snapshot: Snapshot, settings: Settings, *, served: bool) -> None:
        """Open a release. Raises :class:`OldReleaseError` if it lacks files: older code did not write them all."""
        missing = [name for name in _PARTS if not (snapshot.path / name).is_file()]
        tables = [] if missing else missing_tables(snapshot.path / FILE_NAME)
        if tables:
            missing = [f"{FILE_NAME} ({', '.join(tables)})"]
        if missing:
            raise OldReleaseError(
                f"release {snapshot.release} was made by an older version and cannot be asked: it lacks {', '.join(missing)}",
                hint=f"It can be compared: /releases/{snapshot.release}...current; to be asked it must be built again",
            )
        bounded = replace(
            settings,
            workers=1,
            memory_quads=min(settings.memory_quads, _QUADS),
            cache_bytes=min(settings.cache_bytes, _BYTES),
        )
        super().__init__(settings.build_dir, bounded, served=served, snapshot=snapshot)

    @cached_property
    def questions(self) -> dict[str, Question]:
        """The canned queries by id, as they were when the release was made, or as they are if it did not keep them."""
        from fundgraph.questions import load_questions, read_questions

        try:
            texts = json.loads((self.path / QUERIES).read_text(encoding="utf-8"))
            return read_questions(texts, self.path)
        except (OSError, ValueError, QuestionError):  # none, or written in a form that is no longer read
            return load_questions(assets.queries_dir())

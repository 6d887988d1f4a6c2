"""Sentences of an abstract that stand already in another: copied by mistake, or on purpose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fundgraph.extract.abstracts import sentence_key, sentence_places
from fundgraph.extract.layouts.records import RawProject
from fundgraph.extract.source import Source
from fundgraph.model import Span

SHORTEST = 60
"""Letters and digits of the shortest sentence whose repetition says anything."""


@dataclass(frozen=True, slots=True)
class Repeat:
    """A stretch of one project's abstract that repeats an earlier one."""

    span: Span
    project: int
    first: Span
    first_project: int


def repeated_spans(source: Source, projects: Sequence[RawProject]) -> tuple[Repeat, ...]:
    """Find repeated sentences, whatever their spaces, capitals and punctuation; neighbours become one stretch."""
    span, text = source.document.span, source.document.text
    seen: dict[str, tuple[int, int, int]] = {}
    found: list[tuple[int, int, int, int, int, int]] = []
    for number, raw in enumerate(projects):
        before = -1
        for start, end in sentence_places(source, raw):
            key = sentence_key(text[start:end]) if end - start >= SHORTEST else ""
            if len(key) < SHORTEST:
                before = -1
                continue
            own = (number, start, end)
            earlier = seen.setdefault(key, own)
            if earlier is own:
                before = -1
                continue
            home, first, last = earlier
            if before >= 0 and found and found[-1][:2] == (number, home) and found[-1][3] == before:
                _, _, begin, _, other, stop = found[-1]
                found[-1] = (number, home, begin, end, min(other, first), max(stop, last))
            else:
                found.append((number, home, start, end, first, last))
            before = end
    return tuple(
        [Repeat(span(start, end), number, span(*first), home) for number, home, start, end, *first in found]
    )

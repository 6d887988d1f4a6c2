"""Sentences of an abstract that stand already in another: copied by mistake, or on purpose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fundgraph.extract.abstracts import Sentence, sentences
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
    document = source.document
    seen: dict[str, tuple[int, Sentence]] = {}
    repeats: list[Repeat] = []
    for number, raw in enumerate(projects):
        before: Sentence | None = None
        for sentence in sentences(source, raw):
            if len(sentence.key) < SHORTEST:
                before = None
                continue
            home, first = seen.setdefault(sentence.key, (number, sentence))
            if first is sentence:
                before = None
                continue
            last = repeats[-1] if repeats and before is not None else None
            if (
                last
                and before
                and last.project == number
                and last.span.end == before.end
                and last.first_project == home
            ):
                start, first_start = last.span.start, min(last.first.start, first.start)
                repeats[-1] = Repeat(
                    document.span(start, sentence.end),
                    number,
                    document.span(first_start, max(first.end, last.first.end)),
                    home,
                )
            else:
                span, other = document.span(sentence.start, sentence.end), document.span(first.start, first.end)
                repeats.append(Repeat(span, number, other, home))
            before = sentence
    return tuple(repeats)

"""Topics of a scheme in a project's title and abstract, by their labels, in one pass over the text."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import ahocorasick

from fundgraph.model import Document, Project, Span, TopicLabels, TopicMatch

TITLE_WEIGHT, ABSTRACT_WEIGHT = 3, 1
HALF = 2
"""The weight of evidence at which the score is a half: one mention in an abstract scores 0.333, a title's 0.6."""

_TOKEN = re.compile(r"[^\W_]+")
_JOINED = re.compile(r"[\s\-‐‑–]+|['’]")
_ABBREVIATION = re.compile(r"[A-Z][A-Z0-9]{1,4}")
_CAPITALS_PLURAL = re.compile(r"([A-Z][A-Z0-9]{1,4})s")


@dataclass(frozen=True)
class _Labels:
    """A scheme's labels, ready to be looked for: ``words`` whatever their capitals, ``capitals`` as they are."""

    words: Any
    capitals: Any
    names: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Hit:
    start: int
    end: int
    topics: tuple[str, ...]
    weight: int


def match_topics(
    project: Project, document: Document, labels: tuple[TopicLabels, ...], *, skip: tuple[Span, ...] = ()
) -> tuple[TopicMatch, ...]:
    """Find which topics a project's title and abstract name, the surest first.

    Hyphens are spaces and plurals are singulars. An abbreviation (up to five capitals) is found only in capitals.
    Of labels that overlap the longest wins. A title's mention weighs 3, an abstract's 1, and the score of the
    weight w is w / (w + 2). Text within ``skip`` does not count.
    """
    if not labels:
        return ()
    ready = _ready(labels)
    hits = _find(ready, document.text, project.title_span.start, project.title_span.end, TITLE_WEIGHT)
    span = project.abstract.span
    if project.abstract.status == "present" and span:
        hits += _find(ready, document.text, span.start, span.end, ABSTRACT_WEIGHT)
    weights: dict[str, int] = {}
    evidence: dict[str, list[Span]] = {}
    for hit in _longest(hits):
        if any(other.start < hit.end and hit.start < other.end for other in skip):
            continue
        for topic in hit.topics:
            weights[topic] = weights.get(topic, 0) + hit.weight
            evidence.setdefault(topic, []).append(document.span(hit.start, hit.end))
    ordered = sorted(weights, key=lambda topic: (-weights[topic], topic))
    return tuple(
        TopicMatch(
            topic, ready.names[topic], round(weights[topic] / (weights[topic] + HALF), 3), tuple(evidence[topic])
        )
        for topic in ordered
    )


@lru_cache(maxsize=8)
def _ready(labels: tuple[TopicLabels, ...]) -> _Labels:
    """Build the automata of a scheme, once for all projects."""
    words: dict[str, list[str]] = {}
    capitals: dict[str, list[str]] = {}
    for topic in labels:
        for label in dict.fromkeys((topic.label, *topic.labels)):
            plain = _CAPITALS_PLURAL.sub(r"\1", label.strip())
            if _ABBREVIATION.fullmatch(plain):
                capitals.setdefault(f" {plain} ", []).append(topic.id)
                continue
            tokens = [_singular(token.lower()) for token in _TOKEN.findall(label)]
            if tokens:
                words.setdefault(f" {' '.join(tokens)} ", []).append(topic.id)
    return _Labels(_automaton(words), _automaton(capitals), {topic.id: topic.label for topic in labels})


def _automaton(entries: dict[str, list[str]]) -> Any:
    automaton = ahocorasick.Automaton()
    for key, topics in entries.items():
        automaton.add_word(key, (key, tuple(dict.fromkeys(topics))))
    if entries:
        automaton.make_automaton()
    return automaton


def _find(ready: _Labels, text: str, start: int, end: int, weight: int) -> list[_Hit]:
    tokens = list(_TOKEN.finditer(text, start, end))
    lower = [_singular(token.group().lower()) for token in tokens]
    exact = [_CAPITALS_PLURAL.sub(r"\1", token.group()) for token in tokens]
    hits: list[_Hit] = []
    for automaton, forms in ((ready.words, lower), (ready.capitals, exact)):
        if len(automaton):
            hits += _hits(automaton, text, tokens, forms, weight)
    return hits


def _hits(
    automaton: Any, text: str, tokens: Sequence[re.Match[str]], forms: Sequence[str], weight: int
) -> Iterator[_Hit]:
    """Look for labels in the tokens, written with one space between those that only spaces or hyphens part."""
    pieces: list[str] = [" "]
    starts: list[int] = []
    length = 1
    for number, (token, form) in enumerate(zip(tokens, forms, strict=True)):
        if number and not _JOINED.fullmatch(text, tokens[number - 1].end(), token.start()):
            pieces.append("\n ")
            length += 2
        starts.append(length)
        pieces.append(f"{form} ")
        length += len(form) + 1
    for last, (key, topics) in automaton.iter("".join(pieces)):
        first = bisect_left(starts, last - len(key) + 2)
        final = bisect_left(starts, last) - 1
        yield _Hit(tokens[first].start(), tokens[final].end(), topics, weight)


def _longest(hits: Sequence[_Hit]) -> list[_Hit]:
    """Of hits that overlap keep the longest; equal stretches keep all their topics."""
    kept: list[_Hit] = []
    borders: list[tuple[int, int]] = []
    for hit in sorted(hits, key=lambda hit: (hit.start - hit.end, hit.start, hit.topics)):
        place = bisect_left(borders, (hit.start, hit.end))
        same = place < len(borders) and borders[place] == (hit.start, hit.end)
        before = place > 0 and borders[place - 1][1] > hit.start
        after = place < len(borders) and borders[place][0] < hit.end
        if same or not (before or after):
            kept.append(hit)
            if not same:
                borders.insert(place, (hit.start, hit.end))
    return sorted(kept, key=lambda hit: (hit.start, hit.topics))


def _singular(word: str) -> str:
    """Write a plural as a singular, the same way for labels and texts; it need not be a word.

    >>> [_singular(word) for word in ("networks", "theories", "processes", "analyses", "bias", "analysis")]
    ['network', 'theory', 'process', 'analysis', 'bias', 'analysis']
    """
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is", "as")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("yses", "eses")):
        return word[:-2] + "is"
    if word.endswith(("sses", "shes", "ches", "xes")):
        return word[:-2]
    return word[:-1]

"""Topics of a scheme in a project's title and abstract, by their labels, in one pass over the text."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from fundgraph.extract.topics.forms import (
    TOKEN,
    Form,
    Stream,
    capitals,
    closed_stream,
    german,
    hyphenated,
    joined,
    plain,
    stream,
)
from fundgraph.extract.topics.scheme import Entry, Scheme, scheme_of, small_words
from fundgraph.model import Document, Project, Span, TopicLabels, TopicMatch

TITLE_WEIGHT, ABSTRACT_WEIGHT = 3, 1
HALF = 2
"""The weight of evidence at which the score is a half: one mention in an abstract scores 0.333, a title's 0.6."""
REACH = 400
"""Characters, some three sentences, within which a topic's name tells what an ambiguous word means."""
_SHARED = 4
"""Words that two words before them may share: "linear and nonlinear partial differential equations"."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A label in a text: it takes the characters from ``start`` to ``end`` and is shown up to ``shown``.

    The two ends differ where words are shared: in "linear and convex problems", "linear problems" takes only "linear".
    """

    start: int
    end: int
    shown: int
    entry: Entry
    weight: int


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of text that is searched: a title, or an abstract."""

    text: str
    tokens: tuple[re.Match[str], ...]
    weight: int
    language: str | None


def match_topics(
    project: Project, document: Document, labels: tuple[TopicLabels, ...], *, skip: tuple[Span, ...] = ()
) -> tuple[TopicMatch, ...]:
    """Find which topics a project's title and abstract name, the surest first.

    Plurals are singulars, hyphens are spaces or nothing, British spelling is American. An abbreviation (up to five
    capitals) is found only in capitals, and means what the text says that it does. Of labels that overlap the
    longest wins. An ambiguous word counts where a name of its topic, or of one near it, stands close by. A title's
    mention weighs 3, an abstract's 1, and the score of the weight w is w / (w + 2). Text within ``skip`` does not count.
    """
    if not labels:
        return ()
    scheme = scheme_of(labels)
    weights: dict[str, int] = {}
    evidence: dict[str, list[Span]] = {}
    for hit in find_hits(scheme, passages_of(project, document), skip):
        for topic in hit.entry.sure:
            weights[topic] = weights.get(topic, 0) + hit.weight
            evidence.setdefault(topic, []).append(document.span(hit.start, hit.shown))
    ordered = sorted(weights, key=lambda topic: (-weights[topic], topic))
    return tuple(
        TopicMatch(
            topic, scheme.names[topic], round(weights[topic] / (weights[topic] + HALF), 3), tuple(evidence[topic])
        )
        for topic in ordered
    )


def passages_of(project: Project, document: Document) -> list[Passage]:
    """Return what is searched of a project: its title, and its abstract if it has one."""
    stretches = [(project.title_span, TITLE_WEIGHT)]
    if project.abstract.status == "present" and project.abstract.span:
        stretches.append((project.abstract.span, ABSTRACT_WEIGHT))
    text = document.text
    return [
        Passage(text, tuple(TOKEN.finditer(text, span.start, span.end)), weight, document.language)
        for span, weight in stretches
    ]


def find_hits(scheme: Scheme, passages: Sequence[Passage], skip: Sequence[Span] = ()) -> list[Hit]:
    """Find the labels that count, in the order of the text; each hit's entry names its topics for sure."""
    phrases = [list(_phrases(scheme, passage)) for passage in passages]
    local: dict[str, tuple[str, ...]] = {}
    for passage in passages:
        local |= _definitions(scheme, passage)
    sure: list[Hit] = []
    maybe: list[Hit] = []
    for passage, hits in zip(passages, phrases, strict=True):
        hits += _abbreviations(scheme, passage, local, hits)
        kept = [
            hit
            for hit in _longest(hits)
            if not any(other.start < hit.shown and hit.start < other.end for other in skip)
        ]
        sure += [hit for hit in kept if hit.entry.sure]
        maybe += [hit for hit in kept if hit.entry.maybe and _stands_alone(passage, hit.start)]
    title_ends = passages[0].tokens[-1].end() if passages and passages[0].tokens else 0
    cleared = [_cleared(hit, scheme, sure, title_ends) for hit in maybe]
    return sorted([*sure, *(hit for hit in cleared if hit)], key=lambda hit: (hit.start, hit.entry.sure))


def _phrases(scheme: Scheme, passage: Passage) -> Iterator[Hit]:
    """Find the labels of several words, or of one that is no abbreviation."""
    automata: list[tuple[Any, Form]] = [(scheme.english, plain)]
    if passage.language != "en":
        automata.append((scheme.german, german))
    for automaton, form in automata:
        if not len(automaton) or not passage.tokens:
            continue
        open_, closed = (make(passage.text, passage.tokens, form) for make in (stream, closed_stream))
        for written in (open_, closed):
            if written is not None:
                yield from _in_stream(automaton, written, passage)
        yield from _with_shared_words(automaton, passage, form)


def _in_stream(automaton: Any, written: Stream, passage: Passage) -> Iterator[Hit]:
    for last, entry in automaton.iter(written.text):
        first = bisect_left(written.starts, last - len(entry.phrase) + 2)
        final = bisect_left(written.starts, last) - 1
        end = passage.tokens[written.tokens[final][1]].end()
        yield Hit(passage.tokens[written.tokens[first][0]].start(), end, end, entry, passage.weight)


def _with_shared_words(automaton: Any, passage: Passage, form: Form) -> Iterator[Hit]:
    """Find "unsupervised learning" in "unsupervised and semi-supervised learning"."""
    tokens, text = passage.tokens, passage.text
    units = list(hyphenated(text, tokens))
    conjunctions = small_words("conjunctions")
    for place in range(1, len(units) - 2):
        first, last = units[place]
        if first != last or tokens[first].group().lower() not in conjunctions:
            continue
        shared: list[tuple[int, int]] = []
        for before, after in zip(units[place + 1 :], units[place + 2 : place + 2 + _SHARED], strict=False):
            if not joined(text, tokens[before[1]].end(), tokens[after[0]].start()):
                break
            shared.append(after)
        left, right = units[place - 1], units[place + 1]
        near = joined(text, tokens[left[1]].end(), tokens[first].start()) and joined(
            text, tokens[last].end(), tokens[right[0]].start()
        )
        if not near or not shared:
            continue
        if form(tokens[left[1]].group()) == form(tokens[right[0]].group()):
            continue  # "learning and learning objectives" share nothing
        words = [number for a, b in (left, *shared) for number in range(a, b + 1)]
        forms = [form(tokens[number].group()) for number in words]
        written = f" {' '.join(forms)} "
        starts = [sum(len(one) + 1 for one in forms[:number]) + 1 for number in range(len(forms) + 1)]
        for end, entry in automaton.iter(written):
            begins = bisect_left(starts, end - len(entry.phrase) + 2)
            ends = bisect_left(starts, end + 1) - 1
            if entry.sure and words[begins] <= left[1] < words[ends]:
                yield Hit(
                    tokens[words[begins]].start(),
                    tokens[left[1]].end(),
                    tokens[words[ends]].end(),
                    entry,
                    passage.weight,
                )


def _definitions(scheme: Scheme, passage: Passage) -> dict[str, tuple[str, ...]]:
    """Return what abbreviations mean by the text's own word: "tensor networks (TN)"; () is no topic of the scheme."""
    meanings: dict[str, tuple[str, ...]] = {}
    for place in range(1, len(passage.tokens)):
        short = _in_brackets(passage, place)
        long = None if short is None else _spelt_out(passage, place, short)
        if short is not None and long is not None:
            meanings[short] = scheme.exact(long)
    return meanings


def _in_brackets(passage: Passage, place: int) -> str | None:
    """Return the abbreviation that a token is, if it stands alone in brackets."""
    text, token = passage.text, passage.tokens[place]
    if text[token.start() - 1] != "(" or text[token.end() : token.end() + 1] != ")":
        return None
    short = capitals(token.group())
    return short if 2 <= len(short) <= 6 and sum(map(str.isupper, short)) >= 2 else None


def _spelt_out(passage: Passage, place: int, short: str) -> str | None:
    """Return the form of the words before an abbreviation in brackets, if their first letters spell it."""
    first = place - len(short)
    if first < 0:
        return None
    words = passage.tokens[first:place]
    text = passage.text
    together = all(joined(text, a.end(), b.start()) for a, b in pairwise(words))
    if not together or text[words[-1].end() : passage.tokens[place].start()].strip() != "(":
        return None
    if "".join(word.group()[0] for word in words).lower() != short.lower():
        return None
    return " ".join(plain(word.group()) for word in words)


def _abbreviations(
    scheme: Scheme, passage: Passage, local: dict[str, tuple[str, ...]], phrases: Sequence[Hit]
) -> Iterator[Hit]:
    """Find abbreviations; one in brackets behind what it stands for is the same mention, not another."""
    named: dict[int, set[str]] = {}
    for hit in phrases:
        named.setdefault(hit.end, set()).update(hit.entry.sure)
    for place, token in enumerate(passage.tokens):
        short = capitals(token.group())
        entry = Entry(short, local[short]) if short in local else scheme.abbreviations.get(short)
        if entry is None:
            continue
        if place and _in_brackets(passage, place):
            before = named.get(passage.tokens[place - 1].end(), set())
            if before.intersection(entry.sure):
                continue
        yield Hit(token.start(), token.end(), token.end(), entry, passage.weight)


def _stands_alone(passage: Passage, start: int) -> bool:
    """Tell whether no noun or adjective before a word makes another thing of it ("optical flow")."""
    place = bisect_left(passage.tokens, start, key=lambda token: token.start())
    if place == 0:
        return True
    before = passage.tokens[place - 1]
    if not joined(passage.text, before.end(), passage.tokens[place].start()):
        return True
    word = before.group().lower()
    return word in small_words("before") or word.endswith("ed")


def _cleared(hit: Hit, scheme: Scheme, sure: Sequence[Hit], title_ends: int) -> Hit | None:
    """Return an ambiguous word as a mention of the topic that its context names nearest, or None if none is near.

    It stands for what it refers to: "the network" after "a convolutional network" is the convolutional one.
    """
    nearest: tuple[int, bool, int, frozenset[str]] | None = None
    for other in sure:
        same = (other.start < title_ends) == (hit.start < title_ends)
        distance = abs(other.start - hit.start) if same else REACH
        for topic in hit.entry.maybe:
            near = scheme.around[topic].intersection(other.entry.sure)
            if not near or distance > REACH:
                continue
            meant = frozenset(near & scheme.below[topic]) or frozenset((topic,))
            # What stands before is what a word refers to, at the same distance.
            key = (distance, other.start > hit.start, abs(other.start - hit.start))
            if nearest is None or key < nearest[:3]:
                nearest = (*key, meant)
            elif key == nearest[:3] and meant != nearest[3]:
                nearest = (*key, frozenset())
    if nearest is None or not nearest[3]:
        return None
    return replace(hit, entry=Entry(hit.entry.phrase, tuple(sorted(nearest[3]))), weight=min(hit.weight, 1))


def _longest(hits: Sequence[Hit]) -> list[Hit]:
    """Of hits that overlap keep the longest; equal stretches keep all their topics, each once."""
    kept: list[Hit] = []
    borders: list[tuple[int, int]] = []
    once = {(hit.start, hit.end, hit.entry.sure): hit for hit in reversed(hits)}.values()
    for hit in sorted(once, key=lambda hit: (hit.start - hit.end, hit.start, hit.entry.sure)):
        place = bisect_left(borders, (hit.start, hit.end))
        same = place < len(borders) and borders[place] == (hit.start, hit.end)
        before = place > 0 and borders[place - 1][1] > hit.start
        after = place < len(borders) and borders[place][0] < hit.end
        if same or not (before or after):
            kept.append(hit)
            if not same:
                borders.insert(place, (hit.start, hit.end))
    return sorted(kept, key=lambda hit: (hit.start, hit.entry.sure))

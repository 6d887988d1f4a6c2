"""A scheme's labels made ready to be looked for: automata over the forms of their words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import ahocorasick

from fundgraph.extract.topics.forms import TOKEN, Form, capitals, german, is_abbreviation, label_forms, plain
from fundgraph.extract.words import vocabulary
from fundgraph.model import TopicLabels

_SMALL = frozenset(
    ("of", "for", "from", "with", "by", "on", "in", "to", "and", "between", "through", "the", "a", "free")
)


@dataclass(frozen=True, slots=True)
class Entry:
    """What a phrase may mean: topics for sure, topics where the context says so, or nothing at all."""

    phrase: str
    sure: tuple[str, ...] = ()
    maybe: tuple[str, ...] = ()


@dataclass(frozen=True)
class Scheme:
    """Labels ready to be looked for: ``english`` and ``german`` find phrases, ``abbreviations`` single tokens.

    ``around`` has for each topic those whose names tell that its ambiguous labels mean it, itself included;
    ``below`` has those that such a word may stand for: the topic itself, and the ones narrower than it.
    """

    english: Any
    german: Any
    abbreviations: dict[str, Entry]
    names: dict[str, str]
    around: dict[str, frozenset[str]]
    below: dict[str, frozenset[str]]

    def exact(self, phrase: str) -> tuple[str, ...]:
        """Return the topics that a phrase, in its English form, names for sure."""
        entry: Entry | None = self.english.get(f" {phrase} ", None) if len(self.english) else None
        return entry.sure if entry else ()


@lru_cache(maxsize=8)
def scheme_of(labels: tuple[TopicLabels, ...]) -> Scheme:
    """Build the automata of a scheme, once for all projects."""
    short_forms = [pair for topic in labels for pair in _short_forms(topic)]
    english, declined, abbreviations = _Phrases(), _Phrases(), _Phrases()
    for topic in labels:
        for kind, texts in (
            ("sure", (topic.label, *topic.labels)),
            ("maybe", topic.ambiguous),
            ("", topic.misleading),
        ):
            for label in texts:
                if is_abbreviation(label.strip()):
                    abbreviations.add(capitals(label.strip()), kind, topic.id)
                    continue
                for form in label_forms(label, plain):
                    english.add(f" {form} ", kind, topic.id)
                for form in _variants(_words(label, plain), short_forms):
                    english.add(f" {form} ", kind, topic.id, weak=True)
                if label in topic.german:
                    for form in label_forms(label, german):
                        declined.add(f" {form} ", kind, topic.id)
    return Scheme(
        english.automaton(),
        declined.automaton(),
        abbreviations.entries(),
        {topic.id: topic.label for topic in labels},
        {topic.id: frozenset((topic.id, *topic.narrower, *topic.around)) for topic in labels},
        {topic.id: frozenset((topic.id, *topic.narrower)) for topic in labels},
    )


@lru_cache(maxsize=8)
def small_words(name: str) -> frozenset[str]:
    """Return one of the lists of ``words/topics.toml``."""
    words: list[str] = vocabulary("topics")[name]["words"]
    return frozenset(words)


class _Phrases:
    """Phrases and the topics that they may mean, while they are gathered."""

    def __init__(self) -> None:
        self._of: dict[str, dict[str, list[str]]] = {}
        self._weak: dict[str, list[str]] = {}

    def add(self, phrase: str, kind: str, topic: str, *, weak: bool = False) -> None:
        """Add a phrase; a weak one, made by a rule, yields to any that a scheme writes out."""
        if weak:
            if kind == "sure":
                self._weak.setdefault(phrase, []).append(topic)
            return
        self._of.setdefault(phrase, {}).setdefault(kind, []).append(topic)

    def entries(self) -> dict[str, Entry]:
        """Return what each phrase may mean."""
        found = {phrase: _entry(phrase, kinds) for phrase, kinds in self._of.items()}
        for phrase, topics in self._weak.items():
            found.setdefault(phrase, _entry(phrase, {"sure": topics}))
        return found

    def automaton(self) -> Any:
        """Return an automaton that finds the phrases."""
        made = ahocorasick.Automaton()
        for phrase, entry in self.entries().items():
            made.add_word(phrase, entry)
        if len(made):
            made.make_automaton()
        return made


def _entry(phrase: str, kinds: dict[str, list[str]]) -> Entry:
    sure = tuple(dict.fromkeys(kinds.get("sure", ())))
    return Entry(phrase, sure, () if sure else tuple(dict.fromkeys(kinds.get("maybe", ()))))


def _words(label: str, form: Form) -> list[str]:
    return [form(token.group()) for token in TOKEN.finditer(label)]


def _short_forms(topic: TopicLabels) -> Iterator[tuple[list[str], str]]:
    """Yield the phrases of a topic with the abbreviation that stands for each: ``["neural", "network"], "nn"``."""
    texts = list(dict.fromkeys((topic.label, *topic.labels)))
    for short in texts:
        if not is_abbreviation(short):
            continue
        form = plain(short)
        phrases = [_words(text, plain) for text in texts if not is_abbreviation(text)]
        spelt = [words for words in phrases if "".join(word[0] for word in words) == form]
        for words in spelt or phrases[:1]:
            yield words, form


def _variants(words: Sequence[str], short_forms: Sequence[tuple[list[str], str]]) -> Iterator[str]:
    """Yield other ways to write a label: with abbreviations or without them, and with its last word in front.

    "training of PDE solvers" is "training of partial differential equation solvers"; "error estimate" is also
    "estimate of error" and "estimate of the error".
    """
    for phrase, short in short_forms:
        for old, new in ((phrase, [short]), ([short], phrase)):
            if old[0] not in words:
                continue
            for place in range(len(words) - len(old) + 1):
                if len(words) > len(old) and list(words[place : place + len(old)]) == old:
                    yield " ".join([*words[:place], *new, *words[place + len(old) :]])
    if len(words) > 1 and not _SMALL.intersection(words):
        rest = " ".join(words[:-1])
        yield f"{words[-1]} of {rest}"
        yield f"{words[-1]} of the {rest}"

"""Terms that stand often in titles and abstracts and that no topic of the scheme covers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from fundgraph.extract.topics.forms import capitals, joined, plain
from fundgraph.extract.topics.match import Hit, Passage, find_hits, passages_of
from fundgraph.extract.topics.scheme import Scheme, scheme_of, small_words
from fundgraph.extract.words import vocabulary
from fundgraph.model import Document, Extraction, Span, TopicLabels

LONGEST = 4
"""Words of the longest term."""
_ADVERB = re.compile(r"[a-z]{3,}ly")
_SENTENCE_END = re.compile(r"[.!?;:]\s|\n\s*\n")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A term that no topic covers: how often and in which projects it stands, and where first.

    ``term`` is its commonest spelling; ``quote`` is the sentence of the first mention.
    """

    term: str
    count: int
    projects: tuple[str, ...]
    document: Document
    span: Span
    quote: str

    def to_json(self) -> dict[str, object]:
        """Return the suggestion as plain data."""
        return {
            "term": self.term,
            "count": self.count,
            "projects": list(self.projects),
            "passage": {
                "document": self.document.id,
                "path": self.document.path,
                "line": self.span.line,
                "column": self.span.column,
                "start": self.span.start,
                "end": self.span.end,
                "quote": self.quote,
            },
        }


@dataclass(slots=True)
class _Term:
    spellings: Counter[str] = field(default_factory=Counter)
    projects: dict[str, int] = field(default_factory=dict)
    places: list[tuple[Document, Span]] = field(default_factory=list)


def suggest_terms(
    extractions: Sequence[Extraction],
    labels: tuple[TopicLabels, ...],
    *,
    least: int = 2,
) -> list[Suggestion]:
    """List the words and noun phrases that stand at least ``least`` times where no label does, the commonest first.

    A phrase is up to four words with no small word, no general one at its ends and no mark between them; its last
    word is in no label's place. What stands only as a part of a longer phrase, as often, is left out.
    """
    terms: dict[str, _Term] = {}
    scheme = scheme_of(labels)
    for extraction in extractions:
        repeated = tuple(f.span for f in extraction.findings if f.code == "repeated-text")
        names = {word for person in extraction.people for word in re.findall(r"\w+", person.name.lower())}
        for project in extraction.projects:
            skip = (*repeated, *(work.span for work in project.publications))
            passages = passages_of(project, extraction.document)
            hits = find_hits(scheme, passages, skip) if labels else []
            for passage in passages:
                for form, start, end in _candidates(passage, scheme, hits, skip, names):
                    term = terms.setdefault(form, _Term())
                    term.spellings[re.sub(r"\s+", " ", passage.text[start:end])] += 1
                    term.projects[project.id] = term.projects.get(project.id, 0) + 1
                    term.places.append((extraction.document, extraction.document.span(start, end)))
    frequent = {f: t for f, t in terms.items() if sum(t.spellings.values()) >= least}
    found = [_suggestion(frequent[form]) for form in _not_nested(frequent)]
    return sorted(found, key=lambda one: (-len(one.projects), -one.count, -one.term.count(" "), one.term.lower()))


def _candidates(
    passage: Passage, scheme: Scheme, hits: Sequence[Hit], skip: Sequence[Span], names: set[str]
) -> Iterator[tuple[str, int, int]]:
    """Yield the form and the ends of each phrase of a passage that may be a term."""
    tokens, text = passage.tokens, passage.text
    covered = [
        scheme.abbreviations.get(capitals(token.group())) is not None
        or any(hit.start <= token.start() and token.end() <= hit.shown for hit in hits)
        for token in tokens
    ]
    barred = [
        _is_small(token.group()) or any(span.start < token.end() and token.start() < span.end for span in skip)
        for token in tokens
    ]
    language = passage.language
    for last, token in enumerate(tokens):
        if barred[last] or covered[last] or not _is_head(token.group()) or token.group().lower() in names:
            continue
        for first in range(last, max(-1, last - LONGEST), -1):
            if barred[first] or (first < last and not _together(text, tokens[first], tokens[first + 1])):
                break
            if first < last and covered[last - 1] and token.group().lower() in small_words("heads"):
                break  # "deep learning methods" are methods of what a topic covers
            if _is_general(tokens[first].group()) or (first == last and not _is_noun(token.group(), language)):
                continue
            form = " ".join(plain(one.group()) for one in tokens[first : last + 1])
            yield form, tokens[first].start(), token.end()


def _together(text: str, left: re.Match[str], right: re.Match[str]) -> bool:
    between = text[left.end() : right.start()]
    return joined(text, left.end(), right.start()) and "\n\n" not in between and not between.startswith(("'", "’"))


def _not_nested(terms: dict[str, _Term]) -> Iterator[str]:
    """Yield the forms that stand also outside of a longer one."""
    longest = Counter[str]()
    for form, term in terms.items():
        words = form.split(" ")
        for size in range(1, len(words)):
            for start in range(len(words) - size + 1):
                part = " ".join(words[start : start + size])
                longest[part] = max(longest[part], sum(term.spellings.values()))
    for form, term in terms.items():
        if sum(term.spellings.values()) > longest[form]:
            yield form


def _suggestion(term: _Term) -> Suggestion:
    spelling = min(term.spellings, key=lambda text: (-term.spellings[text], text.lower(), text))
    document, span = term.places[0]
    return Suggestion(
        spelling,
        sum(term.spellings.values()),
        tuple(sorted(term.projects)),
        document,
        span,
        _sentence(document.text, span),
    )


def _sentence(text: str, span: Span) -> str:
    """Return the sentence around a span, on one line, at most some 200 characters of it."""
    start = max(
        (end.end() for end in _SENTENCE_END.finditer(text, max(0, span.start - 400), span.start)), default=0
    )
    start = max(start, span.start - 100)
    end = _SENTENCE_END.search(text, span.end)
    stop = min(end.start() + 1 if end else len(text), span.end + 100)
    quote = re.sub(r"\s+", " ", text[start:stop]).strip()
    before, after = start == span.start - 100, stop == span.end + 100
    return f"{'…' if before else ''}{quote}{'…' if after else ''}"


def _is_small(word: str) -> bool:
    lower = word.lower()
    return lower in _small() or lower.isdigit() or (_ADVERB.fullmatch(lower) is not None) or len(lower) < 2


def _is_general(word: str) -> bool:
    return word.lower() in small_words("general")


def _is_head(word: str) -> bool:
    """Tell whether a phrase may end in a word: not in an adjective or a participle, nor in one that says nothing."""
    lower = word.lower()
    says = lower in small_words("heads") or lower not in small_words("general")
    return says and not lower.endswith(("ed", "al", "ive", "ous", "able", "ible", "ic"))


def _is_noun(word: str, language: str | None) -> bool:
    """Tell whether a word by itself may be a term: a noun by its ending, or by its capitals."""
    if len(word) < 4 or _is_general(word) or word.lower() in small_words("heads"):
        return False
    if language == "de":
        return word[0].isupper()
    return sum(map(str.isupper, word)) > 1 or plain(word).endswith(tuple(vocabulary("topics")["nouns"]["endings"]))


@lru_cache(maxsize=1)
def _small() -> frozenset[str]:
    common = vocabulary("common")
    return frozenset([*common["glue"]["words"], *common["known"]["words"], *small_words("before")]) - _KEPT


#: Words that the list of common words holds for another reason, and that a term may well have.
_KEPT = frozenset(
    ("theory", "random", "weight", "weights", "web", "soft", "force", "forces", "high", "low", "land")
)

"""Slips in the prose of abstracts: two words printed as one, marks of LaTeX."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from fundgraph.extract.checks.finding import finding
from fundgraph.extract.source import Source
from fundgraph.extract.words import word_set
from fundgraph.model import Document, Finding, Project

_TOKEN = re.compile(r"(?<![\w-])[^\W\d_]+(?![\w-])")
_ANY_WORD = re.compile(r"[^\W\d_]+")
_LATEX = re.compile(
    r"[^\s~]+~[^\s~]+"
    r"|[^\W\d_][\w-]*?--[\w-]*[^\W_]"
    r"|\S*\\ ?[A-Za-z]+\*?(?:\{[^{}\n]{0,80}\}|(?:\[[^\]\n]{0,40}\]))*"
    r"|\$[^$\n]{0,80}[\\^_][^$\n]{0,80}\$"
    r"|``[^`'\n]{1,120}''"
)
_NO_SPACE = re.compile(r"[^\W\d_]{2,}([.,;:!?])[^\W\d_]{2,}")
SHORTEST_HALF, SHORTEST_PAIR = 5, 12
"""Letters that each of two glued words of content has at least, and both together."""


def latex_residue(document: Document, projects: Sequence[Project]) -> Iterator[Finding]:
    """Report marks of LaTeX that a web page should not show."""
    for project in projects:
        for start, end in _stretches(project):
            for found in _LATEX.finditer(document.text, start, end):
                message = (
                    f"“{found.group()}” shows a mark of LaTeX; on a page it is probably “{_plain(found.group())}”."
                )
                yield finding(document, "latex-residue", "info", *found.span(), message, project.id)


def _plain(text: str) -> str:
    text = re.sub(r"\\\s", " ", text).replace("~", " ")
    text = re.sub(r"(?<=[^\W\d_])--(?=[^\W\d_])", "-", text)
    text = re.sub(r"``(.*?)''", r"“\1”", text)
    return re.sub(r"\\[A-Za-z]+\*?\s?|[{}$]", "", text)


def glued_words(source: Source, projects: Sequence[Project]) -> Iterator[Finding]:
    """Report words that are two words printed as one, where the page's other words say so.

    Only in English: German makes words by gluing words.
    """
    document = source.document
    if document.language == "de":
        return
    places = [(p, s) for p in projects for s in _stretches(p)]
    counts: Counter[str] = Counter()
    pairs: set[str] = set()
    for _, (start, end) in places:
        words = [word.casefold() for word in _ANY_WORD.findall(document.text, start, end)]
        counts.update(words)
        pairs.update(one + other for one, other in zip(words, words[1:], strict=False))
    for project, (start, end) in places:
        for found in _TOKEN.finditer(document.text, start, end):
            cut = _cut(found.group(), counts, pairs)
            if cut:
                word = found.group()
                message = f"“{word}” should probably be “{word[:cut]} {word[cut:]}”."
                yield finding(document, "missing-space", "warning", *found.span(), message, project.id)


def _cut(word: str, counts: Counter[str], pairs: set[str]) -> int | None:
    """Return where a word that occurs once falls into two known words, or ``None``."""
    lower = word.casefold()
    glue, common = word_set("common", "glue"), word_set("common", "known")
    if len(lower) < 6 or counts[lower] > 1 or lower in common or len(lower) != len(word):
        return None
    if not word[1:].islower():
        return None
    best: tuple[int, int] | None = None
    for cut in range(2, len(lower) - 1):
        first, second = lower[:cut], lower[cut:]
        value = _worth(first, second, lower, counts, pairs, glue, common)
        if value and (best is None or value > best[0]):
            best = (value, cut)
    return best[1] if best else None


def _worth(
    first: str,
    second: str,
    whole: str,
    counts: Counter[str],
    pairs: set[str],
    glue: frozenset[str],
    common: frozenset[str],
) -> int:
    """Say how good a cut is: 0 if it is none."""
    affixes = word_set("common", "affixes")

    def known(word: str) -> bool:
        return word in glue or word in common or counts[word] > 0

    if not known(first) or not known(second):
        return 0
    if first in glue or second in glue:
        content = second if first in glue else first
        short = first if first in glue else second
        if content in affixes and content not in glue:
            return 0
        # "as", "is" and "or" end and begin many a word: what is left must be a word that the page uses.
        if len(short) == 2 and not (len(content) >= 5 and counts[content] > 0):
            return 0
        return len(short) + 10 if len(content) >= 3 or content in glue else 0
    if first in affixes or second in affixes:
        return 0
    if whole in pairs and min(len(first), len(second)) >= 4:
        return 5
    long = min(len(first), len(second)) >= SHORTEST_HALF and len(whole) >= SHORTEST_PAIR
    return 3 if long and counts[first] and counts[second] else 0


def lost_spaces(source: Source, projects: Sequence[Project]) -> Iterator[Finding]:
    """Report sentence marks with no space after them ("themselves.We"), not in addresses and abbreviations."""
    text = source.document.text
    for project in projects:
        for start, end in _stretches(project):
            for found in _NO_SPACE.finditer(text, start, end):
                before, after = text[max(start, found.start() - 1)], text[found.end() : found.end() + 1]
                after_mark = text[found.start(1) + 1]
                if before in "@/.:\\" or after in "@/." or (found.group(1) in ".:?!" and not after_mark.isupper()):
                    continue
                message = f"After “{found.group(1)}” a space is missing in “{found.group()}”."
                yield finding(source.document, "missing-space", "warning", *found.span(), message, project.id)


def _stretches(project: Project) -> list[tuple[int, int]]:
    """Return where a project's prose stands."""
    found = [(project.title_span.start, project.title_span.end)]
    if project.abstract.status == "present" and project.abstract.span:
        found.append((project.abstract.span.start, project.abstract.span.end))
    return found

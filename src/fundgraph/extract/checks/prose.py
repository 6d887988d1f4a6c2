"""Slips in the prose of titles and abstracts: two words printed as one, marks of LaTeX, stray hyphens."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from fundgraph.extract.checks.finding import finding
from fundgraph.extract.source import Source
from fundgraph.extract.words import word_set
from fundgraph.model import Document, Finding, Project

LONGEST = 200
"""A longer run of characters without a space is no word, and is not looked at."""
SHORTEST_HALF, SHORTEST_PAIR = 5, 12
"""Letters that each of two glued words of content has at least, and both together."""
STEM = 7
"""Letters by which a word is known from another of its family ("discretizations" from "discretize")."""

_RUN = re.compile(r"\S+")
_TOKEN = re.compile(r"(?<![\w-])[^\W\d_]{6,40}(?![\w-])")
_WORD = re.compile(r"[^\W\d_]+")
_HYPHENED = re.compile(r"(?<![\w-])([a-z]{2,20})-([a-z]{2,20})(?![\w-])")
_MATHS = re.compile(r"\$[^$\n]{0,80}[\\^_][^$\n]{0,80}\$|``[^`'\n]{1,120}''")
_DASHES = re.compile(r"[^\W_]--[^\W_]")
_COMMAND = re.compile(r"\\[A-Za-z]{2,}|\\$")
_NO_SPACE = re.compile(r"[^\W\d_]{2,40}([.,;:!?])[^\W\d_]{2,40}")
_BARE_MARK = re.compile(r"[.,;:!?](?=[^\W\d_]{2})(?<=[^\W\d_]{2}.)")
"""Finds where :data:`_NO_SPACE` may match, without trying every word."""
_INFLECTIONS = ("s", "ed", "ing", "able", "ability", "ment", "er")


def latex_residue(document: Document, projects: Sequence[Project]) -> Iterator[Finding]:
    """Report marks of LaTeX that a web page should not show."""
    for project in projects:
        for start, end in stretches(project):
            for first, last in _latex(document.text, start, end):
                quote = document.text[first:last]
                message = f"“{quote}” shows a mark of LaTeX; on a page it is probably “{_plain(quote)}”."
                yield finding(document, "latex-residue", "info", first, last, message, project.id)


def _latex(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    if all(text.find(mark, start, end) < 0 for mark in ("\\", "~", "$", "--", "``")):
        return
    for found in _MATHS.finditer(text, start, end):
        yield found.span()
    runs = [found.span() for found in _RUN.finditer(text, start, end) if found.end() - found.start() <= LONGEST]
    for number, (first, last) in enumerate(runs):
        run = text[first:last]
        core_end = first + len(run.rstrip(".,;:"))
        tie = "~" in run.strip("~") and not run.startswith(("http", "~"))
        if tie or _DASHES.search(run):
            yield first, core_end
        elif run.endswith("\\") and len(run) > 1 and number + 1 < len(runs):
            yield first, runs[number + 1][1]
        elif _COMMAND.search(run) and "$" not in run and not re.match(r"[A-Za-z]:\\", run):
            yield first, core_end


def _plain(text: str) -> str:
    text = re.sub(r"\\\s", " ", text).replace("~", " ")
    text = re.sub(r"(?<=[^\W\d_])--(?=[^\W\d_])", "-", text)
    text = re.sub(r"``(.*?)''", r"“\1”", text)
    return re.sub(r"\\[A-Za-z]+\*?\s?|[{}$]", "", text)


def glued_words(source: Source, projects: Sequence[Project]) -> Iterator[Finding]:
    """Report words that are two words printed as one, where the page's other words say so.

    Only where the page is not German, which makes words by gluing words.
    """
    document = source.document
    if document.language == "de":
        return
    places = [(project, stretch) for project in projects for stretch in stretches(project)]
    known = _Known.of(document, [stretch for _, stretch in places])
    for project, (start, end) in places:
        for found in _TOKEN.finditer(document.text, start, end):
            word = found.group()
            if cut := known.cut(word):
                message = f"“{word}” should probably be “{word[:cut]} {word[cut:]}”."
                yield finding(document, "missing-space", "warning", *found.span(), message, project.id)
        for found in _HYPHENED.finditer(document.text, start, end):
            whole = found.group(1) + found.group(2)
            if known.counts[whole] >= 3 and found.group(1) not in word_set("common", "affixes"):
                message = f"“{found.group()}” is “{whole}” elsewhere: probably a hyphen from the end of a line."
                yield finding(document, "stray-hyphen", "info", *found.span(), message, project.id)


@dataclass(frozen=True)
class _Known:
    """The words that the page's prose uses: how often, and which stand next to each other."""

    counts: Counter[str]
    pairs: frozenset[str]

    @classmethod
    def of(cls, document: Document, places: Sequence[tuple[int, int]]) -> _Known:
        """Count the words in stretches of a document."""
        counts: Counter[str] = Counter()
        pairs: set[str] = set()
        for start, end in places:
            words = [word.casefold() for word in _WORD.findall(document.text, start, end)]
            counts.update(words)
            pairs.update(one + other for one, other in pairwise(words))
        return cls(counts, frozenset(pairs))

    @cached_property
    def stems(self) -> frozenset[str]:
        """The beginnings of the long words."""
        return frozenset(word[:STEM] for word in self.counts if len(word) > STEM)

    def cut(self, word: str) -> int | None:
        """Return where a word that occurs once falls into two known words, or ``None``."""
        lower = word.casefold()
        if self.counts[lower] > 1 or lower in word_set("common", "known") or len(lower) != len(word):
            return None
        if not word[1:].islower():
            return None
        best: tuple[int, int] | None = None
        for cut in range(2, len(lower) - 1):
            value = self._worth(lower[:cut], lower[cut:], lower)
            if value and (best is None or value > best[0]):
                best = (value, cut)
        return best[1] if best else None

    def _worth(self, first: str, second: str, whole: str) -> int:
        """Say how good a cut is: 0 if it is none."""
        glue, affixes = word_set("common", "glue"), word_set("common", "affixes")
        if first in glue and self._stands(second, len(first), leading=False):
            return len(first) + 10
        if second in glue and self._stands(first, len(second), leading=True):
            return len(second) + 10
        if first in affixes or second in affixes:
            return 0
        if not self.counts[first]:
            return 0
        if whole in self.pairs and self.counts[second] and min(len(first), len(second)) >= 4:
            return 5
        if min(len(first), len(second)) < SHORTEST_HALF or len(whole) < SHORTEST_PAIR:
            return 0
        if self.counts[second]:
            return 4
        return 3 if len(second) >= STEM and second[:STEM] in self.stems else 0

    def _stands(self, word: str, glue: int, *, leading: bool) -> bool:
        """Tell whether what is left beside a small word of ``glue`` letters is a word of its own.

        "as", "is" and "or" begin and end many a word, so beside two letters only a longer word is sure enough.
        """
        if word in word_set("common", "glue"):
            return glue > 2 and len(word) > 2
        if word in word_set("common", "affixes"):
            return False
        if len(word) >= (5 if glue == 2 else 3) and self.counts[word]:
            return True
        if len(word) >= 4 and word in word_set("common", "known"):
            return True
        if leading:
            return glue > 2 and len(word) >= STEM and any(self.counts[word + ending] for ending in _INFLECTIONS)
        return len(word) >= STEM and word[:STEM] in self.stems


def lost_spaces(source: Source, projects: Sequence[Project]) -> Iterator[Finding]:
    """Report sentence marks with no space after them ("themselves.We"), not in addresses and abbreviations."""
    text = source.document.text
    for project in projects:
        for start, end in stretches(project):
            for found in _unspaced(text, start, end):
                before, after = text[max(start, found.start() - 1)], text[found.end() : found.end() + 1]
                capital = text[found.start(1) + 1].isupper()
                if (
                    before in "@/.:\\-_"
                    or after in ("@", "/", ".", ":")
                    or (found.group(1) in ".:?!" and not capital)
                ):
                    continue
                message = f"After “{found.group(1)}” a space is missing in “{found.group()}”."
                yield finding(source.document, "missing-space", "warning", *found.span(), message, project.id)


def _unspaced(text: str, start: int, end: int) -> Iterator[re.Match[str]]:
    """Yield two words with only a mark between them."""
    position = start
    for mark in _BARE_MARK.finditer(text, start, end):
        first = mark.start()
        while first > max(position, mark.start() - 40) and text[first - 1].isalpha():
            first -= 1
        if found := _NO_SPACE.match(text, first, end):
            yield found
            position = found.end()


def stretches(project: Project) -> list[tuple[int, int]]:
    """Return where a project's prose stands: its title, and its abstract if there is one."""
    found = [(project.title_span.start, project.title_span.end)]
    if project.abstract.status == "present" and project.abstract.span:
        found.append((project.abstract.span.start, project.abstract.span.end))
    return found

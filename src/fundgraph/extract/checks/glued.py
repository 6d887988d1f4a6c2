"""Two words printed as one, and hyphens left from the end of a line, where the page's other words say so.

A word is judged once, however often it stands: what is counted first are the runs between white space, of which most
come again and again, and only words that stand once are looked at closely.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache
from itertools import chain, filterfalse

from fundgraph.extract.checks.finding import finding
from fundgraph.extract.checks.prose import stretches
from fundgraph.extract.source import Source
from fundgraph.extract.words import word_set
from fundgraph.model import Finding, Project

SHORTEST_HALF, SHORTEST_PAIR = 5, 12
"""Letters that each of two glued words of content has at least, and both together."""
STEM = 7
"""Letters by which a word is known from another of its family ("discretizations" from "discretize")."""
SHORTEST, LONGEST = 6, 40
"""Letters of the shortest and the longest word that is looked at."""

_TOKEN = re.compile(rf"(?<![\w-])[^\W\d_]{{{SHORTEST},{LONGEST}}}(?![\w-])")
_WORD = re.compile(r"[^\W\d_]+")
_HYPHENED = re.compile(r"(?<![\w-])([a-z]{2,20})-([a-z]{2,20})(?![\w-])")
_INFLECTIONS = ("s", "ed", "ing", "able", "ability", "ment", "er")


def glued_words(source: Source, projects: Sequence[Project]) -> Iterator[Finding]:
    """Report words that are two words printed as one, where the page's other words say so.

    Only where the page is not German, which makes words by gluing words.
    """
    document = source.document
    if document.language == "de":
        return
    places = [(project, *stretch) for project in projects for stretch in stretches(project)]
    texts = [document.text[start:end] for _, start, end in places]
    known = _Known(texts)
    for number, (project, start, end) in enumerate(places):
        for run in known.suspect.get(number, ()):
            place = re.search(rf"(?<!\S){re.escape(run)}(?!\S)", texts[number])
            assert place is not None
            for found in _TOKEN.finditer(document.text, start + place.start(), start + place.end()):
                word = found.group()
                if cut := known.cut(word):
                    message = f"“{word}” should probably be “{word[:cut]} {word[cut:]}”."
                    yield finding(document, "missing-space", "warning", *found.span(), message, project.id)
        if number in known.hyphened:
            for found in _HYPHENED.finditer(document.text, start, end):
                if whole := known.unbroken(found):
                    message = (
                        f"“{found.group()}” is “{whole}” elsewhere: probably a hyphen from the end of a line."
                    )
                    yield finding(document, "stray-hyphen", "info", *found.span(), message, project.id)


@lru_cache(maxsize=32768)
def _words(run: str) -> tuple[str, ...]:
    """Return the words of a run between white space, in small letters."""
    return (run.casefold(),) if run.isalpha() else tuple([word.casefold() for word in _WORD.findall(run)])


def _whole(word: str) -> bool:
    """Tell whether a word in small letters is known to be one word."""
    compounds = word_set("common", "compounds")
    return word in word_set("common", "known") or word in compounds or word.removesuffix("s") in compounds


class _Known:
    """The words that the page's prose uses: how often, and which stand next to each other."""

    def __init__(self, texts: Sequence[str]) -> None:
        """Count the words in stretches of a document."""
        rows = [text.split() for text in texts]
        runs = Counter(chain.from_iterable(rows))
        self.counts: Counter[str] = Counter()
        for run, number in runs.items():
            for word in _words(run):
                self.counts[word] += number
        self.longest_glue = max(map(len, word_set("common", "glue")))
        self.pairs: set[str] = set()
        """Words that stand next to each other, printed as one: of them those that a word looked at could be."""
        self.suspect: dict[int, list[str]] = {}
        """By text the runs in which a word stands that may be two."""
        self.hyphened: set[int] = set()
        """The texts in which a hyphen may be left from the end of a line."""
        self._look(rows, runs)

    def _look(self, rows: Sequence[Sequence[str]], runs: Counter[str]) -> None:
        """Find where the words stand that occur once and fall into known ones, and where their halves stand."""
        rare: dict[str, str] = {
            word: run
            for run, number in runs.items()
            if number == 1
            for word in _words(run)
            if SHORTEST <= len(word) <= LONGEST and self.counts[word] == 1
        }
        suspects: set[str] = set()
        firsts: set[str] = set()
        for word in filterfalse(_whole, rare):
            cuts = self._cuts(word)
            if any(4 <= cut <= len(word) - 4 and word[cut:] in self.counts for cut in cuts):
                firsts.update(word[:cut] for cut in range(1, len(word)) if word[cut:] in self.counts)
                suspects.add(rare[word])
            elif cuts and self._best(word, cuts):
                suspects.add(rare[word])
        hyphened = {run for run in runs if "-" in run and any(map(self.unbroken, _HYPHENED.finditer(run)))}
        if not suspects and not hyphened:
            return
        openers = {run for run in runs if not firsts.isdisjoint(_words(run))} if firsts else set()
        for number, row in enumerate(rows):
            if not suspects.isdisjoint(row):
                self.suspect[number] = [run for run in row if run in suspects]
            if not hyphened.isdisjoint(row):
                self.hyphened.add(number)
            if not openers.isdisjoint(row):
                for place in [place for place, run in enumerate(row) if run in openers]:
                    self._pair(row, place)

    def unbroken(self, found: re.Match[str]) -> str | None:
        """Return the word that two halves with a hyphen are, if the page has it without one."""
        whole = found.group(1) + found.group(2)
        return whole if self.counts[whole] >= 3 and found.group(1) not in word_set("common", "affixes") else None

    def _pair(self, row: Sequence[str], place: int) -> None:
        """Note the pairs of words that begin in a run."""
        words = list(_words(row[place]))
        after = place + 1
        while after < len(row) and not _words(row[after]):
            after += 1
        if after < len(row):
            words.append(_words(row[after])[0])
        self.pairs.update(map(str.__add__, words, words[1:]))

    @cached_property
    def stems(self) -> frozenset[str]:
        """The beginnings of the long words."""
        return frozenset([word[:STEM] for word in self.counts if len(word) > STEM])

    def cut(self, word: str) -> int | None:
        """Return where a word that occurs once falls into two known words, or ``None``."""
        lower = word.casefold()
        if self.counts[lower] > 1 or _whole(lower) or len(lower) != len(word):
            return None
        return self._best(lower, self._cuts(lower)) if word[1:].islower() else None

    def _cuts(self, lower: str) -> list[int]:
        """Return the places where a word may fall into two of which one is known."""
        counts, glue = self.counts, word_set("common", "glue")
        last = len(lower) - self.longest_glue
        return [
            cut
            for cut in range(2, len(lower) - 1)
            if (first := lower[:cut]) in counts or first in glue or (cut >= last and lower[cut:] in glue)
        ]

    def _best(self, lower: str, cuts: Sequence[int]) -> int | None:
        best: tuple[int, int] | None = None
        for cut in cuts:
            value = self._worth(lower[:cut], lower[cut:], lower)
            if value and (best is None or value > best[0]):
                best = (value, cut)
        return best[1] if best else None

    def _worth(self, first: str, second: str, whole: str) -> int:
        """Say how good a cut is: 0 if it is none."""
        glue, affixes = word_set("common", "glue"), word_set("common", "affixes")
        if first in glue and self._stands(second, len(first), leading=False):
            return len(first) + 10
        if second == "or" and first.endswith(("s", "t")):
            return 0  # who or what does something: "processor", "selector"
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
        if len(word) >= 4 and _whole(word):
            return True
        if leading:
            return glue > 2 and len(word) >= STEM and any(self.counts[word + ending] for ending in _INFLECTIONS)
        return len(word) >= STEM and word[:STEM] in self.stems

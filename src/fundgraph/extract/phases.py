"""Funding phases that are only words of a sentence or a title, each with its passage."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from fundgraph.extract.layouts.records import RawPhase, RawProject, Reading
from fundgraph.extract.source import Source, squeeze
from fundgraph.extract.words import vocabulary, word_list, word_set

NEAR = 70
"""Characters before a phase in which it may be said that it is an earlier one."""
HIGHEST = 20
_SENTENCE = re.compile(r"[.!?]+[\"”’')\]]*\s+(?=[A-ZÄÖÜ])|\n\s*\n|\n(?=[A-ZÄÖÜ•*-])")
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6}
LABEL = 60
"""Characters of a line that is a label and its value ("Phase: II")."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A phase's number where it stands."""

    number: int
    start: int
    end: int


def read_phases(source: Source, reading: Reading) -> tuple[Reading, RawPhase | None]:
    """Find the phases that only sentences and titles name; return the reading with them, and the document's own.

    Where a heading names a phase nothing is looked for. What stands outside of the projects is the document's phase,
    what stands in one is that project's; several numbers in one place decide nothing, and neither does a phase of
    which it is told what was done then.
    """
    text = source.document.text
    if reading.phases:
        return reading, reading.phases[0]
    if not any(source.has(noun) or source.has(noun.capitalize()) for noun in _stems()):
        return reading, None
    found: list[RawPhase] = []
    projects: list[RawProject] = []
    for raw in reading.projects:
        mention = _agreed(_of_project(text, raw)) if raw.phase is None else None
        if mention is not None:
            found.append(_phase(text, mention))
        projects.append(replace(raw, phase=mention.number) if mention else raw)
    outside = _agreed([one for start, end in _outside(source, reading) for one in _mentions(text, start, end)])
    numbers = {raw.phase for raw in projects}
    whole = _phase(text, outside) if outside else None
    if whole is None and len(numbers) == 1 and found:
        whole = found[0]
    phases = ([whole] if whole else []) + [one for one in found if one is not whole]
    places = [(one.start, one.end) for one in phases]
    remarks = tuple(
        remark
        for remark in reading.remarks
        if remark.code != "unread-text" or not any(remark.start <= s and e <= remark.end for s, e in places)
    )
    return replace(reading, projects=tuple(projects), phases=tuple(phases), remarks=remarks), whole


def _phase(text: str, mention: Mention) -> RawPhase:
    label = squeeze(text[mention.start : mention.end])
    return RawPhase(label, mention.number, None, None, mention.start, mention.end)


def _agreed(mentions: Sequence[Mention]) -> Mention | None:
    """Return the first mention if all name one phase."""
    return mentions[0] if len({one.number for one in mentions}) == 1 else None


def _outside(source: Source, reading: Reading) -> Iterator[tuple[int, int]]:
    """Yield the lines that stand in no project, those that follow each other together."""
    places = sorted((raw.start, raw.end) for raw in reading.projects)
    start, last, at = -1, -1, 0
    for line in source.lines:
        while at < len(places) and places[at][1] <= line.start:
            at += 1
        inside = at < len(places) and places[at][0] < line.end
        if inside or (line.mark is not None and line.mark.kind in ("heading", "row", "title")):
            if start >= 0:
                yield start, last
            start = -1
            if not inside:
                yield line.start, line.end
            continue
        start, last = (line.start if start < 0 else start), line.end
    if start >= 0:
        yield start, last


def _of_project(text: str, raw: RawProject) -> list[Mention]:
    """Return the phases that a project says it is in: its title's first."""
    title = [
        one for one in _found(text, raw.title_start, raw.title_end) if not _is_other(text, one, raw.title_end)
    ]
    if title:
        return title
    stretches = [(block.start, block.end) for block in raw.abstract] + list(raw.read)
    found = {one.start: one for start, end in stretches for one in _mentions(text, start, end)}
    return [found[start] for start in sorted(found)]


def _mentions(text: str, start: int, end: int) -> Iterator[Mention]:
    """Yield the phases that a stretch's sentences say the project (or the page) is in."""
    if not any(noun in text[start:end].casefold() for noun in _stems()):
        return
    position = start
    for stop in [*(found.end() for found in _SENTENCE.finditer(text, start, end)), end]:
        here = list(_found(text, position, stop))
        if here:
            yield from _said(text, position, stop, here)
        position = stop


def _said(text: str, start: int, end: int, mentions: Sequence[Mention]) -> Iterator[Mention]:
    """Yield the mention of a sentence that is not only about an earlier phase, the latest of several."""
    sentence = text[start:end].casefold()
    one = max(mentions, key=lambda mention: mention.number)
    before = text[max(start, one.start - NEAR) : one.start].casefold()
    if _is_other(text, one, end) or _has(before, "earlier"):
        return
    weak = not any(
        noun.casefold() in text[one.start : one.end].casefold() for noun in word_list("phases", "nouns")
    )
    label = end - start <= LABEL and not text[start : one.start].strip(" \t*_-•")
    if weak and not label and not _has(sentence, "funder"):
        return
    if (
        len({mention.number for mention in mentions}) == 1
        and _has(sentence, "past")
        and not _has(sentence, "present")
    ):
        return
    yield one


def _is_other(text: str, mention: Mention, end: int) -> bool:
    """Tell whether a phase is no funding's: a clinical trial's, a metabolism's."""
    around = text[max(0, mention.start - 25) : min(end, mention.end + 25)].casefold()
    return _has(around, "never")


def _has(text: str, words: str) -> bool:
    return bool(_words(words).search(text))


@lru_cache(maxsize=8)
def _words(name: str) -> re.Pattern[str]:
    return re.compile(
        rf"(?<!\w)(?:{'|'.join(map(re.escape, sorted(word_set('phases', name), key=len, reverse=True)))})(?!\w)"
    )


def _found(text: str, start: int, end: int) -> Iterator[Mention]:
    for match in _pattern().finditer(text, start, end):
        number = _number((match.group("before") or match.group("after")).casefold())
        if number is not None and 1 <= number <= HIGHEST:
            yield Mention(number, *match.span())


def _number(word: str) -> int | None:
    digits = re.match(r"\d{1,2}", word)
    if digits:
        return int(digits.group())
    return _ROMAN.get(word) or _ordinals().get(word)


@lru_cache(maxsize=1)
def _ordinals() -> dict[str, int]:
    table = vocabulary("headings")["phase"]["ordinals"]
    return {word: int(number) for number, words in table.items() for word in words}


@lru_cache(maxsize=1)
def _stems() -> tuple[str, ...]:
    """Words of which a text with a phase has one."""
    return tuple(
        sorted(
            {noun.casefold().split()[-1] for noun in (*word_set("phases", "nouns"), *word_set("phases", "weak"))}
        )
    )


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    nouns = "|".join(
        re.escape(noun).replace(r"\ ", r"\s+")
        for noun in (*word_list("phases", "nouns"), *word_list("phases", "weak"))
    )
    words = sorted((word for word in _ordinals() if len(word) > 2), key=len, reverse=True)
    ordinal = rf"(?:{'|'.join(map(re.escape, words))}|\d{{1,2}}(?:st|nd|rd|th)\b|\d{{1,2}}\.(?=\s))"
    return re.compile(
        rf"(?<![\w-])(?:(?P<before>{ordinal})\s+(?:(?:dfg|current|aktuellen?|laufenden?)[\s-]+)?(?:{nouns})(?:s|n)?"
        rf"|(?:{nouns})(?:\s*:)?\s+(?P<after>[ivx]{{1,3}}|\d{{1,2}}|one|two|three))(?![\w/-]|\.\d)",
        re.I,
    )

"""Whether a document's 03/04/2020 is in March or in April: by its other dates, its words, its language."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

from fundgraph.extract.dates import DateOrder
from fundgraph.extract.words import word_list
from fundgraph.model import Extraction, Finding

SAMPLE = 200_000
"""Characters whose words are counted."""
CLEAR = 5
"""Where dates of both orders stand, so many times as many of one kind decide."""
_TAIL = re.compile(r"/(\d{1,2})/((?:1[89]|20|21)\d\d)(?![\w/])")
_HEAD = re.compile(r"(?<![\w/.-])(\d{1,2})$")


def order_of(text: str, language: str | None) -> DateOrder:
    """Tell a document's order: by a part above 12 in any of its dates, by its words, by its language; else unsure."""
    votes: Counter[str] = Counter()
    slashed = False
    for first, second, _, _ in _slashed(text):
        slashed = True
        if (first > 12) != (second > 12):
            votes["dmy" if first > 12 else "mdy"] += 1
    if not slashed:
        return DateOrder()
    for order in ("dmy", "mdy"):
        if votes[order] > CLEAR * (votes.total() - votes[order]):
            return DateOrder("dmy" if order == "dmy" else "mdy", True)
    if votes:
        return DateOrder()
    words = Counter(_kind(found.group()) for found in _words().finditer(text[:SAMPLE].casefold()))
    if words["dmy"] >= 2 * max(words["mdy"], 1):
        return DateOrder("dmy", True)
    if words["mdy"] >= 2 * max(words["dmy"], 1):
        return DateOrder("mdy", True)
    return DateOrder("dmy", True) if language == "de" else DateOrder()


def ambiguous_date(extraction: Extraction, order: DateOrder) -> Finding | None:
    """Return a finding for the first date that was read by the default order, if nothing tells how it is meant."""
    if order.sure:
        return None
    document = extraction.document
    stated = {date for project in extraction.projects for date in (project.start, project.end) if date}
    if not stated:
        return None
    doubtful = [
        (start, end, year)
        for first, second, start, end in _slashed(document.text)
        if first != second and 1 <= first <= 12 and 1 <= second <= 12
        for year in [document.text[end - 4 : end]]
        if stated & {f"{year}-{first:02d}-{second:02d}", year}
        and any(project.span.start <= start < project.span.end for project in extraction.projects)
    ]
    if not doubtful:
        return None
    start, end, year = doubtful[0]
    quote = document.text[start:end]
    how = "only its year was taken" if year in stated else "it was read with the month first"
    others = f" The same holds for {len(doubtful) - 1} more dates here." if len(doubtful) > 1 else ""
    message = (
        f"Nothing here tells whether “{quote}” has the day or the month first; {how}. Write the month as a word, "
        f"or the date as {year}-MM-DD.{others}"
    )
    return Finding("ambiguous-date", "info", document.span(start, end), quote, message)


def _slashed(text: str) -> Iterator[tuple[int, int, int, int]]:
    """Yield the dates with two slashes: their first two numbers, and where they stand."""
    for found in _TAIL.finditer(text):
        at = found.start()
        if head := _HEAD.search(text[max(0, at - 3) : at]):
            yield int(head.group(1)), int(found.group(1)), at - len(head.group(1)), found.end()


@lru_cache(maxsize=1)
def _words() -> re.Pattern[str]:
    words = [*word_list("dates", "order", "dmy"), *word_list("dates", "order", "mdy")]
    return re.compile(
        "|".join(rf"(?<!\w){re.escape(word)}(?!\w)" if word[0].isalpha() else re.escape(word) for word in words)
    )


@lru_cache(maxsize=256)
def _kind(word: str) -> str:
    return "dmy" if word in word_list("dates", "order", "dmy") else "mdy"

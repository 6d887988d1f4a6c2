"""Codes that are codes only because the whole list has them: "P1 Light", "#12 Sorting", "Q1.1 Bands", "Deelproject 2"."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace

from fundgraph.extract.layouts.records import RawProject, Reading
from fundgraph.extract.layouts.titles import code_alone
from fundgraph.extract.source import Source

FEWEST = 3
"""Titles that begin so at least, where only a space stands between code and title."""
SHARE = 0.8
"""The share of the titles that must begin so."""
_BEGINNING = re.compile(
    r"(?:\(?#\s?(?P<number>\d{1,4})\)?|(?P<code>[A-Z][A-Za-z]{0,4}[-.]?\d{1,3}(?:[.-]\d{1,3})?[a-z]?)"
    r"|(?P<decimal>\d{1,2}\.\d{1,2}[a-z]?)(?=\s)"
    r"|(?P<word>[A-ZÀ-Þ][\w-]{1,24}) (?P<which>[A-Z]?\d{1,3}[a-z]?))(?P<sign>\s*[:.|–—-]\s+|\s*[|:]\s*|\s+)(?=[^\Wa-zß-öø-ÿ]|[\"“„«])"
)


def with_codes(reading: Reading) -> Reading:
    """Return a reading whose titles have no code any more, if nearly all of them begin with one, each with another."""
    bare = [raw for raw in reading.projects if not raw.code and _may_begin(raw.title)]
    if len(bare) < 2 or len(bare) < SHARE * sum(not raw.code for raw in reading.projects):
        return reading
    codes = _codes(bare)
    if not codes:
        return reading
    return replace(reading, projects=tuple(_cut(raw, codes.get(id(raw))) for raw in reading.projects))


def with_codes_above(source: Source, reading: Reading) -> Reading:
    """Return a reading in which a code on the line above each title is its project's, if all but a few have one there."""
    bare = [raw for raw in reading.projects if not raw.code]
    if len(bare) < 2 or len(bare) < len(reading.projects):
        return reading
    starts = [line.start for line in source.lines]
    codes: dict[int, str] = {}
    for raw in bare:
        above = bisect_left(starts, source.document.text.rfind("\n", 0, raw.title_start) + 1) - 1
        if above >= 0 and (code := code_alone(source.lines[above].text)):
            codes[id(raw)] = code
    if len(codes) < SHARE * len(bare) or len(set(codes.values())) < len(codes):
        return reading
    return replace(reading, projects=tuple(replace(raw, code=codes.get(id(raw))) for raw in reading.projects))


def _may_begin(title: str) -> bool:
    return any(map(str.isdigit, title[:30]))


def _codes(projects: Sequence[RawProject]) -> dict[int, tuple[str, int]]:
    """Return for each project its code and where its title begins; nothing if these are no codes."""
    found = {id(raw): match for raw in projects if (match := _BEGINNING.match(raw.title))}
    words = {match.group("word") for match in found.values()}
    signed = words != {None} or all(
        m.group("sign").strip() or m.group("number") or m.group("decimal") for m in found.values()
    )
    if len(found) < (2 if signed else FEWEST) or len(found) < SHARE * len(projects) or len(words) != 1:
        return {}
    codes = {key: (_code(match), match.end()) for key, match in found.items()}
    stated = {(raw.phase, raw.kind, codes[id(raw)][0]) for raw in projects if id(raw) in codes}
    return codes if len(stated) == len(codes) else {}


def _code(match: re.Match[str]) -> str:
    word, which = match.group("word", "which")
    if word and which.isdigit():
        return f"{word} {which}"
    return which or match.group("number") or match.group("decimal") or match.group("code")


def _cut(raw: RawProject, code: tuple[str, int] | None) -> RawProject:
    if code is None:
        return raw
    title = raw.title[code[1] :]
    begin = raw.title_end - len(title)
    # White space in the source may be wider than in the title.
    begin = begin if begin > raw.title_start else raw.title_start
    return replace(
        raw, title=title, title_start=begin, code=code[0], read=(*raw.read, (raw.title_start, raw.title_end))
    )

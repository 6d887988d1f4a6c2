"""A project's abstract: its text without hard line ends, its status, its sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from fundgraph.extract.layouts.page import is_placeholder
from fundgraph.extract.layouts.records import RawProject
from fundgraph.extract.source import Block, Source, squeeze
from fundgraph.model import Abstract

_LIST_MARK = re.compile(r"(?:[-*•–·]|\(?\d{1,2}[.)]|\(?[a-z]\)|\([ivx]{1,4}\))\s")
_SENTENCE_END = re.compile(
    r"[.!?…\n](?:(?<!\n)(?<![.!?…]{2})[.!?…]*+[\"”’')\]]*+(?=\s|[A-ZÄÖÜ][a-zäöü]|\Z)|(?<=\n)\s*\n)"
)
"""Begins with one set of characters, which is looked for fast."""
_RUN = re.compile(r"[^\W_]+")
_SIGNS = bytes(code for code in range(128) if not chr(code).isalnum())
_SMALL = bytes(range(256)).lower()
_CUT = re.compile(r"([^\W\d_]+)-$")
_LETTERS = re.compile(r"[^\W\d_]*")
_ABBREVIATED = re.compile(
    r"(?:\b(?:e\.g|i\.e|cf|etc|al|resp|Fig|Eq|vs|z\.B|bzw|ca|Dr|Prof|approx|No|Nr|d\.h|u\.a|usw)|\b[A-Z])\.$"
)


class Sentence(NamedTuple):
    """A sentence of a project's abstract: where it stands, and its letters and digits alone."""

    start: int
    end: int
    key: str


def read_abstract(source: Source, raw: RawProject) -> Abstract:
    """Judge what a layout found as a project's abstract."""
    document = source.document
    blocks = raw.abstract
    if not blocks:
        if raw.abstract_heading:
            return Abstract("empty", None, document.span(*raw.abstract_heading))
        return Abstract("absent", None, None)
    span = document.span(blocks[0].start, blocks[-1].end)
    if len(blocks) <= 2 and all(is_placeholder(block.text) for block in blocks):
        return Abstract("placeholder", None, span)
    return Abstract("present", "\n\n".join(_flow(block, source.common_words) for block in blocks), span)


def sentences(source: Source, raw: RawProject) -> Iterator[Sentence]:
    """Yield the sentences of a project's abstract in order."""
    text = source.document.text
    for block in raw.abstract:
        for start, end in _sentences(text, block.start, block.end):
            yield Sentence(start, end, sentence_key(text[start:end]))


def sentence_places(source: Source, raw: RawProject) -> Iterator[tuple[int, int]]:
    """Yield where the sentences of a project's abstract stand, in order."""
    for block in raw.abstract:
        yield from _sentences(source.document.text, block.start, block.end)


def _sentences(text: str, start: int, last: int) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for match in _SENTENCE_END.finditer(text, start, last):
        end = match.end()
        # Seven letters before the dot are no abbreviation.
        short = text[end - 1] == "." and end < last and not text[end - 8 : end - 1].isalpha()
        if short and _ABBREVIATED.search(text[max(start, end - 8) : end]):
            continue
        while start < end and text[start].isspace():
            start += 1
        found.append((start, end))
        start = end
    if start < last and text[start:last].strip():
        while text[start].isspace():
            start += 1
        found.append((start, last))
    return found


def sentence_key(own: str) -> str:
    """Return the letters and digits of a sentence, in small letters."""
    if own.isascii():
        return own.encode().translate(_SMALL, _SIGNS).decode()
    return "".join(_RUN.findall(own)).casefold()


def _flow(block: Block, words: frozenset[str]) -> str:
    """Join a block's lines, keeping a line of its own for each item of a list."""
    if len(block.lines) == 1:
        return block.text
    parts: list[str] = []
    for line in block.lines:
        text = squeeze(line.text)
        if not parts:
            parts.append(text)
        elif _LIST_MARK.match(text):
            parts += ["\n", text]
        elif parts[-1].endswith("-") and (cut := _CUT.search(parts[-1].rpartition(" ")[2])):
            tail = _LETTERS.match(text)
            whole = cut.group(1) + (tail.group() if tail else "")
            if text[:1].islower() and whole.casefold() in words:
                parts[-1] = parts[-1][:-1]
            parts.append(text)
        else:
            parts += [" ", text]
    return "".join(parts)

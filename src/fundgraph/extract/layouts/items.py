"""The lines of a page as a row of items: headings, figures with their labels, and blocks of other text."""

from __future__ import annotations

import re
from dataclasses import dataclass

from fundgraph.extract.counting import countable
from fundgraph.extract.headings import Heading, read_heading
from fundgraph.extract.layouts.records import RawClaim
from fundgraph.extract.names import read_people
from fundgraph.extract.source import Block, Line, Source, squeeze

_NUMBER = re.compile(
    r"(?:(?:about|over|more than|rund|über|ca\.|>)\s*)?(\d{1,3}(?:[.,]\d{3})+|\d{1,6})\s*\+?", re.I
)
_FIGURE_BEGINS = frozenset("aomrücAOMRÜC>")
"""Signs with which a figure begins beside digits, as the pattern has them."""
_NUMBER_LABEL = re.compile(r"(\d{1,6})\+?\s+([^\W\d].{2,60})")


@dataclass(slots=True)
class Item:
    """One of: a heading, a claim, a block."""

    block: Block
    heading: Heading | None = None
    claim: RawClaim | None = None


def items_of(source: Source) -> list[Item]:
    """Cut a source into items, in order; every line that is not blank is in exactly one."""
    items: list[Item] = []
    lines = source.lines
    group: list[Line] = []

    def close() -> None:
        if group:
            items.append(Item(Block(tuple(group))))
            group.clear()

    index = 0
    while index < len(lines):
        line = lines[index]
        if group and line.number > group[-1].number + 1:
            close()
        alone = not group
        claim = read_claim(source, index) if alone else None
        if claim:
            raw, used = claim
            items.append(Item(Block(lines[index : index + used]), claim=raw))
            index += used
            continue
        heading = read_heading(line.text)
        if heading and _stands_apart(lines, index, heading):
            close()
            items.append(Item(Block((line,)), heading=heading))
        else:
            group.append(line)
        index += 1
    close()
    return items


def _stands_apart(lines: tuple[Line, ...], index: int, heading: Heading) -> bool:
    """Tell whether a line that reads as a heading is one: a wrapped line of prose may be only the word "team"."""
    if heading.kind == "abstract" or heading.rest is not None:
        return True
    line = lines[index]
    before = lines[index - 1] if index else None
    in_prose = before is not None and before.number == line.number - 1 and len(before.text) > 60
    return not (in_prose and line.text[0].islower())


def read_claim(source: Source, index: int) -> tuple[RawClaim, int] | None:
    """Read a figure with its label, on one line or on the lines after it; also say how many lines that takes."""
    lines = source.lines
    first = lines[index]
    digit = first.text[0].isdigit()
    if first.text[0] not in _FIGURE_BEGINS and not digit:
        return None
    ends = first.text[-1] == "+" or first.text[-1].isdigit()
    alone = _NUMBER.fullmatch(first.text) if ends else None
    if not alone:
        together = _NUMBER_LABEL.fullmatch(first.text) if digit else None
        if not together:
            return None
        single = (
            index + 1 == len(lines)
            or lines[index + 1].number > first.number + 1
            or _starts_figure(lines[index + 1])
        )
        if not single or not _is_label(together.group(2)) or not countable(together.group(2)):
            return None
        label_start = first.start + together.start(2)
        return RawClaim(int(together.group(1)), squeeze(together.group(2)), first.start, first.end, label_start), 1
    label: list[Line] = []
    for line in lines[index + 1 : index + 5]:
        if label and line.number > label[-1].number + 1:
            break
        if not label and line.number > first.number + 3:
            break
        if _NUMBER.fullmatch(line.text):
            break
        label.append(line)
    # A label is short; the last of its lines may already be something else where no blank line follows.
    while label:
        text = squeeze(" ".join(line.text for line in label))
        if _is_label(text) and countable(text):
            value = int(re.sub(r"\D", "", alone.group(1)))
            return RawClaim(value, text, first.start, label[-1].end, label[0].start), 1 + len(label)
        label.pop()
    return None


def _starts_figure(line: Line) -> bool:
    return bool(_NUMBER.fullmatch(line.text) or _NUMBER_LABEL.fullmatch(line.text))


def _is_label(text: str) -> bool:
    if len(text.split()) > 8 or text.endswith((".", ":", ",")):
        return False
    people = read_people(text, 0, len(text))
    return not (people and people.titled)

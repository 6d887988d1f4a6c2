"""Several projects told in prose: a title on a line of its own, and below it sentences with people, dates, a number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fundgraph.extract.codes import split_code
from fundgraph.extract.headings import read_heading
from fundgraph.extract.layouts import sentences
from fundgraph.extract.layouts.draft import Draft
from fundgraph.extract.layouts.fields import has_label_form, read_label
from fundgraph.extract.layouts.notes import is_sentence
from fundgraph.extract.layouts.page import is_furniture
from fundgraph.extract.layouts.records import RawPerson, Reading, Remark
from fundgraph.extract.layouts.titles import is_noise, is_title
from fundgraph.extract.names import read_people
from fundgraph.extract.source import Block, Line, Source, squeeze

LEAST = 2
"""Passages that tell of a project, at the least."""
SHORTEST = 80
"""Characters of a paragraph of prose."""
LONGEST_TITLE = 160


def read(source: Source) -> Reading | None:
    """Read the passages under titles as projects; ``None`` if most tell of none."""
    passages = list(_passages(source))
    if len(passages) < LEAST:
        return None
    drafts = [draft for line, blocks in passages if (draft := _project(source, line, blocks))]
    if len(drafts) < LEAST or len(drafts) * 2 <= len(passages):
        return None
    known = {number for draft in drafts for number in _lines(source, draft)}
    remarks = tuple(
        Remark(
            "page-furniture" if is_furniture(line.text) or is_noise(line.text) else "unread-text",
            line.start,
            line.end,
        )
        for line in source.lines
        if line.number not in known
    )
    return Reading("prose", 0.0, tuple(draft.close() for draft in drafts), remarks=remarks)


def _passages(source: Source) -> Iterator[tuple[Line, list[Block]]]:
    """Yield each title and the paragraphs of prose below it, up to what is none."""
    lines = source.lines
    marked = any(line.mark and line.mark.kind == "heading" for line in lines)
    title: Line | None = None
    blocks: list[Block] = []
    index = 0
    while index < len(lines):
        end = index + 1
        while end < len(lines) and lines[end].number == lines[end - 1].number + 1 and not lines[end].mark:
            end += 1
        block = Block(lines[index:end])
        prose = len(block.text) >= SHORTEST and is_sentence(block.text) and not is_furniture(block.text)
        prose = prose and (len(lines[index].text) > SHORTEST or not _is_title(lines[index], marked))
        if prose and title:
            blocks.append(block)
        else:
            if title and blocks:
                yield title, blocks
            inner = Block(lines[index + 1 : end]) if end > index + 1 else None
            if (
                inner
                and len(inner.text) >= SHORTEST
                and is_sentence(inner.text)
                and _is_title(lines[index], marked)
            ):
                title, blocks = lines[index], [inner]  # the title stands right above its text
                index = end
                continue
            title, blocks = (
                (lines[index], []) if end == index + 1 and _is_title(lines[index], marked) else (None, [])
            )
        index = end
    if title and blocks:
        yield title, blocks


def _is_title(line: Line, marked: bool) -> bool:
    if marked != (line.mark is not None and line.mark.kind == "heading"):
        return False
    if not is_title(line.text) or len(line.text) > LONGEST_TITLE or len(line.text.split()) < 2:
        return False
    if read_label(line.text) or read_heading(line.text) or has_label_form(line.text):
        return False
    people = read_people(line.text, 0, len(line.text))
    return people is None or not people.titled


def _project(source: Source, line: Line, blocks: Sequence[Block]) -> Draft | None:
    """Read one passage; ``None`` if it names nobody, or says neither when nor under what number."""
    text = source.document.text
    code, rest = split_code(line.text)
    draft = Draft(squeeze(line.text[rest:]), line.start + rest, line.end, line.start, line.end, code=code)
    draft.took(line.start, line.end)
    for block in blocks:
        stated(text, block.start, block.end, draft)
    if not draft.people:
        for block in blocks:
            draft.people += sentences.titled(text, block.start, block.end)
    if not draft.people or not (draft.code or draft.starts or draft.ends):
        return None
    draft.abstract += blocks
    return draft


def stated(text: str, start: int, end: int, draft: Draft) -> int:
    """Take what one paragraph's sentences state besides a title; return how many facts that was."""
    facts = 0
    if not draft.code and (number := sentences.number(text, start, end)):
        draft.code = number.value
        draft.took(number.start, number.end)
        facts += 1
    if not (draft.starts or draft.ends) and (period := sentences.period(text, start, end)):
        draft.starts, draft.ends = period[0], period[1]
        draft.took(*period[2])
        facts += 1
    if not draft.code and (numbered := sentences.programme(text, start, end)):
        draft.code = numbered.value
        draft.took(numbered.start, numbered.end)
        facts += 1
    known = {person.name.name for person in draft.people}
    for person in _people(text, start, end):
        if person.name.name not in known:
            known.add(person.name.name)
            draft.people.append(person)
            draft.took(person.name.start, person.name.end)
            facts += 1
    return facts


def _people(text: str, start: int, end: int) -> Iterator[RawPerson]:
    for group in sentences.people(text, start, end):
        yield from group


def _lines(source: Source, draft: Draft) -> range:
    document = source.document
    last = max(draft.end, *(block.end for block in draft.abstract))
    return range(document.line_of(draft.start), document.line_of(last - 1) + 1)

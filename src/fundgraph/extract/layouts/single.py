"""Layout J, and pages that are one project: facts in sentences, people in tables and lists anywhere on the page."""

from __future__ import annotations

import re

from fundgraph.extract.codes import split_code
from fundgraph.extract.layouts import passages, sentences
from fundgraph.extract.layouts.draft import Draft
from fundgraph.extract.layouts.records import Reading, Remark
from fundgraph.extract.layouts.rosters import parties
from fundgraph.extract.layouts.titles import is_title
from fundgraph.extract.layouts.walker import Walker
from fundgraph.extract.source import Block, Source, squeeze
from fundgraph.extract.words import vocabulary

LONGEST = 400_000
"""A longer page is no single project's."""
LEAST_FACTS = 2


def read(source: Source) -> Reading:
    """Read a whole page as one project, or the passages of it that tell of several."""
    if len(source.document.text) > LONGEST or not source.lines:
        return Reading("prose", 0.0)
    if several := passages.read(source):
        return several
    first = source.lines[0]
    draft = Draft("", first.start, first.start, first.end, first.start, titled=False)
    draft.start = source.lines[-1].end
    walker = Walker(source, draft)
    walker.walk()
    rows, organisations, places = parties(source)
    known = {person.name.start for person in draft.people}
    draft.people += [person for person in rows if person.name.start not in known]
    draft.institutions += organisations
    for place in places:
        draft.took(*place)
    labelled = draft.facts
    stated = _sentences(source, draft)
    _name(source, draft)
    facts = sum(map(bool, (draft.starts or draft.ends, draft.code, draft.people, draft.institutions)))
    if not draft.titled or facts < LEAST_FACTS or not (stated or rows or labelled):
        return Reading("prose", 0.0)
    taken = set(draft.read)
    project = draft.close()
    lines = _lines(source, [*taken, *((block.start, block.end) for block in draft.abstract)])
    remarks = tuple(remark for remark in walker.remarks if source.document.line_of(remark.start) not in lines)
    return Reading("prose", 0.0, (project,), (), (), _distinct(remarks))


def _sentences(source: Source, draft: Draft) -> int:
    """Take what sentences state; return how many facts that were."""
    text = source.document.text
    facts = 0
    for block in _paragraphs(source):
        facts += _stated(text, block.start, block.end, draft)
    if not draft.institutions:
        abstract = list(draft.abstract) or _paragraphs(source)[:2]
        for block in abstract:
            draft.institutions += sentences.institutions(text, block.start, block.end)
        if not draft.abstract:
            draft.abstract += [block for block in abstract if len(block.text) > 80]
    return facts


def _stated(text: str, start: int, end: int, draft: Draft) -> int:
    """Take what one paragraph's sentences state; return how many facts that was."""
    facts = 0
    if not draft.titled and (found := sentences.title(text, start, end)):
        title, acronym = found
        draft.title, draft.title_start, draft.title_end = title.value, title.start, title.end
        draft.titled = True
        draft.acronym = acronym.value if acronym else draft.acronym
        draft.took(title.start, acronym.end if acronym else title.end)
        facts += 1
    return facts + passages.stated(text, start, end, draft)


def _paragraphs(source: Source) -> list[Block]:
    """Return the page's paragraphs of prose."""
    groups: list[list[int]] = []
    for index, line in enumerate(source.lines):
        if line.mark and line.mark.kind in {"heading", "row", "title", "caption"}:
            continue
        if groups and groups[-1][-1] == index - 1 and line.number == source.lines[index - 1].number + 1:
            groups[-1].append(index)
        else:
            groups.append([index])
    blocks = [Block(tuple(source.lines[index] for index in group)) for group in groups]
    return [block for block in blocks if len(block.text) > 120 and "." in block.text]


def _name(source: Source, draft: Draft) -> None:
    """Take the page's first heading for the title, where nothing else states one."""
    if draft.titled:
        return
    headings = [
        line for line in source.lines if line.mark and line.mark.kind == "heading" and line.mark.level <= 2
    ]
    headings += [line for line in source.lines if line.mark and line.mark.kind == "title"]
    if not any(line.mark for line in source.lines):
        headings = [line for line in source.lines[:3] if is_title(line.text)]
    for line in headings:
        if not is_title(line.text) or len(line.text.split()) < 2:
            continue
        start, end = _framed(line.text)
        text = line.text[start:end]
        code, rest = split_code(text)
        if rest:
            draft.code = draft.code or code
            start += rest
        draft.title = squeeze(line.text[start:end])
        draft.title_start, draft.title_end = line.start + start, line.start + end
        draft.titled = bool(draft.title)
        draft.took(line.start, line.end)
        return


def _framed(text: str) -> tuple[int, int]:
    """Leave out what makes a name a heading: "The … project"."""
    words = vocabulary("prose")["frame"]
    before = "|".join(sorted(map(re.escape, words["before"]), key=len, reverse=True))
    after = "|".join(sorted(map(re.escape, words["after"]), key=len, reverse=True))
    found = re.fullmatch(rf"(?:(?:{before})[\s:]+)*(.+?)(?:\s+(?:{after}))*", text, re.I)
    if not found or len(found.group(1)) < 3:
        return 0, len(text)
    return found.span(1)


def _lines(source: Source, places: list[tuple[int, int]]) -> set[int]:
    document = source.document
    return {
        number
        for start, end in places
        for number in range(document.line_of(start), document.line_of(max(start, end - 1)) + 1)
    }


def _distinct(remarks: tuple[Remark, ...]) -> tuple[Remark, ...]:
    return tuple({(remark.start, remark.end): remark for remark in remarks}.values())

"""The checks of pages' prose, run on the abstracts of structured data: on the text as people read it, without escapes."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from fundgraph.documents.sniff import language_of
from fundgraph.documents.view import View
from fundgraph.extract.abstracts import Sentence, sentences
from fundgraph.extract.checks.glued import glued_words
from fundgraph.extract.checks.prose import latex_residue, lost_spaces
from fundgraph.extract.layouts.records import RawProject
from fundgraph.extract.source import Block, Line, Source, runs_of
from fundgraph.model import Document, Finding, Project, Span

MOST_TEXT = 4_000_000
"""Characters of abstracts that are checked; the abstracts after them are not, which a finding says."""
SHORTEST = 100
"""Letters and digits of the shortest sentence whose repetition is reported."""
MOST_OF_ONE = 20
"""Findings of one kind in one project that are listed."""
LANGUAGE_SAMPLE = 800
_RESIDUE = re.compile(
    r"</?(?:p|br|div|span|b|i|em|strong|ul|ol|li|a|sub|sup|h[1-6]|table|tr|td|font)(?:\s[^<>]{0,200})?/?>"
    r"|&(?:amp|lt|gt|nbsp|quot|apos|[a-z]{1,6}(?:uml|acute|grave)|#x?[0-9a-f]{1,6});",
    re.I,
)


@dataclass(frozen=True)
class _Text:
    """All abstracts as one text, with the projects they are of; ``starts`` says where each project's begins."""

    source: Source
    projects: tuple[Project, ...]
    starts: tuple[int, ...]
    homes: tuple[Project, ...]
    """The same projects with their spans in the file."""
    left_out: Project | None
    """The first project that was not checked."""


def check_texts(document: Document, projects: Sequence[Project]) -> Iterator[Finding]:
    """Yield the slips in titles and abstracts: glued words, missing spaces, residue of LaTeX and markup, repeats.

    At most :data:`MOST_TEXT` characters are looked at. A finding's place is that of its words in the file; where the file
    writes them otherwise (escaped, or with markup between them) it is the beginning of the abstract.
    """
    text = _text_of(document, projects)
    if text is None:
        return
    made = text.source.document
    english = [one for one in text.projects if language_of((one.abstract.text or "")[:LANGUAGE_SAMPLE]) == "en"]
    found = [
        *latex_residue(made, text.projects),
        *lost_spaces(text.source, text.projects),
        *glued_words(text.source, english),
        *_residue(made, text.projects),
    ]
    shown: Counter[tuple[str | None, str]] = Counter()
    for one in found:
        shown[one.about, one.code] += 1
        if shown[one.about, one.code] < MOST_OF_ONE:
            yield _in_file(document, text, one)
        elif shown[one.about, one.code] == MOST_OF_ONE:
            more = f"{one.message} There is more of this kind in this project; it is not listed."
            yield replace(_in_file(document, text, one), message=more)
    yield from _repeats(document, text)
    if text.left_out is not None:
        span = text.left_out.title_span
        message = (
            f"From “{text.left_out.title}” on the abstracts were not checked for slips in their prose: "
            f"more than {MOST_TEXT} characters are not."
        )
        yield Finding("not-checked", "info", span, document.quote(span)[:300], message, text.left_out.id)


def _text_of(document: Document, projects: Sequence[Project]) -> _Text | None:
    """Put titles and abstracts together, a blank line between any two."""
    parts: list[str] = []
    places: list[tuple[int, int, int]] = []
    homes: list[Project] = []
    length = 0
    left_out: Project | None = None
    for project in projects:
        if project.abstract.status != "present" or not project.abstract.text or project.abstract.span is None:
            continue
        if length > MOST_TEXT:
            left_out = project
            break
        places.append((length, length + len(project.title), length + len(project.title) + 2))
        homes.append(project)
        parts += [project.title, project.abstract.text]
        length += len(project.title) + len(project.abstract.text) + 4
    if not homes:
        return None
    made = replace(document, text="\n\n".join(parts), language=None)
    moved = tuple(
        replace(
            home,
            title_span=made.span(start, end),
            abstract=replace(home.abstract, span=made.span(begin, begin + len(home.abstract.text or ""))),
        )
        for home, (start, end, begin) in zip(homes, places, strict=True)
    )
    source = Source(made, (), frozenset(), View.plain(made), runs_of(made.text))
    return _Text(source, moved, tuple(start for start, _, _ in places), tuple(homes), left_out)


def _residue(made: Document, projects: Sequence[Project]) -> Iterator[Finding]:
    """Report tags and entities that are left when a source's markup is read: they were escaped twice."""
    if "<" not in made.text and "&" not in made.text:
        return
    for project in projects:
        span = project.abstract.span
        if span is None or (found := _RESIDUE.search(made.text, span.start, span.end)) is None:
            continue
        message = f"“{found.group()}” is markup that readers of the abstract of “{project.title}” see as it is; write the text plainly."
        place = made.span(*found.span())
        yield Finding("markup-residue", "info", place, found.group(), message, project.id)


def _in_file(document: Document, text: _Text, one: Finding) -> Finding:
    """Lead a finding back to the file."""
    index = bisect_right(text.starts, one.span.start) - 1
    made, home = text.projects[index], text.homes[index]
    in_title = one.span.start < made.title_span.end
    there = home.title_span if in_title else home.abstract.span
    here = made.title_span if in_title else made.abstract.span
    assert there is not None
    assert here is not None
    span = _nth(document, there, one.quote, text.source.document.text.count(one.quote, here.start, one.span.start))
    return replace(one, span=span, quote=document.quote(span))


def _nth(document: Document, there: Span, quote: str, before: int) -> Span:
    """Return where a quote stands in a stretch of the file after so many others of it; else the stretch's beginning."""
    position = there.start - 1
    for _ in range(before + 1):
        position = document.text.find(quote, position + 1, there.end)
        if position < 0:
            return document.span(there.start, min(there.end, there.start + 120))
    return document.span(position, position + len(quote))


def _repeats(document: Document, text: _Text) -> Iterator[Finding]:
    """Report sentences that just two projects share, whose titles and people differ; what more share is a formula."""
    seen: dict[str, list[tuple[int, Sentence]]] = {}
    for index, made in enumerate(text.projects):
        span = made.abstract.span
        assert span is not None
        line = Line(span.line, span.start, span.end, "")
        raw = RawProject("", 0, 0, 0, 0, abstract=(Block((line,)),))
        for sentence in sentences(text.source, raw):
            if len(sentence.key) >= SHORTEST:
                seen.setdefault(sentence.key, []).append((index, sentence))
    pairs: dict[tuple[int, int], list[Sentence]] = {}
    for places in seen.values():
        if len(places) == 2 and places[0][0] != places[1][0]:
            pairs.setdefault((places[0][0], places[1][0]), []).append(places[1][1])
    for (first, second), shared in sorted(pairs.items()):
        one, other = text.homes[first], text.homes[second]
        if _are_one(one, other) or one.abstract.text == other.abstract.text:
            continue
        quote = text.source.document.text[shared[0].start : shared[0].end]
        assert other.abstract.span is not None
        assert one.abstract.span is not None
        span = _nth(document, other.abstract.span, quote, 0)
        more = f", and {len(shared) - 1} more of its sentences" if len(shared) > 1 else ""
        message = (
            f"This sentence{more} stands also in the abstract of “{one.title}” (line {one.abstract.span.line}); "
            "one may be a slip."
        )
        yield Finding("repeated-text", "info", span, document.quote(span), message, other.id)


def _are_one(one: Project, other: Project) -> bool:
    """Tell whether two records may well share their text: the same title or acronym, or people in common."""
    if one.title.casefold() == other.title.casefold() or (one.acronym and one.acronym == other.acronym):
        return True
    return bool({person.person_id for person in one.people} & {person.person_id for person in other.people})

"""All checks of a document, in one pass."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from fundgraph.extract.checks.bytes import undecodable
from fundgraph.extract.checks.finding import finding
from fundgraph.extract.checks.glued import glued_words
from fundgraph.extract.checks.names import Row, check_names
from fundgraph.extract.checks.prose import latex_residue, lost_spaces
from fundgraph.extract.checks.repeats import Repeat
from fundgraph.extract.identifiers import find_identifiers
from fundgraph.extract.identity import Identity
from fundgraph.extract.layouts.records import Reading
from fundgraph.extract.source import Source
from fundgraph.model import Document, Finding, Project

_NOBODY = re.compile(r"(?<![\w.])N\.[ \u00a0]?N\.(?!\w|[ \u00a0]?[A-Z][\w.])")


def check_document(
    source: Source,
    reading: Reading,
    rows: Sequence[Row],
    identities: Mapping[int, Identity],
    projects: Sequence[Project],
    repeated: Sequence[Repeat],
) -> list[Finding]:
    """Return everything that an editor of the page should look at, in no particular order."""
    document = source.document
    return [
        *_no_project(document, reading, projects),
        *check_names(document, rows, identities),
        *_abstracts(document, projects),
        *_repeats(document, repeated, projects),
        *_remarks(document, reading, projects),
        *_bad_identifiers(source),
        *_vacant(document, projects),
        *undecodable(document),
        *latex_residue(document, projects),
        *glued_words(source, projects),
        *lost_spaces(source, projects),
    ]


def _no_project(document: Document, reading: Reading, projects: Sequence[Project]) -> Iterator[Finding]:
    if projects:
        return
    end = document.text.find("\n")
    if reading.members:
        first = reading.members[0].name
        message = (
            f"This page lists {len(reading.members)} people and no project; they are read as the programme's."
        )
        yield finding(document, "no-project", "info", first.start, first.end, message)
        return
    message = (
        "No project was recognised here. A project is a title with its people on the next line, "
        "or a title followed by a heading such as “Abstract” or “Participants”."
    )
    yield finding(document, "no-project", "error", 0, len(document.text) if end < 0 else end, message)


def _abstracts(document: Document, projects: Sequence[Project]) -> Iterator[Finding]:
    with_heading = sum(project.abstract.status != "absent" for project in projects)
    for project in projects:
        span = project.abstract.span
        if project.abstract.status == "empty" and span:
            heading = document.quote(span)
            message = f"Under the heading “{heading}” of “{project.title}” nothing stands; add the abstract."
            yield finding(document, "empty-abstract", "warning", span.start, span.end, message, project.id)
        elif project.abstract.status == "placeholder" and span:
            sign = document.quote(span)
            message = f"“{sign}” stands where the abstract of “{project.title}” should be; add the abstract."
            yield finding(document, "placeholder-abstract", "warning", span.start, span.end, message, project.id)
        elif project.abstract.status == "absent" and with_heading * 2 > len(projects):
            title = project.title_span
            message = f"“{project.title}” has no abstract, though most projects of this page have one."
            yield finding(document, "missing-abstract", "info", title.start, title.end, message, project.id)


def _repeats(document: Document, repeated: Sequence[Repeat], projects: Sequence[Project]) -> Iterator[Finding]:
    for repeat in repeated:
        other = projects[repeat.first_project]
        whose = "the same project" if repeat.first_project == repeat.project else f"“{other.title}”"
        message = (
            f"This text stands already at line {repeat.first.line}, in the abstract of {whose}; "
            "probably it was copied here by mistake. It does not count for the project's topics."
        )
        yield finding(
            document,
            "repeated-text",
            "warning",
            repeat.span.start,
            repeat.span.end,
            message,
            projects[repeat.project].id,
        )


_REMARKS = {
    "image-caption": "This is the caption of an image, not part of the abstract; it was left out.",
    "page-furniture": "This belongs to the page, not to a project; it was left out.",
    "unread-name": "People or organisations are announced here, and none was recognised; nothing was read from it.",
    "unread-text": "This text belongs to no project that was recognised; nothing was read from it.",
}


def _remarks(document: Document, reading: Reading, projects: Sequence[Project]) -> Iterator[Finding]:
    captions: dict[str, int] = {}
    for remark in sorted(reading.remarks, key=lambda remark: remark.start):
        if remark.code == "unread-text" and not projects:
            continue
        message = _REMARKS[remark.code]
        text = document.text[remark.start : remark.end]
        if remark.code == "image-caption":
            line = document.line_of(remark.start)
            if text in captions:
                message += f" The same caption stands at line {captions[text]}: check that it is the right one."
            captions.setdefault(text, line)
        about = (
            projects[remark.project].id if remark.project is not None and remark.project < len(projects) else None
        )
        yield finding(document, remark.code, "info", remark.start, remark.end, message, about)


def _vacant(document: Document, projects: Sequence[Project]) -> Iterator[Finding]:
    """Point out "N.N." in projects: it is nobody."""
    if "N." not in document.text:
        return
    for project in projects:
        for found in _NOBODY.finditer(document.text, project.span.start, project.span.end):
            message = (
                f"“{found.group()}” stands where “{project.title}” should name a person: the position is open, "
                "or the name was never added. Nobody was read from it."
            )
            yield finding(document, "vacant-position", "info", found.start(), found.end(), message, project.id)


def _bad_identifiers(source: Source) -> Iterator[Finding]:
    document = source.document
    for found in find_identifiers(document.text, schemes=source.schemes):
        if found.problem:
            message = f"“{found.value}” is no {found.scheme} identifier: {found.problem}."
            yield finding(document, "bad-identifier", "warning", found.start, found.end, message)

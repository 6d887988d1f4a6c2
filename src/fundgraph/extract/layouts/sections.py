"""Layouts B, C, G, H and I: records of labels, result lists, headings with names, name and role, consortia."""

from __future__ import annotations

import re
from functools import lru_cache

from fundgraph.extract.layouts import sentences
from fundgraph.extract.layouts.draft import Draft
from fundgraph.extract.layouts.lines import opened
from fundgraph.extract.layouts.records import RawProgramme, RawProject, Reading
from fundgraph.extract.layouts.walker import Walker
from fundgraph.extract.source import Source, squeeze
from fundgraph.extract.words import word_list

_NAMES = {
    "labelled": "labels",
    "annotated": "headings",
    "listed": "headings",
    "pairs": "name-and-role",
    "consortium": "consortium",
}

_FUNDING = re.compile(r"funded|gefördert|fördert|Förder|grant|finanziert|runs from|ran from|Laufzeit")
_ABOUT_FUNDING = re.compile(
    r"[^.!?\n]{0,300}\b(?:funded|gefördert|fördert|Förder\w+|grant|finanziert|runs from|ran from|Laufzeit)\b(?:[^.!?\n]|\.(?=\d)){0,300}"
)


def read(source: Source) -> Reading:
    """Read a source as records that begin with a title and hold labels, headings, names and prose."""
    walker = Walker(opened(source))
    walker.walk()
    drafts = [draft for draft in walker.drafts if draft.titled or draft.code]
    if len(drafts) == 1:
        _funding(source, drafts[0])
    for draft in drafts:
        if not draft.titled:
            draft.title = draft.code or ""
    projects = tuple(draft.close() for draft in drafts)
    programme, projects = _without_programme(projects)
    most = max(walker.evidence, key=lambda kind: walker.evidence[kind], default="labelled")
    return Reading(
        _NAMES[most],
        0.0,
        projects,
        tuple(walker.phases),
        tuple(walker.claims),
        tuple(walker.remarks),
        programme,
        tuple(walker.headings),
    )


def _funding(source: Source, draft: Draft) -> None:
    """Take the number and the dates that a page's only project states in a sentence about its funding."""
    text = source.document.text
    for block in draft.abstract:
        if not _FUNDING.search(text, block.start, block.end):
            continue
        for found in _ABOUT_FUNDING.finditer(text, block.start, block.end):
            if not draft.code and (number := sentences.number(text, *found.span())):
                draft.code = number.value
                draft.took(number.start, number.end)
            if not (draft.starts or draft.ends) and (period := sentences.period(text, *found.span())):
                draft.starts, draft.ends = period[0], period[1]


def _without_programme(projects: tuple[RawProject, ...]) -> tuple[RawProgramme | None, tuple[RawProject, ...]]:
    """Set a page's own programme apart: the first record, if it alone has a programme's number."""
    programme = programme_of(projects[:1])
    if len(projects) < 3 or programme is None or programme_of(projects[1:]):
        return None, projects
    return programme, projects[1:]


def programme_of(projects: tuple[RawProject, ...]) -> RawProgramme | None:
    """Return the first record whose code is a programme's number, as a programme."""
    for project in projects:
        if project.code and (number := _pattern().fullmatch(project.code)):
            name = squeeze(f"{project.code}: {project.title}")
            return RawProgramme(name, number.group(1), project.start, project.title_end)
    return None


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    kinds = "|".join(re.escape(kind) for kind in word_list("page", "programme", "kinds"))
    return re.compile(rf"(?:{kinds})[ \u00a0/]?(\d{{2,4}})", re.I)

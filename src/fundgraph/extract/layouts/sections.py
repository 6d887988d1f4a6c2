"""Layouts B, C, G, H and I: records of labels, result lists, headings with names, name and role, consortia."""

from __future__ import annotations

import re

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


def read(source: Source) -> Reading:
    """Read a source as records that begin with a title and hold labels, headings, names and prose."""
    walker = Walker(source)
    walker.walk()
    drafts = [draft for draft in walker.drafts if draft.titled or draft.code]
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


def _without_programme(projects: tuple[RawProject, ...]) -> tuple[RawProgramme | None, tuple[RawProject, ...]]:
    """Set a page's own programme apart: the first record, if it alone has a programme's number."""
    kinds = "|".join(re.escape(kind) for kind in word_list("page", "programme", "kinds"))
    pattern = re.compile(rf"(?:{kinds})[ \u00a0/]?(\d{{2,4}})", re.I)
    coded = [index for index, project in enumerate(projects) if project.code and pattern.fullmatch(project.code)]
    if len(projects) < 3 or coded != [0]:
        return None, projects
    first = projects[0]
    number = pattern.fullmatch(first.code or "")
    name = squeeze(f"{first.code}: {first.title}")
    return RawProgramme(name, number.group(1) if number else None, first.start, first.title_end), projects[1:]

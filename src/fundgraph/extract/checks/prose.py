"""Slips in the prose of titles and abstracts: marks of LaTeX, and spaces that are missing after a mark."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from fundgraph.extract.checks.finding import finding
from fundgraph.extract.identifiers import places_of
from fundgraph.extract.source import Source
from fundgraph.model import Document, Finding, Project

LONGEST = 200
"""A longer run of characters without a space is no word, and is not looked at."""
_RUN = re.compile(r"\S+")
_LATEX_MARKS = ("\\", "~", "$", "--", "``")
_MATHS = re.compile(r"\$[^$\n]{0,80}[\\^_][^$\n]{0,80}\$|``[^`'\n]{1,120}''")
_DASHES = re.compile(r"[^\W_]--[^\W_]")
_COMMAND = re.compile(r"\\[A-Za-z]{2,}|\\$")
_NO_SPACE = re.compile(r"[^\W\d_]{2,40}([.,;:!?])[^\W\d_]{2,40}")
_BARE_MARK = re.compile(r"[.,;:!?](?=[^\W\d_]{2})(?<=[^\W\d_]{2}.)")
"""Finds where :data:`_NO_SPACE` may match, without trying every word."""


def latex_residue(document: Document, projects: Sequence[Project]) -> Iterator[Finding]:
    """Report marks of LaTeX that a web page should not show."""
    marks = places_of(document.text, _LATEX_MARKS)
    if not marks:
        return
    for project in projects:
        for start, end in stretches(project):
            if bisect_left(marks, start) == bisect_left(marks, end):
                continue
            for first, last in _latex(document.text, start, end):
                quote = document.text[first:last]
                message = f"“{quote}” shows a mark of LaTeX; on a page it is probably “{_plain(quote)}”."
                yield finding(document, "latex-residue", "info", first, last, message, project.id)


def _latex(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    stretch = text[start:end]
    if "$" in stretch or "``" in stretch:
        for found in _MATHS.finditer(text, start, end):
            yield found.span()
    if "\\" not in stretch and "~" not in stretch and "--" not in stretch:
        return
    runs = [found.span() for found in _RUN.finditer(text, start, end) if found.end() - found.start() <= LONGEST]
    for number, (first, last) in enumerate(runs):
        run = text[first:last]
        if "\\" not in run and "~" not in run and "--" not in run:
            continue
        core_end = first + len(run.rstrip(".,;:"))
        tie = "~" in run.strip("~") and not run.startswith(("http", "~"))
        if tie or _DASHES.search(run):
            yield first, core_end
        elif run.endswith("\\") and len(run) > 1 and number + 1 < len(runs):
            yield first, runs[number + 1][1]
        elif _COMMAND.search(run) and "$" not in run and not re.match(r"[A-Za-z]:\\", run):
            yield first, core_end


def _plain(text: str) -> str:
    text = re.sub(r"\\\s", " ", text).replace("~", " ")
    text = re.sub(r"(?<=[^\W\d_])--(?=[^\W\d_])", "-", text)
    text = re.sub(r"``(.*?)''", r"“\1”", text)
    return re.sub(r"\\[A-Za-z]+\*?\s?|[{}$]", "", text)


def lost_spaces(source: Source, projects: Sequence[Project]) -> Iterator[Finding]:
    """Report sentence marks with no space after them ("themselves.We"), not in addresses and abbreviations."""
    text = source.document.text
    for project in projects:
        for start, end in stretches(project):
            for found in _unspaced(text, start, end):
                before, after = text[max(start, found.start() - 1)], text[found.end() : found.end() + 1]
                capital = text[found.start(1) + 1].isupper()
                if (
                    before in "@/.:\\-_"
                    or after in ("@", "/", ".", ":")
                    or (found.group(1) in ".:?!" and not capital)
                ):
                    continue
                message = f"After “{found.group(1)}” a space is missing in “{found.group()}”."
                yield finding(source.document, "missing-space", "warning", *found.span(), message, project.id)


def _unspaced(text: str, start: int, end: int) -> Iterator[re.Match[str]]:
    """Yield two words with only a mark between them."""
    position = start
    for mark in _BARE_MARK.finditer(text, start, end):
        first = mark.start()
        while first > max(position, mark.start() - 40) and text[first - 1].isalpha():
            first -= 1
        if found := _NO_SPACE.match(text, first, end):
            yield found
            position = found.end()


def stretches(project: Project) -> list[tuple[int, int]]:
    """Return where a project's prose stands: its title, and its abstract if there is one."""
    found = [(project.title_span.start, project.title_span.end)]
    if project.abstract.status == "present" and project.abstract.span:
        found.append((project.abstract.span.start, project.abstract.span.end))
    return found

"""The works that a project's text cites, one record per reference."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from fundgraph.extract.identifiers import find_identifiers
from fundgraph.extract.names import read_people
from fundgraph.extract.slugs import slug, unique
from fundgraph.extract.source import Block, Line, squeeze
from fundgraph.model import Document, Identifier, Publication

_MARK = re.compile(r"\s*(?:\[\w{1,8}\]|\(?\d{1,3}[.)]|[-*•])\s+")
_QUOTED = re.compile(r"[\"“„«‘]([^\"”“»’]{8,400})[\"”“»’]")
_YEAR = re.compile(r"(?<![\d.:/])((?:19|20)\d\d)(?!\d|[./]\d)")
_ET_AL = re.compile(r",?\s+(?:et al|u\.\s?a)\.?", re.I)


def read_publications(document: Document, blocks: Sequence[Block]) -> tuple[Publication, ...]:
    """Read the references that stand in blocks."""
    made: list[Publication] = []
    taken: dict[str, int] = {}
    for start, end in _references(blocks):
        publication = _read(document, start, end)
        if publication:
            name = unique(publication.id, taken)
            made.append(publication if name == publication.id else _renamed(publication, name))
    return tuple(made)


def _renamed(publication: Publication, name: str) -> Publication:
    return Publication(
        name, publication.title, publication.authors, publication.year, publication.identifiers, publication.span
    )


def _references(blocks: Sequence[Block]) -> Iterator[tuple[int, int]]:
    """Cut blocks into references: a new one begins with every mark, or with every block that has none."""
    for block in blocks:
        group: list[Line] = []
        for line in block.lines:
            if group and _MARK.match(line.text + " "):
                yield group[0].start, group[-1].end
                group = []
            group.append(line)
        yield group[0].start, group[-1].end


def _read(document: Document, start: int, end: int) -> Publication | None:
    text = document.text[start:end]
    mark = _MARK.match(text)
    body_start = mark.end() if mark else 0
    identifiers = tuple(
        Identifier(found.scheme, found.value, document.span(found.start, found.end))
        for found in find_identifiers(document.text, start, end)
        if found.problem is None
    )
    title_at = _title(text, body_start)
    if title_at is None:
        return None
    title = squeeze(text[title_at[0] : title_at[1]]).rstrip(",.")
    years = [int(found) for found in _YEAR.findall(text[: title_at[0]] + " " + text[title_at[1] :])]
    authors = _authors(text, (body_start, title_at[0])) or _authors(text, (title_at[1], len(text)))
    return Publication(
        slug(title) or "publication",
        title,
        authors,
        years[-1] if years else None,
        identifiers,
        document.span(start, end),
    )


def _title(text: str, body: int) -> tuple[int, int] | None:
    """Find a reference's title: what is quoted, or what follows the authors."""
    quoted = _QUOTED.search(text, body)
    if quoted:
        return quoted.span(1)
    for pattern in (
        r"\((?:19|20)\d\d[a-z]?\)[.:,]?\s+([^.?!]{10,300})",
        r":\s+([^.?!]{10,300})",
        r"\.\s+([A-Z][^.?!]{20,300})",
    ):
        if found := re.compile(pattern).search(text, body):
            return found.span(1)
    return (body, len(text)) if len(text) - body >= 10 else None


def _authors(text: str, stretch: tuple[int, int]) -> tuple[str, ...]:
    """Read the longest row of names that a stretch begins with."""
    start, end = stretch
    while start < end and text[start] in ' ,.;:”"“»\n':
        start += 1
    cuts = [found.start() for found in re.finditer(r"[,;(:]|\.\s", text[start:end])] + [end - start]
    best: tuple[str, ...] = ()
    for cut in cuts[:40]:
        shortened = _ET_AL.sub("", text[start : start + cut]).rstrip()
        people = read_people(shortened, 0, len(shortened))
        if people and len(people.people) >= len(best):
            best = tuple(person.name for person in people.people)
    return best

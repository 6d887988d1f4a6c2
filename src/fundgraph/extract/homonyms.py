"""Same name, same person? Only with a second piece of evidence; else they stay apart until somebody decides.

Evidence is anything beside the name that two mentions share: the project, a title such as "Prof." or "Dr.",
the institution, an identifier, a colleague. Where institutions are printed and differ, a title is no evidence.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence, Set
from dataclasses import dataclass

from fundgraph.extract.honorifics import title_class
from fundgraph.extract.slugs import name_key


@dataclass(slots=True)
class Bearer:
    """One project's bearer of a name, with all that could tell who it is."""

    project: str
    honorific: str | None
    affiliation: str | None
    colleagues: Set[str]
    identifiers: Set[tuple[str, str]] = frozenset()


def groups(bearers: Sequence[Bearer]) -> list[list[int]]:
    """Group the bearers of one name, by place, into people; the group of the earliest comes first.

    >>> ada = Bearer("p1", "Prof. Dr.", None, {"ben bach"})
    >>> groups([ada, Bearer("p2", "Prof. Dr.", None, set()), Bearer("p3", None, None, set())])
    [[0, 1], [2]]
    """
    by_key: dict[Hashable, int] = {}
    parent = list(range(len(bearers)))

    def root(place: int) -> int:
        while parent[place] != place:
            parent[place] = parent[parent[place]]
            place = parent[place]
        return place

    one_institution = len({_institution(bearer) for bearer in bearers} - {None}) < 2
    for place, bearer in enumerate(bearers):
        for key in evidence(bearer, titles=one_institution):
            other = by_key.setdefault(key, place)
            if other == place:
                continue
            low, high = root(other), root(place)
            if low > high:
                low, high = high, low
            parent[high] = low
    found: dict[int, list[int]] = {}
    for place in range(len(bearers)):
        found.setdefault(root(place), []).append(place)
    return list(found.values())


def evidence(bearer: Bearer, *, titles: bool = True) -> Iterable[Hashable]:
    """Yield what else than the name tells who this is; two who share one of these are one person."""
    yield "project", bearer.project
    if titles and title_class(bearer.honorific):
        yield "title"
    if institution := _institution(bearer):
        yield "institution", institution
    for colleague in bearer.colleagues:
        yield "colleague", colleague
    for identifier in bearer.identifiers:
        yield "identifier", *identifier


def _institution(bearer: Bearer) -> str | None:
    return name_key(bearer.affiliation) or None if bearer.affiliation else None

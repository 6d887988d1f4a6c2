"""From scored pairs to rows for review: what a machine found, beside what was decided before, which it never touches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fundgraph.link.entities import Columns, Entity
from fundgraph.link.mapping import CLOSE, FG, NO_TERM, SEMAPV, Link, MappingSet
from fundgraph.link.matching import BANDS, Matches, by_thing

__all__ = ["Suggestions", "category_of", "suggest_links", "with_suggestions"]

_COMPOSITE = SEMAPV + "CompositeMatching"
_CATEGORIES = {
    "person": "Person", "project": "Project", "organisation": "Organisation", "topic": "Topic", "publication": "Publication",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What a search brought: rows, and how many of our things have a candidate in which band at best."""

    links: tuple[Link, ...]
    best: Mapping[str, int]
    absent: int


def category_of(kind: str) -> str:
    """Return the class of a kind of thing."""
    return FG + _CATEGORIES[kind]


def suggest_links(
    ours: Sequence[Entity],
    theirs: Mapping[str, Entity],
    compared: tuple[Columns, Columns, Matches],
    *,
    target: str,
    tool: str,
    date: str,
) -> Suggestions:
    """Return a row for each pair that is worth a look, namesakes beside one another, and one for each thing not found.

    Nothing is accepted here, whatever its score. A thing all of whose candidates were left out counts as not found.
    """
    mine, its, matches = compared
    positions = {iri: at for at, iri in enumerate(mine.iris)}
    pairs = dict(by_thing(matches))
    links: list[Link] = []
    best: Counter[str] = Counter()
    absent = 0
    for entity in ours:
        places = pairs.get(positions[entity.iri], [])
        worth = [at for at in places if matches.band[at] < 2]
        if not worth:
            absent += 1
            links.append(_not_found(entity, target, tool, date, len(places)))
            continue
        best[BANDS[int(matches.band[worth[0]])]] += 1
        for at in places:
            other = theirs[its.iris[int(matches.theirs[at])]]
            links.append(_suggested(entity, other, matches, at, (len(places), tool, date)))
    return Suggestions(tuple(links), best, absent)


def _suggested(entity: Entity, other: Entity, matches: Matches, at: int, how: tuple[int, str, str]) -> Link:
    namesakes, tool, date = how
    return Link(
        subject=entity.iri,
        predicate=CLOSE,
        object=other.iri,
        justification=_COMPOSITE,
        subject_label=entity.name,
        subject_category=category_of(entity.kind),
        object_label=other.name,
        confidence=round(float(matches.confidence[at]), 3),
        tool=tool,
        date=date,
        comment=f"one of {namesakes} candidates" if namesakes > 1 else "",
        band=BANDS[int(matches.band[at])],
        facts=other.in_a_line(),
        place=other.place,
        features={
            name: round(float(column[at]), 3)
            for name, column in matches.features.items()
            if not np.isnan(column[at])
        },
    )


def _not_found(entity: Entity, target: str, tool: str, date: str, seen: int) -> Link:
    return Link(
        subject=entity.iri,
        predicate=CLOSE,
        object=NO_TERM,
        justification=_COMPOSITE,
        subject_label=entity.name,
        subject_category=category_of(entity.kind),
        tool=tool,
        date=date,
        comment=f"searched for in {target}; "
        + (f"{seen} of the name, none likely" if seen else "nobody of the name"),
    )


def with_suggestions(known: MappingSet, found: Sequence[Link]) -> MappingSet:
    """Return a set with suggestions in the place of its old ones.

    What a source states or a person decided stays, word for word. A pair that was decided is not suggested again, and
    nothing is suggested for a thing that has its link.
    """
    kept = [link for link in known.links if link.state not in ("suggested", "absent")]
    decided = {link.key for link in kept}
    settled = {link.subject for link in kept if link.state in ("accepted", "stated")}
    searched = {link.subject for link in found}
    old = [
        link
        for link in known.links
        if link.state in ("suggested", "absent") and link.subject not in searched | settled
    ]
    new = [link for link in found if link.key not in decided and link.subject not in settled]
    # A row "not found" beside a candidate that somebody is unsure of would say that there is none.
    unsure = {link.subject for link in kept if link.state == "unsure"}
    new = [link for link in new if not (link.state == "absent" and link.subject in unsure)]
    rows = [*kept, *old, *new]
    rows.sort(key=lambda link: (link.subject_category, link.subject))
    return known.holding(tuple(rows))

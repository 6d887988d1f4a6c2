"""What is off in mapping sets: identifiers, things linked twice, sets that contradict each other, what is not linked yet."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from fundgraph.link.mapping import MADE, Link, MappingSet
from fundgraph.link.schemes import SCHEMES, scheme_and_value, well_formed

__all__ = ["Coverage", "LinkFault", "check_sets", "coverage", "moved_or_gone"]

#: Schemes of which a thing may well have several values: sub-units of a funder, works of a person.
_SEVERAL = ("crossref-funder", "arxiv", "doi", "google-scholar", "github")


@dataclass(frozen=True, slots=True)
class LinkFault:
    """Something off in a row: ``code`` is a stable word, ``severity`` error, warning or info."""

    code: str
    severity: str
    message: str
    set: str
    line: int
    subject: str
    target: str

    @property
    def place(self) -> str:
        """File and line of the row."""
        return f"{self.set}.sssom.tsv:{self.line}"


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many things of a class a set has something to say of, and what."""

    set: str
    kind: str
    things: int
    linked: int
    reviewed: int
    waiting: int
    absent: int


def check_sets(sets: Sequence[MappingSet], known: Callable[[str], bool] = lambda _: True) -> list[LinkFault]:
    """Return what is off in sets of one dataset; ``known`` tells whether a thing of ours is there."""
    faults = [*_row_faults(sets, known), *_double(sets), *_contradictions(sets), *_left_open(sets)]
    order = {"error": 0, "warning": 1, "info": 2}
    return sorted(faults, key=lambda fault: (order[fault.severity], fault.code, fault.set, fault.line))


def _standing(sets: Iterable[MappingSet]) -> Iterator[tuple[MappingSet, Link]]:
    for one in sets:
        for link in one.in_state("accepted", "stated"):
            yield one, link


def _fault(one: MappingSet, link: Link, code: str, severity: str, message: str) -> LinkFault:
    return LinkFault(code, severity, message, one.name, link.line, link.subject, link.object)


def _row_faults(sets: Sequence[MappingSet], known: Callable[[str], bool]) -> Iterator[LinkFault]:
    for one in sets:
        for link in one.links:
            if link.state == "absent":
                continue
            if not well_formed(link.object):
                named = scheme_and_value(link.object)
                label = SCHEMES[named[0]].label if named else "identifier"
                yield _fault(
                    one,
                    link,
                    "link-check-digit",
                    "error",
                    f"The check digits of the {label} do not fit: {link.object}",
                )
            if not known(link.subject):
                yield _fault(
                    one,
                    link,
                    "link-unknown-subject",
                    "warning",
                    f"Nothing here is <{link.subject}>; it may have been renamed",
                )


def _double(sets: Sequence[MappingSet]) -> Iterator[LinkFault]:
    ours: dict[str, tuple[MappingSet, Link]] = {}
    theirs: dict[tuple[str, str], tuple[MappingSet, Link]] = {}
    for one, link in _standing(sets):
        if link.predicate == MADE:
            continue
        first = ours.setdefault(link.object, (one, link))[1]
        if first.subject != link.subject:
            yield _fault(
                one, link, "link-two-of-ours", "error",
                f"{link.object} is linked to {first.subject_label or first.subject} and to {link.subject_label or link.subject}",
            )  # fmt: skip
        named = scheme_and_value(link.object)
        if named is None or named[0] in _SEVERAL:
            continue
        other = theirs.setdefault((link.subject, named[0]), (one, link))[1]
        if other.object != link.object:
            yield _fault(
                one, link, "link-two-of-theirs", "warning",
                f"{link.subject_label or link.subject} has two of the scheme {named[0]}: {other.object} and {link.object}",
            )  # fmt: skip


def _contradictions(sets: Sequence[MappingSet]) -> Iterator[LinkFault]:
    said: dict[tuple[str, str], tuple[MappingSet, Link]] = {}
    for one in sets:
        for link in one.in_state("accepted", "stated", "rejected"):
            before = said.setdefault(link.key, (one, link))
            if (before[1].state == "rejected") != (link.state == "rejected"):
                yield _fault(
                    one, link, "link-contradiction", "error",
                    f"The link is {link.state} here, and {before[1].state} in {before[0].name} line {before[1].line}: {link.object}",
                )  # fmt: skip


def _left_open(sets: Sequence[MappingSet]) -> Iterator[LinkFault]:
    """Yield things that have their link, while other candidates of the set still wait: namesakes that nobody rejected."""
    for one in sets:
        accepted = {link.subject: link for link in one.in_state("accepted")}
        waiting: dict[str, list[Link]] = {}
        for link in one.in_state("suggested", "unsure"):
            if link.subject in accepted:
                waiting.setdefault(link.subject, []).append(link)
        for subject, links in waiting.items():
            name = links[0].subject_label or subject
            yield _fault(
                one, links[0], "link-left-open", "info",
                f"{name} is {accepted[subject].object}, as was decided; other candidates that still wait: {len(links)}",
            )  # fmt: skip


def coverage(sets: Iterable[MappingSet], things: Mapping[str, str]) -> list[Coverage]:
    """Return how far things, given with their class, are linked: one line for each set and class that it speaks of."""
    found = []
    totals: dict[str, int] = {}
    for kind in things.values():
        totals[kind] = totals.get(kind, 0) + 1
    for one in sets:
        by_kind: dict[str, dict[str, set[str]]] = {}
        for link in one.links:
            if link.subject in things:
                by_kind.setdefault(things[link.subject], {}).setdefault(link.state, set()).add(link.subject)
        for kind, states in sorted(by_kind.items()):
            accepted, stated = states.get("accepted", set()), states.get("stated", set())
            linked = accepted | stated
            waiting = (states.get("suggested", set()) | states.get("unsure", set())) - linked
            found.append(
                Coverage(one.name, kind, totals[kind], len(linked), len(accepted), len(waiting), len(states.get("absent", set()) - linked - waiting))
            )  # fmt: skip
    return found


def moved_or_gone(
    sets: Sequence[MappingSet],
    probe: Callable[[str], tuple[int, str]],
    progress: Callable[[int], None] = lambda _: None,
) -> Iterator[LinkFault]:
    """Yield the links whose other end has moved or is gone: ``probe`` returns the status and the redirect of an address."""
    for at, (one, link) in enumerate(_standing(sets), 1):
        status, there = probe(link.object)
        if status in (404, 410):
            yield _fault(one, link, "link-gone", "error", f"{link.object} is gone: it answers {status}")
        elif status in (301, 302, 303, 307, 308):
            here, moved = scheme_and_value(link.object), scheme_and_value(re.sub(r"^http:", "https:", there))
            if here is not None and moved is not None and here[0] == moved[0] and here != moved:
                yield _fault(
                    one,
                    link,
                    "link-moved",
                    "warning",
                    f"{link.object} has moved to {there}; review the link again",
                )
        progress(at)

"""The people of one project: header, list and labels merged, each person once with every mention."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from rapidfuzz.distance import Levenshtein

from fundgraph.extract.headings import role_of
from fundgraph.extract.honorifics import honorific_weight
from fundgraph.extract.institutions import is_institution
from fundgraph.extract.layouts.records import RawPerson, RawProject
from fundgraph.extract.slugs import name_key, writing
from fundgraph.extract.source import squeeze

MOST_PAIRS = 40_000
"""With more pairs of names than this no misprints are looked for: no project has so many people."""


@dataclass(slots=True, eq=False)
class Member:
    """A person of a project while documents are being read; :meth:`settle` says what the mentions agree on."""

    mentions: list[RawPerson] = field(default_factory=list)
    in_header: bool = False
    """Whether the person stands in the header (or behind a label there)."""
    in_list: bool = False
    """Whether the person stands in the list."""
    fullest: str = ""
    """The printed name that says most; the earliest of equals."""
    key: str = ""
    """That name's key."""
    honorific: str | None = None
    """The fullest honorific printed."""
    role_as_printed: str | None = None
    """The first role printed, by a heading, a label or in brackets."""
    note: str | None = None
    """What else stands in brackets."""
    affiliation: str | None = None
    """The institution printed with the name."""
    placed_by: RawPerson | None = None
    """The mention that has the affiliation."""
    uniform: bool = True
    """Whether all mentions have one name and one honorific."""
    alike: bool = True
    """Whether they have no role either, and nothing in brackets or after the name."""

    def add(self, mention: RawPerson) -> None:
        """Take a mention in."""
        self.mentions.append(mention)
        if mention.where == "list":
            self.in_list = True
        else:
            self.in_header = True

    def settle(self) -> None:
        """Note what the mentions say; to be called again when there are more."""
        first = self.mentions[0].name
        if len(self.mentions) == 1 and not (first.bracket or first.affiliation or self.mentions[0].role):
            self.fullest, self.honorific, self.uniform, self.alike = first.name, first.honorific, True, True
            self.role_as_printed = self.note = self.affiliation = self.placed_by = None
            self.key = name_key(first.name)
            return
        self.fullest, self.honorific = first.name, first.honorific
        self.role_as_printed = self.note = self.affiliation = self.placed_by = None
        uniform = alike = True
        bracket = False
        for mention in self.mentions:
            name = mention.name
            if name.name != first.name or name.honorific != first.honorific:
                uniform = alike = False
            if name.bracket:
                bracket, alike = True, False
            elif mention.role or name.affiliation:
                alike = False
        self.uniform, self.alike = uniform, alike
        if not uniform:
            names = [mention.name for mention in self.mentions]
            self.fullest = max([name.name for name in names], key=fullness)
            self.honorific = max([name.honorific for name in names], key=honorific_weight)
        self.key = name_key(self.fullest)
        if not alike:
            self.role_as_printed = self._role()
            self.note = self._note() if bracket else None
            if found := self._affiliation():
                self.affiliation, self.placed_by = found

    def _note(self) -> str | None:
        notes = [
            part
            for mention in self.mentions
            if mention.name.bracket
            for part in _brackets(mention)
            if not role_of(part) and not is_institution(part)
        ]
        return "; ".join(dict.fromkeys(notes)) or None

    def _role(self) -> str | None:
        for mention in self.mentions:
            if mention.role:
                return mention.role
            for part in _brackets(mention) if mention.name.bracket else ():
                if role_of(part):
                    return part
        return None

    def _affiliation(self) -> tuple[str, RawPerson] | None:
        for mention in self.mentions:
            if mention.name.affiliation:
                return squeeze(mention.name.affiliation), mention
            for part in _brackets(mention) if mention.name.bracket else ():
                if is_institution(part) and not role_of(part):
                    return part, mention
        return None


def members_of(raw: RawProject) -> list[Member]:
    """Merge a project's mentions into people, in the order of their first mention."""
    members: dict[str, Member] = {}
    for mention in raw.people:
        key = name_key(mention.name.name)
        member = members.get(key)
        if member is None:
            member = members[key] = Member()
        member.add(mention)
    found = list(members.values())
    for member in found:
        member.settle()
    header = [member for member in found if not member.in_list]
    listed = [member for member in found if not member.in_header] if header else []
    if header and listed:
        gone: set[int] = set()
        for left, right in _pairs(header, listed, found):
            for mention in right.mentions:
                left.add(mention)
            gone.add(id(right))
        found = [member for member in found if id(member) not in gone]
    for member in found:
        mentions = member.mentions
        if len(mentions) > 1:
            mentions.sort(key=_start)
            member.settle()
    found.sort(key=_first)
    return found


def _start(mention: RawPerson) -> int:
    return mention.name.start


def _pairs(header: list[Member], listed: list[Member], everyone: list[Member]) -> Iterator[tuple[Member, Member]]:
    """Yield who of the header is whom of the list in another spelling, the most alike first."""
    if not header or not listed or len(header) * len(listed) > MOST_PAIRS:
        return
    place = {id(m): i for i, m in enumerate(sorted((m for m in everyone if m.in_header), key=_first))}
    row = {id(m): i for i, m in enumerate(sorted((m for m in everyone if m.in_list), key=_first))}
    scored = [
        (likeness(left.fullest, right.fullest, place[id(left)] == row[id(right)]), i, j)
        for i, left in enumerate(header)
        for j, right in enumerate(listed)
    ]
    taken_left: set[int] = set()
    taken_right: set[int] = set()
    for score, i, j in sorted(scored, key=lambda entry: (-entry[0], entry[1], entry[2])):
        if score <= 0:
            return
        if i not in taken_left and j not in taken_right:
            taken_left.add(i)
            taken_right.add(j)
            yield header[i], listed[j]


def _first(member: Member) -> int:
    return member.mentions[0].name.start


def likeness(one: str, other: str, same_place: bool) -> float:
    """Return how sure (0 to 1) two names within one project are one person's; 0 if they are not.

    >>> likeness("Bernd Sturmfels", "Bern Sturmfels", True) > 0.9, likeness("Anna Schmidt", "Jan Becker", True)
    (True, 0.0)
    """
    first, second = name_key(one), name_key(other)
    if is_form_of(one, other) or is_form_of(other, one):
        return 0.95
    distance = Levenshtein.distance(first, second, score_cutoff=5)
    alike = 1 - distance / max(len(first), len(second), 1)
    if (alike >= 0.85 and distance <= 3) or (same_place and alike >= 0.75 and distance <= 4):
        return alike
    return 0.0


@lru_cache(maxsize=65536)
def is_form_of(short: str, full: str) -> bool:
    """Tell whether a name is a shorter form of another: initials, a name left out, the family name alone.

    >>> is_form_of("J. Lücke", "Jörg Lücke"), is_form_of("Anna Schmidt", "Anna Maria Schmidt")
    (True, True)
    >>> is_form_of("Bern Sturmfels", "Bernd Sturmfels")
    False
    """
    few, many = name_key(short).split(), name_key(full).split()
    if not few or few[-1] != many[-1] or len(few) > len(many) or few == many:
        return False
    if len(few) == 1:
        return True
    initials = {word.casefold().strip(".")[:1] for word in short.split() if len(word.strip(".")) == 1}
    position = 0
    for word in few[:-1]:
        while position < len(many) - 1 and not (
            many[position] == word or (len(word) == 1 and word in initials and many[position].startswith(word))
        ):
            position += 1
        if position >= len(many) - 1:
            return False
        position += 1
    return True


@lru_cache(maxsize=16384)
def fullness(name: str) -> int:
    """Count the letters that are not initials', so that a name in full is more than an abbreviated one."""
    return sum(len(word) for word in re.findall(r"[^\W\d_]+", name) if len(word) > 1)


def is_misspelling(printed: str, canonical: str) -> bool:
    """Tell whether a printed name differs from the right one by more than its writing (Mueller, MÜLLER)."""
    return (
        printed != canonical
        and writing(printed) != writing(canonical)
        and not is_form_of(printed, canonical)
        and not is_form_of(canonical, printed)
    )


def spelling(names: Sequence[tuple[str, bool]]) -> str:
    """Choose the right spelling of a name among printed ones, each with whether it stands in a header.

    The most frequent wins, then one from a header, then the first; an abbreviated form never beats a full one.
    """
    distinct = dict.fromkeys([name for name, _ in names])
    if len(distinct) == 1:
        return names[0][0]
    short = {name for name in distinct if any(is_form_of(name, other) for other in distinct)}
    full = [(name, header) for name, header in names if name not in short]
    counts: dict[str, list[int]] = {}
    for position, (name, header) in enumerate(full or names):
        count = counts.setdefault(name, [0, 0, -position])
        count[0] += 1
        count[1] = max(count[1], int(header))
    return max(counts, key=lambda name: counts[name])


def _brackets(mention: RawPerson) -> list[str]:
    bracket = mention.name.bracket
    return [part for piece in bracket.split(";") if (part := squeeze(piece))] if bracket else []

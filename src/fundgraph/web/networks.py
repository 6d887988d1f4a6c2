"""The network: who works with whom, and which projects share people or topics, drawn and as a table."""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Blueprint, current_app, render_template

from fundgraph.store.listing import Value
from fundgraph.web.layout import Network, Tie, draw, ties
from fundgraph.web.paging import choice, one, whole
from fundgraph.web.site import Site, the_site

blueprint = Blueprint("networks", __name__)

#: No more things than this are drawn; a larger picture is a cloud.
MOST = 300
#: Nor more ties than this; with more, only pairs that share more are drawn.
MOST_TIES = 2500
#: Through topics nearly all projects hang together: so many ties for each thing show what is near to what.
TIES_EACH = 3
_KEPT = 128
_KEY = "fundgraph.networks"

#: What is drawn: of what, by what they share.
KINDS = frozenset({("people", "projects"), ("projects", "people"), ("projects", "topics")})


@dataclass(frozen=True, slots=True)
class Asked:
    """What a network is asked for: of what, by what they share, where, and how much they share at least."""

    of: str
    by: str
    phase: str
    topic: str
    least: int

    def href(self, **change: str | int) -> str:
        """Return the address of this network with something chosen otherwise."""
        given = {name: getattr(self, name) for name in self.__slots__} | change
        usual = {"of": "people", "by": "projects" if given["of"] == "people" else "people"}
        query = {name: value for name, value in given.items() if value and value != usual.get(name)}
        return "/network" + (f"?{urlencode(query)}" if query else "")


@dataclass(frozen=True, slots=True)
class Member:
    """A row of the table: a thing, with how many it is tied to, and the nearest of them with how much they share."""

    iri: str
    name: str
    ties: int
    nearest: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A network with what the page says of it: how many there are, are alone, and are not drawn."""

    network: Network
    members: tuple[Member, ...]
    all: int
    alone: int
    cut: int
    least: int
    part: tuple[str, ...]
    """The panels whose answers were cut: then this is drawn from a part of the rows."""


class Networks:
    """Keeps the networks that were drawn last."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, Asked], Drawn] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, site: Site, asked: Asked) -> Drawn:
        """Return the network that is asked for."""
        key = (site.release, asked)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        drawn = _drawn(site, asked)
        with self._lock:
            self._kept[key] = drawn
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return drawn


def the_question() -> Asked:
    """Return what the address asks for; raises :class:`ParameterError` for what it cannot mean."""
    of = choice("of", ("people", "projects"), "people")
    ways = sorted(by for one, by in KINDS if one == of)
    by = choice("by", ways, ways[0])
    return Asked(of, by, one("phase"), one("topic"), whole("least", 0, 1000) or 0)


def _groups(site: Site, asked: Asked) -> dict[int, list[int]]:
    """Return what is shared, each with the things that share it, by their ids."""
    chosen = tuple((name, value) for name, value in (("phase", asked.phase), ("topic", asked.topic)) if value)
    if asked.by == "topics":
        pairs = site.kg.index.ties("network_topics", "", "projects", chosen)
    else:
        pairs = site.kg.index.ties("network_members", asked.phase, "projects", chosen)
    groups: dict[int, list[int]] = defaultdict(list)
    for project, other in pairs:
        thing, shared = (other, project) if asked.of == "people" else (project, other)
        groups[shared].append(thing)
    return groups


def _drawn(site: Site, asked: Asked) -> Drawn:
    groups = _groups(site, asked)
    strength: Counter[int] = Counter()
    for group in groups.values():
        for thing in group:
            strength[thing] += len(group) - 1
    tied = [thing for thing, count in strength.items() if count]
    chosen = first_named(site, {thing: strength[thing] for thing in tied}, MOST)
    every = ties(groups.values(), [thing for thing, _, _ in chosen])
    most = TIES_EACH * len(chosen) if asked.by == "topics" else MOST_TIES
    least = asked.least or _least(every, most)
    kept = [tie for tie in every if tie.weight >= least]
    return Drawn(
        draw([(iri, name) for _, iri, name in chosen], kept),
        _members([iri for _, iri, _ in chosen], {iri: name for _, iri, name in chosen}, kept),
        all=len(strength),
        alone=len(strength) - len(tied),
        cut=len(tied) - len(chosen),
        least=least,
        part=tuple(site.cut),
    )


def first_named(site: Site, strength: Mapping[int, int], most: int) -> list[tuple[int, str, str]]:
    """Return the strongest things, and the first by name where they are equal: id, IRI and name.

    Only those that may be among them are looked up.
    """
    index = site.kg.index
    ordered = sorted(strength.values(), reverse=True)
    least = ordered[most - 1] if len(ordered) > most else 0
    above = [one for one, number in strength.items() if number > least]
    names = index.named(above)
    things = sorted(
        ((one, *names[one]) for one in above if one in names), key=lambda one: (-strength[one[0]], one[2], one[1])
    )
    equal = [one for one, number in strength.items() if number == least]
    return things + index.first_named(equal, most - len(things))


def _least(every: Iterable[Tie], most: int) -> int:
    """Return how much two things share at least so that no more ties than ``most`` are drawn."""
    counts = Counter(tie.weight for tie in every)
    drawn = 0
    for weight in sorted(counts, reverse=True):
        drawn += counts[weight]
        if drawn > most:
            return weight + 1 if drawn > counts[weight] else weight
    return 1


def _members(chosen: list[str], names: Mapping[str, str], kept: Iterable[Tie]) -> tuple[Member, ...]:
    near: dict[str, list[tuple[str, str, int]]] = defaultdict(list)
    for tie in kept:
        one, other = chosen[tie.one], chosen[tie.other]
        near[one].append((other, names[other], tie.weight))
        near[other].append((one, names[one], tie.weight))
    members = (
        Member(iri, names[iri], len(ends), tuple(sorted(ends, key=lambda end: (-end[2], end[1], end[0]))))
        for iri, ends in near.items()
    )
    return tuple(sorted(members, key=lambda member: (-member.ties, member.name, member.iri)))


def network_of(site: Site, asked: Asked) -> Drawn:
    """Return a network, as it was drawn before where it was."""
    kept: Networks = current_app.extensions.setdefault(_KEY, Networks())
    drawn = kept.of(site, asked)
    site.cut[:] = dict.fromkeys((*site.cut, *drawn.part))  # its rows are not asked for again
    return drawn


@blueprint.get("/network")
def network() -> str:
    """The network of people, or of projects by shared people or topics: a picture and the same as a table.

    ``of`` is people or projects, ``by`` people or topics for projects; ``phase`` and ``topic`` narrow it; ``least`` is
    how much two things share at least. What none of them can be is 400.
    """
    site = the_site()
    asked = the_question()
    drawn = network_of(site, asked)
    return render_template("network.html", asked=asked, drawn=drawn, facets=_facets(site), most=MOST)


def _facets(site: Site) -> dict[str, tuple[Value, ...]]:
    facets = site.kg.index.listing("projects", (), "", 1, 0).facets
    return {name: facets.get(name, ()) for name in ("phase", "topic")}

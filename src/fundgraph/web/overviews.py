"""Overviews: the topics as areas and against the projects, the phases as a flow and side by side."""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Blueprint, current_app, render_template

from fundgraph.store.listing import facet_value
from fundgraph.web.flow import Change, change, flow
from fundgraph.web.networks import first_named
from fundgraph.web.paging import choice
from fundgraph.web.panels import Row
from fundgraph.web.site import Site, the_site
from fundgraph.web.things import band
from fundgraph.web.treemap import Area, Leaf, treemap

blueprint = Blueprint("overviews", __name__)

#: No more rows and columns than this stand in the matrix; those with most come first.
MOST_ROWS, MOST_COLUMNS = 60, 50
#: Nor more than this of those that stay, leave or join.
MOST_NAMED = 200
_DEEPEST = 12
_KEPT = 32
_KEY = "fundgraph.overviews"
_T = TypeVar("_T")
_Parts = dict[str, tuple[int, list[tuple[str, str]]]]


def topic_areas(rows: Mapping[str, Row], below: Mapping[str, Sequence[str]]) -> tuple[Area, ...]:
    """Lay out the topics that projects name, below those at the top; each stands once, below its first broader one."""
    seen: set[str] = set()

    def leaves(topic: str, depth: int) -> list[Leaf]:
        if topic in seen or depth > _DEEPEST:
            return []
        seen.add(topic)
        row = rows[topic]
        found = [Leaf(topic, row["label"], int(row["direct"]))]
        for narrower in below.get(topic, ()):
            found += leaves(narrower, depth + 1)
        return found

    return treemap(
        [(Leaf(top, rows[top]["label"], int(rows[top]["projects"])), leaves(top, 0)) for top in below.get("", ())]
    )


class Overviews:
    """Keeps what overviews of the whole programme were made of, for the release in view and those looked at with it."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[Any, ...], Any] = OrderedDict()
        self._lock = threading.Lock()

    def once(self, key: tuple[Any, ...], make: Callable[[], _T]) -> _T:
        """Return what was made under a key before, or make it."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                found: _T = self._kept[key]
                return found
        made = make()
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return made


def _once(site: Site, name: str, make: Callable[[], _T], *of: str) -> _T:
    kept: Overviews = current_app.extensions.setdefault(_KEY, Overviews())
    return kept.once((site.release, name, *of), make)


@dataclass(frozen=True, slots=True)
class Grid:
    """Projects against topics: names, where the dots are, and how many there are of each beyond those shown.

    ``table`` has the first projects by title, each with its topics: IRI and name of each.
    """

    projects: tuple[tuple[str, str], ...]
    topics: tuple[tuple[str, str, int], ...]
    dots: tuple[tuple[int, int], ...]
    all_projects: int
    all_topics: int
    table: tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...]


def grid(site: Site) -> Grid:
    """Arrange projects and topics, those with most first, so that what is common stands to the left and above."""
    pairs = site.kg.index.ties("network_topics")
    by_project = Counter(project for project, _ in pairs)
    by_topic = Counter(topic for _, topic in pairs)
    projects = first_named(site, by_project, MOST_ROWS)
    topics = first_named(site, by_topic, MOST_COLUMNS)
    down, across = ({one: at for at, (one, *_) in enumerate(several)} for several in (projects, topics))
    dots = sorted((down[p], across[t]) for p, t in pairs if p in down and t in across)
    listed = site.kg.index.first_named(by_project, MOST_ROWS)
    of: dict[int, list[int]] = {one: [] for one, *_ in listed}
    for project, topic in pairs:
        if project in of:
            of[project].append(topic)
    names = site.kg.index.named({topic for several in of.values() for topic in several})
    return Grid(
        tuple((iri, name) for _, iri, name in projects),
        tuple((iri, name, by_topic[one]) for one, iri, name in topics),
        tuple(dots),
        len(by_project),
        len(by_topic),
        tuple(
            (
                iri,
                name,
                tuple(sorted((names[topic] for topic in of[one]), key=lambda pair: (pair[1].lower(), pair[0]))),
            )
            for one, iri, name in listed
        ),
    )


@blueprint.get("/topics/matrix")
def matrix() -> str:
    """The projects against the topics that their texts name: a matrix, and the same as a list."""
    site = the_site()
    shown = _once(site, "grid", lambda: grid(site))
    return render_template("matrix.html", panel=site.panel_named("network_topics"), grid=shown)


def _phases(site: Site) -> list[dict[str, Any]]:
    return band(site, [row["phase"] for row in site.panel("phases_list").rows if row["projects"] != "0"])


def _members(site: Site, phase: str) -> tuple[set[int], set[int]]:
    """Return the projects of a phase, and the people in them, by their ids."""
    pairs = site.kg.index.ties("network_members", facet_value(phase))
    return {project for project, _ in pairs}, {person for _, person in pairs}


def _topics(site: Site) -> tuple[dict[str, dict[str, int]], dict[str, str]]:
    """Return how many projects of each phase name which topic, and the topics' names."""
    topics: dict[str, dict[str, int]] = defaultdict(dict)
    names: dict[str, str] = {}
    for row in site.panel("phases_topics").rows:
        topics[row["phase"]][row["topic"]] = int(row["projects"])
        names[row["topic"]] = row["label"]
    return topics, names


@blueprint.get("/phases")
def phases() -> str:
    """The phases of the programme, side by side, with the flow of people and of topics between them."""
    site = the_site()
    shown = _phases(site)
    topics, labels = _topics(site)
    drawn = _once(
        site,
        "flow",
        lambda: flow(
            [
                (row["phase"], row["label"], row["state"] != "dark", _members(site, row["phase"])[1])
                for row in shown
            ]
        ),
    )
    totals = Counter({topic: sum(counts.get(topic, 0) for counts in topics.values()) for topic in labels})
    most = sorted(totals, key=lambda one: (-totals[one], labels[one], one))[:20]
    known = [row for row in shown if row["state"] != "dark"]
    return render_template(
        "phases.html", panel=site.panel("phases_list"), band=shown, flow=drawn, known=known,
        topics=[(one, labels[one], [topics[row["phase"]].get(one, 0) for row in known]) for one in most],
        topics_panel=site.panel("phases_topics"), people_panel=site.panel_named("network_members"),
    )  # fmt: skip


@blueprint.get("/phases/compare")
def compare() -> str:
    """Two phases side by side: which people and projects stay, leave and join, and what the topics do.

    ``a`` and ``b`` are the last parts of the phases' IRIs; without them, the first two. No such phase is 400.
    """
    site = the_site()
    shown = _phases(site)
    by_name = {facet_value(row["phase"]): row for row in shown}
    usual = [*by_name, "", ""]
    a, b = (by_name.get(choice(name, by_name, usual[at])) for at, name in enumerate("ab"))
    if a is None or b is None:
        return render_template("compare.html", a=None, b=None, phases=shown)
    topics, labels = _topics(site)
    one, other = a["phase"], b["phase"]
    projects, people = _once(site, "compared", lambda: _compared(site, one, other), one, other)
    either = sorted(
        {*topics[one], *topics[other]},
        key=lambda t: (-(topics[one].get(t, 0) + topics[other].get(t, 0)), labels[t], t),
    )
    return render_template(
        "compare.html", a=a, b=b, phases=shown,
        known=a["state"] != "dark" and b["state"] != "dark" and a is not b,
        members=site.panel_named("network_members"), people=people, projects=projects,
        topics=[(t, labels[t], topics[one].get(t, 0), topics[other].get(t, 0)) for t in either],
    )  # fmt: skip


def _compared(site: Site, one: str, other: str) -> tuple[_Parts, _Parts]:
    """Return which projects and which people of two phases stay, leave and join."""
    projects, people = zip(_members(site, one), _members(site, other), strict=True)
    return _named(site, change(*projects)), _named(site, change(*people))


def _named(site: Site, changed: Change[int]) -> _Parts:
    """Return of each of the three parts of a change how many it has, and the first by name: IRI and name."""
    parts = {"stayed": changed.stayed, "left": changed.left, "joined": changed.joined}
    return {
        part: (len(ids), [(iri, name) for _, iri, name in site.kg.index.first_named(ids, MOST_NAMED)])
        for part, ids in parts.items()
    }

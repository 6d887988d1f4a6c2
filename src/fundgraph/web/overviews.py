"""Overviews: the topics as areas and against the projects, the phases as a flow and side by side."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template, request

from fundgraph.store.listing import facet_value
from fundgraph.web.flow import Change, change, flow
from fundgraph.web.panels import Row
from fundgraph.web.site import Site, the_site
from fundgraph.web.things import band
from fundgraph.web.treemap import Area, Leaf, treemap

blueprint = Blueprint("overviews", __name__)

#: No more rows and columns than this stand in the matrix; those with most come first.
MOST_ROWS, MOST_COLUMNS = 60, 50
_DEEPEST = 12


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


@dataclass(frozen=True, slots=True)
class Grid:
    """Projects against topics: names, where the dots are, and how many there are of each beyond those shown."""

    projects: tuple[tuple[str, str], ...]
    topics: tuple[tuple[str, str, int], ...]
    dots: tuple[tuple[int, int], ...]
    all_projects: int
    all_topics: int


def grid(rows: Sequence[Row]) -> Grid:
    """Arrange projects and topics, those with most first, so that what is common stands to the left and above."""
    titles = {row["project"]: row["title"] for row in rows}
    labels = {row["topic"]: row["label"] for row in rows}
    pairs = {(row["project"], row["topic"]) for row in rows}
    by_project = Counter(project for project, _ in pairs)
    by_topic = Counter(topic for _, topic in pairs)
    projects = sorted(titles, key=lambda one: (-by_project[one], titles[one], one))[:MOST_ROWS]
    topics = sorted(labels, key=lambda one: (-by_topic[one], labels[one], one))[:MOST_COLUMNS]
    down, across = ({one: at for at, one in enumerate(several)} for several in (projects, topics))
    dots = sorted((down[p], across[t]) for p, t in pairs if p in down and t in across)
    return Grid(
        tuple((one, titles[one]) for one in projects),
        tuple((one, labels[one], by_topic[one]) for one in topics),
        tuple(dots),
        len(titles),
        len(labels),
    )


@blueprint.get("/topics/matrix")
def matrix() -> str:
    """The projects against the topics that their texts name: a matrix, and the same as a list."""
    site = the_site()
    panel = site.panel("network_topics")
    several: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in panel.rows:
        several[row["title"], row["project"]].append(row)
    ordered = sorted(several.items())[:MOST_ROWS]
    return render_template("matrix.html", panel=panel, grid=grid(panel.rows), several=ordered)


def _phases(site: Site) -> list[dict[str, Any]]:
    return band(site, [row["phase"] for row in site.panel("phases_list").rows if row["projects"] != "0"])


def _people(site: Site) -> tuple[dict[str, set[str]], dict[str, str]]:
    """Return the people of each phase, and their names."""
    people: dict[str, set[str]] = defaultdict(set)
    names: dict[str, str] = {}
    for row in site.panel("network_members").rows:
        people[row["phase"]].add(row["person"])
        names[row["person"]] = row["name"]
    return people, names


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
    people, _ = _people(site)
    topics, labels = _topics(site)
    drawn = flow([(row["phase"], row["label"], row["state"] != "dark", people[row["phase"]]) for row in shown])
    totals = Counter({topic: sum(counts.get(topic, 0) for counts in topics.values()) for topic in labels})
    most = sorted(totals, key=lambda one: (-totals[one], labels[one], one))[:20]
    known = [row for row in shown if row["state"] != "dark"]
    return render_template(
        "phases.html", panel=site.panel("phases_list"), band=shown, flow=drawn, known=known,
        topics=[(one, labels[one], [topics[row["phase"]].get(one, 0) for row in known]) for one in most],
        topics_panel=site.panel("phases_topics"), people_panel=site.panel("network_members"),
    )  # fmt: skip


@blueprint.get("/phases/compare")
def compare() -> str:
    """Two phases side by side: which people and projects stay, leave and join, and what the topics do.

    ``a`` and ``b`` are the last parts of the phases' IRIs; without them, the first two.
    """
    site = the_site()
    shown = _phases(site)
    by_name = {facet_value(row["phase"]): row for row in shown}
    usual = [*by_name, "", ""]
    a, b = (by_name.get(request.args.get(name, ""), by_name.get(usual[at])) for at, name in enumerate("ab"))
    if a is None or b is None:
        return render_template("compare.html", a=None, b=None, phases=shown)
    people, names = _people(site)
    topics, labels = _topics(site)
    titles = {row["project"]: row["title"] for row in site.panel("network_members").rows}
    running: dict[str, set[str]] = defaultdict(set)
    for row in site.panel("network_members").rows:
        running[row["phase"]].add(row["project"])
    one, other = a["phase"], b["phase"]
    either = sorted(
        {*topics[one], *topics[other]},
        key=lambda t: (-(topics[one].get(t, 0) + topics[other].get(t, 0)), labels[t], t),
    )
    return render_template(
        "compare.html", a=a, b=b, phases=shown,
        known=a["state"] != "dark" and b["state"] != "dark" and a is not b,
        people=_named(change(people[one], people[other]), names),
        projects=_named(change(running[one], running[other]), titles),
        topics=[(t, labels[t], topics[one].get(t, 0), topics[other].get(t, 0)) for t in either],
    )  # fmt: skip


def _named(changed: Change, names: Mapping[str, str]) -> dict[str, list[tuple[str, str]]]:
    """Return the three parts of a change as pairs of IRI and name, by name."""
    parts = {"stayed": changed.stayed, "left": changed.left, "joined": changed.joined}
    return {
        part: sorted(((iri, names[iri]) for iri in iris), key=lambda pair: (pair[1], pair[0]))
        for part, iris in parts.items()
    }

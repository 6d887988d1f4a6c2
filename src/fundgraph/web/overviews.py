"""Overviews: the topics as areas and against the projects, the phases as a flow and side by side."""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Blueprint, Response, abort, current_app, render_template

from fundgraph.store.listing import facet_value
from fundgraph.terms import FG
from fundgraph.web.evidence import Evidence
from fundgraph.web.flow import Change, change, flow
from fundgraph.web.languages import say
from fundgraph.web.networks import Asked, first_named, network_of
from fundgraph.web.paging import choice
from fundgraph.web.panels import Panel, Row
from fundgraph.web.site import Site, Vocabulary, the_site
from fundgraph.web.thing_data import RDF_FORMATS, structured_data, thing_response
from fundgraph.web.things import band, page, wanted_format
from fundgraph.web.treemap import Area, Leaf, treemap

blueprint = Blueprint("overviews", __name__)

#: No more rows and columns than this stand in the matrix; those with most come first.
MOST_ROWS, MOST_COLUMNS = 60, 50
#: Nor more than this of those that stay, leave or join.
MOST_NAMED = 200
#: No more topics and people than this are drawn on the programme's page; a larger picture has a page of its own.
MOST_AREAS, MOST_DOTS = 400, 120
#: How large a programme is: query, singular, plural.
COUNTS = (
    ("home_projects", "project", "projects"),
    ("home_people", "person", "people"),
    ("home_principal-investigators", "principal investigator", "principal investigators"),
    ("home_topics", "topic", "topics"),
    ("home_organisations", "organisation", "organisations"),
    ("home_publications", "publication cited", "publications cited"),
)
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


def topic_tree(panel: Panel) -> tuple[dict[str, Row], dict[str, list[str]]]:
    """Return the topics by IRI, and below each the narrower ones; those at the top stand below the empty text."""
    rows = {row["topic"]: row for row in panel.rows}
    below: dict[str, list[str]] = {}
    for row in panel.rows:
        parent = row["broader"] if row["broader"] in rows else ""
        if row["topic"] not in below.setdefault(parent, []):
            below[parent].append(row["topic"])
    return rows, below


def figures(site: Site) -> list[dict[str, str]]:
    """Return how large the programme is: counts, what each is of, and the query behind it."""
    counts = []
    for query, one, many in COUNTS:
        count = site.panel(query).first["count"]
        counts.append({"count": count, "name": say(one if count == "1" else many), "query": query})
    return counts


def programme_band(site: Site) -> list[dict[str, Any]]:
    """Return the phases of the whole programme: one takes part if it has projects."""
    return band(site, [row["phase"] for row in site.panel("phases_list").rows if row["projects"] != "0"])


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


@blueprint.get("/programme")
@blueprint.get("/programme.<suffix>")
def programme(suffix: str | None = None) -> Response:
    """The programme as a thing: its figures, phases, topics as areas, and who works with whom."""
    if suffix is not None and suffix not in RDF_FORMATS:
        abort(404)
    site = the_site()
    iri = f"{site.base}programme"
    chosen = wanted_format(suffix)
    if chosen is not None:
        return thing_response(site, iri, chosen)
    tree = site.panel("topics_tree")
    areas = topic_areas(*topic_tree(tree))
    counts = figures(site)
    people = next(int(one["count"]) for one in counts if one["query"] == "home_people")
    drawn = network_of(site, Asked("people", "projects", "", "", 0)) if people <= MOST_DOTS else None
    return page(
        "programme.html", "/programme", iri=iri, structured=structured_data(site, iri),
        facts=site.panel("home_programme"), counts=counts, band=programme_band(site),
        documents=site.panel("documents_list"), identifiers=site.panel("thing_identifiers", iri),
        tree=tree, areas=areas if len(areas) <= MOST_AREAS else (), drawn=drawn if drawn and drawn.members else None,
        evidence=Evidence(site, iri), fg=Vocabulary(FG), dcterms=Vocabulary("http://purl.org/dc/terms/"),
    )  # fmt: skip


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

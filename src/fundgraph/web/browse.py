"""The pages to look around in: the start, the lists, the search, the ontology, the editor, downloads, releases."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, jsonify, render_template, request

from fundgraph.errors import UsageError
from fundgraph.web import downloads, sources, things
from fundgraph.web.panels import Row, bind, panel_summary, panel_text
from fundgraph.web.site import Site, number, paragraphs, the_site
from fundgraph.web.things import RDF_FORMATS, band, rdf_response, wanted_format

blueprint = Blueprint("browse", __name__)
for part in (things.blueprint, sources.blueprint, downloads.blueprint):
    blueprint.register_blueprint(part)
blueprint.add_app_template_filter(number, "number")
blueprint.add_app_template_filter(paragraphs, "paragraphs")

#: The counts of the first page: query, singular, plural.
COUNTS = (
    ("home_projects", "project", "projects"),
    ("home_people", "person", "people"),
    ("home_principal-investigators", "principal investigator", "principal investigators"),
    ("home_topics", "topic", "topics"),
    ("home_organisations", "organisation", "organisations"),
    ("home_publications", "publication cited", "publications cited"),
)
ABSTRACT_WORDS = {
    "present": "with an abstract", "empty": "abstract left empty", "placeholder": "only a placeholder",
    "absent": "no abstract at all",
}  # fmt: skip


@blueprint.app_context_processor
def _site() -> dict[str, Any]:
    return {"site": the_site()}


@blueprint.after_request
def _validators(response: Response) -> Response:
    """Let caches ask whether a page changed; what a page shows depends on the release and the address alone."""
    if response.status_code == 200 and request.method in ("GET", "HEAD") and not response.is_streamed:
        response.vary.add("Accept")
        if not response.direct_passthrough:
            response.add_etag()
            response.make_conditional(request)
    return response


@blueprint.get("/")
def home() -> str:
    """What this is, how large, how fresh, how sound; and three ways in."""
    site = the_site()
    counts = []
    for query, one, many in COUNTS:
        count = site.panel(query).first["count"]
        counts.append({"count": count, "name": one if count == "1" else many, "query": query})
    severities = {row["severity"]: int(row["count"]) for row in site.panel("home_findings").rows}
    topics = [row for row in site.panel("topics_tree").rows if row["direct"] != "0"]
    topics.sort(key=lambda row: -int(row["direct"]))
    return render_template(
        "home.html",
        facts=site.panel("home_programme").first,
        counts=counts,
        findings=severities,
        claims=site.panel("quality_claims"),
        band=band(site, site.panel("projects_list").column("phase")),
        topics=list({row["topic"]: row for row in topics}.values())[:12],
        documents=site.panel("documents_list"),
    )


def _facet(rows: Iterable[Row], name: str, words: dict[str, str], chosen: str) -> list[dict[str, Any]]:
    counts: dict[str, int] = {}
    for row in rows:
        if row[name]:
            counts[row[name]] = counts.get(row[name], 0) + 1
    return [
        {"value": value, "name": words.get(value, value), "count": count, "chosen": value == chosen}
        for value, count in sorted(counts.items())
    ]


@blueprint.get("/projects")
def projects() -> str:
    """All projects; ``kind``, ``abstract``, ``topic`` and ``phase`` narrow the list."""
    site = the_site()
    panel, topics = site.panel("projects_list"), site.panel("projects_topics")
    rows = list({row["project"]: row for row in reversed(panel.rows)}.values())[::-1]
    phases: dict[str, set[str]] = {}
    for row in panel.rows:
        phases.setdefault(row["project"], set()).add(row["number"])
    chosen = {name: request.args.get(name, "") for name in ("kind", "abstract", "topic", "phase")}
    topic = f"{site.base}topic/{chosen['topic']}"
    with_topic = {row["project"] for row in topics.rows if row["topic"] == topic}
    shown = [
        row
        for row in rows
        if chosen["kind"] in ("", row["kind"])
        and chosen["abstract"] in ("", row["status"])
        and (not chosen["phase"] or chosen["phase"] in phases[row["project"]])
        and (not chosen["topic"] or row["project"] in with_topic)
    ]
    leaders: dict[str, list[Row]] = {}
    for row in site.panel("projects_leaders").rows:
        leaders.setdefault(row["project"], []).append(row)
    choices = {row["topic"].rsplit("/", 1)[-1]: row["label"] for row in topics.rows if row["general"] != "true"}
    return render_template(
        "projects.html",
        panel=panel,
        rows=shown,
        total=len(rows),
        leaders=leaders,
        chosen=chosen,
        kinds=_facet(rows, "kind", {}, chosen["kind"]),
        abstracts=_facet(rows, "status", ABSTRACT_WORDS, chosen["abstract"]),
        phases=sorted({one for several in phases.values() for one in several if one}, key=int),
        topics=choices,
        words=ABSTRACT_WORDS,
    )


@blueprint.get("/people")
def people() -> str:
    """Everybody; ``q`` looks into names and organisations, ``role=leads`` leaves those who lead a project."""
    site = the_site()
    panel = site.panel("people_list")
    homes: dict[str, list[Row]] = {}
    for row in site.panel("people_affiliations").rows:
        homes.setdefault(row["person"], []).append(row)
    rows = list({row["person"]: row for row in reversed(panel.rows)}.values())[::-1]
    wanted, role = request.args.get("q", "").strip(), request.args.get("role", "")
    shown = []
    for row in rows:
        text = " ".join([row["name"], *(home["name"] for home in homes.get(row["person"], []))])
        if wanted.casefold() in text.casefold() and (role != "leads" or row["led"] != "0"):
            shown.append(row)
    leading = sum(row["led"] != "0" for row in rows)
    return render_template(
        "people.html",
        panel=panel,
        rows=shown,
        homes=homes,
        total=len(rows),
        leading=leading,
        wanted=wanted,
        role=role,
    )


@blueprint.get("/topics")
def topics() -> str:
    """The scheme of topics as a tree; a topic with several broader ones stands below each."""
    site = the_site()
    panel = site.panel("topics_tree")
    rows = {row["topic"]: row for row in panel.rows}
    below: dict[str, list[str]] = {}
    for row in panel.rows:
        parent = row["broader"] if row["broader"] in rows else ""
        if row["topic"] not in below.setdefault(parent, []):
            below[parent].append(row["topic"])
    return render_template("topics.html", panel=panel, rows=rows, below=below)


@blueprint.get("/phases")
def phases() -> str:
    """The phases of the programme, side by side."""
    site = the_site()
    panel = site.panel("phases_list")
    return render_template("phases.html", panel=panel, band=band(site, panel.column("phase")))


@blueprint.get("/organisations")
def organisations() -> str:
    """The organisations and how many of the people work there."""
    site = the_site()
    return render_template("organisations.html", panel=site.panel("organisations_list"))


@blueprint.get("/search")
def search() -> Response | str:
    """Things whose label, title or name holds ``q``, and abstracts that do; HTML, or JSON by Accept."""
    site = the_site()
    wanted = request.args.get("q", "").strip()
    found: dict[str, Row] = {}
    if wanted:
        for row in site.panel("search_things", wanted).rows:
            found.setdefault(row["thing"], row)
    texts = [row for row in site.panel("search_texts", wanted).rows if row["thing"] not in found] if wanted else []
    best = request.accept_mimetypes.best_match(["text/html", "application/json"], default="text/html")
    if request.args.get("format") == "json" or best == "application/json":
        results = [
            {"iri": row["thing"], "label": row["label"], "kind": row["kind"], "match": row["match"]}
            for row in found.values()
        ]
        results += [
            {
                "iri": row["thing"],
                "label": row["label"],
                "kind": "project",
                "match": _around(row["abstract"], wanted),
            }
            for row in texts
        ]
        return jsonify({"query": wanted, "release": site.release, "count": len(results), "results": results})
    groups: dict[str, list[Row]] = {}
    for row in found.values():
        groups.setdefault(row["kind"], []).append(row)
    passages = [{**row, "around": _around(row["abstract"], wanted)} for row in texts]
    return render_template(
        "search.html", wanted=wanted, groups=groups, passages=passages, total=len(found) + len(texts)
    )


def _around(text: str, wanted: str, width: int = 90) -> str:
    """Return the first place of a text that holds what is wanted, with some words around it."""
    at = text.casefold().find(wanted.casefold())
    start, end = max(0, at - width), min(len(text), at + len(wanted) + width)
    if start:
        start = max(text.find(" ", start, at), start)
    if end < len(text):
        end = max(text.rfind(" ", at + len(wanted), end), at + len(wanted))
    middle = " ".join(text[start:end].split())
    return ("… " if start else "") + middle + (" …" if end < len(text) else "")


@blueprint.get("/ontology")
@blueprint.get("/ontology.<suffix>")
def ontology(suffix: str | None = None) -> Response | str:
    """The classes and properties with their meaning, or the ontology as RDF."""
    if suffix is not None and suffix not in RDF_FORMATS:
        abort(404)
    site = the_site()
    chosen = wanted_format(suffix)
    if chosen is not None:
        return rdf_response(site, panel_text("ontology_graph"), chosen)
    panel = site.panel("ontology_terms")
    kinds: dict[str, dict[str, Row]] = {}
    parents: dict[str, list[str]] = {}
    for row in panel.rows:
        if row["label"] or row["definition"]:  # other vocabularies' terms are named, but not explained here
            kinds.setdefault(row["kind"].rsplit("#", 1)[-1], {}).setdefault(row["term"], row)
        if row["parent"] and row["parent"] not in parents.setdefault(row["term"], []):
            parents[row["term"]].append(row["parent"])
    formats = [(f"/ontology.{name}", media, words) for name, (media, _, words) in RDF_FORMATS.items()]
    return render_template("ontology.html", panel=panel, kinds=kinds, parents=parents, alternates=formats)


def editor_context(site: Site, query: str | None = None, name: str | None = None) -> dict[str, Any]:
    """Return what ``editor.html`` needs: the prefixes, the ontology's terms, the query to start with."""
    terms: dict[str, list[str]] = {"Class": [], "Property": []}
    for row in site.panel("ontology_terms").rows:
        kind = "Class" if row["kind"].endswith("Class") else "Property"
        if not row["kind"].endswith("Role") and row["term"] not in terms[kind]:
            terms[kind].append(row["term"])
    return {
        "editor": {
            "base": site.base,
            "prefixes": dict(site.prefixes),
            "classes": terms["Class"],
            "properties": terms["Property"],
            "query": query,
            "name": name,
        }
    }


@blueprint.app_context_processor
def _editor() -> dict[str, Any]:
    return {"editor_context": editor_context}


@blueprint.get("/editor")
def editor() -> str:
    """The query editor with a panel's query in it, bound to the thing whose page it came from."""
    site = the_site()
    name, subject = request.args.get("panel", ""), request.args.get("thing")
    query, summary = request.args.get("query"), request.args.get("name")
    if name:
        try:
            query, summary = _panel_query(site, name, subject), panel_summary(name)
        except UsageError as error:
            abort(404, description=error.what)
    return render_template("editor.html", **editor_context(site, query, summary))


def _panel_query(site: Site, name: str, subject: str | None) -> str:
    text = panel_text(name)
    if subject is not None and "VALUES ?thing" in text and ":" not in subject:
        subject = site.base + subject
    return bind(text, subject)


def list_path(**given: str) -> str:
    """Return the address of the list of projects with these facets chosen."""
    query = urlencode({name: value for name, value in given.items() if value})
    return "/projects" + (f"?{query}" if query else "")


blueprint.add_app_template_global(list_path, "list_path")

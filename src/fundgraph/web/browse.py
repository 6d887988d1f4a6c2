"""The pages to look around in: the start, the topics, the phases, the ontology, the editor."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, render_template, request

from fundgraph.errors import UsageError
from fundgraph.questions import Question
from fundgraph.web import downloads, lists, networks, overviews, search, sources, thing_data, things
from fundgraph.web.languages import DEFAULT, language
from fundgraph.web.overviews import figures, programme_band, topic_areas, topic_tree
from fundgraph.web.panels import bind, panel_summary, panel_text
from fundgraph.web.site import Site, number, paragraphs, the_site

blueprint = Blueprint("browse", __name__)
for part in (things, lists, networks, overviews, search, sources, downloads):
    blueprint.register_blueprint(part.blueprint)
blueprint.add_app_template_filter(number, "number")
blueprint.add_app_template_filter(paragraphs, "paragraphs")

#: What stands in the editor at first.
START = """PREFIX fg: <https://w3id.org/fundgraph/ontology#>

SELECT ?project ?title
WHERE { ?project a fg:Project ; fg:title ?title }
ORDER BY ?title
LIMIT 100"""


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
    severities = {row["severity"]: int(row["count"]) for row in site.panel("home_findings").rows}
    topics = [row for row in site.panel("topics_tree").rows if row["direct"] != "0"]
    topics.sort(key=lambda row: -int(row["direct"]))
    return render_template(
        "home.html",
        facts=site.panel("home_programme").first,
        counts=figures(site),
        findings=severities,
        claims=site.panel("quality_claims"),
        band=programme_band(site),
        topics=list({row["topic"]: row for row in topics}.values())[:12],
        documents=site.panel("documents_list"),
        examples=_examples(site),
    )


def _examples(site: Site) -> list[Question]:
    """Return four questions with blanks to fill, each about something else, that ask nobody but us."""
    found: dict[str, Question] = {}
    for question in site.questions:
        if question.params and not question.services:
            found.setdefault(question.tags[0], question)
    return list(found.values())[:4]


@blueprint.get("/topics")
@blueprint.get("/topics.<suffix>")
def topics(suffix: str | None = None) -> Response | str:
    """The scheme of topics as a tree, or as RDF; a topic with several broader ones stands below each."""
    if suffix is not None and suffix not in thing_data.RDF_FORMATS:
        abort(404)
    site = the_site()
    chosen = things.wanted_format(suffix)
    if chosen is not None:
        return thing_data.thing_response(site, f"{site.base}topics", chosen)
    panel = site.panel("topics_tree")
    rows, below = topic_tree(panel)
    return render_template("topics.html", panel=panel, rows=rows, below=below, areas=topic_areas(rows, below))


def editor_context(site: Site, query: str | None = None, name: str | None = None) -> dict[str, Any]:
    """Return what ``editor.html`` needs: the prefixes, the ontology's terms, the query to start with."""
    terms: dict[str, dict[str, str]] = {"Class": {}, "Property": {}}
    for row in site.panel("ontology_terms").rows:
        kind = "Class" if row["kind"].endswith("Class") else "Property"
        if not row["kind"].endswith("Role"):
            terms[kind].setdefault(row["term"], row["label"])
    return {
        "editor": {
            "base": site.base,
            "prefixes": dict(site.prefixes),
            "classes": list(terms["Class"].items()),
            "properties": list(terms["Property"].items()),
            "query": query,
            "start": START,
            "languages": ",".join(dict.fromkeys((language(), DEFAULT))),
            "name": name,
        }
    }


@blueprint.app_context_processor
def _editor() -> dict[str, Any]:
    return {"editor_context": editor_context}


@blueprint.get("/editor")
def editor() -> str:
    """The query editor with a panel's query in it, bound to the thing whose page it came from."""
    try:
        query, summary = query_of_request()
    except UsageError as error:
        abort(404, description=error.what)
    return render_template("editor.html", **editor_context(the_site(), query, summary))


def query_of_request() -> tuple[str | None, str | None]:
    """Return the query that the address of an editor gives or names, and what it is called; raises :class:`UsageError`."""
    name, subject = request.args.get("panel", ""), request.args.get("thing")
    if name:
        return _panel_query(the_site(), name, subject), panel_summary(name)
    return request.args.get("query"), request.args.get("name")


def _panel_query(site: Site, name: str, subject: str | None) -> str:
    text = panel_text(name)
    if subject is not None and "VALUES ?thing" in text and ":" not in subject:
        subject = site.base + subject
    return bind(text, subject)

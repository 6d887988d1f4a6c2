"""A page for every thing, and the same as RDF: ``/project/{slug}``, ``/project/{slug}.ttl``, or by Accept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, unquote, urlencode

from flask import Blueprint, Response, abort, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from fundgraph.errors import UsageError
from fundgraph.store.listing import facet_value
from fundgraph.terms import FG
from fundgraph.web.context import context, mount
from fundgraph.web.evidence import Evidence, term_of
from fundgraph.web.panels import Panel, bind, check_iri, panel_text, thing_iri
from fundgraph.web.site import Site, Vocabulary, paragraphs, the_site
from fundgraph.web.thing_data import RDF_FORMATS, structured_data, thing_response

blueprint = Blueprint("things", __name__)

_BY_MEDIA_TYPE = {media: suffix for suffix, (media, _, _) in RDF_FORMATS.items()}
_HTML = "text/html"
_FG, _SKOS = Vocabulary(FG), Vocabulary("http://www.w3.org/2004/02/skos/core#")
_DCTERMS = Vocabulary("http://purl.org/dc/terms/")

#: So many projects or people of a topic or a phase stand on its page; so many rows tell of them.
MOST, MOST_ROWS = 100, 1000
#: So many projects stand on the page of one that is similar to them; as many as its query gives.
MOST_SIMILAR = 8
#: And so many topics on that of a phase; as many as its query gives.
MOST_TOPICS = 25
#: Kinds with no page of their own design; they are described statement by statement.
PLAIN_KINDS = "any(participation, assignment, identifier, claim, finding, reading, activity, link, report)"


def split_suffix(name: str) -> tuple[str, str | None]:
    """Split ``slug.ttl`` into slug and suffix; only suffixes of formats that we write count.

    >>> split_suffix("2010.14860"), split_suffix("deep.ttl")
    (('2010.14860', None), ('deep', 'ttl'))
    """
    stem, dot, suffix = name.rpartition(".")
    return (stem, suffix) if dot and stem and suffix in RDF_FORMATS else (name, None)


def wanted_format(suffix: str | None) -> str | None:
    """Return the suffix of the RDF format that is asked for by path or Accept; ``None`` means the page.

    Aborts with 406 if the client accepts neither HTML nor any RDF format.
    """
    if suffix is not None:
        return suffix
    if not request.accept_mimetypes:
        return None
    best = request.accept_mimetypes.best_match([_HTML, "application/xhtml+xml", *_BY_MEDIA_TYPE])
    if best is None:
        abort(406, description="This thing is offered as " + ", ".join([_HTML, *_BY_MEDIA_TYPE]))
    return _BY_MEDIA_TYPE.get(best)


def alternates(path: str) -> list[tuple[str, str, str]]:
    """Return address, media type and name of the RDF formats of a thing; a folder of files has the first two."""
    several = list(RDF_FORMATS.items())[: 2 if context().static else None]
    return [(f"{path}.{suffix}", media, name) for suffix, (media, _, name) in several]


def page(template: str, path: str, **context: Any) -> Response:
    """Render a thing's page, with links to its RDF in the head of the answer."""
    offers = alternates(path)
    response = Response(
        render_template(template, alternates=offers, **context), content_type="text/html; charset=utf-8"
    )
    response.headers["Vary"] = "Accept"
    response.headers["Link"] = ", ".join(f'<{href}>; rel="alternate"; type="{media}"' for href, media, _ in offers)
    return response


def band(site: Site, iris: list[str]) -> list[dict[str, Any]]:
    """Return the programme's phases in order; ``state`` is in, out, or dark where no document was read."""
    rows = {row["phase"]: row for row in reversed(site.panel("phases_list").rows)}
    phases = []
    for row in sorted(rows.values(), key=lambda row: int(row["number"])):
        state = "in" if row["phase"] in iris else "out" if row["documents"] != "0" else "dark"
        phases.append({**row, "state": state, "href": site.path(row["phase"])})
    return phases


def _project(site: Site, iri: str) -> dict[str, Any]:
    facts = site.panel("project_facts", iri)
    people = site.panel("project_people", iri)
    cited = site.panel("project_publications", iri)
    works = []
    for item in site.gather(cited, "publication"):
        authors = [row["author"] for row in cited.rows if row["publication"] == item["publication"]]
        works.append({"item": item, "authors": list(dict.fromkeys(authors))})
    return {
        "facts": facts,
        "abstract": paragraphs(facts.first["abstract"]),
        "band": band(site, site.panel("project_phases", iri).column("phase")),
        "people": people,
        "participants": site.gather(people, "part"),
        "topics": site.panel("project_topics", iri),
        "similar": site.rows_of(
            "project_similar", site.kg.index.nearest("network_topics", iri, MOST_SIMILAR), iri
        ),
        "cited": cited,
        "works": works,
    }


def _person(site: Site, iri: str) -> dict[str, Any]:
    projects = site.panel("person_projects", iri)
    return {
        "facts": site.panel("person_facts", iri),
        "band": band(site, site.panel("person_phases", iri).column("phase")),
        "projects": projects,
        "parts": site.gather(projects, "part"),
        "colleagues": site.panel("person_colleagues", iri),
        "topics": site.panel("person_topics", iri),
        "affiliations": site.panel("person_affiliations", iri),
    }


def _topic(site: Site, iri: str) -> dict[str, Any]:
    first = site.kg.index.strongest("index_topics", iri, MOST)
    projects = (
        site.rows_of("topic_projects", first, iri) if first else site.panel("topic_projects", iri, MOST_ROWS)
    )
    counts = (row["projects"] for row in site.panel("topics_tree").rows if row["topic"] == iri)
    return {
        "total": int(next(counts, "0")),
        "facts": site.panel("topic_facts", iri),
        "band": band(site, site.panel("topic_phases", iri).column("phase")),
        "around": site.panel("topic_around", iri),
        "projects": projects,
        "named": site.gather(projects, "project")[:MOST],
        "people": site.panel("topic_people", iri, MOST),
    }


def _phase(site: Site, iri: str) -> dict[str, Any]:
    first = site.kg.index.listing("projects", (("phase", facet_value(iri)),), "", MOST, 0)
    return {
        "total": first.total,
        "facts": site.panel("phases_list"),
        "phase": next((row for row in site.panel("phases_list").rows if row["phase"] == iri), {}),
        "band": band(site, [iri]),
        "documents": site.panel("phase_documents", iri),
        "projects": site.rows_of("phase_projects", first.iris, iri),
        "topics": _topics_of(site, iri),
    }


def _topics_of(site: Site, phase: str) -> Panel:
    """Return what the query ``phase_topics`` gives, from the counts of all phases, which each snapshot keeps."""
    every = site.panel("phases_topics").rows
    rows = [{name: row[name] for name in ("topic", "label", "projects")} for row in every if row["phase"] == phase]
    rows.sort(key=lambda row: (-int(row["projects"]), row["label"], row["topic"]))
    return Panel("phase_topics", phase, bind(panel_text("phase_topics"), phase), tuple(rows[:MOST_TOPICS]))


def _organisation(site: Site, iri: str) -> dict[str, Any]:
    return {
        "facts": site.panel("organisation_facts", iri),
        "people": site.panel("organisation_people", iri, MOST_ROWS),
        "funds": site.panel("organisation_funds", iri),
    }


def _publication(site: Site, iri: str) -> dict[str, Any]:
    return {"facts": site.panel("publication_facts", iri), "cited": site.panel("publication_cited", iri)}


KINDS: Mapping[str, Callable[[Site, str], dict[str, Any]]] = {
    "project": _project, "person": _person, "topic": _topic, "phase": _phase, "organisation": _organisation,
    "publication": _publication,
}  # fmt: skip
_CLASSES = {
    "project": "Project", "person": "Person", "topic": "Topic", "phase": "FundingPhase",
    "organisation": "Organisation", "publication": "Publication",
}  # fmt: skip


def _mint(site: Site, path: str) -> str:
    try:
        return thing_iri(site.base, path)
    except UsageError as error:
        abort(404, description=f"There is nothing at {path!r}. {error.what}")


def _is_a(site: Site, iri: str, kind: str) -> bool:
    return any(row["type"] == FG + _CLASSES[kind] for row in site.panel("thing_types", iri).rows)


@blueprint.get("/<any(project, person, topic, phase, organisation, publication):kind>/<name>")
def thing(kind: str, name: str) -> Response:
    """A thing: its page, or its RDF."""
    site = the_site()
    slug, suffix = split_suffix(name)
    iri = _mint(site, f"{kind}/{slug}")
    if not _is_a(site, iri, kind):
        abort(404, description=f"There is no {kind} {slug!r} in release {site.release}.")
    chosen = wanted_format(suffix)
    if chosen is not None:
        return thing_response(site, iri, chosen, kind)
    return page(
        f"{kind}.html",
        site.path(iri),
        kind=kind,
        iri=iri,
        structured=structured_data(site, iri),
        evidence=Evidence(site, iri),
        identifiers=site.panel("thing_identifiers", iri),
        findings=site.panel("thing_findings", iri),
        fg=_FG,
        skos=_SKOS,
        **KINDS[kind](site, iri),
    )


@blueprint.get(f"/<{PLAIN_KINDS}:kind>/<path:name>")
def plain_thing(kind: str, name: str) -> Response:
    """A participation, an assignment, an identifier…: its statements, or its RDF."""
    site = the_site()
    path, suffix = split_suffix(name)
    if kind == "identifier":  # a value with a slash is one part of the IRI, but the server hands it over decoded
        scheme, _, value = path.partition("/")
        path = f"{scheme}/{quote(unquote(value), safe='-._~')}"
    return description(site, _mint(site, f"{kind}/{path}"), suffix)


@blueprint.get("/query/<path:name>")
def question(name: str) -> AnyResponse:
    """A canned query as a thing: leads to its page, or to the catalogue as RDF."""
    question_id, suffix = split_suffix(name)
    the_site().kg.question(question_id)
    page_of = wanted_format(suffix) is None
    return redirect(f"/queries/{quote(question_id)}" if page_of else "/queries.ttl", 303)


@blueprint.get("/graph/<path:name>")
def graph(name: str) -> AnyResponse:
    """A named graph as a thing: what is said of it, or else it leads to what it holds."""
    site = the_site()
    path, suffix = split_suffix(name)
    iri = _mint(site, f"graph/{path}")
    if site.panel("describe_out", iri).rows:
        return description(site, iri, suffix)
    if mount():  # an old release has no graph store
        return redirect(
            "/sparql?"
            + urlencode({"query": f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH <{iri}> {{ ?s ?p ?o }} }}"}),
            303,
        )
    return redirect("/graph-store?" + urlencode({"graph": iri}), 303)


@blueprint.get("/describe")
def describe() -> AnyResponse:
    """Any IRI of the graph: its statements; or its own page, if it has one."""
    site = the_site()
    iri = request.args.get("iri", "").strip()
    if not iri:
        return Response(render_template("describe.html", iri="", out=None, into=None, kinds=()), mimetype=_HTML)
    try:
        check_iri(iri)
    except UsageError as error:
        abort(400, description=error.what)
    own = site.path(iri)
    suffix = request.args.get("format")
    if not own.startswith("/describe") and suffix is None and not own.startswith("/ontology"):
        return redirect(own, 303)
    if suffix is not None and suffix not in RDF_FORMATS:
        abort(400, description="format is one of " + ", ".join(RDF_FORMATS))
    return description(site, iri, suffix)


def _is_cut(panel: Panel) -> bool:
    """Tell whether a panel has as many rows as its query lets it have."""
    return len(panel.rows) >= int(panel.query.rpartition("LIMIT")[2])


def description(site: Site, iri: str, suffix: str | None) -> Response:
    """Describe an IRI statement by statement, or as RDF."""
    out, into = site.panel("describe_out", iri), site.panel("describe_in", iri)
    if not out.rows and not into.rows:
        abort(404, description=f"Release {site.release} says nothing about <{iri}>.")
    chosen = wanted_format(suffix)
    if chosen is not None:
        return thing_response(site, iri, chosen)
    label = next((row["object"] for row in out.rows if row["predicate"].endswith("#label")), "")
    response = Response(
        render_template(
            "describe.html", iri=iri, label=label, out=out, into=into, term_of=term_of, is_cut=_is_cut
        ),
        mimetype=_HTML,
    )
    query = urlencode({"iri": iri})
    links = [
        f'</describe?{query}&format={name}>; rel="alternate"; type="{media}"'
        for name, (media, _, _) in RDF_FORMATS.items()
    ]
    response.headers["Link"], response.headers["Vary"] = ", ".join(links), "Accept"
    return response

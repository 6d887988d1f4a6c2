"""Full-text search over names, titles, topics, abstracts: HTML for people, JSON for programs and for boxes to fill."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, render_template, request

from fundgraph.web.paging import choice, one, whole
from fundgraph.web.site import the_site

blueprint = Blueprint("search", __name__)

#: What a thing of a list is called, in the order in which lists are shown.
KINDS = {
    "projects": "project", "people": "person", "topics": "topic", "organisations": "organisation",
    "publications": "publication", "phases": "phase", "documents": "document",
}  # fmt: skip
PAGE = 50
MOST = 500


@blueprint.get("/search")
def search() -> Response | str:
    """Things whose names or texts hold words that begin as those of ``q``; ``kind`` leaves one kind of things.

    ``limit`` and ``offset`` choose the page; 400 for what none of them can be. JSON by Accept or ``format=json``.
    """
    site = the_site()
    wanted = one("q").strip()
    names = {name: name for name in KINDS} | {one: name for name, one in KINDS.items()}
    kind = names.get(choice("kind", names), "")
    limit, offset = whole("limit", 1, MOST) or PAGE, whole("offset", 0, 10**6) or 0
    found = site.kg.index.search(wanted, kind, limit, offset)
    best = request.accept_mimetypes.best_match(["text/html", "application/json"], default="text/html")
    if request.args.get("format") == "json" or best == "application/json":
        results = [
            {"iri": one.iri, "label": one.label, "kind": KINDS.get(one.kind, one.kind), "match": one.text}
            for one in found.found
        ]
        return jsonify(
            {
                "query": wanted,
                "release": site.release,
                "count": found.total,
                "kinds": {KINDS.get(name, name): count for name, count in found.kinds.items()},
                "offset": offset,
                "complete": offset + len(results) >= found.total,
                "loosely": found.loosely,
                "results": results,
            }
        )
    return render_template(
        "search.html", wanted=wanted, found=found, kind=kind, kinds=KINDS, limit=limit, offset=offset
    )

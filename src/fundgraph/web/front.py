"""The one page of the endpoint alone: a form, for people who come with a browser."""

from __future__ import annotations

from flask import Blueprint, Response
from markupsafe import Markup

from fundgraph.web.context import context, public_root

blueprint = Blueprint("front", __name__)

_PAGE = Markup(
    "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
    "<title>SPARQL endpoint</title><h1>SPARQL endpoint</h1>"
    "<p>Release {release}. Clients ask <code>{root}/sparql</code>; graphs are at <code>{root}/graph-store</code>.</p>"
    "<form action=/sparql method=get><p><label for=query>Query</label></p>"
    "<p><textarea id=query name=query rows=12 cols=90 spellcheck=false>SELECT * {{ ?s ?p ?o }} LIMIT 100</textarea></p>"
    "<p><button>Run</button> <select name=format aria-label=Format><option>json<option>xml<option>csv<option>tsv"
    "<option>turtle<option>jsonld</select></p></form></html>\n"
)


@blueprint.get("/")
def page() -> Response:
    """Show the form."""
    text = _PAGE.format(release=context().kg.release, root=public_root())
    return Response(text, content_type="text/html; charset=utf-8", headers={"Cache-Control": "no-cache"})

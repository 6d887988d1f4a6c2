"""Signposts for machines (FAIR Signposting, level 2): typed links in headers, and all of them as a linkset (RFC 9264).

A thing's page says how the thing is cited, what describes it, of what type and under what licence it is, and what it
is part of; each description points back to the page. The start of the site does the same for the dataset.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from flask import Blueprint, Flask, Response, abort, jsonify, request

from fundgraph.web import memento
from fundgraph.web.context import mount, of_release, public_root
from fundgraph.web.downloads import DUMPS
from fundgraph.web.site import the_site
from fundgraph.web.thing_data import RDF_FORMATS
from fundgraph.web.things import split_suffix

blueprint = Blueprint("signposts", __name__)

_SCHEMA = "https://schema.org/"
#: What each kind of things is in the words of schema.org.
_TYPES = {
    "project": "ResearchProject", "person": "Person", "topic": "DefinedTerm", "organisation": "Organization",
    "publication": "CreativeWork", "programme": "FundingScheme",
}  # fmt: skip
_LINKSET, _LINKSET_JSON = "application/linkset", "application/linkset+json"
_THINGS = frozenset(("browse.things.thing", "browse.things.plain_thing", "browse.overviews.programme"))
_SAFE = "/-._~#=,:@%"


@dataclass(frozen=True, slots=True)
class Signpost:
    """A link from one address to another: relation, and media type of what is there."""

    anchor: str
    relation: str
    target: str
    media_type: str = ""

    def header(self) -> str:
        """Write it as in a Link header."""
        kind = f'; type="{self.media_type}"' if self.media_type else ""
        return f'<{self.target}>; rel="{self.relation}"{kind}'


def install(app: Flask) -> None:
    """Have an application put up its signposts."""
    app.after_request(_put_up)


def of_thing(local: str) -> list[Signpost]:
    """Return all signposts of a thing, its page's first; ``local`` is its path."""
    root, site = public_root(), the_site()
    page = f"{root}/{quote(local, safe=_SAFE)}"
    kind = local.partition("/")[0]
    types = [f"{_SCHEMA}AboutPage", *([_SCHEMA + _TYPES[kind]] if kind in _TYPES else [])]
    found = [
        Signpost(page, "cite-as", site.base + quote(local, safe=_SAFE)),
        *(Signpost(page, "type", one) for one in types),
        *(
            Signpost(page, "describedby", f"{page}.{suffix}", media)
            for suffix, (media, _, _) in RDF_FORMATS.items()
        ),
        *_shared(page),
        Signpost(page, "collection", f"{root}/", "text/html"),
        *_linksets(page, f"/{quote(local, safe=_SAFE)}"),
    ]
    for suffix in RDF_FORMATS:
        found.append(Signpost(f"{page}.{suffix}", "describes", page, "text/html"))
        found += _linksets(f"{page}.{suffix}", f"/{quote(local, safe=_SAFE)}")
    return found


def of_dataset() -> list[Signpost]:
    """Return all signposts of the dataset: of the first page, its descriptions, and the dumps."""
    root, site = public_root(), the_site()
    page = f"{root}/"
    cited = f"{site.base}release/{site.release}"
    descriptions = [
        ("void.ttl", "text/turtle"), ("void.jsonld", "application/ld+json"), ("dataset.jsonld", "application/ld+json"),
        ("CITATION.cff", "application/yaml"), ("citation.bib", "application/x-bibtex"),
    ]  # fmt: skip
    dumps = [(f"{root}/downloads/dataset.{suffix}", media) for suffix, (_, media, _, _) in DUMPS.items()]
    found = [
        Signpost(page, "cite-as", cited),
        Signpost(page, "type", f"{_SCHEMA}AboutPage"),
        Signpost(page, "type", f"{_SCHEMA}Dataset"),
        *(Signpost(page, "describedby", f"{root}/{name}", media) for name, media in descriptions),
        *(Signpost(page, "item", address, media) for address, media in dumps),
        *_shared(page),
        *_linksets(page, ""),
    ]
    found += [Signpost(f"{root}/{name}", "describes", page, "text/html") for name, _ in descriptions]
    for address, _ in dumps:
        found.append(Signpost(address, "collection", page, "text/html"))
        found += _linksets(address, "")
    return found


def _shared(anchor: str) -> list[Signpost]:
    """Return what holds for every page: the licence, if the programme states one, and whose the data are."""
    programme = the_site().manifest.get("programme", {})
    licence = programme.get("licence")
    author = [Signpost(anchor, "author", f"{the_site().base}programme")] if programme.get("name") else []
    return [*([Signpost(anchor, "license", licence)] if licence else []), *author]


def _linksets(anchor: str, path: str) -> list[Signpost]:
    address = f"{public_root()}/linkset{path}"
    return [
        Signpost(anchor, "linkset", address, _LINKSET),
        Signpost(anchor, "linkset", f"{address}?format=json", _LINKSET_JSON),
    ]


def _put_up(response: Response) -> Response:
    is_landing = request.endpoint == "browse.home" or request.path.startswith("/downloads/dataset.")
    if response.status_code != 200 or not (is_landing or request.endpoint in _THINGS):
        return response
    if any("cite-as" in one for one in response.headers.getlist("Link")):  # there since the page was kept
        return response
    if request.endpoint in _THINGS:
        local, suffix = split_suffix(request.path.lstrip("/"))
        here = f"{public_root()}/{quote(local, safe=_SAFE)}"
        posts = of_thing(local)
        if response.mimetype != "text/html":
            extension = suffix or next(
                (name for name, (media, _, _) in RDF_FORMATS.items() if media == response.mimetype), ""
            )
            here = f"{here}.{extension}"
        _add(response, (post for post in posts if post.anchor == here))
        if not mount():
            response.headers.add("Link", memento.original_links())
    else:
        here = f"{public_root()}{request.path}"
        _add(response, (post for post in of_dataset() if post.anchor == here))
    return response


def _add(response: Response, posts: Iterable[Signpost]) -> None:
    text = ", ".join(post.header() for post in posts)
    if text:
        response.headers.add("Link", text)


@blueprint.get("/linkset")
def dataset_linkset() -> Response:
    """All links of the dataset, its descriptions and its dumps: a linkset, as links or as JSON."""
    return _written(of_dataset())


@blueprint.get("/linkset/<path:local>")
def thing_linkset(local: str) -> Response:
    """All links of a thing's page and of its descriptions: a linkset, as links or as JSON."""
    site = the_site()
    iri = site.base + quote(local, safe=_SAFE)
    if not site.panel("thing_types", iri).rows:
        abort(404, description=f"There is no {local!r} in release {site.release}.")
    return _written(of_thing(local))


def _written(posts: Sequence[Signpost]) -> Response:
    accept = request.accept_mimetypes
    named = request.args.get("format", "")
    wants_json = named == "json" or (
        not named and accept.best_match((_LINKSET, _LINKSET_JSON, "application/json"), _LINKSET) != _LINKSET
    )
    if wants_json:
        response = jsonify({"linkset": _as_json(posts)})
        response.content_type = _LINKSET_JSON
    else:
        lines = (f'{post.header()}; anchor="{post.anchor}"' for post in posts)
        response = Response(",\n".join(lines) + "\n", content_type=_LINKSET)
    response.vary.add("Accept")
    return of_release(response)


def _as_json(posts: Sequence[Signpost]) -> list[dict[str, object]]:
    """Return links as RFC 9264 has them in JSON: an object for each anchor, its targets by relation."""
    contexts: dict[str, dict[str, object]] = {}
    for post in posts:
        members = contexts.setdefault(post.anchor, {"anchor": post.anchor})
        targets = members.setdefault(post.relation, [])
        assert isinstance(targets, list)
        targets.append({"href": post.target} | ({"type": post.media_type} if post.media_type else {}))
    return list(contexts.values())

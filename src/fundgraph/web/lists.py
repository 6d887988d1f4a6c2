"""The lists to look around in, page by page, narrowed by facets: projects, people, organisations, publications."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from fundgraph.errors import ParameterError
from fundgraph.store.listing import Listing, Value
from fundgraph.web.languages import say
from fundgraph.web.paging import one, whole
from fundgraph.web.panels import Row, panel_text
from fundgraph.web.site import Site, the_site

blueprint = Blueprint("lists", __name__)

#: So many rows stand on a page unless ``limit`` says less or more.
PAGE = 100
MOST = 1000
LISTS = ("projects", "people", "organisations", "publications")
#: A facet with more values than this is a box to choose from, not a row of links.
FEW = 5
_HEADING = re.compile(r"^#\+ heading: (.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Facet:
    """A facet as a page shows it: its name in addresses, its heading, its values, the one that is chosen."""

    name: str
    heading: str
    values: tuple[Value, ...]
    chosen: str
    strange: bool = False
    """Whether nothing at all has the value that is chosen."""

    @property
    def few(self) -> bool:
        """Whether all values have room in a row."""
        return len(self.values) <= FEW

    @property
    def label(self) -> str:
        """The label of the chosen value."""
        return next((value.label for value in self.values if value.value == self.chosen), self.chosen)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list, with all that is needed for links to the others."""

    path: str
    listing: Listing
    facets: tuple[Facet, ...]
    text: str
    limit: int
    offset: int

    @property
    def chosen(self) -> dict[str, str]:
        """What the list is narrowed by, as in its address."""
        given = {facet.name: facet.chosen for facet in self.facets if facet.chosen}
        return given | ({"q": self.text} if self.text else {})

    def href(self, **change: str | int) -> str:
        """Return the address of this list with something chosen otherwise; the empty text takes it away."""
        given = {name: value for name, value in {**self.chosen, **change}.items() if value not in ("", 0)}
        if self.limit != PAGE:
            given["limit"] = self.limit
        return self.path + (f"?{urlencode(given)}" if given else "")

    @property
    def next(self) -> str | None:
        """The address of the next page."""
        after = self.offset + self.limit
        return self.href(offset=after) if after < self.listing.total else None

    @property
    def previous(self) -> str | None:
        """The address of the page before."""
        return self.href(offset=max(0, self.offset - self.limit)) if self.offset else None


def the_page(site: Site, name: str) -> Page:
    """Return the page of the list ``name`` that the address asks for; raises :class:`ParameterError` for what is none."""
    text = one("q").strip()
    limit, offset = whole("limit", 1, MOST) or PAGE, whole("offset", 0, 10**9) or 0
    index = site.kg.index
    every = index.listing(name, (), "", 1, 0).facets
    asked = {facet: one(facet) for facet in every}
    strange = {
        facet for facet, value in asked.items() if value and value not in {one.value for one in every[facet]}
    }
    chosen = tuple(sorted((facet, value) for facet, value in asked.items() if value))
    listing = index.listing(name, chosen, text, limit, offset)
    if offset >= max(listing.total, 1):
        raise ParameterError(f"parameter 'offset' cannot be {offset}: the list has {listing.total} rows")
    facets = tuple(
        Facet(facet, _heading(name, facet), values, asked[facet], facet in strange)
        for facet, values in listing.facets.items()
        if asked[facet] or len(values) > 1
    )
    facets = tuple(sorted(facets, key=lambda facet: (not facet.few, facet.heading)))
    return Page(f"/{name}", listing, facets, text, limit, offset)


def _heading(name: str, facet: str) -> str:
    found = _HEADING.search(panel_text(f"facet_{name}-{facet}"))
    return say(found[1]) if found else facet


def show(template: str, page: Page, **context: Any) -> Response:
    """Render a list, and name the pages beside it in the head of the answer."""
    response = make_response(render_template(template, page=page, **context))
    links = [(page.previous, "prev"), (page.next, "next")]
    for href, relation in links:
        if href is not None:
            response.headers.add("Link", f'<{href}>; rel="{relation}"')
    return response


def _rows(site: Site, panel: str, key: str, page: Page) -> list[Row]:
    """Return a panel's row for each thing of a page, in the page's order."""
    rows: dict[str, Row] = {}
    for row in site.rows_of(panel, page.listing.iris).rows:
        rows.setdefault(row[key], row)
    return [rows[iri] for iri in page.listing.iris if iri in rows]


def _several(rows: Iterable[Row], key: str) -> Mapping[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row[key], []).append(row)
    return found


@blueprint.get("/projects")
def projects() -> Response:
    """The projects; every facet narrows the list, ``q`` looks into titles and abstracts."""
    site = the_site()
    page = the_page(site, "projects")
    leaders = _several(site.rows_of("projects_leaders", page.listing.iris).rows, "project")
    return show("projects.html", page, rows=_rows(site, "projects_list", "project", page), leaders=leaders)


@blueprint.get("/people")
def people() -> Response | AnyResponse:
    """Everybody; every facet narrows the list, ``q`` looks into names."""
    if request.args.get("role") == "leads":  # what this facet was called at first
        given = request.args.to_dict() | {"role": "principal-investigator"}
        return redirect("/people?" + urlencode(given), 301)
    site = the_site()
    page = the_page(site, "people")
    homes = _several(site.rows_of("people_affiliations", page.listing.iris).rows, "person")
    return show("people.html", page, rows=_rows(site, "people_list", "person", page), homes=homes)


@blueprint.get("/organisations")
def organisations() -> Response:
    """The organisations and how many of the people work there."""
    site = the_site()
    page = the_page(site, "organisations")
    return show("organisations.html", page, rows=_rows(site, "organisations_list", "organisation", page))


@blueprint.get("/publications")
def publications() -> Response:
    """The publications that projects cite."""
    site = the_site()
    page = the_page(site, "publications")
    rows = _rows(site, "publications_list", "publication", page)
    authors = _several(site.rows_of("publications_authors", page.listing.iris).rows, "publication")
    return show("publications.html", page, rows=rows, authors=authors)


def list_path(**given: str) -> str:
    """Return the address of the list of projects with these facets chosen."""
    query = urlencode({name: value for name, value in given.items() if value})
    return "/projects" + (f"?{query}" if query else "")


def members(site: Site, page: Page) -> dict[str, dict[str, list[int]]]:
    """Return of each facet's values which rows of the page have it, by their places; for pages that narrow themselves."""
    rows = {iri: at for at, iri in enumerate(page.listing.iris)}
    shown = {facet.name for facet in page.facets}
    return {
        facet: {value: [rows[iri] for iri in iris if iri in rows] for value, iris in values.items()}
        for facet, values in site.kg.index.members(page.path[1:]).items()
        if facet in shown
    }


blueprint.add_app_template_global(members, "facet_members")
blueprint.add_app_template_global(list_path, "list_path")

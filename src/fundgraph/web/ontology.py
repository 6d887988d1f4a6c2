"""The ontology's page: a drawing, each term with its meaning, an example and its use; and the same as RDF."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache

from flask import Blueprint, Response, abort, render_template

from fundgraph import assets
from fundgraph.web.diagram import Diagram, Link, draw
from fundgraph.web.panels import Panel, Row, panel_text
from fundgraph.web.site import the_site
from fundgraph.web.things import RDF_FORMATS, alternates, rdf_response, wanted_format

blueprint = Blueprint("ontology", __name__)

#: A property that leads from so many classes is told below the drawing, not drawn.
_MANY = 4
_FILES = (
    "context.jsonld",
    "alignments.ttl",
    "frames/project.jsonld",
    "frames/person.jsonld",
    "frames/topic.jsonld",
)


@dataclass(slots=True)
class Entry:
    """A term as its page shows it."""

    iri: str
    kind: str
    label: str
    definition: str
    example: str
    uses: int = 0
    parents: list[str] = field(default_factory=list)
    froms: list[str] = field(default_factory=list)
    tos: list[str] = field(default_factory=list)
    derived: bool = False

    @property
    def name(self) -> str:
        """The part of the IRI after the namespace."""
        return self.iri.rsplit("#", 1)[-1]


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
    found = entries(panel, site.panel("ontology_ends"), site.panel("ontology_uses"))
    kinds: dict[str, list[Entry]] = defaultdict(list)
    for entry in found.values():
        kinds[entry.kind].append(entry)
    diagram, everywhere = picture(found)
    return render_template(
        "ontology.html",
        panel=panel,
        uses=site.panel("ontology_uses"),
        kinds=kinds,
        found=found,
        diagram=diagram,
        everywhere=everywhere,
        examples={entry.iri: class_example(entry.name) for entry in kinds["Class"]},
        files=_FILES,
        alternates=alternates("/ontology"),
    )


@blueprint.get("/ontology/<path:name>")
def file(name: str) -> Response:
    """A file that belongs to the ontology: the JSON-LD context, a frame, the alignments."""
    if name not in _FILES:
        abort(404, description="The ontology's files are " + ", ".join(_FILES))
    text = (assets.ontology_dir() / name).read_text(encoding="utf-8")
    jsonld = name.endswith(".jsonld")
    response = Response(text, content_type="application/ld+json" if jsonld else "text/turtle; charset=utf-8")
    if jsonld:  # a context is of use to pages of other hosts only if they may read it
        response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def entries(terms: Panel, ends: Panel, uses: Panel) -> dict[str, Entry]:
    """Gather what three panels say of each term that is explained here; other vocabularies' terms are only named."""
    found: dict[str, Entry] = {}
    for row in terms.rows:
        if row["label"] or row["definition"]:
            found.setdefault(row["term"], _entry(row))
        entry = found.get(row["term"])
        if entry is not None and row["parent"] and row["parent"] not in entry.parents:
            entry.parents.append(row["parent"])
    for row in ends.rows:
        entry = found.get(row["term"])
        if entry is not None:
            if row["end"] in ("domainIncludes", "rangeIncludes"):
                (entry.froms if row["end"] == "domainIncludes" else entry.tos).append(row["value"])
            else:
                entry.derived = True
    for row in uses.rows:
        if row["term"] in found:
            found[row["term"]].uses = int(row["uses"])
    return found


def _entry(row: Row) -> Entry:
    return Entry(row["term"], row["kind"].rsplit("#", 1)[-1], row["label"], row["definition"], row["example"])


def picture(found: dict[str, Entry]) -> tuple[Diagram, list[Entry]]:
    """Draw the classes and the properties between them; return what leads from too many classes to be drawn.

    A property that only follows from others, runs back where another runs forth, or is a narrower one of another
    that is drawn, is left out.
    """
    links: list[Link] = []
    everywhere: list[Entry] = []
    for entry in found.values():
        wider = any(parent in found and not found[parent].derived for parent in entry.parents)
        if entry.kind != "ObjectProperty" or entry.derived or wider:
            continue
        if len(entry.froms) >= _MANY:
            everywhere.append(entry)
            continue
        links += [Link(entry.iri, one, other) for one in entry.froms for other in entry.tos]
    joined = [end for link in links for end in (link.one, link.other)]
    classes = sorted(
        (entry.iri for entry in found.values() if entry.kind == "Class" and entry.iri in joined),
        key=lambda iri: (-joined.count(iri), iri),
    )
    return draw(classes, links), everywhere


@cache
def class_example(name: str) -> str:
    """Return the example of a class as Turtle without its prefixes; the empty text if there is none."""
    path = assets.ontology_dir() / "examples" / f"{name}.ttl"
    if not re.fullmatch(r"[A-Za-z]+", name) or not path.is_file():
        return ""
    lines = path.read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if not line.startswith("@")).strip()

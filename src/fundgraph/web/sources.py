"""The documents as they were read, line by line, and what is off in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from flask import Blueprint, Response, abort, redirect, render_template
from werkzeug.wrappers import Response as AnyResponse

from fundgraph.web.context import context
from fundgraph.web.languages import say
from fundgraph.web.panels import Panel, Row
from fundgraph.web.site import Site, the_site
from fundgraph.web.things import split_suffix, thing_response, wanted_format

blueprint = Blueprint("sources", __name__)

#: What the codes of findings mean, for the headings of the report.
CODES = {
    "name-variant": "A name is spelt in more than one way",
    "missing-in-list": "A person of the header is missing in the list",
    "missing-in-header": "A person of the list is missing in the header",
    "honorific-differs": "A title of a person differs from one place to another",
    "empty-abstract": "An abstract was left empty",
    "placeholder-abstract": "An abstract is only a placeholder",
    "missing-space": "Words run together",
    "latex-residue": "LaTeX commands were left in the text",
    "markup-residue": "Markup was left in the text",
    "read-in-pieces": "A large page, read in pieces",
    "not-checked": "Texts that were not checked",
    "repeated-text": "A text stands in more than one place",
    "image-caption": "The caption of a picture stands in the text",
    "page-furniture": "Text that belongs to the page and not to a project",
    "claim-differs": "A figure of the source differs from what we count",
    "claim-unverifiable": "A figure of the source cannot be checked",
    "unknown-role": "A role is not one that we know",
    "bad-identifier": "An identifier is not well-formed",
    "undecodable-bytes": "Bytes that are no text in this encoding",
    "mixed-encoding": "Lines in another encoding than the rest of the file",
    "homonym": "A name in two projects, and nothing says that it is one person",
    "disagreement": "Two documents disagree",
    "no-project": "A document without a project",
    "empty-list": "A list of people was left empty",
    "vacant-position": "A position that is open, or a name that was never added",
    "missing-abstract": "A project has no abstract where the others have one",
    "stray-hyphen": "A hyphen was left from a line break",
    "spelling": "A word is misspelt",
    "unread-name": "People are announced, and none was recognised",
    "unread-text": "Text that belongs to no project",
    "layout-ambiguous": "The document could be read in two ways",
    "ambiguous-date": "A date may have the day or the month first",
    "duplicate-key": "A key stands twice in one object",
    "column-count": "A row has more or fewer cells than the table",
    "unknown-file": "A person is named by a file that is not there",
}
_ORDER = {"error": 0, "violation": 0, "warning": 1, "info": 2}


@dataclass
class Piece:
    """A stretch of a line: plain, or a passage that leads to what was read from it."""

    text: str
    ids: list[str] = field(default_factory=list)
    href: str = ""
    off: bool = False


@dataclass
class Line:
    """A line of a source."""

    number: int
    pieces: list[Piece]
    said: list[str]


@dataclass
class _Passage:
    start: int
    end: int
    line: int
    line_end: int
    about: dict[str, str] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)


def source_text(row: Row) -> str | None:
    """Return the text of a document as the snapshot keeps it; offsets of passages count its characters."""
    kept = context().kg.path / "documents" / f"{row['document'].rsplit('/', 1)[-1]}.txt"
    return kept.read_bytes().decode("utf-8") if kept.is_file() else None


def passages_of(panel: Panel) -> list[_Passage]:
    """Gather a document's passages: what was read from each, and what is off there."""
    found: dict[tuple[int, int], _Passage] = {}
    for row in panel.rows:
        span = int(row["start"]), int(row["end"])
        passage = found.setdefault(span, _Passage(*span, int(row["line"]), int(row["lineEnd"])))
        if row["about"] and not row["about"].rsplit("/", 2)[-2:][0].startswith("finding"):
            passage.about.setdefault(row["about"], row["label"])
        if row["message"] and row["message"] not in passage.said:
            passage.said.append(row["message"])
    return list(found.values())


def lines_of(site: Site, text: str, passages: Iterable[_Passage]) -> list[Line]:
    """Split a text into lines, and the lines at their passages; where two overlap, the one that is off wins."""
    by_line: dict[int, list[_Passage]] = {}
    for passage in passages:
        by_line.setdefault(passage.line, []).append(passage)
    lines, start = [], 0
    for number, content in enumerate(text.split("\n"), start=1):
        lines.append(_line(site, number, start, content, by_line.get(number, [])))
        start += len(content) + 1
    return lines


def _line(site: Site, number: int, start: int, content: str, passages: list[_Passage]) -> Line:
    chosen: list[_Passage] = []
    end = start + len(content)
    for passage in sorted(passages, key=lambda one: (not one.said, -len(one.about), one.start, -one.end)):
        whole = passage.start < passage.end <= end and (passage.about or passage.said)
        if whole and all(passage.end <= one.start or one.end <= passage.start for one in chosen):
            chosen.append(passage)
    chosen.sort(key=lambda one: one.start)
    anchors = sorted((one for one in passages if one not in chosen), key=lambda one: one.start)
    pieces, at = [], start
    for passage in chosen:
        if at < passage.start:
            pieces.append(Piece(content[at - start : passage.start - start]))
        iri = next(iter(passage.about), "")
        pieces.append(
            Piece(
                content[passage.start - start : passage.end - start],
                [f"char={passage.start},{passage.end}"],
                site.path(iri) if iri else "",
                bool(passage.said),
            )
        )
        at = passage.end
    if at < end or not pieces:
        pieces.append(Piece(content[at - start :]))
    pieces[0].ids.extend(f"char={one.start},{one.end}" for one in anchors)
    return Line(number, pieces, [said for passage in passages for said in passage.said])


@blueprint.get("/documents")
@blueprint.get("/documents/")
def documents() -> str:
    """The documents that were read."""
    site = the_site()
    return render_template("documents.html", panel=site.panel("documents_list"))


@blueprint.get("/document/<name>")
def document_thing(name: str) -> AnyResponse:
    """The IRI of a document: its RDF, or on to its page."""
    site = the_site()
    slug, suffix = split_suffix(name)
    chosen = wanted_format(suffix)
    if chosen is None:
        return redirect(f"/documents/{slug}", 303)
    row = _listed(site, slug)
    return thing_response(site, row["document"], chosen)


def _listed(site: Site, name: str) -> Row:
    rows = site.panel("documents_list").rows
    row = next((row for row in rows if row["document"] == f"{site.base}document/{name}"), None)
    if row is None:
        abort(404, description=f"There is no document {name!r} in release {site.release}.")
    return row


@blueprint.get("/documents/<name>")
def document(name: str) -> AnyResponse:
    """A source with its lines numbered; each passage leads to what was read from it."""
    site = the_site()
    slug, suffix = split_suffix(name)
    if suffix is not None:
        return redirect(f"/document/{name}", 303)
    row = _listed(site, slug)
    panel = site.panel("document_passages", row["document"])
    passages = passages_of(panel)
    text = source_text(row)
    response = Response(
        render_template(
            "document.html",
            row=row,
            panel=panel,
            lines=None if text is None else lines_of(site, text, passages),
            passages=passages,
            coverage=context().kg.manifest.get("coverage", {}).get(slug),
            findings=sum(bool(passage.said) for passage in passages),
            alternates=[(f"/document/{slug}.ttl", "text/turtle", "Turtle")],
        ),
        mimetype="text/html",
    )
    response.headers["Link"] = f'</document/{slug}.ttl>; rel="alternate"; type="text/turtle"'
    return response


#: So many findings of a kind, and results of a report, stand on the page.
MOST = 200
_LEVELS = ("Violation", "Warning", "Info")
#: What one result of a shape differs from others in.
_ONE_RESULT = ("severity", "focus", "path", "value", "message", "shape")


@blueprint.get("/quality")
def quality() -> str:
    """What is off in the sources, what SHACL says of the data, and what the sources claim of themselves."""
    site = the_site()
    findings, shapes = site.panel("quality_findings"), site.panel("quality_shapes")
    groups: dict[str, dict[str, Row]] = {}
    for row in findings.rows:
        groups.setdefault(row["code"], {}).setdefault(row["finding"], row)
    counts: Counter[str] = Counter()
    for row in site.panel("quality_kinds").rows:
        counts[row["code"]] += int(row["count"])
    ordered = sorted(
        groups.items(),
        key=lambda item: (_ORDER.get(next(iter(item[1].values()))["severity"], 3), -counts[item[0]], item[0]),
    )
    # Two names of one thing make two rows of one result.
    results: dict[str, dict[tuple[str, ...], Row]] = {"false": {}, "true": {}}
    for row in sorted(shapes.rows, key=lambda row: _LEVELS.index(row["severity"].rsplit("#", 1)[-1])):
        results[row["after"]].setdefault(tuple(row[name] or "" for name in _ONE_RESULT), row)
    return render_template(
        "quality.html",
        findings=findings,
        groups=[
            (
                code,
                say(CODES.get(code, code.replace("-", " ").capitalize())),
                list(rows.values())[:MOST],
                counts[code],
            )
            for code, rows in ordered
        ],
        total=counts.total(),
        most=MOST,
        shapes=shapes,
        reports=[
            (say("Before inference"), site.manifest.get("validation", {}), list(results["false"].values())),
            (
                say("After inference"),
                site.manifest.get("validation_after_inference", {}),
                list(results["true"].values()),
            ),
        ],
        claims=site.panel("quality_claims"),
    )

"""Why a statement is there: its proof as a page, as JSON, or as RDF."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, render_template, request

from fundgraph import terms
from fundgraph.errors import ParameterError
from fundgraph.store.formats import FORMATS, FORMATS_OF
from fundgraph.web.context import context
from fundgraph.web.languages import language, say
from fundgraph.web.negotiate import choose_format, named_format, prefers_html
from fundgraph.web.proof_words import descriptions, rule_words, triple_words

if TYPE_CHECKING:  # imported when first needed: the closure's machinery would make every start slower
    from fundgraph.explanation import Explainer, Explanation, Source
    from fundgraph.reason.proof import Name

blueprint = Blueprint("why", __name__)
_JSON = "application/json"


@lru_cache(maxsize=2)
def _explainer(path: str, release: str) -> Explainer:
    """The explainer of a release; making one reads the whole dataset, so it is kept while the release is served."""
    from fundgraph.explanation import Explainer

    return Explainer.of(context().kg.snapshot)


@blueprint.get("/explain")
def explain() -> Response:
    """Explain the statement that ``s``, ``p`` and ``o`` name, each an IRI, a prefixed name or a quoted literal."""
    kg = context().kg
    form = _form()
    triple = (_term("s"), _term("p"), _term("o"))
    explainer = _explainer(str(kg.path), kg.release)
    own = language() if form == "html" else "en"
    explanation = explainer.explain(triple, ways="ways" in request.args, language=own)
    status = 200 if explanation.proof is not None else 404
    if form == "json":
        text = json.dumps(explanation.to_json(), ensure_ascii=False, indent=1)
        response = Response(text, status, content_type=_JSON)
    elif form == "html":
        page = render_template(
            "explain.html",
            explanation=explanation,
            tree=_tree(explanation),
            heading=triple_words(triple, explanation.labels),
            ways=_ways(explanation),
            ways_path=_path(ways="1"),
            missing=_missing(explanation),
            formats=_formats(),
            place=_place,
        )
        response = Response(page, status, content_type="text/html; charset=utf-8")
    else:
        data = explanation.to_rdf(form, kg.base, kg.prefixes)
        response = Response(data, status, content_type=FORMATS[form].content_type)
    response.headers["Fundgraph-Release"] = kg.release
    response.vary.add("Accept")
    return response


def _form() -> str:
    """Return what is asked for: ``json``, ``html``, or the name of a format of RDF; JSON for whoever does not say."""
    named = request.args.get("format")
    if named is not None:
        form = named if named in ("json", "html") else named_format("graph", named)
        if form is None:
            raise ParameterError(f"there is no format {named!r}", allowed=("html", "json", *FORMATS_OF["graph"]))
        return form
    accept = request.accept_mimetypes
    rdf = [FORMATS[name].media_types[0] for name in FORMATS_OF["graph"]]
    if prefers_html(accept, (_JSON, *rdf)):
        return "html"
    json_quality = accept.quality(_JSON) if accept else 1
    if json_quality > 0 and all(accept.quality(media) <= json_quality for media in rdf):
        return "json"
    chosen = choose_format("graph", accept)
    if chosen is None:
        abort(406, description="An explanation is offered as " + ", ".join(["text/html", _JSON, *rdf]))
    return chosen


def _formats() -> list[tuple[str, str]]:
    """Return the address of this explanation in other formats, and what each is called."""
    names = {"turtle": "Turtle", "jsonld": "JSON-LD", "ntriples": "N-Triples", "rdfxml": "RDF/XML", "json": "JSON"}
    return [(_path(format=form), name) for form, name in names.items()]


def _path(**given: str) -> str:
    """Return the address of this explanation, asked otherwise."""
    asked = {key: value for key, value in request.args.items() if key not in ("format", "lang")}
    return f"/explain?{urlencode(asked | given)}"


def _term(name: str) -> str:
    value = request.args.get(name, "")
    if not value:
        raise ParameterError(f"the parameter {name!r} is missing", hint="A statement is named by s, p and o")
    try:
        return terms.term(value, context().kg.prefixes)
    except ValueError as error:
        raise ParameterError(f"the parameter {name!r}: {error}") from error


def _place(source: Source) -> str:
    """Return where a source says something, in the reader's language."""
    return str(source).replace(", line ", f", {say('line')} ")


def _tree(explanation: Explanation) -> dict[str, object] | None:
    """Return the proof as nested steps for the page; the cells of lists are left to the JSON."""
    from fundgraph.reason.proof import FALSE, short
    from fundgraph.reason.rules import expand

    cells = (expand("rdf:first"), expand("rdf:rest"))
    labels = explanation.labels
    proof = explanation.proof
    if proof is None:
        return None
    unnamed = descriptions(proof.steps.values(), labels)
    made: dict[Name, dict[str, object]] = {}
    for triple in proof.ordered():
        step = proof.steps[triple]
        made[triple] = {
            "words": None if triple == FALSE else triple_words(triple, labels, unnamed),
            "rule": step.rule,
            "says": None if step.rule is None else rule_words(step.rule),
            "list": [labels.get(cell[2], short(cell[2])) for cell in step.premises if cell[1] == cells[0]],
            "sources": explanation.sources.get(triple, ()),
            "premises": [made[premise] for premise in step.premises if premise[1] not in cells],
        }
    return made[proof.conclusion]


def _ways(explanation: Explanation) -> list[dict[str, object]]:
    """Return all single steps that lead to the statement: rule, what it says, premises in words."""
    from fundgraph.reason.rules import expand

    cells = (expand("rdf:first"), expand("rdf:rest"))
    unnamed = descriptions(explanation.ways, explanation.labels)
    return [
        {
            "rule": way.rule,
            "says": rule_words(way.rule) if way.rule else "",
            "premises": [
                triple_words(premise, explanation.labels, unnamed)
                for premise in way.premises
                if premise[1] not in cells
            ],
        }
        for way in explanation.ways
    ]


def _missing(explanation: Explanation) -> list[dict[str, object]]:
    """Return what comes nearest to an absent statement: a rule, what of its premises is there, and what is not."""
    labels = explanation.labels
    return [
        {
            "rule": one.rule,
            "says": rule_words(one.rule),
            "there": [triple_words(triple, labels) for triple in one.there],
            "missing": triple_words(one.terms, labels) if one.terms else [("", one.missing)],
        }
        for one in explanation.missing
    ]

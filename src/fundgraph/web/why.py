"""Why a statement is there: its proof as a page, or as JSON."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING

from flask import Blueprint, Response, render_template, request

from fundgraph import terms
from fundgraph.errors import ParameterError
from fundgraph.web.context import context

if TYPE_CHECKING:  # imported when first needed: the closure's machinery would make every start slower
    from fundgraph.explanation import Explainer, Explanation
    from fundgraph.reason.proof import Name

blueprint = Blueprint("why", __name__)


@lru_cache(maxsize=2)
def _explainer(path: str, release: str) -> Explainer:
    """The explainer of a release; making one reads the whole dataset, so it is kept while the release is served."""
    from fundgraph.explanation import Explainer

    return Explainer.of(context().kg.snapshot)


@blueprint.get("/explain")
def explain() -> Response:
    """Explain the statement that ``s``, ``p`` and ``o`` name, each an IRI, a prefixed name or a quoted literal."""
    kg = context().kg
    from fundgraph.reason.proof import short

    triple = (_term("s"), _term("p"), _term("o"))
    explanation = _explainer(str(kg.path), kg.release).explain(triple, ways="ways" in request.args)
    status = 200 if explanation.proof is not None else 404
    best = request.accept_mimetypes.best_match(["text/html", "application/json"], default="application/json")
    if best == "application/json":
        text = json.dumps(explanation.to_json(), ensure_ascii=False, indent=1)
        response = Response(text, status, content_type="application/json")
    else:
        page = render_template("explain.html", explanation=explanation, tree=_tree(explanation), short=short)
        response = Response(page, status, content_type="text/html; charset=utf-8")
    response.headers["Fundgraph-Release"] = kg.release
    response.vary.add("Accept")
    return response


def _term(name: str) -> str:
    value = request.args.get(name, "")
    if not value:
        raise ParameterError(f"the parameter {name!r} is missing", hint="A statement is named by s, p and o")
    try:
        return terms.term(value, context().kg.prefixes)
    except ValueError as error:
        raise ParameterError(f"the parameter {name!r}: {error}") from error


def _tree(explanation: Explanation) -> dict[str, object] | None:
    """Return the proof as nested steps for the page; the cells of lists are left to the JSON."""
    from fundgraph.reason.proof import FALSE, short
    from fundgraph.reason.rules import RULE_BY_NAME, expand

    cells = (expand("rdf:first"), expand("rdf:rest"))
    labels = explanation.labels
    proof = explanation.proof
    if proof is None:
        return None
    made: dict[Name, dict[str, object]] = {}
    for triple in proof.ordered():
        step = proof.steps[triple]
        made[triple] = {
            "words": None
            if triple == FALSE
            else [(term, "that list" if term[0] == "_" else labels.get(term, short(term))) for term in triple],
            "rule": step.rule,
            "says": None if step.rule is None else RULE_BY_NAME[step.rule].says,
            "list": [labels.get(cell[2], short(cell[2])) for cell in step.premises if cell[1] == cells[0]],
            "sources": explanation.sources.get(triple, ()),
            "premises": [made[premise] for premise in step.premises if premise[1] not in cells],
        }
    return made[proof.conclusion]

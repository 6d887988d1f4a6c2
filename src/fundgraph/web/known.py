"""Things by what others call them: ``/orcid/…``, ``/ror/…`` and ``/gepris/…`` lead to our own things."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Response, jsonify, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from fundgraph.link.schemes import SCHEMES
from fundgraph.store.identities import Known
from fundgraph.web.context import context
from fundgraph.web.negotiate import prefers_html
from fundgraph.web.problems import problem
from fundgraph.web.site import the_site

blueprint = Blueprint("known", __name__)

#: The first part of a path: the schemes of identifiers that it may mean, and what such an identifier is called.
_PATHS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "orcid": (("orcid",), "ORCID iD"),
    "ror": (("ror",), "ROR id"),
    "gepris": (("gepris-project", "gepris-person", "gepris-institution"), "GEPRIS number"),
}
_LONGEST = 100


def _tidy(kind: str, given: str) -> str:
    """Return an identifier as it is written in full."""
    value = given.strip()
    if kind == "orcid":
        value = value.upper()
        if len(value) == 16 and value.isalnum():
            value = "-".join(value[at : at + 4] for at in range(0, 16, 4))
    return value.lower() if kind == "ror" else value


@blueprint.get("/<any(orcid, ror, gepris):kind>/<given>")
def known(kind: str, given: str) -> AnyResponse:
    """The thing that others know by this identifier: 303 to it.

    300 with a choice where there are several, or where it is not sure; 400 for a broken identifier; 404 for an unknown one.
    """
    schemes, name = _PATHS[kind]
    value = _tidy(kind, given[:_LONGEST])
    first = SCHEMES[schemes[0]]
    if not first.pattern.fullmatch(value):
        return problem(
            400,
            "identifier",
            f"Not an {name}" if name[0] == "O" else f"Not a {name}",
            f"{given[:_LONGEST]!r} is no {name}",
        )
    if first.holds is not None and not first.holds(value):
        return problem(
            400,
            "check-digit",
            "A check digit is wrong",
            f"the check digits of {value!r} do not fit: a digit is mistyped",
        )
    kg = context().kg
    kg.look()
    found = kg.identities.known_by(value, schemes)
    if not found:
        hint = f"Look for a name: /search?q=…, or for what is known elsewhere: {first.iri_of(value)}"
        return problem(
            404,
            "unknown-identifier",
            "Not known here",
            f"nothing in release {kg.release} has the {name} {value}",
            hint=hint,
        )
    if len({one.iri for one in found}) == 1 and any(one.confidence != "low" for one in found):
        response = redirect(the_site().path(found[0].iri), 303)
        assert isinstance(response, Response)
        return response
    return _choices(name, value, found)


def _choices(name: str, value: str, found: tuple[Known, ...]) -> Response:
    site = the_site()
    if prefers_html(request.accept_mimetypes, ("application/json",)):
        body = render_template("choices.html", name=name, value=value, found=found)
        response = Response(body, 300, content_type="text/html; charset=utf-8")
    else:
        choices = [
            {"iri": one.iri, "path": site.path(one.iri), "label": one.label, "scheme": one.scheme, "confidence": one.confidence or None}
            for one in found
        ]  # fmt: skip
        response = jsonify({"identifier": value, "choices": choices})
        response.status_code = 300
    response.vary.add("Accept")
    return response

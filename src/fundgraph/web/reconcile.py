"""The Reconciliation Service API 0.2: clients such as OpenRefine match the names in their tables with our things.

One address does nearly all: without parameters it describes the service, with ``queries`` it reconciles, with ``extend`` it gives
further columns. Boxes that complete what is typed, flyouts and previews have addresses below.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from typing import Any

from flask import Blueprint, Response, abort, g, redirect, render_template, request
from markupsafe import escape
from werkzeug.wrappers import Response as AnyResponse

from fundgraph import __version__
from fundgraph.reconcile.asking import read_batch, read_extension
from fundgraph.reconcile.extending import extended
from fundgraph.reconcile.properties import TYPES, Known, Type, properties_of, property_named, type_named
from fundgraph.reconcile.service import FEATURES, Reconciler, types_of
from fundgraph.store.identities import Named
from fundgraph.terms import FG
from fundgraph.web.context import cache_control, context, public_root
from fundgraph.web.languages import language, say_of
from fundgraph.web.protocol import FORM, BadRequest, body_text, check_body, read_pairs

blueprint = Blueprint("reconcile", __name__, url_prefix="/reconcile")

METHODS = ("GET", "HEAD", "POST", "OPTIONS")
_CALLBACK = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*")
_LONGEST_CALLBACK = 100
_LONGEST_PREFIX = 200
_SUGGESTED, _MOST_SUGGESTED = 10, 50
_FURTHEST = 1000
_SHOWN = 4
WIDTH, HEIGHT = 420, 180
STYLE = (
    "body{font:14px/1.4 system-ui,sans-serif;margin:.6em .8em;color:#1b1f23;background:#fff}"
    "h1{font-size:1.1em;margin:0 0 .2em}p{margin:.2em 0}dl{margin:.3em 0 0}dt{float:left;clear:left;margin-right:.5em;color:#57606a}"
    "dd{margin:0}"
)
#: Other sites frame a preview; within it nothing runs, and nothing is loaded.
PREVIEW_POLICY = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors *; style-src 'sha256-"
    + base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    + "'"
)


def _answer(data: Any) -> Response:
    """Return plain data as JSON; as a script if a callback is named, which old clients do instead of CORS."""
    callback = _one("callback")
    text = json.dumps(data, ensure_ascii=bool(callback), separators=(",", ":"))
    if callback:
        if request.method not in ("GET", "HEAD"):
            raise BadRequest(400, "callback", "No such callback", "a callback is for GET alone")
        response = Response(f"/**/{callback}({text});", content_type="application/javascript; charset=utf-8")
    else:
        response = Response(text, content_type="application/json")
    response.headers["Cache-Control"] = cache_control()
    response.headers["Fundgraph-Release"] = context().kg.release
    response.headers["Content-Language"] = language()
    response.vary.update(("Accept-Language", "Cookie"))
    return response


def _said(text: str) -> str:
    """Return the name of a type or a property, or what is told of it, in the language of the request."""
    return say_of("reconciliation", text)


def _parameters() -> list[tuple[str, str]]:
    """Return the parameters of the address and of the form, read once for a request."""
    if "reconcile_parameters" not in g:
        g.reconcile_parameters = _read_parameters()
    found: list[tuple[str, str]] = g.reconcile_parameters
    return found


def _read_parameters() -> list[tuple[str, str]]:
    found = [(key, value) for key, value in request.args.items(multi=True)]
    if request.method == "POST":
        check_body(request.mimetype, (FORM,), "what is to be reconciled")
        data = request.get_data(cache=True)
        body_text(data, "form")
        found += read_pairs(data)
    return found


def _one(name: str) -> str:
    """Return a parameter that may be given once."""
    values = tuple(dict.fromkeys(value for key, value in _parameters() if key == name and value))
    if len(values) > 1:
        raise BadRequest(400, "parameter", "Repeated parameter", f"{name!r} is given {len(values)} values")
    if not values:
        return ""
    if name == "callback" and (len(values[0]) > _LONGEST_CALLBACK or not _CALLBACK.fullmatch(values[0])):
        raise BadRequest(
            400, "callback", "No such callback", "a callback is a name of letters, digits, _ and dots"
        )
    return values[0]


def _number(name: str, usual: int, most: int) -> int:
    text = _one(name)
    if not text:
        return usual
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise BadRequest(400, "parameter", "A parameter is wrong", f"{name!r} is a whole number")
    return min(int(text), most)


@blueprint.route("", methods=METHODS, provide_automatic_options=False)
@blueprint.route("/", methods=METHODS, provide_automatic_options=False)
def reconcile() -> Response:
    """Reconcile a batch of queries, extend data, or describe the service.

    The Reconciliation Service API 0.2: ``queries`` and ``extend`` hold JSON, in the address or in a form.
    """
    if request.method == "OPTIONS":
        return _preflight()
    _one("callback")
    queries, extension = _one("queries"), _one("extend")
    if queries and extension:
        raise BadRequest(400, "parameter", "Two requests at once", "either 'queries' or 'extend'")
    kg, seconds = context().kg, context().settings.timeout
    kg.look()
    if queries:
        return _answer(Reconciler(kg, _said).answer(read_batch(queries), seconds))
    if extension:
        asked, reconciler = read_extension(extension), Reconciler(kg)
        return _answer(extended(kg, asked, {one: reconciler.iri_of(one) for one in asked.ids}, _said))
    return _answer(manifest())


def _preflight() -> Response:
    response = Response(status=204)
    response.headers["Allow"] = response.headers["Access-Control-Allow-Methods"] = ", ".join(METHODS)
    response.headers["Access-Control-Allow-Headers"] = "Accept, Content-Type"
    response.headers["Access-Control-Max-Age"] = "86400"
    return response


def manifest() -> dict[str, Any]:
    """Describe the service."""
    kg, here = context().kg, f"{public_root()}/reconcile"
    name = kg.manifest.get("programme", {}).get("name") or kg.base

    def suggest(what: str) -> dict[str, str]:
        return {
            "service_url": here, "service_path": f"/suggest/{what}", "flyout_service_url": here,
            "flyout_service_path": f"/flyout/{what}?id=${{id}}",
        }  # fmt: skip

    return {
        "versions": ["0.1", "0.2"],
        "name": f"{name}: the knowledge graph",
        "identifierSpace": kg.base,
        "schemaSpace": FG,
        "documentation": f"{public_root()}/openapi.json",
        "serviceVersion": __version__,
        "defaultTypes": [_type(one) for one in TYPES.values() if not one.broader],
        "view": {"url": f"{here}/view?id={{{{id}}}}"},
        "feature_view": {"url": f"{here}/feature?id={{{{id}}}}"},
        "preview": {"url": f"{here}/preview?id={{{{id}}}}", "width": WIDTH, "height": HEIGHT},
        "suggest": {what: suggest(what) for what in ("entity", "type", "property")},
        "extend": {
            "propose_properties": {"service_url": here, "service_path": "/properties"},
            "property_settings": [
                {
                    "name": "limit", "label": "Limit", "type": "number", "default": 0,
                    "help_text": "The most values of a row; 0 for all",
                }
            ],
        },
    }  # fmt: skip


def _type(one: Type, *, with_broader: bool = False) -> dict[str, Any]:
    told: dict[str, Any] = {"id": one.id, "name": _said(one.name)}
    if with_broader:
        told |= {"description": _said(one.description)}
        if one.broader:
            told |= {"broader": [{"id": one.broader, "name": _said(TYPES[one.broader].name)}]}
    return told


# --- what is typed, completed


def _typed() -> str:
    prefix = next((value for key, value in request.args.items(multi=True) if key == "prefix"), "")
    if len(prefix) > _LONGEST_PREFIX:
        raise BadRequest(
            400, "parameter", "A parameter is wrong", f"'prefix' has at most {_LONGEST_PREFIX} characters"
        )
    return prefix.strip()


def _begins(prefix: str, *texts: str) -> bool:
    wanted = prefix.casefold()
    return any(text.casefold().startswith(wanted) or f" {wanted}" in text.casefold() for text in texts)


@blueprint.get("/suggest/entity")
def suggest_entity() -> Response:
    """Complete the name of a thing: ``prefix`` is what was typed, ``cursor`` how many to leave out."""
    kg, prefix = context().kg, _typed()
    kg.look()
    limit, cursor = _number("limit", _SUGGESTED, _MOST_SUGGESTED), _number("cursor", 0, _FURTHEST)
    wanted = type_named(_one("type")) if _one("type") else None
    reconciler, result = Reconciler(kg), []
    found = kg.index.search(prefix, wanted.kind if wanted else "", limit + 20, cursor).found if prefix else ()
    numbers = reconciler.identities.numbers([one.iri for one in found if one.kind != "documents"])
    things = reconciler.identities.named(numbers.values())
    for one in found:
        named = things.get(numbers.get(one.iri, -1))
        if named is None or (wanted and FG + wanted.id not in named.classes):
            continue
        told = {"id": one.iri.removeprefix(kg.base), "name": one.label, "notable": types_of(named, _said)}
        result.append(told | {"description": reconciler.description(numbers[one.iri], named.kind)})
    return _answer({"result": result[:limit]})


@blueprint.get("/suggest/type")
def suggest_type() -> Response:
    """Complete the name of a type."""
    prefix = _typed()
    return _answer(
        {
            "result": [
                _type(one, with_broader=True)
                for one in TYPES.values()
                if _begins(prefix, one.id, one.name, _said(one.name))
            ]
        }
    )


def _property_name(one: Known) -> str:
    return _said("Identifier: {}").format(one.scheme) if one.scheme else _said(one.name)


def _property_words(one: Known) -> str:
    """Return what a property is; if nothing is told of it, the types of things that have it."""
    return _said(one.description) or ", ".join(_said(TYPES[name].name) for name in one.types)


@blueprint.get("/suggest/property")
def suggest_property() -> Response:
    """Complete the name of a property."""
    prefix = _typed()
    found = properties_of(context().kg.identities.schemes)
    return _answer(
        {
            "result": [
                {"id": one.id, "name": _property_name(one), "description": _property_words(one)}
                for one in found
                if _begins(prefix, one.id, one.name, _property_name(one))
            ]
        }
    )


@blueprint.get("/properties")
def properties() -> Response:
    """Propose properties with which a table of things of a ``type`` may be extended."""
    given, limit = _one("type"), _number("limit", 100, 100)
    wanted = type_named(given) if given else None
    found = properties_of(context().kg.identities.schemes, wanted) if wanted or not given else []
    told: dict[str, Any] = {"limit": limit, "properties": [
        {"id": one.id, "name": _property_name(one), "description": _said(one.description)} for one in found[:limit]
    ]}  # fmt: skip
    return _answer(({"type": given} if given else {}) | told)


# --- things shown


def _thing(id_: str) -> tuple[Reconciler, int, Named]:
    """Return a thing and its number, with the release that they are of."""
    reconciler = Reconciler(context().kg)
    iri = reconciler.iri_of(id_)
    numbers = reconciler.identities.numbers([iri]) if iri else {}
    if not numbers:
        abort(404, description=f"There is no thing {id_[:200]!r} here.")
    return reconciler, numbers[iri], reconciler.identities.named(numbers.values())[numbers[iri]]


@blueprint.get("/view")
def view() -> AnyResponse:
    """The page of a thing, by its ``id``."""
    reconciler, _, named = _thing(_one("id"))
    return redirect("/" + named.iri.removeprefix(reconciler.base), 303)


@blueprint.get("/preview")
def preview() -> Response:
    """A small page about a thing, to be framed by other sites."""
    reconciler, number, named = _thing(_one("id"))
    known = reconciler.identities.identifiers_of([named.iri]).get(named.iri, ())
    others = [form.text for form in named.forms if form.text != named.label]
    body = render_template(
        "preview.html", named=named, style=STYLE, types=types_of(named, _said), others=list(dict.fromkeys(others))[:_SHOWN],
        description=reconciler.description(number, named.kind), page=f"{public_root()}/{named.iri.removeprefix(reconciler.base)}",
        known=[one for one in known if one.confidence != "low"][:_SHOWN],
    )  # fmt: skip
    return Response(
        body, content_type="text/html; charset=utf-8", headers={"Content-Security-Policy": PREVIEW_POLICY}
    )


@blueprint.get("/flyout/entity")
def flyout_entity() -> Response:
    """What a suggested thing is, as a piece of HTML in JSON."""
    reconciler, number, named = _thing(_one("id"))
    words = [", ".join(one["name"] for one in types_of(named, _said)), reconciler.description(number, named.kind)]
    return _flyout(_one("id"), named.label, " · ".join(word for word in words if word))


@blueprint.get("/flyout/type")
def flyout_type() -> Response:
    """What a suggested type is."""
    found = type_named(_one("id"))
    if found is None:
        abort(404, description=f"There is no type {_one('id')[:200]!r}.")
    return _flyout(_one("id"), _said(found.name), _said(found.description))


@blueprint.get("/flyout/property")
def flyout_property() -> Response:
    """What a suggested property is."""
    found = property_named(_one("id"), context().kg.identities.schemes)
    if found is None:
        abort(404, description=f"There is no property {_one('id')[:200]!r}.")
    return _flyout(_one("id"), _property_name(found), _property_words(found))


@blueprint.get("/feature")
def feature() -> Response:
    """What a feature of a score says, by its ``id``."""
    name = _one("id")
    said = FEATURES.get(name)
    if said is None and name.startswith("property:"):
        said = "How like the best value of this property is to the one asked for, from 0 to 1."
    if said is None:
        abort(404, description=f"There is no feature {name[:200]!r}. There are {', '.join(FEATURES)}.")
    return Response(f"{name}: {said}\n", content_type="text/plain; charset=utf-8")


def _flyout(id_: str, name: str, words: str) -> Response:
    return _answer({"id": id_, "html": f"<p><strong>{escape(name)}</strong></p><p>{escape(words)}</p>"})

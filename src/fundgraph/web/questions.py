"""Canned queries on the web: the catalogue, a form with its answer, and the answer in every format."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import Blueprint, Response, g, jsonify, render_template, request

from fundgraph.errors import RemoteServiceError, UnacceptableFormatError
from fundgraph.questions import Parameter, Question, to_turtle
from fundgraph.results import Table, Term
from fundgraph.store.engine import QueryRequest
from fundgraph.store.federation import sent_out
from fundgraph.store.formats import FORMATS, FORMATS_OF, KIND_OF, Format
from fundgraph.terms import FG, KINDS, reference
from fundgraph.web import citing, languages, limits, paging
from fundgraph.web.context import context, mount, public_root, site_root
from fundgraph.web.languages import DEFAULT, language, say
from fundgraph.web.problems import problem
from fundgraph.web.protocol import BadRequest
from fundgraph.web.question_tables import heading, show
from fundgraph.web.site import the_site
from fundgraph.web.sparql import answer as answer_query
from fundgraph.web.staticform import STATIC_SUFFIXES, static_form

if TYPE_CHECKING:
    from fundgraph.kg import KnowledgeGraph

blueprint = Blueprint("questions", __name__, template_folder="templates")

Given = Mapping[str, list[str]]

_INPUTS = {"xsd:integer": "number", "xsd:date": "date"}
#: More choices than this are no list but a box that suggests while one types.
MOST_CHOICES = 400
_INSTANCES = f"""PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX fg: <{FG}>

SELECT ?thing (MIN(STR(?name)) AS ?label) (COUNT(DISTINCT ?counted) AS ?number)
WHERE {{{{
  ?thing a <{{kind}}> ; rdfs:label ?name .
  OPTIONAL {{{{ {{counted}} }}}}
}}}}
GROUP BY ?thing
ORDER BY ?label ?thing
LIMIT {MOST_CHOICES + 1}
"""
#: What the number beside a choice counts: the projects of a person, the people of a project.
_COUNTED = {
    "fg:Person": "?counted fg:hasParticipant ?thing", "fg:Project": "?thing fg:hasParticipant ?counted",
    "fg:Topic": "?counted fg:hasTopic ?thing", "fg:FundingPhase": "?counted fg:inPhase ?thing",
    "fg:Organisation": "?counted fg:affiliatedWith ?thing", "fg:Publication": "?counted fg:cites ?thing",
}  # fmt: skip
#: The kinds of things that the search can suggest.
_SUGGESTED = {
    "fg:Person": "person", "fg:Project": "project", "fg:Topic": "topic", "fg:Organisation": "organisation",
    "fg:Publication": "publication",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Field:
    """A blank of the form: what stands in it, and what may."""

    parameter: Parameter
    value: str
    choices: tuple[tuple[str, str], ...] | None
    suggest: str = ""
    """The kind of things that the search suggests, where there are too many for a list."""

    @property
    def input(self) -> str:
        """The type of the input element."""
        return _INPUTS.get(self.parameter.type, "text")

    @property
    def is_strange(self) -> bool:
        """Whether what stands in it is none of the choices."""
        return bool(self.value) and self.value not in {value for value, _ in self.choices or ()}


def _kg() -> KnowledgeGraph:
    return context().kg


def _given() -> dict[str, list[str]]:
    """Return the question's parameters; a field of the form that was left empty counts as not given."""
    several = ((name, [value for value in values if value]) for name, values in request.args.lists())
    return {
        name: values
        for name, values in several
        if values and name not in limits.NAMES and name != languages.COOKIE
    }


@blueprint.get("/queries")
def catalogue() -> Response | str:
    """All questions as sentences, by subject; JSON or Turtle by Accept."""
    best = request.accept_mimetypes.best_match(("text/html", "application/json", "text/turtle"), "text/html")
    if best != "text/html":
        return catalogue_json() if best == "application/json" else catalogue_turtle()
    groups: dict[str, list[Question]] = {}
    for question in the_site().said_questions:
        groups.setdefault(question.tags[0], []).append(question)
    return render_template(
        "queries.html",
        groups=sorted(groups.items(), key=lambda group: (-len(group[1]), group[0])),
        number=len(_kg().questions),
        has=the_site().has,
    )


@blueprint.get("/queries.json")
def catalogue_json() -> Response:
    """All questions with their parameters and where their answers are."""
    kg = _kg()
    return jsonify(
        {
            "release": kg.release,
            "questions": [
                question.to_jsonable()
                | {
                    "url": f"{public_root()}/queries/{question.id}",
                    "formats": {
                        name: f"{public_root()}/queries/{question.id}.{name}"
                        for name in _suffixes(question)
                        if not context().static or name in STATIC_SUFFIXES
                    },
                }
                for question in kg.questions.values()
            ],
        }
    )


@blueprint.get("/queries.ttl")
def catalogue_turtle() -> Response:
    """All questions as ``sh:SPARQLExecutable``."""
    kg = _kg()
    text = to_turtle(kg.questions, kg.base, None if context().static else f"{public_root()}/sparql")
    return Response(text, content_type=FORMATS["turtle"].content_type)


def _suffixes(question: Question) -> list[str]:
    return [FORMATS[name].suffix for name in FORMATS_OF[KIND_OF[question.form.lower()]]] + ["rq"]


@blueprint.get("/queries/<name>")
def question_page(name: str) -> Response:
    """A question with its form and answer, or with a suffix (or by Accept) the answer alone."""
    kg = _kg()
    question_id, dot, suffix = name.partition(".")
    question = kg.question(question_id)
    given = _given()
    text = question.bind(given, kg.base, prefixes=kg.prefixes)
    offers = {FORMATS[form].suffix: FORMATS[form] for form in FORMATS_OF[KIND_OF[question.form.lower()]]}
    if dot and suffix == "rq":
        whole = question.bind(given, kg.base, prefixes=kg.prefixes, header=True)
        return Response(whole, content_type="application/sparql-query; charset=utf-8")
    if dot:
        if suffix not in offers:
            detail = f"{question_id} has no format {suffix!r}"
            return problem(404, "unknown-format", "No such format", detail, allowed=_suffixes(question))
        return _result(text, offers[suffix], question, given)
    media = {kind: form for form in offers.values() for kind in form.media_types}
    best = request.accept_mimetypes.best_match(["text/html", *media]) if request.accept_mimetypes else "text/html"
    if best is None:
        raise UnacceptableFormatError(
            "there is no answer in a format that is asked for", allowed=["text/html", *media]
        )
    return _result(text, media[best], question, given) if best in media else _page(kg, question, given, text)


def _check_citation(text: str) -> None:
    """Refuse to answer where the address names another release, or another query, than would be answered."""
    kg = _kg()
    cited, number = request.args.get("release", kg.release), request.args.get("hash", "")
    if cited != kg.release:
        why = "and its path another one" if mount() else "which is not kept here"
        detail = f"the address names release {cited[:100]}, {why}; this is {kg.release}: leave out 'release' for its answer"
        raise BadRequest(409, "release", "Another release", detail, (kg.release,))
    if number and number != citing.query_hash(text):
        raise BadRequest(
            409, "query", "Another query", "the question was changed since: leave out 'hash' for its answer"
        )


def _result(text: str, form: Format, question: Question, given: Given) -> Response:
    _check_citation(text)
    asked = limits.asked(request.args.get)
    page = paging.asked(question.form)
    query = QueryRequest(page.of(text), **asked, fall_back=bool(question.services))
    response = answer_query(query, (form.name,), job=request.args.get("job"))
    if response.status_code == 200:
        response.headers["Content-Disposition"] = f'inline; filename="{question.id}.{form.suffix}"'
        for relation, address in page.links(_kg(), text):
            response.headers.add("Link", f'<{address}>; rel="{relation}"')
        if _kg().strangers(question, given):
            others = response.headers.get("Fundgraph-Warnings")
            response.headers["Fundgraph-Warnings"] = f"{others}, unknown-thing" if others else "unknown-thing"
            g.pop("asked", None)  # what is repeated without us would lack it
        if form.name == "csv" and paging.wants_mark():
            response = paging.marked(response)
    return response


def _page(kg: KnowledgeGraph, question: Question, given: Given, text: str) -> Response:
    site, question = the_site(), question.said(language())
    refused = tuple(service for service in question.services if service not in _allowed())
    page = paging.asked(question.form)
    query = QueryRequest(page.of(text), **limits.asked(request.args.get), fall_back=bool(question.services))
    table, failed = _asked(kg, question, query, refused)
    beside = {} if refused or failed else dict(page.links(kg, text))
    asked = urlencode([(name, value) for name, values in given.items() for value in values])
    address = f"/queries/{question.id}"
    tail = f"?{asked}" if asked else ""
    number = citing.query_hash(text)
    marks = urlencode({"release": kg.release, "hash": number})
    permanent = f"{site_root()}{address}{tail}{'&' if tail else '?'}{marks}"
    if site.static:  # files may lie anywhere; the question is called the same everywhere
        permanent = f"{kg.base}query/{question.id}"
    cited = request.args.get("release", "")
    downloads = [
        (suffix, "SPARQL" if suffix == "rq" else suffix.upper(), f"{address}.{suffix}{tail}")
        for suffix in _suffixes(question)
        if not site.static or suffix in STATIC_SUFFIXES
    ]
    if question.form == "SELECT" and not site.static:
        downloads.append(("csv", say("CSV for a spreadsheet"), f"{address}.csv{tail}{'&' if tail else '?'}bom=1"))
    spec = static_form(question, kg.base, kg.prefixes) if site.static and question.form == "SELECT" else None
    if spec is not None and language() != DEFAULT:
        spec["headings"] = {name: heading(name) for name in table.columns}
    html = render_template(
        "query.html",
        question=question,
        spec=spec,
        fields={field.parameter.name: field for field in _fields(kg, question, given)},
        shown=show(question, table, site),
        completeness=_whole(table.completeness)
        if page.is_whole or table.completeness != "complete"
        else say("a part"),
        first=page.offset + 1,
        beside=beside,
        strangers=() if table.rows else kg.strangers(question, given),
        release=kg.release,
        text=text,
        downloads=downloads,
        programs=citing.programs(public_root(), address, tail),
        permanent=permanent,
        bibtex=citing.bibtex(question, site.programme, kg.release, permanent),
        cited=cited if cited != kg.release else "",
        changed=request.args.get("hash", number) != number,
        refused=refused,
        failed=failed,
        services=table.services,
        sent=_sent(text, table) if question.services else (),
    )
    response = Response(html, 502 if failed else 200)
    response.headers["Fundgraph-Release"] = kg.release
    for relation, address in beside.items():
        response.headers.add("Link", f'<{address}>; rel="{relation}"')
    if question.services:
        response.headers["Cache-Control"] = "no-store"
    if not refused and not failed:
        response.headers["Fundgraph-Completeness"] = table.completeness
    return response


def _asked(
    kg: KnowledgeGraph, question: Question, query: QueryRequest, refused: Sequence[str]
) -> tuple[Table, str]:
    """Return the answer, or an empty table and why another service did not answer."""
    nothing = Table(tuple(dict.fromkeys(name for pair in question.labels.items() for name in pair)), ())
    if refused:
        return nothing, ""
    try:
        return kg.select(query), ""
    except RemoteServiceError as error:
        return nothing, f"{error.where}: {error.what}"


def _sent(text: str, table: Table) -> tuple[tuple[str, str], ...]:
    """Return what leaves the machine for each service: as it was sent, or else as it would be."""
    sent = tuple((str(one["service"]), str(one["query"])) for one in table.services if one.get("query"))
    return sent or sent_out(text)


def _whole(completeness: str) -> str:
    """Return in words whether an answer is whole: ``truncated; rows=5`` holds the first five rows only."""
    state, _, limit = completeness.partition("; ")
    if state == "complete":
        return say("complete")
    name, _, most = limit.partition("=")
    return say("not whole: cut at {} {}").format(most, say(name))


@blueprint.after_request
def _validators(response: Response) -> Response:
    """Let caches ask whether a page changed."""
    if response.status_code == 200 and "ETag" not in response.headers and not response.direct_passthrough:
        response.vary.add("Accept")
        response.add_etag()
        response.make_conditional(request)
    return response


def _allowed() -> set[str]:
    """Return the services that the operator allows a query to call."""
    return {item.partition("|")[0] for item in context().settings.services.split()}


def _fields(kg: KnowledgeGraph, question: Question, given: Given) -> Iterator[Field]:
    for parameter in question.params:
        value = given.get(parameter.name, [parameter.default or ""])[0]
        if parameter.is_thing and value:
            value = _slug(kg, parameter, value)
        choices = _choices(kg, parameter)
        if choices is not None and len(choices) > MOST_CHOICES and parameter.options == "instances":
            yield Field(parameter, value, None, _SUGGESTED.get(parameter.type, ""))
        else:
            yield Field(parameter, value, choices)


def _slug(kg: KnowledgeGraph, parameter: Parameter, value: str) -> str:
    """Return the shortest name of a thing that the parameter takes, so that it can be found among the choices."""
    below = f"{kg.base}{KINDS[parameter.type]}/"
    return reference(value, below, kg.prefixes).removeprefix(below)


def _choices(kg: KnowledgeGraph, parameter: Parameter) -> tuple[tuple[str, str], ...] | None:
    """Return the values that a form offers, each with its label."""
    options = parameter.options
    if options is None:
        return None
    if isinstance(options, tuple):
        return tuple((option, option) for option in options)
    if options == "instances":
        counted = _COUNTED.get(parameter.type, "?thing fg:nothing ?counted")
        text = _INSTANCES.format(kind=FG + parameter.type.removeprefix("fg:"), counted=counted)
    else:
        text = kg.question(options).bind({}, kg.base)
    return tuple(
        (
            _slug(kg, parameter, value.value) if parameter.is_thing else value.value,
            (row[1] or value).value + _number(parameter, row[2:]),
        )
        for row in kg.select(text).rows
        if (value := row[0]) is not None
    )


def _number(parameter: Parameter, rest: Sequence[Term | None]) -> str:
    """Return what stands after a choice: how much there is of it."""
    counts = parameter.options == "instances" and parameter.type in _COUNTED
    return f" ({rest[0].value})" if counts and rest and rest[0] is not None else ""

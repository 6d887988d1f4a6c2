"""Links to other sources: what there is for everybody to see, and the desk where holders of a token decide.

The desk works without scripts. Whoever shows the token gets a session of this process; decisions are sent by forms that hold a
word of that session, and are written to the mapping sets by :class:`fundgraph.link.review.Desk`.
"""

from __future__ import annotations

import datetime
import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Flask, Response, abort, redirect, render_template, request, session
from werkzeug.wrappers import Response as AnyResponse

from fundgraph.errors import FundgraphError, UsageError
from fundgraph.reconcile.asking import Extension
from fundgraph.reconcile.extending import extended
from fundgraph.terms import FG
from fundgraph.web import access
from fundgraph.web.context import context
from fundgraph.web.evidence import Evidence
from fundgraph.web.languages import say_of
from fundgraph.web.paging import whole
from fundgraph.web.protocol import BadRequest
from fundgraph.web.site import Site, the_site

if TYPE_CHECKING:
    from fundgraph.link.mapping import Link
    from fundgraph.link.review import Case, Desk

blueprint = Blueprint("links", __name__, url_prefix="/links")

#: The states of links, in the order in which they are counted.
STATES = ("stated", "accepted", "suggested", "unsure", "rejected", "absent")
#: So many rows of a set stand on a page.
ROWS = 200
_HOURS = 8
_LONGEST_NAME, _LONGEST_COMMENT = 100, 1000
_FILTERS = ("set", "band", "kind", "second", "at")
#: What is told of a thing of ours, by the list that it is in.
_FACTS: Mapping[str, tuple[str, ...]] = {
    "Person": ("altLabel", "affiliatedWith", "participatesIn", "worksWith", "worksOn", "homepage"),
    "Project": ("code", "acronym", "inPhase", "principalInvestigator", "hasParticipant", "hasTopic"),
    "Organisation": ("altLabel", "homepage", "people"),
    "Topic": ("altLabel", "definition", "hasBroaderTopic", "hasNarrowerTopic"),
    "Publication": ("author", "year", "citedBy"),
}
_MOST_VALUES = 12


@dataclass(frozen=True, slots=True)
class Filters:
    """Which links are looked at, and how many cases are passed over."""

    set: str
    band: str
    kind: str
    second: bool
    at: int

    @classmethod
    def of(cls, given: Mapping[str, str]) -> Filters:
        """Read the parameters of an address or of a form."""
        at = given.get("at", "")
        return cls(
            given.get("set", ""),
            given.get("band", ""),
            given.get("kind", ""),
            given.get("second", "") == "1",
            int(at) if at.isascii() and at.isdigit() and len(at) < 7 else 0,
        )

    def address(self, at: int | None = None) -> str:
        """Return the address of the page with these filters."""
        given = {"set": self.set, "band": self.band, "kind": self.kind, "second": "1" if self.second else ""}
        given["at"] = str(self.at if at is None else at)
        found = urlencode({name: value for name, value in given.items() if value and value != "0"})
        return f"/links/review?{found}" if found else "/links/review"


def install(app: Flask, public_url: str) -> None:
    """Let an application keep sessions of reviewers: signed by a key of this process, sent by its own pages alone."""
    app.secret_key = secrets.token_bytes(32)
    app.config.update(
        SESSION_COOKIE_NAME="fundgraph_review", SESSION_COOKIE_PATH="/links", SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict", SESSION_COOKIE_SECURE=public_url.startswith("https://"),
        PERMANENT_SESSION_LIFETIME=datetime.timedelta(hours=_HOURS), SESSION_REFRESH_EACH_REQUEST=False,
    )  # fmt: skip


# --- for everybody


@blueprint.get("")
def links() -> str:
    """The sets of links to other sources, by state; with ``set`` the rows of one, from the row ``offset`` on."""
    site = the_site()
    counted = site.panel("links_sets")
    sets: dict[str, dict[str, Any]] = {}
    for row in counted.rows:
        one = sets.setdefault(row["set"], {**row, "name": row["set"].rpartition("/")[2], "states": {}})
        one["states"][row["state"]] = int(row["count"])
    wanted = request.args.get("set", "")
    chosen = next((one for one in sets.values() if one["name"] == wanted), None)
    if wanted and chosen is None:
        abort(404, description=f"There is no set of links {wanted[:100]!r} in release {site.release}.")
    offset = (whole("offset", 0, 10**7) or 0) // ROWS * ROWS
    total = 0 if chosen is None else sum(chosen["states"].values())
    offset = min(offset, max(total - 1, 0) // ROWS * ROWS)
    return render_template(
        "links.html", sets=list(sets.values()), states=STATES, counted=counted, coverage=site.panel("links_coverage"),
        chosen=chosen, rows=None if chosen is None else site.panel("links_rows", chosen["set"], ROWS, offset),
        total=total, offset=offset, before=max(offset - ROWS, 0), after=offset + ROWS,
    )  # fmt: skip


# --- for reviewers


def _reviewer() -> str:
    """Return who reviews in this session; empty if nobody does."""
    name = session.get("reviewer", "")
    return name if isinstance(name, str) else ""


def _check_form() -> None:
    """Refuse a form that was not made for this session, or that another site sends."""
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        raise BadRequest(403, "origin", "Another origin", "decisions are taken from the pages of this site only")
    given, ours = request.form.get("word", ""), session.get("word", "")
    if not _reviewer() or not ours or not hmac.compare_digest(given.encode(), str(ours).encode()):
        raise BadRequest(403, "session", "Not in this session", "the form is not of this session: enter again")


def _needs_token() -> None:
    if not access.hashes(context().settings.token_hash):
        raise BadRequest(403, "review", "No review", "links are reviewed with a token, and none is configured")


def _desk() -> Desk:
    from fundgraph.linking import desk_of  # brings the build's libraries along, which only reviewers need

    return desk_of(context().settings)


def _bare(response: AnyResponse) -> AnyResponse:
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/review")
def review() -> AnyResponse:
    """What waits for a decision, one thing of ours at a time, with all its candidates; with a session alone."""
    _needs_token()
    if not _reviewer():
        return _bare(Response(render_template("review_enter.html", wrong=False), mimetype="text/html"))
    return _bare(Response(_page(Filters.of(request.args)), mimetype="text/html"))


@blueprint.post("/review/enter")
def enter() -> AnyResponse:
    """Begin a session: ``token``, and the ``name`` under which decisions are written down."""
    _needs_token()
    name = " ".join(request.form.get("name", "").replace("|", " ").split())[:_LONGEST_NAME]
    origin = request.headers.get("Origin")
    foreign = origin is not None and urlsplit(origin).netloc != request.host
    if foreign or not name or not access.is_known(request.form.get("token", "").strip()):
        page = render_template("review_enter.html", wrong=True)
        return _bare(Response(page, 403, mimetype="text/html"))
    session.clear()
    session.permanent = True
    session["reviewer"], session["word"] = name, secrets.token_urlsafe(24)
    return _bare(redirect("/links/review", 303))


@blueprint.post("/review/leave")
def leave() -> AnyResponse:
    """End the session."""
    _check_form()
    session.clear()
    return _bare(redirect("/links", 303))


@blueprint.post("/review")
def decide() -> AnyResponse:
    """Write down a decision: ``verdict`` on ``subject`` and ``object`` of a ``set``, with a ``comment``.

    A verdict is accept, reject, unsure, or accept-only: the other candidates that wait are rejected in the same step.
    """
    _check_form()
    form = request.form
    comment = form.get("comment", "")
    if len(comment) > _LONGEST_COMMENT:
        raise UsageError(f"a comment has at most {_LONGEST_COMMENT} characters")
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    verdict = form.get("verdict", "")
    _desk().decide(
        form.get("name", ""), (form.get("subject", ""), form.get("object", "")), verdict.removesuffix("-only"), _reviewer(),
        today, comment, seen=form.get("seen", ""), others=verdict.endswith("-only"),
    )  # fmt: skip
    session["said"] = "accept, and the others rejected" if verdict.endswith("-only") else verdict
    return _bare(redirect(Filters.of(form).address(), 303))


@blueprint.post("/review/undo")
def undo() -> AnyResponse:
    """Take back the last decision of this reviewer."""
    _check_form()
    taken = _desk().undo(_reviewer())
    session["said"] = "undone" if taken is not None else "nothing"
    return _bare(redirect(Filters.of(request.form).address(), 303))


def _page(filters: Filters) -> str:
    site, desk = the_site(), _desk()
    if filters.kind and filters.kind not in _FACTS:
        raise UsageError(f"there is no kind {filters.kind!r}", allowed=tuple(_FACTS))
    waiting = desk.waiting(
        name=filters.set or None, band=filters.band or None, kind=FG + filters.kind if filters.kind else None,
        reviewer=_reviewer() if filters.second else None,
    )  # fmt: skip
    from fundgraph.link.matching import BANDS

    at = min(filters.at, max(len(waiting) - 1, 0))
    case = waiting[at] if waiting else None
    mine = [one for one in desk.decisions() if one.reviewer == _reviewer()]
    return render_template(
        "review.html", filters=filters, at=at, count=len(waiting), case=case, kinds=tuple(_FACTS), bands=BANDS,
        sets=desk.names(), reviewer=_reviewer(), word=session["word"], said=session.pop("said", ""),
        facts=[] if case is None else _facts(site, case), namesakes=[] if case is None else _features(case.links),
        evidence=None if case is None else Evidence(site, case.subject), last=mine[-1] if mine else None, fg=FG,
    )  # fmt: skip


def _facts(site: Site, case: Case) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return what we say of a thing: names of properties, each with values and where they are shown."""
    kind = case.links[0].subject_category.removeprefix(FG)
    thing = case.subject.removeprefix(site.base)
    asked = Extension((thing,), tuple((one, _MOST_VALUES) for one in _FACTS.get(kind, ())))
    try:
        data = extended(site.kg, asked, {thing: case.subject})
    except FundgraphError:  # a thing of another dataset, or none: the row is shown all the same
        return []
    found = []
    for told in data["meta"]:
        cells = data["rows"][thing][told["id"]]
        values = [
            (cell["name"], site.path(site.base + cell["id"])) if "id" in cell else (str(*cell.values()), "")
            for cell in cells
        ]
        if values:
            found.append((say_of("reconciliation", str(told["name"])), values))
    return found


def _features(candidates: Sequence[Link]) -> list[tuple[str, list[float | None]]]:
    """Return each feature that any candidate has, with its value for each of them."""
    names = dict.fromkeys(name for link in candidates for name in link.features)
    return [(name, [link.features.get(name) for link in candidates]) for name in names]

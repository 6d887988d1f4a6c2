"""Earlier states of what stands at an address, as RFC 7089 (Memento) has them: a time gate, and lists of states.

Each address whose answer depends on the release is its own time gate: a request with ``Accept-Datetime`` is sent on
to the same address below the release that was in view at that time. ``/timemap/…`` lists the states that are kept.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from email.utils import parsedate_to_datetime
from urllib.parse import quote

from flask import Blueprint, Response, redirect, request
from werkzeug.http import http_date
from werkzeug.wrappers import Response as AnyResponse

from fundgraph.errors import NoSnapshotError
from fundgraph.store.snapshot import Snapshot
from fundgraph.store.sorted_file import SortedFile
from fundgraph.terms import KINDS
from fundgraph.web.context import cache_control, context, site_root
from fundgraph.web.problems import problem
from fundgraph.web.shelf import Kept, kept

blueprint = Blueprint("memento", __name__)

ACCEPT = "Accept-Datetime"
#: The first parts of the paths that an old release has.
PARTS = frozenset((
    "", "release", "projects", "people", "topics", "phases", "organisations", "publications", "network", "documents",
    "quality", "search", "queries", "queries.json", "queries.ttl", "sparql", "editor", "downloads", "void", "void.ttl",
    "void.jsonld", "void.nt", "void.rdf", "describe", "explain", "programme", "project", "person", "topic", "phase",
    "organisation", "publication", "participation", "assignment", "identifier", "claim", "finding", "reading",
    "activity", "link", "report", "query", "graph", "document", "CITATION.cff", "citation.bib", "dataset.jsonld", "linkset",
    *(f"{name}.{suffix}" for name in ("programme", "topics") for suffix in ("ttl", "jsonld", "nt", "rdf")),
))  # fmt: skip
#: Those whose answers depend on the release and on nothing else.
_STATES = PARTS - {"", "editor", "release"}
_LINK_FORMAT = "application/link-format"
#: The first parts of paths of things: what comes after the base of their IRIs.
_THINGS = frozenset(
    (*KINDS.values(), "participation", "assignment", "identifier", "claim", "finding", "reading", "link")
)
_SUFFIXES = (".ttl", ".jsonld", ".nt", ".rdf")
_SAFE = "/-._~#=,:@!$&'()*+;"


def made(snapshot: Snapshot) -> datetime.datetime:
    """Return when a release was made, to the second."""
    found = datetime.datetime.fromisoformat(str(snapshot.manifest["created"]))
    return found.replace(microsecond=0, tzinfo=found.tzinfo or datetime.UTC)


def negotiate(all_kept: Kept) -> Response | None:
    """Answer a request with ``Accept-Datetime`` by where the state of that time is; ``None`` for other requests."""
    wanted = request.headers.get(ACCEPT)
    if wanted is None or not has_states(request.path):
        return None
    if request.method not in ("GET", "HEAD"):
        return problem(400, "datetime", "Only GET and HEAD have states",
                       f"send it to /releases/{{id}}{request.path} instead: {ACCEPT} is for GET and HEAD")  # fmt: skip
    return gate(all_kept, _here(), wanted)


def gate(all_kept: Kept, path: str, wanted: str | None) -> Response:
    """Send a client on to the state of a path at a time; 400 if that is no time, 404 if there never was one."""
    when = None
    if wanted is not None:
        try:
            when = parsedate_to_datetime(wanted)
            when = when.replace(tzinfo=when.tzinfo or datetime.UTC)
        except ValueError:
            return problem(400, "datetime", "Not a time", f"{ACCEPT} is written as Date is, not {wanted[:100]!r}")
    states = states_of(all_kept, path)
    if not states:
        return problem(404, "http-404", "Not Found", f"no release that is kept has {path[:200]}")
    chosen = _at(states, when)
    response = redirect(_address(chosen, path), 302)
    assert isinstance(response, Response)
    response.vary.add(ACCEPT)
    response.headers["Link"] = _links(path, states, chosen)
    response.headers["Cache-Control"] = cache_control()
    return response


@blueprint.get("/timegate/<path:path>")
def timegate(path: str) -> AnyResponse:
    """The state of an address at the time that ``Accept-Datetime`` says, or now: 302 to it."""
    return gate(kept(), _given(path), request.headers.get(ACCEPT))


@blueprint.get("/timemap/<path:path>")
def timemap(path: str) -> Response:
    """The states of an address that are kept, as links (RFC 6690)."""
    original = _given(path)
    states = states_of(kept(), original)
    if not states:
        return problem(404, "http-404", "Not Found", f"no release that is kept has {original[:200]}")
    dates = [http_date(made(one)) for one in states]
    itself = f'<{site_root()}/timemap{original}>; rel="self"; type="{_LINK_FORMAT}"'
    lines = [
        f'<{site_root()}{original}>; rel="original timegate"',
        f'{itself}; from="{dates[0]}"; until="{dates[-1]}"',
        *_mementos(original, states),
    ]
    response = Response(",\n".join(lines) + "\n", content_type=_LINK_FORMAT)
    response.headers["Cache-Control"] = cache_control()
    return response


def label(response: Response, snapshot: Snapshot, all_kept: Kept) -> None:
    """Say of an answer from a release of when it is, and where its other states are."""
    if has_states(request.path):
        response.headers["Memento-Datetime"] = http_date(made(snapshot))
        response.headers.add("Link", _links(_here(), all_kept.all(), snapshot))


def original_links() -> str:
    """Return the links of an address that is the original of states: to itself as a time gate, and to their list."""
    path = _here()
    return (
        f'<{site_root()}{path}>; rel="original timegate", '
        f'<{site_root()}/timemap{path}>; rel="timemap"; type="{_LINK_FORMAT}"'
    )


def states_of(all_kept: Kept, path: str) -> list[Snapshot]:
    """Return the releases that have something at a path, oldest first; of a thing, those that say anything of it."""
    name = path.partition("?")[0]
    if not has_states(name):
        return []
    local = name.lstrip("/")
    for suffix in _SUFFIXES:
        local = local.removesuffix(suffix)
    if local.partition("/")[0] not in _THINGS or "/" not in local:
        return all_kept.all()
    return [one for one in all_kept.all() if _says(one, local)]


def _says(snapshot: Snapshot, local: str) -> bool:
    try:
        with SortedFile(snapshot.path / "dataset.nq") as dataset:
            return dataset.holds(snapshot.base + quote(local, safe=_SAFE + "%"))
    except NoSnapshotError:
        return False


def has_states(path: str) -> bool:
    """Tell whether what stands at a path depends on the release."""
    first = path.strip("/").split("/")[0]
    return first in _STATES


def _at(states: Sequence[Snapshot], when: datetime.datetime | None) -> Snapshot:
    """Return the release that was in view at a time: the last one made until then; the first, if that is later."""
    current = next((one for one in states if one.release == context().kg.release), states[-1])
    if when is None or when >= _switched():
        return current
    return next((one for one in reversed(states) if made(one) <= when), states[0])


def _switched() -> datetime.datetime:
    """Return when the release in view came into view, which may be long after it was made."""
    link = context().settings.build_dir / "current"
    try:
        seconds = link.lstat().st_mtime
    except OSError:
        return datetime.datetime.now(datetime.UTC)
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC)


def _address(snapshot: Snapshot, path: str) -> str:
    return f"{site_root()}/releases/{snapshot.release}{path}"


def _links(path: str, states: Sequence[Snapshot], chosen: Snapshot) -> str:
    """Return the links from one state to the original, and to the first, the last and the neighbouring states."""
    at = next((number for number, one in enumerate(states) if one.release == chosen.release), None)
    near = set() if at is None else {0, len(states) - 1, at - 1, at, at + 1}
    links = [
        f'<{site_root()}{path}>; rel="original timegate"',
        f'<{site_root()}/timemap{path}>; rel="timemap"; type="{_LINK_FORMAT}"',
    ]
    if at is not None:
        links += [link for number, link in enumerate(_mementos(path, states, at)) if number in near]
    return ", ".join(links)


def _mementos(path: str, states: Sequence[Snapshot], at: int | None = None) -> Iterator[str]:
    """Yield a link to each state; ``at`` is the one that the links stand on."""
    for number, one in enumerate(states):
        relations = ["first"] * (number == 0) + ["last"] * (number == len(states) - 1)
        if at is not None:
            relations += ["prev"] * (number == at - 1) + ["next"] * (number == at + 1)
        relations.append("memento")
        yield f'<{_address(one, path)}>; rel="{" ".join(relations)}"; datetime="{http_date(made(one))}"'


def _given(path: str) -> str:
    """Return the path, with its query, that stands after ``/timemap/``; the whole address may be given too."""
    root = site_root()
    for start in (f"{root}/", root.replace("://", ":/", 1) + "/"):
        path = path.removeprefix(start)
    return f"/{quote(path, safe=_SAFE)}{_query()}"


def _here() -> str:
    return quote(request.path, safe=_SAFE) + _query()


def _query() -> str:
    query = quote(request.query_string, safe=f"{_SAFE}?%")
    return f"?{query}" if query else ""

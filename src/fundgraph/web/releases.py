"""The releases that are kept: the list, a page for each, what changed between two, the feed, how to cite one."""

from __future__ import annotations

import contextlib
import json
import os
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, jsonify, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from fundgraph import __version__, citation
from fundgraph.difference import Difference, compare
from fundgraph.errors import UsageError
from fundgraph.store.keeping import pinned, removed, the_release
from fundgraph.store.snapshot import Snapshot, read_snapshot
from fundgraph.store.sorted_file import SortedFile, rdf_patch
from fundgraph.web.context import context, mount, of_release, site_root
from fundgraph.web.downloads import DUMPS
from fundgraph.web.feed import Entry, Feed, atom
from fundgraph.web.languages import language, say
from fundgraph.web.negotiate import offers, prefers_html
from fundgraph.web.problems import problem
from fundgraph.web.shelf import kept
from fundgraph.web.site import the_site

blueprint = Blueprint("releases", __name__)

#: What was told of two releases is kept here, in the build folder.
_KEPT_IN = ".differences"
#: So many releases stand in the feed, and on the list with what changed.
MOST_TOLD = 20
_HTML, _JSON, _PATCH = "text/html", "application/json", "application/rdf-patch"


@blueprint.get("/releases")
def releases() -> Response | str:
    """The releases that are kept, each with what changed, as a page or as JSON."""
    found = list(reversed(kept().all()))
    if context().static:  # a folder is of one release
        found = [one for one in found if one.release == context().kg.release]
    best = request.accept_mimetypes.best_match((_HTML, _JSON), _HTML)
    if best == _JSON or request.args.get("format") == "json":
        return _listed(found)
    folder = context().settings.build_dir
    told = [
        {"snapshot": one, "before": before, "sentences": difference_of(before, one).sentences(language()) if before else []}
        for one, before in zip(found[:MOST_TOLD], [*found[1:], None], strict=False)
    ]  # fmt: skip
    response = Response(
        render_template(
            "releases.html",
            told=told,
            others=found[MOST_TOLD:],
            pinned=set(pinned(folder)),
            removed=list(removed(folder).values())[::-1],
            rule=context().settings.keep_releases,
            all=found,
        ),
        content_type="text/html; charset=utf-8",
    )
    response.vary.add("Accept")
    return response


def _listed(found: list[Snapshot]) -> Response:
    folder, current = context().settings.build_dir, context().kg.release
    fixed = set(pinned(folder))
    rows = [
        {
            "release": one.release, "created": one.manifest["created"], "hash": one.manifest.get("hash"),
            "quads": one.manifest.get("quads"), "current": one.release == current, "pinned": one.release in fixed,
            "url": f"{site_root()}/releases/{one.release}/",
        }
        for one in found
    ]  # fmt: skip
    response = jsonify({"releases": rows, "removed": list(removed(folder).values())})
    response.vary.add("Accept")
    return response


@blueprint.get("/releases.json")
def releases_json() -> Response:
    """The releases that are kept, and those that were removed."""
    return _listed(list(reversed(kept().all())))


@blueprint.get("/releases.atom")
def feed() -> Response:
    """What each release changed, as a feed: Atom."""
    found = list(reversed(kept().all()))[:MOST_TOLD]
    entries = []
    for one, before in zip(found, [*found[1:], None], strict=True):
        cited = cited_of(one)
        entries.append(
            Entry(
                cited.iri,
                f"{say('Release')} {one.release}",
                str(one.manifest["created"]),
                cited.address,
                f"{site_root()}/releases/{before.release}...{one.release}" if before else "",
                tuple(difference_of(before, one).sentences(language())) if before else (),
            )
        )
    site = the_site()
    text = atom(
        Feed(
            f"{site.base}releases",
            f"{site.programme}: {say('Releases')}",
            site.programme,
            language(),
            f"{site_root()}/releases.atom",
            f"{site_root()}/releases",
            str(site.manifest.get("programme", {}).get("licence") or ""),
        ),
        entries,
        f"fundgraph {__version__}",
    )
    response = Response(text, content_type="application/atom+xml; charset=utf-8")
    response.vary.update(("Accept-Language", "Cookie"))
    return of_release(response)


@blueprint.get("/releases/diff")
def diff() -> AnyResponse:
    """Lead to what changed between two releases, ``from`` and ``to``: for the form on the list."""
    names = (request.args.get("from", "previous"), request.args.get("to", "current"))
    folder = context().settings.build_dir
    old, new = (the_release(folder, name).release for name in names)
    return redirect(f"/releases/{old}...{new}", 303)


@blueprint.get("/releases/<old>...<new>")
def difference(old: str, new: str) -> Response:
    """What changed between two releases: in words, and as an RDF Patch.

    ``format`` is ``json`` or ``patch``, or the Accept header says it.
    """
    folder = context().settings.build_dir
    try:
        before, after = (the_release(folder, name) for name in (old, new))
    except UsageError as error:
        return problem(404, "unknown-release", "No such release", error.what, allowed=list(error.allowed))
    form = request.args.get("format") or {_JSON: "json", _PATCH: "patch"}.get(
        request.accept_mimetypes.best_match((_HTML, _JSON, _PATCH), _HTML)
    )
    if form == "patch":
        return _patch(before, after)
    found = difference_of(before, after)
    if form == "json":
        return of_release(jsonify(found.to_jsonable()))
    lines, more = _first_lines(before, after)
    page = render_template(
        "difference.html",
        difference=found,
        before=before,
        after=after,
        sentences=list(zip(found.sentences(language()), found.changes, strict=True)),
        lines=lines,
        more=more,
    )
    response = Response(page, content_type="text/html; charset=utf-8")
    response.vary.add("Accept")
    return of_release(response)


_MOST_LINES = 200


def _first_lines(before: Snapshot, after: Snapshot) -> tuple[list[str], bool]:
    """Return the first lines of a patch, and whether there are more."""
    found: list[str] = []
    with SortedFile(before.path / "dataset.nq") as was, SortedFile(after.path / "dataset.nq") as now:
        for line in rdf_patch(was, now, after.base, (before.release, after.release)):
            found.append(line.decode().rstrip("\n"))
            if len(found) > _MOST_LINES:
                return found, True
    return found, False


def _patch(before: Snapshot, after: Snapshot) -> Response:
    def lines() -> Any:
        with SortedFile(before.path / "dataset.nq") as was, SortedFile(after.path / "dataset.nq") as now:
            yield from rdf_patch(was, now, after.base, (before.release, after.release))

    name = f"{before.release}...{after.release}.rdfp"
    return Response(
        lines(), content_type=_PATCH, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def difference_of(before: Snapshot, after: Snapshot) -> Difference:
    """Return what changed from one release to another; it never changes, and is told once."""
    return _told(str(context().settings.build_dir), str(before.path), str(after.path))


@lru_cache(maxsize=64)
def _told(build_dir: str, before: str, after: str) -> Difference:
    old, new = read_snapshot(Path(before)), read_snapshot(Path(after))
    hashes = f"{old.manifest.get('hash', '')}"[:16], f"{new.manifest.get('hash', '')}"[:16]
    path = Path(build_dir) / _KEPT_IN / f"{old.release}-{hashes[0]}...{new.release}-{hashes[1]}.json"
    with contextlib.suppress(OSError, ValueError, KeyError):
        return Difference.from_jsonable(json.loads(path.read_text(encoding="utf-8")))
    found = compare(old, new)
    with contextlib.suppress(OSError):  # a folder that cannot be written to keeps nothing
        path.parent.mkdir(exist_ok=True)
        aside = path.with_name(f".{path.name}-{os.getpid()}")
        aside.write_text(json.dumps(found.to_jsonable(), ensure_ascii=False), encoding="utf-8")
        aside.replace(path)
    return found


@blueprint.get("/release")
def release() -> AnyResponse:
    """The page of the release that is asked: what it is, what changed, how to take it along and cite it."""
    site, here = the_site(), context().kg.snapshot
    if not mount():
        return redirect(f"/releases/{here.release}/", 302)
    before, after = _neighbours(here)
    cited = cited_of(here)
    page = render_template(
        "release.html",
        snapshot=here,
        before=before,
        after=after,
        sentences=difference_of(before, here).sentences(language()) if before else None,
        dumps=DUMPS,
        cited=cited,
        cff=citation.cff(cited),
        bibtex=citation.bibtex(cited),
        dataset=schema_of(here),
        is_pinned=here.release in pinned(context().settings.build_dir),
        questions=len(site.kg.questions),
    )
    return of_release(Response(page, content_type="text/html; charset=utf-8"))


@blueprint.get("/release/<name>")
def release_iri(name: str) -> AnyResponse:
    """What the IRI of a release leads to: its page."""
    return redirect(f"/releases/{quote(name)}/", 303)


@blueprint.get("/dataset")
def dataset_iri() -> AnyResponse:
    """What the IRI of the dataset leads to: the start of the site, or for machines the description."""
    response = redirect("/" if prefers_html(request.accept_mimetypes, offers("graph")) else "/void", 303)
    response.vary.add("Accept")
    return response


def _neighbours(snapshot: Snapshot) -> tuple[Snapshot | None, Snapshot | None]:
    """Return the releases before and after one."""
    found = kept().all()
    at = next((number for number, one in enumerate(found) if one.release == snapshot.release), None)
    if at is None:
        return None, None
    return (found[at - 1] if at else None), (found[at + 1] if at + 1 < len(found) else None)


def cited_of(snapshot: Snapshot) -> citation.Cited:
    """Return a release as something to be cited."""
    return citation.Cited(snapshot.manifest, f"{site_root()}/releases/{snapshot.release}/")


def schema_of(snapshot: Snapshot) -> dict[str, Any]:
    """Return a release as a ``schema:Dataset``."""
    root = f"{site_root()}/releases/{snapshot.release}"
    dumps = [
        citation.Dump(
            f"{root}/downloads/dataset.{suffix}",
            media_type,
            name,
            str(snapshot.manifest.get("hash", "")) if suffix == "nq" else "",
        )
        for suffix, (_, media_type, name, _) in DUMPS.items()
    ]
    return citation.schema_dataset(cited_of(snapshot), dumps)


@blueprint.get("/CITATION.cff")
def citation_cff() -> Response:
    """How to cite the release that is asked: CITATION.cff."""
    text = citation.cff(cited_of(context().kg.snapshot))
    return of_release(Response(text, content_type="application/yaml; charset=utf-8"))


@blueprint.get("/citation.bib")
def citation_bib() -> Response:
    """How to cite the release that is asked: BibTeX."""
    text = citation.bibtex(cited_of(context().kg.snapshot))
    return of_release(Response(text, content_type="application/x-bibtex; charset=utf-8"))


@blueprint.get("/dataset.jsonld")
def dataset_jsonld() -> Response:
    """The release that is asked as a ``schema:Dataset``: version, licence, checksum, dumps."""
    text = json.dumps(schema_of(context().kg.snapshot), ensure_ascii=False, indent=1) + "\n"
    return of_release(Response(text, content_type="application/ld+json"))

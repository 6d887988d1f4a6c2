"""The whole graph to take along, in every format."""

from __future__ import annotations

import hashlib
import io
import re
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, abort, current_app, render_template, send_file

from fundgraph.export.archive import SUMS, sum_line
from fundgraph.export.identifying import Release
from fundgraph.export.schemaorg import CONTEXT, dataset
from fundgraph.exporting import FORMATS, Exporter, Format
from fundgraph.store.snapshot import Snapshot
from fundgraph.web.site import Site, the_site

blueprint = Blueprint("downloads", __name__)

#: The dumps that descriptions of the dataset name, by suffix: word for it, media type, name, what it holds.
DUMPS: Mapping[str, tuple[str, str, str, str]] = {
    one.file.removeprefix("dataset."): (one.name, one.media_type, one.title, one.says)
    for one in FORMATS.values()
    if one.is_rdf
}
_BY_FILE = {one.file: one for one in FORMATS.values()}
#: A dataset of more statements is not written while somebody waits: then there is what lies in ``dumps/``.
MOST_QUADS = 300_000
_MOST_BYTES = 64 << 20
_KEY = "fundgraph.downloads"
_LINE = re.compile(r"([0-9a-f]{64})  (.+)")
_SUFFIX = ".sha256"


@dataclass(frozen=True, slots=True)
class Offer:
    """A file that is offered; size in bytes and SHA-256 sum where they are known."""

    format: Format
    size: int | None
    sha256: str | None


class Made:
    """The files of one release that were made here, up to so many bytes; one is made at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._release = ""
        self._kept: OrderedDict[str, bytes] = OrderedDict()

    def get(self, site: Site, known: Format) -> bytes:
        """Return the bytes of a file."""
        with self._lock:
            if self._release != site.release:
                self._release = site.release
                self._kept.clear()
            if known.file not in self._kept:
                exporter = Exporter(Snapshot(site.kg.path, dict(site.manifest)))
                self._kept[known.file] = b"".join(exporter.chunks(known.name))
            self._kept.move_to_end(known.file)
            data = self._kept[known.file]
            while sum(map(len, self._kept.values())) > _MOST_BYTES and self._kept:
                self._kept.popitem(last=False)
            return data

    def known(self, release: str, file: str) -> bytes | None:
        """Return the bytes of a file if it was made."""
        with self._lock:
            return self._kept.get(file) if self._release == release else None


def _made() -> Made:
    made: Made = current_app.extensions.setdefault(_KEY, Made())
    return made


def _sums(site: Site) -> dict[str, str]:
    """Return the sums of the files in ``dumps/``, by name."""
    path = site.kg.path / "dumps" / SUMS
    if not path.is_file():
        return {}
    lines = path.read_text(encoding="utf-8").splitlines()
    return {match[2]: match[1] for line in lines if (match := _LINE.fullmatch(line))}


def _offers(site: Site) -> list[Offer]:
    """Return what can be had of the release in view."""
    lying = _sums(site)
    is_small = int(site.manifest.get("quads", 0)) <= MOST_QUADS
    found = []
    for one in FORMATS.values():
        path = site.kg.path / "dumps" / one.file
        if one.name == "nquads":
            size = (site.kg.path / one.file).stat().st_size
            found.append(Offer(one, size, str(site.manifest.get("hash")) or None))
        elif one.file in lying and path.is_file():
            found.append(Offer(one, path.stat().st_size, lying[one.file]))
        elif is_small:
            data = _made().known(site.release, one.file)
            sha256 = None if data is None else hashlib.sha256(data).hexdigest()
            found.append(Offer(one, None if data is None else len(data), sha256))
    return found


#: A folder of files has these: the others say the same once more, and any RDF tool makes them of these.
STATIC_DUMPS = {suffix: dump for suffix, dump in DUMPS.items() if suffix in ("nq", "ttl", "jsonld")}


@blueprint.get("/downloads")
def downloads() -> str:
    """What can be taken along."""
    site = the_site()
    offers = _offers(site) if (site.kg.path / "dataset.nq").is_file() else []
    if site.static:
        offers = [one for one in offers if one.format.file.removeprefix("dataset.") in STATIC_DUMPS]
    return render_template("downloads.html", offers=offers, structured=_structured(site, offers))


def _structured(site: Site, offers: list[Offer]) -> dict[str, Any]:
    """Return the dataset as schema.org has it, with its files."""
    files = []
    for offer in offers:
        file = {
            "url": f"{site.root}/downloads/{offer.format.file}", "type": offer.format.media_type, "name": offer.format.title,
        }  # fmt: skip
        file |= {"sha256": offer.sha256} if offer.sha256 else {}
        files.append(file | ({} if offer.size is None else {"size": f"{offer.size} B"}))
    return {"@context": CONTEXT, **dataset(Release(site.manifest), files, f"{site.root}/downloads")}


@blueprint.get("/downloads/<name>")
def download(name: str) -> Response:
    """The whole dataset in one format, or the SHA-256 sum of such a file."""
    site = the_site()
    file = name.removesuffix(_SUFFIX)
    known = _BY_FILE.get(file)
    if known is None:
        abort(404, description="The dataset is offered as " + ", ".join(_BY_FILE))
    path, lying = _lying(site, known)
    if path is None:
        data = _data(site, known)
        lying = hashlib.sha256(data).hexdigest()
    if name != file:
        line = sum_line(_name(site, file), lying)
        return Response(line, content_type="text/plain; charset=utf-8")
    return send_file(
        io.BytesIO(data) if path is None else path.resolve(),
        mimetype=known.media_type,
        as_attachment=True,
        download_name=_name(site, file),
        etag=lying[:32],
    )


def _lying(site: Site, known: Format) -> tuple[Path | None, str]:
    """Return where a file lies ready, and its sum; no path if it does not."""
    if known.name == "nquads":
        path, sha256 = site.kg.path / "dataset.nq", str(site.manifest.get("hash", ""))
    else:
        path, sha256 = site.kg.path / "dumps" / known.file, _sums(site).get(known.file, "")
    return (path, sha256) if path.is_file() and sha256 else (None, "")


def _name(site: Site, file: str) -> str:
    """Return what a file is called once it left this place: it says of which release it is."""
    return f"fundgraph-{site.release}{file.removeprefix('dataset') if file.startswith('dataset.') else f'-{file}'}"


def _data(site: Site, known: Format) -> bytes:
    """Return a file that is made now, or was before."""
    if not (site.kg.path / "dataset.nq").is_file():
        abort(404, description=f"The files of release {site.release} are no longer here.")
    if int(site.manifest.get("quads", 0)) > MOST_QUADS:
        abort(
            404,
            description=f"{known.file} is not at hand; whoever runs this site can make it: fundgraph export --dumps",
        )
    return _made().get(site, known)

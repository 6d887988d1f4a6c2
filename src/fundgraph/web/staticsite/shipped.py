"""What lies in the folder besides pages: the dumps, the scripts and styles, the engine, what the scripts read, the sums."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import shutil
import zlib
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib import resources
from pathlib import Path
from typing import IO, Any

from fundgraph import assets
from fundgraph.exporting import Exporter
from fundgraph.kg import KnowledgeGraph
from fundgraph.settings import Settings
from fundgraph.store.evaluate import convert
from fundgraph.store.lookup import LABELS
from fundgraph.terms import FG
from fundgraph.web.downloads import STATIC_DUMPS
from fundgraph.web.languages import tables
from fundgraph.web.panels import panel_text
from fundgraph.web.staticsite.addresses import FILES, PAGE_KINDS, Addresses
from fundgraph.web.staticsite.beside import shared
from fundgraph.web.staticsite.disk import files_in
from fundgraph.web.thing_data import RDF_FORMATS

SUMS = "SHA256SUMS"
#: The dump that the engine of the browser loads.
LOADED = "downloads/dataset.nq.gz"
#: The words of texts are searched too while there are no more bytes of them than this; of larger sites only names.
MOST_TEXT = 2_000_000
_LEVEL = 9
#: So many bytes are packed at once, and the sums of so many files are taken in one go.
_PIECE = 1 << 17
_AT_ONCE = 128
_KINDS = {
    "projects": "project", "people": "person", "topics": "topic", "organisations": "organisation",
    "publications": "publication", "phases": "phase", "documents": "document",
}  # fmt: skip


class _Packed:
    """A file that packs what is written into it with gzip; the same bytes whenever it is written."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("wb")
        packer = gzip.GzipFile("", "wb", _LEVEL, self._file, mtime=0)
        self._packer = io.BufferedWriter(packer, _PIECE)  # line by line takes twice as long

    def __enter__(self) -> IO[bytes]:
        return self._packer

    def __exit__(self, *_: object) -> None:
        self._packer.close()
        self._file.close()


def dumps(kg: KnowledgeGraph, folder: Path) -> list[Callable[[], None]]:
    """Return tasks that write the whole dataset, one for each format that the site offers, packed with gzip."""
    (folder / "downloads").mkdir(exist_ok=True)
    return [
        partial(_write_dump, kg, word, folder / "downloads" / f"dataset.{suffix}.gz")
        for suffix, (word, _, _, _) in STATIC_DUMPS.items()
    ]


def _write_dump(kg: KnowledgeGraph, word: str, path: Path) -> None:
    with _Packed(path) as output:
        output.writelines(Exporter(kg.snapshot).chunks(word))


def write_ontology(kg: KnowledgeGraph, folder: Path) -> None:
    """Write the ontology as RDF, its blank nodes called as in the dataset: a store in memory calls them anew each time."""
    lines = b"".join(Exporter(kg.snapshot, graphs=[FG.rstrip("#")]).chunks("ntriples"))
    for suffix in FILES:
        (folder / f"ontology.{suffix}").write_bytes(convert(lines, RDF_FORMATS[suffix][1], kg.prefixes))


def write_assets(folder: Path) -> None:
    """Copy the scripts and styles; the engine is packed."""
    source = resources.files("fundgraph.web") / "static"
    with resources.as_file(source) as static:
        for path in sorted(static.rglob("*")):
            if not path.is_file():
                continue
            target = folder / "static" / path.relative_to(static)
            target.parent.mkdir(parents=True, exist_ok=True)
            if path.suffix == ".wasm":
                with _Packed(target.with_name(target.name + ".gz")) as output:
                    output.write(path.read_bytes())
            else:
                shutil.copyfile(path, target)


def write_data(kg: KnowledgeGraph, settings: Settings, folder: Path, addresses: Addresses, language: str) -> None:
    """Write what the scripts read: facts about the site, the panels' queries, the words to search."""
    offline = folder / "offline"
    offline.mkdir(exist_ok=True)
    rows, texts = _entries(kg, addresses)
    hidden = list(kg.manifest.get("hidden_graphs", ()))
    about = {
        "release": kg.release,
        "base": kg.base,
        "ontology": FG,
        "dump": LOADED,
        "quads": kg.manifest.get("quads"),
        "visible": [graph for graph in kg.manifest.get("graphs", {}) if graph not in hidden],
        "rows": settings.max_rows,
        "kinds": list(PAGE_KINDS),
        "labels": [node.value for node in LABELS],
        "prefixes": kg.prefixes,
        "language": language,
        "texts": texts,
    }
    _write(offline / "about.js", f"globalThis.fundgraphSite = {_json(about)};\n")
    _write(offline / "search.js", f"globalThis.fundgraphSearch = {_json(rows)};\n")
    if said := tables(language).get("scripts"):
        _write(offline / "words.js", f"globalThis.fundgraphWords = {_json(said)};\n")
    panels = {path.stem: panel_text(path.stem) for path in sorted(assets.pages_dir().glob("*.rq"))}
    _write(offline / "panels.json", _json(panels) + "\n")


def _entries(kg: KnowledgeGraph, addresses: Addresses) -> tuple[list[list[str]], bool]:
    """Return what can be found: file, IRI, kind, label, other names, texts; and whether texts are in it."""
    things = list(kg.index.everything())
    whole = sum(len(text) for *_, text in things) <= MOST_TEXT
    return [
        [addresses.described(iri).file, iri, _KINDS.get(kind, kind), label, names, text if whole else ""]
        for iri, kind, label, names, text in things
    ], whole


def write_reasons(folder: Path, reasons: Mapping[str, Any]) -> int:
    """Write what the page of explanations reads; return how many statements it explains."""
    (folder / "offline").mkdir(exist_ok=True)
    _write(folder / "offline" / "why.js", f"globalThis.fundgraphWhy = {_json(reasons)};\n")
    return len(reasons["steps"])


def write_sums(folder: Path) -> tuple[int, int]:
    """Write the SHA-256 sums of all files, as sha256sum reads them; return how many there are, and of how many bytes."""
    names = sorted(name for name in files_in(folder) if name != SUMS)
    parts = shared([partial(_sums, folder, names[at : at + _AT_ONCE]) for at in range(0, len(names), _AT_ONCE)])
    _write(folder / SUMS, "".join(lines for lines, _ in parts))
    return len(names), sum(size for _, size in parts) + (folder / SUMS).stat().st_size


def _sums(folder: Path, names: Sequence[str]) -> tuple[str, int]:
    """Return the lines for some files, and how many bytes these have."""
    lines, size = [], 0
    for name in names:
        with (folder / name).open("rb") as file:
            lines.append(f"{hashlib.file_digest(file, 'sha256').hexdigest()}  {name}\n")
            size += file.tell()
    return "".join(lines), size


def _json(data: Any) -> str:
    # As part of a script: these two end a line there, and only there.
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


#: Which library packed: another packs the same data into other bytes.
PACKED_BY = f"zlib {zlib.ZLIB_RUNTIME_VERSION}"

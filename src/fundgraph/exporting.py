"""A release in every format: what there is, what each is for, and how it is made."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from fundgraph import __version__, assets
from fundgraph.errors import UsageError
from fundgraph.export import cerif, citations, jsonld, lines, network, rocrate, schemaorg, tables, turtle
from fundgraph.export.archive import SUMS, write_folder, zipped
from fundgraph.export.identifying import Release
from fundgraph.export.things import Quad, Things, rank, read_quads, triples_of
from fundgraph.framing import context, frame_of, framed
from fundgraph.link.schemes import SCHEMES
from fundgraph.store.snapshot import Snapshot

__all__ = ["FORMATS", "Exporter", "Format", "resolve", "write_dumps"]


@dataclass(frozen=True, slots=True)
class Format:
    """A format: the word for it, the name of the file, its media type, what people call it, and what it is for."""

    name: str
    file: str
    media_type: str
    title: str
    says: str
    is_rdf: bool = False
    is_folder: bool = False
    is_of_release: bool = False
    """Whether it describes the release, so that there is none of a graph or of a thing."""


#: The formats, in the order in which they are offered. What makes a ``Format`` is in :class:`Exporter`.
FORMATS: Mapping[str, Format] = {
    one.name: one
    for one in (
        Format("nquads", "dataset.nq", "application/n-quads", "N-Quads", "every graph, in canonical order: the file that the release's hash is made of", is_rdf=True),
        Format("trig", "dataset.trig", "application/trig", "TriG", "every graph, to be read: with prefixes, by class, one fact to a line", is_rdf=True),
        Format("jsonld", "dataset.jsonld", "application/ld+json", "JSON-LD", "every graph as JSON with short names, the parts of a thing inside of it", is_rdf=True),
        Format("turtle", "dataset.ttl", "text/turtle", "Turtle", "one graph, as queries see it by default: without findings and statement-level provenance", is_rdf=True),
        Format("ntriples", "dataset.nt", "application/n-triples", "N-Triples", "the same, a triple to a line", is_rdf=True),
        Format("rdfxml", "dataset.rdf", "application/rdf+xml", "RDF/XML", "the same, for tools that know nothing newer", is_rdf=True),
        Format("csv", "tables.zip", "application/zip", "CSV", "a tidy table for each class with a description (CSV on the Web): for spreadsheets, R, pandas and databases", is_folder=True),
        Format("graphml", "network.graphml", "application/graphml+xml", "GraphML", "people, projects, topics and how they hang together: for yEd, Cytoscape, igraph and networkx"),
        Format("gexf", "network.gexf", "application/gexf+xml", "GEXF", "the same network for Gephi"),
        Format("schemaorg", "schemaorg.jsonld", "application/ld+json", "schema.org", "the dataset, projects, people and organisations as search engines read them"),
        Format("cerif", "cerif.xml", "application/xml", "CERIF XML", "projects, people, organisations, funding and publications for research information systems (OpenAIRE guidelines 1.1)"),
        Format("datacite", "datacite.json", "application/vnd.datacite.datacite+json", "DataCite", "the metadata that a repository asks for when it registers a DOI", is_of_release=True),
        Format("bibtex", "publications.bib", "application/x-bibtex", "BibTeX", "the works that the projects cite"),
        Format("csl", "publications.csl.json", "application/vnd.citationstyles.csl+json", "CSL-JSON", "the same works for Zotero, pandoc and others"),
        Format("rocrate", "crate.zip", "application/zip", "RO-Crate", "all of these in one folder that describes itself: to be archived", is_folder=True, is_of_release=True),
    )
}  # fmt: skip


def resolve(scheme: str, value: str) -> str | None:
    """Return the IRI of an identifier, if its scheme has IRIs and the value is one of it."""
    known = SCHEMES.get(scheme)
    return known.iri_of(value) if known is not None and known.pattern.fullmatch(value) else None


class Exporter:
    """Writes one release, or some of its graphs, or one of its things."""

    def __init__(self, snapshot: Snapshot, *, graphs: Sequence[str] = (), thing: str | None = None) -> None:
        self._snapshot = snapshot
        self._graphs = tuple(graphs)
        self._thing = thing
        self._dataset = snapshot.path / "dataset.nq"
        self._release = Release(snapshot.manifest)
        self._hidden = tuple(snapshot.manifest.get("hidden_graphs", ()))
        self._prefixes: Mapping[str, str] = snapshot.manifest.get("prefixes", {})
        self._made: dict[str, dict[str, bytes]] = {}

    @cached_property
    def _quads(self) -> list[Quad]:
        """All statements of the graphs that are wanted, or those that tell of the thing."""
        quads = list(read_quads(self._dataset, self._graphs))
        if self._thing is None:
            return quads
        hidden = () if self._graphs else self._hidden
        around = set(Things(triples_of(quad for quad in quads if quad[3] not in hidden)).around(self._thing))
        return [quad for quad in quads if quad[:3] in around and quad[3] not in hidden]

    @cached_property
    def _things(self) -> Things:
        hidden = () if self._graphs else self._hidden
        return Things(triples_of(quad for quad in self._quads if quad[3] not in hidden))

    @cached_property
    def _reported(self) -> Things:
        """The things, and what was found in their documents."""
        hidden = () if self._graphs else tuple(name for name in self._hidden if not name.endswith("/report"))
        return Things(triples_of(quad for quad in self._quads if quad[3] not in hidden))

    def chunks(self, form: str) -> Iterable[bytes]:
        """Return the bytes of a format; a folder comes as a zip archive.

        Raises :class:`UsageError` for a format, a graph or a thing that there is not.
        """
        if self._format(form).is_folder:
            return [zipped(self.files(form))]
        return self._makers[form]()

    def files(self, form: str) -> dict[str, bytes]:
        """Return the files of a format by name; of most there is one. They are kept for whoever wants them too."""
        if form not in self._made:
            self._made[form] = self._files(form)
        return self._made[form]

    def _files(self, form: str) -> dict[str, bytes]:
        known = self._format(form)
        if form == "csv":
            return tables.tables(self._reported, self._release.title, self._release.licence)
        if form == "rocrate":
            parts = list(self._parts())
            return rocrate.crate(self._things, self._release, parts, ("fundgraph", __version__), resolve)
        return {known.file: b"".join(self._makers[form]())}

    def _format(self, form: str) -> Format:
        if form not in FORMATS:
            raise UsageError(f"there is no format {form!r}", allowed=list(FORMATS))
        known = FORMATS[form]
        if known.is_of_release and (self._graphs or self._thing is not None):
            raise UsageError(f"{form} describes a release; there is none of a graph or a thing")
        return known

    @property
    def _makers(self) -> Mapping[str, Callable[[], Iterable[bytes]]]:
        release = self._release
        return {
            "nquads": self._nquads,
            "trig": lambda: turtle.trig(self._quads, self._prefixes, release.base),
            "jsonld": self._jsonld,
            "turtle": lambda: turtle.turtle(self._things.triples, self._prefixes, release.base),
            "ntriples": self._ntriples,
            "rdfxml": self._rdfxml,
            "graphml": lambda: network.graphml(self._network),
            "gexf": lambda: network.gexf(self._network, release.title, release.day),
            "schemaorg": lambda: schemaorg.nodes(self._things, release, resolve),
            "cerif": lambda: cerif.document(self._things, release, resolve),
            "datacite": lambda: citations.datacite(self._things, release, resolve),
            "bibtex": lambda: citations.bibtex(self._things, resolve),
            "csl": lambda: citations.csl(self._things, resolve),
        }

    @cached_property
    def _network(self) -> network.Network:
        return network.network_of(self._things)

    def _nquads(self) -> Iterable[bytes]:
        return lines.nquads(self._dataset, self._graphs) if self._thing is None else lines.written(self._quads)

    def _ntriples(self) -> Iterable[bytes]:
        if self._thing is None:
            return lines.ntriples(self._dataset, self._graphs, self._hidden)
        return lines.written(self._things.triples)

    def _rdfxml(self) -> Iterator[bytes]:
        from fundgraph.store.dump import dump_triples

        output = io.BytesIO()
        dump_triples(self._things.triples, output, "rdfxml", prefixes=self._prefixes)
        yield output.getvalue()

    def _jsonld(self) -> Iterable[bytes]:
        if self._thing is None:
            return jsonld.document(self._quads, context())
        types = [value[1:-1] for value in self._things.values(self._thing, "rdf:type")]
        kind = rank(types)[1].rpartition("#")[2].lower()
        triples = b"".join(lines.written(self._things.triples)).decode()
        return [jsonld.text(framed(triples, frame_of(kind, self._thing)))]

    def _parts(self) -> Iterator[rocrate.Part]:
        """Yield the files of a crate: every format, the ontology, and the report of the checks."""
        for known in FORMATS.values():
            if known.name == "rocrate":
                continue
            for name, content in self.files(known.name).items():
                inside = f"tables/{name}" if known.is_folder else name
                media = _media_of(name) if known.is_folder else known.media_type
                yield rocrate.Part(inside, content, media, f"{known.title}: {name}", known.says)
        for path in sorted(assets.ontology_dir().glob("*.*")):
            title = f"Ontology: {path.name}"
            says = (
                "what the classes and properties mean" if path.suffix == ".ttl" else "the short names of JSON-LD"
            )
            yield rocrate.Part(f"ontology/{path.name}", path.read_bytes(), _media_of(path.name), title, says)
        for name in ("report.ttl", "report.html"):
            path = self._snapshot.path / name
            if path.is_file():
                yield rocrate.Part(
                    name, path.read_bytes(), _media_of(name), "Report", "what SHACL found in the data"
                )


def write_dumps(snapshot: Snapshot) -> list[Path]:
    """Write every format into the release's ``dumps/``, with their sums; return the files.

    The release itself stays as it is: what is there follows from it. Raises :class:`UsageError` if it cannot be written.
    """
    exporter = Exporter(snapshot)
    files = {}
    for name, known in FORMATS.items():
        if name != "nquads":  # it lies beside them
            made = exporter.files(name)
            files[known.file] = zipped(made) if known.is_folder else made[known.file]
    folder = snapshot.path / "dumps"
    write_folder(folder, files)
    return [folder / name for name in [*files, SUMS]]


def _media_of(name: str) -> str:
    known = {
        "csv": "text/csv", "json": "application/json", "jsonld": "application/ld+json", "ttl": "text/turtle",
        "html": "text/html",
    }  # fmt: skip
    return known[name.rpartition(".")[2]]

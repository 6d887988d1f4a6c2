"""Edits: what people changed beside the documents, as RDF patches that every build lays over what it reads.

One edit is one file, ``000007.rdfp``, never changed once it has its name: lines ``A s p o g .`` for what was added and
``D s p o g .`` for what was taken away, no blank nodes among them.
"""

from __future__ import annotations

import datetime
import os
import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox

from fundgraph.errors import InputError, UnknownGraphError, WriteRefusedError

if TYPE_CHECKING:  # a build reads edits, and makes none
    from fundgraph.store.changes import Change

#: Statements by graph, each as N-Triples writes it, less the full stop.
Lines = dict[str, set[bytes]]

SUFFIX = ".rdfp"
_QUAD = re.compile(rb"^(.*) <([^<>]*)> \.$", re.MULTILINE)
_ROW = re.compile(rb"^([AD]) (<.*) <([^<>]*)> \.$")
_HEAD = re.compile(rb'^H (\w+) (?:<([^>]*)>|"([^"]*)") \.$')


@dataclass(frozen=True, slots=True)
class Patch:
    """What one edit adds and takes away, as pairs of graph and statement, and the base of the dataset it is for."""

    base: str
    added: frozenset[tuple[str, bytes]]
    deleted: frozenset[tuple[str, bytes]]
    number: int = 0

    def __bool__(self) -> bool:
        return bool(self.added or self.deleted)

    @staticmethod
    def by_graph(rows: Iterable[tuple[str, bytes]]) -> Lines:
        """Return statements by graph."""
        lines: Lines = {}
        for graph, line in rows:
            lines.setdefault(graph, set()).add(line)
        return lines

    def provenance(self) -> set[bytes]:
        """Return the statements that say that there was this edit."""
        prov, base = b"http://www.w3.org/ns/prov#", self.base.encode()
        edit = b"<%bactivity/edit-%d>" % (base, self.number)
        kind = b"<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
        label = b"<http://www.w3.org/2000/01/rdf-schema#label>"
        graphs = {graph.encode() for graph, _ in self.added}
        return {
            b"%b %b <%bActivity>" % (edit, kind, prov),
            b'%b %b "Edit %d, by hand"' % (edit, label, self.number),
        } | {b"<%b> <%bwasInfluencedBy> %b" % (graph, prov, edit) for graph in graphs}


def split(data: bytes) -> Lines:
    """Return the statements of an N-Quads file by graph."""
    lines: Lines = {}
    for line, graph in _QUAD.findall(data):
        lines.setdefault(graph.decode(), set()).add(line)
    return lines


def read_patches(directory: Path, base: str, after: int = 0) -> list[Patch]:
    """Return the edits of a dataset that come after one, in their order. Raises :class:`InputError` for a broken one."""
    found = [_read(path) for path in sorted(directory.glob(f"[0-9]*{SUFFIX}"))]
    return [patch for patch in found if patch.base == base and patch.number > after]


def last_number(directory: Path) -> int:
    """Return the number of the newest edit in a folder, of whatever dataset; 0 if there is none."""
    return max((int(path.stem) for path in directory.glob(f"[0-9]*{SUFFIX}")), default=0)


def _read(path: Path) -> Patch:
    rows: dict[bytes, set[tuple[str, bytes]]] = {b"A": set(), b"D": set()}
    base = ""
    try:
        data = path.read_bytes().splitlines()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=path) from error
    for number, row in enumerate(data, 1):
        if match := _ROW.match(row):
            rows[match[1]].add((match[3].decode(), match[2]))
        elif head := _HEAD.match(row):
            base = head[2].decode() if head[1] == b"base" and head[2] else base
        elif row not in (b"", b"TX .", b"TC ."):
            raise InputError("is not a line of a patch", where=path, line=number)
    if b"TC ." not in data:
        raise InputError("ends too early", where=path, line=len(data))
    return Patch(base, frozenset(rows[b"A"]), frozenset(rows[b"D"]), int(path.stem))


def stage(directory: Path, patch: Patch) -> Path:
    """Write an edit under a name that nobody reads, safe on disk; :func:`commit` gives it its own."""
    directory.mkdir(parents=True, exist_ok=True)
    rows = [b"D %b <%b> .\n" % (line, graph.encode()) for graph, line in sorted(patch.deleted)]
    rows += [b"A %b <%b> .\n" % (line, graph.encode()) for graph, line in sorted(patch.added)]
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    head = f'H id <urn:uuid:{uuid.uuid4()}> .\nH base <{patch.base}> .\nH date "{today}" .\nTX .\n'
    path = directory / f".{patch.number:06d}{SUFFIX}"
    with path.open("wb") as file:
        file.write(head.encode() + b"".join(rows) + b"TC .\n")
        file.flush()
        os.fsync(file.fileno())
    return path


def commit(staged: Path) -> Path:
    """Give a staged edit its name, for good."""
    final = staged.with_name(staged.name.removeprefix("."))
    staged.rename(final)
    handle = os.open(final.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    return final


@dataclass(frozen=True, slots=True)
class Rules:
    """Where a dataset may be written: not in ``protected`` graphs; what names no graph goes into ``inbox``."""

    base: str
    hidden: Sequence[str]
    protected: frozenset[str]
    inbox: str

    def refuse_protected(self, graphs: Iterable[str]) -> None:
        """Raise :class:`WriteRefusedError` if one of the graphs is made by the build itself."""
        wrong = sorted(self.protected.intersection(graphs))
        if wrong:
            raise WriteRefusedError(
                f"the graph <{wrong[0]}> is made by the build, and is not written to",
                hint=f"Any other graph may be; what names no graph goes into <{self.inbox}>",
            )


def compute(dataset: Path, rules: Rules, change: Change, number: int) -> tuple[Patch, bool]:
    """Return the edit that a change amounts to, and whether it makes a graph.

    Raises :class:`WriteRefusedError`, :class:`UnknownGraphError`, or :class:`Stopped` for what cannot be done.
    """
    from fundgraph.store.changes import parsed

    if change.kind == "update":
        added, deleted = _of_update(dataset, rules, change)
        return Patch(rules.base, frozenset(added - deleted), frozenset(deleted - added), number), False
    graph = change.graph
    if graph is None and change.kind != "post":
        raise WriteRefusedError(
            "the default graph is the union of others, and is neither replaced nor removed",
            hint="Name a graph: ?graph=IRI",
        )
    graph = graph or rules.inbox
    rules.refuse_protected([graph])
    old = split(dataset.read_bytes()).get(graph, set())
    if change.kind == "delete" and not old:
        raise UnknownGraphError(f"there is no graph <{graph}>")
    new = _skolemised(rules.base, [quad.triple for quad in parsed(change.parts, ox.DefaultGraph())])
    gone = set() if change.kind == "post" else old - new
    patch = Patch(
        rules.base,
        frozenset((graph, line) for line in new - old),
        frozenset((graph, line) for line in gone),
        number,
    )
    _no_blank_nodes(patch.deleted)
    return patch, not old and bool(new)


def _of_update(
    dataset: Path, rules: Rules, change: Change
) -> tuple[set[tuple[str, bytes]], set[tuple[str, bytes]]]:
    from fundgraph.store.changes import apply
    from fundgraph.store.evaluate import load

    store = load(str(dataset), rules.hidden)
    before = set(store)
    apply(store, change)
    after = set(store)
    added = [(_name(quad) or rules.inbox, quad.triple) for quad in after - before]
    gone = [(_name(quad), quad.triple) for quad in before - after]
    rules.refuse_protected(graph for graph, _ in added)
    rules.refuse_protected(graph for graph, _ in gone if graph)
    lines = split(dataset.read_bytes())
    found = {(graph, _as_written(lines[graph], triple)) for graph, triple in gone if graph}
    of_default = {triple for graph, triple in gone if not graph}
    homes_of: dict[ox.Triple, set[str]] = {triple: set() for triple in of_default}
    for quad in before:
        if quad.triple in of_default and _name(quad) and _name(quad) not in rules.hidden:
            homes_of[quad.triple].add(_name(quad))
    for triple, homes in homes_of.items():
        if not homes - rules.protected:
            raise WriteRefusedError(
                f"{triple} is inferred, or part of the ontology, and is not taken away by itself",
                hint="Take away what it follows from: fundgraph explain says what that is",
            )
        found |= {(home, _as_written(lines[home], triple)) for home in homes - rules.protected}
    _no_blank_nodes(found)
    by_graph: dict[str, list[ox.Triple]] = {}
    for graph, triple in added:
        by_graph.setdefault(graph, []).append(triple)
    new = {(graph, line) for graph, some in by_graph.items() for line in _skolemised(rules.base, some)}
    return {(graph, line) for graph, line in new if line not in lines.get(graph, ())}, found


def _name(quad: ox.Quad) -> str:
    return quad.graph_name.value if isinstance(quad.graph_name, ox.NamedNode) else ""


def _as_written(lines: set[bytes], triple: ox.Triple) -> bytes:
    """Return the statement that the store holds as this triple, with the lexical form as it was written."""
    (line,) = _serialised([triple])
    if line in lines:
        return line
    start = f"{triple.subject} {triple.predicate} ".encode()
    for candidate in sorted(one for one in lines if one.startswith(start)):
        scratch = ox.Store()
        scratch.load(candidate + b" .\n", ox.RdfFormat.N_TRIPLES)
        if next(iter(scratch)).triple == triple:
            return candidate
    return line


def _serialised(triples: Sequence[ox.Triple]) -> list[bytes]:
    data = ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b""
    return [line.removesuffix(b" .") for line in data.splitlines()]


def _skolemised(base: str, triples: Sequence[ox.Triple]) -> set[bytes]:
    """Return statements with an IRI of our own for each blank node, so that an edit means the same whenever it is read."""
    names: dict[str, ox.NamedNode] = {}

    def named(term: ox.BlankNode) -> ox.NamedNode:
        return names.setdefault(term.value, ox.NamedNode(f"{base}.well-known/genid/{uuid.uuid4().hex}"))

    return set(
        _serialised(
            [
                ox.Triple(
                    named(t.subject) if isinstance(t.subject, ox.BlankNode) else t.subject,
                    t.predicate,
                    named(t.object) if isinstance(t.object, ox.BlankNode) else t.object,
                )
                for t in triples
            ]
        )
    )


def _no_blank_nodes(rows: Iterable[tuple[str, bytes]]) -> None:
    for graph, line in rows:
        last = line.rpartition(b" ")[2]
        if line.startswith(b"_:") or (last.startswith(b"_:") and b'"' not in last):
            raise WriteRefusedError(f"a statement of <{graph}> has a blank node, which no edit can name")


def state(directory: Path, base: str) -> Mapping[str, int]:
    """Return what a manifest says of the edits in a release: how many there are, and the number of the last."""
    found = read_patches(directory, base)
    return {"count": len(found), "last": found[-1].number if found else 0}

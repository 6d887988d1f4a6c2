"""The dataset as canonical N-Quads, and as an Oxigraph store."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import pyoxigraph as ox

from fundgraph.store.canonical import canonicalize

#: Up to so many bytes of statements are indexed from memory.
_MOST_IN_MEMORY = 50_000_000
_IRI = rb'<[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20\x7f<>"{}|^`\\]*>'
_LITERAL = rb'"[^"\\\x00-\x1f\x7f]*"(?:@[a-z]{1,8}(?:-[a-z0-9]{1,8})*|\^\^(?!<http://www.w3.org/2001/XMLSchema#string>)%b)?'
#: A statement that is canonical as it stands: no blank node, nothing escaped. The serialiser would not change it.
_PLAIN = re.compile(rb"^(%b %b (?:%b|%b)) \.\n" % (_IRI, _IRI, _IRI, _LITERAL % _IRI), re.MULTILINE)
_TYPED = re.compile(rb"^\S+ <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <([^>]*)> \.$", re.MULTILINE)
_ANONYMOUS = re.compile(rb"^_:|> _:", re.MULTILINE)
_QUAD = re.compile(rb"^(.*) <([^<>]*)> \.\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class DatasetSummary:
    """What was written: the RDFC-1.0 hash (SHA-256), triples per graph, instances per class."""

    hash: str
    quads: int
    graphs: dict[str, int]
    classes: dict[str, int]


def canonical_quads(graphs: Mapping[str, bytes]) -> list[bytes]:
    """Return the lines of the RDFC-1.0 canonical form of named graphs given as N-Triples.

    Only quads with blank nodes go through the canonicalisation; the others cannot change its outcome.
    Terms keep the lexical form that they came with.
    """
    return _lines(_canonical(graphs))


def _canonical(graphs: Mapping[str, bytes]) -> dict[str, set[bytes]]:
    """Return the statements of each graph in their canonical form, less the full stop."""
    found: dict[str, set[bytes]] = {}
    ground: list[ox.Quad] = []
    anonymous = ox.Dataset()
    for name, triples in graphs.items():
        plain = _PLAIN.findall(triples)
        found[name] = set(plain)
        if len(plain) == triples.count(b"\n") and triples.endswith(b"\n"):
            continue
        graph = ox.NamedNode(name)
        for quad in ox.parse(_PLAIN.sub(b"", triples), format=ox.RdfFormat.N_TRIPLES):
            named = ox.Quad(quad.subject, quad.predicate, quad.object, graph)
            if isinstance(quad.subject, ox.BlankNode) or isinstance(quad.object, ox.BlankNode):
                anonymous.add(named)
            else:
                ground.append(named)
    odd = ox.serialize(chain(ground, canonicalize(anonymous)), format=ox.RdfFormat.N_QUADS) or b""
    # Line ends within literals are escaped, so each line is one quad.
    for statement, graph_name in _QUAD.findall(odd):
        found[graph_name.decode()].add(statement)
    return {name: statements for name, statements in found.items() if statements}


def _lines(canonical: Mapping[str, set[bytes]]) -> list[bytes]:
    lines: list[bytes] = []
    for name, statements in canonical.items():
        end = b" <%b> .\n" % name.encode()
        lines += [statement + end for statement in statements]
    lines.sort()
    return lines


def write_dataset(
    graphs: Mapping[str, bytes],
    hidden: Iterable[str],
    directory: Path,
    late: Callable[[], Mapping[str, bytes]] = dict,
    index: Callable[[ox.Store], object] = lambda _: None,
    last: Callable[[ox.Store], object] = lambda _: None,
) -> DatasetSummary:
    """Write ``dataset.nq`` and ``store/`` below ``directory``.

    ``graphs`` maps IRIs of named graphs to N-Triples. The store's default graph holds the union of all
    graphs but ``hidden``, made once here instead of at every query.

    The store is filled beside the rest. ``late`` gives more of hidden graphs, and is asked for it only when all else
    is under way; ``index`` gets a store in whose default graph all is that is not hidden, ``last`` the store itself
    when it is whole.
    """
    left_out = set(hidden)
    with ThreadPoolExecutor(1, "fundgraph-store") as pool:
        canonical = _canonical(graphs)
        union = _union(canonical, left_out)
        filling = pool.submit(_fill, directory, canonical, union)
        _index(union, filling, index)
        more = late()
        if any(_ANONYMOUS.search(triples) for triples in more.values()):
            # The names of blank nodes depend on one another, and so must be given again to all.
            filling.result()
            del filling  # and the store, so that it can be made anew
            shutil.rmtree(directory / "store")
            graphs = {name: graphs.get(name, b"") + more.get(name, b"") for name in {**graphs, **more}}
            more, canonical = {}, _canonical(graphs)
            union = _union(canonical, left_out)
            filling = pool.submit(_fill, directory, canonical, union)
            _index(union, filling, index)
        added = {name: new - canonical.get(name, set()) for name, new in _canonical(more).items()}
        # Made anew rather than added to: the store is being filled from the other.
        canonical = canonical | {name: canonical.get(name, set()) | new for name, new in added.items() if new}
        lines = _lines(canonical)
        data = b"".join(lines)
        (directory / "dataset.nq").write_bytes(data)
        store = filling.result()
    # Little, and not worth putting all in order again.
    store.bulk_load(b"".join(_lines(added)), format=ox.RdfFormat.N_QUADS)
    store.flush()
    last(store)
    return DatasetSummary(
        hash=hashlib.sha256(data).hexdigest(),
        quads=len(lines),
        graphs={name: len(canonical[name]) for name in sorted(canonical)},
        classes={name.decode(): count for name, count in sorted(Counter(_TYPED.findall(union)).items())},
    )


def _union(canonical: Mapping[str, set[bytes]], hidden: set[str]) -> bytes:
    """Return all statements of graphs that are not hidden, once, as N-Triples."""
    union: set[bytes] = set().union(*(canonical[name] for name in canonical if name not in hidden))
    return b"".join([statement + b" .\n" for statement in union])


def _fill(directory: Path, canonical: Mapping[str, set[bytes]], union: bytes) -> ox.Store:
    """Make the store, with the union for its default graph."""
    store = ox.Store(str(directory / "store"))
    # At once, so that a blank node is the same in its own graph and in the union.
    store.bulk_load(b"".join(_lines(canonical)) + union, format=ox.RdfFormat.N_QUADS)
    store.optimize()
    return store


def _index(union: bytes, filling: Future[ox.Store], index: Callable[[ox.Store], object]) -> None:
    """Make the index from a store in memory, which answers sooner than one on disk; of much data, from that one."""
    if len(union) > _MOST_IN_MEMORY:
        index(filling.result())
        return
    store = ox.Store()
    store.bulk_load(union, format=ox.RdfFormat.N_TRIPLES)
    index(store)

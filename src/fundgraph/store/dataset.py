"""The dataset as canonical N-Quads, and as an Oxigraph store."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from fundgraph.store.canonical import canonicalize

DATASET, STORE = "dataset.nq", "store"
_IRI = rb'<[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20\x7f<>"{}|^`\\]*>'
_LITERAL = rb'"[^"\\\x00-\x1f\x7f]*"(?:@[a-z]{1,8}(?:-[a-z0-9]{1,8})*|\^\^(?!<http://www.w3.org/2001/XMLSchema#string>)%b)?'
#: A statement that is canonical as it stands: no blank node, nothing escaped. The serialiser would not change it.
_PLAIN = re.compile(rb"^(%b %b (?:%b|%b)) \.\n" % (_IRI, _IRI, _IRI, _LITERAL % _IRI), re.MULTILINE)
#: The class of a statement that gives one.
TYPED = re.compile(rb"^\S+ <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <([^>]*)> \.$", re.MULTILINE)
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


def _canonical(
    graphs: Mapping[str, bytes], soon: Callable[[], Mapping[str, bytes]] = dict
) -> dict[str, set[bytes]]:
    """Return the statements of each graph in their canonical form, less the full stop; ``soon`` gives more graphs."""
    anonymous = ox.Dataset()
    found = {name: set(ground_statements(name, triples, anonymous)) for name, triples in graphs.items()}
    for name, triples in soon().items():
        found.setdefault(name, set()).update(ground_statements(name, triples, anonymous))
    for name, statements in named_anew(anonymous).items():
        found[name] |= statements
    return {name: statements for name, statements in found.items() if statements}


def ground_statements(name: str, triples: bytes, anonymous: ox.Dataset) -> list[bytes]:
    """Return a graph's statements in their canonical form, less the full stop; add those with blank nodes to ``anonymous``."""
    plain: list[bytes] = _PLAIN.findall(triples)
    if len(plain) == triples.count(b"\n") and triples.endswith(b"\n"):
        return plain
    graph, ground = ox.NamedNode(name), []
    for triple in ox.parse(_PLAIN.sub(b"", triples), format=ox.RdfFormat.N_TRIPLES):
        if isinstance(triple.subject, ox.BlankNode) or isinstance(triple.object, ox.BlankNode):
            anonymous.add(ox.Quad(triple.subject, triple.predicate, triple.object, graph))
        else:
            ground.append(triple.triple)
    # Line ends within literals are escaped, so each line is one statement.
    odd = ox.serialize(ground, format=ox.RdfFormat.N_TRIPLES) or b""
    return plain + [line[:-2] for line in odd.split(b"\n")[:-1]]


def named_anew(anonymous: ox.Dataset) -> dict[str, set[bytes]]:
    """Return the statements of each graph with the canonical names of their blank nodes."""
    found: dict[str, set[bytes]] = {}
    named = canonicalize(anonymous)
    for statement, name in _QUAD.findall(ox.serialize(named, format=ox.RdfFormat.N_QUADS) or b""):
        found.setdefault(name.decode(), set()).add(statement)
    return found


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
    soon: Callable[[], Mapping[str, bytes]] = dict,
    named: Iterable[str] = (),
) -> DatasetSummary:
    """Write ``dataset.nq`` and ``store/`` below ``directory``.

    ``graphs`` maps IRIs of named graphs to N-Triples. The store's default graph holds the union of all
    graphs but ``hidden``, made once here instead of at every query.

    What fits into memory many times over is written in this way, and the rest in that of :mod:`fundgraph.store.much`.
    The store is filled beside the rest. ``soon`` gives more graphs, and is asked for them when those that are there are
    in order. ``late`` gives more of hidden graphs, and is asked for it only when all else is under way; ``index`` gets a
    store in whose default graph all is that is not hidden, with those graphs that are ``named``; ``last`` the store
    itself when it is whole.
    """
    left_out, wanted = set(hidden), set(named) - set(hidden)
    with ThreadPoolExecutor(1, "fundgraph-store") as pool:
        begun = _begin(pool, directory, graphs, left_out, soon)
        index(_in_memory(begun, wanted))
        more = late()
        if any(_ANONYMOUS.search(triples) for triples in more.values()):
            # The names of blank nodes depend on one another, and so must be given again to all.
            begun.filling.result()
            del begun  # and the store, so that it can be made anew
            shutil.rmtree(directory / STORE)
            graphs, more = {**graphs, **together(graphs, more)}, {}
            begun = _begin(pool, directory, graphs, left_out, soon)
            index(_in_memory(begun, wanted))
        canonical = begun.canonical
        added = {name: new - canonical.get(name, set()) for name, new in _canonical(more).items()}
        lines = sorted(begun.lines + _lines(added))
        data = b"".join(lines)
        (directory / DATASET).write_bytes(data)
        store = begun.filling.result()
    # Little, and not worth putting all in order again.
    store.bulk_load(b"".join(_lines(added)), format=ox.RdfFormat.N_QUADS)
    store.flush()
    last(store)
    counts = {name: len(canonical.get(name, ())) + len(added.get(name, ())) for name in {**canonical, **added}}
    return DatasetSummary(
        hash=hashlib.sha256(data).hexdigest(),
        quads=len(lines),
        graphs={name: count for name, count in sorted(counts.items()) if count},
        classes=classes_of(Counter(TYPED.findall(begun.union))),
    )


def together(graphs: Mapping[str, bytes], more: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the graphs of which there is more, whole."""
    return {name: graphs.get(name, b"") + triples for name, triples in more.items()}


def classes_of(counted: Mapping[bytes, int]) -> dict[str, int]:
    """Return how many instances each class has, in the order of their names."""
    return {name.decode(): count for name, count in sorted(counted.items())}


def _union(canonical: Mapping[str, set[bytes]], hidden: set[str]) -> bytes:
    """Return all statements of graphs that are not hidden, once, as N-Triples."""
    union: set[bytes] = set().union(*(canonical[name] for name in canonical if name not in hidden))
    return b"".join([statement + b" .\n" for statement in union])


@dataclass(frozen=True, slots=True)
class _Begun:
    """The statements of each graph, all their lines in order, their union, and the store that is being filled."""

    canonical: Mapping[str, set[bytes]]
    lines: list[bytes]
    union: bytes
    filling: Future[ox.Store]


def _begin(
    pool: ThreadPoolExecutor,
    directory: Path,
    graphs: Mapping[str, bytes],
    hidden: set[str],
    soon: Callable[[], Mapping[str, bytes]],
) -> _Begun:
    canonical = _canonical(graphs, soon)
    union = _union(canonical, hidden)
    lines = _lines(canonical)
    return _Begun(canonical, lines, union, pool.submit(_fill, directory, lines, union))


def _fill(directory: Path, lines: list[bytes], union: bytes) -> ox.Store:
    """Make the store, with the union for its default graph."""
    store = ox.Store(str(directory / STORE))
    # At once, so that a blank node is the same in its own graph and in the union.
    store.bulk_load(b"".join(lines) + union, format=ox.RdfFormat.N_QUADS)
    return store


def _in_memory(begun: _Begun, named: set[str]) -> ox.Store:
    """Return a store of the union and some graphs in memory, which answers sooner than one on disk."""
    store = ox.Store()
    lines = _lines({name: found for name, found in begun.canonical.items() if name in named})
    store.bulk_load(b"".join(lines) + begun.union, format=ox.RdfFormat.N_QUADS)
    return store

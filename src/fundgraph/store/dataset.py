"""The dataset as canonical N-Quads, and as an Oxigraph store."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import pyoxigraph as ox

_DEFAULT = ox.DefaultGraph()


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
    ground: list[ox.Quad] = []
    anonymous = ox.Dataset()
    for name, triples in graphs.items():
        graph = ox.NamedNode(name)
        for quad in ox.parse(triples, format=ox.RdfFormat.N_TRIPLES):
            named = ox.Quad(quad.subject, quad.predicate, quad.object, graph)
            if isinstance(quad.subject, ox.BlankNode) or isinstance(quad.object, ox.BlankNode):
                anonymous.add(named)
            else:
                ground.append(named)
    anonymous.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    data = ox.serialize(chain(ground, anonymous), format=ox.RdfFormat.N_QUADS)
    # Line ends within literals are escaped, so each line is one quad.
    return sorted(set((data or b"").splitlines(keepends=True)))


def write_dataset(graphs: Mapping[str, bytes], hidden: Iterable[str], directory: Path) -> DatasetSummary:
    """Write ``dataset.nq`` and ``store/`` below ``directory``.

    ``graphs`` maps IRIs of named graphs to N-Triples. The store's default graph holds the union of all
    graphs but ``hidden``, made once here instead of at every query.
    """
    lines = canonical_quads(graphs)
    data = b"".join(lines)
    path = directory / "dataset.nq"
    path.write_bytes(data)
    store = ox.Store(str(directory / "store"))
    store.bulk_load(path=str(path), format=ox.RdfFormat.N_QUADS)
    left_out = set(hidden)
    union = []
    counts: dict[str, int] = {}
    classes: dict[str, set[str]] = {}
    kind = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
    for quad in store:  # of the store, not of the file: its blank nodes are to be the same in both graphs
        name = quad.graph_name.value if isinstance(quad.graph_name, ox.NamedNode) else ""
        counts[name] = counts.get(name, 0) + 1
        if name not in left_out:
            union.append(ox.Quad(quad.subject, quad.predicate, quad.object, _DEFAULT))
            if quad.predicate == kind and isinstance(quad.object, ox.NamedNode):
                classes.setdefault(quad.object.value, set()).add(str(quad.subject))
    store.bulk_extend(union)
    store.flush()
    store.optimize()
    return DatasetSummary(
        hash=hashlib.sha256(data).hexdigest(),
        quads=len(lines),
        graphs=dict(sorted(counts.items())),
        classes={name: len(members) for name, members in sorted(classes.items())},
    )

"""Names for blank nodes that depend on the graph alone (RDFC-1.0), within a time that is bounded.

The algorithm tries all orders of blank nodes that nothing tells apart, so that a graph of a dozen of them can keep it
busy for years. Where many are alike it is run in a process of its own, which is ended when its time is over.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections import Counter

import pyoxigraph as ox

from fundgraph.errors import InputError

#: Up to so many blank nodes that nothing tells apart are no work: 720 orders.
_ALIKE = 6
_SECONDS = 20.0
#: So often it is looked again at what blank nodes look like; after that, those that look the same count as alike.
_ROUNDS = 50
_CHILD = """
import sys, pyoxigraph as ox
dataset = ox.Dataset(ox.parse(sys.stdin.buffer.read(), format=ox.RdfFormat.N_QUADS))
dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
sys.stdout.buffer.write(ox.serialize(dataset, format=ox.RdfFormat.N_QUADS))
"""


def canonicalize(dataset: ox.Dataset, seconds: float = _SECONDS) -> ox.Dataset:
    """Return a dataset with the blank nodes' names that RDFC-1.0 gives them.

    Raises :class:`InputError` if too many blank nodes are alike to do it in so many seconds.
    """
    if alike(dataset) <= _ALIKE:
        dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
        return dataset
    data = ox.serialize(dataset, format=ox.RdfFormat.N_QUADS) or b""
    try:
        child = subprocess.run([sys.executable, "-c", _CHILD], input=data, capture_output=True, timeout=seconds)
    except subprocess.TimeoutExpired as error:
        raise InputError(
            f"{alike(dataset)} blank nodes are so alike that no names for them were found in {seconds:g} s",
            hint="Give them IRIs",
        ) from error
    if child.returncode != 0:
        raise InputError("the blank nodes are too alike to be named", hint="Give them IRIs")
    return ox.Dataset(ox.parse(child.stdout, format=ox.RdfFormat.N_QUADS))


def alike(dataset: ox.Dataset) -> int:
    """Return how many blank nodes there are that all look alike, with their surroundings, in the largest such group.

    Found by refining: what a node looks like is what its statements say, with what their other nodes look like.
    """
    statements = [
        (str(quad.subject), str(quad.predicate), str(quad.object), str(quad.graph_name)) for quad in dataset
    ]
    colours = {term: "" for one in statements for term in one if term.startswith("_:")}
    groups = largest = 0
    for _ in range(_ROUNDS if colours else 0):
        looks: dict[str, list[str]] = {blank: [] for blank in colours}
        for one in statements:
            for blank in {term for term in one if term.startswith("_:")}:
                seen = " ".join("*" if term == blank else colours.get(term, term) for term in one)
                looks[blank].append(seen)
        colours = {
            blank: "_:" + hashlib.sha256("\n".join([colours[blank], *sorted(said)]).encode()).hexdigest()
            for blank, said in looks.items()
        }
        found = Counter(colours.values())
        largest = max(found.values())
        if largest <= _ALIKE or len(found) == groups:
            break
        groups = len(found)
    return largest

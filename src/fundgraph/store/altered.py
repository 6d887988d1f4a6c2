"""Literals that the store keeps by their value, and so gives back in other words: what a writer should be told."""

from __future__ import annotations

from collections.abc import Iterable

import pyoxigraph as ox

from fundgraph.literals import is_kept

#: So many are told in full.
TOLD = 10
_PREDICATE = "urn:fundgraph:number:"


def altered(quads: Iterable[ox.Quad]) -> tuple[int, list[tuple[str, str]]]:
    """Return how many different literals come back otherwise, and the first of them as written and as kept.

    >>> literal = ox.Literal("007", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#integer"))
    >>> altered([ox.Quad(ox.NamedNode("urn:s"), ox.NamedNode("urn:p"), literal)])
    (1, [('"007"^^<http://www.w3.org/2001/XMLSchema#integer>', '"7"^^<http://www.w3.org/2001/XMLSchema#integer>')])
    """
    odd = dict.fromkeys(
        quad.object
        for quad in quads
        if isinstance(quad.object, ox.Literal) and not is_kept(quad.object.value, quad.object.datatype.value)
    )
    if not odd:
        return 0, []
    # Which of them really change only the store knows.
    scratch = ox.Store()
    subject = ox.NamedNode("urn:fundgraph:literal")
    scratch.bulk_extend(
        ox.Quad(subject, ox.NamedNode(f"{_PREDICATE}{number}"), one) for number, one in enumerate(odd)
    )
    back = {quad.predicate.value: quad.object for quad in scratch}
    pairs = [(one, back.get(f"{_PREDICATE}{number}", one)) for number, one in enumerate(odd)]
    found = [(str(one), str(kept)) for one, kept in pairs if str(one) != str(kept)]
    return len(found), found[:TOLD]

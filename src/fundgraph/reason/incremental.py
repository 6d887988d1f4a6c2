"""Keeping a closure up to date: delete and rederive.

What follows from what is taken out is taken out too, as far as that reaches; then what still follows from the rest
is put back, and the rounds go on from there. Where things were found to be the same, or the ontology itself changes,
the closure is made anew, which is the same, only slower.
"""

from __future__ import annotations

import numpy as np

from fundgraph.reason.compile import BASE, is_schema
from fundgraph.reason.engine import Engine
from fundgraph.reason.justify import justifications
from fundgraph.reason.output import Output
from fundgraph.reason.table import contains, sorted_unique, union
from fundgraph.reason.terms import Ids

__all__ = ["retract"]

#: If more than this would have to be looked at again one by one, making the closure anew is faster.
MOST_RETRACTED = 3000


def retract(engine: Engine, rows: dict[int, Ids], asserted: dict[int, Ids]) -> bool:
    """Take pairs out of a closure, with all that no longer follows; tell whether that could be done.

    ``asserted`` are the (canonical) pairs that stay asserted. If the answer is no, nothing has changed.
    """
    facts = engine.facts
    if facts.equality or engine.clashes or engine.identity:
        return False
    doomed = _consequences(engine, rows, asserted)
    if doomed is None:
        return False
    for p, keys in doomed.items():
        facts.tables[p].remove(keys)
        if p | BASE in facts.tables:
            facts.tables[p | BASE].remove(keys)
    back: dict[int, Ids] = {}
    for p, keys in doomed.items():
        found = [
            key
            for key in keys.tolist()
            if next(justifications((key >> 32, p, key & 0xFFFFFFFF), facts, equality=False), None) is not None
        ]
        if found:
            back[p] = np.array(found, dtype=np.int64)
    engine.resume(back)
    return True


def _consequences(engine: Engine, rows: dict[int, Ids], asserted: dict[int, Ids]) -> dict[int, Ids] | None:
    """Return all that follows by way of some pairs, themselves included; None if that is too much."""
    doomed: dict[int, Ids] = {}
    delta = rows
    while delta:
        for p, keys in delta.items():
            doomed[p] = union(doomed.get(p, np.zeros(0, dtype=np.int64)), keys)
            if any(is_schema(key >> 32, p, key & 0xFFFFFFFF) for key in keys.tolist()):
                return None
        if sum(map(len, doomed.values())) > MOST_RETRACTED:
            return None
        out = Output(engine.facts, known=True)
        for p, keys in delta.items():
            engine.run_delta(p, keys, out)
            base = engine.facts.tables.get(p | BASE)
            engine.run_delta(p | BASE, keys if base is None else keys[base.has(keys)], out)
        delta = {}
        for p, (keys, absorbed) in out.collected():
            table = engine.facts.table(p)
            if table is None:
                continue
            found = keys if absorbed is None else sorted_unique(np.concatenate([keys, absorbed]))
            found = found[table.has(found)]
            for others in (doomed.get(p), asserted.get(p)):
                found = found if others is None else found[~contains(others, found)]
            if len(found):
                delta[p] = found
    return doomed

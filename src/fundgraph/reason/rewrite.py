"""Rewriting triples to the representatives of same things, with a record of what each was before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fundgraph.reason.compile import BASE, PROPER
from fundgraph.reason.facts import Facts
from fundgraph.reason.table import Mask, Times, pack, sorted_unique, unpack
from fundgraph.reason.terms import Ids

__all__ = ["Rewriting", "rewrite"]


@dataclass(frozen=True, slots=True)
class Rewriting:
    """Pairs of one property that were rewritten at one time: the old ones with their times, and the new ones."""

    time: int
    old_p: int
    new_p: int
    old_keys: Ids
    old_times: Times
    new_keys: Ids
    new_keys_sorted: Ids


def rewrite(facts: Facts, mapping: Ids, time: int, delta: dict[int, Ids]) -> list[Rewriting]:
    """Take out all pairs that name a term which another now stands for; return what to put in instead.

    What is about to be worked off (``delta``) loses them too.
    """
    done: list[Rewriting] = []
    for p in list(facts.tables):
        if p & PROPER:
            continue
        plain = p & ~BASE
        target = int(mapping[plain])
        table = facts.tables[p]
        keys, times = table.all(), table.all_times()
        hit = np.ones(len(keys), dtype=np.bool_) if target != plain else _moved(keys, mapping)
        if not hit.any():
            continue
        old, old_times = keys[hit], times[hit]
        s, o = unpack(old)
        new = pack(mapping[s], mapping[o])
        table.remove(old)
        if p & BASE:
            kept = facts.tables.get(target | BASE)
            if kept is not None:
                kept.add(kept.missing(sorted_unique(new)), time)
        else:
            done.append(Rewriting(time, p, target, old, old_times, new, sorted_unique(new)))
    for p in list(delta):
        keys = delta[p]
        stays = ~_moved(keys, mapping) if int(mapping[p & ~(BASE | PROPER)]) == p & ~(BASE | PROPER) else None
        if stays is None:
            del delta[p]
        elif not stays.all():
            delta[p] = keys[stays]
    return done


def _moved(keys: Ids, mapping: Ids) -> Mask:
    s, o = unpack(keys)
    moved: Mask = (mapping[s] != s) | (mapping[o] != o)
    return moved

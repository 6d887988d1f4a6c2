"""Rewriting the tables of the engine on disk to the representatives of same things."""

from __future__ import annotations

from collections.abc import Iterable

import duckdb
import numpy as np

from fundgraph.reason.facts import Facts

__all__ = ["rewrite_tables"]


def rewrite_tables(database: duckdb.DuckDBPyConnection, facts: Facts, tables: Iterable[int]) -> None:
    """Take out of the properties' tables all pairs that name a term which another now stands for.

    What to put in instead, and what was about to be worked off, is left as what a round has brought (``c…``).
    """
    run, rep = database.execute, facts.rep
    pairs = [(m, standing) for standing, members in facts.equality.classes() for m in members if m != standing]
    columns = np.ascontiguousarray(np.array(pairs, dtype=np.int32).T)
    database.register("united", {"old": columns[0], "new": columns[1]})
    run("CREATE OR REPLACE TABLE moved AS SELECT * FROM united")
    database.unregister("united")
    joined = "LEFT JOIN moved x ON s = x.old LEFT JOIN moved y ON o = y.old"
    new = f"SELECT coalesce(x.new, s), coalesce(y.new, o), b FROM {{}} {joined}"
    some = " WHERE s IN (SELECT old FROM moved) OR o IN (SELECT old FROM moved)"
    for p in sorted(tables):
        standing = rep(p)
        moved = "" if standing != p else some
        run(f"INSERT INTO c{standing} {new.format(f'f{p}')}{moved}")
        run(f"DELETE FROM f{p}{moved}")
        run(f"INSERT INTO c{standing} {new.format(f'd{p}')}")
        # What was about to be worked off is still to be, and so counts as new.
        run(f"DELETE FROM f{standing} WHERE (s, o) IN (SELECT s, o FROM c{standing})")
    run(
        "CREATE OR REPLACE TABLE rest AS SELECT DISTINCT coalesce(x.new, s) AS s, coalesce(z.new, p) AS p,"
        f" coalesce(y.new, o) AS o FROM rest {joined} LEFT JOIN moved z ON p = z.old"
    )
    for p in tables:
        run(f"INSERT INTO c{p} SELECT s, o, true FROM rest WHERE p = {p}")
        run(f"DELETE FROM rest WHERE p = {p}")

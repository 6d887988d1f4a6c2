"""Writing out what the engine on disk has inferred."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb

from fundgraph.errors import UsageError
from fundgraph.ntriples import Name
from fundgraph.reason.closure import MOST_EXPANDED
from fundgraph.reason.definition import says_something
from fundgraph.reason.facts import Facts
from fundgraph.reason.spill_terms import Dictionary
from fundgraph.reason.terms import Vocabulary

__all__ = ["written_out"]

SAME = Vocabulary.id("owl:sameAs")
_EXPANDED = (
    "SELECT coalesce(x.member, s) AS s, coalesce(z.member, p) AS p, coalesce(y.member, o) AS o FROM written"
    " LEFT JOIN members x ON s = x.standing LEFT JOIN members y ON o = y.standing LEFT JOIN members z ON p = z.standing"
    f" UNION ALL SELECT x.member, {SAME}, y.member FROM members x JOIN members y USING (standing)"
    " WHERE x.member <> y.member"
)
_BY_REPRESENTATIVE = (
    f"SELECT s, p, o FROM written UNION ALL SELECT member, {SAME}, standing FROM members WHERE member <> standing"
)


def written_out(
    database: duckdb.DuckDBPyConnection,
    terms: Dictionary,
    facts: Facts,
    tables: Iterable[int],
    directory: Path,
    *,
    expand: bool,
) -> Iterator[Name]:
    """Yield what is inferred and not asserted, by way of a file; ``tables`` are the properties that have their own.

    Raises :class:`UsageError` if writing out what is the same would be too much.
    """
    classes = dict(facts.equality.classes())
    size = sum(len(members) ** 2 for members in classes.values())
    if expand and size > MOST_EXPANDED:
        raise UsageError(
            f"writing out all that follows from things being the same would be more than {size} triples",
            hint="Ask for one representative of each instead (--representatives, expand=False)",
        )
    run = database.execute
    run("CREATE OR REPLACE TABLE members (standing INTEGER, member INTEGER)")
    rows = [(standing, member) for standing, members in classes.items() for member in members]
    if rows:
        run(
            "INSERT INTO members SELECT unnest(?), unnest(?)", [[row[0] for row in rows], [row[1] for row in rows]]
        )
    run("CREATE OR REPLACE TABLE written AS SELECT s, p, o FROM rest")
    for number in sorted(tables):
        if number != SAME or (classes and expand):
            run(f"INSERT INTO written SELECT s, {number}, o FROM f{number}")
    query = (_EXPANDED if expand else _BY_REPRESENTATIVE) if classes else "SELECT s, p, o FROM written"
    path = directory / "inferred.tsv"
    _write(database, terms, query, path)
    with path.open(encoding="utf-8", newline="\n") as lines:
        for line in lines:
            s, p, o = line[:-1].split("\t")
            if says_something(s, p, o):
                yield s, p, o
    path.unlink()


def _write(database: duckdb.DuckDBPyConnection, terms: Dictionary, query: str, path: Path) -> None:
    """Write what is not asserted with its names, a triple on each line; one join at a time has all of the memory."""
    run = database.execute
    forms = "LEFT JOIN forms x ON s = x.id LEFT JOIN forms y ON o = y.id"
    known = f"SELECT coalesce(x.standing, s) AS s, p, coalesce(y.standing, o) AS o FROM asserted {forms}"
    preferred = " ".join(f"WHEN {number} THEN {form}" for number, form in terms.preferred.items())
    value = f"CASE o {preferred} ELSE o END" if preferred else "o"
    run(f"CREATE OR REPLACE TABLE written AS SELECT DISTINCT s, p, o FROM ({query}) EXCEPT {known}")
    run(
        "CREATE OR REPLACE TABLE properties AS SELECT id AS p, name FROM terms WHERE id IN (SELECT p FROM written)"
    )
    run(f"CREATE OR REPLACE TABLE named AS SELECT s, p, name AS o FROM written JOIN terms ON {value} = id")
    run("DROP TABLE written")
    run(
        "COPY (SELECT x.name, properties.name, o FROM named JOIN terms x ON s = x.id JOIN properties USING (p))"
        f" TO '{path}' (FORMAT csv, DELIMITER '\t', HEADER false, QUOTE '', ESCAPE '')"
    )
    run("DROP TABLE named")

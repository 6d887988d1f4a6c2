"""What pages ask of the whole dataset again and again, answered once when a snapshot is made, in its index.

A query with a line ``#+ kept: with each snapshot`` has its rows there; with ``#+ kept: 300 by a b`` no more than 300 of them for each
pair of values of ``?a`` and ``?b``, in their order; with ``#+ kept: for each of documents`` there are the rows of each thing of that list. One with a line ``#+ ties: <one> <other> <part>`` gives pairs of things
of lists, so that networks and overviews of any size are made of numbers: each pair is two ids and, as an address would
name it, what ``part`` holds (nothing if it has no third column).
"""

from __future__ import annotations

import json
import re
import sqlite3
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import pyoxigraph as ox

from fundgraph.errors import NoSnapshotError

SCHEMA = """
CREATE TABLE answer (query TEXT PRIMARY KEY, columns TEXT NOT NULL, rows BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE tie (name TEXT NOT NULL, one INTEGER NOT NULL, other INTEGER NOT NULL, part TEXT NOT NULL);
"""
INDEXES = (
    "CREATE INDEX tie_name ON tie (name, one, other, part); CREATE INDEX tie_other ON tie (name, other, one);"
)
#: An answer of more rows than this is not kept.
MOST_ROWS = 20_000
#: One with more characters is packed.
_MUCH = 4_000
_KEPT = re.compile(r"^#\+ kept: (?:with each snapshot|for each of (\w+)|(\d+) by ([\w ]+))$", re.MULTILINE)
#: Where a query says what it is about.
VALUES = re.compile(r"VALUES\s+\?(thing|text)\s*\{[^{}]*\}")
_GRAPH = re.compile(r"\bGRAPH\b\s*(?:<([^<>]*)>)?", re.IGNORECASE)
_TIES = re.compile(r"^#\+ ties: (\w+) (\w+) ?(\w*)$", re.MULTILINE)

Row = dict[str, str]


def write_answers(connection: sqlite3.Connection, store: ox.Store, queries: Iterable[str]) -> None:
    """Write the answers that are kept; an unbound variable is the empty text."""
    for query in sorted(set(queries)):
        found = _KEPT.search(query)
        if found is None:
            continue
        bound = [query]
        if found[1]:
            of_list = connection.execute("SELECT iri FROM thing WHERE list = ? ORDER BY id", (found[1],))
            bound = [for_term(query, f"<{iri}>") for (iri,) in of_list]
        for one in bound:
            solutions: Any = store.query(one)
            names = [variable.value for variable in solutions.variables]
            rows = [["" if term is None else text_of(term) for term in solution] for solution in solutions]
            if found[2]:
                rows = list(_first(rows, int(found[2]), [names.index(name) for name in found[3].split()]))
            if len(rows) <= MOST_ROWS:
                connection.execute("INSERT INTO answer VALUES (?, ?, ?)", (one, json.dumps(names), _packed(rows)))


def for_term(query: str, term: str) -> str:
    """Return a query with a term, rendered, in its blocks ``VALUES ?thing { … }`` or ``VALUES ?text { … }``.

    >>> for_term("SELECT ?a WHERE { VALUES ?thing { <urn:x> } ?a ?b ?thing }", "<urn:y>")
    'SELECT ?a WHERE { VALUES ?thing { <urn:y> } ?a ?b ?thing }'
    """
    return VALUES.sub(lambda match: f"VALUES ?{match[1]} {{ {term} }}", query)


def _packed(rows: list[list[str]]) -> str | bytes:
    text = json.dumps(rows, ensure_ascii=False, separators=(",", ":"))
    return zlib.compress(text.encode(), 6) if len(text) > _MUCH else text


def is_kept(query: str) -> bool:
    """Tell whether the answer of a query is kept."""
    return _KEPT.search(query) is not None


def graphs_of(query: str) -> frozenset[str] | None:
    """Return the graphs that a query looks at besides the default one; nothing if it may be any.

    >>> graphs_of("ASK { GRAPH <http://e/g> { ?s ?p ?o } }"), graphs_of("ASK { GRAPH ?g { ?s ?p ?o } }")
    (frozenset({'http://e/g'}), None)
    """
    found = _GRAPH.findall(query)
    return None if "" in found else frozenset(found)


def _first(rows: Iterable[list[str]], most: int, places: list[int]) -> Iterator[list[str]]:
    """Yield no more than so many rows for each combination of values at these places."""
    counts: Counter[tuple[str, ...]] = Counter()
    for row in rows:
        key = tuple(row[place] for place in places)
        counts[key] += 1
        if counts[key] <= most:
            yield row


def text_of(term: Any) -> str:
    """Return a term as pages show it."""
    return str(term.value) if isinstance(term, ox.NamedNode | ox.Literal | ox.BlankNode) else str(term)


def read_answer(connection: sqlite3.Connection, query: str) -> tuple[Row, ...] | None:
    """Return the rows of a query if they are kept."""
    try:
        found = connection.execute("SELECT columns, rows FROM answer WHERE query = ?", (query,)).fetchone()
    except sqlite3.OperationalError:  # an index that was made before answers were kept
        return None
    if found is None:
        return None
    names = json.loads(found[0])
    rows = zlib.decompress(found[1]) if isinstance(found[1], bytes) else found[1]
    return tuple(dict(zip(names, row, strict=True)) for row in json.loads(rows))


def write_ties(
    connection: sqlite3.Connection,
    store: ox.Store,
    queries: Mapping[str, str],
    ids: Mapping[str, int],
    short: Callable[[str], str],
) -> None:
    """Write the pairs of each query that gives some, under its name; ``short`` is how an address names a part."""
    for name, query in sorted(queries.items()):
        found = _TIES.search(query)
        if found is not None:
            pairs = set(_pairs(store, query, found.groups(), ids, short))
            connection.executemany(
                "INSERT INTO tie VALUES (?, ?, ?, ?)", ((name, *pair) for pair in sorted(pairs))
            )


def _pairs(
    store: ox.Store, query: str, columns: tuple[str, ...], ids: Mapping[str, int], short: Callable[[str], str]
) -> Iterator[tuple[int, int, str]]:
    one, other, part = columns
    for solution in store.query(query):  # type: ignore[union-attr]
        ends = ids.get(text_of(solution[one])), ids.get(text_of(solution[other]))
        value = solution[part] if part else None
        if ends[0] is not None and ends[1] is not None:
            yield ends[0], ends[1], "" if value is None else short(text_of(value))


def read_ties(
    connection: sqlite3.Connection, name: str, part: str = "", within: tuple[str, Iterable[str]] | None = None
) -> list[tuple[int, int]]:
    """Return the pairs under a name, each once: of a part, and with the first of the two within a query of ids.

    Raises :class:`NoSnapshotError` if the index was made before there were any.
    """
    query, terms = "SELECT DISTINCT one, other FROM tie WHERE name = ?", [name]
    if part:
        query, terms = f"{query} AND part = ?", [*terms, part]
    if within is not None:
        query, terms = f"{query} AND one IN ({within[0]})", [*terms, *within[1]]
    try:
        return connection.execute(f"{query} ORDER BY one, other", terms).fetchall()
    except sqlite3.OperationalError as error:
        raise NoSnapshotError("the snapshot is of an older version", hint="Run: fundgraph build") from error


def nearest(connection: sqlite3.Connection, name: str, iri: str, most: int) -> list[str]:
    """Return the IRIs of the things that share most others with a thing by the pairs under a name, by label if they share as many.

    Raises :class:`NoSnapshotError` if the index was made before there were any.
    """
    query = (
        "SELECT thing.iri FROM (SELECT near.one AS id, count(DISTINCT near.other) AS shared FROM thing AS it "
        "JOIN tie AS its ON its.name = :name AND its.one = it.id "
        "JOIN tie AS near ON near.name = :name AND near.other = its.other AND near.one != it.id "
        "WHERE it.iri = :iri GROUP BY near.one) JOIN thing USING (id) ORDER BY shared DESC, label, iri LIMIT :most"
    )
    return _iris(connection, query, name=name, iri=iri, most=most)


def strongest(connection: sqlite3.Connection, name: str, iri: str, most: int) -> list[str]:
    """Return the IRIs of the things that are tied to a thing by the pairs under a name, those with the largest part first, by label if it is equal.

    A part is a number here; those that have none come last.
    """
    query = (
        "SELECT thing.iri FROM (SELECT tie.one AS id, max(CAST(nullif(tie.part, '') AS REAL)) AS score FROM thing AS it "
        "JOIN tie ON tie.name = :name AND tie.other = it.id WHERE it.iri = :iri GROUP BY tie.one) JOIN thing USING (id) "
        "ORDER BY score DESC, label, iri LIMIT :most"
    )
    return _iris(connection, query, name=name, iri=iri, most=most)


def _iris(connection: sqlite3.Connection, query: str, **terms: str | int) -> list[str]:
    try:
        return [iri for (iri,) in connection.execute(query, terms)]
    except sqlite3.OperationalError as error:
        raise NoSnapshotError("the snapshot is of an older version", hint="Run: fundgraph build") from error

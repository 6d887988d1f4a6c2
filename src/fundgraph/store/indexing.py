"""Making the index beside a snapshot: the lists, words, facets, ties and kept answers that :mod:`fundgraph.store.listing` reads."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from fundgraph.store import answers
from fundgraph.store.identities import write_identities
from fundgraph.store.listing import FILE_NAME, facet_value, fold

#: Nothing is lost with a file that is not whole: it is made again.
_UNGUARDED = "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
_SCHEMA = """
CREATE TABLE thing (id INTEGER PRIMARY KEY, iri TEXT NOT NULL UNIQUE, list TEXT NOT NULL, label TEXT NOT NULL);
CREATE TABLE facet (thing INTEGER NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL);
CREATE TABLE facet_label (name TEXT NOT NULL, value TEXT NOT NULL, label TEXT NOT NULL, PRIMARY KEY (name, value)) WITHOUT ROWID;
CREATE VIRTUAL TABLE words USING fts5(label, names, folded, texts, tokenize = "unicode61 remove_diacritics 2",
    prefix = '2 3');
CREATE VIRTUAL TABLE letters USING fts5(names, content = '', tokenize = 'trigram');
"""  # and those of the answers
_INDEXES = """
CREATE INDEX thing_list ON thing (list);
CREATE INDEX facet_value ON facet (name, value, thing);
ANALYZE;
"""


def missing_tables(path: Path) -> list[str]:
    """Return the tables that an index lacks, as older code did not write them."""
    wanted = re.findall(r"CREATE (?:VIRTUAL )?TABLE (\w+)", _SCHEMA + answers.SCHEMA)
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        found = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    except sqlite3.DatabaseError:
        return wanted
    finally:
        connection.close()
    return [name for name in wanted if name not in found]


def graphs_named(queries: Mapping[str, str]) -> frozenset[str]:
    """Return the graphs that queries name, of those whose answers are kept."""
    return frozenset().union(
        *(answers.graphs_of(text) or () for text in queries.values() if answers.is_kept(text))
    )


def write_index(
    directory: Path,
    queries: Mapping[str, str],
    store: ox.Store | None = None,
    graphs: frozenset[str] = frozenset(),
) -> Path:
    """Write the index of the store below a snapshot's folder; ``queries`` are ``pages/`` by name.

    ``store`` is one with the same default graph and no others but ``graphs``, which spares opening that one; answers
    of queries that look at others are then left for :func:`write_answers_of_graphs`.

    ``index_things`` gives ``?thing ?list ?label`` in the order of the lists, ``index_names`` and ``index_texts``
    ``?thing`` with ``?name`` or ``?text``, a facet ``?thing ?value`` and, unless the value is a thing itself, ``?label``.
    """
    kept = [text for text in queries.values() if store is None or _is_within(text, graphs)]
    store = ox.Store.read_only(str(directory / "store")) if store is None else store
    path = directory / FILE_NAME
    path.unlink(missing_ok=True)
    connection = sqlite3.connect(path)
    try:
        connection.executescript(_UNGUARDED + _SCHEMA + answers.SCHEMA)
        ids: dict[str, int] = {}
        labels: dict[str, str] = {}
        things: list[tuple[int, str, str, str]] = []
        for iri, kind, label in _rows(store, queries["index_things"], "thing", "list", "label"):
            if iri not in ids:
                ids[iri] = len(ids) + 1
                labels[iri] = label
                things.append((ids[iri], iri, kind, label))
        connection.executemany("INSERT INTO thing VALUES (?, ?, ?, ?)", things)
        names = _gathered(_rows(store, queries["index_names"], "thing", "name"))
        texts = _gathered(_rows(store, queries["index_texts"], "thing", "text"))
        connection.executemany(
            "INSERT INTO words (rowid, label, names, folded, texts) VALUES (?, ?, ?, ?, ?)",
            (
                (id_, label, *_words(label, names.get(iri, ()), texts.get(iri, ())))
                for id_, iri, _, label in things
            ),
        )
        connection.executemany(
            "INSERT INTO letters (rowid, names) VALUES (?, ?)",
            ((id_, fold("\n".join([label, *names.get(iri, ())]))) for id_, iri, _, label in things),
        )
        for name in sorted(queries):
            if name.startswith("facet_"):
                facet = name.removeprefix("facet_")
                rows = _rows(store, queries[name], "thing", "value", "label")
                values = {(ids[iri], facet, facet_value(value), label or labels.get(value, value))
                          for iri, value, label in rows if iri in ids}  # fmt: skip
                pairs = sorted({(id_, name_, value) for id_, name_, value, _ in values})
                called = sorted({(name_, value, label) for _, name_, value, label in values})
                connection.executemany("INSERT INTO facet VALUES (?, ?, ?)", pairs)
                connection.executemany("INSERT OR IGNORE INTO facet_label VALUES (?, ?, ?)", called)
        answers.write_answers(connection, store, kept)
        answers.write_ties(connection, store, queries, ids, facet_value)
        write_identities(connection, partial(_rows, store), queries, ids)
        connection.executescript(answers.INDEXES + _INDEXES)
        connection.commit()
    finally:
        connection.close()
    return path


def _is_within(query: str, graphs: frozenset[str]) -> bool:
    """Tell whether a query looks at no named graphs but some."""
    named = answers.graphs_of(query)
    return named is not None and named <= graphs


def write_answers_of_graphs(
    directory: Path, queries: Mapping[str, str], store: ox.Store, graphs: frozenset[str] = frozenset()
) -> None:
    """Add the answers that need more than the default graph and ``graphs``, from a store that holds all."""
    connection = sqlite3.connect(directory / FILE_NAME)
    try:
        connection.executescript(_UNGUARDED)
        answers.write_answers(
            connection, store, (text for text in queries.values() if not _is_within(text, graphs))
        )
        connection.execute("ANALYZE answer")
        connection.commit()
    finally:
        connection.close()


def _rows(store: ox.Store, query: str, *names: str) -> Iterable[tuple[str, ...]]:
    solutions: Any = store.query(query)
    places = {variable.value: at for at, variable in enumerate(solutions.variables)}
    wanted = [places.get(name) for name in names]
    for solution in solutions:
        terms = [None if at is None else solution[at] for at in wanted]
        yield tuple(["" if term is None else term.value for term in terms])


def _gathered(rows: Iterable[tuple[str, ...]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for iri, text in rows:
        found.setdefault(iri, []).append(text)
    return found


def _words(label: str, names: Sequence[str], texts: Sequence[str]) -> tuple[str, str, str]:
    others = list(dict.fromkeys(name for name in names if name != label))
    plain = "\n".join([label, *others])
    folded = fold(plain)
    return "\n".join(others), folded if folded != plain.casefold() else "", "\n\n".join(dict.fromkeys(texts))

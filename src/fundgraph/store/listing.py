"""Lists and words: a small SQLite file beside each snapshot, for lists with facets and for full-text search.

SPARQL answers questions; a list of ten thousand projects, narrowed by three facets with their counts, and words found
in abstracts, are another kind of work. The file is made once, when the snapshot is written, by queries that stand in
``pages/``: ``index_things``, ``index_names``, ``index_texts``, and ``facet_<list>-<facet>``. Beside them stand answers that pages
show again and again (:mod:`fundgraph.store.answers`).
"""

from __future__ import annotations

import json
import re
import sqlite3
import threading
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from fundgraph.errors import NoSnapshotError
from fundgraph.store import answers
from fundgraph.store.identities import write_identities

FILE_NAME = "index.sqlite"
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
#: What a found word weighs by where it stands: in the label, another name, its folded form, a text.
_WEIGHTS = "10.0, 6.0, 4.0, 1.0"
_OPEN, _CLOSE = "\x02", "\x03"
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "oe", "å": "aa", "æ": "ae", "œ": "oe"})
_TOKEN = re.compile(r"\w+")
_MOST_TOKENS = 16


@dataclass(frozen=True, slots=True)
class Found:
    """A thing that a search found; ``match`` is in parts, of which every second one is what was found."""

    iri: str
    label: str
    kind: str
    match: tuple[str, ...]

    @property
    def text(self) -> str:
        """The matching passage as plain text."""
        return "".join(self.match)


@dataclass(frozen=True, slots=True)
class Findings:
    """One page of what a search found, best first, and how many there are in all, by kind."""

    found: tuple[Found, ...]
    total: int
    kinds: Mapping[str, int]
    loosely: bool = False
    """Whether only parts of words match: nothing has words that begin so."""


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a facet, with how many of the things at hand have it."""

    value: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list, how many things there are on all its pages and in all, and its facets."""

    iris: tuple[str, ...]
    total: int
    all: int
    facets: Mapping[str, tuple[Value, ...]]


def fold(text: str) -> str:
    """Return a text in small letters with umlauts written out, as people without them on their keyboard type it.

    >>> fold("Jürgen Weiß")
    'juergen weiss'
    """
    return unicodedata.normalize("NFC", text).casefold().replace("ß", "ss").translate(_UMLAUTS)


def facet_value(term: str) -> str:
    """Return what stands for a facet's value in an address: the last part of an IRI, or the literal.

    >>> facet_value("https://example.org/topic/deep-learning"), facet_value("regular")
    ('deep-learning', 'regular')
    """
    return term.rstrip("/").rpartition("/")[2].rpartition("#")[2] if "://" in term else term


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


class Index:
    """Reads a snapshot's index; any thread may ask. Raises :class:`NoSnapshotError` if there is none."""

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise NoSnapshotError("the snapshot has no index", where=path, hint="Run: fundgraph build")
        self._address = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        self._local = threading.local()
        self.listing = lru_cache(maxsize=256)(self._listing)

    @property
    def _connection(self) -> sqlite3.Connection:
        found: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if found is None:
            found = self._local.connection = sqlite3.connect(self._address, uri=True)
        return found

    def answer(self, query: str) -> tuple[answers.Row, ...] | None:
        """Return the rows of a query about the whole dataset, if they were kept when the snapshot was made."""
        return answers.read_answer(self._connection, query)

    def ties(
        self, name: str, part: str = "", list_: str = "", chosen: Iterable[tuple[str, str]] = ()
    ) -> list[tuple[int, int]]:
        """Return the pairs of things that the query ``name`` gave, as ids.

        ``part`` leaves those of a part, ``chosen`` those whose first thing is of ``list_`` and has all these facets' values.
        """
        within = self._fitting(list_, chosen, "") if chosen else None
        return answers.read_ties(self._connection, name, part, within)

    def nearest(self, name: str, iri: str, most: int) -> list[str]:
        """Return the things that share most with a thing by the pairs that the query ``name`` gave, the nearest first."""
        return answers.nearest(self._connection, name, iri, most)

    def strongest(self, name: str, iri: str, most: int) -> list[str]:
        """Return the things that the query ``name`` ties to a thing, those with the highest score first."""
        return answers.strongest(self._connection, name, iri, most)

    def named(self, ids: Iterable[int]) -> dict[int, tuple[str, str]]:
        """Return IRI and label of things by their ids."""
        wanted = json.dumps(list(ids))
        rows = self._connection.execute(
            "SELECT id, iri, label FROM thing WHERE id IN (SELECT value FROM json_each(?))", (wanted,)
        )
        return {id_: (iri, label) for id_, iri, label in rows}

    def first_named(self, ids: Iterable[int], most: int) -> list[tuple[int, str, str]]:
        """Return the first of some things by label: id, IRI and label."""
        return self._connection.execute(
            "SELECT id, iri, label FROM thing WHERE id IN (SELECT value FROM json_each(?)) ORDER BY label, iri LIMIT ?",
            (json.dumps(list(ids)), most),
        ).fetchall()

    def everything(self) -> Iterable[tuple[str, str, str, str, str]]:
        """Return all things in the order of the lists: IRI, list, label, other names, texts."""
        return self._connection.execute(
            "SELECT iri, list, thing.label, names, texts FROM thing JOIN words ON words.rowid = thing.id ORDER BY thing.id"
        )

    def members(self, name: str) -> dict[str, dict[str, list[str]]]:
        """Return the things of a list that have each value of each facet: facet, value, IRIs."""
        found: dict[str, dict[str, list[str]]] = {}
        rows = self._connection.execute(
            "SELECT facet.name, facet.value, iri FROM facet JOIN thing ON thing.id = facet.thing "
            "WHERE facet.name >= ? AND facet.name < ? ORDER BY 1, 2, thing.id",
            (f"{name}-", f"{name}."),
        )
        for facet, value, iri in rows:
            found.setdefault(facet.removeprefix(f"{name}-"), {}).setdefault(value, []).append(iri)
        return found

    def search(self, text: str, kind: str = "", limit: int = 50, offset: int = 0) -> Findings:
        """Return the things that hold words which begin as those of ``text``; failing that, parts of names.

        Capitals and accents do not count, umlauts may be written out. ``kind`` leaves only things of one list.
        """
        words = _words_of(text)
        if not words:
            return Findings((), 0, {})
        result = self._search("words", " AND ".join(_either(word) for word in words), kind, limit, offset)
        letters = fold(" ".join("".join(char if char.isprintable() else " " for char in text).split()))
        if result.total or kind or len(letters) < 3:
            return result
        quoted = '"' + letters.replace('"', '""') + '"'
        return self._search("letters", quoted, kind, limit, offset)

    def _search(self, table: str, match: str, kind: str, limit: int, offset: int) -> Findings:
        rows = self._connection.execute(
            f"SELECT list, count(*) FROM {table} JOIN thing ON thing.id = {table}.rowid "
            f"WHERE {table} MATCH ? GROUP BY list ORDER BY list",
            (match,),
        )
        kinds: dict[str, int] = dict(rows.fetchall())
        exact = table == "words"
        marked = ", ".join(f"snippet(words, {at}, '{_OPEN}', '{_CLOSE}', '…', 24)" for at in (0, 1, 3))
        rank = f"bm25(words, {_WEIGHTS})" if exact else "length(thing.label)"
        found = self._connection.execute(
            f"SELECT thing.iri, thing.label, thing.list, {marked if exact else 'thing.label'} FROM {table} "
            f"JOIN thing ON thing.id = {table}.rowid WHERE {table} MATCH ? AND (? = '' OR thing.list = ?) "
            f"ORDER BY {rank}, thing.id LIMIT ? OFFSET ?",
            (match, kind, kind, limit, offset),
        ).fetchall()
        total = kinds.get(kind, 0) if kind else sum(kinds.values())
        return Findings(
            tuple(Found(iri, label, list_, _parts(columns)) for iri, label, list_, *columns in found),
            total,
            kinds,
            loosely=not exact and bool(total),
        )

    def _listing(
        self,
        name: str,
        chosen: tuple[tuple[str, str], ...] = (),
        text: str = "",
        limit: int = 100,
        offset: int = 0,
    ) -> Listing:
        """Return a page of the list ``name``: the things with all ``chosen`` facets' values and words of ``text``.

        A facet's counts are of the things that fit everything chosen but the facet itself.
        """
        run = self._connection.execute
        whole = run("SELECT count(*) FROM thing WHERE list = ?", (name,)).fetchone()[0]
        facets = self._facets(name, chosen, text)
        if not chosen and not _words_of(text):
            rows = run("SELECT iri FROM thing WHERE list = ? ORDER BY id LIMIT ? OFFSET ?", (name, limit, offset))
            return Listing(tuple(iri for (iri,) in rows), whole, whole, facets)
        ids = self._ids(name, chosen, text)
        rows = run(
            "SELECT iri FROM thing WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id",
            (json.dumps(ids[offset : offset + limit]),),
        )
        return Listing(tuple(iri for (iri,) in rows), len(ids), whole, facets)

    def _facets(self, name: str, chosen: Sequence[tuple[str, str]], text: str) -> dict[str, tuple[Value, ...]]:
        """Count the values of each facet of a list, in the order of their labels."""
        labels: dict[str, dict[str, str]] = {}
        for facet, value, label in self._connection.execute(
            "SELECT name, value, label FROM facet_label WHERE name >= ? AND name < ? ORDER BY name, label, value",
            (f"{name}-", f"{name}."),
        ):
            labels.setdefault(facet, {})[value] = label
        narrowed: dict[tuple[tuple[str, str], ...], list[str]] = {}
        for facet in labels:
            others = tuple(one for one in chosen if f"{name}-{one[0]}" != facet)
            narrowed.setdefault(others, []).append(facet)
        counts: dict[str, dict[str, int]] = {facet: {} for facet in labels}
        for others, facets in narrowed.items():
            for facet, value, count in self._counts(name, others, text, facets):
                counts[facet][value] = count
        return {
            facet.removeprefix(f"{name}-"): tuple(
                Value(value, label, counts[facet][value])
                for value, label in called.items()
                if value in counts[facet]
            )
            for facet, called in labels.items()
        }

    def _counts(
        self, name: str, chosen: Sequence[tuple[str, str]], text: str, facets: Sequence[str]
    ) -> Iterable[tuple[str, str, int]]:
        """Return how many of the things that fit have which value of some facets, in one go."""
        query, terms = (
            "SELECT name, value, count(*) FROM facet WHERE name IN (SELECT value FROM json_each(?))",
            [json.dumps(facets)],
        )
        if chosen or _words_of(text):  # all things of a facet are of its list
            query += (
                " AND +thing IN (SELECT value FROM json_each(?))"  # one look at each: + keeps it out of the index
            )
            terms.append(json.dumps(self._ids(name, chosen, text)))
        return self._connection.execute(f"{query} GROUP BY name, value", terms)

    def _ids(self, name: str, chosen: Iterable[tuple[str, str]], text: str) -> list[int]:
        """Return the ids of the things of a list that fit, in order."""
        query, terms = self._fitting(name, chosen, text)
        return sorted(id_ for (id_,) in self._connection.execute(query, terms))

    @staticmethod
    def _fitting(name: str, chosen: Iterable[tuple[str, str]], text: str) -> tuple[str, list[str]]:
        parts, terms = [], []
        for facet, value in chosen:
            parts.append("SELECT thing FROM facet WHERE name = ? AND value = ?")
            terms += [f"{name}-{facet}", value]
        words = _words_of(text)
        if words:
            parts.append(
                "SELECT words.rowid FROM words JOIN thing ON thing.id = words.rowid WHERE words MATCH ? AND list = ?"
            )
            terms += [" AND ".join(_either(word) for word in words), name]
        if not parts:
            parts, terms = ["SELECT id FROM thing WHERE list = ?"], [name]
        return " INTERSECT ".join(parts), terms


def _words_of(text: str) -> list[str]:
    return _TOKEN.findall(text.replace("_", " "))[:_MOST_TOKENS]


def _either(word: str) -> str:
    """Return the search for a word as typed, or with its umlauts written out; the word may go on."""
    forms = dict.fromkeys((word, fold(word)))
    return "(" + " OR ".join(f'"{form}"*' for form in forms) + ")"


def _parts(columns: Sequence[str]) -> tuple[str, ...]:
    """Return the first column that shows what was found, in parts; the label if it was found in its folded form."""
    shown = next((column for column in columns if _OPEN in column), columns[0])
    return tuple(" ".join(f"|{part}|".split())[1:-1] for part in shown.replace(_CLOSE, _OPEN).split(_OPEN))

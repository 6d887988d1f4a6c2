"""A dictionary of terms on disk, for more triples than memory holds.

Numbers are given in the order of kind and name, so that of several terms the least number belongs to the one that
stands for all when they turn out to be the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from fundgraph.ntriples import Name, escape, split_literal
from fundgraph.reason.terms import BLANK, IRI, LITERAL, Terms, Vocabulary
from fundgraph.reason.values import ILL_TYPED, Value, value_of

__all__ = ["Dictionary"]

_BATCH = 50_000
_FORM = "header=false, auto_detect=false, delim='\t', quote='', escape=''"
#: A file is read in pieces of so many bytes, or of two lines if one is longer.
_PIECE = 4 << 20
_ORDER = ("langString", "string", "integer", "decimal")


class Dictionary(Terms):
    """Terms whose names lie in a database; what was asked for lately is kept."""

    def __init__(self, database: duckdb.DuckDBPyConnection, directory: Path) -> None:
        super().__init__()
        self.database = database
        self._directory = directory
        self._vocabulary = list(self.names)
        self.names = _Names(self)  # type: ignore[assignment]
        self.numbers = _Numbers(self)  # type: ignore[assignment]
        self._asked: dict[int, str] = {}
        #: The least numbers of blank nodes and of literals that are not of the vocabulary.
        self.blanks = self.literals = self.own
        self._total = self.own
        #: The literals of the rules that the data write in another way, and how.
        self.preferred: dict[int, int] = {}

    def __len__(self) -> int:
        return self._total

    def read(self, triples: Iterable[Name]) -> None:
        """Put triples into the table ``asserted`` as numbers, and those of one literal a value into ``rest``."""
        self._stage("raw", ("\t".join(triple) for triple in triples), ("s", "p", "o"))
        run = self.database.execute
        run("CREATE TABLE vocabulary (id INTEGER, name VARCHAR)")
        self.database.executemany("INSERT INTO vocabulary VALUES (?, ?)", list(enumerate(self._vocabulary)))
        run("SET preserve_insertion_order = true")  # the number of a row is the number of a term
        run(
            "CREATE TABLE own AS SELECT name FROM (SELECT s AS name FROM raw UNION SELECT p FROM raw UNION SELECT o FROM raw)"
            " WHERE name NOT IN (SELECT name FROM vocabulary)"
            " ORDER BY CASE left(name, 1) WHEN '<' THEN 0 WHEN '_' THEN 1 ELSE 2 END, name"
        )
        run(
            f"CREATE VIEW terms AS SELECT id, name FROM vocabulary UNION ALL SELECT (rowid + {self.own})::INTEGER AS id, name FROM own"
        )
        run("SET preserve_insertion_order = false")
        counts = dict(run("SELECT left(name, 1), count(*) FROM own GROUP BY 1").fetchall())
        self.blanks = self.own + counts.get("<", 0)
        self.literals = self.blanks + counts.get("_", 0)
        self._total = self.literals + counts.get('"', 0)
        # One join at a time, so that each has all of the memory.
        run("CREATE TABLE raw_po AS SELECT id AS s, p, o FROM raw JOIN terms ON s = name")
        run("DROP TABLE raw")
        run("CREATE TABLE raw_o AS SELECT s, id AS p, o FROM raw_po JOIN terms ON p = name")
        run("DROP TABLE raw_po")
        run("CREATE TABLE asserted AS SELECT s, p, id AS o FROM raw_o JOIN terms ON o = name")
        run("DROP TABLE raw_o")
        self._read_values()
        forms = bool(self._other_forms)
        s, o = ("coalesce(x.standing, s)", "coalesce(y.standing, o)") if forms else ("s", "o")
        joined = " LEFT JOIN forms x ON s = x.id LEFT JOIN forms y ON o = y.id" if forms else ""
        run(f"CREATE TABLE rest AS SELECT DISTINCT {s} AS s, p, {o} AS o FROM asserted{joined}")

    def _stage(self, table: str, lines: Iterable[str], columns: tuple[str, ...], types: str = "VARCHAR") -> None:
        """Make a table of lines of columns, by way of a file."""
        path = self._directory / f"{table}.tsv"
        longest = 0
        with path.open("w", encoding="utf-8", newline="\n") as file:
            for line in lines:
                file.write(line + "\n")
                longest = max(longest, len(line))
        size = f"max_line_size={4 * longest + 8}, buffer_size={max(_PIECE, 8 * longest + 16)}"
        spelt = ", ".join(f"'{name}': '{types if name != 'id' else 'INTEGER'}'" for name in columns)
        read = f"read_csv('{path}', {_FORM}, {size}, columns={{{spelt}}})"
        self.database.execute(f"CREATE TABLE {table} AS SELECT * FROM {read}")
        path.unlink()

    # ── values ──────────────────────────────────────────────────────────────────────────────────────────────

    def _read_values(self) -> None:
        """Find the literals that write the same value, and those that are of the wrong type."""
        self._stage("keys", self._keys(), ("id", "key"))
        run = self.database.execute
        groups = run(
            "SELECT list(id ORDER BY id) FROM (SELECT id, key FROM keys UNION"
            " SELECT id, name FROM terms WHERE name IN (SELECT key FROM keys WHERE key[1] = '\"'))"
            " GROUP BY key HAVING count(*) > 1"
        ).fetchall()
        run("DROP TABLE keys")
        run("CREATE TABLE forms (id INTEGER, standing INTEGER)")
        for (found,) in groups:
            used = [form for form in found if form >= self.own]
            best = min(used or found, key=lambda form: (_rank(self.names[form]), self.names[form]))
            standing = found[0] if found[0] < self.own else best
            self._other_forms[standing] = [form for form in found if form != standing]
            if best != standing:
                self.preferred[standing] = best
            self.database.executemany(
                "INSERT INTO forms VALUES (?, ?)", [(form, standing) for form in found if form != standing]
            )

    def _keys(self) -> Iterator[str]:
        cursor = self.database.cursor().execute(
            "SELECT id, name FROM terms WHERE name[1] = '\"' AND name[-1] <> '\"'"
            " AND NOT regexp_full_match(name, '.*\"@[a-z0-9-]+', 's')"
        )
        while batch := cursor.fetchmany(_BATCH):
            for number, name in batch:
                value = value_of(name)
                if value is ILL_TYPED:
                    self.ill_typed.append(number)
                elif value is not None:
                    yield f"{number}\t{_key(value)}"

    # ── asking ──────────────────────────────────────────────────────────────────────────────────────────────

    def kind(self, number: int) -> int:
        """Return the kind of one term."""
        if number < self.own:
            return super().kind(number)
        return IRI if number < self.blanks else BLANK if number < self.literals else LITERAL

    def value(self, number: int) -> Value | None:
        """Return the value of a literal, None for other terms and where nothing is known."""
        return value_of(self.names[number]) if self.kind(number) == LITERAL else None

    def typed(self) -> Iterator[tuple[int, Value]]:
        """Yield the literals that stand for a value, with the value."""
        cursor = self.database.cursor().execute(
            f"SELECT id, name FROM terms WHERE name[1] = '\"' AND id NOT IN (SELECT id FROM forms)"
            f" AND (id >= {self.own} OR id IN (SELECT o FROM asserted) OR id IN (SELECT standing FROM forms))"
        )
        while batch := cursor.fetchmany(_BATCH):
            for number, name in batch:
                value = value_of(name)
                if value is not None and value is not ILL_TYPED:
                    yield number, value

    def fetch(self, numbers: Iterable[int]) -> None:
        """Bring in the names of some terms at once."""
        wanted = sorted({number for number in numbers if number >= self.own and number not in self._asked})
        for start in range(0, len(wanted), 1000):
            part = ", ".join(str(number - self.own) for number in wanted[start : start + 1000])
            rows = self.database.execute(f"SELECT rowid, name FROM own WHERE rowid IN ({part})").fetchall()
            self._asked.update((row + self.own, name) for row, name in rows)

    def name(self, number: int) -> str:
        """Return the name of a term."""
        if number < self.own:
            return self._vocabulary[number]
        if number not in self._asked:
            self.fetch([number])
        return self._asked[number]

    def number(self, name: str) -> int | None:
        """Return the number of a term, None if it does not occur."""
        known = Vocabulary.number.get(name)
        if known is not None:
            return known
        rows = self.database.execute("SELECT rowid FROM own WHERE name = ?", [name]).fetchall()
        return int(rows[0][0]) + self.own if rows else None


class _Names:
    """The names of terms by number, as the list of a dictionary in memory has them."""

    def __init__(self, terms: Dictionary) -> None:
        self._terms = terms

    def __getitem__(self, number: int) -> str:
        return self._terms.name(number)


class _Numbers:
    """The numbers of terms by name."""

    def __init__(self, terms: Dictionary) -> None:
        self._terms = terms

    def get(self, name: str) -> int | None:
        return self._terms.number(name)

    def __getitem__(self, name: str) -> int:
        found = self._terms.number(name)
        if found is None:
            raise KeyError(name)
        return found


def _rank(literal: str) -> int:
    datatype = split_literal(literal)[1].rpartition("#")[2]
    return _ORDER.index(datatype) if datatype in _ORDER else len(_ORDER)


def _key(value: Value) -> str:
    """Return a text that is the same exactly for the same value; of strings it is how they are written plainly."""
    space, content = value
    if space == "string":
        return f'"{escape(str(content))}"'
    if space == "langString" and isinstance(content, tuple):
        return f'"{escape(str(content[0]))}"@{content[1]}'
    return f"{space} {escape(_spelt(content))}"


def _spelt(content: Any) -> str:
    if isinstance(content, Decimal):
        text = format(content, "f") if content else "0"
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(content, tuple):
        return f"({', '.join(map(_spelt, content))})"
    return repr(content)

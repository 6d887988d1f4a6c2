"""What things are called and known by, made to be compared: tables of the index beside each snapshot.

Reconciliation looks for things by names that are spelt in other ways. Each name is kept with its *key* (small letters, umlauts
written out, no punctuation), and each token of a key leads to the things whose names have it. The tables are made by the
queries ``index_forms``, ``index_classes`` and ``index_identifiers`` in ``pages/``.
"""

from __future__ import annotations

import heapq
import math
import re
import sqlite3
import threading
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from rapidfuzz import process
from rapidfuzz.distance import OSA

from fundgraph.errors import NoSnapshotError

__all__ = ["FORMS", "Form", "Identities", "Known", "Named", "key_of", "tokens_of", "write_identities"]

#: The kinds of names, the better ones first.
FORMS = ("label", "other", "short", "hidden")
_SCHEMA = """
CREATE TABLE form (thing INTEGER NOT NULL, form TEXT NOT NULL, text TEXT NOT NULL, key TEXT NOT NULL);
CREATE TABLE token (token TEXT NOT NULL, thing INTEGER NOT NULL, PRIMARY KEY (token, thing)) WITHOUT ROWID;
CREATE TABLE vocabulary (token TEXT PRIMARY KEY, things INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE class (thing INTEGER NOT NULL, class TEXT NOT NULL, PRIMARY KEY (thing, class)) WITHOUT ROWID;
CREATE TABLE identifier (value TEXT NOT NULL, scheme TEXT NOT NULL, iri TEXT NOT NULL, label TEXT NOT NULL,
    confidence TEXT NOT NULL, PRIMARY KEY (value, scheme, iri)) WITHOUT ROWID;
"""
_INDEXES = """
CREATE INDEX form_key ON form (key);
CREATE INDEX form_thing ON form (thing);
CREATE INDEX identifier_iri ON identifier (iri);
INSERT INTO vocabulary SELECT token, count(*) FROM token GROUP BY token;
"""
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "oe", "å": "aa", "æ": "ae", "œ": "oe"})
_TOKEN = re.compile(r"[^\W_]+")
#: Tokens beyond these are not looked for.
_MOST_TOKENS = 24
#: So many things at most are looked at for one name, and so many that have one of its tokens.
_MOST_THINGS = 400
_MOST_ROWS = 5_000
#: What shares less than this with a name, compared with what shares most, is not looked at.
_FAR = 0.5
#: What a token counts that stands in for another, and how many of them do.
_STANDS_IN = 0.7
_MOST_SIMILAR = 12
#: SQLite takes many parameters, but not any number.
_AT_ONCE = 500

Rows = Callable[..., Iterable[tuple[str, ...]]]


def _marked(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold().translate(_UMLAUTS)


def _bare(text: str) -> str:
    if text.isascii():
        return text
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def key_of(text: str) -> str:
    """Return the form in which names are compared.

    >>> key_of("Müller-Lüdenscheid,  É. J.")
    'mueller luedenscheid e j'
    """
    return " ".join(_TOKEN.findall(_bare(_marked(text))))


def tokens_of(text: str) -> tuple[str, ...]:
    """Return the tokens of a name, with umlauts written out, and also without their dots.

    >>> tokens_of("Jörg Lücke")
    ('joerg', 'luecke', 'jorg', 'lucke')
    """
    tokens = key_of(text).split()
    if not text.isascii():
        tokens += _TOKEN.findall(_bare(text.casefold()))
    return tuple(dict.fromkeys(tokens))


def write_identities(connection: sqlite3.Connection, rows: Rows, queries: Mapping[str, str], ids: Mapping[str, int]) -> None:  # fmt: skip
    """Write the tables for the things with these ids; ``rows(query, *names)`` answers a query."""
    connection.executescript(_SCHEMA)
    forms: dict[tuple[int, str, str], str] = {}
    for iri, form, text in rows(queries.get("index_forms", _NOTHING), "thing", "form", "text"):
        key = key_of(text) if iri in ids else ""
        if key:
            forms[ids[iri], form, text] = key
    connection.executemany(
        "INSERT INTO form VALUES (?, ?, ?, ?)",
        ((thing, form, text, key) for (thing, form, text), key in forms.items()),
    )
    tokens = {(token, thing) for thing, _, text in forms for token in tokens_of(text)}
    connection.executemany("INSERT INTO token VALUES (?, ?)", sorted(tokens))
    classes = rows(queries.get("index_classes", _NOTHING), "thing", "class")
    connection.executemany(
        "INSERT OR IGNORE INTO class VALUES (?, ?)", ((ids[i], c) for i, c in classes if i in ids)
    )
    found = rows(queries.get("index_identifiers", _NOTHING), "thing", "scheme", "value", "label", "confidence")
    connection.executemany(
        "INSERT OR IGNORE INTO identifier VALUES (?, ?, ?, ?, ?)",
        ((value, scheme, iri, label or iri, confidence) for iri, scheme, value, label, confidence in found),
    )
    connection.executescript(_INDEXES)


_NOTHING = "SELECT ?thing WHERE { FILTER(false) }"


@dataclass(frozen=True, slots=True)
class Form:
    """A name of a thing: what kind it is of (one of :data:`FORMS`), as it is written, and its key."""

    form: str
    text: str
    key: str


@dataclass(frozen=True, slots=True)
class Named:
    """A thing with all its names, its classes, and what tells it from others of its name."""

    iri: str
    label: str
    kind: str
    classes: tuple[str, ...]
    forms: tuple[Form, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """A thing that others know by an identifier."""

    iri: str
    label: str
    scheme: str
    value: str
    confidence: str


class Identities:
    """Reads the tables; any thread may ask. Raises :class:`NoSnapshotError` if the index has none."""

    def __init__(self, path: Path) -> None:
        self._address = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        self._local = threading.local()
        try:
            self._rows("SELECT 1 FROM form LIMIT 1")
        except sqlite3.Error as error:
            raise NoSnapshotError(
                "the snapshot was made before names were kept to be compared",
                where=path,
                hint="Run: fundgraph build",
            ) from error

    def _rows(self, query: str, values: Sequence[str | int] = ()) -> list[tuple[str, ...]]:
        found: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if found is None:
            found = self._local.connection = sqlite3.connect(self._address, uri=True)
        return found.execute(query, values).fetchall()

    @cached_property
    def _vocabulary(self) -> tuple[dict[str, int], dict[str, list[str]], dict[str, list[str]]]:
        """How many things have each token, and the tokens by their first and by their last letter."""
        counts = {token: int(things) for token, things in self._rows("SELECT token, things FROM vocabulary")}
        first: dict[str, list[str]] = {}
        last: dict[str, list[str]] = {}
        for token in counts:
            first.setdefault(token[0], []).append(token)
            last.setdefault(token[-1], []).append(token)
        return counts, first, last

    @cached_property
    def schemes(self) -> tuple[str, ...]:
        """The schemes of the identifiers that there are."""
        return tuple(scheme for (scheme,) in self._rows("SELECT DISTINCT scheme FROM identifier ORDER BY scheme"))

    def exact(self, keys: Iterable[str]) -> dict[int, set[tuple[str, str]]]:
        """Return the things with a name of one of these keys: which kinds of names have which key."""
        wanted = sorted(set(keys))
        found: dict[int, set[tuple[str, str]]] = {}
        marks = ", ".join("?" * len(wanted))
        for thing, form, key in self._rows(f"SELECT thing, form, key FROM form WHERE key IN ({marks})", wanted):
            found.setdefault(int(thing), set()).add((form, key))
        return found

    def near(self, text: str, *, certain: bool = False) -> list[int]:
        """Return the things whose names share tokens with a text, those that share most and the rarest first.

        Tokens that differ by one letter, or two in a long one, stand in for a token: always where it is in no name, and also
        where it is, for a misspelt name may be another's, unless it is ``certain`` that the text is well spelt.
        """
        counts = self._vocabulary[0]
        groups: list[dict[str, float]] = []
        for token in tokens_of(text)[:_MOST_TOKENS]:
            group = {token: 1.0} if token in counts else {}
            if not group or not certain:
                group |= dict.fromkeys((one for one in self._similar(token) if one != token), _STANDS_IN)
            if group:
                groups.append(group)
        groups.sort(key=lambda group: sum(counts[token] for token in group))
        scores: dict[int, float] = {}
        room = _MOST_THINGS if certain else _MOST_ROWS
        for group in groups:
            size = sum(counts[token] for token in group)
            if size > room and scores:
                break
            room -= size
            rare = math.log(1 + _MOST_ROWS / size)
            best: dict[int, float] = {}
            for token, worth in group.items():
                for thing in self._with_token(token):
                    best[thing] = max(best.get(thing, 0.0), worth)
            for thing, worth in best.items():
                scores[thing] = scores.get(thing, 0.0) + worth * rare
        least = _FAR * max(scores.values(), default=0.0)
        near = (thing for thing, score in scores.items() if score >= least)
        return heapq.nsmallest(_MOST_THINGS, near, key=lambda thing: (-scores[thing], thing))

    def _with_token(self, token: str) -> list[int]:
        rows = self._rows("SELECT thing FROM token WHERE token = ? ORDER BY thing LIMIT ?", (token, _MOST_ROWS))
        return [int(thing) for (thing,) in rows]

    def _similar(self, token: str) -> list[str]:
        """Return tokens that may be meant by one: letters that changed places count once, and the first one may be wrong."""
        if len(token) < 4:
            return []
        most = 1 if len(token) < 7 else 2
        _, first, last = self._vocabulary
        found: list[str] = []
        for among in (first.get(token[0], ()), last.get(token[-1], ())):
            near = process.extract(token, among, scorer=OSA.distance, score_cutoff=most, limit=_MOST_SIMILAR)
            found += [one for one, _, _ in near]
        return list(dict.fromkeys(found))

    def named(self, things: Iterable[int]) -> dict[int, Named]:
        """Return the things with these numbers, with all their names."""
        wanted = sorted(set(things))
        found: dict[int, Named] = {}
        for at in range(0, len(wanted), _AT_ONCE):
            part = wanted[at : at + _AT_ONCE]
            marks = ", ".join("?" * len(part))
            forms: dict[int, list[Form]] = {}
            rows = self._rows(f"SELECT thing, form, text, key FROM form WHERE thing IN ({marks})", part)
            for thing, form, text, key in rows:
                forms.setdefault(int(thing), []).append(Form(form, text, key))
            classes: dict[int, list[str]] = {}
            for thing, name in self._rows(f"SELECT thing, class FROM class WHERE thing IN ({marks})", part):
                classes.setdefault(int(thing), []).append(name)
            for thing, iri, label, kind in self._rows(
                f"SELECT id, iri, label, list FROM thing WHERE id IN ({marks})", part
            ):
                number = int(thing)
                found[number] = Named(
                    iri, label, kind, tuple(classes.get(number, ())), tuple(forms.get(number, ()))
                )
        return found

    def numbers(self, iris: Iterable[str]) -> dict[str, int]:
        """Return the numbers of things by their IRIs; without those that are not there."""
        wanted = sorted(set(iris))
        found: dict[str, int] = {}
        for at in range(0, len(wanted), _AT_ONCE):
            part = wanted[at : at + _AT_ONCE]
            marks = ", ".join("?" * len(part))
            found |= {iri: int(thing) for iri, thing in self._rows(f"SELECT iri, id FROM thing WHERE iri IN ({marks})", part)}  # fmt: skip
        return found

    def beside(self, thing: int, facets: Sequence[str]) -> tuple[str, ...]:
        """Return the values of a thing's facets, facet by facet: what tells it from others of its name."""
        marks = ", ".join("?" * len(facets))
        rows = self._rows(
            "SELECT facet.name, facet_label.label FROM facet JOIN facet_label USING (name, value) "
            f"WHERE thing = ? AND facet.name IN ({marks}) ORDER BY facet.name, facet.value",
            (thing, *facets),
        )
        order = {name: at for at, name in enumerate(facets)}
        return tuple(label for _, label in sorted(rows, key=lambda row: order[row[0]]))

    def known_by(self, value: str, schemes: Sequence[str] = ()) -> tuple[Known, ...]:
        """Return the things that have an identifier of this value, in one of the schemes if any are named."""
        rows = self._rows(
            "SELECT iri, label, scheme, value, confidence FROM identifier WHERE value = ? ORDER BY scheme, iri",
            (value,),
        )
        return tuple(Known(*row) for row in rows if not schemes or row[2] in schemes)

    def identifiers_of(self, iris: Iterable[str]) -> dict[str, tuple[Known, ...]]:
        """Return the identifiers of things."""
        wanted = sorted(set(iris))
        found: dict[str, list[Known]] = {}
        for at in range(0, len(wanted), _AT_ONCE):
            part = wanted[at : at + _AT_ONCE]
            marks = ", ".join("?" * len(part))
            for row in self._rows(
                f"SELECT iri, label, scheme, value, confidence FROM identifier WHERE iri IN ({marks}) "
                "ORDER BY iri, scheme, value",
                part,
            ):
                found.setdefault(row[0], []).append(Known(*row))
        return {iri: tuple(known) for iri, known in found.items()}

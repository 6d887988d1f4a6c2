"""Panels: the queries behind the parts of a page, one file each in ``pages/``, and the rows they give.

A page is a template and panels; a panel is a query file that runs as it stands. For one thing (or one text) its
``VALUES ?thing { … }`` block is replaced by a rendered term. Only IRIs and plain literals that were checked here
are ever rendered.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from fundgraph import assets
from fundgraph.errors import QuestionError, UsageError
from fundgraph.kg import KnowledgeGraph
from fundgraph.store.answers import VALUES, for_term
from fundgraph.web.languages import say

_KEPT = 1024
_ONLY = re.compile(r"^([ ]*)# only: \?(\w+)$", re.MULTILINE)
_SELECT = re.compile(r"^SELECT (?:DISTINCT )?(?=\?)(?![^\n{]*\?thing\b)", re.MULTILINE)
#: What makes a row depend on others, so that those of several things cannot be told apart afterwards.
_GATHERING = re.compile(
    r"\b(?:GROUP\s+BY|HAVING|LIMIT|OFFSET|COUNT|SUM|MIN|MAX|AVG|SAMPLE|GROUP_CONCAT)\b|\{\s*SELECT\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"[a-z]+_[a-z-]+")
_SEGMENT = re.compile(r"[A-Za-z0-9._~%-]+")
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|\\^`\x7f]+")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Panel:
    """What a panel's query gave: one mapping per row, where an unbound variable is the empty text."""

    name: str
    subject: str | None
    query: str
    rows: tuple[Row, ...]
    is_cut: bool = False
    """Whether there are more rows than an answer may have, so that these are not all."""

    @property
    def first(self) -> Row:
        """The first row; an empty one if there is none."""
        return self.rows[0] if self.rows else {}

    def column(self, name: str) -> list[str]:
        """Return the different values of a column, in order, without unbound ones."""
        return list(dict.fromkeys(row[name] for row in self.rows if row[name]))


class Panels:
    """Runs panels over one knowledge graph; an answer is kept as long as the release stays the same."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str], tuple[tuple[Row, ...], bool]] = OrderedDict()
        self._whole: set[str] = set()
        """The names of the panels that were fetched for several things."""
        self._lock = threading.Lock()

    def run(
        self, kg: KnowledgeGraph, name: str, subject: str | None = None, most: int = 0, offset: int = 0
    ) -> Panel:
        """Answer the query ``pages/<name>.rq`` for a subject: an IRI, or the text that is searched for.

        With ``most`` no more rows than that are fetched, from the row ``offset`` on.
        """
        query = bind(panel_text(name), subject)
        if not most:
            return Panel(name, subject, query, *self._rows(kg, query))
        after = f"\nOFFSET {offset}" if offset else ""
        rows, _ = self._rows(kg, f"{query}{after}\nLIMIT {most + 1}")
        return Panel(name, subject, query, rows[:most], len(rows) > most)

    def fetch(self, kg: KnowledgeGraph, name: str, iris: Sequence[str]) -> None:
        """Ask a query of one thing for several at once, and keep each thing's rows for when they are asked for."""
        query = for_many(panel_text(name), iris)
        if query is None:
            return
        self._whole.add(name)
        rows, is_cut = kg.rows(query)
        if is_cut:
            return
        found: dict[str, list[Row]] = {iri: [] for iri in iris}
        for row in rows:
            found[row.pop("thing")].append(row)
        for iri in iris:
            self._keep((kg.release, bind(panel_text(name), iri)), (tuple(found[iri]), False))

    def run_only(self, kg: KnowledgeGraph, name: str, iris: Iterable[str], subject: str | None = None) -> Panel:
        """Answer the query of a list for these things only: a page of it."""
        query = only(bind(panel_text(name), subject), iris)
        whole = self._fetched(kg, name, subject)
        if whole is None:
            return Panel(name, subject, query, *self._rows(kg, query))
        column, wanted = _ONLY.findall(panel_text(name))[0][1], set(iris)
        return Panel(name, subject, query, tuple(row for row in whole if row[column] in wanted))

    def _fetched(self, kg: KnowledgeGraph, name: str, subject: str | None) -> tuple[Row, ...] | None:
        """Return all rows of a list of a thing if they were fetched with those of others; no part of such a list is asked for then."""
        if name not in self._whole:
            return None
        with self._lock:
            rows, is_cut = self._kept.get((kg.release, bind(panel_text(name), subject)), ((), True))
        return None if is_cut else rows

    def _rows(self, kg: KnowledgeGraph, query: str) -> tuple[tuple[Row, ...], bool]:
        key = (kg.release, query)
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None:
                self._kept.move_to_end(key)
        if kept is None:
            kept = kg.rows(query)
            self._keep(key, kept)
        return kept

    def _keep(self, key: tuple[str, str], answer: tuple[tuple[Row, ...], bool]) -> None:
        with self._lock:
            self._kept[key] = answer
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)


@cache
def panel_text(name: str) -> str:
    """Return the text of a panel's query as it stands. Raises :class:`UsageError` if there is none of that name."""
    path = assets.pages_dir() / f"{name}.rq"
    if not _NAME.fullmatch(name) or not path.is_file():
        raise UsageError(f"there is no panel {name!r}")
    return path.read_text(encoding="utf-8")


def panel_summary(name: str) -> str:
    """Return the line that says what a panel shows."""
    match = re.match(r"#\+ summary: (.+)", panel_text(name))
    return match[1] if match else name


def bind(text: str, subject: str | None) -> str:
    """Return a panel's query for a subject: its one VALUES block is replaced by the rendered term.

    >>> bind('SELECT ?a WHERE { VALUES ?text { "x" } ?a ?b ?text }', 'say "y"')
    'SELECT ?a WHERE { VALUES ?text { "say \\\\"y\\\\"" } ?a ?b ?text }'
    """
    if subject is None:
        return text
    found = VALUES.findall(text)
    if len(found) != 1:
        raise QuestionError(
            "a panel for one thing needs exactly one block VALUES ?thing { … } or VALUES ?text { … }"
        )
    term = f"<{check_iri(subject)}>" if found[0] == "thing" else literal(subject)
    return for_term(text, term)


def only(text: str, iris: Iterable[str]) -> str:
    """Return the query of a list for a page of it: each line ``# only: ?name`` becomes the things that may be it.

    >>> only("WHERE {\\n  # only: ?a\\n  ?a ?b ?c\\n}", ["urn:x", "urn:y"])
    'WHERE {\\n  VALUES ?a { <urn:x> <urn:y> }\\n  ?a ?b ?c\\n}'
    """
    terms = " ".join(f"<{check_iri(iri)}>" for iri in iris)
    return _ONLY.sub(lambda match: f"{match[1]}VALUES ?{match[2]} {{ {terms} }}", text)


def for_many(text: str, iris: Iterable[str]) -> str | None:
    """Return a panel's query for several things, with a first column ``?thing``; nothing if its rows depend on one another.

    >>> for_many("SELECT ?a\\nWHERE { VALUES ?thing { <urn:x> } ?thing ?b ?a }", ["urn:x", "urn:y"])
    'SELECT ?thing ?a\\nWHERE { VALUES ?thing { <urn:x> <urn:y> } ?thing ?b ?a }'
    """
    if not is_apart(text):
        return None
    terms = " ".join(f"<{check_iri(iri)}>" for iri in iris)
    return _SELECT.sub(lambda match: f"{match[0]}?thing ", for_term(text, terms), count=1)


@cache
def is_apart(text: str) -> bool:
    """Tell whether each row of a panel's query is of one thing and would be the same if more were asked for."""
    return bool(_SELECT.search(text)) and VALUES.findall(text) == ["thing"] and not _GATHERING.search(text)


def literal(text: str) -> str:
    """Render a text as a plain literal of SPARQL."""
    return '"' + "".join(_ESCAPES.get(char, char) for char in text if char >= " " or char in "\n\r\t") + '"'


def check_iri(text: str) -> str:
    """Return an absolute IRI that may stand between angle brackets. Raises :class:`UsageError` for anything else."""
    if not _IRI.fullmatch(text):
        raise UsageError(f"{text!r} is not an absolute IRI")
    return text


def thing_iri(base: str, path: str) -> str:
    """Mint the IRI of a thing from its path below the base.

    Raises :class:`UsageError` if a part of the path cannot be part of such an IRI.
    """
    if not all(_SEGMENT.fullmatch(part) for part in path.split("/")):
        raise UsageError(f"there can be nothing at {path!r}")
    return base + path


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a fact comes from: ``read``, ``inferred``, ``linked`` or ``counted``, with what it leads to."""

    kind: str
    text: str
    href: str
    words: str
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """Rows of one subject gathered: the values of the first row, and the marks of all."""

    row: Row
    marks: tuple[Mark, ...]

    def __getitem__(self, name: str) -> str:
        return self.row[name]


def read_marks(rows: Iterable[Mapping[str, str]], places: Mapping[str, str]) -> tuple[Mark, ...]:
    """Return the marks of rows that name ``document``, ``line`` and ``quote``; ``places`` maps documents to paths."""
    marks: dict[tuple[str, int], Mark] = {}
    for row in rows:
        document, line = row.get("document", ""), row.get("line", "")
        if not document or not line or (document, int(line)) in marks:
            continue
        href = f"{places.get(document, '')}#L{line}"
        name = document.rsplit("/", 1)[-1]
        marks[document, int(line)] = Mark(
            "read", line, href, say("read in {} at line {}").format(name, line), row.get("quote", "")
        )
    return tuple(marks[key] for key in sorted(marks))


def gather(panel: Panel, key: str, places: Mapping[str, str]) -> list[Item]:
    """Gather rows that have the same ``key``, in order of first sight, with the lines that they were read from."""
    groups: dict[str, list[Row]] = {}
    for row in panel.rows:
        groups.setdefault(row[key], []).append(row)
    return [Item(rows[0], read_marks(rows, places)) for rows in groups.values()]

"""An answer as a page shows it: names instead of IRIs, links to things and to source lines, bars, a picture."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from fundgraph.questions import Question
from fundgraph.terms import FG, XSD
from fundgraph.web.languages import say
from fundgraph.web.layout import Network
from fundgraph.web.pictures import Edge, Matrix, Plot, matrix, network, plot

_NUMBERS = frozenset(XSD + name for name in ("integer", "decimal", "double", "float"))
_WORDS = {"true": "yes", "false": "no"}


class TermLike(Protocol):
    """What is needed of a term of a result."""

    @property
    def kind(self) -> str: ...
    @property
    def value(self) -> str: ...
    @property
    def datatype(self) -> str | None: ...


class TableLike(Protocol):
    """What is needed of a result; an unbound cell is ``None``."""

    @property
    def columns(self) -> Sequence[str]: ...
    @property
    def rows(self) -> Sequence[Sequence[TermLike | None]]: ...


@dataclass(frozen=True, slots=True)
class Column:
    """A column that is shown: what it is called, and which columns of the answer it is made of."""

    name: str
    heading: str
    at: int
    link: int | None
    numeric: bool
    most: float | None
    """The largest value, if the column is drawn as bars."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: text, where it leads, whether it is a line of a source, and how long its bar is, of 100."""

    text: str
    href: str | None = None
    outside: bool = False
    line: bool = False
    title: str | None = None
    bar: float | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """An answer laid out for a page."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    network: Network | None = None
    plot: Plot | None = None
    matrix: Matrix | None = None
    bands: tuple[tuple[str, str, str], ...] = ()
    """Of a timeline: name, start and end, as far as they are known."""


class Ways(Protocol):
    """Where an IRI is shown, and how it is written shortly; the site of the pages has both."""

    @property
    def base(self) -> str: ...
    def path(self, iri: str) -> str: ...
    def short(self, iri: str) -> str: ...


def heading(name: str) -> str:
    """Return a column's name as words: ``otherProject`` is ``other project``."""
    return say(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).lower())


def show(question: Question, table: TableLike, ways: Ways) -> Shown:
    """Lay out an answer: a column of things and the column of their names become one column of links."""
    places = {name: at for at, name in enumerate(table.columns)}
    names = {places[thing]: places[name] for thing, name in question.labels.items()}
    columns: list[Column] = []
    bars = question.view == "bar"
    for at, name in enumerate(table.columns):
        if at in names.values() or (name == "document" and at not in names and "line" in places):
            continue
        numeric = _is_numeric(table, at) and name not in ("line", "column")
        most = max((_number(row[at]) for row in table.rows), default=0.0) if numeric and bars else None
        bars = bars and most is None
        columns.append(Column(name, heading(name), at, names.get(at), numeric, most))
    document = places.get("document")
    rows = tuple(tuple(_cell(column, row, document, ways) for column in columns) for row in table.rows)
    edges = _edges(question, table, places) if question.view in ("network", "matrix") else []
    return Shown(
        columns=tuple(columns),
        rows=rows,
        network=network(edges) if question.view == "network" else None,
        plot=plot(_pairs(table)) if question.view == "line" else None,
        matrix=matrix(edges) if question.view == "matrix" else None,
        bands=_bands(table, places) if question.view == "timeline" else (),
    )


def _cell(column: Column, row: Sequence[TermLike | None], document: int | None, ways: Ways) -> Cell:
    term = row[column.at]
    name = row[column.link] if column.link is not None else None
    if term is None:
        return Cell("" if name is None else name.value)
    if column.name == "line" and document is not None and (where := row[document]) is not None:
        title = say("line {} of {}").format(term.value, where.value.rsplit("/", 1)[-1])
        return Cell(term.value, f"{ways.path(where.value)}#L{term.value}", line=True, title=title)
    if term.kind != "literal":
        text = ways.short(term.value) if name is None else name.value
        if term.kind != "iri":
            return Cell(text)
        if not term.value.startswith((ways.base, FG)) and re.match(r"https?://", term.value):
            return Cell(text, term.value, outside=True)
        return Cell(text, ways.path(term.value))
    if column.most:
        return Cell(term.value, bar=round(100 * _number(term) / column.most, 1))
    return Cell(say(_WORDS.get(term.value, term.value)) if term.datatype == XSD + "boolean" else term.value)


def _is_numeric(table: TableLike, at: int) -> bool:
    terms = [row[at] for row in table.rows]
    bound = [term for term in terms if term is not None]
    return bool(bound) and all(term.kind == "literal" and term.datatype in _NUMBERS for term in bound)


def _number(term: TermLike | None) -> float:
    return 0.0 if term is None else float(term.value)


def _edges(question: Question, table: TableLike, places: Mapping[str, int]) -> list[Edge]:
    """Return the edges of a network: the first two pairs of thing and name, and the first number after them."""
    pairs = [(places[thing], places[name]) for thing, name in question.labels.items()][:2]
    if len(pairs) < 2:
        return []
    weight = next((at for at in range(len(table.columns)) if _is_numeric(table, at)), None)
    edges = []
    for row in table.rows:
        ends = [(row[thing], row[name]) for thing, name in pairs]
        one, other = ((thing.value, name.value) for thing, name in ends if thing is not None and name is not None)
        edges.append(Edge(one, other, _number(row[weight]) if weight is not None else 1.0))
    return edges


def _pairs(table: TableLike) -> list[tuple[str, float]]:
    """Return the points of a line: the first column, and the first column of numbers after it."""
    value = next((at for at in range(1, len(table.columns)) if _is_numeric(table, at)), None)
    if value is None:
        return []
    return [(first.value, _number(row[value])) for row in table.rows if (first := row[0]) is not None]


def _bands(table: TableLike, places: Mapping[str, int]) -> tuple[tuple[str, str, str], ...]:
    wanted = [places.get(name) for name in ("name", "start", "end")]
    bands = []
    for row in table.rows:
        name, start, end = ("" if at is None or (term := row[at]) is None else term.value for at in wanted)
        bands.append((name, start, end))
    return tuple(bands)

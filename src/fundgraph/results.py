"""Answers as rows and triples of terms with their types, ready for notebooks and data frames."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from html import escape as html
from typing import TYPE_CHECKING, Any

from fundgraph.errors import UsageError

if TYPE_CHECKING:
    import networkx
    import pandas
    import polars
    from rdflib import Graph

    from fundgraph.ntriples import Name

__all__ = ["Table", "Term", "Triples", "Value"]

#: What a term is in Python.
Value = str | int | float | bool | Decimal | datetime.date | datetime.datetime | None

_XSD = "http://www.w3.org/2001/XMLSchema#"
_STRING = f"{_XSD}string"
#: Rows that a notebook shows of a table.
_SHOWN = 50


def _boolean(text: str) -> bool:
    return {"true": True, "1": True, "false": False, "0": False}[text]


_INTEGERS = (
    "integer", "int", "long", "short", "byte", "nonNegativeInteger", "positiveInteger", "nonPositiveInteger",
    "negativeInteger", "unsignedInt", "unsignedLong", "unsignedShort", "unsignedByte", "gYear",
)  # fmt: skip
_READERS: Mapping[str, Callable[[str], Value]] = {
    **{f"{_XSD}{name}": int for name in _INTEGERS},
    f"{_XSD}decimal": Decimal,
    f"{_XSD}double": float,
    f"{_XSD}float": float,
    f"{_XSD}boolean": _boolean,
    f"{_XSD}date": datetime.date.fromisoformat,
    f"{_XSD}dateTime": datetime.datetime.fromisoformat,
}


@dataclass(frozen=True, slots=True)
class Term:
    """A value in an answer: ``kind`` is ``iri``, ``blank``, ``literal`` or ``triple``."""

    kind: str
    value: str
    datatype: str | None = None
    language: str | None = None

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Term:
        """Return the term of a SPARQL JSON value."""
        kind = {"uri": "iri", "bnode": "blank", "typed-literal": "literal"}.get(data["type"], data["type"])
        value = data["value"]
        return cls(
            kind,
            value if isinstance(value, str) else json.dumps(value, ensure_ascii=False),
            data.get("datatype"),
            data.get("xml:lang"),
        )

    @classmethod
    def named(cls, name: str) -> Term:
        """Return the term that N-Triples writes so.

        >>> Term.named('"1"^^<http://www.w3.org/2001/XMLSchema#integer>').python()
        1
        """
        from fundgraph.ntriples import split_literal, unescape  # brings rdflib along, which a server does not need

        if name[0] == "<":
            return cls("iri", name[1:-1])
        if name[0] == "_":
            return cls("blank", name[2:])
        text, datatype, language = split_literal(name)
        shown = None if language or datatype == _STRING else datatype
        return cls("literal", unescape(text), shown, language or None)

    def python(self) -> Value:
        """Return the value as Python has it: numbers, dates and truth values; all else, and what is ill-typed, as text."""
        read = _READERS.get(self.datatype or "")
        if self.kind != "literal" or read is None:
            return self.value
        try:
            return read(self.value)
        except (ValueError, KeyError, InvalidOperation):
            return self.value

    def to_html(self) -> str:
        """Return the term for a page: an address as a link."""
        text = html(self.value)
        if self.kind == "iri" and self.value.startswith(("https://", "http://")):
            return f'<a href="{text}">{text}</a>'
        return text if self.language is None else f'<span lang="{html(self.language)}">{text}</span>'

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class Table:
    """The answer to a SELECT: rows hold one term per column, ``None`` where nothing is bound."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Term | None, ...], ...]
    completeness: str = "complete"
    services: tuple[dict[str, Any], ...] = ()
    """What other services were asked for it, and what each brought."""
    release: str | None = None
    """The release that it is from."""

    def __iter__(self) -> Iterator[dict[str, str | None]]:
        """Give each row as a mapping from column to text."""
        for row in self.rows:
            yield {
                name: None if term is None else term.value for name, term in zip(self.columns, row, strict=True)
            }

    def __len__(self) -> int:
        return len(self.rows)

    def records(self) -> list[dict[str, Value]]:
        """Return each row as a mapping from column to a value of Python's: a number, a date, a truth value, a text."""
        return [
            {name: None if term is None else term.python() for name, term in zip(self.columns, row, strict=True)}
            for row in self.rows
        ]

    def column(self, name: str) -> list[Value]:
        """Return the values of a column, all of one type: texts where there are several. Raises :class:`UsageError`."""
        if name not in self.columns:
            raise UsageError(f"there is no column {name!r}", allowed=self.columns)
        at = self.columns.index(name)
        values = [None if row[at] is None else row[at].python() for row in self.rows]  # type: ignore[union-attr]
        kinds = {type(value) for value in values if value is not None}
        if kinds <= {int, float}:
            return values if len(kinds) < 2 else [None if value is None else float(value) for value in values]  # type: ignore[arg-type]
        if len(kinds) < 2:
            return values
        return [None if row[at] is None else str(row[at]) for row in self.rows]

    def to_pandas(self) -> pandas.DataFrame:
        """Return a data frame with a nullable type for each column; ``attrs`` say release and completeness.

        Needs the extra ``pandas``; raises :class:`UsageError` without.
        """
        try:
            import pandas
        except ImportError as error:
            raise _missing("pandas") from error
        columns = {name: self.column(name) for name in self.columns}
        frame = pandas.DataFrame(
            {name: pandas.Series(_floats(values), dtype="object") for name, values in columns.items()}
        ).convert_dtypes()
        frame.attrs.update(completeness=self.completeness, release=self.release)
        return frame

    def to_polars(self) -> polars.DataFrame:
        """Return a data frame of polars. Needs the extra ``polars``; raises :class:`UsageError` without."""
        try:
            import polars
        except ImportError as error:
            raise _missing("polars") from error
        return polars.DataFrame({name: _floats(self.column(name)) for name in self.columns})

    def to_networkx(self, source: str | None = None, target: str | None = None) -> networkx.MultiDiGraph[str]:
        """Return each row as an edge from one column to another, the first two if not named; the others are on the edge.

        Raises :class:`UsageError` if there are no two columns.
        """
        import networkx

        ends = [source or self.columns[0], target or self.columns[min(1, len(self.columns) - 1)]]
        for name in ends:
            if name not in self.columns:
                raise UsageError(f"there is no column {name!r}", allowed=self.columns)
        if ends[0] == ends[1]:
            raise UsageError("an edge needs two columns", allowed=self.columns)
        graph: networkx.MultiDiGraph[str] = networkx.MultiDiGraph(
            completeness=self.completeness, release=self.release
        )
        for record in self.records():
            one, other = record.pop(ends[0]), record.pop(ends[1])
            if one is not None and other is not None:
                graph.add_edge(
                    str(one), str(other), **{name: value for name, value in record.items() if value is not None}
                )
        return graph

    def to_text(self) -> str:
        """Return the table as aligned lines, with its column names above and the number of rows below."""
        cells = [["" if term is None else " ".join(term.value.split()) for term in row] for row in self.rows]
        widths = [max([len(name), *(len(row[at]) for row in cells)]) for at, name in enumerate(self.columns)]
        lines = [self.columns, ["-" * width for width in widths], *cells]
        text = "".join(
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() + "\n"
            for line in lines
        )
        return f"{text}({len(self.rows)} row{'' if len(self.rows) == 1 else 's'})\n"

    def _repr_html_(self) -> str:
        rows = [
            "".join(f"<td>{'' if term is None else term.to_html()}</td>" for term in row)
            for row in self.rows[:_SHOWN]
        ]
        head = "".join(f"<th>{html(name)}</th>" for name in self.columns)
        body = "".join(f"<tr>{row}</tr>" for row in rows)
        more = f", {_SHOWN} shown" if len(self) > _SHOWN else ""
        said = f"{len(self)} row{'' if len(self) == 1 else 's'}{more} · {html(self.completeness)}"
        if self.release:
            said += f" · release {html(self.release)}"
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table><p>{said}</p>"


@dataclass(frozen=True, slots=True)
class Triples:
    """The answer to a CONSTRUCT or DESCRIBE, as terms of N-Triples; iterating gives typed terms."""

    names: tuple[Name, ...]
    completeness: str = "complete"
    release: str | None = None

    def __iter__(self) -> Iterator[tuple[Term, Term, Term]]:
        for s, p, o in self.names:
            yield Term.named(s), Term.named(p), Term.named(o)

    def __len__(self) -> int:
        return len(self.names)

    def to_text(self) -> str:
        """Return the triples as sorted lines of N-Triples."""
        return "".join(sorted(f"{s} {p} {o} .\n" for s, p, o in self.names))

    def to_rdflib(self) -> Graph:
        """Return a graph of rdflib."""
        from fundgraph.ntriples import Statements

        return Statements(self.names).to_graph()

    def to_networkx(self) -> networkx.MultiDiGraph[str]:
        """Return the things as nodes: links between things are edges under their property, literals are on the nodes.

        A property with several values on a thing has the list of them.
        """
        import networkx

        graph: networkx.MultiDiGraph[str] = networkx.MultiDiGraph(
            completeness=self.completeness, release=self.release
        )
        for subject, predicate, value in self:
            graph.add_node(subject.value)
            if value.kind in ("iri", "blank"):
                graph.add_edge(subject.value, value.value, key=predicate.value)
            else:
                graph.nodes[subject.value].setdefault(predicate.value, []).append(value.python())
        return graph

    def _repr_html_(self) -> str:
        table = Table(("subject", "predicate", "object"), tuple(self), self.completeness, (), self.release)
        return table._repr_html_()


def _floats(values: Sequence[Value]) -> Iterable[Value]:
    """Data frames have no plain decimals: they become floats, which analysts expect."""
    return [float(value) if isinstance(value, Decimal) else value for value in values]


def _missing(name: str) -> UsageError:
    return UsageError(f"{name} is not installed", hint=f'Run: pip install "fundgraph[{name}]"')

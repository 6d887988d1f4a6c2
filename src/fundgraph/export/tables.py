"""Tidy tables as CSV, with a description as the W3C's CSV on the Web has it.

A row is a thing and begins with its IRI, in the column ``id``; a cell that refers to another table holds the IRI there.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fundgraph.export.schema import TABLES, Column, Table
from fundgraph.export.things import Things, full
from fundgraph.literals import split_literal, unescape

DESCRIPTION = "csv-metadata.json"
#: Of a text in several languages this one stands in the table of the class.
_LANGUAGE = "en"
#: Dates have the precision that the source states.
_MOMENT = {"base": "string", "format": "[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?"}
_GROUP = ("string", "integer", "decimal", "boolean", "date", "gYear", "anyURI", "moment")

Value = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Written:
    """A table that was filled: name of the file less its ending, columns with their descriptions, rows, key."""

    name: str
    says: str
    columns: tuple[dict[str, Any], ...]
    rows: tuple[tuple[str, ...], ...]
    key: tuple[str, ...]
    refers: Mapping[str, str]
    about: str
    class_: str = ""


def tables(things: Things, title: str, licence: str | None = None) -> dict[str, bytes]:
    """Return the files, by name: a table for each class that has instances, their lists, and the description."""
    held = {table.name: things.of_class(table.class_) for table in TABLES}
    whole = {name: set(found) for name, found in held.items()}
    written = [one for table in TABLES if held[table.name] for one in _of_class(things, table, held[table.name])]
    files = {f"{one.name}.csv": _csv(one) for one in written}
    files[DESCRIPTION] = _described([_resolved(one, whole) for one in written], title, licence)
    return files


def _of_class(things: Things, table: Table, members: Sequence[str]) -> Iterator[_Written]:
    """Yield the table of a class, and those of what its things have several of."""
    single: list[Column] = []
    cells: dict[str, dict[str, str]] = {}
    lists: list[_Written] = []
    for column in table.columns:
        values = {thing: _values(things, thing, column) for thing in members}
        one = {thing: [text for text, tag in found if tag in ("", _LANGUAGE)] for thing, found in values.items()}
        if column.many or any(len(found) > 1 for found in one.values()):
            lists.append(_list(table, column, values))
            continue
        single.append(column)
        cells[column.name] = {thing: found[0] for thing, found in one.items() if found}
        if any(tag not in ("", _LANGUAGE) for found in values.values() for _, tag in found):
            lists.append(_list(table, column, values))
    rows = tuple(
        (thing, things.label(thing), *(cells[column.name].get(thing, "") for column in single))
        for thing in members
    )
    columns = (
        _column("id", None, "anyURI", required=True, suppress=True, says="IRI"),
        _column("label", full("rdfs:label"), "string", required=True, says="what it is called"),
        *(_column(column.name, full(column.property), column.type) for column in single),
    )
    refers = {column.name: column.type for column in single if column.type not in _GROUP}
    yield _Written(table.name, table.says, columns, rows, ("id",), refers, "id", full(table.class_))
    yield from (one for one in lists if one.rows)


def _list(table: Table, column: Column, values: Mapping[str, Sequence[Value]]) -> _Written:
    """Return the table of what things have several of: a thing, a value, and its language if any has one."""
    name = f"{table.singular}_{column.name}"
    tagged = any(tag for found in values.values() for _, tag in found)
    property_ = full(column.property)
    rows = tuple(
        (thing, text, *([tag] if tagged else ())) for thing, found in values.items() for text, tag in found
    )
    columns = [
        _column(table.singular, None, "anyURI", required=True, suppress=True),
        _column(column.name, property_, column.type, required=True),
    ]
    if tagged:
        columns.append(
            _column("language", None, "string", suppress=True, says="language of the text; none if empty")
        )
    refers = {table.singular: table.name}
    if column.type not in _GROUP:
        refers[column.name] = column.type
    key = (table.singular, column.name, *(["language"] if tagged else []))
    says = f"{table.says}: {column.name.replace('_', ' ')}, of which there may be several"
    return _Written(name, says, tuple(columns), rows, key, refers, table.singular)


def _values(things: Things, thing: str, column: Column) -> list[Value]:
    """Return the values of a cell with their languages, sorted: IRIs as they are, texts without escapes."""
    found = set()
    for value in things.values(thing, column.property):
        if value[0] == '"':
            lexical, _, tag = split_literal(value)
            if lexical:  # an empty cell says that there is none
                found.add((unescape(lexical), tag))
        elif value[0] == "<":
            found.add((value[1:-1], ""))
    return sorted(found)


def _column(
    name: str, property_: str | None, type_: str, *, required: bool = False, suppress: bool = False, says: str = ""
) -> dict[str, Any]:
    """Return the description of a column; of one that refers to a thing it says what IRI the cell stands for."""
    datatype: object = _MOMENT if type_ == "moment" else type_ if type_ in _GROUP else "anyURI"
    described: dict[str, Any] = {"name": name, "titles": name, "datatype": datatype}
    if says:
        described["dc:description"] = says
    if required:
        described["required"] = True
    if suppress:
        described["suppressOutput"] = True
    if property_ is not None:
        described["propertyUrl"] = property_
        if datatype == "anyURI":
            described["valueUrl"] = f"{{+{name}}}"
    return described


def _resolved(table: _Written, whole: Mapping[str, set[str]]) -> _Written:
    """Return a table whose keys hold: every cell is filled, and names a row that is there.

    A cell may be empty in a column that refers to another table, but then no validator takes it for a key; what the
    column refers to is said in words.
    """
    names = [column["name"] for column in table.columns]
    columns, refers = [dict(column) for column in table.columns], {}
    for column, target in table.refers.items():
        place = names.index(column)
        if whole[target] and all(row[place] in whole[target] for row in table.rows):
            refers[column] = target
        else:
            columns[place].setdefault("dc:description", f"a row of {target}.csv, or none")
    return replace(table, columns=tuple(columns), refers=refers)


def _csv(table: _Written) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([column["name"] for column in table.columns])
    writer.writerows(table.rows)
    return out.getvalue().encode()


def _described(written: Sequence[_Written], title: str, licence: str | None) -> bytes:
    """Return the description of all tables as JSON."""
    described = []
    for table in written:
        columns = list(table.columns)
        if table.class_:
            columns.append(
                {"name": "type", "virtual": True, "propertyUrl": full("rdf:type"), "valueUrl": table.class_}
            )
        schema: dict[str, Any] = {
            "aboutUrl": f"{{+{table.about}}}",
            "columns": columns,
            "primaryKey": list(table.key) if len(table.key) > 1 else table.key[0],
        }
        if table.refers:
            schema["foreignKeys"] = [
                {"columnReference": column, "reference": {"resource": f"{target}.csv", "columnReference": "id"}}
                for column, target in table.refers.items()
            ]
        described.append(
            {
                "url": f"{table.name}.csv",
                "dc:title": table.name,
                "dc:description": table.says,
                "tableSchema": schema,
            }
        )
    whole: dict[str, Any] = {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "dc:title": title,
        **({"dc:license": {"@id": licence}} if licence else {}),
        "dialect": {"lineTerminators": ["\n"], "encoding": "utf-8", "header": True},
        "tables": described,
    }
    return (json.dumps(whole, ensure_ascii=False, indent=1) + "\n").encode()

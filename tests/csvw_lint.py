"""Checks of tables against their description, after the W3C's CSV on the Web: what csvlint would say."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

DATATYPES = {
    "string": re.compile(r".*", re.DOTALL),
    "anyURI": re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+"),
    "integer": re.compile(r"[+-]?[0-9]+"),
    "decimal": re.compile(r"[+-]?[0-9]+(\.[0-9]+)?"),
    "boolean": re.compile(r"true|false|1|0"),
    "date": re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"),
    "gYear": re.compile(r"-?[0-9]{4,}"),
}
NAME = re.compile(r"[A-Za-z0-9_]+")


def lint(files: Mapping[str, bytes]) -> Iterator[str]:
    """Yield what is wrong with tables; nothing if they are valid."""
    described = json.loads(files["csv-metadata.json"])
    if described["@context"][0] != "http://www.w3.org/ns/csvw":
        yield "the context is not CSVW's"
    tables = {table["url"]: table for table in described["tables"]}
    if missing := set(files) - {"csv-metadata.json"} - set(tables):
        yield f"not described: {sorted(missing)}"
    rows = {}
    for url, table in tables.items():
        if url not in files:
            yield f"{url}: is described and not there"
            continue
        rows[url] = read(files[url])
        yield from _table(url, table["tableSchema"], *rows[url])
    for url, table in tables.items():
        for key in table["tableSchema"].get("foreignKeys", ()):
            target = key["reference"]["resource"]
            if target not in tables:
                yield f"{url}: refers to {target}, which is not there"
                continue
            there = set(_column(*rows[target], key["reference"]["columnReference"]))
            here = set(_column(*rows[url], key["columnReference"]))
            if here - there:
                yield f"{url}: {key['columnReference']} names {min(here - there)}, which {target} has not"


def read(data: bytes) -> tuple[list[str], list[list[str]]]:
    """Return the header and the rows of a table."""
    header, *rows = csv.reader(io.StringIO(data.decode("utf-8"), newline=""))
    return header, rows


def _column(header: list[str], rows: list[list[str]], name: str) -> list[str]:
    return [row[header.index(name)] for row in rows]


def _table(url: str, schema: Mapping[str, Any], header: list[str], rows: list[list[str]]) -> Iterator[str]:
    real = [column for column in schema["columns"] if not column.get("virtual")]
    if schema["columns"][: len(real)] != real:
        yield f"{url}: a virtual column stands before a real one"
    if header != [column["name"] for column in real] or header != [column["titles"] for column in real]:
        yield f"{url}: the columns are not those that are described"
    if len(set(header)) != len(header) or not all(NAME.fullmatch(name) for name in header):
        yield f"{url}: names of columns"
    for number, row in enumerate(rows, start=2):
        if len(row) != len(header):
            yield f"{url}:{number}: {len(row)} cells"
            continue
        for cell, column in zip(row, real, strict=True):
            if not cell and column.get("required"):
                yield f"{url}:{number}: {column['name']} is empty"
            if cell and not _fits(cell, column["datatype"]):
                yield f"{url}:{number}: {column['name']}: {cell[:40]!r} is no {column['datatype']}"
    key = schema["primaryKey"]
    names = [key] if isinstance(key, str) else key
    keys = [tuple(row[header.index(name)] for name in names) for row in rows]
    if len(set(keys)) != len(keys):
        yield f"{url}: the key is not unique"
    for column in [*schema["columns"], {"aboutUrl": schema["aboutUrl"]}]:
        for template in (column.get("valueUrl", ""), column.get("aboutUrl", "")):
            if unknown := set(re.findall(r"\{\+?(\w+)\}", template)) - set(header):
                yield f"{url}: a template names {sorted(unknown)}"


def _fits(cell: str, datatype: object) -> bool:
    if isinstance(datatype, str):
        return DATATYPES[datatype].fullmatch(cell) is not None
    assert isinstance(datatype, dict)
    return re.fullmatch(datatype["format"], cell) is not None and _fits(cell, datatype["base"])

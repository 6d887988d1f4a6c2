"""From a document's text to the records in it: which format it is, and which source each record is of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from fundgraph.documents.csv_tree import Columns, Row, delimiter_of, read_csv, rows
from fundgraph.documents.json_tree import JsonError, parse_value, read_json
from fundgraph.documents.tree import Items, Node, Record, Slip, Tree, Value, walk
from fundgraph.documents.views import is_large, view_of
from fundgraph.documents.xml_tree import read_xml
from fundgraph.documents.yaml_tree import read_yaml
from fundgraph.errors import DocumentError
from fundgraph.extract.coverage import shown_lines
from fundgraph.extract.sources import SourceSpec
from fundgraph.extract.structured.assembly import assemble, nothing_found
from fundgraph.extract.structured.coverage import forget, with_coverage
from fundgraph.extract.structured.front_matter import read_front_matter
from fundgraph.extract.structured.mapping import read_record, source_of
from fundgraph.extract.structured.raw import RawRecord
from fundgraph.extract.structured.words import source_by_words
from fundgraph.model import Document, Extraction, ReadingOptions

ALWAYS = frozenset({"json", "jsonl", "xml", "yaml"})
"""Formats that no page layout can read: if they hold no project, that is a finding."""
#: An item of a list with a second key below its first: no page has that by chance.
_YAML_RECORD = re.compile(r"^-[ \t]+[\w-]+:[^\n]*\n[ \t]+[\w-]+:[ \t\n]", re.M)
_SCRIPT = re.compile(r"<script\b[^>]{0,500}\bapplication/ld\+json\b[^>]{0,500}>", re.I)


def is_structured(document: Document) -> bool:
    """Tell whether a document is data by its format; tables and front matter are only tried."""
    return document.format in ALWAYS


def read_structured(document: Document, options: ReadingOptions) -> Extraction | None:
    """Read a document as data; ``None`` if it is a page, or a table whose columns mean nothing to us.

    Raises :class:`~fundgraph.errors.DocumentError` for JSON, YAML or XML that is broken or cut off.
    """
    if document.format == "markdown":
        return read_front_matter(document, options)
    tree = _tree(document)
    if tree is None:
        return None
    if document.format == "text":
        document = replace(document, format="csv")
    found = list(records_of(tree))
    raws = [raw for raw in found if raw.says_something]
    if not raws:
        known = is_structured(document) or (tree.slips and tree.roots)
        return with_coverage(nothing_found(document, tree.slips, options), tree) if known else None
    slips = [*tree.slips, *(_unread(raw) for raw in found if not raw.says_something)]
    return with_coverage(assemble(document, raws, slips, options), tree)


def _unread(raw: RawRecord) -> Slip:
    message = "This record has neither a title nor a number: nothing says which project it means."
    return Slip("no-title", raw.start, raw.end, message)


def read_embedded(document: Document, options: ReadingOptions) -> Extraction | None:
    """Read the schema.org data in a web page's scripts; ``None`` if there are none about projects.

    A script that is no whole JSON is passed over: the page is what its readers see.
    """
    if document.format != "html":
        return None
    tree = Tree([])
    for found in _SCRIPT.finditer(document.text):
        try:
            node, _ = parse_value(document.text, found.end(), tree.slips)
        except JsonError:
            continue
        tree.roots.append(node)
    raws = [raw for raw in records_of(tree) if raw.source == "schema-org" and raw.says_something]
    if not raws:
        return None
    shown = () if is_large(document) else shown_lines(view_of(document))
    return with_coverage(assemble(document, raws, tree.slips, options), tree, shown)


def _tree(document: Document) -> Tree | None:
    text = document.text
    if document.format in ("json", "jsonl"):
        return read_json(text, document.path)
    if document.format == "xml":
        return read_xml(text, document.path)
    if document.format == "yaml":
        try:
            return read_yaml(text, document.path)
        except DocumentError:
            if _YAML_RECORD.search(text):
                raise
            return None  # a page whose list has colons looks like YAML by its first line
    if document.format in ("csv", "text") and (delimiter := table_delimiter(text)):
        return read_csv(text, delimiter)
    return None


def table_delimiter(text: str) -> str | None:
    """Return the separator of a table whose header we understand."""
    delimiter = delimiter_of(text)
    if delimiter is None:
        return None
    header = next(rows(text[:200_000], delimiter), None)
    return delimiter if header is not None and source_of_columns(header) is not None else None


def source_of_columns(header: Row) -> SourceSpec | None:
    """Return the source that a table's header shows, if any."""
    if len(header.cells) < 2 or any(len(cell.text) > 80 for cell in header.cells):
        return None
    columns = Columns.of(header)
    blank = Record({key: Value("", 0, 0) for key in columns.keys if key}, columns.labels, 0, 0)
    return source_of(blank) or source_by_words(blank)


def records_of(tree: Tree) -> Iterator[RawRecord]:
    """Yield what the records of a tree say; known sources first, else those known by their words."""
    found = [pair for root in tree.roots for pair in _matched(root, known=True)]
    found = found or [pair for root in tree.roots for pair in _matched(root, known=False)]
    if any("id" in record.labels and record.labels["id"] == "@id" for record, _ in found):
        resolve_references(tree)
    for record, source in found:
        raw = read_record(record, source)
        if not raw.says_something:
            forget(record)
        yield raw


def resolve_references(tree: Tree) -> None:
    """Put the record itself where JSON-LD only refers to one by its ``@id``; the tree then has circles."""
    known: dict[str, Record] = {}
    records = [record for root in tree.roots for record in walk(root)]
    for record in records:
        name = record.entries.get("id")
        if isinstance(name, Value) and len(record.entries) > 1:
            known.setdefault(name.text, record)

    def target(node: Node) -> Node:
        name = node.entries.get("id") if isinstance(node, Record) and len(node.entries) == 1 else None
        return known.get(name.text, node) if isinstance(name, Value) else node

    for record in records:
        for key, node in record.entries.items():
            if isinstance(node, Items):
                node.items = [target(one) for one in node.items]
            else:
                record.entries[key] = target(node)


def matched(root: Node) -> list[tuple[Record, SourceSpec]]:
    """Return the records of one root with their sources: known ones, else those known by their words."""
    return list(_matched(root, known=True)) or list(_matched(root, known=False))


def _matched(root: Node, *, known: bool) -> Iterator[tuple[Record, SourceSpec]]:
    """Yield the outermost records that are of some source."""
    waiting: list[Node] = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Items):
            waiting.extend(reversed(node.items))
        elif isinstance(node, Record):
            source = source_of(node) if known else source_by_words(node)
            if source is not None:
                yield node, source
            else:
                waiting.extend(reversed(node.entries.values()))

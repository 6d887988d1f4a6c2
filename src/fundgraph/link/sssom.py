"""Read and write mapping sets as SSSOM tables: a header in YAML behind ``#``, then tab-separated rows.

Only what the standard's tables hold is read, by the standard's names; further columns of ours are declared in the header
as extensions, as SSSOM asks.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from fundgraph.errors import LinkError
from fundgraph.link.mapping import FEATURE, FG, JUSTIFICATIONS, NO_TERM, SEMAPV, SSSOM, Link, MappingSet

__all__ = ["SUFFIX", "find_sets", "new_header", "read_set", "read_sets", "to_text", "write_set"]

SUFFIX = ".sssom.tsv"
#: The parser in C if PyYAML has it: ten times as fast.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
#: Prefixes that need no declaration.
_BUILT_IN = {
    "sssom": SSSOM,
    "semapv": SEMAPV,
    "owl": "http://www.w3.org/2002/07/owl#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
}
_OURS = {
    "fg": FG,
    "feature": FEATURE,
    "schema": "https://schema.org/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
#: The columns in which a link's parts stand, in this order; those that no row fills are left out.
_COLUMNS = (
    "subject_id", "subject_label", "subject_category", "predicate_id", "predicate_modifier", "object_id", "object_label",
    "mapping_justification", "author_label", "reviewer_label", "confidence", "reviewer_agreement", "mapping_tool",
    "mapping_date", "review_date", "comment", "evidence", "band", "facts", "place",
)  # fmt: skip
#: Columns that are always there, so that a decision changes one line of a file and no other.
_REVIEW = ("predicate_modifier", "reviewer_label", "reviewer_agreement", "review_date", "comment")
_NEEDED = ("subject_id", "predicate_id", "object_id", "mapping_justification")
_FEATURE = "feature_"
_EXTENSIONS = {
    "evidence": ("dcterms:source", "xsd:string"),
    "band": ("feature:band", "xsd:string"),
    "facts": ("feature:facts", "xsd:string"),
    "place": ("feature:place", "xsd:string"),
}
_PLACE = re.compile(r"(-?\d{1,2}(?:\.\d+)?), ?(-?\d{1,3}(?:\.\d+)?)")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+")
_LOCAL = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./:?=&%~-]*")


def find_sets(folder: Path) -> list[Path]:
    """Return the files of mapping sets in a folder, by name; none if there is no such folder."""
    return sorted(folder.glob(f"*{SUFFIX}")) if folder.is_dir() else []


def read_sets(folder: Path) -> list[MappingSet]:
    """Read all mapping sets of a folder."""
    return [read_set(path) for path in find_sets(folder)]


def read_set(path: Path) -> MappingSet:
    """Read a mapping set. Raises :class:`LinkError` with file and line for anything broken."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise LinkError("is not UTF-8", where=path, line=error.object[: error.start].count(b"\n") + 1) from error
    except OSError as error:
        raise LinkError(f"cannot be read: {error.strerror}", where=path) from error
    lines = text.splitlines()
    top = next((at for at, line in enumerate(lines) if not line.startswith("#")), len(lines))
    header = _header([line[1:] for line in lines[:top]], path)
    prefixes = _BUILT_IN | header["curie_map"]
    reader = csv.reader(lines[top:], delimiter="\t", strict=True)
    columns: list[str] = []
    links: list[Link] = []
    try:
        for cells in reader:
            line = top + reader.line_num
            if not columns:
                columns = cells
                _check_columns(columns, path, line)
            elif len(cells) != len(columns):
                raise LinkError(f"has {len(cells)} fields instead of {len(columns)}", where=path, line=line)
            else:
                row = {name: cell.strip() for name, cell in zip(columns, cells, strict=True)}
                links.append(_link(row, prefixes, path, line))
    except csv.Error as error:
        raise LinkError(
            f"is not a tab-separated table: {error}", where=path, line=top + reader.line_num
        ) from error
    if not columns:
        raise LinkError("has no line of column names", where=path)
    seen: dict[tuple[str, str], int] = {}
    for link in links:
        first = seen.setdefault(link.key, link.line)
        if first != link.line:
            raise LinkError(f"links the same two as line {first}", where=path, line=link.line)
    return MappingSet(path.name.removesuffix(SUFFIX), header, tuple(links), str(path))


def _header(lines: Sequence[str], path: Path) -> dict[str, Any]:
    try:
        data = yaml.load("\n".join(lines), Loader=_LOADER) or {}
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise LinkError(
            "has a header that is not YAML", where=path, line=mark.line + 1 if mark is not None else 1
        ) from error
    if not isinstance(data, dict):
        raise LinkError("has a header that is no YAML mapping", where=path, line=1)
    for name in ("mapping_set_id", "license"):
        if not isinstance(data.get(name), str):
            raise LinkError(f"has no {name} in its header", where=path, line=1)
    prefixes = data.setdefault("curie_map", {})
    if not isinstance(prefixes, dict) or not all(
        isinstance(name, str) and isinstance(iri, str) for name, iri in prefixes.items()
    ):
        raise LinkError("has a curie_map that does not lead from prefixes to IRIs", where=path, line=1)
    # YAML reads a date as one; a header holds texts.
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in data.items()}


def _check_columns(columns: Sequence[str], path: Path, line: int) -> None:
    missing = [name for name in _NEEDED if name not in columns]
    if missing:
        raise LinkError(f"lacks the column {missing[0]!r}", where=path, line=line, allowed=_COLUMNS)
    for name in columns:
        if name not in _COLUMNS and not name.startswith(_FEATURE):
            raise LinkError(
                f"has a column {name!r} that is not read here", where=path, line=line, allowed=_COLUMNS
            )
        if columns.count(name) > 1:
            raise LinkError(f"has two columns {name!r}", where=path, line=line)


def _link(row: Mapping[str, str], prefixes: Mapping[str, str], path: Path, line: int) -> Link:
    def fail(what: str, allowed: Sequence[str] = ()) -> LinkError:
        return LinkError(what, where=path, line=line, allowed=allowed)

    def iri(name: str) -> str:
        try:
            return _expand(row[name], prefixes)
        except ValueError as error:
            raise fail(f"{name} is neither an IRI nor a name with a declared prefix: {row[name]!r}") from error

    def number(name: str, least: float, text: str) -> float | None:
        if not text:
            return None
        try:
            value = float(text)
        except ValueError:
            value = least - 1
        if not least <= value <= 1:
            raise fail(f"{name} is a number from {least:g} to 1, not {text!r}")
        return value

    justification = iri("mapping_justification")
    if justification not in JUSTIFICATIONS:
        names = [one.replace(SEMAPV, "semapv:") for one in JUSTIFICATIONS]
        raise fail(f"there is no justification {row['mapping_justification']!r}", names)
    modifier = row.get("predicate_modifier", "")
    if modifier not in ("", "Not"):
        raise fail(f"predicate_modifier is Not or empty, not {modifier!r}")
    for name in ("mapping_date", "review_date"):
        if row.get(name) and not _DATE.fullmatch(row[name]):
            raise fail(f"{name} is a date such as 2026-01-15, not {row[name]!r}")
    if row.get("reviewer_label") and not row.get("review_date"):
        raise fail("is reviewed, but does not say when: review_date is empty")
    place = _PLACE.fullmatch(row.get("place", ""))
    where = (float(place[1]), float(place[2])) if place else None
    if row.get("place") and (where is None or abs(where[0]) > 90 or abs(where[1]) > 180):
        raise fail(f"place is latitude and longitude such as '50.7338, 7.0999', not {row['place']!r}")
    return Link(
        subject=iri("subject_id"),
        predicate=iri("predicate_id"),
        object=iri("object_id"),
        justification=justification,
        subject_label=row.get("subject_label", ""),
        subject_category=_expand(row["subject_category"], prefixes) if row.get("subject_category") else "",
        object_label=row.get("object_label", ""),
        confidence=number("confidence", 0, row.get("confidence", "")),
        negated=modifier == "Not",
        authors=_several(row.get("author_label", "")),
        date=row.get("mapping_date", ""),
        reviewers=_several(row.get("reviewer_label", "")),
        review_date=row.get("review_date", ""),
        agreement=number("reviewer_agreement", -1, row.get("reviewer_agreement", "")),
        tool=row.get("mapping_tool", ""),
        comment=row.get("comment", ""),
        evidence=row.get("evidence", ""),
        band=row.get("band", ""),
        facts=row.get("facts", ""),
        place=where,
        features={
            name.removeprefix(_FEATURE): value
            for name, text in row.items()
            if name.startswith(_FEATURE) and (value := number(name, 0, text)) is not None
        },
        line=line,
    )


def _several(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split("|") if part.strip())


def _expand(text: str, prefixes: Mapping[str, str]) -> str:
    prefix, colon, local = text.partition(":")
    if colon and not local.startswith("//"):
        if prefix in prefixes:
            return prefixes[prefix] + local
        raise ValueError(text)
    if not _IRI.fullmatch(text):
        raise ValueError(text)
    return text


def new_header(name: str, base: str, title: str, **more: Any) -> dict[str, Any]:
    """Return the header of a new mapping set of a dataset."""
    return {
        "mapping_set_id": f"{base}graph/links/{name}",
        "mapping_set_title": title,
        "license": "https://creativecommons.org/publicdomain/zero/1.0/",
        **more,
    }


def write_set(mapping_set: MappingSet, path: Path) -> None:
    """Write a mapping set; a reader sees the old file or the new one, never half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f".{path.name}.new")
    half.write_text(to_text(mapping_set), encoding="utf-8")
    half.replace(path)


def to_text(mapping_set: MappingSet) -> str:
    """Return a mapping set as the text of its file; the same set always gives the same text."""
    rows = [_cells(link) for link in mapping_set.links]
    features = sorted({name for row in rows for name in row if name.startswith(_FEATURE)})
    filled = {name for row in rows for name, cell in row.items() if cell}
    columns = [name for name in _COLUMNS if name in filled or name in _NEEDED + _REVIEW] + features
    prefixes = {str(k): str(v) for k, v in mapping_set.header.get("curie_map", {}).items()} | _OURS
    extensions = [name for name in columns if name in _EXTENSIONS or name.startswith(_FEATURE)]
    header = {
        name: value
        for name, value in mapping_set.header.items()
        if name not in ("curie_map", "extension_definitions")
    }
    header["curie_map"] = dict(sorted(prefixes.items()))
    if extensions:
        header["extension_definitions"] = [_definition(name) for name in extensions]
    short = sorted((_BUILT_IN | prefixes).items(), key=lambda item: -len(item[1]))
    out = io.StringIO()
    for line in yaml.safe_dump(header, allow_unicode=True, sort_keys=False, width=10_000).splitlines():
        out.write(f"#{line}\n")
    writer = csv.writer(out, delimiter="\t", lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_short(name, row.get(name, ""), short) for name in columns])
    return out.getvalue()


def _definition(name: str) -> dict[str, str]:
    if name in _EXTENSIONS:
        meaning, kind = _EXTENSIONS[name]
    else:
        meaning, kind = f"feature:{name.removeprefix(_FEATURE)}", "xsd:double"
    return {"slot_name": name, "property": meaning, "type_hint": kind}


def _cells(link: Link) -> dict[str, str]:
    def number(value: float | None) -> str:
        return "" if value is None else f"{value:.3f}".rstrip("0").rstrip(".")

    cells = {
        "subject_id": link.subject,
        "subject_label": link.subject_label,
        "subject_category": link.subject_category,
        "predicate_id": link.predicate,
        "predicate_modifier": "Not" if link.negated else "",
        "object_id": link.object,
        "object_label": link.object_label,
        "mapping_justification": link.justification,
        "author_label": "|".join(link.authors),
        "reviewer_label": "|".join(link.reviewers),
        "confidence": number(link.confidence),
        "reviewer_agreement": number(link.agreement),
        "mapping_tool": link.tool,
        "mapping_date": link.date,
        "review_date": link.review_date,
        "comment": _one_line(link.comment),
        "evidence": _one_line(link.evidence),
        "band": link.band,
        "facts": _one_line(link.facts),
        "place": f"{link.place[0]:.4f}, {link.place[1]:.4f}" if link.place else "",
    }
    return cells | {f"{_FEATURE}{name}": number(value) for name, value in link.features.items()}


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _short(column: str, cell: str, prefixes: Iterable[tuple[str, str]]) -> str:
    if not (column.endswith(("_id", "_category")) or column == "mapping_justification"):
        return cell
    if cell == NO_TERM:
        return "sssom:NoTermFound"
    for prefix, iri in prefixes:
        local = cell.removeprefix(iri)
        if local != cell and _LOCAL.fullmatch(local):
            return f"{prefix}:{local}"
    return cell

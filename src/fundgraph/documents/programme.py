"""Read ``programme.toml``: what a programme is, its phases, its documents, and facts that no document states."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path

from fundgraph.documents.toml_table import Table, table_of, tables_of, toml_file
from fundgraph.errors import ProgrammeError

FILE_NAME = "programme.toml"
IDENTITIES = "identities.toml"
PI_RULES = ("auto", "professors-and-leading-doctors", "explicit-roles", "all-titled", "first-named")
FACT_COLUMNS = ("subject_name", "kind", "scheme", "identifier", "source", "confidence", "note")
FACT_KINDS = ("programme", "phase", "project", "person", "organisation")
_ID = re.compile(r"[a-z0-9][a-z0-9-]*")


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact that is not read from a document; ``source`` says where it stands, ``line`` where we have it."""

    subject: str
    kind: str
    scheme: str
    value: str
    source: str
    confidence: str
    note: str | None
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class ProgrammePhase:
    """A funding phase; dates in ISO 8601 at the precision that ``source`` states.

    ``meets_next`` where the source says that the next phase begins as this one ends.
    """

    number: int
    label: str
    start: str | None
    end: str | None
    source: str | None
    note: str | None
    meets_next: bool = False


@dataclass(frozen=True, slots=True)
class ProgrammeDocument:
    """A document of the programme, or a folder of them: ``path`` on disk, ``file`` as the programme names it."""

    id: str
    path: Path
    file: str
    phase: int | None
    title: str | None
    source: str | None
    retrieved: str | None
    rights: str | None
    licence: str | None = None
    """The IRI of the licence, where the document states one."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Who a printed name is, as somebody decided: everywhere, or in one project."""

    name: str
    project: str | None
    person: str
    reason: str
    by: str
    date: str | None


@dataclass(frozen=True, slots=True)
class Funder:
    """Who pays."""

    id: str
    name: str
    acronym: str | None
    homepage: str | None


@dataclass(frozen=True, slots=True)
class Programme:
    """A programme as its ``programme.toml`` describes it."""

    id: str
    path: Path
    name: str
    number: str
    base: str
    language: str
    description: str | None
    homepage: str | None
    licence: str | None
    funder: Funder | None
    pi_rule: str
    topics: Path | None
    phases: tuple[ProgrammePhase, ...]
    documents: tuple[ProgrammeDocument, ...]
    facts: tuple[Fact, ...]
    decisions: tuple[Decision, ...]


def find_programmes(data_dir: Path) -> list[Path]:
    """Return the folders below ``data_dir`` (or itself) that hold a ``programme.toml``, by name."""
    if (data_dir / FILE_NAME).is_file():
        return [data_dir]
    if not data_dir.is_dir():
        raise ProgrammeError("there is no such folder", where=data_dir)
    found = sorted(path.parent for path in data_dir.glob(f"*/{FILE_NAME}"))
    if not found:
        raise ProgrammeError(
            f"no folder here holds a {FILE_NAME}", where=data_dir, hint="See docs/tutorial.md for how to write one"
        )
    return found


def read_programme(directory: Path) -> Programme:
    """Read a programme's description. Raises :class:`ProgrammeError` with file and line for anything broken."""
    path = directory / FILE_NAME
    data, text = toml_file(path)
    known = ("programme", "phase", "document")
    for key in data:
        if key not in known:
            raise Table(data, "top", path, text).error(
                f"there is no table {key!r}", hint=f"Known: {', '.join(known)}"
            )
    head = table_of(data, "programme", path, text)
    head.only(
        "name",
        "number",
        "base",
        "language",
        "description",
        "homepage",
        "licence",
        "pi_rule",
        "topics",
        "facts",
        "funder",
    )
    base = head.required("base")
    if not re.fullmatch(r"https?://[^\s<>\"{}|\\^`]+/", base):
        raise head.error(f"base must be an absolute http(s) IRI that ends in '/', not {base!r}", "base")
    pi_rule = head.text_of("pi_rule") or "auto"
    if pi_rule not in PI_RULES:
        raise head.error(f"there is no pi_rule {pi_rule!r}", "pi_rule", hint=f"Known: {', '.join(PI_RULES)}")
    phases = tuple(_phase(table) for table in tables_of(data, "phase", path, text))
    _distinct([str(phase.number) for phase in phases], "phase", path)
    documents = tuple(
        _document(table, directory, {p.number for p in phases})
        for table in tables_of(data, "document", path, text)
    )
    _distinct([document.id for document in documents], "document", path)
    if not documents:
        raise head.error("no [[document]] is listed", hint="A programme needs at least one document to read")
    topics = head.text_of("topics")
    return Programme(
        id=directory.resolve().name,
        path=directory,
        name=head.required("name"),
        number=head.required("number"),
        base=base,
        language=head.text_of("language") or "en",
        description=head.text_of("description"),
        homepage=head.text_of("homepage"),
        licence=head.text_of("licence"),
        funder=_funder(head),
        pi_rule=pi_rule,
        topics=None if topics is None else _inside(directory, topics, head, "topics"),
        phases=phases,
        documents=documents,
        facts=_facts(head, directory),
        decisions=_decisions(directory),
    )


def _phase(table: Table) -> ProgrammePhase:
    table.only("number", "label", "start", "end", "source", "note", "meets_next")
    number = table.number("number", required=True)
    assert number is not None
    start, end = table.date("start"), table.date("end")
    if start and end and end < start:
        raise table.error(f"end {end} lies before start {start}", "end")
    return ProgrammePhase(
        number,
        table.text_of("label") or f"Phase {number}",
        start,
        end,
        table.text_of("source"),
        table.text_of("note"),
        table.truth("meets_next"),
    )


def _document(table: Table, directory: Path, phases: set[int]) -> ProgrammeDocument:
    table.only("id", "file", "phase", "title", "source", "retrieved", "rights", "licence")
    file = table.required("file")
    identifier = table.text_of("id") or re.sub(r"[^a-z0-9]+", "-", Path(file).stem.lower()).strip("-")
    if not _ID.fullmatch(identifier):
        raise table.error(f"id may hold lower-case letters, digits and '-', not {identifier!r}", "id")
    phase = table.number("phase")
    if phase is not None and phase not in phases:
        raise table.error(f"phase {phase} is not among the [[phase]] tables", "phase")
    return ProgrammeDocument(
        identifier,
        _inside(directory, file, table, "file"),
        file,
        phase,
        table.text_of("title"),
        table.text_of("source"),
        table.date("retrieved"),
        table.text_of("rights"),
        _licence(table),
    )


def _licence(table: Table) -> str | None:
    licence = table.text_of("licence")
    if licence is not None and not re.fullmatch(r"https?://[^\s<>\"{}|\\^`]+", licence):
        raise table.error(f"licence must be the absolute http(s) IRI of a licence, not {licence!r}", "licence")
    return licence


def _inside(directory: Path, name: str, table: Table, key: str) -> Path:
    path = directory / name
    if not path.resolve().is_relative_to(directory.resolve()):
        raise table.error(f"{key} {name!r} lies outside of the programme's folder", key)
    if not path.is_file() and not (key == "file" and path.is_dir()):
        raise table.error(f"{key} {name!r} does not exist", key)
    return path


def _funder(head: Table) -> Funder | None:
    values = head.values.get("funder")
    if values is None:
        return None
    if not isinstance(values, dict):
        raise head.error("funder must be a table", "funder")
    match = re.compile(r"^\s*\[programme\.funder\]", re.M).search(head.text)
    table = Table(values, "programme.funder", head.path, head.text, match.start() if match else head.start)
    table.only("id", "name", "acronym", "homepage")
    name = table.required("name")
    identifier = table.text_of("id") or re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    return Funder(identifier, name, table.text_of("acronym"), table.text_of("homepage"))


def _facts(head: Table, directory: Path) -> tuple[Fact, ...]:
    name = head.text_of("facts")
    if name is None:
        return ()
    path = _inside(directory, name, head, "facts")
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise ProgrammeError(
            "is not UTF-8", where=path, line=error.object[: error.start].count(b"\n") + 1
        ) from error
    reader = csv.reader(lines, delimiter="\t", strict=True)
    facts: list[Fact] = []
    try:
        for row in reader:
            if reader.line_num == 1:
                if tuple(row) != FACT_COLUMNS:
                    hint = f"The first line must be: {' '.join(FACT_COLUMNS)} (tab-separated)"
                    raise ProgrammeError("has other columns than expected", where=path, line=1, hint=hint)
                continue
            if len(row) != len(FACT_COLUMNS):
                raise ProgrammeError(
                    f"has {len(row)} fields instead of {len(FACT_COLUMNS)}", where=path, line=reader.line_num
                )
            facts.append(_fact(row, path, reader.line_num))
    except csv.Error as error:
        raise ProgrammeError(f"is not a tab-separated table: {error}", where=path, line=reader.line_num) from error
    return tuple(facts)


def _fact(row: list[str], path: Path, line: int) -> Fact:
    subject, kind, scheme, value, source, confidence, note = (cell.strip() for cell in row)
    if kind not in FACT_KINDS:
        raise ProgrammeError(f"there is no kind {kind!r}", where=path, line=line, allowed=FACT_KINDS)
    if not (subject and scheme and value and source):
        raise ProgrammeError("a fact needs a subject, a scheme, a value and a source", where=path, line=line)
    if confidence not in ("high", "medium", "low"):
        raise ProgrammeError(
            f"there is no confidence {confidence!r}", where=path, line=line, allowed=("high", "medium", "low")
        )
    return Fact(subject, kind, scheme, value, source, confidence, note or None, path.name, line)


def _decisions(directory: Path) -> tuple[Decision, ...]:
    path = directory / IDENTITIES
    if not path.is_file():
        return ()
    data, text = toml_file(path)
    for key in data:
        if key != "decision":
            raise Table(data, "top", path, text).error(f"there is no table {key!r}", hint="Known: decision")
    return tuple(_decision(table) for table in tables_of(data, "decision", path, text))


def _decision(table: Table) -> Decision:
    table.only("name", "project", "person", "reason", "by", "date")
    person = table.required("person")
    if not _ID.fullmatch(person):
        raise table.error(f"person is an id such as 'ada-quell', not {person!r}", "person")
    return Decision(
        table.required("name"), table.text_of("project"), person,
        table.required("reason"), table.required("by"), table.date("date"),
    )  # fmt: skip


def _distinct(values: list[str], name: str, path: Path) -> None:
    for index, value in enumerate(values):
        if value in values[:index]:
            raise ProgrammeError(f"[[{name}]] {value} stands here twice", where=path)

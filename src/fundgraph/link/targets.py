"""Targets: who is asked for candidates. One table (``data/targets.toml``), one interface, three ways to ask.

A SPARQL target is configuration only: a query with a VALUES block of names to search for. A REST target names how its
answers are read (:mod:`fundgraph.link.rest`). A dump is a file of things as lines of JSON.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from fundgraph.documents.toml_table import Table, tables_of, toml_file
from fundgraph.errors import LinkError, ProgrammeError, UsageError
from fundgraph.link.asking import Asker
from fundgraph.link.entities import KINDS, Entity, read_entities
from fundgraph.link.rest import READERS
from fundgraph.link.sparql import ask_sparql

__all__ = ["Target", "read_targets", "source_of"]

_ID = re.compile(r"[a-z0-9][a-z0-9-]*")
_WAYS = ("sparql", "rest", "dump")


@dataclass(frozen=True, slots=True)
class Target:
    """Somebody who is asked, and how politely.

    ``way`` is ``sparql``, ``rest`` or ``dump``; ``queries`` holds, by kind of thing, the query of a SPARQL target or the
    address of a REST target, in which ``{name}`` is the name that is searched for.
    """

    id: str
    label: str
    way: str
    address: str
    queries: Mapping[str, str]
    reader: str = ""
    licence: str = ""
    homepage: str = ""
    per_second: float = 1.0
    retries: int = 3
    timeout: float = 20.0
    at_once: int = 20
    """So many names are put into one query of a SPARQL target."""
    keep_days: float = 30.0
    """For so many days an answer is taken from the disk."""
    most_requests: int = 10_000
    """So many requests at most are sent in one run; what was answered is kept, so that the next run goes on."""
    whole: bool = False
    """Whether a dump holds all that the target has."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of things that it can be asked for."""
        return tuple(self.queries)


class Source(Protocol):
    """What can be asked for candidates."""

    @property
    def asker(self) -> Asker | None:
        """Who asks over the network; ``None`` where nobody is asked."""
        ...

    @property
    def version(self) -> str:
        """What tells a dump from a later one; empty where each name is asked for."""
        ...

    @property
    def step(self) -> int:
        """So many names go into one request."""
        ...

    def candidates(self, kind: str, names: Sequence[str]) -> Iterator[Entity]:
        """Yield the target's things of a kind that have names like these."""
        ...


def read_targets(path: Path) -> dict[str, Target]:
    """Read the table of targets. Raises :class:`LinkError` with file and line for anything broken."""
    try:
        data, text = toml_file(path)
        for key in data:
            if key != "target":
                raise Table(data, "top", path, text).error(f"there is no table {key!r}", hint="Known: target")
        found = [_target(table, path.parent) for table in tables_of(data, "target", path, text)]
    except ProgrammeError as error:
        raise LinkError(error.what, where=error.where, line=error.line, hint=error.hint) from error
    targets = {target.id: target for target in found}
    if len(targets) < len(found):
        raise LinkError("two targets have one id", where=path)
    return targets


def _target(table: Table, folder: Path) -> Target:
    table.only(
        "id", "label", "way", "address", "reader", "licence", "homepage", "per_second", "retries", "timeout", "at_once",
        "keep_days", "most_requests", "whole", *KINDS,
    )  # fmt: skip
    name, way = table.required("id"), table.required("way")
    if not _ID.fullmatch(name):
        raise table.error(f"id may hold lower-case letters, digits and '-', not {name!r}", "id")
    if way not in _WAYS:
        raise table.error(f"there is no way {way!r}", "way", hint=f"Known: {', '.join(_WAYS)}")
    reader = table.text_of("reader") or ""
    if way == "rest" and reader not in READERS:
        raise table.error(f"there is no reader {reader!r}", "reader", hint=f"Known: {', '.join(READERS)}")
    queries = {kind: text for kind in KINDS if (text := table.text_of(kind))}
    if not queries:
        raise table.error("names no kind of thing that it can be asked for", hint=f"One of: {', '.join(KINDS)}")
    for kind, text in queries.items():
        wanted = {"sparql": "VALUES", "rest": "{name}"}.get(way)
        if wanted and wanted not in text:
            raise table.error(f"the query for a {kind} has no {wanted}", kind)
    address = table.required("address")
    numbers = {}
    for key, default, least in (
        ("per_second", 1.0, 0.001), ("retries", 3, 0), ("timeout", 20.0, 0.01), ("at_once", 20, 1), ("keep_days", 30.0, 0),
        ("most_requests", 10_000, 1),
    ):  # fmt: skip
        value = table.values.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or value < least:
            raise table.error(f"{key} is a number from {least:g} on, not {value!r}", key)
        numbers[key] = value
    return Target(
        name, table.text_of("label") or name, way,
        str(folder / address) if way == "dump" else address, queries, reader,
        table.text_of("licence") or "", table.text_of("homepage") or "",
        float(numbers["per_second"]), int(numbers["retries"]), float(numbers["timeout"]), int(numbers["at_once"]),
        float(numbers["keep_days"]), int(numbers["most_requests"]), table.truth("whole"),
    )  # fmt: skip


class _Sparql:
    version = ""

    def __init__(self, target: Target, asker: Asker) -> None:
        self._target, self.asker, self.step = target, asker, target.at_once

    def candidates(self, kind: str, names: Sequence[str]) -> Iterator[Entity]:
        size = self._target.at_once
        for at in range(0, len(names), size):
            yield from ask_sparql(
                self.asker, self._target.address, self._target.queries[kind], kind, names[at : at + size]
            )


class _Rest:
    version, step = "", 1

    def __init__(self, target: Target, asker: Asker) -> None:
        self._target, self.asker = target, asker

    def candidates(self, kind: str, names: Sequence[str]) -> Iterator[Entity]:
        read = READERS[self._target.reader]
        for name in names:
            yield from read(self.asker, self._target.address, self._target.queries[kind], kind, name)


class _Dump:
    asker, step = None, 1

    def __init__(self, target: Target) -> None:
        self._target, self._path = target, Path(target.address)

    @property
    def version(self) -> str:
        status = self._there().stat()
        return f"{self._path} {status.st_size} {status.st_mtime_ns}"

    def _there(self) -> Path:
        if not self._path.is_file():
            raise LinkError(
                "is not there",
                where=self._path,
                hint=f"Put the dump of {self._target.label} here, or name another address",
            )
        return self._path

    def candidates(self, kind: str, names: Sequence[str]) -> Iterator[Entity]:
        return (entity for entity in read_entities(self._there()) if entity.kind == kind)


def source_of(target: Target, kind: str, cache: Path, *, not_before: datetime.datetime | None = None) -> Source:
    """Return what asks a target, not content with answers that were kept ``not_before`` that time.

    Raises :class:`UsageError` for a kind of thing that it cannot be asked for.
    """
    if kind not in target.queries:
        raise UsageError(f"{target.label} is not asked for things of the kind {kind!r}", allowed=target.kinds)
    if target.way == "dump":
        return _Dump(target)
    asker = Asker(
        target.label, cache / target.id, per_second=target.per_second, retries=target.retries,
        timeout=target.timeout, keep_days=target.keep_days, most_requests=target.most_requests, not_before=not_before,
    )  # fmt: skip
    return _Sparql(target, asker) if target.way == "sparql" else _Rest(target, asker)


def at_address(target: Target, address: str) -> Target:
    """Return a target that is asked at another address."""
    return replace(target, address=address)


def distinct(entities: Iterable[Entity]) -> Iterator[Entity]:
    """Yield things once each: what several searches brought is one."""
    seen: set[str] = set()
    for entity in entities:
        if entity.iri not in seen:
            seen.add(entity.iri)
            yield entity

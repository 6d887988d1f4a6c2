"""What structured sources look like, as data: one TOML for each, read when first asked for.

``recognise`` says which keys make a record one of the source's (keys in small letters and digits, see
:func:`~fundgraph.documents.tree.plain_key`); the other tables say where a project's parts stand. A path is keys with
``/`` between them; lists on the way are entered; ``^`` is the record around, a leading ``/`` the outermost one.
Several paths are tried in turn.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from typing import Any

from fundgraph.documents.tree import plain_key

Path = tuple[str, ...]
Paths = tuple[Path, ...]


@dataclass(frozen=True)
class PersonSpec:
    """Where people stand: ``at`` leads to texts or records, the others lead on from a record."""

    at: Paths
    role: str | None = None
    """The word of the small role set that the place itself says."""
    role_at: Paths = ()
    label: str | None = None
    """What to keep as the printed role, if not the key's own name."""
    types: frozenset[str] = frozenset()
    name: Paths = ()
    given: Paths = ()
    middle: Paths = ()
    family: Paths = ()
    honorific: Paths = ()
    orcid: Paths = ()
    affiliation: Paths = ()
    identifiers: Mapping[str, Paths] = field(default_factory=dict)
    flags: Mapping[str, str] = field(default_factory=dict)
    slugs: bool = False
    """Whether a text of small letters and hyphens is another file's name."""


@dataclass(frozen=True)
class OrganisationSpec:
    """Where organisations stand."""

    at: Paths
    role: str | None = None
    role_at: Paths = ()
    flags: Mapping[str, str] = field(default_factory=dict)
    name: Paths = ()
    country: Paths = ()
    types: frozenset[str] = frozenset()
    identifiers: Mapping[str, Paths] = field(default_factory=dict)
    split: str | None = None


@dataclass(frozen=True)
class IdentifierSpec:
    """Where a project's identifiers stand; ``scheme`` ``auto`` tells it by the value, else by ``type`` or ``by``."""

    at: Paths
    scheme: str
    type: Paths = ()
    by: Paths = ()
    otherwise: str | None = None


@dataclass(frozen=True)
class PublicationSpec:
    """Where publications stand."""

    at: Paths
    title: Paths
    year: Paths
    doi: Paths
    authors: Paths


@dataclass(frozen=True)
class SourceSpec:
    """One source: how its records are known and what is read from them."""

    id: str
    name: str
    all: frozenset[str]
    any: frozenset[str]
    none: frozenset[str]
    values: Mapping[str, frozenset[str]]
    part: bool = False
    """Whether a record only adds to a project that other records describe."""
    dates: str | None = None
    """The order of days and months in dates such as 03/04/2020: ``mdy`` or ``dmy``."""
    fields: Mapping[str, Paths] = field(default_factory=dict)
    people: tuple[PersonSpec, ...] = ()
    organisations: tuple[OrganisationSpec, ...] = ()
    identifiers: tuple[IdentifierSpec, ...] = ()
    publications: tuple[PublicationSpec, ...] = ()

    def fits(self, keys: frozenset[str]) -> bool:
        """Tell whether a record with these keys may be one of this source's."""
        return self.all <= keys and (not self.any or bool(self.any & keys)) and not self.none & keys


FIELDS = ("title", "code", "acronym", "abstract", "start", "end", "programme", "phase", "kind")
NAME_PARTS = ("name", "given", "middle", "family", "honorific", "orcid", "affiliation")


@lru_cache(maxsize=1)
def sources() -> tuple[SourceSpec, ...]:
    """Return all sources in the order in which they are tried: by ``order``, then by name."""
    found: list[tuple[int, str, SourceSpec]] = []
    for entry in resources.files(__name__).iterdir():
        if entry.name.endswith(".toml") and not entry.name.startswith("_"):
            data = tomllib.loads(entry.read_text(encoding="utf-8"))
            for table in data["source"]:
                found.append((table.get("order", 50), table["id"], _source(table)))
    return tuple(source for _, _, source in sorted(found, key=lambda item: item[:2]))


@lru_cache(maxsize=4)
def shared(name: str) -> dict[str, Any]:
    """Return a table that all sources share: ``_defaults``, ``_schemes`` or ``_words``."""
    return tomllib.loads(resources.files(__name__).joinpath(f"_{name}.toml").read_text(encoding="utf-8"))


def paths(value: str | list[str] | None) -> Paths:
    """Make paths of what a table says.

    >>> paths("a/b c"), paths(["/person", "^/x"])
    ((('a', 'bc'),), (('/', 'person'), ('^', 'x')))
    """
    if value is None:
        return ()
    return tuple(_path(one) for one in ([value] if isinstance(value, str) else value))


def _path(text: str) -> Path:
    steps = [step if step in ("^", ".") else plain_key(step) for step in text.strip("/").split("/")]
    return (*(["/"] if text.startswith("/") else []), *(step for step in steps if step not in ("", ".")))


def _source(table: dict[str, Any]) -> SourceSpec:
    recognise = table.get("recognise", {})
    return SourceSpec(
        id=table["id"],
        name=table["name"],
        all=_keys(recognise.get("all", [])),
        any=_keys(recognise.get("any", [])),
        none=_keys(recognise.get("none", [])),
        values={plain_key(key): _keys(words) for key, words in recognise.get("values", {}).items()},
        part=table.get("part", False),
        dates=table.get("dates"),
        fields={name: paths(table.get(name)) for name in FIELDS},
        people=tuple(person_spec(one) for one in table.get("people", [])),
        organisations=tuple(organisation_spec(one) for one in table.get("organisations", [])),
        identifiers=tuple(_identifier(one) for one in table.get("identifiers", [])),
        publications=tuple(_publication(one) for one in table.get("publications", [])),
    )


def _keys(words: list[str]) -> frozenset[str]:
    return frozenset(plain_key(word) for word in words)


def person_spec(table: dict[str, Any]) -> PersonSpec:
    """Make a person's table whole with what is usual."""
    usual = shared("defaults")["person"]
    parts = {part: paths(table[part] if part in table else usual.get(part)) for part in NAME_PARTS}
    role_at = table["role_at"] if "role_at" in table else usual["role_at"]
    return PersonSpec(
        at=paths(table["at"]),
        role=table.get("role"),
        role_at=paths(role_at),
        label=table.get("label"),
        types=_keys(table.get("types", [])),
        identifiers={scheme: paths(value) for scheme, value in table.get("identifiers", {}).items()},
        flags={plain_key(key): role for key, role in table.get("flags", {}).items()},
        slugs=table.get("slugs", False),
        **parts,
    )


def organisation_spec(table: dict[str, Any]) -> OrganisationSpec:
    """Make an organisation's table whole with what is usual."""
    usual = shared("defaults")["organisation"]
    identifiers = {**usual["identifiers"], **table.get("identifiers", {})}
    return OrganisationSpec(
        at=paths(table["at"]),
        role=table.get("role"),
        role_at=paths(table.get("role_at", usual["role_at"])),
        flags={plain_key(key): role for key, role in table.get("flags", {}).items()},
        name=paths(table.get("name", usual["name"])),
        country=paths(table.get("country", usual["country"])),
        types=_keys(table.get("types", [])),
        identifiers={scheme: paths(value) for scheme, value in identifiers.items()},
        split=table.get("split"),
    )


def _identifier(table: dict[str, Any]) -> IdentifierSpec:
    return IdentifierSpec(
        at=paths(table["at"]),
        scheme=table.get("scheme", "auto"),
        type=paths(table.get("type")),
        by=paths(table.get("by")),
        otherwise=table.get("otherwise"),
    )


def _publication(table: dict[str, Any]) -> PublicationSpec:
    usual = shared("defaults")["publication"]
    return PublicationSpec(
        at=paths(table["at"]),
        **{part: paths(table.get(part, usual[part])) for part in ("title", "year", "doi", "authors")},
    )

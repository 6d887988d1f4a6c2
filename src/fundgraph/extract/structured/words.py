"""Tables and records of no known source, by the words that their columns have."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from fundgraph.documents.tree import Record, plain_key
from fundgraph.extract.sources import (
    IdentifierSpec,
    OrganisationSpec,
    Paths,
    PersonSpec,
    SourceSpec,
    organisation_spec,
    person_spec,
    shared,
)
from fundgraph.extract.structured.members import known_role

FIELDS = ("code", "acronym", "abstract", "start", "end", "period", "programme", "phase")
SAYS_PROJECT = ("code", "acronym", "start", "end", "period", "organisation")


def source_by_words(record: Record, *, front_matter: bool = False) -> SourceSpec | None:
    """Make a source of a record's keys, if they read as a project's: a title, and what projects have besides."""
    return _source(tuple(record.labels.items()), front_matter)


@lru_cache(maxsize=512)
def _source(labels: tuple[tuple[str, str], ...], front_matter: bool) -> SourceSpec | None:
    keys = {key: _word(plain_key(re.sub(r"[(\[][^)\]]*[)\]]", "", label)) or key) for key, label in labels}
    found = {field: _where(keys, field) for field in ("title", "organisation", "partner-organisation", *FIELDS)}
    people = _people(keys, dict(labels), front_matter)
    says = [field for field in SAYS_PROJECT if found[field]]
    roles = [spec for spec in people if spec.role not in (None, "participant", "researcher", "partner", "contact")]
    if not found["title"] and (says or roles) and len(says) + len(roles) > 1:
        found["title"] = _where(keys, "title", "weak")
    if not found["title"] or not (says or people):
        return None
    other = set(keys.values()) & _words("never", "words")
    if other and not (found["start"] or found["end"] or roles):
        return None
    named = found["code"] and not (
        found["start"] or found["end"] or roles or found["abstract"] or found["organisation"]
    )
    if named and not people:
        return None
    return SourceSpec(
        id="words",
        name="columns known by their words",
        all=frozenset(),
        any=frozenset(),
        none=frozenset(),
        values={},
        fields={**{field: found[field] for field in ("title", *FIELDS)}, "kind": ()},
        people=people,
        organisations=tuple(_organisations(found, _where(keys, "country"))),
        identifiers=tuple(_identifiers(found, _where(keys, "doi"))),
    )


def _word(word: str) -> str:
    """Return a column's word, without what may stand before it if only so it is known."""
    if word in _known():
        return word
    rests = (word.removeprefix(prefix) for prefix in _words("affixes", "before") if word.startswith(prefix))
    return next((rest for rest in sorted(rests, key=len) if rest in _known()), word)


@lru_cache(maxsize=1)
def _known() -> frozenset[str]:
    """All words of the vocabulary."""
    tables = shared("words")
    fields = {
        word
        for name in tables
        if name not in ("affixes", "people", "person", "project")
        for word in _words(name, "words")
    }
    return frozenset(fields | {plain_key(word) for role in tables["people"].values() for word in role["words"]})


def _where(keys: Mapping[str, str], *table: str) -> Paths:
    """Return paths to the keys that are words of a table, in the order of the words there."""
    words = _words(table[0], table[1] if len(table) > 1 else "words")
    order = _order(table[0], table[1] if len(table) > 1 else "words")
    hits = sorted((order[word], key) for key, word in keys.items() if word in words)
    return tuple((key,) for _, key in hits)


def _people(keys: Mapping[str, str], labels: Mapping[str, str], front_matter: bool) -> tuple[PersonSpec, ...]:
    specs: list[PersonSpec] = []
    for role in shared("words")["people"]:
        if role == "role" or (role == "author" and not front_matter):
            continue
        for path in _where_role(keys, role):
            named = None if role in ("participant", "author") else known_role(labels[path[0]]) or role
            specs.append(
                person_spec({"at": ["/".join(path)], "slugs": front_matter, **({"role": named} if named else {})})
            )
    given, family = _where(keys, "given"), _where(keys, "family")
    if given and family and not any(spec.role == "principal-investigator" for spec in specs):
        role_at = ["/".join(path) for path in _where_role(keys, "role")]
        table = {
            "at": ".",
            "name": [],
            "given": ["/".join(path) for path in given],
            "family": ["/".join(path) for path in family],
            "affiliation": [],
            "role_at": role_at,
        }
        specs.append(person_spec(table))
    return tuple(specs)


def _where_role(keys: Mapping[str, str], role: str) -> Paths:
    words = frozenset(plain_key(word) for word in shared("words")["people"][role]["words"])
    return tuple((key,) for key, word in keys.items() if word in words)


def _organisations(found: Mapping[str, Paths], country: Paths) -> list[OrganisationSpec]:
    beside = ["^/" + "/".join(path) for path in country]
    specs = []
    for field, role in (("organisation", None), ("partner-organisation", "partner")):
        for path in found[field]:
            table = {"at": "/".join(path), "role": role, "split": ";", "country": beside or ["country"]}
            specs.append(organisation_spec({key: value for key, value in table.items() if value is not None}))
    return specs


def _identifiers(found: Mapping[str, Paths], doi: Paths) -> list[IdentifierSpec]:
    specs = [IdentifierSpec(doi, "doi")] if doi else []
    return [*specs, IdentifierSpec(found["code"], "auto")] if found["code"] else specs


@lru_cache(maxsize=64)
def _words(table: str, name: str) -> frozenset[str]:
    return frozenset(plain_key(word) for word in shared("words")[table].get(name, []))


@lru_cache(maxsize=64)
def _order(table: str, name: str) -> dict[str, int]:
    return {
        plain_key(word): number for number, word in reversed(list(enumerate(shared("words")[table].get(name, []))))
    }

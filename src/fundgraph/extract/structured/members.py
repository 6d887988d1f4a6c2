"""The people of a record: whole names or their parts, lists in one cell, roles by place or by word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from fundgraph.documents.tree import Record, Value, plain_key
from fundgraph.extract.headings import role_of
from fundgraph.extract.institutions import is_institution
from fundgraph.extract.names import family_name, read_people
from fundgraph.extract.source import squeeze
from fundgraph.extract.sources import PersonSpec
from fundgraph.extract.structured.identifiers import identifier_of
from fundgraph.extract.structured.paths import every, first, follow, plain_text
from fundgraph.extract.structured.raw import RawIdentifier, RawMember

LONGEST = 20_000
"""Characters of one value that are looked at for names."""
_MAIL = re.compile(r"\s*[(<]?[\w.+-]+@[\w-]+(?:\.[\w-]+)+[)>]?")
_SLUG = re.compile(r"/?(?:[\w-]+/)*([a-z0-9]+(?:[-_][a-z0-9]+)*)(?:\.md|/)?$")
_PERSON_TYPES = frozenset({"person"})
_LIST = re.compile(r"[;|\n]")
_NOBODY = frozenset({"", "-", "–", "n/a", "na", "none", "null", "tbd", "tba", "n.n.", "nn", "admin", "default"})


def members_of(record: Record, spec: PersonSpec) -> Iterator[RawMember]:
    """Yield the people at a source's place for them."""
    for path in spec.at:
        nodes = [record] if not path else list(follow(record, path))
        label = record.labels.get(path[-1], path[-1]) if path else None
        found = False
        for node in nodes:
            if isinstance(node, Record):
                if not _fits(node, spec):
                    continue
                member = _of_record(node, spec, label)
                if member is not None:
                    found = True
                    yield member
            elif (
                isinstance(node, Value)
                and not node.blank
                and node.kind == "string"
                and not (spec.types and len(path) < 1)
            ):
                for member in of_text(node, spec, label):
                    found = True
                    yield member
        if found:
            return


def _fits(node: Record, spec: PersonSpec) -> bool:
    """Tell whether a record's ``@type`` allows it to be a person."""
    kind = node.entries.get("type")
    if not spec.types or not isinstance(kind, Value):
        return True
    return plain_key(kind.text) in spec.types


def _of_record(node: Record, spec: PersonSpec, label: str | None) -> RawMember | None:
    inner = node.entries.get("member")
    whole = first(node, spec.name)
    given, family = first(node, spec.given), first(node, spec.family)
    if isinstance(inner, Record) and whole is None and family is None:
        whole = first(inner, spec.name)
    middle = first(node, spec.middle) if given is not None else None
    parts = [part for part in (given, middle, family) if part is not None]
    if family is not None and (given is not None or whole is None):
        name = squeeze(" ".join(plain_text(part.text) for part in parts))
        start, end = _hull(parts) if whole is None else (whole.start, whole.end)
        printed = name if whole is None else squeeze(whole.text)
        if whole is not None and "," not in printed and _holds(printed, (given, family)):
            name = plain_text(printed)
        member = RawMember(name, printed, start, end, "field", family=plain_text(family.text))
    elif whole is not None:
        member_or_none = next(_names(whole), None)
        if member_or_none is None:
            return None
        member = member_or_none
        member.where = "field"
    else:
        return None
    if member.name.casefold() in _NOBODY:
        return None
    title = first(node, spec.honorific)
    if title is not None and len(title.text) <= 40:
        member.honorific = squeeze(title.text)
    affiliation = first(node, spec.affiliation)
    member.affiliation = plain_text(affiliation.text) if affiliation is not None else member.affiliation
    member.identifiers = list(_identifiers(node, spec))
    _give_role(member, node, spec, label)
    return member


def _holds(printed: str, parts: tuple[Value | None, ...]) -> bool:
    """Tell whether a whole name says no less than its parts."""
    return all(part is None or squeeze(part.text) in printed for part in parts)


def _hull(parts: list[Value]) -> tuple[int, int]:
    """Return the stretch from the first to the last part, or the last part's if they stand far apart."""
    start, end = min(part.start for part in parts), max(part.end for part in parts)
    return (start, end) if end - start <= 400 else (parts[-1].start, parts[-1].end)


def _identifiers(node: Record, spec: PersonSpec) -> Iterator[RawIdentifier]:
    for value in every(node, spec.orcid):
        found = identifier_of(value, None)
        if found is None and spec.orcid and len(re.sub(r"\D", "", value.text)) >= 15 and "-" in value.text:
            found = identifier_of(value, "orcid")
        if found is not None and found.scheme == "orcid":
            yield found
            break
    for scheme, where in spec.identifiers.items():
        for value in every(node, where):
            made = identifier_of(value, None if scheme == "auto" else scheme)
            if made is not None:
                yield made


def _give_role(member: RawMember, node: Record | None, spec: PersonSpec, label: str | None) -> None:
    """Set the role: what the record prints, else a flag, else what the place says."""
    printed = list(every(node, spec.role_at)) if node is not None else []
    chosen = next((v for v in printed if known_role(v.text) == "principal-investigator"), None)
    chosen = chosen or next((v for v in printed if known_role(v.text)), None)
    chosen = chosen or (printed[0] if printed and len(printed[0].text) <= 60 else None)
    if chosen is not None:
        member.role_as_printed = squeeze(chosen.text)
        member.role_span = (chosen.start, chosen.end)
        member.role = known_role(chosen.text) or spec.role
    elif spec.role:
        member.role = spec.role
        member.role_as_printed = spec.label or label
    for key, word in spec.flags.items():
        flag = node.entries.get(key) if node is not None else None
        if isinstance(flag, Value) and is_true(flag):
            member.role_as_printed = word
            member.role = known_role(word) or member.role


def is_true(value: Value) -> bool:
    """Tell whether a flag is set."""
    return value.text.strip().casefold() in ("true", "1", "yes", "oui", "vrai", "ja", "x")


@lru_cache(maxsize=4096)
def known_role(printed: str) -> str | None:
    """Return the word of the small role set for a label as data print it.

    >>> known_role("PRINCIPAL_INVESTIGATOR"), known_role("COI_PER"), known_role("thirdParty"), known_role("Chef")
    ('principal-investigator', 'co-investigator', 'participant', None)
    """
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", printed).replace("_", " ")
    return role_of(printed) or role_of(spaced) or role_of(spaced.rsplit("/", 1)[-1])


def of_text(value: Value, spec: PersonSpec, label: str | None) -> Iterator[RawMember]:
    """Read a text as one person or several, or as the name of a person's file."""
    if spec.slugs and (found := _SLUG.match(value.text.strip())) and not re.search(r"\s", value.text.strip()):
        if found.group(1) in _NOBODY:
            return
        printed = value.text.strip()
        member = RawMember(printed, printed, value.start, value.end, "slug", slug=found.group(1))
        _give_role(member, None, spec, label)
        yield member
        return
    for member in _names(value):
        if member.name.casefold() not in _NOBODY:
            member.where = "field"
            _give_role(member, None, spec, label)
            if member.note and known_role(member.note):
                member.role, member.role_as_printed, member.note = known_role(member.note), member.note, None
            elif member.note and is_institution(member.note) and member.affiliation is None:
                member.affiliation, member.note = member.note, None
            yield member


def _names(value: Value) -> Iterator[RawMember]:
    """Yield the names of a text; one that reads as nothing known is one name as it stands."""
    exact = value.end - value.start == len(value.text)
    text = value.text[:LONGEST]
    mails = _MAIL.search(text)
    if mails:
        text = _MAIL.sub(lambda found: " " * len(found.group()), text)
    people = read_people(text, 0, len(text))
    if people is not None:
        for one in people.people:
            span = (value.start + one.start, value.start + one.end) if exact else (value.start, value.end)
            yield RawMember(
                plain_text(one.name), squeeze(one.printed), *span, "field", one.family, one.honorific,
                note=one.bracket, affiliation=squeeze(one.affiliation) if one.affiliation else None,
            )  # fmt: skip
        return
    position = 0
    for part in _LIST.split(text):
        name = plain_text(part).strip(" ,.")
        start = position + len(part) - len(part.lstrip())
        span = (
            (value.start + start, value.start + position + len(part.rstrip()))
            if exact
            else (value.start, value.end)
        )
        position += len(part) + 1
        if 2 <= len(name) <= 100 and any(character.isalpha() for character in name):
            turned = re.fullmatch(r"([^,]+),\s*([^,]+)", name)
            given_first = f"{turned.group(2)} {turned.group(1)}" if turned else name
            family = turned.group(1) if turned else family_name(name)
            yield RawMember(given_first, squeeze(part), *span, "field", family)

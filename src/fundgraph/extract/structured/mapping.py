"""From a record of a known source to what it says of a project: one engine for all sources."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from fundgraph.documents.tree import Items, Record, Slip, Value, plain_key
from fundgraph.extract.codes import read_code
from fundgraph.extract.dates import data_date, known_order, read_period
from fundgraph.extract.slugs import name_key
from fundgraph.extract.sources import IdentifierSpec, OrganisationSpec, PublicationSpec, SourceSpec, sources
from fundgraph.extract.structured.identifiers import identifier_of, scheme_by_funder, scheme_by_name
from fundgraph.extract.structured.members import is_true, members_of
from fundgraph.extract.structured.paths import every, first, follow, plain_text, scalar, stated
from fundgraph.extract.structured.raw import (
    RawIdentifier,
    RawMember,
    RawOrganisation,
    RawRecord,
    RawWork,
)

_CODE = re.compile(r"[A-Z]{1,5}[- ]?\d{1,8}[a-z]?$|[A-Z]{1,3}\d*$|\d{3,12}$|[\w./-]*\d[\w./-]*$")
LONGEST_TITLE = 3000
"""Characters; a longer text is no title."""
_DATE_PARTS = ("year", "month", "day")


def source_of(record: Record) -> SourceSpec | None:
    """Return the source that a record is of, by its keys."""
    for source in _candidates(frozenset(record.entries)):
        if all(_says(record, key, words) for key, words in source.values.items()):
            return source
    return None


@lru_cache(maxsize=2048)
def _candidates(keys: frozenset[str]) -> tuple[SourceSpec, ...]:
    return tuple(source for source in sources() if source.fits(keys))


def _says(record: Record, key: str, words: frozenset[str]) -> bool:
    """Tell whether an entry (or one of a list) is one of some words."""
    for node in follow(record, (key,)):
        if isinstance(node, Value) and plain_key(node.text) in words:
            node.read = True
            return True
    return False


def read_record(record: Record, source: SourceSpec) -> RawRecord:
    """Read everything that a source's tables name out of one record."""
    fields = source.fields
    raw = RawRecord(source.id, source.part, record.start, record.end)
    raw.title = _short(first(record, fields["title"]), raw)
    raw.code = _code(record, source)
    raw.acronym = _acronym(record, source, raw)
    raw.abstract = stated(record, fields["abstract"])
    raw.starts = _date(record, source, "start", raw)
    raw.ends = _date(record, source, "end", raw)
    raw.programme = first(record, fields["programme"]) if fields["programme"] else None
    raw.phase = first(record, fields["phase"]) if fields["phase"] else None
    raw.kind = _kind(record, source)
    _period(record, source, raw)
    for person in source.people:
        for member in members_of(record, person):
            add_member(raw, member)
    for place in source.organisations:
        for organisation in _organisations(record, place):
            known = next(
                (o for o in raw.organisations if o.name == organisation.name and o.role == organisation.role), None
            )
            if known is None:
                raw.organisations.append(organisation)
    for spec in source.identifiers:
        for found in _identifiers(record, spec):
            if all((found.scheme, found.value) != (one.scheme, one.value) for one in raw.identifiers):
                raw.identifiers.append(found)
    for publications in source.publications:
        raw.works += _works(record, publications)
    return raw


def _short(value: Value | None, raw: RawRecord) -> Value | None:
    """Cut a title that is none, and say so."""
    if value is None or len(value.text) <= LONGEST_TITLE:
        return value
    end = min(value.end, value.start + LONGEST_TITLE)
    message = f"A title of {len(value.text)} characters is none; only the first {LONGEST_TITLE} were taken."
    raw.slips.append(Slip("long-title", value.start, end, message))
    return Value(value.text[:LONGEST_TITLE], value.start, end)


def add_member(raw: RawRecord, member: RawMember) -> None:
    """Add a person once: two places of one project may name the same one."""
    strong = {one.scheme: one.value for one in member.identifiers}
    for one in raw.people:
        shared = [i.value == strong[i.scheme] for i in one.identifiers if i.scheme in strong]
        if any(shared) or (not shared and (one.name == member.name or _alike(one.name, member.name))):
            if one.role is None or (member.role == "principal-investigator" and one.role != member.role):
                one.role, one.role_as_printed, one.role_span = (
                    member.role,
                    member.role_as_printed,
                    member.role_span,
                )
            one.affiliation = one.affiliation or member.affiliation
            one.identifiers += [
                new for new in member.identifiers if new.scheme not in {i.scheme for i in one.identifiers}
            ]
            return
    raw.people.append(member)


def _alike(one: str, other: str) -> bool:
    """Tell whether two names of one project differ only in order, capitals, accents and initials."""
    words = _name_words(one)
    return len(words) > 1 and words == _name_words(other)


def _name_words(name: str) -> frozenset[str]:
    return frozenset(word for word in name_key(name).split() if len(word) > 1)


def _code(record: Record, source: SourceSpec) -> Value | None:
    """Return the project's number or code; in schema.org only what looks like one."""
    for path in source.fields["code"]:
        for node in follow(record, path):
            value = _coded(node)
            if value is not None and not value.blank and _looks_like_code(source, value.text):
                value.read = True
                return value
    return None


def _coded(node: object) -> Value | None:
    """Return the value of a code; ORCID keeps it one level down."""
    if isinstance(node, Record):
        for key in ("externalidvalue", "awardnumber", "value"):
            if key in node.entries:
                return scalar(node.entries[key])
    return scalar(node) if isinstance(node, (Value, Items, Record)) else None


def _looks_like_code(source: SourceSpec, text: str) -> bool:
    plain = text.strip()
    if source.id != "schema-org":
        return len(plain) <= 80
    return "://" not in plain and len(plain) <= 24 and bool(_CODE.fullmatch(plain) or read_code(f"{plain}: x")[0])


def _acronym(record: Record, source: SourceSpec, raw: RawRecord) -> Value | None:
    value = first(record, source.fields["acronym"]) if source.fields["acronym"] else None
    if value is None or value is raw.code or value is raw.title or len(value.text) > 60:
        return None
    if source.id == "schema-org" and (" " in value.text.strip() or len(value.text) > 20):
        return None
    return value


def _kind(record: Record, source: SourceSpec) -> str:
    value = first(record, source.fields["kind"]) if source.fields["kind"] else None
    word = plain_key(value.text) if value is not None else ""
    return "associated" if word.startswith(("associated", "assoziiert")) else "regular"


def _date(record: Record, source: SourceSpec, which: str, raw: RawRecord) -> str | None:
    """Read the first date that is one; report a text there that is none."""
    for path in source.fields[which]:
        for node in follow(record, path):
            if isinstance(node, Record) and "year" in node.entries:
                parts = [scalar(node.entries[part]) if part in node.entries else None for part in _DATE_PARTS]
                written = "-".join(
                    part.text.strip().zfill(2) for part in parts if part is not None and not part.blank
                )
                for part in parts:
                    if part is not None:
                        part.read = True
                return data_date(written)
            value = scalar(node)
            if value is None or value.blank:
                continue
            value.read = True
            if found := data_date(value.text, source.dates or known_order()):
                return found
            if any(character.isdigit() for character in value.text):
                message = (
                    f"“{squeeze_quote(value.text)}” is no date of the calendar; the project has no {which} here."
                )
                raw.slips.append(Slip("bad-date", value.start, value.end, message))
    return None


def squeeze_quote(text: str) -> str:
    """Cut a quotation for a message."""
    plain = plain_text(text)
    return plain if len(plain) <= 80 else plain[:79] + "…"


def _period(record: Record, source: SourceSpec, raw: RawRecord) -> None:
    """Read a period that stands in one field, where start and end have none of their own."""
    where = source.fields.get("period", ())
    value = first(record, where) if where and raw.starts is None and raw.ends is None else None
    if value is not None:
        raw.starts, raw.ends, _ = read_period(value.text)


def _organisations(record: Record, spec: OrganisationSpec) -> Iterator[RawOrganisation]:
    for path in spec.at:
        for node in [record] if not path else follow(record, path):
            if isinstance(node, Record):
                kind = node.entries.get("type")
                if spec.types and not (isinstance(kind, Value) and plain_key(kind.text) in spec.types):
                    continue
                name = first(node, spec.name)
                if name is not None:
                    yield _organisation(node, name, spec)
            elif isinstance(node, Value) and not node.blank and not spec.types:
                yield from _named(record, node, spec)


def _named(record: Record, value: Value, spec: OrganisationSpec) -> Iterator[RawOrganisation]:
    """Make organisations of a text; the country may stand beside it in the record."""
    if "://" in value.text:
        return
    beside = [path[1:] for path in spec.country if path[:1] == ("^",)]
    country = first(record, tuple(beside)) if beside else None
    exact = value.end - value.start == len(value.text)
    position = 0
    for part in value.text.split(spec.split) if spec.split else [value.text]:
        name = plain_text(part)
        start = position + len(part) - len(part.lstrip())
        end = position + len(part.rstrip())
        position += len(part) + len(spec.split or "")
        if name:
            span = (value.start + start, value.start + end) if exact else (value.start, value.end)
            yield RawOrganisation(name, *span, spec.role, country.text.strip() if country is not None else None)


def _organisation(node: Record, name: Value, spec: OrganisationSpec) -> RawOrganisation:
    made = RawOrganisation(plain_text(name.text), name.start, name.end, spec.role)
    role = first(node, spec.role_at)
    if role is not None and len(role.text) <= 60:
        made.role = plain_text(role.text)
    for key, word in spec.flags.items():
        flag = node.entries.get(key)
        if isinstance(flag, Value) and is_true(flag):
            made.role = word
    country = first(node, spec.country)
    made.country = country.text.strip() if country is not None and len(country.text) <= 60 else None
    for scheme, where in spec.identifiers.items():
        for value in every(node, where):
            found = identifier_of(value, None if scheme == "auto" else scheme)
            if found is not None and found.scheme not in {one.scheme for one in made.identifiers}:
                made.identifiers.append(found)
    return made


def _identifiers(record: Record, spec: IdentifierSpec) -> Iterator[RawIdentifier]:
    funder = first(record, spec.by) if spec.by else None
    by_funder = scheme_by_funder(funder.text) if funder is not None else None
    for path in spec.at:
        found = False
        for node in follow(record, path):
            named = first(node, spec.type) if isinstance(node, Record) and spec.type else None
            value = _coded(node)
            if value is None or value.blank:
                continue
            scheme = None if spec.scheme == "auto" else spec.scheme
            if named is not None:
                scheme = (
                    scheme_by_name(named.text) or plain_text(named.text)[:40].casefold().replace(" ", "-") or None
                )
            one = identifier_of(value, scheme or by_funder, spec.otherwise)
            if one is not None:
                found = True
                yield one
        if found:
            return


def _works(record: Record, spec: PublicationSpec) -> Iterator[RawWork]:
    for path in spec.at:
        for node in follow(record, path):
            if not isinstance(node, Record):
                continue
            title = first(node, spec.title)
            if title is None:
                continue
            authors = tuple(plain_text(value.text) for value in every(node, spec.authors))
            work = RawWork(plain_text(title.text), title.start, title.end, authors)
            year = first(node, spec.year)
            if year is not None and (digits := re.match(r"(?:19|20)\d\d", year.text.strip())):
                work.year = int(digits.group())
            for value in every(node, spec.doi):
                found = identifier_of(value, None)
                if found is not None and found.scheme == "doi":
                    work.identifiers.append(found)
            yield work

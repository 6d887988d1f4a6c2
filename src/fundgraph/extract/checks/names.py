"""Names and titles: misprints, people missing in one place, titles that differ, roles that we do not know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from fundgraph.extract.checks.finding import finding
from fundgraph.extract.headings import role_of
from fundgraph.extract.honorifics import honorific_weight, title_ranks
from fundgraph.extract.identity import Identity
from fundgraph.extract.layouts.records import RawPerson, RawProject
from fundgraph.extract.people import Member, is_misspelling
from fundgraph.model import Document, Finding

Row = tuple[str, RawProject, Sequence[Member]]
"""A project's id, what was read of it, and its people."""


def check_names(document: Document, rows: Sequence[Row], identities: Mapping[int, Identity]) -> Iterator[Finding]:
    """Yield what is off about the people of all projects."""
    places: dict[str, list[RawPerson]] = {}
    titled: bool | None = None
    for _, raw, members in rows:
        for member in members:
            identity = identities[id(member)]
            if (
                member.uniform
                and identity.name == member.fullest
                and identity.honorific == member.honorific
                and identity.homonym_of is None
            ):
                if not member.alike:
                    yield from _roles(document, member, identity)
                continue
            if not places:
                places = _places(rows)
            yield from _variants(document, member, identity, places)
            if titled is None:
                titled = any(member.honorific for _, _, others in rows for member in others)
            if titled:  # a page whose projects name nobody's title leaves them out, and misses none
                yield from _titles(document, member, identity)
            yield from _roles(document, member, identity)
            yield from _homonym(document, member, identity)
        yield from _missing(document, raw, members, identities)


def _places(rows: Sequence[Row]) -> dict[str, list[RawPerson]]:
    found: dict[str, list[RawPerson]] = {}
    for _, _, members in rows:
        for member in members:
            for mention in member.mentions:
                found.setdefault(mention.name.name, []).append(mention)
    return found


def _where(mention: RawPerson) -> str:
    return {"header": "under the title", "list": "in the list"}.get(mention.where, "behind its label")


def _homonym(document: Document, member: Member, identity: Identity) -> Iterator[Finding]:
    if identity.homonym_of is None:
        return
    mention = member.mentions[0]
    message = (
        f"“{identity.name}” stands in another project too, and nothing but the name says that it is the same person; "
        f"kept apart from {identity.homonym_of}. Decide it in identities.toml."
    )
    yield finding(document, "homonym", "info", mention.name.start, mention.name.end, message, identity.id)


def _variants(
    document: Document, member: Member, identity: Identity, places: Mapping[str, list[RawPerson]]
) -> Iterator[Finding]:
    for mention in member.mentions:
        if not is_misspelling(mention.name.name, identity.name):
            continue
        right = next((m for m in member.mentions if m.name.name == identity.name), None)
        right = right or next(iter(places.get(identity.name, [])), None)
        printed = f", as printed {_where(right)} at line {document.line_of(right.name.start)}" if right else ""
        yield finding(
            document,
            "name-variant",
            "warning",
            mention.name.start,
            mention.name.end,
            f"“{mention.name.name}” ({_where(mention)}) should probably be “{identity.name}”{printed}.",
            identity.id,
        )


def _titles(document: Document, member: Member, identity: Identity) -> Iterator[Finding]:
    """Report each place of a member whose title says less than another place does; one finding at most."""
    for mention in member.mentions:
        if title_ranks(mention.name.honorific) == title_ranks(identity.honorific):
            continue
        fuller = max(member.mentions, key=lambda other: honorific_weight(other.name.honorific))
        here = "has no title" if not mention.name.honorific else f"is “{mention.name.honorific}”"
        there = (
            f"at line {document.line_of(fuller.name.start)}"
            if title_ranks(fuller.name.honorific) == title_ranks(identity.honorific)
            else "in another project of this page"
        )
        start = mention.name.start
        if mention.name.honorific:
            line = document.line_starts[document.line_of(start) - 1]
            before = document.text.rfind(mention.name.honorific.split()[0], line, start)
            start = before if before >= 0 and start - before <= 60 else start
        yield finding(
            document,
            "honorific-differs",
            "warning",
            start,
            mention.name.end,
            f"{mention.name.name} {here} {_where(mention)} here, but “{identity.honorific}” {there}; "
            f"probably “{identity.honorific}” is right.",
            identity.id,
        )
        return


def _roles(document: Document, member: Member, identity: Identity) -> Iterator[Finding]:
    for mention in member.mentions:
        if mention.role and role_of(mention.role) is None:
            line_start = document.line_starts[document.line_of(mention.name.start) - 1]
            at = document.text.find(mention.role, line_start, mention.name.start)
            start, end = (at, at + len(mention.role)) if at >= 0 else (mention.name.start, mention.name.end)
            yield finding(
                document,
                "unknown-role",
                "warning",
                start,
                end,
                f"The role “{mention.role}” of {identity.name} is not one that the reader knows; "
                "use a known word, or read it as a plain participant.",
                identity.id,
            )


def _missing(
    document: Document, raw: RawProject, members: Sequence[Member], identities: Mapping[int, Identity]
) -> Iterator[Finding]:
    """Report who stands in only one of header and list, where the project has both; and a list without names."""
    listing = any(member.in_list for member in members)
    if raw.list_heading and not listing:
        start, end = raw.list_heading
        message = f"Under the heading “{document.text[start:end]}” of “{raw.title}” nobody stands; add the names."
        yield finding(document, "empty-list", "warning", start, end, message)
    if not listing or all(member.in_header and member.in_list for member in members):
        return
    if not any(member.in_header for member in members):
        return
    titled = any(mention.where == "header" for member in members for mention in member.mentions)
    if not titled and not any(member.in_header and member.in_list for member in members):
        return  # "Leader: A" and "Participants: B, C" say two things, not one thing twice
    header = min(m.name.start for member in members for m in member.mentions if m.where != "list")
    listed = min(m.name.start for member in members for m in member.mentions if m.where == "list")
    for member in members:
        if member.in_header and member.in_list:
            continue
        code = "missing-in-list" if member.in_header else "missing-in-header"
        place = f"the list that begins at line {document.line_of(listed)}"
        other = f"the line under the title (line {document.line_of(header)})"
        if code == "missing-in-header":
            place, other = other, place
        name = member.mentions[0].name
        identity = identities[id(member)]
        yield finding(
            document,
            code,
            "warning",
            name.start,
            name.end,
            f"{identity.name} stands in {other} but not in {place} of “{raw.title}”; "
            "add the name there, or remove it here.",
            identity.id,
        )

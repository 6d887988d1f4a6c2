"""From raw records to an extraction: parts joined, ids given, people known, roles judged, slips reported."""

from __future__ import annotations

from collections.abc import Callable, Iterable, MutableMapping, Sequence
from dataclasses import replace

from fundgraph.documents.tree import Slip, Value
from fundgraph.extract.codes import read_code
from fundgraph.extract.layouts.page import is_placeholder
from fundgraph.extract.roles import PI, RULES, Candidate, choose_rule
from fundgraph.extract.slugs import name_key, slug, unique
from fundgraph.extract.source import squeeze
from fundgraph.extract.structured.checks import check_records
from fundgraph.extract.structured.mapping import add_member
from fundgraph.extract.structured.paths import plain_prose, plain_text
from fundgraph.extract.structured.raw import RawIdentifier, RawMember, RawRecord
from fundgraph.extract.structured.who import People, person_of, who_is_who
from fundgraph.extract.topics import match_topics
from fundgraph.model import (
    Abstract,
    Document,
    Extraction,
    Finding,
    Identifier,
    Institution,
    Mention,
    Participant,
    Phase,
    ProgrammeMention,
    Project,
    Publication,
    ReadingOptions,
    Span,
)

Locate = Callable[[int, int], Span]
"""Turns two offsets of the text at hand into a span of the whole document."""


def assemble(
    document: Document, raws: Sequence[RawRecord], slips: Iterable[Slip], options: ReadingOptions
) -> Extraction:
    """Make an extraction of what a document's records say."""
    joined = join_parts(raws)
    names = project_ids(joined)
    people = who_is_who([(name, raw.people) for name, raw in zip(names, joined, strict=True)], options.identities)
    rule = rule_for(options.pi_rule, joined)
    projects = tuple(
        project_of(raw, name, document.span, people, rule) for name, raw in zip(names, joined, strict=True)
    )
    if options.topics:
        projects = tuple(replace(p, topics=match_topics(p, document, options.topics)) for p in projects)
    findings = check_records(document, joined, projects, people, slips)
    phase = _phase(document, joined, options)
    return Extraction(
        document=document,
        programme=_programme(document, joined, options),
        phase=phase,
        projects=projects,
        people=tuple(person_of(one, _of_members(one.members, document.span)) for one in people.everyone),
        claims=(),
        findings=tuple(findings),
        phases=(phase,) if phase is not None and phase.span is not None else (),
    )


def nothing_found(document: Document, slips: Iterable[Slip], options: ReadingOptions) -> Extraction:
    """Return the extraction of data in which there is no project."""
    end = document.text.find("\n")
    span = document.span(0, min(len(document.text) if end < 0 else end, 200))
    message = (
        "No project was recognised in this data. A record of a project has a title and people, an institution, "
        "a number or dates, under names that docs/reading.md lists."
    )
    finding = Finding("no-project", "error", span, document.quote(span), message)
    findings = (finding, *check_records(document, (), (), People(), slips))
    return Extraction(document, _programme(document, (), options), None, (), (), (), findings)


def join_parts(raws: Sequence[RawRecord]) -> list[RawRecord]:
    """Put what several records say of one project together, where the source is made so (CORDIS organizations)."""
    joined: list[RawRecord] = []
    homes: dict[tuple[str, str], RawRecord] = {}
    for raw in raws:
        keys = join_keys(raw)
        home = next((homes[key] for key in keys if key in homes), None) if raw.part else None
        if home is None:
            joined.append(raw)
            home = raw
        else:
            complete(home, raw)
        for key in keys:
            homes.setdefault(key, home)
    return joined


def join_keys(raw: RawRecord) -> list[tuple[str, str]]:
    """Return what a project is known by: its identifiers, else its number, else its title."""
    keys = [(one.scheme, one.value) for one in raw.identifiers if one.scheme != "url"]
    if not keys and raw.code is not None:
        keys = [("code", raw.code.text.strip())]
    if not keys and raw.title is not None:
        keys = [("title", name_key(raw.title.text))]
    return keys


def complete(home: RawRecord, part: RawRecord) -> None:
    """Add what a part says to its project."""
    home.title, home.acronym = home.title or part.title, home.acronym or part.acronym
    home.starts, home.ends = home.starts or part.starts, home.ends or part.ends
    home.abstract = home.abstract or part.abstract
    for member in part.people:
        add_member(home, member)
    known = {(one.name, one.role) for one in home.organisations}
    home.organisations += [one for one in part.organisations if (one.name, one.role) not in known]
    schemes = {(one.scheme, one.value) for one in home.identifiers}
    home.identifiers += [one for one in part.identifiers if (one.scheme, one.value) not in schemes]
    titles = {work.title for work in home.works}
    home.works += [work for work in part.works if work.title not in titles]
    home.slips += part.slips
    home.more.append((part.start, part.end))


def project_ids(raws: Sequence[RawRecord]) -> list[str]:
    """Give every project a slug: of its title, else of its acronym or number."""
    taken: dict[str, int] = {}
    return [project_id(raw, taken) for raw in raws]


def project_id(raw: RawRecord, taken: MutableMapping[str, int]) -> str:
    """Return a project's slug that is not taken, and take it."""
    value = raw.title or raw.acronym or raw.code
    wanted = (slug(plain_text(value.text)) if value is not None else "") or "project"
    return unique(wanted, taken, None if raw.code is None else raw.code.text)


def rule_for(name: str, raws: Iterable[RawRecord]) -> str:
    """Choose the rule for principal investigators: roles that the data say come first."""
    explicit = ["pi" for raw in raws for member in raw.people if member.role == PI][:1] if name == "auto" else []
    return choose_rule(name, explicit)


def project_of(raw: RawRecord, name: str, locate: Locate, people: People | None, rule: str) -> Project:
    """Make a project; with no ``people`` everybody's id is the name's slug."""
    title = raw.title or raw.acronym or raw.code
    if title is None:  # The callers leave such records out.
        raise ValueError("a record without title, acronym and number is no project")
    code = plain_text(raw.code.text) if raw.code is not None else None
    if code is None and raw.title is not None and raw.source == "schema-org":
        code = read_code(plain_text(raw.title.text))[0]
    return Project(
        id=name,
        title=plain_text(title.text),
        title_span=locate(title.start, title.end),
        span=locate(raw.start, raw.end),
        kind=raw.kind,
        code=code,
        acronym=plain_text(raw.acronym.text) if raw.acronym is not None else None,
        start=raw.starts,
        end=raw.ends,
        abstract=_abstract(raw.abstract, locate),
        people=_participants(raw, locate, people, rule),
        institutions=tuple(
            Institution(
                one.name, one.role, locate(one.start, one.end), one.country, _identifiers(one.identifiers, locate)
            )
            for one in raw.organisations
        ),
        publications=_publications(raw, locate),
        identifiers=_identifiers(raw.identifiers, locate),
        title_stated=raw.title is not None,
    )


def _abstract(value: Value | None, locate: Locate) -> Abstract:
    if value is None or value.kind == "null":
        return Abstract("absent", None, None)
    span = locate(value.start, value.end)
    text = plain_prose(value.text)
    if not text:
        return Abstract("empty", None, span)
    if len(text) < 200 and is_placeholder(text):
        return Abstract("placeholder", None, span)
    return Abstract("present", text, span)


def _participants(raw: RawRecord, locate: Locate, people: People | None, rule: str) -> tuple[Participant, ...]:
    if not raw.people:
        return ()
    clauses = _clauses(raw, rule)
    made: dict[str, Participant] = {}
    for member, clause in zip(raw.people, clauses, strict=True):
        someone = people.of_member[id(member)] if people is not None else None
        person = someone.id if someone is not None else slug(member.name) or "person"
        mention = Mention(member.printed, member.honorific, locate(member.start, member.end), member.where)
        if person in made:
            made[person] = replace(made[person], mentions=(*made[person].mentions, mention))
            continue
        made[person] = Participant(
            person_id=person,
            name=someone.name if someone is not None else member.name,
            honorific=member.honorific,
            role=PI if clause else member.role or "participant",
            role_as_printed=member.role_as_printed,
            is_pi=clause is not None,
            pi_reason=f"{rule}: {clause}" if clause else None,
            note=member.note,
            affiliation=member.affiliation,
            mentions=(mention,),
            identifiers=_identifiers(member.identifiers, locate),
        )
    return tuple(made.values())


def _clauses(raw: RawRecord, rule: str) -> list[str | None]:
    if rule == "explicit-roles":
        return [
            f"stated as “{member.role_as_printed or member.role}”" if member.role == PI else None
            for member in raw.people
        ]
    candidates = [Candidate(member.honorific, member.role_as_printed, True) for member in raw.people]
    return RULES[rule](candidates, raw.kind)


def _identifiers(found: Iterable[RawIdentifier], locate: Locate) -> tuple[Identifier, ...]:
    """Keep those that keep to their scheme's rules; the others are findings."""
    return tuple(
        Identifier(one.scheme, one.value, locate(one.start, one.end)) for one in found if one.problem is None
    )


def _of_members(members: Iterable[tuple[str, RawMember]], locate: Locate) -> tuple[Identifier, ...]:
    found = {(one.scheme, one.value): one for _, member in members for one in reversed(member.identifiers)}
    return _identifiers(found.values(), locate)


def _publications(raw: RawRecord, locate: Locate) -> tuple[Publication, ...]:
    made: list[Publication] = []
    taken: dict[str, int] = {}
    for work in raw.works:
        name = unique(slug(work.title) or "publication", taken)
        identifiers = _identifiers(work.identifiers, locate)
        span = locate(work.start, work.end)
        made.append(Publication(name, work.title, work.authors, work.year, identifiers, span))
    return tuple(made)


def _programme(document: Document, raws: Sequence[RawRecord], options: ReadingOptions) -> ProgrammeMention | None:
    """Return the programme that all records name, or the name that the options give."""
    named = [raw.programme for raw in raws]
    values = {plain_text(value.text) for value in named if value is not None}
    first = named[0] if named else None
    if first is not None and len(values) == 1 and all(value is not None for value in named):
        return ProgrammeMention(options.programme or values.pop(), None, document.span(first.start, first.end))
    return ProgrammeMention(options.programme, None, None) if options.programme else None


def _phase(document: Document, raws: Sequence[RawRecord], options: ReadingOptions) -> Phase | None:
    """Return the phase that all records name, or the number that the options give."""
    named = [raw.phase for raw in raws]
    first = named[0] if named else None
    if first is not None and all(value is not None and value.text == first.text for value in named):
        text = squeeze(first.text)
        digits = "".join(character for character in text if character.isdigit())
        number = int(digits) if 0 < len(digits) <= 2 else None
        return Phase(text, number, None, None, document.span(first.start, first.end))
    return None if options.phase is None else Phase(f"Phase {options.phase}", options.phase, None, None, None)

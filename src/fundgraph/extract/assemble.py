"""From a document to everything that it states: layout, people, abstracts, topics, claims, findings."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from fundgraph.documents.csv_tree import delimiter_of
from fundgraph.documents.pieces import LONGEST_PIECE, check_lines
from fundgraph.documents.views import is_large, view_of
from fundgraph.extract.abstracts import read_abstract
from fundgraph.extract.back import to_source
from fundgraph.extract.checks import check_document
from fundgraph.extract.checks.bytes import recoded
from fundgraph.extract.checks.finding import finding
from fundgraph.extract.checks.repeats import repeated_spans
from fundgraph.extract.claims import check_claims
from fundgraph.extract.codes import read_acronym, read_code
from fundgraph.extract.collector import collector_paused
from fundgraph.extract.coverage import coverage_of
from fundgraph.extract.dateorder import ambiguous_date, order_of
from fundgraph.extract.dates import dates_in
from fundgraph.extract.headings import role_of
from fundgraph.extract.identifiers import find_identifiers
from fundgraph.extract.identity import Identity, identify, person_records
from fundgraph.extract.layouts import RawPhase, RawProject, Reading, read_layout
from fundgraph.extract.links import Linked, read_links
from fundgraph.extract.people import Member, members_of
from fundgraph.extract.phases import read_phases
from fundgraph.extract.pieces import read_in_pieces
from fundgraph.extract.publications import read_publications
from fundgraph.extract.roles import PI, RULES, Candidate, choose_rule
from fundgraph.extract.slugs import slug, unique
from fundgraph.extract.source import Source, squeeze
from fundgraph.extract.topics import match_topics
from fundgraph.extract.words import word_list
from fundgraph.frozen import quick
from fundgraph.model import (
    Document,
    Extraction,
    Finding,
    Identifier,
    Institution,
    Mention,
    Participant,
    Person,
    Phase,
    ProgrammeMention,
    Project,
    ReadingOptions,
    Span,
)

_OWN = "gepris-project"
"""The scheme whose identifiers are a project's own."""


@quick
@dataclass(frozen=True, slots=True)
class Row:
    """A project on its way: its id, what the layout read, its people."""

    id: str
    raw: RawProject
    members: Sequence[Member]
    code: str | None
    title_start: int


def extract(
    document: Document, options: ReadingOptions | None = None, progress: Callable[[int], object] = lambda _: None
) -> Extraction:
    """Read everything out of a document; a document without projects gives the finding ``no-project``.

    ``progress`` is told how many characters of a page that is read in pieces are done.
    """
    options = options or ReadingOptions()
    order = order_of(document.text, document.language)
    with dates_in(order):
        found = _read(document, options, progress)
    doubt = ambiguous_date(found, order)
    more = [*recoded(found.document), *([doubt] if doubt else [])]
    return replace(found, findings=tuple(sorted((*found.findings, *more), key=_place))) if more else found


def _place(one: Finding) -> tuple[Span, str]:
    return one.span, one.code


def _read(document: Document, options: ReadingOptions, progress: Callable[[int], object]) -> Extraction:
    if (data := _data(document, options)) is not None:
        return data
    if len(document.text) > LONGEST_PIECE and document.format == "text":
        check_lines(document)
    if is_large(document):
        page = read_in_pieces(document, lambda piece: _page(piece, options), progress)
    else:
        page = _page(document, options)
    return (None if page.projects else _embedded(document, options)) or page


def _data(document: Document, options: ReadingOptions) -> Extraction | None:
    """Read a document as data. What does that is not imported for a text without anything of a table."""
    if document.format == "text" and delimiter_of(document.text) is None:
        return None
    from fundgraph.extract.structured import read_structured

    return read_structured(document, options)


def _embedded(document: Document, options: ReadingOptions) -> Extraction | None:
    """Read the data within a web page."""
    if document.format != "html":
        return None
    from fundgraph.extract.structured import read_embedded

    return read_embedded(document, options)


def _page(document: Document, options: ReadingOptions) -> Extraction:
    with collector_paused():
        view = view_of(document)
        read, links = _extract(Source.of(view), options)
        return _linked(to_source(read, view), links)


def _linked(page: Extraction, links: Mapping[int, tuple[Linked, ...]]) -> Extraction:
    """Give projects the numbers that stand in addresses; those are in the source and not in what it shows."""
    if not links:
        return page
    projects = list(page.projects)
    for index, found in links.items():
        known = {(one.scheme, one.value) for one in projects[index].identifiers}
        new = tuple(one.identifier(page.document) for one in found if (one.scheme, one.value) not in known)
        projects[index] = replace(projects[index], identifiers=(*projects[index].identifiers, *new))
    return replace(page, projects=tuple(projects))


def _extract(source: Source, options: ReadingOptions) -> tuple[Extraction, dict[int, tuple[Linked, ...]]]:
    document = source.document
    programme, reading = _programme(source, read_layout(source), options)
    reading, links = read_links(source, reading)
    whole = None
    if options.phase is None:
        reading, whole = read_phases(source, reading)
    rows = _rows(reading)
    listed = members_of(_roster(reading))
    pairs = [(row.id, row.members) for row in rows] + ([("", listed)] if listed else [])
    identities = identify(pairs, options.identities)
    rule = choose_rule(options.pi_rule, [role for row in rows for m in row.members if (role := m.role_as_printed)])
    repeated = repeated_spans(source, [row.raw for row in rows])
    skipped = (*(repeat.span for repeat in repeated), *_remark_spans(document, reading))
    projects = tuple(_project(source, row, identities, rule, options, skipped) for row in rows)
    members = _listed(document, reading, listed, identities)
    people = _with_identifiers(person_records(pairs, identities), projects, members)
    claims, claim_findings = check_claims(document, reading.claims, projects, rule)
    triples = [(row.id, row.raw, row.members) for row in rows]
    findings = check_document(source, reading, triples, identities, projects, repeated)
    if reading.rival:
        findings.append(_ambiguous(document, reading))
    phases = tuple(_phase(document, raw) for raw in reading.phases)
    extraction = Extraction(
        document=document,
        programme=programme,
        phase=phases[0] if options.phase is not None and phases else _phase_of(document, whole, options),
        projects=projects,
        people=people,
        claims=claims,
        findings=tuple(sorted([*findings, *claim_findings], key=_place)),
        phases=phases,
        coverage=coverage_of(source.view, reading, projects, programme),
        members=members,
    )
    return extraction, links


def _roster(reading: Reading) -> RawProject:
    """Make of a page's own people what their mentions are merged in."""
    return RawProject("", 0, 0, 0, 0, people=reading.members)


def _listed(
    document: Document, reading: Reading, members: Sequence[Member], identities: Mapping[int, Identity]
) -> tuple[Participant, ...]:
    """Make the people whom a page lists outside of projects: with their roles, and nobody's investigators."""
    row = Row("", _roster(reading), members, None, 0)
    people = _participants(document, row, identities, "explicit-roles") if members else ()
    return tuple(replace(one, is_pi=False, pi_reason=None) for one in people)


def _with_identifiers(
    people: tuple[Person, ...], projects: Sequence[Project], members: Sequence[Participant]
) -> tuple[Person, ...]:
    found: dict[str, dict[Identifier, None]] = {}
    for participants in (*(project.people for project in projects), members):
        for participant in participants:
            for identifier in participant.identifiers:
                found.setdefault(participant.person_id, {}).setdefault(identifier)
    return tuple(
        replace(person, identifiers=tuple(found[person.id])) if person.id in found else person for person in people
    )


def _rows(reading: Reading) -> list[Row]:
    rows: list[Row] = []
    taken: dict[str, int] = {}
    for raw in reading.projects:
        code, rest = read_code(raw.title)
        code = raw.code or code
        phase = f"phase-{raw.phase}" if raw.phase is not None else None
        name = unique(slug(raw.title[rest:]) or slug(raw.title) or "project", taken, code, phase)
        rows.append(Row(name, raw, members_of(raw), code, rest))
    return rows


def _project(
    source: Source,
    row: Row,
    identities: Mapping[int, Identity],
    rule: str,
    options: ReadingOptions,
    skipped: tuple[Span, ...],
) -> Project:
    document, raw = source.document, row.raw
    title = raw.title[row.title_start :]
    title_start = (
        document.text.find(title.split()[0], raw.title_start, raw.title_end)
        if row.title_start
        else raw.title_start
    )
    publications = read_publications(document, raw.references)
    project = Project(
        id=row.id,
        title=title,
        title_span=document.span(max(title_start, raw.title_start), raw.title_end),
        span=document.span(raw.start, raw.end),
        kind=raw.kind,
        code=row.code,
        acronym=raw.acronym or read_acronym(title),
        start=raw.starts,
        end=raw.ends,
        abstract=read_abstract(source, raw),
        people=_participants(document, row, identities, rule),
        institutions=_institutions(document, row),
        publications=publications,
        identifiers=_identifiers(document, raw) if _OWN in source.schemes else (),
        phase=raw.phase,
    )
    if not options.topics:
        return project
    cited = tuple(publication.span for publication in publications)
    return replace(project, topics=match_topics(project, document, options.topics, skip=(*skipped, *cited)))


def _participants(
    document: Document, row: Row, identities: Mapping[int, Identity], rule: str
) -> tuple[Participant, ...]:
    candidates = [Candidate(member.honorific, member.role_as_printed, member.in_header) for member in row.members]
    clauses = RULES[rule](candidates, row.raw.kind)
    made: list[Participant] = []
    text, span = document.text, document.span
    for member, clause in zip(row.members, clauses, strict=True):
        identity = identities[id(member)]
        printed = member.role_as_printed
        made.append(
            Participant(
                person_id=identity.id,
                name=identity.name,
                honorific=member.honorific,
                role=PI if clause else (role_of(printed) if printed else None) or "participant",
                role_as_printed=printed,
                is_pi=clause is not None,
                pi_reason=f"{rule}: {clause}" if clause else None,
                note=member.note,
                affiliation=member.affiliation,
                mentions=tuple(
                    [
                        Mention(
                            text[name.start : name.end],
                            name.honorific,
                            span(name.start, name.end),
                            mention.where,
                        )
                        for mention in member.mentions
                        for name in (mention.name,)
                    ]
                ),
                identifiers=() if member.alike else tuple(_printed_identifiers(document, member)),
            )
        )
    return tuple(made)


def _printed_identifiers(document: Document, member: Member) -> Iterator[Identifier]:
    """Yield the identifiers of a person that stand in brackets after the name, each once."""
    seen: set[tuple[str, str]] = set()
    for mention in member.mentions:
        bracket = mention.name.bracket
        start = (
            document.text.find(bracket, mention.name.end, mention.name.end + len(bracket) + 40) if bracket else -1
        )
        if bracket is None or start < 0:
            continue
        for found in find_identifiers(document.text, start, start + len(bracket)):
            if found.problem is None and found.scheme == "orcid" and (found.scheme, found.value) not in seen:
                seen.add((found.scheme, found.value))
                yield Identifier(found.scheme, found.value, document.span(found.start, found.end))


def _institutions(document: Document, row: Row) -> tuple[Institution, ...]:
    """Collect the institutions listed, and those printed with people's names, each once."""
    found = {
        one.name.casefold(): Institution(one.name, one.role, document.span(one.start, one.end))
        for one in row.raw.institutions
    }
    for member in row.members:
        name, mention = member.affiliation, member.placed_by
        if name is None or mention is None or name.casefold() in found:
            continue
        begin = mention.name.affiliation_start if mention.name.affiliation_start is not None else mention.name.end
        words = re.compile(r"\s+".join(re.escape(word) for word in name.split()))
        place = words.search(document.text, begin, begin + 2 * len(name) + 400)
        span = place.span() if place else (mention.name.start, mention.name.end)
        found[name.casefold()] = Institution(name, None, document.span(*span))
    return tuple(found.values())


def _identifiers(document: Document, raw: RawProject) -> tuple[Identifier, ...]:
    """Collect the project's own identifiers: funders' numbers; DOIs and the like belong to what it cites."""
    found = {
        (one.scheme, one.value): Identifier(one.scheme, one.value, document.span(one.start, one.end))
        for one in find_identifiers(document.text, raw.start, raw.end)
        if one.scheme == _OWN and one.problem is None
    }
    return tuple(found.values())


def _ambiguous(document: Document, reading: Reading) -> Finding:
    """Say that another layout fits about as well."""
    title = reading.projects[0]
    message = (
        f"The page was read as {reading.layout}; read as {reading.rival} it would give other projects. "
        "Check that the projects listed are the right ones."
    )
    return finding(document, "layout-ambiguous", "info", title.title_start, title.title_end, message)


def _remark_spans(document: Document, reading: Reading) -> tuple[Span, ...]:
    return tuple(document.span(remark.start, remark.end) for remark in reading.remarks)


def _phase(document: Document, raw: RawPhase) -> Phase:
    return Phase(raw.label, raw.number, raw.starts, raw.ends, document.span(raw.start, raw.end))


def _phase_of(document: Document, whole: RawPhase | None, options: ReadingOptions) -> Phase | None:
    """Return the phase that the page states for all of it, or that the options give."""
    if whole is not None:
        return _phase(document, whole)
    return None if options.phase is None else Phase(f"Phase {options.phase}", options.phase, None, None, None)


def _programme(
    source: Source, reading: Reading, options: ReadingOptions
) -> tuple[ProgrammeMention | None, Reading]:
    """Find the programme's kind and number outside of the projects, or take the name that the options give.

    The text that names it is then not unread any more.
    """
    document = source.document
    if (named := reading.programme) is not None:
        span = document.span(named.start, named.end)
        return ProgrammeMention(options.programme or named.name, named.number, span), reading
    kinds = word_list("page", "programme", "kinds")
    unknown = ProgrammeMention(options.programme, None, None) if options.programme else None
    if not any(map(source.has, kinds)):
        return unknown, reading
    pattern = re.compile(rf"(?<![\w@.-])(?:{'|'.join(map(re.escape, kinds))})[ \u00a0-]?\s?(\d{{2,4}})(?![\w@-])")
    places = [(phase.start, phase.end) for phase in reading.phases]
    # A label may name it ("Teilprojekt zu: SPP …"); a code of that form is the project's own.
    places += [
        (start, end)
        for raw in reading.projects
        for start, end in raw.read
        if (end <= raw.title_start or start >= raw.title_end) and squeeze(document.text[start:end]) != raw.code
    ]
    places += [(remark.start, remark.end) for remark in reading.remarks if remark.code != "image-caption"]
    for start, end in sorted(places):
        if found := pattern.search(document.text, start, end):
            name = options.programme or squeeze(found.group())
            left = tuple(
                remark for remark in reading.remarks if remark.code != "unread-text" or remark.start != start
            )
            mention = ProgrammeMention(name, found.group(1), document.span(*found.span()))
            return mention, replace(reading, remarks=left)
    return unknown, reading

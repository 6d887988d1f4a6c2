"""Funding phases as intervals: their dates in the programme's own words and in those of OWL-Time."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from rdflib import RDF, RDFS, TIME, Literal, URIRef

from fundgraph.documents.programme import ProgrammePhase
from fundgraph.graph.writer import Writer, date_literal
from fundgraph.vocab import FG, DatasetNames

#: The property of an instant for a date, by the length of the date as ISO 8601 writes it.
_IN = {4: TIME.inXSDgYear, 7: TIME.inXSDgYearMonth, 10: TIME.inXSDDate}


def write_interval(out: Writer, phase: URIRef, start: str | None, end: str | None) -> None:
    """Write a phase's dates: as fg:startDate and fg:endDate, and as instants that say the same.

    A date is ISO 8601 of any precision; one that is not known is left out. An instant's IRI is the phase's with
    ``#beginning`` or ``#end``, so that it is found where the phase is.
    """
    for date, plain, link, name in (
        (start, FG.startDate, TIME.hasBeginning, "beginning"),
        (end, FG.endDate, TIME.hasEnd, "end"),
    ):
        if date is None:
            continue
        literal, instant = date_literal(date), URIRef(f"{phase}#{name}")
        out.say(phase, plain, literal)
        out.say(phase, link, instant)
        out.say(instant, RDF.type, TIME.Instant)
        out.say(instant, RDFS.label, Literal(date))
        out.say(instant, _IN[len(date)], literal)


def write_order(out: Writer, names: DatasetNames, phases: Sequence[ProgrammePhase]) -> None:
    """Write which phase follows which, and that one meets the next where that is certain."""
    by_number = {phase.number: phase for phase in phases}
    for number, phase in sorted(by_number.items()):
        after = by_number.get(number + 1)
        if after is None:
            continue
        one, other = names.thing("phase", number), names.thing("phase", number + 1)
        out.say(one, FG.nextPhase, other)
        if phase.meets_next or days_adjoin(phase.end, after.start):
            out.say(one, TIME.intervalMeets, other)


def days_adjoin(end: str | None, start: str | None) -> bool:
    """Tell whether a first day is the day after a last day; months and years are not exact enough to tell.

    >>> days_adjoin("2023-12-31", "2024-01-01"), days_adjoin("2023", "2024")
    (True, False)
    """
    if end is None or start is None or len(end) != 10 or len(start) != 10:
        return False
    return datetime.date.fromisoformat(end) + datetime.timedelta(days=1) == datetime.date.fromisoformat(start)

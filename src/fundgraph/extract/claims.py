"""The page's own figures, counted again on what was read of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fundgraph.extract.checks.finding import finding
from fundgraph.extract.counting import Countable, countable
from fundgraph.extract.layouts.records import RawClaim
from fundgraph.model import Claim, Document, Finding, Project

Count = tuple[int | None, str]
"""What was counted, and how, in words."""


def check_claims(
    document: Document, raws: Sequence[RawClaim], projects: Sequence[Project], rule: str
) -> tuple[tuple[Claim, ...], list[Finding]]:
    """Count what each figure speaks of; report figures that differ, cannot be counted or are misspelt."""
    claims: list[Claim] = []
    findings: list[Finding] = []
    for raw in raws:
        meant = countable(raw.label)
        counted, how = _count(meant, projects, rule)
        agrees = None if counted is None else counted == raw.value
        claims.append(Claim(raw.label, raw.value, document.span(raw.start, raw.end), counted, agrees, how))
        place = (raw.start, raw.end)
        if agrees is None:
            message = f"The figure {raw.value} “{raw.label}” cannot be checked: {how}."
            findings.append(finding(document, "claim-unverifiable", "info", *place, message))
        elif not agrees:
            message = (
                f"The page says {raw.value} “{raw.label}”, but {how}: correct the figure, or what is missing."
            )
            findings.append(finding(document, "claim-differs", "warning", *place, message))
        if meant and meant.printed.casefold() != meant.meant:
            message = f"“{meant.printed}” should probably be “{_capitalised_like(meant.printed, meant.meant)}”."
            findings.append(finding(document, "spelling", "info", raw.label_start, raw.end, message))
    return tuple(claims), findings


def _count(meant: Countable | None, projects: Sequence[Project], rule: str) -> Count:
    counters: dict[str, Callable[[Sequence[Project], str], Count]] = {
        "projects": _projects,
        "associated-projects": _associated,
        "principal-investigators": _investigators,
        "people": _people,
        "institutions": _institutions,
        "publications": _publications,
    }
    if meant is None:
        return None, "nothing of that kind is read from documents"
    return counters[meant.kind](projects, rule)


def _projects(projects: Sequence[Project], rule: str) -> Count:
    number = sum(1 for project in projects if project.kind == "regular")
    return number, f"{_many(number, 'regular project')} {_were(number)} read in this document"


def _associated(projects: Sequence[Project], rule: str) -> Count:
    number = sum(1 for project in projects if project.kind == "associated")
    return number, f"{_many(number, 'associated project')} {_were(number)} read in this document"


def _investigators(projects: Sequence[Project], rule: str) -> Count:
    number = len({person.person_id for project in projects for person in project.people if person.is_pi})
    return number, f"{_many(number, 'distinct principal investigator')} {_were(number)} found by the rule {rule}"


def _people(projects: Sequence[Project], rule: str) -> Count:
    number = len({person.person_id for project in projects for person in project.people})
    return number, f"{_many(number, 'distinct person', 'distinct people')} {_were(number)} read in all projects"


def _institutions(projects: Sequence[Project], rule: str) -> Count:
    number = len({institution.name.casefold() for project in projects for institution in project.institutions})
    if not number:
        return None, "no institution is named in this document"
    return number, f"{_many(number, 'distinct institution')} {_were(number)} named in this document"


def _publications(projects: Sequence[Project], rule: str) -> Count:
    number = len({publication.id for project in projects for publication in project.publications})
    if not number:
        return None, "no publication is listed in this document"
    return number, f"{_many(number, 'publication')} {_were(number)} cited in this document"


def _many(number: int, noun: str, plural: str | None = None) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {plural or noun + 's'}"


def _were(number: int) -> str:
    return "was" if number == 1 else "were"


def _capitalised_like(printed: str, meant: str) -> str:
    capital = [word[:1].isupper() for word in printed.split()]
    return " ".join(word.capitalize() if up else word for word, up in zip(meant.split(), capital, strict=True))

"""Who is a principal investigator, by rules that have names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fundgraph.errors import UsageError
from fundgraph.extract.headings import role_of
from fundgraph.extract.honorifics import title_class

PI = "principal-investigator"


@dataclass(slots=True)
class Candidate:
    """What the rules look at: a person of a project, in the header's order."""

    honorific: str | None
    role_as_printed: str | None
    in_header: bool


Rule = Callable[[Sequence[Candidate], str], list[str | None]]
"""Gives for each candidate of a project of that kind the clause that makes a principal investigator, or none."""


def professors_and_leading_doctors(candidates: Sequence[Candidate], kind: str) -> list[str | None]:
    """Take a regular project's professors, and the doctors who stand before the first of them in its header.

    Whose printed role says something else ("Sprecher", "Kooperationspartner") is not taken.
    """
    if kind != "regular":
        return [None] * len(candidates)
    titles = [None if _other_role(candidate) else title_class(candidate.honorific) for candidate in candidates]
    header = any(candidate.in_header for candidate in candidates)
    first = next(
        (i for i, title in enumerate(titles) if title == "professor" and (candidates[i].in_header or not header)),
        0,
    )
    return [
        "professor"
        if title == "professor"
        else "doctor before the first professor"
        if title == "doctor" and i < first
        else None
        for i, title in enumerate(titles)
    ]


def _other_role(candidate: Candidate) -> bool:
    role = role_of(candidate.role_as_printed) if candidate.role_as_printed else None
    return role not in (None, PI, "participant", "contact")


def explicit_roles(candidates: Sequence[Candidate], kind: str) -> list[str | None]:
    """Take those whose printed role says so."""
    return [
        f"printed as “{candidate.role_as_printed}”"
        if candidate.role_as_printed and role_of(candidate.role_as_printed) == PI
        else None
        for candidate in candidates
    ]


def all_titled(candidates: Sequence[Candidate], kind: str) -> list[str | None]:
    """Take everyone of a regular project who has a doctor's or professor's title."""
    return [title_class(candidate.honorific) if kind == "regular" else None for candidate in candidates]


def first_named(candidates: Sequence[Candidate], kind: str) -> list[str | None]:
    """Take the first person whom a regular project names."""
    return ["first named" if i == 0 and kind == "regular" else None for i in range(len(candidates))]


RULES: dict[str, Rule] = {
    "professors-and-leading-doctors": professors_and_leading_doctors,
    "explicit-roles": explicit_roles,
    "all-titled": all_titled,
    "first-named": first_named,
}


def choose_rule(name: str, roles_as_printed: Sequence[str]) -> str:
    """Return the rule to use: ``auto`` is explicit roles where a document names an investigator's, else titles."""
    if name == "auto":
        explicit = any(role_of(role) == PI for role in roles_as_printed)
        return "explicit-roles" if explicit else "professors-and-leading-doctors"
    if name not in RULES:
        raise UsageError(f"there is no rule {name!r} for principal investigators", allowed=("auto", *RULES))
    return name

"""Links for others: SSSOM tables, N-Quads, and statements that Wikidata's QuickStatements takes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from fundgraph.errors import UsageError
from fundgraph.link.mapping import MappingSet
from fundgraph.link.meaning import same_as, set_statements
from fundgraph.link.schemes import scheme_and_value
from fundgraph.link.sssom import SUFFIX, to_text

__all__ = ["Published", "nquads", "publish", "quickstatements"]

#: Wikidata's property for a scheme, and whether it leaves the part before the slash away.
_PROPERTIES = {
    "orcid": "P496", "ror": "P6782", "gepris-project": "P4870", "gepris-person": "P4872", "gepris-institution": "P4871", "dblp": "P2456",
    "zbmath-author": "P1556", "google-scholar": "P1960", "github": "P2037", "crossref-funder": "P3153", "grid": "P2427",
    "openalex": "P10283",
}  # fmt: skip
_WEB = re.compile(r"https?://[^\s\"|]+")


@dataclass(frozen=True, slots=True)
class Published:
    """What was written: files, and how many links, statements and statements for Wikidata they hold."""

    files: tuple[str, ...]
    links: int
    quads: int
    quickstatements: int


def nquads(sets: Iterable[MappingSet], base: str, *, with_same_as: bool = False) -> list[str]:
    """Return all that the sets say as lines of N-Quads, each in the graph of its set, sorted."""
    lines = set()
    kept = list(sets)
    for one in kept:
        graph = f"<{base}graph/links/{one.name}>"
        lines |= {f"{s} {p} {o} {graph} .\n" for s, p, o in set_statements(one, base)}
    if with_same_as:
        graph = f"<{base}graph/links/same-as>"
        lines |= {
            f"{s} {p} {o} {graph} .\n" for s, p, o in same_as((link for one in kept for link in one.links), base)
        }
    return sorted(lines)


def quickstatements(sets: Iterable[MappingSet]) -> list[str]:
    """Return statements for Wikidata: identifiers, with their source, of things that have an item there.

    Only what a person has accepted is told to others, the item as well as the identifier.
    """
    accepted = [(one, link) for one in sets for link in one.in_state("accepted")]
    items: dict[str, str] = {}
    for _, link in accepted:
        named = scheme_and_value(link.object)
        if named is not None and named[0] == "wikidata":
            items[link.subject] = named[1]
    lines = []
    for _, link in accepted:
        named = scheme_and_value(link.object)
        if named is None or link.subject not in items or named[0] not in _PROPERTIES:
            continue
        value = named[1].partition("/")[2] if named[0] == "crossref-funder" else named[1]
        parts = [items[link.subject], _PROPERTIES[named[0]], f'"{value}"']
        if _WEB.fullmatch(link.evidence):
            parts += ["S854", f'"{link.evidence}"']
        lines.append("\t".join(parts) + "\n")
    return sorted(set(lines))


def publish(sets: Sequence[MappingSet], base: str, folder: Path, *, with_same_as: bool = False) -> Published:
    """Write the sets into a folder, in all three forms. Raises :class:`UsageError` where that cannot be written to."""
    quads, statements = nquads(sets, base, with_same_as=with_same_as), quickstatements(sets)
    texts = {f"{one.name}{SUFFIX}": to_text(one) for one in sets}
    texts |= {"links.nq": "".join(quads), "quickstatements.tsv": "".join(statements)}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot be written: {error.strerror}", where=folder) from error
    return Published(tuple(texts), sum(len(one.links) for one in sets), len(quads), len(statements))

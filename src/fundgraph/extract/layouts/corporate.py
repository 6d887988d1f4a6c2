"""Labels such as "Partners" and "Coordinator": whether a page has people or organisations behind them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fundgraph.extract.headings import has_role_word, role_of
from fundgraph.extract.layouts.fields import read_label
from fundgraph.extract.layouts.values import is_organisation, names_of
from fundgraph.extract.source import Line, list_mark

_ROLES = frozenset({"partner", "coordinator"})
MOST = 40
"""Lines of a list below a label that are looked at."""


def corporate_labels(text: str, lines: Sequence[Line]) -> frozenset[str]:
    """Return the labels of partners and coordinators, in small letters, with organisations behind them and nobody else.

    One value with a word of an organisation is enough, if no value is a person with a title or a note: "Vilnius Tech"
    below "Partners" is none where "Universität Tulln" stands in the same list of another project.
    """
    places: dict[str, int] = {}
    people: set[str] = set()
    for index, line in enumerate(lines):
        if len(line.text) > 400 or not has_role_word(line.text[:80]):
            continue
        label = read_label(line.text)
        if label is None or label.kind != "role" or role_of(label.printed) not in _ROLES:
            continue
        printed = label.printed.casefold()
        for start, end in _values(lines, index, label.rest):
            value = text[start:end]
            if is_organisation(value):
                places[printed] = places.get(printed, 0) + 1
            elif any(one.honorific or one.bracket or one.affiliation for one in names_of(text, start, end)):
                people.add(printed)
    return frozenset(places) - people


def _values(lines: Sequence[Line], index: int, rest: int | None) -> Iterator[tuple[int, int]]:
    """Yield what stands behind a label: on its line, or one a line below it."""
    line = lines[index]
    if rest is not None:
        yield line.start + rest, line.end
        return
    for before, below in zip(lines[index : index + MOST], lines[index + 1 : index + 1 + MOST], strict=False):
        heading = below.mark is not None and below.mark.kind in {"heading", "term", "row"}
        if heading or below.number > before.number + 2 or len(below.text) > 160 or read_label(below.text):
            return
        yield below.start + list_mark(below.text), below.end

"""Names that are nearly the same, and what somebody decided about them.

Two people's names resemble each other if, without regard to accents, capitals, hyphens and ``ue`` for ``ü``,

* they are the same, or
* one is a shorter form of the other: initials, a name left out (the family name alone is too little), or
* they differ by one letter that is put in, left out or changed, or by two neighbours that changed places, and the
  shorter one has at least eight letters.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations

from rdflib import OWL, Literal

from fundgraph.documents.programme import Decision
from fundgraph.extract.people import is_form_of
from fundgraph.extract.slugs import name_key, slug
from fundgraph.graph.writer import Writer
from fundgraph.model import Person
from fundgraph.vocab import FG

_LETTERS = 8


def write_resemblances(out: Writer, people: Iterable[Person], decisions: Sequence[Decision]) -> None:
    """Write which people's names resemble each other, and which of them are decided to be different.

    A decision in ``identities.toml`` counts for a pair if it gives one of the two a name that either has.
    """
    named = {person.id: person for person in people}
    for one, other in resembling({person.id: person.name for person in named.values()}):
        nodes = [out.names.thing("person", identifier) for identifier in (one, other)]
        out.say(nodes[0], FG.nameResembles, nodes[1])
        decision = _decision(named[one], named[other], decisions)
        if decision is not None:
            out.say(nodes[0], OWL.differentFrom, nodes[1])
            reading = out.reading(nodes[0], OWL.differentFrom, nodes[1])
            out.provenance.add((reading, FG.readingRule, Literal("identities.toml")))
            out.provenance.add((reading, FG.note, Literal(f"{decision.reason} ({decision.by})")))


def _decision(one: Person, other: Person, decisions: Sequence[Decision]) -> Decision | None:
    names = {slug(name) for person in (one, other) for name in (person.name, *person.names_as_printed)}
    return next(
        (
            decision
            for decision in decisions
            if decision.person in (one.id, other.id) and slug(decision.name) in names
        ),
        None,
    )


def resembling(names: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the pairs of ids whose names resemble each other, each pair and all of them in order.

    Names are compared only where they share a family name, or what is left of both without one letter, so that a
    hundred thousand names cost seconds.

    >>> resembling({"a": "Bernd Sturmfels", "b": "Bern Sturmfels", "c": "B. Sturmfels", "d": "Jan Becker"})
    [('a', 'b'), ('a', 'c'), ('b', 'c')]
    """
    keys = {identifier: name_key(name) for identifier, name in names.items()}
    blocks: dict[str, set[str]] = defaultdict(set)
    for identifier, key in keys.items():
        for block in _blocks(key):
            blocks[block].add(identifier)
    pairs = {
        (min(pair), max(pair))
        for members in blocks.values()
        for pair in combinations(sorted(members), 2)
        if _resemble(names[pair[0]], names[pair[1]])
    }
    return sorted(pairs)


def _blocks(key: str) -> Iterator[str]:
    """Yield what two names that resemble each other have in common: the family name and an initial, or a deletion."""
    words = key.split()
    if len(words) > 1:
        yield f"{words[-1]}, {words[0][0]}"
        yield from {f"={key[:at]}{key[at + 1 :]}" for at in range(len(key))}
    yield f"={key}"


def _resemble(one: str, other: str) -> bool:
    first, second = name_key(one), name_key(other)
    if first == second:
        return True
    if min(len(first.split()), len(second.split())) > 1 and (is_form_of(one, other) or is_form_of(other, one)):
        return True
    letters = min(sum(map(str.isalpha, name)) for name in (one, other))
    return letters >= _LETTERS and one_step_apart(first, second)


def one_step_apart(one: str, other: str) -> bool:
    """Tell whether a text becomes another by one letter put in, left out or changed, or two neighbours swapped.

    >>> one_step_apart("anna", "nana"), one_step_apart("anna", "anne"), one_step_apart("anna", "hanne")
    (True, True, False)
    """
    if abs(len(one) - len(other)) > 1:
        return False
    start = next(
        (at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
    a, b = one[start:], other[start:]
    if len(a) == len(b):
        return a[1:] == b[1:] or (a[2:] == b[2:] and a[:2] == b[1::-1])
    return a[1:] == b or b[1:] == a

"""Things to be compared: what is known of a thing of ours or of theirs, and many of them as columns of numbers."""

from __future__ import annotations

import json
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fundgraph.errors import LinkError
from fundgraph.link.names import fold, kolner, name_forms, organisation_key, words

__all__ = ["KINDS", "SETS", "Columns", "Entity", "Vocabulary", "ragged", "read_entities", "write_entities"]

Ints = NDArray[np.int64]
KINDS = ("person", "project", "organisation", "topic", "publication")
#: What things have sets of, and are compared by.
SETS = ("affiliations", "companions", "topics", "titles", "grants", "identifiers")


@dataclass(frozen=True, slots=True)
class Entity:
    """What is known of a thing; ``years`` are the first and the last in which it was active.

    ``companions`` are names of people beside it; ``identifiers`` are IRIs.
    """

    iri: str
    kind: str
    name: str
    other_names: tuple[str, ...] = ()
    affiliations: tuple[str, ...] = ()
    companions: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    grants: tuple[str, ...] = ()
    identifiers: tuple[str, ...] = ()
    years: tuple[int, int] | None = None
    place: tuple[float, float] | None = None
    """Latitude and longitude in degrees, where a source gives them."""
    note: str = ""
    """Where it is to be looked at: the line of the source, or what the target says besides."""

    def in_a_line(self) -> str:
        """Return what tells it from namesakes."""
        parts = [", ".join(self.affiliations[:3])]
        if self.years:
            parts.append(f"{self.years[0]}–{self.years[1]}")
        for name, some in (("with", self.companions), ("on", self.topics), ("works:", self.titles)):
            if some:
                parts.append(
                    f"{name} {', '.join(some[:3])}" + (f" and {len(some) - 3} more" if len(some) > 3 else "")
                )
        return "; ".join(part for part in [*parts, self.note] if part)


_FIELDS = tuple(item.name for item in fields(Entity))


def write_entities(path: Path, entities: Iterable[Entity]) -> int:
    """Write things as lines of JSON; return how many."""
    path.parent.mkdir(parents=True, exist_ok=True)
    count = 0
    half = path.with_name(f".{path.name}.new")
    with half.open("w", encoding="utf-8") as file:
        for entity in entities:
            count += 1
            data = {name: value for name, value in asdict(entity).items() if value}
            file.write(json.dumps(data, ensure_ascii=False) + "\n")
    half.replace(path)
    return count


def read_entities(path: Path) -> Iterator[Entity]:
    """Read things from lines of JSON. Raises :class:`LinkError` with the line that is none."""
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            try:
                yield entity_of(json.loads(line))
            except (ValueError, TypeError, KeyError, AttributeError) as error:
                raise LinkError(f"is no thing to compare: {error}", where=path, line=number) from error


def entity_of(data: Mapping[str, Any]) -> Entity:
    """Return a thing from plain data. Raises ValueError for a part that it cannot have."""
    unknown = set(data) - set(_FIELDS)
    if unknown:
        raise ValueError(f"there is no field {sorted(unknown)[0]!r}")
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in data.items()
    }
    return Entity(**values)


class Vocabulary:
    """Numbers for texts, shared by both sides of a comparison."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def number(self, text: str) -> int:
        """Return the number of a text, the next free one if it is new."""
        return self._numbers.setdefault(text, len(self._numbers))

    def texts(self) -> list[str]:
        """Return all texts in the order of their numbers."""
        return list(self._numbers)

    def __len__(self) -> int:
        return len(self._numbers)


@dataclass(frozen=True, slots=True)
class Words:
    """The vocabularies of one comparison."""

    families: Vocabulary
    givens: Vocabulary
    sets: Mapping[str, Vocabulary]

    @classmethod
    def new(cls) -> Words:
        """Return empty ones."""
        return cls(Vocabulary(), Vocabulary(), {name: Vocabulary() for name in SETS})


def _person_key(name: str) -> str:
    """Return what two mentions of a person have in common: family name, and the letter of the given one."""
    form = next(name_forms(name), None)
    return f"{form.family} {form.given[:1]}" if form else fold(name)


def _title_key(text: str) -> str:
    return " ".join(words(text))


_KEYS: dict[str, Callable[[str], str]] = {
    "affiliations": organisation_key, "companions": _person_key, "topics": _title_key, "titles": _title_key,
    "grants": lambda text: "".join(char for char in text.lower() if char.isalnum()), "identifiers": str,
}  # fmt: skip


class Columns:
    """Many things as columns of numbers. A thing with several readings of its name has several rows of names."""

    def __init__(self, entities: Iterable[Entity], shared: Words) -> None:
        self.iris: list[str] = []
        self.names: list[str] = []
        self.words = shared
        owners, families, givens, middles, doubts = (array("q") for _ in range(5))
        sets = {name: (array("q", [0]), array("q")) for name in SETS}
        first, last = array("q"), array("q")
        known: dict[str, dict[str, int]] = {name: {} for name in SETS}
        for owner, entity in enumerate(entities):
            self.iris.append(entity.iri)
            self.names.append(entity.name)
            for form in _forms(entity):
                owners.append(owner)
                families.append(shared.families.number(form[0]))
                givens.append(shared.givens.number(form[1]))
                middles.append(ord(form[2]) if form[2] else 0)
                doubts.append(form[3])
            for name, (ends, members) in sets.items():
                texts = getattr(entity, name)
                if texts:
                    numbers, vocabulary, key = known[name], shared.sets[name], _KEYS[name]
                    for text in texts:
                        number = numbers.get(text)
                        if number is None:
                            number = numbers[text] = vocabulary.number(key(text))
                        members.append(number)
                ends.append(len(members))
            first.append(entity.years[0] if entity.years else 0)
            last.append(entity.years[1] if entity.years else 0)
        self.owner, self.family, self.given, self.middle, self.doubt = (
            np.frombuffer(column, dtype=np.int64) if len(column) else np.zeros(0, np.int64)
            for column in (owners, families, givens, middles, doubts)
        )
        self.sets: dict[str, tuple[Ints, Ints]] = {
            name: (np.array(ends, dtype=np.int64), np.array(members, dtype=np.int64))
            for name, (ends, members) in sets.items()
        }
        self.first, self.last = np.array(first, dtype=np.int64), np.array(last, dtype=np.int64)

        self._codes: dict[str, Ints] = {}
        self._shares: dict[str, NDArray[np.float32]] = {}

    def __len__(self) -> int:
        return len(self.iris)

    def codes(self, name: str) -> Ints:
        """Return all memberships of a kind of set, as sorted numbers: owner times the vocabulary's size plus member."""
        if name not in self._codes:
            ends, members = self.sets[name]
            whose = np.repeat(np.arange(len(ends) - 1, dtype=np.int64), np.diff(ends))
            self._codes[name] = np.sort(whose * (len(self.words.sets[name]) + 1) + members)
        return self._codes[name]

    def shares(self, name: str) -> NDArray[np.float32]:
        """Return for each member of a vocabulary which share of the things that have any have it."""
        if name not in self._shares:
            ends, members = self.sets[name]
            count = np.bincount(members, minlength=len(self.words.sets[name]))
            self._shares[name] = (count / max(int((np.diff(ends) > 0).sum()), 1)).astype(np.float32)
        return self._shares[name]


def _forms(entity: Entity) -> Iterator[tuple[str, str, str, int]]:
    """Yield the readings of a thing's names, each once: family, given, middle, and whether it is in doubt.

    What is no person has its words for a family name.
    """
    seen = set()
    for nth, name in enumerate((entity.name, *entity.other_names)):
        if entity.kind == "person":
            forms = [
                (form.family, form.given, form.middle, int(form.doubt or nth > 0)) for form in name_forms(name)
            ]
        elif entity.kind == "organisation":
            forms = [(organisation_key(name), "", "", int(nth > 0))]
        else:
            forms = [(_title_key(name), "", "", int(nth > 0))]
        for form in forms:
            if form[0] and form[:3] not in seen:
                seen.add(form[:3])
                yield form


def ragged(ends: Ints, members: Ints, of: Ints) -> tuple[Ints, Ints]:
    """Return for each of ``of`` all members of its set: the position in ``of``, and the member."""
    starts = ends[of]
    counts = ends[of + 1] - starts
    which = np.repeat(np.arange(len(of), dtype=np.int64), counts)
    inner = np.arange(len(which), dtype=np.int64) - np.repeat(np.cumsum(counts) - counts, counts)
    return which, members[np.repeat(starts, counts) + inner]


def phonetic(texts: Iterable[str], vocabulary: Vocabulary) -> Ints:
    """Return for each text the number of how it sounds; of several words, of the last."""
    return np.array([vocabulary.number(kolner(text.rsplit(" ", 1)[-1])) for text in texts], dtype=np.int64)

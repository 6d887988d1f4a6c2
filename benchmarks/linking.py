"""How well and how fast people are matched: a generated world whose truth is known.

    python benchmarks/linking.py [--ours 10000] [--theirs 100000] [--seed 1]

Prints precision and recall per band and per class of difficulty, and what each step takes. The world is made first: people
with names as they are spread (few common ones, many rare), places, fields and colleagues; two partial and partly wrong views
of it are compared. Nothing of it was used to choose the weights.
"""

from __future__ import annotations

import argparse
import random
import resource
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fundgraph.link.entities import Entity
from fundgraph.link.matching import BANDS, match

GIVEN = [
    "Johannes",
    "Thomas",
    "Michael",
    "Andreas",
    "Stefan",
    "Christian",
    "Matthias",
    "Martin",
    "Peter",
    "Frank",
    "Jan",
    "Daniel",
    "Sebastian",
    "Alexander",
    "Julia",
    "Anna",
    "Katharina",
    "Maria",
    "Laura",
    "Lena",
    "Sarah",
    "Lisa",
    "Sophie",
    "Jörg",
    "Jürgen",
    "Björn",
    "Günther",
    "Käthe",
    "Bärbel",
    "Wei",
    "Li",
    "Yijia",
    "Xiaoming",
    "Antoine",
    "Pierre",
    "Jean",
    "Marie",
    "François",
    "José",
    "Fernando",
    "Guido",
    "Giulia",
    "Marco",
    "Luca",
    "Elena",
    "Olga",
    "Dmytro",
    "Ivan",
    "Nikolai",
    "Bernd",
    "Ingo",
    "Gitta",
    "Holger",
    "Felix",
    "Massimo",
    "Marius",
    "Philipp",
    "Reinhard",
    "Lars",
    "Mario",
    "Anton",
    "Roland",
    "Marc",
    "Gabriele",
    "Samira",
    "Pascal",
    "Simon",
    "Asja",
    "Debarghya",
    "Arnulf",
    "Benno",
]
COMMON = [
    "Müller",
    "Schmidt",
    "Schneider",
    "Fischer",
    "Weber",
    "Meyer",
    "Wagner",
    "Becker",
    "Schulz",
    "Hoffmann",
    "Schäfer",
    "Koch",
    "Bauer",
    "Richter",
    "Klein",
    "Wolf",
    "Schröder",
    "Neumann",
    "Schwarz",
    "Zimmermann",
    "Braun",
    "Krüger",
    "Hofmann",
    "Hartmann",
    "Lange",
    "Schmitt",
    "Werner",
    "Krause",
    "Meier",
    "Lehmann",
    "Köhler",
    "Maier",
    "Kühn",
    "Möller",
    "Günther",
    "Böhm",
    "Jäger",
    "Groß",
    "Löffler",
    "Grün",
    "Wang",
    "Li",
    "Zhang",
    "Chen",
    "Liu",
    "Kumar",
    "Singh",
    "Garcia",
    "Martin",
    "Rossi",
    "Ivanov",
    "Kim",
    "Nguyen",
]
SYLLABLES = [
    "ba",
    "be",
    "bi",
    "bo",
    "bu",
    "da",
    "de",
    "di",
    "do",
    "fa",
    "fe",
    "ga",
    "ge",
    "go",
    "ha",
    "he",
    "ho",
    "ka",
    "ke",
    "ko",
    "la",
    "le",
    "li",
    "lo",
    "ma",
    "me",
    "mi",
    "mo",
    "na",
    "ne",
    "no",
    "pa",
    "pe",
    "ra",
    "re",
    "ri",
    "ro",
    "sa",
    "se",
    "so",
    "ta",
    "te",
    "ti",
    "to",
    "wa",
    "we",
    "zi",
]
ENDINGS = [
    "mann",
    "er",
    "feld",
    "stein",
    "berg",
    "bach",
    "hoff",
    "ner",
    "ing",
    "au",
    "ski",
    "ov",
    "son",
    "ez",
    "ini",
    "ier",
    "ke",
    "lin",
    "ert",
    "ich",
]
PLACES = [
    a + b
    for a in ["Alten", "Neu", "Ober", "Unter", "Rhein", "Main", "Elb", "Wald", "Berg", "See", "Burg", "Hof"]
    for b in ["stadt", "burg", "heim", "feld", "hausen", "bach", "tal", "au", "dorf", "berg", "hafen", "brück"]
]


@dataclass(frozen=True)
class World:
    """People by number: name parts, homes (the second for those who moved), field, years, colleagues."""

    families: list[str]
    givens: list[str]
    places: list[str]
    family: np.ndarray
    given: np.ndarray
    middle: np.ndarray
    home: np.ndarray
    next_home: np.ndarray
    field: np.ndarray
    start: np.ndarray
    colleagues: np.ndarray


def spread(rng: np.random.Generator, size: int, kinds: int, power: float) -> np.ndarray:
    """Draw numbers below ``kinds``, the first ones most often."""
    weight = 1 / (np.arange(kinds) + 8.0) ** power
    return rng.choice(kinds, size=size, p=weight / weight.sum())


def make_world(size: int, seed: int) -> World:
    """Make so many people."""
    rng, draw = np.random.default_rng(seed), random.Random(seed)
    made = {
        "".join(draw.choices(SYLLABLES, k=draw.choice((1, 2, 2)))).capitalize() + draw.choice(ENDINGS)
        for _ in range(40_000)
    }
    families = [*COMMON, *sorted(made)]
    givens = [
        *GIVEN,
        *sorted(
            {
                ("".join(draw.choices(SYLLABLES, k=2)) + draw.choice(("n", "s", "a", "o", "ra"))).capitalize()
                for _ in range(1500)
            }
        ),
    ]
    places = [
        f"{kind} {place}"
        for place in PLACES
        for kind in ("Universität", "Technische Universität", "Institute of Physics", "Hochschule")
    ]
    home = spread(rng, size, len(places), 0.6)
    moved = rng.random(size) < 0.3
    order = np.lexsort((rng.random(size), home))  # colleagues are of one place: neighbours in this order
    place = np.empty(size, np.int64)
    place[order] = np.arange(size)
    steps = rng.integers(1, 25, (size, 6)) * rng.choice((-1, 1), (size, 6))
    return World(
        families, givens, places,
        spread(rng, size, len(families), 0.8), spread(rng, size, len(givens), 0.9), rng.integers(0, 26, size),
        home, np.where(moved, spread(rng, size, len(places), 0.6), home), rng.integers(0, 120, size),
        rng.integers(1985, 2022, size), order[(place[:, None] + steps) % size],
    )  # fmt: skip


def full_name(world: World, one: int, with_middle: bool = False) -> str:
    """Return somebody's name."""
    middle = f" {chr(65 + world.middle[one])}." if with_middle else ""
    return f"{world.givens[world.given[one]]}{middle} {world.families[world.family[one]]}"


def theirs(world: World, size: int, seed: int) -> Iterator[Entity]:
    """Give the target's view: spelling, gaps and errors of its own."""
    draw = random.Random(seed)
    chance = draw.random
    for one in range(size):
        name = full_name(world, one, chance() < 0.15)
        if chance() < 0.15:
            name = name.replace("ü", "ue").replace("ö", "oe").replace("ä", "ae")
        homes = (world.places[world.home[one]], world.places[world.next_home[one]])
        kept = () if chance() < 0.25 else homes if chance() < 0.5 else homes[1:]
        field = int(world.field[one])
        yield Entity(
            f"https://target.example/{one}", "person", name,
            affiliations=tuple(dict.fromkeys(kept)),
            companions=() if chance() < 0.3 else tuple(full_name(world, int(who)) for who in world.colleagues[one][:4]),
            topics=() if chance() < 0.3 else tuple(f"field {(field + n) % 120}" for n in range(3)),
            years=(int(world.start[one]), int(world.start[one]) + 12),
        )  # fmt: skip


def ours(world: World, known: int, size: int, seed: int) -> tuple[list[Entity], list[int | None], list[str]]:
    """Give our view of so many people: of 100, 70 the target has. Return their numbers there, and what makes each hard."""
    draw = random.Random(seed + 7)
    chance = draw.random
    entities: list[Entity] = []
    truth: list[int | None] = []
    classes: list[str] = []
    for at in range(size):
        there = chance() < 0.7
        one = draw.randrange(known) if there else draw.randrange(known, len(world.family))
        name, hard = full_name(world, one), "plain"
        kind = chance()
        if kind < 0.04:
            name, hard = f"{name[0]}. {world.families[world.family[one]]}", "letter for a given name"
        elif kind < 0.08:
            cut = draw.randrange(len(name) - 4, len(name) - 1)
            name, hard = name[:cut] + name[cut + 1 :], "misspelt"
        elif any(char in name for char in "äöüß"):
            hard = "umlaut"
        home = world.next_home[one] if chance() < 0.6 else world.home[one]
        places: tuple[str, ...] = (world.places[home],)
        if chance() < 0.3:
            places, hard = (), "no affiliation" if hard in ("plain", "umlaut") else hard
        elif world.home[one] != world.next_home[one] and hard in ("plain", "umlaut"):
            hard = "moved"
        who = [int(n) for n in world.colleagues[one]]
        field = int(world.field[one])
        entities.append(
            Entity(
                f"https://here.example/{at}",
                "person",
                name,
                affiliations=places,
                companions=tuple(full_name(world, n) for n in who[draw.randrange(2) : draw.randrange(2, 6)]),
                topics=tuple(f"field {(field + draw.randrange(4)) % 120}" for _ in range(2)),
                years=(2021, 2024),
            )
        )
        truth.append(one if there else None)
        classes.append(hard)
    return entities, truth, classes


def main() -> None:
    """Make the world, match, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ours", type=int, default=10_000)
    parser.add_argument("--theirs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    world = make_world(options.theirs * 13 // 10, options.seed)
    entities, truth, classes = ours(world, options.theirs, options.ours, options.seed)
    started, clock = time.process_time(), time.monotonic()
    mine, its, found = match(entities, theirs(world, options.theirs, options.seed), "person", whole=True)
    print(
        f"{options.ours} × {options.theirs} people, seed {options.seed}: read, blocked and scored in "
        f"{time.monotonic() - clock:.1f} s ({time.process_time() - started:.1f} s of CPU, the making of the target within), "
        f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB; {len(found)} pairs kept\n"
    )
    report(found, truth, classes, names_of_several(its.names))
    assert Path(__file__).is_file()
    assert len(mine) == options.ours


def names_of_several(names: list[str]) -> set[str]:
    """Return the names, folded, that several people of the target have."""
    from fundgraph.link.names import fold

    seen: set[str] = set()
    return {key for key in map(fold, names) if key in seen or seen.add(key)}  # type: ignore[func-returns-value]


def report(found: object, truth: list[int | None], classes: list[str], several: set[str]) -> None:
    """Print precision and recall per band, then per class."""
    ours_at, theirs_at, band = found.ours, found.theirs, found.band  # type: ignore[attr-defined]
    right = np.array(
        [truth[a] == b for a, b in zip(ours_at.tolist(), theirs_at.tolist(), strict=True)], dtype=bool
    )
    there = sum(one is not None for one in truth)
    print("| band | pairs | right | precision | recall, this band and better |\n|---|---|---|---|---|")
    total = 0
    for number, name in enumerate(BANDS):
        inside = band == number
        hits = int(right[inside].sum())
        total += hits
        precision = f"{hits / inside.sum():.4f}" if inside.any() else "–"
        print(f"| {name} | {int(inside.sum())} | {hits} | {precision} | {total / there:.4f} |")
    print(
        "\n| class | people in the target | precision, first band | recall, first band | recall, first two bands |"
    )
    print("|---|---|---|---|---|")
    label = np.array(classes)
    known = np.array([one is not None for one in truth])
    for name in sorted(set(classes)):
        inside = label[ours_at] == name
        people = int((known & (label == name)).sum())
        first, two = inside & (band == 0), inside & (band < 2)
        precision = f"{right[first].mean():.4f}" if first.any() else "–"
        print(
            f"| {name} | {people} | {precision} | {right[first].sum() / people:.4f} | {right[two].sum() / people:.4f} |"
        )


if __name__ == "__main__":
    main()

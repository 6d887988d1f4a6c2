"""How well and how fast people are matched: a generated world whose truth is known.

    python benchmarks/linking.py [--ours 10000] [--theirs 100000] [--seeds 1-3] [--present 70] [--searched]

Prints precision and recall per band and per class of difficulty, the mean over the seeds with the lowest and the highest, and
what it takes. The world is made first: people with names as they are spread (few common ones, many rare), places, fields and
colleagues; two partial and partly wrong views of it are compared. Of 100 of our people ``present`` are in the target, which is
known whole, or was only ``searched``, so that nobody knows how common a name is in it.

Seeds 1 to 3 are for choosing weights and thresholds. What is published is of seeds that nothing was chosen by.
"""

from __future__ import annotations

import argparse
import random
import resource
import time
from collections.abc import Iterator
from dataclasses import dataclass

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


#: The recall at which precision is told besides.
RECALL = 0.85


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


def ours(
    world: World, known: int, size: int, seed: int, present: float = 0.7
) -> tuple[list[Entity], list[int | None], list[str]]:
    """Give our view of so many people, of whom the target has a share. Return their numbers there, and what makes each hard."""
    draw = random.Random(seed + 7)
    chance = draw.random
    entities: list[Entity] = []
    truth: list[int | None] = []
    classes: list[str] = []
    for at in range(size):
        there = chance() < present
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


@dataclass(frozen=True, slots=True)
class Counts:
    """What is counted of one band, of all people or of a class of them: pairs, right ones, and people in the target."""

    pairs: int
    right: int
    people: int

    @property
    def precision(self) -> float:
        """How many of the pairs are right; not a number if there are none."""
        return self.right / self.pairs if self.pairs else float("nan")


def run(
    size: int, known: int, seed: int, present: float, workers: int, whole: bool
) -> dict[tuple[str, int], Counts]:
    """Make a world and compare; count by class (the empty text: all) and band."""
    world = make_world(known * 13 // 10, seed)
    entities, truth, classes = ours(world, known, size, seed, present)
    started, clock = cpu_seconds(), time.monotonic()
    _, _, found = match(entities, theirs(world, known, seed), "person", whole=whole, workers=workers)
    print(
        f"{size} × {known} people, seed {seed}: read, blocked and scored in {time.monotonic() - clock:.1f} s "
        f"({cpu_seconds() - started:.1f} s of CPU, the making of the target within), {memory():.0f} MiB; {len(found)} pairs kept",
        flush=True,
    )
    right = np.array([truth[a] == b for a, b in zip(found.ours.tolist(), found.theirs.tolist(), strict=True)])
    label, there = np.array(classes), np.array([one is not None for one in truth])
    surest = right[np.argsort(-found.confidence, kind="stable")]
    enough = np.flatnonzero(np.cumsum(surest) >= RECALL * there.sum())
    if len(enough):
        print(
            f"  at a recall of {RECALL}, the surest first: precision {surest[: enough[0] + 1].mean():.4f}",
            flush=True,
        )
    counts = {}
    for name in ("", *sorted(set(classes))):
        of_class = label == name if name else np.ones(len(label), dtype=bool)
        for band in range(len(BANDS)):
            inside = of_class[found.ours] & (found.band == band)
            counts[name, band] = Counts(int(inside.sum()), int(right[inside].sum()), int((of_class & there).sum()))
    return counts


def cpu_seconds() -> float:
    """Return the processor time of this process and of the ones that it started and that have ended."""
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def memory() -> float:
    """Return the most memory that this process, or one that it started, ever had, in MiB."""
    return (
        max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1024
    )


def several(text: str) -> list[int]:
    """Read numbers such as ``1-3,7``."""
    found: list[int] = []
    for part in text.split(","):
        low, _, high = part.partition("-")
        found += range(int(low), int(high or low) + 1)
    return found


def mean(values: list[float]) -> str:
    """Write the mean of several runs, with the lowest and the highest."""
    known = [value for value in values if value == value]
    if not known:
        return "–"
    middle = sum(known) / len(known)
    return f"{middle:.4f}" if len(known) == 1 else f"{middle:.4f} ({min(known):.4f}–{max(known):.4f})"


def report(runs: list[dict[tuple[str, int], Counts]]) -> None:
    """Print a table of the bands, and one of the classes."""
    print("\n| band | pairs | right | precision | recall, this band and better |\n|---|---|---|---|---|")
    for band, name in enumerate(BANDS):
        print(
            f"| {name} | {sum(one['', band].pairs for one in runs)} | {sum(one['', band].right for one in runs)} "
            f"| {mean([one['', band].precision for one in runs])} | {mean([recall(one, '', band) for one in runs])} |"
        )
    print(
        "\n| class | people in the target | precision, first band | recall, first band | precision, second band | recall, first two bands |"
        "\n|---|---|---|---|---|---|"
    )
    for name in sorted({name for one in runs for name, _ in one if name}):
        some = [one for one in runs if (name, 0) in one]
        print(
            f"| {name} | {sum(one[name, 0].people for one in some)} | {mean([one[name, 0].precision for one in some])} "
            f"| {mean([recall(one, name, 0) for one in some])} | {mean([one[name, 1].precision for one in some])} "
            f"| {mean([recall(one, name, 1) for one in some])} |"
        )


def recall(counts: dict[tuple[str, int], Counts], name: str, band: int) -> float:
    """Return the share of the people in the target whose right pair is in a band or a better one."""
    people = counts[name, 0].people
    return sum(counts[name, at].right for at in range(band + 1)) / people if people else float("nan")


def main() -> None:
    """Make the worlds, match, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ours", type=int, default=10_000)
    parser.add_argument("--theirs", type=int, default=100_000)
    parser.add_argument("--seeds", type=several, default=[1], help="such as 1-3 or 1,5")
    parser.add_argument("--present", type=int, default=70, help="how many of 100 of ours the target has")
    parser.add_argument("--workers", type=int, default=1, help="processes that compare")
    parser.add_argument("--searched", action="store_true", help="the target is not known whole")
    options = parser.parse_args()
    known = options.present / 100, options.workers, not options.searched
    report([run(options.ours, options.theirs, seed, *known) for seed in options.seeds])


if __name__ == "__main__":
    main()

"""A made-up programme as a folder of texts to build: pages of projects in three phases, people, places, topics.

The same for the same seed. The texts are laid out as the shipped page is, so that all of the pipeline has work to do.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import product
from pathlib import Path

BASE = "https://w3id.org/fundgraph/example/"
#: So many projects stand on a page, and every fifth of a phase goes on in the next.
ON_A_PAGE, GOES_ON = 50, 5
PHASES = 3

_GIVEN = [
    "Ada",
    "Bo",
    "Carla",
    "Dirk",
    "Edith",
    "Fatma",
    "Gerd",
    "Hans",
    "Ines",
    "Jonas",
    "Kenji",
    "Lena",
    "Marta",
    "Nuno",
    "Olga",
    "Paula",
    "Rosa",
    "Tove",
    "Ulla",
    "Vera",
    "Wanda",
    "Yusuf",
    "Zeno",
    "Agnes",
    "Bruno",
    "Clara",
    "David",
    "Elif",
    "Franz",
    "Greta",
    "Hugo",
    "Irma",
    "Jana",
    "Karim",
    "Leo",
    "Mia",
    "Nils",
    "Otto",
    "Pia",
    "Rita",
]
_STARTS = [
    "Bal",
    "Cor",
    "Dan",
    "Fel",
    "Gar",
    "Hol",
    "Kas",
    "Lin",
    "Mor",
    "Nor",
    "Pel",
    "Rem",
    "Sal",
    "Tor",
    "Ulm",
    "Ver",
    "Wal",
    "Zan",
    "Bren",
    "Drost",
    "Frie",
    "Gruen",
    "Klem",
    "Stav",
]
_MIDDLES = ["a", "e", "i", "o", "u", "an", "er", "in", "or", "el", "am", "un"]
_ENDS = [
    "bach",
    "berg",
    "dorf",
    "feld",
    "gart",
    "heim",
    "hoff",
    "kamp",
    "lin",
    "mann",
    "rath",
    "stein",
    "thal",
    "wig",
    "zer",
    "ski",
]
_PLACES = [
    "Bog",
    "Delta",
    "Lakeside",
    "Hillfort",
    "Riverton",
    "Saltmarsh",
    "Dunes",
    "Fenland",
    "Glacier",
    "Moor",
    "Harbour",
    "Orchard",
    "Quarry",
    "Summit",
    "Valley",
]
_KINDS = (
    "University of {}",
    "Technical University of {}",
    "{} Institute of Technology",
    "Institute for Research {}",
)
_FIRST = [
    "adaptive",
    "bounded",
    "coupled",
    "discrete",
    "elastic",
    "finite",
    "global",
    "hybrid",
    "implicit",
    "joint",
    "kinetic",
    "latent",
    "modular",
    "nested",
    "optimal",
    "partial",
    "quadratic",
    "random",
    "sparse",
    "thermal",
]
_SECOND = [
    "approximation",
    "boundaries",
    "clustering",
    "dynamics",
    "estimation",
    "filtering",
    "gradients",
    "homology",
    "inference",
    "kernels",
    "lattices",
    "mappings",
    "networks",
    "operators",
    "pruning",
    "regularity",
    "sampling",
    "transport",
]
_FILLER = [
    "the",
    "project",
    "asks",
    "how",
    "much",
    "of",
    "this",
    "can",
    "be",
    "said",
    "in",
    "advance",
    "and",
    "where",
    "the",
    "usual",
    "answers",
    "fail",
    "we",
    "shall",
    "look",
    "at",
    "examples",
    "from",
    "practice",
    "first",
    "and",
    "then",
    "at",
    "what",
    "they",
    "have",
    "in",
    "common",
    "a",
    "second",
    "part",
    "is",
    "about",
    "the",
    "price",
    "that",
    "one",
    "pays",
    "for",
    "certainty",
    "in",
    "the",
    "end",
    "both",
    "parts",
    "will",
    "be",
    "brought",
    "together",
    "and",
    "compared",
    "with",
    "what",
    "others",
    "have",
    "found",
]


@dataclass(frozen=True, slots=True)
class _Project:
    title: str
    people: tuple[tuple[str, str, str], ...]
    paragraphs: tuple[str, ...]


def write_programme(directory: Path, projects: int, seed: int = 7) -> None:
    """Write the folder of a programme with so many projects."""
    rng = random.Random(seed)
    topics = [f"{first} {second}" for first, second in product(_FIRST, _SECOND)]
    rng.shuffle(topics)
    (directory / "topics.ttl").parent.mkdir(parents=True, exist_ok=True)
    (directory / "topics.ttl").write_text(_scheme(topics), encoding="utf-8")
    (directory / "programme.toml").write_text(_programme(), encoding="utf-8")
    people = _people(rng, projects * 3 // 2)
    made = [_project(number, rng, people, topics) for number in range(projects)]
    for phase in range(1, PHASES + 1):
        here = made[(phase - 1) * projects // PHASES : phase * projects // PHASES]
        before = made[(phase - 2) * projects // PHASES : (phase - 1) * projects // PHASES] if phase > 1 else []
        here = before[::GOES_ON] + here
        folder = directory / "documents" / f"phase{phase}"
        folder.mkdir(parents=True, exist_ok=True)
        for start in range(0, len(here), ON_A_PAGE):
            text = f"Phase {phase}\n\n" + "".join(map(_written, here[start : start + ON_A_PAGE]))
            (folder / f"page-{start // ON_A_PAGE + 1:04}.txt").write_text(text, encoding="utf-8")


def _people(rng: random.Random, count: int) -> list[tuple[str, str, str]]:
    """Return people as title, name and place, no two of the same name."""
    families = ["".join(parts) for parts in product(_STARTS, _MIDDLES, _ENDS)]
    names = [f"{given} {family}" for given, family in product(_GIVEN, families)]
    places = [kind.format(place) for kind, place in product(_KINDS, _PLACES)]
    titles = ("Prof. Dr. ", "Dr. ", "Prof. Dr. ", "")
    return [(titles[at % 4], name, rng.choice(places)) for at, name in enumerate(rng.sample(names, count))]


def _project(number: int, rng: random.Random, people: list[tuple[str, str, str]], topics: list[str]) -> _Project:
    first = number * 3 // 2
    team = [people[(first + at) % len(people)] for at in range(2)]
    if rng.random() < 0.3:  # somebody from elsewhere
        team.append(people[rng.randrange(len(people))])
    team = sorted(dict.fromkeys(team), key=lambda one: -len(one[0]))
    named = [topics[min(int(rng.expovariate(0.02)), len(topics) - 1)] for _ in range(2)]
    paragraphs = tuple(f"{_sentence(rng)} For this we turn to {topic}. {_sentence(rng)}" for topic in named)
    return _Project(
        f"{named[0].capitalize()} for {rng.choice(_PLACES).lower()} problem {number}", tuple(team), paragraphs
    )


def _sentence(rng: random.Random) -> str:
    start = rng.randrange(len(_FILLER) - 20)
    return " ".join(_FILLER[start : start + rng.randint(12, 20)]).capitalize() + "."


def _written(project: _Project) -> str:
    header = ", ".join(f"{title}{name}" for title, name, _ in project.people)
    text = "\n\n".join(project.paragraphs)
    members = "\n".join(
        f"{title}{name}" + ("" if at else f" ({place})") for at, (title, name, place) in enumerate(project.people)
    )
    return f"{project.title}\n{header}\n\nAbstract\n\n{text}\n\nParticipants\n\n{members}\n\n"


def _programme() -> str:
    phases = "".join(
        f'[[phase]]\nnumber = {phase}\nstart = "{2017 + 3 * phase}"\nend = "{2020 + 3 * phase}"\n\n'
        f'[[document]]\nid = "phase{phase}"\nfile = "documents/phase{phase}"\nphase = {phase}\n'
        'source = "https://example.org/projects"\nretrieved = "2026-01-15"\nrights = "Made up."\n\n'
        for phase in range(1, PHASES + 1)
    )
    return (
        f'[programme]\nname = "A made-up programme"\nnumber = "TST 1"\nbase = "{BASE}"\nlanguage = "en"\n'
        f'pi_rule = "professors-and-leading-doctors"\ntopics = "topics.ttl"\n\n{phases}'
    )


def _scheme(topics: list[str]) -> str:
    """Return a scheme of topics: a few at the top, some below each, and the rest below those."""
    lines = [
        f"@base <{BASE}> .\n@prefix topic: <{BASE}topic/> .\n@prefix fg: <https://w3id.org/fundgraph/ontology#> .\n"
        "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
        "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n\n"
        '<topics> a skos:ConceptScheme ; rdfs:label "Topics of a made-up programme"@en .\n'
    ]
    tops, middles = 6, 48
    slugs = [topic.replace(" ", "-") for topic in topics]
    for at, topic in enumerate(topics):
        place = "skos:topConceptOf <topics>"
        if at >= tops:
            above = at % tops if at < tops + middles else tops + at % middles
            place = f"skos:broader topic:{slugs[above]}"
        lines.append(
            f'topic:{slugs[at]} a fg:Topic , skos:Concept ; rdfs:label "{topic}"@en ; skos:prefLabel "{topic}"@en ; '
            f'skos:definition "What there is to say of {topic}."@en ; {place} ; skos:inScheme <topics> .\n'
        )
    return "".join(lines)

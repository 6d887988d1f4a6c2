"""How well and how fast pages are read: seeded pages in every layout, with known truth, noise and misprints.

    python benchmarks/reading_pages.py [--pages N] [--seed S] [--megabytes M]

Prints one table of precision and recall per layout (to be pasted in docs/reading.md), then the throughput on plain text.
"""

from __future__ import annotations

import argparse
import html
import random
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from fundgraph.documents import document_from_bytes
from fundgraph.extract import extract
from fundgraph.extract.slugs import name_key, slug

GIVEN = [
    "Anna",
    "Jörg",
    "Maria",
    "Thomas",
    "Ayşe",
    "Lukas",
    "Sofía",
    "Pieter",
    "Chloé",
    "Henrik",
    "Olga",
    "Rajesh",
    "Wei",
    "Emily",
    "Tom",
    "Karin",
    "Marie-Luise",
    "Jan",
]
FAMILY = [
    "Lindqvist",
    "Brückner",
    "Okafor",
    "Moreau",
    "Schäfer",
    "Novák",
    "Petrova",
    "Iyer",
    "Chen",
    "Halloran",
    "Öztürk",
    "Kowalski",
    "Rossi",
    "Weidner",
    "Tanaka",
    "Almeida",
    "Grünwald",
    "Sørensen",
]
PARTICLES = ("", "", "", "", "van der ", "von ", "de ")
TITLES = ("Prof. Dr.", "Dr.", "PD Dr.", "Prof. Dr.-Ing.", "Professorin Dr.", "Dr", "Prof.")
WORDS = [
    "adaptive",
    "models",
    "coastal",
    "erosion",
    "sensors",
    "neural",
    "signals",
    "membranes",
    "archives",
    "migration",
    "networks",
    "soils",
    "enzymes",
    "urban",
    "climate",
    "letters",
    "glaciers",
    "robots",
    "catalysts",
    "rivers",
    "proteins",
    "turbulence",
    "dialects",
]
SITES = (
    "Universität Beispielburg",
    "University of Norrland",
    "Technische Universität Musterstadt",
    "Northfield State University",
    "Institut für Wetterkunde",
    "Easthampton College",
)
PROSE = "This work asks how {a} and {b} depend on each other. New methods are built and compared with what is known about {c}. The results are published with all data."
ROLES = {
    "en": ("Principal Investigator", ("Co-PI", "Researcher", "PhD student", "Site Lead")),
    "de": (
        "Antragsteller",
        ("Mitantragsteller", "Wissenschaftlicher Mitarbeiter", "Doktorand", "Kooperationspartner"),
    ),
}
PERIODS = {
    "en": (
        "{s} - {e}",
        "January {s} to December {e}",
        "{s}-04-01 → {e}-03-31",
        "October 1, {s} until September 30, {e}",
    ),
    "de": ("{s} bis {e}", "01.04.{s} – 31.03.{e}", "von {s} bis {e}", "Mai {s} - April {e}"),
}
WORD = {
    "en": {
        "code": "Award Number",
        "period": "Duration",
        "abstract": "Abstract",
        "people": "Participants",
        "title": "Title",
        "name": "Name",
        "site": "Organization",
        "led": "PI",
    },
    "de": {
        "code": "Projektnummer",
        "period": "Laufzeit",
        "abstract": "Zusammenfassung",
        "people": "Beteiligte",
        "title": "Projekttitel",
        "name": "Leitung",
        "site": "Universität",
        "led": "Leitung",
    },
}
NOISE = (
    "Cookie settings",
    "Back to top",
    "© 2024 The programme office",
    "Read more",
    "Contact us",
    "Share this page",
)


@dataclass
class Person:
    """A person with a role."""

    name: str
    honorific: str | None
    role: str
    site: str


@dataclass
class Project:
    """What a page says."""

    title: str
    code: str
    start: str
    end: str
    people: list[Person]
    abstract: str
    language: str = "en"
    period: str = ""


class Maker:
    """Makes projects and writes them down."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def person(self, role: str, *, titled: bool) -> Person:
        """Make a person."""
        name = f"{self.random.choice(GIVEN)} {self.random.choice(PARTICLES)}{self.random.choice(FAMILY)}"
        return Person(name, self.random.choice(TITLES) if titled else None, role, self.random.choice(SITES))

    def project(self, number: int, language: str = "en") -> Project:
        """Make a project with two to four people whose names differ."""
        words = self.random.sample(WORDS, 5)
        title = f"{words[0].capitalize()} {words[1]} and {words[2]} of {words[3]} {words[4]} {number}"
        people: dict[str, Person] = {}
        for index in range(self.random.randint(2, 4)):
            role = (
                "Principal Investigator"
                if index < 1
                else self.random.choice(("Co-PI", "Researcher", "PhD student"))
            )
            person = self.person(role, titled=index < 2)
            people.setdefault(person.name.split()[-1], person)
        year = self.random.randint(2015, 2022)
        abstract = PROSE.format(a=words[0], b=words[2], c=words[4])
        code = str(self.random.randint(1_000_000, 9_999_999))
        period = self.random.choice(PERIODS[language]).format(s=year, e=year + 3)
        return Project(title, code, str(year), str(year + 3), list(people.values()), abstract, language, period)

    def misprint(self, name: str) -> str:
        """Now and then leave out a letter of a family name."""
        if self.random.random() > 0.05:
            return name
        place = len(name) - self.random.randint(2, 3)
        return name[:place] + name[place + 1 :]

    def noise(self) -> str:
        """Return a line of furniture, or nothing."""
        return self.random.choice(NOISE) + "\n\n" if self.random.random() < 0.3 else ""


def full(person: Person) -> str:
    """Return a name with its title."""
    return f"{person.honorific} {person.name}" if person.honorific else person.name


def facts(project: Project, kinds: set[str]) -> set[tuple[str, ...]]:
    """Return what a layout says of a project, as facts to be found."""
    title = slug(project.title, 400)
    found: set[tuple[str, ...]] = {("project", title)}
    if "date" in kinds:
        found |= {("date", title, project.start), ("date", title, project.end)}
    for person in project.people:
        found.add(("person", title, name_key(person.name)))
        if "role" in kinds:
            found.add(("role", title, name_key(person.name), person.role))
    return found


def blocks(make: Maker, projects: list[Project]) -> str:
    """Layout A: the list may be missing, blank lines may be everywhere."""
    words = WORD[projects[0].language]
    parts = ["Phase 1\n"]
    wide = make.random.random() < 0.3
    for one in projects:
        listed = "\n".join(make.misprint(full(p)) for p in one.people)
        gap = "\n\n" if wide else "\n"
        text = f"{one.title}{gap}{', '.join(full(p) for p in one.people)}\n\n{words['abstract']}\n\n{one.abstract}\n\n"
        parts.append(f"{text}{words['people']}\n\n{listed}\n\n" + make.noise())
    return "\n".join(parts)


def labels(make: Maker, projects: list[Project]) -> str:
    """Layout B: on one line, on two lines, in bold, or as a list of terms."""
    words = WORD[projects[0].language]
    style = make.random.choice(("{} : {}", "{}: {}", "{}\n{}", "**{}:** {}  "))
    parts = ["# Projects\n"] if "**" in style else []
    for one in projects:
        lines = [
            (words["code"], one.code),
            (words["period"], one.period),
            *((p.role, full(p)) for p in one.people),
        ]
        if make.random.random() < 0.5:
            make.random.shuffle(lines)
        head = f"## {one.title}" if "**" in style else one.title
        abstract = f"{words['abstract']}\n{one.abstract}" if make.random.random() < 0.5 else one.abstract
        parts.append(
            head + "\n\n" + "\n".join(style.format(*line) for line in lines) + f"\n\n{abstract}\n\n" + make.noise()
        )
    return "\n".join(parts)


def results(make: Maker, projects: list[Project]) -> str:
    """Layout C: shortened abstracts, a pager, entities."""
    words = WORD[projects[0].language]
    parts = [f"<html><body><p>Results 1-{len(projects)} of 99</p>"]
    heading = make.random.choice(("h2", "h3", "h4"))
    for one in projects:
        spans = "".join(
            f"<div><span class='name'>{p.role}</span><span class='value'>{entities(full(p))}</span></div>"
            for p in one.people
        )
        spans += f"<div><span class='name'>{words['period']}</span><span class='value'>{one.period}</span></div>"
        parts.append(
            f"<div class='result'><{heading}><a href='/p/{one.code}'>{one.title}</a></{heading}>{spans}<p>{one.abstract[:90]} … <a href='x'>more</a></p></div>"
        )
    return (
        "\n".join(parts)
        + "<ul class='pagination'><li>1</li><li>2</li></ul><footer>Imprint Dr. Foot Note</footer></body></html>"
    )


def entries(make: Maker, projects: list[Project]) -> str:
    """Layout D: bullets or numbers, roles in brackets or people after a dash."""
    bracket, number = make.random.random() < 0.5, make.random.random() < 0.5
    lines = []
    for index, one in enumerate(projects, 1):
        mark = f"{index}." if number else "*"
        if bracket:
            lines.append(f"{mark} {one.title} ({'; '.join(f'{p.role}: {full(p)}' for p in one.people)})")
        else:
            people = ", ".join(f"{full(p)} ({p.role}; {p.site})" for p in one.people)
            lines.append(f"{mark} {one.title} – {people}")
    return "# Projects\n\n" + "\n".join(lines) + "\n\n" + make.noise()


def table(make: Maker, projects: list[Project]) -> str:
    """Layout E: HTML, Markdown or flattened, columns in any order, rows withdrawn by comments."""
    words = WORD[projects[0].language]
    columns = ["title", "led", "site", "period"]
    make.random.shuffle(columns)
    cells = [
        {
            "title": one.title,
            "led": [full(p) for p in one.people],
            "site": one.people[0].site,
            "period": one.period,
        }
        for one in projects
    ]
    kind = make.random.choice(("html", "markdown", "flat"))
    if kind == "html":
        head = "".join(f"<th>{words[column]}</th>" for column in columns)
        rows = []
        for row in cells:
            if make.random.random() < 0.2:
                rows.append("<!-- <tr><td>Withdrawn thing</td><td>Dr. Gone Away</td></tr> -->")
            values = [
                "<br>".join(map(entities, row[c])) if isinstance(row[c], list) else entities(str(row[c]))
                for c in columns
            ]
            rows.append("<tr>" + "".join(f"<td>{value}</td>" for value in values) + "</tr>")
        return f"<html><body><h2>Funded</h2><table><tr>{head}</tr>{''.join(rows)}</table></body></html>"
    lines = [[words[column] for column in columns]]
    lines += [
        ["; ".join(value) if isinstance(value := row[c], list) else str(value) for c in columns] for row in cells
    ]
    if kind == "flat":
        return "Awards\n\n" + "\n".join("\t".join(line) for line in lines) + "\n"
    lines.insert(1, ["---"] * len(columns))
    return "# Awards\n\n" + "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def headings(make: Maker, projects: list[Project]) -> str:
    """Layout G: role in the heading, in brackets or both; bullets or broken lines."""
    both, bullets = make.random.random() < 0.5, make.random.random() < 0.5
    parts = []
    for one in projects:
        text = f"## {one.title}\n\n{one.abstract}\n"
        for role in dict.fromkeys(p.role for p in one.people):
            people = [
                f"[{full(p)}](https://example.org/{i}) ({p.role + '; ' if both else ''}{p.site})"
                for i, p in enumerate(one.people)
                if p.role == role
            ]
            joined = "\n".join(f"- {line}" for line in people) if bullets else " \\\n".join(people)
            text += f"\n#### {role}:\n\n{joined}\n"
        parts.append(text + "\n" + make.noise())
    return "\n".join(parts)


def pairs(make: Maker, projects: list[Project]) -> str:
    """Layout H: cards, or lines."""
    if make.random.random() < 0.5:
        cards = [
            f"<h2>{one.title}</h2><p>{one.abstract}</p><h3>Team</h3>"
            + "".join(f"<div><h4>{entities(full(p))}</h4><p>{p.role}</p></div>" for p in one.people)
            for one in projects
        ]
        return "<html><body><nav>Home</nav>" + "\n".join(cards) + "</body></html>"
    return "".join(
        f"# {one.title}\n\n{one.abstract}\n\n## Team\n\n"
        + "\n\n".join(f"{full(p)}\n{p.role}" for p in one.people)
        + "\n\n"
        for one in projects
    )


def consortium(make: Maker, projects: list[Project]) -> str:
    """Layout I."""
    parts = []
    for one in projects:
        sites = "\n".join(f"0{i + 1}-{site}" for i, site in enumerate(SITES[:3]))
        contacts = "\n".join(f"{p.role}: {full(p)}, {p.site}" for p in one.people)
        parts.append(
            f"{one.title}\n\nProject ID: {one.code}\nStart date: {one.start}\nEnd date: {one.end}\n{contacts}\n\nObjective\n\n{one.abstract}\n\nParticipants\n{sites}\n\n"
        )
    return "\n".join(parts)


def prose(make: Maker, projects: list[Project]) -> str:
    """Layout J: one project a page."""
    one = projects[0]
    if one.language == "de":
        names = " und ".join(full(p) for p in one.people)
        return make.random.choice(
            (
                f"Das Projekt „{one.title}“ wird von {names} geleitet. Es wird seit {one.start} von der DFG gefördert (Projektnummer {one.code}) und endet im Dezember {one.end}.\n\n{one.abstract}\n",
                f"Unter der Leitung von {names} läuft das Forschungsprojekt „{one.title}“ von Januar {one.start} bis Dezember {one.end}. Das Förderkennzeichen lautet {one.code}.\n\n{one.abstract}\n",
            )
        )
    names = " and ".join(full(p) for p in one.people)
    return make.random.choice(
        (
            f"The project “{one.title}” is led by {names}. It is funded by the National Science Foundation under grant number {one.code} and runs from January {one.start} to December {one.end}.\n\n{one.abstract}\n",
            f"“{one.title}” is a project coordinated by {names}. It started in May {one.start} and ended in April {one.end}; the award number is {one.code}.\n\n{one.abstract}\n",
        )
    )


def entities(text: str) -> str:
    """Write umlauts as entities, as many pages do."""
    return html.escape(text, quote=False).replace("ü", "&uuml;").replace("ö", "&#246;")


LAYOUTS: dict[str, tuple[Callable[[Maker, list[Project]], str], set[str], int]] = {
    "A blocks": (blocks, {"person"}, 12),
    "B labels": (labels, {"person", "role", "date"}, 8),
    "C results": (results, {"person", "role", "date"}, 10),
    "D entries": (entries, {"person", "role"}, 10),
    "E tables": (table, {"person", "date"}, 15),
    "G headings": (headings, {"person", "role"}, 6),
    "H name, role": (pairs, {"person", "role"}, 5),
    "I consortium": (consortium, {"person", "role", "date"}, 5),
    "J prose": (prose, {"person", "date"}, 1),
}


LARGE = 200_000
"""Characters of a large page."""


def measure(name: str, pages: int, seed: int, least: int = 0) -> dict[str, tuple[int, int, int]]:
    """Return for each kind of fact how many were found, stated and right; pages have ``least`` characters at least."""
    write, kinds, count = LAYOUTS[name]
    totals = {kind: [0, 0, 0] for kind in ("project", "person", "role", "date")}
    for page in range(pages):
        make = Maker(seed * 1000 + page)
        language = "de" if page % 2 else "en"
        projects, text = _page(make, write, count, page, language)
        if len(text) < least:
            make = Maker(seed * 1000 + page)
            projects, text = _page(make, write, count * least // len(text) + count, page, language)
        stated = set().union(*(facts(one, kinds) for one in projects))
        found = read(text, kinds)
        for kind, counts in totals.items():
            wanted, got = ({fact for fact in side if fact[0] == kind} for side in (stated, found))
            counts[0] += len(got)
            counts[1] += len(wanted)
            counts[2] += len(got & wanted)
    return {kind: (counts[0], counts[1], counts[2]) for kind, counts in totals.items()}


def _page(
    make: Maker, write: Callable[[Maker, list[Project]], str], count: int, page: int, language: str
) -> tuple[list[Project], str]:
    projects = [make.project(page * 100 + number, language) for number in range(count)]
    return projects, write(make, projects)


def read(text: str, kinds: set[str]) -> set[tuple[str, ...]]:
    """Read a page and return the facts found."""
    found: set[tuple[str, ...]] = set()
    for project in extract(document_from_bytes(text.encode(), path="page")).projects:
        title = slug(project.title, 400)
        found.add(("project", title))
        if "date" in kinds:
            found |= {("date", title, day[:4]) for day in (project.start, project.end) if day}
        for person in project.people:
            found.add(("person", title, name_key(person.name)))
            if "role" in kinds and person.role_as_printed:
                found.add(("role", title, name_key(person.name), person.role_as_printed))
    return found


def table_of(pages: int, seed: int) -> str:
    """Return the table of precision and recall."""
    lines = [
        "| layout | pages | projects P / R | people P / R | roles P / R | dates P / R |",
        "|---|---|---|---|---|---|",
    ]
    for name in LAYOUTS:
        lines.append(_row(name, str(pages), measure(name, pages, seed)))
        if LAYOUTS[name][2] > 1:  # else a page is one project
            lines.append(_row(f"{name}, over 200 kB", "2", measure(name, 2, seed, LARGE)))
    return "\n".join(lines)


def _row(name: str, pages: str, result: dict[str, tuple[int, int, int]]) -> str:
    cells = [
        f"{right / found:.3f} / {right / stated:.3f}" if stated and found else "0 / 0" if stated else "–"
        for found, stated, right in result.values()
    ]
    return f"| {name} | {pages} | {' | '.join(cells)} |"


def throughput(megabytes: float, seed: int) -> str:
    """Read a long plain text once, and say how fast and in how much memory."""
    make = Maker(seed)
    parts: list[str] = []
    size = number = 0
    while size < megabytes * 1e6:
        number += 1
        project = make.project(number)
        project.abstract = " ".join(
            PROSE.format(a=make.random.choice(WORDS), b=make.random.choice(WORDS), c=make.random.choice(WORDS))
            for _ in range(8)
        )
        parts.append(blocks(make, [project]).removeprefix("Phase 1\n\n"))
        size += len(parts[-1])
    document = document_from_bytes("".join(parts).encode(), path="long.txt")
    started = time.process_time()
    page = extract(document)
    seconds = time.process_time() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 if sys.platform == "darwin" else 1024)
    return f"{size / 1e6:.1f} MB of plain text, {len(page.projects)} projects: {seconds:.1f} s, {size / 1e6 / seconds:.2f} MB/s, peak {peak:.0f} MB"


def main() -> None:
    """Print the table and the throughput."""
    parser = argparse.ArgumentParser(description="How well and how fast pages are read.")
    parser.add_argument("--pages", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--megabytes", type=float, default=2.0)
    options = parser.parse_args()
    sys.stdout.write(
        table_of(options.pages, options.seed) + "\n\n" + throughput(options.megabytes, options.seed) + "\n"
    )


if __name__ == "__main__":
    main()

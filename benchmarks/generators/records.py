"""Generated structured sources of known truth: the same projects as each funder would write them, with noise."""

from __future__ import annotations

import csv
import json
import random
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

LEADS = frozenset({"principal-investigator", "coordinator"})
"""Roles that the first person of a project has."""


def _words(text: str) -> list[str]:
    return text.split()


WORDS = _words(
    "adaptive analysis arctic coastal control data delta dynamics early energy flow forest frozen genes "
    "glacier growth heat history ice inverse lakes language learning light marine memory methods models "
    "neural networks ocean optical peat plasma policy protein quantum random rivers robust sediment "
    "signals snow soil spin storage surface theory thermal transport turbulence urban vision water wind "
)
GIVEN = _words(
    "Ada Bo Carla Dirk Émile Fatma Gül Hans Ines Jörg Kenji Lena Małgorzata Nuno Olga Pía Qiang Rosa Søren Tove "
)
FAMILY = _words(
    "Quell Lind Öztürk Müller Núñez O'Hara Dubois Tanaka Kowalska Silva Lindqvist Bauer Çelik Moreau Rossi Weiß "
)
PLACES = _words("Bog Delta Lakeside Hillfort Riverton Saltmarsh Dunes Fenland Glacier Moor ")


@dataclass(frozen=True)
class Truth:
    """What a generated record states; ``None`` and empty where noise left it out."""

    number: str
    title: str
    acronym: str
    start: date
    end: date
    abstract: str
    people: tuple[tuple[str, str, str], ...]
    organisations: tuple[tuple[str, str], ...]


@dataclass
class Written:
    """A generated source: where it lies and what is to be read in it."""

    name: str
    path: Path
    truths: list[Truth]
    key: Callable[[Truth], str]
    dates: bool = True
    people: bool = True
    organisations: bool = True
    leads: frozenset[str] = LEADS


def truths(seed: random.Random, count: int) -> list[Truth]:
    """Make up projects."""
    made = []
    for number in range(count):
        start = date(2008, 1, 1) + timedelta(days=seed.randrange(5000))
        team = seed.sample([(g, f) for g in GIVEN for f in FAMILY], seed.randint(1, 4))
        places = seed.sample(PLACES, seed.randint(1, 3))
        sign = seed.choice(["", ": a view", "; or not", ' of "old" kinds', " & more", ", again"])
        made.append(
            Truth(
                number=str(101000000 + number),
                title=" ".join(seed.choices(WORDS, k=seed.randint(4, 9))).capitalize() + f"{sign} {number}",
                acronym="".join(seed.choices("ABCDEFGHIKLMNOPRSTU", k=5)),
                start=start,
                end=start + timedelta(days=seed.randint(200, 2000)),
                abstract=" ".join(seed.choices(WORDS, k=60)).capitalize() + ".",
                people=tuple((g, f, "pi" if i == 0 else "co") for i, (g, f) in enumerate(team)),
                organisations=tuple(
                    (f"University of {place}", "lead" if i == 0 else "partner") for i, place in enumerate(places)
                ),
            )
        )
    return made


def table(
    path: Path, rows: list[dict[str, str]], seed: random.Random, delimiter: str, drop: tuple[str, ...] = ()
) -> None:
    """Write rows as a table: columns shuffled, some of ``drop`` missing, headers in another writing, CRLF at times."""
    columns = list(rows[0])
    columns = [column for column in columns if column not in drop or seed.random() < 0.5]
    seed.shuffle(columns)
    style = seed.choice([str, str.upper, str.lower])
    quoting = seed.choice([csv.QUOTE_ALL, csv.QUOTE_MINIMAL])
    with path.open("w", encoding=seed.choice(["utf-8", "utf-8-sig"]), newline="") as file:
        writer = csv.writer(file, delimiter=delimiter, quoting=quoting, lineterminator=seed.choice(["\n", "\r\n"]))
        writer.writerow([style(column) for column in columns])
        writer.writerows([row[column] for column in columns] for row in rows)


def cordis(folder: Path, made: list[Truth], seed: random.Random) -> Written:
    """Write CORDIS project.csv and organization.csv."""
    place = folder / "cordis"
    place.mkdir()
    rows = [
        {
            "id": t.number, "acronym": t.acronym, "status": "SIGNED", "title": t.title, "startDate": t.start.isoformat(),
            "endDate": t.end.isoformat(), "totalCost": seed.choice(["1234,56", "1234.56"]), "ecMaxContribution": "1",
            "legalBasis": "L", "topics": "T", "ecSignatureDate": "2020-01-01", "frameworkProgramme": "H", "masterCall": "C",
            "subCall": "S", "fundingScheme": "RIA", "nature": "", "objective": t.abstract, "contentUpdateDate": "2024-01-01",
            "rcn": str(seed.randrange(10**6)), "grantDoi": f"10.3030/{t.number}", "keywords": "a, b",
        }
        for t in made
    ]  # fmt: skip
    table(
        place / "project.csv",
        rows,
        seed,
        ";",
        ("totalCost", "nature", "keywords", "grantDoi", "ecSignatureDate", "subCall"),
    )
    partners = [
        {
            "projectID": t.number, "projectAcronym": t.acronym, "organisationID": str(9 * 10**8 + hash_of(name)), "vatNumber": "",
            "name": name.upper(), "shortName": "", "SME": "false", "activityType": "HES", "country": "EL", "rcn": "1",
            "order": "1", "role": "coordinator" if role == "lead" else "participant", "ecContribution": "1,5", "totalCost": "2.5",
        }
        for t in made
        for name, role in t.organisations
    ]  # fmt: skip
    table(place / "organization.csv", partners, seed, seed.choice([";", ","]), ("vatNumber", "shortName", "SME"))
    return Written("CORDIS", place, made, lambda t: t.number, people=False)


def hash_of(name: str) -> int:
    """Return a number that only the name decides."""
    return zlib.crc32(name.encode()) % 10**8


def stamp(day: date) -> int:
    """Return the Unix time in milliseconds of a midnight, an hour off in summer as in London."""
    moment = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=1 if 4 <= day.month <= 9 else 0)
    return int(moment.timestamp() * 1000)


def gtr(folder: Path, made: list[Truth], seed: random.Random) -> Written:
    """Write a UKRI search result."""
    roles = {"pi": ["PRINCIPAL_INVESTIGATOR", "PI_PER"], "co": ["CO_INVESTIGATOR", "COI_PER"]}
    data = [
        {
            "projectComposition": {
                "project": {
                    "id": f"{n:08X}-0000-0000-0000-000000000000", "title": t.title, "grantReference": t.number,
                    "abstractText": seed.choice([t.abstract, None]), "fund": {"start": stamp(t.start), "end": stamp(t.end)},
                },
                "leadResearchOrganisation": {"id": "X", "name": t.organisations[0][0]},
                "personRoles": [
                    {"firstName": g, "otherNames": None, "surname": f, "fullName": f"{g} {f}", "displayName": f"{f}, {g}",
                     "roles": [{"name": seed.choice(roles[role])}]}
                    for g, f, role in t.people
                ],
            }
        }
        for n, t in enumerate(made)
    ]  # fmt: skip
    path = folder / "gtr.json"
    path.write_text(
        json.dumps(data, ensure_ascii=seed.random() < 0.5, indent=seed.choice([None, 1])), encoding="utf-8"
    )
    return Written("UKRI GtR", path, made, lambda t: t.number)


def nsf(folder: Path, made: list[Truth], seed: random.Random) -> Written:
    """Write an answer of the NSF awards API."""
    awards = [
        {
            "id": t.number, "title": t.title, "awardeeName": t.organisations[0][0], "pdPIName": " ".join(t.people[0][:2]),
            "piFirstName": t.people[0][0], "piLastName": t.people[0][1], "poName": "Pat Officer",
            "coPDPI": [f"{g} {f} {'x@y.example' if seed.random() < 0.5 else ''}".strip() for g, f, _ in t.people[1:]],
            "date": "01/02/2003", "startDate": f"{t.start:%m/%d/%Y}", "expDate": f"{t.end:%m/%d/%Y}", "abstractText": t.abstract,
        }
        for t in made
    ]  # fmt: skip
    path = folder / "nsf.json"
    path.write_text(json.dumps({"response": {"award": awards}}), encoding="utf-8")
    return Written("NSF awards", path, made, lambda t: t.number)


def nih(folder: Path, made: list[Truth], seed: random.Random) -> Written:
    """Write an answer of NIH RePORTER; all of its investigators are principal ones."""
    made = [Truth(**{**vars(t), "people": tuple((g, f, "pi") for g, f, _ in t.people)}) for t in made]
    results = [
        {
            "appl_id": 10**7 + n, "project_num": f"1R01MH{t.number[-6:]}-01", "project_title": t.title, "abstract_text": t.abstract,
            "contact_pi_name": f"{t.people[0][1]}, {t.people[0][0]}".upper(),
            "principal_investigators": [
                {"profile_id": hash_of(g + f), "first_name": g, "middle_name": seed.choice(["", None]), "last_name": f,
                 "full_name": f"{g}  {f}", "is_contact_pi": i == 0}
                for i, (g, f, _) in enumerate(t.people)
            ],
            "program_officers": [{"full_name": "Pat Officer"}], "organization": {"org_name": t.organisations[0][0].upper()},
            "project_start_date": f"{t.start}T00:00:00", "project_end_date": f"{t.end}T00:00:00Z",
        }
        for n, t in enumerate(made)
    ]  # fmt: skip
    path = folder / "nih.json"
    path.write_text(json.dumps({"meta": {"total": len(made)}, "results": results}, indent=1), encoding="utf-8")
    return Written("NIH RePORTER", path, made, lambda t: f"1R01MH{t.number[-6:]}-01")


def openaire(folder: Path, made: list[Truth], seed: random.Random) -> Written:
    """Write OpenAIRE Graph projects as JSON Lines."""
    path = folder / "openaire.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for t in made:
            record = {
                "id": f"corda_____he::{t.number}", "code": t.number, "acronym": seed.choice([t.acronym, None]), "title": t.title,
                "startDate": t.start.isoformat(), "endDate": t.end.isoformat(), "summary": seed.choice([t.abstract, None]),
                "openAccessMandateForPublications": True, "fundings": [{"shortName": "EC", "name": "European Commission"}],
            }  # fmt: skip
            file.write(json.dumps(record, ensure_ascii=False) + "\n")
    return Written("OpenAIRE", path, made, lambda t: t.number, people=False, organisations=False)


def snsf(folder: Path, made: list[Truth], seed: random.Random) -> Written:
    """Write SNSF grants: the responsible applicant alone, one institution."""
    rows = [
        {
            "GrantNumber": t.number, "GrantNumberString": "", "Title": t.title, "TitleEnglish": "",
            "ResponsibleApplicantName": " ".join(t.people[0][:2]), "FundingInstrumentPublished": "Projects", "Institute": "Institute",
            "ResearchInstitution": t.organisations[0][0], "EffectiveGrantStartDate": f"{t.start}T00:00:00Z",
            "EffectiveGrantEndDate": f"{t.end}T00:00:00Z", "Keywords": "a;b", "Abstract": t.abstract,
        }
        for t in made
    ]  # fmt: skip
    path = folder / "snsf.csv"
    table(path, rows, seed, ";", ("GrantNumberString", "Keywords", "Institute"))
    short = [Truth(**{**vars(t), "people": t.people[:1]}) for t in made]
    return Written("SNSF", path, short, lambda t: t.number)


def anr(folder: Path, made: list[Truth], seed: random.Random) -> Written:
    """Write ANR projets and partenaires: each partner with its scientist in capitals."""
    place = folder / "anr"
    place.mkdir()
    code = "Projet.Code_Decision_ANR"
    rows = [
        {
            code: number_of_anr(t), "Projet.Acronyme": t.acronym, "Projet.Titre.Francais": t.title, "Projet.Titre.Anglais": "",
            "Projet.Resume.Francais": t.abstract, "Projet.Date_debut": f"{t.start:%d/%m/%Y}", "Projet.Aide_allouee": "1,5",
            "Programme.Acronyme": "CE",
        }
        for t in made
    ]  # fmt: skip
    table(place / "projets.csv", rows, seed, ";", ("Projet.Aide_allouee", "Projet.Titre.Anglais"))
    partners = [
        {
            code: number_of_anr(t), "Projet.Partenaire.Est_coordinateur": str(i == 0), "Projet.Partenaire.Nom_organisme": name,
            "Projet.Partenaire.Adresse.Pays": "France", "Projet.Partenaire.Responsable_scientifique.Nom": t.people[i][1].upper(),
            "Projet.Partenaire.Responsable_scientifique.Prenom": t.people[i][0],
        }
        for t in made
        for i, (name, _) in enumerate(t.organisations)
        if i < len(t.people)
    ]  # fmt: skip
    table(place / "partenaires.csv", partners, seed, ";")
    short = [
        Truth(
            **{
                **vars(t),
                "people": t.people[: len(t.organisations)],
                "organisations": t.organisations[: len(t.people)],
            }
        )
        for t in made
    ]
    return Written("ANR", place, short, number_of_anr, dates=False)


def number_of_anr(truth: Truth) -> str:
    """Return an ANR code."""
    return f"ANR-21-CE{truth.number[-4:-2]}-{truth.number[-4:]}"


HEADERS = {
    "title": ["Title", "Project title", "Projekttitel", "Titel", "Titel des Vorhabens", "Intitulé du projet", "Titre", "Name of project",
              "Vorhabensbezeichnung", "Research project"],
    "number": ["Grant number", "Projektnummer", "Förderkennzeichen (FKZ)", "Award ID", "Project No.", "Aktenzeichen", "Référence"],
    "pi": ["PI", "Principal Investigator(s)", "Projektleitung", "Antragsteller/in", "Lead applicant", "Porteur du projet", "Project leader",
           "Verantwortliche Person", "Leitung"],
    "start": ["Start", "Start date", "Beginn", "Laufzeitbeginn", "Début", "Project start date", "Förderung ab"],
    "end": ["End", "End date", "Ende", "Laufzeit bis", "Fin", "Project end date", "Förderung bis"],
    "place": ["Institution", "Host university", "Hochschule", "Einrichtung", "Établissement", "Organisation", "Antragstellende Institution"],
}  # fmt: skip
"""Names of columns, some of which the vocabulary does not have: this is how tables of unknown make are."""
FORMS = ("%Y-%m-%d", "%d.%m.%Y", "%d %B %Y", "%Y-%m-%dT00:00:00Z")


def unknown(folder: Path, made: list[Truth], seed: random.Random) -> Written:
    """Write tables of no known source, five projects in each, with columns' names drawn at random."""
    place = folder / "unknown"
    place.mkdir()
    for n in range(0, len(made), 5):
        names = {kind: seed.choice(words) for kind, words in HEADERS.items()}
        form = seed.choice(FORMS)
        rows = [
            {
                names["title"]: t.title, names["number"]: t.number, names["pi"]: " ".join(t.people[0][:2]),
                names["start"]: t.start.strftime(form), names["end"]: t.end.strftime(form), names["place"]: t.organisations[0][0],
                "Budget": "1.234,50 €",
            }
            for t in made[n : n + 5]
        ]  # fmt: skip
        table(place / f"table-{n:04}.csv", rows, seed, seed.choice([";", ",", "\t"]), ("Budget",))
    short = [Truth(**{**vars(t), "people": t.people[:1], "organisations": t.organisations[:1]}) for t in made]
    return Written("unknown tables", place, short, lambda t: t.number, leads=LEADS | {"leader"})


SOURCES: tuple[Callable[[Path, list[Truth], random.Random], Written], ...] = (
    cordis,
    gtr,
    nsf,
    nih,
    openaire,
    snsf,
    anr,
    unknown,
)


def write_many(path: Path, count: int, seed: random.Random) -> None:
    """Write many CORDIS-shaped records of about two kilobytes."""
    header = (
        "id acronym status title startDate endDate totalCost ecMaxContribution legalBasis topics ecSignatureDate"
    )
    header += (
        " frameworkProgramme masterCall subCall fundingScheme objective contentUpdateDate rcn grantDoi keywords"
    )
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerow(header.split())
        text = " ".join(seed.choices(WORDS, k=100_000))
        for n in range(count):
            at = seed.randrange(len(text) - 2000)
            title = f"{text[at : at + 80].strip().capitalize()} {n}"
            row = [
                str(101000000 + n),
                f"A{n}",
                "SIGNED",
                title,
                "2021-01-01",
                "2024-12-31",
                "1,5",
                "1.5",
                "L",
                "T",
                "2020-12-01",
            ]
            row += [
                "HORIZON",
                "C",
                "S",
                "RIA",
                text[at : at + 1800],
                "2024-01-01",
                str(n),
                f"10.3030/{101000000 + n}",
                "a, b",
            ]
            writer.writerow(row)

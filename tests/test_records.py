"""Structured sources: what is read of each, and that every value's place is the one where it stands."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fundgraph.documents import read_document
from fundgraph.extract import extract
from fundgraph.model import Document, Span
from tests.records import DATA, codes, read, read_text, shared_samples, shown

FILES = sorted(path.relative_to(DATA).as_posix() for path in DATA.rglob("*") if path.is_file())
PEOPLE = {
    "gtr.json": [("Ada Quell", "principal-investigator", "PRINCIPAL_INVESTIGATOR"), ("Bo Lind", "co-investigator", "COI_PER")],
    "nsf.json": [
        ("Ada M Quell", "principal-investigator", "pdPIName"),
        ("Bo Lind", "co-investigator", "coPDPI"),
        ("Cy O'Dell", "co-investigator", "coPDPI"),
    ],
    "nsf.xml": [
        ("Ana B Núñez", "principal-investigator", "Principal Investigator"),
        ("Bo Lind", "co-investigator", "Co-Principal Investigator"),
    ],
    "nih.json": [
        ("Ada M Quell", "principal-investigator", "contact_pi"),
        ("Bo Lind", "principal-investigator", "principal_investigators"),
    ],
    "openalex_award.json": [
        ("Ada Quell", "principal-investigator", "lead_investigator"),
        ("Bo Lind", "co-investigator", "investigators"),
    ],
    "orcid.json": [("Ada Quell", "participant", None)],
    "snsf.csv": [("Ada Quell", "principal-investigator", "ResponsibleApplicantName")],
    "anr/partenaires.csv": [("Adèle QUELLE", "coordinator", "coordinateur"), ("Jean LE BOIS", "leader", "Responsable_scientifique")],
    "graph.jsonld": [("Ada Quell", "participant", None), ("Bo Lind", "principal-investigator", "Principal Investigator")],
    "francais.tsv": [("Jean Bois", "principal-investigator", "Porteur")],
}  # fmt: skip
PROJECTS: dict[str, list[tuple[Any, ...]]] = {
    "cordis/project.csv": [
        ("101000001", "BRAID", 'Braided rivers; a "slow" story', "2021-03-01", "2024-02-29", "present"),
        ("101000002", "FROST", "Ice on slow rivers", "2020-01-01", "2019-12-31", "empty"),
        ("101000003", "DUNE", "Dunes & wind", "2022", "2025-06-30", "present"),
    ],
    "cordis/organization.csv": [
        ("101000001", "BRAID", None, None, None, "absent"),
        ("101000003", "DUNE", None, None, None, "absent"),
        ("101999999", "GONE", None, None, None, "absent"),
    ],
    "cordis_reduced.csv": [("633001", "REED", "Reeds, lakes and light", "2015-01-01", "2018-12-31", "present")],
    "cordis_fp7.tsv": [("222001", "SILT", "Silt in deltas", "2008-05-01", "2011-04-30", "present")],
    "gtr.json": [("NE/X000001/1", None, "Peat and water", "2011-10-01", "2016-03-31", "present")],
    "nsf.json": [("2400001", None, "Snow & light", "2024-09-01", None, "present")],
    "nsf.xml": [("1200001", None, "Grüße from the lake & shore", "2012-09-01", "2015-08-31", "present")],
    "nih.json": [("1R01MH000001-01", None, "Sleep in voles", "2025-04-01", "2030-03-31", "present")],
    "openaire.jsonl": [
        ("101000001", "BRAID", 'Braided rivers; a "slow" story', "2021-03-01", "2024-02-29", "present"),
        ("400000001", None, "Moore und Wasser", "2019-01-01", None, "absent"),
    ],
    "openalex_award.json": [("NE/X000001/1", None, "Peat and water", "2011-10-01", "2016", "absent")],
    "openalex_work.json": [("2400001", None, None, None, None, "absent")],
    "orcid.json": [("NE/X000001/1", None, "Peat and water", "2011-10", "2016", "absent")],
    "snsf.csv": [("200001", None, "Gletscher und Licht", "2021-01-01", "2024-12-31", "present")],
    "anr/projets.csv": [("ANR-21-CE13-0001", "SEVE", "La sève des arbres", "2021-10", None, "present")],
    "graph.jsonld": [("B07", None, "Light in lakes", "2020-05", "2023", "absent")],
    "datacite.json": [("101000001", None, 'Braided rivers; a "slow" story', None, None, "absent")],
    "datacite.xml": [("400000003", None, "Torf", None, None, "absent")],
    "skgif.json": [("101000009", None, "Open mud", "2023-01-01", "2025-12-31", "present")],
    "deutsch.csv": [
        ("01AB20001", None, "Wasser im Moor", "2020-05-01", "2023-04-30", "absent"),
        ("01AB20002", None, "Zwei Seen", "2021", "2022-12", "absent"),
        ("01AB20003", None, "Drei Seen", "2021-01-01", "2022-12-31", "absent"),
    ],
    "francais.tsv": [(None, None, "Le bruit des forêts", "2019-09", "2022-08-31", "absent")],
    "projects.yml": [
        (None, "WOR", "Wind over reeds", "2020-01", None, "absent"),
        (None, None, "Reeds over wind", None, "2022", "absent"),
    ],
}
SCHEMES = {
    "cordis/project.csv": ("cordis-project", "101000001"),
    "gtr.json": ("gtr-project", "AAAAAAAA-0000-0000-0000-000000000001"),
    "nsf.json": ("nsf-award", "2400001"),
    "nih.json": ("nih-core-project", "R01MH000001"),
    "openaire.jsonl": ("cordis-project", "101000001"),
    "openalex_award.json": ("openalex", "G1"),
    "orcid.json": ("grant-number", "NE/X000001/1"),
    "snsf.csv": ("snsf-grant", "200001"),
    "anr/projets.csv": ("anr-project", "ANR-21-CE13-0001"),
    "graph.jsonld": ("gepris-project", "400000002"),
    "datacite.json": ("cordis-project", "101000001"),
    "datacite.xml": ("gepris-project", "400000003"),
    "skgif.json": ("doi", "10.3030/101000009"),
}


@pytest.mark.parametrize("name", sorted(PROJECTS))
def test_projects_of_each_source(name: str) -> None:
    """Number, acronym, title, dates and the abstract's state are what the source says, and null what it does not."""
    found = [
        (p["code"], p["acronym"], p["title"], p["start"], p["end"], p["abstract"]["status"])
        for p in shown(read(name))["projects"]
    ]
    assert found == PROJECTS[name]


@pytest.mark.parametrize("name", sorted(PEOPLE))
def test_people_of_each_source(name: str) -> None:
    """People have their mapped role, and the label as printed."""
    found = [
        (q["name"], q["role"], q["role_as_printed"]) for p in shown(read(name))["projects"] for q in p["people"]
    ]
    assert found == PEOPLE[name]


@pytest.mark.parametrize("name", sorted(SCHEMES))
def test_identifiers_carry_their_scheme(name: str) -> None:
    """The first project has the identifier under the scheme whose number it is."""
    identifiers = {(i["scheme"], i["value"]) for i in shown(read(name))["projects"][0]["identifiers"]}
    assert SCHEMES[name] in identifiers


def test_organisations_roles_and_countries() -> None:
    """Organisations keep the role as printed, the country as stated, and their numbers."""
    first = shown(read("cordis/organization.csv"))["projects"][0]["institutions"]
    assert [(i["name"], i["role"], i["country"], i["line"]) for i in first] == [
        ("UNIVERSITY OF THE DELTA", "coordinator", "EL", 2),
        ("River Lab GmbH", "thirdParty", "DE", 3),
    ]
    assert {"scheme": "pic", "value": "900000001", "line": 2} in first[0]["identifiers"]


def test_lists_in_one_cell() -> None:
    """An FP7 row's participants are one organisation each, at their own place."""
    document = read_document(DATA / "cordis_fp7.tsv")
    institutions = extract(document).projects[0].institutions
    assert [document.quote(one.span) for one in institutions] == [one.name for one in institutions]
    assert [one.role for one in institutions] == ["coordinator", "participant", "participant"]


def test_programme_officers_are_nobody() -> None:
    """Programme officers are not people of a project."""
    for name in ("nsf.json", "nsf.xml", "nih.json"):
        assert "Pat Officer" not in {person.name for person in read(name).people}


def test_orcids_are_kept_and_checked() -> None:
    """A good ORCID is the person's; one whose last character is wrong is a finding and nobody's."""
    extraction = read("gtr.json")
    ada, bo = extraction.projects[0].people
    assert ("orcid", "0000-0002-1825-0097") in {(i.scheme, i.value) for i in ada.identifiers}
    assert "orcid" not in {i.scheme for i in bo.identifiers}
    [found] = [one for one in extraction.findings if one.code == "bad-identifier"]
    assert found.quote == "0000-0002-1825-0098"


def test_publications_of_funded_works() -> None:
    """The work that a grant stands in is the grant's publication."""
    [work] = read("openalex_work.json").projects[0].publications
    assert (work.title, work.authors, work.year) == ("On peat", ("Ada Quell",), 2013)
    assert [(i.scheme, i.value) for i in work.identifiers] == [("doi", "10.5555/peat.1")]
    assert "no-title" in codes(read("openalex_work.json"))


def test_a_programme_that_all_records_name() -> None:
    """The programme is stated only where all records name the same one."""
    assert (programme := read("cordis/project.csv").programme) is not None
    assert programme.name == "HORIZON"
    assert read("openaire.jsonl").programme is None


def spans(value: object) -> list[Span]:
    """Collect all spans in an extraction."""
    if isinstance(value, Span):
        return [value]
    if isinstance(value, Document):
        return []
    if isinstance(value, tuple):
        return [span for one in value for span in spans(one)]
    if hasattr(value, "__dataclass_fields__"):
        return [span for name in value.__dataclass_fields__ for span in spans(getattr(value, name))]
    return []


@pytest.mark.parametrize("name", FILES)
def test_every_span_is_one_of_the_document(name: str) -> None:
    """Every span has the line and column that its offsets have in the text."""
    document = read_document(DATA / name)
    for span in spans(extract(document)):
        assert document.span(span.start, span.end) == span


@pytest.mark.parametrize("name", [name for name in FILES if not name.endswith((".xml", ".md"))])
def test_values_stand_where_their_spans_say(name: str) -> None:
    """Titles, names and identifiers are in the text at their spans, escapes and entities aside."""
    document = read_document(DATA / name)

    def plain(text: str) -> str:
        return text.replace('\\"', '"').replace('""', '"').replace("&amp;", "&")

    for project in extract(document).projects:
        assert plain(document.quote(project.title_span)) == project.title
        for identifier in project.identifiers:
            assert identifier.span is not None
            assert identifier.value in document.quote(identifier.span)
        for person in project.people:
            for word in person.mentions[0].name.replace(",", "").split():
                assert word in document.quote(person.span)


def test_xml_spans() -> None:
    """In XML too, with letters of two bytes before it, a title's span is its text."""
    document = read_document(DATA / "nsf.xml")
    project = extract(document).projects[0]
    assert document.quote(project.title_span) == "Grüße from the lake &amp; shore"
    assert document.quote(project.institutions[0].span) == "Lake College"
    assert document.quote(project.abstract.span or project.span).startswith("One.&lt;br/")


def test_abstracts_are_prose() -> None:
    """Markup and entities in an abstract are gone, and its paragraphs stay apart."""
    assert read("nsf.json").projects[0].abstract.text == "Snow is bright.\n\nIt melts."
    assert read("cordis/project.csv").projects[0].abstract.text == "Rivers braid.\n\nWe ask why; with models."


def test_honorifics_and_lists_of_names() -> None:
    """A cell with several people gives each with the title; the column is the role."""
    people = shown(read("deutsch.csv"))["projects"][0]["people"]
    assert [(q["name"], q["honorific"], q["role"], q["role_as_printed"]) for q in people] == [
        ("Ada Quell", "Prof. Dr.", "principal-investigator", "Projektleitung"),
        ("Bo Lind", None, "researcher", "Mitarbeitende"),
        ("Cy Öst", "Dr.", "researcher", "Mitarbeitende"),
    ]


def test_schema_org_in_a_page() -> None:
    """The data in a web page's script is read where the page itself shows no project."""
    data = (DATA / "graph.jsonld").read_text(encoding="utf-8")
    page = (
        f'<!doctype html><html><head><script type="application/ld+json">{data}</script></head><body></body></html>'
    )
    extraction = read_text(page)
    assert [project.title for project in extraction.projects] == ["Light in lakes"]
    assert extraction.document.quote(extraction.projects[0].title_span) == "Light in lakes"


def test_namesakes_stay_apart() -> None:
    """Two people of one name at two places stay two, and that is a finding; with one ORCID they are one."""

    def records(first: str, second: str) -> str:
        people = (
            {"name": "Wei Li", "affiliation": "Bog"} | one for one in (json.loads(first), json.loads(second))
        )
        return json.dumps(
            [{"title": f"Title number {n}", "pi": one, "start": "2020"} for n, one in enumerate(people)]
        )

    apart = read_text(records("{}", '{"affiliation": "Delta"}'))
    assert [person.id for person in apart.people] == ["wei-li", "wei-li-delta"]
    assert codes(apart) == ["homonym"]
    orcid = '{"orcid": "0000-0002-1825-0097"}'
    together = read_text(records(orcid, '{"affiliation": "Delta", "orcid": "0000-0002-1825-0097"}'))
    assert [person.projects for person in together.people] == [("title-number-0", "title-number-1")]
    assert codes(together) == []


def test_same_person_of_one_place() -> None:
    """The same name at the same place is one person, whatever the project."""
    text = json.dumps([{"title": f"Title {n}", "pi": {"name": "Wei Li", "affiliation": "Bog"}} for n in range(3)])
    assert len(read_text(text).people) == 1


def test_third_party_samples() -> None:
    """Every real sample is read: all its projects, with number or title."""
    folder = shared_samples()
    expected = {
        "cordis_organization.csv": 4, "cordis_project.csv": 1, "datacite_fundingreferences.xml": 2,
        "nih_reporter_project.json": 1, "nsf_awards_api.json": 1, "openaire_project.json": 1, "openalex_award.json": 1,
        "openalex_work_fragment.json": 1, "orcid_funding.json": 1, "orcid_record.json": 2, "schemaorg_grant_sfb1451.json": 2,
        "schemaorg_researchproject.jsonld": 1, "skgif_grant.json": 1, "snsf_grants.csv": 1, "ukri_gtr_project.json": 1,
    }  # fmt: skip
    found = {name: len(extract(read_document(folder / name)).projects) for name in expected}
    assert found == expected


def test_third_party_values() -> None:
    """Of the real samples some values that are easily got wrong: local midnights, roles, registers."""
    folder = shared_samples()
    gtr = extract(read_document(folder / "ukri_gtr_project.json")).projects[0]
    assert (gtr.start, gtr.end, gtr.people[0].role) == ("2011-10-01", "2016-03-31", "principal-investigator")
    sfb = extract(read_document(folder / "schemaorg_grant_sfb1451.json")).projects
    assert [(p.code, p.identifiers[0].scheme, p.identifiers[0].value) for p in sfb] == [
        (None, "gepris-project", "431549029"),
        ("A01", "gepris-project", "458620544"),
    ]
    roles = [p.institutions[0].role for p in extract(read_document(folder / "cordis_organization.csv")).projects]
    assert roles == ["thirdParty", "coordinator", "partner", "participant"]

"""Exports for research information systems, repositories, search engines and reference managers."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from lxml import etree, html

from fundgraph.export import cerif, citations, schemaorg
from fundgraph.export.identifying import Release
from fundgraph.export.things import Things, read_triples
from fundgraph.exporting import FORMATS, Exporter, resolve
from fundgraph.store.snapshot import Snapshot

pytestmark = pytest.mark.slow

B = "https://w3id.org/fundgraph/spp2298/"
E = "https://w3id.org/fundgraph/example/"
PROJECT = f"{B}project/adaptive-neural-tensor-networks-for-parametric-pdes"
CERIF = f"{{{cerif.PROFILE}}}"
RELEASE = Release(
    {
        "release": "2026-01-02-01234567", "base": E, "hash": "01" * 32,
        "programme": {"name": "Theory of Examples", "number": "EX 1", "licence": "https://example.org/licence"},
    }
)  # fmt: skip


def load(exporter: Exporter, form: str) -> Any:
    """Return an export that is JSON."""
    return json.loads(b"".join(exporter.chunks(form)))


# ── schema.org ─────────────────────────────────────────────────────────────────────────────────────────────────

#: The properties of schema.org's that may be used, by type (own and inherited), and what they lead to.
_PLACES = {
    "Dataset": {"name", "description", "url", "version", "identifier", "license", "datePublished", "creator", "isAccessibleForFree", "distribution"},
    "DataDownload": {"name", "contentUrl", "encodingFormat", "contentSize", "sha256"},
    "ResearchProject": {"name", "alternateName", "additionalType", "description", "url", "foundingDate", "dissolutionDate", "parentOrganization", "member", "keywords", "funder", "funding", "identifier", "sameAs"},
    "OrganizationRole": {"member", "memberOf", "roleName", "startDate", "endDate"},
    "Person": {"name", "givenName", "familyName", "honorificPrefix", "alternateName", "url", "affiliation", "memberOf", "knowsAbout", "identifier", "sameAs"},
    "Organization": {"name", "alternateName", "url", "address", "identifier", "sameAs"},
    "PostalAddress": {"addressCountry"},
    "Grant": {"identifier", "url", "funder"},
    "PropertyValue": {"propertyID", "value", "url"},
    "DefinedTerm": {"name", "alternateName", "description", "inDefinedTermSet", "identifier", "sameAs"},
    "ScholarlyArticle": {"name", "author", "datePublished", "identifier", "sameAs"},
}  # fmt: skip


def faults(value: object) -> list[str]:
    """Return where a node of schema.org has no type, an unknown one, or a property that its type has not."""
    found = []
    if isinstance(value, dict):
        type_ = value.get("@type")
        if type_ not in _PLACES:
            found.append(f"type {type_!r}")
        else:
            wrong = set(value) - _PLACES[type_] - {"@id", "@type", "@context"}
            found += [f"{type_}.{name}" for name in sorted(wrong)]
        for inner in value.values():
            found += faults(inner)
    elif isinstance(value, list):
        for inner in value:
            found += faults(inner)
    return found


def test_schema_org_has_all_things(exporter: Exporter, spp_release: Snapshot) -> None:
    """The export has the dataset and every project, person and organisation, with properties that their types have."""
    whole = load(exporter, "schemaorg")
    counts = Counter(node["@type"] for node in whole["@graph"])
    classes = spp_release.manifest["classes"]
    fg = "https://w3id.org/fundgraph/ontology#"
    assert counts["Dataset"] == 1
    assert counts["Person"] == classes[f"{fg}Person"]
    assert counts["ResearchProject"] == classes[f"{fg}Project"] + classes[f"{fg}Programme"]
    assert counts["Organization"] == classes[f"{fg}Organisation"]
    assert faults(whole["@graph"]) == []


def test_schema_org_of_a_project(examples: Things) -> None:
    """A project has its people in their roles, its programme, its funder and its grant."""
    node = schemaorg.node(examples, f"{E}project/deep-examples", resolve)
    assert faults(node) == []
    roles = {role["member"]["name"]: role["roleName"] for role in node["member"]}
    assert roles["Emmy Muster"] == "principal investigator"
    assert node["member"][0]["member"]["name"] == "Emmy Muster"
    assert node["funding"]["url"] == "https://gepris.dfg.de/gepris/projekt/100000002"
    assert node["funding"]["funder"]["name"] == node["funder"]["name"] == "Example Foundation"
    assert node["parentOrganization"]["@id"] == f"{E}programme"
    person = schemaorg.node(examples, f"{E}person/emmy-muster", resolve)
    assert (person["givenName"], person["familyName"]) == ("Emmy", "Muster")
    assert person["sameAs"] == "https://orcid.org/0000-0002-1825-0097"


def test_schema_org_is_rdf(exporter: Exporter) -> None:
    """The export is JSON-LD: with schema.org's names it gives the types that are meant."""
    whole = load(exporter, "schemaorg") | {"@context": {"@vocab": "https://schema.org/"}}
    quads = list(ox.parse(json.dumps(whole).encode(), format=ox.RdfFormat.JSON_LD))
    types = Counter(str(quad.object) for quad in quads if quad.predicate.value.endswith("#type"))
    assert types["<https://schema.org/Grant>"] > 5
    assert types["<https://schema.org/OrganizationRole>"] > 50


@pytest.mark.parametrize(
    ("path", "type_"),
    [
        ("/project/adaptive-neural-tensor-networks-for-parametric-pdes", "ResearchProject"),
        ("/person/gitta-kutyniok", "Person"), ("/organisation/dfg", "Organization"),
        ("/topic/bayesian-inference", "DefinedTerm"), ("/programme", "ResearchProject"),
        ("/downloads", "Dataset"),
    ],
)  # fmt: skip
def test_pages_embed_schema_org(spp_client: Any, path: str, type_: str) -> None:
    """The page of a thing holds the thing for search engines, in a block that no browser runs."""
    answer = spp_client.get(path, headers={"Accept": "text/html"})
    tree = html.document_fromstring(answer.get_data(as_text=True))
    (block,) = tree.xpath("//script[@type='application/ld+json']")
    node = json.loads(block.text)
    assert node["@context"] == "https://schema.org"
    assert node["@type"] == type_
    assert faults(node) == []
    assert "'unsafe-inline'" not in answer.headers["Content-Security-Policy"]


def test_what_is_embedded_cannot_end_its_block(spp_client: Any) -> None:
    """A text with the end of a script in it stays within the block."""
    from flask import render_template_string

    structured = {"name": "</script><script>alert(1)</script>"}
    with spp_client.application.test_request_context("/"):
        text = render_template_string(
            '<script type="application/ld+json">{{ structured|tojson }}</script>', structured=structured
        )
    assert text.count("</script>") == 1


def test_a_phase_embeds_nothing(spp_client: Any) -> None:
    """Where schema.org has no word, the page has no block."""
    page = spp_client.get("/phase/1", headers={"Accept": "text/html"}).get_data(as_text=True)
    assert 'application/ld+json">' not in page.split("</head>")[0].replace(
        'rel="alternate" type="application/ld+json"', ""
    )


# ── CERIF ──────────────────────────────────────────────────────────────────────────────────────────────────────

#: The order of the parts of an entity in the profile's schema, as far as we write them.
_ORDER = {
    "Project": ["Acronym", "Title", "Identifier", "StartDate", "EndDate", "Consortium", "Team", "Funded", "Keyword", "Abstract"],
    "Person": ["PersonName", "ORCID", "AlternativeORCID", "ElectronicAddress", "Affiliation"],
    "OrgUnit": ["Acronym", "Name", "Identifier", "ElectronicAddress"],
    "Funding": ["Type", "Acronym", "Name", "Identifier", "Funder", "PartOf"],
    "Publication": ["Type", "Title", "PublicationDate", "DOI", "URL", "Authors"],
    "PersonName": ["FamilyNames", "FirstNames"],
    "Team": ["PrincipalInvestigator", "Contact", "Member"],
    "Consortium": ["Coordinator", "Partner"],
    "Funded": ["By", "As"],
}  # fmt: skip
_SEVERAL = {
    "Title", "Identifier", "Funded", "Keyword", "Abstract", "ElectronicAddress", "Affiliation", "Name", "Funder",
    "PrincipalInvestigator", "Contact", "Member", "Coordinator", "Partner", "AlternativeORCID",
}  # fmt: skip


def cerif_faults(tree: etree._Element) -> list[str]:
    """Return where a document is not as the profile's schema has it, as far as we use it."""
    found = []
    for element in tree.iter(f"{CERIF}*"):
        name = etree.QName(element).localname
        parts = [etree.QName(part).localname for part in element]
        order = _ORDER.get(name)
        if order is not None:
            if unknown := set(parts) - set(order):
                found.append(f"{name}: {sorted(unknown)}")
            elif [order.index(part) for part in parts] != sorted(order.index(part) for part in parts):
                found.append(f"{name}: order of {parts}")
            found += [
                f"{name}: {part} twice" for part, n in Counter(parts).items() if n > 1 and part not in _SEVERAL
            ]
        if name in ("Title", "Name", "Keyword", "Abstract") and not element.get(
            "{http://www.w3.org/XML/1998/namespace}lang"
        ):
            found.append(f"{name}: no language")
        if name == "Identifier" and not element.get("type"):
            found.append("Identifier: no type")
        if name in ("StartDate", "EndDate") and not re.fullmatch(r"\d{4}-\d\d-\d\d", element.text or ""):
            found.append(f"{name}: {element.text}")
        if len(element.get("id", "")) > 128:
            found.append(f"{name}: id")
    return found


def test_cerif_has_all_records(exporter: Exporter, spp_release: Snapshot) -> None:
    """Each project, person, organisation, grant and publication is a record of its set, and all is as the profile has it."""
    tree = etree.fromstring(b"".join(exporter.chunks("cerif")))
    oai = "{http://www.openarchives.org/OAI/2.0/}"
    sets = Counter(one.text for one in tree.iter(f"{oai}setSpec"))
    classes = spp_release.manifest["classes"]
    fg = "https://w3id.org/fundgraph/ontology#"
    assert sets["openaire_cris_projects"] == classes[f"{fg}Project"]
    assert sets["openaire_cris_persons"] == classes[f"{fg}Person"]
    assert sets["openaire_cris_orgunits"] == classes[f"{fg}Organisation"]
    assert sets["openaire_cris_funding"] > 10
    assert sets["openaire_cris_publications"] == classes[f"{fg}Publication"]
    assert cerif_faults(tree) == []
    ids = [one.text for one in tree.iter(f"{oai}identifier")]
    assert len(ids) == len(set(ids))


def test_what_cerif_refers_to_is_there(exporter: Exporter) -> None:
    """Every entity that another names is a record of its own."""
    tree = etree.fromstring(b"".join(exporter.chunks("cerif")))
    records = {(etree.QName(one).localname, one.get("id")) for one in tree.iterfind(".//{*}metadata/*")}
    named = {(etree.QName(one).localname, one.get("id")) for one in tree.iter(f"{CERIF}*") if one.get("id")}
    assert named - records == set()


def test_cerif_of_the_examples(examples: Things) -> None:
    """Roles, grants and identifiers are where a harvester looks for them, and no date is made up."""
    tree = etree.fromstring(b"".join(cerif.document(examples, RELEASE, resolve)))
    assert cerif_faults(tree) == []
    project = tree.find(f".//{{*}}metadata/{CERIF}Project")
    assert project is not None
    name = f"{CERIF}Team/{CERIF}PrincipalInvestigator/{CERIF}DisplayName"
    assert [one.text for one in project.iterfind(name)] == ["Emmy Muster"]
    assert (
        project.find(f"{CERIF}Consortium/{CERIF}Partner/{CERIF}OrgUnit/{CERIF}Name").text == "Example Instruments"
    )
    assert project.find(f"{CERIF}StartDate") is None
    orcid = tree.find(f".//{{*}}metadata/{CERIF}Person/{CERIF}ORCID")
    assert orcid is not None
    assert orcid.text == "https://orcid.org/0000-0002-1825-0097"
    grants = [one.get("id") for one in tree.iterfind(f".//{{*}}metadata/{CERIF}Funding")]
    assert "gepris-project-100000002" in grants


def test_cerif_leaves_out_what_xml_cannot_hold() -> None:
    """A control character in a title does not break the document."""
    fg, type_ = "https://w3id.org/fundgraph/ontology#", "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
    lines = f'<{E}project/a> <{type_}> <{fg}Project> .\n<{E}project/a> <{fg}title> "a\\u0007 <b> & c" .\n'
    tree = etree.fromstring(b"".join(cerif.document(Things(read_triples(lines.encode())), RELEASE)))
    assert tree.findtext(f".//{CERIF}Title") == "a <b> & c"


# ── DataCite, BibTeX, CSL ──────────────────────────────────────────────────────────────────────────────────────


def test_datacite_is_valid(exporter: Exporter, spp_release: Snapshot) -> None:
    """The metadata of the release are valid by DataCite's schema 4.5, and name release, licence, hash and funder."""
    from datacite import schema45

    document = load(exporter, "datacite")
    schema45.validator.validate(document)
    assert document["version"] == spp_release.release
    assert document["publicationYear"] == spp_release.release[:4]
    assert document["alternateIdentifiers"][1]["alternateIdentifier"] == spp_release.manifest["hash"]
    assert document["fundingReferences"][0]["funderIdentifierType"] == "ROR"


def test_bibtex_is_read(exporter: Exporter, examples: Things) -> None:
    """BibTeX is read by pybtex, with authors apart, and with what TeX would take for commands written out."""
    from pybtex.database import parse_string

    for data in (b"".join(exporter.chunks("bibtex")), b"".join(citations.bibtex(examples, resolve))):
        entries = parse_string(data.decode(), "bibtex").entries
        assert len(entries) == 1
    entry = entries["on-examples"]
    assert [str(person) for person in entry.persons["author"]] == ["Muster, E.", "Müller, M."]
    assert (entry.fields["year"], entry.fields["eprint"]) == ("2020", "2001.00001")
    fg, type_ = "https://w3id.org/fundgraph/ontology#", "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
    lines = (
        f'<{E}publication/a> <{type_}> <{fg}Publication> .\n<{E}publication/a> <{fg}title> "50% {{of}} \\\\x & y_1" .\n'
        f'<{E}publication/a> <{fg}author> "Research and Development Inc." .\n'
    )
    data = b"".join(citations.bibtex(Things(read_triples(lines.encode()))))
    entry = parse_string(data.decode(), "bibtex").entries["a"]
    assert entry.fields["title"] == r"{50\% \{of\} \textbackslash{}x \& y\_1}"
    assert len(entry.persons["author"]) == 1


def test_csl_has_what_a_style_needs(exporter: Exporter, examples: Things) -> None:
    """CSL-JSON has an id, a type of CSL's, names and dates in CSL's shape."""
    whole = load(exporter, "csl") + json.loads(b"".join(citations.csl(examples, resolve)))
    assert len(whole) == 2
    for item in whole:
        assert set(item) <= {"id", "type", "title", "author", "issued", "DOI", "URL", "number", "publisher"}
        assert item["type"] == "article"
        assert all(set(name) == {"literal"} for name in item["author"])
        assert isinstance(item["issued"]["date-parts"][0][0], int)
    assert whole[-1]["URL"] == "https://arxiv.org/abs/2001.00001"


# ── RO-Crate ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def crate(exporter: Exporter, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The release as a crate in a folder."""
    from fundgraph.export.archive import write_folder

    folder = tmp_path_factory.mktemp("crate")
    write_folder(folder, exporter.files("rocrate"))
    return folder


@pytest.mark.slow
def test_ro_crate_py_reads_the_crate(crate: Path, spp_release: Snapshot) -> None:
    """ro-crate-py finds every file, with its size and its sum, and what the crate is."""
    from rocrate.rocrate import ROCrate

    read = ROCrate(str(crate))
    assert read.root_dataset["version"] == spp_release.release
    assert read.mainEntity.id == "dataset.nq"
    files = {entity.id: entity for entity in read.data_entities if entity.type == "File"}
    lying = {str(path.relative_to(crate)) for path in crate.rglob("*") if path.is_file()}
    assert set(files) == lying - {"ro-crate-metadata.json", "SHA256SUMS"}
    assert {one.file for one in FORMATS.values() if not one.is_folder} <= set(files)
    for name, entity in files.items():
        data = (crate / name).read_bytes()
        assert (entity["contentSize"], entity["sha256"]) == (str(len(data)), hashlib.sha256(data).hexdigest())


def test_nothing_that_a_crate_names_is_missing(exporter: Exporter) -> None:
    """Every reference within the crate leads to an entity that is described; ids are unique."""
    document = json.loads(exporter.files("rocrate")["ro-crate-metadata.json"])
    ids = [entity["@id"] for entity in document["@graph"]]
    assert len(ids) == len(set(ids))

    def named(value: object) -> set[str]:
        if isinstance(value, dict):
            return {value["@id"]} if set(value) == {"@id"} else set().union(*map(named, value.values()))
        return set().union(*map(named, value)) if isinstance(value, list) else set()

    assert named(document["@graph"]) - set(ids) == {"https://w3id.org/ro/crate/1.1"}


@pytest.mark.slow
def test_dumps_are_made_and_served(spp_snapshot: Path, tmp_path: Path) -> None:
    """--dumps writes every format into the release, the page tells their sizes, and they come byte for byte."""
    import shutil

    from click.testing import CliRunner

    from fundgraph.cli import commands
    from fundgraph.kg import KnowledgeGraph
    from fundgraph.settings import Settings
    from fundgraph.web.app import create_app

    build = tmp_path / "build"
    shutil.copytree(spp_snapshot, build, symlinks=True)
    result = CliRunner().invoke(commands, ["export", "--dumps", "--build-dir", str(build)])
    assert (result.exit_code, result.stdout) == (0, "")
    dumps = build / "current" / "dumps"
    assert {path.name for path in dumps.iterdir()} == {
        *(one.file for one in FORMATS.values() if one.name != "nquads"), "SHA256SUMS",
    }  # fmt: skip
    settings = Settings(build_dir=build)
    with KnowledgeGraph.open(build, settings) as kg:
        client = create_app(kg, settings).test_client()
        page = client.get("/downloads", headers={"Accept": "text/html"}).get_data(as_text=True)
        for path in dumps.glob("*.*"):
            assert hashlib.sha256(path.read_bytes()).hexdigest()[:8] in page
        with client.get("/downloads/cerif.xml") as answer:
            assert answer.data == (dumps / "cerif.xml").read_bytes()
            etag = answer.headers["ETag"]
        with client.get("/downloads/cerif.xml", headers={"If-None-Match": etag}) as answer:
            assert answer.status_code == 304


@pytest.mark.parametrize("form", list(FORMATS))
def test_every_format_is_offered(spp_client: Any, exporter: Exporter, form: str) -> None:
    """The page of downloads leads to each format, which comes as the export writes it, and to its sum."""
    known = FORMATS[form]
    assert f'href="/downloads/{known.file}"' in spp_client.get("/downloads").get_data(as_text=True)
    with spp_client.get(f"/downloads/{known.file}") as answer:
        data = answer.data
        assert answer.status_code == 200
        assert answer.mimetype == known.media_type
    assert data == b"".join(exporter.chunks(form))
    line = spp_client.get(f"/downloads/{known.file}.sha256").get_data(as_text=True)
    assert line.startswith(hashlib.sha256(data).hexdigest() + "  fundgraph-")

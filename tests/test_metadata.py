"""Metadata for machines: DCAT-AP, licences by graph, signposts and linksets, sitemap and robots.txt."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import etree
from rdflib import DCTERMS, RDF, RDFS, VOID, Graph, Literal, Namespace, URIRef

from fundgraph.kg import KnowledgeGraph
from fundgraph.settings import Settings
from fundgraph.web.app import create_app
from tests.conftest import ROOT
from tests.rivers import LICENCE, OF_PAGE
from tests.test_releases_http import BASE, BROWSER, links

Rivers = tuple[Path, str, str]
HERE = "http://localhost"
SHAPES = ROOT.parent / "shared" / "suites" / "dcat-ap-3.0.1" / "shacl"
SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
SHACL = Namespace("http://www.w3.org/ns/shacl#")
DCAT = Namespace("http://www.w3.org/ns/dcat#")
SPDX = Namespace("http://spdx.org/rdf/terms#")


@pytest.fixture(scope="module")
def app(rivers: Rivers) -> Iterator[Flask]:
    """The site over the small programme."""
    settings = Settings(build_dir=rivers[0], workers=1)
    with KnowledgeGraph.open(rivers[0], settings) as kg:
        yield create_app(kg, settings)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client of it."""
    return app.test_client()


def described(client: FlaskClient, path: str = "/void") -> Graph:
    """Read a description."""
    answer = client.get(path, headers={"Accept": "text/turtle"})
    assert answer.status_code == 200, answer.text
    return Graph().parse(data=answer.data, format="turtle")


# --- DCAT-AP


@pytest.mark.parametrize("path", ["/void", "/sparql"])
def test_dcat_ap(client: FlaskClient, path: str) -> None:
    """The descriptions conform to the shapes of DCAT-AP 3.0.1, which look at dataset, distributions, checksum and service."""
    from pyshacl import validate

    shapes = Graph().parse(SHAPES / "dcat-ap-SHACL.ttl").parse(SHAPES / "ranges.ttl")
    # Five property shapes are named and nowhere defined: nobody can check those. All the others are.
    named = set(shapes.objects(None, SHACL.property))
    undefined = {one for one in named if shapes.value(one, SHACL.path) is None}
    assert (len(undefined), len(named)) == (5, 297)
    for one in undefined:
        shapes.remove((None, SHACL.property, one))
    data = described(client, path)
    conforms, report, text = validate(data, shacl_graph=shapes, advanced=False, inplace=False)
    assert isinstance(report, Graph)
    assert conforms, text[:3000]
    targets = {
        (kind, one)
        for shape, kind in shapes.subject_objects(SHACL.targetClass)
        for one in data.subjects(RDF.type, kind)
    }
    looked_at = {str(kind).rpartition("#")[2] for kind, _ in targets}
    wanted = {"Dataset", "Distribution", "Checksum"} | ({"DataService"} if path == "/sparql" else set())
    assert wanted <= looked_at, "shapes that look at nothing prove nothing"
    broken = Graph() + data
    dataset = URIRef(f"{BASE}dataset")
    broken.remove((dataset, DCTERMS.title, None))
    assert not validate(broken, shacl_graph=shapes, advanced=False)[0]


def test_checksum_and_version(client: FlaskClient, rivers: Rivers) -> None:
    """The dump of N-Quads has the release's hash as its checksum, the dataset its version and those that are kept."""
    data = described(client)
    dataset = URIRef(f"{BASE}dataset")
    (sums,) = data.subject_objects(SPDX.checksum)
    assert str(sums[0]).endswith("/downloads/dataset.nq#distribution")
    assert str(data.value(sums[1], SPDX.checksumValue)).startswith(rivers[2][-8:])
    assert data.value(dataset, DCAT.version) == Literal(rivers[2])
    assert {str(one).rpartition("/")[2] for one in data.objects(dataset, DCAT.hasVersion)} == {
        rivers[1],
        rivers[2],
    }


@pytest.mark.parametrize("path", ["/void", "/sparql"])
def test_licence_of_each_graph(client: FlaskClient, path: str) -> None:
    """A graph has the licence that its document states; one without is not given the programme's; the rest have that."""
    data = described(client, path)
    if path == "/void":
        graphs = {str(one): one for one in data.objects(URIRef(f"{BASE}dataset"), VOID.subset)}
    else:
        graphs = {str(name): data.value(node, SD.graph) for node, name in data.subject_objects(SD.name)}
    licences = {name: [str(one) for one in data.objects(node, DCTERMS.license)] for name, node in graphs.items()}
    rights = {
        name: [str(data.value(one, RDFS.label)) for one in data.objects(node, DCTERMS.rights)]
        for name, node in graphs.items()
    }
    assert licences[f"{BASE}graph/document/page"] == [OF_PAGE]
    assert rights[f"{BASE}graph/document/page"] == ["written for the tests of fundgraph"]
    assert licences[f"{BASE}graph/document/second"] == []
    assert rights[f"{BASE}graph/document/second"] == ["written for the tests too"]
    assert licences[f"{BASE}graph/inferred"] == licences[f"{BASE}graph/programme"] == [LICENCE]
    assert licences["https://w3id.org/fundgraph/ontology"] == [
        "https://creativecommons.org/publicdomain/zero/1.0/"
    ]


# --- signposts


@pytest.mark.parametrize(
    "path", ["/project/ice-on-slow-rivers", "/person/ada-quell", "/topic/rivers", "/phase/1", "/programme"]
)
def test_signposts_of_things(client: FlaskClient, path: str) -> None:
    """A thing's page says in its headers how it is cited, described, typed, licensed, collected, and where all links are."""
    answer = client.get(path, headers=BROWSER)
    found = links(", ".join(answer.headers.getlist("Link")))
    by: dict[str, list[tuple[str, str]]] = {}
    for target, more in found:
        for relation in more["rel"].split():
            by.setdefault(relation, []).append((target, more.get("type", "")))
    assert by["cite-as"] == [(BASE + path[1:], "")]
    assert {media for _, media in by["describedby"]} == {
        "text/turtle", "application/ld+json", "application/n-triples", "application/rdf+xml",
    }  # fmt: skip
    assert "https://schema.org/AboutPage" in {target for target, _ in by["type"]}
    assert by["license"] == [(LICENCE, "")]
    assert by["collection"] == [(f"{HERE}/", "text/html")]
    assert {media for _, media in by["linkset"]} == {"application/linkset", "application/linkset+json"}
    again = client.get(path, headers=BROWSER)
    assert again.headers.getlist("Link") == answer.headers.getlist("Link"), "also if the page was kept"


def test_signposts_lead_to_what_they_say(client: FlaskClient) -> None:
    """Each address of ours in the headers of the landing page and of a thing is there, as the media type that is said."""
    for path in ("/", "/person/ada-quell"):
        answer = client.get(path, headers=BROWSER)
        for target, more in links(", ".join(answer.headers.getlist("Link"))):
            if target.startswith(HERE) and "type" in more:
                with client.get(target.removeprefix(HERE), headers={"Accept": more["type"]}) as there:
                    assert there.status_code == 200, target
                    assert there.mimetype == more["type"], target


def test_descriptions_point_back(client: FlaskClient) -> None:
    """A description of a thing says which page it describes, and a dump of which dataset it is."""
    answer = client.get("/person/ada-quell.ttl")
    found = links(", ".join(answer.headers.getlist("Link")))
    assert [target for target, more in found if more["rel"] == "describes"] == [f"{HERE}/person/ada-quell"]
    by_accept = client.get("/person/ada-quell", headers={"Accept": "text/turtle"})
    assert 'rel="describes"' in ", ".join(by_accept.headers.getlist("Link"))
    with client.get("/downloads/dataset.nq") as dump:
        found = links(", ".join(dump.headers.getlist("Link")))
    assert [target for target, more in found if more["rel"] == "collection"] == [f"{HERE}/"]


@pytest.mark.parametrize("path", ["", "/person/ada-quell"])
def test_linkset_is_the_same_as_the_headers(client: FlaskClient, path: str) -> None:
    """A linkset has, in both of its formats, all links of the page's headers, and those of its descriptions."""
    plain = client.get(f"/linkset{path}")
    assert plain.mimetype == "application/linkset"
    rows = {(more["anchor"], more["rel"], target) for target, more in links(plain.text)}
    answer = client.get(f"/linkset{path}", headers={"Accept": "application/linkset+json"})
    assert answer.mimetype == "application/linkset+json"
    members = {
        (one["anchor"], relation, target["href"])
        for one in answer.json["linkset"]
        for relation, targets in one.items()
        if relation != "anchor"
        for target in targets
    }
    assert rows == members
    page = client.get(path or "/", headers=BROWSER)
    memento = {"timemap", "original timegate", "alternate"}
    header = {
        (f"{HERE}{path or '/'}", more["rel"], target)
        for target, more in links(", ".join(page.headers.getlist("Link")))
        if more["rel"] not in memento
    }
    assert header == {row for row in rows if row[0] == f"{HERE}{path or '/'}"}
    assert len(rows) > len(header) > 5
    assert client.get("/linkset/person/nobody").status_code == 404


# --- crawlers


def test_sitemap(client: FlaskClient, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sitemap has each page to begin with and each thing once, all are there, and parts of it make the whole."""
    space = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
    whole = etree.fromstring(client.get("/sitemap.xml").data)
    addresses = whole.xpath("//s:url/s:loc/text()", namespaces=space)
    assert len(addresses) == len(set(addresses)) > 30
    assert {
        f"{HERE}/",
        f"{HERE}/person/ada-quell",
        f"{HERE}/project/sand-in-fast-rivers",
        f"{HERE}/documents/page",
    } <= set(addresses)
    for address in addresses:
        if "/queries/" not in address:
            assert client.get(address.removeprefix(HERE), headers=BROWSER).status_code == 200, address
    monkeypatch.setattr("fundgraph.web.crawlers.MOST", 20)
    index = etree.fromstring(client.get("/sitemap.xml").data)
    parts = index.xpath("//s:sitemap/s:loc/text()", namespaces=space)
    found = []
    for part in parts:
        tree = etree.fromstring(client.get(part.removeprefix(HERE)).data)
        found += tree.xpath("//s:url/s:loc/text()", namespaces=space)
    assert found == addresses
    assert client.get(f"/sitemap-{len(parts)}.xml").status_code == 404


def test_robots(client: FlaskClient) -> None:
    """robots.txt names the sitemap, lets crawlers read things, and keeps them from queries and past states."""
    from urllib.robotparser import RobotFileParser

    text = client.get("/robots.txt").text
    robots = RobotFileParser()
    robots.parse(text.splitlines())
    assert robots.site_maps() == [f"{HERE}/sitemap.xml"]
    for path in (
        "/",
        "/person/ada-quell",
        "/person/ada-quell.ttl",
        "/releases",
        "/void",
        "/queries/person-projects",
    ):
        assert robots.can_fetch("*", HERE + path), path
    for path in ("/sparql?query=x", "/releases/2026-01-02-00000000/person/x", "/explain?s=x"):
        assert not robots.can_fetch("*", HERE + path), path


def test_past_states_are_not_indexed(client: FlaskClient, rivers: Rivers) -> None:
    """Pages of old releases tell search engines to leave them out; those of the one in view do not."""
    assert client.get(f"/releases/{rivers[1]}/people", headers=BROWSER).headers["X-Robots-Tag"] == "noindex"
    assert "X-Robots-Tag" not in client.get("/people", headers=BROWSER).headers


def test_labels_of_the_first_page(client: FlaskClient, rivers: Rivers) -> None:
    """The landing page of the dataset cites the release, and lists each dump as an item."""
    found = links(", ".join(client.get("/", headers=BROWSER).headers.getlist("Link")))
    assert [target for target, more in found if more["rel"] == "cite-as"] == [f"{BASE}release/{rivers[2]}"]
    assert len([target for target, more in found if more["rel"] == "item"]) == 6
    assert re.search("schema.org/Dataset", str(found))

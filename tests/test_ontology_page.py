"""The ontology's page: its drawing, its tables, its links into the data, and the files beside it."""

from __future__ import annotations

import json
import random
from itertools import combinations
from typing import Any

import pytest
from lxml import html
from rdflib import OWL, RDF, Graph, URIRef
from rdflib.namespace import DCAM

from fundgraph import assets
from fundgraph.kg import KnowledgeGraph
from fundgraph.vocab import FG
from fundgraph.web.diagram import Diagram, Link, draw


def page(client: Any) -> html.HtmlElement:
    """Return the page for people."""
    response = client.get("/ontology", headers={"Accept": "text/html"})
    assert response.status_code == 200
    return html.document_fromstring(response.data)


def core() -> Graph:
    """Return the ontology as the file has it."""
    return Graph().parse(assets.ontology_dir() / "fundgraph.ttl")


# ── the drawing ────────────────────────────────────────────────────────────────────────────────────────────


def _overlaps(diagram: Diagram) -> list[tuple[str, str]]:
    return [
        (one.iri, other.iri)
        for one, other in combinations(diagram.boxes, 2)
        if abs(one.x - other.x) < one.width and abs(one.y - other.y) < one.height
    ]


@pytest.mark.parametrize("seed", range(12))
def test_any_classes_can_be_drawn(seed: int) -> None:
    """Whatever is linked with whatever, all boxes and names are there, on the sheet, and no box covers another."""
    chance = random.Random(seed)
    classes = [f"https://example.org/o#C{n}" for n in range(chance.randint(0, 14))]
    links = [
        Link(f"https://example.org/o#p{n}", chance.choice(classes), chance.choice(classes))
        for n in range(chance.randint(0, 30) if classes else 0)
    ]
    diagram = draw(classes, links)
    assert sorted(box.iri for box in diagram.boxes) == sorted(classes)
    assert _overlaps(diagram) == []
    assert all(box.x >= 0 and box.x + box.width <= diagram.width for box in diagram.boxes)
    assert all(box.y >= 0 and box.y + box.height <= diagram.height for box in diagram.boxes)
    named = {(arrow.one, label.property, arrow.other) for arrow in diagram.arrows for label in arrow.labels}
    assert named == {(link.one, link.property, link.other) for link in links}


def test_the_drawing_is_the_ontology_s(spp_client: Any) -> None:
    """What is drawn are properties of the ontology between the classes that it names; nothing else has an arrow."""
    svg = page(spp_client).xpath("//svg[contains(@class, 'diagram')]")[0]
    graph, drawn = core(), set()
    for title in svg.xpath(".//a[text[@class='name']]"):
        one, _, other = title.xpath("title")[0].text.split(" – ")
        name = title.get("href").removeprefix("#")
        drawn.add(name)
        assert (FG[name], RDF.type, OWL.ObjectProperty) in graph
        assert (FG[name], DCAM.domainIncludes, FG[one]) in graph
        assert (FG[name], DCAM.rangeIncludes, FG[other]) in graph
    assert drawn >= {
        "hasParticipation",
        "participant",
        "participatingOrganisation",
        "withRole",
        "duringPhase",
        "inPhase",
    }
    assert drawn.isdisjoint({"participatesIn", "hasParticipant", "worksOn", "hasNarrowerTopic"})
    boxes = {link.get("href").removeprefix("#") for link in svg.xpath(".//a[rect]")}
    assert boxes >= {
        "Programme",
        "FundingPhase",
        "Project",
        "Participation",
        "Person",
        "Organisation",
        "Topic",
        "Finding",
    }


def test_the_drawing_has_a_table_beside_it(spp_client: Any) -> None:
    """Each name in the drawing leads to a row of the tables, which say the same in words."""
    tree = page(spp_client)
    ids = set(tree.xpath("//tr/@id"))
    targets = {href.removeprefix("#") for href in tree.xpath("//svg//a/@href")}
    assert len(targets) > 30
    assert targets <= ids
    row = tree.get_element_by_id("hasParticipation")
    assert "From Project to Participation." in " ".join(row.text_content().split())


# ── examples and uses ──────────────────────────────────────────────────────────────────────────────────────


def test_every_term_has_an_example(spp_client: Any) -> None:
    """Each class shows its example, each property a statement that uses it."""
    tree = page(spp_client)
    graph = core()
    rows = [row for row in tree.xpath("//tr[@id]") if (FG[row.get("id")], None, None) in graph]
    assert len(rows) > 100
    assert [row.get("id") for row in rows if not row.xpath(".//pre | .//code[@class='sub']")] == []
    assert "fg:FundingPhase" in tree.get_element_by_id("FundingPhase").xpath(".//pre")[0].text


def test_uses_are_counted_and_lead_to_the_data(spp_client: Any, spp_snapshot: Any) -> None:
    """The number beside a term is how often the graph uses it, and links to a query that lists where."""
    tree = page(spp_client)
    with KnowledgeGraph.open(spp_snapshot) as kg:
        for name, pattern in (("Project", f"?s a <{FG.Project}>"), ("worksOn", f"?s <{FG.worksOn}> ?o")):
            (row,) = kg.select(f"SELECT (COUNT(*) AS ?n) WHERE {{ {pattern} }}")
            (link,) = tree.get_element_by_id(name).xpath("./td[@class='n']/a")
            assert link.text == row["n"]
            editor = spp_client.get(link.get("href")).text
            assert f"ontology#{name}" in editor
    assert tree.get_element_by_id("participatingOrganisation").xpath("./td[@class='n']/a") == []


# ── the same as data ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("text/turtle", "text/turtle; charset=utf-8"),
        ("application/ld+json", "application/ld+json"),
        ("text/html", "text/html; charset=utf-8"),
        ("*/*", "text/html; charset=utf-8"),
    ],
)
def test_accept_chooses_the_form(spp_client: Any, accept: str, content_type: str) -> None:
    """People get the page, programs Turtle or JSON-LD, by what they accept."""
    assert spp_client.get("/ontology", headers={"Accept": accept}).content_type == content_type


def test_the_turtle_holds_terms_and_alignments(spp_client: Any) -> None:
    """The ontology as Turtle has our terms with their examples, and how they relate to other vocabularies."""
    graph = Graph().parse(data=spp_client.get("/ontology.ttl").data, format="turtle")
    assert set(core().subjects(RDF.type, OWL.Class)) <= set(graph.subjects(RDF.type, OWL.Class))
    assert (
        FG.Person,
        URIRef("http://www.w3.org/2000/01/rdf-schema#subClassOf"),
        URIRef("http://xmlns.com/foaf/0.1/Person"),
    ) in graph


def test_files_beside_the_ontology(spp_client: Any) -> None:
    """The JSON-LD context, the frames and the alignments are served as the package has them; nothing else is."""
    for name in ("context.jsonld", "frames/project.jsonld", "frames/person.jsonld", "frames/topic.jsonld"):
        response = spp_client.get(f"/ontology/{name}")
        assert response.content_type == "application/ld+json"
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert json.loads(response.data) == json.loads((assets.ontology_dir() / name).read_text(encoding="utf-8"))
    alignments = spp_client.get("/ontology/alignments.ttl")
    assert len(Graph().parse(data=alignments.data, format="turtle")) > 200
    for name in ("fundgraph.ttl/", "../pyproject.toml", "examples/Project.ttl", "frames/nope.jsonld"):
        assert spp_client.get(f"/ontology/{name}").status_code == 404

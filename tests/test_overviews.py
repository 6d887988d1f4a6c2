"""Topics as areas, projects against topics, phases as a flow and side by side."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from lxml.html import document_fromstring

from fundgraph.kg import KnowledgeGraph
from fundgraph.settings import Settings
from fundgraph.terms import FG
from fundgraph.web import overviews
from fundgraph.web.app import create_app
from fundgraph.web.flow import flow
from fundgraph.web.treemap import HEIGHT, WIDTH, Leaf, squares, treemap

from .snapshots import BASE, make_snapshot

RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
LABEL = "http://www.w3.org/2000/01/rdf-schema#label"


def seen(body: str) -> str:
    """Return what a reader sees of a page, with single spaces."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def two_phases() -> str:
    """Return N-Triples: Ada and Bo in phase 1, Bo and Cy in phase 2, nothing read of phase 3."""
    lines = []

    def say(subject: str, predicate: str, value: str) -> None:
        lines.append(f"<{BASE}{subject}> <{predicate if ':' in predicate else FG + predicate}> {value} .\n")

    for number in (1, 2, 3):
        say(f"phase/{number}", RDF_TYPE, f"<{FG}FundingPhase>")
        say(f"phase/{number}", "number", f'"{number}"^^<http://www.w3.org/2001/XMLSchema#integer>')
        say(f"phase/{number}", LABEL, f'"Phase {number}"')
    for number, people in ((1, ("ada", "bo")), (2, ("bo", "cy"))):
        say(f"document/{number}", "describesPhase", f"<{BASE}phase/{number}>")
        say(f"project/p{number}", RDF_TYPE, f"<{FG}Project>")
        say(f"project/p{number}", "title", f'"Project {number}"')
        say(f"project/p{number}", LABEL, f'"Project {number}"')
        say(f"project/p{number}", "inPhase", f"<{BASE}phase/{number}>")
        for person in people:
            part = f"participation/p{number}/{number}/{person}"
            say(part, "inProject", f"<{BASE}project/p{number}>")
            say(part, "participant", f"<{BASE}person/{person}>")
            say(part, "duringPhase", f"<{BASE}phase/{number}>")
            say(f"person/{person}", RDF_TYPE, f"<{FG}Person>")
            say(f"person/{person}", "name", f'"{person.capitalize()}"')
            say(f"person/{person}", LABEL, f'"{person.capitalize()}"')
    return "".join(lines)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """A client of the application over a programme of three phases, of which two were read."""
    build = tmp_path_factory.mktemp("phases")
    make_snapshot(build, {"document/a": two_phases()}, index=True)
    settings = Settings(build_dir=build)
    with KnowledgeGraph.open(build, settings) as kg:
        yield create_app(kg, settings).test_client()


def test_areas_fill_the_box_and_are_as_large_as_they_should() -> None:
    """The boxes of a treemap have the areas of their sizes, overlap nowhere and fill the whole."""
    sizes = [9.0, 6.0, 6.0, 4.0, 3.0, 2.0, 1.0, 1.0]
    boxes = squares(sizes, (0, 0, 80, 50))
    unit = 80 * 50 / sum(sizes)
    for size, (x, y, width, height) in zip(sizes, boxes, strict=True):
        assert width * height == pytest.approx(size * unit)
        assert x >= -1e-6
        assert y >= -1e-6
        assert x + width <= 80 + 1e-6
        assert y + height <= 50 + 1e-6
        assert max(width / height, height / width) < 4


def test_branches_without_projects_have_no_area() -> None:
    """A branch or a leaf of size nought is left out, and the rest stays inside the drawing."""
    one, two = Leaf("urn:a", "A", 3), Leaf("urn:b", "B", 0)
    areas = treemap([(one, [one, two]), (two, [two])])
    assert [area.leaf.name for area in areas] == ["A", "A"]
    assert all(area.x + area.width <= WIDTH and area.y + area.height <= HEIGHT for area in areas)


def test_every_topic_with_a_project_has_one_area(spp_client: Any) -> None:
    """On the page of topics each topic that a project names has exactly one area, with its count."""
    page = spp_client.get("/topics").text
    areas = re.findall(r'<a href="(/topic/[^"]+)"><title>[^<]+: \d+ projects?</title><rect class="leaf', page)
    rows = spp_client.get("/topics/matrix").text
    named = set(re.findall(r'<a href="(/topic/[^"]+)">[^<]', rows))
    assert len(areas) == len(set(areas))
    assert set(areas) == named


def test_the_matrix_has_a_dot_for_each_shown_assignment(spp_client: Any) -> None:
    """A dot stands where a project's text names a topic, and the list says the same of each project."""
    page = spp_client.get("/topics/matrix").text
    dots = re.findall(r"<circle[^>]*><title>([^<]+)</title>", page)
    assert len(dots) == len(set(dots)) > 100
    assert "24 of 24 projects" in seen(page)
    assert sum(int(count) for count in re.findall(r'<td class="n">(\d+)</td>', page)) == 294


def test_who_stays_leaves_and_joins(client: FlaskClient) -> None:
    """Of two phases that were read the page says how many stay, leave and join; of a third it says it was not read."""
    page = client.get("/phases").text
    text = seen(page)
    for words in ("1 stayed", "1 left", "1 joined", "Phase 3 not read"):
        assert words in text
    assert page.count('class="stayed"') == 1
    assert 'href="/phases/compare?a=1&amp;b=2"' in page
    assert " style=" not in page


def test_two_phases_side_by_side(client: FlaskClient) -> None:
    """The comparison names who is in both and who in one only; an unread phase gives no such list."""
    text = seen(client.get("/phases/compare?a=1&b=2").text)
    assert "In Phase 1 only: 1 Ada" in text
    assert "In both: 1 Bo" in text
    assert "In Phase 2 only: 1 Cy" in text
    assert "Phase 2 only: 1 Project 2" in text
    unread = seen(client.get("/phases/compare?a=2&b=3").text)
    assert "No document of Phase 3 was read" in unread
    assert "In both" not in unread
    assert "one phase twice" in seen(client.get("/phases/compare?a=2&b=2").text)


def test_a_long_comparison_says_that_it_is_cut(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of more people or projects than are named the page says how many there are, and leads to the query for all."""
    monkeypatch.setattr(overviews, "MOST_NAMED", 0)
    client.application.extensions.pop(overviews._KEY, None)
    page = client.get("/phases/compare?a=1&b=2&cut=1").text
    client.application.extensions.pop(overviews._KEY, None)
    assert "The first 0 of 1 are shown; the query gives all." in seen(page)
    assert "panel=network_members" in page


def test_nothing_flows_out_of_what_is_unknown() -> None:
    """Between a phase that was read and one that was not, there is no flow."""
    drawn = flow([("a", "A", True, {"x"}), ("b", "B", False, set()), ("c", "C", True, {"x"})])
    assert (drawn.ribbons, drawn.changes) == ((), ())


def test_the_programme_has_its_figures_and_pictures(spp_client: Any) -> None:
    """The programme's page counts, draws its topics and its people, and says of a phase without a document that none was read."""
    tree = document_fromstring(spp_client.get("/programme", headers={"Accept": "text/html"}).data)
    numbers = {" ".join(one.text_content().split()) for one in tree.xpath("//ul[@class='numbers']/li")}
    assert {"24projects", "77people"} <= {one.replace(" ", "") for one in numbers}
    assert len(tree.xpath("//svg[@class='areas']//rect")) > 50
    assert len(tree.xpath("//svg[@class='net']//circle")) == 77
    assert "no document of it was read" in tree.xpath("//ol[@class='band']/li[@class='dark']")[0].text_content()

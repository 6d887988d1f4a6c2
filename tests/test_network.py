"""The network of people and of projects: what is tied, how it is drawn, and what the page says of its limits."""

from __future__ import annotations

import html
import re
from itertools import combinations
from typing import Any

import pytest

from fundgraph.web.layout import Tie, draw, ties
from fundgraph.web.networks import _least


def seen(body: str) -> str:
    """Return what a reader sees of a page, with single spaces."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def test_ties_count_what_is_shared() -> None:
    """Two things are tied by as many groups as hold both; what is not among the things does not count."""
    found = ties([["a", "b", "z"], ["b", "a"], ["b", "c"], ["z"]], ["a", "b", "c"])
    assert sorted((tie.one, tie.other, tie.weight) for tie in found) == [(0, 1, 2), (1, 2, 1)]


def test_a_drawing_keeps_its_groups_apart() -> None:
    """Groups that do not hang together overlap nowhere, every dot is inside, and drawing again gives the same."""
    things = [(f"urn:{n}", f"A name of some length {n}") for n in range(40)]
    tied = [
        Tie(one, other, 1) for start in range(0, 40, 8) for one, other in combinations(range(start, start + 8), 2)
    ]
    net = draw(things, tied)
    assert (net.groups, len(net.dots), len(net.lines)) == (5, 40, 140)
    boxes = []
    for start in range(0, 40, 8):
        group = [dot for dot in net.dots if start <= dot.at < start + 8]
        xs, ys = [dot.x for dot in group], [dot.y for dot in group]
        boxes.append((min(xs), min(ys), max(xs), max(ys)))
    for one, other in combinations(boxes, 2):
        assert one[2] < other[0] or other[2] < one[0] or one[3] < other[1] or other[3] < one[1]
    assert all(0 <= dot.x <= net.width and 0 <= dot.y <= net.height for dot in net.dots)
    assert draw(things, tied) == net


def test_names_cover_no_dots() -> None:
    """A name that is shown lies over no dot of another thing."""
    things = [(f"urn:{n}", f"Somebody {n}") for n in range(30)]
    net = draw(things, [Tie(one, other, 1) for one, other in combinations(range(30), 2)])
    assert any(dot.room for dot in net.dots)
    for dot in net.dots:
        width = 6.4 * len(dot.label)
        left = dot.label_x - {"start": 0.0, "middle": width / 2, "end": width}[dot.anchor]
        for other in net.dots:
            inside = left < other.x < left + width and dot.label_y - 10 < other.y < dot.label_y + 2
            assert not (dot.room and other is not dot and inside)


@pytest.mark.parametrize(("most", "least"), [(10, 1), (5, 2), (2, 3), (1, 3)])
def test_a_tangle_is_thinned(most: int, least: int) -> None:
    """With too many ties only those of the weights are drawn that keep within the limit, but never none."""
    weights = [3, 3, 2, 2, 2, 1, 1, 1, 1, 1]
    assert _least([Tie(0, at, weight) for at, weight in enumerate(weights)], most) == least


def test_the_network_of_people(spp_client: Any) -> None:
    """Everybody who shares a project is a link in the drawing and a row of the table, and the rest are counted."""
    page = spp_client.get("/network").text
    drawn = re.findall(r'<a href="(/person/[^"]+)" data-n=', page)
    rows = re.findall(r'<th scope="row"><a href="(/person/[^"]+)"', page)
    assert sorted(drawn) == sorted(rows)
    total, lines = re.search(r"(\d+) of 77 people, (\d+) ties", seen(page)).groups()  # type: ignore[union-attr]
    assert int(total) == len(drawn) == len(set(drawn))
    assert int(lines) == page.count("<line ")
    asked = spp_client.get("/queries/who-works-with-whom.json").get_json()["results"]["bindings"]
    assert int(lines) == len(asked)
    assert 'href="/network" aria-current="page"' in page
    assert " style=" not in page


def test_the_network_is_narrowed(spp_client: Any) -> None:
    """Phase, topic and the least that is shared narrow the network; what is not understood counts as not given."""
    whole = spp_client.get("/network?of=projects&by=topics&least=1").text
    few = spp_client.get("/network?of=projects&by=topics&least=4").text
    assert 0 < few.count("<line ") < whole.count("<line ")
    topic = spp_client.get("/network?of=projects&by=topics&least=1&topic=inverse-problem").text
    assert 0 < topic.count("data-n=") < whole.count("data-n=")
    assert spp_client.get("/network?phase=1").text.count("<line ") == spp_client.get("/network").text.count(
        "<line "
    )
    assert "Nothing to draw" in spp_client.get("/network?phase=2").text


def test_projects_by_people_are_those_of_the_canned_query(spp_client: Any) -> None:
    """Projects that share people are tied as the canned query says."""
    page = spp_client.get("/network?of=projects").text
    asked = spp_client.get("/queries/project-network.json").get_json()["results"]["bindings"]
    assert page.count("<line ") == len(asked)

"""The pages of links: what everybody sees, and the desk where holders of a token decide, without scripts."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lxml import html as lhtml

from fundgraph.kg import KnowledgeGraph
from fundgraph.link.mapping import CLOSE, CURATED, SAME_AS, SEMAPV, Link, MappingSet
from fundgraph.link.sssom import SUFFIX, new_header, read_set, write_set
from fundgraph.settings import Settings
from fundgraph.web.access import new_token
from fundgraph.web.app import create_app

pytestmark = pytest.mark.slow

BASE = "https://w3id.org/fundgraph/spp2298/"
FELIX = f"{BASE}person/felix-dietrich"
FG = "https://w3id.org/fundgraph/ontology#"
THEIRS = tuple(f"https://orcid.org/{value}" for value in ("0000-0002-2906-1769", "0000-0002-1825-0097"))
TOKEN, HASH = new_token()
PAGE = {"Accept": "text/html"}


def _suggested(target: str, confidence: float, **more: Any) -> Link:
    return Link(
        FELIX, CLOSE, target, f"{SEMAPV}CompositeMatching", subject_label="Felix Dietrich", subject_category=f"{FG}Person",
        confidence=confidence, band="review", tool="fundgraph test", date="2026-01-02", **more,
    )  # fmt: skip


@pytest.fixture
def links(tmp_path: Path) -> Path:
    """A mapping set with two namesakes for one person, and a row that a source states."""
    rows = (
        _suggested(THEIRS[0], 0.9, object_label="Dietrich, Felix", facts="works at TUM <b>", features={"name": 1.0, "affiliation": 0.8}),
        _suggested(THEIRS[1], 0.4, object_label="Felix Dietrich (biologist)", features={"name": 1.0, "topics": 0.1}),
        Link(f"{BASE}person/martin-burger", SAME_AS, "https://orcid.org/0000-0001-5109-3700", CURATED, evidence="a page",
             subject_label="Martin Burger", subject_category=f"{FG}Person", confidence=0.95, authors=("Somebody",)),
    )  # fmt: skip
    write_set(
        MappingSet("orcid", new_header("orcid", BASE, "People in ORCID"), rows),
        tmp_path / "links" / f"orcid{SUFFIX}",
    )
    return tmp_path / "links"


@pytest.fixture
def client(spp_snapshot: Path, links: Path, tmp_path: Path) -> Iterator[Any]:
    """A client of the site, with a token and the mapping sets of the test."""
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "current").symlink_to((spp_snapshot / "current").resolve())
    settings = Settings(build_dir=tmp_path / "build", links_dir=links, token_hash=HASH)
    with KnowledgeGraph.open(settings.build_dir, settings) as kg:
        yield create_app(kg, settings).test_client()


def row(links: Path, target: str) -> Link:
    """Return a row as the file has it now."""
    return next(link for link in read_set(links / f"orcid{SUFFIX}").links if link.object == target)


def text_of(page: str) -> str:
    """Return what a reader sees of a page."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def enter(client: Any, name: str = "Emmy Noether") -> None:
    """Begin a session."""
    answer = client.post("/links/review/enter", data={"name": name, "token": TOKEN})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/links/review")


def form(client: Any, target: str, path: str = "/links/review") -> dict[str, str]:
    """Return the fields of the form for a candidate, as the page has them."""
    page = client.get(path, headers=PAGE)
    assert page.status_code == 200
    for found in lhtml.document_fromstring(page.data).xpath("//form[@method='post'][@action='/links/review']"):
        fields = {one.get("name"): one.get("value") for one in found.xpath(".//input[@type='hidden']")}
        if fields.get("object") == target:
            return fields
    raise AssertionError(f"no form for {target}")


def test_everybody_sees_the_links_of_the_release(spp_client: Any) -> None:
    """The page of links counts the rows of each set by state, and shows the rows of one, each with its source."""
    page = spp_client.get("/links", headers=PAGE)
    assert page.status_code == 200
    assert "People in ORCID" in page.text
    one = text_of(spp_client.get("/links?set=orcid", headers=PAGE).text)
    assert "Felix Dietrich https://orcid.org/0000-0002-2906-1769 stated high datafold-dev/datafold" in one
    assert spp_client.get("/links?set=nothing", headers=PAGE).status_code == 404
    assert "angegeben" in spp_client.get("/links", headers={**PAGE, "Accept-Language": "de"}).text


def test_rows_of_a_set_come_in_pages(spp_client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A set with more rows than a page holds says which are shown and of how many; the pages together have each row once."""
    monkeypatch.setattr("fundgraph.web.review.ROWS", 5)
    path, rows, notes = "/links?set=gepris", [], []
    while path:
        tree = lhtml.document_fromstring(spp_client.get(path, headers=PAGE).data)
        (panel,) = tree.xpath("//section[@aria-labelledby='rows']")
        rows += [" ".join(row.text_content().split()) for row in panel.xpath(".//tbody/tr")]
        notes.append(panel.xpath("./header/p")[0].text)
        path = next(iter(panel.xpath(".//a[@rel='next']/@href")), "").removesuffix("#rows")
    assert notes == ["1–5 / 12", "6–10 / 12", "11–12 / 12"]
    assert len(set(rows)) == len(rows) == 12
    beyond = lhtml.document_fromstring(spp_client.get("/links?set=gepris&offset=99999", headers=PAGE).data)
    assert beyond.xpath("//section[@aria-labelledby='rows']/header/p")[0].text == "11–12 / 12"
    assert spp_client.get("/links?set=gepris&offset=x", headers=PAGE).status_code == 400


def test_without_a_token_there_is_no_desk(spp_client: Any) -> None:
    """Where no token is configured nobody reviews."""
    assert spp_client.get("/links/review").status_code == 403
    assert spp_client.post("/links/review/enter", data={"name": "x", "token": TOKEN}).status_code == 403


@pytest.mark.parametrize(
    ("data", "headers"),
    [({"name": "Emmy", "token": "wrong"}, {}), ({"name": " ", "token": TOKEN}, {}), ({"token": TOKEN}, {}), ({"name": "Emmy"}, {}),
     ({"name": "Emmy", "token": TOKEN}, {"Origin": "https://evil.example"})],
)  # fmt: skip
def test_who_does_not_get_in(client: Any, data: dict[str, str], headers: dict[str, str]) -> None:
    """A wrong token, no name, or a form of another site begin no session."""
    assert client.get("/links/review", headers=PAGE).text.count('action="/links/review/enter"') == 1
    answer = client.post("/links/review/enter", data=data, headers=headers)
    assert (answer.status_code, "Set-Cookie" in answer.headers) == (403, False)
    assert "waiting" not in client.get("/links/review", headers=PAGE).text


def test_the_session_is_kept_to_itself(client: Any) -> None:
    """The cookie of a session is for these pages, for this site, and out of the reach of scripts; nothing is cached."""
    answer = client.post("/links/review/enter", data={"name": "Emmy", "token": TOKEN})
    cookie = answer.headers["Set-Cookie"]
    assert all(part in cookie for part in ("Path=/links", "HttpOnly", "SameSite=Strict"))
    assert TOKEN not in cookie
    assert client.get("/links/review").headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in client.get("/").headers


def test_both_sides_with_every_feature(client: Any) -> None:
    """The desk shows our facts, all namesakes side by side with each feature, what the target says, and the row."""
    enter(client)
    page = client.get("/links/review", headers=PAGE)
    text = text_of(page.text)
    assert "Technical University of Munich" in text
    assert "works at TUM <b>" in text
    assert "<b>" not in page.text
    assert "Feature 1 2" in text
    for words in (
        "name 1.00 1.00",
        "affiliation 0.80 –",
        "topics – 0.10",
        "0.90",
        "orcid.sssom.tsv:",
        "review",
        "2 candidates",
    ):
        assert words in text, words
    assert "Martin Burger" not in text
    assert "Martin Burger" in text_of(client.get("/links/review?second=1&at=1", headers=PAGE).text)
    assert "Nothing waits" in text_of(client.get("/links/review?kind=Topic", headers=PAGE).text)
    assert client.get("/links/review?kind=Nothing").status_code == 400
    assert "<script>" not in page.text.replace('<script src="/static/theme.js"></script>', "")
    assert "Annehmen" in client.get("/links/review?lang=de", headers=PAGE).text


@pytest.mark.parametrize(
    ("verdict", "state"), [("accept", "accepted"), ("reject", "rejected"), ("unsure", "unsure")]
)
def test_decisions_are_written_to_the_file(client: Any, links: Path, verdict: str, state: str) -> None:
    """A decision is in the mapping set at once, with reviewer, date and comment, and can be taken back."""
    before = (links / f"orcid{SUFFIX}").read_text(encoding="utf-8")
    enter(client)
    answer = client.post(
        "/links/review", data={**form(client, THEIRS[0]), "verdict": verdict, "comment": "I know\tthem"}
    )
    assert (answer.status_code, answer.headers["Location"]) == (303, "/links/review")
    link = row(links, THEIRS[0])
    assert (link.state, link.reviewers, link.comment) == (state, ("Emmy Noether",), "I know them")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", link.review_date)
    assert row(links, THEIRS[1]).state == "suggested"
    page = client.get("/links/review", headers=PAGE).text
    assert f"Written down: {verdict}." in text_of(page)
    word = re.search(r'name="word" value="([^"]+)"', page)
    assert word is not None
    assert client.post("/links/review/undo", data={"word": word[1]}).status_code == 303
    assert (links / f"orcid{SUFFIX}").read_text(encoding="utf-8") == before
    assert "was taken back" in text_of(client.get("/links/review", headers=PAGE).text)


def test_accepting_one_may_reject_the_others(client: Any, links: Path) -> None:
    """One button accepts a candidate and rejects its namesakes; one undo takes it back, and the page says both."""
    before = (links / f"orcid{SUFFIX}").read_text(encoding="utf-8")
    enter(client)
    client.post("/links/review", data={**form(client, THEIRS[1]), "verdict": "accept-only"})
    assert [row(links, one).state for one in THEIRS] == ["rejected", "accepted"]
    page = client.get("/links/review", headers=PAGE).text
    assert "Written down: accept, and the others rejected." in text_of(page)
    assert "Nothing waits" in text_of(page)
    word = re.search(r'name="word" value="([^"]+)"', page)
    assert word is not None
    client.post("/links/review/undo", data={"word": word[1]})
    assert (links / f"orcid{SUFFIX}").read_text(encoding="utf-8") == before
    bad = client.post("/links/review", data={**form(client, THEIRS[1]), "verdict": "reject-only"})
    assert bad.status_code == 400


def test_what_was_accepted_stands_beside_what_waits(client: Any) -> None:
    """After one candidate was accepted alone, its namesake is shown with it, and that it still needs a decision."""
    enter(client)
    client.post("/links/review", data={**form(client, THEIRS[0]), "verdict": "accept"})
    text = text_of(client.get("/links/review", headers=PAGE).text)
    assert "Accepted: Dietrich, Felix (Emmy Noether" in text
    assert "The candidates below still need a decision." in text
    assert "1 candidate " in text


def test_a_second_reviewer(client: Any, links: Path) -> None:
    """What one accepted another may accept too, and then two names stand there."""
    enter(client, "First")
    client.post("/links/review", data={**form(client, THEIRS[0]), "verdict": "accept"})
    enter(client, "Second")
    client.post(
        "/links/review", data={**form(client, THEIRS[0], "/links/review?second=1&at=1"), "verdict": "accept"}
    )
    assert row(links, THEIRS[0]).reviewers == ("First", "Second")


def test_two_at_the_same_time(client: Any, links: Path) -> None:
    """Who decides on a row that has changed since it was shown is told so, and nothing is written."""
    enter(client)
    fields = form(client, THEIRS[0])
    client.post("/links/review", data={**fields, "verdict": "reject"})
    answer = client.post("/links/review", data={**fields, "verdict": "accept"})
    assert answer.status_code == 409
    assert row(links, THEIRS[0]).state == "rejected"


@pytest.mark.parametrize("path", ["/links/review", "/links/review/undo", "/links/review/leave"])
@pytest.mark.parametrize(
    ("change", "headers"),
    [({"word": ""}, {}), ({"word": "guessed"}, {}), ({}, {"Origin": "https://evil.example"})],
)
def test_forms_of_others_are_refused(
    client: Any, links: Path, path: str, change: dict[str, str], headers: dict[str, str]
) -> None:
    """A form without the session's word, or sent by another site, changes nothing, though the browser sends the cookie."""
    enter(client)
    fields = {**form(client, THEIRS[0]), "verdict": "accept"}
    before = (links / f"orcid{SUFFIX}").read_text(encoding="utf-8")
    answer = client.post(path, data={**fields, **change}, headers=headers)
    assert answer.status_code == 403
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert (links / f"orcid{SUFFIX}").read_text(encoding="utf-8") == before
    assert "waiting" in client.get("/links/review", headers=PAGE).text


@pytest.mark.parametrize(
    ("change", "status"),
    [({"verdict": "maybe"}, 400), ({"name": "../../etc/passwd"}, 400), ({"object": "https://orcid.org/x"}, 400), ({"comment": "x" * 1001}, 400)],
)  # fmt: skip
def test_forms_that_are_wrong(client: Any, links: Path, change: dict[str, str], status: int) -> None:
    """A verdict, a set or a row that there is not changes nothing."""
    enter(client)
    before = (links / f"orcid{SUFFIX}").read_text(encoding="utf-8")
    answer = client.post("/links/review", data={**form(client, THEIRS[0]), "verdict": "accept", **change})
    assert answer.status_code == status
    assert (links / f"orcid{SUFFIX}").read_text(encoding="utf-8") == before


def test_leaving(client: Any) -> None:
    """After leaving, the desk asks for the token again."""
    enter(client)
    assert client.post("/links/review/leave", data=form(client, THEIRS[0])).status_code == 303
    assert 'action="/links/review/enter"' in client.get("/links/review", headers=PAGE).text

"""Documents in every layout are read as their gold files state; views lead back to the source."""

from __future__ import annotations

import html
import json
import os
import re
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fundgraph.documents import document_from_bytes, read_document
from fundgraph.documents.views import view_of
from fundgraph.errors import DocumentError
from fundgraph.extract import extract
from fundgraph.extract.report import to_json, to_text
from fundgraph.extract.source import squeeze
from fundgraph.model import Extraction
from tests.layout_scores import score, score_file

ROOT = Path(__file__).resolve().parent.parent
OWN = sorted((ROOT / "tests" / "data" / "layouts").glob("*.gold.json"))
EXAMPLES = {
    "10_nsf_cssi_awards_table.html": "10_nsf_cssi_awards_table.gold.json",
    "10_nsf_cssi_awards_table.txt": "10_nsf_cssi_awards_table.gold.json",
    "14_dfg_hexatomic_md.txt": "14_dfg_hexatomic_md.gold.json",
    "17_tuebingen_spp_blocks_de.txt": "17_tuebingen_spp_blocks_de.gold.json",
    "20_cordis_openris_en.txt": "20_cordis_openris_en.gold.json",
}
SHARED = os.environ.get("FUNDGRAPH_SHARED")
"""Read at import: the tests' environment has no settings."""


def examples() -> Path:
    """Return the folder of the shared examples; skip the test where there is none, but not in CI."""
    places = [Path(SHARED)] if SHARED else [ROOT.parent / "shared", ROOT.parent.parent / "shared"]
    for place in places:
        if (place / "documents" / "examples").is_dir():
            return place / "documents" / "examples"
    if os.environ.get("CI"):
        pytest.fail("the shared examples are missing; set FUNDGRAPH_SHARED")
    pytest.skip("the shared examples are not beside the repository; set FUNDGRAPH_SHARED")


def read(text: str, name: str = "page.html") -> Extraction:
    """Read a text as a document."""
    return extract(document_from_bytes(text.encode(), path=name))


def test_there_are_documents_of_every_layout() -> None:
    """Layouts A to E and G to J each have at least one document of our own."""
    assert {path.name[0] for path in OWN} == set("abcdeghij")


@pytest.mark.parametrize("gold", OWN, ids=lambda path: path.name.removesuffix(".gold.json"))
def test_our_documents_are_read_as_stated(gold: Path) -> None:
    """Projects, codes, dates, people, honorifics, roles and organisations are all there, and no others."""
    result = score_file(gold.with_name(gold.name.removesuffix(".gold.json")), gold)
    assert result.perfect, result.explain()
    assert result.hits > 3


MEMBERS = [gold for gold in OWN if json.loads(gold.read_text(encoding="utf-8")).get("members")]


@pytest.mark.parametrize("gold", MEMBERS, ids=lambda path: path.name.removesuffix(".gold.json"))
def test_those_beside_the_projects_are_the_programmes(gold: Path) -> None:
    """Whoever the gold file names as the programme's is among the members, and is in no project for that."""
    page = extract(read_document(gold.with_name(gold.name.removesuffix(".gold.json"))))
    stated = json.loads(gold.read_text(encoding="utf-8"))["members"]
    assert set(stated) <= {member.name for member in page.members}


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_shared_examples_are_read_as_stated(name: str) -> None:
    """The four published documents are read wholly."""
    folder = examples()
    result = score_file(folder / name, folder / EXAMPLES[name])
    assert result.perfect, result.explain()


def test_the_score_sees_what_is_missing_and_what_is_invented() -> None:
    """A gold file with another person in it is neither hit nor silent."""
    gold = json.loads((ROOT / "tests/data/layouts/j_prose_de.txt.gold.json").read_text(encoding="utf-8"))
    gold["projects"][0]["people"][0]["name"] = "Somebody Else"
    result = score(extract(read_document(ROOT / "tests/data/layouts/j_prose_de.txt")), gold)
    assert not result.perfect
    assert "missed person" in result.explain()
    assert "invented person" in result.explain()


@pytest.mark.parametrize("gold", OWN, ids=lambda path: path.name.removesuffix(".gold.json"))
def test_quotes_decode_to_what_they_say(gold: Path) -> None:
    """Titles and names, cut out of the file as it is and decoded, are the values that were read."""
    page = extract(read_document(gold.with_name(gold.name.removesuffix(".gold.json"))))
    for project in page.projects:
        assert decoded(page.document.quote(project.title_span)).endswith(project.title)
        for person in project.people:
            for mention in person.mentions:
                assert decoded(page.document.quote(mention.span)) == squeeze(mention.name)
        for one in project.institutions:
            assert one.name.split(", ")[0].split()[-1] in decoded(page.document.quote(one.span))
    for finding in page.findings:
        assert page.document.quote(finding.span) == finding.quote


def decoded(quote: str) -> str:
    """Return a quote without markup, entities and emphasis."""
    return squeeze(html.unescape(re.sub(r"<[^>]*>", "", quote)).replace("**", ""))


def test_what_a_page_does_not_show_is_not_read() -> None:
    """Navigation, comments, hidden rows, scripts, template code, banners and footers give nothing."""
    page = extract(read_document(ROOT / "tests/data/layouts/a_blocks.html"))
    said = json.dumps(to_json(page), ensure_ascii=False)
    for name in ("Skript", "Gation", "Krümel", "Gefallen", "Sichtbar", "Fuß"):
        assert name not in said


def test_every_line_is_accounted_for() -> None:
    """Read, furniture and unread lines are all lines that are not blank; the list names the unread ones."""
    page = read(
        "Home\n\nDeep nets\nProf. Dr. Anna Schmidt\n\nAbstract\n\nWe study it.\n\nSomething odd here\n\nContact us\n"
    )
    coverage = page.coverage
    assert coverage is not None
    lines = page.document.text.split("\n")
    assert coverage.read + coverage.furniture + coverage.unread == sum(bool(line.strip()) for line in lines)
    assert coverage.read >= 4
    assert all(0 < number <= len(lines) for number in coverage.lines)
    assert to_json(page)["coverage"]["unread"] == len(coverage.lines)
    assert "accounted for" in to_text(page)


def test_json_ld_is_handed_on_with_its_place() -> None:
    """A view knows where in the source embedded data stands."""
    text = '<html><head><script type="application/ld+json">{"@type": "Grant"}</script></head><body><p>x</p></body>'
    document = document_from_bytes(text.encode(), path="page.html")
    (embedded,) = view_of(document).embedded
    assert document.text[embedded.start : embedded.end] == '{"@type": "Grant"}'
    assert embedded.kind == "application/ld+json"


@pytest.mark.parametrize(
    "text",
    [
        "<html><body>" + "<div>" * 100_000 + "x" + "</div>" * 100_000,
        "<html>" + "<a " * 50_000,
        "<html>" + "<!--" * 50_000,
        "<html>" + "<![" * 50_000,
        "<html><table><tr><td>" + "<span>" * 20_000 + "</div>" * 20_000,
        "<html>" + "<table><tr><td>" * 3_000,
        "<html><p a='" * 20_000,
        "<html><script>" + "</scrip" * 50_000,
        "<html>" + "{% comment %}" * 10_000 + "${" * 10_000,
        "# x\n" + "[a](" * 20_000 + "\n" + "*a" * 20_000,
    ],
    ids=[
        "divs",
        "tags",
        "comments",
        "declarations",
        "spans",
        "tables",
        "quotes",
        "script",
        "templates",
        "markdown",
    ],
)
def test_broken_markup_takes_bounded_time(text: str) -> None:
    """Markup that is never closed is read in seconds and without an exception."""
    started = time.process_time()
    read(text)
    assert time.process_time() - started < 20


def test_ambiguous_pages_say_so() -> None:
    """Where two layouts give other projects and explain about as much, the finding says which was taken."""
    from fundgraph.extract.layouts.choose import read_layout
    from fundgraph.extract.source import Source

    text = "1. Tall trees – Prof. Dr. Anna Berg\n2. Low shrubs – Prof. Dr. Tom Hill\n"
    reading = read_layout(Source.of(document_from_bytes(text.encode(), path="p.txt")))
    assert reading.rival is None
    assert reading.layout == "entries"


PIECES = st.sampled_from(
    ["<p>", "</p>", "<div class='name'>", "<table><tr><td>", "</td><td>", "</tr>", "<li>", "<h2>", "</h2>", "<!--", "-->",
     "<script>", "</script>", "<nav>", "&uuml;", "&", "&#8211;", "<br>", "<a href='x'>", "</a>", "<b>", "<span class=value>",
     "<", ">", "\n", "\n\n", "\t", " | ", "|---|---|", "# ", "## ", "**", "[x](y)", "![", "```", "- ", "1. ", "{{ x.y }}",
     "${a.b}", "{% if %}", "Dr. Anna Schmidt", "Prof. Jan Becker", "PI: ", "Principal Investigator", "Title", "Abstract",
     "Laufzeit: 2020 bis 2023", "Antragsteller ", "University of X", "(PI; LBNL)", "Project", "A01: ", "SPP 1234", "„Netze“",
     "Grant number 1234567", "The project is led by ", ", ", "; ", "Name\tTitle\tOrganization", "Coordinator", "---", "…", "mehr"]
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(PIECES, max_size=60).map("".join), st.sampled_from(["<html><body>", "# A page\n\n", ""]))
def test_any_markup_is_read_and_read_alike_again(text: str, start: str) -> None:
    """No markup raises, a second reading is equal, spans lie in the text, and quotes are exact."""
    try:
        document = document_from_bytes((start + text).encode(), path="page")
        page = extract(document)
    except DocumentError:
        return  # nothing to read, or data that is not whole
    assert page == extract(document)
    assert page.document.text == document.text
    for project in page.projects:
        assert 0 <= project.title_span.start <= project.title_span.end <= len(document.text)
        assert project.title.strip()
        assert all(person.mentions for person in project.people)
    for finding in page.findings:
        assert document.quote(finding.span) == finding.quote
    json.dumps(to_json(page))


def test_a_heading_is_no_comment() -> None:
    """A Markdown page that begins with a heading and a list is read as a page, though it looks like broken YAML."""
    extract(document_from_bytes(b"# A page\n\n- Laufzeit: 2020 bis 2023A01: \n", path="page"))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.one_of(PIECES, st.text(max_size=6)), max_size=40).map("".join))
def test_views_lead_back_in_order(text: str) -> None:
    """Every character of a view stands for a stretch of the source, and their order is the source's."""
    for start in ("<html><body>", "# A\n"):
        try:
            document = document_from_bytes((start + text).encode("utf-8", "ignore"), path="page")
        except DocumentError:
            continue
        view = view_of(document)
        last = 0
        for offset, character in enumerate(view.document.text):
            first, end = view.back(offset, offset + 1)
            assert last <= end
            assert 0 <= first <= end <= len(document.text)
            if end - first == 1 and character.isalnum():
                assert document.text[first:end] == character
            last = first

"""Large pages are read in pieces: what is read is what the whole gives, with places in the whole, in bounded memory."""

from __future__ import annotations

import string
import tracemalloc

import pytest

from fundgraph.documents import document_from_bytes, pieces, views
from fundgraph.errors import DocumentError
from fundgraph.extract import extract
from fundgraph.model import Extraction

GIVEN = ("Ann", "Jonas", "Mara", "Ole", "Paula", "Kim", "Ida", "Nils")


def word(number: int) -> str:
    """Return a family name that no other number has."""
    letters = string.ascii_lowercase
    return "L" + letters[number // 26 % 26] + "nd" + letters[number % 26] + "r"


def prose(number: int) -> str:
    """Return an abstract."""
    return f"We measure how {word(number)} machines fall silent, and ask what the users of {number} of them notice of it."


def cards(count: int) -> str:
    """Return an HTML page of cards."""
    return "<html><body><nav><ul><li>Home</li></ul></nav><h1>Projects</h1><h2>Associated projects</h2>" + "".join(
        f"<div class='card'><h3>Quiet machines of kind {n}</h3><p>Principal investigator: Dr. {GIVEN[n % 8]} {word(n)}</p>"
        f"<div><p>{prose(n)}</p></div></div><!-- <h3> -->\n" for n in range(count)
    )  # fmt: skip


def flush(count: int) -> str:
    """Return an HTML page of headings and paragraphs side by side, with subheadings, and a second phase half-way."""
    return "<html><body><h1>Projects</h1><h2>Phase 1</h2>" + "".join(
        ("<h2>Phase 2</h2>" if n == count // 2 else "")
        + f"<h3>Quiet machines of kind {n}</h3><p>Prof. Dr. {GIVEN[n % 8]} {word(n)}</p><h4>Abstract</h4><p>{prose(n)}</p>\n"
        for n in range(count)
    )


def table(count: int) -> str:
    """Return an HTML page that is one table, nested in another."""
    return (
        "<html><body><table class='layout'><tr><td><table><tr><th>Code</th><th>Title</th><th>Principal investigator</th></tr>"
        + "".join(
            f"<tr><td>A{n:02d}</td><td>Quiet machines of kind {n}</td><td>Dr. {GIVEN[n % 8]} {word(n)}</td></tr>\n"
            for n in range(count)
        )
        + "</table></td></tr></table></body></html>"
    )


def markdown(count: int) -> str:
    """Return a Markdown page of headings."""
    return "# Projects\n\n## Phase 1\n\n" + "".join(
        f"### Quiet machines of kind {n}\n\n**Principal investigator:** Dr. {GIVEN[n % 8]} {word(n)}\n\n{prose(n)}\n\n"
        for n in range(count)
    )


def rows(count: int) -> str:
    """Return a Markdown page that is one table."""
    return "# Projects\n\n| Code | Title | Principal investigator |\n|---|---|---|\n" + "".join(
        f"| A{n:02d} | Quiet machines of kind {n} | Dr. {GIVEN[n % 8]} {word(n)} |\n" for n in range(count)
    )


def read(text: str, name: str = "page.html") -> Extraction:
    """Read a text as a document."""
    return extract(document_from_bytes(text.encode(), path=name))


def facts(extraction: Extraction) -> list[object]:
    """Return all that was read of the projects."""
    return [
        (
            (one.title, one.title_span, one.code, one.kind, one.phase, one.abstract, one.id),
            [(person.name, person.role, person.span, person.person_id) for person in one.people],
        )
        for one in extraction.projects
    ]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make pages of more than 4000 characters large, with pieces of 3000."""
    monkeypatch.setattr(views, "LARGEST_PAGE", 4000)
    monkeypatch.setattr(pieces, "PIECE", 3000)
    monkeypatch.setattr(pieces, "AHEAD", 1500)
    monkeypatch.setattr(pieces, "LONGEST_PIECE", 12_000)


@pytest.mark.parametrize(
    ("make", "name"), [(cards, "p.html"), (flush, "p.html"), (table, "p.html"), (markdown, "p.md"), (rows, "p.md")]
)
def test_pieces_give_what_the_whole_gives(make: object, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Projects, people, phases, kinds, ids and places are the same, every line is accounted for, a finding says how."""
    assert callable(make)
    text = make(80)
    whole = read(text, name)
    assert len(whole.projects) == 80
    monkeypatch.setattr(views, "LARGEST_PAGE", 4000)
    monkeypatch.setattr(pieces, "PIECE", 3000)
    monkeypatch.setattr(pieces, "AHEAD", 1500)
    parts = read(text, name)
    assert facts(parts) == facts(whole)
    assert [phase.number for phase in parts.phases] == [phase.number for phase in whole.phases]
    assert {person.id for person in parts.people} == {person.id for person in whole.people}
    assert parts.coverage is not None
    assert whole.coverage is not None
    total = parts.coverage.read + parts.coverage.furniture + parts.coverage.unread
    assert total == whole.coverage.read + whole.coverage.furniture + whole.coverage.unread
    assert parts.coverage.lines == whole.coverage.lines
    assert [one.code for one in parts.findings].count("read-in-pieces") == 1
    for finding in parts.findings:
        assert parts.document.quote(finding.span) == finding.quote


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    "text",
    [
        "<html><body><p>" + "a" * 40_000,
        "<html><body><p>" + "machines and " * 4_000 + "</p></body></html>",
        "<html><body><!--" + "<h3>x</h3>" * 4_000,
        "<html><body><script>" + "<h3>x</h3>" * 4_000,
        "# Title\n\n- [a](/b)\n- [a](/b)\n" + "word " * 8_000,
    ],
    ids=["a word", "a paragraph", "a comment", "a script", "a line"],
)
def test_no_place_for_a_cut_is_one_clear_error(text: str) -> None:
    """A page that is one paragraph, one comment or one line is refused with its line and column."""
    with pytest.raises(DocumentError, match="too large to be read at once") as refused:
        read(text, "page")
    assert refused.value.line is not None
    assert refused.value.column is not None
    assert refused.value.hint


@pytest.mark.usefixtures("small")
def test_deep_nesting_is_read() -> None:
    """Elements nested thousands deep are cut too."""
    assert read("<html><body>" + "<div>" * 20_000 + "text" + "</div>" * 20_000).projects == ()


@pytest.mark.usefixtures("small")
def test_the_page_s_figures_are_not_judged() -> None:
    """A figure of a page that is read in pieces is kept, and nothing is said of whether it is right."""
    text = flush(80).replace("<h2>Phase 1</h2>", "<p>34 projects</p><h2>Phase 1</h2>", 1)
    extraction = read(text)
    assert all(claim.agrees is None for claim in extraction.claims)
    assert not [one for one in extraction.findings if one.code.startswith("claim")]


@pytest.mark.usefixtures("small")
def test_people_s_pages_are_read_in_pieces_too() -> None:
    """A long list of people keeps its heading, and everybody is listed once."""
    text = "<html><body><h1>Members</h1><ul>" + "".join(
        f"<li>Dr. {GIVEN[n % 8]} {word(n)}, University of Lund</li>\n" for n in range(120)
    )
    extraction = read(text)
    assert len(extraction.members) == 120
    assert [one.severity for one in extraction.findings if one.code == "no-project"] == ["info"]


def test_memory_is_that_of_a_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    """Above the text, of a page in pieces much less is needed at a time than of the same page at once."""
    text = "<html><body>" + "".join(f"<p>{prose(n)}</p>" for n in range(1000))
    document = document_from_bytes(text.encode(), path="page.html")

    def peak() -> int:
        tracemalloc.start()
        extract(document)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    extract(document)  # what is kept of words is kept by now
    at_once = peak()
    monkeypatch.setattr(views, "LARGEST_PAGE", 30_000)
    monkeypatch.setattr(pieces, "PIECE", 20_000)
    monkeypatch.setattr(pieces, "AHEAD", 7_000)
    assert peak() < at_once / 2

"""What holds for every text: it is read without an exception, twice alike, and every span quotes what it says."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from fundgraph.documents import document_from_bytes
from fundgraph.errors import DocumentError
from fundgraph.extract import extract
from fundgraph.extract.identity import resolve_identities
from fundgraph.extract.report import to_json, to_text
from fundgraph.model import Extraction, ReadingOptions, TopicLabels

LABELS = (TopicLabels("deep", "deep learning", ("DL",)), TopicLabels("net", "neural network", ()))
GIVEN = ["Anna", "Jörg", "Marie-Charlotte", "J.", "Zoë", "Tim"]
FAMILY = ["Schmidt", "Müller", "von der Heide", "O’Brien", "Öztürk", "Becker"]
TITLES = ["", "", "Dr. ", "Prof. Dr. ", "PD Dr. ", "Professorin Dr. ", "Dr "]
WORDS = ["deep", "learning", "of", "networks", "Steuerung", "(DL)", "A01:", "with,", "x~y", "and", "the"]

PIECES = st.sampled_from(
    [
        "\n",
        "\n\n",
        " ",
        "\t",
        "\r\n",
        "\xa0",
        "\ufeff",
        "�",
        ", ",
        ";",
        "(",
        ")",
        "~",
        "\\ ",
        "-\n",
        "1. ",
        "# ",
        "Abstract\n",
        "Participants\n",
        "Abstract: ",
        "Beteiligte:\n",
        "Phase 1\n",
        "Associated Projects\n",
        "23\n",
        "Projects\n",
        '[1] "T", A. B, 2021.\n',
        "Dr. Anna Schmidt",
        "Jan Becker",
        " und ",
        "Schmidt, Anna\n",
        "(PI)",
        "Image of it\n",
        "arXiv:1",
        "doi:x",
        "Deep Learning\n",
        "PI: ",
        "Publications\n",
        "Laufzeit: 2021 - 2024\n",
    ]
)


def read(text: str) -> Extraction | None:
    """Read a text, or nothing if it is no document."""
    try:
        document = document_from_bytes(text.encode("utf-8", "surrogatepass"), path="page.txt")
    except DocumentError:
        return None
    return extract(document, ReadingOptions(topics=LABELS))


def check(page: Extraction) -> None:
    """Assert what holds of every reading."""
    document = page.document
    for project in page.projects:
        assert project.title.strip()
        assert project.span.start <= project.title_span.start <= project.title_span.end <= project.span.end
        for person in project.people:
            assert person.mentions
            for mention in person.mentions:
                assert mention.name
                assert document.quote(mention.span) == mention.name
    assert len({project.id for project in page.projects}) == len(page.projects)
    assert len({person.id for person in page.people}) == len(page.people)
    for finding in page.findings:
        assert document.quote(finding.span) == finding.quote
    known = {person.id for person in page.people}
    assert all(person.person_id in known for project in page.projects for person in project.people)
    json.dumps(to_json(page))
    assert to_text(page)


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.text(), st.lists(PIECES, max_size=40).map("".join)))
def test_any_text_is_read_and_read_alike_again(text: str) -> None:
    """No text raises, a second reading is equal, and spans quote what they say."""
    page = read(text)
    if page is None:
        return
    check(page)
    assert read(text) == page
    assert len(resolve_identities([page, page])) == 2


@st.composite
def pages(draw: st.DrawFn) -> tuple[str, list[tuple[str, list[str]]]]:
    """Make a page of some projects, and what should be read of it."""
    projects: list[tuple[str, list[str]]] = []
    text = ""
    for number in range(draw(st.integers(1, 4))):
        words = draw(st.lists(st.sampled_from(WORDS[:5]), min_size=2, max_size=6))
        title = f"Study {number} of the {' '.join(words)}"
        people = draw(
            st.lists(
                st.tuples(st.sampled_from(GIVEN), st.sampled_from(FAMILY)),
                min_size=1,
                max_size=4,
                unique_by=lambda p: p[1],
            )
        )
        names = [f"{given_name} {family}" for given_name, family in people]
        titled = [draw(st.sampled_from(TITLES)) + name for name in names]
        titled[0] = "Prof. Dr. " + names[0]
        projects.append((title, names))
        abstract = draw(st.sampled_from(["-", "", "We study it.", "We do. So much."]))
        text += f"{title}\n{', '.join(titled)}\n\nAbstract\n\n{abstract}\n\n"
        text += "Participants\n\n" + "\n".join(titled) + "\n\n"
    return text, projects


@settings(max_examples=60, deadline=None)
@given(pages())
def test_generated_pages_are_read_whole(page: tuple[str, list[tuple[str, list[str]]]]) -> None:
    """Every generated project comes back with its title and its people, in order."""
    text, expected = page
    found = read(text)
    assert found is not None
    check(found)
    assert [project.title for project in found.projects] == [title for title, _ in expected]
    for project, (_, names) in zip(found.projects, expected, strict=True):
        assert [found.document.quote(person.span) for person in project.people] == names


def test_a_long_text_takes_linear_time() -> None:
    """Many equal projects and long runs without a space are read; nothing grows with the square of the text."""
    found = read("Deep things\nProf. Anna Schmidt\n\n" * 500 + "a" * 100_000 + "\n\n" + "(a" * 20_000)
    assert found is not None
    assert len(found.projects) == 500

"""Bad structured input: a finding or one clear error with its line, in bounded time, never a traceback."""

from __future__ import annotations

import string
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fundgraph.documents import document_from_bytes
from fundgraph.errors import DocumentError
from fundgraph.extract import extract
from tests.records import codes, read, read_text

pytestmark = pytest.mark.slow

LAUGHS = "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 9))
BROKEN = {
    "cut off": ('[{"title": "T",\n "pi": "A B"', 2, "ends before"),
    "in a string": ('{"title": "T",\n "pi": "A', 2, "not closed"),
    "comma": ('{"title": "T"\n "pi": 1}', 2, "comma is missing"),
    "escape": ('{"title": "\\x"}', 1, "broken escape"),
    "two values": ('[{"a": 1}]\n[2]', 2, "follows after the end"),
    "nested": ("[" * 100_000, 1, "nested more than"),
    "nested objects": ('{"a":' * 100_000, 1, "nested more than"),
    "xml cut off": ('<?xml version="1.0"?>\n<Award><AwardTitle>T</AwardTitle>\n', 3, "whole XML"),
    "xml entities": ('<?xml version="1.0"?>\n<!DOCTYPE l [<!ENTITY a "x">]>\n<l>&a;</l>', 2, "entities"),
    "xml nested": ("<?xml version='1.0'?>" + "<a>" * 10_000, 1, "nested too deep"),
    "yaml": ("---\ntitle: T\npi: [A B\n---\n", 3, "whole YAML"),
    "laughs": (f"---\ntitle: T\na0: &a0 [{', '.join('x' * 9)}]\n{LAUGHS}---\n", 8, "every use of an alias"),
    "yaml nested": ("---\ntitle: " + "[" * 100_000 + "\n---\n", 2, "nested more than"),
    "yaml circle": ("---\ntitle: T\na: &a [*a]\n---\n", 3, "nothing that is complete"),
    "toml": ('+++\ntitle = "T"\npi = \n+++\n', 3, "whole TOML"),
}


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_what_is_not_whole_is_one_error_with_its_line(name: str) -> None:
    """Data cut off, broken, or made to blow up is refused with file and line, at once."""
    text, line, words = BROKEN[name]
    begun = time.process_time()
    with pytest.raises(DocumentError) as caught:
        read_text(text, "projects/f.md")
    assert (caught.value.where, caught.value.line) == ("projects/f.md", line)
    assert words in caught.value.what
    assert time.process_time() - begun < 5


def test_columns_that_change() -> None:
    """A row with too few or too many cells is a finding at its line, and is read as far as it goes."""
    extraction = read("deutsch.csv")
    assert [(one.code, one.span.line) for one in extraction.findings] == [("column-count", 3), ("column-count", 4)]
    assert [project.title for project in extraction.projects] == ["Wasser im Moor", "Zwei Seen", "Drei Seen"]


def test_duplicate_keys() -> None:
    """A key that stands twice is a finding at its second place; the last value counts, as for most programs."""
    for text in ('{"title": "T", "pi": "A B",\n "title": "U"}', "- title: T\n  pi: A B\n  title: U\n"):
        extraction = read_text(text)
        assert [project.title for project in extraction.projects] == ["U"]
        [found] = extraction.findings
        assert (found.code, found.quote) == ("duplicate-key", "title")


def test_quote_that_is_never_closed() -> None:
    """A quotation mark that is never closed is read as a character; the rows after it are not lost."""
    extraction = read_text('Title;PI;Start\n"One;Ada Quell;2020\nTwo;Bo Lind;2021\n')
    assert [project.title for project in extraction.projects] == ['"One', "Two"]
    assert "unclosed-quote" in codes(extraction)


def test_quotes_as_in_rfc_4180() -> None:
    """Quoted cells hold separators, doubled quotes and line ends, and rows after them have the right line."""
    extraction = read_text('Title,PI,Start\r\n"A ""b"", c\r\nd",Ada Quell,2020\r\nE,Bo Lind,2021\r\n')
    assert [(p.title, p.span.line, p.span.line_end) for p in extraction.projects] == [
        ('A "b", c d', 2, 3),
        ("E", 4, 4),
    ]


def test_no_date_of_the_calendar() -> None:
    """A day that does not exist is no date, and a finding that quotes it."""
    extraction = read("nsf.json")
    assert extraction.projects[0].end is None
    assert [(one.code, one.quote) for one in extraction.findings] == [("bad-date", "02/30/2027")]


def test_findings_of_cordis() -> None:
    """An end before the start and an abstract that alone is empty are findings; nothing else is."""
    assert codes(read("cordis/project.csv")) == ["dates-reversed", "empty-abstract"]


def test_data_without_projects() -> None:
    """JSON in which no record is a project's gives no project and says so."""
    extraction = read_text('{"type": "FeatureCollection", "features": []}')
    assert (extraction.projects, codes(extraction)) == ((), ["no-project"])


@pytest.mark.parametrize(
    "text",
    [
        '[{"title": "On peat", "authors": ["A B"], "journal": "J", "year": 2013}]',
        "Title;Authors;Journal;Year\nOn peat;A B;J;2013\n",
        '{"name": "package", "version": "1.0", "description": "d"}',
        "Name;Country;Population\nX;Y;3\nZ;W;4\n",
    ],
)
def test_what_is_no_project(text: str) -> None:
    """Publications, packages and other tables are not taken for projects."""
    assert read_text(text).projects == ()


@pytest.mark.parametrize("sign", ["x", ";", '";'])
def test_long_lines_take_bounded_time(sign: str) -> None:
    """Ten megabytes on one line of a table take seconds, whatever they are."""
    begun = time.process_time()
    read_text("Title;PI;Start\nT;Ada Quell;2020\n" + sign * (10_000_000 // len(sign)) + "\n")
    assert time.process_time() - begun < 20


BITS = st.sampled_from(
    [*'{}[]",:;\n\t|\'<>&-+=*#@ \\', '"title"', "title", "Title;PI;Start\n", '"pi":', "start", "---\n", "+++\n", "<a>", "</a>",
     "<fundingReference>", "<funderName>", "</funderName>", '<?xml version="1.0"?>', "0000-0002", "2020-01-01", "é", "null",
     "- title: ", "A B", "id;acronym;title;rcn\n", "projectID;role;name;SME\n", '"@type":"Grant","name":', 'title = "x"', "&a ",
     "*a", "\ud7ff", "\u2028", *string.ascii_letters[:4]]
)  # fmt: skip


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(st.lists(BITS, min_size=1, max_size=30).map("".join), st.text(min_size=1)))
def test_any_text_is_read_and_read_again_the_same(text: str) -> None:
    """Any text is read or refused with an error of ours, and reading it again gives the same."""
    try:
        document = document_from_bytes(text.encode("utf-8", errors="replace"), path="projects/x.md")
        first = extract(document)
    except DocumentError as error:
        if error.line is not None and error.line < 1:
            raise AssertionError("an error's line counts from 1") from error
        return
    assert extract(document) == first
    for project in first.projects:
        assert 0 <= project.title_span.start <= project.title_span.end <= len(document.text)

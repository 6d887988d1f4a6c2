"""What makes reading fast changes nothing of what is read: shortcuts agree with the long way, and nothing is kept of a page."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fundgraph.documents import document_from_bytes, read_document
from fundgraph.errors import DocumentError
from fundgraph.extract import extract, headings, names
from fundgraph.extract.collector import collector_paused
from fundgraph.extract.layouts import entries
from fundgraph.extract.layouts.page import is_placeholder
from fundgraph.extract.layouts.records import RawPerson, RawProject
from fundgraph.extract.layouts.titles import is_noise
from fundgraph.extract.people import members_of
from fundgraph.extract.source import Source, squeeze
from fundgraph.extract.words import word_list

PAGES = Path(__file__).parent / "data" / "layouts"
WORDS = st.sampled_from(
    [
        "Anna",
        "Schmidt",
        "Müller-Lang",
        "von",
        "der",
        "De",
        "Le",
        "O’Brien",
        "d'Arc",
        "J.",
        "A.B.",
        "Xi",
        "李",
        "IV",
        "Jr.",
        "PhD",
        "Prof.",
        "Dr.",
        "Dr",
        "Prof. Dr.-Ing.",
        "Dr. habil.",
        "und",
        "and",
        "zu",
        "&",
        "(PI)",
        "Universität",
        "TU",
        "the",
        "Deep",
        "2020",
        "MA",
        "Herr",
        "PD",
        "as well as",
        "Professorin",
        "Prof",
        "Privatdozent",
        "Sir",
        "Ph.D.",
        "rer. nat.",
    ]
)
SIGNS = st.sampled_from([" ", " ", " ", ", ", ", ", "; ", ",", "  ", "\u00a0", " and ", " / ", "\t"])
LINES = st.lists(st.tuples(WORDS, SIGNS), min_size=1, max_size=8).map(
    lambda parts: "".join(map("".join, parts)).strip()
)


@given(LINES)
@settings(max_examples=200, deadline=None)
def test_plain_names_are_read_as_any_names_are(line: str) -> None:
    """Where the shortcut for plain names reads people, the rules for all names read the same ones."""
    if plain := names._plain_people(line, 0):
        assert plain == names._read_people(line)


@given(LINES)
@settings(max_examples=200, deadline=None)
def test_what_begins_as_prose_is_no_line_of_people(line: str) -> None:
    """Where the first words say that a line is prose, the rules for names read nobody there."""
    if names._begins_as_prose(line):
        assert names._read_people(line) is None


@pytest.mark.parametrize("vocabulary", ["headings", "roles"])
def test_no_heading_or_role_lacks_its_word(vocabulary: str) -> None:
    """Every heading and role of the vocabulary has a word by which it is looked for."""
    for form in word_list(vocabulary):
        for printed in (form, form.capitalize(), f"{form}:"):
            if len(printed) <= 120:
                assert headings.read_heading(printed) == headings._any_heading(printed)


@pytest.mark.parametrize("form", [*word_list("page", "placeholder"), "(T.B.D.)", " – "])
def test_every_placeholder_is_one_whatever_stands_about_it(form: str) -> None:
    """The first word, by which texts that are none are told early, lets every known placeholder through."""
    assert is_placeholder(form) or not any(character.isalpha() for character in form)
    assert not is_placeholder(f"{form} {'more words ' * 30}")


@pytest.mark.parametrize(
    "line", ["Seite 3 von 7", "1 2 3 … 9 weiter", "Home › Research › Projects", "www.example.org", "====="]
)
def test_noise_is_noise_at_first_sight(line: str) -> None:
    """Pagers, paths, addresses and rules are told from text though most lines are let go by their first word."""
    assert is_noise(line)


@given(st.text(alphabet="aÄ \t\n\u00a0\u200b\u2003\x1c.", max_size=20))
def test_squeezed_text_has_single_spaces_only(text: str) -> None:
    """Text that is left as it is needed no change: every run of white space is one space, and none is at the edges."""
    assert squeeze(text) == " ".join("".join(" " if c in "\u200b" else c for c in text).split())


def test_what_was_read_before_changes_nothing() -> None:
    """Pages are read alike in any order: what is remembered is of words and lines, not of a page."""
    pages = [document_from_bytes(path.read_bytes(), path=path.name) for path in sorted(PAGES.glob("*.txt"))]
    for order, start in (("01/02/2026", "2026-02-01"), ("13/02/2026", "2026-02-13")):
        text = f"Phase 1 (05/04/2020 – {order})\n\nA title of some work\nProf. Dr. Anna Schmidt\n\nAbstract\n\nText.\n"
        pages.append(document_from_bytes(text.encode(), path=f"{start}.txt"))
    there = [extract(page) for page in pages]
    back = [extract(page) for page in reversed(pages)]
    assert there == back[::-1]


@pytest.mark.parametrize("on", [True, False])
def test_the_collector_is_left_as_it_was(on: bool) -> None:
    """A reading, good or broken off, leaves the collector of cycles on or off as it found it, and nothing frozen."""
    try:
        (gc.enable if on else gc.disable)()
        extract(
            document_from_bytes(b"A title of some work\nProf. Dr. Anna Schmidt\n\nAbstract\n\nText.\n", path="p")
        )
        assert gc.isenabled() is on
        with pytest.raises(DocumentError):
            extract(document_from_bytes(b'{"title": "x"', path="p.json"))
        assert gc.isenabled() is on
    finally:
        gc.enable()
    assert gc.get_freeze_count() == 0


@pytest.mark.parametrize(
    "name", ["a_blocks.html", "b_records_de.txt", "d_bullets_en.md", "e_table_de.html", "i_consortium_en.txt"]
)
def test_the_reading_of_a_page_leaves_no_cycles(name: str) -> None:
    """With the collector off nothing of a page that was read and dropped is left for it: all was freed by then."""
    page = read_document(PAGES / name)
    extract(page)
    gc.collect()
    gc.disable()
    try:
        extract(page)
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_what_others_froze_stays_frozen() -> None:
    """Where the program keeps objects from the collector these are not thawed by a reading."""
    gc.freeze()
    try:
        frozen = gc.get_freeze_count()
        with collector_paused():
            pass
        assert gc.get_freeze_count() == frozen
    finally:
        gc.unfreeze()


@given(
    st.lists(
        st.tuples(LINES, st.sampled_from(["header", "list"]), st.sampled_from([None, "PI", "Guest star"])),
        max_size=4,
    )
)
@settings(max_examples=200, deadline=None)
def test_alike_mentions_say_one_thing(mentions: list[tuple[str, str, str | None]]) -> None:
    """Whose mentions are said to be alike has one name and one title, no role and nothing else beside the name."""
    people = [
        RawPerson(name, where, role)
        for text, where, role in mentions
        if (line := names.read_people(text, 0, len(text)))
        for name in line.people
    ]
    for member in members_of(RawProject("", 0, 0, 0, 0, people=tuple(people))):
        assert member.in_list == any(one.where == "list" for one in member.mentions)
        assert member.in_header == any(one.where != "list" for one in member.mentions)
        told = {(one.name.name, one.name.honorific) for one in member.mentions}
        assert member.uniform == (len(told) == 1)
        beside = any(one.role or one.name.bracket or one.name.affiliation for one in member.mentions)
        assert member.alike == (member.uniform and not beside)
        assert (member.role_as_printed, member.note, member.affiliation) == (None, None, None) or not member.alike


def test_remarks_of_a_reading_that_finds_nothing_are_made_late() -> None:
    """A page without a list of entries gives no remarks until they are asked for, and then one for each line."""
    source = Source.of(document_from_bytes(b"Some page\n\nwith a line or two of prose.\nHome\n", path="p.txt"))
    reading = entries.read(source)
    assert reading.remarks == ()
    assert reading.late is not None
    assert [one.code for one in reading.late()] == ["unread-text", "unread-text", "page-furniture"]

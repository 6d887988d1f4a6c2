"""What makes reading fast changes nothing of what is read: shortcuts agree with the long way, and nothing is kept of a page."""

from __future__ import annotations

import gc
import pickle
from copy import copy
from dataclasses import FrozenInstanceError, replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fundgraph.documents import document_from_bytes, read_document
from fundgraph.errors import DocumentError
from fundgraph.extract import codes, extract, headings, names
from fundgraph.extract.collector import collector_paused
from fundgraph.extract.layouts import entries, sentences, tables
from fundgraph.extract.layouts.page import is_placeholder
from fundgraph.extract.layouts.records import RawPerson, RawProject
from fundgraph.extract.layouts.titles import is_noise
from fundgraph.extract.people import members_of
from fundgraph.extract.source import Source, squeeze
from fundgraph.extract.words import word_list
from fundgraph.frozen import quick
from fundgraph.model import Identifier, ReadingOptions

pytestmark = pytest.mark.slow

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


TITLES = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(
        [
            "",
            "(",
            *word_list("page", "code"),
            *word_list("page", "programme", "kinds"),
            "A",
            "ab",
            "Zebra",
            "Ö",
            "ESR",
        ]
    ),
    st.sampled_from(["", " ", "-", "\u00a0", "/"]),
    st.sampled_from(["", "1", "A01", "12", "2298", "IV", "X", "3a"]),
    st.sampled_from(["", ": A title", " – a title", " A title", "A title", ". A title", ") A title"]),
)


@given(TITLES)
@settings(max_examples=300, deadline=None)
def test_a_code_is_read_whatever_its_first_word(title: str) -> None:
    """Titles of which the first word says that they begin with no code match none of the codes' patterns."""
    if not codes._may_be_coded(title):
        patterns = codes._pattern(), codes._programme_pattern(), codes._spaced_pattern()
        assert not any(pattern.match(title) for pattern in patterns)


@pytest.mark.parametrize(
    "sentence",
    [
        "Prof. Dr. Anna Schmidt and Jan Becker are the principal investigators.",
        "Anna Schmidt  leads the project.",
        "Anna Schmidt und Jan Becker leiten das Projekt.",
        "Dr. Anna Schmidt ist Sprecherin des Verbunds.",
        "Anna Schmidt coordinates it.",
        "Anna Schmidt, Jan Becker, Maria Lang",
    ],
)
def test_sentences_are_told_by_their_ends(sentence: str) -> None:
    """Where the words after the people stand nowhere, the whole pattern of a sentence matches nowhere either."""
    patterns = [one for table in sentences._patterns().values() for one in table]
    assert any(one.end is not None for one in patterns)
    matched = [one for one in patterns if one.whole.search(sentence)]
    assert bool(matched) == sentence.endswith(".")
    assert all(one.may_stand(sentence, 0, len(sentence)) for one in matched)


@given(st.text(alphabet="aB \n\u00a0", max_size=12), st.sampled_from(["a", "aB", "a B", "B a a", "aB\u00a0a"]))
def test_a_page_has_what_its_text_has(text: str, phrase: str) -> None:
    """What a page's runs between white space say of a phrase is what its text says."""
    source = Source.of(document_from_bytes(f"x\n{text}".encode(), path="p.txt"))
    assert source.has(phrase) == (phrase in source.document.text)


@pytest.mark.parametrize("form", ["Award #1234567", "(12345)", "[ABC-123456]", "work 2021", "12345 things"])
def test_an_award_ends_its_cell(form: str) -> None:
    """A cell that does not end in five digits has no award's number; one that does may have."""
    assert tables._ends_in_number(form) or not tables._AWARD.search(form)
    assert tables._ends_in_number(form) == (form[-1] in ")]" or form.endswith("7"))


def test_quick_records_are_frozen_records() -> None:
    """A quick record is hashed, compared, copied and pickled as others are, and cannot be changed."""
    one = Identifier("orcid", "0000-0002-7319-2192")
    assert {one: 1}[Identifier(value="0000-0002-7319-2192", scheme="orcid")] == 1
    assert pickle.loads(pickle.dumps(one)) == copy(one) == replace(replace(one, value="x"), value=one.value) == one
    assert type(one) is Identifier
    with pytest.raises(FrozenInstanceError):
        one.value = "x"  # type: ignore[misc]
    with pytest.raises(TypeError, match="scheme"):
        Identifier()  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="more than fill"):
        quick(ReadingOptions)

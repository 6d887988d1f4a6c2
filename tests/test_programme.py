"""programme.toml: what is read, and that everything broken is one clear error with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from fundgraph.documents.programme import find_programmes, read_programme
from fundgraph.errors import ProgrammeError

from .conftest import ROOT

TINY = ROOT / "tests" / "data" / "tiny"


def test_the_shipped_programme() -> None:
    """SPP 2298's description names its funder, its two phases, its document, and sources for its facts."""
    programme = read_programme(ROOT / "data" / "spp2298")
    assert programme.number == "SPP 2298"
    assert programme.base == "https://w3id.org/fundgraph/spp2298/"
    assert programme.funder is not None
    assert programme.funder.acronym == "DFG"
    assert [phase.number for phase in programme.phases] == [1, 2]
    (document,) = programme.documents
    assert (document.id, document.phase) == ("phase1", 1)
    assert document.source
    assert document.retrieved
    assert document.rights
    assert len(programme.facts) > 60
    assert all(fact.source for fact in programme.facts)


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ('name = "Mathematics of Rivers"', "name = ", 2, "not valid TOML"),
        ('name = "Mathematics of Rivers"', "", 1, "name is missing"),
        ('name = "Mathematics of Rivers"', 'name = "  "', 2, "name is empty"),
        ('base = "https://example.org/rivers/"', 'base = "rivers"', 4, "absolute http(s) IRI"),
        ('"professors-and-leading-doctors"', '"the tallest"', 5, "no pi_rule 'the tallest'"),
        ('topics = "topics.ttl"', 'topics = "../../secret.ttl"', 6, "outside of the programme's folder"),
        ('topics = "topics.ttl"', 'topics = "none.ttl"', 6, "does not exist"),
        ('end = "2022-12-31"', 'end = "2019"', 15, "lies before start"),
        ('end = "2022-12-31"', 'end = "soon"', 15, "must be a date"),
        ("number = 1", 'number = "one"', 13, "whole number"),
        ("phase = 1", "phase = 7", 19, "phase 7 is not among"),
        ('file = "documents/page.txt"', 'file = "documents/none.txt"', 18, "does not exist"),
        ("[[document]]", "[document]", None, "must be written [[document]]"),
        ("[[phase]]", "[[pahse]]", 1, "no table 'pahse'"),
        ('rights = "written', 'right = "written', 22, "no key 'right'"),
    ],
)
def test_a_broken_description(tiny: Path, old: str, new: str, line: int | None, says: str) -> None:
    """A broken programme.toml is one error that names the file, the line and the fault."""
    path = tiny / "programme.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ProgrammeError) as caught:
        read_programme(tiny)
    assert says in str(caught.value)
    assert caught.value.where == str(path)
    if line is not None:
        assert caught.value.line == line


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("subject_name", "name", 1, "other columns"),
        ("\thigh\t", "\tperhaps\t", 2, "no confidence 'perhaps'"),
        ("\tperson\taff", "\tanimal\taff", 3, "no kind 'animal'"),
        ("https://example.org/staff", "", 3, "needs a subject, a scheme, a value and a source"),
        ("\tas of 2021", "", 3, "6 fields instead of 7"),
    ],
)
def test_broken_facts(tiny: Path, old: str, new: str, line: int, says: str) -> None:
    """A broken table of facts is one error that names the line."""
    path = tiny / "facts.tsv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ProgrammeError) as caught:
        read_programme(tiny)
    assert says in str(caught.value)
    assert (caught.value.where, caught.value.line) == (str(path), line)


def test_bytes_that_are_no_text(tiny: Path) -> None:
    """A programme.toml in another encoding is named with the line of the first wrong byte."""
    path = tiny / "programme.toml"
    path.write_bytes(path.read_bytes().replace(b"Rivers", b"Fl\xfcsse"))
    with pytest.raises(ProgrammeError, match=r"toml:2: is not UTF-8"):
        read_programme(tiny)


def test_no_programme(tmp_path: Path) -> None:
    """A folder without a programme, and no folder at all, are said to be so."""
    with pytest.raises(ProgrammeError, match=r"no folder here holds a programme\.toml"):
        find_programmes(tmp_path)
    with pytest.raises(ProgrammeError, match="no such folder"):
        find_programmes(tmp_path / "nowhere")

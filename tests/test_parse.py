"""Reading RDF files by Oxigraph's parsers."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rdflib import Literal

from fundgraph.errors import RdfError
from fundgraph.ntriples import escape, name_of
from fundgraph.store.parse import parse_file, parse_turtle

A, B, C = (f"<http://e/{letter}>" for letter in "abc")
TEXTS = {
    "ttl": "@prefix : <http://e/> . :a :b :c .",
    "nt": f"{A} {B} {C} .\n",
    "nq": f"{A} {B} {C} <http://e/g> .\n",
    "trig": "@prefix : <http://e/> . :g { :a :b :c }",
    "n3": "@prefix : <http://e/> . :a :b :c . { :x :y :z } => { :z :y :x } .",
    "rdf": '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://e/">'
    '<rdf:Description rdf:about="http://e/a"><b rdf:resource="http://e/c"/></rdf:Description></rdf:RDF>',
    "jsonld": '{"@id": "http://e/a", "http://e/b": {"@id": "http://e/c"}}',
}


@pytest.mark.parametrize("suffix", sorted(TEXTS))
def test_every_format(tmp_path: Path, suffix: str) -> None:
    """A file of each format gives its triples; what N3 quotes within braces is not said."""
    path = tmp_path / f"file.{suffix}"
    path.write_text(TEXTS[suffix], encoding="utf-8")
    assert (A, B, C) in set(parse_file(path))
    assert not any("/x>" in triple[0] or "/z>" in triple[0] for triple in parse_file(path))


@pytest.mark.parametrize(
    ("name", "data", "said", "line"),
    [
        ("a.ttl", b"<http://a> <http://b>\n'\xff' .", "UTF-8", 2),
        ("b.ttl", b"@prefix x: <http://x> .\nx:a x:b y:c .", "prefix y: has not been declared", 2),
        ("c.jsonld", b'{"@context": "http://x/y", "@id": "a"}', "nothing is fetched", None),
        ("d.rdf", b"<rdf", "not valid RDF/XML", None),
        ("e.ttl", b"<http://a> <http://b> <<( <http://a> <http://b> <http://c> )>> .", "a triple as a term", None),
        ("f.docx", b"", "not an RDF file by its name", None),
        ("g.trig", b"{ <http://a> <http://b> }", "not valid TriG", 1),
    ],
)
def test_broken_files(tmp_path: Path, name: str, data: bytes, said: str, line: int | None) -> None:
    """Each fault is one message with the file, and the line where the format has lines."""
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(RdfError, match=said) as caught:
        list(parse_file(path))
    assert caught.value.where == str(path)
    assert caught.value.line == line


def test_a_missing_file(tmp_path: Path) -> None:
    """A file that is not there is said to be so."""
    with pytest.raises(RdfError, match="cannot be read: No such file"):
        list(parse_file(tmp_path / "nothing.ttl"))


def test_blank_nodes_are_the_texts_own() -> None:
    """The same label in two texts is two blank nodes, in one text one."""
    one, other = (list(parse_turtle(f"_:x {B} {C} . {A} {B} _:x .")) for _ in range(2))
    assert {one[0][0], one[0][0]} == {one[0][0], one[1][2]}
    assert one[0][0] != other[0][0]


def test_lexical_forms_are_kept() -> None:
    """A literal stays as it is written, also where its value has a usual form."""
    integer = "<http://www.w3.org/2001/XMLSchema#integer>"
    assert list(parse_turtle(f'{A} {B} "007"^^{integer} .')) == [(A, B, f'"007"^^{integer}')]


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_terms_are_written_as_the_serialiser_does(text: str) -> None:
    """What we write of a literal is, byte for byte, what Oxigraph writes of it."""
    assert f'"{escape(text)}"' == str(ox.Literal(text)) == name_of(Literal(text))

"""Documents that would bring a parser down are known before it sees them; ordinary ones pass."""

from __future__ import annotations

import time

import pytest

from fundgraph.store.nesting import MAX_LEVELS, fault


@pytest.mark.parametrize(
    ("data", "form"),
    [
        (b"<a:a> <a:b> " + b"(" * 100_000 + b")" * 100_000, "turtle"),
        (b"<a:a> <a:b> " + b"[ <a:b> " * 1000 + b"]" * 1000, "trig"),
        (b"<a:a> <a:b> " + b"<<( <a:a> <a:b> " * 1000, "ntriples"),
        (b'<!DOCTYPE r [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><r/>', "rdfxml"),
        (b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///x">]><r/>', "rdfxml"),
        (b'<!DOCTYPE r [<!ENTITY % d "x"> %d;]><r/>', "rdfxml"),
        (b'<!DOCTYPE r [<!ENTITY d "' + b"x" * 500 + b'">]><r/>', "rdfxml"),
    ],
)
def test_unfit_documents(data: bytes, form: str) -> None:
    """What nests without end or multiplies itself is found out."""
    assert fault(data, form) is not None


@pytest.mark.parametrize(
    ("data", "form"),
    [
        (b"<a:a> <a:b> " + b"(" * MAX_LEVELS + b")" * MAX_LEVELS, "turtle"),
        (b'<a:a> <a:b> "' + b"(" * 10_000 + b'" . # ' + b"[" * 10_000, "turtle"),
        (b"<a:a> <a:b> ([] [] []) .\n" * 1000, "turtle"),
        (b"<a:(((((> <a:b> ''' \" [ ''' .\n" * 1000, "turtle"),
        (b'<!DOCTYPE r [<!ENTITY fg "https://w3id.org/fundgraph/ontology#">]><r/>', "rdfxml"),
        (b"{" * 10_000, "jsonld"),
    ],
)
def test_fit_documents(data: bytes, form: str) -> None:
    """What is long, or only looks nested, passes; JSON-LD's parser counts for itself."""
    assert fault(data, form) is None


def test_time_is_linear() -> None:
    """A large document of strings that never end is looked over in no time."""
    started = time.process_time()
    for sign in (b'"', b"'", b'"""', b"<a", b"<<", b'"\\'):
        fault(sign * 300_000, "turtle")
    assert time.process_time() - started < 3

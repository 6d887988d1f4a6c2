"""What is legal and seldom meant: variables used once, cross products; and the words for mistakes."""

from __future__ import annotations

import pytest

from fundgraph.store.mistakes import no_form, syntax_error
from fundgraph.store.scan import advice, scan

PREFIX = "PREFIX ex: <http://example.org/>\n"


def codes(query: str) -> list[tuple[str, str]]:
    """Return code and offending text of each remark."""
    return [(remark.code, remark.near) for remark in advice(PREFIX + query)]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("SELECT ?a { ?a ex:p ?b }", ["?b"]),
        ("SELECT ?a ?b { ?a ex:p ?b }", []),
        ("SELECT * { ?a ex:p ?b }", []),
        ("SELECT (COUNT(*) AS ?n) { ?a ex:p ?b }", []),
        ("SELECT (COUNT(?a) AS ?n) { ?a ex:p 1 }", []),
        ("SELECT ?a { GRAPH ?g { ?a ex:p 1 } }", []),
        ("ASK { ?a ex:p ?b }", []),
        ("CONSTRUCT { ?a ex:p ?b } WHERE { ?a ex:q ?c }", ["?b", "?c"]),
        ("CONSTRUCT WHERE { ?a ex:q ?c }", []),
        ("SELECT ?a { ?a ex:p '?b' } # ?c", []),
    ],
)
def test_variables_used_once(query: str, expected: list[str]) -> None:
    """A variable that is written once is remarked on, where every variable that matters is named."""
    assert [near for code, near in codes(query) if code == "single-use-variable"] == expected


def test_a_variable_misspelt() -> None:
    """The variable that may have been meant is suggested."""
    (remark,) = advice(PREFIX + "SELECT ?tilte { ?s ex:p ?title ; ex:q ?title ; ex:r ?s }")
    assert (remark.near, remark.suggestions) == ("?tilte", ("?title",))


JOINED = (
    "?a ex:p ?b . ?b ex:q ?c",
    "?a ex:p ?b ; ex:q ?c , ?d . ?d ex:p ?e",
    "?a ex:p ?b . ?c ex:q ?d FILTER(?b = ?d)",
    "?a ex:p ?b . ?c ex:q ?d . FILTER EXISTS { ?b ex:p ?d }",
    "?a ex:p ?b BIND('x' AS ?y)",
    "VALUES ?x { 1 } ?a ex:p ?b",
    "{ ?a ex:p ?b } UNION { ?c ex:q ?d }",
    "?a ex:p [ ex:q ?b ] . ?b ex:p ?c",
    "?a ex:p ( ?b ?c ) . ?c ex:p ?d",
    "?a ex:p _:x . _:x ex:p ?b",
    "{ SELECT ?a { ?a ex:p ?b } } ?a ex:q ?c",
    "?a ex:p ?b MINUS { ?x ex:q ?y }",
    "?a ex:p ?b . ex:s ex:p ex:o",
    "VALUES (?a ?b) { (1 2) (3 4) } ?a ex:p ?b",
)
LOOSE = (
    "?a ex:p ?b . ?c ex:q ?d",
    "?a ex:p ?b FILTER(?b < 3) ?c ex:q ?d",
    "?a ex:p ?b OPTIONAL { ?c ex:q ?d }",
    "VALUES ?a { 1 2 } VALUES ?b { 3 4 }",
    "GRAPH ?g { ?a ex:p ?b . ?c ex:q ?d }",
    "{ ?a ex:p ?b } { ?c ex:q ?d }",
    "?a ex:p ?b . { SELECT ?c { ?c ex:q ?d } }",
    "?x ex:p ?y FILTER NOT EXISTS { ?x ex:p ?b . ?c ex:q ?d }",
)


@pytest.mark.parametrize("pattern", JOINED)
def test_joined_patterns(pattern: str) -> None:
    """Patterns that share a variable, directly or by a filter, are no cross product."""
    assert "cross-product" not in dict(codes(f"SELECT * {{ {pattern} }}"))


@pytest.mark.parametrize("pattern", LOOSE)
def test_cross_products(pattern: str) -> None:
    """Patterns that nothing joins are remarked on, wherever they stand."""
    assert [code for code, _ in codes(f"SELECT * {{ {pattern} }}")] == ["cross-product"]


def test_the_canned_queries_multiply_nothing() -> None:
    """None of the shipped questions is a cross product."""
    from fundgraph import assets
    from fundgraph.questions import load_questions

    remarks = {
        name: remark.message
        for name, question in load_questions(assets.queries_dir()).items()
        for remark in advice(question.query)
        if remark.code == "cross-product"
    }
    assert remarks == {}


def test_terms_of_patterns() -> None:
    """Constant IRIs of patterns are found, but no graphs, functions, datatypes, templates or others' patterns."""
    seen = scan(
        PREFIX
        + "CONSTRUCT { ?s ex:new ?o } WHERE { ?s ex:old '3'^^ex:type ; a <http://x/C> . GRAPH ex:g { ?s ?p ?o } "
        "FILTER(ex:function(?o)) SERVICE <http://y/> { ?s ex:theirs ?o } }"
    )
    assert [iri for iri, _ in seen.iris] == ["http://example.org/old", "http://x/C"]
    assert [iri for iri, _ in seen.graphs] == ["http://example.org/g"]


def test_calls_of_services() -> None:
    """A call is found whole: its target, its pattern, whether it is silent or holds another one."""
    text = (
        PREFIX
        + "SELECT * { ?s ?p ?o SERVICE SILENT ex:end { ?s ex:q 'SERVICE {' } SERVICE ?x { SERVICE ex:y {} } }"
    )
    first, second, third = scan(text).services
    assert (first.target, first.silent, first.nested) == ("http://example.org/end", True, False)
    assert text[first.start : first.end].startswith("SERVICE SILENT")
    assert text[first.pattern : first.end] == "{ ?s ex:q 'SERVICE {' }"
    assert (second.target, second.nested, third.nested) == ("", True, True)


def test_an_undeclared_prefix() -> None:
    """A prefix that was not declared is named with its place; one that is nearly known is suggested."""
    message = "error at 1:20: Prefix not found"
    error = syntax_error("SELECT * { ?s exx:p ?o }", message, {"ex": "http://example.org/"})
    assert (error.line, error.column, error.near, error.suggestions) == (1, 15, "exx:", ("ex:",))
    assert "PREFIX ex: <http://example.org/>" in (
        syntax_error("ASK { ?s ex:p 1 }", message, {"ex": "http://example.org/"}).hint or ""
    )


def test_a_keyword_misspelt() -> None:
    """A keyword with a slip of the finger is named, and the right one suggested."""
    error = no_form("SELCT * {}", 0)
    assert (error.line, error.column, error.near, error.suggestions) == (1, 1, "SELCT", ("SELECT",))

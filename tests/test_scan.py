"""The look over a query's tokens: form, SERVICE, graphs, depth, and where a LIMIT goes."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fundgraph.store.scan import UNLIMITED, position, scan

WORDS = st.text(alphabet="SERVICEservice <>?x{}#.:$", max_size=40)
SPACE = st.text(alphabet=" \t\r\n", max_size=4) | st.sampled_from(["#c\n", " # SERVICE\n", "#x\r"])
CASES = st.lists(st.booleans(), min_size=7, max_size=7).map(
    lambda upper: "".join(c.upper() if up else c for c, up in zip("service", upper, strict=True))
)


@pytest.mark.parametrize(
    ("text", "form", "operation"),
    [
        ("SELECT * {}", "select", "select"),
        ("# SELECT\nPREFIX a: <x#>\nBASE <y> ask{}", "ask", "ask"),
        ('VERSION "1.2" CONSTRUCT WHERE { ?s ?p ?o }', "construct", "construct"),
        ("Describe <x>", "describe", "describe"),
        ("PREFIX select: <x> INSERT DATA {}", "update", "insert"),
        ("LOAD <file:///x>", "update", "load"),
        ("WITH <g> DELETE {} WHERE {}", "update", "with"),
        ("SELECTDISTINCT * {}", "unknown", ""),
        ("", "unknown", ""),
        ("{ SELECT * {} }", "unknown", ""),
    ],
)
def test_form(text: str, form: str, operation: str) -> None:
    """The form is the first word after the prologue."""
    seen = scan(text)
    assert (seen.form, seen.operation) == (form, operation)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { SERVICE <http://x> {} }",
        "SELECT * { SERVICE SILENT ?x {} }",
        "PREFIX ex: <http://x/> SELECT * { SERVICEex:x{} }",
        "PREFIX : <http://x/> SELECT * { SERVICESILENT:x{} }",
        "PREFIX ex: <http://x/> SELECT * { ?s ?p trueSERVICE ex:x{} }",
        "PREFIX : <http://x/> SELECT * { ?s ?p true.SERVICE:x{} }",
        "PREFIX : <http://x/> SELECT * { FILTER(?a<?b)SERVICE:x#>\n{} }",
        'PREFIX : <http://x/> SELECT * { FILTER(?a<2#>"""\n)SERVICE:x#>\n{} #"""\n}',
        "SELECT * { ?s ?p 1SERVICE <http://x>{} }",
        "SELECT * { # comment\rSERVICE <http://x> {} }",
        "SELECT * { { SELECT * { OPTIONAL { SERVICE <http://x> {} } } } }",
    ],
)
def test_service_in_disguise(text: str) -> None:
    """A call of another service is seen however it is written; the engine's parser knows no word boundaries."""
    assert scan(text).service is not None


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?service { ?service ?p $SERVICE }",
        "PREFIX service: <http://x/> SELECT * { ?s service:p ?o . service:x a service:Service }",
        "PREFIX service: <http://x/> SELECT * { GRAPH service:g { ?s ?p ?o } }",
        "PREFIX ex: <http://x/> SELECT * { ?s a ex:Service ; ex:service ?x . { ?x ?y ?z } }",
        "SELECT * { ?s a <http://www.w3.org/ns/sparql-service-description#Service> }",
        "SELECT * { VALUES (?a ?b) { (<http://x#a> <http://x/service#b>) } }",
        "SELECT * { ?s ?p 'x'@en-service }",
    ],
)
def test_service_as_a_name(text: str) -> None:
    """The word in a variable, a name, an IRI or a language tag is no call."""
    assert scan(text).service is None


@given(WORDS, st.sampled_from(['"', "'", '"""', "'''"]))
def test_strings_never_trigger(words: str, quote: str) -> None:
    """What stands in a string of any kind is no call and no bracket."""
    seen = scan(f"SELECT * {{ ?s ?p {quote}{words}{quote} }}")
    assert (seen.service, seen.depth, seen.unclosed) == (None, 1, None)


@pytest.mark.parametrize(
    ("text", "token"),
    [("?s a ex:C. ?s", "ex:C"), ("?s a _:b. ?s", "_:b"), ("?s a :c.. ?s", ":c"), ("?s a 'x'@en- ?s", "@en")],
)
def test_a_name_ends_before_a_dot(text: str, token: str) -> None:
    """A dot or hyphen that ends a name or language tag is no part of it."""
    assert token in [found.text for found in scan(f"SELECT * {{ {text} ?p ?o }}").tokens]


@given(WORDS.map(lambda words: words.replace("\n", " ")))
def test_comments_never_trigger(words: str) -> None:
    """What stands in a comment is no call and no bracket."""
    seen = scan(f"SELECT * {{ ?s ?p ?o # {words}\n }} # {words}")
    assert (seen.service, seen.depth, seen.unclosed) == (None, 1, None)


@given(CASES, SPACE, SPACE, st.sampled_from(["<http://x>", "?x", "ex:y"]))
def test_service_in_any_case_and_space(word: str, before: str, after: str, name: str) -> None:
    """The keyword is seen in any letter case, with any white space and comments around it."""
    assert (
        scan(f"PREFIX ex: <http://x/> SELECT * {{{before}{word}{after}{name}{before}{{}} }}").service is not None
    )


@settings(max_examples=300)
@given(st.text(alphabet="<>?a\"'\\{}()[].:#!-+^@_1 \n\rSELECT", max_size=80))
def test_any_text_is_looked_over(text: str) -> None:
    """No text at all makes the scanner fail, and offsets lie within it."""
    seen = scan(text)
    assert 0 <= seen.modifiers_end <= len(text)
    assert seen.depth <= len(text)


BOMBS = {
    "quotes": '"' * 40_000, "escapes": '"' + '\\"' * 20_000, "dots": "a." * 20_000, "less": "<a" * 20_000,
    "less in an expression": "ASK{FILTER(1" + "<a" * 20_000, "long strings": '"""a' * 10_000,
    "percent": ":%4" * 12_000, "backslashes": "\\" * 40_000, "blank": "_:." * 13_000, "numbers": "1e" * 20_000,
    "tags": "@a-" * 13_000, "trailing dots": "a:a" + "." * 40_000, "braces": "{" * 40_000,
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("text", BOMBS.values(), ids=BOMBS.keys())
def test_time_is_linear(text: str) -> None:
    """Twice the text takes about twice the time, whatever it is made of."""

    def seconds(part: str) -> float:
        started = time.process_time()
        scan.__wrapped__(part)
        return time.process_time() - started

    # CPU seconds and a wide margin: quadratic growth over a sixteenth of the text would be 256.
    whole = min(seconds(text) for _ in range(2))
    assert whole < 0.05 or whole < 80 * max(min(seconds(text[: len(text) // 16]) for _ in range(3)), 0.002)


def test_graphs() -> None:
    """FROM and FROM NAMED are told apart, prefixed names resolved; GRAPH is not among them."""
    seen = scan("PREFIX g: <http://g/> SELECT * FROM <http://a> FROM NAMED g:b FROM g:c { GRAPH <http://d> {} }")
    assert (seen.default_graphs, seen.named_graphs) == (("http://a", "http://g/c"), ("http://g/b",))


@pytest.mark.parametrize(
    ("text", "depth"),
    [
        ("SELECT * {" + "{" * 50 + "}" * 50 + "}", 51),
        ("ASK { FILTER(" + "(" * 30 + "1" + ")" * 30 + ") }", 32),
        ("ASK { FILTER(" + "!" * 70 + "true) }", 70),
        ("ASK { ?s ?p " + "[ ?p " * 20 + "1" + "]" * 20 + "}", 21),
        ("ASK { ?s ?p '{{{{{{' } # {{{{{{", 1),
    ],
)
def test_depth(text: str, depth: int) -> None:
    """Brackets of all kinds and runs of prefix operators nest."""
    assert scan(text).depth == depth


@pytest.mark.parametrize(
    ("text", "limited"),
    [
        ("SELECT * {}", "SELECT * {} LIMIT 5"),
        ("SELECT * {} # end", "SELECT * {} LIMIT 5 # end"),
        ("SELECT * {} LIMIT 10", "SELECT * {} LIMIT 5"),
        ("SELECT * {} LIMIT 10 OFFSET 2", "SELECT * {} LIMIT 5 OFFSET 2"),
        ("SELECT * {} OFFSET 2", "SELECT * {} OFFSET 2 LIMIT 5"),
        ("SELECT * {} ORDER BY ?x VALUES ?x { 1 }", "SELECT * {} ORDER BY ?x LIMIT 5 VALUES ?x { 1 }"),
        ("SELECT * { { SELECT * {} LIMIT 3 } }", "SELECT * { { SELECT * {} LIMIT 3 } } LIMIT 5"),
        ("SELECT * { VALUES ?x { 1 } }", "SELECT * { VALUES ?x { 1 } } LIMIT 5"),
        (
            "SELECT (1 AS ?x) {} GROUP BY ?x HAVING(?x > 1)",
            "SELECT (1 AS ?x) {} GROUP BY ?x HAVING(?x > 1) LIMIT 5",
        ),
    ],
)
def test_where_a_limit_goes(text: str, limited: str) -> None:
    """A LIMIT goes to the end of the top level's modifiers, or takes the place of the one there."""
    assert scan(text).sliced(text, 5) == limited


def test_slice_with_offset() -> None:
    """LIMIT and OFFSET are both put to what is asked."""
    text = "SELECT * {} OFFSET 7"
    assert scan(text).sliced(text, 1, 107) == "SELECT * {} OFFSET 107 LIMIT 1"


def test_numerals_of_any_length() -> None:
    """A LIMIT of more digits than the engine reads is no limit."""
    assert scan(f"SELECT * {{}} LIMIT {'9' * 5000}").limit == UNLIMITED


def test_open_ends() -> None:
    """The first string that never ends and the first bracket that is never closed are found."""
    assert scan("ASK { ?s ?p 'abc\n }").unterminated == 12
    assert scan("ASK { ?s ?p '''abc }").unterminated == 12
    assert scan("ASK { { ?s ?p ?o }").unclosed == 4


def test_volatile() -> None:
    """A query with NOW and its like is known to answer differently each time."""
    assert scan("SELECT (now() AS ?x) {}").volatile
    assert not scan("SELECT ?now { ?now <x:rand> 'UUID()' }").volatile


def test_fingerprint() -> None:
    """White space, comments and the case of keywords make no difference; all else does."""
    same = {scan(text).fingerprint for text in ("ASK{?s ?p 'A'}", "ask { ?s ?p\n'A' } # x")}
    assert len(same) == 1
    assert scan("ASK{?s ?p 'a'}").fingerprint not in same
    assert scan("ASK{?S ?p 'A'}").fingerprint not in same


def test_names() -> None:
    """Prefixes, base, variables and an undeclared prefix are told."""
    seen = scan("BASE <http://b/> PREFIX a: <http://a/> SELECT ?x { ?x a:b $y ; c:d 1 }")
    assert (seen.base, dict(seen.prefixes), seen.variables) == ("http://b/", {"a": "http://a/"}, {"x", "y"})
    assert seen.undeclared == ("c", 63)


@given(st.text(alphabet="ab\n", max_size=30), st.integers(0, 30))
def test_position(text: str, offset: int) -> None:
    """Line and column lead back to the offset."""
    offset = min(offset, len(text))
    line, column = position(text, offset)
    lines = text.split("\n")
    assert sum(len(part) + 1 for part in lines[: line - 1]) + column - 1 == offset


def test_a_name_that_nothing_stands_before() -> None:
    """A text that begins with a name, which no query does, is looked over like any other."""
    assert scan("ex:a DESCRIBE").iris == ()
    assert scan("<urn:a> DESCRIBE <urn:b>").form == "describe"

"""Compiled shapes: they find what pySHACL finds, result by result, and say what they leave to it."""

from __future__ import annotations

import logging
from contextlib import nullcontext, suppress
from functools import lru_cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from rdflib import RDF, RDFS, SH, Graph, Literal, URIRef

from fundgraph.errors import RdfError
from fundgraph.store.scratch import Scratch
from fundgraph.validate import read_shapes, validate, validate_compiled
from fundgraph.validate.compile import compile_shapes
from fundgraph.validate.predicates import portable
from fundgraph.validate.recognise import recognise
from fundgraph.vocab import FG
from tests.shacl_cases import mutated_worlds, small_graphs, small_shapes, world
from tests.shacl_suite import NOT_PASSED, Case, by_compiled, by_pyshacl, cases, folder, passes

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent
INVALID = sorted((ROOT / "tests" / "shapes").glob("*/invalid-*.ttl"))
SUITE = list(cases())
QUIET = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=40)
logging.getLogger("rdflib.term").setLevel(logging.CRITICAL)


@lru_cache
def _shapes() -> Graph:
    return read_shapes(ROOT / "shapes")


def _world() -> Graph:
    graph = Graph()
    for triple in world():
        graph.add(triple)
    return graph


def test_all_of_our_shapes_are_compiled() -> None:
    """No shape of ours is left to pySHACL."""
    plan = compile_shapes(_shapes(), {})
    assert plan.left_out == {}
    assert {check.shape for check in plan.checks} == set(_shapes().subjects(SH.severity, None))


@pytest.mark.parametrize("kind", sorted({case.parent.name for case in INVALID}))
def test_each_failing_example_fails_for_its_reason(kind: str) -> None:
    """Each file that one constraint fails gives, by the compiled shapes of its class too, one result: that constraint's."""
    shapes = read_shapes(ROOT / "shapes")
    for shape, target in list(shapes.subject_objects(SH.targetClass)):
        if target != FG[kind]:
            shapes.remove((shape, SH.targetClass, target))
    for case in INVALID:
        if case.parent.name == kind:
            data = _world()
            data += Graph().parse(case)
            expected = case.read_text(encoding="utf-8").split("\n", 1)[0].removeprefix("# expects: ")
            results = validate_compiled(Scratch.of_graph(data), shapes).results
            assert [result.shape for result in results] == [expected], case.name


def test_all_failing_examples_together() -> None:
    """On all failing examples at once, hundreds of results are the same, in the same order, with the same sources."""
    data = _world()
    for case in INVALID:
        data.parse(case)
    ours, theirs = validate_compiled(Scratch.of_graph(data), _shapes()), validate(data, _shapes())
    assert ours.results == theirs.results
    assert len(ours.results) > 150


@pytest.mark.slow
@settings(QUIET, max_examples=4)
@given(mutated_worlds())
def test_mutated_data_of_ours(data: Graph) -> None:
    """On our examples with faults put in at random, both find the same by our shapes."""
    ours, theirs = by_compiled(data, _shapes()), by_pyshacl(data, _shapes())
    assert ours[0] == theirs[0]


@pytest.mark.slow
@settings(QUIET, max_examples=300)
@given(small_graphs(), small_shapes())
def test_shapes_of_all_kinds(data: Graph, shapes: Graph) -> None:
    """On small data and shapes of all that SHACL Core has, both find the same, where pySHACL finishes."""
    ours = by_compiled(data, shapes, messages=False)
    compares = any(shapes.subject_objects(SH.lessThan | SH.lessThanOrEquals))
    with suppress(RdfError) if compares else nullcontext():
        assert ours[0] == by_pyshacl(data, shapes, messages=False)[0]


@pytest.mark.parametrize(
    "given", ['1 ; ex:q "x"^^xsd:integer', '"x"^^xsd:integer ; ex:q 1', '1.5 ; ex:q "NaN"^^xsd:double']
)
def test_ill_typed_values_are_not_compared(given: str) -> None:
    """What cannot be compared is not less: a result of the compiled shapes, a clear error of pySHACL."""
    shape = Graph().parse(
        data=PREFIXES
        + "ex:s a sh:PropertyShape ; sh:targetSubjectsOf ex:p ; sh:path ex:p ; sh:lessThanOrEquals ex:q .",
        format="turtle",
    )
    data = Graph().parse(data=PREFIXES + f"ex:a ex:p {given} .", format="turtle")
    assert [component for *_, component, _, _ in by_compiled(data, shape)[0]] == ["LessThanOrEquals"]
    with pytest.raises(RdfError, match="pySHACL cannot compare some values"):
        validate(data, shape)


def test_blank_nodes_are_not_compared() -> None:
    """A blank node is before nothing: a result of the compiled shapes, a clear error of pySHACL."""
    shape = Graph().parse(
        data=PREFIXES + "ex:s a sh:PropertyShape ; sh:targetSubjectsOf ex:p ; sh:path ex:p ; sh:lessThan ex:q .",
        format="turtle",
    )
    data = Graph().parse(data=PREFIXES + "ex:a ex:p 1 , [] ; ex:q 2 .", format="turtle")
    assert [component for *_, component, _, _ in by_compiled(data, shape)[0]] == ["LessThan"]
    with pytest.raises(RdfError, match=r"pySHACL does not compare blank nodes: name the thing"):
        validate(data, shape)


@pytest.mark.parametrize("closed", ["sh:path ex:q ;", ""], ids=["property-shape", "node-shape"])
def test_shapes_within_shapes_are_closed(closed: str) -> None:
    """Within another shape a closed property shape closes the values of its path, a closed node shape the node."""
    shapes = Graph().parse(
        data=PREFIXES
        + "ex:s a sh:PropertyShape ; sh:targetSubjectsOf ex:p ; sh:path ex:p ; sh:qualifiedMinCount 1 ;"
        f" sh:qualifiedValueShape [ {closed} sh:closed true ; sh:ignoredProperties ( ex:q ) ] .",
        format="turtle",
    )
    data = Graph().parse(
        data=PREFIXES
        + "ex:a ex:p ex:b . ex:b ex:p ex:c ; ex:q ex:d . ex:d ex:q ex:d . ex:e ex:p ex:f . ex:f ex:q ex:b .",
        format="turtle",
    )
    found = by_compiled(data, shapes, messages=False)[0]
    assert found == by_pyshacl(data, shapes, messages=False)[0]
    assert [str(key[0])[-1] for key in sorted(found)] == (["e"] if closed else ["a"])


@pytest.mark.skipif(not SUITE, reason="the SHACL suite is not here; set FUNDGRAPH_SUITES")
@pytest.mark.parametrize("case", SUITE, ids=lambda case: f"{case.group}-{case.id}")
def test_the_w3c_cases(case: Case) -> None:
    """A case of the W3C's suite gives exactly the expected report, or the expected failure."""
    assert passes(case, by_compiled)[0] is (case.id not in NOT_PASSED)


@pytest.mark.skipif(folder() is None, reason="the SHACL suite is not here; set FUNDGRAPH_SUITES")
def test_the_w3c_suite_is_whole() -> None:
    """The suite has all of its cases, and hardly any of SHACL Core is left to pySHACL."""
    core = [case for case in SUITE if case.group.startswith("core/")]
    assert (len(SUITE), len(core)) == (120, 98)
    left = [case.id for case in core if passes(case, by_compiled)[1]]
    assert left == ["qualified-001"]


PREFIXES = f"@prefix sh: <{SH}> .\n@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n@prefix ex: <https://example.org/> .\n"


def _both(shapes: str, data: str) -> tuple[list[str], list[str], dict[str, str]]:
    """What compiled shapes and pySHACL say of Turtle, as ``focus value``, and what was left to pySHACL."""
    shape_graph = Graph().parse(data=PREFIXES + shapes, format="turtle")
    graph = Graph().parse(data=PREFIXES + data, format="turtle")
    ours = validate_compiled(Scratch.of_graph(graph), shape_graph)
    theirs = validate(graph, shape_graph)
    told = [[f"{r.focus.rsplit('/', 1)[-1]} {r.value}" for r in report.results] for report in (ours, theirs)]
    return told[0], told[1], dict(ours.left_out)


@pytest.mark.parametrize(
    ("select", "reason"),
    [
        ("SELECT $this WHERE { $this ex:p ?v } LIMIT 1", "counts off"),
        ("SELECT $this WHERE { $this ex:p ?v . { FILTER ($this != ?v) } }", "not bound"),
        ("SELECT $this WHERE { $this ex:p ?v . FILTER (?v * 2 > 3) }", "not written in their usual form"),
    ],
    ids=["limit", "unbound", "reckoning"],
)
def test_what_is_not_compiled_goes_to_pyshacl(select: str, reason: str) -> None:
    """A query that might mean something else for all things than for one is pySHACL's, and the report says why."""
    shape = f"""ex:s a sh:NodeShape ; sh:targetSubjectsOf ex:p ; sh:sparql [ sh:prefixes ex:o ; sh:select "{select}" ] .
        ex:t a sh:NodeShape ; sh:targetSubjectsOf ex:p ; sh:property [ sh:path ex:q ; sh:minCount 1 ] .
        ex:o sh:declare [ sh:prefix "ex" ; sh:namespace "https://example.org/"^^xsd:anyURI ] ."""
    ours, theirs, left_out = _both(shape, 'ex:a ex:p "7"^^xsd:int . ex:b ex:p 1 .')
    assert ours == theirs
    assert ours.count("a None") == (1 if "not bound" in reason else 2)
    assert [*left_out] == ["https://example.org/s"]
    assert reason in left_out["https://example.org/s"]


def test_recursive_shapes_go_to_pyshacl() -> None:
    """A shape that refers to itself is not compiled, the shapes beside it are."""
    shape = """ex:s a sh:NodeShape ; sh:targetSubjectsOf ex:p ; sh:property [ sh:path ex:p ; sh:node ex:s ] .
        ex:t a sh:PropertyShape ; sh:targetSubjectsOf ex:p ; sh:path ex:p ; sh:nodeKind sh:Literal ."""
    plan = compile_shapes(Graph().parse(data=PREFIXES + shape, format="turtle"), {})
    assert dict(plan.left_out) == {URIRef("https://example.org/s"): "a shape refers to itself"}
    assert [str(check.shape) for check in plan.checks] == ["https://example.org/t"]


def test_values_are_reported_as_they_are_written() -> None:
    """A number in an unusual form is found by its value, and quoted as it is written."""
    shape = "ex:s a sh:PropertyShape ; sh:targetSubjectsOf ex:p ; sh:path ex:p ; sh:maxInclusive 5 ."
    ours, theirs, _ = _both(shape, 'ex:a ex:p "7"^^xsd:int , 7.50 , "4"^^xsd:int , 1.0 , "x"^^xsd:integer .')
    assert ours == theirs
    assert sorted(ours) == ["a 7", "a 7.50", "a x"]


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("a$", "a\n"),
        (r"\S", "\x1c"),
        (r"^\w+$", "é"),
        ("(?i)A", "a"),
        ("a{,2}b", "b"),
        ("^a|b$", "xb"),
    ],
)
def test_patterns_mean_what_they_mean_to_python(pattern: str, text: str) -> None:
    """Where Python and Oxigraph read a regular expression differently, it is Python's reading that counts."""
    shape_graph = Graph()
    shape = URIRef("https://example.org/s")
    shape_graph.add((shape, RDF.type, SH.PropertyShape))
    shape_graph.add((shape, SH.targetSubjectsOf, RDFS.label))
    shape_graph.add((shape, SH.path, RDFS.label))
    shape_graph.add((shape, SH.pattern, Literal(pattern)))
    data = Graph()
    data.add((URIRef("https://example.org/a"), RDFS.label, Literal(text)))
    data.add((URIRef("https://example.org/a"), RDFS.label, Literal("zzz")))
    ours = [r.value for r in validate_compiled(Scratch.of_graph(data), shape_graph).results]
    assert ours == [r.value for r in validate(data, shape_graph).results]
    assert "zzz" in ours or pattern == r"\S" or pattern == r"^\w+$"


def test_only_patterns_that_both_read_alike_run_in_the_store() -> None:
    """Look-around, word classes and flags within a pattern are left to Python."""
    assert [portable(text) for text in (r"\w", "(?i)a", "a(?=b)", r"\bword", "a$b")] == [None] * 5
    assert portable("^[0-9]{4}-[X]$") == r"^[0-9]{4}-[X](?:\n?\z)"


def test_only_plain_queries_are_recognised() -> None:
    """An inner group without the focus node, a sub-select, or an unknown prefix is left to the parser."""
    known = {"x": "urn:"}
    plain = "SELECT $this WHERE { { $this x:a ?v } UNION { ?v x:b $this } FILTER NOT EXISTS { ?v x:c ?w } }"
    looks = recognise(plain, known)
    assert looks is not None
    assert looks.predicates == {"urn:a", "urn:b", "urn:c"}
    for text in ("{ { ?v x:b ?w } }", "{ { SELECT $this { $this x:a 1 } } }", "{ $this y:a 1 }", "{ $this ?p 1 }"):
        assert recognise(f"SELECT $this WHERE {text}", known) is None


def test_files_are_read_without_rdflib(tmp_path: Path) -> None:
    """Files loaded straight into the store give the same report as by way of rdflib, blank nodes of two files apart."""
    one, two = tmp_path / "one.ttl", tmp_path / "two.nt"
    one.write_text(PREFIXES + '_:x ex:p "007"^^xsd:integer , 7.50 , "A"@EN .', encoding="utf-8")
    two.write_text(
        '_:x <https://example.org/p> "x"^^<http://www.w3.org/2001/XMLSchema#integer> .\n', encoding="utf-8"
    )
    shapes = Graph().parse(
        data=PREFIXES
        + "ex:s a sh:PropertyShape ; sh:targetSubjectsOf ex:p ; sh:path ex:p ; sh:datatype xsd:integer .",
        format="turtle",
    )
    report = validate_compiled(Scratch.of_files([one, two]), shapes)
    theirs = validate(Graph().parse(one).parse(two), shapes)
    assert sorted(r.value or "" for r in report.results) == sorted(r.value or "" for r in theirs.results)
    assert sorted(r.value or "" for r in report.results) == ["7.50", "A", "x"]
    assert len({r.focus for r in report.results}) == 2


def test_a_broken_file_is_named_with_its_line(tmp_path: Path) -> None:
    """A file that is no RDF is an error with its name and line."""
    path = tmp_path / "bad.nt"
    path.write_text("<urn:a> <urn:b> <urn:c> .\n<urn:a> <urn:b> .\n", encoding="utf-8")
    with pytest.raises(RdfError) as caught:
        Scratch.of_files([path])
    assert (Path(str(caught.value.where)).name, caught.value.line) == ("bad.nt", 2)

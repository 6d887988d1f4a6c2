"""Compiled shapes: they find what pySHACL finds, result by result, and say what they leave to it."""

from __future__ import annotations

import logging
from functools import lru_cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from rdflib import SH, Graph

from fundgraph.store.scratch import Scratch
from fundgraph.validate import read_shapes, validate, validate_compiled
from fundgraph.validate.compile import compile_shapes
from tests.shacl_cases import mutated_worlds, small_graphs, small_shapes, world
from tests.shacl_suite import NOT_PASSED, Case, by_compiled, by_pyshacl, cases, folder, passes

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
    """Each file that one constraint fails gives, by compiled shapes too, one result: that constraint's."""
    for case in INVALID:
        if case.parent.name == kind:
            data = _world()
            data += Graph().parse(case)
            expected = case.read_text(encoding="utf-8").split("\n", 1)[0].removeprefix("# expects: ")
            results = validate_compiled(Scratch.of_graph(data), _shapes()).results
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
@QUIET
@given(mutated_worlds())
def test_mutated_data_of_ours(data: Graph) -> None:
    """On our examples with faults put in at random, both find the same by our shapes."""
    ours, theirs = by_compiled(data, _shapes()), by_pyshacl(data, _shapes())
    assert ours[0] == theirs[0]


@pytest.mark.slow
@settings(QUIET, max_examples=300)
@given(small_graphs(), small_shapes())
def test_shapes_of_all_kinds(data: Graph, shapes: Graph) -> None:
    """On small data and shapes of all that SHACL Core has, both find the same."""
    theirs = by_pyshacl(data, shapes, messages=False)
    ours = by_compiled(data, shapes, messages=False)
    assert ours[0] == theirs[0]


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

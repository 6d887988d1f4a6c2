"""The W3C's OWL 2 RL test cases."""

from __future__ import annotations

import os
from collections import Counter

import pytest

from tests.owl_suite import OUT_OF_REACH, PROFILE, RULES, Case, cases, folder, passes

pytestmark = pytest.mark.slow

ALL = list(cases())


@pytest.fixture(autouse=True)
def _suite() -> None:
    """The suite lies beside the project; where tests must run, its absence is a failure."""
    if folder() is None:
        if os.environ.get("CI"):
            pytest.fail("the OWL 2 suite is not at ../shared/suites/owl2; set FUNDGRAPH_SUITES")
        pytest.skip("the OWL 2 suite is not at ../shared/suites/owl2")


@pytest.mark.parametrize("case", ALL or [None], ids=lambda case: f"{case.id}-{case.kind}" if case else "none")
def test_case(case: Case) -> None:
    """The engine answers the case as the W3C says, or the case is known to be out of reach of the rules."""
    known = case.kind == "PositiveEntailmentTest" and case.id in OUT_OF_REACH
    assert passes(case) is not known


def test_all_cases_were_collected() -> None:
    """No case got lost on the way: 87 of the rules and 62 of the profile have an ontology in RDF/XML."""
    assert Counter((case.suite, case.kind) for case in ALL) == {
        (RULES, "PositiveEntailmentTest"): 66,
        (RULES, "InconsistencyTest"): 21,
        (RULES, "ConsistencyTest"): 66,
        (PROFILE, "PositiveEntailmentTest"): 25,
        (PROFILE, "InconsistencyTest"): 11,
        (PROFILE, "NegativeEntailmentTest"): 4,
        (PROFILE, "ConsistencyTest"): 53,
    }

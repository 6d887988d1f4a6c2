"""The W3C's SPARQL cases: all pass but those that are known and told in docs/conformance.md."""

from __future__ import annotations

import os
from collections import Counter

import pytest

from tests.protocol_suite import suites
from tests.sparql_suite import FAILED, KNOWN, OTHER_FORM, PASSED, REFUSED, Case, cases, outcome

SUITES = ("sparql10", "sparql11", "sparql12")
ALL = [case for suite in SUITES for case in cases(suite)]


@pytest.fixture(autouse=True, scope="module")
def _suite() -> None:
    """The suite lies beside the project; where tests must run, its absence is a failure."""
    if suites() is None:
        if os.environ.get("CI"):
            pytest.fail("the SPARQL cases are not at ../shared/suites; set FUNDGRAPH_SUITES")
        pytest.skip("the SPARQL cases are not at ../shared/suites")


@pytest.mark.parametrize("folder", sorted({case.folder for case in ALL}) or ["none"])
def test_folder(folder: str) -> None:
    """Each case of a folder passes, or fails and is known to, or is refused as it fetches from outside."""
    wrong = {}
    for case in (case for case in ALL if case.folder == folder):
        found = outcome(case)
        if (found.startswith(FAILED)) != (case.id in KNOWN):
            wrong[case.id] = found
        if found == REFUSED and not _fetches(case):
            wrong[case.id] = found
    assert not wrong


def _fetches(case: Case) -> bool:
    """Tell whether a case is about asking or reading from elsewhere."""
    from tests.sparql_suite import text_of

    text = text_of(next(iter(case.action.get("query") or case.action["request"]))).upper()
    return "SERVICE" in text or "LOAD" in text


def test_all_cases_were_collected() -> None:
    """No case got lost on the way."""
    counts = Counter((case.iri and case.folder.partition("/")[0], case.kind) for case in ALL)
    assert counts == {
        ("sparql10", "query"): 283, ("sparql10", "query syntax"): 199,
        ("sparql11", "query"): 239, ("sparql11", "update"): 94, ("sparql11", "format"): 3,
        ("sparql11", "query syntax"): 114, ("sparql11", "update syntax"): 55,
        ("sparql12", "query"): 63, ("sparql12", "update"): 3, ("sparql12", "query syntax"): 183,
        ("sparql12", "update syntax"): 20,
    }  # fmt: skip


def test_nothing_is_called_passed_that_was_not_run() -> None:
    """A case with a wrong expectation fails: the judge can say no."""
    case = next(case for case in ALL if case.id == "sparql11/bind#bind01")
    other = next(one for one in ALL if one.id == "sparql11/bind#bind02")
    assert outcome(case) in (PASSED, OTHER_FORM)
    from dataclasses import replace

    assert outcome(replace(case, result_file=other.result_file)).startswith(FAILED)

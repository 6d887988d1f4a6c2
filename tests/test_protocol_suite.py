"""Every case of the W3C's protocol suites, over a real socket, against ``fundgraph serve --plain --open``."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from tests.plain_server import start_plain
from tests.protocol_suite import (
    SEQUENCE,
    Endpoint,
    cases,
    faults,
    prepare,
    prepare_sequence,
    suites,
)

SINGLE = [case for case in cases() if case["suite"] != SEQUENCE]
IN_SEQUENCE = [case for case in cases() if case["suite"] == SEQUENCE]


@pytest.fixture(autouse=True, scope="module")
def _suite() -> None:
    """The suite lies beside the project; where tests must run, its absence is a failure."""
    if suites() is None:
        if os.environ.get("CI"):
            pytest.fail("the protocol cases are not at ../shared/suites; set FUNDGRAPH_SUITES")
        pytest.skip("the protocol cases are not at ../shared/suites")


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    """A plain endpoint that this machine may write to."""
    server = start_plain(tmp_path_factory.mktemp("plain"), "--open", FUNDGRAPH_WORKERS="1")
    yield Endpoint(server.url)
    server.process.terminate()
    assert server.process.wait(20) == 0


@pytest.mark.parametrize("case", SINGLE or [None], ids=lambda case: case["id"] if case else "none")
def test_case(endpoint: Endpoint, case: dict[str, Any]) -> None:
    """Each answer has the status, the headers, the format and the content that the case asks for."""
    prepare(endpoint, case)
    assert not list(faults(endpoint, case))


def test_sequence_of_deprecated_cases(endpoint: Endpoint) -> None:
    """The cases of 2013 pass one after the other on one store, as they are meant."""
    prepare_sequence(endpoint)
    assert not {case["id"]: found for case in IN_SEQUENCE if (found := list(faults(endpoint, case)))}


def test_all_cases_were_collected() -> None:
    """No case got lost on the way."""
    assert Counter(case["suite"] for case in cases()) == {
        "protocol": 34,
        "graph-store-protocol-indirect": 9,
        "graph-store-protocol-direct": 5,
        "service-description": 3,
        SEQUENCE: 18,
    }

"""RDFC-1.0: the W3C's cases, and the time that a hostile graph may take."""

from __future__ import annotations

import re
import time

import pyoxigraph as ox
import pytest

from fundgraph.errors import InputError
from fundgraph.store.canonical import alike, canonicalize
from fundgraph.store.dataset import canonical_quads
from tests.canon_suite import Case, cases, passes
from tests.conftest import ROOT

CASES = cases()


def test_the_suite_is_whole() -> None:
    """Not fewer cases are run than the suite has."""
    assert len(CASES) == 86 or pytest.skip("the suite is not beside the repository")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_case(case: Case) -> None:
    """A case of the W3C's suite is passed."""
    assert passes(case)


def _clique(size: int) -> ox.Dataset:
    knows = ox.NamedNode("http://e/knows")
    nodes = [ox.BlankNode(f"n{number}") for number in range(size)]
    return ox.Dataset(ox.Quad(one, knows, other) for one in nodes for other in nodes if one != other)


def test_a_poisoned_graph_is_given_up() -> None:
    """A clique of blank nodes is refused when its time is over, and what it looked like is said."""
    start = time.process_time()
    with pytest.raises(InputError, match="12 blank nodes are so alike") as caught:
        canonicalize(_clique(12), 0.5)
    assert time.process_time() - start < 20
    assert caught.value.hint == "Give them IRIs"


def test_many_blank_nodes_are_no_poison() -> None:
    """Blank nodes that only look alike and do not hang together are named, and each is kept."""
    dataset = ox.Dataset(
        ox.Quad(ox.BlankNode(), ox.NamedNode("http://e/p"), ox.Literal("same")) for _ in range(300)
    )
    assert alike(dataset) == 300
    assert len(canonicalize(dataset)) == 300


def test_what_is_alike() -> None:
    """Blank nodes that their neighbours tell apart do not count as alike."""
    assert alike(_clique(4)) == 4
    chain = ox.Dataset(
        ox.parse(
            b"_:a <http://e/p> _:b . _:b <http://e/p> _:c . _:c <http://e/p> <http://e/d> .",
            format=ox.RdfFormat.TURTLE,
        )
    )
    assert alike(chain) == 1


def test_names_do_not_depend_on_the_input() -> None:
    """The same graph with other labels and in another order has the same canonical lines."""
    one = b'_:x <http://e/p> _:y .\n_:y <http://e/q> "1" .\n'
    other = b'_:b <http://e/q> "1" .\n_:a <http://e/p> _:b .\n'
    assert canonical_quads({"http://e/g": one}) == canonical_quads({"http://e/g": other})


def test_the_results_are_told() -> None:
    """docs/conformance.md has the table of the suite, with as many cases as there are."""
    text = (ROOT / "docs" / "conformance.md").read_text(encoding="utf-8")
    section = re.search(r"<!-- rdf-canon: .*?-->(.*?)<!-- rdf-canon: end -->", text, re.DOTALL)
    assert section is not None
    assert "| **all** | 86 | 86 |" in section[1]

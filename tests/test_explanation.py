"""Statements of the real snapshot are explained down to lines of documents."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fundgraph.explanation import Explainer
from fundgraph.reason.front import read_quads
from tests.proof_checker import check

FG = "https://w3id.org/fundgraph/ontology#"


@pytest.fixture(scope="module")
def explainer(spp_snapshot: Path, spp_manifest: dict[str, Any]) -> Explainer:
    """An explainer over the real snapshot."""
    base = "https://w3id.org/fundgraph/spp2298/graph/"
    return Explainer(
        spp_snapshot / "current" / "dataset.nq",
        inferred=base + "inferred",
        provenance=base + "provenance",
        hidden=spp_manifest["hidden_graphs"],
    )


@pytest.fixture(scope="module")
def inferred(spp_snapshot: Path) -> list[tuple[str, str, str]]:
    """The inferred statements of the real snapshot."""
    with (spp_snapshot / "current" / "dataset.nq").open(encoding="utf-8") as lines:
        return [(s, p, o) for s, p, o, graph in read_quads(lines) if graph.endswith("/graph/inferred>")]


@pytest.mark.slow
def test_every_inferred_statement_is_explained(explainer: Explainer, inferred: list[tuple[str, str, str]]) -> None:
    """Every tenth inferred statement of the snapshot has a proof that the checker accepts."""
    names = explainer.closure.terms.names
    asserted = {
        (names[key >> 32], names[p], names[key & 0xFFFFFFFF])
        for p, keys in explainer.closure.asserted.items()
        for key in keys.tolist()
    }
    assert len(inferred) > 1000
    for statement in inferred[::10]:
        explanation = explainer.explain(statement)
        assert explanation.proof is not None
        check(explanation.proof, asserted)


def test_down_to_the_line(explainer: Explainer, inferred: list[tuple[str, str, str]]) -> None:
    """Who a principal investigator is follows from a participation that stands in a line of a document."""
    statement = next(one for one in inferred if one[1] == f"<{FG}principalInvestigator>")
    explanation = explainer.explain(statement, ways=True)
    text = explanation.to_text()
    assert "prp-spo2" in text
    assert "asserted, phase" in text
    assert ", line " in text
    data: Any = explanation.to_json()
    assert data["holds"] is True
    (source, *_) = next(iter(data["sources"].values()))
    assert source["line"] > 0
    assert source["quote"]
    assert data["ways"][0]["rule"] == "prp-spo2"


def test_an_absent_statement(explainer: Explainer, inferred: list[tuple[str, str, str]]) -> None:
    """A statement that is not in the graph is answered with what would be needed."""
    s, p, _ = next(one for one in inferred if one[1] == f"<{FG}principalInvestigator>")
    explanation = explainer.explain((s, p, "<https://w3id.org/fundgraph/spp2298/person/nobody>"))
    assert explanation.proof is None
    assert explanation.to_text().startswith("This statement is not in the graph.")
    data: Any = explanation.to_json()
    assert data["holds"] is False

"""identities.toml: who is who, as somebody decided."""

from __future__ import annotations

from pathlib import Path

import pytest

from fundgraph.documents.programme import read_programme
from fundgraph.errors import ProgrammeError
from fundgraph.pipeline import read_documents

DECISION = """[[decision]]
name = "Dora Strom"
project = "ice-on-slow-rivers"
person = "theodora-strom"
reason = "signs so in her papers"
by = "E. Editor"
date = "2026-11-23"
"""


def test_a_decision_wins(tiny: Path) -> None:
    """A printed name has the id that was decided, in the project that it was decided for."""
    (tiny / "identities.toml").write_text(DECISION, encoding="utf-8")
    programme = read_programme(tiny)
    assert programme.decisions[0].by == "E. Editor"
    (page,) = read_documents(programme, ())
    assert [person.person_id for person in page.projects[1].people] == [
        "cora-fluss",
        "ada-quell",
        "theodora-strom",
    ]


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ('person = "theodora-strom"', 'person = "Theodora Strom"', 4, "is an id"),
        ('by = "E. Editor"', "", 1, "by is missing"),
        ('reason = "signs', 'raeson = "signs', 5, "no key 'raeson'"),
        ("[[decision]]", "[[decided]]", 1, "no table 'decided'"),
        ('date = "2026-11-23"', 'date = "', 7, "not valid TOML"),
    ],
)
def test_a_broken_decision(tiny: Path, old: str, new: str, line: int, says: str) -> None:
    """A broken identities.toml is one error with its line."""
    assert old in DECISION
    (tiny / "identities.toml").write_text(DECISION.replace(old, new), encoding="utf-8")
    with pytest.raises(ProgrammeError) as caught:
        read_programme(tiny)
    assert says in str(caught.value)
    assert (Path(str(caught.value.where)).name, caught.value.line) == ("identities.toml", line)

"""From records to the graph: phases as intervals, organisations that take part, names that are nearly the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from rdflib import OWL, RDF, TIME, XSD, Graph, Literal, URIRef

from fundgraph import assets
from fundgraph.documents.programme import read_programme
from fundgraph.errors import ProgrammeError
from fundgraph.graph.resemblance import one_step_apart, resembling
from fundgraph.pipeline import asserted
from fundgraph.reason import infer
from fundgraph.validate import validate
from fundgraph.vocab import FG, ROLE

ROOT = Path(__file__).resolve().parent.parent
BASE = "https://example.org/rivers/"
PROGRAMME = f"""[programme]
name = "Mathematics of Rivers"
number = "TST 1"
base = "{BASE}"

[[phase]]
number = 1
start = "2020-01-01"
end = "2022-12-31"
FIRST

[[phase]]
number = 2
start = "2023"

[[document]]
file = "page.json"
phase = 1
"""
PAGE = """[{"title": "Ice on slow rivers", "pi": "Ada Quell", "start": "2020", "end": "2022",
"institutions": ["University of Springs"]},
{"title": "Salt in estuaries", "pi": "Adah Quell", "start": "2020", "end": "2022"}]"""
PERSON, PHASE = f"{BASE}person/", f"{BASE}phase/"


def _rivers(tmp_path: Path, first: str = "", page: str = PAGE, decided: str = "") -> Graph:
    (tmp_path / "programme.toml").write_text(PROGRAMME.replace("FIRST", first), encoding="utf-8")
    (tmp_path / "page.json").write_text(page, encoding="utf-8")
    if decided:
        (tmp_path / "identities.toml").write_text(decided, encoding="utf-8")
    return asserted(tmp_path).to_graph(Graph())


def _shapes(graph: Graph) -> set[str]:
    return {result.shape.rsplit("#", 1)[-1] for result in validate(graph, assets.shapes_dir()).results}


# ── phases ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_phase_says_its_dates_twice_and_the_same(tmp_path: Path) -> None:
    """A phase's beginning and end are instants with the date of fg:startDate and fg:endDate, at its precision."""
    graph = _rivers(tmp_path)
    one, two = URIRef(PHASE + "1"), URIRef(PHASE + "2")
    for phase, plain, link, within, literal in (
        (one, FG.startDate, TIME.hasBeginning, TIME.inXSDDate, Literal("2020-01-01", datatype=XSD.date)),
        (one, FG.endDate, TIME.hasEnd, TIME.inXSDDate, Literal("2022-12-31", datatype=XSD.date)),
        (two, FG.startDate, TIME.hasBeginning, TIME.inXSDgYear, Literal("2023", datatype=XSD.gYear)),
    ):
        assert graph.value(phase, plain) == literal
        instant = graph.value(phase, link)
        assert str(instant).startswith(f"{phase}#")
        assert (instant, RDF.type, TIME.Instant) in graph
        assert graph.value(instant, within) == literal
    assert graph.value(two, TIME.hasEnd) is None
    assert (one, RDF.type, TIME.ProperInterval) in infer(graph)


@pytest.mark.parametrize(
    ("first", "second", "meet"),
    [
        ("", '"2023-01-01"', True),
        ("", '"2023-01-02"', False),
        ("", '"2023"', False),
        ("meets_next = true", '"2023"', True),
    ],
)
def test_phases_meet_where_that_is_certain(tmp_path: Path, first: str, second: str, meet: bool) -> None:
    """One phase meets the next if its last day is the day before, or if the programme says so; a year is too coarse."""
    text = PROGRAMME.replace("FIRST", first).replace('start = "2023"', f"start = {second}")
    (tmp_path / "programme.toml").write_text(text, encoding="utf-8")
    (tmp_path / "page.json").write_text(PAGE, encoding="utf-8")
    graph = asserted(tmp_path).to_graph(Graph())
    pair = (URIRef(PHASE + "1"), URIRef(PHASE + "2"))
    assert (pair[0], FG.nextPhase, pair[1]) in graph
    assert ((pair[0], TIME.intervalMeets, pair[1]) in graph) is meet
    assert ((pair[1], TIME.intervalMetBy, pair[0]) in infer(graph)) is meet


def test_meets_next_is_true_or_false(tmp_path: Path) -> None:
    """Anything but true or false for meets_next is an error with its line."""
    (tmp_path / "page.json").write_text(PAGE, encoding="utf-8")
    (tmp_path / "programme.toml").write_text(PROGRAMME.replace("FIRST", 'meets_next = "yes"'), encoding="utf-8")
    with pytest.raises(ProgrammeError) as caught:
        read_programme(tmp_path)
    assert "meets_next must be true or false" in str(caught.value)
    assert caught.value.line == 10


# ── organisations ──────────────────────────────────────────────────────────────────────────────────────────


def test_an_organisation_takes_part(tmp_path: Path) -> None:
    """A partner organisation has a participation with project, role, phase and printed name, and conforms."""
    graph = _rivers(tmp_path)
    part = URIRef(f"{BASE}participation/ice-on-slow-rivers/1/organisation/university-of-springs")
    project = URIRef(f"{BASE}project/ice-on-slow-rivers")
    springs = URIRef(f"{BASE}organisation/university-of-springs")
    assert (part, RDF.type, FG.Participation) in graph
    assert (project, FG.hasParticipation, part) in graph
    assert graph.value(part, FG.participatingOrganisation) == springs
    assert graph.value(part, FG.withRole) == ROLE.participant
    assert graph.value(part, FG.duringPhase) == URIRef(PHASE + "1")
    assert str(graph.value(part, FG.nameAsPrinted)) == "University of Springs"
    assert graph.value(part, FG.readFrom) is not None
    assert [shape for shape in _shapes(graph) if shape.startswith("Participation-")] == []
    inferred = infer(graph)
    assert (project, FG.involves, springs) in inferred
    assert (project, FG.hasParticipant, springs) not in inferred


# ── names ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("Bernd Sturmfels", "Bern Sturmfels", True),
        ("Bernd Sturmfels", "Bernd Sturmfesl", True),
        ("Jörg Lücke", "Joerg Luecke", True),
        ("J. Lücke", "Jörg Lücke", True),
        ("Anna Schmidt", "Anna Maria Schmidt", True),
        ("Anna Schmidt", "Hanna Schmitt", False),
        ("Anna Schmidt", "Jan Schmidt", False),
        ("Li Wu", "Lu Wu", False),
        ("Schmidt", "Anna Schmidt", False),
        ("Martin Burger", "Martin Bürgel", True),
    ],
)
def test_which_names_resemble_each_other(one: str, other: str, alike: bool) -> None:
    """One letter's difference in a name of eight letters or a shorter form resembles; less than that does not."""
    assert (resembling({"a": one, "b": other}) == [("a", "b")]) is alike


def test_one_step_apart_is_symmetric() -> None:
    """Whether one step leads from one text to another does not depend on the order."""
    words = ("anna", "ana", "anan", "hanna", "anne", "anna", "nnaa", "")
    for one in words:
        for other in words:
            assert one_step_apart(one, other) == one_step_apart(other, one)


def test_names_nearly_the_same_ask_for_a_decision(tmp_path: Path) -> None:
    """Two nearly identical names are stated and warned of, until identities.toml decides about one of them."""
    graph = _rivers(tmp_path)
    pair = (URIRef(PERSON + "ada-quell"), URIRef(PERSON + "adah-quell"))
    assert (pair[0], FG.nameResembles, pair[1]) in graph
    assert "Person-name-decided" in _shapes(graph)
    decided = """[[decision]]
name = "Adah Quell"
person = "adah-quell"
reason = "she is Ada Quell's sister"
by = "E. Editor"
"""
    after = _rivers(tmp_path, decided=decided)
    assert (pair[0], OWL.differentFrom, pair[1]) in after
    assert "Person-name-decided" not in _shapes(after)


def test_a_decision_can_make_two_names_one_person(tmp_path: Path) -> None:
    """Where somebody decided that two names are one person's, there is nothing left to decide."""
    decided = """[[decision]]
name = "Adah Quell"
person = "ada-quell"
reason = "a misprint"
by = "E. Editor"
"""
    graph = _rivers(tmp_path, decided=decided)
    assert (URIRef(PERSON + "adah-quell"), None, None) not in graph
    assert list(graph.subject_objects(FG.nameResembles)) == []


def test_the_people_of_spp_2298_are_told_apart() -> None:
    """No two people of the shipped programme have nearly the same name."""
    graph = asserted(ROOT / "data" / "spp2298").to_graph(Graph())
    assert len(set(graph.subjects(RDF.type, FG.Person))) == 77
    assert list(graph.subject_objects(FG.nameResembles)) == []

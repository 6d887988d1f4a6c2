"""Phases that are only words of a sentence or a title are read with their passage; earlier and foreign ones are not."""

from __future__ import annotations

import pytest

from fundgraph.documents import document_from_bytes
from fundgraph.extract import extract
from fundgraph.extract.report import to_json
from fundgraph.model import Extraction, ReadingOptions
from fundgraph.pipeline import extractions_to_turtle

PEOPLE = "Prof. Dr. Ann Lindqvist, Dr. Jonas Ek"


def read(intro: str, *abstracts: str, options: ReadingOptions | None = None) -> Extraction:
    """Read a page with an introduction and a project for each abstract."""
    names = ("Quiet machines in cold rooms", "Loud machines in warm halls", "Slow machines on long roads")
    blocks = [f"{name}\n{PEOPLE}\n\nAbstract\n{text}" for name, text in zip(names, abstracts, strict=False)]
    return extract(document_from_bytes("\n\n".join([intro, *blocks]).encode(), path="page.txt"), options)


@pytest.mark.parametrize(
    ("intro", "number", "label"),
    [
        ("These are the projects that are funded in the second funding period of the programme.", 2, "second funding period"),
        ("Hier stehen alle Vorhaben, die in der ersten Förderphase gefördert werden, mit ihren Beteiligten.", 1, "ersten Förderphase"),
        ("The programme is now in Phase II, for which the following projects were selected and funded.", 2, "Phase II"),
        ("Der Sonderforschungsbereich ist seit Juli in seiner dritten Förderperiode.", 3, "dritten Förderperiode"),
        ("The Priority Programme entered its 2nd funding phase last year.", 2, "2nd funding phase"),
    ],
)  # fmt: skip
def test_the_page_s_phase_stands_in_a_sentence(intro: str, number: int, label: str) -> None:
    """What a sentence outside of the projects says is the document's phase, and its words are the passage."""
    extraction = read(intro, "We measure how machines fall silent.", "We measure how machines grow loud.")
    assert extraction.phase is not None
    assert extraction.phase.span is not None
    assert (extraction.phase.number, extraction.phase.label) == (number, label)
    assert extraction.document.quote(extraction.phase.span) == label
    assert len(extraction.projects) == 2


@pytest.mark.parametrize(
    ("abstract", "number"),
    [
        ("In the second funding period, we will measure how machines fall silent.", 2),
        ("In der zweiten Förderperiode werden wir messen, wie Maschinen verstummen.", 2),
        ("While the first funding period was about gears, the second funding period is about bearings.", 2),
        ("The project is funded in Phase II of the Priority Programme.", 2),
        ("In the first funding period, we showed that machines fall silent.", None),
        ("The project builds on results of the first funding period of the programme.", None),
        ("Aufbauend auf Ergebnissen der ersten Förderphase untersuchen wir Lager.", None),
        ("The compound is tested in a phase II clinical trial that is funded by a company.", None),
        ("In the first phase we collect data, in the second phase we analyse them.", None),
        ("Der Übergang von Phase 1 zu Phase 2 ist ein Phasenübergang erster Ordnung.", None),
    ],
)
def test_a_project_s_phase_stands_in_its_text(abstract: str, number: int | None) -> None:
    """What a project says of itself is its phase; what was done earlier, a trial or a step of the work is not."""
    extraction = read("Projects", abstract, "We measure how machines grow loud.")
    assert [project.phase for project in extraction.projects] == [number, None]
    assert extraction.phase is None


def test_a_phase_in_a_title() -> None:
    """A title's phase is its project's, and the JSON says so where it is not the page's."""
    text = f"Quiet machines (Phase II)\n{PEOPLE}\n\nAbstract\nWe measure.\n\nLoud machines\n{PEOPLE}\n\nAbstract\nWe look.\n"
    extraction = extract(document_from_bytes(text.encode(), path="page.txt"))
    assert [project.phase for project in extraction.projects] == [2, None]
    assert [project.get("phase") for project in to_json(extraction)["projects"]] == [2, None]


def test_several_phases_decide_nothing() -> None:
    """A page that speaks of two phases outside of its projects names none as its own."""
    intro = "The first funding period is over soon. The second funding period will start in May."
    assert read(intro, "We measure.", "We look.").phase is None


def test_what_the_options_say_stands() -> None:
    """A phase that the programme gives for a document is not changed by its prose."""
    options = ReadingOptions(phase=1)
    extraction = read("Projects", "In the second funding period, we will measure.", options=options)
    assert (extraction.phase and extraction.phase.number, extraction.projects[0].phase) == (1, None)


def test_the_graph_has_the_passage() -> None:
    """A project is in its phase by the words that say so, and not by its title."""
    extraction = read(
        "Projects", "In the second funding period, we will measure.", "In the third funding period, we will look."
    )
    assert [project.phase for project in extraction.projects] == [2, 3]
    turtle = extractions_to_turtle([extraction])
    assert 'fg:quote "second funding period"' in turtle or '"second funding period"' in turtle
    assert '"third funding period"' in turtle

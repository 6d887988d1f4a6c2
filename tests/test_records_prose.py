"""The checks of prose on the abstracts of structured data: what they find, where, and what they leave alone."""

from __future__ import annotations

import json
import time

import pytest

from fundgraph.documents import document_from_bytes
from fundgraph.extract import extract
from fundgraph.extract.checks import records
from fundgraph.model import Extraction, Finding

CODES = {
    "missing-space",
    "latex-residue",
    "markup-residue",
    "repeated-text",
    "placeholder-abstract",
    "stray-hyphen",
}
PLAIN = "We study how the ability of machines to fall silent depends on the size of the bearings in use."
FORMULA = (
    "This award reflects the statutory mission of the agency and has been deemed worthy of support through evaluation "
    "using the intellectual merit and broader impacts review criteria."
)


def read(
    *abstracts: str, people: tuple[str, ...] = ("Ann Lindqvist", "Jonas Ek", "Mara Tamm", "Ole Falk")
) -> Extraction:
    """Read awards as JSON, one for each abstract."""
    awards = [
        {"id": f"221904{n}", "title": f"Machines of the kind {n}", "pdPIName": people[n], "awardeeName": "U", "abstractText": one}
        for n, one in enumerate(abstracts)
    ]  # fmt: skip
    text = json.dumps({"response": {"award": awards}}, indent=1)
    return extract(document_from_bytes(text.encode(), path="nsf.json"))


def found(extraction: Extraction) -> list[Finding]:
    """Return the findings about prose."""
    return [finding for finding in extraction.findings if finding.code in CODES]


@pytest.mark.parametrize(
    ("abstract", "code", "quote"),
    [
        (PLAIN + " This shows theability of machines.", "missing-space", "theability"),
        (PLAIN + " They work for themselves.We do not.", "missing-space", "themselves.We"),
        (PLAIN + " We use the $L^2$ norm.", "latex-residue", "$L^2$"),
        (PLAIN + " It is &lt;b&gt;new&lt;/b&gt;.", "markup-residue", "{"),
        ("No abstract provided.", "placeholder-abstract", "No abstract provided."),
    ],
)
def test_slips_are_found(abstract: str, code: str, quote: str) -> None:
    """Each slip is one finding with the words in the file, on their line, about their project."""
    extraction = read(PLAIN + " Machines fall.", abstract)
    (finding,) = found(extraction)
    assert (finding.code, finding.about) == (code, extraction.projects[1].id)
    line = extraction.document.text.split("\n")[finding.span.line - 1]
    assert '"abstractText"' in line
    assert extraction.document.quote(finding.span) == finding.quote
    if quote != "{":
        assert finding.quote == quote


def test_the_second_of_two_places() -> None:
    """The place is that of the slip, and not of the same letters before it."""
    extraction = read("We see soft.We and soft.We here. " + PLAIN, PLAIN)
    first, second = (one for one in found(extraction) if one.code == "missing-space")
    assert first.span.start < second.span.start
    assert first.quote == second.quote == "soft.We"


@pytest.mark.parametrize(
    "abstract",
    [
        PLAIN + "\n\n1) One line.\n2) Another line, with \"quotes\" and a tab\there.",
        PLAIN + "<br/><br/>It is in a second paragraph, <i>in vivo</i>; R&amp;D costs $5 and $6.",
        "Wir untersuchen die Lagergröße der Maschinen und ihre Lager und Größen, und die Maschinenlager in den Hallen.",
        "Nous étudions la capacité des machines à se taire, et les machines qui se taisent dans les salles froides.",
        PLAIN + " Data sets and their process and the select work flow: a dataset, datasets, a processor, a selector, a workflow.",
        PLAIN + " We are at rest where the else branch is left most of the time: forest, elsewhere, leftmost.",
        PLAIN + " See https://example.org/a.Bc and Node.js, e.g.in part, at 5.May.",
    ],
)  # fmt: skip
def test_other_texts_are_left_alone(abstract: str) -> None:
    """Escapes of JSON, markup that the source uses, compounds, other languages, addresses: no findings."""
    assert (
        found(read(abstract, "It is another text about cold rooms and the people who work in them all day long."))
        == []
    )


def test_sentences_that_two_share() -> None:
    """A sentence of two projects with other people is reported once; one of several projects is a formula."""
    shared = "The bearings of machines that stand in cold rooms are ground with a new method that nobody has tried in such rooms before now."
    extraction = read(
        shared + " We measure.", "We look at it. " + shared, "We hear. " + FORMULA, "We smell. " + FORMULA
    )
    assert [(one.code, one.about) for one in found(extraction)] == [
        ("repeated-text", extraction.projects[1].id),
        ("repeated-text", extraction.projects[3].id),
    ]
    formula = read(*(f"We do {n}. {FORMULA}" for n in range(4)))
    assert found(formula) == []


def test_the_same_people_may_use_a_sentence_again() -> None:
    """Two awards of one investigator may share their text."""
    assert (
        found(read("We measure. " + FORMULA, "We look. " + FORMULA, people=("Ann Lindqvist", "Ann Lindqvist")))
        == []
    )


def test_the_cost_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond so many characters nothing is checked, and a finding says from where on."""
    monkeypatch.setattr(records, "MOST_TEXT", 150)
    extraction = read(PLAIN, PLAIN + " Cold.", PLAIN + " This shows theability of it.")
    assert [one.code for one in extraction.findings] == ["not-checked"]
    assert extraction.findings[0].about == extraction.projects[2].id


def test_time_is_linear() -> None:
    """A megabyte of abstracts with every sign that the checks look for takes seconds at most."""
    text = "the$ability^of\\ machines.We -- &lt;p&gt; ~and``so'' on, " * 4000
    started = time.process_time()
    read(text, text, text, text)
    assert time.process_time() - started < 20

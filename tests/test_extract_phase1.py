"""The real page of SPP 2298, phase 1: what it says, at which line."""

from __future__ import annotations

from pathlib import Path

import pytest

from fundgraph.documents import read_document
from fundgraph.extract import extract
from fundgraph.extract.report import to_json, to_text
from fundgraph.model import Extraction, Project, ReadingOptions

PAGE = Path(__file__).parent.parent / "data" / "spp2298" / "documents" / "phase1.txt"


@pytest.fixture(scope="module")
def page() -> Extraction:
    """Read the page once for all tests."""
    return extract(read_document(PAGE), ReadingOptions())


def project_at(page: Extraction, line: int) -> Project:
    """Find the project that begins at a line."""
    return next(project for project in page.projects if project.span.line == line)


def lines_of(page: Extraction, code: str) -> list[int]:
    """List the lines at which a finding stands."""
    return [finding.span.line for finding in page.findings if finding.code == code]


def test_projects_begin_where_the_page_prints_them(page: Extraction) -> None:
    """There are 23 regular projects and one associated, at these lines and under these titles."""
    regular = [
        3,
        21,
        34,
        50,
        62,
        83,
        97,
        110,
        137,
        151,
        163,
        177,
        191,
        204,
        218,
        234,
        246,
        262,
        276,
        292,
        305,
        326,
        343,
    ]
    assert [p.title_span.line for p in page.projects if p.kind == "regular"] == regular
    assert [(p.title_span.line, p.kind) for p in page.projects if p.kind != "regular"] == [(365, "associated")]
    text = page.document.text.split("\n")
    assert all(project.title == text[project.title_span.line - 1] for project in page.projects)
    assert len({project.id for project in page.projects}) == 24


def test_ids_are_the_titles_words(page: Extraction) -> None:
    """An id is the title in small letters with hyphens, cut at a word near 80 characters."""
    assert page.projects[0].id == "adaptive-neural-tensor-networks-for-parametric-pdes"
    long = project_at(page, 110).id
    assert long == "deep-neural-networks-overcome-the-curse-of-dimensionality-in-the-numerical"
    assert all(len(project.id) <= 80 for project in page.projects)


def test_the_phase_is_read(page: Extraction) -> None:
    """The phase stands at line 1; the page names no programme."""
    assert page.phase is not None
    assert page.phase.span is not None
    assert (page.phase.label, page.phase.number, page.phase.span.line) == ("Phase 1", 1, 1)
    assert page.programme is None


def test_header_and_list_are_one_person(page: Extraction) -> None:
    """A project names each person once, with both mentions, the earliest first."""
    people = page.projects[0].people
    assert [(p.honorific, p.name) for p in people] == [
        ("Dr.", "Martin Eigel"),
        ("Prof. Dr.", "Lars Grasedyck"),
        (None, "Thong Le"),
        (None, "Janina Schütte"),
    ]
    assert [(m.where, m.span.line) for m in people[0].mentions] == [("header", 4), ("list", 16)]
    assert [len(project_at(page, line).people) for line in (34, 246, 305)] == [6, 5, 4]


def test_mentions_quote_the_name(page: Extraction) -> None:
    """The span of every mention is exactly the printed name."""
    mentions = [mention for project in page.projects for person in project.people for mention in person.mentions]
    assert len(mentions) > 140
    assert all(page.document.quote(mention.span) == mention.name for mention in mentions)


def test_exactly_34_principal_investigators(page: Extraction) -> None:
    """Professors of regular projects, and doctors before the first of them, are 34 distinct people."""
    found = {person.person_id: person for project in page.projects for person in project.people if person.is_pi}
    assert len(found) == 34
    assert found["martin-eigel"].pi_reason == "professors-and-leading-doctors: doctor before the first professor"
    assert (
        found["maximilian-engel"].pi_reason == "professors-and-leading-doctors: doctor before the first professor"
    )
    assert found["lars-grasedyck"].pi_reason == "professors-and-leading-doctors: professor"
    assert "felix-dietrich" not in found
    assert "chiara-segala" not in found
    assert all(
        person.role == "principal-investigator" and person.role_as_printed is None for person in found.values()
    )


def test_abstracts_have_a_status(page: Extraction) -> None:
    """One abstract is empty, one is a dash, all others are there."""
    status = {project.span.line: project.abstract.status for project in page.projects}
    assert {line: word for line, word in status.items() if word != "present"} == {151: "empty", 204: "placeholder"}
    assert all(
        (project.abstract.text is not None) == (project.abstract.status == "present") for project in page.projects
    )


def test_lists_and_wrapped_lines_belong_to_the_abstract(page: Extraction) -> None:
    """Numbered items and hard-wrapped lines are in the abstract's text, without the hard line ends."""
    listed, wrapped = project_at(page, 62).abstract, project_at(page, 305).abstract
    assert listed.span is not None
    assert (listed.span.line, listed.span.line_end) == (67, 76)
    assert "\n\n2. study of PAC-Bayes risk bounds" in (listed.text or "")
    assert (
        "trajectories produced by (variants of) gradient descent, where the focus lies on the question whether"
        in (wrapped.text or "")
    )


def test_captions_are_no_text(page: Extraction) -> None:
    """The captions of three images are findings and in no abstract."""
    assert lines_of(page, "image-caption") == [269, 285, 356]
    assert not any("Graphics showing" in (p.abstract.text or "") for p in page.projects)
    assert not any("Image of different" in (p.abstract.text or "") for p in page.projects)


def test_the_reference_is_a_publication(page: Extraction) -> None:
    """Line 225 cites one work, which is not part of the abstract's text."""
    project = project_at(page, 218)
    (work,) = project.publications
    assert work.title == (
        "The Evidence Lower Bound of Variational Autoencoders Converges to a Sum of Three Entropies"
    )
    assert work.authors == ("J. Lücke", "D. Forster", "Z. Dai")
    assert (work.year, work.span.line) == (2021, 225)
    assert [(one.scheme, one.value) for one in work.identifiers] == [("arxiv", "2010.14860")]
    assert "Evidence Lower Bound" not in (project.abstract.text or "")


def test_the_pages_own_figures_are_counted_again(page: Extraction) -> None:
    """23 projects and 34 investigators agree; 24 universities cannot be checked here."""
    assert [(c.value, c.label, c.span.line, c.counted, c.agrees) for c in page.claims] == [
        (23, "Projects", 124, 23, True),
        (34, "Prinicipal Investigators", 128, 34, True),
        (24, "Universities from across Germany", 133, None, None),
    ]
    assert page.claims[2].how == "no institution is named in this document"
    assert lines_of(page, "claim-unverifiable") == [133]
    assert lines_of(page, "spelling") == [130]


def test_misspelt_names_are_one_person(page: Extraction) -> None:
    """A misprint in a list is the person of the header, who keeps the header's spelling."""
    people = {person.id: person for person in page.people}
    assert people["bernd-sturmfels"].misspellings == ("Bern Sturmfels",)
    assert people["andres-fernandez-rodriguez"].names_as_printed == (
        "Andrés Fernández Rodríguez",
        "Andrés Fernándes Rodríges",
    )
    assert lines_of(page, "name-variant") == [44, 201]
    assert not {"bern-sturmfels", "andres-fernandes-rodriges"} & set(people)


def test_one_person_in_two_projects_has_one_id(page: Extraction) -> None:
    """Martin Burger stands in two projects and is one of 77 people."""
    people = {person.id: person for person in page.people}
    assert people["martin-burger"].projects == (
        "deep-learning-based-regularization-of-inverse-problems",
        "foundations-of-supervised-deep-learning-for-inverse-problems",
    )
    assert len(people) == 77
    assert {"christian-kuehn", "guido-montufar"} <= set(people)


def test_notes_in_brackets_are_kept(page: Extraction) -> None:
    """Two people have a note about their funding."""
    noted = [(p.name, p.note) for project in page.projects for p in project.people if p.note]
    assert noted == [("David Holzmüller", "3rd party funding"), ("Manuel Nonnenmacher", "3rd party funding")]


def test_what_differs_between_header_and_list_is_found(page: Extraction) -> None:
    """Julia Kostin is missing in a list; Gabriele Steidl has two titles, of which the fuller holds."""
    assert lines_of(page, "missing-in-list") == [247]
    assert lines_of(page, "missing-in-header") == []
    assert lines_of(page, "honorific-differs") == [344]
    steidl = project_at(page, 343).people[0]
    assert (steidl.name, steidl.honorific) == ("Gabriele Steidl", "Prof. Dr.")


def test_empty_abstracts_and_furniture_are_found(page: Extraction) -> None:
    """The empty abstract, the dash and the page's last line are reported where they stand."""
    assert lines_of(page, "empty-abstract") == [154]
    assert lines_of(page, "placeholder-abstract") == [209]
    assert lines_of(page, "page-furniture") == [383]
    assert lines_of(page, "unread-text") == []


def test_copied_sentences_are_found(page: Extraction) -> None:
    """Line 375 repeats line 144 of another project, though a space was lost there."""
    (found,) = [finding for finding in page.findings if finding.code == "repeated-text"]
    assert found.span.line == 375
    assert "line 144" in found.message
    assert "Globally Optimal Neural Network Training" in found.message
    assert found.quote.startswith("To support")
    assert found.quote.endswith("limits.")


def test_glued_words_are_found_and_nothing_else(page: Extraction) -> None:
    """Every word reported as glued is one, and only the three spoilt abstracts have any."""
    found = [finding for finding in page.findings if finding.code == "missing-space"]
    assert {finding.span.line for finding in found} == {39, 142, 144, 168}
    quotes = {finding.quote for finding in found}
    assert {"seekto", "neuralnetwork", "distributionof", "implicitcharacterizations"} <= quotes
    assert {"theability", "problemis", "assessthe", "willalso", "Bothneed", "andpractical"} <= quotes
    assert {"processingtasks", "imagereconstruction", "with,and", "themselves.We"} <= quotes
    assert not quotes & {"meanfield", "autoencoders", "hyperbolicity", "feedforward"}
    assert len(quotes) == 22


def test_marks_of_latex_are_found(page: Extraction) -> None:
    """Three marks of LaTeX are reported."""
    found = [(f.span.line, f.quote) for f in page.findings if f.code == "latex-residue"]
    assert found == [(26, "particle--to--particle"), (26, "E.g.~the"), (352, "e.g.\\ uni-")]


def test_findings_quote_what_they_cover(page: Extraction) -> None:
    """Every finding quotes its span, has a message, and stands in order."""
    assert all(finding.quote == page.document.quote(finding.span) and finding.message for finding in page.findings)
    assert [f.span.start for f in page.findings] == sorted(f.span.start for f in page.findings)


def test_json_has_the_published_shape(page: Extraction) -> None:
    """The JSON has exactly the published keys, and a person's earliest position."""
    data = to_json(page)
    assert list(data) == ["document", "programme", "phase", "projects", "people", "claims", "findings", "coverage"]
    assert data["phase"] == {"label": "Phase 1", "number": 1, "start": None, "end": None, "line": 1}
    project = data["projects"][0]
    assert list(project) == [
        "id", "code", "acronym", "title", "kind", "start", "end", "abstract", "people", "institutions", "topics",
        "publications", "identifiers", "line_start", "line_end",
    ]  # fmt: skip
    assert project["people"][0] == {
        "id": "martin-eigel", "name": "Martin Eigel", "honorific": "Dr.", "role": "principal-investigator",
        "role_as_printed": None, "is_pi": True, "note": None, "affiliation": None,
        "line": 4, "column": 5, "start": 65, "end": 77,
    }  # fmt: skip
    assert (project["line_start"], project["line_end"]) == (3, 19)
    assert set(data["findings"][0]) == {"code", "severity", "line", "column", "quote", "message"}
    assert data["claims"][2]["agrees"] is None


def test_the_table_says_the_counts(page: Extraction) -> None:
    """The table for people names the counts, every project and every finding."""
    text = to_text(page)
    assert "24 projects (23 regular), 77 people, 34 principal investigators" in text
    assert "missing-in-list" in text
    assert len(text.splitlines()) > 24 + len(page.findings)


def test_the_acronym_is_read_from_the_title(page: Extraction) -> None:
    """A title's last bracket is the acronym; the title keeps it."""
    project = project_at(page, 151)
    assert (project.acronym, project.title[-7:]) == ("iLOCO", "(iLOCO)")

"""Who is the same person: never by the name alone."""

from __future__ import annotations

from pathlib import Path

from fundgraph.documents import document_from_bytes
from fundgraph.extract import extract
from fundgraph.extract.identity import resolve_identities
from fundgraph.model import Extraction, ReadingOptions
from fundgraph.pipeline import build
from fundgraph.settings import Settings

PAGE = """Phase 1

Ice on slow rivers
{one}, Ben Bach

Abstract

Ice forms on slow rivers in patterns that we model.

Salt in estuaries
{other}, {mate}

Abstract

Salt moves upstream with the tide, and we measure how far.
"""


def read(*, one: str, other: str, mate: str = "Cora Fluss", **options: object) -> Extraction:
    """Read a page on which a name stands in two projects."""
    text = PAGE.format(one=one, other=other, mate=mate)
    return extract(document_from_bytes(text.encode(), path="page.txt"), ReadingOptions(**options))  # type: ignore[arg-type]


def test_a_name_alone_is_no_evidence() -> None:
    """Two bearers of a name with nothing else in common are two people, and a finding to decide."""
    page = read(one="Johannes Müller", other="Johannes Müller")
    ids = [project.people[0].person_id for project in page.projects]
    assert ids == ["johannes-mueller", "johannes-mueller--salt-in-estuaries"]
    (finding,) = [finding for finding in page.findings if finding.code == "homonym"]
    assert (finding.span.line, finding.about) == (11, ids[1])


def test_a_title_is_evidence() -> None:
    """Two professors of one name in one programme are one person."""
    page = read(one="Prof. Dr. Ada Quell", other="Prof. Ada Quell")
    assert {project.people[0].person_id for project in page.projects} == {"ada-quell"}


def test_a_shared_colleague_is_evidence() -> None:
    """A name that stands beside the same colleague in two projects is one person's."""
    page = read(one="Johannes Müller", other="Johannes Müller", mate="Ben Bach")
    assert len({person.id for person in page.people if person.name == "Johannes Müller"}) == 1


def test_a_decision_wins() -> None:
    """What somebody decided is done, whatever the evidence."""
    page = read(
        one="Johannes Müller",
        other="Johannes Müller",
        identities={"salt-in-estuaries/johannes-mueller": "johannes-mueller"},
    )
    assert {project.people[0].person_id for project in page.projects} == {"johannes-mueller"}


def test_across_documents() -> None:
    """A namesake in another document's project stays apart; in the same project it is the same person."""
    first, second, third = (
        extract(document_from_bytes(text.encode(), path=f"{name}.txt", id=name), ReadingOptions())
        for name, text in (
            ("a", PAGE.format(one="Johannes Müller", other="Emil Delta", mate="Cora Fluss")),
            (
                "b",
                "Mills on the tide\nJohannes Müller, Nora Nord\n\nAbstract\n\nMills turn with the tide twice a day.\n",
            ),
            (
                "c",
                "Ice on slow rivers\nJohannes Müller, Zoe Zander\n\nAbstract\n\nIce again, in the second phase of it.\n",
            ),
        )
    )
    _, other, same = resolve_identities([first, second, third])
    assert other.projects[0].people[0].person_id == "johannes-mueller--mills-on-the-tide"
    assert [finding.code for finding in other.findings if finding.code == "homonym"]
    assert same.projects[0].people[0].person_id == "johannes-mueller"


def test_namesakes_do_not_stop_a_build(tmp_path: Path) -> None:
    """The IRI of a person who is kept apart from a namesake, and of the participation, conforms to the shapes."""
    data = tmp_path / "rivers"
    data.mkdir()
    (data / "page.txt").write_text(PAGE.format(one="Ada Lind", other="Ada Lind", mate="Cora Fluss"), "utf-8")
    (data / "programme.toml").write_text(
        '[programme]\nname = "Rivers"\nnumber = "TST 1"\nbase = "https://example.org/rivers/"\n\n'
        '[[phase]]\nnumber = 1\n\n[[document]]\nid = "page"\nfile = "page.txt"\nphase = 1\n',
        "utf-8",
    )
    report = build(Settings(data_dir=data, build_dir=tmp_path / "build"))
    assert report.validation.counts["error"] == 0
    assert b"/person/ada-lind--salt-in-estuaries>" in (report.snapshot.path / "dataset.nq").read_bytes()

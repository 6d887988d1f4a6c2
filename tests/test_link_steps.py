"""One candidate accepted, the others with it; what is left open is told; and where an organisation is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from fundgraph.cli import commands
from fundgraph.errors import ConflictError, LinkError, UsageError
from fundgraph.link.check import check_sets
from fundgraph.link.mapping import CLOSE, FG, SEMAPV, Link, MappingSet
from fundgraph.link.meaning import assertions
from fundgraph.link.review import Desk
from fundgraph.link.sssom import SUFFIX, new_header, read_set, write_set
from fundgraph.pipeline import build
from fundgraph.settings import Settings

TINY = Path(__file__).resolve().parent / "data" / "tiny"
BASE = "https://example.org/rivers/"
ADA, BEN = f"{BASE}person/ada-quell", f"{BASE}person/ben-bach"
ITEMS = tuple(f"http://www.wikidata.org/entity/Q10000{n}" for n in range(3))
GEO = "http://www.w3.org/2003/01/geo/wgs84_pos#"
DAY = "2026-02-03"


def suggested(subject: str, target: str, confidence: float, **more: Any) -> Link:
    """Make a suggestion."""
    values: dict[str, Any] = {"subject_label": "Ada Quell", "subject_category": f"{FG}Person", "band": "review"}
    return Link(subject, CLOSE, target, f"{SEMAPV}CompositeMatching", confidence=confidence, **(values | more))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A set with three namesakes for one person, and one candidate for another."""
    rows = [suggested(ADA, item, 0.9 - at / 10) for at, item in enumerate(ITEMS)]
    rows.append(suggested(BEN, "http://www.wikidata.org/entity/Q200000", 0.2, subject_label="Ben Bach"))
    path = tmp_path / "links" / f"wikidata{SUFFIX}"
    write_set(MappingSet("wikidata", new_header("wikidata", BASE, "Wikidata"), tuple(rows)), path)
    return path.parent


@pytest.fixture
def desk(folder: Path, tmp_path: Path) -> Desk:
    """The desk of that set."""
    return Desk(folder, tmp_path / "decisions.jsonl")


def states(folder: Path, subject: str = ADA) -> list[str]:
    """Return the states of a person's candidates, in the order of the items."""
    links = read_set(folder / f"wikidata{SUFFIX}").links
    return [link.state for link in sorted(links, key=lambda one: one.object) if link.subject == subject]


def test_accepting_one_rejects_the_others_in_one_step(desk: Desk, folder: Path) -> None:
    """The other candidates of the thing are rejected with a word why, those of other things stay, and one undo takes all back."""
    before = (folder / f"wikidata{SUFFIX}").read_bytes()
    desk.decide("wikidata", (ADA, ITEMS[1]), "accept", "R. One", DAY, "her own page", others=True)
    assert states(folder) == ["rejected", "accepted", "rejected"]
    assert states(folder, BEN) == ["suggested"]
    rejected = read_set(folder / f"wikidata{SUFFIX}").links[0]
    assert rejected.comment == f"accepted instead: {ITEMS[1]}"
    taken = desk.undo("R. One")
    assert taken is not None
    assert (taken.verdict, taken.object, taken.comment) == ("accept", ITEMS[1], "her own page")
    assert (folder / f"wikidata{SUFFIX}").read_bytes() == before
    assert desk.undo("R. One") is None


def test_a_step_is_taken_back_whole_or_not_at_all(desk: Desk, folder: Path) -> None:
    """Where somebody has decided on one row of a step since, nothing of it is taken back."""
    desk.decide("wikidata", (ADA, ITEMS[0]), "accept", "R. One", DAY, others=True)
    desk.decide("wikidata", (ADA, ITEMS[2]), "unsure", "R. Two", DAY)
    with pytest.raises(ConflictError, match=r"R\. Two has decided"):
        desk.undo("R. One")
    assert states(folder) == ["accepted", "rejected", "unsure"]


def test_only_who_accepts_rejects_the_others(desk: Desk, folder: Path) -> None:
    """No other verdict takes the other candidates along."""
    with pytest.raises(UsageError, match="only who accepts"):
        desk.decide("wikidata", (ADA, ITEMS[0]), "unsure", "R. One", DAY, others=True)
    assert states(folder) == ["suggested"] * 3


def test_what_is_left_open_is_told(desk: Desk, folder: Path) -> None:
    """After one of three was accepted alone, the others wait beside it, and ``check`` says so until they are decided."""
    desk.decide("wikidata", (ADA, ITEMS[0]), "accept", "R. One", DAY)
    (case,) = [case for case in desk.waiting() if case.subject == ADA]
    assert [link.object for link in case.links] == list(ITEMS[1:])
    assert [(link.object, link.state) for link in case.beside] == [(ITEMS[0], "accepted")]
    (fault,) = check_sets(desk.sets())
    assert (fault.code, fault.severity, fault.subject) == ("link-left-open", "info", ADA)
    assert "still wait: 2" in fault.message
    for item in ITEMS[1:]:
        desk.decide("wikidata", (ADA, item), "reject", "R. One", DAY)
    assert check_sets(desk.sets()) == []
    assert [case.subject for case in desk.waiting()] == [BEN]


def test_the_terminal_shows_both_sides_and_ends_when_all_is_decided(folder: Path, tmp_path: Path) -> None:
    """Our side is shown with its line; `o` decides on all candidates at once; after `a` alone the others are still asked for."""
    build(Settings(build_dir=tmp_path / "build", data_dir=TINY, links_dir=tmp_path / "none"))
    arguments = ["link", "review", "--build-dir", str(tmp_path / "build"), "--data-dir", str(TINY), "--links-dir",
                 str(folder), "--reviewer", "R. One"]  # fmt: skip
    result = CliRunner().invoke(commands, arguments, input="a 2\nz\no 1 her page\nq\n")
    assert result.exit_code == 0, result.stderr
    assert "here: University of Springs; 2020–2022; with Ben Bach" in result.stdout
    assert "page line" in result.stdout
    assert "other candidates of Ada Quell still wait: 2" in result.stderr
    assert f"accept: {ITEMS[0]}, the others rejected" in result.stderr
    assert states(folder) == ["accepted", "rejected", "rejected"]
    assert "and what was rejected by it" in CliRunner().invoke(commands, [*arguments, "--undo"]).stderr
    result = CliRunner().invoke(commands, arguments, input="a 1\nq\n")
    assert states(folder) == ["accepted", "suggested", "suggested"]
    broken_off = CliRunner().invoke(commands, arguments, input="")
    assert (broken_off.exit_code, "0 decisions, " in broken_off.stderr) == (0, True)
    unknown = CliRunner().invoke(commands, [*arguments, "--list", "--set", "nobody"])
    assert (unknown.exit_code, "there is no mapping set 'nobody'" in unknown.stderr) == (2, True)
    listed = CliRunner().invoke(commands, [*arguments, "--list"])
    assert f"already accepted: {ITEMS[0]}  <{ITEMS[0]}>  R. One" in listed.stdout


def ror(**more: Any) -> Link:
    """Make a suggestion of an organisation with its place."""
    values: dict[str, Any] = {"subject_category": f"{FG}Organisation", "subject_label": "University of Springs"}
    return suggested(
        f"{BASE}organisation/springs", "https://ror.org/05591te55", 0.9, place=(50.7344, 7.0955), **(values | more)
    )


def test_coordinates_come_with_an_accepted_link(tmp_path: Path) -> None:
    """Where an organisation is, is kept in the row, and said of it once its link was accepted; never before."""
    path = tmp_path / f"ror{SUFFIX}"
    write_set(MappingSet("ror", new_header("ror", BASE, "ROR"), (ror(),)), path)
    (link,) = read_set(path).links
    assert link.place == (50.7344, 7.0955)
    assert not [triple for triple in assertions(link, BASE) if GEO in triple[1]]
    Desk(tmp_path, tmp_path / "journal").decide("ror", link.key, "accept", "R. One", DAY)
    (link,) = read_set(path).links
    said = {p[1:-1].removeprefix(GEO): o for _, p, o in assertions(link, BASE) if GEO in p}
    number = "http://www.w3.org/2001/XMLSchema#decimal"
    assert said == {"lat": f'"50.7344"^^<{number}>', "long": f'"7.0955"^^<{number}>'}


@pytest.mark.parametrize("wrong", ["Bonn", "50.7", "91.0, 7.0", "50.7, 181"])
def test_what_is_no_place(tmp_path: Path, wrong: str) -> None:
    """A place that is none is refused with its line."""
    path = tmp_path / f"ror{SUFFIX}"
    write_set(MappingSet("ror", new_header("ror", BASE, "ROR"), (ror(),)), path)
    path.write_text(path.read_text(encoding="utf-8").replace("50.7344, 7.0955", wrong), encoding="utf-8")
    with pytest.raises(LinkError, match="place is latitude and longitude") as caught:
        read_set(path)
    assert caught.value.line == read_line(path)


def read_line(path: Path) -> int:
    """Return the number of the last line of a file."""
    return len(path.read_text(encoding="utf-8").splitlines())

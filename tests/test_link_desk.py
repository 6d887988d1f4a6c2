"""The desk: suggestions from a real target, decisions in the files, checks and what is published, also from the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from fundgraph.cli import commands
from fundgraph.errors import ConflictError, UsageError
from fundgraph.kg import KnowledgeGraph
from fundgraph.link import review
from fundgraph.link.check import check_sets, coverage, moved_or_gone
from fundgraph.link.mapping import CLOSE, CURATED, FG, NO_TERM, SAME_AS, SEMAPV, Link, MappingSet
from fundgraph.link.publish import nquads, quickstatements
from fundgraph.link.review import Desk
from fundgraph.link.sssom import new_header, read_set, write_set
from fundgraph.linking import _probe, check_links, suggest
from fundgraph.pipeline import build
from fundgraph.settings import Settings
from fundgraph.things import things_of
from tests.link_targets import WIKIDATA, oxigraph, replaying

pytestmark = pytest.mark.slow

TINY = Path(__file__).resolve().parent / "data" / "tiny"
BASE = "https://example.org/rivers/"
ADA = f"{BASE}person/ada-quell"
ITEM = "http://www.wikidata.org/entity/Q100001"
NAMESAKE = "http://www.wikidata.org/entity/Q100002"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build folder with the small programme."""
    folder = tmp_path_factory.mktemp("desk") / "build"
    build(Settings(build_dir=folder, data_dir=TINY))
    return folder


@pytest.fixture
def settings(built: Path, tmp_path: Path) -> Settings:
    """Settings with mapping sets of their own."""
    return Settings(build_dir=built, data_dir=TINY, links_dir=tmp_path / "links")


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Something like Wikidata."""
    with oxigraph(tmp_path_factory.mktemp("wikidata"), WIKIDATA) as address:
        yield address


@pytest.fixture
def found(settings: Settings, endpoint: str) -> MappingSet:
    """What is suggested for the people of the small programme."""
    from fundgraph.linking import targets_of

    target = replace(targets_of(settings)["wikidata"], address=endpoint, per_second=1000)
    return read_set(suggest(settings, "wikidata", "person", target=target).path)


def row(one: MappingSet, target: str = ITEM) -> Link:
    """The row that leads somewhere."""
    return next(link for link in one.links if link.object == target)


def test_things_are_read_with_what_tells_them_apart(built: Path) -> None:
    """A person of the snapshot comes with affiliation, colleagues, topics, years and the line where they stand."""
    with KnowledgeGraph.open(built) as kg:
        people = {entity.iri: entity for entity in things_of(kg, "person")}
        projects = things_of(kg, "project")
    ada = people[ADA]
    assert ada.affiliations == ("University of Springs",)
    assert set(ada.companions) == {"Ben Bach", "Cora Fluss", "Dora Strom"}
    assert ada.years == (2020, 2022)
    assert ada.note.startswith("page line ")
    assert {grant for project in projects for grant in project.grants} == {"123456789"}


def test_suggestions_are_rows_for_review(found: MappingSet) -> None:
    """Namesakes stand side by side with every feature; nobody is accepted; who is not there is said to be not found."""
    of_ada = [link for link in found.links if link.subject == ADA]
    assert [link.object for link in of_ada] == [ITEM, NAMESAKE] or {link.object for link in of_ada} == {
        ITEM,
        NAMESAKE,
    }
    assert {link.state for link in of_ada} == {"suggested"}
    assert all(
        link.predicate == CLOSE and "name" in link.features and "affiliation" in link.features for link in of_ada
    )
    assert "University of Examples" in row(found).facts
    others = {link.subject for link in found.links if link.object == NO_TERM}
    assert others == {f"{BASE}person/{name}" for name in ("ben-bach", "cora-fluss", "dora-strom")}
    assert found.header["object_source_version"]
    assert found.header["subject_source_version"]


def test_a_target_is_asked_once(settings: Settings, endpoint: str, found: MappingSet) -> None:
    """A second run works on the frozen answers, although the target has gone, and changes nothing."""
    from fundgraph.linking import targets_of

    path = settings.links_dir / "wikidata.sssom.tsv"  # type: ignore[operator]
    before = path.read_text(encoding="utf-8")
    gone = replace(targets_of(settings)["wikidata"], address="http://127.0.0.1:1/", retries=0)
    suggest(settings, "wikidata", "person", target=gone)
    assert path.read_text(encoding="utf-8") == before
    assert row(found).line


@pytest.fixture
def desk(settings: Settings, tmp_path: Path, found: MappingSet) -> Desk:
    """The desk with the suggestions."""
    assert settings.links_dir is not None
    return Desk(settings.links_dir, tmp_path / "decisions.jsonl")


def test_decisions_are_written_to_the_file(desk: Desk, settings: Settings, tmp_path: Path) -> None:
    """A decision changes its row alone, with reviewer and date, and survives; what waits is fewer by it."""
    path = tmp_path / "links" / "wikidata.sssom.tsv"
    before = path.read_text(encoding="utf-8").splitlines()
    assert [(case.subject, len(case.links)) for case in desk.waiting()] == [(ADA, 2)]
    desk.decide("wikidata", (ADA, NAMESAKE), "reject", "R. One", "2026-02-03", "teaches elsewhere")
    after = path.read_text(encoding="utf-8").splitlines()
    rejected = row(read_set(path), NAMESAKE)
    assert (rejected.state, rejected.reviewers, rejected.review_date) == ("rejected", ("R. One",), "2026-02-03")
    assert rejected.comment == "teaches elsewhere"
    assert [link.object for case in desk.waiting() for link in case.links] == [ITEM]
    assert sum(one != other for one, other in zip(before, after, strict=True)) == 1


def test_what_was_rejected_is_never_suggested_again(
    desk: Desk, settings: Settings, endpoint: str, tmp_path: Path
) -> None:
    """A new search leaves the rejected pair as it is, and the accepted one; nothing else is suggested for the latter."""
    from fundgraph.linking import targets_of

    target = replace(targets_of(settings)["wikidata"], address=endpoint, per_second=1000)
    desk.decide("wikidata", (ADA, NAMESAKE), "reject", "R. One", "2026-02-03")
    again = read_set(suggest(settings, "wikidata", "person", target=target, again=True).path)
    assert {(link.object, link.state) for link in again.links if link.subject == ADA} == {
        (ITEM, "suggested"), (NAMESAKE, "rejected"),
    }  # fmt: skip
    desk.decide("wikidata", (ADA, ITEM), "accept", "R. One", "2026-02-03")
    desk.undo()
    desk.undo()
    desk.decide("wikidata", (ADA, ITEM), "accept", "R. One", "2026-02-03")
    last = read_set(suggest(settings, "wikidata", "person", target=target).path)
    assert [(link.object, link.state) for link in last.links if link.subject == ADA] == [(ITEM, "accepted")]


def test_only_what_changed_is_read_again(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A set is read once for many looks at what waits, and anew when somebody decides or edits the file."""
    read: list[str] = []
    monkeypatch.setattr(review, "read_set", lambda path: read.append(path.name) or read_set(path))
    whole = [desk.waiting() for _ in range(3)]
    assert whole[0] == whole[1] == whole[2]
    assert len(read) <= 1
    (path,) = (tmp_path / "links").glob("*.tsv")
    read.clear()
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("Ada Quell", "Ada Qvell"), encoding="utf-8")
    assert desk.waiting()[0].links[0] != whole[0][0].links[0]
    assert read == [path.name]


def test_a_decision_can_be_taken_back(desk: Desk, tmp_path: Path) -> None:
    """Undo gives the file back byte by byte, the last decision first, each reviewer their own."""
    path = tmp_path / "links" / "wikidata.sssom.tsv"
    before = path.read_bytes()
    desk.decide("wikidata", (ADA, ITEM), "accept", "R. One", "2026-02-03")
    desk.decide("wikidata", (ADA, NAMESAKE), "unsure", "R. Two", "2026-02-04")
    assert desk.undo("R. One").object == ITEM  # type: ignore[union-attr]
    assert row(read_set(path), NAMESAKE).state == "unsure"
    assert desk.undo().object == NAMESAKE  # type: ignore[union-attr]
    assert desk.undo() is None
    assert path.read_bytes() == before


def test_nobody_takes_back_under_another_s_feet(desk: Desk) -> None:
    """A decision on which somebody else has decided since is not undone; a row that changed is not decided on unseen."""
    desk.decide("wikidata", (ADA, ITEM), "accept", "R. One", "2026-02-03")
    with pytest.raises(ConflictError, match="is accepted now"):
        desk.decide("wikidata", (ADA, ITEM), "reject", "R. Two", "2026-02-03", seen="suggested")
    desk.decide("wikidata", (ADA, ITEM), "reject", "R. Two", "2026-02-03")
    with pytest.raises(ConflictError, match=r"R\. Two has decided"):
        desk.undo("R. One")


def test_two_reviews_add_up_and_a_contrary_one_begins_anew(desk: Desk, tmp_path: Path) -> None:
    """Two who accept are both named; who rejects afterwards stands alone."""
    for who in ("R. One", "R. Two", "R. Two"):
        link = desk.decide("wikidata", (ADA, ITEM), "accept", who, "2026-02-03")
    assert link.reviewers == ("R. One", "R. Two")
    assert link.times_accepted == 2
    assert desk.decide("wikidata", (ADA, ITEM), "reject", "R. Three", "2026-02-04").reviewers == ("R. Three",)


def test_wrong_decisions_are_refused(desk: Desk) -> None:
    """No verdict, no name, no such set or row: a UsageError, and nothing is written."""
    for arguments in (
        ("wikidata", (ADA, ITEM), "perhaps", "R. One"), ("wikidata", (ADA, ITEM), "accept", " | "),
        ("nowhere", (ADA, ITEM), "accept", "R. One"), ("../wikidata", (ADA, ITEM), "accept", "R. One"),
        ("wikidata", (ADA, "x:y"), "accept", "R. One"),
    ):  # fmt: skip
        with pytest.raises(UsageError):
            desk.decide(*arguments, "2026-02-03")
    assert all(link.state != "accepted" for one in desk.sets() for link in one.links)


def _link(subject: str, target: str, line: int, **more: Any) -> Link:
    values: dict[str, Any] = {
        "predicate": SAME_AS,
        "justification": CURATED,
        "subject_category": FG + "Person",
        "line": line,
    }
    return Link(BASE + subject, object=target, **(values | more))


def _set(name: str, *links: Link) -> MappingSet:
    return MappingSet(name, new_header(name, BASE, name), links)


ORCID = "https://orcid.org/0000-0002-1825-0097"
OTHER = "https://orcid.org/0000-0001-5109-3700"


@pytest.mark.parametrize(
    ("sets", "codes"),
    [
        ([_set("a", _link("person/x", ORCID, 9))], []),
        ([_set("a", _link("person/x", ORCID[:-1] + "8", 9))], ["link-check-digit"]),
        ([_set("a", _link("person/x", ORCID, 9), _link("person/y", ORCID, 10))], ["link-two-of-ours"]),
        ([_set("a", _link("person/x", ORCID, 9)), _set("b", _link("person/x", OTHER, 9))], ["link-two-of-theirs"]),
        ([_set("a", _link("person/x", ORCID, 9)), _set("b", _link("person/x", ORCID, 9, negated=True, reviewers=("R",)))], ["link-contradiction"]),
        ([_set("a", _link("person/lost", ORCID, 9))], ["link-unknown-subject"]),
        ([_set("a", _link("person/x", ORCID, 9), _link("person/y", ORCID, 10, justification=SEMAPV + "CompositeMatching"))], []),
        ([_set("a", *(_link("organisation/x", f"https://doi.org/10.13039/{n}", n) for n in (1, 2)))], []),
    ],
)  # fmt: skip
def test_what_is_off_in_sets(sets: list[MappingSet], codes: list[str]) -> None:
    """Check digits, doubled things, contradictions and lost things are found, each once, and nothing where all is well."""
    faults = check_sets(sets, lambda iri: "lost" not in iri)
    assert [fault.code for fault in faults] == codes
    assert all(fault.line >= 9 and fault.place for fault in faults)


def test_moved_and_dead_targets_are_found() -> None:
    """An address that redirects to another identifier has moved, one that answers 410 is gone."""
    with replaying() as (address, _):

        def probe(iri: str) -> tuple[int, str]:
            return _probe(address + {ORCID: "/moved/x", OTHER: "/gone/x"}.get(iri, "/fine"))

        sets = [
            _set(
                "a",
                _link("person/x", ORCID, 1),
                _link("person/y", OTHER, 2),
                _link("person/z", "https://ror.org/05591te55", 3),
            )
        ]
        assert [(fault.code, fault.line) for fault in moved_or_gone(sets, probe)] == [
            ("link-moved", 1),
            ("link-gone", 2),
        ]


def test_coverage_counts_each_thing_once() -> None:
    """A thing with a link and a suggestion counts as linked; one that was not found as absent."""
    found = SEMAPV + "CompositeMatching"
    one = _set(
        "a", _link("person/x", ORCID, 1), _link("person/x", OTHER, 2, justification=found),
        _link("person/y", NO_TERM, 3, justification=found), _link("person/z", OTHER, 4, justification=found),
    )  # fmt: skip
    (line,) = coverage([one], {f"{BASE}person/{name}": "Person" for name in "xyzw"})
    assert (line.things, line.linked, line.reviewed, line.waiting, line.absent) == (4, 1, 0, 1, 1)


def test_only_what_was_accepted_is_told_to_wikidata() -> None:
    """QuickStatements hold accepted identifiers of things whose item was accepted, with the property and the source."""
    review = {"reviewers": ("R. One",), "review_date": "2026-01-01", "agreement": 1.0}
    item = _link("person/x", ITEM, 1, **review)
    good = _link("person/x", ORCID, 2, evidence="https://example.org/cv", **review)
    assert quickstatements([_set("a", item), _set("b", good)]) == [
        'Q100001\tP496\t"0000-0002-1825-0097"\tS854\t"https://example.org/cv"\n'
    ]
    assert quickstatements([_set("a", item), _set("b", _link("person/x", ORCID, 2))]) == []
    assert quickstatements([_set("a", _link("person/x", ITEM, 1)), _set("b", good)]) == []


def test_same_as_is_published_only_where_asked_for() -> None:
    """Without the option no line of N-Quads holds owl:sameAs, with it those of twice accepted links."""
    twice = _link("person/x", ORCID, 2, reviewers=("R. One", "R. Two"), review_date="2026-01-01", agreement=1.0)
    sets = [_set("a", twice)]
    assert not [line for line in nquads(sets, BASE) if "owl#sameAs" in line]
    (line,) = [line for line in nquads(sets, BASE, with_same_as=True) if "owl#sameAs" in line]
    assert line.endswith(f"<{BASE}graph/links/same-as> .\n")


def run(settings: Settings, *arguments: str, answers: str = "") -> tuple[int, str, str]:
    """Run ``fundgraph link``; give exit code, stdout and stderr."""
    places = [
        "--build-dir",
        str(settings.build_dir),
        "--data-dir",
        str(TINY),
        "--links-dir",
        str(settings.links_dir),
    ]
    result = CliRunner().invoke(commands, ["link", arguments[0], *places, *arguments[1:]], input=answers)
    return result.exit_code, result.stdout, result.stderr


def test_reviewing_in_the_terminal(settings: Settings, found: MappingSet) -> None:
    """Both candidates are shown with facts and features; answers are written, undone, and asked for again where unclear."""
    code, out, err = run(
        settings, "review", "--reviewer", "R. One", answers="x\nr 2 another one\nz\na 1 her own page says so\ns\n"
    )
    assert code == 0
    assert out.count("1. ") == 1
    assert "University of Examples" in out
    assert "affiliation" in out
    assert "say which" in err
    assert "taken back" in err
    assert err.endswith("2 decisions, 1 things were waiting\n")
    decided = {link.object: link for link in read_set(Path(found.path)).links if link.subject == ADA}
    assert decided[row(found).object].state in ("accepted", "suggested")
    assert sorted(link.state for link in decided.values()) == ["accepted", "suggested"]
    assert run(settings, "review", "--reviewer", "R. One", "--undo")[2].startswith("taken back: accept")
    assert "1. Ada Quell" in run(settings, "review", "--list")[1]


def test_the_commands_check_and_publish(settings: Settings, found: MappingSet, tmp_path: Path) -> None:
    """``check`` says what is linked and ends with 1 on an error; ``publish`` writes its three forms."""
    code, out, _ = run(settings, "check", "-f", "json")
    assert code == 0
    assert json.loads(out)["coverage"][0] | {"line": 0} == {
        "set": "wikidata", "kind": "Person", "things": 4, "linked": 0, "reviewed": 0, "waiting": 1, "absent": 3, "line": 0,
    }  # fmt: skip
    bad = _set("orcid", _link("person/ada-quell", ORCID[:-1] + "8", 0, evidence="x"))
    write_set(bad, tmp_path / "links" / "orcid.sssom.tsv")
    code, out, _ = run(settings, "check")
    assert code == 1
    assert "error: orcid.sssom.tsv:" in out
    code, out, err = run(settings, "publish", "-o", str(tmp_path / "out"))
    assert code == 0
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "links.nq", "orcid.sssom.tsv", "quickstatements.tsv", "wikidata.sssom.tsv",
    }  # fmt: skip
    assert "0 statements for Wikidata" in err
    assert check_links(settings)[0][0].code == "link-check-digit"


def test_the_sets_of_another_programme_are_left_alone(built: Path) -> None:
    """Where the data folder is of another programme than the snapshot, nothing is asked, checked or written: the folder is to be named."""
    wrong = ["--build-dir", str(built), "--data-dir", str(TINY.parents[2] / "data" / "spp2298")]
    for arguments in (["suggest", "wikidata"], ["check"], ["publish", "-o", str(built / "out")]):
        result = CliRunner().invoke(commands, ["link", *arguments, *wrong])
        assert result.exit_code == 2
        assert "the snapshot is of <https://example.org/rivers/>" in result.stderr
        assert "--data-dir" in result.stderr
    assert not (built / "out").exists()


def test_the_command_suggest_lists_targets(settings: Settings) -> None:
    """Without a target the targets are listed; an unknown one, or a kind that it has not, is a wrong use."""
    code, out, _ = run(settings, "suggest")
    assert code == 0
    assert "wikidata" in out
    assert run(settings, "suggest", "nobody")[0] == 2
    assert run(settings, "suggest", "ror", "--kind", "person")[0] == 2


def test_findings_of_links_are_on_the_page_of_quality(tmp_path: Path) -> None:
    """What is off in a mapping set, of the folder that a build is told, is a finding of the snapshot, about its thing."""
    links = tmp_path / "links"
    rows = [
        _link("person/ada-quell", ORCID, 0, evidence="x", confidence=0.95),
        _link("person/ada-quell", OTHER, 0, evidence="x", confidence=0.95),
    ]
    write_set(_set("orcid", *rows), links / "orcid.sssom.tsv")
    arguments = ["build", str(TINY), "--links-dir", str(links), "--build-dir", str(tmp_path / "build")]
    assert CliRunner().invoke(commands, arguments).exit_code == 0
    with KnowledgeGraph.open(tmp_path / "build") as kg:
        query = """PREFIX fg: <https://w3id.org/fundgraph/ontology#>
            SELECT ?about ?message { GRAPH ?g { ?f fg:findingCode "link-two-of-theirs" ; fg:about ?about ; fg:message ?message } }"""
        (finding,) = kg.select(query)
    assert finding["about"] == ADA
    assert "orcid.sssom.tsv:" in str(finding["message"])

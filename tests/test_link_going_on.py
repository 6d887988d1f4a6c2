"""Long searches: stopped and gone on with, asked anew, bounded; and dumps, which are read once and never held."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fundgraph.errors import TargetError
from fundgraph.link.entities import Entity, write_entities
from fundgraph.link.sssom import read_set
from fundgraph.link.targets import Target
from fundgraph.linking import suggest
from fundgraph.pipeline import build
from fundgraph.settings import Settings
from tests.link_targets import Replay, replaying

pytestmark = pytest.mark.slow

TINY = Path(__file__).resolve().parent / "data" / "tiny"
ADA = "https://example.org/rivers/person/ada-quell"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build folder with the small programme: four people."""
    folder = tmp_path_factory.mktemp("going-on") / "build"
    build(Settings(build_dir=folder, data_dir=TINY))
    return folder


@pytest.fixture
def settings(built: Path, tmp_path: Path) -> Settings:
    """Settings with mapping sets, answers and snapshots of targets of their own."""
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "current").symlink_to((built / "current").resolve())
    return Settings(build_dir=tmp_path / "build", data_dir=TINY, links_dir=tmp_path / "links")


@pytest.fixture
def server() -> Iterator[tuple[str, type[Replay]]]:
    """The server of REST answers."""
    with replaying() as found:
        yield found


def openalex(address: str, **more: Any) -> Target:
    """Something like OpenAlex."""
    queries = {"person": "/authors?search={name}"}
    values = {"per_second": 1000.0, "retries": 0} | more
    return Target("openalex", "OpenAlex", "rest", f"{address}/openalex", queries, reader="openalex", **values)


def asked_for(seen: type[Replay]) -> list[str]:
    """Return what was asked for, in order."""
    return [path for _, path, _ in seen.seen]


def make_old(settings: Settings) -> int:
    """Let all kept answers be of a day long ago; return how many there are."""
    kept = list((settings.build_dir / "link" / "answers").rglob("*.json"))
    for path in kept:
        data = json.loads(path.read_text(encoding="utf-8"))
        path.write_text(json.dumps(data | {"fetched": "2020-01-01T00:00:00+00:00"}), encoding="utf-8")
    return len(kept)


def test_a_search_that_was_stopped_goes_on(settings: Settings, server: tuple[str, type[Replay]]) -> None:
    """What was answered before a search ended early is not asked for again, and the result is the one of a whole search."""
    address, seen = server
    with pytest.raises(TargetError, match="2 requests were sent"):
        suggest(settings, "openalex", "person", target=openalex(address, most_requests=2))
    first = asked_for(seen)
    assert not list((settings.links_dir or Path()).glob("*"))
    report = suggest(settings, "openalex", "person", target=openalex(address))
    assert (len(first), report.sent) == (2, 2)
    assert len(set(asked_for(seen))) == len(asked_for(seen)) == report.things == 4
    assert {link.object for link in read_set(report.path).links if link.subject == ADA} == {
        "https://openalex.org/A5000000001"
    }


def test_asking_anew_asks_anew(settings: Settings, server: tuple[str, type[Replay]]) -> None:
    """With ``again`` kept answers do not count; stopped on the way it goes on, and afterwards they count again."""
    address, seen = server
    suggest(settings, "openalex", "person", target=openalex(address))
    assert make_old(settings) == 4
    lasting = openalex(address, keep_days=10**5)
    with pytest.raises(TargetError, match="3 requests were sent"):
        suggest(settings, "openalex", "person", target=replace(lasting, most_requests=3), again=True)
    assert [suggest(settings, "openalex", "person", target=lasting).sent for _ in range(2)] == [1, 0]
    assert len(asked_for(seen)) == 8


def test_the_last_answers_count(
    settings: Settings, server: tuple[str, type[Replay]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once a target was asked anew, the searches of that day work on what it said last."""
    from tests.link_targets import ANSWERS

    target, first = openalex(server[0]), ANSWERS["/openalex/authors"]["results"][0]
    snapshots = [suggest(settings, "openalex", "person", target=target).snapshot]
    for number in range(4):
        hit = first | {"id": f"https://openalex.org/A600000000{number}"}
        monkeypatch.setitem(ANSWERS, "/openalex/authors", {"results": [hit]})
        make_old(settings)
        snapshots.append(suggest(settings, "openalex", "person", target=target, again=True).snapshot)
        assert suggest(settings, "openalex", "person", target=target).snapshot == snapshots[-1]
    assert len(set(snapshots)) == 5


def test_old_answers_are_told(settings: Settings, server: tuple[str, type[Replay]]) -> None:
    """Where the target is down when it is asked anew, what it once said is taken, and the report says of how much."""
    address, seen = server
    suggest(settings, "openalex", "person", target=openalex(address))
    make_old(settings)
    seen.is_down = True
    report = suggest(settings, "openalex", "person", target=openalex(address), again=True)
    assert (report.sent, report.stale) == (4, 4)


def test_a_dump_is_read_once(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many names are looked for, a dump is read through once to be frozen, and a changed one is frozen anew."""
    from fundgraph.link import targets

    path = tmp_path / "dump.jsonl"
    people = [Entity(f"https://dump.example/{n}", "person", f"Given{n} Family{n}") for n in range(50)]
    write_entities(path, [*people, Entity("https://dump.example/ada", "person", "Ada Quell"), people[0]])
    reads: list[Path] = []
    read = targets.read_entities
    monkeypatch.setattr(targets, "read_entities", lambda where: reads.append(where) or read(where))
    target = Target("dump", "A dump", "dump", str(path), {"person": "all"}, whole=True)
    report = suggest(settings, "dump", "person", target=target)
    assert (report.candidates, report.sent, reads) == (51, 0, [path])
    assert str(tmp_path) not in report.path.read_text(encoding="utf-8")
    suggest(settings, "dump", "person", target=target)
    assert reads == [path]
    write_entities(path, people)
    assert suggest(settings, "dump", "person", target=target).found.absent == 4
    assert reads == [path, path]

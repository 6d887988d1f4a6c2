"""Releases are pruned by rule: never the current one, never a pinned one, and never in silence."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from fundgraph.errors import UsageError
from fundgraph.pipeline import build
from fundgraph.settings import Settings
from fundgraph.store.keeping import Rule, pin, pinned, prune, removed, the_release
from fundgraph.store.snapshot import current_snapshot, releases, switch
from tests.snapshots import make_snapshot, numbered

pytestmark = pytest.mark.slow


@pytest.fixture
def months(tmp_path: Path) -> list[str]:
    """Twelve releases in the folder, two in each of six months; their ids, oldest first."""
    found = []
    for number in range(12):
        month, day = divmod(number, 2)
        created = f"2026-{month + 1:02d}-{10 + day}T00:00:00Z"
        found.append(make_snapshot(tmp_path, {"document/a": numbered(number + 1)}, {"created": created}).release)
    return found


def kept(build: Path) -> list[str]:
    """The ids of what is kept, oldest first."""
    return [one.release for one in releases(build)]


def test_the_last_ones_and_one_a_month(tmp_path: Path, months: list[str]) -> None:
    """Kept are the last so many, and the last one of each of so many months; each that goes is told."""
    told: list[str] = []
    gone = prune(tmp_path, Rule.of("last=3 monthly=4"), told.append)
    assert kept(tmp_path) == [months[5], months[7], *months[9:]]
    assert gone == [*months[:5], months[6], months[8]]
    assert len(told) == len(gone)
    assert all(any(name in line for line in told) for name in gone)
    assert set(removed(tmp_path)) == set(gone)
    assert not list((tmp_path / "releases").glob(".*"))


def test_the_current_one_is_never_removed(tmp_path: Path, months: list[str]) -> None:
    """The current release stays though it is the oldest, and so do the newest two, from which a server may still answer."""
    switch(tmp_path, months[0])
    prune(tmp_path, Rule.of("last=1"))
    assert kept(tmp_path) == [months[0], *months[-2:]]
    assert current_snapshot(tmp_path).release == months[0]


def test_pinned_ones_stay(tmp_path: Path, months: list[str]) -> None:
    """What is pinned is not removed; unpinned it is. Comments in the file are kept."""
    (tmp_path / "pinned.txt").write_text(f"# cited in a paper\n{months[2]}  # by us\n", encoding="utf-8")
    pin(tmp_path, months[4])
    assert pinned(tmp_path) == [months[2], months[4]]
    prune(tmp_path, Rule.of("last=2"))
    assert kept(tmp_path) == [months[2], months[4], *months[-2:]]
    pin(tmp_path, months[2], is_pinned=False)
    prune(tmp_path, Rule.of("last=2"))
    assert kept(tmp_path) == [months[4], *months[-2:]]
    assert "# cited in a paper" in (tmp_path / "pinned.txt").read_text(encoding="utf-8")


def test_all(tmp_path: Path, months: list[str]) -> None:
    """With the rule 'all' nothing is removed, and with 'monthly' one of every month stays."""
    assert prune(tmp_path, Rule.of("all")) == []
    prune(tmp_path, Rule.of("last=1 monthly"))
    assert kept(tmp_path) == [*months[1:11:2], *months[-2:]]


@pytest.mark.parametrize("text", ["", "last=0", "monthly=3", "last=3 last=4", "weekly=2", "last"])
def test_broken_rules(text: str) -> None:
    """A rule that is none is refused, before anything is removed."""
    with pytest.raises(UsageError):
        Rule.of(text)


def test_names(tmp_path: Path, months: list[str]) -> None:
    """A release is named by its id, the beginning of one, 'current' or 'previous'; a removed one is said to be removed."""
    assert the_release(tmp_path, "current").release == months[-1]
    assert the_release(tmp_path, "previous").release == months[-2]
    assert the_release(tmp_path, months[3][:-2]).release == months[3]
    with pytest.raises(UsageError, match="several"):
        the_release(tmp_path, "2026")
    prune(tmp_path, Rule.of("last=2"))
    with pytest.raises(UsageError, match=f"{months[0]} was removed"):
        the_release(tmp_path, months[0])


def test_builds_prune_and_say_so(tiny: Path, tmp_path: Path) -> None:
    """A build removes what the rule does not keep, tells it, and keeps the one before it; a broken rule stops it first."""
    settings = Settings(data_dir=tiny, build_dir=tmp_path / "build", keep_releases="last=1")
    page = tiny / "documents" / "page.txt"
    made, told = [], list[str]()
    text = page.read_text(encoding="utf-8")
    for name in ("Ben Bach", "Ben Bacher", "Ben Bachmann"):
        page.write_text(text.replace("Ben Bach", name), encoding="utf-8")
        made.append(build(settings, say=told.append).snapshot.release)
    assert kept(settings.build_dir) == made[1:]
    assert [line for line in told if "removed" in line] == [
        f"removed release {made[0]}, by the rule of keep_releases"
    ]
    with pytest.raises(UsageError, match="says not which releases"):
        build(dataclasses.replace(settings, keep_releases="weekly"))
    assert kept(settings.build_dir) == made[1:]

"""Which releases are kept: a rule, those that people pinned, and a note of each that was removed."""

from __future__ import annotations

import contextlib
import datetime
import json
import re
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from fundgraph.errors import UsageError
from fundgraph.store.snapshot import RELEASES, Snapshot, current_snapshot, releases

#: Lines of a release's id each, with anything after a ``#``: releases that no rule removes.
PINNED = "pinned.txt"
#: A line of JSON for each release that was removed.
PRUNED = "pruned.jsonl"
_ALL = 1 << 30
_WORD = re.compile(r"(last|monthly)(?:=([0-9]+))?")
RELEASE_ID = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}-[0-9a-f]{8}")


@dataclass(frozen=True, slots=True)
class Rule:
    """How many releases are kept: the last so many, and the last one of each of so many months."""

    last: int
    monthly: int

    @classmethod
    def of(cls, text: str) -> Self:
        """Read a rule such as ``last=30 monthly=24``, or ``all``. Raises :class:`UsageError` for what is none.

        >>> Rule.of("last=30 monthly=24"), Rule.of("last=5")
        (Rule(last=30, monthly=24), Rule(last=5, monthly=0))
        """
        if text.strip() == "all":
            return cls(_ALL, _ALL)
        found = {}
        for word in text.split():
            match = _WORD.fullmatch(word)
            if match is None or match[1] in found or (match[1] == "last" and not int(match[2] or 0)):
                raise UsageError(
                    f"{text!r} says not which releases are kept",
                    hint="Write 'all', or 'last=30 monthly' (one of each month), or 'last=30 monthly=24'",
                )
            found[match[1]] = _ALL if match[2] is None else int(match[2])
        if "last" not in found:
            raise UsageError(f"{text!r} does not say how many of the last releases are kept", hint="Write last=30")
        return cls(found["last"], found.get("monthly", 0))

    def kept(self, snapshots: Sequence[Snapshot]) -> set[str]:
        """Return the ids of those that are kept; they are given oldest first."""
        kept = {one.release for one in snapshots[-self.last :]}
        monthly: dict[str, str] = {}
        for one in snapshots:
            monthly[str(one.manifest["created"])[:7]] = one.release
        return kept | {monthly[month] for month in sorted(monthly, reverse=True)[: self.monthly]}


def prune(build_dir: Path, rule: Rule, say: Callable[[str], None] = lambda _: None) -> list[str]:
    """Remove the releases that the rule does not keep; return their ids, and tell of each. The caller holds the lock.

    Never removed are the current one, the one before it, which a server may still be answering from, and those that
    are pinned. What was removed is noted, so that its address can say so.
    """
    kept = releases(build_dir)
    current = current_snapshot(build_dir).release
    staying = rule.kept(kept) | {current, *pinned(build_dir)} | {one.release for one in kept[-2:]}
    removed = []
    for one in kept:
        if one.release in staying:
            continue
        note = {key: one.manifest.get(key) for key in ("release", "created", "hash", "base", "quads")}
        note["pruned"] = datetime.datetime.now(datetime.UTC).replace(microsecond=0).isoformat()
        with (build_dir / PRUNED).open("a", encoding="utf-8") as file:
            file.write(json.dumps(note, ensure_ascii=False) + "\n")
        remove(one)
        removed.append(one.release)
        say(f"removed release {one.release}, by the rule of keep_releases")
    return removed


def remove(snapshot: Snapshot) -> None:
    """Remove a release, in one step for those who look."""
    aside = snapshot.path.with_name(f".unfinished-removed-{snapshot.path.name}")
    snapshot.path.rename(aside)
    shutil.rmtree(aside)


def pinned(build_dir: Path) -> list[str]:
    """Return the releases that no rule removes, in the order in which they were pinned."""
    try:
        lines = (build_dir / PINNED).read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
    return list(dict.fromkeys(word for line in lines if (word := line.partition("#")[0].strip())))


def pin(build_dir: Path, release: str, *, is_pinned: bool = True) -> None:
    """Keep a release whatever the rule says, or no longer."""
    path = build_dir / PINNED
    with contextlib.suppress(FileNotFoundError):
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        lines = [line for line in lines if line.partition("#")[0].strip() != release]
        path.write_text("".join(lines), encoding="utf-8")
    if is_pinned:
        with path.open("a", encoding="utf-8") as file:
            file.write(release + "\n")


def removed(build_dir: Path) -> dict[str, dict[str, Any]]:
    """Return what was noted of the releases that were removed, by their ids; not of those that were made again."""
    try:
        lines = (build_dir / PRUNED).read_text(encoding="utf-8").splitlines()
    except OSError:
        return {}
    notes = {}
    for line in lines:
        with contextlib.suppress(ValueError):  # a line that a crash cut off
            note = json.loads(line)
            notes[str(note["release"])] = note
    return {name: note for name, note in notes.items() if not (build_dir / RELEASES / name).is_dir()}


def the_release(build_dir: Path, name: str) -> Snapshot:
    """Return the release that a name means: an id, the beginning of one, ``current``, or ``previous``.

    Raises :class:`UsageError` for none or several.
    """
    kept = releases(build_dir)
    current = current_snapshot(build_dir)
    if name == "current":
        return current
    if name == "previous":
        at = [one.release for one in kept].index(current.release)
        if not at:
            raise UsageError("there is no release before the current one")
        return kept[at - 1]
    found = [one for one in kept if one.release == name] or [one for one in kept if one.release.startswith(name)]
    if name and len(found) == 1:
        return found[0]
    names = [one.release for one in found or kept]
    if found:
        raise UsageError(f"{name!r} begins the name of several releases", allowed=names)
    note = removed(build_dir).get(name)
    if note is not None:
        raise UsageError(f"release {name} was removed on {note['pruned'][:10]}", allowed=names)
    raise UsageError(f"there is no release {name!r}", allowed=[*names, "current", "previous"])

"""The desk where people decide: what waits, both sides of it, and decisions written back to the file they came from."""

from __future__ import annotations

import fcntl
import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from fundgraph.errors import ConflictError, LinkError, UsageError
from fundgraph.link.mapping import CLOSE, EXACT, FG, MADE, SAME_AS, Link, MappingSet
from fundgraph.link.matching import BANDS
from fundgraph.link.sssom import SUFFIX, find_sets, read_set, write_set

__all__ = ["VERDICTS", "Case", "Decision", "Desk", "decided"]

VERDICTS = ("accept", "reject", "unsure")
_AGREEMENT = {"accept": 1.0, "reject": -1.0, "unsure": 0.0}
_CONCEPTS = (FG + "Topic", FG + "Role")


@dataclass(frozen=True, slots=True)
class Case:
    """One of our things and its candidates in one set, the likeliest first: namesakes are looked at side by side.

    ``beside`` are the rows of the set that already say what the thing is there: whoever decides has to know of them.
    """

    set: str
    subject: str
    label: str
    links: tuple[Link, ...]
    beside: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """What somebody decided of a link, for the journal: with the row as it was before, so that it can be taken back.

    Decisions of one ``step`` are taken back together.
    """

    set: str
    subject: str
    object: str
    verdict: str
    reviewer: str
    date: str
    comment: str
    before: Mapping[str, Any]
    step: str = ""


def decided(link: Link, verdict: str, reviewer: str, date: str, comment: str = "") -> Link:
    """Return a link after a decision.

    Whoever agrees with the state is added to the reviewers; another verdict begins anew, with this reviewer alone.
    """
    if verdict not in VERDICTS:
        raise UsageError(f"there is no verdict {verdict!r}", allowed=VERDICTS)
    reviewer = " ".join(reviewer.replace("|", " ").split())
    if not reviewer:
        raise UsageError("a decision needs the name of who decides")
    same = link.state == {"accept": "accepted", "reject": "rejected", "unsure": "unsure"}[verdict]
    reviewers = tuple(dict.fromkeys([*link.reviewers, reviewer])) if same else (reviewer,)
    if link.predicate == MADE:
        predicate = MADE
    elif verdict == "unsure":
        predicate = CLOSE
    else:
        predicate = EXACT if link.subject_category in _CONCEPTS else SAME_AS
    return link.but(
        predicate=predicate,
        negated=verdict == "reject",
        reviewers=reviewers,
        review_date=date,
        agreement=_AGREEMENT[verdict],
        comment=" ".join(comment.split()) or link.comment,
    )


class Desk:
    """The mapping sets of a folder, and the decisions made on them.

    Every decision is written at once. Two who decide at the same time wait for one another; who decides on a row that has
    changed meanwhile is told so.
    """

    def __init__(self, folder: Path, journal: Path) -> None:
        self._folder, self._journal = folder, journal

    def sets(self) -> list[MappingSet]:
        """Return the mapping sets as they are now; a file that did not change since it was last read is not read again."""
        return [_as_read(path, _state(path)) for path in find_sets(self._folder)]

    def names(self) -> list[str]:
        """Return the names of the mapping sets, without reading them."""
        return [path.name.removesuffix(SUFFIX) for path in find_sets(self._folder)]

    def waiting(
        self,
        *,
        name: str | None = None,
        band: str | None = None,
        kind: str | None = None,
        reviewer: str | None = None,
    ) -> list[Case]:
        """Return what waits for a decision: suggestions, the surest first, then what somebody was unsure of.

        With ``reviewer`` also what others have accepted or a source states: a second pair of eyes.
        """
        if band is not None and band not in BANDS:
            raise UsageError(f"there is no band {band!r}", allowed=BANDS)
        if name is not None and name not in (names := self.names()):
            raise UsageError(f"there is no mapping set {name!r}", allowed=names)
        cases: list[Case] = []
        for one in self.sets():
            if name is not None and one.name != name:
                continue
            groups: dict[str, list[Link]] = {}
            for link in one.links:
                if _waits(link, reviewer) and (kind is None or link.subject_category == kind):
                    groups.setdefault(link.subject, []).append(link)
            known: dict[str, list[Link]] = {}
            for link in one.in_state("accepted", "stated"):
                known.setdefault(link.subject, []).append(link)
            for subject, links in groups.items():
                links.sort(key=lambda link: -(link.confidence or 0))
                beside = tuple(link for link in known.get(subject, ()) if link not in links)
                if band is None or any(link.band == band for link in links):
                    cases.append(Case(one.name, subject, links[0].subject_label, tuple(links), beside))
        order = {"suggested": 0, "unsure": 1, "stated": 2, "accepted": 3}
        cases.sort(key=lambda case: (order[case.links[0].state], -(case.links[0].confidence or 0), case.subject))
        return cases

    def decide(
        self, name: str, key: tuple[str, str], verdict: str, reviewer: str, date: str, comment: str = "",
        seen: str | None = None, *, others: bool = False,
    ) -> Link:  # fmt: skip
        """Write a decision on a pair into its set, and return the row as it is now.

        ``seen`` is the state that was shown to the reviewer. With ``others`` the pair is accepted, and the other candidates of
        the thing in this set that wait for a decision are rejected, in one step. Raises :class:`ConflictError` if the state is
        another one by now.
        """
        if others and verdict != "accept":
            raise UsageError("only who accepts a candidate can reject the others by it")
        with self._locked():
            mapping_set = self._set(name)
            link = self._row(mapping_set, key)
            if seen is not None and link.state != seen:
                raise ConflictError(f"the link was {seen} when you saw it, and is {link.state} now")
            changes = [(link, decided(link, verdict, reviewer, date, comment))]
            if others:
                words = f"accepted instead: {link.object}"
                # The accepted one stays last: it is what the step is called after.
                changes[:0] = [
                    (other, decided(other, "reject", reviewer, date, words))
                    for other in mapping_set.in_state("suggested", "unsure")
                    if other.subject == link.subject and other.key != link.key
                ]
            step = uuid.uuid4().hex if len(changes) > 1 else ""
            self._journal.parent.mkdir(parents=True, exist_ok=True)
            with self._journal.open("a", encoding="utf-8") as file:
                for old, new in changes:
                    told = verdict if new.key == key else "reject"
                    entry = Decision(
                        name, *old.key, told, new.reviewers[-1], date, new.comment, _as_data(old), step
                    )
                    file.write(json.dumps(asdict(entry), ensure_ascii=False) + "\n")
            self._write(mapping_set, {old.key: new for old, new in changes})
            return changes[-1][1]

    def undo(self, reviewer: str | None = None) -> Decision | None:
        """Take the last step back, or the last one of somebody; return its decision, ``None`` if there is none.

        Raises :class:`ConflictError` where a row was decided anew by somebody else since.
        """
        with self._locked():
            entries = self._entries()
            at = next((n for n in reversed(range(len(entries))) if reviewer in (None, entries[n].reviewer)), None)
            if at is None:
                return None
            entry = entries[at]
            whole = {n for n, one in enumerate(entries) if n == at or (entry.step and one.step == entry.step)}
            pairs = {(entries[n].set, entries[n].subject, entries[n].object) for n in whole}
            later = [
                one
                for n, one in enumerate(entries)
                if n > at and n not in whole and (one.set, one.subject, one.object) in pairs
            ]
            if later:
                raise ConflictError(f"{later[-1].reviewer} has decided on the link since")
            mapping_set = self._set(entry.set)
            before = {}
            for n in whole:
                key = entries[n].subject, entries[n].object
                self._row(mapping_set, key)
                before[key] = _from_data(entries[n].before)
            self._write(mapping_set, before)
            rest = [one for n, one in enumerate(entries) if n not in whole]
            half = self._journal.with_suffix(".new")
            half.write_text(
                "".join(json.dumps(asdict(one), ensure_ascii=False) + "\n" for one in rest), encoding="utf-8"
            )
            half.replace(self._journal)
            return entry

    def decisions(self) -> Sequence[Decision]:
        """Return the decisions of the journal, the oldest first."""
        return self._entries()

    def _entries(self) -> list[Decision]:
        if not self._journal.is_file():
            return []
        try:
            lines = self._journal.read_text(encoding="utf-8").splitlines()
            return [Decision(**json.loads(line)) for line in lines]
        except (ValueError, TypeError) as error:
            raise LinkError("is no journal of decisions", where=self._journal) from error

    def _set(self, name: str) -> MappingSet:
        path = self._folder / f"{name}{SUFFIX}"
        if path.parent != self._folder or not path.is_file():
            raise UsageError(f"there is no mapping set {name!r}", allowed=self.names())
        return read_set(path)

    @staticmethod
    def _row(mapping_set: MappingSet, key: tuple[str, str]) -> Link:
        for link in mapping_set.links:
            if link.key == key:
                return link
        raise UsageError(f"the set {mapping_set.name!r} has no link from <{key[0]}> to <{key[1]}>")

    def _write(self, mapping_set: MappingSet, changed: Mapping[tuple[str, str], Link]) -> None:
        rows = tuple(changed.get(link.key, link) for link in mapping_set.links)
        write_set(mapping_set.holding(rows), Path(mapping_set.path))

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self._journal.parent.mkdir(parents=True, exist_ok=True)
        with self._journal.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _state(path: Path) -> tuple[int, ...]:
    """Return what changes whenever a file is written to, or another takes its place."""
    found = path.stat()
    return found.st_ino, found.st_mtime_ns, found.st_ctime_ns, found.st_size


@lru_cache(maxsize=64)
def _as_read(path: Path, state: tuple[int, ...]) -> MappingSet:
    """Return the set that a file holds in a state."""
    return read_set(path)


def _waits(link: Link, reviewer: str | None) -> bool:
    if link.state in ("suggested", "unsure"):
        return True
    return reviewer is not None and link.state in ("accepted", "stated") and reviewer not in link.reviewers


def _as_data(link: Link) -> dict[str, Any]:
    return asdict(link) | {"features": dict(link.features)}


def _from_data(data: Mapping[str, Any]) -> Link:
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in data.items()
    }
    return Link(**values)

"""Compare two releases: which statements differ, and what that means for the things that people know."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fundgraph.difference import renames, telling
from fundgraph.difference.state import State, subjects
from fundgraph.difference.words import Change
from fundgraph.store.snapshot import Snapshot
from fundgraph.store.sorted_file import Quad, SortedFile, differences

#: The version of what is told; what was kept of an older one is told anew.
VERSION = 1
#: Of more things than this nothing is told one by one.
MOST_THINGS = 100_000


@dataclass(frozen=True, slots=True)
class Difference:
    """What changed from one release to another: sentences, and how many statements by graph (gone, come)."""

    old: str
    new: str
    changes: tuple[Change, ...]
    graphs: Mapping[str, tuple[int, int]]

    @property
    def removed(self) -> int:
        """How many statements are gone."""
        return sum(gone for gone, _ in self.graphs.values())

    @property
    def added(self) -> int:
        """How many statements came."""
        return sum(come for _, come in self.graphs.values())

    def sentences(self, language: str = "en") -> list[str]:
        """Return what changed in words, each sentence without its full stop."""
        return [change.text(language) for change in self.changes]

    def to_jsonable(self) -> dict[str, Any]:
        """Return the difference as JSON."""
        return {
            "version": VERSION,
            "old": self.old,
            "new": self.new,
            "changes": [change.to_jsonable() for change in self.changes],
            "statements": {"added": self.added, "removed": self.removed},
            "graphs": {name: {"removed": pair[0], "added": pair[1]} for name, pair in self.graphs.items()},
        }

    @classmethod
    def from_jsonable(cls, data: Mapping[str, Any]) -> Difference:
        """Return what :meth:`to_jsonable` wrote. Raises :class:`ValueError` for that of another version."""
        if data.get("version") != VERSION:
            raise ValueError("told by another version")
        graphs = {name: (pair["removed"], pair["added"]) for name, pair in data["graphs"].items()}
        changes = tuple(Change.from_jsonable(one) for one in data["changes"])
        return cls(data["old"], data["new"], changes, graphs)


def compare(old: Snapshot, new: Snapshot) -> Difference:
    """Tell what changed from one release to another. Raises :class:`NoSnapshotError` if one has no dataset."""
    with SortedFile(old.path / "dataset.nq") as before, SortedFile(new.path / "dataset.nq") as after:
        graphs: Counter[tuple[str, bool]] = Counter()
        things: set[str] = set()
        elsewhere = frozenset({f"{old.base}graph/{name}" for name in ("provenance", "queries", "inferred")})
        shown = f"{new.base}graph/", "https://w3id.org/fundgraph/ontology"
        for is_new, line in differences(before, after):
            quad = Quad.of(line)
            graphs[quad.graph, is_new] += 1
            if quad.graph in elsewhere or not quad.graph.startswith(shown) or quad.graph == shown[1]:
                continue
            if "#char=" not in quad.subject and len(things) <= MOST_THINGS:
                things |= subjects([quad])
        hidden = frozenset({f"{old.base}graph/{name}" for name in ("provenance", "queries")})
        changes = tuple(_told(old, new, State(before, hidden), State(after, hidden), things, graphs))
    names = sorted({name for name, _ in graphs})
    return Difference(
        old.release, new.release, changes, {name: (graphs[name, False], graphs[name, True]) for name in names}
    )


def _told(
    old: Snapshot, new: Snapshot, before: State, after: State, things: set[str], graphs: Counter[tuple[str, bool]]
) -> Iterator[Change]:
    found: list[Change] = []
    if len(things) > MOST_THINGS:
        found.append(Change("too-many", len(things)))
    else:
        gone = {one for one in things if before.has(one) and not after.has(one)}
        fresh = {one for one in things if after.has(one) and not before.has(one)}
        same = renames.successors(before, after, gone, fresh)
        for was, now in same.items():
            if before.label(was) != after.label(now):
                found.append(renames.renamed(before.label(was), after.label(now), now))
        found += renames.names_changed(before, after, things - gone - fresh)
        found += telling.Teller(before, after, things, same).changes()
    found += _of_manifests(old.manifest, new.manifest)
    found += _of_graphs(old, new, graphs)
    if not found:
        others = sum(graphs.values())
        found.append(Change("minor", others) if others else Change("nothing"))
    order = {kind: number for number, kind in enumerate(telling.ORDER)}
    yield from sorted(dict.fromkeys(found), key=lambda change: order[change.kind])


def _of_manifests(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    was, now = old.get("validation", {}), new.get("validation", {})
    for severity, what in (("error", "errors"), ("warning", "warnings"), ("info", "notes")):
        pair = was.get(severity, 0), now.get(severity, 0)
        if was and now and pair[0] != pair[1]:
            yield Change("validation", what=what, before=str(pair[0]), after=str(pair[1]))
    versions = old.get("versions", {}), new.get("versions", {})
    for name in sorted(versions[0].keys() & versions[1].keys()):
        if versions[0][name] != versions[1][name]:
            yield Change("version", what=name, before=versions[0][name], after=versions[1][name])


def _of_graphs(old: Snapshot, new: Snapshot, graphs: Counter[tuple[str, bool]]) -> Iterator[Change]:
    ontology = "https://w3id.org/fundgraph/ontology"
    number = graphs[ontology, False] + graphs[ontology, True]
    if number:
        yield Change("ontology", number)
    queries = f"{new.base}graph/queries"
    if graphs[queries, False] + graphs[queries, True]:
        with SortedFile(old.path / "dataset.nq") as before, SortedFile(new.path / "dataset.nq") as after:
            ids = {
                quad.subject.strip("<>").rpartition("/")[2].partition("#")[0]
                for _, line in differences(before, after)
                if (quad := Quad.of(line)).graph == queries and quad.subject.startswith("<")
            }
        if ids:
            yield Change("questions", len(ids), tuple(sorted(ids)))

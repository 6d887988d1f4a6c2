"""Carry out one write on a programme's dataset: the gate of a build, in a process of its own.

Started by :mod:`fundgraph.web.gate` with the settings and the change on standard input; says on standard output what
came of it. It may be killed at any moment: before the edit has its name nothing happened, and afterwards the next
write, build or start takes it up.
"""

from __future__ import annotations

import base64
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from fundgraph.errors import ConflictError, FundgraphError
from fundgraph.progress import Clock
from fundgraph.release import Contents, graphs_of, lay_over, make_release
from fundgraph.settings import Settings
from fundgraph.store.changes import Change
from fundgraph.store.evaluate import Stopped
from fundgraph.store.mutable import check, why
from fundgraph.store.patches import (
    Lines,
    Patch,
    Rules,
    commit,
    compute,
    last_number,
    read_patches,
    split,
    stage,
    state,
)
from fundgraph.store.snapshot import Snapshot, build_lock, current_snapshot
from fundgraph.vocab import ONTOLOGY_GRAPH, DatasetNames

#: What the manifest goes on to say of where the dataset comes from.
_KEPT = ("programme", "findings", "coverage", "inputs", "versions")
_MADE = ("inferred", "report", "provenance", "queries", "catalogue")


def write(settings: Settings, change: Change | None, only_if: str | None = None) -> tuple[Snapshot, bool]:
    """Carry out a change, after any edit that a crash kept from being published; ``None`` does only the latter.

    Returns the release that is then current, and whether the change made a graph. Raises a
    :class:`FundgraphError`, and nothing happened.
    """
    if change is not None:
        check(change)
    with build_lock(settings.build_dir, wait=settings.write_timeout):
        snapshot = current_snapshot(settings.build_dir)
        published = snapshot.manifest.get("edits", {}).get("last", 0)
        waiting = read_patches(settings.edits, snapshot.base, after=published)
        if waiting:
            snapshot = publish(settings, snapshot, waiting)
        if change is None:
            return snapshot, False
        if only_if is not None and only_if != snapshot.release:
            raise ConflictError("somebody else wrote in between", hint="Read it again")
        rules = rules_of(snapshot)
        number = last_number(settings.edits) + 1
        try:
            patch, created = compute(snapshot.path / "dataset.nq", rules, change, number)
        except Stopped as stopped:
            raise why(stopped, change) from stopped
        if not patch:
            return snapshot, False
        return publish(settings, snapshot, [patch], new=True), created


def rules_of(snapshot: Snapshot) -> Rules:
    """Return where the dataset of a snapshot may be written."""
    names = DatasetNames(snapshot.base)
    made = {str(names.graph(name)) for name in _MADE} | {str(ONTOLOGY_GRAPH)}
    return Rules(snapshot.base, snapshot.manifest["hidden_graphs"], frozenset(made), str(names.graph("edits")))


def publish(settings: Settings, old: Snapshot, patches: list[Patch], *, new: bool = False) -> Snapshot:
    """Lay edits over a snapshot, check the result as a build does, and switch to it as a release of its own.

    ``new`` edits get their names just before the switch, when all that may fail has succeeded.
    """
    names = DatasetNames(old.base)
    graphs = graphs_of(_asserted(old, names))
    lay_over(graphs, patches, names)
    folder = old.path / "documents"
    texts = {path.stem: path.read_bytes() for path in sorted(folder.glob("*.txt"))} if folder.is_dir() else {}

    def accept() -> None:
        if new:
            for patch in patches:
                commit(stage(settings.edits, patch))

    def about() -> dict[str, Any]:
        kept = {name: old.manifest[name] for name in _KEPT if name in old.manifest}
        return kept | {"edits": state(settings.edits, old.base)}

    contents = Contents(old.base, graphs, texts)
    return make_release(settings, contents, about, Clock(lambda _: None), accept)[0]


def _asserted(old: Snapshot, names: DatasetNames) -> Lines:
    """Return what a snapshot asserts: all but what the gate itself makes."""
    lines = split((old.path / "dataset.nq").read_bytes())
    lines.pop(str(names.graph("inferred")), None)
    shacl = f"<{names.base}report/shacl".encode()
    report = str(names.graph("report"))
    lines[report] = {line for line in lines.get(report, set()) if not line.startswith(shacl)}
    return lines


def main() -> None:
    """Carry out the write that standard input describes."""
    order = json.load(sys.stdin)
    given: dict[str, Any] = {
        name: Path(value) if name.endswith("_dir") and value else value
        for name, value in order["settings"].items()
    }
    settings = replace(Settings(), **given)
    change = None if order["change"] is None else Change.decode(base64.b64decode(order["change"]))
    try:
        snapshot, created = write(settings, change, order["only_if"])
        answer: dict[str, Any] = {"release": snapshot.release, "created": created}
    except FundgraphError as error:
        answer = {
            "error": type(error).__name__, "what": error.what, "hint": error.hint, "allowed": error.allowed,
            "line": error.line, "column": error.column,
        }  # fmt: skip
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()

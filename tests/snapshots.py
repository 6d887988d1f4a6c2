"""Small snapshots for tests, made of N-Quads."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fundgraph import assets
from fundgraph.store.dataset import write_dataset
from fundgraph.store.indexing import write_index
from fundgraph.store.snapshot import Snapshot, beginning, finish

BASE = "http://example.org/"
HIDDEN = [f"{BASE}graph/report"]


def make_snapshot(
    build_dir: Path, graphs: Mapping[str, str], about: Mapping[str, Any] | None = None, *, index: bool = False
) -> Snapshot:
    """Write a snapshot of named graphs (short name to N-Triples), with the index of its pages if wanted, and switch to it."""
    with beginning(build_dir) as directory:
        summary = write_dataset(
            {f"{BASE}graph/{name}": text.encode() for name, text in graphs.items()}, HIDDEN, directory
        )
        if index:
            write_index(
                directory, {path.stem: path.read_text("utf-8") for path in assets.pages_dir().glob("*.rq")}
            )
        return finish(
            build_dir,
            directory,
            {
                "release": f"2026-01-02-{summary.hash[:8]}",
                "created": datetime.now(UTC).isoformat(),
                "hash": summary.hash,
                "base": BASE,
                "prefixes": {"ex": BASE, "xsd": "http://www.w3.org/2001/XMLSchema#"},
                "hidden_graphs": HIDDEN,
                "quads": summary.quads,
                "graphs": summary.graphs,
                "classes": summary.classes,
                "versions": {},
            }
            | dict(about or {}),
        )


def numbered(count: int) -> str:
    """Return N-Triples: so many things with a number each."""
    integer = "http://www.w3.org/2001/XMLSchema#integer"
    return "".join(f'<{BASE}thing/{n}> <{BASE}number> "{n}"^^<{integer}> .\n' for n in range(count))


def small(build_dir: Path) -> Snapshot:
    """Write the snapshot that most tests ask: 1000 numbered things, one statement in each of two other graphs."""
    return make_snapshot(
        build_dir,
        {
            "document/a": numbered(1000),
            "topics": f'<{BASE}topic/x> <{BASE}label> "Größe"@de .\n',
            "report": f'<{BASE}finding/1> <{BASE}message> "hidden" .\n',
        },
    )

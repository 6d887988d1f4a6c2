"""The W3C's test cases of RDF dataset canonicalisation (RDFC-1.0), and what our code makes of them."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from fundgraph.errors import InputError
from fundgraph.store.canonical import canonicalize

ROOT = Path(__file__).resolve().parent.parent
SUITES = Path(os.environ.get("FUNDGRAPH_SUITES", ROOT.parent / "shared" / "suites"))
FOLDER = SUITES / "rdf-canon"
#: A poisoned graph is given up after so many seconds here; in a build it has more.
PATIENCE = 1.0
KINDS = {
    "RDFC10EvalTest": "canonical form",
    "RDFC10MapTest": "issued identifiers",
    "RDFC10NegativeEvalTest": "refused in time",
}
_BLANK = re.compile(r"_:([A-Za-z0-9]+)")


@dataclass(frozen=True, slots=True)
class Case:
    """A case of the suite."""

    id: str
    kind: str
    name: str
    action: Path
    result: Path | None
    algorithm: str


def cases() -> list[Case]:
    """Return all cases of the manifest, in its order; none if the suite is not there."""
    path = FOLDER / "manifest.jsonld"
    if not path.is_file():
        return []
    found = []
    for entry in json.loads(path.read_text(encoding="utf-8"))["entries"]:
        result = entry.get("result")
        kind = KINDS[entry["type"].removeprefix("rdfc:")]
        found.append(
            Case(
                entry["id"].lstrip("#"), kind, entry["name"], FOLDER / entry["action"],
                None if result is None else FOLDER / result, entry.get("hashAlgorithm", "SHA256"),
            )
        )  # fmt: skip
    return found


def canonical(case: Case) -> list[str]:
    """Return the lines of the canonical form, sorted; by our code where the hash is the one that we use."""
    dataset = ox.Dataset(ox.parse(case.action.read_bytes(), format=ox.RdfFormat.N_QUADS))
    if case.algorithm == "SHA256":
        dataset = canonicalize(dataset, PATIENCE)
    else:
        dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0_SHA_384)
    return _lines(ox.serialize(dataset, format=ox.RdfFormat.N_QUADS) or b"")


def _lines(data: bytes) -> list[str]:
    return sorted(f"{line}\n" for line in data.decode().split("\n") if line)


def passes(case: Case) -> bool:
    """Tell whether a case is passed."""
    if case.result is None:
        try:
            canonical(case)
        except InputError:
            return True
        return False
    found = canonical(case)
    if case.kind == "canonical form":
        return "".join(found).encode() == case.result.read_bytes()
    # The library does not tell which names it gave; the input renamed as expected must be what it gave.
    names = json.loads(case.result.read_text(encoding="utf-8"))
    given = case.action.read_bytes().decode()
    renamed = _BLANK.sub(lambda match: f"_:{names[match[1]]}", given)
    parsed = ox.serialize(ox.parse(renamed, format=ox.RdfFormat.N_QUADS), format=ox.RdfFormat.N_QUADS) or b""
    return sorted(set(_lines(parsed))) == found


def table() -> list[str]:
    """Run all cases and return the table of what was passed, as lines of Markdown."""
    counts: Counter[tuple[str, bool]] = Counter()
    failed = []
    for case in cases():
        passed = passes(case)
        counts[case.kind, passed] += 1
        if not passed:
            failed.append(f"* {case.id} ({case.name})")
    lines = ["| cases | all | passed |", "|---|---|---|"]
    for kind in KINDS.values():
        lines.append(f"| {kind} | {counts[kind, True] + counts[kind, False]} | {counts[kind, True]} |")
    whole, passed = sum(counts.values()), sum(counts[kind, True] for kind in KINDS.values())
    lines += [
        f"| **all** | {whole} | {passed} |",
        "",
        *(["Not passed:", "", *failed] if failed else ["All passed."]),
    ]
    return lines

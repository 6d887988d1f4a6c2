"""What our canonicalisation makes of the W3C's cases of RDFC-1.0, written to docs/conformance.md.

python benchmarks/conformance_canon.py
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from tests.canon_suite import cases, table  # noqa: E402

START = "<!-- rdf-canon: made by benchmarks/conformance_canon.py -->"
END = "<!-- rdf-canon: end -->"


def report() -> str:
    """Run all cases and return the section."""
    if not cases():
        sys.exit("the suite is not at ../shared/suites/rdf-canon; set FUNDGRAPH_SUITES")
    lines = [
        START,
        "## RDF dataset canonicalisation (RDFC-1.0)",
        "",
        "The W3C's test cases, unchanged, through the code that names the blank nodes of a release (`store/canonical.py`, which has",
        "pyoxigraph do it). The cases for SHA-384 go to pyoxigraph itself: a release's hash is SHA-256. Issued identifiers are",
        "checked by renaming the input with the expected ones, for the library does not tell its own. The poisoned graph is given",
        "up when its time is over, in a process of its own.",
        "",
        *table(),
        "",
    ]
    return "\n".join([*lines, END])


def main() -> None:
    """Put the section into docs/conformance.md, where it was or at the end."""
    path = ROOT / "docs" / "conformance.md"
    text = path.read_text(encoding="utf-8")
    before, start, rest = text.partition(START)
    after = rest.partition(END)[2] if start else "\n"
    path.write_text(before.rstrip() + "\n\n" + report() + after, encoding="utf-8")
    print(report())


if __name__ == "__main__":
    main()

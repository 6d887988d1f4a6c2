"""What pySHACL and compiled shapes make of the W3C's SHACL test cases, written to docs/conformance.md.

python benchmarks/conformance_shacl.py
"""

from __future__ import annotations

import logging
import sys
import warnings
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from tests.shacl_suite import NOT_PASSED, by_compiled, by_pyshacl, cases, passes  # noqa: E402

START, END = "<!-- shacl: made by benchmarks/conformance_shacl.py -->", "<!-- shacl: end -->"


def report() -> str:
    """Run all cases and return the section."""
    counts: Counter[tuple[str, str]] = Counter()
    left: list[str] = []
    failed: list[str] = []
    for case in cases():
        ours, left_out = passes(case, by_compiled)
        counts[case.group, "all"] += 1
        counts[case.group, "pyshacl"] += passes(case, by_pyshacl)[0]
        counts[case.group, "ours"] += ours
        if left_out:
            counts[case.group, "left"] += 1
            left.append(f"{case.group}/{case.id}")
        if not ours:
            failed.append(f"* {case.group}/{case.id}: {NOT_PASSED.get(case.id, 'to be mended')}")
    if not counts:
        sys.exit("the SHACL suite is not at ../shared/suites/shacl; set FUNDGRAPH_SUITES")
    lines = [
        START,
        "## SHACL",
        "",
        "The W3C Data Shapes Working Group's test cases, unchanged. A case is passed if the report has exactly the expected results",
        "(focus node, path, value, shape, component, severity), or if shapes that must be refused are.",
        "",
        "| cases | all | pySHACL | compiled | of which with a shape left to pySHACL |",
        "|---|---|---|---|---|",
    ]
    columns = ("all", "pyshacl", "ours", "left")
    for group in sorted({group for group, _ in counts}):
        lines.append(f"| {group} | " + " | ".join(str(counts[group, column]) for column in columns) + " |")
    total = [sum(counts[group, column] for group in {g for g, _ in counts}) for column in columns]
    lines += [f"| **all** | {' | '.join(map(str, total))} |", "", "Not passed:", "", *failed, ""]
    lines += [f"With a shape left to pySHACL: {', '.join(left)}.", ""]
    return "\n".join([*lines, END])


def main() -> None:
    """Put the section into docs/conformance.md, where it was or at the end."""
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    path = ROOT / "docs" / "conformance.md"
    text = path.read_text(encoding="utf-8") if path.is_file() else "# Conformance\n"
    before, start, rest = text.partition(START)
    after = rest.partition(END)[2] if start else "\n"
    path.write_text(before.rstrip() + "\n\n" + report() + after, encoding="utf-8")
    print(report())


if __name__ == "__main__":
    main()

"""What our engine makes of the W3C's OWL 2 RL test cases, written to docs/conformance.md.

python benchmarks/conformance_owl.py
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from tests.owl_suite import KINDS, OUT_OF_REACH, PROFILE, RULES, Case, cases, passes  # noqa: E402

WORDS = {
    "PositiveEntailmentTest": "entailment",
    "NegativeEntailmentTest": "no entailment",
    "InconsistencyTest": "inconsistency",
    "ConsistencyTest": "consistency",
}
#: What owlrl 7.6.2 passes of the same cases.
OWLRL = {(RULES, "PositiveEntailmentTest"): 66, (RULES, "InconsistencyTest"): 21, (RULES, "ConsistencyTest"): 66,
         (PROFILE, "PositiveEntailmentTest"): 10, (PROFILE, "NegativeEntailmentTest"): 4,
         (PROFILE, "InconsistencyTest"): 10, (PROFILE, "ConsistencyTest"): 53}  # fmt: skip
START, END = "<!-- owl: made by benchmarks/conformance_owl.py -->", "<!-- owl: end -->"


def report() -> str:
    """Run all cases and return the section."""
    total: Counter[tuple[str, str]] = Counter()
    passed: Counter[tuple[str, str]] = Counter()
    failed: list[Case] = []
    for case in cases():
        total[case.suite, case.kind] += 1
        if passes(case):
            passed[case.suite, case.kind] += 1
        else:
            failed.append(case)
    if not total:
        sys.exit("the OWL 2 suite is not at ../shared/suites/owl2; set FUNDGRAPH_SUITES")
    lines = [
        START,
        "## OWL 2 RL",
        "",
        "The W3C OWL Working Group's test cases, unchanged, as far as they are written in RDF/XML: those for the RL/RDF rules, and those of the RL profile.",
        "",
        "| cases | kind | all | ours | owlrl 7.6.2 |",
        "|---|---|---|---|---|",
    ]
    for suite, name in ((RULES, "RL/RDF rules"), (PROFILE, "RL profile")):
        for kind in KINDS:
            if total[suite, kind]:
                row = (name, WORDS[kind], total[suite, kind], passed[suite, kind], OWLRL[suite, kind])
                lines.append("| " + " | ".join(map(str, row)) + " |")
    lines += ["", "Not passed:", ""]
    lines += [f"* {case.id} ({WORDS[case.kind]}): {OUT_OF_REACH.get(case.id, 'to be mended')}" for case in failed]
    return "\n".join([*lines, "", END])


def main() -> None:
    """Put the section into docs/conformance.md, where it was or at the end."""
    path = ROOT / "docs" / "conformance.md"
    text = path.read_text(encoding="utf-8") if path.is_file() else "# Conformance\n"
    before, start, rest = text.partition(START)
    after = rest.partition(END)[2] if start else "\n"
    path.write_text(before.rstrip() + "\n\n" + report() + after, encoding="utf-8")
    print(report())


if __name__ == "__main__":
    main()

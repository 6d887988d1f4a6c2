"""The table of rules as documentation: ``python -m fundgraph.reason.documentation`` prints it as Markdown."""

from __future__ import annotations

import sys

from fundgraph.reason.rules import RULES

__all__ = ["rules_as_markdown"]

_TITLES = {
    4: "Equality", 5: "Properties", 6: "Classes", 7: "Class axioms", 8: "Datatypes", 9: "The ontology itself",
}  # fmt: skip


def rules_as_markdown() -> str:
    """Return all rules as Markdown, a table for each table of the recommendation."""
    lines: list[str] = []
    for table, title in _TITLES.items():
        lines += [f"### {title} (table {table})", "", "| rule | if | then | in words |", "|---|---|---|---|"]
        for rule in RULES:
            if rule.table == table:
                body = " · ".join(f"`{premise}`" for premise in rule.premises) or "always"
                head = " · ".join(f"`{pattern}`" for pattern in rule.conclusions) or "**contradiction**"
                lines.append(f"| {rule.name} | {body} | {head} | {rule.says} |")
        lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(rules_as_markdown())

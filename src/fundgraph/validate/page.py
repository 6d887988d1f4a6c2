"""A report, or that before and that after inference, as a page of its own; nothing in it is loaded from elsewhere."""

from __future__ import annotations

import html

from fundgraph.validate.report import ValidationReport, ValidationResult

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;margin:2rem}table{border-collapse:collapse}"
    "td,th{text-align:left;vertical-align:top;padding:.25rem .75rem .25rem 0;border-bottom:1px solid #8888}"
)
_WORDS = {"error": "Violation: stops the build", "warning": "Warning: printed", "info": "Info: counted"}
_HEAD = (
    "<thead><tr><th>Severity<th>Source<th>Thing<th>Path<th>Value<th>What is wrong<th>What to do<th>Shape</thead>"
)


def to_html(*reports: ValidationReport) -> str:
    """Return a page with one table for each report that has results."""
    sections = "".join(_section(report, several=len(reports) > 1) for report in reports)
    meaning = "".join(f"<li>{_escaped(words)}." for words in _WORDS.values())
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Validation report</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style>'
        f"<h1>Validation report</h1>{sections}<h2>What the severities mean</h2><ul>{meaning}</ul></html>\n"
    )


def _section(report: ValidationReport, *, several: bool) -> str:
    title = f"<h2>{'After' if report.inferred else 'Before'} inference</h2>" if several else ""
    counts = ", ".join(f"{number} {severity}" for severity, number in report.counts.items())
    verdict = "The data conform" if report.conforms else "The data do not conform"
    rows = "".join(_row(result) for result in report.results)
    table = f"<table>{_HEAD}<tbody>{rows}</tbody></table>" if report.results else ""
    left = "".join(f"<li>{_escaped(shape)}: {_escaped(reason)}" for shape, reason in report.left_out.items())
    rest = f"<p>Checked by pySHACL, as they are not compiled:<ul>{left}</ul>" if left else ""
    by = "pySHACL" if report.validator == "pyshacl" else "compiled shapes"
    return f"{title}<p>{verdict}: {_escaped(counts)}. Checked by {by}.</p>{table}{rest}"


def _escaped(text: object) -> str:
    return html.escape(str(text), quote=True)


def _row(result: ValidationResult) -> str:
    cells = (
        result.severity, result.place, result.focus_label, result.path or "", result.value or "", result.message,
        result.hint or "", result.shape.rsplit("#", 1)[-1],
    )  # fmt: skip
    return "<tr>" + "".join(f"<td>{_escaped(cell)}" for cell in cells) + "</tr>"

"""How findings are made."""

from __future__ import annotations

from fundgraph.model import Document, Finding, Severity


def finding(
    document: Document, code: str, severity: Severity, start: int, end: int, message: str, about: str | None = None
) -> Finding:
    """Make a finding that quotes exactly what its span covers."""
    span = document.span(start, end)
    return Finding(code, severity, span, document.quote(span), message, about)

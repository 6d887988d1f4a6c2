"""``fundgraph export -f site``: the whole site as a folder of files."""

from __future__ import annotations

from pathlib import Path

from fundgraph.cli.shared import say
from fundgraph.errors import UsageError
from fundgraph.settings import Settings

__all__ = ["export_site"]

_MEGA = 1_000_000


def export_site(settings: Settings, output: Path | None, *, language: str, address: str) -> None:
    """Write the site into a folder, and say what it holds."""
    if output is None:
        raise UsageError("a site is a folder of files: name it with -o FOLDER")
    from fundgraph.web.staticsite import write_site

    report = write_site(settings, output, language=language, address=address or settings.public_url, say=say)
    say(
        f"{output}: {report.files} files, {report.bytes / _MEGA:.1f} MB, every link checked. "
        f"See it: python3 -m http.server --directory {output}"
    )
    if report.left_out:
        say(f"needs a server, and is left out: {', '.join(report.left_out)}")

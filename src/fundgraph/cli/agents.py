"""``fundgraph mcp``."""

from __future__ import annotations

from pathlib import Path

import click

from fundgraph.cli.shared import DOC, build_dir_option, errors, opened
from fundgraph.errors import UsageError
from fundgraph.settings import Settings


@click.command()
@click.option("--timeout", type=float, help=DOC["timeout"])
@build_dir_option
def mcp(timeout: float | None, build_dir: Path | None) -> None:
    """Answer agents by the Model Context Protocol, on standard input and output; reading only.

    Needs the extra "mcp". Queries run under the limits of the endpoint, and each answer says whether it is complete.
    """
    with errors():
        try:
            import mcp as _  # noqa: F401
        except ImportError as error:
            raise UsageError("mcp is not installed", hint='Run: pip install "fundgraph[mcp]"') from error
        from fundgraph.agents import agents_server

        # Only a process of its own can be stopped at a deadline.
        with opened(Settings.load(build_dir=build_dir, timeout=timeout), served=True) as kg:
            agents_server(kg).run("stdio")

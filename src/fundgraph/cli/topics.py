"""``fundgraph topics``: what a scheme of topics lacks, and what is wrong with it."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from fundgraph.cli.shared import errors, format_option, print_json, say
from fundgraph.settings import Settings


@click.group()
def topics() -> None:
    """Look at the scheme of topics beside what the projects say."""


@topics.command()
@click.argument("data_dir", required=False, type=click.Path(path_type=Path))
@click.option("--least", type=click.IntRange(1), default=2, show_default=True, help="mentions of a term")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="how many terms are shown")
@format_option("table", "json", default="table")
def suggest(data_dir: Path | None, least: int, limit: int, form: str) -> None:
    """List frequent terms in titles and abstracts that no topic covers, with a passage of each."""
    from fundgraph.topics import suggest_topics

    with errors():
        found = suggest_topics(Settings.load(data_dir=data_dir), least=least)
    shown = found[:limit]
    if form == "json":
        print_json([one.to_json() for one in shown])
    else:
        for one in shown:
            click.echo(f"{one.count:4d} in {len(one.projects):2d}  {one.term}")
            click.echo(f"            {one.document.id}:{one.span.line}  {one.quote}")
    say(f"{len(found)} terms" + (f", {limit} shown" if len(found) > limit else ""))


@topics.command()
@click.argument("data_dir", required=False, type=click.Path(path_type=Path))
@click.option(
    "--least", type=click.IntRange(1), default=4, show_default=True, help="topics that a project should have"
)
@click.option("--strict", is_flag=True, help="warnings fail the check too")
@format_option("table", "json", default="table")
def check(data_dir: Path | None, least: int, strict: bool, form: str) -> None:
    """Check the scheme: its soundness as SKOS, topics that no project has, projects with few topics."""
    from fundgraph.topics import check_topics

    with errors():
        report = check_topics(Settings.load(data_dir=data_dir), least=least)
    if form == "json":
        print_json(report.to_json())
    else:
        click.echo(report.to_text())
    say(f"{report.errors} errors, {report.warnings} warnings")
    sys.exit(1 if report.errors or (strict and report.warnings) else 0)

"""``fundgraph export``: the current snapshot in any of its formats, with the SHA-256 sums of what was written."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable
from pathlib import Path

import click

from fundgraph.cli.shared import build_dir_option, errors, say
from fundgraph.errors import FundgraphError, UsageError
from fundgraph.settings import Settings


@click.command()
@click.option(
    "-f", "--format", "form", default="turtle", show_default=True, help="turtle, trig, csv, …; see docs/exports.md"
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="a file, or a folder for csv and rocrate; standard output if none",
)
@click.option("--graph", "graphs", multiple=True, metavar="IRI", help="only this named graph (repeatable)")
@click.option("--thing", metavar="IRI", help="only what is said of this thing and its parts")
@click.option("--dumps", is_flag=True, help="every format, into the release's dumps/, where the server finds them")
@build_dir_option
def export(
    form: str, output: Path | None, graphs: tuple[str, ...], thing: str | None, dumps: bool, build_dir: Path | None
) -> None:
    """Write the current snapshot, a graph of it, or a thing, in a format for people or programs."""
    from fundgraph.exporting import FORMATS, Exporter, write_dumps
    from fundgraph.store.snapshot import current_snapshot
    from fundgraph.terms import reference

    with errors():
        snapshot = current_snapshot(Settings.load(build_dir=build_dir).build_dir)
        if dumps:
            if output is not None or graphs or thing is not None:
                raise UsageError("--dumps goes with no other choice")
            for path in write_dumps(snapshot):
                say(str(path))
            return
        try:
            prefixes = snapshot.manifest["prefixes"]
            wanted = None if thing is None else reference(thing, snapshot.base, prefixes)
        except ValueError as error:
            raise UsageError(str(error)) from error
        exporter = Exporter(snapshot, graphs=[graph.strip("<>") for graph in graphs], thing=wanted)
        folder = form in FORMATS and FORMATS[form].is_folder
        if output is None:
            if folder and sys.stdout.isatty():
                raise UsageError(
                    f"{form} is a zip archive; say with -o where to", allowed=["-o FILE.zip", "-o FOLDER"]
                )
            for piece in exporter.chunks(form):
                sys.stdout.buffer.write(piece)
            return
        if folder and output.suffix != ".zip":
            from fundgraph.export.archive import write_folder

            write_folder(output, exporter.files(form))
            return
        _write(output, exporter.chunks(form))


def _write(output: Path, pieces: Iterable[bytes]) -> None:
    """Write a file, and its SHA-256 sum beside it; after an error neither is there."""
    total = hashlib.sha256()
    beside = output.with_name(output.name + ".sha256")
    try:
        with output.open("wb") as file:
            for piece in pieces:
                file.write(piece)
                total.update(piece)
        beside.write_text(f"{total.hexdigest()}  {output.name}\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot be written: {error.strerror}", where=output) from error
    except FundgraphError:
        output.unlink(missing_ok=True)
        raise

"""The commands about releases: which there are, which stay, and what changed from one to another."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fundgraph.cli.shared import build_dir_option, errors, format_option, print_json, say
from fundgraph.errors import UsageError
from fundgraph.settings import Settings

if TYPE_CHECKING:
    from fundgraph.store.snapshot import Snapshot


@click.command()
@click.option("--pin", metavar="RELEASE", help="keep this one, whatever the rule says")
@click.option("--unpin", metavar="RELEASE", help="let the rule decide on this one again")
@click.option("--prune", is_flag=True, help="remove now what the rule (keep_releases) does not keep, and say what")
@format_option("table", "json", default="table")
@build_dir_option
def releases(pin: str | None, unpin: str | None, prune: bool, form: str, build_dir: Path | None) -> None:
    """List the releases that are kept, the newest first; pin some, or remove those that are to go."""
    from fundgraph.store import keeping
    from fundgraph.store.snapshot import build_lock, current_snapshot
    from fundgraph.store.snapshot import releases as kept_releases

    with errors():
        settings = Settings.load(build_dir=build_dir)
        folder = settings.build_dir
        current = current_snapshot(folder).release
        if pin or unpin or prune:
            with build_lock(folder):
                for name, is_pinned in ((pin, True), (unpin, False)):
                    if name:
                        keeping.pin(folder, keeping.the_release(folder, name).release, is_pinned=is_pinned)
                if prune and not keeping.prune(folder, keeping.Rule.of(settings.keep_releases), say):
                    say("nothing to remove")
        pinned = set(keeping.pinned(folder))
        rows = [_row(one, current, pinned) for one in reversed(kept_releases(folder))]
        if form == "json":
            gone = list(keeping.removed(folder).values())
            print_json({"releases": rows, "removed": gone, "rule": settings.keep_releases})
            return
    for row in rows:
        marks = [word for word in ("current", "pinned") if row[word]]
        click.echo(
            f"{row['release']}  {row['created'][:16].replace('T', ' ')}  {row['quads']:>10,} quads  {', '.join(marks)}".rstrip()
        )


def _row(one: Snapshot, current: str, pinned: set[str]) -> dict[str, Any]:
    manifest = one.manifest
    return {
        "release": one.release,
        "created": str(manifest["created"]),
        "hash": manifest.get("hash"),
        "quads": manifest.get("quads", 0),
        "current": one.release == current,
        "pinned": one.release in pinned,
        "path": str(one.path),
    }


@click.command()
@click.argument("old")
@click.argument("new")
@format_option("table", "json", "patch", default="table")
@build_dir_option
def diff(old: str, new: str, form: str, build_dir: Path | None) -> None:
    """Say what changed from release OLD to release NEW.

    Each is the id of a release, its beginning, 'current', 'previous', or a folder that holds a release. -f patch gives an
    RDF Patch that makes the one of the other.
    """
    from fundgraph.difference import compare
    from fundgraph.store.sorted_file import SortedFile, rdf_patch

    with errors():
        settings = Settings.load(build_dir=build_dir)
        before, after = (_found(settings.build_dir, name) for name in (old, new))
        if form == "patch":
            with (
                SortedFile(before.path / "dataset.nq") as was,
                SortedFile(after.path / "dataset.nq") as now,
            ):
                for line in rdf_patch(was, now, after.base, (before.release, after.release)):
                    sys.stdout.buffer.write(line)
            return
        found = compare(before, after)
        if form == "json":
            print_json(found.to_jsonable())
            return
    click.echo(f"{before.release} … {after.release}")
    for sentence in found.sentences():
        click.echo(f"  {sentence}.")
    click.echo(f"statements: {found.added} added, {found.removed} removed")
    for name, (gone, come) in found.graphs.items():
        click.echo(f"{'+' + str(come):>9} {'-' + str(gone):>9}  {name}")


def _found(build_dir: Path, name: str) -> Snapshot:
    from fundgraph.store.keeping import the_release
    from fundgraph.store.snapshot import current_snapshot, read_snapshot

    path = Path(name)
    if (path / "manifest.json").is_file():
        return read_snapshot(path)
    if (path / "current").exists():
        return current_snapshot(path)
    if "/" in name:
        raise UsageError(f"{name!r} is no folder of a release")
    return the_release(build_dir, name)

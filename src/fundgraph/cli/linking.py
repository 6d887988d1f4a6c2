"""``fundgraph link``: suggest, review, check and publish links to other graphs."""

from __future__ import annotations

import datetime
import getpass
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fundgraph.bar import Bar
from fundgraph.cli.shared import DOC, build_dir_option, errors, format_option, print_json, say
from fundgraph.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fundgraph.link.mapping import Link
    from fundgraph.link.review import Case, Decision, Desk

_KINDS = ("person", "project", "organisation", "topic", "publication")
_BANDS = ("accept-for-review", "review", "reject")


def _places(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say where the mapping sets and the snapshots are."""
    for name in ("data_dir", "links_dir"):
        option = click.option(f"--{name.replace('_', '-')}", type=click.Path(path_type=Path), help=DOC[name])
        command = option(command)
    return build_dir_option(command)


@click.group()
def link() -> None:
    """Link the graph's things to other graphs: with evidence, and reviewed by people."""


@link.command()
@click.argument("target", required=False)
@click.option("--kind", type=click.Choice(_KINDS), default="person", show_default=True, help="what is linked")
@click.option("--limit", type=click.IntRange(1), help="only so many things of ours")
@click.option(
    "--again",
    is_flag=True,
    help="ask anew, although answers are kept; a run of this kind that was stopped goes on where it was",
)
@format_option("table", "json", default="table")
@_places
def suggest(target: str | None, kind: str, limit: int | None, again: bool, form: str, **options: Any) -> None:
    """Ask TARGET for candidates and write those worth a look to its mapping set; without TARGET list the targets.

    Nothing is accepted by this, and what was decided before stays as it is.
    """
    from fundgraph.linking import suggest as run
    from fundgraph.linking import targets_of

    with errors():
        settings = Settings.load(**options)
        if target is None:
            for one in targets_of(settings).values():
                click.echo(f"{one.id:<12} {one.way:<7} {', '.join(one.kinds):<32} {one.label}, {one.address}")
            return
        with Bar(sys.stderr, 100, f"asking {target} ") as bar:

            def progress(done: int, whole: int) -> None:
                bar(100 * done // max(whole, 1))

            report = run(settings, target, kind, limit=limit, again=again, progress=progress)
    if form == "json":
        print_json(
            {
                "set": str(report.path), "snapshot": str(report.snapshot), "things": report.things,
                "candidates": report.candidates, "requests": report.sent, "stale": report.stale, "best": dict(report.found.best), "absent": report.found.absent,
                "links": len(report.found.links),
            }
        )  # fmt: skip
        return
    click.echo(f"set         {report.path}")
    click.echo(f"snapshot    {report.snapshot}")
    click.echo(f"things      {report.things}, candidates {report.candidates}")
    click.echo(f"requests    {report.sent} sent")
    if report.stale:
        say(f"{report.stale} answers are old: the target did not answer, and what it once said was taken")
    for band in _BANDS[:2]:
        click.echo(f"{report.found.best.get(band, 0):9d}   {band}")
    click.echo(f"{report.found.absent:9d}   not found")
    say("Decide with: fundgraph link review")


@link.command()
@click.option("--set", "name", help="only this mapping set")
@click.option("--band", type=click.Choice(_BANDS), help="only things with a candidate in this band")
@click.option("--reviewer", help="who decides; your user name if not given")
@click.option(
    "--second", is_flag=True, help="also what others have accepted or a source states: a second pair of eyes"
)
@click.option("--undo", is_flag=True, help="take your last decision back, and end")
@click.option("--list", "listed", is_flag=True, help="show what waits, and end")
@_places
def review(
    name: str | None,
    band: str | None,
    reviewer: str | None,
    second: bool,
    undo: bool,
    listed: bool,
    **options: Any,
) -> None:
    """Decide on suggested links, one thing at a time with all its candidates side by side.

    Each decision is written at once to the mapping set, with your name and the date. Answers: a NUMBER or `a` accepts,
    `o NUMBER` accepts and rejects the others, `r NUMBER` rejects, `u NUMBER` leaves in doubt (each with a comment behind it,
    if you like), `s` skips, `z` undoes, `q` ends.
    """
    from fundgraph.linking import desk_of, our_side

    with errors():
        settings = Settings.load(**options)
        desk = desk_of(settings)
        who = reviewer or getpass.getuser()
        if undo:
            _undo(desk, who)
            return
        cases = desk.waiting(name=name, band=band, reviewer=who if second else None)
        ours = our_side(settings, cases)
        if not cases:
            say("nothing waits for a decision" + ("" if second else "; --second also shows what a source states"))
        elif listed:
            for case in cases:
                _show(case, ours)
        else:
            decided = _decide_on(desk, cases, who, ours)
            say(f"{decided} decisions, {len(cases)} things were waiting")


def _decide_on(desk: Desk, cases: list[Case], who: str, ours: Mapping[str, str]) -> int:
    from fundgraph.errors import ConflictError

    decided = 0
    for at, case in enumerate(cases, 1):
        _show(case, ours)
        open_ones = {link.key for link in case.links}
        while True:
            answer = _asked(f"[{at}/{len(cases)}] a/o/r/u NUMBER, s, z, q")
            if answer in ("s", "q"):
                break
            try:
                if answer == "z":
                    taken = _undo(desk, who)
                    if taken is not None and (taken.set, taken.subject) == (case.set, case.subject):
                        open_ones.add((taken.subject, taken.object))
                    continue
                verdict, number, comment = _parsed(answer, len(case.links))
                link, others = case.links[number - 1], verdict == "only"
                verdict = "accept" if others else verdict
                desk.decide(case.set, link.key, verdict, who, _today(), comment, seen=link.state, others=others)
            except (ValueError, ConflictError) as error:
                say(str(error))
                continue
            open_ones -= {one.key for one in case.links} if others else {link.key}
            decided += 1
            say(f"{verdict}: {link.object}" + (", the others rejected" if others else ""))
            if not open_ones:
                break
            if verdict == "accept":
                say(f"other candidates of {case.label} still wait: {len(open_ones)}; reject them, or skip")
        if answer == "q":
            break
    return decided


def _asked(words: str) -> str:
    """Return what is answered; `q` where the input ends, or is broken off."""
    try:
        return str(click.prompt(words, default="s", err=True)).strip()
    except click.Abort:
        say("")
        return "q"


def _parsed(answer: str, size: int) -> tuple[str, int, str]:
    """Return the verdict, the candidate's number and the comment of an answer. Raises ValueError for any other answer."""
    words = answer.split()
    verdicts = {"a": "accept", "o": "only", "r": "reject", "u": "unsure"}
    verdict = verdicts.get(words[0]) if words else None
    rest = words[1:] if verdict else words
    if rest and rest[0].isdigit():
        number, rest = int(rest[0]), rest[1:]
    elif verdict and size == 1:
        number = 1
    else:
        raise ValueError("say which: a 1, o 1, r 2 another person, u 1, s, z or q")
    if not 1 <= number <= size:
        raise ValueError(f"there are candidates 1 to {size}")
    return verdict or "accept", number, " ".join(rest)


def _undo(desk: Desk, who: str) -> Decision | None:
    entry = desk.undo(who)
    if entry is None:
        say("there is no decision of yours to take back")
    else:
        also = ", and what was rejected by it" if entry.step else ""
        say(f"taken back: {entry.verdict} {entry.object} for {entry.subject}{also}")
    return entry


def _show(case: Case, ours: Mapping[str, str]) -> None:
    click.echo(f"\n{case.label}   <{case.subject}>   {case.set}")
    if ours.get(case.subject):
        click.echo(f"     here: {ours[case.subject]}")
    for link in case.beside:
        who = ", ".join(link.reviewers) or link.evidence
        click.echo(f"     already {link.state}: {link.object_label or link.object}  <{link.object}>  {who}")
    for number, link in enumerate(case.links, 1):
        click.echo(f"  {number}. {_line(link)}")
        if link.facts:
            click.echo(f"     {link.facts}")
        if link.features:
            click.echo("     " + "  ".join(f"{name} {value:.2f}" for name, value in link.features.items()))
        if link.evidence or link.comment:
            click.echo(f"     {'; '.join(part for part in (link.evidence, link.comment) if part)}")


def _line(link: Link) -> str:
    sure = "" if link.confidence is None else f"  {link.confidence:.2f}"
    return f"{link.object_label or link.object}  <{link.object}>{sure}  {link.band or link.state}"


def _today() -> str:
    return datetime.datetime.now(datetime.UTC).date().isoformat()


@link.command()
@click.option("--online", is_flag=True, help="also ask every address whether it has moved or is gone")
@click.option("--strict", is_flag=True, help="warnings fail the check too")
@format_option("table", "json", default="table")
@_places
def check(online: bool, strict: bool, form: str, **options: Any) -> None:
    """Check the mapping sets: check digits, things linked twice, contradictions, and how much is linked."""
    from fundgraph.linking import check_links

    with errors(), Bar(sys.stderr, 100, "asking ") as bar:
        faults, covered = check_links(
            Settings.load(**options), online=online, progress=lambda done, whole: bar(100 * done // max(whole, 1))
        )
    if form == "json":
        print_json({"faults": [asdict(one) for one in faults], "coverage": [asdict(one) for one in covered]})
    else:
        for fault in faults:
            click.echo(f"{fault.severity}: {fault.place}: {fault.message} [{fault.code}]")
        click.echo(
            f"{'set':<18}{'class':<14}{'things':>7}{'linked':>8}{'reviewed':>10}{'waiting':>9}{'absent':>8}"
        )
        for one in covered:
            click.echo(
                f"{one.set:<18}{one.kind:<14}{one.things:>7}{one.linked:>8}{one.reviewed:>10}{one.waiting:>9}{one.absent:>8}"
            )
    counts = {word: sum(one.severity == word for one in faults) for word in ("error", "warning")}
    say(f"{counts['error']} errors, {counts['warning']} warnings")
    sys.exit(1 if counts["error"] or (strict and counts["warning"]) else 0)


@link.command()
@click.option(
    "-o", "--output", "folder", type=click.Path(path_type=Path), help="the folder to write to [build/links]"
)
@click.option("--same-as", is_flag=True, help="also owl:sameAs, from links that two people accepted")
@_places
def publish(folder: Path | None, same_as: bool, **options: Any) -> None:
    """Write the mapping sets for others: as SSSOM, as N-Quads, and as statements for Wikidata's QuickStatements."""
    from fundgraph.linking import publish_links

    with errors():
        settings = Settings.load(**options)
        target = folder or settings.build_dir / "links"
        report = publish_links(settings, target, with_same_as=same_as)
    for name in report.files:
        click.echo(target / name)
    say(f"{report.links} links, {report.quads} quads, {report.quickstatements} statements for Wikidata")

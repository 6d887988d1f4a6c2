"""The linking desk at work: ask targets, suggest, check and publish links of the current snapshot."""

from __future__ import annotations

import datetime
import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from fundgraph import __version__, assets
from fundgraph.documents.programme import read_programme
from fundgraph.errors import NoSnapshotError, TargetError, UsageError
from fundgraph.kg import KnowledgeGraph
from fundgraph.link.asking import AGENT
from fundgraph.link.check import Coverage, LinkFault, check_sets, coverage, moved_or_gone
from fundgraph.link.entities import KINDS, Entity, read_entities, write_entities
from fundgraph.link.mapping import FG, MappingSet
from fundgraph.link.matching import match
from fundgraph.link.publish import Published, publish
from fundgraph.link.review import Case, Desk
from fundgraph.link.sssom import SUFFIX, new_header, read_set, read_sets, write_set
from fundgraph.link.suggest import Suggestions, suggest_links, with_suggestions
from fundgraph.link.targets import Source, Target, distinct, read_targets, source_of
from fundgraph.linksets import FOLDER
from fundgraph.pipeline import the_programme
from fundgraph.settings import Settings
from fundgraph.things import things_of

__all__ = [
    "Suggested",
    "check_links",
    "desk_of",
    "links_folder",
    "our_side",
    "publish_links",
    "suggest",
    "targets_of",
]

Progress = Callable[[int, int], None]
_CLASSES = ("Person", "Project", "Organisation", "Topic", "Publication")
_TOOL = f"fundgraph {__version__}"


@dataclass(frozen=True, slots=True)
class Suggested:
    """What ``link suggest`` did: the set it wrote, the frozen answers it worked on, and what it found."""

    path: Path
    snapshot: Path
    things: int
    candidates: int
    found: Suggestions
    sent: int
    """How many requests were sent; none for what is kept."""
    stale: int
    """How many kept answers were taken although they are old, as the target did not answer."""


def links_folder(settings: Settings) -> Path:
    """Return the folder of the mapping sets."""
    return settings.links_dir or the_programme(settings) / FOLDER


def _of_one_programme(settings: Settings, base: str) -> None:
    """Raise :class:`UsageError` where the mapping sets lie with another programme than the one that the snapshot is of."""
    if settings.links_dir is not None:
        return
    folder = the_programme(settings)
    theirs = read_programme(folder).base
    if theirs != base:
        raise UsageError(
            f"the snapshot is of <{base}>, and the mapping sets lie with <{theirs}>",
            where=folder,
            hint="Name the folder of the snapshot's programme: --data-dir",
        )


def desk_of(settings: Settings) -> Desk:
    """Return the desk at which links are reviewed; its journal lies beside the snapshots."""
    return Desk(links_folder(settings), settings.build_dir / "link" / "decisions.jsonl")


def targets_of(settings: Settings) -> dict[str, Target]:
    """Return the targets: those of the data folder, else the shipped ones."""
    own = settings.programmes_dir / "targets.toml"
    return read_targets(own if own.is_file() else assets.data_dir() / "targets.toml")


def suggest(
    settings: Settings,
    target_id: str,
    kind: str,
    *,
    target: Target | None = None,
    limit: int | None = None,
    again: bool = False,
    progress: Progress = lambda _done, _all: None,
) -> Suggested:
    """Ask a target for what may belong to our things of a kind, freeze its answers, compare, and write rows for review.

    What was answered before is taken from the disk, so that a run that was stopped goes on where it was. ``again`` asks anew;
    that, too, goes on where it was stopped, with or without ``again``. Raises :class:`TargetError` where the target does not answer.
    """
    if kind not in KINDS:
        raise UsageError(f"there is no kind {kind!r}", allowed=KINDS)
    if target is None:
        known = targets_of(settings)
        if target_id not in known:
            raise UsageError(f"there is no target {target_id!r}", allowed=sorted(known))
        target = known[target_id]
    with KnowledgeGraph.open(settings.build_dir, settings) as kg:
        base, release = kg.base, kg.release
        _of_one_programme(settings, base)
        ours = things_of(kg, kind)[:limit]
    work = settings.build_dir / "link"
    folder = work / "targets" / target.id
    with _going_on(folder / f"{kind}.again", again) as since:
        source = source_of(target, kind, work / "answers", not_before=since)
        frozen = _frozen(folder, kind, ours, source, again=since is not None, progress=progress)
    whole = target.whole and target.way == "dump"
    compared = match(
        ours, read_entities(frozen), kind, whole=whole, workers=len(os.sched_getaffinity(0)), progress=progress
    )
    its, matches = compared[1:]
    wanted = {its.iris[at] for at in set(matches.theirs.tolist())}
    theirs = {entity.iri: entity for entity in read_entities(frozen) if entity.iri in wanted}
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    found = suggest_links(ours, theirs, compared, target=target.label, tool=_TOOL, date=today)
    path = links_folder(settings) / f"{target.id}{SUFFIX}"
    known_set = _set(path, target, base)
    header = {
        **known_set.header,
        # Where a dump lies on this machine is nobody's business.
        "object_source": target.homepage or (target.label if target.way == "dump" else target.address),
        "object_source_version": frozen.stem.partition("-")[2],
        "subject_source_version": release,
        "mapping_tool": "https://w3id.org/fundgraph",
        "mapping_tool_version": __version__,
    }
    write_set(with_suggestions(MappingSet(target.id, header, known_set.links), found.links), path)
    asker = source.asker
    sent, stale = (asker.asked, asker.stale) if asker is not None else (0, 0)
    return Suggested(path, frozen, len(ours), len(its), found, sent, stale)


def _set(path: Path, target: Target, base: str) -> MappingSet:
    if path.is_file():
        return read_set(path)
    return MappingSet(target.id, new_header(target.id, base, f"Links to {target.label}"), ())


@contextmanager
def _going_on(mark: Path, again: bool) -> Iterator[datetime.datetime | None]:
    """Give the time from which on answers count where the target is asked anew; the mark lies there until all has come."""
    if again and not mark.is_file():
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.write_text(datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"), encoding="utf-8")
    yield datetime.datetime.fromisoformat(mark.read_text(encoding="utf-8")) if mark.is_file() else None
    mark.unlink(missing_ok=True)


def _frozen(
    folder: Path, kind: str, ours: Sequence[Entity], source: Source, *, again: bool, progress: Progress
) -> Path:
    """Return the file of a target's answers for things of a kind; asked for once a day, or again where that is wanted.

    A dump is read through once, and never held in memory.
    """
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    names = list(dict.fromkeys(name for entity in ours for name in (entity.name, *entity.other_names)))
    wanted = hashlib.sha256((source.version or "\n".join(names)).encode()).hexdigest()[:8]
    half = folder / f"{kind}-{today}-{wanted}.part"
    if not again:
        frozen = folder.glob(f"{kind}-{today}-*.jsonl")
        for path in sorted(frozen, key=lambda one: one.stat().st_mtime_ns, reverse=True):  # the last one counts
            if path.with_suffix(".names").is_file() and path.with_suffix(".names").read_text() == wanted:
                return path

    def asked_for() -> Iterator[Entity]:
        for at in range(0, len(names), source.step):
            yield from source.candidates(kind, names[at : at + source.step])
            progress(min(at + source.step, len(names)), len(names))

    if source.version:
        write_entities(half, distinct(source.candidates(kind, names)))
    else:
        write_entities(half, sorted(distinct(asked_for()), key=lambda one: one.iri))
    digest = _digest(half)
    path = half.with_name(f"{kind}-{today}-{digest}.jsonl")
    half.replace(path)
    path.with_suffix(".names").write_text(wanted)
    return path


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:8]


def our_side(settings: Settings, cases: Sequence[Case]) -> dict[str, str]:
    """Return what the snapshot says of the things of cases, in a line each; nothing where there is no snapshot."""
    wanted = {case.subject for case in cases}
    kinds = {case.links[0].subject_category.removeprefix(FG).lower() for case in cases}
    try:
        with KnowledgeGraph.open(settings.build_dir, settings) as kg:
            found = [entity for kind in KINDS if kind in kinds for entity in things_of(kg, kind)]
    except NoSnapshotError:
        return {}
    return {
        entity.iri: "; ".join(part for part in (entity.in_a_line(), ", ".join(entity.identifiers)) if part)
        for entity in found
        if entity.iri in wanted
    }


def check_links(
    settings: Settings, *, online: bool = False, progress: Progress = lambda _done, _all: None
) -> tuple[list[LinkFault], list[Coverage]]:
    """Return what is off in the mapping sets, and how far the snapshot's things are linked.

    ``online`` also asks each address whether it has moved or is gone.
    """
    sets = read_sets(links_folder(settings))
    things = _classes(settings)
    faults = check_sets(sets, things.__contains__ if things else lambda _: True)
    if online:
        count = sum(len(one.in_state("accepted", "stated")) for one in sets)
        faults += moved_or_gone(sets, _probe, lambda done: progress(done, count))
    return faults, coverage(sets, things)


def _classes(settings: Settings) -> dict[str, str]:
    """Return the class of each thing that can be linked, by its IRI."""
    names = " ".join(f"fg:{name}" for name in (*_CLASSES, "Programme", "FundingPhase"))
    query = f"""PREFIX fg: <https://w3id.org/fundgraph/ontology#>
        SELECT ?thing ?class WHERE {{ VALUES ?class {{ {names} }} ?thing a ?class }}"""
    with KnowledgeGraph.open(settings.build_dir, settings) as kg:
        _of_one_programme(settings, kg.base)
        return {str(row["thing"]): str(row["class"]).rsplit("#", 1)[-1] for row in kg.select(query)}


def _probe(address: str) -> tuple[int, str]:
    """Return the status and the redirect of an address. Raises :class:`TargetError` where nobody answers."""
    try:
        response = httpx.head(address, headers={"User-Agent": AGENT}, timeout=20, follow_redirects=False)
    except httpx.HTTPError as error:
        raise TargetError(f"no answer: {type(error).__name__}", where=address) from error
    return response.status_code, response.headers.get("Location", "")


def publish_links(settings: Settings, folder: Path, *, with_same_as: bool = False) -> Published:
    """Write the mapping sets of the programme into a folder, for others."""
    with KnowledgeGraph.open(settings.build_dir, settings) as kg:
        base = kg.base
        _of_one_programme(settings, base)
    return publish(read_sets(links_folder(settings)), base, folder, with_same_as=with_same_as)

"""Reading many files: a folder as one corpus, files and folders of any size as lines, and how far that has come."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fundgraph.documents import Skipped, corpus_files, read_corpus
from fundgraph.errors import DocumentError
from fundgraph.extract import extract
from fundgraph.extract.report import checked_to_json, project_to_json
from fundgraph.model import Document, Extraction, ReadingOptions

if TYPE_CHECKING:
    from fundgraph.extract import Checked

Say = Callable[[str], object]
Progress = Callable[[int], object]
"""Takes how many bytes of the input are done with."""


def extract_corpus(
    directory: Path,
    options: ReadingOptions,
    say: Say = lambda _: None,
    change: Callable[[Document], Document] = lambda document: document,
    progress: Progress = lambda _: None,
) -> list[Extraction]:
    """Read a folder: what can be read in it is, ``say`` tells what was left out, projects of several files get one id.

    Raises :class:`DocumentError` if nothing is left.
    """
    from fundgraph.extract import join

    extractions: list[Extraction] = []
    done = 0
    for document in read_corpus(directory, skipped=partial(_left_out, say)):
        size = size_of([Path(document.path)])
        try:
            extractions.append(extract(change(document), options, partial(_further, progress, done)))
        except DocumentError as error:
            _left_out(say, Skipped(error.place, error.what))
        done += size
        progress(done)
    if not extractions:
        raise DocumentError("no document in this folder can be read", where=directory)
    return join(extractions)


def stream_lines(
    paths: Sequence[Path],
    options: ReadingOptions,
    *,
    say: Say = lambda _: None,
    progress: Progress = lambda _: None,
    told: Callable[[str], object] | None = None,
) -> Iterator[str]:
    """Yield one line of JSON for what each file says of a project: the file's ``path`` and the published shape.

    ``told`` takes, when a file's end is reached, a line with its ``findings`` and its ``coverage``.
    Memory does not grow with the number of projects. Raises :class:`DocumentError` for a file that cannot be read.
    """
    from fundgraph.extract import stream_parts

    done = 0
    for path in paths:
        parts = stream_parts(
            path,
            options,
            skipped=partial(_left_out, say),
            progress=partial(_further, progress, done),
            told=None if told is None else partial(_tell, told),
        )
        for part in parts:
            data = {"path": part.path, **project_to_json(part.project)}
            yield _line(data)
        done += size_of([path])


def _tell(told: Callable[[str], object], one: Checked) -> object:
    return told(_line({"path": one.path, **checked_to_json(one.findings, one.coverage)}))


def _line(data: dict[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def size_of(paths: Sequence[Path]) -> int:
    """Return the bytes of files, and of those in folders; 0 for what is not there."""
    total = 0
    for path in paths:
        for file in corpus_files(path) if path.is_dir() else [path]:
            try:
                total += file.stat().st_size
            except (OSError, ValueError):
                continue
    return total


def _left_out(say: Say, one: Skipped) -> None:
    say(f"{one.path}: left out: {one.reason}")


def _further(progress: Progress, before: int, here: int) -> object:
    return progress(before + here)

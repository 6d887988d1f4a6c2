"""Files and folders of any size as a stream; what several files say of one project is brought together on disk."""

from __future__ import annotations

import pickle
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from fundgraph.documents import Skipped, corpus_files
from fundgraph.errors import DocumentError
from fundgraph.extract.slugs import name_key
from fundgraph.extract.structured.joins import SHORTEST_TITLE, clash, identities
from fundgraph.extract.structured.stream import Progress, Report, stream_file
from fundgraph.extract.structured.watch import Told
from fundgraph.model import Project, ReadingOptions

LARGEST = 1 << 50
"""Bytes of a file of a folder: tables and JSON are read piece by piece, however large they are."""
_TABLES = """
    PRAGMA synchronous = OFF;
    PRAGMA cache_size = -16000;
    CREATE TABLE part (n INTEGER PRIMARY KEY, path TEXT, home INTEGER, project BLOB);
    CREATE TABLE known (kind TEXT, value TEXT, home INTEGER, PRIMARY KEY (kind, value)) WITHOUT ROWID;
    CREATE TABLE taken (id TEXT PRIMARY KEY, next INTEGER) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Part:
    """What one file says of a project; the project's spans are of that file."""

    path: str
    project: Project


def extract_stream(
    path: str | Path,
    options: ReadingOptions | None = None,
    report: Report = lambda _slip, _span: None,
    *,
    skipped: Callable[[Skipped], object] = lambda _one: None,
    progress: Progress = lambda _done: None,
) -> Iterator[Project]:
    """Yield the projects of a file or a folder, one by one, with a piece of the input in memory.

    Tables, JSON and JSON Lines may be of any size, other files are read as a whole. Ids are those that ``extract`` gives, but
    people's are slugs of their names: nobody is compared with anybody. Of a folder the parts that files say of one
    project follow each other, under one id and title. Raises :class:`DocumentError` for a file that cannot be read, is
    broken or cut off; of a folder such files are handed to ``skipped``.
    """
    for part in stream_parts(path, options, report, skipped=skipped, progress=progress):
        yield part.project


def stream_parts(
    path: str | Path,
    options: ReadingOptions | None = None,
    report: Report = lambda _slip, _span: None,
    *,
    skipped: Callable[[Skipped], object] = lambda _one: None,
    progress: Progress = lambda _done: None,
    told: Told | None = None,
) -> Iterator[Part]:
    """Yield what :func:`extract_stream` does, each part with its file.

    ``told`` takes of each file, when its end is reached, what is off in it and how much of it was read; that takes
    about as long again.
    """
    options, place = options or ReadingOptions(), Path(path)
    if not place.is_dir():
        for project in stream_file(place, options, report, {}, progress, told):
            yield Part(str(place), project)
        return
    with (
        tempfile.TemporaryDirectory(prefix="fundgraph-") as folder,
        closing(sqlite3.connect(Path(folder) / "parts.sqlite", isolation_level=None)) as base,
    ):
        base.executescript(_TABLES)
        base.execute("BEGIN")
        _take(base, place, options, report, skipped, progress, told)
        _bring_home(base)
        yield from _together(base)


def _take(
    base: sqlite3.Connection,
    folder: Path,
    options: ReadingOptions,
    report: Report,
    skipped: Callable[[Skipped], object],
    progress: Progress,
    told: Told | None,
) -> None:
    """Put every part into the base; of a file that turns out to be broken nothing is kept."""
    done = read = 0
    taken = _Taken(base)

    def further(before: int, here: int) -> object:
        return progress(before + here)

    for path in corpus_files(folder, skipped=skipped, largest=LARGEST):
        base.execute("SAVEPOINT file")
        try:
            for project in stream_file(path, options, report, taken, partial(further, done), told):
                row = (str(path), pickle.dumps(project, protocol=5))
                base.execute("INSERT INTO part (path, project) VALUES (?, ?)", row)
        except DocumentError as error:
            base.execute("ROLLBACK TO file")
            skipped(Skipped(error.place or str(path), error.what))
        else:
            read += 1
        base.execute("RELEASE file")
        done += path.stat().st_size
        progress(done)
    if not read:
        raise DocumentError("no document in this folder can be read", where=folder)


def _bring_home(base: sqlite3.Connection) -> None:
    """Give each part the number of the first part of its project; those with titles first, as ``join`` does."""
    for titled in (True, False):
        for number, blob in base.execute("SELECT n, project FROM part ORDER BY n"):
            project: Project = pickle.loads(blob)
            if project.title_stated is titled:
                base.execute("UPDATE part SET home = ? WHERE n = ?", (_home(base, project, number), number))
    base.execute("CREATE INDEX homes ON part (home, n)")


def _home(base: sqlite3.Connection, project: Project, number: int) -> int:
    """Return the home of a part: a known one, or its own, by which the project is then known."""
    own = [(scheme, value) for scheme, value in identities(project)]
    title = name_key(project.title) if project.title_stated else ""
    code = name_key(project.code) if project.code else ""
    keys = list(own)
    if project.title_stated:
        keys += [("title", title)] if len(title) >= SHORTEST_TITLE else []
    elif code:
        keys.append(("code", code))
    for kind, value in keys:
        found = base.execute("SELECT home FROM known WHERE kind = ? AND value = ?", (kind, value)).fetchone()
        if found and ((kind, value) in own or not clash(project, _of(base, found[0]))):
            return int(found[0])
    names = [*own, *([("code", code)] if code else []), *([("title", title)] if title else [])]
    base.executemany(
        "INSERT OR IGNORE INTO known VALUES (?, ?, ?)", [(kind, value, number) for kind, value in names]
    )
    return number


def _of(base: sqlite3.Connection, number: int) -> Project:
    blob = base.execute("SELECT project FROM part WHERE n = ?", (number,)).fetchone()[0]
    project: Project = pickle.loads(blob)
    return project


def _together(base: sqlite3.Connection) -> Iterator[Part]:
    """Yield the parts, those of one project after the other, with the id and the title of the first."""
    home: Project | None = None
    last = -1
    # A part's home is never after the others of its project, but for parts without a title before it.
    query = "SELECT home, path, project FROM part ORDER BY home, n <> home, n"
    for number, path, blob in base.execute(query):
        project: Project = pickle.loads(blob)
        if number != last or home is None:
            home, last = project, number
        elif not project.title_stated:
            acronym = project.acronym or home.acronym
            title, stated = home.title, home.title_stated
            project = replace(project, id=home.id, title=title, title_stated=stated, acronym=acronym)
        else:
            project = replace(project, id=home.id)
        yield Part(path, project)


class _Taken(MutableMapping[str, int]):
    """The ids that are taken, on disk."""

    def __init__(self, base: sqlite3.Connection) -> None:
        self.base = base

    def __contains__(self, key: object) -> bool:
        return self.base.execute("SELECT 1 FROM taken WHERE id = ?", (key,)).fetchone() is not None

    def __getitem__(self, key: str) -> int:
        found = self.base.execute("SELECT next FROM taken WHERE id = ?", (key,)).fetchone()
        if found is None:
            raise KeyError(key)
        return int(found[0])

    def __setitem__(self, key: str, value: int) -> None:
        self.base.execute("INSERT OR REPLACE INTO taken VALUES (?, ?)", (key, value))

    def __delitem__(self, key: str) -> None:
        self.base.execute("DELETE FROM taken WHERE id = ?", (key,))

    def __iter__(self) -> Iterator[str]:
        return (name for (name,) in self.base.execute("SELECT id FROM taken"))

    def __len__(self) -> int:
        return int(self.base.execute("SELECT count(*) FROM taken").fetchone()[0])

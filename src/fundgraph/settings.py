"""Settings: a frozen dataclass. Defaults < ``fundgraph.toml`` < ``FUNDGRAPH_*`` < flags of the command line."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Self

from fundgraph import assets
from fundgraph.errors import UsageError

ENGINES = ("auto", "disk", "owlrl", "rules")
VALIDATORS = ("auto", "pyshacl", "compiled")


def _setting(default: Any, doc: str) -> Any:
    return field(default=default, metadata={"doc": doc})


@dataclass(frozen=True, slots=True)
class Settings:
    """How fundgraph runs. Each field's ``doc`` feeds ``--help`` and the documentation."""

    data_dir: Path | None = _setting(None, "the folder of the programmes; the shipped data/ if not given")
    build_dir: Path = _setting(Path("build"), "the folder of the snapshots")
    edits_dir: Path | None = _setting(
        None, "the folder of what was edited by hand; edits/ in build_dir if not given"
    )
    links_dir: Path | None = _setting(
        None, "the folder of the mapping sets; links/ in the programme's folder if not given"
    )
    engine: str = _setting("auto", "the inference engine: auto, disk, owlrl or rules")
    inference_memory: int = _setting(
        0, "the memory for inference, in MiB; auto takes the disk for what needs more; 0: half of the machine's"
    )
    validator: str = _setting("auto", "what validates: pyshacl, compiled shapes, or auto, by the data's size")
    keep_releases: str = _setting(
        "last=30 monthly",
        "which releases are kept: all, or the last so many and the last one of each month (or of so many months, monthly=24); pinned ones always",
    )
    old_releases: int = _setting(2, "how many old releases are open at once for those who ask them")
    same_as: bool = _setting(
        False, "whether links that two people accepted also give owl:sameAs, in the graph links/same-as"
    )
    strict: bool = _setting(False, "whether a SHACL Warning stops a build as a Violation does")
    host: str = _setting("127.0.0.1", "the address to serve on")
    port: int = _setting(8000, "the port to serve on; 0 takes a free one")
    timeout: float = _setting(10.0, "the deadline of a query, in seconds")
    max_rows: int = _setting(100_000, "the most rows that an answer holds; more are cut, and the answer says so")
    max_bytes: int = _setting(64 * 2**20, "the most bytes that an answer holds; a larger one is refused")
    max_query_bytes: int = _setting(100_000, "the longest query, in bytes")
    max_memory: int = _setting(512 * 2**20, "the memory that a query may take above what the data take, in bytes")
    memory_quads: int = _setting(
        1_000_000, "up to so many quads are served from memory, shared by all workers; more are served from disk"
    )
    workers: int = _setting(max(2, os.cpu_count() or 2), "how many queries run at once")
    cache_bytes: int = _setting(
        32 * 2**20, "the bytes of answers that a server keeps for the next who asks; 0: none"
    )
    threads: int = _setting(48, "how many connections the front answers at once")
    public_url: str = _setting("", "the address under which the site is reached from outside, if behind a proxy")
    access_log: bool = _setting(False, "whether each request is logged to stderr, as a line of JSON")
    log_addresses: bool = _setting(False, "whether that line holds the client's address")
    rate_limit: str = _setting("", "how often one client may ask, such as 120/minute; no limit if empty")
    proxies: int = _setting(
        0, "how many proxies in front are trusted to say in X-Forwarded-* by what address we were reached"
    )
    max_age: int = _setting(
        60,
        "how long a cache in front may give an answer of a snapshot without asking whether it holds, in seconds",
    )
    token_hash: str = _setting("", "who may write: hashes of tokens, made by fundgraph token; nobody if empty")
    max_write_bytes: int = _setting(64 * 2**20, "the most bytes that a write may send")
    write_timeout: float = _setting(120.0, "the deadline of a write, with all checks, in seconds")
    services: str = _setting(
        "",
        "the services that SERVICE may call: addresses, each with options after bars, such as timeout=5, rows=1000 or private",
    )
    service_timeout: float = _setting(5.0, "how long such a service may take, in seconds")
    service_rows: int = _setting(10_000, "the most rows that such a service may bring; with more the query fails")
    service_keep: float = _setting(300.0, "how long its answers are kept, in seconds; 0: not at all")
    queue: int = _setting(32, "how many queries wait when all workers are busy; more are answered 503")

    @property
    def programmes_dir(self) -> Path:
        """The folder of the programmes, the shipped one if none is set."""
        return self.data_dir or assets.data_dir()

    @property
    def edits(self) -> Path:
        """The folder of the edits."""
        return self.edits_dir or self.build_dir / "edits"

    @classmethod
    def load(
        cls, *, environ: Mapping[str, str] | None = None, file: Path = Path("fundgraph.toml"), **flags: Any
    ) -> Self:
        """Return the settings in force; flags that are ``None`` count as not given.

        Raises :class:`UsageError` for an unknown name, a value of the wrong type, or a broken file.
        """
        environ = os.environ if environ is None else environ
        values: dict[str, Any] = {}
        if file.is_file():
            try:
                table = tomllib.loads(file.read_text(encoding="utf-8"))
            except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
                raise UsageError(f"not readable as TOML: {error}", where=file) from error
            values |= cls._typed(table, str(file))
        prefix = "FUNDGRAPH_"
        names = {item.name for item in fields(cls)}
        from_environ = {
            name[len(prefix) :].lower(): value for name, value in environ.items() if name.startswith(prefix)
        }
        values |= cls._typed({k: v for k, v in from_environ.items() if k in names}, "the environment")
        values |= cls._typed(
            {name: value for name, value in flags.items() if value is not None}, "the command line"
        )
        return replace(cls(), **values)

    @classmethod
    def _typed(cls, values: Mapping[str, Any], where: str) -> dict[str, Any]:
        defaults = {item.name: item.default for item in fields(cls)}
        typed: dict[str, Any] = {}
        for name, value in values.items():
            if name not in defaults:
                raise UsageError(f"there is no setting {name!r}", where=where, allowed=sorted(defaults))
            typed[name] = _convert(name, value, defaults[name], where)
        if typed.get("engine", "auto") not in ENGINES:
            raise UsageError(f"there is no engine {typed['engine']!r}", where=where, allowed=ENGINES)
        if typed.get("validator", "auto") not in VALIDATORS:
            raise UsageError(f"there is no validator {typed['validator']!r}", where=where, allowed=VALIDATORS)
        return typed


def _convert(name: str, value: Any, default: Any, where: str) -> Any:
    try:
        if default is None or isinstance(default, Path):
            return Path(value)
        if isinstance(default, bool):
            if isinstance(value, bool):
                return value
            return {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}[
                str(value).lower()
            ]
        return type(default)(value)
    except (KeyError, TypeError, ValueError) as error:
        kind = "path" if default is None else type(default).__name__
        raise UsageError(f"setting {name!r} needs a {kind}, not {value!r}", where=where) from error

"""SERVICE: which other services a query may call, and what takes the place of a call.

The engine never calls out. Each call is asked by us, as a query of its own, and its answer is written in its place
as a VALUES block, which by the definition of SERVICE is the same: solutions that are joined with the rest.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from fundgraph.errors import QueryRefusedError, RemoteServiceError, UsageError
from fundgraph.settings import Settings
from fundgraph.store.asking_about import MOST_VALUES, Blank, blank_in, local_query
from fundgraph.store.evaluate import Job
from fundgraph.store.last_answers import LastAnswers
from fundgraph.store.names import Service
from fundgraph.store.scan import Scan, position, scan

_MOST_KEPT = 64
_LARGEST_KEPT = 1 << 20
_NAME = re.compile(r"\w+")
_LANGUAGE = re.compile(r"[A-Za-z]+(-[A-Za-z0-9]+)*")
_OPTIONS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "timeout": ("seconds", float), "rows": ("rows", int), "keep": ("keep", float), "private": ("private", lambda _: True),
}  # fmt: skip
_IN_IRI = re.compile(r'[\x00-\x20<>"{}|^`\\]')


@dataclass(frozen=True, slots=True)
class Target:
    """A service that may be called, within so many seconds and for so many rows.

    ``private`` is whether it may be on this machine or its network; an address in figures says so by itself.
    """

    iri: str
    seconds: float
    rows: int
    private: bool
    keep: float
    """For so many seconds an answer is kept."""


def read_targets(settings: Settings) -> dict[str, Target]:
    """Return the services of the setting ``services``: IRIs, each with options after ``|``.

    >>> read_targets(Settings(services="https://a.example/sparql|timeout=2|rows=50"))["https://a.example/sparql"].rows
    50
    """
    found = {}
    for item in settings.services.split():
        iri, *options = item.split("|")
        if urlsplit(iri).scheme not in ("http", "https") or not urlsplit(iri).hostname:
            raise UsageError(f"the setting 'services' holds no address of a service: {iri!r}")
        fields: dict[str, Any] = {}
        for option in options:
            name, _, value = option.partition("=")
            try:
                field, read = _OPTIONS[name]
                fields[field] = read(value)
            except (KeyError, ValueError) as error:
                raise UsageError(
                    f"the setting 'services' has an option that is none: {option!r}",
                    allowed=("timeout=SECONDS", "rows=N", "keep=SECONDS", "private"),
                ) from error
        plain = Target(
            iri, settings.service_timeout, settings.service_rows, _is_address(iri), settings.service_keep
        )
        found[iri] = replace(plain, **fields)
    return found


def _is_address(iri: str) -> bool:
    host = urlsplit(iri).hostname or ""
    return ":" in host or host.replace(".", "").isdigit() or host == "localhost"


@dataclass(frozen=True, slots=True)
class Note:
    """What a call brought, for the answer's ``meta``: ``query`` is what was sent out, empty if nothing was.

    ``asked`` is when an answer came that stands in for one which failed.
    """

    service: str
    rows: int
    cached: bool
    failed: str | None = None
    query: str = ""
    asked: str = ""

    def to_jsonable(self) -> dict[str, Any]:
        """Return the note as plain data."""
        data: dict[str, Any] = {"service": self.service, "rows": self.rows, "cached": self.cached}
        more = {"failed": self.failed, "asked": self.asked, "query": self.query}
        return data | {name: value for name, value in more.items() if value}


#: Answers a SELECT of ours that is a part of a job, within a deadline: rows of SPARQL JSON results.
Select = Callable[[Job, float], list[dict[str, Any]]]


class Federation:
    """Calls the services that are allowed."""

    def __init__(self, targets: Mapping[str, Target], last: LastAnswers | None = None) -> None:
        self._targets = dict(targets)
        self._last = last
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, str], tuple[float, str, int]] = OrderedDict()

    @property
    def allowed(self) -> tuple[str, ...]:
        """The services that may be called."""
        return tuple(sorted(self._targets))

    def check(self, text: str, seen: Scan) -> None:
        """Raise :class:`QueryRefusedError` unless every call is one that may be made."""
        if seen.service is None:
            return
        for call in seen.services:
            if call.nested:
                raise self._refusal(text, call.start, "a call of a service within another one is not made")
            if not call.target:
                raise self._refusal(text, call.start, "a service is called by its IRI here, not by a variable")
            if call.target not in self._targets:
                raise self._refusal(text, call.start, f"the service <{call.target}> is not called from here")
        if not seen.services or scan(_filled(text, seen, ["{}"] * len(seen.services))).service is not None:
            raise self._refusal(text, seen.service, "this call of a service is not understood")

    def _refusal(self, text: str, at: int, what: str) -> QueryRefusedError:
        line, column = position(text, at)
        hint = None if self._targets else "Ask both services yourself, and join their answers"
        if not self._targets:
            what = "SERVICE is not allowed: no other service is asked from here"
        return QueryRefusedError(what, line=line, column=column, allowed=self.allowed, hint=hint)

    def fill(
        self, job: Job, deadline: float, select: Select | None = None, *, fall_back: bool = False
    ) -> tuple[Job, list[Note]]:
        """Return the job with the answers of its calls written in, and what they brought.

        ``select`` gives our values for the blanks that calls leave. With ``fall_back`` the last answer stands in for one that
        fails. Raises :class:`RemoteServiceError` if a call fails otherwise that is not SILENT.
        """
        seen = scan(job.text)
        if not seen.services:
            return job, []
        blocks, notes = [], []
        for call in seen.services:
            block, note = self._call(job, seen, call, deadline, select, fall_back)
            blocks.append(block)
            notes.append(note)
        cut = None if job.cut is None else (_filled(job.cut[0], seen, blocks), job.cut[1])
        return replace(
            job,
            text=_filled(job.text, seen, blocks),
            limited=None if job.limited is None else _filled(job.limited, seen, blocks),
            probe=None if job.probe is None else _filled(job.probe, seen, blocks),
            cut=cut,
        ), notes

    def _call(
        self, job: Job, seen: Scan, call: Service, deadline: float, select: Select | None, fall_back: bool
    ) -> tuple[str, Note]:
        target = self._targets[call.target]
        text = job.text
        blank = blank_in(seen, call)
        about = None if blank is None or select is None else _values(job, seen, call, blank, select, deadline)
        if blank is not None and about is not None:
            if not about:  # there is nothing to ask about
                return f"VALUES ?{blank.variable} {{ }}", Note(target.iri, 0, cached=False)
            text = blank.filled(text, about)
            longer = len(text) - len(job.text)
            call = call._replace(end=call.end + longer)
        query = outgoing(text, seen, call, target.rows + 1)
        key = target.iri, query
        with self._lock:
            kept = self._kept.get(key)
        if kept is not None and kept[0] > time.monotonic():
            return kept[1], Note(target.iri, kept[2], cached=True, query=query)
        try:
            block, rows = self._asked(target, query, deadline)
        except RemoteServiceError as error:
            return self._instead(target, query, call, error, fall_back)
        if target.keep > 0 and len(block) <= _LARGEST_KEPT:
            with self._lock:
                self._kept[key] = time.monotonic() + target.keep, block, rows
                self._kept.move_to_end(key)
                while len(self._kept) > _MOST_KEPT:
                    self._kept.popitem(last=False)
        if fall_back and self._last is not None:
            self._last.keep(target.iri, query, block, rows)
        return block, Note(target.iri, rows, cached=False, query=query)

    def _instead(
        self, target: Target, query: str, call: Service, error: RemoteServiceError, fall_back: bool
    ) -> tuple[str, Note]:
        """Return what stands in for an answer that failed, or raise the failure."""
        last = self._last.find(target.iri, query) if fall_back and self._last is not None else None
        if last is not None:
            note = Note(target.iri, last.rows, cached=True, failed=error.what, query=query, asked=last.asked)
            return last.block, note
        if call.silent:
            return "{}", Note(target.iri, 0, cached=False, failed=error.what, query=query)
        raise error

    def _asked(self, target: Target, query: str, deadline: float) -> tuple[str, int]:
        from fundgraph.store.remote import ask  # brings rdflib along, which a server without services never needs

        seconds = min(target.seconds, deadline - time.monotonic())
        if seconds <= 0:
            raise RemoteServiceError("no time was left to ask the service", where=target.iri)
        results = ask(target.iri, query, seconds, self._may_be_private, self.allowed)
        names, rows = results["head"]["vars"], results["results"]["bindings"]
        if len(rows) > target.rows:
            raise RemoteServiceError(
                f"the service has more than {target.rows} rows for this part of the query",
                where=target.iri,
                hint="Narrow the pattern within SERVICE",
            )
        salt = hashlib.sha256(f"{target.iri}\0{query}".encode()).hexdigest()[:12]
        try:
            return values_block(names, rows, salt), len(rows)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise RemoteServiceError("the service's answer holds terms that are none", where=target.iri) from error

    def _may_be_private(self, url: str) -> bool:
        """Tell whether a URL is, but for its query, a service that may be near."""
        target = self._targets.get(url) or self._targets.get(url.partition("?")[0])
        return target is not None and target.private


def _filled(text: str, seen: Scan, blocks: list[str]) -> str:
    """Return a text with blocks in the place of its calls, each in braces of its own."""
    for call, block in sorted(zip(seen.services, blocks, strict=True), reverse=True):
        if call.end <= len(text):
            text = f"{text[: call.start]}{{ {block} }}{text[call.end :]}"
    return text


def outgoing(text: str, seen: Scan, call: Service, limit: int) -> str:
    """Return the query that is sent out for a call: its pattern, with the prefixes that it uses."""
    pattern = text[call.pattern : call.end]
    base = f"BASE <{seen.base}>\n" if seen.base else ""
    prefixes = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in seen.prefixes if f"{name}:" in pattern)
    return f"{base}{prefixes}SELECT * WHERE {pattern} LIMIT {limit}"


def _values(
    job: Job, seen: Scan, call: Service, blank: Blank, select: Select, deadline: float
) -> tuple[str, ...] | None:
    """Return our values for a blank; ``None`` if they cannot be told, so that the service is asked about all."""
    text = local_query(job.text, seen, call, blank.variable)
    if text is None:
        return None
    local = replace(
        job, text=text, kind="select", format="json", max_bytes=None, limited=None, row_cap=None, probe=None, cut=None,
        labels=(), check=(),
    )  # fmt: skip
    rows = select(local, deadline)
    if any(blank.variable not in row for row in rows):
        return None
    if len(rows) > MOST_VALUES:
        raise RemoteServiceError(
            f"there are more than {MOST_VALUES} values of ?{blank.variable} to ask about",
            where=call.target,
            hint="Narrow the patterns before SERVICE",
        )
    return tuple(sorted(_term(row[blank.variable], "") for row in rows if row[blank.variable]["type"] != "bnode"))


def sent_out(text: str) -> tuple[tuple[str, str], ...]:
    """Return the services that a query calls, each with the query that leaves the machine, blanks not filled."""
    seen = scan(text)
    return tuple((call.target, outgoing(text, seen, call, 0).rpartition(" LIMIT ")[0]) for call in seen.services)


def values_block(names: list[str], rows: list[dict[str, Any]], salt: str) -> str:
    """Return rows of SPARQL JSON results as a VALUES block. Blank nodes become IRIs, as VALUES can hold no others.

    >>> values_block(["x"], [{"x": {"type": "literal", "value": "a", "xml:lang": "en"}}, {}], "")
    'VALUES (?x) { ("a"@en) (UNDEF) }'
    """
    if not all(_NAME.fullmatch(name) for name in names):
        raise ValueError("the name of a variable is none")
    lines = (" ".join(_term(row[name], salt) if name in row else "UNDEF" for name in names) for row in rows)
    return f"VALUES ({' '.join(f'?{name}' for name in names)}) {{ {' '.join(f'({line})' for line in lines)} }}"


def _term(term: dict[str, Any], salt: str) -> str:
    kind, value = term["type"], term["value"]
    if kind == "uri":
        return _iri(value)
    if kind == "bnode":
        return _iri(f"urn:fundgraph:blank:{salt}:{hashlib.sha256(value.encode()).hexdigest()[:16]}")
    if kind not in ("literal", "typed-literal"):
        raise ValueError(f"a term of the kind {kind!r}")
    written = json.dumps(value, ensure_ascii=False)  # its escapes are among those of SPARQL's strings
    if any("\ud800" <= char <= "\udfff" for char in value):
        raise ValueError("half of a character")
    if "xml:lang" in term:
        if not _LANGUAGE.fullmatch(term["xml:lang"]):
            raise ValueError("a language tag that is none")
        return f"{written}@{term['xml:lang']}"
    return f"{written}^^{_iri(term['datatype'])}" if "datatype" in term else written


def _iri(value: str) -> str:
    if _IN_IRI.search(value) or ":" not in value:
        raise ValueError("an IRI that is none")
    return f"<{value}>"

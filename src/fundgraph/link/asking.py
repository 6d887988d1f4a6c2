"""Ask others politely: not too often, again after a while where they are busy, and never twice for what is on the disk."""

from __future__ import annotations

import datetime
import email.utils
import hashlib
import json
import random
import time
import urllib.error
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
from SPARQLWrapper import JSON, POST, SPARQLWrapper
from SPARQLWrapper.SPARQLExceptions import EndPointInternalError, SPARQLWrapperException

from fundgraph import __version__
from fundgraph.errors import TargetError

__all__ = ["AGENT", "Asker"]

AGENT = f"fundgraph/{__version__} (+https://w3id.org/fundgraph)"
#: So many bytes of an answer are read.
MOST_BYTES = 32 << 20
_LONGEST_WAIT = 60.0
_SHORT_QUERY = 1500
_BUSY = (408, 425, 429, 500, 502, 503, 504)


class _Again(Exception):  # noqa: N818 - no error but a wish
    """The target may answer later; ``after`` so many seconds, if it said so."""

    def __init__(self, why: str, after: float | None = None) -> None:
        self.why, self.after = why, after
        super().__init__(why)


class Asker:
    """Asks one target. An answer is kept on disk with its date; while it is fresh nobody is asked again.

    Where the target does not answer even after all tries, an answer that is no longer fresh is taken, and
    :attr:`stale` counts it. An answer from before ``not_before`` is not fresh. After ``most_requests`` no more are sent.
    """

    def __init__(
        self,
        label: str,
        cache: Path,
        *,
        per_second: float = 1.0,
        retries: int = 3,
        timeout: float = 20.0,
        keep_days: float = 30.0,
        most_requests: int = 10_000,
        not_before: datetime.datetime | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._label, self._cache = label, cache
        self._pause, self._retries, self._timeout = 1 / per_second, retries, timeout
        self._keep, self._sleep = datetime.timedelta(days=keep_days), sleep
        self._most, self._not_before = most_requests, not_before
        self._next = 0.0
        self.asked = 0
        """How many requests were sent."""
        self.stale = 0

    def json(self, url: str, headers: Mapping[str, str] | None = None) -> Any:
        """Return what a GET answers, as JSON; ``None`` where there is nothing (404).

        Raises :class:`TargetError` where the target does not answer, or with something else.
        """
        return self._kept(url, lambda: self._get(url, headers or {}), json.loads)

    def text(self, url: str) -> str | None:
        """Return what a GET answers, as text; ``None`` where there is nothing (404). Raises :class:`TargetError`."""
        answer: str | None = self._kept(url, lambda: self._get(url, {"Accept": "text/html"}), _decoded)
        return answer

    def select(self, endpoint: str, query: str) -> list[dict[str, str]]:
        """Return the rows of a SELECT as values by name. Raises :class:`TargetError`."""
        results = self._kept(f"{endpoint}\n{query}", lambda: self._select(endpoint, query), json.loads)
        try:
            return [{name: term["value"] for name, term in row.items()} for row in results["results"]["bindings"]]
        except (KeyError, TypeError, AttributeError) as error:
            raise TargetError("the answer is not SPARQL results in JSON", where=self._label) from error

    def _kept(self, what: str, fetch: Callable[[], bytes | None], parse: Callable[[bytes], Any]) -> Any:
        digest = hashlib.sha256(what.encode()).hexdigest()
        path = self._cache / digest[:2] / f"{digest}.json"
        kept = _read(path)
        now = datetime.datetime.now(datetime.UTC)
        if kept is not None and self._is_fresh(kept[0], now):
            return kept[1]
        if self.asked >= self._most:
            raise TargetError(
                f"{self.asked} requests were sent, and no more are in one run", where=self._label,
                hint="What was answered is kept: run it again to go on, or set most_requests",
            )  # fmt: skip
        try:
            answer = self._insist(fetch, parse)
        except TargetError:
            if kept is None:
                raise
            self.stale += 1
            return kept[1]
        path.parent.mkdir(parents=True, exist_ok=True)
        half = path.with_suffix(".new")
        half.write_text(
            json.dumps({"fetched": now.isoformat(timespec="seconds"), "asked": what, "answer": answer}, ensure_ascii=False),
            encoding="utf-8",
        )  # fmt: skip
        half.replace(path)
        return answer

    def _is_fresh(self, fetched: datetime.datetime, now: datetime.datetime) -> bool:
        return now - fetched < self._keep and (self._not_before is None or fetched >= self._not_before)

    def _insist(self, fetch: Callable[[], bytes | None], parse: Callable[[bytes], Any]) -> Any:
        """Try several times, each time after twice as long, or after as long as the target says."""
        why = ""
        for attempt in range(self._retries + 1):
            wait = self._next - time.monotonic()
            if wait > 0:
                self._sleep(wait)
            self._next = time.monotonic() + self._pause
            self.asked += 1
            try:
                body = fetch()
                return None if body is None else parse(body)
            except _Again as again:
                why, after = again.why, again.after
            except (ValueError, RecursionError):
                why, after = "the answer is not what it should be, such as JSON", None
            if attempt < self._retries:
                backoff = self._pause * 2**attempt * (1 + random.random() / 4)
                self._sleep(min(max(backoff, after or 0), _LONGEST_WAIT))
        raise TargetError(f"{why}; asked {self._retries + 1} times", where=self._label)

    def _get(self, url: str, headers: Mapping[str, str]) -> bytes | None:
        try:
            with httpx.stream(
                "GET", url, headers={"User-Agent": AGENT, "Accept": "application/json", **headers},
                timeout=self._timeout, follow_redirects=True,
            ) as response:  # fmt: skip
                if response.status_code == 404:
                    return None
                self._judge(response.status_code, response.headers.get("Retry-After"))
                return self._read_all(response)
        except httpx.TimeoutException as error:
            raise _Again(f"no answer within {self._timeout:g} s") from error
        except httpx.HTTPError as error:
            raise _Again(f"the connection failed: {type(error).__name__}") from error
        except httpx.InvalidURL as error:
            raise TargetError(f"the address is none: {error}", where=self._label) from error

    def _read_all(self, response: httpx.Response) -> bytes:
        started, body = time.monotonic(), bytearray()
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > MOST_BYTES:
                raise TargetError(f"the answer is longer than {MOST_BYTES} bytes", where=self._label)
            if time.monotonic() - started > self._timeout:  # who drips is late too
                raise _Again(f"no whole answer within {self._timeout:g} s")
        return bytes(body)

    def _judge(self, status: int, retry_after: str | None) -> None:
        if status in _BUSY:
            raise _Again(f"it answers {status}", _seconds(retry_after))
        if status >= 300:
            raise TargetError(f"it answers {status}", where=self._label)

    def _select(self, endpoint: str, query: str) -> bytes:
        service = SPARQLWrapper(endpoint, returnFormat=JSON, agent=AGENT)
        service.setOnlyConneg(True)
        service.setTimeout(max(1, round(self._timeout)))  # it takes whole seconds
        service.setQuery(query)
        if len(query) > _SHORT_QUERY:
            service.setMethod(POST)
        try:
            with service.query().response as response:
                body: bytes = response.read(MOST_BYTES + 1)
        except urllib.error.HTTPError as error:
            error.close()
            self._judge(error.code, error.headers.get("Retry-After"))
            raise TargetError(f"it answers {error.code}", where=self._label) from error
        except EndPointInternalError as error:
            raise _Again("it answers 500") from error
        except SPARQLWrapperException as error:
            raise TargetError(f"it refuses the query: {type(error).__name__}", where=self._label) from error
        except OSError as error:
            raise _Again(f"the connection failed: {type(error).__name__}") from error
        if len(body) > MOST_BYTES:
            raise TargetError(f"the answer is longer than {MOST_BYTES} bytes", where=self._label)
        return body


def _decoded(body: bytes) -> str:
    return body.decode("utf-8", "replace")


def _read(path: Path) -> tuple[datetime.datetime, Any] | None:
    """Return when a kept answer was fetched, and the answer; a file that is broken was not kept."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return datetime.datetime.fromisoformat(data["fetched"]), data["answer"]
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _seconds(retry_after: str | None) -> float | None:
    """Return how many seconds a Retry-After asks for: it gives them, or a date."""
    if retry_after is None:
        return None
    if retry_after.strip().isdigit():
        return float(retry_after)
    try:
        date = email.utils.parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=datetime.UTC)
    return max((date - datetime.datetime.now(datetime.UTC)).total_seconds(), 0.0)

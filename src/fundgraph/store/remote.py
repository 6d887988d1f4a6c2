"""Ask another SPARQL service. The one door of SPARQLWrapper in the store."""

from __future__ import annotations

import json
import threading
import urllib.error
from collections.abc import Callable
from typing import Any

from SPARQLWrapper import JSON, POST, SPARQLWrapper
from SPARQLWrapper.SPARQLExceptions import SPARQLWrapperException

from fundgraph.errors import FundgraphError, RemoteServiceError
from fundgraph.store.outside import Guard

#: So many bytes of a service's answer are read.
MOST_BYTES = 16 << 20
#: Longer queries are sent in a body; shorter ones in the address, which a redirect keeps.
_SHORT = 1500
#: So many other services are asked at once.
_AT_ONCE = threading.BoundedSemaphore(8)


class _Guarded(SPARQLWrapper):
    """A SPARQLWrapper whose connections a guard makes."""

    def __init__(self, endpoint: str, guard: Guard) -> None:
        super().__init__(endpoint, returnFormat=JSON, agent="fundgraph")
        self.setOnlyConneg(True)
        self._guard = guard

    def read(self, seconds: float) -> bytes:
        """Send the query and return the bytes of the answer."""
        with self._guard.opener().open(self._createRequest(), timeout=seconds) as response:
            data: bytes = response.read(MOST_BYTES + 1)
            return data


def ask(
    endpoint: str, query: str, seconds: float, may_be_private: Callable[[str], bool], allowed: tuple[str, ...]
) -> dict[str, Any]:
    """Return the SPARQL JSON results of a SELECT at a service, within so many seconds, name look-up included.

    Raises :class:`RemoteServiceError` for whatever it answers but that, :class:`QueryRefusedError` for an
    address that is not allowed.
    """
    guard = Guard(may_be_private, allowed)
    service = _Guarded(endpoint, guard)
    service.setQuery(query)
    if len(query) > _SHORT:
        service.setMethod(POST)
    outcome: list[bytes | BaseException] = []

    def work() -> None:
        try:
            outcome.append(service.read(seconds + 1))  # what counts is how long we wait for this thread
        except (OSError, ValueError, FundgraphError, SPARQLWrapperException) as error:
            outcome.append(error)
        finally:
            _AT_ONCE.release()

    if not _AT_ONCE.acquire(timeout=seconds):
        raise RemoteServiceError("too many other services are being asked", where=endpoint)
    thread = threading.Thread(target=work, name="fundgraph-service", daemon=True)
    thread.start()
    thread.join(seconds)
    if not outcome:
        guard.break_off()
        raise RemoteServiceError(f"the service did not answer within {seconds:g} s", where=endpoint)
    found = outcome[0]
    if isinstance(found, FundgraphError):
        raise found
    if isinstance(found, BaseException):
        raise RemoteServiceError(f"the service failed: {_words(found)}", where=endpoint) from found
    return _results(found, endpoint)


def _results(data: bytes, endpoint: str) -> dict[str, Any]:
    if len(data) > MOST_BYTES:
        raise RemoteServiceError(f"the service answered more than {MOST_BYTES} bytes", where=endpoint)
    try:
        results = json.loads(data)
        if isinstance(results["head"]["vars"], list) and isinstance(results["results"]["bindings"], list):
            return dict(results)
    except (ValueError, KeyError, TypeError, RecursionError):
        pass
    raise RemoteServiceError("the service's answer is not SPARQL results in JSON", where=endpoint)


def _words(error: BaseException) -> str:
    """What went wrong, without anything that the other side wrote but its status."""
    if isinstance(error, urllib.error.HTTPError):
        error.close()
        return f"status {error.code}"
    if isinstance(error, urllib.error.URLError):
        return str(error.reason)[:200]
    return (str(error) or type(error).__name__)[:200]

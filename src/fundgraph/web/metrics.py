"""Metrics in the text format of Prometheus: requests, queries, the queue, kills and the cache.

The front is one process of many threads, and all that is counted passes through it, so one registry is right.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate

from flask import Flask, Response, request
from prometheus_client import CollectorRegistry, Counter, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from fundgraph.kg import KnowledgeGraph
from fundgraph.web import journal

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
#: Our words for what ends a worker, and what the metric calls them.
_KILLS = {"deadline": "deadline", "cancelled": "cancelled", "died": "memory", "tired": "grown"}


class Metrics:
    """What is counted for one application."""

    def __init__(self, kg: KnowledgeGraph) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "fundgraph_http_requests", "Requests by route, method and status.", ("route", "method", "status"),
            registry=self.registry,
        )  # fmt: skip
        self._durations = Durations("fundgraph_http_request_seconds", "How long requests took, by route.", "route")
        self._outcomes = Counter(
            "fundgraph_queries", "Queries by what came of them.", ("outcome",), registry=self.registry
        )
        self._query_seconds = Durations(
            "fundgraph_query_seconds",
            "How long queries took, waiting included, by whether the answer was kept.",
            "cached",
        )
        for one in (self._durations, self._query_seconds, _Engine(kg)):
            self.registry.register(one)
        self.before: list[Callable[[], object]] = []
        """Called before the metrics are read, to have counted what waits to be."""

    def count(self, response: Response) -> Response:
        """Count a request that is answered."""
        rule = request.url_rule
        route = rule.rule if rule is not None else "none"
        seconds = journal.seconds()
        method = request.method if request.method in _METHODS else "other"
        self._requests.labels(route, method, response.status_code).inc()
        self._durations.add(route, 1, seconds)
        told = journal.told()
        if "query" in told:
            self._outcomes.labels(told.get("outcome", "error")).inc()
            self._query_seconds.add(str(told.get("cached", False)).lower(), 1, seconds)
        return response

    def repeating(self) -> Callable[[int, float], None]:
        """Return what counts the answer to this request again, so many times in so many seconds."""
        route = request.url_rule.rule if request.url_rule is not None else "none"
        requests = self._requests.labels(route, request.method, 200)
        told = journal.told()
        outcomes = self._outcomes.labels(told.get("outcome", "error")) if "query" in told else None

        def count(times: int, seconds: float) -> None:
            requests.inc(times)
            self._durations.add(route, times, seconds)
            if outcomes is not None:
                outcomes.inc(times)
                self._query_seconds.add("true", times, seconds)

        return count

    def asking(self) -> Callable[[str, float], None]:
        """Return what counts a request like this one with another query, by its outcome and seconds."""
        route = request.url_rule.rule if request.url_rule is not None else "none"
        requests = self._requests.labels(route, request.method, 200)

        def count(outcome: str, seconds: float) -> None:
            requests.inc()
            self._durations.add(route, 1, seconds)
            self._outcomes.labels(outcome).inc()
            self._query_seconds.add("false", 1, seconds)

        return count

    def text(self) -> bytes:
        """Return all metrics."""
        for flush in self.before:
            flush()
        return generate_latest(self.registry)


class Durations(Collector):
    """A histogram of seconds by one label, to which many equal ones can be added at once."""

    def __init__(self, name: str, text: str, label: str) -> None:
        self._name, self._text, self._label = name, text, label
        self._lock = threading.Lock()
        self._counts: dict[str, list[int]] = {}
        self._sums: dict[str, float] = {}

    def add(self, label: str, times: int, seconds: float) -> None:
        """Add so many durations, of so many seconds together; each counts as the mean of them."""
        at = bisect_left(_SECONDS, seconds / times)
        with self._lock:
            self._counts.setdefault(label, [0] * (len(_SECONDS) + 1))[at] += times
            self._sums[label] = self._sums.get(label, 0.0) + seconds

    def collect(self) -> Iterable[Metric]:
        """Give the histogram."""
        family = HistogramMetricFamily(self._name, self._text, labels=(self._label,))
        names = [*map(str, _SECONDS), "+Inf"]
        with self._lock:
            for label, counts in self._counts.items():
                family.add_metric((label,), list(zip(names, accumulate(counts), strict=True)), self._sums[label])
        yield family

    def describe(self) -> Iterable[Metric]:
        """Say what there will be."""
        yield HistogramMetricFamily(self._name, self._text, labels=(self._label,))


_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "QUERY", "PATCH"))


class _Engine(Collector):
    """What the engine counts itself, read when somebody asks."""

    def __init__(self, kg: KnowledgeGraph) -> None:
        self._kg = kg

    def collect(self) -> Iterable[Metric]:
        """Give the metrics of the engine and of its cache."""
        load, counts = self._kg.load(), self._kg.tally.counts()
        yield from _gauges(load)
        kills = CounterMetricFamily(
            "fundgraph_workers_killed", "Workers that were ended, by reason.", labels=("reason",)
        )
        for word, reason in _KILLS.items():
            kills.add_metric((reason,), counts.get(word, 0))
        yield kills
        for name, word, text in (
            ("fundgraph_queue_refused", "refused", "Queries that found the queue full, or no worker in time."),
            ("fundgraph_quick_answers", "quick", "New answers for which no thread had to wait."),
            ("fundgraph_cache_hits", "cache hits", "Answers that were kept."),
            ("fundgraph_cache_misses", "cache misses", "Answers that were not kept."),
            ("fundgraph_snapshot_switches", "switches", "Snapshots that were switched in while serving."),
        ):
            yield CounterMetricFamily(name, text, value=counts.get(word, 0))
        release = GaugeMetricFamily("fundgraph_release", "The release that is served.", labels=("release",))
        release.add_metric((self._kg.release,), 1)
        yield release

    def describe(self) -> Iterable[Metric]:
        """Say nothing before somebody asks."""
        return ()


def _gauges(load: dict[str, int]) -> Iterator[Metric]:
    for name, word, text in (
        ("fundgraph_workers", "workers", "Workers."),
        ("fundgraph_workers_busy", "busy", "Workers that answer a query."),
        ("fundgraph_queue_waiting", "waiting", "Queries that wait for a worker."),
        ("fundgraph_cache_answers", "answers", "Answers that are kept."),
        ("fundgraph_cache_bytes", "bytes", "Bytes of the answers that are kept."),
    ):
        yield GaugeMetricFamily(name, text, value=load.get(word, 0))


def install(app: Flask, kg: KnowledgeGraph) -> None:
    """Count the requests of an application."""
    made = Metrics(kg)
    app.extensions["fundgraph-metrics"] = made
    app.before_request(journal.begin)
    app.after_request(made.count)

"""Answers are kept per snapshot: the same bytes again, never for what changes by itself, never too many."""

from __future__ import annotations

from io import BytesIO

from fundgraph.store.cache import AnswerCache
from fundgraph.store.engine import Answer, QueryRequest


class Counting:
    """An engine that counts how often it is asked."""

    def __init__(self, size: int = 10) -> None:
        self.asked: list[str] = []
        self.size = size

    def run(self, request: QueryRequest, running: object = None) -> Answer:
        """Answer with so many bytes."""
        self.asked.append(request.text)
        data = request.text.encode().ljust(self.size, b".")
        return Answer(BytesIO(data), len(data), "select", "csv", "complete", 1.5, "r1")

    def close(self) -> None:
        """Nothing is held."""


def read(answer: Answer) -> bytes:
    """Read an answer to its end."""
    with answer.body as body:
        return body.read()


def test_an_answer_is_kept() -> None:
    """The second time the engine is not asked, and the bytes are the same; another format is another answer."""
    engine = Counting()
    cache = AnswerCache(engine, 10_000)
    first = read(cache.run(QueryRequest("SELECT (1 AS ?x) {}", "csv")))
    assert read(cache.run(QueryRequest("SELECT (1 AS ?x) {}", "csv"))) == first
    assert len(engine.asked) == 1
    read(cache.run(QueryRequest("SELECT (1 AS ?x) {}", "tsv")))
    assert len(engine.asked) == 2


def test_what_changes_by_itself_is_not_kept() -> None:
    """A query with NOW is asked each time; with no room nothing is kept."""
    engine = Counting()
    for cache in (AnswerCache(engine, 10_000), AnswerCache(engine, 0)):
        for _ in range(2):
            read(cache.run(QueryRequest("SELECT (NOW() AS ?x) {}" if cache._most else "SELECT (1 AS ?x) {}")))
    assert len(engine.asked) == 4


def test_the_oldest_goes_first() -> None:
    """Kept answers never take more than the room there is; what was asked for longest ago goes."""
    engine = Counting(size=100)
    cache = AnswerCache(engine, 20_000)
    for number in range(100):
        read(cache.run(QueryRequest(f"SELECT ({number} AS ?x) {{}}")))
        assert cache._held <= 20_000
    before = len(engine.asked)
    read(cache.run(QueryRequest("SELECT (99 AS ?x) {}")))
    assert len(engine.asked) == before
    read(cache.run(QueryRequest("SELECT (0 AS ?x) {}")))
    assert len(engine.asked) == before + 1


def test_a_large_answer_is_passed_on() -> None:
    """An answer that would drive out the others is passed on as it comes."""
    engine = Counting(size=5000)
    cache = AnswerCache(engine, 20_000)
    assert len(read(cache.run(QueryRequest("SELECT (1 AS ?x) {}")))) == 5000
    assert cache._held == 0

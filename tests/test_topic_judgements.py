"""Each topic that is assigned in SPP 2298 was judged by hand; docs/topics.md says with what result."""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from functools import lru_cache

from fundgraph.documents.programme import read_programme
from fundgraph.model import Extraction
from fundgraph.pipeline import read_documents, read_programme_topics
from tests.conftest import ROOT

JUDGED = ROOT / "tests" / "data" / "topic_judgements.csv"
PAGE = (ROOT / "docs" / "topics.md").read_text(encoding="utf-8")
VERDICTS = {"correct", "disputed", "wrong"}


@lru_cache
def extractions() -> list[Extraction]:
    """Read the shipped programme."""
    programme = read_programme(ROOT / "data" / "spp2298")
    return read_documents(programme, read_programme_topics(programme)[1])


def judged() -> list[dict[str, str]]:
    """Return the rows of the list of judgements."""
    with JUDGED.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_assignment_is_judged_with_its_passages() -> None:
    """The list holds what is assigned today, project by project, with the very passages, and nothing else."""
    assigned = {}
    for extraction in extractions():
        quote = extraction.document.quote
        for project in extraction.projects:
            for topic in project.topics:
                shown = [f"{span.line}:{span.column} {' '.join(quote(span).split())}" for span in topic.evidence]
                assigned[project.id, topic.topic_id] = " | ".join(shown)
    assert {(row["project"], row["topic"]): row["passages"] for row in judged()} == assigned


def test_every_judgement_is_one() -> None:
    """A verdict is one of three; what is not plainly correct has a reason."""
    rows = judged()
    assert {row["verdict"] for row in rows} <= VERDICTS
    assert [row for row in rows if (row["verdict"] == "correct") == bool(row["reason"])] == []


def test_the_page_says_what_was_judged() -> None:
    """docs/topics.md has each project's row, the totals, the precision, the mean and each disputed case."""
    rows = judged()
    projects = {project.id: project for one in extractions() for project in one.projects}
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        counts[row["project"]][row["verdict"]] += 1
    for name, project in projects.items():
        one = counts[name]
        numbers = " | ".join(str(n) for n in (one.total(), one["correct"], one["disputed"], one["wrong"]))
        assert f"| {project.title} | {numbers} |" in PAGE
    assert f"\n{len(read_programme_topics(read_programme(ROOT / 'data' / 'spp2298'))[1])} concepts" in PAGE
    every = Counter(row["verdict"] for row in rows)
    total = every.total()
    assert f"| **all** | {total} | {every['correct']} | {every['disputed']} | {every['wrong']} |" in PAGE
    assert f"precision **{every['correct'] / total:.1%}**" in PAGE
    assert f"not wrong **{1 - every['wrong'] / total:.1%}**" in PAGE
    full = [name for name, project in projects.items() if project.abstract.status == "present"]
    assert f"**{sum(counts[name].total() for name in full) / len(full):.1f}** topics" in PAGE
    labels = {topic.topic_id: topic.label for project in projects.values() for topic in project.topics}
    for row in rows:
        if row["verdict"] != "correct":
            assert f"| {projects[row['project']].title} | {labels[row['topic']]} | {row['reason']} |" in PAGE
    assert len(re.findall(r"^\| [^|]+ \| [^|]+ \| [^|]+ \|$", PAGE, re.MULTILINE)) == total - every["correct"] + 1


def test_the_measure() -> None:
    """Each project with an abstract has four topics at least; 85 % of all are plainly correct, and none is wrong."""
    full = [p for one in extractions() for p in one.projects if p.abstract.status == "present"]
    assert len(full) == 22
    assert min(len(project.topics) for project in full) >= 4
    verdicts = Counter(row["verdict"] for row in judged())
    assert verdicts["correct"] / verdicts.total() >= 0.85
    assert verdicts["wrong"] == 0

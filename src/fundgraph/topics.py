"""What ``fundgraph topics`` does: look at a programme's scheme of topics beside what its projects say."""

from __future__ import annotations

from dataclasses import dataclass

from fundgraph.documents.programme import Programme, read_programme
from fundgraph.errors import UsageError
from fundgraph.extract.topics import Suggestion, suggest_terms
from fundgraph.graph.scheme import SchemeFault, check_scheme
from fundgraph.graph.topics import topic_labels
from fundgraph.model import Extraction, Project
from fundgraph.ntriples import Statements
from fundgraph.pipeline import read_documents, read_programme_topics, the_programme
from fundgraph.settings import Settings
from fundgraph.store.parse import parse_file

__all__ = ["FewTopics", "TopicReport", "check_topics", "suggest_topics"]


@dataclass(frozen=True, slots=True)
class FewTopics:
    """A project that is assigned fewer topics than is wanted; without an abstract that is no wonder."""

    project: str
    title: str
    topics: int
    has_abstract: bool


@dataclass(frozen=True, slots=True)
class TopicReport:
    """A scheme's faults, its topics that no project's text names, and the projects with few topics.

    A topic is ``unused``, given with its label, where no text names it nor any topic below it.
    """

    scheme: str
    concepts: int
    used: int
    unused: tuple[tuple[str, str], ...]
    assignments: int
    mean: float
    """Topics of a project with an abstract, on average; 0 where there is none."""
    least: int
    few: tuple[FewTopics, ...]
    faults: tuple[SchemeFault, ...]

    @property
    def errors(self) -> int:
        """How many of the faults are errors."""
        return sum(fault.severity == "error" for fault in self.faults)

    @property
    def warnings(self) -> int:
        """How many things call for a look: faults that are no errors, unused topics, abstracts with few topics."""
        mild = len(self.faults) - self.errors
        return mild + len(self.unused) + sum(one.has_abstract for one in self.few)

    def to_json(self) -> dict[str, object]:
        """Return the report as plain data."""
        return {
            "scheme": self.scheme,
            "concepts": self.concepts,
            "used": self.used,
            "unused": [{"id": name, "label": label} for name, label in self.unused],
            "assignments": self.assignments,
            "mean": self.mean,
            "least": self.least,
            "few": [
                {
                    "project": one.project,
                    "title": one.title,
                    "topics": one.topics,
                    "has_abstract": one.has_abstract,
                }
                for one in self.few
            ],
            "faults": [fault.to_json() for fault in self.faults],
        }

    def to_text(self) -> str:
        """Return the report as lines."""
        lines = [
            f"{self.scheme}: {self.concepts} topics, {self.used} named by projects, {self.assignments} assignments,"
            f" {self.mean:.1f} for a project with an abstract",
            *(f"{fault.severity}: {fault.topic}: {fault.message} [{fault.code}]" for fault in self.faults),
            *(f"unused: {name} ({label})" for name, label in self.unused),
            *(
                f"few: {one.topics} of {self.least} topics: {one.title}{'' if one.has_abstract else ' (no abstract)'}"
                for one in self.few
            ),
        ]
        return "\n".join(lines)


def check_topics(settings: Settings, *, least: int = 4) -> TopicReport:
    """Check a programme's scheme, and which of its topics its projects name; ``least`` topics are wanted for each.

    Raises :class:`UsageError` for a programme without a scheme, :class:`InputError` for what cannot be read.
    """
    programme = read_programme(the_programme(settings))
    if programme.topics is None:
        raise UsageError("the programme has no scheme of topics", where=programme.path)
    scheme = Statements(parse_file(programme.topics))
    labels = topic_labels(scheme, programme.topics, lenient=True)
    projects = _projects(read_documents(programme, labels))
    counts = {
        name: len({match.topic_id for one in same for match in one.topics}) for name, same in projects.items()
    }
    named = {match.topic_id for same in projects.values() for one in same for match in one.topics}
    useful = named | {topic.id for topic in labels if named.intersection(topic.narrower)}
    with_abstract = {
        name for name, same in projects.items() if any(one.abstract.status == "present" for one in same)
    }
    few = [
        FewTopics(name, projects[name][0].title, count, name in with_abstract)
        for name, count in counts.items()
        if count < least
    ]
    return TopicReport(
        programme.topics.name,
        len(labels),
        len(named),
        tuple((topic.id, topic.label) for topic in labels if topic.id not in useful),
        sum(counts.values()),
        round(sum(counts[name] for name in with_abstract) / len(with_abstract), 2) if with_abstract else 0.0,
        least,
        tuple(sorted(few, key=lambda one: (one.topics, one.title))),
        check_scheme(scheme.to_graph()),
    )


def suggest_topics(settings: Settings, *, least: int = 2) -> list[Suggestion]:
    """List the terms that stand at least ``least`` times in a programme's titles and abstracts and that no topic covers."""
    programme: Programme = read_programme(the_programme(settings))
    labels = read_programme_topics(programme)[1]
    return suggest_terms(read_documents(programme, labels), labels, least=least)


def _projects(extractions: list[Extraction]) -> dict[str, list[Project]]:
    """Return the projects by id, one that several documents describe once with all that they say."""
    projects: dict[str, list[Project]] = {}
    for extraction in extractions:
        for project in extraction.projects:
            projects.setdefault(project.id, []).append(project)
    return projects

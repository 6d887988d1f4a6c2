"""``fundgraph topics``: the soundness of a scheme, topics without projects, projects without topics, missing terms."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from rdflib import Graph

from fundgraph.cli import commands
from fundgraph.graph.scheme import check_scheme
from tests.conftest import ROOT

PREFIXES = """@prefix t: <https://example.org/topic/> . @prefix fg: <https://w3id.org/fundgraph/ontology#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix e: <https://example.org/> .
"""
SOUND = """
e:topics a skos:ConceptScheme ; skos:hasTopConcept t:top .
t:top a fg:Topic ; skos:prefLabel "mathematics"@en ; skos:definition "All."@en ; skos:inScheme e:topics .
t:middle a fg:Topic ; skos:prefLabel "numerical analysis"@en ; skos:definition "Some."@en ; skos:inScheme e:topics ; skos:broader t:top .
t:leaf a fg:Topic ; skos:prefLabel "error estimate"@en ; skos:altLabel "Fehlerschätzer"@de ; skos:definition "Few."@en ;
  skos:inScheme e:topics ; skos:broader t:middle .
t:other a fg:Topic ; skos:prefLabel "game theory"@en ; skos:definition "Other."@en ; skos:inScheme e:topics ; skos:broader t:top ; skos:related t:leaf .
"""  # fmt: skip
NEW = 't:new a fg:Topic ; skos:prefLabel "new thing"@en ; skos:definition "New."@en '


def faults(more: str, base: str = SOUND) -> list[tuple[str, str]]:
    """Return the codes and topics of the faults of a scheme with more said of it."""
    graph = Graph().parse(data=PREFIXES + base + more, format="turtle")
    return [(fault.code, fault.topic) for fault in check_scheme(graph)]


def test_a_sound_scheme() -> None:
    """A sound scheme has no fault, and neither has the shipped one."""
    assert faults("") == []
    assert check_scheme(Graph().parse(ROOT / "data" / "spp2298" / "topics.ttl")) == ()


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("t:middle skos:broader t:leaf .", [("cycle", "leaf"), ("cycle", "middle")]),
        ("t:leaf skos:narrower t:middle .", [("cycle", "leaf"), ("cycle", "middle")]),
        (NEW + "; skos:inScheme e:topics .", [("orphan", "new")]),
        (NEW + "; skos:broader t:top .", [("outside-scheme", "new")]),
        ("t:leaf skos:broader t:elsewhere .", [("outside-scheme", "leaf")]),
        ("t:leaf skos:related t:elsewhere .", [("outside-scheme", "leaf")]),
        ("t:new a fg:Topic ; skos:definition 'New.'@en ; skos:inScheme e:topics ; skos:broader t:top .", [("missing-label", "new")]),
        ('t:leaf skos:prefLabel "estimate"@en .', [("several-labels", "leaf")]),
        ('t:leaf skos:altLabel "Game-Theories"@en .', [("label-of-two", "leaf"), ("label-of-two", "other")]),
        ('t:leaf skos:altLabel "error estimate"@en .', [("preferred-and-other", "leaf")]),
        ('t:leaf skos:altLabel "–"@en .', [("blank-label", "leaf")]),
        ("t:top skos:broader t:elsewhere .", [("outside-scheme", "leaf"), ("outside-scheme", "middle"), ("outside-scheme", "other"), ("outside-scheme", "top"), ("top-with-broader", "top")]),
        ("t:leaf skos:related t:top .", [("related-to-broader", "leaf")]),
        ("t:top skos:related t:leaf .", [("related-to-broader", "top")]),
        ("t:leaf skos:related t:leaf .", [("related-to-itself", "leaf")]),
        ('t:leaf fg:ambiguousLabel "error estimates"@en .', [("ambiguous-too", "leaf")]),
        ('t:new a fg:Topic ; skos:prefLabel "new"@en ; skos:inScheme e:topics ; skos:broader t:top .', [("missing-definition", "new")]),
    ],
)  # fmt: skip
def test_each_fault_is_found(more: str, expected: list[tuple[str, str]]) -> None:
    """One thing wrong in a sound scheme gives the fault of that kind and no other."""
    assert faults(more) == expected


def test_no_topic_at_all() -> None:
    """A file without a topic is no scheme."""
    assert faults("", "e:a e:b e:c .") == [("no-concept", "")]


def run(*arguments: str | Path) -> Result:
    """Run ``fundgraph topics``; an exception that is not ours comes through."""
    return CliRunner().invoke(commands, ["topics", *map(str, arguments)], catch_exceptions=False)


def test_check_of_a_sound_programme(tiny: Path) -> None:
    """Unused topics and projects with few topics are warnings: exit 0, and 1 if the check is strict."""
    answer = run("check", tiny, "-f", "json")
    assert answer.exit_code == 0
    report = json.loads(answer.stdout)
    assert report["faults"] == []
    assert report["concepts"] >= report["used"] + len(report["unused"])
    assert all(one["topics"] < 4 for one in report["few"])
    assert report["few"]
    assert run("check", tiny, "--strict").exit_code == 1
    assert "few: " in run("check", tiny).stdout


def test_an_unused_topic_is_listed(tiny: Path) -> None:
    """A topic that no text names is listed, until one below it is named."""
    scheme = tiny / "topics.ttl"
    text = scheme.read_text(encoding="utf-8")
    named = json.loads(run("check", tiny, "-f", "json").stdout)
    scheme.write_text(
        text + '\n<https://example.org/rivers/topic/ice> a fg:Topic ; skos:prefLabel "zorilla ice"@en .\n',
        encoding="utf-8",
    )
    report = json.loads(run("check", tiny, "-f", "json").stdout)
    assert {"id": "ice", "label": "zorilla ice"} in report["unused"]
    assert report["used"] == named["used"]


def test_a_broken_scheme_fails_the_check(tiny: Path) -> None:
    """A topic without a label is exit 1 with its name, not the error with which a build stops."""
    scheme = tiny / "topics.ttl"
    scheme.write_text(
        scheme.read_text(encoding="utf-8") + "\n<https://example.org/rivers/topic/ice> a fg:Topic .\n",
        encoding="utf-8",
    )
    answer = run("check", tiny)
    assert answer.exit_code == 1
    assert "error: ice: It has no skos:prefLabel. [missing-label]" in answer.stdout


def test_a_programme_without_a_scheme(tiny: Path) -> None:
    """Without a scheme there is nothing to check (exit 2), but terms are suggested all the same."""
    toml = tiny / "programme.toml"
    toml.write_text(toml.read_text(encoding="utf-8").replace('topics = "topics.ttl"\n', ""), encoding="utf-8")
    (tiny / "topics.ttl").unlink()
    assert run("check", tiny).exit_code == 2
    answer = run("suggest", tiny, "--least", "1", "-f", "json")
    assert answer.exit_code == 0
    assert json.loads(answer.stdout)


def test_suggest_shows_passages() -> None:
    """Suggestions name a term, how often and in how many projects it stands, and a line that is right."""
    answer = run("suggest", "-f", "json", "--limit", "3")
    terms = json.loads(answer.stdout)
    assert len(terms) == 3
    assert "3 shown" in answer.stderr
    lines = (ROOT / "data" / "spp2298" / "documents" / "phase1.txt").read_text(encoding="utf-8").split("\n")
    for term in terms:
        passage = term["passage"]
        assert term["count"] >= len(term["projects"]) >= 1
        assert term["term"].lower()[:4] in lines[passage["line"] - 1].lower()
    assert terms[0]["term"] in run("suggest", "--limit", "3").stdout

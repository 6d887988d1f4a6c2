"""A made-up programme of any size in the shape of our datasets, with faults: N-Triples, the same for the same seed."""

from __future__ import annotations

import random
from collections.abc import Iterator

FG, RDF, RDFS = "https://w3id.org/fundgraph/ontology#", "http://www.w3.org/1999/02/22-rdf-syntax-ns#", "http://www.w3.org/2000/01/rdf-schema#"  # fmt: skip
BASE, ROLE, XSD = "https://w3id.org/fundgraph/example/", "https://w3id.org/fundgraph/role/", "http://www.w3.org/2001/XMLSchema#"  # fmt: skip
#: How many of a thousand statements are left out or spoilt.
FAULTS = 4
PROJECTS_IN_A_DOCUMENT = 50
_LINES = 10


def _thing(path: str) -> str:
    return f"<{BASE}{path}>"


def _text(value: object) -> str:
    return f'"{value}"'


def _number(value: int) -> str:
    return f'"{value}"^^<{XSD}integer>'


Facts = list[tuple[str, str]]


def _things(rng: random.Random) -> Iterator[tuple[str, Facts]]:
    """Yield things with their statements, project by project, without an end."""
    number = 0
    while True:
        document = _thing(f"document/made-up-{number // PROJECTS_IN_A_DOCUMENT}")
        if number % PROJECTS_IN_A_DOCUMENT == 0:
            yield document, _document(number // PROJECTS_IN_A_DOCUMENT)
        yield from _project(number, document, rng)
        number += 1


def _document(number: int) -> Facts:
    return [
        ("a", "Document"), ("label", _text(f"Document {number}")), ("file", _text(f"documents/{number}.txt")),
        ("sha256", _text(f"{number:064x}")), ("language", _text("en")), ("describesPhase", _thing("phase/1")),
        ("lineCount", _number(PROJECTS_IN_A_DOCUMENT * _LINES)), ("phaseAsPrinted", _text("Phase 1")),
        ("retrieved", f'"2026-01-15"^^<{XSD}date>'),
    ]  # fmt: skip


def _project(number: int, document: str, rng: random.Random) -> Iterator[tuple[str, Facts]]:
    slug, first = f"project-{number}", number % PROJECTS_IN_A_DOCUMENT * _LINES
    project = _thing(f"project/{slug}")
    passages = [_passage(document, first + line, rng) for line in range(_LINES)]
    yield from passages
    facts: Facts = [
        ("a", "Project"), ("a", "RegularProject"), ("label", _text(f"Project {number}")),
        ("title", _text(f"Project {number} on examples")), ("kind", _text("regular")),
        ("abstractStatus", _text("present")), ("abstract", _text(f"We study example {number} in depth.")),
        ("position", _number(number)), ("partOfProgramme", _thing("programme")), ("inPhase", _thing("phase/1")),
        ("readFrom", passages[0][0]),
    ]  # fmt: skip
    for place in range(4):
        person = 3 * number + place
        name, lead = f"Person {person} Made-Up", place == 0
        participation = _thing(f"participation/{slug}/1/person-{person}")
        facts.append(("hasParticipation", participation))
        facts += [("hasPrincipalInvestigatorParticipation", participation)] if lead else []
        yield participation, [
            ("a", "Participation"), ("label", _text(f"{name} in project {number}")),
            ("participant", _thing(f"person/person-{person}")), ("inProject", project),
            ("withRole", f"<{ROLE}{'principal-investigator' if lead else 'participant'}>"),
            ("duringPhase", _thing("phase/1")), ("nameAsPrinted", _text(name)), ("position", _number(place)),
            ("readFrom", passages[1 + place][0]),
        ]  # fmt: skip
        if place < 3:  # the fourth is the first of the next project
            yield _thing(f"person/person-{person}"), [
                ("a", "Person"), ("label", _text(name)), ("name", _text(name)), ("familyName", _text("Made-Up")),
                ("readFrom", passages[1 + place][0]),
            ]  # fmt: skip
    assignment = _thing(f"assignment/{slug}/gradient-descent")
    facts.append(("hasTopicAssignment", assignment))
    yield assignment, [
        ("a", "TopicAssignment"), ("label", _text(f"gradient descent in project {number}")),
        ("assignedTopic", _thing("topic/gradient-descent")), ("ofProject", project),
        ("score", f'"0.{rng.randint(1, 9)}"^^<{XSD}decimal>'), ("readFrom", passages[6][0]),
    ]  # fmt: skip
    yield project, facts


def _passage(document: str, line: int, rng: random.Random) -> tuple[str, Facts]:
    start = line * 80
    end = start + rng.randint(5, 60)
    return f"{document[:-1]}#char={start},{end}>", [
        ("a", "Passage"), ("label", _text(f"line {line + 1}")), ("inDocument", document),
        ("line", _number(line + 1)), ("lineEnd", _number(line + 1)), ("column", _number(1)),
        ("startOffset", _number(start)), ("endOffset", _number(end)), ("quote", _text(f"words of line {line}")),
    ]  # fmt: skip


def lines(triples: int, seed: int = 7) -> Iterator[str]:
    """Yield so many triples, or a few less, as lines of N-Triples."""
    rng = random.Random(seed)
    count = 0
    for thing, facts in _things(rng):
        for predicate, value in facts:
            if predicate == "a":
                predicate, value = f"<{RDF}type>", f"<{FG}{value}>"
            else:
                predicate = f"<{RDFS if predicate == 'label' else FG}{predicate}>"
                fault = rng.randrange(1000)
                if fault < FAULTS // 2:
                    continue
                if fault < FAULTS:
                    value = rng.choice(('" "', '"9"^^<' + XSD + "int>", f"<{BASE}elsewhere>", '"Wrong"@en'))
            yield f"{thing} {predicate} {value} .\n"
            count += 1
        if count >= triples:
            return

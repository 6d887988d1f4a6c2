"""The shapes: each constraint has a name, a message and a file that fails for exactly that constraint."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import pytest
from rdflib import RDF, SH, SKOS, Graph, Literal, URIRef

from fundgraph.validate import read_shapes, validate
from fundgraph.vocab import CLASSES, FG

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent
SHAPES = ROOT / "shapes"
CASES = ROOT / "tests" / "shapes"
INVALID = sorted(CASES.glob("*/invalid-*.ttl"))
VALID = sorted(CASES.glob("*/valid.ttl"))
CONSTRAINTS = sorted(
    path for path in read_shapes(SHAPES).subjects(SH.severity, None) if isinstance(path, URIRef)
)  # fmt: skip
PARAMETERS = (
    SH.minCount, SH.maxCount, SH.pattern, SH.datatype, SH["class"], SH.nodeKind, SH["in"], SH["or"], SH["not"],
    SH.minInclusive, SH.maxInclusive, SH.maxLength, SH.lessThanOrEquals, SH.uniqueLang, SH.sparql,
)  # fmt: skip


@lru_cache
def _shapes() -> Graph:
    return read_shapes(SHAPES)


@lru_cache
def _world() -> Graph:
    """The examples of the ontology: together a small dataset, to which each case adds something."""
    world = Graph()
    for path in sorted((ROOT / "ontology" / "examples").glob("*.ttl")):
        world.parse(path)
    return world


@lru_cache
def _shapes_of(classes: frozenset[URIRef]) -> Graph:
    """The shapes for some classes only; a case that touches no other class cannot change what others report."""
    shapes, chosen, seen = _shapes(), Graph(), set()
    todo = [shape for shape, target in shapes.subject_objects(SH.targetClass) if target in classes]
    todo += list(shapes.subjects(SH.declare, None))
    while todo:
        node = todo.pop()
        if node in seen:
            continue
        seen.add(node)
        for predicate, value in shapes.predicate_objects(node):
            chosen.add((node, predicate, value))
            if (value, None, None) in shapes:
                todo.append(value)
    return chosen


def _results(case: Path) -> list[str]:
    """The shapes that a case's file violates when it is added to the examples."""
    own = Graph().parse(case)
    data = Graph()
    data += _world()
    data += own
    touched = {node for triple in own for node in triple if isinstance(node, URIRef)}
    classes = frozenset(
        kind for node in touched for kind in data.objects(node, RDF.type) if isinstance(kind, URIRef)
    )
    return [result.shape for result in validate(data, _shapes_of(classes)).results]


def _expected(case: Path) -> str:
    first = case.read_text(encoding="utf-8").split("\n", 1)[0]
    assert first.startswith("# expects: ")
    return first.removeprefix("# expects: ")


def _id(case: Path) -> str:
    return f"{case.parent.name}-{case.stem}"


@pytest.mark.parametrize("case", INVALID, ids=_id)
def test_an_invalid_case_fails_for_exactly_its_reason(case: Path) -> None:
    """Each invalid file gives one result, and that is of the constraint that the file names."""
    assert _results(case) == [_expected(case)]


def test_every_constraint_has_a_case() -> None:
    """No constraint is without a file that makes it fire, and no file names a constraint that is not there."""
    assert sorted(_expected(case) for case in INVALID) == [str(shape) for shape in CONSTRAINTS]
    assert len(CONSTRAINTS) > 200


@pytest.mark.slow
def test_the_examples_and_all_valid_cases_conform_together() -> None:
    """The examples and the valid files violate nothing, under all shapes at once."""
    data = Graph()
    data += _world()
    for case in VALID:
        data.parse(case)
    assert validate(data, _shapes()).to_text() == ""


def test_every_class_has_a_shapes_file_a_valid_case_and_an_example() -> None:
    """The files of shapes, cases and examples are named after the classes of the ontology, none is missing."""
    assert {path.stem for path in SHAPES.glob("*.ttl")} >= set(CLASSES)
    assert {path.parent.name for path in VALID} == set(CLASSES)
    assert {path.stem for path in (ROOT / "ontology" / "examples").glob("*.ttl")} >= set(CLASSES)


@pytest.mark.parametrize("name", CLASSES)
def test_a_file_of_shapes_is_about_its_class(name: str) -> None:
    """Each shape in a class's file has that class as its only target, and an IRI that begins with its name."""
    shapes = Graph().parse(SHAPES / f"{name}.ttl")
    severe = set(shapes.subjects(SH.severity, None))
    assert severe
    assert {target for shape in severe for target in shapes.objects(shape, SH.targetClass)} == {FG[name]}
    assert all(str(shape).startswith(f"https://w3id.org/fundgraph/shapes#{name}-") for shape in severe)


def _is_complete(shapes: Graph, shape: URIRef) -> bool:
    messages = list(shapes.objects(shape, SH.message))
    return (
        len(list(shapes.objects(shape, SH.name))) == 1
        and len(messages) == 1
        and isinstance(messages[0], Literal)
        and messages[0].language == "en"
        and str(messages[0]).endswith(".")
        and shapes.value(shape, SH.severity) in (SH.Violation, SH.Warning, SH.Info)
        and sum((shape, parameter, None) in shapes for parameter in PARAMETERS) == 1
    )


def test_constraints_are_complete() -> None:
    """A constraint has one name, one English message of a whole sentence, one severity and one parameter."""
    assert [shape for shape in CONSTRAINTS if not _is_complete(_shapes(), shape)] == []


def test_every_constraint_says_what_to_do() -> None:
    """A constraint has one hint, in English, in whole sentences, that is not its message again; no hint is left over."""
    shapes = _shapes()
    hints = {shape: list(shapes.objects(shape, SH.description)) for shape in CONSTRAINTS}
    assert [shape for shape, texts in hints.items() if len(texts) != 1] == []
    for shape, (text,) in hints.items():
        assert isinstance(text, Literal)
        assert text.language == "en"
        assert str(text).endswith(".")
        assert str(text) != str(shapes.value(shape, SH.message))
    described = set(Graph().parse(SHAPES / "hints.ttl").subjects())
    assert described == set(CONSTRAINTS)


def test_the_documentation_lists_every_constraint() -> None:
    """docs/ontology.md has a row for each constraint, with its severity and message."""
    text = (ROOT / "docs" / "ontology.md").read_text(encoding="utf-8")
    shapes = _shapes()
    rows = [
        f"| `{shape.rsplit('#', 1)[-1]}` | {str(shapes.value(shape, SH.severity)).rsplit('#', 1)[-1]} "
        f"| {str(shapes.value(shape, SH.message)).replace('|', chr(92) + '|')} |"
        for shape in CONSTRAINTS
    ]
    assert [row for row in rows if row not in text] == []


def test_the_known_roles_are_those_of_the_scheme() -> None:
    """The roles that the shape allows are the roles of data/roles.ttl."""
    shapes = _shapes()
    listed = shapes.value(URIRef("https://w3id.org/fundgraph/shapes#Participation-role-known"), SH["in"])
    roles = Graph().parse(ROOT / "data" / "roles.ttl")
    assert listed is not None
    assert set(shapes.items(listed)) == set(roles.subjects(RDF.type, FG.Role))


@pytest.mark.slow
def test_shipped_roles_and_topics_conform() -> None:
    """The shipped schemes of roles and topics pass their shapes without even a warning."""
    data = Graph().parse(ROOT / "data" / "roles.ttl").parse(ROOT / "data" / "spp2298" / "topics.ttl")
    assert len(list(data.subjects(RDF.type, SKOS.Concept))) > 200
    assert validate(data, _shapes()).to_text() == ""

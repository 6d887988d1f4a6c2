"""Read SHACL shapes: Turtle files into a shapes graph, and one shape of such a graph into plain data."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from rdflib import OWL, RDF, RDFS, SH, BNode, Graph, Literal, URIRef
from rdflib.plugins.parsers.notation3 import BadSyntax
from rdflib.term import Node

from fundgraph.errors import RdfError

TARGETS = (SH.targetNode, SH.targetClass, SH.targetSubjectsOf, SH.targetObjectsOf)
SEVERITIES = (SH.Violation, SH.Warning, SH.Info)
_CLASSES = (RDFS.Class, OWL.Class)
#: The parameters of SHACL Core by which a constraint is recognised, and the name of its component.
COMPONENTS: dict[URIRef, str] = {
    SH["class"]: "Class", SH.datatype: "Datatype", SH.nodeKind: "NodeKind", SH.minCount: "MinCount",
    SH.maxCount: "MaxCount", SH.minExclusive: "MinExclusive", SH.minInclusive: "MinInclusive",
    SH.maxExclusive: "MaxExclusive", SH.maxInclusive: "MaxInclusive", SH.minLength: "MinLength",
    SH.maxLength: "MaxLength", SH.pattern: "Pattern", SH.languageIn: "LanguageIn", SH.uniqueLang: "UniqueLang",
    SH.equals: "Equals", SH.disjoint: "Disjoint", SH.lessThan: "LessThan",
    SH.lessThanOrEquals: "LessThanOrEquals", SH["not"]: "Not", SH["and"]: "And", SH["or"]: "Or",
    SH.xone: "Xone", SH.node: "Node", SH.property: "Property", SH.qualifiedMinCount: "QualifiedMinCount",
    SH.qualifiedMaxCount: "QualifiedMaxCount", SH.closed: "Closed", SH.hasValue: "HasValue", SH["in"]: "In",
    SH.sparql: "SPARQL",
}  # fmt: skip
#: Components of which a shape has one at most.
_SINGLE = frozenset(
    {
        "Datatype", "NodeKind", "MinCount", "MaxCount", "MinLength", "MaxLength", "LanguageIn", "UniqueLang",
        "Closed", "QualifiedMinCount", "QualifiedMaxCount", "In",
    }
)  # fmt: skip
#: Components that say something of all values of a path together.
_OF_A_PATH = frozenset(
    {
        "MinCount", "MaxCount", "UniqueLang", "LessThan", "LessThanOrEquals", "QualifiedMinCount",
        "QualifiedMaxCount",
    }
)  # fmt: skip


class NotCompilableError(Exception):
    """A shape says something that is not compiled; the text says what."""


@dataclass(frozen=True, slots=True)
class Constraint:
    """One constraint of a shape: the name of its component (``MinCount``) and its parameter's value."""

    component: str
    value: Node
    flags: str = ""
    """The flags of a pattern."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One shape: its node, its path if it is a property shape, what its results say, and its constraints."""

    node: Node
    path: Node | None
    severity: URIRef
    messages: tuple[Literal, ...]
    deactivated: bool
    constraints: tuple[Constraint, ...]


def read_shapes(directory: Path) -> Graph:
    """Parse every Turtle file of a folder into one shapes graph.

    Raises :class:`RdfError` with file and line for a broken file, and if there is no file at all.
    """
    shapes = Graph()
    files = sorted(directory.glob("*.ttl"))
    if not files:
        raise RdfError("there are no shapes here", where=directory, hint="A shapes file ends in .ttl")
    for file in files:
        try:
            text = file.read_bytes().decode("utf-8")
            shapes.parse(data=text, format="turtle", publicID=file.resolve().as_uri())
        except UnicodeDecodeError as error:
            line = error.object[: error.start].count(b"\n") + 1
            raise RdfError("is not UTF-8", where=file, line=line) from error
        except BadSyntax as error:
            raise RdfError(f"is not valid Turtle: {error._why}", where=file, line=error.lines + 1) from error
        except OSError as error:
            raise RdfError(f"cannot be read: {error.strerror}", where=file) from error
    return shapes


def targeted(shapes: Graph) -> list[Node]:
    """Return the shapes that say themselves what they are about, in a fixed order."""
    found = {shape for target in TARGETS for shape in shapes.subjects(target, None)}
    for kind in (SH.NodeShape, SH.PropertyShape):
        found |= {shape for shape in shapes.subjects(RDF.type, kind) if is_class(shapes, shape)}
    return sorted(found, key=str)


def is_class(shapes: Graph, shape: Node) -> bool:
    """Tell whether a shape is a class as well, and so about its own instances."""
    return any((shape, RDF.type, kind) in shapes for kind in _CLASSES)


def items(shapes: Graph, head: Node) -> list[Node]:
    """Return the members of an RDF list. Raises :class:`NotCompilableError` for one that is broken."""
    found: list[Node] = []
    seen: set[Node] = set()
    while head != RDF.nil:
        firsts, rests = list(shapes.objects(head, RDF.first)), list(shapes.objects(head, RDF.rest))
        if head in seen or len(firsts) != 1 or len(rests) != 1:
            raise NotCompilableError("a list is broken")
        seen.add(head)
        found.append(firsts[0])
        head = rests[0]
    return found


def read_messages(shapes: Graph, node: Node) -> tuple[Literal, ...]:
    """Return the messages of a shape or SPARQL constraint. Raises :class:`NotCompilableError` if one is no text."""
    found = sorted(shapes.objects(node, SH.message), key=str)
    messages = tuple(message for message in found if isinstance(message, Literal))
    if len(messages) < len(found):
        raise NotCompilableError("a message is no literal")
    return messages


def whole_number(term: Node) -> int:
    """Return the number that a parameter must be. Raises :class:`NotCompilableError` for another term."""
    if not isinstance(term, Literal) or term.ill_typed or type(term.value) is not int or term.value < 0:
        raise NotCompilableError(f"{term} is no number of things")
    return int(term.value)


def truth(term: Node) -> bool:
    """Return the truth value that a parameter must be. Raises :class:`NotCompilableError` for another term."""
    if not isinstance(term, Literal) or type(term.value) is not bool:
        raise NotCompilableError(f"{term} is neither true nor false")
    return bool(term.value)


def read_shape(shapes: Graph, node: Node, custom: Collection[Node] = ()) -> Shape:
    """Read one shape; ``custom`` are the parameters of components that the shapes graph declares itself.

    Raises :class:`NotCompilableError` where it is none, or has what nobody here knows.
    """
    if isinstance(node, Literal):
        raise NotCompilableError("a literal is no shape")
    told: dict[Node, list[Node]] = {}
    for predicate, value in shapes.predicate_objects(node):
        told.setdefault(predicate, []).append(value)
    paths, severities = told.get(SH.path, []), told.get(SH.severity, [SH.Violation])
    if len(paths) > 1:
        raise NotCompilableError("a shape has several paths")
    if not paths and SH.PropertyShape in told.get(RDF.type, []):
        raise NotCompilableError("a property shape has no path")
    if len(severities) > 1 or not isinstance(severities[0], URIRef):
        raise NotCompilableError("a shape has no one severity")
    deactivated = [truth(term) for term in told.get(SH.deactivated, [])]
    if len(deactivated) > 1:
        raise NotCompilableError("a shape is deactivated more than once")
    if any(parameter in told for parameter in custom):
        raise NotCompilableError("a constraint component of its own")
    constraints = tuple(_constraints(told))
    kept = [constraint.component for constraint in constraints]
    for component in _SINGLE.intersection(kept):
        if kept.count(component) > 1:
            raise NotCompilableError(f"{component} is given more than once")
    if not paths and not _OF_A_PATH.isdisjoint(kept):
        raise NotCompilableError("a constraint of values stands in a node shape")
    messages = read_messages(shapes, node) if SH.message in told else ()
    return Shape(node, paths[0] if paths else None, severities[0], messages, any(deactivated), constraints)


def _constraints(told: Mapping[Node, list[Node]]) -> Iterator[Constraint]:
    flags = "".join(str(term) for term in told.get(SH.flags, []))
    for parameter, values in sorted((item for item in told.items() if item[0] in COMPONENTS), key=str):
        component = COMPONENTS[URIRef(str(parameter))]
        for value in sorted(values, key=lambda term: (isinstance(term, BNode), str(term))):
            yield Constraint(component, value, flags if component == "Pattern" else "")
    if SH.ignoredProperties in told and SH.closed not in told:
        raise NotCompilableError("sh:ignoredProperties without sh:closed")
    counted = SH.qualifiedMinCount in told or SH.qualifiedMaxCount in told
    if counted is not (SH.qualifiedValueShape in told):
        raise NotCompilableError("a qualified count without a shape, or a shape without a count")


def custom_parameters(shapes: Graph) -> set[Node]:
    """Return the parameters of the constraint components that a shapes graph declares itself."""
    return {
        path for parameter in shapes.objects(None, SH.parameter) for path in shapes.objects(parameter, SH.path)
    }

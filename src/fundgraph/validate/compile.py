"""Compile SHACL shapes to SPARQL: one query for each constraint, whose solutions are its results.

Pure text to text: nothing is run here. A shape of which some part is not compiled is named with the reason, and is
left to pySHACL as a whole.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from rdflib import RDF, SH, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from fundgraph.validate.expressions import Expressions, term_text
from fundgraph.validate.nesting import nest
from fundgraph.validate.predicates import Test
from fundgraph.validate.recognise import Looks
from fundgraph.validate.select import compile_select
from fundgraph.validate.shapes import (
    TARGETS,
    Constraint,
    NotCompilableError,
    Shape,
    custom_parameters,
    is_class,
    targeted,
    whole_number,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Check:
    """One query, and what its solutions are results of.

    Of the variables in a solution, ``focus`` is the focus node, ``value`` and ``path`` are the result's if they are
    bound. Each solution that differs from the others is a result of its own.
    """

    shape: Node
    component: str
    severity: URIRef
    messages: tuple[Literal, ...]
    query: str
    focus: str = "this"
    value: str | None = None
    path: Node | None = None
    predicate: str | None = None
    """The variable of the result's path, if it is not the same for all."""
    source: Node | None = None
    """The node of a SPARQL constraint."""
    functions: Mapping[str, Test] | None = None
    looks: Looks | None = None
    """What a query that others wrote looks at."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The queries for a shapes graph, and for each shape that is left out the reason."""

    checks: tuple[Check, ...]
    left_out: Mapping[Node, str]


@dataclass(frozen=True, slots=True)
class _Given:
    """What leads to the focus nodes of a shape: a pattern, their variable, and the variables on the way there."""

    pattern: str
    focus: str
    way: tuple[str, ...] = ()


def compile_shapes(shapes: Graph, subclasses: Mapping[Node, Iterable[Node]]) -> Plan:
    """Compile all shapes that say what they are about; ``subclasses`` are those that the data know of each class."""
    checks: list[Check] = []
    left_out: dict[Node, str] = {}
    custom = custom_parameters(shapes)
    for node in targeted(shapes):
        compiler = _Compiler(shapes, subclasses, custom)
        try:
            checks += compiler.compile(node)
        except NotCompilableError as reason:
            left_out[node] = str(reason)
    return Plan(tuple(checks), left_out)


def subclasses(pairs: Iterable[tuple[Node, Node]]) -> dict[Node, set[Node]]:
    """Return all classes below each class, near and far, from pairs of a class and one above it."""
    below: dict[Node, set[Node]] = defaultdict(set)
    for sub, above in pairs:
        below[above].add(sub)
    closed: dict[Node, set[Node]] = {}
    for kind in below:
        found, todo = set[Node](), [kind]
        while todo:
            new = below.get(todo.pop(), set()) - found
            found |= new
            todo += new
        closed[kind] = found
    return closed


def _named(classes: Collection[Node]) -> frozenset[Node]:
    """Return the classes that a query can name."""
    return frozenset(kind for kind in classes if not isinstance(kind, BNode))


class _Asked(Mapping[Node, Collection[Node]]):
    """The subclasses of classes that have names, which notes what it was asked for."""

    def __init__(self, known: Mapping[Node, Collection[Node]]) -> None:
        self._known = known
        self.answers: dict[Node, frozenset[Node]] = {}

    def __getitem__(self, kind: Node) -> Collection[Node]:
        found = self.answers[kind] = _named(self._known.get(kind, ()))
        return found

    def __iter__(self) -> Iterator[Node]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)


class Compiler:
    """Compiles one shapes graph, again only where the classes that it names have other subclasses than before."""

    def __init__(self, shapes: Graph) -> None:
        self._shapes = shapes
        self._made: tuple[Plan, dict[Node, frozenset[Node]]] | None = None

    def plan(self, known: Mapping[Node, Collection[Node]]) -> Plan:
        """Return the plan for data that know these subclasses of each class."""
        if self._made is not None:
            plan, asked = self._made
            if all(_named(known.get(kind, ())) == found for kind, found in asked.items()):
                return plan
        asking = _Asked(known)
        plan = compile_shapes(self._shapes, asking)
        self._made = plan, asking.answers
        return plan


def without(shapes: Graph, nodes: Iterable[Node]) -> Graph:
    """Return the shapes graph without the targets of all shapes but some, so that only those are checked."""
    kept = set(nodes)
    rest = Graph()
    for triple in shapes:
        subject, predicate, value = triple
        targeting = predicate in TARGETS or (
            predicate == RDF.type and value not in (SH.NodeShape, SH.PropertyShape)
        )
        is_shape = (subject, RDF.type, SH.NodeShape) in shapes or (subject, RDF.type, SH.PropertyShape) in shapes
        if subject in kept or not targeting or (predicate == RDF.type and not is_shape):
            rest.add(triple)
    return rest


class _Compiler:
    def __init__(self, shapes: Graph, subclasses: Mapping[Node, Iterable[Node]], custom: Collection[Node]) -> None:
        self.shapes = shapes
        self.write = Expressions(shapes, subclasses, custom)
        self.around: list[Node] = []

    def compile(self, node: Node) -> list[Check]:
        return [self._trimmed(check) for check in self._checks(node, _Given(self._targets(node), "?this"))]

    def _trimmed(self, check: Check) -> Check:
        query = nest(check.query)
        called = {iri: test for iri, test in self.write.functions.items() if f"<{iri}>" in check.query}
        return replace(check, query=query, functions=called)

    def _targets(self, node: Node) -> str:
        """Return a pattern with one solution for each focus node of a shape that has targets."""
        nodes = sorted(term_text(term) for term in self.shapes.objects(node, SH.targetNode))
        classes = sorted(self.shapes.objects(node, SH.targetClass), key=str)
        classes += [node] if is_class(self.shapes, node) else []
        patterns = [f"VALUES ?this {{ {' '.join(nodes)} }}"] if nodes else []
        once = not classes
        if classes:
            pattern = self.write.instance("?this", classes)
            once = pattern.startswith("?this")
            patterns.append(pattern)
        for target, form in ((SH.targetSubjectsOf, "?this {} ?any"), (SH.targetObjectsOf, "?any {} ?this")):
            for predicate in sorted(self.shapes.objects(node, target), key=str):
                patterns.append(form.format(term_text(predicate)))
                once = False
        if len(patterns) == 1 and once:
            return patterns[0]
        union = " UNION ".join(f"{{ {pattern} }}" for pattern in patterns)
        return f"{{ SELECT DISTINCT ?this WHERE {{ {union} }} }}"

    def _checks(self, node: Node, given: _Given) -> Iterator[Check]:
        """Yield the checks of a shape for the focus nodes that a pattern leads to."""
        if node in self.around:
            raise NotCompilableError("a shape refers to itself")
        shape = self.write.shape(node)
        if shape.deactivated:
            return
        self.around.append(node)
        for constraint in shape.constraints:
            yield from self._constraint(shape, constraint, given)
        self.around.pop()

    def _constraint(self, shape: Shape, constraint: Constraint, given: _Given) -> Iterator[Check]:
        component = constraint.component
        if component == "Property":
            if self.write.shape(constraint.value).path is None:
                raise NotCompilableError("sh:property leads to a node shape")
            yield from self._checks(constraint.value, self._values(shape, given))
        elif component == "SPARQL":
            yield from self._select(shape, constraint, given)
        elif component in ("MinCount", "MaxCount", "QualifiedMinCount", "QualifiedMaxCount"):
            yield from self._count(shape, constraint, given)
        elif component == "Closed":
            yield from self._closed(shape, given)
        elif component == "HasValue":
            path = self.write.path(shape) if shape.path is not None else ""
            term = term_text(constraint.value)
            missing = (
                f"NOT EXISTS {{ {given.focus} {path} {term} }}" if path else f"(!sameTerm({given.focus}, {term}))"
            )
            yield self._check(shape, component, given, f"{given.pattern} FILTER ({missing})")
        elif component in ("Equals", "Disjoint", "LessThan", "LessThanOrEquals", "UniqueLang"):
            yield from self._pair(shape, constraint, given)
        else:
            inner = self._values(shape, given)
            bad = self.write.bad_value(constraint, inner.focus)
            pattern = f"{inner.pattern} FILTER ({bad})"
            yield self._check(shape, component, given, pattern, value=inner.focus)

    def _values(self, shape: Shape, given: _Given) -> _Given:
        """Return what leads to the value nodes of a shape."""
        if shape.path is None:
            return given
        value = self.write.variable()
        pattern = f"{given.pattern} {given.focus} {self.write.path(shape)} {value} ."
        return _Given(pattern, value, (*given.way, given.focus))

    def _check(
        self, shape: Shape, component: str, given: _Given, pattern: str, *, value: str | None = None,
        more: str | None = None, having: str = "",
    ) -> Check:  # fmt: skip
        variables = list(
            dict.fromkeys([*given.way, given.focus, *([value] if value else []), *([more] if more else [])])
        )
        group = f" GROUP BY {' '.join(variables)} HAVING ({having})" if having else ""
        return Check(
            shape=shape.node,
            component=component,
            severity=shape.severity,
            messages=shape.messages,
            query=f"SELECT DISTINCT {' '.join(variables)} WHERE {{ {pattern} }}{group}",
            focus=given.focus[1:],
            value=value[1:] if value else None,
            path=shape.path,
        )

    def _count(self, shape: Shape, constraint: Constraint, given: _Given) -> Iterator[Check]:
        number, component = whole_number(constraint.value), constraint.component
        least, qualified = component.endswith("MinCount"), component.startswith("Qualified")
        if least and number == 0:
            return
        value, path = self.write.variable(), self.write.path(shape)
        there = f"{given.focus} {path} {value} ."
        if qualified:
            there += f" FILTER ({self.write.qualified(shape)(value)})"
        if number <= 1 and least:
            yield self._check(shape, component, given, f"{given.pattern} FILTER NOT EXISTS {{ {there} }}")
        elif number == 0:
            yield self._check(shape, component, given, f"{given.pattern} {there}")
        elif number == 1 and not qualified:
            other = self.write.variable()
            twice = f"{there} {given.focus} {path} {other} . FILTER (!sameTerm({value}, {other}))"
            yield self._check(shape, component, given, f"{given.pattern} {twice}")
        else:
            # In a group of their own, so that a filter on the values does not take focus nodes away.
            pattern = f"{given.pattern} OPTIONAL {{ {there} }}"
            having = f"COUNT(DISTINCT {value}) {'<' if least else '>'} {number}"
            yield self._check(shape, component, given, pattern, having=having)

    def _closed(self, shape: Shape, given: _Given) -> Iterator[Check]:
        inner = self._values(shape, given)
        predicate, value = self.write.variable(), self.write.variable()
        pattern = self.write.not_closed(shape, inner.focus, predicate, value)
        if pattern:
            way = replace(given, way=(*inner.way, inner.focus) if inner is not given else given.way)
            check = self._check(shape, "Closed", way, f"{inner.pattern} {pattern}", value=value, more=predicate)
            yield replace(check, predicate=predicate[1:])

    def _pair(self, shape: Shape, constraint: Constraint, given: _Given) -> Iterator[Check]:
        component = constraint.component
        if shape.path is None:
            yield from self._node_pair(shape, constraint, given)
            return
        value, other = self.write.variable(), self.write.variable()
        bad = self.write.bad_pair(shape, constraint, given.focus, value, other)
        if not bad:
            return
        pattern = f"{given.pattern} {bad}"
        if component == "UniqueLang":
            yield self._check(shape, component, given, pattern, more=other)
        else:
            more = other if component.startswith("LessThan") else None
            yield self._check(shape, component, given, pattern, value=value, more=more)

    def _node_pair(self, shape: Shape, constraint: Constraint, given: _Given) -> Iterator[Check]:
        """Equals and Disjoint of a node shape, whose one value is the focus node itself."""
        term, focus, other = term_text(constraint.value), given.focus, self.write.variable()
        there = f"{focus} {term} {other} ."
        same = f"FILTER (sameTerm({focus}, {other}))"
        if constraint.component == "Disjoint":
            yield self._check(shape, "Disjoint", given, f"{given.pattern} {there} {same}", value=focus)
            return
        lacking = f"{given.pattern} FILTER NOT EXISTS {{ {there} {same} }}"
        yield self._check(shape, "Equals", given, lacking, value=focus)
        more = f"{given.pattern} {there} FILTER (!sameTerm({focus}, {other}))"
        yield self._check(shape, "Equals", given, more, value=other)

    def _select(self, shape: Shape, constraint: Constraint, given: _Given) -> Iterator[Check]:
        if given.focus != "?this" or given.way:
            raise NotCompilableError("sh:sparql within another shape")
        path = None if shape.path is None else self.write.path(shape)
        select = compile_select(self.shapes, constraint.value, given.pattern, path)
        if select is not None:
            yield Check(
                shape=shape.node,
                component="SPARQL",
                severity=shape.severity,
                messages=select.messages or shape.messages,
                query=select.query,
                value="value",
                predicate="path",
                path=shape.path,
                source=constraint.value,
                looks=select.looks,
            )
